"""What the document of agreements promises: its example gives what it says."""

from __future__ import annotations

import doctest
from pathlib import Path

DOCUMENT = Path(__file__).parents[2] / "docs" / "agreement.md"


def test_every_example_gives_what_the_document_says():
    found = doctest.testfile(str(DOCUMENT), module_relative=False)
    assert found.attempted >= 8
    assert found.failed == 0
