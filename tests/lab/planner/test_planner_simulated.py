"""The planner against whole simulations: what it records, and the threshold at which hedging breaks."""

from __future__ import annotations

import dataclasses

import jax
import numpy as np
import pytest

from orrery.base.keys import root_key
from orrery.lab.planner.circumstances import CircumstancesObserver, first_year, recorded
from orrery.lab.planner.payoffs import wanted
from orrery.lab.planner.threshold import thresholds
from orrery.world.forcing import no_change_forcing, still_forcing
from orrery.world.params import Params
from orrery.world.simulate import simulate, simulate_draws

pytestmark = pytest.mark.long

KEY = root_key(11)
COUNTRY = 5
N_YEARS = 8


def test_what_is_recorded_gives_the_simulated_portfolios_again(observed_world):
    """a_t = (1 - α) a_(t-1) + α softmax(u(a_(t-1))), with levers on supply, coercion and exclusivity."""
    observed = observed_world(12, 3)
    forcing = no_change_forcing(observed, N_YEARS, Params.central())
    forcing = dataclasses.replace(forcing, exclusivity=forcing.exclusivity * np.array([1.0, 2.0, 1.5]))
    forcing.pressure[3:, COUNTRY, 0], forcing.guarantee[4:, COUNTRY, 1] = 0.3, 0.5
    forcing.access[2:, COUNTRY, 2] = 0.5
    observer = CircumstancesObserver(np.asarray(COUNTRY))
    ensemble = simulate_draws(KEY, observed, forcing, range(4), fixed={}, workers=1, observe=observer)
    met, path = recorded(ensemble.trajectory.info), np.asarray(ensemble.trajectory.portfolio, float)[:, :, COUNTRY]
    speed = ensemble.params["adjustment_speed"][:, None, None]
    with jax.enable_x64(True):
        target = np.asarray(wanted(met, path[:, :-1]))
    assert abs(path[:, 1:] - path[:, :-1]).max() > 1e-3, "portfolios must move, or this test shows nothing"
    np.testing.assert_allclose(path[:, :-1] + speed * (target - path[:, :-1]), path[:, 1:], atol=2e-6)

    first, portfolio = first_year(KEY, observed, COUNTRY, range(4), ensemble.params)
    np.testing.assert_allclose(portfolio, path[:, 0], atol=1e-6)
    with jax.enable_x64(True):
        np.testing.assert_allclose(wanted(first, portfolio), portfolio, atol=1e-12)


def two_pole_world(observed_world, share):
    """Two hostile poles, ideal points known exactly, and a country that gives them these shares."""
    observed = observed_world(12, 2)
    position, portfolio = observed.ideal_point.copy(), observed.portfolio.copy()
    position[:2] = -1.5, 1.5
    portfolio[COUNTRY] = 1 - sum(share), *share
    return dataclasses.replace(observed, ideal_point=position, ideal_point_sd=np.zeros(12), portfolio=portfolio)


# Positions stay where they are, so that hostility does, and coercion hardly heeds what is delivered.
STILL = {
    "patron_pull": 0.0,
    "coercion_pull": 0.0,
    "comember_pull": 0.0,
    "underdelivery_coercion": 0.0,
    "exclusivity": 0.3,
    "diversification": 1.0,
    "adjustment_speed": 0.3,
    "portfolio_floor": 1e-9,
}


def lopsidedness(observed, factor, n_years=400):
    """How far the two shares are apart at the end if exclusivity is multiplied by `factor` after the first year."""
    forcing = still_forcing(observed, n_years)
    forcing = dataclasses.replace(forcing, exclusivity=forcing.exclusivity * factor)
    trajectory = simulate(KEY, observed, Params.central().override(STILL), forcing)
    one, other = trajectory.portfolio[-1, COUNTRY, 1:]
    return abs(float(one - other))


def test_hedging_survives_below_the_threshold_and_breaks_above_it(observed_world):
    """The threshold is found for equal shares; the simulation starts from almost equal ones."""
    observed = two_pole_world(observed_world, (0.4, 0.4))
    params = {name: np.array([value]) for name, value in Params.central().override(STILL).as_dict().items()}
    met, portfolio = first_year(KEY, observed, COUNTRY, range(1), params)
    gives_way, _ = thresholds(met, portfolio)
    factor = float(gives_way.factor[0])
    assert factor == pytest.approx(float(gives_way.analytic[0]), rel=1e-6)
    assert gives_way.confirmed.all()
    nudged = two_pole_world(observed_world, (0.4 + 1e-4, 0.4 - 1e-4))
    assert lopsidedness(nudged, 0.9 * factor) < 0.02
    assert lopsidedness(nudged, 1.1 * factor) > 0.1
