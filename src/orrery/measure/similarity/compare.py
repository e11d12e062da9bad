"""All pairs of countries compared at once, in one year or in many, with labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, Int, Int8

from orrery.base.axes import COUNTRY, PARTNER, YEAR
from orrery.base.errors import CountryCodeError, MeasureError
from orrery.measure.labelled import Labelled
from orrery.measure.portfolios.poles import DEFAULT_POLES, membership, poles
from orrery.measure.similarity.indices import INDICES, MISSING, Index, Undefined, cross_tables, level_distances
from orrery.measure.similarity.profiles import Profiles

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


@dataclass(frozen=True)
class Similarity(Labelled):
    """How alike all pairs of countries are.

    Attributes:
        index: name of the index, a key of `INDICES`.
        distance: name of the distance between levels, a key of `DISTANCES`.
        years: calendar years, in order.
        countries: ISO3 codes of every country with a profile in any of the years, sorted.
        values: the index; NaN where it is undefined, never 0 for want of data.
        n_items: items on which both have a position; on the diagonal, on which the country itself has one.
        reason: why a value is NaN, as codes of `Undefined`.
    """

    index: str
    distance: str
    years: tuple[int, ...]
    countries: tuple[str, ...]
    values: Float[np.ndarray, "year country partner"]
    n_items: Int[np.ndarray, "year country partner"]
    reason: Int8[np.ndarray, "year country partner"]

    def of_year(self, year: int) -> Float[np.ndarray, "country partner"]:
        """Return the values of one year.

        Raises:
            MeasureError: the year was not compared.
        """
        if year not in self.years:
            raise MeasureError(f"`year`: {year} came; compared were {', '.join(map(str, self.years))}.")
        return self.values[self.years.index(year)]

    def between(self, country: str, partner: str) -> Float[np.ndarray, " year"]:
        """Return the values of one pair over the years.

        Raises:
            CountryCodeError: a country that has no profile in any of the years.
        """
        return self.values[:, self._place(country), self._place(partner)]

    def with_poles(self, names: Sequence[str] = DEFAULT_POLES) -> Float[np.ndarray, "year country pole"]:
        """Return how alike every country is to each pole; to a group, the mean over its members of the year.

        A country is not compared with itself: a pole has no value with itself, and a member of a group has the mean
        over the others. NaN where no member can be compared.

        Raises:
            MeasureError: no pole, or one twice.
            CountryCodeError: a name that is neither a country nor a known group.
        """
        chosen = poles(names)
        apart = ~np.eye(len(self.countries), dtype=bool)
        result = np.full((len(self.years), len(self.countries), len(chosen)), np.nan)
        for place, year in enumerate(self.years):
            members = membership(chosen, self.countries, year).T.astype(float)
            known = apart & ~np.isnan(self.values[place])
            n_compared = known @ members
            total = np.where(known, self.values[place], 0) @ members
            np.divide(total, n_compared, out=result[place], where=n_compared > 0)
        return result

    def to_xarray(self) -> xr.Dataset:
        """Return `similarity`, `n_items` and `reason` by `year, country, partner`."""
        import xarray as xr

        axes = (YEAR, COUNTRY, PARTNER)
        entry = INDICES[self.index]
        return xr.Dataset(
            {
                "similarity": (axes, self.values),
                "n_items": (axes, self.n_items),
                "reason": (axes, self.reason),
            },
            coords={YEAR: list(self.years), COUNTRY: list(self.countries), PARTNER: list(self.countries)},
            attrs={"index": self.index, "distance": self.distance, "formula": entry.formula, "source": entry.source},
        )

    def to_frame(self) -> pd.DataFrame:
        """Return one row per year and pair of countries with a profile: year, country, partner, similarity, n_items.

        Each pair stands once, `country` before `partner` in the alphabet. The column `reason` says in words why a
        similarity is missing.
        """
        import pandas as pd

        present = np.diagonal(self.n_items, axis1=1, axis2=2) > 0
        once = np.triu(np.ones((len(self.countries),) * 2, bool), k=1)
        year, country, partner = np.nonzero(present[:, :, None] & present[:, None] & once)
        codes = np.array(self.countries, dtype=object)
        words = np.array([reason.words for reason in Undefined], dtype=object)
        return pd.DataFrame(
            {
                "year": np.array(self.years)[year],
                "country": codes[country],
                "partner": codes[partner],
                "similarity": self.values[year, country, partner],
                "n_items": self.n_items[year, country, partner],
                "reason": words[self.reason[year, country, partner]],
            }
        )

    def _place(self, country: str) -> int:
        if country not in self.countries:
            raise CountryCodeError(
                f"`country`: {country!r} came; no profile of {self.years[0]}-{self.years[-1]} has that code. "
                "Use an ISO 3166 three-letter code, such as KAZ."
            )
        return self.countries.index(country)


def similarity(
    profiles: Profiles | Sequence[Profiles], index: str = "kappa", *, distance: str | None = None
) -> Similarity:
    """Compare all pairs of countries.

    Args:
        profiles: of one year, or of several years in any order.
        index: a key of `INDICES`, where each says what it is and when to prefer it.
        distance: between levels, a key of `DISTANCES`; the index's usual one by default.

    Raises:
        MeasureError: an unknown index or distance, one the index or the profiles' levels do not allow, no profiles, or
            a year given twice.
    """
    of_years = (profiles,) if isinstance(profiles, Profiles) else tuple(sorted(profiles, key=lambda one: one.year))
    entry = _entry(index)
    measured_by = _distance(index, entry, distance)
    years = _years(of_years)
    countries = tuple(sorted({code for one in of_years for code in one.countries}))
    shape = (len(years), len(countries), len(countries))
    values, n_items = np.full(shape, np.nan), np.zeros(shape, np.int32)
    reason = np.full(shape, Undefined.NO_COMMON_ITEM, np.int8)
    for place, one in enumerate(of_years):
        rows = np.searchsorted(countries, one.countries)
        block = (place, rows[:, None], rows)
        values[block], n_items[block], reason[block] = _compare(one, index, entry, measured_by)
    return Similarity(index, measured_by, years, countries, values, n_items, reason)


def _compare(
    profiles: Profiles, name: str, entry: Index, distance: str
) -> tuple[
    Float[np.ndarray, "country partner"], Int[np.ndarray, "country partner"], Int8[np.ndarray, "country partner"]
]:
    """Return values, common items and reasons of one year."""
    n_levels = len(profiles.levels)
    if entry.n_levels not in (None, n_levels):
        raise MeasureError(
            f"`index`: {name!r} came, which is defined for {entry.n_levels} levels; the profiles of {profiles.year} "
            f"have {n_levels}. Use another index, such as 's'."
        )
    tables = cross_tables(profiles.codes, n_levels, profiles.weights)
    values = entry.measure(tables, level_distances(n_levels, distance))
    if profiles.weights is None:
        n_items = tables.total.astype(np.int32)
    else:
        placed = (profiles.codes != MISSING).astype(np.float32)
        n_items = (placed @ placed.T).astype(np.int32)
    reason = np.where(np.isnan(values), Undefined.NO_VARIATION, Undefined.DEFINED).astype(np.int8)
    reason[tables.total == 0] = Undefined.NO_COMMON_ITEM
    return values, n_items, reason


def _entry(index: str) -> Index:
    if index not in INDICES:
        raise MeasureError(f"`index`: {index!r} came; allowed is {', '.join(INDICES)}.")
    return INDICES[index]


def _distance(index: str, entry: Index, distance: str | None) -> str:
    if distance is None:
        return entry.distances[0]
    if distance not in entry.distances:
        raise MeasureError(f"`distance`: {distance!r} came; {index!r} allows {', '.join(entry.distances)}.")
    return distance


def _years(profiles: Sequence[Profiles]) -> tuple[int, ...]:
    if not profiles:
        raise MeasureError("`profiles`: none came; give those of at least one year.")
    years = tuple(one.year for one in profiles)
    if len(set(years)) < len(years):
        twice = next(year for year in years if years.count(year) > 1)
        raise MeasureError(f"`profiles`: the year {twice} came twice; compare one kind of profile at a time.")
    return years
