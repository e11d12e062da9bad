"""Criteria by which portfolios are compared over scenarios and draws, each with the error that the draws leave.

Outcomes are `[scenario, draw, candidate]`: utils per year, relative to what today's portfolio was worth in the start
year of the same draw. Draws are different measurements of one world, in which the level of utils differs; without that
reference the lowest outcomes would be those of draws with low levels, not those of bad years.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from jaxtyping import Float

WORST = 0.1
"""Part of scenarios and draws that the worst decile is the mean of."""
HIGH_REGRET = 0.9
"""Quantile of regret over scenarios and draws."""
N_RESAMPLES = 200
"""Resamples of draws behind every Monte-Carlo error."""
INTERVAL = (0.05, 0.95)
"""Quantiles of the interval of outcomes."""

Outcomes = Float[np.ndarray, "scenario draw candidate"]
Weights = Float[np.ndarray, " scenario"]
Counts = Float[np.ndarray, " draw"]
PerCandidate = Float[np.ndarray, " candidate"]


@dataclass(frozen=True)
class Best:
    """The most that a fixed portfolio can reach.

    Attributes:
        in_scenario: by scenario and draw, outcome of the portfolio with the best mean over the draws of the scenario.
        in_draw: by scenario and draw, outcome of the portfolio that is best in that draw.
    """

    in_scenario: Float[np.ndarray, "scenario draw"]
    in_draw: Float[np.ndarray, "scenario draw"]


@dataclass(frozen=True)
class Criteria:
    """The criteria of every candidate.

    Attributes:
        mean: weighted mean over scenarios and draws.
        worst_decile: mean of the lowest tenth.
        largest_regret: largest over scenarios of the mean that the best fixed portfolio there has in addition.
        high_regret: 90 % quantile, over scenarios and draws, of what the best fixed portfolio there has in addition.
    """

    mean: Float[np.ndarray, "*resample candidate"]
    worst_decile: Float[np.ndarray, "*resample candidate"]
    largest_regret: Float[np.ndarray, "*resample candidate"]
    high_regret: Float[np.ndarray, "*resample candidate"]


def lowest_mean(
    values: Float[np.ndarray, "outcome candidate"], mass: Float[np.ndarray, " outcome"], part: float = WORST
) -> PerCandidate:
    """Return the mean of the lowest `part` of weighted outcomes (expected shortfall; Rockafellar & Uryasev 2000).

    Args:
        values: outcomes.
        mass: their weights, sum 1.
        part: above 0, up to 1; an outcome at the edge counts with the part of its weight that lies inside.
    """
    order = np.argsort(values, axis=0)
    weight = mass[order]
    inside = np.clip(part - (np.cumsum(weight, 0) - weight), 0, weight)
    return (inside * np.take_along_axis(values, order, 0)).sum(0) / part


def quantile(
    values: Float[np.ndarray, "outcome candidate"], mass: Float[np.ndarray, " outcome"], level: float
) -> PerCandidate:
    """Return the smallest outcome up to which weights sum to `level` or more."""
    order = np.argsort(values, axis=0)
    reached = np.cumsum(mass[order], 0) >= level - 1e-12
    place = np.take_along_axis(order, np.argmax(reached, axis=0)[None], 0)
    return np.take_along_axis(values, place, 0)[0]


def masses(weights: Weights, counts: Counts) -> Float[np.ndarray, " outcome"]:
    """Return the weight of every outcome, scenarios first: that of its scenario times the part of its draw."""
    return np.outer(weights, counts / counts.sum()).reshape(-1)


def scenario_means(outcomes: Outcomes, counts: Counts) -> Float[np.ndarray, "scenario candidate"]:
    """Return the mean over draws in every scenario, each draw counting `counts` times."""
    return np.einsum("sdc,d->sc", outcomes, counts / counts.sum())


def scenario_regrets(outcomes: Outcomes, best: Best, counts: Counts) -> Float[np.ndarray, "scenario candidate"]:
    """Return what the best fixed portfolio of each scenario has in addition, in the mean over draws."""
    return (best.in_scenario @ counts / counts.sum())[:, None] - scenario_means(outcomes, counts)


def criteria(outcomes: Outcomes, best: Best, weights: Weights, counts: Counts | None = None) -> Criteria:
    """Return the criteria of every candidate.

    Args:
        outcomes: of every candidate.
        best: what regret is measured against.
        weights: of scenarios, sum 1.
        counts: how often each draw counts, once by default.
    """
    times = np.ones(outcomes.shape[1]) if counts is None else counts
    flat, mass = outcomes.reshape(-1, outcomes.shape[2]), masses(weights, times)
    return Criteria(
        mean=weights @ scenario_means(outcomes, times),
        worst_decile=lowest_mean(flat, mass),
        largest_regret=scenario_regrets(outcomes, best, times).max(0),
        high_regret=quantile(best.in_draw.reshape(-1, 1) - flat, mass, HIGH_REGRET),
    )


def resampled(outcomes: Outcomes, best: Best, weights: Weights, seed: int) -> Criteria:
    """Return the criteria over draws drawn anew with replacement (Efron 1979), `[resample, candidate]` each.

    All scenarios of a draw stay together, and the portfolio that is best in a scenario stays the same.
    """
    n_draws = outcomes.shape[1]
    times = np.random.default_rng(seed).multinomial(n_draws, np.full(n_draws, 1 / n_draws), N_RESAMPLES)
    found = [criteria(outcomes, best, weights, counts) for counts in times.astype(float)]
    return Criteria(**{one.name: np.stack([getattr(each, one.name) for each in found]) for one in fields(Criteria)})
