"""Globalisation: how far trade reaches, and the KOF index with its parts, side by side, with a test for contraction.

`globalisation(panel, tables)` gives every index of the world and of the countries. They disagree: trade over output has
stalled in years in which the KOF index, and most of all its rules (de jure), still grew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from jaxtyping import Float

from orrery.base.axes import COUNTRY, YEAR
from orrery.base.errors import MeasureError
from orrery.data.panel import Panel, Status, Tables
from orrery.measure.labelled import Labelled
from orrery.measure.span import years_of

INDEX = "index"
PARTS = ("kof", "economic", "trade", "financial", "social", "interpersonal", "informational", "cultural", "political")
FACES = ("", "_de_facto", "_de_jure")
KOF = tuple(part + face for part in PARTS for face in FACES)
"""The KOF index and its parts, each as a whole, de facto (flows) and de jure (rules): 1 to 100 (Gygli et al. 2019)."""

OPENNESS = {"openness_cow": ("trade_cow", "value_musd", 1e6), "openness_baci": ("trade_baci", "value_kusd", 1e3)}
"""Trade openness by its record of trade: table, column, and US dollars in one of its units."""

INDICES = (*OPENNESS, *KOF)

SINCE = 2008
"""Year after which `contraction` looks by default: that of the financial crisis, in which trade over output peaked."""

FEWEST_CHANGES = 8
"""Annual changes that a test needs."""

CRITICAL = {
    0.8: (1.2816, 1.3040, 0.5135, -0.3386),
    0.9: (1.6449, 2.1859, 0.3142, -0.3427),
    0.95: (1.9600, 2.9694, 0.4160, -0.5324),
}
"""Coefficients of the critical value as a cubic in bandwidth over length, by level, for the Bartlett kernel: Kiefer &
Vogelsang (2005). A test checks them against the limiting distribution."""


@dataclass(frozen=True)
class MeanChange:
    """The mean annual change of a series, with an interval: `n` changes, `low` to `high` at `level`."""

    mean: float
    low: float
    high: float
    n: int
    level: float

    @property
    def verdict(self) -> str:
        """Contraction where all of the interval is below 0, growth where all is above, else neither."""
        if self.high < 0:
            return "contraction"
        return "growth" if self.low > 0 else "neither shown"


def mean_change(series: Float[np.ndarray, " year"], level: float = 0.9) -> MeanChange:
    """Return the mean annual change `(x_T - x_0) / T` with an interval that allows for correlation of the changes.

    The variance of the mean is Newey & West's (1987) with the Bartlett kernel and the bandwidth `1.3 sqrt(T)`, the
    critical value that of fixed-bandwidth asymptotics (Kiefer & Vogelsang 2005), as Lazarus, Lewis, Stock & Watson
    (2018) advise: with few years the normal one finds trends where there are none. Changes, not a line through the
    levels, because the levels have a root near 1: around a line they would look like a trend whatever they do.

    Args:
        series: one value a year, all known.
        level: of the interval, one of `CRITICAL`.

    Raises:
        MeasureError: too few years, a missing one, or no such level.
    """
    if level not in CRITICAL:
        raise MeasureError(f"`level`: {level} came; allowed is one of {', '.join(map(str, CRITICAL))}.")
    changes = np.diff(series)
    n = len(changes)
    if n < FEWEST_CHANGES or np.isnan(changes).any():
        raise MeasureError(
            f"`series`: {int((~np.isnan(changes)).sum())} annual changes of {n} are known; the test needs "
            f"{FEWEST_CHANGES} or more and no gap. Give a longer run of years."
        )
    bandwidth = min(int(np.ceil(1.3 * np.sqrt(n))), n)
    centred = changes - changes.mean()
    lags = np.array([(centred[lag:] * centred[: n - lag]).sum() / n for lag in range(bandwidth)])
    weights = 1 - np.arange(bandwidth) / bandwidth
    variance = lags[0] + 2 * (weights[1:] * lags[1:]).sum()
    critical = sum(coefficient * (bandwidth / n) ** power for power, coefficient in enumerate(CRITICAL[level]))
    margin = critical * np.sqrt(variance / n)
    mean = float(changes.mean())
    return MeanChange(mean, mean - float(margin), mean + float(margin), n, level)


@dataclass(frozen=True)
class Globalisation(Labelled):
    """Measured globalisation.

    Attributes:
        dataset: by `year, index` `world` and its `status`; by `year, country, index` `country_value`. `openness_cow`
            and `openness_baci` are exports plus imports in percent of output; the others are KOF's, 1 to 100. By `year`
            `openness_cow_covered` and `openness_baci_covered`: the part of recorded trade that is of countries whose
            output is known too, which alone enter the world's openness. NaN beyond a source.
    """

    dataset: xr.Dataset

    def to_frame(self) -> pd.DataFrame:
        """Return one row per year and index of the world; `reason` says why a value is missing."""
        frame = self.dataset[["world", "status"]].to_dataframe().reset_index()
        frame["status"] = [Status(code).words for code in frame["status"]]
        frame["reason"] = np.where(frame["world"].isna(), "the source does not reach this year", "")
        return frame.sort_values([INDEX, YEAR], key=_in_order, ignore_index=True)

    def countries(self, index: str, countries: str | Sequence[str]) -> pd.DataFrame:
        """Return one row per year and one column per country of an index.

        Raises:
            MeasureError: no such index or country.
        """
        wanted = [countries] if isinstance(countries, str) else list(countries)
        _require("index", [index], self.dataset[INDEX].values.tolist())
        _require("countries", wanted, self.dataset[COUNTRY].values.tolist())
        chosen = self.dataset["country_value"].sel({INDEX: index, COUNTRY: wanted})
        return chosen.to_pandas().rename_axis(columns=None).reset_index()

    def disagreements(self, since: int | None = None) -> pd.DataFrame:
        """Return each index's first and last value since a year, its peak, and the change between: signs may differ."""
        frame = self.to_frame().dropna(subset=["world"])
        frame = frame if since is None else frame[frame[YEAR] >= since]
        groups = frame.groupby(INDEX, sort=False)
        table = groups.agg(
            first_year=(YEAR, "first"), first=("world", "first"), last_year=(YEAR, "last"), last=("world", "last")
        )
        peak = frame.loc[groups["world"].idxmax()].set_index(INDEX)[YEAR]
        return table.assign(change=table["last"] - table["first"], peak_year=peak).reset_index()

    def contraction(self, since: int = SINCE, level: float = 0.9) -> pd.DataFrame:
        """Return for each index whether it has contracted since a year: its mean annual change, interval and verdict.

        An index with fewer than 8 annual changes since then has no verdict, and `reason` says so.

        Raises:
            MeasureError: no such level.
        """
        rows = []
        for index, group in self.to_frame().dropna(subset=["world"]).groupby(INDEX, sort=False):
            run = group[group[YEAR] >= since]
            row = {INDEX: index, "first_year": run[YEAR].min(), "last_year": run[YEAR].max()}
            consecutive = int((run[YEAR].diff() == 1).sum())
            if consecutive < max(FEWEST_CHANGES, len(run) - 1):
                lacking = f"{consecutive} annual changes since {since}; {FEWEST_CHANGES} without a gap are needed"
                rows.append({**row, "verdict": "", "reason": lacking})
                continue
            found = mean_change(run["world"].to_numpy(float), level)
            rows.append(
                {**row, "change_per_year": found.mean, "low": found.low, "high": found.high}
                | {"verdict": found.verdict, "reason": ""}
            )
        return pd.DataFrame(rows)

    def to_xarray(self) -> xr.Dataset:
        """Return the labelled arrays."""
        return self.dataset


def globalisation(panel: Panel, tables: Tables, years: tuple[int, int] | None = None) -> Globalisation:
    """Measure globalisation of the world and of countries over years.

    The world's KOF values are the producer's own. The world's openness is `100 sum_i (X_i + M_i) / sum_i Y_i` over the
    countries with both trade and output, so that each flow counts twice, as it does for a country; `Y` is output in
    current US dollars (World Bank), which is known from 1960.

    Args:
        panel: countries and years, `orrery.load()`.
        tables: the store, `orrery.open_store()`, with the sources `kof`, `cow_trade`, `baci` and `wb_gdp`.
        years: first and last year; the whole panel by default.

    Raises:
        MeasureError: years outside the panel.
        StoreError: the store lacks a source.
    """
    span = years_of(panel, years)
    output = _placed(tables.read("gdp").rename(columns={"gdp_usd": "value"}), "value", panel, span)
    world, country, covered = {}, {}, {}
    for name, (table, column, unit) in OPENNESS.items():
        traded = _traded(tables.read(table), column, panel, span) * unit
        known = ~np.isnan(traded) & ~np.isnan(output)
        total = np.where(known.any(1), np.where(known, output, 0).sum(1), np.nan)
        recorded = np.nansum(traded, 1)
        part = np.where(known, traded, 0).sum(1)
        world[name], country[name] = 100 * part / total, 100 * traded / output
        covered[f"{name}_covered"] = np.where(recorded > 0, part / np.where(recorded > 0, recorded, 1), np.nan)
    regions = tables.read("globalisation_regions")
    whole = regions[regions["code"] == "WLD"].set_index("year")
    places = tables.read("globalisation")
    for name in KOF:
        world[name] = whole[name].reindex(list(span)).to_numpy(float)
        country[name] = _placed(places, name, panel, span)
    values = np.stack([world[name] for name in INDICES], -1)
    dataset = xr.Dataset(
        {
            "world": ((YEAR, INDEX), values),
            "status": ((YEAR, INDEX), np.where(np.isnan(values), Status.MISSING, Status.OBSERVED).astype(np.int8)),
            "country_value": ((YEAR, COUNTRY, INDEX), np.stack([country[name] for name in INDICES], -1)),
            **{name: (YEAR, part) for name, part in covered.items()},
        },
        coords={YEAR: list(span), COUNTRY: list(panel.countries), INDEX: list(INDICES)},
    )
    return Globalisation(dataset)


def _placed(table: pd.DataFrame, column: str, panel: Panel, span: range) -> Float[np.ndarray, "year country"]:
    """Lay out a column by year and country of the panel; NaN where the table has no row."""
    wide = table.pivot(index="year", columns="iso3", values=column)
    placed = wide.reindex(index=list(span), columns=list(panel.countries)).to_numpy(float)
    present = np.stack([panel.in_system(year) for year in span])
    return np.where(present, placed, np.nan)


def _traded(table: pd.DataFrame, column: str, panel: Panel, span: range) -> Float[np.ndarray, "year country"]:
    """Return exports plus imports with all partners, territories included; NaN without a row."""
    kept = table[table["year"].isin(span)]
    sides = [kept.rename(columns={side: "iso3"})[["iso3", "year", column]] for side in ("exporter", "importer")]
    totals = pd.concat(sides).groupby(["iso3", "year"], as_index=False)[column].sum()
    return _placed(totals, column, panel, span)


def _in_order(labels: pd.Series) -> pd.Series:
    return labels.map({name: place for place, name in enumerate(INDICES)}) if labels.name == INDEX else labels


def _require(argument: str, came: Sequence[str], allowed: Sequence[str]) -> None:
    strange = [name for name in came if name not in allowed]
    if strange:
        raise MeasureError(f"`{argument}`: {strange[0]!r} came; allowed is one of {', '.join(allowed)}.")
