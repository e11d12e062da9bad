"""The price of hedging: what the best hedge gives up in the mean, and what it buys in the worst decile.

A hedge is a portfolio that is at least as diverse over rival poles as today's (Rao 1982), or, where a bound is stated,
one that gives no pole more than that share. Differences are in utils per year and, as a compensating variation, in
supply: by how much every pole would have to supply more in every year for the poorer portfolio to be worth as much.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float
from scipy.optimize import brentq

from orrery.base.arrays import FloatArray
from orrery.lab.planner.criteria import Best, Outcomes, Weights, lowest_mean, masses, resampled
from orrery.lab.planner.payoffs import with_more_supply
from orrery.lab.planner.search import TOLERANCE, Constraint, Portfolio, Search
from orrery.measure.portfolios.indices import LINE_MAXIMUM, line_rivalry, rivalry_met

LARGEST_SUPPLY = 1_000.0
"""Factor of supply up to which an equal worth is looked for, and its inverse down to which."""


def rival_diversity_of(
    shares: Float[FloatArray, "*axes option"], pole_ideal_point: Float[np.ndarray, " pole"]
) -> Float[FloatArray, "*axes"]:
    """Return the rival diversity of portfolios, 0 to 1; 0 for one that gives no pole anything.

    Rivalry is the poles' distance on the line of ideal points over the largest (`measure.portfolios.indices`).
    """
    engaged = shares[..., 1:].sum(-1, keepdims=True)
    among = shares[..., 1:] / (engaged + (engaged == 0))
    return rivalry_met(among, line_rivalry(pole_ideal_point)) / LINE_MAXIMUM


@dataclass(frozen=True)
class Hedge:
    """What counts as a hedge.

    Attributes:
        words: the condition.
        slack: numbers that are at least 0 where it holds, from shares.
    """

    words: str
    slack: Constraint

    def holds(self, shares: Portfolio) -> bool:
        """Tell whether a portfolio is a hedge, up to rounding."""
        return bool(np.min(np.asarray(self.slack(np.asarray(shares)))) >= -TOLERANCE)


def hedge_condition(
    today: Portfolio, pole_ideal_point: Float[np.ndarray, " pole"], largest_share: float | None
) -> Hedge:
    """Return what counts as a hedge: rival diversity of at least today's, or no pole above `largest_share`."""
    if largest_share is not None:
        return Hedge(f"no pole above {largest_share:g}", lambda shares: largest_share - shares[..., 1:])
    least = float(rival_diversity_of(today, pole_ideal_point))

    def slack(shares: FloatArray) -> FloatArray:
        return rival_diversity_of(shares, pole_ideal_point)[..., None] - least

    return Hedge(f"rival diversity at least today's, {least:.3f}", slack)


@dataclass(frozen=True)
class Comparison:
    """What one portfolio gives up against another, and what it buys.

    Attributes:
        of: name of the portfolio.
        against: name of the other.
        mean_given_up: mean of the other less its own, utils per year, and its Monte-Carlo error.
        supply_given_up: part by which every pole would have to supply more for its mean to be that of the other; NaN
            where up to `LARGEST_SUPPLY` times as much is not enough.
        worst_bought: worst decile less that of the other, and its Monte-Carlo error.
        supply_bought: part by which every pole would have to supply more for the other's worst decile to be its own.
    """

    of: str
    against: str
    mean_given_up: float
    mean_error: float
    supply_given_up: float
    worst_bought: float
    worst_error: float
    supply_bought: float


def compare(search: Search, best: Best, names: tuple[str, str], pair: Float[np.ndarray, "two option"]) -> Comparison:
    """Return what the first portfolio of a pair gives up against the second, and what it buys.

    Args:
        search: the ensemble.
        best: the most that fixed portfolios reach.
        names: of the two.
        pair: their shares.
    """
    values = search.values(pair)
    samples = resampled(values, best, search.weights, seed=0)
    weights = search.weights
    mean, worst = _mean(values, weights), _worst(values, weights)

    def supplied(place: int, measured: Callable[[Outcomes, Weights], np.ndarray], wanted: float) -> float:
        def gap(log_factor: float) -> float:
            there = replace(search, met=with_more_supply(search.met, float(np.exp(log_factor))))
            return float(measured(there.values(pair[[place]]), weights)[0]) - wanted

        return _more(gap)

    return Comparison(
        of=names[0],
        against=names[1],
        mean_given_up=float(mean[1] - mean[0]),
        mean_error=float(np.std(samples.mean[:, 1] - samples.mean[:, 0], ddof=1)),
        supply_given_up=supplied(0, _mean, float(mean[1])),
        worst_bought=float(worst[0] - worst[1]),
        worst_error=float(np.std(samples.worst_decile[:, 0] - samples.worst_decile[:, 1], ddof=1)),
        supply_bought=supplied(1, _worst, float(worst[0])),
    )


def _mean(values: Outcomes, weights: Weights) -> Float[np.ndarray, " candidate"]:
    return weights @ values.mean(1)


def _worst(values: Outcomes, weights: Weights) -> Float[np.ndarray, " candidate"]:
    return lowest_mean(values.reshape(-1, values.shape[2]), masses(weights, np.ones(values.shape[1])))


def _more(gap: Callable[[float], float]) -> float:
    """Return the change of supply, as a part of it, at which a gap closes; NaN where none within bounds does."""
    ends = -np.log(LARGEST_SUPPLY), np.log(LARGEST_SUPPLY)
    low, high = gap(ends[0]), gap(ends[1])
    if low > 0 or high < 0:
        return float("nan")
    return float(np.expm1(brentq(gap, *ends, xtol=1e-6)))
