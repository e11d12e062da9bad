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

HEADER = re.compile(r"\s*\[\[?\s*[A-Za-z0-9_.-]+\s*\]\]?\s*(#.*)?$")
"""The line that begins a table of a TOML file."""


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
        line = "" if self.text is None else f"line {line_of(self.text, path)}"
        parts = [self.file, line, f"{self.kind} {self.code}", _field(path), str(day or "")]
        return ", ".join(part for part in parts if part)


def line_of(text: str, path: Path) -> int:
    """Return the line, from 1, on which a field stands, as near as it can be told.

    Where the file lacks the field, it is the line on which the table begins that should hold it.
    """
    lines = text.splitlines()
    headers = [number for number, line in enumerate(lines) if HEADER.match(line)]
    keys = [key for key in path if isinstance(key, str)]
    starts = [number for number in headers if keys and _opens(lines[number], keys[0])]
    entry = path[1] if len(path) > 1 and isinstance(path[1], int) else 0
    if entry < len(starts):
        found = starts[entry]
        after = [n for n in headers if n > found and not _opens_part(lines[n], keys[0])]
        keys = keys[1:]
    else:
        found, after = 0, headers
    last = after[0] if after else len(lines)
    for key in keys:
        holds = re.compile(rf"""(^|[\s{{,."']){re.escape(key)}["']?\s*=""")
        match = (n for n in range(found, last) if holds.search(lines[n]) and not lines[n].lstrip().startswith("#"))
        found = next(match, found)
    return found + 1


def _opens(line: str, key: str) -> bool:
    """Tell whether a header opens the table of a key, or an entry of its list of tables."""
    return re.match(rf"\s*\[\[?\s*{re.escape(key)}\s*\]", line) is not None


def _opens_part(line: str, key: str) -> bool:
    """Tell whether a header opens a part of the table of a key."""
    return re.match(rf"\s*\[\[?\s*{re.escape(key)}\.", line) is not None


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
