"""Limits of alignment through whole simulations (theory 4.8): the pitchfork, no exclusivity, two camps that caucus."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import brentq
from watched_worlds import KEY, Watched, begun, certain, still, watched

from orrery.institutions.games import Threshold
from orrery.negotiation.agreement import Table, Terms, agree
from orrery.world.forcing import Forcing
from orrery.world.observed import Observed
from orrery.world.params import Params
from orrery.world.simulate import simulate

pytestmark = pytest.mark.long

Factory = Callable[..., Observed]
HOSTILITY = 6.0
"""The cap, which poles at -3 and 3 exceed."""
NUDGED = 5
"""Country that gets a grant."""
ALONE = {"patron_pull": 0.0, "comember_pull": 0.0, "coercion_pull": 0.0, "coercion_base": -1000.0}
"""Portfolios act upon nothing that acts upon portfolios: no pull on positions, and no coercion."""


def two_rivals(observed_world: Factory, share: float) -> Observed:
    """Two country-poles at -3 and 3, everyone else in the middle with a share of `share` for each."""
    position = np.r_[-3.0, 3.0, np.zeros(10)]
    return certain(
        observed_world(12, 2), ideal_point=position, portfolio=np.tile([1 - 2 * share, share, share], (12, 1))
    )


def lean(portfolio: np.ndarray) -> np.ndarray:
    """How much more of the portfolios of those who choose goes to the first pole than to the second."""
    return portfolio[:, 2:, 1] - portfolio[:, 2:, 2]


def with_a_grant(observed: Observed, size: float, n_years: int = 1) -> Forcing:
    """Still paths on which the first pole grants a country a part of its capability, in the first years alone."""
    forcing = still(observed)
    forcing.grants[:n_years, NUDGED, 0] = size
    return forcing


@pytest.mark.parametrize("share", [0.2, 0.35])
@pytest.mark.parametrize("diversification", [0.3, 1.0])
@pytest.mark.parametrize(("factor", "camps"), [(0.9, False), (1.1, True)])
def test_a_year_of_grants_makes_a_camp_only_beyond_the_pitchfork(
    observed_world: Factory, share: float, diversification: float, factor: float, camps: bool
) -> None:
    """Row `P=2, h large`: the pitchfork lies at `ε h = λ + 1/ã`; below it two rivals are hedged symmetrically."""
    observed = two_rivals(observed_world, share)
    params = Params.central().override(
        {
            **ALONE,
            "portfolio_floor": 1e-9,
            "adjustment_speed": 0.3,
            "diversification": diversification,
            "exclusivity": factor * (diversification + 1 / share) / HOSTILITY,
        }
    )
    run = simulate(KEY, observed, params, with_a_grant(observed, 2e-3))
    path = lean(run.portfolio)
    nudged, others = path[:, NUDGED - 2], np.delete(path, NUDGED - 2, axis=1)
    assert 1e-4 < nudged[1] < 0.05, "one year of grants is a nudge"
    assert abs(others).max() < 1e-6, "nobody else is touched"
    assert float(run.share_unstable) == float(camps)
    if camps:
        assert (np.diff(nudged) > 0).all()
        assert nudged[-1] > 5 * nudged[1]
    else:
        assert (np.diff(nudged[2:]) < 0).all()
        assert nudged[-1] < nudged[1] / 5


def test_non_alignment_rises_to_the_fixed_point_of_the_logit(observed_world: Factory) -> None:
    """Row `P=2`: as `ε h` rises, the symmetric fixed point `ã = e^u / (1 + 2 e^u)` leaves more outside both poles."""
    share, diversification, base = 0.25, 1.0, 0.1
    observed = two_rivals(observed_world, share)
    params = Params.central().override(
        {
            **ALONE,
            "portfolio_floor": 1e-9,
            "adjustment_speed": 0.3,
            "diversification": diversification,
            "exclusivity": base,
        }
    )

    def expected(factor: float) -> float:
        def gap(held: float) -> float:
            utility = np.log(share / (1 - 2 * share)) - diversification * (held - share)
            utility -= base * HOSTILITY * (factor * held - share)
            return held - np.exp(utility) / (1 + 2 * np.exp(utility))

        return 1 - 2 * brentq(gap, 1e-9, 0.5)

    outside = []
    for factor in (1.0, 2.0, 4.0, 7.0):
        run = simulate(KEY, observed, params, still(observed, exclusivity=factor))
        outside.append(run.indicators["non_aligned_share"][-1])
        np.testing.assert_allclose(run.portfolio[-1, 2:, 0], expected(factor), atol=1e-8)
    assert (np.diff(outside) > 0.02).all()


def test_without_exclusivity_no_hostility_moves_a_portfolio(observed_world: Factory) -> None:
    """Row `ε=0`: portfolios do not depend on hostility, once coercion, which tension raises too, is switched off."""
    observed = certain(observed_world())

    def tense(exclusivity: float) -> Watched:
        params = Params.central().override({**ALONE, "exclusivity": exclusivity})
        return watched(observed, params, still(observed, tension_shock=1.0))

    without, some = tense(0.0), tense(2.0)
    for run in (without, some):
        assert run.world.tension[-1] == 4
    first, last = without.trajectory.info["hostility"][[0, -1]]
    assert (last[first > 0] > 3.9 * first[first > 0]).all()
    assert abs(without.world.portfolio - without.start.portfolio).max() < 1e-10
    assert abs(some.world.portfolio - some.start.portfolio).max() > 1e-2


def test_without_exclusivity_there_are_no_camps(observed_world: Factory) -> None:
    """Row `ε=0`: however hard a country was drawn to one of two hostile poles, it comes back when the grants end."""
    observed = two_rivals(observed_world, 0.35)

    def drawn(exclusivity: float) -> np.ndarray:
        params = Params.central().override(
            {**ALONE, "portfolio_floor": 1e-9, "adjustment_speed": 0.3, "exclusivity": exclusivity}
        )
        run = simulate(KEY, observed, params, with_a_grant(observed, 0.2, n_years=10))
        assert float(run.share_unstable) == (exclusivity > 0)
        return lean(run.portfolio)[:, NUDGED - 2]

    back, kept = drawn(0.0), drawn(1.5)
    assert back[10] > 0.2
    assert kept[10] > 0.2
    assert abs(back[-1]) < 1e-6
    assert kept[-1] > 0.2


def in_two_camps(observed: Observed) -> Observed:
    """The same world with everybody aligned with one of the two poles alone, in turn."""
    portfolio = np.eye(3)[1 + np.arange(12) % 2]
    return certain(observed, portfolio=portfolio)


def test_two_camps_that_caucus_are_two_parties(observed_world: Factory) -> None:
    """Row `κ=1, all a on two camps`: positions are two points, and what binds a body is what binds two parties."""
    observed = in_two_camps(observed_world(12, 2))
    values = {"portfolio_floor": 1e-9, "rivalry_weight": 0.0, "linkage": 0.0}
    params = Params.central().override({**values, "caucusing": 1.0})
    world, _ = begun(observed, params)
    camp = np.arange(12) % 2
    for side in (0, 1):
        assert np.ptp(world.talks.distance[:, camp == side], axis=1).max() < 1e-8
    free = begun(observed, params.override({"caucusing": 0.3}))[0].talks.distance
    assert np.ptp(free[:, camp == 0], axis=1).max() > 0.01, "without discipline they are twelve"

    unanimous = observed.bodies.place("BODY-0")
    member = observed.bodies.member[unanimous]
    strength = member / member.sum() + member * observed.capability / (member * observed.capability).sum()
    weight = np.array([strength[camp == side].sum() / 2 for side in (0, 1)])
    about = np.array([1 + float(params.interest_weight), 1 - float(params.interest_weight)]) / 2
    position = np.stack([observed.ideal_point[:2], observed.development[:2]], -1)
    stake = world.talks.stake[unanimous]
    with jax.enable_x64(True):
        table = Table(*map(jnp.asarray, (position, np.tile(about, (2, 1)), weight)), scale=float(params.distance_unit))
        found = agree(table, Terms(float(stake)), Threshold((1, 1), 2))
    assert 0 < weight[0] < 1
    assert world.talks.binding[unanimous] == pytest.approx(float(found.binding), abs=1e-8)
    assert world.institutions.depth[unanimous] == pytest.approx(float(found.depth), abs=1e-8)
