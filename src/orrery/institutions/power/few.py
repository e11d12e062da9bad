"""Coalitions of few members, counted by size and weight.

`e_s(x)` is how many coalitions of `s` members weigh `x` together: built up member by member, the lightest first, by
`e_s(x) += e_{s-1}(x - w)`. Few members reach few sums, so that all members together move at most `s` times the total
weight for each size. The heaviest would move most of it; their few coalitions are added to those of the others at the
places that are asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

import numpy as np
from jaxtyping import Int

MOST_PARTS = 128
"""Coalitions of the heaviest members that are gone through one by one."""
BLOCK = 2**17
"""Places that are moved at once, for all sizes, so that some of them stay in a core's cache."""
WORD = 2**31
"""Up to which numbers of coalitions are added in 32 bits, which is quicker."""


@dataclass(frozen=True)
class Few:
    """Coalitions of few members.

    Attributes:
        weights: whole, at least 1, in ascending order.
        below: for each size from none, how many coalitions without the heaviest members weigh less than 0, 1 and so on,
            up to a weight that makes no difference or that none exceeds.
        parts: size and weight of the coalitions of the heaviest members.
    """

    weights: Int[np.ndarray, " member"]
    below: tuple[Int[np.ndarray, "*_"], ...]
    parts: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, weights: Int[np.ndarray, " member"], n_sizes: int, highest: int) -> Few:
        """Count the coalitions of fewer than so many members that weigh less than the highest threshold.

        Args:
            weights: whole, at least 1, in ascending order.
            n_sizes: at least 1; so many members form fewer than 2^62 coalitions of each size.
            highest: threshold below which weights matter, at least 1.
        """
        n_others, parts = _heaviest(weights, n_sizes, highest)
        others = weights[:n_others]
        sums = np.concatenate([[0], np.cumsum(others)]).tolist()
        tops = [sums[-1] - sums[max(len(others) - size, 0)] for size in range(n_sizes)]
        words = [np.int32 if comb(len(weights), size) < WORD else np.int64 for size in range(n_sizes)]
        # What weighs x has the place x + 1, so that sums of all up to a place are what weighs less.
        counts = [np.zeros(min(top, highest - 1) + 2, word) for top, word in zip(tops, words, strict=True)]
        counts[0][1] = 1
        for before, weight in enumerate(others.tolist()):
            moves = []
            for size in range(min(before + 1, n_sizes - 1), 0, -1):
                top = min(sums[before] - sums[before - size + 1] + weight, highest - 1)
                moves.append((counts[size - 1], counts[size], sums[size - 1] + weight + 1, top + 2))
            _move(moves, weight)
        for one in counts:
            np.cumsum(one, out=one)
        return cls(weights, tuple(counts), parts)

    def deciding(self, threshold: int) -> Int[np.ndarray, "size member"]:
        """Return for how many coalitions of the others of each size each member decides.

        With `e_s = e_s^{-i} + e_{s-1}^{-i}(. - w_i)`, the count without a member is an alternating sum over windows
        of its weight below the threshold.

        Args:
            threshold: what the sum must reach, at most the highest of `of`.
        """
        n_sizes = len(self.below)
        edges = np.maximum(threshold - self.weights[:, None] * np.arange(n_sizes + 1), 0)
        below = self._below(edges)
        windows = below[..., :-1] - below[..., 1:]
        found = np.zeros((n_sizes, len(self.weights)), np.int64)
        for turn in range(n_sizes):
            found[turn:] += (-1) ** turn * windows[: n_sizes - turn, :, turn]
        return found

    def _below(self, edges: Int[np.ndarray, "member edge"]) -> Int[np.ndarray, "size member edge"]:
        """Return how many coalitions of each size weigh less than each edge."""
        n_sizes = len(self.below)
        below = np.zeros((n_sizes, *edges.shape), np.int64)
        for more, weight in self.parts:
            left = np.maximum(edges - weight, 0)
            for size, of_others in enumerate(self.below[: n_sizes - more]):
                below[size + more] += of_others.take(left, mode="clip")
        return below


def _move(moves: list[tuple[np.ndarray, np.ndarray, int, int]], weight: int) -> None:
    """Add to what each size has, from a first to before a last place, what the size below has a weight lower.

    From above, and from the largest size, so that everything is moved as it was.
    """
    high = max(last for *_, last in moves)
    while high > 0:
        low = max(high - BLOCK, 0)
        for source, target, first, last in moves:
            start, stop = max(first, low), min(last, high)
            if start < stop:
                moved = target[start:stop]
                np.add(moved, source[start - weight : stop - weight], out=moved)
        high = low


def _heaviest(
    weights: Int[np.ndarray, " member"], n_sizes: int, highest: int
) -> tuple[int, tuple[tuple[int, int], ...]]:
    """Return how many members are not among the heaviest, and size and weight of the coalitions of these."""
    n_others, parts = len(weights), [(0, 0)]
    while n_others:
        weight = int(weights[n_others - 1])
        more = parts + [
            (size + 1, sum_ + weight) for size, sum_ in parts if size + 1 < n_sizes and sum_ + weight < highest
        ]
        if len(more) > MOST_PARTS:
            break
        n_others, parts = n_others - 1, more
    return n_others, tuple(parts)
