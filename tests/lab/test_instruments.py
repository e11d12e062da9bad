"""A hub's instruments in simulations: equal cost, no effect where there can be none, no matter who is called what."""

from __future__ import annotations

import dataclasses

import jax
import numpy as np
import pytest

from orrery.base.errors import ScenarioError
from orrery.base.keys import root_key
from orrery.lab.instruments import INSTRUMENTS, Question, Setting, compare_instruments, load_prices, scenario_around
from orrery.lab.instruments.curves import EQUAL_WITHIN
from orrery.lab.instruments.instruments import BODY_CODE
from orrery.lab.scenario.parts import Hub
from orrery.world.observed import Observed
from orrery.world.simulate import simulate_draws
from world.conftest import make_observed

pytestmark = pytest.mark.long

YEARS, DRAWS, NEIGHBOURS = 5, 4, ("C05", "C07", "C08", "C10")


def setting_of(observed: Observed, **values: object) -> Setting:
    """Four years in force in a small made-up world; every country-pole takes part as the real ones do."""
    scenario = scenario_around("RUS", ("KAZ",), years=YEARS, draws=DRAWS, seed=2, most_unstable=1.0, **values)
    hub = Hub(pole=observed.poles[0], neighbours=tuple(name for name in NEIGHBOURS if name in observed.countries))
    return Setting(observed, scenario.changed(hub=hub.model_dump()), workers=1)


@pytest.fixture(scope="module")
def setting() -> Setting:
    return setting_of(make_observed(12, 3))


@pytest.fixture(scope="module")
def comparison(setting):
    return compare_instruments(setting, Question(0.5, 50, load_prices()))


def test_expected_cost_recomputed_from_simulated_worlds_is_the_budget(setting, comparison) -> None:
    """Costs are taken from the trajectories themselves here, not from what the comparison records of them."""
    prices, around = load_prices(), setting.around
    for row in comparison.sizes.itertuples():
        observed, forcing = setting.prepared(row.instrument, row.size)
        watch = around.observer(observed, BODY_CODE)
        path = simulate_draws(
            root_key(2), observed, forcing, range(DRAWS), fixed={}, workers=1, observe=watch
        ).trajectory
        capability = np.asarray(path.capability[:, 2:], float)
        own = capability[..., around.members].sum(-1)
        partners = capability[..., around.neighbours].sum(-1)
        outside = np.setdiff1d(np.arange(12), [0, 1, 2])
        ties = (np.asarray(path.portfolio[:, 2:, outside, 1], float) * capability[..., outside]).sum(-1)
        body = observed.bodies.place(BODY_CODE)
        built = np.asarray(path.body_depth[:, 2:, body], float)
        inside = (capability[..., around.neighbours].sum(-1) + own) / own
        units = {
            "market-access": row.size * np.asarray(path.info["hub_ordinary_supply"][:, 1:], float),
            "development-finance": forcing.grants[1:, :, 0].sum(-1) * np.ones_like(own),
            "security-guarantee": row.size * partners / own,
            "technology-terms": row.size * partners / own,
            "exclusivity": row.size * ties / own,
            "coercion": row.size * partners / own,
            "body": built * inside,
        }[row.instrument]
        cost = 100 * prices.central(row.instrument) * float(units.mean())
        assert cost == pytest.approx(row.cost, rel=1e-4), row.instrument
        if row.absorbs:
            assert cost == pytest.approx(0.5, rel=EQUAL_WITHIN * 1.01)
        else:
            assert row.size == row.most
            assert cost < 0.5


def test_supply_delivered_is_what_market_access_is_charged_for(setting) -> None:
    """Ordinary supply, as recorded, times 1 + size is all that the hub supplies; without access nothing is added."""
    without, with_it = setting.simulated(None, 0.0), setting.simulated("market-access", 2.0)
    np.testing.assert_allclose(with_it.ordinary_supply, without.ordinary_supply, rtol=0.05)
    assert (without.ordinary_supply > 0).all()
    granted = setting.simulated("development-finance", 0.1)
    np.testing.assert_allclose(granted.ordinary_supply, without.ordinary_supply, rtol=0.05)


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_an_instrument_of_size_0_changes_nothing_at_all(setting, name) -> None:
    plain, nothing = setting.simulated(None, 0.0), setting.simulated(name, 0.0)
    for one, other in zip(jax.tree.leaves(plain.__dict__), jax.tree.leaves(nothing.__dict__), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_body_that_waits_for_its_founding_touches_nothing_whatever_its_depth(setting) -> None:
    paths = []
    for waiting in (0.1, 0.9):
        observed, forcing = setting.prepared(None, 0.0, waiting=waiting)
        ensemble = simulate_draws(root_key(2), observed, forcing, range(2), fixed={}, workers=1)
        paths.append(dataclasses.replace(ensemble.trajectory, info={}))
    for one, other in zip(jax.tree.leaves(paths[0]), jax.tree.leaves(paths[1]), strict=True):
        np.testing.assert_array_equal(one, other)


def test_every_instrument_comes_into_force_in_the_second_year_and_then_does_something(setting) -> None:
    without = setting.simulated(None, 0.0)
    for name, size in {"market-access": 1.0, "development-finance": 0.1, "security-guarantee": 0.5,
                       "technology-terms": 0.02, "exclusivity": 1.0, "coercion": 0.5, "body": 0.9}.items():  # fmt: skip
        seen = setting.simulated(name, size)
        for field in ("shares", "stability", "distance", "coercion_by_others", "hub_stability"):
            np.testing.assert_array_equal(getattr(seen, field)[:, 0], getattr(without, field)[:, 0], err_msg=name)
        assert abs(seen.shares - without.shares)[:, 1:].max() + abs(seen.hub_record - without.hub_record).max() > 1e-7


def test_instruments_do_in_the_model_what_their_equations_say(setting) -> None:
    without = setting.simulated(None, 0.0)
    for name, size in (("market-access", 1.0), ("development-finance", 0.1), ("coercion", 0.5)):
        gained = (setting.simulated(name, size).shares - without.shares)[:, 1, :, 0]
        assert (gained > 0).all(), name
    guarded = setting.simulated("security-guarantee", 0.5)
    np.testing.assert_allclose(guarded.coercion_by_others[:, 1], without.coercion_by_others[:, 1] / 2, rtol=1e-5)
    np.testing.assert_allclose(guarded.coercion_by_hub[:, 1], without.coercion_by_hub[:, 1], rtol=1e-5)
    pressed = setting.simulated("coercion", 0.5)
    np.testing.assert_allclose(pressed.coercion_by_hub[:, 1] - without.coercion_by_hub[:, 1], 0.5, rtol=1e-5)
    assert (pressed.stability[:, -1] < without.stability[:, -1]).all()


@pytest.mark.parametrize(
    ("parameter", "name", "size"), [("resource_appeal", "market-access", 3.0), ("exclusivity", "exclusivity", 3.0)]
)
def test_an_instrument_whose_coefficient_is_0_moves_no_portfolio(setting, parameter, name, size) -> None:
    """Supply counts by its appeal alone, and demands by exclusivity, where supply gives no reason to coerce."""
    fixed = {parameter: 1e-9, "underdelivery_coercion": 1e-9}
    idle = Setting(setting.observed, setting.scenario.changed(parameters=fixed), workers=1)
    effect = idle.simulated(name, size).shares - idle.simulated(None, 0.0).shares
    assert abs(effect).max() < 1e-6


def test_the_names_of_countries_and_poles_do_not_matter(comparison) -> None:
    observed = make_observed(12, 3)
    names = tuple(f"D{11 - place:02d}" for place in range(12))
    bodies = dataclasses.replace(observed.bodies, countries=names)
    renamed = dataclasses.replace(observed, countries=names, poles=("Z", "Y", "X"), bodies=bodies)
    around = tuple(names[observed.countries.index(name)] for name in NEIGHBOURS)
    plain = setting_of(observed)
    hub = Hub(pole="Z", neighbours=around)
    other = Setting(renamed, plain.scenario.changed(hub=hub.model_dump()), workers=1)
    again = compare_instruments(other, Question(0.5, 50, load_prices()))
    assert again.hub == "Z"
    for name in ("sizes", "effects", "ranking", "break_even"):
        assert getattr(again, name).equals(getattr(comparison, name)), name


def test_tables_hold_every_outcome_with_intervals_and_the_ranking_adds_up(comparison) -> None:
    effects = comparison.effects
    assert len(effects) == len(INSTRUMENTS) * 9 * 2
    assert (effects["low"] <= effects["median"]).all()
    assert (effects["median"] <= effects["high"]).all()
    assert ((effects["probability_more"] + effects["probability_less"]) <= 1).all()
    assert set(comparison.by_neighbour["country"]) == set(NEIGHBOURS)
    sums = comparison.ranking.groupby(["outcome", "when"])[["first_by_median", "first_of_all"]].sum()
    np.testing.assert_allclose(sums.to_numpy(), 1)
    one = effects.query("instrument == 'coercion' and outcome == 'alignment' and when == 'mean'").iloc[0]
    own = comparison.by_neighbour.query("instrument == 'coercion' and outcome == 'alignment' and when == 'mean'")
    assert own["low"].min() <= one["median"] <= own["high"].max()


def test_hubs_years_and_neighbours_that_cannot_be_are_refused(setting) -> None:
    with pytest.raises(ScenarioError, match="a hub is a pole, one of USA, EU, CHN, RUS, IND"):
        scenario_around("TUR", ("GRC",))
    with pytest.raises(ScenarioError, match="`years`: 1 came"):
        Setting(setting.observed, setting.scenario.changed(years=1))
    lost = Setting(setting.observed, setting.scenario.changed(hub={"pole": "P0", "neighbours": ("P1",)}))
    with pytest.raises(ScenarioError, match="'P1' came"):
        _ = lost.neighbours
    alone = Setting(setting.observed, setting.scenario.changed(hub={"pole": "P0", "neighbours": ("C01",)}))
    with pytest.raises(ScenarioError, match="name a country besides"):
        _ = alone.neighbours
