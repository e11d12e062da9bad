"""What the document of the rounds promises: its examples give what it says."""

from __future__ import annotations

import doctest
from pathlib import Path

DOCUMENT = Path(__file__).parents[3] / "docs" / "bargaining.md"


def test_every_example_gives_what_the_document_says():
    found = doctest.testfile(str(DOCUMENT), module_relative=False)
    assert found.attempted >= 12
    assert found.failed == 0
