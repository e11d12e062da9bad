"""What the document of design promises: examples that give what they say, a row per preset, its figures."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from orrery.negotiation.design.merits import OBJECTIVES
from orrery.negotiation.formats import PRESETS

pytestmark = pytest.mark.long

DOCUMENT = Path(__file__).parents[3] / "docs" / "design.md"
TEXT = DOCUMENT.read_text("utf-8")


def test_every_example_gives_what_the_document_says():
    found = doctest.testfile(str(DOCUMENT), module_relative=False)
    assert found.attempted >= 20
    assert found.failed == 0


def test_the_tables_are_the_presets_and_the_merits():
    rows = re.findall(r"(?m)^\| `([\w-]+)` \|", TEXT)
    assert rows == [*PRESETS, *OBJECTIVES]


def test_its_figures_are_there():
    figures = re.findall(r"\]\((figures/[\w.]+)\)", TEXT)
    assert len(figures) == 2
    assert all((DOCUMENT.parent / figure).stat().st_size > 10_000 for figure in figures)
