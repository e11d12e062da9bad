"""A game as sums, for counting: how many vectors of totals are told apart, what is alike, and what blocks.

The sums are those of `institutions.joint_sums`; here is what the exact methods of this package ask of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from math import log2
from typing import cast

import numpy as np
from jaxtyping import Bool, Int

from orrery.base.errors import InstitutionError
from orrery.institutions.games import AnyGame
from orrery.institutions.joint_sums import Joined, JointSums, Reaches

LARGEST_TOTAL = 2**62
"""Totals are added up in 64 bits."""
NEVER = 2**62 + 1
"""A requirement that no total meets."""

Test = Reaches | Joined
Integers = Int[np.ndarray, "..."]


@dataclass(frozen=True)
class Sums:
    """A game as sums.

    Attributes:
        steps: what each choice adds to each total. The choices of a binary game are no and yes, of a ternary one no,
            abstain and yes; no adds nothing, and none less than the one before it.
        test: what the totals must reach.
    """

    steps: Int[np.ndarray, "member choice total"]
    test: Test

    @property
    def n_members(self) -> int:
        """How many members vote."""
        return self.steps.shape[0]

    @property
    def n_choices(self) -> int:
        """2 in a binary game, 3 in a ternary one."""
        return self.steps.shape[1]

    @property
    def n_totals(self) -> int:
        """How many totals are counted."""
        return self.steps.shape[2]

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """Each total if everybody votes yes."""
        return tuple(self.steps[:, -1].sum(0).tolist())

    @cached_property
    def tops(self) -> tuple[int, ...]:
        """The highest quota of each total: beyond it, more makes no difference."""
        highest = [0] * self.n_totals
        for leaf in _leaves(self.test):
            highest[leaf.total] = max(highest[leaf.total], min(leaf.quota, self.sizes[leaf.total] + 1))
        return tuple(highest)

    @cached_property
    def n_cells(self) -> float:
        """How many vectors of totals are told apart."""
        return float(np.prod([top + 1.0 for top in self.tops]))

    @cached_property
    def classes(self) -> tuple[tuple[int, ...], ...]:
        """The members, those that count alike together."""
        alike: dict[bytes, list[int]] = {}
        for member in range(self.n_members):
            alike.setdefault(self.steps[member].tobytes(), []).append(member)
        return tuple(tuple(members) for members in alike.values())

    @property
    def information(self) -> float:
        """Bits needed for the number of all outcomes of a vote."""
        return self.n_members * log2(self.n_choices)

    @property
    def is_open(self) -> bool:
        """Whether votes matter: the motion passes if all vote yes and fails if all vote no."""
        return bool(self.holds(_as_arrays(self.sizes))) and not self.holds(_as_arrays((0,) * self.n_totals))

    def holds(self, totals: Sequence[Integers]) -> Bool[np.ndarray, "..."]:
        """Tell for which vectors of totals (arrays that broadcast) the motion passes."""
        return _holds(self.test, totals)

    def requirement(self, total: int, others: Sequence[Integers | None]) -> Integers:
        """Return what one total must reach, given all others; `NEVER` where no value is enough.

        Args:
            total: the one that is left open.
            others: the other totals in order (arrays that broadcast); what stands at `total` is not looked at.
        """
        return _requirement(self.test, total, others)

    def dual(self) -> Sums:
        """Return the game of those who stop a motion: it passes if and only if the votes, turned round, fail here.

        Every member is decisive in it as often as here (Dubey & Shapley 1979).
        """
        turned = self.steps[:, -1:] - self.steps[:, ::-1]
        return Sums(turned, _dual(self.test, self.sizes))

    def shorter(self) -> Sums:
        """Return the game or its dual, whichever tells fewer vectors of totals apart."""
        dual = self.dual()
        return dual if dual.n_cells < self.n_cells else self


def sums_of(game: AnyGame) -> Sums:
    """Return a game as sums.

    Raises:
        InstitutionError: the weights of a threshold add up to more than 2^62.
    """
    joint = JointSums.of(game)
    most = max(joint.sizes)
    if most > LARGEST_TOTAL:
        raise InstitutionError(f"`weights`: they add up to {most:,}; at most 2^62 is allowed. Use a coarser unit.")
    sums = Sums(joint.steps.astype(np.int64), _within_reach(joint.test, joint.sizes))
    return _of_one_total(sums) or sums


def _of_one_total(sums: Sums) -> Sums | None:
    """Return the game as one of unanimity, if it is that whatever else it asks for; None if it is not."""
    if not isinstance(sums.test, Joined) or not sums.test.every:
        return None
    for part in sums.test.parts:
        if not isinstance(part, Reaches) or part.quota != sums.sizes[part.total]:
            continue
        steps = sums.steps[:, :, part.total]
        if (steps[:, -1] > steps[:, -2]).all() and sums.holds(_as_arrays(sums.sizes)):
            return Sums(sums.steps[:, :, [part.total]], Reaches(0, part.quota))
    return None


def _as_arrays(totals: Sequence[int]) -> list[Integers]:
    return [np.array(total, np.int64) for total in totals]


def _leaves(test: Test) -> list[Reaches]:
    if isinstance(test, Reaches):
        return [test]
    return [leaf for part in test.parts for leaf in _leaves(part)]


def _within_reach(test: Test, sizes: tuple[int, ...]) -> Test:
    """Return a test whose quotas are none below 0 and none further beyond reach than by 1."""
    if isinstance(test, Reaches):
        return Reaches(test.total, min(max(test.quota, 0), sizes[test.total] + 1))
    return Joined(tuple(_within_reach(part, sizes) for part in test.parts), test.every)


def _holds(test: Test, totals: Sequence[np.ndarray]) -> np.ndarray:
    if isinstance(test, Reaches):
        return np.asarray(totals[test.total] >= test.quota)
    join = np.logical_and if test.every else np.logical_or
    return np.asarray(reduce(join, [_holds(part, totals) for part in test.parts]))


def _requirement(test: Test, total: int, others: Sequence[np.ndarray | None]) -> np.ndarray:
    if isinstance(test, Reaches):
        if test.total == total:
            return np.array(test.quota, np.int64)
        other = cast(np.ndarray, others[test.total])
        return np.where(other >= test.quota, np.int64(0), np.int64(NEVER))
    join = np.maximum if test.every else np.minimum
    return np.asarray(reduce(join, [_requirement(part, total, others) for part in test.parts]))


def _dual(test: Test, sizes: tuple[int, ...]) -> Test:
    if isinstance(test, Reaches):
        return Reaches(test.total, sizes[test.total] - test.quota + 1)
    return Joined(tuple(_dual(part, sizes) for part in test.parts), not test.every)
