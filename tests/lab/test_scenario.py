"""Scenario files: what is allowed, what is refused and in which words, and that what is written reads back the same."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orrery.base.errors import ScenarioError
from orrery.institutions.reform import REFORMS
from orrery.lab.scenario import (
    LEVERS,
    Hub,
    Move,
    Scenario,
    load_scenario,
    scenario_toml,
    shipped_scenarios,
)
from orrery.lab.scenario.years import Span, calendar_year
from orrery.world.bodies import AREAS
from orrery.world.params import extensions

HEAD = 'name = "mine"\ntitle = "Mine"\ndescription = "A test."\n'
SHIPPED = {
    "baseline",
    "deglobalisation",
    "development-surge",
    "exclusivity",
    "exits-and-entries",
    "great-power-retreat",
    "hub-and-neighbours",
    "institutions-fade",
    "multilateralism-without-hegemon",
    "new-bipolarity",
    "pandemic",
    "project-coalitions",
    "regional-spheres",
    "unsc-reform",
    "western-revival",
}


def written(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text(HEAD + text, encoding="utf-8")
    return path


def move(lever, **keys):
    return "[[moves]]\n" + "\n".join([f"lever = '{lever}'", *(f"{key} = {value}" for key, value in keys.items())])


def founding(**keys):
    table = {
        "code": '"NEW"',
        "name": '"New"',
        "founders": '["KAZ", "UZB"]',
        "area": '"economy"',
        "formality": 0.1,
        "excludability": 0.8,
        "depth": 0.2,
        "first": '"+1"',
    } | keys
    return "[[foundings]]\n" + "\n".join(f"{key} = {value}" for key, value in table.items() if value is not None) + "\n"


def reform(**keys):
    return "[[reforms]]\nbody = 'UNSC'\nfirst = 2030\n" + "\n".join(f"{key} = {value}" for key, value in keys.items())


def membership(**keys):
    table = {"body": '"WHO"', "countries": '["USA"]', "change": '"leave"', "first": 2030} | keys
    return "[[memberships]]\n" + "\n".join(f"{key} = {value}" for key, value in table.items())


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_every_shipped_scenario_says_what_it_assumes_and_where_it_is_from(name):
    scenario = shipped_scenarios()[name]
    assert scenario.name == name
    assert len(scenario.description) > 80
    assert scenario.sources
    assert load_scenario(name) == scenario


def test_no_scenario_is_shipped_unseen():
    assert set(shipped_scenarios()) == SHIPPED


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("yeers = 3", "unknown key `yeers`; did you mean `years`?"),
        ("years = 0", "`years`: 0 came"),
        ("years = 1000", "`years`: 1000 came"),
        ("draws = 'many'", "`draws`: 'many' came"),
        ("seed = -1", "`seed`: -1 came"),
        ("start = 'then'", "start"),
        ("years = ", "not valid TOML"),
        ("extensions = ['magic']", "'magic' came; allowed is one extension of status"),
        ("extensions = ['delay', 'delay']", "`extensions`: 'delay' came twice"),
        (
            move("gravity", value=1, first=2030),
            "`moves.1.lever`: 'gravity' came; allowed is one lever of outward_propensity",
        ),
        (
            move("tension", value=-1, first=2030),
            "`moves.1`: lever `tension` (factor): `value` -1.0 came; 0 or more is allowed",
        ),
        (move("tension", value="nan", first=2030), "nan came"),
        (move("tension", value=2, first=2030, last=2029), "`last` 2029 is before `first` 2030"),
        (move("tension", value=2, first='"+5"', last='"+3"'), "`last` +3 is before `first` +5"),
        (move("tension", value=2, first=2030, shape="'ramp'"), "a `ramp` needs `last`"),
        (move("tension", value=2, first=2030, pole="'USA'"), "takes no `pole`"),
        (move("tension", value=2, first='"5"'), "'5' came; give a calendar year, such as 2030, or years after"),
        (move("tension", value=2, first='"+0"'), "'+0' came"),
        (move("tension", value=2, first="true"), "True came"),
        (move("tension", value=2, first=2030, target="'USA'"), "unknown key `moves.1.target`; allowed: lever, value"),
        (move("outward_propensity", value=2, first=2030), "lever `outward_propensity` needs `pole`"),
        (move("grants", value=0.1, first=2030, pole="'USA'"), "lever `grants` needs `countries`"),
        (
            move("grants", value=-0.1, first=2030, pole="'USA'", countries="['KAZ']"),
            "lever `grants` (addition): `value` -0.1 came; 0 or more is allowed",
        ),
        (
            move("guarantee", value=1.1, first=2030, pole="'USA'", countries="['KAZ']"),
            "lever `guarantee` (share): `value` 1.1 came; from 0 to 1 is allowed",
        ),
        (move("stakes", value=2, first=2030, area="'culture'"), "'culture' came; allowed is one area of security"),
        (move("exclusivity", value=2, first=2030, pole="'hub'"), "speaks of a hub, and there is none"),
        (move("adjustment", value=2, first=2030, countries="['neighbours']"), "speaks of a hub, and there is none"),
        (move("adjustment", value=2, first=2030, countries="[]"), "`moves.1.countries`"),
        (membership(change='"join"'), "`memberships.1.change`: 'join' came; input should be 'enter' or 'leave'"),
        (membership(last=2029), "`last` 2029 is before `first` 2030"),
        (membership(boddy='"WTO"'), "unknown key `memberships.1.boddy`; did you mean `body`?"),
        (reform(), "none came; give one of `named`, `seats` and `rule`"),
        (reform(named="'unsc-g4'", rule="{ unanimity = 'all' }"), "named and rule came"),
        (reform(named="'g5'"), "'g5' came; allowed is one reform of unsc-g4"),
        (reform(named="'sco-2001'"), "the reform `sco-2001` is of SCO; 'UNSC' came"),
        (reform(seats="['IND']"), "`seats` and `veto` go together"),
        (reform(seats="['IND']", veto="true", matter="'decision'"), "`matter` goes with `named` or `rule`"),
        (reform(rule="{ unanimty = 'all' }"), "unknown word 'unanimty' of a rule; did you mean `unanimity`?"),
        (founding(area='"culture"'), "`foundings.1.area`: 'culture' came; allowed is one area of security, economy"),
        (founding(depth=1.5), "`foundings.1.depth`: 1.5 came"),
        (founding(code='"new club"'), "`foundings.1.code`: 'new club' came"),
        (founding(founders=None), "`foundings.1.founders` is missing"),
        (founding() + founding(), "`foundings`: 'NEW' came twice"),
        ("[hub]\npole = 'RUS'", "`hub`: 'RUS' came without `neighbours`; usual ones are known for no pole"),
        ("[hub]\npole = 'RUS'\nneighbours = []", "`hub.neighbours`"),
    ],
)
def test_what_is_not_allowed_is_one_clear_error(tmp_path, text, words):
    path = written(tmp_path, text)
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    assert words in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_file_that_is_absent_or_not_text_is_named(tmp_path):
    with pytest.raises(ScenarioError, match="there is no file"):
        load_scenario(tmp_path / "absent.toml")
    (tmp_path / "bytes.toml").write_bytes(b"name = '\xff'")
    with pytest.raises(ScenarioError, match="not UTF-8"):
        load_scenario(tmp_path / "bytes.toml")
    with pytest.raises(ScenarioError, match="baseline, deglobalisation"):
        load_scenario("nothing")


@pytest.mark.parametrize(("first", "last"), [(2031, None), (2025, 2030), ("+6", None), ("+1", "+6"), (2024, None)])
def test_an_event_outside_the_horizon_is_refused(tmp_path, first, last):
    ends = {} if last is None else {"last": repr(last)}
    path = written(tmp_path, "years = 5\n" + move("tension", value=2, first=repr(first), **ends))
    with pytest.raises(ScenarioError, match=r"`moves.1`: `(first|last)` is .*; this run allows 2025-2029") as caught:
        load_scenario(path).check_horizon(2024)
    assert str(path) in str(caught.value)


def test_years_after_the_start_go_with_any_start():
    scenario = Scenario(
        name="a", title="A", description="A", years=5, moves=(Move(lever="tension", value=2, first="+1", last="+5"),)
    )
    for start in (1992, 2010, 2024):
        scenario.check_horizon(start)
    late = scenario.changed(moves=(Move(lever="tension", value=2, first="+3", last=2026),))
    late.check_horizon(2023)
    with pytest.raises(ScenarioError, match=r"`last` 2026 is before `first` \+3 for the start 2024"):
        late.check_horizon(2024)


@given(st.integers(1900, 2100), st.integers(1, 100))
def test_years_after_the_start_are_calendar_years(start, years):
    assert calendar_year(f"+{years}", start) == calendar_year(start + years, 0) == start + years


@given(*[st.tuples(st.integers(0, 9), st.integers(0, 9)).map(lambda ends: Span(min(ends), max(ends)))] * 2)
def test_spans_overlap_where_a_year_is_in_both(one, other):
    common = set(range(one.first, one.last + 1)) & set(range(other.first, other.last + 1))
    assert one.overlaps(other) == other.overlaps(one) == bool(common)
    if common:
        assert one.shared(other) == min(common)


def test_a_hub_is_exchanged_with_its_usual_neighbours():
    template = load_scenario("hub-and-neighbours")
    assert template.hub is not None
    for pole, usual in template.hub.usual.items():
        other = template.with_hub(pole, None)
        assert other.hub is not None
        assert (other.hub.pole, other.hub.around) == (pole, usual)
    chosen = template.with_hub("CHN", ("VNM",)).hub
    assert chosen is not None
    assert chosen.around == ("VNM",)
    with pytest.raises(ScenarioError, match="'JPN' came without `neighbours`; usual ones are known for RUS, USA"):
        template.with_hub("JPN", None)
    with pytest.raises(ScenarioError, match="the scenario `baseline` has none"):
        load_scenario("baseline").with_hub("RUS", None)


def test_named_neighbours_go_when_another_hub_comes():
    around = Hub(pole="RUS", neighbours=("KAZ",), usual={"RUS": ("BLR",), "IND": ("NPL",)})
    scenario = Scenario(name="a", title="A", description="A", hub=around)
    other = scenario.with_hub("IND", None).hub
    same = scenario.with_hub("RUS", None).hub
    assert other is not None
    assert same is not None
    assert (other.around, same.around) == (("NPL",), ("KAZ",))


text = st.text(st.characters(blacklist_categories=("Cs",)), min_size=1, max_size=20)
share = st.floats(0, 1)
first, last = st.integers(1, 10).map("+{}".format), st.integers(11, 20).map("+{}".format)
words = st.lists(st.sampled_from(["KAZ", "Central Asia", "members of EU", "not RUS"]), min_size=1, max_size=3).map(
    tuple
)
rule = st.none() | st.sampled_from(
    [
        {"unanimity": "all"},
        {"yes": "2/3", "of": "members", "by": "capability"},
        {"all": [{"yes": 3}, {"veto": {"holders": ["KAZ", "UZB"]}}]},
    ]
)


@st.composite
def moves(draw):
    lever = draw(st.sampled_from(sorted(LEVERS)))
    target = {"pole": st.sampled_from(["USA", "all"]), "countries": words, "area": st.sampled_from([*AREAS, "all"])}
    keys = {axis: draw(target[axis]) for axis in LEVERS[lever].axes}
    shape = draw(st.sampled_from(["step", "ramp"]))
    return dict(lever=lever, value=draw(share), first=draw(first), last=draw(last), shape=shape, **keys)


@st.composite
def reforms(draw):
    how = draw(st.sampled_from(["named", "seats", "rule"]))
    if how == "named":
        name = draw(st.sampled_from(sorted(REFORMS)))
        return dict(body=REFORMS[name].body, first=draw(first), named=name)
    if how == "seats":
        return dict(body="UNSC", first=draw(first), seats=draw(words), veto=draw(st.booleans()))
    table, matter = draw(rule.filter(lambda table: table is not None)), draw(st.none() | text)
    return dict(body="WTO", first=draw(first), rule=table, matter=matter)


memberships = st.builds(
    dict, body=text, countries=words, change=st.sampled_from(["enter", "leave"]), first=first, last=last
)
foundings = st.builds(
    dict,
    code=st.from_regex(r"[A-Z]{3}-[0-9]{2}", fullmatch=True),
    name=text,
    founders=words,
    area=st.sampled_from(AREAS),
    formality=share,
    excludability=share,
    depth=share,
    first=first,
    rule=rule,
    eligible=st.none() | words,
    non_state=share,
)
hubs = st.none() | st.builds(
    dict, pole=st.just("RUS"), neighbours=words, usual=st.dictionaries(text, words, max_size=2)
)
contents = st.builds(
    dict,
    name=st.just("mine"),
    title=text,
    description=text,
    sources=st.lists(text, max_size=2).map(tuple),
    start=st.just("newest") | st.integers(1992, 2024),
    years=st.integers(1, 100),
    shocks=st.booleans(),
    extensions=st.lists(st.sampled_from(sorted(extensions())), unique=True).map(tuple),
    parameters=st.dictionaries(text, st.floats(-1e6, 1e6), max_size=2),
    hub=hubs,
    moves=st.lists(moves(), max_size=3).map(tuple),
    memberships=st.lists(memberships, max_size=2).map(tuple),
    reforms=st.lists(reforms(), max_size=2).map(tuple),
    foundings=st.lists(foundings, max_size=2, unique_by=lambda one: one["code"]).map(tuple),
)


@given(contents)
def test_a_written_scenario_reads_back_the_same(content):
    # Made here, not in the strategy: checks at run time pick entries at random, which a strategy must not.
    scenario = Scenario.read(content, "made up")
    assert Scenario.read(tomllib.loads(scenario_toml(scenario)), "mine.toml") == scenario


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_a_shipped_scenario_is_repeated_from_what_a_run_records(name, tmp_path):
    recorded = tmp_path / "scenario.toml"
    recorded.write_text(scenario_toml(load_scenario(name)), encoding="utf-8")
    assert load_scenario(recorded) == load_scenario(name)
