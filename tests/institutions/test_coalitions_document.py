"""The examples of docs/coalitions_and_reform.md are run, and it names every reform and option that there is."""

from __future__ import annotations

import doctest
import re
import shlex
from itertools import pairwise
from pathlib import Path

import typer

from orrery.cli.main import app
from orrery.institutions import reform
from orrery.institutions.reform import REFORMS

DOCUMENT = Path(__file__).parents[2] / "docs" / "coalitions_and_reform.md"
TEXT = DOCUMENT.read_text("utf-8")


def test_every_example_gives_what_the_document_says():
    ran = doctest.testfile(str(DOCUMENT), module_relative=False, encoding="utf-8")
    assert ran.failed == 0
    assert ran.attempted >= 70


def test_every_elementary_reform_is_explained():
    rows = "\n".join(line for line in TEXT.splitlines() if line.startswith("| `"))
    elementary = {
        name
        for name in vars(reform)
        if getattr(getattr(reform, name), "__module__", "") == "orrery.institutions.reform.changes"
    }
    for name in elementary - {"Reform", "chained"}:
        assert f"`{name}`" in rows, name


def test_the_commands_exist_with_their_options():
    bodies = typer.main.get_command(app).commands["bodies"].commands
    named = [shlex.split(line) for line in re.findall(r"(?m)^    orrery bodies (.+)$", TEXT)]
    assert {words[0] for words in named} == {"replay", "reform"}
    for words in named:
        allowed = {option for parameter in bodies[words[0]].params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= allowed, words
        for name in [after for word, after in pairwise(words) if word == "--named"]:
            assert name in REFORMS
