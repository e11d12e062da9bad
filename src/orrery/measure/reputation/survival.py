"""From signature to consent: spells, some of which have not ended, and how many last how long."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Int

from orrery.base.errors import MeasureError
from orrery.data.panel import PanelAxes
from orrery.data.treaties import CONSENT, TreatyRecord

RATIFYING = ("ratification", "acceptance", "approval")
"""Acts that follow a signature; a treaty on which nobody has done any of them is not one that is ratified."""


@dataclass(frozen=True)
class Spells:
    """Time from a signature, or from the first ratification of the treaty if that is later, to the country's consent.

    Attributes:
        country: place on the axis of countries.
        treaty: place among the treaties.
        start: years, with the part of the year as a fraction.
        stop: years, likewise: consent, the end of the treaty, or the end of the last year.
        ended: whether consent ended it; the others are still open, which says only that it takes longer (censored).
    """

    country: Int[np.ndarray, " spell"]
    treaty: Int[np.ndarray, " spell"]
    start: Float[np.ndarray, " spell"]
    stop: Float[np.ndarray, " spell"]
    ended: Bool[np.ndarray, " spell"]

    def until(self, year: int) -> Spells:
        """Return the spells as they were known at the end of a year."""
        begun = self.start < year + 1
        stop = np.minimum(self.stop, year + 1.0)[begun]
        ended = (self.ended & (self.stop < year + 1))[begun]
        return Spells(self.country[begun], self.treaty[begun], self.start[begun], stop, ended)

    def on(self, chosen: Bool[np.ndarray, " treaty"]) -> Spells:
        """Return the spells on some of the treaties."""
        kept = chosen[self.treaty]
        return Spells(*(array[kept] for array in (self.country, self.treaty, self.start, self.stop, self.ended)))


@dataclass(frozen=True)
class SurvivalCurve:
    """Which part of all spells lasts longer than so many years.

    Attributes:
        years: durations at which spells ended, in order.
        surviving: the part that lasts longer, after each.
        at_risk: the spells open just before each.
    """

    years: Float[np.ndarray, " step"]
    surviving: Float[np.ndarray, " step"]
    at_risk: Float[np.ndarray, " step"]

    @property
    def median(self) -> float:
        """Years after which half have ended; NaN if fewer than half ever do."""
        below = np.flatnonzero(self.surviving <= 0.5)
        return float(self.years[below[0]]) if below.size else float("nan")


@dataclass(frozen=True)
class CumulativeHazard:
    """How many times a spell would have ended by now, could it end again and again.

    Attributes:
        years: durations at which spells ended, in order.
        hazard: the sum up to and with each.
    """

    years: Float[np.ndarray, " step"]
    hazard: Float[np.ndarray, " step"]

    def at(self, durations: Float[np.ndarray, "*any"]) -> Float[np.ndarray, "*any"]:
        """Return the cumulative hazard `H(t)` at durations of 0 years or more."""
        return np.concatenate([[0.0], self.hazard])[np.searchsorted(self.years, durations, side="right")]

    def median(self, pace: Float[np.ndarray, "*any"]) -> Float[np.ndarray, "*any"]:
        """Return the years `t` at which `exp(-pace H(t))` falls to a half; NaN where it never has or no pace is."""
        reached = np.searchsorted(self.hazard, np.log(2) / pace - 1e-12)
        return np.concatenate([self.years, [np.nan]])[reached]


def nelson_aalen(
    durations: Float[np.ndarray, " spell"],
    ended: Bool[np.ndarray, " spell"],
    pace: Float[np.ndarray, " spell"] | None = None,
) -> CumulativeHazard:
    """Return `H(t) = sum over t_j <= t of d_j / n_j`, with `n_j` the pace of all spells open, `d_j` ending at `t_j`.

    Nelson (1972), Aalen (1978); with a pace other than 1, Breslow (1972). Summed over all spells, pace times `H` at
    their durations is the number that ended.

    Raises:
        MeasureError: the shapes differ, a duration is negative, or a pace is not above 0.
    """
    steps, count, at_risk = _steps(durations, ended, pace)
    return CumulativeHazard(steps, np.cumsum(count / at_risk))


def kaplan_meier(durations: Float[np.ndarray, " spell"], ended: Bool[np.ndarray, " spell"]) -> SurvivalCurve:
    """Return `S(t) = product over t_j <= t of (1 - d_j / n_j)`, with `n_j` spells open and `d_j` ending at `t_j`.

    Kaplan & Meier (1958). A spell that was only watched until `t` still counts as open at `t`.

    Args:
        durations: years of each spell.
        ended: whether it ended then, or was only watched so long.

    Raises:
        MeasureError: the shapes differ, or a duration is negative.
    """
    steps, count, at_risk = _steps(durations, ended)
    return SurvivalCurve(steps, np.cumprod(1 - count / at_risk), at_risk)


def _steps(
    durations: np.ndarray, ended: np.ndarray, pace: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the durations at which spells ended, how many ended there, and the pace of those open just before."""
    pace = np.ones(durations.shape) if pace is None else pace
    if not durations.shape == ended.shape == pace.shape:
        shapes = f"{durations.shape}, {ended.shape} and {pace.shape}"
        raise MeasureError(f"`durations`, `ended`, `pace`: shapes {shapes} came; give one of each per spell.")
    if not ((durations >= 0).all() and (pace > 0).all()):
        raise MeasureError("`durations`, `pace`: a negative or missing one came; give years from 0 and a pace above 0.")
    steps, count = np.unique(durations[ended], return_counts=True)
    order = np.argsort(durations)
    longest_first = np.concatenate([np.cumsum(pace[order][::-1])[::-1], [0.0]])
    return steps, count, longest_first[np.searchsorted(durations[order], steps, side="left")]


def spells(record: TreatyRecord, axes: PanelAxes) -> Spells:
    """Return the spells from signature to consent, of countries that last, as the record has them.

    Left out are signatures before the first year of `axes` or outside the state system, acts without a year, consent
    on the day of signature (there was nothing to wait for) and before it, and treaties that nobody has ratified.
    Where a day is not known, the middle of the year stands for it.
    """
    from orrery.data.countries import country

    acts = record.actions[record.actions["action"].isin(["signature", *CONSENT])]
    times = acts.assign(time=_times(acts), consent=acts["action"] != "signature")
    by_pair = times.groupby(["treaty", "iso3", "consent"])["time"]
    first, open_dates = by_pair.min().unstack("consent"), by_pair.apply(lambda held: held.isna().any()).unstack()
    first = first.reindex(columns=[False, True])
    begun = times[times["action"].isin(RATIFYING)].groupby("treaty")["time"].min()
    treaty, iso3 = (first.index.get_level_values(name) for name in ("treaty", "iso3"))
    signed, consented = first[False].to_numpy(float), first[True].to_numpy(float)
    undated = open_dates.reindex(columns=[False, True]).eq(True).any(axis=1).to_numpy(bool)
    opened = begun.reindex(treaty).to_numpy(float)
    place = axes.country_index(pd.Series(iso3))
    ends = record.treaties.set_index("treaty")["ended"].astype("Float64").reindex(treaty)
    stop = np.minimum(ends.fillna(np.inf).to_numpy(float), axes.years[-1] + 1.0)
    ended = consented < stop
    stop = np.where(ended, consented, stop)
    lasting = np.array([country(code).state_until is None for code in axes.countries], bool)
    row = np.floor(np.nan_to_num(signed)).astype(int) - axes.years[0]
    inside = (row >= 0) & (row < len(axes.years)) & (place >= 0)
    inside &= axes.in_system[np.where(inside, row, 0), np.maximum(place, 0)] & lasting[np.maximum(place, 0)]
    start = np.fmax(signed, opened)
    with np.errstate(invalid="ignore"):
        kept = inside & ~undated & ~np.isnan(opened) & ~(consented <= signed) & (stop > start)
    item = pd.Index(record.treaties["treaty"]).get_indexer(treaty)
    return Spells(place[kept], item[kept], start[kept], stop[kept], ended[kept])


def _times(acts: pd.DataFrame) -> Float[np.ndarray, " act"]:
    """Return years with fractions; the middle of the year where the day is not known, NaN where the year is not."""
    within = (acts["date"].dt.day_of_year - 1) / 366
    return acts["year"].astype("Float64").fillna(np.nan).to_numpy(float) + within.fillna(0.5).to_numpy(float)
