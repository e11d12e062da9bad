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

MOST_PARTS = 32
"""Coalitions of the heaviest members that are gone through one by one."""
WORD = 2**31
"""Up to which numbers of coalitions are added in 32 bits, which is quicker."""


@dataclass(frozen=True)
class Few:
    """Coalitions of few members.

    Attributes:
        weights: whole, at least 1, in ascending order.
        counts: for each size from none, how many coalitions without the heaviest members have each weight; without
            those of weights that make no difference.
        parts: size and weight of the coalitions of the heaviest members.
    """

    weights: Int[np.ndarray, " member"]
    counts: tuple[Int[np.ndarray, "_"], ...]
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
        counts = [np.zeros(min(top, highest - 1) + 1, word) for top, word in zip(tops, words, strict=True)]
        counts[0][0] = 1
        for before, weight in enumerate(others.tolist()):
            # From the largest size, so that every size is moved as it was without this member.
            for size in range(min(before + 1, n_sizes - 1), 0, -1):
                low = sums[size - 1]
                high = min(sums[before] - sums[before - size + 1], highest - 1 - weight) + 1
                if low < high:
                    moved = counts[size][low + weight : high + weight]
                    np.add(moved, counts[size - 1][low:high], out=moved)
        return cls(weights, tuple(counts), parts)

    def deciding(self, threshold: int) -> Int[np.ndarray, "size member"]:
        """Return for how many coalitions of the others of each size each member decides.

        With `e_s = e_s^{-i} + e_{s-1}^{-i}(. - w_i)`, the count without a member is an alternating sum over windows
        of its weight below the threshold.

        Args:
            threshold: what the sum must reach, at most the highest of `of`.
        """
        n_sizes = len(self.counts)
        edges = np.maximum(threshold - self.weights[:, None] * np.arange(n_sizes + 1), 0)
        below = self._below(edges)
        windows = below[..., :-1] - below[..., 1:]
        found = np.zeros((n_sizes, len(self.weights)), np.int64)
        for turn in range(n_sizes):
            found[turn:] += (-1) ** turn * windows[: n_sizes - turn, :, turn]
        return found

    def _below(self, edges: Int[np.ndarray, "member edge"]) -> Int[np.ndarray, "size member edge"]:
        """Return how many coalitions of each size weigh less than each edge."""
        n_sizes = len(self.counts)
        parts = [part for part in self.parts if part[1] < edges.max()]
        shifted = np.stack([np.maximum(edges - weight, 0) for _, weight in parts])
        places, which = np.unique(shifted, return_inverse=True)
        which = which.reshape(shifted.shape)
        below = np.zeros((n_sizes, *edges.shape), np.int64)
        for size, counts in enumerate(self.counts):
            of_others = _below(counts, places)
            for (more, _), at in zip(parts, which, strict=True):
                if size + more < n_sizes:
                    below[size + more] += of_others[at]
        return below


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


def _below(counts: Int[np.ndarray, " sum"], places: Int[np.ndarray, " place"]) -> Int[np.ndarray, " place"]:
    """Return how many coalitions weigh less than each of some ascending places."""
    inside = places[places < len(counts)]
    starts = np.concatenate([[0], inside])
    parts = np.add.reduceat(counts, starts, dtype=np.int64)
    # An empty stretch gives the entry at its start, and there is nothing below 0.
    parts[:-1][starts[:-1] == starts[1:]] = 0
    ends = np.cumsum(parts)
    return np.concatenate([ends[: len(inside)], np.full(len(places) - len(inside), ends[-1])])
