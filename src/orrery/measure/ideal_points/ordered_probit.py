"""The ordered probit of one vote: probabilities, slopes and curvatures, for arrays of votes.

`P(yes) = Phi(a)`, `P(abstain) = Phi(b) - Phi(a)`, `P(no) = 1 - Phi(b)`, where `a <= b` are the two cutpoints less the
discrimination times the position.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int8
from scipy.special import erfcx, log_ndtr, ndtr

LEAST_PROBABILITY = 1e-300


class Curves(NamedTuple):
    """First and negative second derivatives of the log likelihood of each vote in `a` and `b`."""

    slope_a: Float[np.ndarray, " vote"]
    slope_b: Float[np.ndarray, " vote"]
    curve_aa: Float[np.ndarray, " vote"]
    curve_ab: Float[np.ndarray, " vote"]
    curve_bb: Float[np.ndarray, " vote"]


class ByChoice(NamedTuple):
    """Where the votes of each choice stand, in arrays that hold all yes, then all abstentions, then all no."""

    yes: slice
    abstain: slice
    no: slice

    @classmethod
    def of(cls, choice: Int8[np.ndarray, " vote"]) -> ByChoice:
        """Return the three stretches of `choice`, which is 0 (yes), 1 (abstain), 2 (no) in ascending order."""
        first, second = np.searchsorted(choice, [1, 2])
        return cls(slice(0, first), slice(first, second), slice(second, len(choice)))


def curves(a: Float[np.ndarray, " vote"], b: Float[np.ndarray, " vote"], votes: ByChoice) -> Curves:
    """Return slopes and curvatures; all curvatures make a positive semidefinite matrix (Pratt 1981)."""
    slope_a, slope_b, curve_aa, curve_ab, curve_bb = np.zeros((5, len(a)))
    x = a[votes.yes]
    ratio = _mills(x)
    slope_a[votes.yes], curve_aa[votes.yes] = ratio, ratio * (ratio + x)
    x = -b[votes.no]
    ratio = _mills(x)
    slope_b[votes.no], curve_bb[votes.no] = -ratio, ratio * (ratio + x)
    low, high = a[votes.abstain], b[votes.abstain]
    probability = _between(low, high)
    at_low, at_high = _density(low) / probability, _density(high) / probability
    slope_a[votes.abstain], slope_b[votes.abstain] = -at_low, at_high
    curve_aa[votes.abstain] = at_low * (at_low - low)
    curve_bb[votes.abstain] = at_high * (at_high + high)
    curve_ab[votes.abstain] = -at_low * at_high
    return Curves(slope_a, slope_b, curve_aa, curve_ab, curve_bb)


def log_likelihood(a: Float[np.ndarray, " vote"], b: Float[np.ndarray, " vote"], votes: ByChoice) -> float:
    """Return the log likelihood of all votes."""
    abstained = np.log(_between(a[votes.abstain], b[votes.abstain]))
    return float(log_ndtr(a[votes.yes]).sum() + abstained.sum() + log_ndtr(-b[votes.no]).sum())


def most_probable(a: Float[np.ndarray, " vote"], b: Float[np.ndarray, " vote"]) -> Int8[np.ndarray, " vote"]:
    """Return the most probable choice of each vote."""
    yes, not_no = ndtr(a), ndtr(b)
    return np.argmax([yes, not_no - yes, 1 - not_no], axis=0).astype(np.int8)


def _mills(x: np.ndarray) -> np.ndarray:
    """Return `phi(x) / Phi(x)` without cancellation, from the scaled complementary error function."""
    return np.sqrt(2 / np.pi) / erfcx(-x / np.sqrt(2))


def _density(x: np.ndarray) -> np.ndarray:
    return np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)


def _between(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return `Phi(high) - Phi(low)`, taken in the lower tail, where the difference keeps its digits."""
    upper_half = low + high > 0
    below, above = np.where(upper_half, -high, low), np.where(upper_half, -low, high)
    return np.maximum(ndtr(above) - ndtr(below), LEAST_PROBABILITY)
