"""From scenarios to worlds and paths: levers move what they say and only then; events reach bodies; contradictions."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import numpy as np
import pytest

from orrery.base.errors import ScenarioError
from orrery.lab import ensemble
from orrery.lab.forcing import apply_scenario
from orrery.lab.scenario import (
    LEVERS,
    BodyReform,
    Founding,
    Hub,
    Membership,
    Move,
    Scenario,
    load_scenario,
    shipped_scenarios,
)
from orrery.lab.scenario.countries import chosen_countries, neighbours
from orrery.measure.portfolios.poles import DEFAULT_POLES
from orrery.negotiation.standing_rules import StandingRules
from orrery.world.bodies import AREAS
from orrery.world.forcing import Forcing, check_forcing, no_change_forcing, still_forcing
from orrery.world.from_panel import observed_world
from orrery.world.params import Params
from orrery.world.rule_rows import alternatives_of, unanimity

START = 2024
LATE = {"exits-and-entries"}
"""Shipped scenarios that need a start year from 2022 on."""


@pytest.fixture(scope="module")
def worlds(baseline):
    made = {}

    def world(year):
        if year not in made:
            made[year] = observed_world(baseline, year, DEFAULT_POLES, 0.1)[0]
        return made[year]

    return world


@pytest.fixture(scope="module")
def world(worlds):
    return worlds(START)


def scenario(**parts):
    return Scenario(name="mine", title="Mine", description="A test.", **{"years": 10, **parts})


def leave(body="WHO", countries=("USA",), **keys):
    return Membership(**{"body": body, "countries": countries, "change": "leave", "first": "+2", **keys})


def found(**keys):
    table = {"code": "NEW", "name": "New", "founders": ("KAZ", "UZB", "KGZ"), "area": "economy", "first": "+3"}
    return Founding(**{**table, "formality": 0.5, "excludability": 0.8, "depth": 0.2, **keys})


def codes(world, chosen):
    return set(np.array(world.countries)[chosen].tolist())


def veto_holders(world, body, version):
    (rows,) = alternatives_of(world.bodies.rules, world.bodies.place(body), version)
    return set().union(*(codes(world, row.weight > 0) for row in rows if row.unanimous))


def same(one, other, name):
    return np.array_equal(getattr(one, name), getattr(other, name))


@pytest.mark.parametrize("start", [1992, 2003, START])
@pytest.mark.parametrize("name", sorted(shipped_scenarios()))
def test_every_shipped_scenario_has_a_world_and_paths(worlds, name, start):
    if name in LATE and start < 2022:
        with pytest.raises(ScenarioError, match=r"this run allows|the bodies of the start year"):
            apply_scenario(load_scenario(name), worlds(start))
        return
    changed, forcing = apply_scenario(load_scenario(name), worlds(start))
    check_forcing(forcing, changed)
    before = no_change_forcing(worlds(start), load_scenario(name).years, Params.central())
    moved = any(not same(forcing, before, field.name) for field in dataclasses.fields(Forcing))
    assert moved == (name != "baseline")


def test_without_events_nothing_is_moved(world):
    changed, forcing = apply_scenario(scenario(), world)
    expected = no_change_forcing(world, 10, Params.central())
    for field in dataclasses.fields(Forcing):
        np.testing.assert_array_equal(getattr(forcing, field.name), getattr(expected, field.name), err_msg=field.name)
    assert changed.bodies.codes == world.bodies.codes


def test_switches_still_the_paths(world):
    _, forcing = apply_scenario(scenario(shocks=False, trends=False), world)
    still = still_forcing(world, 10)
    for field in dataclasses.fields(Forcing):
        np.testing.assert_array_equal(getattr(forcing, field.name), getattr(still, field.name), err_msg=field.name)


TARGETS = {"pole": "CHN", "countries": ("KAZ", "UZB"), "area": "economy"}


@pytest.mark.parametrize("lever", sorted(LEVERS))
def test_a_lever_moves_its_path_where_and_when_it_says(world, lever):
    entry = LEVERS[lever]
    keys = {axis: TARGETS[axis] for axis in entry.axes}
    move = Move(lever=lever, value=0.25, first="+3", last="+5", **keys)
    _, forcing = apply_scenario(scenario(moves=(move,)), world)
    before = no_change_forcing(world, 10, Params.central())
    for field in dataclasses.fields(Forcing):
        if field.name != lever:
            assert same(forcing, before, field.name), field.name
    places = {
        "pole": [world.poles.index("CHN")],
        "countries": [world.countries.index(code) for code in TARGETS["countries"]],
        "area": [AREAS.index("economy")],
    }
    cells = np.ix_([2, 3, 4], *[places[axis] for axis in entry.axes])
    expected = np.array(getattr(before, lever), float)
    old = expected[cells]
    expected[cells] = {"factor": old * 0.25, "addition": old + 0.25, "share": 1 - (1 - old) * 0.75}[entry.kind.name]
    np.testing.assert_allclose(getattr(forcing, lever), expected)


def test_levers_are_paths_and_every_path_that_may_move_has_a_lever():
    paths = {field.name for field in dataclasses.fields(Forcing)}
    assert set(LEVERS) == paths - {"year", "membership", "rule_version", "founding"}


def test_a_ramp_goes_in_equal_steps_and_stays(world):
    move = Move(lever="tension", value=2, first="+2", last="+5", shape="ramp")
    _, forcing = apply_scenario(scenario(moves=(move,)), world)
    np.testing.assert_allclose(forcing.tension, [1, 1.25, 1.5, 1.75, 2, 2, 2, 2, 2, 2])


def test_moves_of_one_lever_combine(world):
    towards = {"pole": "CHN", "countries": ("KAZ",)}
    wide = {"pole": "CHN", "countries": ("Central Asia",)}
    moves = [
        Move(lever=lever, value=value, first="+1", **target)
        for lever, values in {"access": (2, 3), "grants": (0.1, 0.2), "guarantee": (0.5, 0.5)}.items()
        for value, target in zip(values, (towards, wide), strict=True)
    ]
    _, forcing = apply_scenario(scenario(moves=moves), world)
    kaz, uzb, chn = world.countries.index("KAZ"), world.countries.index("UZB"), world.poles.index("CHN")
    np.testing.assert_allclose(forcing.access[0, [kaz, uzb], chn], [6, 3])
    np.testing.assert_allclose(forcing.grants[0, [kaz, uzb], chn], [0.3, 0.2])
    np.testing.assert_allclose(forcing.guarantee[0, [kaz, uzb], chn], [0.75, 0.5])


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("KAZ",), {"KAZ"}),
        (("Central Asia",), {"KAZ", "KGZ", "TJK", "TKM", "UZB"}),
        (("Central Asia", "not KAZ", "not UZB"), {"KGZ", "TJK", "TKM"}),
        (("members of USMCA",), {"CAN", "MEX", "USA"}),
        (("contiguous to PRT", "MEX"), {"ESP", "MEX"}),
        (("members of G7", "not members of EU"), {"CAN", "GBR", "JPN", "USA"}),
    ],
)
def test_words_stand_for_countries(world, words, expected):
    assert codes(world, chosen_countries(words, world, None, "here")) == expected


def test_all_countries_and_the_members_of_a_pole(world):
    assert chosen_countries(("all",), world, None, "here").all()
    eu = chosen_countries(("members of EU",), world, None, "here")
    np.testing.assert_array_equal(eu, world.pole_members[world.poles.index("EU")])


@pytest.mark.parametrize("pole", DEFAULT_POLES)
@pytest.mark.parametrize("start", [1992, START])
def test_every_pole_has_neighbours_that_are_neither_poles_nor_its_members(worlds, pole, start):
    hub = load_scenario("hub-and-neighbours").with_hub(pole, None).hub
    world = worlds(start)
    around = neighbours(world, hub, "here")
    assert around.sum() >= 5
    assert not (around & world.is_country_pole).any()
    assert not (around & world.pole_members[world.poles.index(pole)]).any()


def test_a_hub_moves_itself_and_its_neighbours(world):
    template = load_scenario("hub-and-neighbours").with_hub("CHN", ("members of ASEAN", "MNG"))
    _, forcing = apply_scenario(template, world)
    changed = np.argwhere((forcing.access != 1).any(0))
    assert {world.poles[pole] for _, pole in changed} == {"CHN"}
    asean = {"BRN", "IDN", "KHM", "LAO", "MMR", "MYS", "PHL", "SGP", "THA", "VNM"}
    assert {world.countries[country] for country, _ in changed} == asean | {"MNG"}
    assert {world.poles[pole] for pole in np.flatnonzero((forcing.exclusivity != 1).any(0))} == {"CHN"}


def test_who_leaves_is_held_out_and_who_enters_is_held_in_and_eligible(world):
    events = (leave(last="+4"), leave("RCEP", ("IND",), change="enter", first=2028))
    changed, forcing = apply_scenario(scenario(memberships=events), world)
    usa, ind = world.countries.index("USA"), world.countries.index("IND")
    who, rcep = (changed.bodies.place(code) for code in ("WHO", "RCEP"))
    assert forcing.membership[:, who, usa].tolist() == [0, -1, -1, -1, 0, 0, 0, 0, 0, 0]
    assert forcing.membership[:, rcep, ind].tolist() == [0, 0, 0, 1, 1, 1, 1, 1, 1, 1]
    assert np.count_nonzero(forcing.membership) == 10
    assert changed.bodies.eligible[rcep, ind]
    assert not world.bodies.eligible[rcep, ind]


def test_a_reform_seats_its_members_and_changes_the_rule_from_its_year_on(world):
    changed, forcing = apply_scenario(scenario(reforms=(BodyReform(body="UNSC", first="+4", named="unsc-g4"),)), world)
    council = changed.bodies.place("UNSC")
    assert forcing.rule_version[:, council].tolist() == [0, 0, 0, 1, 1, 1, 1, 1, 1, 1]
    assert np.count_nonzero(forcing.rule_version) == 7
    assert codes(world, forcing.membership[2, council] != 0) == set()
    assert codes(world, forcing.membership[3, council] == 1) == {"BRA", "DEU", "IND", "JPN"}
    holders = [
        codes(world, row.weight > 0) for row in alternatives_of(changed.bodies.rules, council, 1)[0] if row.unanimous
    ]
    assert set.union(*holders) == {"BRA", "CHN", "DEU", "FRA", "GBR", "IND", "JPN", "RUS", "USA"}


def test_seats_with_and_without_a_veto(world):
    for veto in (True, False):
        reform = BodyReform(body="UNSC", first="+1", seats=("IND",), veto=veto)
        changed, forcing = apply_scenario(scenario(reforms=(reform,)), world)
        assert forcing.membership[0, changed.bodies.place("UNSC"), world.countries.index("IND")] == 1
        assert ("IND" in veto_holders(changed, "UNSC", 1)) == veto


def test_a_later_reform_builds_on_an_earlier_one(world):
    reforms = (
        BodyReform(body="UNSC", first="+5", seats=("NGA", "ZAF"), veto=False),
        BodyReform(body="UNSC", first="+2", named="unsc-g4"),
    )
    changed, forcing = apply_scenario(scenario(reforms=reforms), world)
    council = changed.bodies.place("UNSC")
    assert forcing.rule_version[:, council].tolist() == [0, 1, 1, 1, 2, 2, 2, 2, 2, 2]
    assert codes(world, forcing.membership[3, council] == 1) == {"BRA", "DEU", "IND", "JPN"}
    assert codes(world, forcing.membership[4, council] == 1) == {"BRA", "DEU", "IND", "JPN", "NGA", "ZAF"}
    holders = [
        codes(world, row.weight > 0) for row in alternatives_of(changed.bodies.rules, council, 2)[0] if row.unanimous
    ]
    assert "IND" in set.union(*holders)
    assert "NGA" not in set.union(*holders)


def test_a_rule_in_the_words_of_the_catalogue_replaces_consensus(world):
    reform = BodyReform(body="ASEAN", first="+1", rule={"yes": "2/3", "of": "members"})
    changed, _ = apply_scenario(scenario(reforms=(reform,)), world)
    ((row,),) = alternatives_of(changed.bodies.rules, changed.bodies.place("ASEAN"), 1)
    members = changed.bodies.member[changed.bodies.place("ASEAN")]
    assert row.share == pytest.approx(np.ceil(members.sum() * 2 / 3) / members.sum())
    assert (row.weight[members] == 1).all()


def test_a_founded_body_waits_with_its_founders_area_and_rule(world):
    parts = scenario(
        foundings=(
            found(rule={"more_than": "1/2", "of": "members", "by": "capability"}),
            found(code="OTHER", first=2034),
        ),
        moves=(Move(lever="adjustment", value=2, countries=("members of NEW",), first="+3"),),
        memberships=(Membership(body="NEW", countries=("TKM",), change="enter", first="+4"),),
    )
    changed, forcing = apply_scenario(parts, world)
    bodies = changed.bodies
    new, other = bodies.place("NEW"), bodies.place("OTHER")
    assert bodies.members("NEW") == ("KAZ", "KGZ", "UZB")
    assert not bodies.in_being[[new, other]].any()
    assert AREAS[bodies.area[new]] == "economy"
    assert (bodies.formality[new], bodies.excludability[new], bodies.depth[new]) == (0.5, 0.8, 0.2)
    assert forcing.founding[:, new].tolist() == [0, 0, 1, 0, 0, 0, 0, 0, 0, 0]
    assert forcing.founding[:, other].tolist() == [0] * 9 + [1]
    assert codes(world, forcing.adjustment[2] == 2) == {"KAZ", "KGZ", "UZB"}
    assert isinstance(bodies.rules, StandingRules)
    ((row,),) = alternatives_of(bodies.rules, new)
    inside = bodies.member[new]
    np.testing.assert_allclose(
        row.weight[inside] / row.weight[inside].sum(), world.capability[inside] / world.capability[inside].sum()
    )
    ((alone,),) = alternatives_of(bodies.rules, other)
    assert alone.unanimous
    assert alone.key == unanimity(len(world.countries))[0][0].key


def slower(*countries):
    return (Move(lever="adjustment", value=0.5, countries=countries, first="+1"),)


def around(pole, *countries):
    return Hub(pole=pole, neighbours=countries)


MEMBER_OF_NOTHING = "'ABC' came; the bodies of the start year are "


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        (
            {"moves": (Move(lever="exclusivity", value=2, pole="JPN", first="+1"),)},
            "'JPN' came; a pole of this run is one of USA, EU",
        ),
        ({"moves": slower("XXX")}, "'XXX' came, which is no country or group"),
        ({"moves": slower("Central Azia")}, "Close to it: Central Asia"),
        ({"moves": slower("YUG")}, "'YUG' came, which was no member of the United"),
        ({"moves": slower("KAZ", "not KAZ")}, "which is no country of 2024"),
        ({"moves": slower("members of ABC")}, "`members of ABC` came; the bodies of 2024"),
        ({"moves": slower("contiguous to X")}, "`contiguous to X` came; name the ISO3"),
        ({"moves": (Move(lever="tension", value=2, first=2040),)}, "`first` is 2040; this run allows 2025-2034"),
        (
            {
                "moves": (
                    Move(lever="tension", value=2, first="+1", last="+5"),
                    Move(lever="tension", value=3, first=2029),
                )
            },
            "`moves.2` (`tension`): 3 came for 2029, where scenario `mine`, `moves.1` holds the same target at 2",
        ),
        ({"memberships": (leave("ABC"),)}, MEMBER_OF_NOTHING),
        ({"memberships": (leave("OPEN-01"),)}, "'OPEN-01' came; the bodies of the start year are "),
        ({"memberships": (leave(countries=("YUG",)),)}, "`memberships.1`, `countries`: 'YUG' came"),
        (
            {"memberships": (leave(), leave(countries=("Northern America",), change="enter", first=2030))},
            "`memberships.2`: USA enters WHO while scenario `mine`, `memberships.1` says the contrary for 2030",
        ),
        (
            {"foundings": (found(),), "memberships": (leave("NEW", ("KAZ",), first="+2"),)},
            "the scenario founds NEW in 2027",
        ),
        ({"reforms": (BodyReform(body="ABC", first="+1", rule={"unanimity": "all"}),)}, MEMBER_OF_NOTHING),
        (
            {"reforms": tuple(BodyReform(body="UNSC", first=year, named="unsc-g4") for year in ("+3", 2027))},
            "`reforms.2`, `first`: UNSC is reformed twice in 2027",
        ),
        (
            {"reforms": (BodyReform(body="ASEAN", first="+1", rule={"consensus": 0}),)},
            "`reforms.1`: `reform`: it changes neither the members of ASEAN nor its rule",
        ),
        ({"reforms": (BodyReform(body="IMF", first="+1", seats=("PRK",), veto=False),)}, "`reforms.1`: "),
        (
            {
                "reforms": (BodyReform(body="UNSC", first="+1", named="unsc-g4"),),
                "memberships": (leave("UNSC", ("IND",), first="+3"),),
            },
            "`memberships.1`: IND leaves UNSC while scenario `mine`, `reforms.1` says the contrary for 2027",
        ),
        (
            {"foundings": (found(),), "reforms": (BodyReform(body="NEW", first="+5", rule={"consensus": 0}),)},
            "`reforms.1`, `body`: the scenario founds NEW; write its rule in the founding",
        ),
        ({"foundings": (found(code="WHO"),)}, "`foundings.1`, `code`: 'WHO' came, which is World Health Organization"),
        ({"foundings": (found(founders=("KAZ",)),)}, "`founders`: 1 for NEW came; two countries or more"),
        ({"foundings": (found(founders=("KAZ", "XKX")),)}, "`foundings.1`, `founders`: 'XKX' came"),
        ({"foundings": (found(rule={"veto": {"holders": ["USA"]}}),)}, "`foundings.1`: "),
        ({"foundings": (found(rule={"yes": 4}),)}, "4 is more than the 3 there are"),
        ({"hub": around("JPN", "KOR"), "moves": slower("neighbours")}, "`hub.pole`: 'JPN' came"),
        ({"hub": around("RUS", "CHN"), "moves": slower("neighbours")}, "`hub.neighbours`: CHN came, all of them poles"),
        (
            {"hub": around("RUS", "neighbours"), "moves": slower("neighbours")},
            "'neighbours' came, which is no country or group",
        ),
    ],
)
def test_what_this_world_does_not_have_or_contradicts_itself_is_one_clear_error(world, parts, words):
    with pytest.raises(ScenarioError) as caught:
        apply_scenario(scenario(**parts), world)
    assert words in str(caught.value)
    assert "scenario `mine`" in str(caught.value)


def test_steps_that_follow_each_other_do_not_contradict(world):
    moves = tuple(
        Move(lever="tension", value=value, first=first, last=last)
        for value, first, last in ((2, "+1", "+3"), (0.5, "+4", 2030))
    )
    _, forcing = apply_scenario(scenario(moves=moves), world)
    np.testing.assert_allclose(forcing.tension, [2, 2, 2, 0.5, 0.5, 0.5, 1, 1, 1, 1])


def test_the_file_is_named_and_nothing_is_created(baseline, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        'name = "mine"\ntitle = "Mine"\ndescription = "A test."\nstart = 2024\n'
        '[[memberships]]\nbody = "ABC"\ncountries = ["KAZ"]\nchange = "leave"\nfirst = 2026\n',
        encoding="utf-8",
    )
    with pytest.raises(ScenarioError) as caught:
        ensemble.simulate(path, panel=baseline, out=tmp_path / "run")
    assert f"{path}, scenario `mine`, `memberships.1`, `body`: 'ABC' came" in str(caught.value)
    assert [entry.name for entry in tmp_path.iterdir()] == ["mine.toml"]


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("membership", 2, "1 holds it in, -1 out, 0 leaves it to the model"),
        ("founding", 2, "it is 1 in the year in which a body is founded"),
        ("founding", 1, "is in being, or an open place"),
        ("rule_version", 1, "it has the versions 0 to 0"),
        ("guarantee", 1.5, "it is from 0 to 1"),
        ("access", -1, "it is at least 0"),
        ("grants", np.nan, "is not finite"),
        ("stakes", -0.1, "it is at least 0"),
    ],
)
def test_a_path_with_an_impossible_value_is_refused(world, path, value, words):
    forcing = still_forcing(world, 3)
    changed = np.array(getattr(forcing, path))
    changed[1].reshape(-1)[0] = value
    with pytest.raises(ScenarioError, match=f"path `{path}`: .*{words}"):
        check_forcing(dataclasses.replace(forcing, **{path: changed}), world)


def test_a_country_cannot_be_held_in_a_body_that_is_closed_to_it(world):
    forcing = still_forcing(world, 3)
    membership = np.array(forcing.membership)
    membership[1, world.bodies.place("ASEAN"), world.countries.index("USA")] = 1
    with pytest.raises(ScenarioError, match="USA is held in ASEAN, of which it may not be a member"):
        check_forcing(dataclasses.replace(forcing, membership=membership), world)


# ---- what docs/scenarios.md says -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def document():
    return (Path(__file__).parents[2] / "docs" / "scenarios.md").read_text("utf-8")


def test_the_scenario_of_the_document_runs(document, world, tmp_path):
    (block,) = re.findall(r"(?s)```toml\n(.*?)```", document)
    path = tmp_path / "two-steps.toml"
    path.write_text(block, encoding="utf-8")
    changed, forcing = apply_scenario(load_scenario(path), world)
    check_forcing(forcing, changed)
    assert changed.bodies.codes != world.bodies.codes


def test_the_tables_of_the_document_are_complete(document):
    first_cells = re.findall(r"(?m)^\| (`[^|]*) \|", document)
    named = {name for cell in first_cells for name in re.findall(r"`([a-z_-]+)`", cell)}
    assert set(LEVERS) <= named
    assert set(shipped_scenarios()) <= named
    for lever, entry in LEVERS.items():
        row = next(line for line in document.splitlines() if line.startswith("|") and f"`{lever}`" in line)
        assert f"| {entry.kind.name}" in row
        assert all(f"`{axis}`" in row for axis in entry.axes)
