"""Minimal winning coalitions, vetoes, dictators and dummies: against all coalitions, by hand, and in large bodies."""

from __future__ import annotations

from datetime import date
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from institutions.game_trees import coalitions, trees, wins
from orrery.base.errors import InstitutionError
from orrery.institutions.catalogue import load_body
from orrery.institutions.coalitions import (
    count_minimal_winning,
    dictator,
    dual,
    dummies,
    minimal_blocking,
    minimal_winning,
    veto_members,
)
from orrery.institutions.games import AllOf, AnyOf, Threshold

UNSC = Threshold((7,) * 5 + (1,) * 10, 39)
PARTIES = Threshold((50, 49, 1), 51)


def minimal(winning: list[frozenset[int]]) -> tuple[tuple[int, ...], ...]:
    return tuple(sorted(tuple(sorted(one)) for one in winning if not any(other < one for other in winning)))


@settings(max_examples=40)
@given(trees(scale=10**25) | trees())
def test_minimal_coalitions_are_those_among_all_coalitions(tree):
    expected = minimal(coalitions(tree.game))
    assert minimal_winning(tree.game) == expected
    assert count_minimal_winning(tree.game) == len(expected)


@settings(max_examples=40)
@given(trees())
def test_the_dual_wins_where_the_rest_cannot(tree):
    game, everybody = tree.game, frozenset(range(tree.size))
    winning = coalitions(game)
    blocking = [one for one in coalitions(dual(game)) if everybody - one not in winning]
    assert len(blocking) == len(coalitions(dual(game))) == 2**tree.size - len(winning)
    assert minimal_blocking(game) == minimal(blocking)
    assert set(coalitions(dual(dual(game)))) == set(winning)


@settings(max_examples=40)
@given(trees())
def test_vetoes_dictators_and_dummies_are_those_among_all_coalitions(tree):
    winning, members = coalitions(tree.game), range(tree.size)
    assert dummies(tree.game) == tuple(who for who in members if all(one ^ {who} in winning for one in winning))
    vetoes = tuple(who for who in members if winning and all(who in one for one in winning))
    assert veto_members(tree.game) == vetoes
    assert dictator(tree.game) == next((who for who in vetoes if wins(tree.game, {who})), None)


@settings(max_examples=40)
@given(trees(ternary=True))
def test_a_game_with_abstention_is_taken_as_one_of_yes_and_no(tree):
    assert minimal_winning(tree.game) == minimal(coalitions(tree.game))
    assert dummies(tree.game) == dummies(dual(dual(tree.game)))


@pytest.mark.parametrize(
    ("game", "expected"),
    [
        (PARTIES, ((0, 1), (0, 2))),
        (Threshold((1, 1, 1), 2), ((0, 1), (0, 2), (1, 2))),
        (Threshold((1, 0, 0), 1), ((0,),)),
        (Threshold((1, 1), 3), ()),
        (Threshold((1, 1), 0), ((),)),
        # Two chambers that share a member: neither of the others can take the place of one in the other chamber.
        (AllOf((Threshold((1, 1, 0), 1), Threshold((0, 1, 1), 1))), ((0, 2), (1,))),
    ],
)
def test_games_by_hand(game, expected):
    assert minimal_winning(game) == expected
    assert count_minimal_winning(game) == len(expected)


def test_who_matters_in_games_by_hand():
    assert veto_members(PARTIES) == (0,)
    assert (dictator(PARTIES), dummies(PARTIES)) == (None, ())
    # [51; 52, 24, 24]: the first decides alone, the others never do.
    alone = Threshold((52, 24, 24), 51)
    assert (veto_members(alone), dictator(alone), dummies(alone)) == ((0,), 0, (1, 2))
    # The Council of 1958: Luxembourg's one of 17 votes could not change an outcome at 12 (Brams & Affuso 1976).
    assert dummies(Threshold((4, 4, 4, 2, 2, 1), 12)) == (5,)
    assert veto_members(Threshold((1, 1), 3)) == ()


def test_the_security_council():
    day = date(2024, 1, 1)
    council = load_body("UNSC")
    members = council.members(day)
    game = council.rule("substantive", day).game()
    found = minimal_winning(game)
    assert len(found) == count_minimal_winning(game) == comb(10, 4) == 210
    assert [members[who] for who in veto_members(game)] == ["CHN", "FRA", "GBR", "RUS", "USA"]
    assert all({*veto_members(game)} < {*one} and len(one) == 9 for one in found)
    # Each permanent member alone stops a motion; of the elected ones, any seven together.
    blocking = minimal_blocking(game)
    assert sorted(map(len, blocking)) == [1] * 5 + [7] * comb(10, 7)
    assert dummies(game) == ()
    assert dictator(game) is None


def test_large_bodies_are_counted_exactly():
    assembly = load_body("UNGA").rule("important question", date(2024, 1, 1)).game()
    assert count_minimal_winning(assembly) == comb(193, 129)
    # 96 of 190, all five holders of a veto among them.
    veto = Threshold((1,) * 5 + (0,) * 185, 5)
    assert count_minimal_winning(AllOf((Threshold((1,) * 190, 96), veto))) == comb(185, 91)
    # Halves of two chambers of 60: nobody outranks the other chamber.
    chambers = AllOf((Threshold((1,) * 60 + (0,) * 60, 31), Threshold((0,) * 60 + (1,) * 60, 31)))
    assert count_minimal_winning(chambers) == comb(60, 31) ** 2


def test_the_council_of_the_union_is_counted_as_it_is_listed():
    game = load_body("EU-COUNCIL").rule("decision", date(2000, 1, 1)).game()
    assert count_minimal_winning(game) == len(minimal_winning(game))


def test_too_many_coalitions_are_refused():
    with pytest.raises(InstitutionError, match="more than 209 minimal winning coalitions"):
        minimal_winning(UNSC, limit=209)
    assert len(minimal_winning(UNSC, limit=210)) == 210
    # Opposite orders of weights, all different: no one order of desirability, and 2^30 kinds of coalition.
    up, down = tuple(range(1, 31)), tuple(range(30, 0, -1))
    with pytest.raises(InstitutionError, match="1,073,741,824 kinds"):
        count_minimal_winning(AnyOf((Threshold(up, 300), Threshold(down, 300))))
    weights = tuple(int(weight) for weight in np.random.default_rng(1).integers(1, 10**9, 40))
    for count in (dummies, count_minimal_winning):
        with pytest.raises(InstitutionError, match="more than 4,194,304 joint sums"):
            count(Threshold(weights, sum(weights) // 2))


@settings(max_examples=40)
@given(st.integers(1, 9), st.integers(1, 9))
def test_counts_of_one_vote_each(count, quota):
    expected = comb(count, quota) if quota <= count else 0
    assert count_minimal_winning(Threshold((1,) * count, quota)) == expected
