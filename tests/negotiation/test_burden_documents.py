"""What the documents of burden and legitimacy promise: their examples give what they say, every rule has its row."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from orrery.negotiation.burden import BURDEN_RULES

pytestmark = pytest.mark.long

DOCUMENTS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", ["burden.md", "legitimacy.md"])
def test_every_example_gives_what_the_document_says(name, baseline, monkeypatch):
    monkeypatch.setattr("orrery.data.baseline.load_baseline", lambda: baseline)
    found = doctest.testfile(str(DOCUMENTS / name), module_relative=False)
    assert found.attempted >= 15
    assert found.failed == 0


def test_the_table_of_rules_is_the_registry():
    text = (DOCUMENTS / "burden.md").read_text("utf-8")
    assert tuple(re.findall(r"(?m)^\| `(\w+)` \|", text)) == tuple(BURDEN_RULES)
