"""The expected distance between two ties picked at random, and how it splits between and within.

Rao 1982, Diversity and dissimilarity coefficients: a unified approach, Theoretical Population Biology 21(1), 24-43,
doi:10.1016/0040-5809(82)90004-1. Reproduced: with equal distances it is the Gini-Simpson index; where the distance is
of negative type, the diversity of a mixture is the mean diversity of its parts plus a part between them that is not
negative. The values are by hand.
"""

from __future__ import annotations

import numpy as np
import pytest

from orrery.measure.portfolios.indices import diversity, line_rivalry, negative_type_excess, rivalry_met

TRADE, ARMS = np.array([0.7, 0.2, 0.1]), np.array([0.1, 0.1, 0.8])
LINE = line_rivalry(np.array([-1.0, 0.0, 1.0]))
PATH = np.diag(np.ones(3), 1) + np.diag(np.ones(3), -1)


def between(first, second, distance) -> float:
    mixture = rivalry_met((first + second) / 2, distance)
    return mixture - (rivalry_met(first, distance) + rivalry_met(second, distance)) / 2


@pytest.mark.parametrize("shares", [TRADE, ARMS, np.full(3, 1 / 3)])
def test_equal_distances_give_the_gini_simpson_index(shares):
    assert rivalry_met(shares, 1 - np.eye(3)) == pytest.approx(1 - (shares**2).sum())
    assert rivalry_met(shares, 1 - np.eye(3)) == pytest.approx(diversity(shares) * 2 / 3)


def test_a_mixture_is_its_parts_and_what_lies_between_them():
    """By hand on the line 0, 1/2, 1, by the shares below each of its two intervals, `sum F (1 - F)`."""
    assert rivalry_met(TRADE, LINE) == pytest.approx(0.7 * 0.3 + 0.9 * 0.1)
    assert rivalry_met(ARMS, LINE) == pytest.approx(0.1 * 0.9 + 0.2 * 0.8)
    assert rivalry_met((TRADE + ARMS) / 2, LINE) == pytest.approx(0.4 * 0.6 + 0.55 * 0.45)
    assert between(TRADE, ARMS, LINE) == pytest.approx(((0.7 - 0.1) ** 2 + (0.9 - 0.2) ** 2) / 4)


def test_a_distance_that_is_not_of_negative_type_can_lose_diversity_by_mixing():
    """By hand on the path 1-2-3-4: all of its ties run between odd and even places, and none within."""
    assert negative_type_excess(LINE) <= 1e-12 < negative_type_excess(PATH)
    left, right = np.array([0.5, 0.5, 0, 0]), np.array([0, 0, 0.5, 0.5])
    assert rivalry_met(left, PATH) == rivalry_met(right, PATH) == 0.5
    assert between(left, right, PATH) == pytest.approx(6 / 16 - 1 / 2)
