"""The alliances of Germany and Russia in Europe, 1914.

Portfolios, capabilities, S and tau-b: Signorino & Ritter 1999, Tau-b or not tau-b: measuring the similarity of foreign
policy positions, International Studies Quarterly 43(1), 115-144, doi:10.1111/0020-8833.00113, table 6.
Kappa (squared distances) and pi (nominal, as Scott 1955) of the same portfolios, the indices that Häge 2011,
doi:10.1093/pan/mpr023, proposes: the R package fpsim 0.1.0 (Miller 2025), documentation of `cohenk` and `spi`.
"""

from __future__ import annotations

import numpy as np
import pytest

from orrery.measure.similarity import PACT_LEVELS, Profiles, similarity

CAPABILITY = {
    "DEU": 0.25, "RUS": 0.21, "GBR": 0.20, "FRA": 0.08, "AUH": 0.08, "ITA": 0.05, "BEL": 0.03, "ESP": 0.03,
    "TUR": 0.02, "NLD": 0.01, "SWE": 0.01, "ROU": 0.01, "PRT": 0.01, "CHE": 0.01, "GRC": 0.0, "DNK": 0.0,
    "SRB": 0.0, "BGR": 0.0, "NOR": 0.0, "ALB": 0.0,
}  # fmt: skip
COMMITMENTS = {
    "DEU": {"DEU": 3, "AUH": 3, "ITA": 3, "ROU": 3},
    "RUS": {"RUS": 3, "GBR": 1, "FRA": 3, "ITA": 1},
}


@pytest.fixture(scope="module")
def portfolios() -> Profiles:
    codes = [[bound.get(partner, 0) for partner in CAPABILITY] for bound in COMMITMENTS.values()]
    return Profiles(1914, tuple(COMMITMENTS), tuple(CAPABILITY), PACT_LEVELS, np.array(codes, np.int8))


@pytest.mark.parametrize(
    ("index", "distance", "published"),
    [
        ("s", "absolute", 0.4),
        ("tau_b", None, 0.03031695),
        ("kappa", "squared", -0.07758621),
        ("pi", "nominal", -0.04477612),
    ],
)
def test_unweighted(portfolios, index, distance, published):
    assert similarity(portfolios, index, distance=distance).between("DEU", "RUS") == pytest.approx(published, abs=5e-9)


def test_weighted_by_capability(portfolios):
    weighted = similarity(portfolios.weighted(CAPABILITY), "s")
    assert weighted.between("DEU", "RUS") == pytest.approx(-0.46, abs=1e-12)
    assert weighted.n_items.tolist() == [[[20, 20], [20, 20]]]


def test_exact_fractions(portfolios):
    """The published decimals are roundings of these fractions, by hand from the table."""
    assert similarity(portfolios).between("DEU", "RUS") == pytest.approx(1 - 50 / 46.4)
    assert similarity(portfolios, "pi", distance="nominal").between("DEU", "RUS") == pytest.approx(1 - 0.35 / 0.335)
