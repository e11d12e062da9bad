"""Writing scenarios as TOML."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from orrery.lab.scenario.scenario import TABLES, Scenario


def scenario_toml(scenario: Scenario) -> str:
    """Write a scenario as the TOML that reads back as the same scenario."""
    content = scenario.model_dump(exclude_none=True)
    tables = {key: content.pop(key) for key in TABLES}
    sections = {key: content.pop(key) for key in ("parameters", "hub") if key in content}
    lines = _entries(content)
    for key, section in sections.items():
        if section:
            lines += ["", f"[{key}]", *_entries(section)]
    for key, events in tables.items():
        for event in events:
            lines += ["", f"[[{key}]]", *_entries(event)]
    return "\n".join(lines) + "\n"


def _entries(table: Mapping[str, Any]) -> list[str]:
    return [f"{_text(key) if not _is_bare(key) else key} = {_value(value)}" for key, value in table.items()]


def _is_bare(key: str) -> bool:
    return key.isascii() and key.replace("_", "").replace("-", "").isalnum()


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


def _text(value: str) -> str:
    # The escapes of a JSON string are escapes of a TOML string, but TOML wants the delete character escaped too.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
