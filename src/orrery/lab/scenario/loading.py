"""Scenario files: read from TOML, by the name of a shipped one or by a path."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from pathlib import Path

from orrery.base.errors import ScenarioError
from orrery.lab.scenario.scenario import Scenario


def shipped_scenarios() -> dict[str, Scenario]:
    """Return the scenarios that come with the package, by name."""
    return dict(_shipped())


def load_scenario(name_or_path: str | Path) -> Scenario:
    """Return a shipped scenario by name, or one read from a TOML file.

    Raises:
        ScenarioError: no such scenario or file, not TOML, or a key or value that is not allowed; the message names
            the file, the key and what is allowed.
    """
    path = Path(name_or_path)
    if path.suffix != ".toml":
        shipped = _shipped()
        if str(name_or_path) in shipped:
            return shipped[str(name_or_path)]
        raise ScenarioError(
            f"`scenario`: {str(name_or_path)!r} came; it is the path of a .toml file or one of {', '.join(shipped)}."
        )
    if not path.is_file():
        raise ScenarioError(f"`scenario`: there is no file {path}.")
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise ScenarioError(f"{path}: not UTF-8 text (byte {error.start}). Save the file as UTF-8.") from None
    return _parsed(text, str(path))


@cache
def _shipped() -> dict[str, Scenario]:
    folder = resources.files("orrery.lab") / "scenarios"
    files = sorted(path.name for path in folder.iterdir() if path.name.endswith(".toml"))
    loaded = [_parsed((folder / name).read_text("utf-8"), name) for name in files]
    return {scenario.name: scenario for scenario in loaded}


def _parsed(text: str, file: str) -> Scenario:
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(f"{file}: not valid TOML: {error}.") from None
    return Scenario.read(content, file, file)
