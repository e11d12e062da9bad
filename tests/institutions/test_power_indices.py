"""Indices of power against every coalition counted, and the properties that define them."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orrery.base.errors import InstitutionError
from orrery.institutions.games import AllOf, AnyOf, TernaryThreshold, Threshold, passes, passes_ternary
from orrery.institutions.power import power
from orrery.institutions.votes import ABSTAIN, NO, YES

parts = st.recursive(
    st.tuples(st.lists(st.integers(0, 12), min_size=9, max_size=9), st.floats(0.05, 0.95)),
    lambda inner: st.tuples(st.sampled_from((AllOf, AnyOf)), st.lists(inner, min_size=1, max_size=2)),
    max_leaves=3,
)
"""Not games yet: the checks of types in the tests draw random numbers of their own, which strategies must not."""


def game_of(made, n: int):
    if isinstance(made[0], list):
        weights = tuple(made[0][:n])
        return Threshold(weights, max(1, round(made[1] * sum(weights))))
    return made[0](tuple(game_of(inner, n) for inner in made[1]))


def counted(game, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return every coalition and whether it wins."""
    yes = np.array(list(product((False, True), repeat=n)))
    return yes, np.asarray(passes(game, yes))


@settings(max_examples=120)
@given(st.integers(1, 9), parts)
def test_indices_are_those_of_every_coalition_counted(n, made):
    game = game_of(made, n)
    yes, wins = counted(game, n)
    code = yes @ (1 << np.arange(n))
    won = np.zeros(2**n, bool)
    won[code] = wins
    swings = np.array(
        [[won[one] and bool(one >> i & 1) and not won[one & ~(1 << i)] for one in range(2**n)] for i in range(n)]
    )
    sizes = np.array([bin(one).count("1") for one in range(2**n)])
    banzhaf = [Fraction(int(row.sum()), 2 ** (n - 1)) for row in swings]
    assert list(power(game, "banzhaf").columns["value"]) == banzhaf
    shapley = [
        sum((Fraction(factorial(int(s) - 1) * factorial(n - int(s)), factorial(n)) for s in sizes[row]), Fraction(0))
        for row in swings
    ]
    assert list(power(game, "shapley-shubik").columns["value"]) == shapley
    assert power(game, "banzhaf").body["act"] == Fraction(int(wins.sum()), 2**n)
    if 0 < wins.sum() < 2**n:
        found = power(game, "coleman").columns
        assert list(found["prevent"]) == [Fraction(int(row.sum()), int(wins.sum())) for row in swings]
        assert list(found["initiate"]) == [Fraction(int(row.sum()), int(2**n - wins.sum())) for row in swings]
        minimal = [one for one in range(2**n) if won[one] and all(swings[i][one] for i in range(n) if one >> i & 1)]
        seats = [sum(one >> i & 1 for one in minimal) for i in range(n)]
        if sum(seats):
            expected = [Fraction(seat, sum(seats)) for seat in seats]
            assert list(power(game, "holler-packel").columns["value"]) == expected


@settings(max_examples=40)
@given(
    st.integers(1, 6),
    st.lists(st.integers(0, 6), min_size=6, max_size=6),
    st.lists(st.integers(0, 6), min_size=6, max_size=6),
    st.integers(-10, 20),
)
def test_banzhaf_with_abstention_is_every_vote_counted(n, gains, losses, quota):
    game = TernaryThreshold(tuple(gains[:n]), tuple(losses[:n]), quota)
    votes = np.array(list(product((NO, ABSTAIN, YES), repeat=n)), np.int8)
    won = dict(zip(map(tuple, votes.tolist()), np.asarray(passes_ternary(game, votes)).tolist(), strict=True))
    decided = []
    for place in range(n):
        others = list(product((NO, ABSTAIN, YES), repeat=n - 1))
        turned = sum(won[(*one[:place], YES, *one[place:])] != won[(*one[:place], NO, *one[place:])] for one in others)
        decided.append(Fraction(turned, len(others)))
    assert list(power(game, "banzhaf").columns["value"]) == decided


@settings(max_examples=60)
@given(st.lists(st.integers(1, 400_000), min_size=10, max_size=14), st.floats(0.5, 0.9))
def test_large_weights_give_the_same_as_counting(weights, share):
    game = Threshold(tuple(weights), round(share * sum(weights)) + 1)
    n = len(weights)
    yes, wins = counted(game, n)
    for place in range(n):
        others = ~yes[:, place]
        without = wins[others]
        decides = np.asarray(passes(game, np.where(np.arange(n) == place, True, yes[others]))) & ~without
        assert float(power(game, "banzhaf").columns["value"][place]) == pytest.approx(
            decides.mean(), rel=1e-9, abs=1e-12
        )
    assert float(sum(power(game, "shapley-shubik").columns["value"])) == pytest.approx(1, rel=1e-9)


def test_dictators_dummies_and_relabelling():
    game = Threshold((5, 2, 2, 0), 5)
    assert power(game).columns["value"] == (1, 0, 0, 0)
    one, other = (power(Threshold(weights, 6)).columns["value"] for weights in ((4, 3, 2, 1), (1, 2, 3, 4)))
    assert one == other[::-1]
    dummy = power(Threshold((50, 49, 1, 0), 51))
    assert dummy.columns["value"][3] == 0


def test_what_cannot_be_measured_is_refused():
    game = Threshold((1, 1), 2)
    for call, words in (
        (lambda: power(game, "banzaf"), "Did you mean 'banzhaf'"),
        (lambda: power(game, members=("A",)), "1 names came"),
        (lambda: power(game, members=("A", "A")), "1 of them different"),
        (lambda: power(TernaryThreshold((1, 1), (1, 1), 1), "coleman"), "abstain"),
        (lambda: power(Threshold((1, 1), 3), "coleman"), "not defined"),
        (lambda: power(Threshold((1, 1), 3), "banzhaf-normalised"), "not defined"),
    ):
        with pytest.raises(InstitutionError, match=words):
            call()
