"""Panels of a few countries and years whose every tie is set by the test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import xarray as xr

from orrery.data.panel import Panel, Status, Variable

PAIRS = ("trade_share", "arms_share", "pact_strength", "membership_likeness", "treaty_likeness", "official_finance")
SINGLE = ("ideal_point", "ideal_point_sd", "capability_gdp")


def panel_of(
    countries: Sequence[str],
    years: Sequence[int],
    status: Mapping[str, np.ndarray] | None = None,
    **values: np.ndarray,
) -> Panel:
    """Return a panel in which every variable without values is missing; `treaty_likeness` is only there if given.

    Values are `[country, partner]` or `[country]` for all years alike, or have the years first. Statuses are
    `[year, country]`, observed by default.
    """
    shape, status = (len(years), len(countries)), status or {}
    axes = ("year", "country", "partner")
    arrays, known = {"in_system": (axes[:2], np.ones(shape, bool))}, {}
    for name in (*PAIRS, *SINGLE):
        full = (*shape, len(countries)) if name in PAIRS else shape
        given = values.get(name)
        if given is None and name == "treaty_likeness":
            continue
        code = Status.MISSING if given is None else Status.OBSERVED
        array = np.full(full, np.nan) if given is None else np.broadcast_to(np.asarray(given, float), full).copy()
        arrays[name] = (axes[: len(full)], array)
        arrays[f"{name}_status"] = (axes[:2], np.array(status.get(name, np.full(shape, code)), np.int8))
        known[name] = Variable(name, axes[: len(full)], "", "", (), None)
    dataset = xr.Dataset(arrays, coords={"year": list(years), "country": list(countries), "partner": list(countries)})
    return Panel(dataset, known, "a small panel")


def ties(countries: Sequence[str], **rows: Mapping[str, float]) -> np.ndarray:
    """Return `[country, partner]` with the rows named, 0 elsewhere."""
    frame = pd.DataFrame(0.0, index=list(countries), columns=list(countries))
    for country, row in rows.items():
        for partner, value in row.items():
            frame.loc[country, partner] = value
    return frame.to_numpy()


class TablesInMemory:
    """A store that holds the tables given."""

    def __init__(self, **tables: pd.DataFrame) -> None:
        self.tables = tables

    def read(self, table: str) -> pd.DataFrame:
        return self.tables[table]
