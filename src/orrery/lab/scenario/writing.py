"""Scenarios written as TOML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orrery.lab.scenario.scenario import PARTS, Scenario

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def scenario_toml(scenario: Scenario) -> str:
    """Return a scenario as the TOML that reads back as the same scenario."""
    content = scenario.model_dump(exclude_none=True)
    tables = {key: content.pop(key) for key in ("parameters", *PARTS) if key in content}
    lines = _entries(content)
    for key, table in tables.items():
        if isinstance(table, Mapping):
            lines += ["", f"[{key}]", *_entries(table)] if table else []
        else:
            for entry in table:
                lines += ["", f"[[{key}]]", *_entries(entry)]
    return "\n".join(lines) + "\n"


def _entries(table: Mapping[str, Any]) -> list[str]:
    return [f"{_key(key)} = {_value(value)}" for key, value in table.items()]


def _key(key: str) -> str:
    bare = key.isascii() and key.replace("_", "").replace("-", "").isalnum()
    return key if bare else _text(key)


def _text(value: str) -> str:
    return (
        '"'
        + "".join(_ESCAPES.get(sign, sign if sign >= " " and sign != "\x7f" else _code(sign)) for sign in value)
        + '"'
    )


def _code(sign: str) -> str:
    return f"\\u{ord(sign):04x}"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(_entries(value)) + " }" if value else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return repr(value)
