"""The list of least developed countries of the United Nations, by year.

United Nations, Committee for Development Policy, list of least developed countries: years of inclusion (the first by
General Assembly resolution 2768 (XXVI) of 1971) and days of graduation. A merged country is on the list if its
predecessors were.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date
from functools import cache
from importlib.resources import files

import numpy as np
from jaxtyping import Bool


def least_developed(countries: Sequence[str], year: int) -> Bool[np.ndarray, " country"]:
    """Tell which countries (ISO3 codes) were on the list on the last day of a year."""
    listed = _list()
    return np.array([_on_list(listed.get(code), year) for code in countries], bool)


def _on_list(spell: tuple[int, date | None] | None, year: int) -> bool:
    if spell is None:
        return False
    since, graduated = spell
    return since <= year and (graduated is None or graduated > date(year, 12, 31))


@cache
def _list() -> dict[str, tuple[int, date | None]]:
    text = (files("orrery.negotiation.burden") / "least_developed.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    return {
        row["iso3"]: (int(row["since"]), date.fromisoformat(row["graduated"]) if row["graduated"] else None)
        for row in rows
    }
