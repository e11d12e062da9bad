"""The examples of docs/cases.md are run; its table is that of the shipped cases; it explains every field."""

from __future__ import annotations

import doctest
import re
import runpy
import shlex
from pathlib import Path

import pytest
import typer

from orrery.cli.main import app
from orrery.negotiation.cases import Case
from orrery.negotiation.cases.parts import Caucus, Issue, Outcome, Party, RuleOfCase

ROOT = Path(__file__).parents[3]
DOCUMENT = ROOT / "docs" / "cases.md"
TEXT = DOCUMENT.read_text("utf-8")


def test_its_examples_run() -> None:
    ran = doctest.testfile(str(DOCUMENT), module_relative=False, encoding="utf-8")
    assert ran.attempted >= 10
    assert ran.failed == 0


def test_its_table_is_that_of_the_shipped_cases() -> None:
    make = runpy.run_path(str(ROOT / "tools" / "build_case_table.py"))["document"]
    assert make(TEXT) == TEXT, "run `python tools/build_case_table.py`"


@pytest.mark.parametrize("part", [Case, RuleOfCase, Issue, Party, Caucus, Outcome], ids=lambda part: part.__name__)
def test_it_explains_every_field(part: type) -> None:
    for field in set(part.model_fields) - {"file", "rule", "issues", "parties", "outcome", "sources"}:
        assert re.search(rf"`?\b{field}\b", TEXT), field
    for table in ("rule", "issues", "parties", "outcome", "sources"):
        assert re.search(rf"`\[\[?{table}\]\]?`", TEXT), table


def test_its_commands_exist_with_their_options() -> None:
    commands = typer.main.get_command(app).commands["cases"].commands  # type: ignore[attr-defined]
    named = [shlex.split(line) for line in re.findall(r"(?m)^    orrery cases (.+)$", TEXT)]
    assert {words[0] for words in named} == set(commands)
    for words in named:
        allowed = {option for parameter in commands[words[0]].params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= allowed, words
