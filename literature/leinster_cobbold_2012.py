"""The number of wholly different, equally used options that would be as diverse.

Leinster & Cobbold 2012, Measuring diversity: the importance of species similarity, Ecology 93(3), 477-489,
doi:10.1890/10-2402.1, at order 2: `D = 1 / sum_pq s_p Z_pq s_q` with similarity `Z = 1 - h`. Reproduced: its properties
as an effective number, and that equal use need not be the most diverse. The greatest value is that of Leinster &
Meckes 2016, Maximizing diversity in biology and beyond, Entropy 18(3), 88, doi:10.3390/e18030088: the sum of the
weights `w` that solve `Z w = 1`, where none is negative. The figures are by hand.
"""

from __future__ import annotations

import numpy as np
import pytest

from orrery.measure.portfolios.indices import effective_vectors, greatest_rivalry_met, rival_diversity

NEAR_PAIR = np.array([[1, 0.9, 0.4], [0.9, 1, 0.4], [0.4, 0.4, 1]])
"""Two options almost the same, and a third unlike both."""


@pytest.mark.parametrize("n_options", [1, 2, 5, 12])
def test_wholly_different_options_in_equal_use_are_counted(n_options):
    shares = np.full(n_options, 1 / n_options)
    assert effective_vectors(shares, 1 - np.eye(n_options)) == pytest.approx(n_options)
    assert effective_vectors(shares, np.zeros((n_options, n_options))) == pytest.approx(1)


def test_an_option_split_into_two_identical_ones_is_still_one():
    shares, similarity = np.array([0.5, 0.3, 0.2]), np.array([[1, 0.2, 0.6], [0.2, 1, 0.1], [0.6, 0.1, 1]])
    copy = [0, 1, 2, 2]
    split = np.array([0.5, 0.3, 0.15, 0.05])
    whole = effective_vectors(shares, 1 - similarity)
    assert effective_vectors(split, 1 - similarity[np.ix_(copy, copy)]) == pytest.approx(whole)


def test_unconnected_groups_replicate():
    """`m` groups alike, of equal weight and with nothing in common, have `m` times the diversity of one."""
    shares, similarity = np.array([0.7, 0.3]), np.array([[1, 0.5], [0.5, 1]])
    one = effective_vectors(shares, 1 - similarity)
    three = effective_vectors(np.tile(shares, 3) / 3, 1 - np.kron(np.eye(3), similarity))
    assert three == pytest.approx(3 * one)


def test_equal_use_is_not_the_most_diverse_where_two_options_are_near():
    """By hand: `w` is (30, 30, 55) / 79, so the greatest diversity is 115/79, at the shares (6, 6, 11) / 23."""
    rivalry = 1 - NEAR_PAIR
    equal, best = np.full(3, 1 / 3), np.array([6, 6, 11]) / 23
    greatest = greatest_rivalry_met(rivalry)
    assert 1 / (1 - greatest) == pytest.approx(115 / 79)
    assert effective_vectors(best, rivalry) == pytest.approx(115 / 79)
    assert effective_vectors(equal, rivalry) == pytest.approx(9 / 6.4)
    assert rival_diversity(best, rivalry, greatest) == pytest.approx(1)
