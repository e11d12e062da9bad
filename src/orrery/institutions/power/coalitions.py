"""Coalitions of a binary game: minimal winning and blocking ones, maximal losing ones, and members with a special role.

A winning coalition is *minimal* if it loses without any one of its members; a losing one is *maximal* if it wins with
any one more. A coalition *blocks* if the others do not win without it; minimal blocking coalitions are the minimal
winning ones of the dual game, and the complements of the maximal losing ones (Taylor & Zwicker 1999).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations, product
from math import comb, prod

import numpy as np
from jaxtyping import Bool, Int

from orrery.base.errors import InstitutionError
from orrery.institutions.games import AllOf, AnyOf, Game, TernaryThreshold, Threshold
from orrery.institutions.power.chances import Chance, Method
from orrery.institutions.power.decisive import banzhaf_chances
from orrery.institutions.power.lightest import minimal_by_lightest
from orrery.institutions.power.sums import Sums, sums_of

MOST_CELLS = 2**25
"""Coalitions, those alike taken together, that are looked at one by one."""
SLAB = 2**20
"""Coalitions looked at together."""
Coalition = tuple[int, ...]
"""Numbers of members, ascending."""


@dataclass(frozen=True)
class Roles:
    """Members with a special role, by number.

    Attributes:
        dictators: who decides alone: at most one.
        vetoes: without whom no motion passes.
        dummies: whose vote never matters.
    """

    dictators: Coalition
    vetoes: Coalition
    dummies: Coalition


@dataclass(frozen=True)
class Counts:
    """How many coalitions of some kind there are.

    Attributes:
        all: their number.
        holding: how many hold each member.
        method: in whole numbers, or in double precision.
    """

    all: int | float
    holding: tuple[int | float, ...]
    method: Method


def roles(game: Game) -> Roles:
    """Return dictators, veto holders and dummies of a binary game.

    Raises:
        InstitutionError: no exact method tells who is a dummy.
    """
    sums = _binary(game)
    steps = sums.steps[:, 1]
    alone = sums.holds(list(steps.T))
    without = sums.holds([total - own for total, own in zip(sums.sizes, steps.T, strict=True)])
    passes = bool(sums.holds(list(np.array(sums.sizes))))
    fails = not sums.holds([np.array(0)] * sums.n_totals)
    vetoes = np.flatnonzero(~without) if passes else np.array([], int)
    dictators = [member for member in vetoes.tolist() if alone[member] and fails]
    decides = banzhaf_chances(sums).decides
    return Roles(tuple(dictators), tuple(vetoes.tolist()), tuple(i for i, one in enumerate(decides) if one == 0))


def minimal_winning(game: Game, *, limit: int) -> tuple[Coalition, ...]:
    """List the minimal winning coalitions of a binary game.

    Args:
        game: over members of whom many may be alike.
        limit: list no more than so many.

    Raises:
        InstitutionError: there are more (the message says how many), or too many coalitions to look at.
    """
    lattice = Lattice.of(_binary(game))
    total = lattice.counts.all
    if total > limit:
        raise InstitutionError(
            f"`limit`: {limit:,} came; there are {total:,} minimal coalitions. Raise it, or count them with "
            "`count_minimal_winning`."
        )
    return tuple(sorted(lattice.coalitions()))


def minimal_blocking(game: Game, *, limit: int) -> tuple[Coalition, ...]:
    """List the minimal coalitions whose no defeats a motion that all others support; see `minimal_winning`."""
    return minimal_winning(dual(game), limit=limit)


def maximal_losing(game: Game, *, limit: int) -> tuple[Coalition, ...]:
    """List the maximal losing coalitions: all but a minimal blocking one; see `minimal_winning`."""
    everyone = set(range(_binary(game).n_members))
    return tuple(sorted(tuple(sorted(everyone.difference(one))) for one in minimal_blocking(game, limit=limit)))


def count_minimal_winning(game: Game) -> Counts:
    """Count the minimal winning coalitions of a binary game, and those that hold each member.

    Raises:
        InstitutionError: the game has too many totals and members.
    """
    sums = _binary(game)
    if prod(len(members) + 1 for members in sums.classes) <= MOST_CELLS:
        return Lattice.of(sums).counts
    if sums.n_totals > 1:
        raise InstitutionError(
            f"`game`: {sums.n_members} members with {len(sums.classes)} different weights in {sums.n_totals} totals "
            f"came; minimal coalitions are counted up to {MOST_CELLS:,} different ones, or for one weighted quota."
        )
    holding, total, exact = minimal_by_lightest(sums.steps[:, 1, 0], int(sums.requirement(0, [None])))
    return Counts(total, tuple(holding), Method.INTEGERS if exact else Method.DOUBLE)


def holler_packel(game: Game) -> tuple[tuple[Chance, ...], Method]:
    """Return the public good index: each member's share of all seats in minimal winning coalitions.

    `h_i = c_i / sum_j c_j`, `c_i` the number of minimal winning coalitions that hold member `i` (Holler 1982; Holler &
    Packel 1983).

    Raises:
        InstitutionError: no coalition can win, or too many must be looked at.
    """
    counts = count_minimal_winning(game)
    seats = sum(counts.holding)
    if seats == 0:
        raise InstitutionError("`game`: no minimal winning coalition holds anybody; the outcome is fixed.")
    if counts.method is Method.INTEGERS:
        return tuple(Fraction(int(count), int(seats)) for count in counts.holding), counts.method
    return tuple(count / seats for count in counts.holding), counts.method


@dataclass(frozen=True)
class Lattice:
    """All coalitions of a binary game, those that hold as many members of each class taken as one.

    Attributes:
        sums: the game.
        wins: by number of members of each class.
    """

    sums: Sums
    wins: Bool[np.ndarray, "..."]

    @classmethod
    def of(cls, sums: Sums) -> Lattice:
        """Look at all coalitions.

        Raises:
            InstitutionError: there are more than `MOST_CELLS`.
        """
        shape = tuple(len(members) + 1 for members in sums.classes)
        if prod(shape) > MOST_CELLS:
            raise InstitutionError(
                f"`game`: {sums.n_members} members with {len(shape)} different weights came, which makes "
                f"{prod(shape):,} coalitions to tell apart; at most {MOST_CELLS:,} are looked at."
            )
        steps = [sums.steps[members[0], 1] for members in sums.classes]
        depth = next(depth for depth in range(len(shape) + 1) if prod(shape[depth:]) <= SLAB)
        wins = np.empty(shape, bool)
        inner = _totals(shape[depth:], steps[depth:], sums.n_totals)
        for outer in product(*(range(size) for size in shape[:depth])):
            start = sum((count * step for count, step in zip(outer, steps, strict=False)), np.zeros(sums.n_totals, int))
            wins[outer] = sums.holds([total + first for total, first in zip(inner, start.tolist(), strict=True)])
        return cls(sums, wins)

    @cached_property
    def minimal(self) -> Int[np.ndarray, "coalition class"]:
        """The minimal winning coalitions, as numbers of members of each class."""
        minimal = self.wins.copy()
        for axis in range(self.wins.ndim):
            more = (slice(None),) * axis + (slice(1, None),)
            less = (slice(None),) * axis + (slice(None, -1),)
            minimal[more] &= ~self.wins[less]
        return np.argwhere(minimal)

    @cached_property
    def counts(self) -> Counts:
        """How many minimal winning coalitions there are, exactly."""
        sizes = [len(members) for members in self.sums.classes]
        total, holding = 0, [0] * len(sizes)
        for row in self.minimal.tolist():
            alike = prod(comb(size, count) for size, count in zip(sizes, row, strict=True))
            total += alike
            for place, count in enumerate(row):
                holding[place] += alike * count // sizes[place]
        by_member = {
            member: count for members, count in zip(self.sums.classes, holding, strict=True) for member in members
        }
        return Counts(total, tuple(by_member[member] for member in sorted(by_member)), Method.INTEGERS)

    def coalitions(self) -> Iterator[Coalition]:
        """Yield every minimal winning coalition."""
        for row in self.minimal.tolist():
            choices = [combinations(members, count) for members, count in zip(self.sums.classes, row, strict=True)]
            for parts in product(*choices):
                yield tuple(sorted(member for part in parts for member in part))


def dual(game: Game) -> Game:
    """Return the game of those who block: a coalition wins in it if the others do not win in `game`."""
    if isinstance(game, TernaryThreshold):
        raise InstitutionError("`game`: a ternary game came; give `games.binary(game)`, its game without abstention.")
    if isinstance(game, Threshold):
        return Threshold(game.weights, sum(game.weights) - game.quota + 1)
    parts = tuple(dual(part) for part in game.parts)  # pyright: ignore[reportArgumentType]
    return AnyOf(parts) if isinstance(game, AllOf) else AllOf(parts)


def _binary(game: Game) -> Sums:
    sums = sums_of(game)
    if sums.n_choices != 2:
        raise InstitutionError("`game`: a ternary game came; give `games.binary(game)`, its game without abstention.")
    return sums


def _totals(shape: tuple[int, ...], steps: list[Int[np.ndarray, " total"]], n_totals: int) -> list[np.ndarray]:
    totals = [np.zeros((1,) * len(shape), np.int64) for _ in range(n_totals)]
    for axis, (size, step) in enumerate(zip(shape, steps, strict=True)):
        counts = np.arange(size).reshape((1,) * axis + (-1,) + (1,) * (len(shape) - axis - 1))
        totals = [total + counts * own for total, own in zip(totals, step.tolist(), strict=True)]
    return totals
