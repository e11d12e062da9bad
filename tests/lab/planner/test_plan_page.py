"""The page about the planner: its commands and options exist, and it names every table and candidate by its name."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import typer

from orrery.cli.main import app
from orrery.lab.planner.candidates import SPREAD_LOG2
from orrery.lab.planner.criteria import N_RESAMPLES
from orrery.report.plan_folder import TABLES

PAGE = (Path(__file__).parents[3] / "docs" / "plan.md").read_text("utf-8")
COMMAND = typer.main.get_command(app).commands["plan"]  # pyright: ignore[reportAttributeAccessIssue]
OPTIONS = {name: option for option in COMMAND.params for name in option.opts}


def test_the_commands_on_the_page_exist_with_their_options():
    commands = re.findall(r"(?m)^    orrery (plan .+)$", PAGE)
    assert len(commands) >= 4
    for words in map(shlex.split, commands):
        assert {word for word in words if word.startswith("--")} <= set(OPTIONS), words


def test_every_option_but_workers_stands_in_the_table():
    rows = " ".join(re.findall(r"(?m)^\| (`--.+?) \|", PAGE))
    named = set(re.findall(r"`(--[a-z-]+)", rows))
    assert named == {name for name in OPTIONS if name.startswith("--")} - {"--workers"}


def test_defaults_and_sizes_on_the_page_are_those_of_the_program():
    assert f"{OPTIONS['--draws'].default} draws and {OPTIONS['--years'].default} years by default" in PAGE
    assert f"{2**SPREAD_LOG2} points" in PAGE
    assert f"over {N_RESAMPLES} resamples" in PAGE
    for name in TABLES:
        assert f"`{name}.csv`" in PAGE
