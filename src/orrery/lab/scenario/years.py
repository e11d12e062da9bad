"""Years of a scenario: calendar years, or years after a start that may be any."""

from __future__ import annotations

import re
from typing import Annotated, NamedTuple

import numpy as np
from jaxtyping import Bool, Int
from pydantic import BeforeValidator

_AFTER_START = re.compile(r"\+[1-9][0-9]{0,2}")


def _year(value: object) -> int | str:
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 9999:
        return value
    if isinstance(value, str) and _AFTER_START.fullmatch(value):
        return value
    raise ValueError(f'{value!r} came; give a calendar year, such as 2030, or years after the start, such as "+5"')


Year = Annotated[int | str, BeforeValidator(_year)]
"""A calendar year, or `"+5"`: the fifth year after the start."""


def calendar_year(year: Year, start: int) -> int:
    """Return the calendar year, given the start year."""
    return start + int(year) if isinstance(year, str) else year


class Span(NamedTuple):
    """Calendar years, both included."""

    first: int
    last: int

    def overlaps(self, other: Span) -> bool:
        """Tell whether the two share a year."""
        return self.first <= other.last and other.first <= self.last

    def within(self, years: Int[np.ndarray, " year"]) -> Bool[np.ndarray, " year"]:
        """Tell which of some years belong to it."""
        return (years >= self.first) & (years <= self.last)

    def shared(self, other: Span) -> int:
        """Return the first year that two overlapping spans share."""
        return max(self.first, other.first)


def span_of(first: Year, last: Year | None, start: int, horizon: int) -> Span:
    """Return the calendar years from a first to a last one, to the horizon where none is named."""
    return Span(calendar_year(first, start), horizon if last is None else calendar_year(last, start))


def orderly(first: Year, last: Year | None) -> bool:
    """Tell whether `last` is not before `first`, as far as that is clear without the start year."""
    if last is None or isinstance(first, str) != isinstance(last, str):
        return True
    return int(last) >= int(first)
