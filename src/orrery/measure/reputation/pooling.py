"""Partial pooling: each country's rate or share, drawn towards what is usual, the more so the less it has done.

The distribution of true rates over countries is estimated from all of them and serves as the prior of each (empirical
Bayes: Robbins 1956; Efron & Morris 1973). How far countries differ is itself known only roughly, and intervals that
take it as known are too narrow (Morris 1983). So the mean of the distribution is that of maximum marginal likelihood,
but its strength is averaged over, by likelihood times the uniform-shrinkage prior (Christiansen & Morris 1997): the
weight that a country of middling exposure gives to what is usual is taken to be anything from 0 to 1 alike.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from jaxtyping import Float
from scipy.special import betainc, betaincinv, betaln, expit, gammainc, gammaincinv, gammaln, logit

from orrery.base.errors import MeasureError

STRENGTH = (1e-3, 1e6)
"""Bounds of the strength of maximum likelihood; at the upper one countries are alike as far as the data tell."""

_SHRINKAGE = np.linspace(-9.0, 9.0, 121)
"""Logits of the weights of what is usual that are averaged over."""

_LEAST_WEIGHT = 1e-3
_HALVINGS = 30


@dataclass(frozen=True)
class Pooled:
    """What is believed of each country after pooling.

    Attributes:
        mean: posterior mean.
        lower: lower end of the central posterior interval.
        upper: its upper end.
    """

    mean: Float[np.ndarray, " country"]
    lower: Float[np.ndarray, " country"]
    upper: Float[np.ndarray, " country"]


class Prior(Protocol):
    """A distribution of true rates over countries."""

    @property
    def mean(self) -> float:
        """What is usual."""
        ...

    @property
    def strength(self) -> float:
        """Exposure of its own at which a country's record counts as much as what is usual."""
        ...

    def posterior(
        self, counts: Float[np.ndarray, " country"], exposure: Float[np.ndarray, " country"], interval: float
    ) -> Pooled:
        """Return what is believed of countries with these records."""
        ...


@dataclass(frozen=True)
class _Weighted:
    """A mean, and strengths each with its weight; the weights sum to 1."""

    mean: float
    strengths: Float[np.ndarray, " strength"]
    weights: Float[np.ndarray, " strength"]

    @property
    def strength(self) -> float:
        """The strengths' geometric mean."""
        return float(np.exp(self.weights @ np.log(self.strengths)))


@dataclass(frozen=True)
class BetaPrior(_Weighted):
    """Shares `p ~ Beta(m s, (1 - m) s)` with mean `m` and strength `s`, a number of treaties."""

    def posterior(
        self, counts: Float[np.ndarray, " country"], exposure: Float[np.ndarray, " country"], interval: float
    ) -> Pooled:
        """Return the posterior, `Beta(m s + k, (1 - m) s + n - k)` given `k` of `n` and `s` (Gelman et al., ch. 2).

        Raises:
            MeasureError: counts are not from 0 to their exposure, or the interval is no probability.
        """
        _check(counts, exposure, interval, at_most=True)
        of = self.mean * self.strengths[:, None] + counts
        against = (1 - self.mean) * self.strengths[:, None] + exposure - counts
        return _mixed(
            self.weights,
            of / (of + against),
            lambda x: betainc(of, against, x),
            lambda q: betaincinv(of, against, q),
            interval,
        )


@dataclass(frozen=True)
class GammaPrior(_Weighted):
    """Rates `h ~ Gamma(shape m b, rate b)` with mean `m` and strength `b`, in the unit of the exposure."""

    def posterior(
        self, counts: Float[np.ndarray, " country"], exposure: Float[np.ndarray, " country"], interval: float
    ) -> Pooled:
        """Return the posterior, `Gamma(m b + d, b + T)` given `d` acts in exposure `T` and `b` (Gelman et al., ch. 2).

        Raises:
            MeasureError: counts or exposure are below 0, or the interval is no probability.
        """
        _check(counts, exposure, interval, at_most=False)
        shape, rate = self.mean * self.strengths[:, None] + counts, self.strengths[:, None] + exposure
        return _mixed(
            self.weights,
            shape / rate,
            lambda x: gammainc(shape, rate * x),
            lambda q: gammaincinv(shape, q) / rate,
            interval,
        )


def _mixed(
    weights: Float[np.ndarray, " strength"],
    means: Float[np.ndarray, "strength country"],
    cumulative: Callable[[np.ndarray], np.ndarray],
    quantile: Callable[[float], np.ndarray],
    interval: float,
) -> Pooled:
    """Average posteriors over strengths; the ends of the interval by halving what lies between their own."""
    ends = []
    for tail in ((1 - interval) / 2, (1 + interval) / 2):
        each = quantile(tail)
        low, high = each.min(0), each.max(0)
        for _ in range(_HALVINGS if len(weights) > 1 else 0):
            middle = (low + high) / 2
            above = weights @ cumulative(middle) > tail
            low, high = np.where(above, low, middle), np.where(above, middle, high)
        ends.append((low + high) / 2)
    return Pooled(weights @ means, ends[0], ends[1])


def fit_beta(counts: Float[np.ndarray, " country"], exposure: Float[np.ndarray, " country"]) -> BetaPrior | None:
    """Return the Beta distribution of shares given `k` of `n` of each country: the beta-binomial model (Skellam 1948).

    Returns:
        The prior; None where the data cannot tell one: nobody or everybody did it, or nobody has two treaties.

    Raises:
        MeasureError: counts are not from 0 to their exposure.
    """
    _check(counts, exposure, 0.5, at_most=True)
    k, n = counts[exposure > 0], exposure[exposure > 0]
    if not n.size or n.max() < 2 or not 0 < k.sum() < n.sum():
        return None

    def likelihood(mean: float, strength: Float[np.ndarray, " strength"]) -> Float[np.ndarray, " strength"]:
        of, against = mean * strength[:, None], (1 - mean) * strength[:, None]
        return (betaln(of + k, against + n - k) - betaln(of, against)).sum(-1)

    start = float(logit(k.sum() / n.sum()))
    mean = expit(_likeliest(lambda at, b: likelihood(float(expit(at)), np.array([b])), start, (-20.0, 20.0)))
    return BetaPrior(float(mean), *_strengths(lambda b: likelihood(float(mean), b), n))


def fit_gamma(counts: Float[np.ndarray, " country"], exposure: Float[np.ndarray, " country"]) -> GammaPrior | None:
    """Return the Gamma distribution of rates given `d` acts in exposures `T`: the gamma-Poisson model.

    The counts are then negative binomial (Greenwood & Yule 1920). Decayed counts need not be whole.

    Returns:
        The prior; None where nobody acted, so that the data cannot tell one.

    Raises:
        MeasureError: counts or exposure are below 0.
    """
    _check(counts, exposure, 0.5, at_most=False)
    d, years = counts[exposure > 0], exposure[exposure > 0]
    if not years.size or not d.sum() > 0:
        return None

    def likelihood(mean: float, strength: Float[np.ndarray, " strength"]) -> Float[np.ndarray, " strength"]:
        b = strength[:, None]
        shape = mean * b
        return (gammaln(shape + d) - gammaln(shape) - shape * np.log1p(years / b) - d * np.log(b + years)).sum(-1)

    start = float(np.log(d.sum() / years.sum()))
    bounds = (start - 10, start + 10)
    mean = np.exp(_likeliest(lambda at, b: likelihood(float(np.exp(at)), np.array([b])), start, bounds))
    return GammaPrior(float(mean), *_strengths(lambda b: likelihood(float(mean), b), years))


def _likeliest(likelihood: Callable[[float, float], np.ndarray], start: float, bounds: tuple[float, float]) -> float:
    """Return where the log likelihood is greatest over place and strength, from several strengths to start with."""
    from scipy.optimize import minimize

    def loss(at: Float[np.ndarray, " two"]) -> float:
        return -float(likelihood(float(at[0]), float(np.exp(at[1])))[0])

    ends = [minimize(loss, [start, at], method="L-BFGS-B", bounds=[bounds, np.log(STRENGTH)]) for at in (0.0, 3.0, 6.0)]
    return float(min(ends, key=lambda end: float(end.fun)).x[0])


def _strengths(
    likelihood: Callable[[np.ndarray], np.ndarray], exposure: Float[np.ndarray, " country"]
) -> tuple[Float[np.ndarray, " strength"], Float[np.ndarray, " strength"]]:
    """Return strengths `b` with `b / (b + T)` from 0 to 1, `T` the median exposure, and their posterior weights."""
    strengths = np.median(exposure) * np.exp(_SHRINKAGE)
    log_weight = likelihood(strengths) + np.log(expit(_SHRINKAGE)) + np.log(expit(-_SHRINKAGE))
    weights = np.exp(log_weight - log_weight.max())
    kept = weights > _LEAST_WEIGHT
    return strengths[kept], weights[kept] / weights[kept].sum()


def _check(counts: np.ndarray, exposure: np.ndarray, interval: float, *, at_most: bool) -> None:
    if counts.shape != exposure.shape:
        raise MeasureError(f"`counts` has shape {counts.shape}, `exposure` {exposure.shape}; give one of each.")
    if not 0 < interval < 1:
        raise MeasureError(f"`interval`: {interval} came; allowed is a probability between 0 and 1, such as 0.9.")
    wrong = ~(np.isfinite(counts) & np.isfinite(exposure) & (counts >= 0) & (exposure >= 0))
    wrong |= at_most & (counts > exposure)
    if wrong.any():
        place = int(np.flatnonzero(wrong)[0])
        limit = "counts from 0 to their exposure" if at_most else "counts and exposure from 0"
        raise MeasureError(
            f"`counts`, `exposure`: {counts[place]}, {exposure[place]} came at {place}; allowed: {limit}."
        )
