"""The votes of the United States and Mexico in the General Assembly, 1946.

Kappa and pi as Häge 2011, Choice or circumstance? Adjusting measures of foreign policy similarity for chance
agreement, Political Analysis 19(3), 287-305, doi:10.1093/pan/mpr023, proposes them; values as in the documentation of
the R package fpsim 0.1.0 (Miller 2025) for the votes of Bailey, Strezhnev & Voeten 2017, doi:10.1177/0022002715595700.
"""

from __future__ import annotations

import numpy as np
import pytest

from orrery.measure.similarity import Profiles, similarity, vote_profiles

PUBLISHED = [("kappa", "squared", -0.01222707), ("pi", "nominal", -0.02775801), ("tau_b", None, 0.01431261)]

COUNTS = [[17, 2, 5], [0, 0, 2], [9, 1, 2]]
"""Roll calls by vote of the United States (row) and of Mexico (column): yes, abstain, no."""


@pytest.mark.parametrize(("index", "distance", "published"), PUBLISHED)
def test_from_the_cross_table(index, distance, published):
    codes = np.repeat(np.indices((3, 3)).reshape(2, 9), np.ravel(COUNTS), axis=1).astype(np.int8)
    items = tuple(str(number) for number in range(codes.shape[1]))
    profiles = Profiles(1946, ("USA", "MEX"), items, ("yes", "abstain", "no"), codes)
    assert similarity(profiles, index, distance=distance).between("USA", "MEX") == pytest.approx(published, abs=5e-9)


def test_from_the_record(official_tables):
    profiles = vote_profiles(official_tables.read("votes"), official_tables.read("roll_calls"), 1946)
    for index, distance, published in PUBLISHED:
        compared = similarity(profiles, index, distance=distance)
        assert compared.between("USA", "MEX") == pytest.approx(published, abs=5e-9)
    usa, mexico = compared.countries.index("USA"), compared.countries.index("MEX")
    assert compared.n_items[0, usa, mexico] == 38
