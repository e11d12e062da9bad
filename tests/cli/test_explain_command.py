"""`orrery explain` as a user runs it: a table, other formats, a figure, and errors in one line."""

from __future__ import annotations

import dataclasses
import json

import pytest
from typer.testing import CliRunner

from orrery.base.errors import OrreryError
from orrery.cli.main import app
from orrery.lab import ensemble, explain
from orrery.lab.scenario import Move, Scenario
from world.conftest import make_observed

pytestmark = pytest.mark.long

COUNTRIES = ("USA", "CHN", "RUS", "KAZ", "UZB", "SRB", "MEX", "VNM", "TUR", "KEN", "PER", "FJI")
MOVES = (
    Move(lever="grants", pole="CHN", countries=("KAZ",), value=0.05, first="+1"),
    Move(lever="access", pole="RUS", countries=("KAZ",), value=1.0, first="+1"),
)


@pytest.fixture(scope="module")
def run(baseline, tmp_path_factory):
    """A run of a made-up world whose countries and poles have names of real ones."""
    observed = make_observed(12, 3, n_bodies=6, n_open=4)
    bodies = dataclasses.replace(observed.bodies, countries=COUNTRIES)
    named = dataclasses.replace(observed, countries=COUNTRIES, poles=COUNTRIES[:3], bodies=bodies)
    told = Scenario(
        name="mine", title="Mine", description="A test.", years=5, draws=4, start=2020, poles=COUNTRIES[:3], moves=MOVES
    )
    with pytest.MonkeyPatch.context() as patch:
        for module in (ensemble, explain):
            patch.setattr(module, "first_world", lambda scenario, panel: (named, []))
            patch.setattr(module, "enable_compilation_cache", lambda folder: None)
        yield ensemble.simulate(told, panel=baseline, out=tmp_path_factory.mktemp("runs") / "mine", workers=1).folder


def invoke(*words: object):
    return CliRunner().invoke(app, ["explain", *(str(word) for word in words)])


def test_the_table_leads_from_the_first_share_to_the_last(run):
    result = invoke(run, "Kazakhstan", 2023)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0] == "What moved the portfolio of Kazakhstan, 2020-2023"
    starts = [line.split("  ")[0] for line in lines[3:12]]
    assert starts == [
        "share in 2020, %",
        "supply",
        "coercion",
        "positions",
        "rivalry",
        "own shares",
        "shares of rivals",
        "all terms",
        "share in 2023, %",
    ]
    assert "exactly 0 throughout: reliability" in lines
    assert any("mean over 4 draws" in line for line in lines)


def test_other_formats_add_up_to_the_recorded_change(run):
    rows = json.loads(invoke(run, "KAZ", "--levers", "--format", "json").stdout)
    assert {row["unit"] for row in rows} == {"percentage points"}
    assert {row["event"] for row in rows} == {"no event", "moves.1 (grants)", "moves.2 (access)", "all"}
    of_one = [row for row in rows if row["option"] == "CHN" and row["event"] != "all" and row["term"] != "all"]
    whole = next(row for row in rows if row["option"] == "CHN" and row["event"] == "all" and row["term"] == "all")
    assert sum(row["mean"] for row in of_one) == pytest.approx(whole["mean"], abs=1e-9)
    assert all(row["mean"] == row["low"] == row["high"] == 0 for row in rows if row["event"] == "moves.2 (access)")


def test_levers_that_do_nothing_are_said_to(run):
    text = invoke(run, "KAZ", "--levers").stdout
    assert "exactly 0 for moves.2 (access): every term" in text
    assert "another order gives other contributions" in text


@pytest.mark.parametrize("levers", [(), ("--levers",)])
@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_a_figure_is_drawn(run, tmp_path, levers, suffix):
    path = tmp_path / f"kaz{suffix}"
    assert invoke(run, "KAZ", *levers, "--figure", path).exit_code == 0
    content = path.read_bytes()
    assert b"PNG" in content[:8] if suffix == ".png" else b"moves.1 (grants)" in content or not levers


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("KAZ", "2020"), "the run explains changes until 2021 to 2025"),
        (("USA",), "is a pole of this run"),
        (("FRA",), "was no member of the United Nations in 2020"),
        (("Atlantis",), "Atlantis"),
    ],
)
def test_what_is_wrong_is_said_in_one_error(run, words, message):
    result = invoke(run, *words)
    assert isinstance(result.exception, OrreryError), result.output
    assert message in str(result.exception)


def test_a_figure_of_unknown_format_and_a_run_that_is_none_are_refused(run, tmp_path):
    assert invoke(run, "KAZ", "--figure", tmp_path / "kaz.pdf").exit_code == 2
    result = invoke(tmp_path / "nowhere", "KAZ")
    assert isinstance(result.exception, OrreryError)
    assert "there is no folder" in str(result.exception)
