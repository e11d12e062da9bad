"""What polarisation is, and how it differs from inequality.

Esteban & Ray 1994, On the measurement of polarization, Econometrica 62(4), 819-851, doi:10.2307/2951734. Reproduced:
the three axioms behind the measure, the greatest weight of identification that satisfies them (about 1.6), and that
groups gathering at two points polarise while inequality falls. The figures are by hand.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq

from orrery.measure.polarity import GREATEST_IDENTIFICATION, polarisation

every_alpha = pytest.mark.parametrize("alpha", [0.05, 0.5, 1.0, 1.3, 1.59])


def measured(shares, positions, alpha):
    return polarisation(np.array(shares, float), np.array(positions, float), alpha)


@every_alpha
def test_first_axiom_two_small_groups_that_join_polarise(alpha):
    """A large group at 0 and two that are small and close to each other, which meet half-way."""
    apart = measured([0.98, 0.01, 0.01], [0, 1 - 1e-3, 1 + 1e-3], alpha)
    assert measured([0.98, 0.02], [0, 1], alpha) > apart


@every_alpha
def test_second_axiom_a_group_that_moves_towards_the_smaller_end_polarises(alpha):
    shares = [0.5, 0.2, 0.3]
    assert measured(shares, [0, 0.61, 1], alpha) > measured(shares, [0, 0.60, 1], alpha)


@every_alpha
def test_third_axiom_a_middle_that_empties_to_both_ends_polarises(alpha):
    ends = np.linspace(0.001, 0.5, 500)
    positions = np.broadcast_to([0.0, 1.0, 2.0], (500, 3))
    values = polarisation(np.stack([ends, 1 - 2 * ends, ends], axis=1), positions, alpha)
    assert (np.diff(values) > 0).all()


def test_the_third_axiom_bounds_the_weight_of_identification():
    """By hand: the slope is `(1 + alpha) (z^alpha (1 + 2 z) - 2 z) + 1` with `z` an end's share over the middle's."""
    ratio = np.linspace(0, 2, 20_001)

    def least_slope(alpha: float) -> float:
        return float(((1 + alpha) * (ratio**alpha * (1 + 2 * ratio) - 2 * ratio) + 1).min())

    bound = brentq(least_slope, 1.2, 2)
    assert bound == pytest.approx(1.6, abs=0.005)
    assert round(bound, 1) == GREATEST_IDENTIFICATION


def test_ten_groups_that_gather_at_two_points_polarise_while_inequality_falls():
    spread, gathered = np.arange(1.0, 11), np.repeat([3.0, 8.0], 5)
    mean_difference = [np.abs(x[:, None] - x).mean() for x in (spread, gathered)]
    np.testing.assert_allclose(mean_difference, [3.3, 2.5])
    for alpha in (1.0, 1.3, 1.6):
        before = measured(np.full(10, 0.1), spread, alpha)
        assert before == pytest.approx(3.3 * 0.2**alpha * 2)
        after = measured([0.5, 0.5], [3, 8], alpha)
        assert after == pytest.approx(5)
        assert after > before
