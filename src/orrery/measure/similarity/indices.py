"""The indices of similarity, each a formula on the cross-tables of all pairs of countries at once.

The cross-table of a pair, `C_kl`, is the weight of the items on which the first country stands at level `k` and the
second at level `l`, over the items on which both have a position. One matrix product gives it for all pairs. With
`n = sum C`, margins `a_k = sum_l C_kl` and `b_l = sum_k C_kl`, and a distance `d_kl` between levels,

    D   = sum_kl d_kl C_kl / n                     the observed distance
    E   = sum_kl d_kl a_k b_l / n^2                the distance expected by chance, given both margins
    E'  = sum_kl d_kl m_k m_l / n^2                the same, given their mean m = (a + b) / 2
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from itertools import combinations

import numpy as np
from jaxtyping import Float, Int8

MISSING = -1
"""The code of an item on which a country has no position."""


class Undefined(IntEnum):
    """Why a pair has no value, if it has none."""

    DEFINED = 0
    NO_COMMON_ITEM = 1
    NO_VARIATION = 2

    @property
    def words(self) -> str:
        """The reason as people read it; empty where there is a value."""
        return _REASONS[self]


_REASONS = {
    Undefined.DEFINED: "",
    Undefined.NO_COMMON_ITEM: "no item that counts on which both have a position",
    Undefined.NO_VARIATION: "positions do not vary enough for the index to be defined",
}

Gaps = Float[np.ndarray, "level level"]
Pairs = Float[np.ndarray, "country partner"]

DISTANCES: Mapping[str, Callable[[Gaps], Gaps]] = {
    "nominal": np.sign,
    "absolute": lambda gaps: gaps,
    "squared": np.square,
}
"""How far apart two levels are, from the number of steps between them."""


@dataclass(frozen=True)
class CrossTables:
    """The cross-table of every pair of countries; `counts` is a weight of items, a plain count where all weigh 1."""

    counts: Float[np.ndarray, "level level country partner"]

    @cached_property
    def total(self) -> Pairs:
        """The weight of the items on which both have a position, `n`."""
        return self.first.sum(0)

    @cached_property
    def first(self) -> Float[np.ndarray, "level country partner"]:
        """How often the country stands at each level, `a`, over the items it shares with the partner."""
        return self.counts.sum(1)

    @property
    def second(self) -> Float[np.ndarray, "level country partner"]:
        """How often the partner stands at each level, `b`, over the items it shares with the country."""
        return self.first.swapaxes(1, 2)

    def observed(self, distance: Gaps) -> Pairs:
        """Return the mean distance over the items of each pair, `D`."""
        apart = _weighed(distance, lambda low, high: self.counts[low, high] + self.counts[high, low])
        return _ratio(apart, self.total)

    def expected(self, distance: Gaps, first: np.ndarray, second: np.ndarray) -> Pairs:
        """Return the mean distance if positions were drawn independently from two margins."""
        apart = _weighed(distance, lambda low, high: first[low] * second[high] + first[high] * second[low])
        return _ratio(apart, self.total**2)


def cross_tables(
    codes: Int8[np.ndarray, "country item"], n_levels: int, weights: Float[np.ndarray, " item"] | None = None
) -> CrossTables:
    """Return the cross-tables of all pairs of countries; items on which either has no position count for nothing."""
    levels = np.arange(n_levels, dtype=np.int8)[:, None, None]
    # Single precision counts exactly up to 2^24 items, and is twice as fast.
    at_level = (codes == levels).astype(np.float32 if weights is None else np.float64)
    rows = at_level.reshape(n_levels * len(codes), -1)
    if weights is not None:
        # Half of the weight on each side, so that the product is symmetric to the last bit.
        rows *= np.sqrt(weights)
    product = (rows @ rows.T).reshape(n_levels, len(codes), n_levels, len(codes))
    return CrossTables(product.transpose(0, 2, 1, 3).astype(np.float64))


def level_distances(n_levels: int, distance: str) -> Gaps:
    """Return the distance between every two levels."""
    places = np.arange(float(n_levels))
    return DISTANCES[distance](np.abs(places[:, None] - places))


def _ratio(numerator: Pairs, denominator: Pairs) -> Pairs:
    """Divide; NaN where the denominator is 0."""
    return np.divide(numerator, denominator, out=np.full_like(denominator, np.nan), where=denominator > 0)


def _weighed(distance: Gaps, both_ways: Callable[[int, int], Pairs]) -> Pairs:
    """Sum `distance` times a quantity over pairs of levels, both orders at once, so that pairs come out symmetric."""
    return np.sum([distance[low, high] * both_ways(low, high) for low, high in _steps(len(distance))], axis=0)


def _steps(n_levels: int) -> list[tuple[int, int]]:
    """Return every two levels, the lower first."""
    return list(combinations(range(n_levels), 2))


def share_of_agreement(tables: CrossTables, distance: Gaps) -> Pairs:
    """Return `1 - D / max d`."""
    return 1 - tables.observed(distance) / distance.max()


def signorino_ritter(tables: CrossTables, distance: Gaps) -> Pairs:
    """Return `S = 1 - 2 D / max d`."""
    return 1 - 2 * tables.observed(distance) / distance.max()


def cohen_kappa(tables: CrossTables, distance: Gaps) -> Pairs:
    """Return `kappa = 1 - D / E`."""
    return 1 - _ratio(tables.observed(distance), tables.expected(distance, tables.first, tables.second))


def scott_pi(tables: CrossTables, distance: Gaps) -> Pairs:
    """Return `pi = 1 - D / E'`."""
    mean = (tables.first + tables.second) / 2
    return 1 - _ratio(tables.observed(distance), tables.expected(distance, mean, mean))


def kendall_tau_b(tables: CrossTables, distance: Gaps) -> Pairs:
    """Return `tau_b = (P - Q) / sqrt(U V)`.

    `P - Q`, concordant less discordant pairs of items, is the sum of the 2 x 2 minors of the cross-table; `U` and `V`
    are the pairs of items that the one and the other country tell apart.
    """
    del distance  # Only the order of the levels matters.
    counts, steps = tables.counts, _steps(len(tables.counts))
    surplus = np.sum(
        [
            counts[low, left] * counts[high, right] - counts[low, right] * counts[high, left]
            for low, high in steps
            for left, right in steps
        ],
        axis=0,
    )
    told_apart = np.sum([tables.first[low] * tables.first[high] for low, high in steps], axis=0)
    return _ratio(surplus, np.sqrt(told_apart * told_apart.T))


@dataclass(frozen=True)
class Index:
    """An index of similarity.

    Attributes:
        title: its name in the literature.
        formula: in the terms of this module.
        bounds: the values it can take.
        source: author, year and DOI.
        advice: when to prefer it, and what it hides.
        distances: those it can be computed with, the default first.
        measure: the formula, from cross-tables and the distance of levels.
        n_levels: the number of levels it is defined for, where it is not any.
    """

    title: str
    formula: str
    bounds: tuple[int, int]
    source: str
    advice: str
    distances: tuple[str, ...]
    measure: Callable[[CrossTables, Gaps], Pairs]
    n_levels: int | None = None


INDICES: Mapping[str, Index] = {
    "kappa": Index(
        "Cohen's kappa, weighted",
        "1 - D / E",
        (-1, 1),
        "Cohen 1960, doi:10.1177/001316446002000104; Cohen 1968, doi:10.1037/h0026256; "
        "for countries Häge 2011, doi:10.1093/pan/mpr023",
        "Preferred (Häge 2011): 0 is what chance gives two countries each with its own number of ties, so that many "
        "ties absent on both sides do not pass for likeness. Undefined where both hold one and the same position.",
        ("squared", "absolute", "nominal"),
        cohen_kappa,
    ),
    "pi": Index(
        "Scott's pi, weighted",
        "1 - D / E'",
        (-1, 1),
        "Scott 1955, doi:10.1086/266577; for countries Häge 2011, doi:10.1093/pan/mpr023",
        "As kappa, but chance is one margin common to both: a different number of ties counts as dissimilarity. "
        "Never above kappa.",
        ("squared", "absolute", "nominal"),
        scott_pi,
    ),
    "s": Index(
        "Signorino and Ritter's S",
        "1 - 2 D / max d",
        (-1, 1),
        "Signorino & Ritter 1999, doi:10.1111/0020-8833.00113",
        "Widely used, hence comparable; always defined. Near 1 for any two countries with few ties, or on votes that "
        "most carry: compare it within one year and kind of profile only.",
        ("absolute", "squared"),
        signorino_ritter,
    ),
    "agreement": Index(
        "Simple agreement",
        "1 - D, d nominal: the share of items with equal positions",
        (0, 1),
        "Scott 1955, doi:10.1086/266577 (there the observed agreement)",
        "Easiest to read. Not corrected for chance, and an abstention is as far from no as yes is.",
        ("nominal",),
        share_of_agreement,
    ),
    "lijphart": Index(
        "Lijphart's index of agreement",
        "(f + g / 2) / t: equal votes, votes in which one of the two abstains, votes in common",
        (0, 1),
        "Lijphart 1963, American Political Science Review 57(4), 902-917 (there in per cent)",
        "For votes: an abstention is half an agreement. Equals (1 + S) / 2 with absolute distance, so it shares the "
        "weaknesses of S.",
        ("absolute",),
        share_of_agreement,
        n_levels=3,
    ),
    "tau_b": Index(
        "Kendall's tau-b",
        "(P - Q) / sqrt(U V)",
        (-1, 1),
        "Kendall 1945, doi:10.1093/biomet/33.3.239; for countries Bueno de Mesquita 1975, "
        "doi:10.1177/002200277501900201",
        "For comparison with older work. Measures association, not likeness: a country always one level above another "
        "is at 1 (Signorino & Ritter 1999). Undefined where either does not vary.",
        ("absolute",),
        kendall_tau_b,
    ),
}
"""Every index, by the name `similarity` takes."""
