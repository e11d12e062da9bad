"""Where in a file something stands, and what is wrong with it, in words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import ValidationError

Path = tuple[str | int, ...]
"""Keys of tables and positions in lists, as pydantic gives them: `("rules", 0, "rule", "yes")`."""


@dataclass(frozen=True)
class Places:
    """The file of a body, or of something else with a code, for messages.

    Attributes:
        file: its name.
        code: the body.
        text: its content, where line numbers are wanted.
        kind: what the file describes.
    """

    file: str
    code: str
    text: str | None = None
    kind: str = "body"

    def __call__(self, path: Path, day: date | None = None) -> str:
        """Return file, line, body, field and day."""
        line = None if self.text is None else line_of(self.text, path)
        parts = [self.file, f"line {line}" if line else "", f"{self.kind} {self.code}", _field(path), str(day or "")]
        return ", ".join(part for part in parts if part)


def line_of(text: str, path: Path) -> int | None:
    """Return the line, from 1, on which a field stands, as near as it can be told; None where the file lacks it."""
    lines = text.splitlines()
    first, last = 0, len(lines)
    keys = [key for key in path if isinstance(key, str)]
    if len(path) > 1 and isinstance(path[1], int):
        header = re.compile(rf"\s*\[\[\s*{re.escape(str(path[0]))}\s*\]\]")
        starts = [number for number, line in enumerate(lines) if header.match(line)]
        if path[1] < len(starts):
            first = starts[path[1]]
            other = re.compile(rf"\s*\[(?!\s*{re.escape(str(path[0]))}\.)")
            last = next((number for number in range(first + 1, len(lines)) if other.match(lines[number])), len(lines))
        keys = keys[1:]
    found = first + 1 if first else None
    for key in keys:
        holds = re.compile(rf"""(^|[\s{{,."']){re.escape(key)}["']?\s*=""")
        match = next((number for number in range(first, last) if holds.search(lines[number])), None)
        # A key that stands in the header of a table of its own has no line like that.
        if match is not None:
            first, found = match, match + 1
    return found


def in_words(error: ValidationError, places: Places) -> str:
    """Return the first problem that pydantic found: where, and what came."""
    problem = error.errors()[0]
    path = tuple(problem["loc"])
    return f"{places(path)}: {_message(problem, path)}"


def _message(problem: Any, path: Path) -> str:
    if problem["type"] == "extra_forbidden":
        return f"unknown key `{path[-1]}`. Remove it, or correct its name."
    if problem["type"] == "missing":
        return f"`{path[-1]}` is missing. Add it."
    message = str(problem["msg"]).removeprefix("Value error, ")
    came = "" if problem["type"] == "value_error" else f"; {problem['input']!r} came"
    return f"{message}{came}."


def _field(path: Sequence[str | int]) -> str:
    """Return a path as people read it: "`rules` 2, `rule.yes`", lists counted from 1."""
    if not path:
        return ""
    words, key = [], ""
    for part in path:
        if isinstance(part, int):
            words.append(f"`{key}` {part + 1}")
            key = ""
        else:
            key = f"{key}.{part}" if key else part
    return " ".join([*words, f"`{key}`" if key else ""]).strip()
