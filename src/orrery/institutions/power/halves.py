"""Exact counts for up to about thirty members with any weights: every coalition, put together from two halves.

The members are divided into two halves and the totals of all coalitions of each half are listed (Horowitz & Sahni
1974). Where all totals but one take few values, the coalitions of the second half are sorted by that one, and a search
tells with how many of them each coalition of the first half wins; else all pairs are looked at, in blocks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from orrery.institutions.power.sums import Sums

PAIRS_AT_ONCE = 2**21
"""Pairs of coalitions that are looked at together."""
MOST_MEMBERS = 40
"""The coalitions of half of them are listed."""


@dataclass(frozen=True)
class Winning:
    """Winning coalitions by how many members they have.

    Attributes:
        all: how many, by size from 0 to n.
        holding: how many hold each member.
    """

    all: Int[np.ndarray, " size"]
    holding: Int[np.ndarray, "member size"]


@dataclass(frozen=True)
class Half:
    """All coalitions of some members.

    Attributes:
        members: which members.
        holds: whether a coalition holds each of them.
        totals: of each coalition.
        sizes: members of each coalition.
    """

    members: list[int]
    holds: Bool[np.ndarray, "coalition member"]
    totals: Int[np.ndarray, "total coalition"]
    sizes: Int[np.ndarray, " coalition"]

    @classmethod
    def of(cls, sums: Sums, members: list[int]) -> Half:
        """List the coalitions of these members."""
        numbers = np.arange(2 ** len(members))
        holds = (numbers[:, None] >> np.arange(len(members)) & 1).astype(bool)
        return cls(members, holds, (holds @ sums.steps[members, 1]).T, holds.sum(1))

    @property
    def of_size(self) -> Float[np.ndarray, "coalition size"]:
        """Whether each coalition has each size, as 0 and 1; single precision counts exactly to 2^24."""
        return (self.sizes[:, None] == np.arange(len(self.members) + 1)).astype(np.float32)


Counts = Int[np.ndarray, "_ _"]
"""With how many coalitions of the other half, by their size, each coalition of a half wins."""


def winning_coalitions(sums: Sums) -> Winning:
    """Count the winning coalitions of a binary game by size, and those that hold each member."""
    middle = sums.n_members // 2
    # Heavy and light members in both halves, so that neither half decides alone.
    order = np.argsort(-sums.steps[:, 1, _largest(sums)], kind="stable").tolist()
    first, second = Half.of(sums, order[1::2]), Half.of(sums, order[::2])
    assert len(first.members) == middle
    count = _by_search if search_cost(sums) <= pair_cost(sums) else _by_pairs
    by_first, by_second = count(sums, first, second)
    everyone = np.ones((len(first.sizes), 1), bool)
    holding = np.zeros((sums.n_members, sums.n_members + 1), np.int64)
    holding[first.members] = _by_size(first, first.holds, by_first, sums.n_members)
    holding[second.members] = _by_size(second, second.holds, by_second, sums.n_members)
    return Winning(_by_size(first, everyone, by_first, sums.n_members)[0], holding)


def search_cost(sums: Sums) -> float:
    """Return about how many operations the sorted halves need; infinite where there are too many members."""
    if sums.n_members > MOST_MEMBERS:
        return np.inf
    half = -(-sums.n_members // 2)
    small = np.delete(sums.steps[:, 1], _largest(sums), 1)
    groups = min(2.0**half, float(np.prod(small.sum(0) / 2 + 1.0)) * (half + 1))
    # A search takes about as long as fifty of the simplest operations.
    return groups * 2.0 ** (sums.n_members - half) * 50 + 200 * 2.0**half


def pair_cost(sums: Sums) -> float:
    """Return about how many operations the pairs need; infinite where there are too many members."""
    return 2.0**sums.n_members * (2 * sums.n_totals + 8) if sums.n_members <= MOST_MEMBERS else np.inf


def _largest(sums: Sums) -> int:
    return int(np.argmax(sums.tops))


def _by_search(sums: Sums, first: Half, second: Half) -> tuple[Counts, Counts]:
    large = _largest(sums)
    by_first = np.zeros((len(first.sizes), len(second.members) + 1), np.int64)
    by_second = np.zeros((len(second.sizes), len(first.members) + 1), np.int64)
    alike = np.concatenate([np.delete(second.totals, large, 0), second.sizes[None]])
    order = np.lexsort([second.totals[large], *alike])
    changes = np.flatnonzero((np.diff(alike[:, order]) != 0).any(0)) + 1
    for group in np.split(order, changes):
        others = [first.totals[axis] + second.totals[axis, group[0]] for axis in range(sums.n_totals)]
        needed = sums.requirement(large, others) - first.totals[large]
        place = np.searchsorted(second.totals[large, group], needed)
        by_first[:, second.sizes[group[0]]] += len(group) - place
        # A coalition of the second half wins with those of the first whose place is not behind its own.
        width = len(group) + 1
        reached = np.bincount(first.sizes * width + place, minlength=(len(first.members) + 1) * width)
        by_second[group] = np.cumsum(reached.reshape(-1, width), 1)[:, :-1].T
    return by_first, by_second


def _by_pairs(sums: Sums, first: Half, second: Half) -> tuple[Counts, Counts]:
    by_first = np.zeros((len(first.sizes), len(second.members) + 1), np.int64)
    by_second = np.zeros((len(second.sizes), len(first.members) + 1), np.int64)
    of_first, of_second = first.of_size, second.of_size
    step = max(PAIRS_AT_ONCE // len(second.sizes), 1)
    for start in range(0, len(first.sizes), step):
        rows = slice(start, start + step)
        wins = sums.holds(list(first.totals[:, rows, None] + second.totals[:, None])).astype(np.float32)
        by_first[rows] = wins @ of_second
        by_second += (wins.T @ of_first[rows]).astype(np.int64)
    return by_first, by_second


def _by_size(
    half: Half, chosen: Bool[np.ndarray, "coalition row"], counts: Counts, n_members: int
) -> Int[np.ndarray, "row size"]:
    """Return the winning coalitions by their whole size, over the coalitions of a half that each row chooses."""
    found = np.zeros((chosen.shape[1], n_members + 1), np.int64)
    for size in range(len(half.members) + 1):
        rows = half.sizes == size
        # Sums of fewer than 2^53 are exact in double precision.
        here = chosen[rows].T.astype(np.float64) @ counts[rows].astype(np.float64)
        found[:, size : size + counts.shape[1]] += here.astype(np.int64)
    return found
