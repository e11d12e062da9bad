"""The panel: every series on the same labelled axes, with a status for every cell.

A value is never filled silently. Each variable says how far it may be interpolated or carried forward, and each cell
says what it is:

| status | meaning |
|---|---|
| missing | no value: the source is silent, or the country was not in the state system |
| observed | the source's own figure, or a formula of figures observed for that very year |
| interpolated | between two observed years of the same country |
| carried forward | the last observed year's value, within the variable's stated limit |
| estimated | a model's value where no observation stands behind it; the variable says which model |
| no ties | the source covers the country and records nothing: there is nothing to divide into shares |

Variables with a partner axis carry one status per country-year, because their sources report a country's ties whole.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import pairwise
from typing import Protocol, runtime_checkable

import numpy as np
import pandas as pd
import xarray as xr
from jaxtyping import Bool, Float, Int, Int8

from orrery.base.axes import COUNTRY, PARTNER, YEAR
from orrery.base.errors import CountryCodeError, DataError
from orrery.data.countries import Country, countries

FIRST_YEAR, LAST_YEAR = 1946, 2025


class Status(IntEnum):
    """What stands behind a cell of the panel."""

    MISSING = 0
    OBSERVED = 1
    INTERPOLATED = 2
    CARRIED_FORWARD = 3
    ESTIMATED = 4
    NO_TIES = 5

    @property
    def words(self) -> str:
        """The status as people read it."""
        return self.name.lower().replace("_", " ")


@runtime_checkable
class Tables(Protocol):
    """Where variables read their tables: the local store, or anything like it."""

    def read(self, table: str) -> pd.DataFrame:
        """Return a whole table, or raise `StoreError` saying which source holds it."""
        ...


@dataclass(frozen=True)
class PanelAxes:
    """The labels of the panel: years in order, and every country that existed in any of them."""

    years: tuple[int, ...]
    countries: tuple[str, ...]
    in_system: Bool[np.ndarray, "year country"]

    @property
    def shape(self) -> tuple[int, int]:
        """Number of years and of countries."""
        return len(self.years), len(self.countries)

    def year_index(self, years: pd.Series) -> Int[np.ndarray, " row"]:
        """Return the position of each year on the axis, -1 outside it."""
        return pd.Index(self.years).get_indexer(pd.Index(years))

    def country_index(self, codes: pd.Series) -> Int[np.ndarray, " row"]:
        """Return the position of each ISO3 code on the axis, -1 for anything that is no country of the panel."""
        return pd.Index(self.countries).get_indexer(pd.Index(codes.astype(object)))


@dataclass(frozen=True)
class Variable:
    """A series of the panel and how it is made.

    Attributes:
        name: the variable's name in the panel.
        axes: labelled axes, a subset of `year, country, partner`.
        unit: unit of the values.
        description: what it measures and by which formula.
        sources: keys of the sources it is computed from.
        observe: computes the observed values from tables, NaN where nothing is observed; `None` for what a higher
            layer measures and adds to a panel.
        interpolate: whether gaps between observed years are filled linearly.
        carry_forward: years that the last observed value may stand for.
        derived: whether the values are a formula of the source rather than its own figures (and may be shipped).
        shipped: whether the baseline holds them, if they may be; otherwise they are computed from the store alone.
    """

    name: str
    axes: tuple[str, ...]
    unit: str
    description: str
    sources: tuple[str, ...]
    observe: Callable[[Tables, PanelAxes], np.ndarray] | None
    interpolate: bool = False
    carry_forward: int = 0
    derived: bool = True
    shipped: bool = True

    @property
    def in_baseline(self) -> bool:
        """Whether the baseline holds the variable."""
        return self.derived and self.shipped


@dataclass(frozen=True)
class Panel:
    """Labelled arrays with a status per cell.

    Attributes:
        dataset: one array per variable, and one `NAME_status` (int8) beside each that varies by year.
        variables: how each variable was made.
        origin: where the panel comes from, for reports.
        provenance: per variable, what a reader needs to trace it: sources with version and checksum.
    """

    dataset: xr.Dataset
    variables: dict[str, Variable]
    origin: str
    provenance: dict[str, dict] = field(default_factory=dict)

    @property
    def years(self) -> tuple[int, ...]:
        """Calendar years of the panel, in order."""
        return tuple(int(year) for year in self.dataset[YEAR].values)

    @property
    def countries(self) -> tuple[str, ...]:
        """ISO3 codes of the panel, sorted."""
        return tuple(str(code) for code in self.dataset[COUNTRY].values)

    def values(self, name: str, *, year: int | None = None) -> np.ndarray:
        """Return a variable as a plain array, whole or for one year.

        Raises:
            DataError: no such variable or year; the message lists what there is.
        """
        array = self._variable(name)
        return array.values if year is None else np.asarray(array.values[self.year_position(year)])

    def status(self, name: str, *, year: int | None = None) -> np.ndarray:
        """Return the `Status` codes of a variable as int8, whole or for one year."""
        self._variable(name)
        array = self.dataset[f"{name}_status"].values
        return array if year is None else np.asarray(array[self.year_position(year)])

    def year_position(self, year: int) -> int:
        """Return the place of `year` on the year axis."""
        if year not in self.years:
            raise DataError(f"`year`: {year} came; the panel holds {self.years[0]}-{self.years[-1]}.")
        return self.years.index(year)

    def country_position(self, iso3: str) -> int:
        """Return the place of a country on the country axis."""
        if iso3 not in self.countries:
            raise CountryCodeError(
                f"`country`: {iso3!r} came; the panel of {self.years[0]}-{self.years[-1]} has no such country. "
                "Use an ISO 3166 three-letter code, such as KAZ."
            )
        return self.countries.index(iso3)

    def in_system(self, year: int) -> Bool[np.ndarray, " country"]:
        """Tell which countries were in the state system on any day of `year`."""
        return self.dataset["in_system"].values[self.year_position(year)]

    def observed_until(self, name: str) -> int | None:
        """Return the last year in which a variable was observed for any country, `None` if never."""
        if YEAR not in self._variable(name).dims:
            return None
        status = self.dataset[f"{name}_status"].values.reshape(len(self.years), -1)
        years = np.flatnonzero((status == Status.OBSERVED).any(1))
        return self.years[years[-1]] if len(years) else None

    def with_variable(
        self, variable: Variable, values: np.ndarray, status: np.ndarray, provenance: dict | None = None
    ) -> Panel:
        """Return a panel that also holds `variable`, measured elsewhere."""
        dataset = self.dataset.assign(
            {
                variable.name: (variable.axes, values),
                f"{variable.name}_status": (variable.axes[:2], status.astype(np.int8)),
            }
        )
        return Panel(
            dataset,
            {**self.variables, variable.name: variable},
            self.origin,
            {**self.provenance, variable.name: provenance or {}},
        )

    def _variable(self, name: str) -> xr.DataArray:
        if name not in self.variables:
            raise DataError(f"`name`: the panel has no variable {name!r}; it has {', '.join(sorted(self.variables))}.")
        return self.dataset[name]


def panel_axes(years: Sequence[int], known: Sequence[Country] | None = None) -> PanelAxes:
    """Return the axes for `years`: all countries that were in the state system on any day of any of them."""
    from datetime import date

    listed = known if known is not None else countries()
    in_system = np.array(
        [
            [
                c.state_from is not None
                and c.state_from <= date(year, 12, 31)
                and (c.state_until is None or c.state_until >= date(year, 1, 1))
                for c in listed
            ]
            for year in years
        ]
    )
    kept = np.asarray(in_system.any(axis=0))
    codes = tuple(c.iso3 for c, keep in zip(listed, kept, strict=True) if keep)
    return PanelAxes(tuple(years), codes, in_system[:, kept])


def complete(
    observed: np.ndarray, axes: PanelAxes, *, interpolate: bool, carry_forward: int
) -> tuple[np.ndarray, Int8[np.ndarray, "..."]]:
    """Fill what a variable's rules allow, and say in a status what each cell is.

    Args:
        observed: `[year]`, `[year, country]` or `[year, country, partner]`, NaN where nothing is observed.
        axes: labels; cells of countries outside the state system stay missing.
        interpolate: fill gaps between two observed years linearly.
        carry_forward: years that the last observed value may stand for.

    Returns:
        The filled values, and a status per year or country-year.
    """
    values = observed.copy()
    n_years = len(axes.years)
    rows = values.reshape(n_years, 1 if values.ndim == 1 else values.shape[1], -1)
    known = np.asarray(~np.isnan(rows).all(-1))
    inside = np.ones_like(known) if values.ndim == 1 else axes.in_system
    status = np.where(known, Status.OBSERVED, Status.MISSING).astype(np.int8)
    for place in np.flatnonzero(known.any(0) & ~known.all(0)):
        seen = np.flatnonzero(known[:, place])
        if interpolate:
            _interpolate(rows[:, place], status[:, place], seen, inside[:, place])
        last = seen[-1]
        for year in range(last + 1, min(last + 1 + carry_forward, n_years)):
            if inside[year, place]:
                rows[year, place] = rows[last, place]
                status[year, place] = Status.CARRIED_FORWARD
    outside = (status != Status.OBSERVED) & ~inside
    rows[outside] = np.nan
    status[outside] = Status.MISSING
    return rows.reshape(observed.shape), status.reshape(observed.shape[:2])


def _interpolate(
    row: Float[np.ndarray, "year value"],
    status: Int8[np.ndarray, " year"],
    seen: Int[np.ndarray, " observed"],
    inside: Bool[np.ndarray, " year"],
) -> None:
    """Fill the gaps between observed years in place, linearly, within the state system."""
    for before, after in pairwise(seen):
        for year in range(before + 1, after):
            if inside[year]:
                weight = (year - before) / (after - before)
                row[year] = (1 - weight) * row[before] + weight * row[after]
                status[year] = Status.INTERPOLATED


def assemble(
    observed: dict[str, np.ndarray],
    variables: dict[str, Variable],
    axes: PanelAxes,
    *,
    origin: str,
    provenance: dict[str, dict],
) -> Panel:
    """Complete every variable by its own rules and put them on the shared axes."""
    dataset = xr.Dataset(
        {"in_system": ((YEAR, COUNTRY), axes.in_system)},
        coords={YEAR: list(axes.years), COUNTRY: list(axes.countries), PARTNER: list(axes.countries)},
    )
    for name, values in observed.items():
        variable = variables[name]
        if YEAR not in variable.axes:
            dataset[name] = (variable.axes, values)
            continue
        filled, status = complete(values, axes, interpolate=variable.interpolate, carry_forward=variable.carry_forward)
        dataset[name] = (variable.axes, filled)
        dataset[f"{name}_status"] = (variable.axes[:2], status)
    return Panel(dataset, {name: variables[name] for name in observed}, origin, provenance)
