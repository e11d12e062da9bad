"""Hostility between countries: sanctions in force and militarised disputes, year by year, from the store.

Sanctions are those of the Global Sanctions Data Base (Felbermayr et al. 2020), disputes those of Gibler, Miller &
Little (2016). A year that a source does not reach, and a country outside the state system, are unknown (NaN), not
friendly.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
from jaxtyping import Float, Int

from orrery.data.countries import members
from orrery.data.panel import Panel, PanelAxes, Tables

GROUPS = {"EU": "EU", "EEC": "EU"}
"""Senders and targets of sanctions that stand for their members of the year. Sanctions of the United Nations bind every
country alike and single out no partner; those of and against other organisations are not resolved into members."""


def axes_of(panel: Panel) -> PanelAxes:
    """Return the labels of a panel."""
    return PanelAxes(panel.years, panel.countries, panel.dataset["in_system"].values)


def sanctions_against(tables: Tables, panel: Panel) -> Float[np.ndarray, "year country partner"]:
    """Return 1 where the partner has sanctions in force against the country, else 0; NaN beyond the source.

    The European Communities and Union stand for their members, as senders and as targets.

    Raises:
        StoreError: the table `sanctions` is not in the store.
    """
    return sanctions_over(tables, axes_of(panel))


def sanctions_over(tables: Tables, axes: PanelAxes) -> Float[np.ndarray, "year country partner"]:
    """Return `sanctions_against` for the labels of `axes`."""
    cases = tables.read("sanctions")
    result = _covered(axes, (int(cases["begin"].min()), int(cases["end"].max())))
    columns = ["target", "target_name", "sender", "sender_name", "begin", "end"]
    places = {code: place for place, code in enumerate(axes.countries)}
    for target, target_name, sender, sender_name, begin, end in cases[columns].itertuples(index=False):
        for year in range(max(begin, axes.years[0]), min(end, axes.years[-1]) + 1):
            under, by = _side(target, target_name, year, places), _side(sender, sender_name, year, places)
            result[year - axes.years[0], under[:, None], by] = 1
    return _within_system(result, axes)


def _side(iso3: object, name: str, year: int, places: dict[str, int]) -> Int[np.ndarray, " country"]:
    """Return the places of the countries that a sender or target stands for."""
    codes = members(GROUPS[name], date(year, 12, 31)) if name in GROUPS else (iso3,)
    return np.array([places[code] for code in codes if isinstance(code, str) and code in places], int)


def disputes_with(tables: Tables, panel: Panel) -> Float[np.ndarray, "year country partner"]:
    """Return 1 where the two are in a militarised dispute in the year, else 0; NaN beyond the source.

    Raises:
        StoreError: the table `disputes` is not in the store.
    """
    return disputes_over(tables.read("disputes"), axes_of(panel))


def disputes_over(table: pd.DataFrame, axes: PanelAxes) -> Float[np.ndarray, "year country partner"]:
    """Return `disputes_with` for the labels of `axes`, from the table `disputes`."""
    result = _covered(axes, (int(table["year"].min()), int(table["year"].max())))
    place = np.stack([axes.year_index(table["year"]), *(axes.country_index(table[c]) for c in ("iso3", "partner"))])
    year, one, other = place[:, (place >= 0).all(0)]
    result[year, one, other] = 1
    return _within_system(result, axes)


def _covered(axes: PanelAxes, span: tuple[int, int]) -> Float[np.ndarray, "year country partner"]:
    """Return zeros in the years of `span`, NaN in all others."""
    years, size = np.array(axes.years), len(axes.countries)
    inside = (years >= span[0]) & (years <= span[1])
    return np.repeat(np.where(inside, 0.0, np.nan), size * size).reshape(len(years), size, size)


def _within_system(
    values: Float[np.ndarray, "year country partner"], axes: PanelAxes
) -> Float[np.ndarray, "year country partner"]:
    return np.where(axes.in_system[:, :, None], values, np.nan)
