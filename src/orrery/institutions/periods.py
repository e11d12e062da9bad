"""Periods as files write them, "1949-08-24/" or "1962-02-14/2009-06-03", days included."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, InstanceOf, PlainSerializer

from orrery.data.countries import Period


def parse_period(value: object) -> Period:
    """Return the period that a text describes.

    Raises:
        ValueError: the text is no period, or its last day comes before its first.
    """
    if isinstance(value, Period):
        return value
    first, slash, last = value.partition("/") if isinstance(value, str) else ("", "", "")
    try:
        period = Period(date.fromisoformat(first), date.fromisoformat(last) if last else None)
    except ValueError:
        period = None
    if period is None or not slash:
        raise ValueError(f'{value!r} came; write a period as "1949-08-24/" or "1962-02-14/2009-06-03"')
    if period.end is not None and period.end < period.start:
        raise ValueError(f"the period {value!r} ends before it starts")
    return period


def parse_spells(value: object) -> tuple[Period, ...]:
    """Return one period or a list of them, in order of time.

    Raises:
        ValueError: a text that is no period.
    """
    listed = value if isinstance(value, list | tuple) else [value]
    return tuple(sorted((parse_period(one) for one in listed), key=lambda period: period.start))


def written(period: Period) -> str:
    """Return a period as files write it."""
    return f"{period.start}/{period.end or ''}"


def common(first: Period, second: Period) -> Period | None:
    """Return the days that two periods share; None where there are none."""
    ends = [period.end for period in (first, second) if period.end is not None]
    start, end = max(first.start, second.start), min(ends) if ends else None
    return None if end is not None and end < start else Period(start, end)


def day_after(day: date) -> date | None:
    """Return the next day; None after the last day that there is."""
    return date.fromordinal(day.toordinal() + 1) if day < date.max else None


def change_days(periods: Iterable[Period]) -> list[date]:
    """Return every day on which a period starts, or is over for the first day, in order."""
    days = set()
    for period in periods:
        days.add(period.start)
        days.add(day_after(period.end) if period.end else None)
    return sorted(day for day in days if day is not None)


PeriodField = Annotated[InstanceOf[Period], BeforeValidator(parse_period), PlainSerializer(written)]
"""A period, as a field of what is read from a file."""
SpellsField = Annotated[
    tuple[InstanceOf[Period], ...], BeforeValidator(parse_spells), PlainSerializer(lambda spells: _spells_out(spells))
]
"""One period or several."""


def _spells_out(spells: tuple[Period, ...]) -> Any:
    texts = [written(spell) for spell in spells]
    return texts[0] if len(texts) == 1 else texts
