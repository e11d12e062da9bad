"""What the document of voting power promises: its examples give what it says, and it names every index."""

from __future__ import annotations

import doctest
from pathlib import Path

from click.testing import CliRunner
from typer.main import get_command

from orrery.cli.main import app

DOCUMENT = Path(__file__).parents[2] / "docs" / "power.md"


def test_every_example_gives_what_the_document_says():
    found = doctest.testfile(str(DOCUMENT), module_relative=False)
    assert found.attempted >= 8
    assert found.failed == 0


def test_every_command_of_the_document_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines = [line.strip() for line in DOCUMENT.read_text("utf-8").splitlines() if line.startswith("    orrery ")]
    assert len(lines) == 4
    for line in lines:
        answer = CliRunner().invoke(get_command(app), line.split()[1:])
        assert answer.exit_code == 0, answer.output
        assert "Method: exact" in answer.output
    assert (tmp_path / "power.png").stat().st_size > 10_000
