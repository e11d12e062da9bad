"""The number of equal powers that would be as concentrated.

Laakso & Taagepera 1979, "Effective" number of parties: a measure with application to West Europe, Comparative Political
Studies 12(1), 3-27, doi:10.1177/001041407901200101: `N = 1 / sum s^2`, and `N = 1 / (1 - F)` with Rae's
fractionalisation `F`. The values are by hand from that formula.
"""

from __future__ import annotations

import numpy as np
import pytest

from orrery.measure.polarity import effective_number
from orrery.measure.portfolios.indices import diversity


@pytest.mark.parametrize(
    ("shares", "number"),
    [
        ([0.5, 0.5], 2),
        ([0.75, 0.25], 8 / 5),
        ([0.45, 0.45, 0.10], 200 / 83),
        ([0.50, 0.25, 0.25], 8 / 3),
        ([0.75, 0.10] + 15 * [0.01], 1000 / 574),
        (10 * [0.1], 10),
    ],
)
def test_values_by_hand(shares, number):
    assert effective_number(np.array(shares)) == pytest.approx(number)
    assert effective_number(np.array([*shares, 0.0, 0.0])) == pytest.approx(number)


@pytest.mark.parametrize("shares", [[0.6, 0.4], [0.5, 0.3, 0.2], [0.35, 0.35, 0.2, 0.1]])
def test_it_is_the_inverse_of_what_fractionalisation_leaves(shares):
    s = np.array(shares)
    fractionalisation = diversity(s) * (len(s) - 1) / len(s)
    assert effective_number(s) == pytest.approx(1 / (1 - fractionalisation))
