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

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("double_precision")]

N_STATES = 5
"""In every test, so that little is compiled."""
DIVERSIFICATION = np.linspace(0.2, 2.0, N_STATES)


def symmetric_fixed_point(met):
    """The hedge of two alike poles, from a start that favours neither."""
    return settled(met, np.full((len(met.base), 3), 1 / 3))


def rivals_of_several_kinds():
    met = two_rivals(N_STATES, hostility=2.0)
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
    # Shares are alike as far as the point where they begin to part can tell.
    np.testing.assert_allclose(share[:, 0], share[:, 1], rtol=1e-3)
    np.testing.assert_allclose(np.asarray(branch.factor) * 2.0, DIVERSIFICATION + 1 / share.mean(1), rtol=1e-6)
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


def test_a_branch_that_turns_back_ends_at_its_fold():
    """Returns to scale make two camps; rivals that attract each other make the weaker one end, at a fold."""
    met = two_rivals(N_STATES, hostility=1.0, diversification=-5.0, base=0.0)
    met = dataclasses.replace(met, base=met.base + np.array([0.0, 0.1]), exclusivity=-met.exclusivity)
    weaker = settled(met, np.tile([[0.1, 0.8, 0.1]], (N_STATES, 1)))
    assert (weaker[:, 1] > 0.9).all(), "the weaker camp must exist, or this test shows nothing"
    gives_way, _ = thresholds(met, weaker)
    assert (gives_way.factor > 1.5).all()
    assert gives_way.confirmed.all()
    branch = follow(met, jnp.asarray(weaker))
    assert (np.asarray(branch.found) == branches.Found.THRESHOLD).all()
    np.testing.assert_allclose(leading_eigenvalue(scaled(met, branch.factor), branch.portfolio), 1, atol=1e-5)


def test_a_hedge_that_is_unstable_already_is_said_to_be_so():
    met = two_rivals(N_STATES, hostility=20.0)
    hedge = np.tile([[0.2, 0.4, 0.4]], (N_STATES, 1))
    ratios = np.log(hedge[:, 1:] / hedge[:, :1])
    met = dataclasses.replace(met, base=ratios + met.diversification[:, None] * 0.4 + 20.0 * 0.4)
    np.testing.assert_allclose(wanted(met, hedge), hedge, atol=1e-9)
    gives_way, held = thresholds(met, hedge)
    assert gives_way.unstable_already.all()
    assert np.isnan(gives_way.factor).all()
    np.testing.assert_allclose(held.factor, (1.0 + 1 / 0.4) / 20.0, rtol=1e-9)


def test_friendly_poles_have_no_threshold():
    met = two_rivals(N_STATES, hostility=0.0)
    gives_way, held = thresholds(met, symmetric_fixed_point(met))
    assert gives_way.none_found.all()
    assert held.none_found.all()
    assert np.isinf(analytic_factor(met, symmetric_fixed_point(met))).all()


def test_the_jacobian_is_that_of_finite_differences():
    met, portfolios = made(2, N_STATES), random_portfolios(2, N_STATES)
    exact, step = np.asarray(jacobians(met, portfolios)), 1e-6
    for pole in range(3):
        change = np.zeros(4)
        change[[0, pole + 1]] = -step, step
        slope = np.asarray(wanted(met, portfolios + change) - wanted(met, portfolios - change))[:, 1:] / (2 * step)
        np.testing.assert_allclose(exact[:, :, pole], slope, atol=1e-6)


def test_the_held_threshold_is_where_the_largest_eigenvalue_is_one():
    met = made(11, N_STATES)
    held = settled(met, random_portfolios(11, N_STATES))
    factor = held_factor(met, held)
    found = np.isfinite(factor)
    assert found.sum() >= 3
    spread = held[:, 1:, None] * np.eye(3) - held[:, 1:, None] * held[:, None, 1:]
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
