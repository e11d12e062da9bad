"""The scenarios that come with the package: what each says it assumes is what its paths hold, in any start year."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from orrery.lab.forcing import apply_scenario
from orrery.lab.scenario import LEVERS, load_scenario, shipped_scenarios
from orrery.measure.portfolios.poles import DEFAULT_POLES
from orrery.world.bodies import AREAS
from orrery.world.from_panel import observed_world

DOCUMENT = (Path(__file__).parents[2] / "docs" / "scenarios.md").read_text("utf-8")
DATED = {"exits-and-entries"}
"""Scenarios with calendar years, which not every start year reaches."""

HUBS = {
    "RUS": ("KAZ", "GEO", "UKR"),
    "USA": ("MEX", "CUB", "BRA"),
    "CHN": ("THA", "IDN"),
    "EU": ("MAR", "ALB", "TUN"),
    "IND": ("NPL", "PAK"),
}
"""The five named uses of the hub, with countries that are surely neighbours in each."""


@pytest.fixture(scope="module", params=[1992, 2008, 2024])
def world(request, baseline):
    return observed_world(baseline, request.param, DEFAULT_POLES, 0.1)[0]


@pytest.fixture(scope="module")
def world_of_2024(baseline):
    return observed_world(baseline, 2024, DEFAULT_POLES, 0.1)[0]


def paths(name, observed, **changes):
    return apply_scenario(load_scenario(name).changed(**changes), observed)


def differing(name, observed):
    """Return the paths that a scenario moves, against the baseline."""
    _, moved = paths(name, observed)
    _, still = paths("baseline", observed)
    return {
        field
        for field in [*LEVERS, "membership", "rule_version", "founding"]
        if not np.array_equal(getattr(moved, field), getattr(still, field))
    }


@pytest.mark.parametrize("name", sorted(set(shipped_scenarios()) - {"baseline"} - DATED))
def test_every_scenario_moves_what_it_names_and_nothing_else(world, name):
    scenario = load_scenario(name)
    expected = {move.lever for move in scenario.moves}
    if scenario.reforms:
        expected |= {"membership", "rule_version"}
    assert differing(name, world) == expected


@pytest.mark.parametrize("name", sorted(shipped_scenarios()))
def test_every_scenario_says_what_it_assumes_and_cites_sources(name):
    scenario = load_scenario(name)
    assert len(scenario.description) > 100
    assert all(re.search(r"\b(19|20)\d\d\b", source) for source in scenario.sources)
    assert scenario.sources
    assert f"| `{name}` |" in DOCUMENT


def test_the_document_lists_every_lever():
    assert [name for name in LEVERS if f"`{name}`" not in DOCUMENT] == []


def test_the_scenario_in_the_document_can_be_run(tmp_path, world_of_2024):
    block = re.search(r"(?s)```toml\n(.*?)```", DOCUMENT)
    assert block is not None
    path = tmp_path / "two-steps.toml"
    path.write_text(block[1], "utf-8")
    world, forcing = apply_scenario(load_scenario(path), world_of_2024)
    place = world.bodies.place("EXAMPLE-CLUB")
    assert world.bodies.members("EXAMPLE-CLUB") == ("KAZ", "KGZ", "TJK", "TKM", "UZB")
    assert np.flatnonzero(forcing.founding[:, place]).tolist() == [2]
    assert forcing.rule_version[:, world.bodies.place("SCO")].tolist() == [0] * 3 + [1] * 12
    countries = [world.countries.index(code) for code in ("UZB", "TKM")]
    assert forcing.membership[:, world.bodies.place("WTO"), countries].tolist() == [[0, 0]] * 2 + [[1, 1]] * 13
    grants = forcing.grants[:, countries, world.poles.index("CHN")]
    np.testing.assert_allclose(grants[:, 0], 0.002 * np.minimum(np.arange(1, 16) / 5, 1))
    assert (grants[:, 1] == 0).all()


@pytest.mark.parametrize("hub", HUBS)
def test_one_template_serves_every_hub_with_the_same_numbers(world, hub):
    observed, forcing = apply_scenario(load_scenario("hub-and-neighbours").with_hub(hub, None), world)
    pole = observed.poles.index(hub)
    level = np.round(np.asarray(forcing.guarantee[-1]), 12)
    assert set(np.unique(level)) == {0.0, 0.3}
    assert not np.delete(level, pole, axis=1).any()
    chosen = level[:, pole] > 0
    assert not (chosen & observed.pole_members[pole]).any()
    assert not (chosen & observed.is_country_pole).any()
    assert set(HUBS[hub]) <= set(np.array(observed.countries)[chosen])
    np.testing.assert_allclose(forcing.access[-1][chosen, pole], 1.5)
    np.testing.assert_allclose(forcing.exclusivity[-1], np.where(np.arange(len(observed.poles)) == pole, 1.5, 1.0))


def test_four_countries_take_permanent_seats_with_a_veto(world):
    observed, forcing = paths("unsc-reform", world)
    council = observed.bodies.place("UNSC")
    held = np.asarray(forcing.membership[:, council])
    entering = np.array(observed.countries)[held[-1] == 1]
    assert entering.tolist() == ["BRA", "DEU", "IND", "JPN"]
    assert not held[0].any()
    assert not (held < 0).any()
    assert observed.bodies.eligible[council][held[-1] == 1].all()
    assert forcing.rule_version[:, council].tolist() == [0] + [1] * 24


def test_exits_and_entries_hold_from_their_years_on(world_of_2024):
    observed, forcing = paths("exits-and-entries", world_of_2024)
    usa, india = (observed.countries.index(code) for code in ("USA", "IND"))
    who, paris, rcep = (np.asarray(forcing.membership[:, observed.bodies.place(c)]) for c in ("WHO", "PARIS", "RCEP"))
    for body in (who, paris):
        assert body[:, usa].tolist() == [0] + [-1] * 24
        assert not np.delete(body, usa, axis=1).any()
    assert rcep[:, india].tolist() == [0] * 5 + [1] * 20
    assert observed.bodies.eligible[observed.bodies.place("RCEP"), india]


def test_the_pandemic_is_of_one_area_and_passes(world_of_2024):
    _, forcing = paths("pandemic", world_of_2024)
    shock = np.zeros((25, len(AREAS)))
    shock[1, AREAS.index("environment, health and technology")] = 0.4
    np.testing.assert_array_equal(forcing.problem_shock, shock)
    np.testing.assert_allclose(forcing.connectedness_shock[:5], [0, -0.03, 0.01, 0.01, 0])


def test_regional_spheres_raise_supply_nearby_and_lower_it_elsewhere(world_of_2024):
    observed, forcing = paths("regional-spheres", world_of_2024)
    access = {
        (code, pole): forcing.access[-1, observed.countries.index(code), observed.poles.index(pole)]
        for code, pole in (
            ("KAZ", "RUS"),
            ("KAZ", "CHN"),
            ("MEX", "USA"),
            ("NPL", "IND"),
            ("VNM", "CHN"),
            ("BRA", "EU"),
        )
    }
    near = {("KAZ", "RUS"), ("MEX", "USA"), ("NPL", "IND"), ("VNM", "CHN")}
    assert {key: round(float(value), 9) for key, value in access.items()} == {
        key: 1.5 if key in near else 0.75 for key in access
    }
