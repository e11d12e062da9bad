"""A game as joint sums: what each choice of each member adds to a few totals, and which totals carry the motion.

Thresholds that weigh alike share a total, so that a game of any size becomes a map from choices to a short vector of
whole numbers, and a monotone test on it. Counted from the vote in which all say no, a ternary threshold with weights
`y` of yes and `n` of no adds 0, `n`, `n + y` for no, abstain, yes and asks for `quota + sum n`.

Taylor, A. D. & Zwicker, W. S. (1999). Simple Games. Princeton University Press.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import add, and_, mul, or_

import numpy as np
from jaxtyping import Bool, Shaped

from orrery.institutions.games import AllOf, AnyGame, AnyOf, Threshold, simplified

LARGEST_KEY = 2**62
"""Totals are held in 64 bits while all vectors of them can be numbered up to here; else as integers of any size."""


@dataclass(frozen=True)
class Reaches:
    """One total is at least `quota`."""

    total: int
    quota: int

    def holds(self, sums: Shaped[np.ndarray, "total ..."]) -> Bool[np.ndarray, "..."]:
        """Tell for which vectors of totals this holds."""
        return sums[self.total] >= self.quota


@dataclass(frozen=True)
class Joined:
    """All parts hold, or one does."""

    parts: tuple[Reaches | Joined, ...]
    every: bool

    def holds(self, sums: Shaped[np.ndarray, "total ..."]) -> Bool[np.ndarray, "..."]:
        """Tell for which vectors of totals this holds."""
        return reduce(and_ if self.every else or_, (part.holds(sums) for part in self.parts))


@dataclass(frozen=True)
class JointSums:
    """A game as sums, of which thresholds that weigh alike share one.

    Attributes:
        steps: what each choice of each member adds to each total, counted from the vote in which all say no.
        test: what must hold of the totals.
        quotas: those of each total, in order.
    """

    steps: Shaped[np.ndarray, "member choice total"]
    test: Reaches | Joined
    quotas: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, game: AnyGame) -> JointSums:
        """Return a game in this form; sums too large for 64 bits are integers of any size."""
        totals: dict[tuple[tuple[int, ...], ...], list[int]] = {}
        test = _read(simplified(game), totals)
        steps = np.stack([np.array(columns, object).T for columns in totals], -1)
        n_keys = reduce(mul, (int(size) + 1 for size in steps[:, -1].sum(0)))
        small = max(n_keys, *(abs(quota) for quotas in totals.values() for quota in quotas)) < LARGEST_KEY
        return cls(
            steps.astype(np.int64) if small else steps,
            test,
            tuple(tuple(sorted(set(held))) for held in totals.values()),
        )

    @property
    def n_choices(self) -> int:
        """Two in a binary game, three in a ternary one."""
        return self.steps.shape[1]

    @property
    def sizes(self) -> tuple[int, ...]:
        """Each total if all vote yes."""
        return tuple(int(size) for size in self.steps[:, -1].sum(0))

    @property
    def complete(self) -> bool:
        """Whether of any two members one nowhere counts less than the other.

        All are then in one order of desirability, that of `order`: who stands before another can take its place in
        every coalition that wins (Taylor & Zwicker 1999).
        """
        steps = self.steps[list(self.order())]
        return not (steps[:-1] < steps[1:]).any()

    def order(self) -> tuple[int, ...]:
        """Return the members by the sum of their shares of the totals, greatest first, equal ones together."""
        common = reduce(mul, (max(size, 1) for size in self.sizes))
        # Whole numbers, so that who nowhere counts less than another, and somewhere more, comes first without fail.
        per_unit = [common // max(size, 1) for size in self.sizes]

        def key(member: int) -> tuple[int, ...]:
            steps = self.steps[member].tolist()
            share = sum(step * unit for row in steps for step, unit in zip(row, per_unit, strict=True))
            return (-share, *(-step for row in steps for step in row))

        return tuple(sorted(range(len(self.steps)), key=key))


def _read(game: AnyGame, totals: dict[tuple[tuple[int, ...], ...], list[int]]) -> Reaches | Joined:
    """Return a game with the numbers of its totals in place of weights; the totals are added to those given."""
    if isinstance(game, AllOf | AnyOf):
        return Joined(tuple(_read(part, totals) for part in game.parts), isinstance(game, AllOf))
    if isinstance(game, Threshold):
        steps, quota = ((0,) * len(game.weights), game.weights), game.quota
    else:
        nothing, no = (0,) * len(game.no_weights), game.no_weights
        steps = (nothing, no, tuple(map(add, no, game.yes_weights)))
        quota = game.quota + sum(no)
    total = list(totals).index(steps) if steps in totals else len(totals)
    totals.setdefault(steps, []).append(quota)
    return Reaches(total, quota)
