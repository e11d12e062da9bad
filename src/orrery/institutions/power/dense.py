"""One weighted quota and a low chance of yes: decisiveness from the whole distribution of the sum of weights.

With one chance `p <= 1/2` for all, the distribution of the sum is built up member by member below the threshold, the
lightest first, as far as it is not negligible. The distribution without a member of weight `w` then follows from
`F = (1 - p) F_-i + p F_-i(. - w)` as an alternating series in `rho = p / (1 - p)` (Brams & Affuso 1976 undo a member
in the same way), of which only as many terms are needed as `rho^m` allows.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

from orrery.institutions.power.spectrum import Decided

BLOCK = 2**16
"""Entries updated at once: they and what they are made of stay in a core's cache."""
NEGLIGIBLE = 1e-16
"""Probability that is left out: of sums too high to come up, and of terms of the series."""
ROUNDING = 1e-13
"""Rounding of a few hundred additions of numbers that add up to one at most."""


def decided_densely(weights: Int[np.ndarray, " member"], threshold: int, chance: float) -> Decided:
    """Return how likely each member decides, all voting yes with one chance.

    Args:
        weights: whole, at least 1, in ascending order.
        threshold: what the sum must reach, at least 1.
        chance: of yes, above 0 and at most 1/2.
    """
    below = _distribution(weights, threshold, chance)
    edges = _edges(weights, threshold, chance)
    places = np.unique(np.concatenate(edges))
    # Sums between neighbouring edges first: few terms are added up, so that rounding stays small.
    inside = places[places < len(below)]
    parts = np.zeros(len(places) + 1)
    if len(inside):
        parts[1 : len(inside) + 1] = np.add.reduceat(below, inside)
    before = float(below[: inside[0]].sum()) if len(inside) and inside[0] > 0 else 0.0
    totals = before + np.cumsum(parts)
    rho = chance / (1 - chance)
    decided = np.empty(len(weights))
    for member, own in enumerate(edges):
        windows = np.diff(totals[np.searchsorted(places, own)])[::-1]
        decided[member] = windows @ (-rho) ** np.arange(len(windows))
    return Decided(decided / (1 - chance), 1 - float(below.sum()), ROUNDING)


def _distribution(weights: Int[np.ndarray, " member"], threshold: int, chance: float) -> Float[np.ndarray, " sum"]:
    """Return the probability of each sum below the threshold; sums that are negligible are 0 or left out."""
    tops = np.minimum(_highest(weights, chance), threshold - 1)
    rho = chance / (1 - chance)
    sums = np.zeros(threshold)
    sums[0] = (1 - chance) ** len(weights)
    scratch = np.empty(BLOCK)
    top = 0
    for weight, allowed in zip(weights.tolist(), tops.tolist(), strict=True):
        reached = min(top + weight, allowed)
        high = reached + 1
        # From above, so that every entry is moved as it was without this member.
        while high > weight:
            low = max(high - BLOCK, weight)
            moved = scratch[: high - low]
            np.multiply(sums[low - weight : high - weight], rho, out=moved)
            block = sums[low:high]
            np.add(block, moved, out=block)
            high = low
        top = max(top, reached)
    return sums[: top + 1]


def _highest(weights: Int[np.ndarray, " member"], chance: float) -> Int[np.ndarray, " member"]:
    """Return, for the lightest member, the lightest two and so on, a sum above which nearly nothing lies.

    By `P(S >= x) <= E[e^{theta S}] e^{-theta x}` (Chernoff 1952), the least such `x` over some `theta`.
    """
    total = np.cumsum(weights)
    tilts = np.geomspace(1.0, 400.0, 40)[:, None] / float(total[-1])
    with np.errstate(over="ignore"):
        grown = np.cumsum(np.logaddexp(np.log1p(-chance), np.log(chance) + tilts * weights), 1)
    bound = ((grown - np.log(NEGLIGIBLE)) / tilts).min(0)
    return np.minimum(total, np.ceil(bound)).astype(np.int64)


def _edges(weights: Int[np.ndarray, " member"], threshold: int, chance: float) -> list[Int[np.ndarray, " edge"]]:
    """Return, for each member, the ascending edges `..., r - 2w, r - w, r` of the windows of its series."""
    n_terms = int(np.ceil(np.log(NEGLIGIBLE) / np.log(chance / (1 - chance)))) if chance < 0.5 else threshold
    edges = []
    for weight in weights.tolist():
        n_windows = min(max(n_terms, 1), -(-threshold // weight))
        edges.append(np.maximum(threshold - weight * np.arange(n_windows, -1, -1), 0))
    return edges
