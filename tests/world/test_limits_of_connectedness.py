"""Limits of connectedness and of the length of a step through whole simulations (theory 4.8)."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest
from watched_worlds import N_YEARS, Watched, certain, still, watched

from orrery.world.forcing import Forcing
from orrery.world.observed import Observed
from orrery.world.params import Params
from orrery.world.phases.bargaining import LEAST_STAKE

pytestmark = pytest.mark.long

Factory = Callable[..., Observed]
ALONE = {
    **{"patron_pull": 0.0, "comember_pull": 0.0, "coercion_pull": 0.0, "coercion_base": -1000.0},
    **{"trust_weight": 0.0, "problem_elasticity": 0.0, "dispute_density": 0.0, "portfolio_floor": 1e-9},
}
"""Supply acts upon portfolios alone, and nothing acts back: no pulls, no coercion, stakes but for connectedness."""
HOME = np.r_[0:3, np.arange(9) % 3]
"""The pole that is nearest to each country: each of the three has three who choose."""


def around_poles(observed_world: Factory) -> Observed:
    """Three poles with three countries each, 1,000 km away, the others 9,000 km; all else is the same for all."""
    far = np.where(HOME[:, None] == HOME, 1000.0, 9000.0) * ~np.eye(12, dtype=bool)
    return certain(
        observed_world(),
        distance_km=far,
        capability=np.r_[np.full(3, 0.2), np.full(9, 0.4 / 9)],
        ideal_point=np.zeros(12),
        development=np.zeros(12),
        portfolio=np.tile([0.4, 0.2, 0.2, 0.2], (12, 1)),
    )


def fallen(observed: Observed, level: float) -> Forcing:
    """Still paths on which connectedness falls to a level in the first year and stays there."""
    forcing = still(observed)
    forcing.connectedness_shock[0] = level - observed.connectedness
    return forcing


def of_the_nearest(shares: np.ndarray) -> np.ndarray:
    """The nearest pole's part of what poles have in those who choose, [year, country]."""
    held = np.take_along_axis(shares, HOME[None, :, None], -1)[..., 0]
    return held[:, 3:] / shares[:, 3:].sum(-1)


def test_as_connectedness_goes_supply_goes_and_what_is_left_comes_from_near(observed_world: Factory) -> None:
    """Row `C→0 after t0`: `R→0` in proportion, and in the end the nearest pole alone supplies a country."""
    observed, params = around_poles(observed_world), Params.central().override(ALONE)
    for level in (0.3, 0.1, 0.01):
        world = watched(observed, params, fallen(observed, level)).world
        np.testing.assert_allclose(world.supply[1:].sum((1, 2)) / world.supply[0].sum(), level / 0.6)
        assert (of_the_nearest(world.supply)[-1] > of_the_nearest(world.supply)[0]).all()
    assert (of_the_nearest(world.supply)[-1] > 1 - 1e-9).all()


def test_alignment_moves_out_and_to_the_nearest_pole_until_it_too_has_nothing_to_give(observed_world: Factory) -> None:
    """Row `C→0 after t0`: alignment moves to non-alignment, and among poles to the nearest, down to half of `C`.

    At the floor the model departs from the row: the nearest pole supplied most, so that it has most to lose, and what
    the distant ones hold was never owed to supply (the intercepts of the first year absorb it).
    """
    observed, params = around_poles(observed_world), Params.central().override(ALONE)
    levels = (0.6, 0.48, 0.36, 0.3, 0.01)
    last = [watched(observed, params, fallen(observed, level)).world.portfolio[-1] for level in levels]
    outside = [portfolio[3:, 0].mean() for portfolio in last]
    nearest = [of_the_nearest(portfolio[None, :, 1:]) for portfolio in last]
    assert outside[0] == pytest.approx(0.4)
    assert (np.diff(outside) > 0.01).all()
    np.testing.assert_allclose(nearest[0], 1 / 3)
    assert min(part.min() for part in nearest[1:4]) > 0.36
    assert nearest[4].max() < 1 / 3
    indifferent = params.override({"distance_decay": 0.0})
    open_still = watched(observed, indifferent, fallen(observed, 0.3)).world.portfolio
    assert of_the_nearest(open_still[..., 1:])[-1].max() < 1 / 3, "where distance counts no more, nobody closes in"


@pytest.mark.parametrize("elasticity", [-1.0, 0.0, 0.5, 1.5])
def test_stakes_of_global_bodies_stay_bounded(observed_world: Factory, elasticity: float) -> None:
    """Row `C→0 after t0`: global stakes go with `(C / C_0)^ξ`, which the floor of `C` bounds; others do not move."""
    observed = certain(observed_world())
    params = Params.central().override({**ALONE, "connectedness_elasticity": elasticity})
    run = watched(observed, params, fallen(observed, -5.0))
    lives = observed.bodies.in_being
    worldwide = lives & (observed.bodies.member.sum(1) > 6)
    first, last = run.world.talks.stake[[0, -1]]
    assert run.world.connectedness[-1] == pytest.approx(0.01)
    assert worldwide.sum() == 2
    bounded = np.maximum(first * (0.01 / 0.6) ** elasticity, LEAST_STAKE)
    np.testing.assert_allclose(last[worldwide], bounded[worldwide], rtol=1e-9)
    np.testing.assert_allclose(last[lives & ~worldwide], first[lives & ~worldwide], rtol=1e-9)
    assert np.isfinite(run.world.institutions.depth).all()


def at_speed(observed: Observed, part: float) -> Watched:
    """A world in which the supply of one pole, and tension, change for good; all adjust at a part of their speed."""
    params = Params.central()
    slower = {"tension_adjustment": part * float(params.tension_adjustment), **ALONE}
    half = np.ones((N_YEARS, 3)) * [0.4, 1.0, 1.0]
    return watched(
        observed, params.override(slower), still(observed, outward_propensity=half, tension=1.5, adjustment=part)
    )


def test_half_the_speed_and_twice_the_steps_are_the_same_to_first_order(observed_world: Factory) -> None:
    """Row `doubling of time step`: the error of a step is proportional to its length, in portfolios and in tension.

    It can be said of what adjusts by a rate. Talks, births, deaths and moves happen once a year by their nature.
    """
    observed, parts, year = certain(observed_world()), (1.0, 0.5, 0.25, 0.125), 8
    runs = [at_speed(observed, part) for part in parts]
    portfolio = [run.world.portfolio[int(year / part)] for run, part in zip(runs, parts, strict=True)]
    tension = [run.world.tension[int(year / part)] for run, part in zip(runs, parts, strict=True)]
    moved = abs(portfolio[-1] - runs[0].start.portfolio).max()
    steps = [abs(one - other).max() for one, other in itertools.pairwise(portfolio)]
    assert moved > 0.05
    assert steps[0] < 0.2 * moved
    assert all(1.7 < one / other < 2.4 for one, other in itertools.pairwise(steps))
    rate = float(Params.central().tension_adjustment)
    closed = [1.5 - 0.5 * (1 - rate * part) ** (year / part) for part in parts]
    np.testing.assert_allclose(tension, closed, rtol=1e-9)
    changes = np.diff(tension)
    assert all(1.7 < one / other < 2.6 for one, other in itertools.pairwise(changes))
