"""Smoothing of many independent stationary first-order autoregressions at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

LEAST_EVOLUTION_VARIANCE = 1e-6


class Smoothed(NamedTuple):
    """Posterior of the paths given all periods.

    Attributes:
        mean: posterior means.
        variance: posterior variances.
        lag_covariance: posterior covariance with the period before; 0 in the first.
    """

    mean: Float[np.ndarray, "year country"]
    variance: Float[np.ndarray, "year country"]
    lag_covariance: Float[np.ndarray, "year country"]


def smooth(
    precision: Float[np.ndarray, "year country"],
    weighted: Float[np.ndarray, "year country"],
    evolution_variance: float,
) -> Smoothed:
    """Return the posterior of `x_t = rho x_{t-1} + e_t`, `e_t ~ N(0, q)`, `rho^2 = 1 - q`, observed with noise.

    The prior is N(0, 1) in every period, whatever `q`, the `evolution_variance`; `q = 0` is a constant. Where the
    `precision` of an observation is 0 there is none. `weighted` is precision times observed value. Kalman filter and
    Rauch-Tung-Striebel (1965) smoother, each country a series of its own.
    """
    rho = np.sqrt(1 - evolution_variance)
    n_periods, n_countries = precision.shape
    filtered, spread = np.empty(precision.shape), np.empty(precision.shape)
    mean, variance = np.zeros(n_countries), np.ones(n_countries)
    for period in range(n_periods):
        if period:
            mean, variance = rho * mean, rho**2 * variance + evolution_variance
        total = 1 / variance + precision[period]
        mean, variance = (mean / variance + weighted[period]) / total, 1 / total
        filtered[period], spread[period] = mean, variance

    lag = np.zeros(precision.shape)
    for period in range(n_periods - 2, -1, -1):
        ahead = rho**2 * spread[period] + evolution_variance
        gain = rho * spread[period] / ahead
        filtered[period] += gain * (filtered[period + 1] - rho * filtered[period])
        lag[period + 1] = gain * spread[period + 1]
        spread[period] += gain**2 * (spread[period + 1] - ahead)
    return Smoothed(filtered, spread, lag)


def learned_evolution_variance(
    paths: Smoothed, evolution_variance: float, between: Float[np.ndarray, "year country"] | np.ndarray
) -> float:
    """Return the EM update of `q`: the mean of `E (x_t - rho x_{t-1})^2` over the periods marked in `between`."""
    rho = np.sqrt(1 - evolution_variance)
    step = (paths.mean[1:] - rho * paths.mean[:-1]) ** 2
    step += paths.variance[1:] + rho**2 * paths.variance[:-1] - 2 * rho * paths.lag_covariance[1:]
    marked = step[between[1:]]
    if not marked.size:
        return evolution_variance
    return float(np.clip(marked.mean(), LEAST_EVOLUTION_VARIANCE, 1.0))
