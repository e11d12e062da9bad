"""Case files: read, checked, listed, and begun from a template."""

from __future__ import annotations

import re
import tomllib
from difflib import get_close_matches
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from orrery.base.errors import NegotiationError
from orrery.institutions.places import Places
from orrery.negotiation.cases.case import CODE_PATTERN, Case

SUFFIX = ".toml"
TEMPLATE, TEMPLATE_CODE = "template.toml.in", "MY-CASE"


def validate_file(path: Path | str) -> Case:
    """Return the case of a file of one's own, checked.

    Raises:
        NegotiationError: there is no such file, or it is not valid; naming file, line, case and field.
    """
    path = Path(path)
    if not path.is_file():
        raise NegotiationError(f"`path`: there is no file {path}. Name a case file, or begin one: orrery cases new.")
    return _read(path, str(path))


def load_case(name: str) -> Case:
    """Return a shipped case by its code, in any case of letters, or the case of a file.

    Raises:
        NegotiationError: there is no such case, or the file is not valid.
    """
    if name.endswith(SUFFIX):
        return validate_file(name)
    code = name.strip().upper()
    if code not in case_codes():
        close = get_close_matches(code, case_codes(), n=3, cutoff=0.5)
        advice = f"Did you mean {' or '.join(close)}?" if close else "See orrery cases list."
        raise NegotiationError(f"`case`: {name!r} came; there is no case with this code. {advice}")
    return _shipped(code)


def load_cases() -> dict[str, Case]:
    """Return every shipped case by code.

    Raises:
        NegotiationError: a file is not valid.
    """
    return {code: _shipped(code) for code in case_codes()}


@cache
def case_codes() -> tuple[str, ...]:
    """Return the codes of the shipped cases, sorted."""
    names = [entry.name for entry in _folder().iterdir() if entry.name.endswith(SUFFIX)]
    return tuple(sorted(name.removesuffix(SUFFIX).upper() for name in names))


def template() -> str:
    """Return the commented text that a new case begins with."""
    return (_folder() / TEMPLATE).read_text("utf-8")


def begun(code: str) -> str:
    """Return the commented text that a case of one's own begins with, under its code.

    Args:
        code: capitals, digits and hyphens, in any case of letters; not one of a shipped case.

    Raises:
        NegotiationError: the code is not written like that, or a shipped case has it.
    """
    code = code.strip().upper()
    if code in case_codes():
        raise NegotiationError(f"`code`: {code!r} came; a shipped case has this code. Choose another.")
    if not re.fullmatch(CODE_PATTERN, code):
        raise NegotiationError(f"`code`: {code!r} came; write letters, digits and single hyphens, as EU-BELARUS-2020.")
    return template().replace(TEMPLATE_CODE, code)


@cache
def _shipped(code: str) -> Case:
    file = f"{code.lower()}{SUFFIX}"
    case = _read(_folder() / file, file)
    if case.code != code:
        raise NegotiationError(f"{file}: the code {case.code!r} came. Name the file after its case.")
    return case


def _folder() -> Traversable:
    return resources.files("orrery.negotiation.cases")


def _read(entry: Traversable, shown: str) -> Case:
    content = entry.read_bytes()
    try:
        text = content.decode("utf-8")
        table = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise NegotiationError(
            f"{shown}, line {line}: byte {error.start} is not UTF-8 text. Save the file as UTF-8."
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise NegotiationError(f"{shown}: not valid TOML: {error}. Correct it there.") from None
    return Case.read({**table, "file": shown}, Places(shown, str(table.get("code", "without a code")), text, "case"))
