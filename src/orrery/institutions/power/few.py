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
        parts: places in the order of the coalitions of the heaviest members.
        n_others: members that are not among the heaviest.
    """

    weights: Int[np.ndarray, " member"]
    below: tuple[Int[np.ndarray, "*_"], ...]
    parts: tuple[tuple[int, ...], ...]
    n_others: int

    @classmethod
    def of(cls, weights: Int[np.ndarray, " member"], n_sizes: int, lowest: int, highest: int) -> Few:
        """Count the coalitions of fewer than so many members that weigh less than the highest threshold.

        Args:
            weights: whole, at least 1, in ascending order.
            n_sizes: at least 1; so many members form fewer than 2^62 coalitions of each size.
            lowest: the least threshold that will be asked for, at least 1.
            highest: the greatest.
        """
        n_others, parts = _heaviest(weights, n_sizes, highest)
        others = weights[:n_others]
        sums = np.concatenate([[0], np.cumsum(others)]).tolist()
        tops = [sums[-1] - sums[max(len(others) - size, 0)] for size in range(n_sizes)]
        words = [np.int32 if comb(len(weights), size) < WORD else np.int64 for size in range(n_sizes)]
        # What weighs x has the place x + 1, so that sums of all up to a place are what weighs less.
        counts = [np.zeros(min(top, highest - 1) + 2, word) for top, word in zip(tops, words, strict=True)]
        counts[0][1] = 1
        # With as many more as the sizes allow, nobody reaches the threshold from below these.
        reach = [int(weights[max(len(weights) - more, n_others) :].sum()) for more in range(n_sizes + 1)]
        heaviest_other = int(others[-1]) if n_others else 0
        floors = [
            max(lowest - reach[n_sizes - size] - max(n_sizes - size - len(weights) + n_others, 0) * heaviest_other, 0)
            for size in range(n_sizes)
        ]
        for before, weight in enumerate(others.tolist()):
            moves = []
            for size in range(min(before + 1, n_sizes - 1), 0, -1):
                top = min(sums[before] - sums[before - size + 1] + weight, highest - 1)
                bottom = max(sums[size - 1] + weight, floors[size])
                moves.append((counts[size - 1], counts[size], bottom + 1, top + 2))
            _move(moves, weight)
        for one in counts:
            np.cumsum(one, out=one)
        return cls(weights, tuple(counts), parts, n_others)

    def deciding(self, threshold: int) -> Int[np.ndarray, "size member"]:
        """Return for how many coalitions of the others of each size each member decides.

        With `e_s = e_s^{-i} + e_{s-1}^{-i}(. - w_i)`, the count without a member is an alternating sum over windows
        of its weight below the threshold. Of the heaviest, those coalitions are added up that are without it.

        Args:
            threshold: what the sum must reach, from the lowest to the highest of `of`.
        """
        n_sizes, n_others = len(self.below), self.n_others
        found = np.zeros((n_sizes, len(self.weights)), np.int64)
        edges = np.maximum(threshold - self.weights[:n_others, None] * np.arange(n_sizes + 1), 0)
        below = np.zeros((n_sizes, *edges.shape), np.int64)
        for part in self.parts:
            left = int(self.weights[list(part)].sum())
            apart = [member for member in range(n_others, len(self.weights)) if member not in part]
            top = max(threshold - left, 0)
            bottoms = np.maximum(top - self.weights[apart], 0)
            shifted = np.maximum(edges - left, 0)
            for size, of_others in enumerate(self.below[: n_sizes - len(part)]):
                below[size + len(part)] += of_others.take(shifted, mode="clip")
                inside = of_others.take(top, mode="clip").astype(np.int64) - of_others.take(bottoms, mode="clip")
                found[size + len(part), apart] += inside
        windows = below[..., :-1] - below[..., 1:]
        for turn in range(n_sizes):
            found[turn:, :n_others] += (-1) ** turn * windows[: n_sizes - turn, :, turn]
        return found


def _move(moves: list[tuple[np.ndarray, np.ndarray, int, int]], weight: int) -> None:
    """Add to what each size has, from a first to before a last place, what the size below has a weight lower.

    From above, and from the largest size, so that everything is moved as it was.
    """
    high = max((last for *_, last in moves), default=0)
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
) -> tuple[int, tuple[tuple[int, ...], ...]]:
    """Return how many members are not among the heaviest, and the coalitions of these that matter."""
    n_others, parts = len(weights), [()]
    while n_others:
        new = n_others - 1
        more = [(*part, new) for part in parts if len(part) + 1 < n_sizes]
        more = [part for part in more if int(weights[list(part)].sum()) < highest]
        if len(parts) + len(more) > MOST_PARTS:
            break
        n_others, parts = new, parts + more
    return n_others, tuple(parts)
