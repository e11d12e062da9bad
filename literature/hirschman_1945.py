"""How far a country's trade hangs on few partners.

Hirschman 1945, National Power and the Structure of Foreign Trade, University of California Press (no DOI): the square
root of the sum of squared shares, `1 / sqrt(n)` for `n` equal partners and 1 for a single one. The history of the index
is in Hirschman 1964, The paternity of an index, American Economic Review 54(5), 761-762. The normalised form is that of
UNCTAD. The values are by hand from these formulas.
"""

from __future__ import annotations

import numpy as np
import pytest

from orrery.measure.dependence import concentration, normalised_concentration


@pytest.mark.parametrize("n_partners", [2, 4, 25, 100])
def test_equal_partners_and_a_single_one(n_partners):
    equal, single = np.full(n_partners, 1 / n_partners), np.eye(n_partners)[0]
    assert concentration(equal) == pytest.approx(1 / np.sqrt(n_partners))
    assert concentration(single) == pytest.approx(1)
    assert normalised_concentration(equal, n_partners) == pytest.approx(0, abs=1e-12)
    assert normalised_concentration(single, n_partners) == pytest.approx(1)


def test_unequal_partners():
    shares = np.array([0.6, 0.2, 0.2, 0.0])
    assert concentration(shares) == pytest.approx(np.sqrt(0.44))
    assert normalised_concentration(shares, 4) == pytest.approx(2 * np.sqrt(0.44) - 1)  # (H - 1/2) / (1/2)
