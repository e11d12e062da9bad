"""What the document of reference solutions promises: its example gives what it says, its table names them all."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

from orrery.negotiation.solutions.registry import SOLUTIONS

pytestmark = pytest.mark.long

DOCUMENT = Path(__file__).parents[3] / "docs" / "solutions.md"


def test_every_example_gives_what_the_document_says():
    found = doctest.testfile(str(DOCUMENT), module_relative=False)
    assert found.attempted >= 10
    assert found.failed == 0


def test_every_solution_stands_in_the_table():
    text = DOCUMENT.read_text("utf-8")
    assert all(f"| `{name}` |" in text for name in SOLUTIONS)
