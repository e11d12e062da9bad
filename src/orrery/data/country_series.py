"""The series of the panel with one value per country and year, or per year, each from tables to an aligned array."""

from __future__ import annotations

import numpy as np
import pandas as pd
from jaxtyping import Float

from orrery.data.panel import PanelAxes, Tables


def _country_series(table: pd.DataFrame, column: str, axes: PanelAxes) -> Float[np.ndarray, "year country"]:
    """Place one column of a country-year table on the axes."""
    values = np.full(axes.shape, np.nan)
    year, country = axes.year_index(table["year"]), axes.country_index(table["iso3"])
    kept = (year >= 0) & (country >= 0)
    values[year[kept], country[kept]] = table[column].to_numpy(float)[kept]
    return values


def _share_of_world(values: Float[np.ndarray, "year country"]) -> Float[np.ndarray, "year country"]:
    """Divide by the sum over the countries with data in the year; an empty year stays NaN."""
    total = np.nansum(values, axis=1, keepdims=True)
    return values / np.where(total > 0, total, np.nan)


def population(tables: Tables, axes: PanelAxes) -> np.ndarray:
    """Persons."""
    return _country_series(tables.read("population"), "population", axes)


def gdp_usd(tables: Tables, axes: PanelAxes) -> np.ndarray:
    """Gross domestic product, current US dollars."""
    return _country_series(tables.read("gdp"), "gdp_usd", axes)


def capability_population(tables: Tables, axes: PanelAxes) -> np.ndarray:
    """Share of the world's population."""
    return _share_of_world(population(tables, axes))


def capability_gdp(tables: Tables, axes: PanelAxes) -> np.ndarray:
    """Share of the world's output at current prices."""
    return _share_of_world(gdp_usd(tables, axes))


def capability_cinc(tables: Tables, axes: PanelAxes) -> np.ndarray:
    """Composite index of national capability, rescaled to sum to 1 over the system of the year."""
    return _share_of_world(_country_series(tables.read("capabilities"), "cinc", axes))


def development(tables: Tables, axes: PanelAxes) -> np.ndarray:
    """`0.8 z(ln GDP per head)`, standardised over the countries of the year."""
    with np.errstate(invalid="ignore", divide="ignore"):
        log_income = np.log(gdp_usd(tables, axes) / population(tables, axes))
    known = ~np.isnan(log_income)
    count = np.maximum(known.sum(1, keepdims=True), 1)
    centred = log_income - np.where(known, log_income, 0).sum(1, keepdims=True) / count
    spread = np.sqrt(np.where(known, centred**2, 0).sum(1, keepdims=True) / count)
    return 0.8 * centred / np.where(spread > 0, spread, np.nan)


def connectedness(tables: Tables, axes: PanelAxes) -> np.ndarray:
    """World mean of the KOF globalisation index, divided by 100: 0 to 1."""
    table = tables.read("globalisation_regions")
    world = table[table["code"] == "WLD"].set_index("year")["kof"]
    return world.reindex(list(axes.years)).to_numpy(float) / 100


def openness(tables: Tables, axes: PanelAxes) -> np.ndarray:
    """KOF globalisation index of the country, divided by 100: 0 to 1."""
    return _country_series(tables.read("globalisation"), "kof", axes) / 100


def openness_rank(tables: Tables, axes: PanelAxes) -> np.ndarray:
    """Percentile rank of the country's openness in the year, `(lower + equal / 2) / (n - 1)`: 0 lowest, 1 highest.

    `lower` and `equal` count the other countries of the state system with a lower and with the same index, `n` those
    with an index. A country without one, or alone with one, is missing.
    """
    values = np.where(axes.in_system, openness(tables, axes), np.nan)
    other = ~np.eye(axes.shape[1], dtype=bool)
    ranks = np.full(axes.shape, np.nan)
    for place, row in enumerate(values):
        lower = (row[None, :] < row[:, None]).sum(1)
        equal = ((row[None, :] == row[:, None]) & other).sum(1)
        n_others = np.count_nonzero(~np.isnan(row)) - 1
        if n_others > 0:
            ranks[place] = np.where(np.isnan(row), np.nan, (lower + equal / 2) / n_others)
    return ranks


def political_stability(tables: Tables, axes: PanelAxes) -> np.ndarray:
    """Estimate of political stability and absence of violence, about -2.5 to 2.5."""
    table = tables.read("governance")
    return _country_series(table[table["indicator"] == "political_stability"], "estimate", axes)


def polyarchy(tables: Tables, axes: PanelAxes) -> np.ndarray:
    """Electoral democracy index, 0 to 1."""
    return _country_series(tables.read("democracy"), "polyarchy", axes)
