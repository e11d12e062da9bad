"""The examples of docs/rules.md and docs/bodies.md are run, and the words they explain are those that there are."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

import pytest
import typer

from orrery.cli.main import app
from orrery.institutions.blocks import STATUSES, MembershipBlock, ParticipantBlock, RuleBlock, SourceBlock, WeightsBlock
from orrery.institutions.body import Body
from orrery.institutions.rules import WORDS

DOCS = Path(__file__).parents[2] / "docs"
TABLES = {
    "sources": SourceBlock,
    "membership": MembershipBlock,
    "participants": ParticipantBlock,
    "weights": WeightsBlock,
    "rules": RuleBlock,
}


@pytest.mark.parametrize(("name", "fewest"), [("rules.md", 50), ("bodies.md", 8)])
def test_every_example_gives_what_the_document_says(name, fewest):
    ran = doctest.testfile(str(DOCS / name), module_relative=False, encoding="utf-8")
    assert ran.failed == 0
    assert ran.attempted >= fewest


def test_every_word_of_a_rule_is_explained():
    text = (DOCS / "rules.md").read_text("utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    for word in WORDS:
        assert any(f"{{ {word} =" in row for row in rows), word
    sections = {"#" + title.lower().replace(" ", "-") for title in re.findall(r"(?m)^## (.+)$", text)}
    assert set(re.findall(r"\]\((#[^)]+)\)", text)) <= sections


def test_every_field_of_a_file_is_explained():
    text = (DOCS / "bodies.md").read_text("utf-8")
    rows = "\n".join(line for line in text.splitlines() if line.startswith("| `"))
    for field in set(Body.model_fields) - set(TABLES) - {"file"}:
        assert f"`{field}`" in rows, field
    for table, block in TABLES.items():
        (row,) = [line for line in rows.splitlines() if line.startswith(f"| `[[{table}]]`")]
        for field in block.model_fields:
            assert re.search(rf"\b{field}\b", row), (table, field)
    for status in STATUSES:
        assert f"`{status}`" in text


def test_the_commands_of_the_document_exist_with_their_options():
    bodies = typer.main.get_command(app).commands["bodies"].commands
    text = (DOCS / "bodies.md").read_text("utf-8")
    named = [shlex.split(line) for line in re.findall(r"(?m)^    orrery bodies (.+)$", text)]
    assert {words[0] for words in named} >= {"list", "show", "members", "vote"}
    for words in named:
        allowed = {option for parameter in bodies[words[0]].params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= allowed, words
