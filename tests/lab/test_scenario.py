"""Scenario files: what is allowed, what is refused and in which words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orrery.base.errors import ScenarioError
from orrery.lab.scenario import LEVERS, Move, Scenario, load_scenario, scenario_toml, shipped_scenarios

HEAD = 'name = "mine"\ntitle = "Mine"\ndescription = "A test."\n'


def written(tmp_path, text, **options):
    path = tmp_path / "mine.toml"
    path.write_text(HEAD + text, **options)
    return path


def test_every_shipped_scenario_reads_and_says_what_it_assumes():
    shipped = shipped_scenarios()
    assert {"baseline", "deglobalisation", "exclusivity"} <= set(shipped)
    for name, scenario in shipped.items():
        assert scenario.name == name
        assert len(scenario.description) > 40


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
        ("[[moves]]\nlever = 'gravity'\nvalue = 1\nfirst = 2030", "'gravity' came"),
        ("[[moves]]\nlever = 'tension'\nvalue = -1\nfirst = 2030", "is a factor, 0 or more; -1.0 came"),
        ("[[moves]]\nlever = 'tension'\nvalue = nan\nfirst = 2030", "nan came"),
        ("[[moves]]\nlever = 'tension'\nvalue = 2\nfirst = 2030\nlast = 2029", "`last` 2029 is before `first` 2030"),
        ("[[moves]]\nlever = 'tension'\nvalue = 2\nfirst = 2030\nshape = 'ramp'", "a `ramp` needs `last`"),
        ("[[moves]]\nlever = 'tension'\nvalue = 2\nfirst = 2030\ntarget = 'USA'", "takes no `target`"),
        ("[[moves]]\nlever = 'outward_propensity'\nvalue = 2\nfirst = 2030", "needs a `target`"),
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


def test_a_move_outside_the_horizon_is_refused():
    scenario = Scenario(
        name="a", title="A", description="A", years=5, moves=(Move(lever="tension", value=2, first=2031),)
    )
    with pytest.raises(ScenarioError, match="this run allows 2025-2029"):
        scenario.check_horizon(2024)
    scenario.check_horizon(2027)


text = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=30)
moves = st.builds(
    Move,
    lever=st.sampled_from([lever for lever in LEVERS if lever not in ("outward_propensity", "capability_growth")]),
    value=st.floats(0, 3),
    first=st.integers(2025, 2030),
    last=st.integers(2031, 2040),
    shape=st.sampled_from(["step", "ramp"]),
)


@given(text, text, st.integers(1, 100), st.lists(moves, max_size=3), st.booleans())
def test_a_written_scenario_reads_back_the_same(tmp_path_factory, title, description, years, moved, shocks):
    scenario = Scenario(
        name="mine",
        title=title,
        description=description,
        years=years,
        shocks=shocks,
        parameters={"exclusivity": 0.5},
        moves=tuple(moved),
    )
    path = tmp_path_factory.mktemp("scenario") / "mine.toml"
    path.write_text(scenario_toml(scenario), encoding="utf-8")
    assert load_scenario(path) == scenario
