"""Voting power worked out over every vote that there can be, and random games of some size to work it out for."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations, product
from math import factorial

import numpy as np

from institutions.game_trees import NO, YES, decides
from orrery.institutions.games import AllOf, AnyGame, AnyOf, Game, TernaryThreshold, Threshold, n_members

CHOICES = (NO, 0, YES)


@dataclass(frozen=True)
class Counted:
    """What all votes say of a game.

    Attributes:
        banzhaf: for each member, the part of the others' votes that leave it the decision.
        shapley: for each member, the part of the orders in which it is pivotal; empty where it was not worked out.
        passes: the part of all votes that pass.
        seats: for each member, the minimal winning coalitions that hold it.
    """

    banzhaf: list[Fraction]
    shapley: list[Fraction]
    passes: Fraction
    seats: list[int]


def count(game: Game) -> Counted:
    """Look at every coalition."""
    size = n_members(game)
    numbers = np.arange(2**size)
    holds = (numbers[:, None] >> np.arange(size)) & 1
    wins = _wins(game, holds)
    sizes = holds.sum(1)
    minimal = wins.copy()
    banzhaf, shapley = [], []
    for member in range(size):
        without = numbers & ~(1 << member)
        swings = wins & ~wins[without] & (holds[:, member] == 1)
        minimal &= (holds[:, member] == 0) | ~wins[without]
        banzhaf.append(Fraction(int(swings.sum()), 2 ** (size - 1)))
        by_size = np.bincount(sizes[swings], minlength=size + 1).tolist()
        shapley.append(
            sum(
                (
                    Fraction(by_size[s] * factorial(s - 1) * factorial(size - s), factorial(size))
                    for s in range(1, size + 1)
                ),
                Fraction(0),
            )
        )
    seats = [int((minimal & (holds[:, member] == 1)).sum()) for member in range(size)]
    return Counted(banzhaf, shapley, Fraction(int(wins.sum()), 2**size), seats)


def count_ternary(game: AnyGame, *, orders: bool) -> Counted:
    """Look at every vote with abstention and, where asked for, at every order in which members are called."""
    size = n_members(game)
    passed = {votes: decides(game, votes) for votes in product(CHOICES, repeat=size)}
    banzhaf = []
    for member in range(size):
        others = product(CHOICES, repeat=size - 1)
        left = sum(
            passed[(*one[:member], YES, *one[member:])] and not passed[(*one[:member], NO, *one[member:])]
            for one in others
        )
        banzhaf.append(Fraction(left, 3 ** (size - 1)))
    shapley = _pivots(passed, size) if orders else []
    return Counted(banzhaf, shapley, Fraction(sum(passed.values()), 3**size), [])


def _pivots(passed: dict[tuple[int, ...], bool], size: int) -> list[Fraction]:
    pivots = [0] * size
    if passed[(NO,) * size] == passed[(YES,) * size]:
        return [Fraction(0)] * size
    for order in permutations(range(size)):
        for votes in passed:
            low, high = [NO] * size, [YES] * size
            for member in order:
                low[member] = high[member] = votes[member]
                if passed[tuple(low)] == passed[tuple(high)]:
                    pivots[member] += 1
                    break
    return [Fraction(number, factorial(size) * 3**size) for number in pivots]


def random_game(seed: int, size: int, *, heaviest: int = 9, ternary: bool = False) -> AnyGame:
    """Return a tree of up to four thresholds, some of which share their weights."""
    draw = np.random.default_rng(seed)
    n_lists = int(draw.integers(1, 3))
    lists = [tuple(draw.integers(0, heaviest + 1, size).tolist()) for _ in range(n_lists)]
    thresholds = []
    for _ in range(int(draw.integers(1, 5))):
        yes, no = lists[int(draw.integers(n_lists))], lists[int(draw.integers(n_lists))]
        total = sum(yes)
        if ternary:
            thresholds.append(TernaryThreshold(yes, no, int(draw.integers(-sum(no), total + 2))))
        else:
            thresholds.append(Threshold(yes, int(draw.integers(total // 4, total + 2))))
    join, other = (AllOf, AnyOf) if draw.random() < 0.5 else (AnyOf, AllOf)
    if len(thresholds) < 3:
        return join(tuple(thresholds))
    return join((thresholds[0], other(tuple(thresholds[1:]))))


def _wins(game: Game, holds: np.ndarray) -> np.ndarray:
    if isinstance(game, AllOf):
        return np.logical_and.reduce([_wins(part, holds) for part in game.parts])
    if isinstance(game, AnyOf):
        return np.logical_or.reduce([_wins(part, holds) for part in game.parts])
    return holds @ np.array(game.weights) >= game.quota
