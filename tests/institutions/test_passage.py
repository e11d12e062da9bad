"""The probability that a motion passes: against every vote there can be, in limits, and by hand."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from math import comb

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from institutions.game_trees import ABSTAIN, NO, YES, decides, every_vote, trees
from orrery.base.errors import InstitutionError
from orrery.institutions import votes as codes
from orrery.institutions.catalogue import load_body
from orrery.institutions.diagram import diagram_of
from orrery.institutions.games import AllOf, TernaryThreshold, Threshold, n_members
from orrery.institutions.passage import passage, passage_from_votes, passage_probabilities, yes_probabilities

CODES = {YES: codes.YES, ABSTAIN: codes.ABSTAIN, NO: codes.NO}
UNSC = Threshold((7,) * 5 + (1,) * 10, 39)


@st.composite
def binary_cases(draw):
    tree = draw(trees(scale=draw(st.sampled_from([1, 10**25]))))
    return tree, np.array(draw(st.lists(st.floats(0, 1), min_size=tree.size, max_size=tree.size)))


@st.composite
def ternary_cases(draw):
    tree = draw(trees(ternary=draw(st.booleans()), largest=5))
    rows = draw(st.lists(st.tuples(*[st.integers(0, 9)] * 3).filter(any), min_size=tree.size, max_size=tree.size))
    return tree, np.array([[part / sum(row) for part in row] for row in rows])


def by_hand(game, chances: dict[int, np.ndarray], choices) -> tuple[float, np.ndarray, np.ndarray]:
    """The three probabilities, summed over every vote."""
    passes, pivotal, blocking = 0.0, np.zeros(n_members(game)), np.zeros(n_members(game))
    for vote in every_vote(game, choices):
        probability = float(np.prod([chances[choice][who] for who, choice in enumerate(vote)]))
        passed = decides(game, vote)
        passes += probability * passed
        for who in range(len(vote)):
            with_yes, with_no = (decides(game, (*vote[:who], choice, *vote[who + 1 :])) for choice in (YES, NO))
            pivotal[who] += probability * (with_yes and not with_no)
            blocking[who] += probability * (with_yes and not passed)
    return passes, pivotal, blocking


def agrees(found, expected) -> None:
    assert found.method == "exact (double precision)"
    assert found.standard_error == 0
    for value, wanted in zip((found.probability, found.pivotal, found.blocking), expected, strict=True):
        np.testing.assert_allclose(value, wanted, rtol=1e-12, atol=1e-14)


@settings(max_examples=40)
@given(binary_cases())
def test_binary_games_are_summed_over_every_vote(case):
    game, yes = case[0].game, case[1]
    agrees(passage(game, yes), by_hand(game, {YES: yes, NO: 1 - yes}, (NO, YES)))
    found = passage_probabilities(diagram_of(game), np.stack([yes, 1 - yes]))
    np.testing.assert_allclose(found, [passage(game, one).probability for one in (yes, 1 - yes)], atol=1e-14)


@settings(max_examples=60)
@given(ternary_cases())
def test_games_with_abstention_are_summed_over_every_vote(case):
    game, chances = case[0].game, case[1]
    by_choice = dict(zip((YES, ABSTAIN, NO), chances.T, strict=True))
    agrees(passage(game, chances), by_hand(game, by_choice, (NO, ABSTAIN, YES)))


@settings(max_examples=40)
@given(binary_cases(), st.data())
def test_a_likelier_yes_never_makes_passage_less_likely(case, data):
    game, yes = case[0].game, case[1]
    who = data.draw(st.integers(0, n_members(game) - 1))
    likelier = yes.copy()
    likelier[who] = data.draw(st.floats(yes[who], 1))
    assert passage(game, likelier).probability >= passage(game, yes).probability - 1e-12


@settings(max_examples=40)
@given(binary_cases())
def test_passage_is_linear_in_each_probability_with_the_pivotal_probability_as_slope(case):
    game, yes = case[0].game, case[1]
    middle = passage(game, yes)
    for who in range(len(yes)):
        at_one, at_zero = yes.copy(), yes.copy()
        at_one[who], at_zero[who] = 1, 0
        slope = passage(game, at_one).probability - passage(game, at_zero).probability
        np.testing.assert_allclose(middle.pivotal[who], slope, atol=1e-12)


@settings(max_examples=40)
@given(trees())
def test_certain_votes_decide_as_the_game_does(tree):
    game = tree.game
    for vote in every_vote(game)[:8]:
        found = passage(game, np.array([choice == YES for choice in vote], float))
        assert found.probability == decides(game, vote)


def test_the_security_council_by_hand():
    yes = np.array([0.9] * 5 + [0.5] * 10)
    found = passage(UNSC, yes)
    four_of_ten = sum(comb(10, count) for count in range(4, 11)) / 2**10
    assert found.probability == pytest.approx(0.9**5 * four_of_ten, rel=1e-14)
    np.testing.assert_allclose(found.pivotal[:5], 0.9**4 * four_of_ten, rtol=1e-13)
    np.testing.assert_allclose(found.pivotal[5:], 0.9**5 * comb(9, 3) / 2**9, rtol=1e-13)
    np.testing.assert_allclose(found.blocking, (1 - yes) * found.pivotal, rtol=1e-13)


def test_an_abstention_of_a_permanent_member_lets_pass_but_is_no_yes():
    rule = load_body("UNSC").rule("substantive", date(2024, 1, 1))
    members = load_body("UNSC").members(date(2024, 1, 1))
    permanent = np.isin(members, ["CHN", "FRA", "GBR", "RUS", "USA"])
    chances = np.where(permanent[:, None], [0.0, 0.8, 0.2], [0.9, 0.0, 0.1])
    nine_of_ten = 0.9**10 + 10 * 0.9**9 * 0.1
    found = passage(rule, chances)
    assert found.probability == pytest.approx(0.8**5 * nine_of_ten, rel=1e-13)
    # With a permanent yes, eight of ten are enough; with its no, none.
    eight_of_ten = nine_of_ten + 45 * 0.9**8 * 0.1**2
    np.testing.assert_allclose(found.pivotal[permanent], 0.8**4 * eight_of_ten, rtol=1e-13)


def test_two_hundred_members_with_vetoes_are_exact():
    count = 190
    game = AllOf((Threshold((1,) * count, 96), Threshold((1,) * 5 + (0,) * (count - 5), 5)))
    # Among the other 185, 91 yes or more of fair coins: the median of an odd number is 92.5 up.
    expected = sum(comb(185, yes) for yes in range(91, 186)) / 2**185 / 2**5
    assert passage(game, np.full(count, 0.5)).probability == pytest.approx(expected, rel=1e-12)


def test_thresholds_that_weigh_alike_share_their_sums_and_vetoes_add_one_bit():
    plain = diagram_of(Threshold((1,) * 40, 20))
    several = diagram_of(AllOf((Threshold((1,) * 40, 20), Threshold((2,) * 40, 31))))
    vetoes = diagram_of(AllOf((Threshold((1,) * 40, 20), Threshold((1,) * 5 + (0,) * 35, 5))))
    assert several.n_nodes == plain.n_nodes
    assert vetoes.n_nodes <= plain.n_nodes


def test_monte_carlo_agrees_within_four_standard_errors_and_is_paired():
    weights = tuple(int(weight) for weight in np.random.default_rng(3).integers(1, 10**6, 14))
    game = AllOf((Threshold(weights, sum(weights) // 2), Threshold((1,) * 14, 7)))
    yes = np.linspace(0.2, 0.95, 14)
    exact = passage(game, yes)
    found = passage(game, yes, key=jax.random.key(5), draws=20_000, most_nodes=50)
    assert (found.method, found.draws) == ("Monte Carlo", 20_000)
    assert 0 < found.standard_error < 0.004
    assert abs(found.probability - exact.probability) < 4 * found.standard_error
    assert (abs(found.pivotal - exact.pivotal) < 4 * found.pivotal_error).all()
    assert (abs(found.blocking - exact.blocking) < 4 * found.blocking_error).all()
    # The same luck under a rule that asks for more: never more passes, draw by draw.
    for easy, hard in pairwise(Threshold(weights, quota) for quota in (10**6, 3 * 10**6, 5 * 10**6)):
        probabilities = [
            passage(one, yes, key=jax.random.key(5), draws=500, most_nodes=50).probability for one in (easy, hard)
        ]
        assert probabilities[0] >= probabilities[1]


def test_monte_carlo_with_abstention_agrees_within_four_standard_errors():
    random = np.random.default_rng(4)
    yes, no = (tuple(int(weight) for weight in random.integers(1, 10**6, 12)) for _ in range(2))
    game = TernaryThreshold(yes, no, 0)
    chances = random.dirichlet((2, 1, 2), 12)
    exact, found = passage(game, chances), passage(game, chances, key=jax.random.key(6), draws=20_000, most_nodes=9)
    assert found.method == "Monte Carlo"
    assert abs(found.probability - exact.probability) < 4 * found.standard_error
    assert (abs(found.pivotal - exact.pivotal) < 4 * found.pivotal_error).all()
    assert (abs(found.blocking - exact.blocking) < 4 * found.blocking_error).all()


def test_what_never_happened_in_the_draws_has_an_error():
    game = Threshold(tuple(range(1, 15)), 105)
    found = passage(game, np.full(14, 0.01), key=jax.random.key(1), draws=1000, most_nodes=5)
    assert found.probability == 0 < found.standard_error


def test_without_a_key_too_many_sums_are_refused():
    with pytest.raises(InstitutionError, match=r"`key`.*more than 30 joint sums"):
        passage(Threshold(tuple(2**place for place in range(12)), 2000), np.full(12, 0.5), most_nodes=30)
    assert diagram_of(Threshold((1, 2, 4, 8), 7), most_nodes=5) is None
    with pytest.raises(InstitutionError, match="a game with abstention came"):
        passage_probabilities(diagram_of(TernaryThreshold((1, 1), (1, 1), 0)), np.full((1, 2), 0.5))


@settings(max_examples=30)
@given(ternary_cases(), st.integers(0, 2**31))
def test_draws_of_votes_are_counted(case, seed):
    game, chances = case[0].game, case[1]
    random = np.random.default_rng(seed)
    drawn = [[random.choice((YES, ABSTAIN, NO), p=row) for row in chances] for _ in range(9)]
    found = passage_from_votes(game, np.array([[CODES[vote] for vote in one] for one in drawn], np.int8))
    assert found.probability == pytest.approx(np.mean([decides(game, tuple(one)) for one in drawn]))
    for who in range(len(chances)):
        turned = [[decides(game, (*one[:who], vote, *one[who + 1 :])) for vote in (YES, NO)] for one in drawn]
        assert found.pivotal[who] == pytest.approx(np.mean([with_yes and not with_no for with_yes, with_no in turned]))
        blocks = [turn[0] and not decides(game, tuple(one)) for turn, one in zip(turned, drawn, strict=True)]
        assert found.blocking[who] == pytest.approx(np.mean(blocks))


def test_votes_that_depend_on_each_other():
    rule = load_body("UNSC").rule("substantive", date(2024, 1, 1))
    together = np.repeat([[codes.YES], [codes.NO]], 15, 1).astype(np.int8)
    found = passage_from_votes(rule, np.tile(together, (500, 1)))
    assert (found.probability, found.method, found.draws) == (0.5, "Monte Carlo", 1000)
    # All move together: no elected member is alone decisive, a permanent one is while all say yes.
    assert sorted(set(found.pivotal.tolist())) == [0, 0.5]
    assert not found.blocking.any()


def test_absence_is_for_rules_alone():
    votes = np.full((3, 15), codes.ABSENT, np.int8)
    rule = load_body("UNSC").rule("substantive", date(2024, 1, 1))
    assert passage_from_votes(rule, votes).probability == 0
    with pytest.raises(InstitutionError, match=r"`votes`: the codes \[-1\]"):
        passage_from_votes(rule.game(), votes)


def test_the_chance_of_being_closer_to_the_proposal():
    mean, sd = np.array([-1.0, 0.0, 0.5, 2.0]), np.array([0.5, 1.0, 0.2, 0.3])
    found = yes_probabilities(mean, sd, 1.0, 0.0)
    np.testing.assert_allclose(found, norm.sf(0.5, mean, sd), rtol=1e-12)
    np.testing.assert_allclose(found + yes_probabilities(mean, sd, 0.0, 1.0), 1, rtol=1e-12)
    draws = np.random.default_rng(1).normal(mean, sd, (100_000, 4))
    np.testing.assert_allclose((abs(draws - 1) < abs(draws)).mean(0), found, atol=0.007)
    several = yes_probabilities(mean, sd, np.array([1.0, 0.0]), np.array([0.0, 1.0]))
    np.testing.assert_array_equal(several[0], found)
    assert several.shape == (2, 4)


def test_a_certain_position_is_for_what_is_strictly_closer():
    mean = np.array([0.4, 0.5, 0.6])
    assert yes_probabilities(mean, np.zeros(3), 1.0, 0.0).tolist() == [0, 0, 1]
    assert yes_probabilities(mean, np.zeros(3), 0.0, 1.0).tolist() == [1, 0, 0]


@pytest.mark.parametrize(
    ("chances", "words"),
    [
        (np.full(14, 0.5), "14 came for 15 members"),
        (np.full(15, 1.5), r"1\.5 came; give probabilities"),
        (np.full(15, np.nan), "nan came"),
        (np.full((15, 3), 0.5), r"sums from 1\.5 to 1\.5"),
        (np.full((15, 2), 0.5), r"shape \(15, 2\)"),
    ],
)
def test_what_is_no_probability_is_refused(chances, words):
    with pytest.raises(InstitutionError, match=words):
        passage(UNSC, chances)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ((np.zeros(2), np.ones(2), 1.0, 1.0), "which is the status quo"),
        ((np.zeros(2), -np.ones(2), 1.0, 0.0), "`sd`: -1"),
        ((np.array([0, np.nan]), np.ones(2), 1.0, 0.0), "`mean`: nan"),
        ((np.zeros(2), np.ones(2), np.inf, 0.0), "`proposal`: inf"),
    ],
)
def test_what_is_no_position_is_refused(values, words):
    with pytest.raises(InstitutionError, match=words):
        yes_probabilities(*values)


@pytest.mark.parametrize(
    ("votes", "words"),
    [
        (np.zeros((0, 15), np.int8), r"shape \(0, 15\)"),
        (np.zeros((4, 14), np.int8), "15 members"),
        (np.full((4, 15), 7, np.int8), r"codes \[7\]"),
    ],
)
def test_what_are_no_votes_is_refused(votes, words):
    with pytest.raises(InstitutionError, match=words):
        passage_from_votes(UNSC, votes)
