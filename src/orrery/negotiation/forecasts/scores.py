"""How good forecasts are: proper scores, with intervals by drawing groups of cases anew.

Brier's score of a chance `f` of an event `o` (0 or 1) is `(f - o)^2`. Over forecasts put into bins by their chance it
is (Murphy 1973, exact where all forecasts of a bin are its mean)

    Brier = reliability - resolution + uncertainty.

The continuous ranked probability score of draws is that of Gneiting & Raftery (2007), in its fair form for ensembles
(Zamo & Naveau 2018, by probability-weighted moments, which need no memory for pairs of draws).
Cases of one group are one unit of the bootstrap, for their outcomes are not independent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import scoringrules
from jaxtyping import Bool, Float

N_RESAMPLES = 2_000
N_BINS = 5


@dataclass(frozen=True)
class Interval:
    """A mean score with its interval.

    Attributes:
        mean: over cases.
        low: 2.5 % quantile of the means of resamples.
        high: 97.5 % quantile.
        n_cases: how many cases have the score.
    """

    mean: float
    low: float
    high: float
    n_cases: int


@dataclass(frozen=True)
class BrierParts:
    """Murphy's parts of Brier's score.

    Attributes:
        reliability: how far chances are from frequencies; 0 is best.
        resolution: how far frequencies differ between forecasts; more is better.
        uncertainty: of the events themselves.
        within: what is left because forecasts of one bin differ.
    """

    reliability: float
    resolution: float
    uncertainty: float
    within: float


def brier(chance: Float[np.ndarray, " case"], happened: Bool[np.ndarray, " case"]) -> Float[np.ndarray, " case"]:
    """Return Brier's score of each case."""
    return np.asarray(scoringrules.brier_score(happened.astype(float), chance))


def brier_parts(
    chance: Float[np.ndarray, " case"], happened: Bool[np.ndarray, " case"], n_bins: int = N_BINS
) -> BrierParts:
    """Return Murphy's parts, for bins of equal numbers of cases."""
    order = np.argsort(chance, kind="stable")
    rate = happened.mean()
    reliability = resolution = 0.0
    for rows in np.array_split(order, min(n_bins, len(order))):
        share = len(rows) / len(order)
        reliability += share * float((chance[rows].mean() - happened[rows].mean()) ** 2)
        resolution += share * float((happened[rows].mean() - rate) ** 2)
    uncertainty = float(rate * (1 - rate))
    total = float(brier(chance, happened).mean())
    return BrierParts(reliability, resolution, uncertainty, total - (reliability - resolution + uncertainty))


def crps(draws: Float[np.ndarray, "..."], observed: Float[np.ndarray, "..."] | float) -> Float[np.ndarray, "..."]:
    """Return the continuous ranked probability score of draws (the first axis), in the unit of the observed."""
    return np.asarray(scoringrules.crps_ensemble(observed, draws, m_axis=0, estimator="pwm"))


def rank_of(likely: Float[np.ndarray, " party"], true: Sequence[int]) -> float:
    """Return the best rank, from 1, of the parties that held out among all by how likely each was to; ties shared."""
    better = [float((likely > likely[place]).sum()) for place in true]
    tied = [float((likely == likely[place]).sum() - 1) for place in true]
    return min(1 + high + same / 2 for high, same in zip(better, tied, strict=True))


def interval(
    values: Float[np.ndarray, " case"],
    groups: Sequence[str],
    seed: int = 0,
    statistic: Callable[[np.ndarray], float] = np.mean,
) -> Interval:
    """Return the mean of scores with its interval over resampled groups; cases without a score (NaN) do not count."""
    kept = ~np.isnan(values)
    known, named = values[kept], np.array(groups)[kept]
    units = [known[named == name] for name in dict.fromkeys(named)]
    draw = np.random.default_rng(seed)
    means = [
        statistic(np.concatenate([units[row] for row in draw.integers(0, len(units), len(units))]))
        for _ in range(N_RESAMPLES)
    ]
    low, high = np.quantile(means, [0.025, 0.975])
    return Interval(float(statistic(known)), float(low), float(high), int(kept.sum()))
