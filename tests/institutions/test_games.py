"""Simple games and the exact count beneath them."""

from __future__ import annotations

from itertools import product

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orrery.base.errors import InstitutionError
from orrery.institutions.games import (
    AllOf,
    AnyOf,
    TernaryThreshold,
    Threshold,
    binary,
    embedded,
    n_members,
    passes,
    passes_ternary,
    simplified,
)
from orrery.institutions.tally import MOST_MEMBERS, tally
from orrery.institutions.votes import ABSENT, ABSTAIN, CHOICES, NO, YES
from orrery.measure.ideal_points import votes as measured

ROWS = {YES: 0, ABSTAIN: 1, NO: 2, ABSENT: 3}


def every(n_members_: int, codes: tuple[int, ...]) -> np.ndarray:
    return np.array(list(product(codes, repeat=n_members_)), np.int8)


@st.composite
def counts(draw) -> tuple[list[list[int]], int]:
    n_members_ = draw(st.integers(1, 4))
    size = draw(st.sampled_from([3, 2**14, 2**15, 2**30, 2**31, 2**45, 2**46, 2**100]))
    numbers = st.integers(-size, size)
    row = st.lists(numbers, min_size=n_members_, max_size=n_members_)
    return draw(st.lists(row, min_size=4, max_size=4)), draw(st.integers(-2, 2))


@settings(max_examples=40)
@given(counts(), st.data())
def test_counts_are_exact_at_any_size(count, data):
    worth, offset = count
    votes = every(len(worth[0]), tuple(CHOICES.values()))
    sums = [sum(worth[ROWS[int(code)]][place] for place, code in enumerate(row)) for row in votes]
    # On the edge: what one of the sets of votes gives, or a little more or less.
    required = data.draw(st.sampled_from(sums)) + offset
    made = tally(worth, required)
    expected = [total >= required for total in sums]
    np.testing.assert_array_equal(made.holds(votes), expected)
    np.testing.assert_array_equal(jax.jit(lambda cast: made.holds(cast))(votes), expected)
    assert [made.surplus(row) for row in votes] == [total - required for total in sums]
    assert made.exact_worth() == tuple(map(tuple, worth))
    assert made.exact_required() == required


def test_counts_of_many_members_are_exact():
    n_members_ = MOST_MEMBERS
    worth = [[2**40 + place for place in range(n_members_)], *[[0] * n_members_] * 3]
    everyone = np.full(n_members_, YES, np.int8)
    total = sum(worth[0])
    assert tally(worth, total).holds(everyone)
    assert not tally(worth, total + 1).holds(everyone)
    with pytest.raises(InstitutionError, match="32769 members"):
        tally([[1] * (n_members_ + 1)] * 4, 1)


def test_unknown_codes_count_as_absent():
    assert not tally([[1], [1], [1], [0]], 1).holds(np.array([5], np.int8))


def test_the_codes_of_votes_are_those_of_measured_votes():
    assert {name: measured.CHOICES[name] for name in CHOICES} == CHOICES


SECURITY_COUNCIL = AllOf(
    (TernaryThreshold((1,) * 15, (0,) * 15, 9), TernaryThreshold((0,) * 15, (1,) * 5 + (0,) * 10, 0))
)


def test_the_security_council_has_848_winning_coalitions():
    assert int(passes(binary(SECURITY_COUNCIL), every(15, (YES, NO)) == YES).sum()) == 848


def test_in_the_council_abstention_is_no_veto():
    votes = np.full(15, YES, np.int8)
    votes[0] = ABSTAIN
    assert passes_ternary(SECURITY_COUNCIL, votes)
    votes[0] = NO
    assert not passes_ternary(SECURITY_COUNCIL, votes)


SIZE = 4
WEIGHTS = st.lists(st.integers(0, 6), min_size=SIZE, max_size=SIZE).map(tuple)
LEAVES = st.tuples(WEIGHTS, WEIGHTS, st.integers(-12, 12))
KINDS = st.sampled_from((AllOf, AnyOf))
GAMES_AS_TUPLES = st.recursive(
    LEAVES,
    lambda part: st.tuples(st.sampled_from((AllOf, AnyOf)), st.lists(part, min_size=1, max_size=3)),
    max_leaves=5,
)
"""Not games yet: the checks of types in the tests draw random numbers of their own, which strategies must not."""


def game_of(made):
    if isinstance(made[0], tuple):
        return TernaryThreshold(*made)
    kind, parts = made
    return kind(tuple(game_of(part) for part in parts))


def size_of(game) -> int:
    return 1 if isinstance(game, Threshold | TernaryThreshold) else sum(map(size_of, game.parts))


@settings(max_examples=40)
@given(GAMES_AS_TUPLES)
def test_a_simplified_game_is_the_same_game(made):
    game = game_of(made)
    three, two = every(SIZE, (YES, ABSTAIN, NO)), every(SIZE, (YES, NO)) == YES
    smaller = simplified(game)
    np.testing.assert_array_equal(passes_ternary(smaller, three), passes_ternary(game, three))
    np.testing.assert_array_equal(passes(simplified(binary(game)), two), passes(binary(game), two))
    assert size_of(smaller) <= size_of(game)
    assert binary(binary(game)) == binary(game)


@settings(max_examples=40)
@given(GAMES_AS_TUPLES, st.permutations(range(6)))
def test_an_embedded_game_looks_at_its_own_members_only(made, order):
    game, places = game_of(made), order[:SIZE]
    votes = every(6, (YES, ABSTAIN, NO))
    larger = embedded(game, places, 6)
    assert n_members(larger) == 6
    np.testing.assert_array_equal(passes_ternary(larger, votes), passes_ternary(game, votes[:, places]))
    np.testing.assert_array_equal(
        passes(embedded(binary(game), places, 6), votes == YES), passes(binary(game), votes[:, places] == YES)
    )


def test_what_can_be_left_out_of_a_game():
    yes, vetoes = Threshold((1, 1, 1), 2), Threshold((1, 0, 0), 1)
    assert simplified(AllOf((yes, AllOf((yes, vetoes)), Threshold((1, 1, 1), 0)))) == AllOf((yes, vetoes))
    assert simplified(AllOf((yes, Threshold((5, 5, 5), 5)))) == yes
    assert simplified(AnyOf((yes, Threshold((1, 1, 1), 4)))) == yes
    assert simplified(AnyOf((yes, Threshold((1, 1, 1), 0)))) == Threshold((1, 1, 1), 0)
    assert simplified(AllOf((yes, Threshold((1, 1, 1), 4)))) == Threshold((1, 1, 1), 4)
    assert simplified(Threshold((4, 2, 6), 5)) == Threshold((2, 1, 3), 3)
    # Each implies the other; one must stay.
    assert simplified(AllOf((Threshold((1, 2), 1), Threshold((2, 1), 1)))) in (
        Threshold((1, 2), 1),
        Threshold((2, 1), 1),
    )


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Threshold((), 1), "none came"),
        (lambda: Threshold((1, -1), 1), "-1 came for member 1"),
        (lambda: Threshold((1, True), 1), "True came for member 1"),
        (lambda: TernaryThreshold((1, 1), (1,), 1), "1 came for 2 members"),
        (lambda: AllOf(()), "none came"),
        (lambda: AnyOf((Threshold((1,), 1), Threshold((1, 1), 1))), r"games over \[1, 2\] members"),
        (lambda: AllOf((Threshold((1,), 1), TernaryThreshold((1,), (0,), 1))), "binary and ternary"),
    ],
)
def test_bad_games_are_refused(make, message):
    with pytest.raises(InstitutionError, match=message):
        make()
