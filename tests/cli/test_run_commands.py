"""The main job as a user runs it: a program, its folder, its errors, and what an interruption leaves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from orrery.base.errors import OrreryError
from orrery.cli.main import app
from orrery.lab.scenario import LEVERS, load_scenario, shipped_scenarios

pytestmark = pytest.mark.long

ORRERY = Path(sys.executable).with_name("orrery")

INTERRUPTIBLE = (
    sys.executable,
    "-c",
    "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])",
)
"""Starts a program that heeds interruptions: a shell's background job, and what it starts, would ignore them."""


def invoke(*words: object):
    return CliRunner().invoke(app, [str(word) for word in words])


def refused(*words: object) -> str:
    """Run a command that must end in an expected error, and return its message."""
    result = invoke(*words)
    assert isinstance(result.exception, OrreryError), result.output
    return str(result.exception)


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "small"
    result = invoke("run", "--draws", 3, "--years", 3, "--start", 2014, "--out", folder, "--neighbourhood", "MEX,GTM")
    assert result.exit_code == 0, result.output
    assert str(folder / "report.html") in result.output
    return folder


def test_a_run_has_a_report_figures_and_tables(run):
    page = (run / "report.html").read_text("utf-8")
    assert "Mexico" in page
    assert "Guatemala" in page
    assert {path.suffix for path in (run / "figures").iterdir()} == {".svg", ".png"}
    assert {path.suffix for path in (run / "tables").iterdir()} == {".csv", ".parquet"}


def test_show_prints_the_run_and_its_indicators(run):
    text = invoke("show", run).output
    assert "3 draws, 2014-2017, seed 1" in text
    assert "mean_effective_multivectorness" in text
    rows = json.loads(invoke("show", run, "--all", "--format", "json").output)
    assert {row["year"] for row in rows} == {2014, 2015, 2016, 2017}


def test_a_repeated_run_gives_the_same_numbers(run, tmp_path):
    again = tmp_path / "again"
    assert invoke("run", "--from", run, "--out", again).exit_code == 0
    assert (again / "scenario.toml").read_bytes() == (run / "scenario.toml").read_bytes()
    assert (again / "tables" / "indicators.csv").read_bytes() == (run / "tables" / "indicators.csv").read_bytes()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("run", "nowhere"), "baseline, deglobalisation, development-surge"),
        (("run", "baseline", "--hub", "RUS"), "`hub`: the scenario `baseline` has none"),
        (("run", "hub-and-neighbours", "--hub", "TUR"), "usual ones are known for RUS, USA, CHN, EU, IND"),
        (("run", "hub-and-neighbours", "--hub", "TUR", "--neighbours", "GRC"), "one of USA, EU, CHN, RUS, IND"),
        (("run", "hub-and-neighbours", "--neighbours", "Central Asia, Atlantis"), "'Atlantis' came"),
        (("run", "unsc-reform", "--years", "1"), "this run allows 2025-2025"),
        (("run", "absent.toml"), "there is no file"),
        (("run", "--draws", "0"), "`draws`: 0 came"),
        (("run", "--start", "1950"), "1950"),
        (("run", "--neighbourhood", "KAZ,XXX"), "XXX"),
        (("show", "nowhere"), "there is no folder"),
        (("run", "--from", "nowhere"), "there is no folder"),
        (("measure", "alignment", "Atlantis"), "Atlantis"),
        (("measure", "alignment", "KAZ", "--years", "2005 to 2010"), "write a year"),
        (("measure", "alignment", "KAZ", "--years", "1980"), "holds 1990-2025"),
        (("measure", "alignment", "KAZ", "--channel", "trad"), "it is one of trade"),
        (("measure", "alignment", "KAZ", "--poles", "USA,USA"), "each of them once"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_and_nothing_is_written(words, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert message in refused(*words)
    assert list(tmp_path.iterdir()) == []


def test_measure_prints_every_channel_with_intervals_or_a_star():
    text = invoke("measure", "alignment", "Kazakhstan", "--years", "2010").output
    for channel in ("trade", "arms", "pacts", "finance", "membership", "votes", "composite"):
        assert channel in text
    assert "[" in text
    assert "*" in text
    words = ("alignment", "KAZ", "--years", "2009-2010", "--channel", "votes", "--format", "json")
    rows = json.loads(invoke("measure", *words).output)
    assert [row["year"] for row in rows] == [2009, 2010]


def test_scenarios_and_levers_are_listed():
    text = invoke("run", "--scenarios").output
    assert [name for name in (*shipped_scenarios(), *LEVERS) if name not in text] == []


def test_a_run_for_another_hub_keeps_that_hub(tmp_path, session_home):
    out = tmp_path / "india"
    words = ("--hub", "IND", "--neighbours", "NPL, Central Asia", "--years", "5", "--draws", "1", "--start", "2014")
    assert invoke("run", "hub-and-neighbours", *words, "--out", out).exit_code == 0
    hub = load_scenario(out / "scenario.toml").hub
    assert hub is not None
    assert (hub.pole, hub.neighbours) == ("IND", ("NPL", "Central Asia"))


def test_an_interrupted_run_keeps_what_is_done_and_ends_with_130(run, tmp_path, session_home):
    command = [*INTERRUPTIBLE, ORRERY, "run", "--draws", "5000", "--years", "3", "--start", "2014", "--out", "mine"]
    # Where `run` was made, the program is compiled already.
    environment = os.environ | {"ORRERY_HOME": str(session_home)}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("draws 50 "):
                process.send_signal(signal.SIGINT)
                break
        rest = process.stderr.read()
    assert process.returncode == 130
    assert "the same command takes up there" in rest
    assert "Traceback" not in rest
    assert not (tmp_path / "mine").exists()
    assert json.loads((tmp_path / "mine.partial" / "finished.json").read_text())["draws"] >= 50
