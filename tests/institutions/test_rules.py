"""Rules against a slow count in plain Python, over random rules: outcomes, games, explanations, symmetry."""

from __future__ import annotations

from fractions import Fraction

import equinox as eqx
import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rule_trees import NAMES, Case, all_votes, as_codes, cases

from orrery.institutions.electorate import Electorate
from orrery.institutions.games import TernaryThreshold, Threshold, binary, n_members, passes, passes_ternary
from orrery.institutions.rules import OptingOut, Stages, read_rule
from orrery.institutions.votes import ABSENT, ABSTAIN, NO, YES


@st.composite
def votes_of(draw, case: Case) -> tuple[str, ...]:
    size = len(case.voters.members)
    return tuple(draw(st.lists(st.sampled_from(NAMES), min_size=size, max_size=size)))


@settings(max_examples=40)
@given(cases(4))
def test_every_outcome_is_that_of_a_plain_count(case):
    votes = all_votes(len(case.electorate.members))
    expected = [case.decide(names) for names in votes]
    np.testing.assert_array_equal(case.rule().passes(as_codes(votes)), expected)


@settings(max_examples=40)
@given(cases(4))
def test_one_more_yes_never_defeats_a_motion(case):
    n_members_ = len(case.electorate.members)
    votes = as_codes(all_votes(n_members_))
    outcome = np.asarray(case.rule().passes(votes))
    for member in range(n_members_):
        more = votes.copy()
        more[:, member] = YES
        assert not np.any(outcome & ~np.asarray(case.rule().passes(more)))


@settings(max_examples=40)
@given(cases(6), st.data())
def test_relabelling_members_changes_nothing(case, data):
    who = case.electorate
    order = data.draw(st.permutations(range(len(who.members))))
    votes = as_codes(all_votes(len(who.members), ("yes", "abstain", "no")))
    relabelled = read_rule(case.table).bind(who.among(order))
    np.testing.assert_array_equal(relabelled.passes(votes[:, order]), case.rule().passes(votes))


@given(cases(8))
@settings(max_examples=60)
def test_the_binary_game_decides_as_the_rule(case):
    game = case.rule().game()
    votes = all_votes(len(case.electorate.members), ("yes", "no"))
    codes = as_codes(votes)
    assert n_members(game) == len(case.electorate.members)
    np.testing.assert_array_equal(passes(game, codes == YES), case.rule().passes(codes))


@given(cases(6))
@settings(max_examples=60)
def test_the_ternary_game_decides_as_the_rule(case):
    codes = as_codes(all_votes(len(case.electorate.members), ("yes", "abstain", "no")))
    game = case.rule().ternary_game()
    np.testing.assert_array_equal(passes_ternary(game, codes), case.rule().passes(codes))
    two = as_codes(all_votes(len(case.electorate.members), ("yes", "no")))
    np.testing.assert_array_equal(passes(binary(game), two == YES), passes_ternary(game, two))


@given(cases(4), st.data())
@settings(max_examples=50)
def test_the_explanation_agrees_with_the_outcome_and_with_trying_every_change(case, data):
    names = data.draw(votes_of(case))
    explained = case.rule().explain(as_codes([names])[0], case.electorate.members)
    assert explained.passed == explained.finding.passed == case.decide(names)
    expected = {}
    for place, member in enumerate(case.electorate.members):
        turning = [
            other for other in NAMES if case.decide((*names[:place], other, *names[place + 1 :])) != explained.passed
        ]
        if turning:
            expected[member] = (names[place], tuple(turning))
    assert {turn.member: (turn.cast, turn.instead) for turn in explained.decisive} == expected
    for _, found in explained.finding.walk():
        assert found.margin is None or (found.margin >= 0) == found.passed


@given(cases(5))
@settings(max_examples=20)
def test_compiled_and_mapped_is_the_same_as_one_by_one(case):
    votes = as_codes(all_votes(len(case.electorate.members), ("yes", "no", "absent")))[::7]
    rule = case.rule()
    one_by_one = [bool(rule.passes(row)) for row in votes]
    np.testing.assert_array_equal(eqx.filter_jit(rule.passes)(votes), one_by_one)
    np.testing.assert_array_equal(jax.vmap(rule.passes)(votes), one_by_one)
    np.testing.assert_array_equal(rule.passes(votes.reshape(len(votes), 1, -1))[:, 0], one_by_one)


def test_rules_of_other_weights_share_their_compiled_form_and_may_be_stacked():
    def weighed(*weights: int):
        electorate = Electorate(tuple("ABC"), ("member",) * 3, {"votes": tuple(map(Fraction, weights))})
        return read_rule({"yes": "1/2", "of": "members", "by": "votes"}).bind(electorate)

    rules = [weighed(1, 1, 1), weighed(5, 1, 1), weighed(1, 5, 1)]
    stacked = jax.tree.map(lambda *leaves: np.stack(leaves), *rules)
    votes = np.array([YES, NO, NO], np.int8)
    np.testing.assert_array_equal(eqx.filter_vmap(lambda rule: rule.passes(votes))(stacked), [False, True, False])
    compiled: list[int] = []

    @eqx.filter_jit
    def evaluate(rule, cast):
        compiled.append(1)
        return rule.passes(cast)

    assert [bool(evaluate(rule, votes)) for rule in rules] == [False, True, False]
    assert len(compiled) == 1


def test_an_overridden_veto_is_told_from_one_that_defeats():
    override = {"any": [{"all": [{"yes": 4}, {"veto": {"holders": "permanent"}}]}, {"yes": 6}]}
    rule = read_rule(override).bind(seven())
    defeated = rule.explain(np.array([NO] + [YES] * 4 + [NO] * 2, np.int8), seven().members)
    overridden = rule.explain(np.array([NO] + [YES] * 6, np.int8), seven().members)
    assert (defeated.passed, defeated.vetoed_by) == (False, ("A",))
    assert (overridden.passed, overridden.vetoed_by) == (True, ("A",))
    assert "Vetoed by: A" in str(defeated)
    assert "Vetoes overridden: A" in str(overridden)


@settings(max_examples=40)
@given(cases(6))
def test_a_written_rule_is_read_back_as_it_was(case):
    rule = read_rule(case.table)
    assert read_rule(rule.to_table()) == rule
    assert rule.in_words()


def seven() -> Electorate:
    return Electorate(tuple("ABCDEFG"), ("permanent",) * 2 + ("elected",) * 5)


@pytest.mark.parametrize(
    ("table", "yes_weights", "no_weights", "quota"),
    [
        ({"yes": 4}, 1, 0, 4),
        ({"yes": "2/3", "of": "members"}, 1, 0, 5),
        ({"more_than": "1/2", "of": "voting"}, 1, 1, 1),
        ({"consensus": 2}, 0, 1, -2),
        ({"fewer_than": 3, "not": "yes"}, 1, 0, 5),
        ({"unanimity": "all"}, 1, 0, 7),
    ],
)
def test_elementary_rules_as_ternary_games(table, yes_weights, no_weights, quota):
    game = read_rule(table).bind(seven()).ternary_game()
    assert game == TernaryThreshold((yes_weights,) * 7, (no_weights,) * 7, quota)


def test_a_veto_as_a_game():
    game = read_rule({"veto": {"holders": "permanent"}}).bind(seven())
    assert game.ternary_game() == TernaryThreshold((0,) * 7, (1, 1, 0, 0, 0, 0, 0), 0)
    assert game.game() == Threshold((1, 1, 0, 0, 0, 0, 0), 2)


def test_a_share_of_nobody_is_never_reached():
    nobody = np.full(7, ABSENT, np.int8)
    for table in ({"yes": "2/3", "of": "voting"}, {"yes": "1/2", "of": "present"}, {"unanimity": "present"}):
        assert not read_rule(table).bind(seven()).passes(nobody)
    abstaining = np.full(7, ABSTAIN, np.int8)
    assert not read_rule({"yes": "2/3", "of": "voting"}).bind(seven()).passes(abstaining)


def test_decimal_weights_are_exact():
    tenths = Electorate(tuple("ABC"), ("member",) * 3, {"share": (Fraction("0.1"), Fraction("0.2"), Fraction("0.7"))})
    rule = read_rule({"yes": "3/10", "of": "members", "by": "share"}).bind(tenths)
    assert rule.passes(np.array([YES, YES, NO], np.int8))
    more = read_rule({"more_than": "3/10", "of": "members", "by": "share"}).bind(tenths)
    assert not more.passes(np.array([YES, YES, NO], np.int8))


def test_opting_out_binds_those_not_against():
    rule = read_rule({"opting_out": {"rule": {"yes": 4}}}).bind(seven())
    assert isinstance(rule, OptingOut)
    votes = np.array([[YES] * 4 + [NO, ABSTAIN, ABSENT], [YES] * 3 + [NO] * 4], np.int8)
    np.testing.assert_array_equal(rule.binds(votes), [[True] * 4 + [False, True, True], [False] * 7])
    assert rule.explain(votes[0], seven().members).bound == tuple("ABCDFG")
    assert rule.explain(votes[1], seven().members).bound is None


def two_stages() -> Stages:
    inner = {"among": {"members": "permanent", "rule": {"unanimity": "all"}}}
    table = {"stages": [{"name": "adoption", "rule": {"yes": 4}}, {"name": "ratification", "rule": inner}]}
    rule = read_rule(table).bind(seven())
    assert isinstance(rule, Stages)
    return rule


def test_stages_take_votes_by_name_or_in_order_and_all_must_pass():
    rule = two_stages()
    adopted, ratified = np.array([[NO, NO] + [YES] * 5] * 2, np.int8), np.array([[YES] * 7, [NO] + [YES] * 6], np.int8)
    np.testing.assert_array_equal(rule.passes({"ratification": ratified, "adoption": adopted}), [True, False])
    np.testing.assert_array_equal(rule.passes([adopted, ratified]), [True, False])
    np.testing.assert_array_equal(eqx.filter_jit(rule.passes)([adopted, ratified]), [True, False])


def test_a_stage_turns_the_outcome_only_if_no_other_fails():
    rule = two_stages()
    carried, short = np.array([YES] * 5 + [NO] * 2, np.int8), np.array([YES] * 3 + [NO] * 4, np.int8)
    refused = np.array([NO] + [YES] * 6, np.int8)
    one = rule.explain([carried, refused])
    assert [(turn.member, turn.stage) for turn in one.decisive] == [("A", "ratification")]
    assert not rule.explain([short, refused]).decisive


def test_stages_as_a_game_of_everyone_that_votes_somewhere():
    rule = two_stages()
    yes = as_codes(all_votes(7, ("yes", "no"))) == YES
    np.testing.assert_array_equal(passes(rule.game(), yes), (yes.sum(1) >= 4) & yes[:, :2].all(1))
    assert rule.members == tuple("ABCDEFG")
