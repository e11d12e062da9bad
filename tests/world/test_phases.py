"""The mechanisms one by one: signature, limits and closed forms."""

from __future__ import annotations

import dataclasses
import inspect
import itertools
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from orrery.base.keys import root_key
from orrery.world import density
from orrery.world.forcing import Forcing, one_year, still_forcing
from orrery.world.indicators import INDICATORS, View
from orrery.world.initial import invert, is_positive_definite, share_unstable
from orrery.world.observed import Observed
from orrery.world.params import Params
from orrery.world.phases import alignment, capabilities, coercion, connectedness, ideal_points, supply, tension
from orrery.world.step import PHASES
from orrery.world.world import Origin, Size, World, pole_capability, pole_mean

Factory = Callable[..., Observed]
# Compiled, as in a simulation: one program for each phase, whatever the parameters.
_invert = jax.jit(invert)
advance_alignment = jax.jit(alignment.advance)
advance_capabilities = jax.jit(capabilities.advance)
advance_coercion = jax.jit(coercion.advance)
advance_connectedness = jax.jit(connectedness.advance)
advance_ideal_points = jax.jit(ideal_points.advance)
advance_supply = jax.jit(supply.advance)
advance_tension = jax.jit(tension.advance)
# Nothing comes of them where shocks are off.
SHOCK, SHOCKS = np.ones(()), np.ones(12)


@pytest.fixture(autouse=True)
def _double_precision():
    with jax.enable_x64(True):
        yield


def started(observed: Observed, **values: float) -> tuple[World, Origin, Params, Forcing]:
    start, params = jax.device_put((observed.start(), Params.central().override(values)))
    world, origin = _invert(root_key(1), start, params)
    return world, origin, params, one_year(still_forcing(observed, 1), 0)


@pytest.mark.parametrize("phase", PHASES, ids=lambda phase: phase.name)
def test_every_phase_has_the_same_signature_and_keeps_the_world_in_shape(phase, observed_world: Factory) -> None:
    assert list(inspect.signature(phase.advance).parameters) == ["chance", "world", "origin", "params", "forcing"]
    world, origin, params, forcing = started(observed_world())
    chance = None if phase.draw is None else phase.draw(root_key(0), Size(*world.institutions.member.shape[::-1]))
    after, info = jax.jit(phase.advance)(chance, world, origin, params, forcing)
    assert jax.tree.map(jnp.shape, after) == jax.tree.map(jnp.shape, world)
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves((after, info)))


def test_names_of_phases_differ() -> None:
    assert len({phase.name for phase in PHASES}) == len(PHASES)


def two_rivals(observed_world: Factory, share: float, **values: float) -> tuple[World, Origin, Params, Forcing]:
    """Two country-poles at -2 and 2 (hostility capped at 6), everyone else in the middle with equal shares."""
    observed = observed_world(6, 2)
    position = np.zeros(6)
    position[:2] = -2.0, 2.0
    observed = dataclasses.replace(
        observed,
        ideal_point=position,
        ideal_point_sd=np.zeros(6),
        portfolio=np.tile([1 - 2 * share, share, share], (6, 1)),
    )
    return started(observed, **values)


@pytest.mark.parametrize("share", [0.2, 0.35, 0.499])
@pytest.mark.parametrize("diversification", [0.3, 1.0])
@pytest.mark.parametrize(("factor", "camps"), [(0.97, False), (1.03, True)])
def test_camps_form_beyond_the_pitchfork(
    observed_world: Factory, share: float, diversification: float, factor: float, camps: bool
) -> None:
    hostility = 6.0
    threshold = (diversification + 1 / share) / hostility
    world, origin, params, forcing = two_rivals(
        observed_world, share, diversification=diversification, exclusivity=factor * threshold, portfolio_floor=1e-9
    )
    assert float(share_unstable(world, origin.geography, params)) == float(camps)
    nudge = 1e-6 * np.array([[0.0, 1.0, -1.0]]) * np.arange(6)[:, None].clip(0, 1)
    nudged = dataclasses.replace(world, portfolio=world.portfolio.at[2:].add(nudge[2:]))
    after = nudged
    for _ in range(40):
        after, _ = advance_alignment(None, after, origin, params, forcing)
    lean = after.portfolio[2:, 1] - after.portfolio[2:, 2]
    before = nudged.portfolio[2:, 1] - nudged.portfolio[2:, 2]
    assert bool((lean > before).all()) == camps
    # Closed form of the first year's growth: 1 + α (ã (ε h - λ) - 1).
    growth = 1 + params.adjustment_speed * (share * (params.exclusivity * hostility - diversification) - 1)
    np.testing.assert_allclose(lean / before, growth**40, rtol=1e-3)


def test_non_alignment_is_what_exclusivity_leaves(observed_world: Factory) -> None:
    world, origin, params, forcing = two_rivals(observed_world, 0.2, exclusivity=0.1)
    demanding = dataclasses.replace(forcing, exclusivity=jnp.full(2, 3.0))
    after, _ = advance_alignment(None, world, origin, params, demanding)
    assert (after.portfolio[2:, 0] > world.portfolio[2:, 0]).all()


def test_one_pole_has_no_enemy(observed_world: Factory) -> None:
    world, origin, params, forcing = started(observed_world(8, 1), exclusivity=5.0)
    assert not alignment.hostility(world, origin.geography, params).any()
    demanding = dataclasses.replace(forcing, exclusivity=jnp.full(1, 100.0))
    after, _ = advance_alignment(None, world, origin, params, demanding)
    np.testing.assert_allclose(after.portfolio, world.portfolio, atol=1e-14)
    assert (after.portfolio[1:, 1] < 1).all()


def test_without_exclusivity_hostility_moves_no_portfolio(observed_world: Factory) -> None:
    world, origin, params, forcing = started(observed_world(), exclusivity=0.0)
    tense = dataclasses.replace(world, tension=jnp.asarray(4.0))
    assert (
        alignment.hostility(tense, origin.geography, params) > alignment.hostility(world, origin.geography, params)
    ).any()
    after, _ = advance_alignment(None, tense, origin, params, forcing)
    np.testing.assert_allclose(after.portfolio, world.portfolio, atol=1e-14)


def test_alignment_converges_to_first_order_in_its_speed(observed_world: Factory) -> None:
    world, origin, params, forcing = started(observed_world())
    pushed = dataclasses.replace(world, supply=world.supply * jnp.array([3.0, 1.0, 0.5]))

    def after_two_years(steps_per_year: int) -> jax.Array:
        slower = params.override({"adjustment_speed": float(params.adjustment_speed) / steps_per_year})
        now = pushed
        for _ in range(2 * steps_per_year):
            now, _ = advance_alignment(None, now, origin, slower, forcing)
        return now.portfolio

    exact = after_two_years(64)
    errors = [float(jnp.abs(after_two_years(n) - exact).max()) for n in (1, 2, 4, 8)]
    assert all(1.8 < one / other < 2.6 for one, other in itertools.pairwise(errors))


def test_exclusivity_of_one_pole_drives_away_those_who_lean_to_its_rival(observed_world: Factory) -> None:
    world, origin, params, forcing = two_rivals(observed_world, 0.35, exclusivity=0.1)
    one_sided = dataclasses.replace(forcing, exclusivity=jnp.array([4.0, 1.0]))
    after, _ = advance_alignment(None, world, origin, params, one_sided)
    change = after.portfolio[2:] - world.portfolio[2:]
    assert (change[:, 1] < 0).all()
    assert (change[:, 2] > 0).all()


def test_a_country_that_delays_moves_in_proportion(observed_world: Factory) -> None:
    world, origin, params, forcing = started(observed_world())
    pushed = dataclasses.replace(world, supply=world.supply * jnp.array([3.0, 1.0, 0.5]))
    late = dataclasses.replace(forcing, adjustment=jnp.ones(12).at[5].set(0.25).at[6].set(0.0))
    usual, _ = advance_alignment(None, pushed, origin, params, forcing)
    delayed, _ = advance_alignment(None, pushed, origin, params, late)
    moved, slowly = usual.portfolio - world.portfolio, delayed.portfolio - world.portfolio
    np.testing.assert_allclose(slowly[5], moved[5] / 4, atol=1e-15)
    assert not slowly[6].any()
    np.testing.assert_array_equal(slowly[7:], moved[7:])


def test_countries_that_are_poles_stay_with_themselves(observed_world: Factory) -> None:
    world, origin, params, forcing = started(observed_world(12, 3, composite=True))
    pushed = dataclasses.replace(world, supply=world.supply * 5)
    after, _ = advance_alignment(None, pushed, origin, params, forcing)
    assert after.portfolio[0].tolist() == [0, 1, 0, 0]
    assert after.portfolio[1].tolist() == [0, 0, 1, 0]
    assert not np.allclose(after.portfolio[-1], world.portfolio[-1])


def test_capability_is_shares_and_growth_is_relative(observed_world: Factory) -> None:
    world, origin, params, forcing = started(observed_world())
    growing = dataclasses.replace(forcing, capability_growth=jnp.zeros(12).at[4].set(0.1))
    after, _ = advance_capabilities(SHOCKS, world, origin, params, growing)
    assert float(after.capability.sum()) == pytest.approx(1)
    ratio = after.capability / world.capability
    assert float(ratio[4] / ratio[5]) == pytest.approx(np.exp(0.1))


def test_connectedness_settles_at_its_ceiling_without_backlash(observed_world: Factory) -> None:
    world, origin, params, forcing = started(observed_world(), backlash=0.0, connectedness_growth=0.3)
    moving = dataclasses.replace(forcing, connectedness_trend=jnp.ones(()))
    for _ in range(200):
        world, _ = advance_connectedness(SHOCK, world, origin, params, moving)
    assert float(world.connectedness) == pytest.approx(float(params.connectedness_ceiling), abs=1e-6)


def test_connectedness_cycles_only_with_backlash(observed_world: Factory) -> None:
    """The linearised block has complex roots with a strong backlash and none without (theory 3g)."""

    def turning_points(backlash: float) -> int:
        world, origin, params, forcing = started(
            observed_world(), backlash=backlash, connectedness_growth=0.05, connectedness_persistence=0.8
        )
        moving, path = dataclasses.replace(forcing, connectedness_trend=jnp.ones(())), []
        for _ in range(60):
            world, _ = advance_connectedness(SHOCK, world, origin, params, moving)
            path.append(float(world.connectedness_growth))
        return int((np.diff(np.sign(path)) != 0).sum())

    assert turning_points(0.0) == 0
    assert turning_points(1.5) >= 2


def test_supply_spends_each_budget_on_those_who_choose(observed_world: Factory) -> None:
    world, origin, params, forcing = started(observed_world(12, 3, composite=True))
    after, info = advance_supply(None, world, origin, params, forcing)
    np.testing.assert_allclose(after.supply.sum(0), info["budget"])
    np.testing.assert_allclose(info["budget"], 0.1 * pole_capability(world, origin.geography))
    assert not after.supply[:2].any()
    assert (after.supply[2:] > 0).all()


@pytest.mark.parametrize("connectedness_now", [1e-4, 0.01, 0.3, 1.0])
def test_supply_stays_a_distribution_however_little_connects(observed_world: Factory, connectedness_now: float) -> None:
    world, origin, params, forcing = started(observed_world())
    world = dataclasses.replace(world, connectedness=jnp.asarray(connectedness_now))
    after, _ = advance_supply(None, world, origin, params, forcing)
    np.testing.assert_allclose(
        after.supply.sum(0), 0.1 * pole_capability(world, origin.geography) * connectedness_now / 0.6
    )
    shares = supply.patron_share(after.supply, origin.anchors.negligible_supply)
    assert ((shares >= 0) & (shares <= 1)).all()


def test_supply_closes_in_on_the_near_as_connectedness_falls(observed_world: Factory) -> None:
    world, origin, params, _ = started(observed_world())
    far = origin.geography.distance_km
    open_world = supply.allocation(world, origin.geography, origin.bodies, params, jnp.ones(()))
    closed_world = supply.allocation(world, origin.geography, origin.bodies, params, jnp.asarray(0.3))
    assert ((closed_world * far).sum(0) < (open_world * far).sum(0)).all()


def test_nobody_supplies_nobody_is_patron(observed_world: Factory) -> None:
    world, origin, params, forcing = started(observed_world())
    idle = dataclasses.replace(forcing, outward_propensity=jnp.zeros(3))
    after, _ = advance_supply(None, world, origin, params, idle)
    pressed, info = advance_coercion(None, after, origin, params, idle)
    assert not supply.patron_share(after.supply, origin.anchors.negligible_supply).any()
    assert not info["under_delivery"].any()
    assert np.isfinite(pressed.coercion).all()


def test_levers_on_supply_reach_the_country_they_name(observed_world: Factory) -> None:
    world, origin, params, forcing = started(observed_world())
    plain, _ = advance_supply(None, world, origin, params, forcing)
    levers = dataclasses.replace(
        forcing, access=forcing.access.at[5, 0].set(0.0), grants=forcing.grants.at[6, 1].set(0.01).at[0, 1].set(0.01)
    )
    after, _ = advance_supply(None, world, origin, params, levers)
    expected = np.array(plain.supply)
    expected[5, 0] = 0.0
    expected[6, 1] += 0.01 * float(pole_capability(world, origin.geography)[1])
    np.testing.assert_allclose(after.supply, expected, rtol=1e-12)


def test_levers_on_coercion_add_pressure_and_keep_it_away(observed_world: Factory) -> None:
    world, origin, params, forcing = started(observed_world())
    plain, _ = advance_coercion(None, world, origin, params, forcing)
    levers = dataclasses.replace(
        forcing, pressure=forcing.pressure.at[5, 0].set(0.3), guarantee=forcing.guarantee.at[6, 1].set(0.75)
    )
    after, _ = advance_coercion(None, world, origin, params, levers)
    expected = np.array(plain.coercion)
    expected[5, 0] += 0.3
    expected[6] *= 0.25, 1.0, 0.25
    np.testing.assert_allclose(after.coercion, expected, rtol=1e-12)


def test_coercion_grows_with_what_is_not_delivered_and_falls_with_distance(observed_world: Factory) -> None:
    world, origin, params, _ = started(observed_world())
    geography, shared = origin.geography, density.unit(origin)
    low = coercion.coercion(world, geography, params, jnp.zeros((12, 3)), shared)
    high = coercion.coercion(world, geography, params, jnp.full((12, 3), 0.5), shared)
    assert (high[3:] > low[3:]).all()
    assert not high[:3].any()
    near = dataclasses.replace(geography, distance_km=geography.distance_km / 2)
    assert (coercion.coercion(world, near, params, jnp.zeros((12, 3)), shared) >= low).all()


@pytest.mark.parametrize("moderation", [-0.5, 0.0, 0.5])
def test_the_effect_of_shared_bodies_on_coercion_has_a_free_sign(observed_world: Factory, moderation: float) -> None:
    world, origin, params, _ = started(observed_world(), density_moderation=moderation)
    deeper = dataclasses.replace(world.institutions, depth=jnp.minimum(world.institutions.depth * 1.4, 1.0))
    denser, undelivered = dataclasses.replace(world, institutions=deeper), jnp.zeros((12, 3))

    def pressure(world: World) -> jax.Array:
        return coercion.coercion(world, origin.geography, params, undelivered, density.unit(origin))

    change = pressure(denser) - pressure(world)
    assert (np.sign(change[3:]) == -np.sign(moderation)).all()


def test_the_composite_pole_is_the_weighted_mean_of_its_members(observed_world: Factory) -> None:
    observed = observed_world(12, 3, composite=True)
    world, origin, params, _ = started(observed)
    weights = observed.capability[-3:] / observed.capability[-3:].sum()
    geography = origin.geography
    assert float(pole_capability(world, geography)[2]) == pytest.approx(observed.capability[-3:].sum())
    assert float(pole_mean(world.ideal_point, world, geography)[2]) == pytest.approx(
        float(weights @ np.asarray(world.ideal_point)[-3:])
    )
    shared = density_by_pairs(world, params, origin)
    found = density.with_poles(world, geography, params, density.unit(origin))
    assert float(found[5, 2]) == pytest.approx(float(weights @ shared[5, -3:]))
    others = observed.capability[[-3, -2]] @ shared[-1, [-3, -2]] / observed.capability[[-3, -2]].sum()
    assert float(found[-1, 2]) == pytest.approx(float(others))
    assert float(found[0, 0]) == 0


def density_by_pairs(world: World, params: Params, origin: Origin) -> np.ndarray:
    """The density of every pair of countries, one by one from its definition."""
    institutions = world.institutions
    informal = float(params.informal_authority)
    formality, depth, member = (np.asarray(getattr(institutions, f)) for f in ("formality", "depth", "member"))
    held = np.asarray(institutions.in_being) * depth * (informal + (1 - informal) * formality)
    pairs = np.zeros((member.shape[1],) * 2)
    for body, authority in enumerate(held):
        pairs += authority * np.outer(member[body], member[body])
    return pairs / float(density.unit(origin))


def test_density_without_its_matrix_is_that_with_it(observed_world: Factory) -> None:
    world, origin, params, _ = started(observed_world(composite=True))
    shared, unit = density_by_pairs(world, params, origin), density.unit(origin)
    apart = ~np.eye(12, dtype=bool)
    assert shared[apart].mean() == pytest.approx(1)
    one, other = pairs = origin.geography.dyad_countries
    np.testing.assert_allclose(density.of_pairs(world.institutions, params, pairs, unit), shared[one, other])
    members = np.asarray(origin.geography.pole_members * world.capability)
    members = members / members.sum(-1, keepdims=True)
    between = density.between_poles(world, origin.geography, params, unit)
    np.testing.assert_allclose(between, members @ shared @ members.T)
    sums, ties = density.fellow_members(world.institutions, params, world.ideal_point)
    np.testing.assert_allclose(ties / unit, (shared * apart).sum(-1))
    np.testing.assert_allclose(sums / unit, (shared * apart) @ np.asarray(world.ideal_point), atol=1e-12)
    mean_log = density.mean_log(world.institutions, params, unit)
    assert float(mean_log) == pytest.approx(np.log1p(shared[apart]).mean(), rel=1e-5)


def test_positions_of_one_mind_stay(observed_world: Factory) -> None:
    observed = dataclasses.replace(observed_world(), ideal_point=np.full(12, 0.7), ideal_point_sd=np.zeros(12))
    world, origin, params, forcing = started(observed)
    assert not np.asarray(ideal_points.influence(world, origin.geography, params)).round(14).any()
    after, _ = advance_ideal_points(SHOCKS, world, origin, params, forcing)
    np.testing.assert_allclose(after.ideal_point, 0.7)


def test_the_anchor_brings_positions_back(observed_world: Factory) -> None:
    world, origin, params, forcing = started(observed_world(), patron_pull=0.0, comember_pull=0.0, coercion_pull=0.0)
    moved = dataclasses.replace(world, ideal_point=world.ideal_point + 1)
    for _ in range(10):
        moved, _ = advance_ideal_points(SHOCKS, moved, origin, params, forcing)
    np.testing.assert_allclose(
        moved.ideal_point - world.ideal_point, (1 - float(params.anchor_strength)) ** 10, rtol=1e-9
    )


def test_shocks_to_positions_are_student_t_with_four_degrees() -> None:
    draws = np.asarray(ideal_points.student_t4(root_key(4), (100_000,)))
    assert stats.kstest(draws, stats.t(4).cdf).pvalue > 0.01
    assert stats.kstest(draws, stats.norm(scale=np.sqrt(2)).cdf).pvalue < 1e-6


def test_disputes_follow_the_closed_form(observed_world: Factory) -> None:
    world, origin, params, forcing = started(observed_world())
    weight = tension.dispute_weight(jnp.asarray(2.0), jnp.asarray(0.1), jnp.asarray(3.0), jnp.asarray(True), params)
    assert float(weight) == pytest.approx(np.exp(2 * 0.31 + 2.2) * 0.1**0.45 / 4**0.4)
    assert float(INDICATORS["dispute_rate"].value(View(world, origin, params))) == pytest.approx(0.023)
    _, info = advance_tension(SHOCK, world, origin, params, forcing)
    assert float(info["dyad_disputes"]) == pytest.approx(1)


@pytest.mark.parametrize(("multiplier", "bound"), [(1000.0, "tension_cap"), (0.0, "tension_floor")])
def test_tension_stays_within_its_bounds(observed_world: Factory, multiplier: float, bound: str) -> None:
    world, origin, params, forcing = started(observed_world())
    pushed = dataclasses.replace(forcing, tension=jnp.asarray(multiplier))
    for _ in range(20):
        world, _ = advance_tension(SHOCK, world, origin, params, pushed)
    assert float(world.tension) == pytest.approx(float(getattr(params, bound)))


@pytest.mark.parametrize("seed", range(5))
def test_positive_definiteness_agrees_with_eigenvalues(seed: int) -> None:
    matrices = np.random.default_rng(seed).normal(size=(200, 4, 4))
    matrices = matrices + matrices.transpose(0, 2, 1) + np.random.default_rng(seed).uniform(0, 8) * np.eye(4)
    assert np.array_equal(is_positive_definite(jnp.asarray(matrices)), np.linalg.eigvalsh(matrices)[:, 0] > 0)
