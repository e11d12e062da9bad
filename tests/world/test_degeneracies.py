"""One guard for each degeneracy of the design (theory, section 6) that a world could fall into again.

Guarded elsewhere: 9 (a quantile by halving is that by sorting) in `tests/negotiation/test_standing_rules.py`; 11 (the
General Assembly does not show who is whose rival) in `tests/measure/test_rivalry.py`, and here in that rivals count at
the table; 12 (speed and legitimacy reverse between rules) in `tests/negotiation/test_tradeoff.py`; 20 (cases selected
on their outcome) by the matched cases in `tests/negotiation/cases/test_shipped_cases.py`. 17 (a text's own selection of
examples) is no matter of the world and not guarded yet.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from make_bodies import nothing_in_being
from watched_worlds import KEY, N_YEARS, begun, certain, still, watched

from orrery.base.keys import draw_key, year_key
from orrery.world.forcing import Forcing, one_year
from orrery.world.indicators import country_indices, powers
from orrery.world.observed import Observed
from orrery.world.params import Params, catalogue
from orrery.world.phases import connectedness
from orrery.world.simulate import simulate, simulate_draws
from orrery.world.step import draw_chances, step
from orrery.world.world import Origin, Size, World

pytestmark = pytest.mark.long

Factory = Callable[..., Observed]


@jax.jit
def _one_year_on(number: jax.Array, world: World, origin: Origin, params: Params, forcing: Forcing) -> World:
    chances = draw_chances(year_key(KEY, number), Size(*world.institutions.member.shape[::-1]))
    return step(chances, world, origin, params, forcing)[0]


def carried_on(world: World, origin: Origin, params: Params, years: int, noise: float, observed: Observed) -> World:
    """A world, which need not be the observed one, after some years of still paths, with shocks or without."""
    with jax.enable_x64(True):
        world, origin, params = jax.device_put((world, origin, params))
        year = jax.device_put(one_year(still(observed, noise=noise), 0))
        for number in range(years):
            world = _one_year_on(jnp.asarray(number), world, origin, params, year)
    return jax.tree.map(np.asarray, world)


def anchored(origin: Origin, **anchors: np.ndarray) -> Origin:
    """The same origin with other anchors."""
    return dataclasses.replace(origin, anchors=dataclasses.replace(origin.anchors, **anchors))


def test_1_the_start_is_no_transient(observed_world: Factory) -> None:
    """1: without the inversion of the first year, the run to the model's own equilibrium would drown all else."""
    observed, params = certain(observed_world()), Params.central().override({"patron_pull": 0.03})
    world, origin = begun(observed, params)

    def after(origin: Origin) -> World:
        return carried_on(world, origin, params, 10, 0.0, observed)

    rest = after(origin)
    assert abs(rest.portfolio - world.portfolio).max() < 1e-9
    assert abs(rest.ideal_point - world.ideal_point).max() < 1e-9
    assert abs(rest.institutions.depth - world.institutions.depth).max() < 1e-9
    plain = after(anchored(origin, appeal=np.zeros((12, 3)), influence=np.zeros(12)))
    assert abs(plain.portfolio - world.portfolio).max() > 0.1
    assert abs(plain.ideal_point - world.ideal_point).max() > 0.02


def test_2_distrust_is_bounded(observed_world: Factory) -> None:
    """2: were stakes in proportion to trust, a world without any would have nothing to gain, and stay so."""
    observed = certain(observed_world())

    def distrusted(weight: float) -> tuple[np.ndarray, np.ndarray]:
        params = Params.central().override({"trust_weight": weight, "problem_elasticity": 0.0})
        world, origin = begun(observed, params)
        lost = dataclasses.replace(world, reputation=np.zeros(12))
        lives = observed.bodies.in_being
        at_once = carried_on(lost, origin, params, 1, 0.0, observed).talks.stake / world.talks.stake
        later = carried_on(lost, origin, params, 40, 0.0, observed).talks.stake / world.talks.stake
        return at_once[lives], later[lives]

    at_once, later = distrusted(0.5)
    assert at_once.min() > 0.5
    assert later.min() > 0.9
    unbounded, _ = distrusted(1.0)
    assert unbounded.max() < 0.01


def test_3_positions_do_not_collapse(observed_world: Factory) -> None:
    """3: without anchor and the pull of the first year subtracted, influence ends in a consensus nobody has seen."""
    plain = observed_world()
    observed = certain(plain, ideal_point=np.r_[-1.5, 1.5, 0.3, plain.ideal_point[3:]])
    strong = {"patron_pull": 0.05, "comember_pull": 0.05}
    params = Params.central().override(strong)
    world, origin = begun(observed, params)

    def of_the_first(params: Params, origin: Origin) -> tuple[float, float]:
        after = carried_on(world, origin, params, 50, 1.0, observed).ideal_point
        return after.std() / world.ideal_point.std(), abs(np.diff(after[:2]))[0] / 3

    spread, apart = of_the_first(params, origin)
    assert min(spread, apart) > 0.7
    loose = params.override({"anchor_strength": 0.0})
    spread, apart = of_the_first(loose, anchored(origin, influence=np.zeros(12)))
    assert max(spread, apart) < 0.5


def mirrored(observed_world: Factory) -> Observed:
    """Two country-poles far apart and else alike, everyone else in the middle between them."""
    observed = observed_world(12, 2)
    capability, development = observed.capability.copy(), observed.development.copy()
    capability[:2], development[:2] = capability[:2].mean(), development[:2].mean()
    return certain(
        observed,
        ideal_point=np.r_[-3.0, 3.0, np.zeros(10)],
        portfolio=np.tile([0.5, 0.25, 0.25], (12, 1)),
        capability=capability,
        development=development,
        distance_km=5000.0 * ~np.eye(12, dtype=bool),
    )


def swings(observed: Observed, haste: float, **values: float) -> float:
    """How far portfolios move in the tenth year, after both poles doubled their supply for good in the first."""
    extreme = {name: catalogue()[name].prior.quantile(0.999) for name in ("exclusivity", "diversification")}
    params = Params.central().override({"adjustment_speed": 0.3, "coercion_base": -1000.0, **extreme, **values})
    path = simulate(KEY, observed, params, still(observed, adjustment=haste, outward_propensity=2.0)).portfolio
    assert path.min() >= 0
    return float(abs(path[10] - path[9]).max())


def test_4_portfolios_do_not_swing_from_year_to_year(observed_world: Factory) -> None:
    """4: a softmax that adjusts fast under strong exclusivity swings for ever; speed and hostility are capped.

    At the highest speed and the extremes of the priors what is left of a swing after ten years is small.
    """
    observed = mirrored(observed_world)
    assert catalogue()["adjustment_speed"].prior.range()[1] == 0.3
    assert swings(observed, 1.0) < 0.01
    assert swings(observed, 3.0) > 0.1, "at three times the speed they swing on"
    assert swings(observed, 1.0, hostility_cap=100.0) > 0.1, "and so they do where hostility has no cap"


def test_4_portfolios_are_as_concentrated_as_observed(observed_world: Factory) -> None:
    """4: a softmax of temperature 1 alone is too diffuse; the intercepts reproduce the most one-sided portfolio."""
    portfolio = np.tile([0.01, 0.97, 0.01, 0.01], (12, 1))
    observed = certain(observed_world(), portfolio=portfolio)
    run = watched(observed, Params.central(), still(observed))
    assert run.world.portfolio[-1, 3:, 1].min() > 0.965


def test_5_what_held_in_the_first_year_is_absorbed_and_a_path_is_not(observed_world: Factory) -> None:
    """5: a lever set at the start vanishes in the inversion; scenarios move paths after it."""
    observed = certain(observed_world())
    richer = dataclasses.replace(observed, outward_propensity=np.array([0.3, 0.1, 0.1]))
    more = np.tile([3.0, 1.0, 1.0], (N_YEARS, 1))
    params = Params.central()
    absorbed = watched(richer, params, still(richer)).world.portfolio
    moved = watched(observed, params, still(observed, outward_propensity=more)).world.portfolio
    assert abs(absorbed - absorbed[0]).max() < 1e-9
    assert (moved[-1, 3:, 1] > moved[0, 3:, 1] + 1e-3).all()


def test_6_whether_problems_raise_stakes_is_left_open(observed_world: Factory) -> None:
    """6: with an elasticity fixed at 1 "problem pressure" explained everything; it is free, in sign too."""
    prior = catalogue()["problem_elasticity"].prior
    assert prior.quantile(0.2) < 0.1
    assert prior.quantile(0.05) < 0 < prior.quantile(0.5)
    observed = certain(observed_world())
    lives = observed.bodies.in_being & (observed.bodies.area == 0)

    def stakes(elasticity: float) -> np.ndarray:
        forcing = still(observed)
        forcing.problem_shock[0, 0] = 0.5
        params = Params.central().override({"problem_elasticity": elasticity, "trust_weight": 0.0})
        talks = watched(observed, params, forcing).world.talks
        return np.log(talks.stake[2, lives] / talks.stake[0, lives])

    assert abs(stakes(0.0)).max() < 1e-12
    for elasticity in (1.0, -0.5):
        np.testing.assert_allclose(stakes(elasticity), 0.5 * elasticity, rtol=0.02)


def test_7_depth_does_not_wear_off(observed_world: Factory) -> None:
    """7: an unconditional erosion of depth made regional bodies decay in every run; only agreements change depth."""
    observed = certain(observed_world())
    lives = observed.bodies.in_being
    still_depth = watched(observed, Params.central(), still(observed)).trajectory.body_depth
    np.testing.assert_allclose(still_depth[-1], observed.bodies.depth, atol=1e-9)
    # Talks that never end: whatever there would be to gain, what was agreed stays.
    plain = Params.central().override({"problem_elasticity": 0.0})
    silent, talking = (plain.override({"concession": rate}) for rate in (1e-7, 0.3))
    kept = watched(observed, silent, still(observed, stakes=1.5)).trajectory.body_depth
    changed = watched(observed, talking, still(observed, stakes=1.5)).trajectory.body_depth
    np.testing.assert_allclose(kept[-1], observed.bodies.depth, atol=1e-3)
    assert (abs(changed[-1] - kept[-1])[lives] > 0.01).all()


def test_8_levels_show_where_they_change_after_the_first_year(observed_world: Factory) -> None:
    """8: a world that begins with `C = 0.03` is at rest like any other; one that falls there is not."""
    observed = certain(observed_world())
    low = dataclasses.replace(observed, connectedness=0.03, connectedness_average=0.03)
    params = Params.central().override({"backlash": 0.0})
    at_rest = watched(low, params, still(low)).trajectory
    fall = still(observed)
    fall.connectedness_shock[0] = 0.03 - 0.6
    fallen = watched(observed, params, fall).trajectory
    for name in ("non_aligned_share", "tension", "mean_depth", "compliance"):
        assert abs(at_rest.indicators[name] - at_rest.indicators[name][0]).max() < 1e-6, name
    assert fallen.indicators["connectedness"][-1] == pytest.approx(0.03)
    assert fallen.indicators["non_aligned_share"][-1] > fallen.indicators["non_aligned_share"][0] + 0.05


def test_10_whoever_binds_is_as_uncertain_as_positions_are(observed_world: Factory) -> None:
    """10: unanimity hangs on one estimate; positions are drawn from their posterior in every draw."""
    observed = observed_world()
    body = observed.bodies.place("BODY-0")

    def first_years(observed: Observed) -> tuple[np.ndarray, set[int]]:
        worlds = [begun(observed, Params.central(), draw_key(KEY, draw))[0] for draw in range(60)]
        distance = np.array([np.where(observed.bodies.member[body], w.talks.distance[body], -1.0) for w in worlds])
        return np.array([world.ideal_point for world in worlds]), set(distance.argmax(-1).tolist())

    doubtful = dataclasses.replace(observed, ideal_point_sd=np.full(12, 0.4))
    positions, binding = first_years(doubtful)
    np.testing.assert_allclose(positions.std(0), 0.4, atol=0.15)
    assert len(binding) > 1
    positions, binding = first_years(certain(observed))
    assert not np.ptp(positions, axis=0).any()
    assert len(binding) == 1


def test_11_rivals_count_at_the_table_whatever_their_votes(observed_world: Factory) -> None:
    """11: countries may vote alike and be rivals; what a text is worth to them falls with rivals at the table."""
    observed = certain(observed_world())
    lives = observed.bodies.in_being
    apart = [begun(observed, Params.central().override({"rivalry_weight": w}))[0].talks.distance for w in (0.0, 1.0)]
    more = (apart[1] - apart[0])[lives]
    assert (more[:-1, :2] > 0).all(), "C00 and C01, members of every body but the organ, are rivals"
    assert not more[:, 2:].any()


def test_15_members_of_a_composite_pole_count_once(observed_world: Factory) -> None:
    """15: counted as a pole and as its members, a composite pole would weigh double wherever powers are counted."""
    observed = certain(observed_world(composite=True))
    world, origin = begun(observed, Params.central())
    shares = np.asarray(powers(*jax.tree.map(jnp.asarray, (world, origin.geography))))
    assert shares.sum() == pytest.approx(1, abs=1e-6)
    assert shares[2] == pytest.approx(observed.capability[-3:].sum(), abs=1e-6)
    assert not shares[-3:].any()
    assert not observed.is_country_pole[-3:].any(), "its members choose, and stand in no dyad for being powerful"


def test_18_spread_among_poles_is_not_depth_of_alignment(observed_world: Factory) -> None:
    """18: portfolios may spread over poles while countries leave them; both are reported, and can move oppositely."""
    observed = certain(observed_world())
    run = watched(observed, Params.central(), still(observed, outward_propensity=0.2))
    indices = country_indices(run.world.portfolio, run.trajectory.pole_ideal_point)
    spread, effective = ((indices[name][-1] - indices[name][0])[3:] for name in ("MV", "EMV"))
    assert ((spread > 0.03) & (effective < -0.03)).any()
    outside = np.array([[0.2, 0.4, 0.4, 0.0], [0.6, 0.2, 0.2, 0.0]])
    same = country_indices(outside, np.array([-1.0, 1.0, 0.0]))
    assert same["MV"][0] == pytest.approx(same["MV"][1])
    assert same["EMV"][1] == pytest.approx(same["EMV"][0] / 2)


@pytest.mark.parametrize("part", [1.0, 0.2])
def test_19_what_the_first_year_delivered_is_the_measure_of_later_ones(observed_world: Factory, part: float) -> None:
    """19: `Y_e0`, `J_0` and `D_0` are what was observed, however little, and no floor that depends on the run."""
    observed = certain(observed_world())
    shallow = dataclasses.replace(
        observed, bodies=dataclasses.replace(observed.bodies, depth=observed.bodies.depth * part)
    )
    run = watched(shallow, Params.central(), still(shallow))
    busy = watched(shallow, Params.central(), still(shallow, noise=1.0), draw_key(KEY, 7))
    np.testing.assert_allclose(run.trajectory.info["provision_ratio"], 1, atol=1e-6)
    assert run.trajectory.indicators["dispute_rate"][0] == pytest.approx(0.023)
    for name in ("provision", "shared", "dispute_weight", "pole_dispute_weight", "commitment"):
        np.testing.assert_array_equal(getattr(run.origin.anchors, name), getattr(busy.origin.anchors, name))
    assert run.origin.anchors.provision.min() > 1e-3
    assert run.origin.anchors.shared > 1e-3


def test_19_a_first_body_does_not_end_all_problems_at_once(observed_world: Factory) -> None:
    """19: with a floor for `Y_e0`, the first body of an area delivers hundreds of times as much, and `H` falls."""
    observed = certain(observed_world())
    empty = dataclasses.replace(observed, bodies=nothing_in_being(observed.bodies))
    run = watched(empty, Params.central(), still(empty, noise=1.0, births=20.0))
    assert (run.trajectory.indicators["bodies"][5:] > 0).any(), "births restart"
    assert (run.world.problems[1:] > run.world.problems[:-1] / 2).all()


def test_13_reversion_to_the_anchor_is_not_taken_for_influence(observed_world: Factory) -> None:
    """13: positions that nobody pulls seem to move towards patrons, until the anchor is controlled for."""
    observed = certain(observed_world(80))
    unpulled = Params.central().override({"patron_pull": 0.0, "comember_pull": 0.0, "coercion_pull": 0.0})
    found = simulate(KEY, observed, unpulled, still(observed, noise=1.0))
    position, shares = found.ideal_point, found.portfolio[..., 1:]
    towards = (shares * (found.pole_ideal_point[:, None] - position[..., None])).sum(-1)
    home = position[0] - position
    chooses = np.arange(80) >= 3
    moves, towards, home = (each[:, chooses].ravel() for each in (np.diff(position, axis=0), towards[:-1], home[:-1]))

    def first_slope(*regressors: np.ndarray) -> tuple[float, float]:
        table = np.stack([*regressors, np.ones_like(moves)], axis=-1)
        coefficients, *_ = np.linalg.lstsq(table, moves)
        left = moves - table @ coefficients
        variance = left @ left / (len(moves) - table.shape[1]) * np.linalg.inv(table.T @ table)[0, 0]
        return float(coefficients[0]), float(np.sqrt(variance))

    naive, naive_error = first_slope(towards)
    controlled, controlled_error = first_slope(towards, home)
    assert naive > 3 * naive_error, "the trap is there"
    assert abs(controlled) < 3 * controlled_error


def test_14_a_lever_is_judged_within_a_draw_and_not_between_draws(observed_world: Factory) -> None:
    """14: what differs between runs are their priors; paired, a lever without a way to an indicator does exactly 0."""
    observed = observed_world()
    usual = still(observed, noise=1.0, connectedness_trend=1.0)
    slow = dataclasses.replace(usual, adjustment=usual.adjustment / 2)
    # Nothing but tension could carry what portfolios do to connectedness.
    runs = [
        simulate_draws(KEY, observed, paths, range(6), fixed={"tension_drag": 0.0}, workers=1).trajectory
        for paths in (usual, slow)
    ]
    with_lever, without = (run.indicators["connectedness"] for run in runs)
    assert np.array_equal(with_lever, without)
    assert with_lever[:, -1].std() > 1e-3
    assert abs(runs[0].portfolio - runs[1].portfolio).max() > 1e-3


def test_16_the_prior_leaves_open_whether_connectedness_cycles(observed_world: Factory) -> None:
    """16: fifty years of one series cannot tell a cycle from a break; no backlash must be as likely as any."""
    prior = catalogue()["backlash"].prior
    steps = np.diff([prior.cdf(value) for value in np.linspace(0, 1, 11)])
    assert (np.diff(steps) < 0).all(), "the nearer to 0 the likelier"
    observed = observed_world()
    world, origin = begun(observed, Params.central())
    year = one_year(still(observed, connectedness_trend=1.0), 0)

    def next_year(state: jax.Array, params: Params) -> jax.Array:
        names = ("connectedness", "connectedness_growth", "connectedness_average")
        now = dataclasses.replace(world, **dict(zip(names, state, strict=True)))
        later, _ = connectedness.advance(jnp.zeros(()), now, origin, params, year)
        return jnp.stack([getattr(later, name) for name in names])

    with jax.enable_x64(True):
        slopes = jax.jit(jax.jacfwd(next_year))
        first = jnp.array([observed.connectedness, observed.connectedness_growth, observed.connectedness_average])
        roots = [np.linalg.eigvals(slopes(first, jax.device_put(Params.draw(draw_key(KEY, n))))) for n in range(200)]
    cycles = np.mean([np.abs(root.imag).max() > 1e-9 for root in roots])
    assert 0.02 < cycles < 0.98
