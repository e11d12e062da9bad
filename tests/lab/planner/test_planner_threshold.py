"""Thresholds: the formula for symmetric rivals, branches that end and that do not, and what nudges do."""

from __future__ import annotations

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest
from made_circumstances import made, random_portfolios, two_rivals

from orrery.lab.planner import branches
from orrery.lab.planner.branches import follow, jacobians, leading_eigenvalue, scaled, shares_of
from orrery.lab.planner.payoffs import wanted
from orrery.lab.planner.threshold import analytic_factor, held_factor, settled, thresholds

pytestmark = pytest.mark.usefixtures("double_precision")

DIVERSIFICATION = np.linspace(0.2, 2.0, 5)


def symmetric_fixed_point(met):
    """The hedge of two alike poles, from a start that favours neither."""
    return settled(met, np.full((len(met.base), 3), 1 / 3))


def rivals_of_several_kinds():
    met = two_rivals(5, hostility=2.0)
    return dataclasses.replace(met, diversification=DIVERSIFICATION)


def test_two_symmetric_rivals_break_where_the_formula_says():
    met = rivals_of_several_kinds()
    gives_way, held = thresholds(met, symmetric_fixed_point(met))
    for found in (gives_way, held):
        assert np.isfinite(found.factor).all()
        np.testing.assert_allclose(found.factor, found.analytic, rtol=1e-6)
        assert found.confirmed.all()
        assert not found.unstable_already.any()
    # As it gives way, the share of either rival falls on the way to the threshold, so that it lies higher.
    assert (gives_way.factor > held.factor).all()


def test_the_formula_holds_at_the_threshold_itself():
    """f ε h = λ + 1 / ã, written out for the branch."""
    met = rivals_of_several_kinds()
    branch = follow(met, jnp.asarray(symmetric_fixed_point(met)))
    share = np.asarray(branch.portfolio)[:, 1:]
    np.testing.assert_allclose(share[:, 0], share[:, 1], rtol=1e-9)
    np.testing.assert_allclose(np.asarray(branch.factor) * 2.0, DIVERSIFICATION + 1 / share[:, 0], rtol=1e-6)
    np.testing.assert_allclose(leading_eigenvalue(scaled(met, branch.factor), branch.portfolio), 1, atol=1e-6)
    there = np.asarray(wanted(scaled(met, branch.factor), branch.portfolio))
    np.testing.assert_allclose(there, branch.portfolio, atol=1e-9)


def test_rivals_of_unequal_appeal_need_no_threshold():
    met = rivals_of_several_kinds()
    met = dataclasses.replace(met, base=met.base + np.array([0.0, 0.3]))
    held = symmetric_fixed_point(met)
    gives_way, as_held = thresholds(met, held)
    assert gives_way.none_found.all()
    assert np.isnan(gives_way.factor).all()
    assert not gives_way.confirmed.any()
    assert np.isfinite(gives_way.half).all()
    assert np.isfinite(as_held.factor).all()
    assert as_held.confirmed.all()


def test_the_weaker_camp_ends_in_a_fold_when_exclusivity_falls_back():
    """The branch that does not connect to the hedge ends where its stable and unstable parts meet."""
    met = two_rivals(1, hostility=4.0)
    met = dataclasses.replace(met, base=met.base + np.array([0.0, 0.05]), exclusivity=3 * met.exclusivity)
    weaker = settled(met, np.array([[0.1, 0.8, 0.1]]))
    assert weaker[0, 1] > weaker[0, 2], "the smaller camp must exist, or this test shows nothing"
    # Following upwards in 1 / f: what rises is the appeal of the other pole, by which the weaker camp comes to end.
    rising = dataclasses.replace(met, base=met.base)
    branch = follow(rising, jnp.asarray(weaker))
    assert int(branch.found[0]) == branches.Found.NONE_UP_TO_LARGEST


def test_a_hedge_that_is_unstable_already_is_said_to_be_so():
    met = two_rivals(1, hostility=20.0)
    hedge = np.array([[0.2, 0.4, 0.4]])
    ratios = np.log(hedge[:, 1:] / hedge[:, :1])
    met = dataclasses.replace(met, base=ratios + met.diversification[:, None] * 0.4 + 20.0 * 0.4)
    np.testing.assert_allclose(wanted(met, hedge), hedge, atol=1e-9)
    gives_way, held = thresholds(met, hedge)
    assert gives_way.unstable_already.all()
    assert np.isnan(gives_way.factor).all()
    assert held.factor[0] == pytest.approx((1.0 + 1 / 0.4) / 20.0)


def test_friendly_poles_have_no_threshold():
    met = two_rivals(1, hostility=0.0)
    gives_way, held = thresholds(met, symmetric_fixed_point(met))
    assert gives_way.none_found.all()
    assert held.none_found.all()
    assert np.isinf(analytic_factor(met, symmetric_fixed_point(met))).all()


def test_the_jacobian_is_that_of_finite_differences():
    met, portfolios = made(2, 6), random_portfolios(2, 6)
    exact, step = np.asarray(jacobians(met, portfolios)), 1e-6
    for pole in range(3):
        change = np.zeros(4)
        change[[0, pole + 1]] = -step, step
        slope = np.asarray(wanted(met, portfolios + change) - wanted(met, portfolios - change))[:, 1:] / (2 * step)
        np.testing.assert_allclose(exact[:, :, pole], slope, atol=1e-6)


def test_the_held_threshold_is_where_the_largest_eigenvalue_is_one():
    met = made(11, 20)
    held = settled(met, random_portfolios(11, 20))
    factor = held_factor(met, held)
    found = np.isfinite(factor)
    assert found.sum() >= 10
    spread = held[:, 1:, None] * np.eye(3) - held[:, 1:, None] * held[:, None, 1:]
    without = np.asarray(jacobians(scaled(met, np.zeros(20)), held))
    # At the fixed point itself the Jacobian is S U, whatever utilities make it one.
    del without
    exclusive = -factor[:, None, None] * (met.exclusivity[:, :, None] * met.hostility)
    for state in np.flatnonzero(found):
        slopes = slopes_without_exclusivity(met, held, state) + exclusive[state]
        values = np.linalg.eigvals(spread[state] @ slopes).real
        assert values.max() == pytest.approx(1, abs=1e-7)


def slopes_without_exclusivity(met, held, state):
    """dU/da apart from exclusivity: `-λ` and the response of coercion to delivery, on the diagonal."""
    undelivered = met.patron_share[state] - held[state, 1:]
    odds = met.log_odds[state] + met.steepness[state] * np.maximum(undelivered, 0)
    chance = 1 / (1 + np.exp(-odds))
    response = met.reach[state] * chance * (1 - chance) * met.steepness[state] * met.let_through[state]
    return -np.diag(met.diversification[state] + np.where(undelivered > 0, response, 0.0))


def test_log_ratios_give_portfolios():
    np.testing.assert_allclose(shares_of(jnp.log(jnp.array([2.0, 1.0]))), [0.25, 0.5, 0.25])
