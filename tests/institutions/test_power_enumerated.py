"""Whatever way is quickest gives what going through every vote gives: hundreds of random games of up to 16 members."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb, factorial

import numpy as np
import pytest

from institutions.power_oracle import random_game
from orrery.institutions.games import AllOf, AnyGame, AnyOf, TernaryThreshold, Threshold, n_members
from orrery.institutions.power.chances import Chances, Method
from orrery.institutions.power.decisive import banzhaf_chances, shapley_chances
from orrery.institutions.power.sums import sums_of

NO, ABSTAIN, YES = range(3)
"""Digits of the numbers that stand for votes."""


@dataclass(frozen=True)
class Enumerated:
    """Probabilities that each member decides, in double precision.

    Attributes:
        banzhaf: all others voting at random.
        shapley: called in a random order, each choosing at random with abstention, and saying yes without.
        passes: of a motion if all vote at random.
    """

    banzhaf: np.ndarray
    shapley: np.ndarray
    passes: float


def outcome(game: AnyGame, votes: np.ndarray) -> np.ndarray:
    """Tell of every row of votes whether a motion passes."""
    if isinstance(game, AllOf | AnyOf):
        join = np.logical_and if isinstance(game, AllOf) else np.logical_or
        return join.reduce([outcome(part, votes) for part in game.parts])
    if isinstance(game, TernaryThreshold):
        gains = (votes == YES) @ np.array(game.yes_weights) - (votes == NO) @ np.array(game.no_weights)
        return gains >= game.quota
    return (votes == YES) @ np.array(game.weights) >= game.quota


def enumerated(game: AnyGame, *, ternary: bool) -> Enumerated:
    """Go through every vote of a game.

    A vote with `a` votes other than no also stands for every partial one in which some of those who say no were not
    called yet. If `j` of `b` of them were called, the member called last of all `a + j` is last with the probability
    `(a + j - 1)! (n - a - j)! / n!`. A motion that fails is one that passes with yes and no exchanged, and turned over.
    """
    size, base = n_members(game), 3 if ternary else 2
    place = base ** np.arange(size)
    digits = np.arange(base**size)[:, None] // place % base
    votes = digits if ternary else digits * YES
    passed = outcome(game, votes)
    yes = base - 1
    banzhaf = np.array([_swings(passed, digits, member, place[member], yes) for member in range(size)])
    shapley = _pivots(passed, digits, place, 0)
    if ternary:
        shapley = shapley + _pivots(~passed, digits, place, yes)
    return Enumerated(banzhaf, shapley, float(passed.mean()))


def _swings(passed: np.ndarray, digits: np.ndarray, member: int, place: int, yes: int) -> float:
    without = np.flatnonzero(digits[:, member] == 0)
    return float((passed[without] != passed[without + yes * place]).mean())


def _pivots(settled: np.ndarray, digits: np.ndarray, place: np.ndarray, waiting: int) -> np.ndarray:
    """Return how likely each member settles an outcome that holds though all who are not called were to vote so."""
    n_votes, size = digits.shape
    base = round(n_votes ** (1 / size))
    other = (digits != waiting).sum(1)
    chance = np.zeros(size + 1)
    for called in range(1, size + 1):
        for more in range(size - called + 1 if base == 3 else 1):
            last = factorial(called + more - 1) * factorial(size - called - more) / factorial(size)
            # With yes and no alone all are called who say yes.
            chance[called] += comb(size - called, more) * last / (3.0 ** (called + more) if base == 3 else 1)
    pivots = np.zeros(size)
    for member in range(size):
        before = np.arange(n_votes) + (waiting - digits[:, member]) * place[member]
        last = (digits[:, member] != waiting) & settled & ~settled[before]
        pivots[member] = chance[other[last]].sum()
    return pivots


def weighted(draw: np.random.Generator, size: int) -> Threshold:
    """Return one quota of weights of any order of magnitude."""
    weights = draw.pareto(1.1, size) * 10 ** draw.uniform(0, 6)
    whole = tuple(np.minimum(weights, 1e9).astype(int).tolist())
    return Threshold(whole, int(draw.uniform(0.02, 1) * sum(whole)) + 1)


def several(draw: np.random.Generator, size: int) -> AllOf | AnyOf:
    """Return quotas of votes, heads and groups, that all or some must hold."""
    heads = Threshold((1,) * size, int(draw.integers(1, size + 1)))
    group = Threshold(tuple(draw.integers(0, 2, size).tolist()), int(draw.integers(1, 3)))
    parts = (weighted(draw, size), heads, group)[: int(draw.integers(2, 4))]
    return AllOf(parts) if draw.random() < 0.7 else AnyOf(parts)


def nested(draw: np.random.Generator, size: int) -> AllOf | AnyOf:
    """Return quotas of which some must hold together and others do alone."""
    first = AllOf((several(draw, size), Threshold((1,) * size, int(draw.integers(1, size + 1)))))
    return AnyOf((first, AllOf((weighted(draw, size), several(draw, size)))))


def close(found: Chances, expected: np.ndarray) -> None:
    assert found.method in (Method.INTEGERS, Method.DOUBLE)
    np.testing.assert_allclose(found.values, expected, rtol=1e-12, atol=found.error + 1e-15)


KINDS = {"weighted": weighted, "several": several, "nested": nested}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("size", "games"), [(1, 5), (2, 10), (3, 15), (5, 20), (8, 25), (11, 20), (13, 12), (16, 4)])
def test_games_of_yes_and_no(kind, size, games):
    draw = np.random.default_rng([size, len(kind)])
    for _ in range(games):
        game = KINDS[kind](draw, size)
        sums, expected = sums_of(game), enumerated(game, ternary=False)
        found = banzhaf_chances(sums)
        close(found, expected.banzhaf)
        assert float(found.passes) == pytest.approx(expected.passes, abs=1e-12)
        close(shapley_chances(sums), expected.shapley)


@pytest.mark.parametrize(("size", "games"), [(1, 5), (2, 10), (3, 20), (5, 20), (7, 15), (8, 8), (9, 4), (10, 2)])
def test_games_with_abstention(size, games):
    for number in range(games):
        game = random_game(number * 100 + size, size, ternary=True)
        sums, expected = sums_of(game), enumerated(game, ternary=True)
        found = banzhaf_chances(sums)
        close(found, expected.banzhaf)
        assert float(found.passes) == pytest.approx(expected.passes, abs=1e-12)
        close(shapley_chances(sums), expected.shapley)
