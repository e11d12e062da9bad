"""Banzhaf's and Shapley's values counted on the grid of joint sums, with abstention or without."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from math import factorial, log2
from typing import Any

import numpy as np
from jaxtyping import Int
from scipy.special import gammaln

from orrery.institutions.power.chances import Chance, Chances, Method, spread
from orrery.institutions.power.grid import Grid, Voter, cost, turned, without_each
from orrery.institutions.power.sums import Sums

WORD = 62
"""Bits of a whole number that the processor adds at once."""
SLOWER = 40
"""How many times longer whole numbers of any size take."""
QUICK = 5e8
"""Operations that whole numbers are worth, where double precision is quicker: about a second."""
ROUNDING = 8 * float(np.finfo(float).eps)
"""Rounding of double precision for each member added, where nothing is subtracted."""


@dataclass(frozen=True)
class Plan:
    """What is added up on the grid.

    Attributes:
        sums: the game.
        voters: its members by class; their further axis, if there is one, counts some of the choices.
        tops: of every axis.
        information: bits of the number of outcomes.
    """

    sums: Sums
    voters: tuple[Voter, ...]
    tops: tuple[int, ...]
    information: float

    @property
    def cost(self) -> float:
        """Operations, in the kind of numbers that are used."""
        return self._steps * (SLOWER if self.numbers is object else 1)

    @property
    def numbers(self) -> type:
        """The kind of numbers to count in: whole ones, unless only large ones would do and they are too slow."""
        if self.information <= WORD:
            return np.int64
        return object if self._steps * SLOWER <= QUICK else np.float64

    @property
    def exact(self) -> bool:
        """Whether whole numbers are used."""
        return self.numbers is not np.float64

    @property
    def _steps(self) -> float:
        return cost(float(np.prod([top + 1.0 for top in self.tops])), self.voters)

    def for_each_class(self, read: Callable[[int, Grid], Chance]) -> tuple[Chance, ...]:
        """Return what `read` makes of the class's number and the distribution without one of its members."""
        found: dict[int, Chance] = {}
        for place, grid in without_each(self.voters, self.tops, self.numbers):
            found[place] = read(place, grid)
        return spread(self.sums.classes, [found[place] for place in range(len(self.voters))])

    def chances(self, decides: tuple[Chance, ...], passes: Chance) -> Chances:
        """Return results with how they were found."""
        if self.exact:
            return Chances(decides, passes, Method.INTEGERS)
        error = ROUNDING * self.sums.n_members * max(float(one) for one in decides)
        return Chances(decides, passes, Method.DOUBLE, error)


def banzhaf_plan(sums: Sums) -> Plan:
    """Return how to count swings when all choices are equally likely."""
    shorter = sums.shorter()
    return _plan(shorter, shorter.tops, lambda steps: steps, 1 / sums.n_choices, shorter.information)


def banzhaf_counted(sums: Sums) -> Chances:
    """Return how likely each member decides if all others take each of their choices equally often."""
    plan = banzhaf_plan(sums)
    game = plan.sums
    all_others = game.n_choices ** (game.n_members - 1) if plan.exact else 1
    passing: list[Chance] = []

    def decides(place: int, grid: Grid) -> Chance:
        steps = plan.voters[place].steps
        passed = reduce(operator.add, [_passing(game, grid, step) for step in steps])
        passing.append(_ratio(passed, all_others * game.n_choices) if plan.exact else float(passed) / game.n_choices)
        return _ratio(turned(game, grid, steps[0], steps[-1])[()], all_others)

    decided = plan.for_each_class(decides)
    return plan.chances(decided, passing[0] if game is sums else 1 - passing[0])


def shapley_plan(sums: Sums) -> Plan:
    """Return how to count pivots: yes is counted along a further axis, or along a total that counts it already."""
    game = sums.shorter()
    counter = _counter(game)
    if counter is not None:
        tops = tuple(game.n_members if axis == counter else top for axis, top in enumerate(game.tops))
        return _plan(game, tops, lambda steps: steps, 1 / 2, game.information)
    extended = (*game.tops, game.n_members)
    return _plan(game, extended, lambda steps: np.append(steps, [[0], [1]], 1), 1 / 2, game.information)


def shapley_counted(sums: Sums) -> Chances:
    """Return Shapley's value of each member of a binary game."""
    plan = shapley_plan(sums)
    game, counter = plan.sums, _counter(plan.sums)

    def value(place: int, grid: Grid) -> Chance:
        steps = plan.voters[place].steps[:, : game.n_totals]
        swings = turned(game, grid, steps[0], steps[1], kept=counter)
        scale = 1.0 if plan.exact else 2.0 ** (game.n_members - 1)
        return _by_place(swings.tolist(), game.n_members, plan.exact, scale)

    return plan.chances(plan.for_each_class(value), float("nan"))


def roll_call_plan(sums: Sums, waiting: int = 0) -> Plan:
    """Return how to count pivots of roll calls.

    Args:
        sums: the game.
        waiting: the choice that stands for who has not been called yet: no (0) to see whether the motion is sure to
            pass, yes (-1) whether it is sure to fail.
    """
    game = sums.shorter()
    called = np.array([[0], [1], [1], [1]][: game.n_choices + 1])

    def steps_of(steps: np.ndarray) -> np.ndarray:
        return np.append(np.append(steps[waiting][None], steps, 0), called, 1)

    information = game.n_members * log2(game.n_choices + 1)
    return _plan(game, (*game.tops, game.n_members), steps_of, 1 / game.n_choices, information)


def roll_call_counted(sums: Sums) -> Chances:
    """Return the probability that each member is pivotal in a roll call (Felsenthal & Machover 1997).

    Members are called in a random order and take each of their choices equally often; the pivot is the first whose
    vote settles the outcome, whatever those say that are still to be called. Without abstention this is Shapley's
    value (Felsenthal & Machover 1996).
    """
    plans = [roll_call_plan(sums, waiting) for waiting in (0, -1)]
    settled = [_settling(plan, waiting) for plan, waiting in zip(plans, (0, -1), strict=True)]
    values = tuple(one + other for one, other in zip(*settled, strict=True))
    return plans[0].chances(values, float("nan"))


def _settling(plan: Plan, waiting: int) -> tuple[Chance, ...]:
    """Return how likely each member's vote settles that the motion passes (`waiting` no) or fails (`waiting` yes)."""
    game = plan.sums

    def value(place: int, grid: Grid) -> Chance:
        _, *choices = plan.voters[place].steps[:, : game.n_totals]
        turns = [(choices[0], choice) if waiting == 0 else (choice, choices[-1]) for choice in choices]
        settling = reduce(operator.add, [turned(game, grid, *turn) for turn in turns])
        if not plan.exact:
            return _by_place(settling.tolist(), game.n_members, False, 1 / game.n_choices)
        by_called = [
            Fraction(int(count), game.n_choices ** (called + 1)) for called, count in enumerate(settling.tolist())
        ]
        return _by_place(by_called, game.n_members, True, 1.0)

    return plan.for_each_class(value)


def _plan(
    game: Sums,
    tops: tuple[int, ...],
    steps_of: Callable[[Int[np.ndarray, "choice total"]], Int[np.ndarray, "choice axis"]],
    even: float,
    information: float,
) -> Plan:
    first = [members[0] for members in game.classes]
    sizes = [len(members) for members in game.classes]
    steps = [steps_of(game.steps[member]) for member in first]
    whole = Plan(
        game, tuple(Voter(*one, (1,) * len(one[1])) for one in zip(sizes, steps, strict=True)), tops, information
    )
    if whole.exact:
        return whole
    # Shares in place of counts, so that nothing grows beyond double precision; who is not called has no choice.
    n_idle = len(steps[0]) - game.n_choices
    weights = (1.0,) * n_idle + (even,) * game.n_choices
    return Plan(game, tuple(Voter(*one, weights) for one in zip(sizes, steps, strict=True)), tops, information)


def _counter(game: Sums) -> int | None:
    """Return a total to which every yes adds one, if there is one."""
    for axis in range(game.n_totals):
        if (game.steps[:, 1, axis] == 1).all():
            return axis
    return None


def _passing(game: Sums, grid: Grid, step: Int[np.ndarray, " axis"]) -> Any:
    places = [np.arange(size).reshape((-1,) + (1,) * (grid.ndim - axis - 1)) for axis, size in enumerate(grid.shape)]
    passes = game.holds([place + one for place, one in zip(places, step.tolist(), strict=True)])
    return np.where(passes, grid, 0 * grid[(0,) * grid.ndim]).sum()


def _by_place(swings: Sequence[Chance], n_members: int, exact: bool, scale: float) -> Chance:
    """Return `sum_s s! (n-1-s)! / n! x_s`: how likely exactly these others come before the member."""
    if exact:
        total = sum(
            count * factorial(before) * factorial(n_members - 1 - before)
            for before, count in enumerate(swings[:n_members])
        )
        return Fraction(total) / factorial(n_members)
    before = np.arange(n_members)
    order = gammaln(before + 1) + gammaln(n_members - before) - gammaln(n_members + 1)
    return float(np.asarray(swings[:n_members], float) @ np.exp(order + np.log(scale)))


def _ratio(count: object, whole: int) -> Chance:
    return float(count) if isinstance(count, float | np.floating) else Fraction(int(count), whole)  # pyright: ignore[reportArgumentType]
