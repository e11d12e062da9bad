"""Payoffs: the portfolio of the model maximises them, and coercion is that of its phase."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_circumstances import made, random_portfolios, uncoerced

from orrery.base.keys import root_key
from orrery.lab.planner.branches import shares_of
from orrery.lab.planner.circumstances import circumstances
from orrery.lab.planner.payoffs import (
    Payoff,
    coercion_met,
    discounting,
    outcomes,
    payoff,
    payoff_given,
    utility,
    wanted,
    with_more_supply,
)
from orrery.lab.planner.threshold import settled
from orrery.world import density
from orrery.world.forcing import one_year, still_forcing
from orrery.world.initial import invert
from orrery.world.params import Params
from orrery.world.phases import alignment
from orrery.world.phases.coercion import coercion, under_delivery

pytestmark = pytest.mark.long

ENTROPIC = (Payoff.PERTURBED, Payoff.REWARD)


N_STATES = 60


def slope(met, portfolio, kind):
    """Derivatives of payoffs by each pole's share, at the cost of non-alignment, coercion taken as given."""
    coerced = coercion_met(met, portfolio)
    free = jax.grad(lambda shares: payoff_given(met, shares, coerced, kind).sum())(jnp.asarray(portfolio))
    return free[..., 1:] - free[..., :1]


def log_ratios(portfolio):
    return np.log(portfolio[..., 1:] / portfolio[..., :1])


@pytest.mark.usefixtures("double_precision")
@pytest.mark.parametrize("kind", ENTROPIC)
@given(seed=st.integers(0, 10_000))
@settings(max_examples=3)
def test_the_gradient_is_what_the_logit_portfolio_sets_to_zero(kind, seed):
    """Fudenberg, Iijima & Strzalecki 2015: dV/da_p - dV/da_0 = u_p(a) - ln(a_p / a_0), for every portfolio."""
    met, portfolios = made(seed, N_STATES), random_portfolios(seed, N_STATES)
    appeal = utility(met, portfolios, coercion_met(met, portfolios))
    np.testing.assert_allclose(slope(met, portfolios, kind), appeal - log_ratios(portfolios), atol=1e-9)


@pytest.mark.usefixtures("double_precision")
@given(seed=st.integers(0, 10_000))
@settings(max_examples=3)
def test_the_fixed_points_of_the_models_own_function_are_stationary(seed):
    met = made(seed, N_STATES)
    held = settled(met, random_portfolios(seed, N_STATES))
    appeal = np.asarray(utility(met, held, coercion_met(met, held)))
    np.testing.assert_allclose(alignment.wanted_portfolio(appeal), held, atol=1e-7)
    np.testing.assert_allclose(slope(met, held, Payoff.PERTURBED), 0, atol=1e-5)


@pytest.mark.usefixtures("double_precision")
def test_what_is_wanted_is_what_the_phase_wants():
    met, portfolios = made(5, 7), random_portfolios(5, 7)
    appeal = utility(met, portfolios, coercion_met(met, portfolios))
    np.testing.assert_allclose(wanted(met, portfolios), alignment.wanted_portfolio(appeal), atol=1e-12)


@pytest.mark.usefixtures("double_precision")
def test_unequal_exclusivity_enters_by_the_mean_of_each_pair():
    met, [portfolio] = made(3, same_exclusivity=False), random_portfolios(3, 1)
    mean = (met.exclusivity[:, None] + met.exclusivity[None, :]) / 2
    rivals = (mean * met.hostility) @ portfolio[1:]
    given_up = met.diversification * portfolio[1:] + rivals + log_ratios(portfolio)
    expected = met.base + coercion_met(met, portfolio) - given_up
    np.testing.assert_allclose(slope(met, portfolio, Payoff.PERTURBED), expected, atol=1e-9)


@pytest.mark.usefixtures("double_precision")
def test_coercion_of_a_portfolio_is_that_of_the_phase(observed_world):
    observed, country = observed_world(composite=True), 5
    params = jax.device_put(Params.central())
    world, origin = jax.jit(invert)(root_key(1), jax.device_put(observed.start()), params)
    forcing = one_year(still_forcing(observed, 1), 0)
    met = circumstances(jnp.asarray(country), world, origin, params, forcing)
    for portfolio in random_portfolios(2, 8):
        held = dataclasses.replace(world, portfolio=world.portfolio.at[country].set(portfolio))
        undelivered = under_delivery(held, origin.anchors.negligible_supply)
        expected = coercion(held, origin.geography, params, undelivered, density.unit(origin))[country]
        np.testing.assert_allclose(coercion_met(met, portfolio), expected, rtol=1e-9)
    np.testing.assert_allclose(wanted(met, world.portfolio[country]), world.portfolio[country], atol=1e-12)


@pytest.mark.usefixtures("double_precision")
def test_sanctions_add_and_guarantees_take_away():
    met, [portfolio] = made(4), random_portfolios(4, 1)
    free = dataclasses.replace(met, sanctions=np.zeros(3), let_through=np.ones(3))
    ordinary = np.asarray(coercion_met(free, portfolio))
    np.testing.assert_allclose(coercion_met(met, portfolio), (ordinary + met.sanctions) * met.let_through)


@pytest.mark.usefixtures("double_precision")
def test_non_alignment_is_worth_nothing_but_the_coercion_it_meets():
    met, alone = made(6), np.array([1.0, 0, 0, 0])
    loss = float(np.sum(coercion_met(met, alone)))
    assert float(payoff(met, alone)) == pytest.approx(-loss)
    assert float(payoff(met, alone, Payoff.NO_ENTROPY)) == pytest.approx(-loss)
    assert float(payoff(met, alone, Payoff.REWARD)) == 0


@pytest.mark.usefixtures("double_precision")
def test_readings_differ_by_entropy_and_by_the_sum_of_coercion():
    met, [portfolio] = made(7), random_portfolios(7, 1)
    whole = float(payoff(met, portfolio))
    entropy = -float(np.sum(portfolio * np.log(portfolio)))
    assert whole - float(payoff(met, portfolio, Payoff.NO_ENTROPY)) == pytest.approx(entropy)
    assert float(payoff(met, portfolio, Payoff.REWARD)) - whole == pytest.approx(
        float(np.sum(coercion_met(met, portfolio)))
    )


@pytest.mark.usefixtures("double_precision")
def test_more_supply_is_worth_its_logarithm():
    met, [portfolio] = made(8), random_portfolios(8, 1)
    np.testing.assert_allclose(with_more_supply(met, 1.0).base, met.base, atol=1e-15)
    gain = float(payoff(with_more_supply(met, 3.0), portfolio) - payoff(met, portfolio))
    expected = met.resource_appeal * np.log((1 + 3 * met.intensity) / (1 + met.intensity)) @ portfolio[1:]
    assert gain == pytest.approx(float(expected))


@pytest.mark.usefixtures("double_precision")
def test_later_years_count_less_and_outcomes_are_weighted_means():
    weights = discounting(3, 0.5)
    np.testing.assert_allclose(weights, np.array([9, 6, 4]) / 19)
    np.testing.assert_allclose(discounting(4, 0.0), 0.25)
    met, [portfolio] = made(9, 2, 3), random_portfolios(9, 1)
    each = np.asarray(payoff(met, portfolio))
    np.testing.assert_allclose(outcomes(met, portfolio, weights), each @ weights)


@pytest.mark.usefixtures("double_precision")
def test_without_what_shares_cost_the_best_portfolio_is_logit_and_worth_the_log_sum():
    """McFadden 1978: max over a of a'v + entropy is ln(1 + sum exp v)."""
    met = uncoerced(made(10))
    met = dataclasses.replace(met, diversification=np.zeros(()), exclusivity=np.zeros(3))
    best = shares_of(jnp.asarray(met.base))
    assert float(payoff(met, best)) == pytest.approx(float(np.log1p(np.exp(met.base).sum())))
    others = np.asarray(payoff(met, random_portfolios(10, 50)))
    assert (others < float(payoff(met, best))).all()
