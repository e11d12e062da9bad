"""From the draws of a run to the numbers a report prints: medians and intervals, per country and per share.

Changes are taken within a draw and summarised after, so that what all draws share cancels out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from jaxtyping import Float

from orrery.base.axes import COUNTRY, DRAW, OPTION, YEAR
from orrery.base.errors import CountryCodeError
from orrery.data.countries import country
from orrery.lab.runs import Run
from orrery.measure.portfolios.channels import NON_ALIGNED
from orrery.report.contract import finished_draws, horizon

LEVELS = {"low80": 0.10, "low50": 0.25, "median": 0.50, "high50": 0.75, "high80": 0.90}
"""Names of the quantiles over draws: the 80 % interval holds the middle 80 % of the draws, and so on."""


@dataclass(frozen=True)
class Neighbourhood:
    """Some countries to look at closely, with a title for them."""

    title: str
    countries: tuple[str, ...]


DEFAULT_NEIGHBOURHOOD = Neighbourhood(
    "Central Asia and the South Caucasus", ("ARM", "AZE", "GEO", "KAZ", "KGZ", "TJK", "TKM", "UZB")
)


def quantiles(values: Float[np.ndarray, " draw *other"], prefix: str = "") -> dict[str, Float[np.ndarray, " *other"]]:
    """Return the quantiles of `LEVELS` over draws; missing where any draw is missing."""
    ordered = np.quantile(values, list(LEVELS.values()), axis=0)
    return {f"{prefix}{name}": row for name, row in zip(LEVELS, ordered, strict=True)}


def ends(run: Run, values: xr.DataArray) -> tuple[xr.DataArray, xr.DataArray]:
    """Return the first and the last year of `values`, finished draws only, draw first."""
    chosen = (
        values.sel({DRAW: finished_draws(run), YEAR: list(horizon(run))}).transpose(DRAW, YEAR, COUNTRY, ...).load()
    )
    return chosen.isel({YEAR: 0}), chosen.isel({YEAR: 1})


def names_of(codes: Sequence[str]) -> list[str]:
    """Return the names of countries."""
    return [country(code).name for code in codes]


def country_changes(run: Run, values: xr.DataArray) -> pd.DataFrame:
    """Return, per country, quantiles of `values` at the start, at the end, and of the change within a draw.

    Columns: `country, name`, then `start_`, `end_` and `change_` with each name of `LEVELS`. Sorted by name.
    """
    start, end = (part.values.astype(float) for part in ends(run, values))
    codes = [str(code) for code in run.draws[COUNTRY].values]
    columns = {"country": codes, "name": names_of(codes)}
    columns |= quantiles(start, "start_") | quantiles(end, "end_") | quantiles(end - start, "change_")
    return pd.DataFrame(columns).sort_values("name", ignore_index=True)


def movers(run: Run, n: int) -> pd.DataFrame:
    """Return the `n` countries whose portfolios move most, by median total variation between start and end.

    Total variation `(1/2) sum |p_end - p_start|` is the share of all ties that is with someone else in the end.
    Columns: `country, name`, quantiles of the total variation, and the option that loses (`from_`) and gains (`to_`)
    most on average, with quantiles of its change in share.
    """
    start, end = ends(run, run.draws["portfolio"])
    options = [str(option) for option in start[OPTION].values]
    change = (end.values - start.values).astype(float)
    moved = quantiles(np.abs(change).sum(axis=-1) / 2)
    order = np.argsort(-moved["median"], kind="stable")
    order = order[np.isfinite(moved["median"][order])][:n]
    codes = [str(code) for code in start[COUNTRY].values[order]]
    table = pd.DataFrame({"country": codes, "name": names_of(codes)} | {key: row[order] for key, row in moved.items()})
    average = change[:, order].mean(axis=0)
    for side, position in {"from": average.argmin(axis=-1), "to": average.argmax(axis=-1)}.items():
        table[f"{side}_option"] = [options[index] for index in position]
        picked = change[:, order, position]
        table = table.assign(**quantiles(picked, f"{side}_"))
    return table


def portfolio_shares(run: Run, codes: Sequence[str]) -> pd.DataFrame:
    """Return mean share and quantiles per country, year (start and end) and option, in the order asked for.

    Means are given beside quantiles because they add up to one over the options; medians need not.

    Raises:
        CountryCodeError: a code is not in the run.
    """
    known = {str(code) for code in run.draws[COUNTRY].values}
    unknown = [code for code in codes if code not in known]
    if unknown or not codes:
        raise CountryCodeError(
            f"`neighbourhood`: {', '.join(unknown) or 'no country'} came; the run has {len(known)} countries by their "
            "ISO 3166 alpha-3 codes, such as KAZ. Name countries of the run."
        )
    portfolio = run.draws["portfolio"].sel({COUNTRY: list(codes)})
    options = [str(option) for option in portfolio[OPTION].values]
    frames = []
    for year, part in zip(horizon(run), ends(run, portfolio), strict=True):
        values = part.values.astype(float)
        columns = {"mean": values.mean(axis=0)} | quantiles(values)
        index = pd.MultiIndex.from_product([codes, options], names=["country", "option"])
        frame = pd.DataFrame({key: cells.ravel() for key, cells in columns.items()}, index=index).reset_index()
        frames.append(frame.assign(year=year))
    table = pd.concat(frames, ignore_index=True)
    table.insert(1, "name", names_of(list(table["country"])))
    return table.reindex(columns=["country", "name", "year", "option", "mean", *LEVELS])


def non_alignment(run: Run) -> xr.DataArray:
    """Return the share of each country's portfolio that is with no pole."""
    return run.draws["portfolio"].sel({OPTION: NON_ALIGNED}, drop=True)
