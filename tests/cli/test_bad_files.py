"""A bad file given to `orrery data add`: one clear line, and the store as it was, byte for byte."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parents[1] / "data"))

from small_files import SMALL

from orrery.base.errors import OrreryError
from orrery.cli.main import app

HTML = "<!DOCTYPE html><html><head><title>503 Service Unavailable</title></head><body>Try later.</body></html>"


def lines_of(text: str) -> list[str]:
    return text.rstrip("\n").split("\n")


DEFECTS = {
    "an empty file": lambda text: b"",
    "an HTML error page": lambda text: HTML.encode(),
    "another delimiter": lambda text: re.sub(r",", ";", text).encode(),
    "another encoding": lambda text: text.replace("a", "é", 1).encode("utf-16"),
    "a missing column": lambda text: "\n".join(line.rpartition(",")[0] for line in lines_of(text)).encode(),
    "a repeated line": lambda text: (text.rstrip("\n") + "\n" + lines_of(text)[-1] + "\n").encode(),
    "a line cut short": lambda text: text.rstrip("\n")[: -len(lines_of(text)[-1]) + 3].encode(),
    "a year out of range": lambda text: re.sub(r"\b(19|20)\d\d\b", "2999", text).encode(),
    "an unknown country": lambda text: re.sub(r"\b[A-Z]{3}\b(?!.*\b[A-Z]{3}\b)", "QQQ", text, flags=re.S).encode(),
}


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("defect", DEFECTS)
def test_the_store_is_as_it_was(defect: str, tmp_path: Path, own_home: Path) -> None:
    small = SMALL["wb_gdp"]
    (tmp_path / "sound").mkdir()
    sound = small.write(tmp_path / "sound")[small.role]
    added = CliRunner().invoke(app, ["data", "add", "wb_gdp", str(sound)])
    assert added.exit_code == 0, added.output
    before = contents(own_home / "store")
    assert any(name.endswith(".parquet") for name in before)

    bad = tmp_path / "bad" / sound.name
    bad.parent.mkdir()
    bad.write_bytes(DEFECTS[defect](small.text()))
    refused = CliRunner().invoke(app, ["data", "add", "wb_gdp", str(bad)])
    assert isinstance(refused.exception, OrreryError), refused.output
    message = str(refused.exception)
    assert "wb_gdp" in message
    assert str(bad) in message
    assert contents(own_home / "store") == before
