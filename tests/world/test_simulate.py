"""Whole simulations: fixed point, limits, reproducibility."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from make_bodies import nothing_in_being, permuted

from orrery.base.errors import ScenarioError, SimulationError
from orrery.base.keys import draw_key, named_key, root_key
from orrery.world.forcing import Forcing, no_change_forcing, still_forcing
from orrery.world.indicators import INDICATORS, View, country_indices, indicators
from orrery.world.initial import invert
from orrery.world.observed import Observed
from orrery.world.params import Params
from orrery.world.simulate import (
    DrawStatus,
    Ensemble,
    Trajectory,
    draw_status,
    enable_compilation_cache,
    simulate,
    simulate_draw,
    simulate_draws,
)

pytestmark = pytest.mark.long

Factory = Callable[..., Observed]
KEY = root_key(2026)


def certain(observed: Observed) -> Observed:
    """The same world with its ideal points known exactly."""
    return dataclasses.replace(observed, ideal_point_sd=np.zeros(len(observed.countries)))


def moves(trajectory: Trajectory) -> float:
    """The largest departure of any stock or indicator from its value in the first year."""
    stocks = (trajectory.portfolio, trajectory.ideal_point, trajectory.capability, *trajectory.indicators.values())
    return max(float(abs(stock - stock[:1]).max()) for stock in stocks)


@pytest.mark.parametrize("values", [{}, {"exclusivity": 5.0, "diversification": 0.2, "adjustment_speed": 0.3}])
@pytest.mark.parametrize(("composite", "n_years"), [(False, 25), (True, 100)])
def test_the_observed_world_is_a_fixed_point(
    observed_world: Factory, values: dict, composite: bool, n_years: int
) -> None:
    observed = observed_world(composite=composite)
    trajectory = simulate(KEY, observed, Params.central().override(values), still_forcing(observed, n_years))
    assert moves(trajectory) < 1e-5


@given(st.integers(0, 2**31))
@settings(max_examples=25, deadline=None)
def test_the_observed_world_is_a_fixed_point_of_every_prior_draw(observed_world: Factory, seed: int) -> None:
    observed = observed_world()
    trajectory = simulate(root_key(seed), observed, Params.draw(root_key(seed)), still_forcing(observed, 25))
    assert moves(trajectory) < 1e-5


def test_zero_shares_are_floored_and_the_floored_world_is_the_fixed_point(observed_world: Factory) -> None:
    observed = observed_world()
    portfolio = observed.portfolio.copy()
    portfolio[5], portfolio[6] = [0, 1, 0, 0], [1, 0, 0, 0]
    observed = dataclasses.replace(observed, portfolio=portfolio)
    trajectory = simulate(KEY, observed, Params.central(), still_forcing(observed, 25))
    np.testing.assert_allclose(trajectory.portfolio[0, 5], [2.5e-4, 1 - 7.5e-4, 2.5e-4, 2.5e-4])
    assert moves(trajectory) < 1e-5


@given(st.integers(0, 2**31))
@settings(max_examples=25, deadline=None)
def test_every_prior_draw_stays_finite_and_on_the_simplex(observed_world: Factory, seed: int) -> None:
    observed = observed_world(composite=True)
    params = Params.draw(root_key(seed))
    trajectory = simulate(root_key(seed), observed, params, no_change_forcing(observed, 100, params))
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(trajectory))
    np.testing.assert_allclose(trajectory.portfolio.sum(-1), 1, atol=1e-12)
    np.testing.assert_allclose(trajectory.capability.sum(-1), 1, atol=1e-12)
    assert trajectory.portfolio.min() >= 0
    indicators = trajectory.indicators
    for name, indicator in INDICATORS.items():
        if "0 to 1" in indicator.unit or indicator.unit == "share":
            assert indicators[name].min() >= 0, name
            assert indicators[name].max() <= 1 + 1e-12, name
    assert (indicators["mean_effective_vectors"] >= 1).all()
    assert ((indicators["effective_poles"] >= 1) & (indicators["effective_poles"] <= 3 + 1e-9)).all()
    assert ((indicators["tension"] >= 0.2) & (indicators["tension"] <= 4)).all()


def same_bits(one: object, other: object) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True))


def part(ensemble: Ensemble, draws: slice) -> Trajectory:
    return jax.tree.map(lambda leaf: leaf[draws], ensemble.trajectory)


def test_numbers_do_not_depend_on_batch_workers_or_size(observed_world: Factory) -> None:
    observed = observed_world()
    forcing = no_change_forcing(observed, 25, Params.central())
    whole = simulate_draws(KEY, observed, forcing, range(200), fixed={}, workers=2)
    batch = simulate_draws(KEY, observed, forcing, range(50), fixed={}, workers=3)
    assert same_bits(part(whole, slice(50)), batch.trajectory)
    for draw in (0, 7, 199):
        alone = simulate_draws(KEY, observed, forcing, range(draw, draw + 1), fixed={}, workers=1)
        assert same_bits(part(whole, slice(draw, draw + 1)), alone.trajectory)
        assert alone.params["exclusivity"][0] == whole.params["exclusivity"][draw]
    assert whole.status == (DrawStatus.OK,) * 200
    assert whole.years.tolist() == list(range(2020, 2046))


@pytest.mark.slow
def test_numbers_do_not_depend_on_batch_in_a_full_world(observed_world: Factory) -> None:
    observed = observed_world(193, 5, composite=True)
    forcing = no_change_forcing(observed, 3, Params.central())
    whole = simulate_draws(KEY, observed, forcing, range(50), fixed={}, workers=2)
    alone = simulate_draws(KEY, observed, forcing, range(49, 50), fixed={}, workers=1)
    assert same_bits(part(whole, slice(49, 50)), alone.trajectory)


def test_a_draw_of_an_ensemble_is_the_single_simulation(observed_world: Factory) -> None:
    observed = observed_world()
    forcing = no_change_forcing(observed, 25, Params.central())
    ensemble = simulate_draws(KEY, observed, forcing, range(3, 4), fixed={"exclusivity": 1.0}, workers=1)
    key = draw_key(KEY, 3)
    params = Params.draw(named_key(key, "params")).override({"exclusivity": 1.0})
    single = simulate(key, observed, params, forcing)
    assert same_bits(part(ensemble, slice(0, 1)), jax.tree.map(lambda leaf: np.float32(leaf)[None], single))
    assert {name: values[0] for name, values in ensemble.params.items()} == params.as_dict()


def test_unstable_worlds_are_drawn_again_until_the_share_is_kept(observed_world: Factory) -> None:
    observed = observed_world()
    position = observed.ideal_point.copy()
    position[:3] = -2.0, 2.0, 0.0
    observed = dataclasses.replace(observed, ideal_point=position)
    forcing = no_change_forcing(observed, 25, Params.central())
    free = simulate_draws(KEY, observed, forcing, range(40), fixed={}, workers=2)
    kept = simulate_draws(KEY, observed, forcing, range(40), fixed={}, workers=2, most_unstable=0.1)
    before, after = free.trajectory.share_unstable, kept.trajectory.share_unstable
    assert before.max() > 0.1, "without a limit the priors reach unstable worlds, or this test shows nothing"
    assert after.max() <= 0.1
    unchanged = before <= 0.1
    np.testing.assert_array_equal(before[unchanged], after[unchanged])


def test_a_draw_without_stable_parameters_is_reported_and_not_raised(observed_world: Factory) -> None:
    observed = observed_world()
    forcing = no_change_forcing(observed, 25, Params.central())
    fixed = {"exclusivity": 50.0, "diversification": 0.001}
    ensemble = simulate_draws(KEY, observed, forcing, range(1), fixed=fixed, workers=1, most_unstable=0.0)
    assert ensemble.status == (DrawStatus.NO_STABLE_PARAMETERS,)


def test_one_program_serves_every_draw_and_parameter(observed_world: Factory) -> None:
    observed = observed_world()
    simulate(KEY, observed, Params.central(), still_forcing(observed, 25))
    simulate_draws(KEY, observed, still_forcing(observed, 25), range(1), fixed={}, workers=1)
    before = simulate_draw._cache_size()
    for exclusivity in (0.1, 0.5, 2.0):
        params = Params.central().override({"exclusivity": exclusivity})
        simulate(draw_key(KEY, 1), observed, params, no_change_forcing(observed, 25, params))
    simulate_draws(KEY, observed, still_forcing(observed, 25), range(2), fixed={}, workers=2)
    assert simulate_draw._cache_size() == before


def test_permuting_countries_permutes_results(observed_world: Factory) -> None:
    observed = certain(observed_world())
    order = np.random.default_rng(0).permutation(len(observed.countries))
    assert observed.region is not None
    shuffled = dataclasses.replace(
        observed,
        countries=tuple(observed.countries[index] for index in order),
        region=tuple(observed.region[index] for index in order),
        pole_members=observed.pole_members[:, order],
        bodies=permuted(observed.bodies, order),
        rivalry=observed.rivalry[np.ix_(order, order)],
        distance_km=observed.distance_km[np.ix_(order, order)],
        contiguous=observed.contiguous[np.ix_(order, order)],
        **{
            field: getattr(observed, field)[order]
            for field in (
                *("capability", "capability_growth", "ideal_point", "development", "portfolio"),
                *("openness", "population"),
            )
        },
    )
    params = Params.central()

    def quiet(observed: Observed) -> Trajectory:
        forcing = dataclasses.replace(no_change_forcing(observed, 25, params), noise=np.zeros(25))
        return simulate(KEY, observed, params, forcing)

    plain, moved = quiet(observed), quiet(shuffled)
    np.testing.assert_allclose(moved.portfolio, plain.portfolio[:, order], atol=1e-10)
    np.testing.assert_allclose(moved.ideal_point, plain.ideal_point[:, order], atol=1e-10)
    for name in ("body_depth", "body_members", "body_legitimacy", "body_compliance", "problems"):
        np.testing.assert_allclose(getattr(moved, name), getattr(plain, name), atol=1e-10, err_msg=name)
    for name, path in plain.indicators.items():
        np.testing.assert_allclose(moved.indicators[name], path, atol=1e-10, err_msg=name)


def test_one_pole_leaves_nothing_to_spread(observed_world: Factory) -> None:
    observed = observed_world(8, 1)
    params = Params.central().override({"exclusivity": 5.0})
    trajectory = simulate(KEY, observed, params, no_change_forcing(observed, 25, params))
    assert not trajectory.indicators["mean_diversity"].any()
    assert not trajectory.indicators["mean_rival_diversity"].any()
    assert not trajectory.info["hostility"].any()
    assert (trajectory.portfolio[:, 1:, 1] < 1).all()
    assert draw_status(trajectory) == DrawStatus.OK


def test_no_shared_bodies_is_finite(observed_world: Factory) -> None:
    observed = observed_world()
    observed = dataclasses.replace(observed, bodies=nothing_in_being(observed.bodies))
    params = Params.central()
    unborn = dataclasses.replace(no_change_forcing(observed, 25, params), births=np.zeros(25))
    trajectory = simulate(KEY, observed, params, unborn)
    assert draw_status(trajectory) == DrawStatus.OK
    assert not trajectory.indicators["institutional_density"].any()
    # Nobody provides, so problems grow even where their trend is off; nothing else moves.
    still = simulate(KEY, observed, params, still_forcing(observed, 25))
    assert (np.diff(still.problems, axis=0)[:5] > 0).all()
    for path in (still.portfolio, still.ideal_point, still.capability, still.indicators["tension"]):
        assert abs(path - path[:1]).max() < 1e-5


def scenario(observed: Observed, n_years: int = 25, **paths: float) -> Forcing:
    """Paths without noise or trends, some of them at a value from the sixth year on."""
    forcing, late = still_forcing(observed, n_years), np.arange(n_years) >= 5
    return dataclasses.replace(
        forcing, **{name: np.where(late, value, getattr(forcing, name)) for name, value in paths.items()}
    )


def test_connectedness_may_collapse_after_the_first_year(observed_world: Factory) -> None:
    observed = certain(observed_world())
    trajectory = simulate(KEY, observed, Params.central(), scenario(observed, connectedness_shock=-0.2))
    assert draw_status(trajectory) == DrawStatus.OK
    assert trajectory.indicators["connectedness"][-1] == pytest.approx(0.01)
    assert trajectory.info["budget"][-1].sum() < 0.02 * trajectory.info["budget"][0].sum()
    assert trajectory.indicators["non_aligned_share"][-1] > trajectory.indicators["non_aligned_share"][0]


def test_tension_reaches_its_cap_and_stays(observed_world: Factory) -> None:
    observed = certain(observed_world())
    trajectory = simulate(KEY, observed, Params.central(), scenario(observed, tension=10.0))
    assert draw_status(trajectory) == DrawStatus.OK
    assert trajectory.indicators["tension"].max() == pytest.approx(4.0)
    assert trajectory.info["hostility"].max() <= 6
    assert trajectory.indicators["mean_coercion"][-1] > trajectory.indicators["mean_coercion"][0]


def test_without_couplings_the_modules_stand_still(observed_world: Factory) -> None:
    """Trends of capability and connectedness off, couplings zero: noise moves indicators around where they began."""
    observed = certain(observed_world())
    zero = ("density_moderation", "dispute_density", "patron_pull", "comember_pull", "coercion_pull", "tension_drag")
    fixed = {**Params.central().as_dict(), **dict.fromkeys(zero, 1e-30)}
    forcing = dataclasses.replace(still_forcing(observed, 25), noise=np.full(25, 0.2))
    ensemble = simulate_draws(KEY, observed, forcing, range(100), fixed=fixed, workers=2)
    for name in ("tension", "mean_diversity", "non_aligned_share", "ideal_point_dispersion"):
        path = ensemble.trajectory.indicators[name]
        assert abs(path[:, 10:].mean() / path[:, 0].mean() - 1) < 0.05, name


def test_supply_cut_everywhere_makes_countries_less_aligned(observed_world: Factory) -> None:
    observed = certain(observed_world())
    cut = dataclasses.replace(still_forcing(observed, 25), outward_propensity=np.full((25, 3), 0.1))
    trajectory = simulate(KEY, observed, Params.central(), cut)
    assert trajectory.indicators["non_aligned_share"][-1] > trajectory.indicators["non_aligned_share"][0] + 0.01


def test_regional_indicators_need_regions(observed_world: Factory) -> None:
    observed, params = observed_world(), Params.central()
    for regions, absent in ((observed.region, set()), (None, {"regional_assortativity"})):
        start = dataclasses.replace(observed, region=regions).start()
        found = jax.eval_shape(lambda start, params: indicators(*invert(KEY, start, params), params), start, params)
        assert set(INDICATORS) - set(found) == absent


def test_portfolios_sorted_by_region_are_assortative(observed_world: Factory) -> None:
    observed, params = observed_world(), Params.central()
    kinds = np.array([[0.7, 0.1, 0.1, 0.1], [0.1, 0.7, 0.1, 0.1], [0.1, 0.1, 0.7, 0.1], [0.1, 0.1, 0.1, 0.7]])
    sorted_by_region = dataclasses.replace(observed, portfolio=kinds[np.arange(12) % 4])
    alike = dataclasses.replace(observed, portfolio=kinds[np.zeros(12, dtype=int)])
    value = INDICATORS["regional_assortativity"].value
    measure = jax.jit(lambda start, params: value(View(*invert(KEY, start, params), params)))
    assert float(measure(sorted_by_region.start(), params)) == pytest.approx(1)
    assert float(measure(alike.start(), params)) == 0


def test_indicators_of_the_first_year_by_hand(observed_world: Factory) -> None:
    observed = certain(observed_world(12, 3, composite=True))
    trajectory = simulate(KEY, observed, Params.central(), still_forcing(observed, 100))
    first = {name: float(path[0]) for name, path in trajectory.indicators.items()}
    k = observed.capability
    poles = np.array([k[0], k[1], k[-3:].sum()])
    assert first["effective_powers"] == pytest.approx(1 / (np.sum(poles**2) + np.sum(k[2:-3] ** 2)))
    assert first["top_two_share"] == pytest.approx(np.sort(np.r_[poles, k[2:-3]])[-2:].sum())
    shares = poles / poles.sum()
    assert first["effective_poles"] == pytest.approx(1 / np.sum(shares**2))
    assert first["concentration"] == pytest.approx(np.sqrt((np.sum(shares**2) - 1 / 3) / (2 / 3)))
    chosen = trajectory.portfolio[0, 2:]
    assert first["non_aligned_share"] == pytest.approx(chosen[:, 0].mean())
    indices = country_indices(trajectory.portfolio, trajectory.pole_ideal_point)
    assert first["mean_rival_diversity"] == pytest.approx(indices["RD"][0, 2:].mean())
    assert first["mean_effective_multivectorness"] == pytest.approx(indices["EMV"][0, 2:].mean())
    assert trajectory.camp_share[0].sum() + first["non_aligned_share"] == pytest.approx(1)


def test_a_draw_that_goes_wrong_is_a_status_not_an_error(observed_world: Factory) -> None:
    observed = observed_world()
    good = simulate(KEY, observed, Params.central(), still_forcing(observed, 25))

    def spoilt(field: str, value: float) -> Trajectory:
        array = np.array(getattr(good, field))
        array[-1, 4] = value
        return dataclasses.replace(good, **{field: array})

    assert draw_status(good) == DrawStatus.OK == ""
    assert draw_status(spoilt("ideal_point", np.nan)) == DrawStatus.NOT_FINITE
    assert draw_status(spoilt("portfolio", 0.9)) == DrawStatus.SHARES_BROKEN
    assert draw_status(spoilt("ideal_point", 80.0)) == DrawStatus.POSITIONS_UNBOUNDED


def test_runaway_positions_are_reported_by_the_ensemble(observed_world: Factory) -> None:
    observed = observed_world()
    forcing = no_change_forcing(observed, 25, Params.central())
    runaway = {"comember_pull": -1.5, "anchor_strength": 0.0}
    ensemble = simulate_draws(KEY, observed, forcing, range(2), fixed=runaway, workers=1)
    assert all(status != DrawStatus.OK for status in ensemble.status)
    assert all(str(status) for status in ensemble.status)


@pytest.mark.parametrize(
    ("change", "error", "complaint"),
    [
        ({"draws": range(0)}, SimulationError, "at least one of each"),
        ({"workers": 0}, SimulationError, "at least one of each"),
        ({"fixed": {"exclusion": 1.0}}, ScenarioError, "parameter `exclusion` is not known"),
    ],
)
def test_faulty_requests_are_refused(
    observed_world: Factory, change: dict, error: type[Exception], complaint: str
) -> None:
    observed = observed_world()
    request = {"draws": range(1), "workers": 1, "fixed": {}, **change}
    with pytest.raises(error, match=complaint):
        simulate_draws(KEY, observed, still_forcing(observed, 25), request.pop("draws"), **request)


def test_simulating_leaves_the_precision_of_the_program_alone(observed_world: Factory) -> None:
    observed = observed_world()
    trajectory = simulate(KEY, observed, Params.central(), still_forcing(observed, 25))
    assert trajectory.portfolio.dtype == np.float64
    assert jax.numpy.ones(()).dtype == np.float32


def test_the_compilation_cache_is_written_where_asked(tmp_path: Path) -> None:
    names = ("compilation_cache_dir", "persistent_cache_min_compile_time_secs", "persistent_cache_min_entry_size_bytes")
    before = {f"jax_{name}": getattr(jax.config, f"jax_{name}") for name in names}
    try:
        enable_compilation_cache(tmp_path / "cache")
        assert jax.config.jax_compilation_cache_dir == str(tmp_path / "cache")
        assert (tmp_path / "cache").is_dir()
    finally:
        for name, value in before.items():
            jax.config.update(name, value)
