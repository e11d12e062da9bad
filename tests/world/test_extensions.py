"""The ten extensions: neutral where they are off or nothing happens, and in the stated direction where it does."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from watched_worlds import KEY, N_YEARS, Watched, begun, certain, still, watched

from orrery.base.keys import root_key
from orrery.world import density
from orrery.world.forcing import Forcing, no_change_forcing, one_year
from orrery.world.observed import Observed
from orrery.world.params import Params, extensions
from orrery.world.phases import membership
from orrery.world.world import Institutions, Origin, World

pytestmark = pytest.mark.long

Factory = Callable[..., Observed]
SWITCHES = sorted(extensions())
COUNTRY = 5


@pytest.fixture
def observed(observed_world: Factory) -> Observed:
    """A world whose first two poles are far apart, with its positions known exactly."""
    plain = observed_world()
    return certain(plain, ideal_point=np.r_[-1.5, 1.5, 0.3, plain.ideal_point[3:]])


def pulsed(observed: Observed, **levels: float | np.ndarray) -> Forcing:
    """Still paths, some of them at another level in the first year alone."""
    forcing = still(observed)
    for name, level in levels.items():
        getattr(forcing, name)[0] = level
    return forcing


def on_and_off(
    observed: Observed, switch: str, forcing: Forcing, values: Mapping[str, float] | None = None, **of_switch: float
) -> tuple[Watched, Watched]:
    """The same simulation with a switch on and off; parameters of the switch may be given."""
    values = {} if values is None else dict(values)
    on = Params.central([switch]).override({**values, **of_switch})
    return watched(observed, on, forcing), watched(observed, Params.central().override(values), forcing)


def alike(one: object, other: object) -> bool:
    """Whether two trees hold the same numbers but for rounding."""
    return all(np.allclose(a, b, atol=1e-12) for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True))


def same_bits(one: object, other: object) -> bool:
    """Whether two trees hold the same numbers."""
    return all(np.array_equal(a, b) for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True))


def until(world: World, year: int) -> World:
    """The first years of a world."""
    return jax.tree.map(lambda leaf: leaf[: year + 1], world)


MOVES_ALONE = (".connectedness_growth", ".connectedness_average")
"""What no still path freezes."""


def test_there_are_ten() -> None:
    assert len(SWITCHES) == 10


@pytest.mark.parametrize("switch", [*SWITCHES, "all"])
def test_the_first_year_stays_a_fixed_point(observed: Observed, switch: str) -> None:
    """Switched on, an extension moves nothing as long as nothing happens: every stock and flow stays.

    But for growth of connectedness and its remembered average, which go on where its trend is frozen.
    """
    params = Params.draw(root_key(11), SWITCHES if switch == "all" else [switch])
    run = watched(observed, params, still(observed))
    for path, leaf in jax.tree_util.tree_leaves_with_path(run.world):
        name, moved = jax.tree_util.keystr(path), abs(leaf - leaf[0])
        if name == ".talks.stake":
            # The stake of an open place is that of nobody.
            moved = moved * run.world.institutions.in_being
        assert moved.max() < 1e-5 or name in MOVES_ALONE, name
    for name, path in run.trajectory.indicators.items():
        assert abs(path - path[0]).max() < 1e-5, name


def test_switching_on_draws_no_other_parameter_anew() -> None:
    plain = Params.draw(root_key(3)).as_dict()
    for switch in SWITCHES:
        drawn = Params.draw(root_key(3), [switch]).as_dict()
        changed = {name for name in plain if drawn[name] != plain[name]}
        assert changed == set(extensions()[switch])
        assert not any(plain[name] for name in changed)


SILENT = {
    "status": {"status_demand": 0.0},
    "non-state": {"non_state_monitoring": 0.0, "non_state_heterogeneity": 0.0},
}
"""Coefficients at 0 of the switches that have a stock of their own; the other switches have one parameter each."""


@pytest.mark.parametrize("switch", SWITCHES)
def test_with_its_coefficient_at_nought_an_extension_changes_no_bit(observed: Observed, switch: str) -> None:
    """In a world full of chance: only the stock of the extension itself may differ, where it has one."""
    drawn = Params.draw(root_key(5), [switch])
    silent = drawn.override(SILENT.get(switch, dict.fromkeys(extensions()[switch], 0.0)))
    plain = Params.draw(root_key(5))
    forcing = no_change_forcing(observed, N_YEARS, plain)
    runs = [watched(observed, params, forcing) for params in (drawn, silent, plain)]
    loud, quiet, without = [_without_own_stock(run.world) for run in runs]
    assert same_bits(quiet, without)
    assert not same_bits(loud, without), "with its coefficient it does"
    for name, path in runs[1].trajectory.indicators.items():
        np.testing.assert_array_equal(path, runs[2].trajectory.indicators[name])


def _without_own_stock(world: World) -> dict[str, np.ndarray]:
    leaves = {jax.tree_util.keystr(path): leaf for path, leaf in jax.tree_util.tree_leaves_with_path(world)}
    return {name: leaf for name, leaf in leaves.items() if name not in (".status", ".institutions.non_state")}


def test_status_makes_patrons_expect_more_of_those_who_rose(observed: Observed) -> None:
    """`u_ip` times `1 + x_st st_i`: in the year after, whoever rose is coerced more, whoever fell less."""
    forcing = pulsed(observed)
    forcing.grants[:, COUNTRY, int(np.argmin(observed.portfolio[COUNTRY, 1:]))] = 0.2
    on, off = on_and_off(observed, "status", forcing, status_demand=0.5)
    risen = on.world.status[1]
    assert risen[COUNTRY] > 1e-3
    assert not off.world.status.any()
    assert same_bits(on.world.portfolio[:2], off.world.portfolio[:2])
    more = (on.world.coercion - off.world.coercion)[2]
    assert abs(more[np.abs(risen) > 1e-9]).max() > 1e-6
    assert (more * np.sign(risen)[:, None] >= 0).all()


def test_status_makes_membership_dearer(observed: Observed) -> None:
    """Cost of membership times `1 + x_st st_i`."""
    params = Params.central(["status"])
    world, _ = begun(observed, params)
    worth = jax.jit(membership.net_value)
    with jax.enable_x64(True):
        risen = dataclasses.replace(world, status=np.r_[0.5, -0.5, np.zeros(10)])
        change = np.asarray(worth(risen, params)) - np.asarray(worth(world, params))
    lives = observed.bodies.in_being
    assert (change[lives, 0] < 0).all()
    assert (change[lives, 1] > 0).all()
    assert not change[:, 2:].any()


def test_reliability_makes_steady_poles_more_attractive(observed: Observed) -> None:
    """`x_re (s_p + ρ_p - ρ_p0)`: after a shock to openness portfolios leave the poles that lost most stability."""
    on, off = on_and_off(observed, "reliability", pulsed(observed, connectedness_shock=-0.1))
    assert alike(until(on.world, 1), until(off.world, 1))
    change = on.world.stability[1] + on.world.reputation[1] - on.world.reputation[0]
    gain = change[:3]
    assert gain.min() < -0.1
    assert np.ptp(gain) > 0.05
    shift = (on.world.portfolio - off.world.portfolio)[2, 3:]
    assert (shift[:, 1:] @ gain > 1e-5).all(), "what a softmax gains goes with the utility that came"
    assert (shift[:, 0] > 0).all(), "all poles have lost, so that more stay outside"


def test_delay_is_shorter_where_it_is_dearer(observed: Observed) -> None:
    """`α (P_i / P_i0)^x_de`: sanctions for under-delivery hurry, a guarantee that keeps them away gives time."""
    pressed, safe = np.zeros((12, 3)), np.zeros((12, 3))
    pressed[COUNTRY], safe[COUNTRY + 1] = 0.2, 0.9
    on, off = on_and_off(observed, "delay", pulsed(observed, pressure=pressed, guarantee=safe))
    steps = [(run.world.portfolio[1] - run.world.portfolio[0])[3:] for run in (on, off)]
    moved = abs(steps[1]).max(-1) > 1e-9
    assert moved[[COUNTRY - 3, COUNTRY - 2]].all()
    ratio = (steps[0] * steps[1]).sum(-1)[moved] / (steps[1] ** 2).sum(-1)[moved]
    np.testing.assert_allclose(steps[0][moved], ratio[:, None] * steps[1][moved], atol=1e-12)
    assert dict(zip(np.flatnonzero(moved) + 3, ratio > 1, strict=True)) == {COUNTRY: True, COUNTRY + 1: False}
    most = max(0.3, float(Params.central().adjustment_speed))
    assert ratio.max() <= min(4.0, most / float(Params.central().adjustment_speed)) + 1e-9
    assert ratio.min() >= 0.25 - 1e-9


@pytest.mark.parametrize(("shock", "sign"), [(1.0, -1), (-0.5, 1)])
def test_outside_poles_obstruct_regional_bodies_as_tension_grows(observed: Observed, shock: float, sign: int) -> None:
    """Stakes of regional bodies times `exp(-x_ob (O_m - O_m0))`; those of global bodies stay."""
    on, off = on_and_off(observed, "obstruction", pulsed(observed, tension_shock=shock))
    assert alike(until(on.world, 1).institutions, until(off.world, 1).institutions)
    member, lives = observed.bodies.member, observed.bodies.in_being
    worldwide = member.sum(1) > 6
    logs = np.log(on.world.talks.stake[2] / off.world.talks.stake[2])
    expected = (
        -float(Params.central(["obstruction"]).obstruction) * shock * on.start.institutions.reference.outside_hostility
    )
    np.testing.assert_allclose(logs[lives & ~worldwide], expected[lives & ~worldwide], rtol=1e-6, atol=1e-12)
    assert (sign * logs[lives & ~worldwide]).max() > 1e-3
    assert not logs[worldwide].any()


@pytest.mark.parametrize("elasticity", [0.3, -0.3])
def test_more_delivered_in_one_area_spills_over_into_others(observed: Observed, elasticity: float) -> None:
    """Stakes times `exp(x_sp mean_{e' ≠ e} ln(Y_e' / Y_e'0))`, the sign being free."""
    only_first = np.where(np.arange(4) == 0, 2.0, 1.0)
    on, off = on_and_off(observed, "spillover", still(observed, stakes=only_first), spillover=elasticity)
    assert alike(until(on.world, 1), until(off.world, 1))
    area, lives = observed.bodies.area, observed.bodies.in_being
    logs = np.log(on.world.talks.stake[2] / off.world.talks.stake[2])
    more = np.log(on.world.delivery.provision[1] / on.world.delivery.provision[0])
    assert more[0] > 0.05
    expected = elasticity * (more.sum() - more[area]) / 3
    np.testing.assert_allclose(logs[lives], expected[lives], rtol=1e-6)
    assert (np.sign(logs[lives & (area != 0)]) == np.sign(elasticity)).all()


def test_those_who_are_not_countries_monitor(observed: Observed) -> None:
    """`E` gains `x_nm [y_m - y_m0]_+`: the more formal a body, the more its compliance rises; off, nobody comes in."""
    forcing = still(observed, problem_trend=1.0)
    on, off = on_and_off(observed, "non-state", forcing, {"problem_growth": 0.0}, non_state_heterogeneity=0.0)
    lives = observed.bodies.in_being
    assert (np.diff(on.world.institutions.non_state[:, lives], axis=0) > 0).all()
    assert on.world.institutions.non_state.max() < 1
    assert same_bits(off.world.institutions.non_state, np.tile(observed.bodies.non_state, (N_YEARS + 1, 1)))
    more = (on.world.delivery.compliance - off.world.delivery.compliance)[2, lives]
    assert (more > 1e-5).all()


def test_those_who_are_not_countries_have_interests_of_their_own(observed: Observed) -> None:
    """`D_im` gains `x_nh [y_m - y_m0]_+`: acceptability falls for every member, and depth with it."""
    forcing = still(observed, problem_trend=1.0)
    on, off = on_and_off(observed, "non-state", forcing, {"problem_growth": 0.0}, non_state_monitoring=0.0)
    lives = observed.bodies.in_being
    came = on.world.institutions.non_state[1] - on.world.institutions.non_state[0]
    gained = (on.world.talks.distance - off.world.talks.distance)[2]
    heterogeneity = float(Params.central(["non-state"]).non_state_heterogeneity)
    np.testing.assert_allclose(gained[lives], heterogeneity * np.tile(came[lives, None], (1, 12)), rtol=1e-6)
    assert (on.world.talks.linked[2, lives] < off.world.talks.linked[2, lives]).all()
    assert (on.world.institutions.depth[2, lives] < off.world.institutions.depth[2, lives]).all()


def test_relative_gains_divide_small_bodies_as_tension_grows(observed: Observed) -> None:
    """`D_i ← (D_i - ρ D̄) / (1 - ρ)`, `ρ = x_rg T / (n - 1)`: what binds under unanimity falls, most among few."""
    alone = {"caucusing": 0.0, "rivalry_weight": 0.0}
    on, off = on_and_off(observed, "relative-gains", pulsed(observed, tension_shock=1.0), alone)
    lives, n_members = observed.bodies.in_being, observed.bodies.member.sum(1)[observed.bodies.in_being]
    member = observed.bodies.member[lives]
    weight = float(Params.central(["relative-gains"]).relative_gains)
    apart = [run.world.talks.distance[:, lives] for run in (on, off)]
    np.testing.assert_allclose(apart[1][2], apart[1][0], atol=1e-12)

    def spread(distance: np.ndarray) -> np.ndarray:
        return np.nanstd(np.where(member, distance, np.nan), axis=-1)

    expected = (1 - weight / (n_members - 1)) / (1 - 2 * weight / (n_members - 1))
    np.testing.assert_allclose(spread(apart[0][2]) / spread(apart[0][0]), expected, rtol=1e-6)
    assert (np.diff(expected[np.argsort(n_members)]) <= 0).all()
    unanimous = observed.bodies.place("BODY-0")
    assert on.world.talks.binding[2, unanimous] < on.world.talks.binding[0, unanimous] - 1e-4
    assert off.world.talks.binding[2, unanimous] == pytest.approx(off.world.talks.binding[0, unanimous])


@jax.jit
def _survivors(world: World, origin: Origin, params: Params, forcing: Forcing) -> jax.Array:
    def one(chance: jax.Array) -> jax.Array:
        member = world.institutions.member
        return membership.survives(chance, jnp.zeros(member.shape), world, member, origin.bodies, params, forcing)

    return jax.vmap(one)(jax.random.uniform(KEY, (4000, world.institutions.depth.shape[0]))).mean(0)


@pytest.mark.parametrize(("response", "sign"), [(0.0, 0), (1.0, 1), (-0.5, -1)])
def test_bodies_that_talked_longer_die_less_often(observed: Observed, response: float, sign: int) -> None:
    """Death rate times `((¼ + K_m) / (¼ + K_m0))^(-x_qd)`, the sign being free; neutral where talks take as long."""
    params = Params.central().override({"quick_deals": response})
    world, origin = begun(observed, params)
    slow = dataclasses.replace(world.talks, linked=world.talks.linked / 2)
    year = one_year(still(observed, noise=1.0, deaths=20.0), 0)

    def living(world: World, params: Params) -> np.ndarray:
        with jax.enable_x64(True):
            return np.asarray(_survivors(*jax.device_put((world, origin, params, year))))[observed.bodies.parent < 0]

    slower = dataclasses.replace(world, talks=slow)
    plain = Params.central()
    np.testing.assert_array_equal(living(world, params), living(world, plain))
    change = (living(slower, params) - living(slower, plain))[: int(observed.bodies.in_being.sum()) - 1]
    assert (np.sign(change) == sign).all()
    assert (abs(change) > 0.01).all() == (sign != 0)


def known(institutions: Institutions, origin: Origin, params: Params) -> np.ndarray:
    """The mean over each body's members of `2 N_i / (1 + N_i)`."""
    with jax.enable_x64(True):
        bound = np.asarray(density.commitments(institutions, params)) / origin.anchors.commitment
    member = np.asarray(institutions.member)
    return member @ (2 * bound / (1 + bound)) / np.maximum(member.sum(-1), 1)


def test_a_record_counts_as_far_as_members_are_bound(observed: Observed) -> None:
    """Change of `ρ̄_m` times `1 - x_ch + x_ch mean 2 N_i / (1 + N_i)`: a fall costs most where members are bound."""
    on, off = on_and_off(observed, "credit-history", pulsed(observed, tension_shock=3.0), credit_history=0.8)
    assert alike(until(on.world, 2), until(off.world, 2))
    lives, member = observed.bodies.in_being, observed.bodies.member
    fell = member @ (off.world.reputation[2] - off.world.reputation[0])
    institutions = jax.tree.map(lambda leaf: leaf[2], off.world.institutions)
    better = known(institutions, off.origin, Params.central())[lives]
    more = (on.world.talks.stake - off.world.talks.stake)[3, lives]
    assert (fell[lives] < -1e-3).all()
    assert better.min() < 0.99
    assert better.max() > 1.01
    assert (np.sign(more) == np.sign(1 - better)).all()


def test_bodies_whose_members_sit_in_more_of_the_area_deliver_less(observed: Observed) -> None:
    """`cr_m` times `exp(-x_ol [log2(1 + o_m) - log2(1 + o_m0)]_+)`: overlap costs, less overlap brings nothing."""
    bodies = observed.bodies
    first, other = bodies.place("BODY-0"), bodies.place("BODY-4")
    assert bodies.area[first] == bodies.area[other]
    wide = dataclasses.replace(bodies, eligible=np.ones_like(bodies.eligible))
    observed = dataclasses.replace(observed, bodies=wide)

    def delivered(way: int) -> np.ndarray:
        forcing = still(observed)
        forcing.membership[:, other] = way
        on, off = on_and_off(observed, "subsidiarity", forcing)
        assert alike(until(on.world, 1).delivery, until(off.world, 1).delivery)
        found = off.world.delivery.compliance[2]
        return np.where(found > 0, on.world.delivery.compliance[2] / np.where(found > 0, found, 1.0), 1.0)

    seats = observed.bodies.member[first] * 1.0
    before = (seats * bodies.member[other]).sum() / seats.sum()
    overload = float(Params.central(["subsidiarity"]).overload)
    fuller = delivered(1)
    assert fuller[first] == pytest.approx(np.exp(-overload * (1 - np.log2(1 + before))))
    assert fuller[first] < 0.97
    np.testing.assert_array_equal(fuller[[1, 2, 3]], 1)
    emptier = delivered(-1)
    assert emptier[first] == 1
