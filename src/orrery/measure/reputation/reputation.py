"""The treaty record of each country as of each year, with partial pooling over countries."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
import pandas as pd
import xarray as xr
from jaxtyping import Bool, Float, Int, Int8

from orrery.base.axes import COUNTRY, YEAR
from orrery.base.errors import MeasureError
from orrery.data.countries import country
from orrery.data.panel import FIRST_YEAR, PanelAxes, Tables, panel_axes
from orrery.data.treaties import AREAS, TreatyRecord, by_own_act, standing, treaty_record
from orrery.measure.labelled import Labelled
from orrery.measure.reputation.flows import (
    Counts,
    accumulated,
    decayed_ratifications,
    may_join,
    open_treaties,
    participation,
    ratifications,
    withdrawals,
)
from orrery.measure.reputation.frailty import frailty
from orrery.measure.reputation.pooling import Prior, fit_beta, fit_gamma
from orrery.measure.reputation.survival import CumulativeHazard, Spells, spells

MEASURE, AREA = "measure", "area"
ALL = "all"
"""The area of all areas together."""


class Reason(IntEnum):
    """Why a country has no value."""

    HAS_VALUE = 0
    NOT_IN_SYSTEM = 1
    ENDED = 2
    NO_RECORD = 3
    NOT_RECORDED = 4
    NOT_POOLED = 5

    @property
    def words(self) -> str:
        """The reason as people read it; nothing where there is a value."""
        return _WORDS[self]


_WORDS = {
    Reason.HAS_VALUE: "",
    Reason.NOT_IN_SYSTEM: "not in the state system",
    Reason.ENDED: "ended since: the sources list the countries of today",
    Reason.NO_RECORD: "nothing on record in which it could have acted",
    Reason.NOT_RECORDED: "no source records it",
    Reason.NOT_POOLED: "the record of all countries is too small to tell what is usual",
}


@dataclass(frozen=True)
class Facet:
    """One side of a treaty record.

    Attributes:
        meaning: in words.
        unit: of the values.
        acts: what is counted.
        exposure: what it is counted against.
        fit: estimates the distribution over countries; None for what no source records.
    """

    meaning: str
    unit: str
    acts: str
    exposure: str
    fit: Callable[[np.ndarray, np.ndarray], Prior | None] | None


FACETS: dict[str, Facet] = {
    "participation": Facet(
        "share of the treaties open to the country that it is party to",
        "share, 0 to 1",
        "treaties it is party to",
        "treaties open to it",
        fit_beta,
    ),
    "ratification_pace": Facet(
        "consents after signature, relative to those expected if its signatures had waited as all do",
        "ratio; 1 is usual, 2 twice as fast",
        "signatures followed by consent",
        "consents expected",
        fit_gamma,
    ),
    "withdrawal_rate": Facet(
        "withdrawals per year that the country is party to a treaty",
        "per treaty-year",
        "withdrawals",
        "treaty-years as a party",
        fit_gamma,
    ),
    "reservations": Facet("reservations made with consent", "per treaty", "reservations", "treaties joined", None),
}
"""Every side of a treaty record that is measured, by name."""


@dataclass(frozen=True)
class Reputation(Labelled):
    """Treaty records of countries.

    Attributes:
        dataset: by `measure, year, country, area`: `value` (posterior mean), `lower` and `upper` (central posterior
            interval), `raw` (acts over exposure, not pooled), `acts`, `exposure`, `reason`; by `measure, year, area`
            `usual` and `strength`, mean and strength of the distribution over countries; by `year, country, area`
            `lag`, the median years from signature to consent at the country's pace, `lag_lower` and `lag_upper`.
        interval: probability of the intervals.
        half_life: years after which an act counts half; None where nothing is forgotten.
    """

    dataset: xr.Dataset
    interval: float
    half_life: float | None = field(default=None)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per measure, year, country and area, the reason in words."""
        names = ["acts", "exposure", "raw", "value", "lower", "upper", "reason"]
        frame = self.dataset[names].to_dataframe(dim_order=[MEASURE, YEAR, COUNTRY, AREA]).reset_index()
        frame["reason"] = [Reason(code).words for code in frame["reason"]]
        return frame

    def lags(self) -> pd.DataFrame:
        """Return one row per year, country and area: the median lag in years, with its interval."""
        return self.dataset[list(_LAGS)].to_dataframe(dim_order=[YEAR, COUNTRY, AREA]).reset_index()

    def to_xarray(self) -> xr.Dataset:
        """Return the labelled arrays."""
        return self.dataset


def reputation(
    tables: Tables,
    countries: Sequence[str] | None = None,
    years: tuple[int, int] | None = None,
    *,
    areas: Sequence[str] = tuple(AREAS),
    half_life: float | None = None,
    interval: float = 0.9,
) -> Reputation:
    """Measure treaty records as of the end of each year: only acts up to it count.

    Shares `k / n` are pooled as beta-binomial, rates `d / T` as gamma-Poisson, each over all countries of the year.

    Args:
        tables: the store, `orrery.open_store()`.
        countries: ISO3 codes to return; all of the state system in those years by default. Pooling is over all of them.
        years: first and last year; the last year that the sources cover, by default.
        areas: of `orrery.data.treaties.AREAS`; each is measured by itself, and all of them together as `"all"`.
        half_life: years after which a ratification or withdrawal, and the time it was counted against, counts half.
            Participation is how things stand and does not decay.
        interval: probability of the intervals.

    Raises:
        MeasureError: a year outside the sources or out of order, a country not in the system in any of the years, a
            half-life that is not above 0, or an interval not between 0 and 1.
        DataError: no such area.
        StoreError: the store lacks a table.
    """
    if half_life is not None and not half_life > 0:
        raise MeasureError(f"`half_life`: {half_life} came; give years above 0, or None to forget nothing.")
    if not 0 < interval < 1:
        raise MeasureError(f"`interval`: {interval} came; allowed is a probability between 0 and 1, such as 0.9.")
    record = by_own_act(treaty_record(tables, areas))
    first, last = years or (record.last_year, record.last_year)
    if not FIRST_YEAR <= first <= last <= record.last_year:
        span = f"{FIRST_YEAR}-{record.last_year}"
        raise MeasureError(f"`years`: {first}-{last} came; the treaties cover {span}, earlier year first.")
    axes = panel_axes(range(FIRST_YEAR, last + 1))
    kept = _places(axes, countries, first)
    span = range(first, last + 1)
    counted, usual = _counted(record, axes, (*areas, ALL), span, half_life)
    arrays = _pooled(counted, (*areas, ALL), _absent(axes)[-len(span) :], interval)
    lags = _lags(arrays, usual)
    dims = (MEASURE, YEAR, COUNTRY, AREA)
    dataset = xr.Dataset(
        {
            **{name: (dims, arrays[name][:, :, kept]) for name in _BY_COUNTRY},
            **{name: ((MEASURE, YEAR, AREA), arrays[name]) for name in _BY_YEAR},
            **{name: (dims[1:], array[:, kept]) for name, array in lags.items()},
        },
        {
            MEASURE: list(FACETS),
            YEAR: list(span),
            COUNTRY: [axes.countries[place] for place in kept],
            AREA: [*areas, ALL],
        },
    )
    return Reputation(dataset, interval, half_life)


_BY_COUNTRY = ("value", "lower", "upper", "raw", "acts", "exposure", "reason")
_BY_YEAR = ("usual", "strength")
_LAGS = {"lag": "value", "lag_lower": "upper", "lag_upper": "lower"}
"""The pace that gives each lag: a faster pace is a shorter lag."""


def _places(axes: PanelAxes, countries: Sequence[str] | None, first: int) -> list[int]:
    """Return the places of the countries asked for, on the axis of all countries since 1946."""
    present = np.asarray(axes.in_system[first - axes.years[0] :].any(0))
    if countries is None:
        return np.flatnonzero(present).tolist()
    for iso3 in countries:
        if country(iso3).iso3 not in axes.countries or not present[axes.countries.index(iso3)]:
            span = f"{first}-{axes.years[-1]}"
            raise MeasureError(f"`countries`: {iso3!r} came; it is not in the state system in {span}. Leave it out.")
    return [axes.countries.index(iso3) for iso3 in countries]


def _counted(
    record: TreatyRecord, axes: PanelAxes, areas: tuple[str, ...], span: range, half_life: float | None
) -> tuple[dict[tuple[str, str], Counts], list[list[CumulativeHazard]]]:
    """Return acts and exposure as of each year of `span` by facet and area, and the usual hazard by year and area.

    An area in which no source records withdrawals has no entry for them.
    """
    levels, waiting = standing(record, axes), spells(record, axes)
    open_to_all, eligible = open_treaties(levels, record.treaties, axes), may_join(axes)
    area_of, recorded = record.treaties["area"].to_numpy(str), record.treaties["withdrawals_recorded"].to_numpy(bool)
    rows = slice(len(axes.years) - len(span), None)
    counted: dict[tuple[str, str], Counts] = {}
    usual: list[list[CumulativeHazard]] = [[] for _ in span]
    for area in areas:
        chosen = np.full(len(area_of), True) if area == ALL else area_of == area
        joined = participation(levels[rows][..., chosen], open_to_all[rows][:, chosen], eligible[rows])
        counted["participation", area] = joined
        if (chosen & recorded).any():
            flow = withdrawals(record, levels, chosen & recorded, axes)
            total = (accumulated(array, half_life)[rows] for array in (flow.acts, flow.exposure))
            counted["withdrawal_rate", area] = Counts(*total)
        stratum = pd.factorize(area_of)[0] if area == ALL else np.zeros(len(area_of), int)
        held = [waiting.on(chosen).until(year) for year in span]
        each = [
            _ratified(one, stratum[one.treaty], axes, (year, half_life)) for one, year in zip(held, span, strict=True)
        ]
        counted["ratification_pace", area] = Counts(
            np.array([counts.acts for counts, _ in each]), np.array([counts.exposure for counts, _ in each])
        )
        for of_year, (_, hazard) in zip(usual, each, strict=True):
            of_year.append(hazard)
    return counted, usual


def _ratified(
    waiting: Spells, stratum: Int[np.ndarray, " spell"], axes: PanelAxes, decay: tuple[int, float | None]
) -> tuple[Counts, CumulativeHazard]:
    """Return consents done and expected as of a year, and the usual hazard of consent."""
    year, half_life = decay
    fitted = frailty(waiting, stratum, axes.shape[1])
    if half_life is None:
        return ratifications(waiting, fitted.usual, stratum, axes.shape[1]), fitted.together
    counts = decayed_ratifications(waiting, fitted.usual, stratum, axes.shape[1], (year, half_life))
    return counts, fitted.together


def _pooled(
    counted: Mapping[tuple[str, str], Counts],
    areas: tuple[str, ...],
    absent: Int8[np.ndarray, "year country"],
    interval: float,
) -> dict[str, np.ndarray]:
    """Pool every facet, year and area over the countries with a record of their own."""
    shape = (len(FACETS), *absent.shape, len(areas))
    arrays = {name: np.full(shape, np.nan) for name in _BY_COUNTRY}
    arrays |= {name: np.full((shape[0], shape[1], shape[3]), np.nan) for name in _BY_YEAR}
    arrays["reason"] = np.broadcast_to(np.where(absent > 0, absent, Reason.NOT_RECORDED)[..., None], shape).copy()
    for (facet, area), counts in counted.items():
        place, column = list(FACETS).index(facet), areas.index(area)
        for row, gone in enumerate(absent):
            acts, exposure = counts.acts[row], counts.exposure[row]
            reason = np.where((exposure > 0) | (gone > 0), gone, Reason.NO_RECORD).astype(np.int8)
            for name, array in _one_year(facet, acts, exposure, reason, interval):
                arrays[name][(place, row, slice(None), column) if np.ndim(array) else (place, row, column)] = array
    arrays["reason"] = arrays["reason"].astype(np.int8)
    return arrays


def _lags(arrays: Mapping[str, np.ndarray], usual: list[list[CumulativeHazard]]) -> dict[str, np.ndarray]:
    """Return the median lag, by year, country and area, at the pace of each country and at the ends of its interval."""
    place = list(FACETS).index("ratification_pace")
    lags = {name: np.full(arrays[source][place].shape, np.nan) for name, source in _LAGS.items()}
    for row, of_year in enumerate(usual):
        for column, hazard in enumerate(of_year):
            for name, source in _LAGS.items():
                lags[name][row, :, column] = hazard.median(arrays[source][place, row, :, column])
    return lags


def _one_year(
    facet: str,
    acts: Float[np.ndarray, " country"],
    exposure: Float[np.ndarray, " country"],
    reason: Int8[np.ndarray, " country"],
    interval: float,
) -> Iterator[tuple[str, np.ndarray | float]]:
    """Yield the entries of one facet, year and area, by name."""
    own = reason == Reason.HAS_VALUE
    fit = FACETS[facet].fit
    prior = None if fit is None else fit(acts[own], exposure[own])
    yield "acts", np.where(own, acts, np.nan)
    yield "exposure", np.where(own, exposure, np.nan)
    yield "raw", _placed(own, acts[own] / exposure[own])
    if prior is None:
        yield "reason", np.where(own, Reason.NOT_POOLED, reason)
        return
    pooled = prior.posterior(acts[own], exposure[own], interval)
    yield "value", _placed(own, pooled.mean)
    yield "lower", _placed(own, pooled.lower)
    yield "upper", _placed(own, pooled.upper)
    yield "reason", reason
    yield "usual", prior.mean
    yield "strength", prior.strength


def _placed(where: Bool[np.ndarray, " country"], values: np.ndarray) -> Float[np.ndarray, " country"]:
    placed = np.full(where.shape, np.nan)
    placed[where] = values
    return placed


def _absent(axes: PanelAxes) -> Int8[np.ndarray, "year country"]:
    """Return why a country of the axes can have no record in a year, 0 where it can."""
    over = np.array([country(iso3).state_until is not None for iso3 in axes.countries], bool)
    reason = np.where(over, Reason.ENDED, Reason.HAS_VALUE)[None].repeat(len(axes.years), 0)
    return np.where(axes.in_system, reason, Reason.NOT_IN_SYSTEM).astype(np.int8)
