"""What a treaty record amounts to, year by year: acts, and the time or the treaties in which they could be done.

Everything is counted in the calendar year in which it happened, so that the record as of a year is the sum of the
years up to it and knows nothing of later ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Int, Int8

from orrery.data.countries import country
from orrery.data.panel import PanelAxes
from orrery.data.treaties import NOT_KNOWN, PARTY, SIGNATORY, TreatyRecord, ordered
from orrery.measure.reputation.survival import CumulativeHazard, Spells

WITHDRAWAL = "withdrawal"


@dataclass(frozen=True)
class Counts:
    """Acts and what they are counted against; NaN where the sources cannot tell.

    Attributes:
        acts: how many.
        exposure: treaties or years in which they could be done, or how many were to be expected.
    """

    acts: Float[np.ndarray, "*year country"]
    exposure: Float[np.ndarray, "*year country"]


def open_treaties(
    levels: Int8[np.ndarray, "year country treaty"], treaties: pd.DataFrame, axes: PanelAxes
) -> Bool[np.ndarray, "year treaty"]:
    """Tell which treaties are open to every country, year by year.

    Where the source does not say, a treaty counts as open to all from the year in which countries of all five regions
    of the world (United Nations M49) have signed or joined it.
    """
    regions = np.array([country(iso3).region for iso3 in axes.countries])
    reached = np.logical_and.reduce(
        [
            np.maximum.accumulate((levels[:, regions == region] >= SIGNATORY).any(1), axis=0)
            for region in np.unique(regions)
        ]
    )
    stated = treaties["open_to_all"]
    return np.where(stated.isna().to_numpy(bool), reached, stated.fillna(False).to_numpy(bool))


def may_join(axes: PanelAxes) -> Bool[np.ndarray, "year country"]:
    """Tell which countries can join treaties open to all: members of the United Nations, and those not yet admitted.

    What is open to a country that was never admitted, or is no longer a member, the sources do not say.
    """
    return np.array(
        [
            [
                (one := country(iso3)).un_from is not None and (one.un_until or date.max).year >= year
                for iso3 in axes.countries
            ]
            for year in axes.years
        ],
        bool,
    ).reshape(axes.shape)


def participation(
    levels: Int8[np.ndarray, "year country treaty"],
    open_to_all: Bool[np.ndarray, "year treaty"],
    eligible: Bool[np.ndarray, "year country"],
) -> Counts:
    """Count the treaties that a country is party to among those open to it at the end of each year."""
    counted = (levels != NOT_KNOWN) & open_to_all[:, None] & eligible[..., None]
    return Counts(((levels == PARTY) & counted).sum(-1).astype(float), counted.sum(-1).astype(float))


def ratifications(
    waiting: Spells, usual: Sequence[CumulativeHazard], stratum: Int[np.ndarray, " spell"], n_countries: int
) -> Counts:
    """Count consents, and those expected if every signature waited as is usual in its stratum.

    `E = sum over the country's spells of H(duration)` (indirect standardisation: Clayton & Kaldor 1987). Most consents
    come in the first years after a signature, so that years of waiting would not do: who signed long ago would seem
    slow.
    """
    durations = waiting.stop - waiting.start
    expected = np.zeros(len(durations))
    for number, hazard in enumerate(usual):
        expected[stratum == number] = hazard.at(durations[stratum == number])
    acts, counted = (
        np.bincount(waiting.country, held, n_countries).astype(float) for held in (waiting.ended, expected)
    )
    return Counts(acts, counted)


def decayed_ratifications(
    waiting: Spells,
    usual: Sequence[CumulativeHazard],
    stratum: Int[np.ndarray, " spell"],
    n_countries: int,
    decay: tuple[int, float],
) -> Counts:
    """Count as `ratifications` does, consents and expected ones each at what their year still counts.

    Args:
        waiting: the spells as known at the end of the last year.
        usual: cumulative hazard of each stratum.
        stratum: number of each spell's stratum.
        n_countries: on the axis of countries.
        decay: the last year, and the years after which what happened counts half.
    """
    last, half_life = decay
    total = Counts(np.zeros(n_countries), np.zeros(n_countries))
    before = total
    for year in range(int(waiting.start.min(initial=last)), last + 1):
        begun = waiting.start < year + 1
        until = ratifications(waiting.until(year), usual, stratum[begun], n_countries)
        weight = 0.5 ** ((last - year) / half_life)
        total = Counts(
            total.acts + weight * (until.acts - before.acts),
            total.exposure + weight * (until.exposure - before.exposure),
        )
        before = until
    return total


def withdrawals(
    record: TreatyRecord,
    levels: Int8[np.ndarray, "year country treaty"],
    chosen: Bool[np.ndarray, " treaty"],
    axes: PanelAxes,
) -> Counts:
    """Count withdrawals of parties in each year, and the treaties they were party to at its end, on chosen treaties.

    A second notice by a country that is out already does not count, nor does the end of a treaty.
    """
    left = np.zeros(axes.shape)
    acts = ordered(record)
    acts = acts[acts["outcome"] != SIGNATORY]
    before = acts.groupby(["treaty", "iso3"])["outcome"].shift()
    events = acts[((acts["action"] == WITHDRAWAL) & (before == PARTY)).to_numpy(bool)]
    treaty = pd.Index(record.treaties["treaty"]).get_indexer(pd.Index(events["treaty"]))
    year, place = axes.year_index(events["year"].astype(int)), axes.country_index(events["iso3"])
    kept = (year >= 0) & (place >= 0) & chosen[treaty]
    kept &= axes.in_system[np.maximum(year, 0), np.maximum(place, 0)]
    np.add.at(left, (year[kept], place[kept]), 1.0)
    return Counts(left, (levels[..., chosen] == PARTY).sum(-1).astype(float))


def accumulated(flow: Float[np.ndarray, "year country"], half_life: float | None) -> Float[np.ndarray, "year country"]:
    """Return the sum of each year and those before it, each counting half for every `half_life` years that it is past.

    Without a half-life nothing is forgotten.
    """
    kept = 1.0 if half_life is None else 0.5 ** (1 / half_life)
    total = np.empty_like(flow)
    held = np.zeros(flow.shape[1])
    for row, of_year in enumerate(flow):
        held = held * kept + of_year
        total[row] = held
    return total
