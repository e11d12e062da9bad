"""Every method of counting how often members decide gives what all votes give, and all agree where several reach."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from institutions.game_trees import trees
from institutions.power_oracle import count, count_ternary, random_game
from orrery.base.errors import InstitutionError
from orrery.institutions.games import AllOf, AnyOf, TernaryThreshold, Threshold, binary
from orrery.institutions.power import Method, counting
from orrery.institutions.power.chances import Chances
from orrery.institutions.power.counting import banzhaf_counted, roll_call_counted, shapley_counted
from orrery.institutions.power.decisive import (
    _banzhaf_of_halves,
    _shapley_of_halves,
    banzhaf_chances,
    shapley_chances,
)
from orrery.institutions.power.dense import decided_densely
from orrery.institutions.power.halves import Half, _by_pairs, _by_search
from orrery.institutions.power.lightest import minimal_by_lightest
from orrery.institutions.power.mixed import banzhaf_mixed, cost_mixed, shapley_mixed
from orrery.institutions.power.public_good import _by_kind, seats_in_minimal_coalitions
from orrery.institutions.power.sampling import sampled, sampled_roll_calls
from orrery.institutions.power.spectrum import Spectrum
from orrery.institutions.power.sums import sums_of
from orrery.institutions.power.weighted import banzhaf_weighted, quadrature, shapley_weighted

BINARY_WAYS = {
    "grid": (banzhaf_counted, shapley_counted),
    "roll calls": (banzhaf_counted, roll_call_counted),
    "halves": (_banzhaf_of_halves, _shapley_of_halves),
}


def exact(chances: Chances) -> list[Fraction]:
    assert chances.method is Method.INTEGERS
    assert chances.error == 0
    return [Fraction(one) for one in chances.decides]


@pytest.mark.parametrize("way", BINARY_WAYS)
@settings(max_examples=40)
@given(tree=trees())
def test_binary_games_equal_all_coalitions(way, tree):
    banzhaf, shapley = BINARY_WAYS[way]
    sums, expected = sums_of(tree.game), count(tree.game)
    found = banzhaf(sums)
    assert exact(found) == expected.banzhaf
    assert found.passes == expected.passes
    assert exact(shapley(sums)) == expected.shapley


@pytest.mark.parametrize("way", BINARY_WAYS)
@pytest.mark.parametrize("size", [12, 14, 16])
@pytest.mark.parametrize("seed", range(3))
def test_games_of_many_members_equal_all_coalitions(way, size, seed):
    banzhaf, shapley = BINARY_WAYS[way]
    game = random_game(seed * 100 + size, size, heaviest=9 if way != "halves" else 10**9)
    sums, expected = sums_of(game), count(game)
    found = banzhaf(sums)
    assert exact(found) == expected.banzhaf
    assert found.passes == expected.passes
    assert exact(shapley(sums)) == expected.shapley
    assert list(seats_in_minimal_coalitions(game)) == expected.seats


@settings(max_examples=40)
@given(tree=trees(ternary=True, largest=5))
def test_games_with_abstention_equal_all_votes_in_all_orders(tree):
    sums = sums_of(tree.game)
    expected = count_ternary(tree.game, orders=tree.size <= 4)
    found = banzhaf_counted(sums)
    assert exact(found) == expected.banzhaf
    assert found.passes == expected.passes
    if tree.size <= 4:
        assert exact(roll_call_counted(sums)) == expected.shapley


@pytest.mark.parametrize("size", [7, 8, 9])
@pytest.mark.parametrize("seed", range(3))
def test_games_with_abstention_of_more_members_equal_all_votes(size, seed):
    game = random_game(seed * 10 + size, size, ternary=True)
    expected = count_ternary(game, orders=False)
    found = banzhaf_counted(sums_of(game))
    assert exact(found) == expected.banzhaf
    assert found.passes == expected.passes


@settings(max_examples=30)
@given(tree=trees(largest=9))
def test_double_precision_equals_whole_numbers(tree):
    sums = sums_of(tree.game)
    ways = (banzhaf_counted, shapley_counted, roll_call_counted)
    wholes = [way(sums) for way in ways]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "WORD", 0)
        patch.setattr(counting, "QUICK", 0)
        doubles = [way(sums) for way in ways]
    for whole, double in zip(wholes, doubles, strict=True):
        assert double.method is Method.DOUBLE
        np.testing.assert_allclose(double.values, whole.values, rtol=1e-12, atol=double.error)


@settings(max_examples=30)
@given(tree=trees(largest=6))
def test_large_whole_numbers_equal_small_ones(tree):
    sums = sums_of(tree.game)
    small = banzhaf_counted(sums), shapley_counted(sums)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "WORD", 0)
        large = banzhaf_counted(sums), shapley_counted(sums)
    assert [one.decides for one in large] == [one.decides for one in small]
    assert {one.method for one in large} == {Method.INTEGERS}


@settings(max_examples=40)
@given(tree=trees(largest=8))
def test_the_two_ways_with_halves_agree(tree):
    sums = sums_of(tree.game)
    members = list(range(sums.n_members))
    first, second = Half.of(sums, members[::2]), Half.of(sums, members[1::2])
    for searched, paired in zip(_by_search(sums, first, second), _by_pairs(sums, first, second), strict=True):
        np.testing.assert_array_equal(searched, paired)


@settings(max_examples=30)
@given(tree=trees())
def test_the_dual_leaves_the_same_decisions(tree):
    sums = sums_of(tree.game)
    assert banzhaf_counted(sums.dual()).decides == banzhaf_counted(sums).decides
    assert banzhaf_counted(sums.dual()).passes == 1 - banzhaf_counted(sums).passes
    assert shapley_counted(sums.dual()).decides == shapley_counted(sums).decides


@settings(max_examples=30)
@given(tree=trees(largest=8))
def test_kinds_of_coalition_and_ways_through_the_diagram_count_the_same_seats(tree):
    expected = count(tree.game).seats
    assert list(seats_in_minimal_coalitions(tree.game)) == expected
    assert list(_by_kind(sums_of(tree.game))) == expected


@settings(max_examples=40)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=9), st.integers(-1, 40))
def test_lightest_members_tell_minimal_coalitions_apart(weights, quota):
    assert minimal_by_lightest(np.array(weights), quota) == count(Threshold(tuple(weights), quota)).seats


# One weighted quota and many members: double precision with a bound


def line(size: int, heaviest: int, seed: int) -> tuple[int, ...]:
    draw = np.random.default_rng(seed)
    return tuple(np.maximum(draw.pareto(1.1, size) * heaviest / 50 + 1, 1).astype(int).clip(1, heaviest).tolist())


@pytest.mark.parametrize("share", [0.02, 0.3, 0.5, 0.7, 0.85, 0.98])
@pytest.mark.parametrize(("size", "heaviest"), [(2, 5), (7, 100), (20, 100_000), (26, 1_000_000)])
def test_weighted_quotas_equal_whole_numbers(size, heaviest, share):
    weights = line(size, heaviest, size)
    game = Threshold(weights, max(int(sum(weights) * share), 1))
    sums = sums_of(game)
    for way, whole in ((banzhaf_weighted, _banzhaf_of_halves), (shapley_weighted, _shapley_of_halves)):
        found, expected = way(sums), whole(sums)
        assert found.error < 1e-9
        np.testing.assert_allclose(found.values, expected.values, rtol=0, atol=found.error)
    found, expected = banzhaf_weighted(sums), _banzhaf_of_halves(sums)
    assert float(found.passes) == pytest.approx(float(expected.passes), abs=found.error)


@pytest.mark.parametrize("share", [0.501, 0.7, 0.85, 0.95])
def test_weighted_quotas_of_many_members_equal_the_grid(share):
    weights = line(100, 400, 3)
    sums = sums_of(Threshold(weights, int(sum(weights) * share)))
    for way, grid in ((banzhaf_weighted, banzhaf_counted), (shapley_weighted, shapley_counted)):
        found, expected = way(sums), grid(sums)
        assert found.error < 1e-9
        np.testing.assert_allclose(found.values, expected.values, rtol=0, atol=found.error + expected.error)
    # The grid adds positive numbers only, so that even the smallest value has all its digits; so must the spectrum.
    found, expected = banzhaf_weighted(sums).values, banzhaf_counted(sums).values
    np.testing.assert_allclose(found, expected, rtol=1e-8)


def imf_like() -> np.ndarray:
    """190 weights of about five million in all: one of 16.5 %, a long tail, a floor of 1,450."""
    tail = 0.06 * np.exp(-np.linspace(0, 7, 189))
    shares = np.concatenate([[0.165], tail * (1 - 0.165) / tail.sum()])
    return np.sort((shares * (5_030_000 - 190 * 1450)).astype(int) + 1450)


@pytest.mark.parametrize("share", [0.5, 0.85])
@pytest.mark.parametrize("chance", [0.05, 0.25, 0.5])
def test_spectrum_and_whole_distribution_agree_on_weights_of_the_size_of_the_fund(share, chance):
    weights = imf_like()
    quota = int(weights.sum() * share) + 1
    threshold = min(quota, int(weights.sum()) - quota + 1)
    dense = decided_densely(weights, threshold, chance)
    found = Spectrum(weights, threshold).decide(np.full(len(weights), chance), 1e-11)
    if chance == 0.05:
        # So few vote yes that single sums stand out: no few hundred frequencies hold them.
        assert found is None
    else:
        assert found is not None
        assert found.error <= 1e-11
        np.testing.assert_allclose(found.decides, dense.decides, rtol=0, atol=found.error + dense.error)
        np.testing.assert_allclose(found.passes, dense.passes, rtol=0, atol=found.error + dense.error)


@pytest.mark.parametrize("factor", [1, 97, 1000])
def test_weights_that_resonate_are_not_taken_for_smooth(factor):
    # All but one weight are multiples of a factor, which leaves peaks far out in the spectrum.
    weights = np.sort(np.append(imf_like()[60:160] // 50 * factor, 1))
    threshold = int(weights.sum()) // 2
    dense = decided_densely(weights, threshold, 0.4)
    found = Spectrum(weights, threshold).decide(np.full(len(weights), 0.4), 1e-13)
    if found is not None:
        np.testing.assert_allclose(found.decides, dense.decides, rtol=0, atol=found.error + dense.error)
    assert dense.decides[0] < 1e-2


@settings(max_examples=40)
@given(st.lists(st.integers(1, 50), min_size=1, max_size=10), st.data())
def test_single_chances_are_those_of_all_votes(weights, data):
    chances = np.array(data.draw(st.lists(st.floats(0.05, 0.95), min_size=len(weights), max_size=len(weights))))
    threshold = data.draw(st.integers(1, sum(weights)))
    found = Spectrum(np.array(weights), threshold).decide(chances, 1e-12)
    assert found is not None
    holds = (np.arange(2 ** len(weights))[:, None] >> np.arange(len(weights))) & 1
    likely = np.prod(np.where(holds == 1, chances, 1 - chances), 1)
    total = holds @ np.array(weights)
    np.testing.assert_allclose(found.passes, likely[total >= threshold].sum(), rtol=1e-9, atol=1e-13)
    for member, weight in enumerate(weights):
        others = total - holds[:, member] * weight
        left = likely[(others < threshold) & (others + weight >= threshold)].sum()
        np.testing.assert_allclose(found.decides[member], left, rtol=1e-8, atol=1e-13)


@pytest.mark.parametrize("n_members", [1, 2, 5, 40, 193])
def test_the_quadrature_is_right_for_every_polynomial_that_values_are_made_of(n_members):
    nodes, weights = quadrature(n_members)
    for yes in range(n_members):
        terms = comb(n_members - 1, yes) * nodes**yes * (1 - nodes) ** (n_members - 1 - yes)
        assert weights @ terms == pytest.approx(1 / n_members, rel=2e-10)


@pytest.mark.parametrize("quota", [-5, 0, 7])
def test_a_fixed_outcome_leaves_nobody_a_decision(quota):
    sums = sums_of(Threshold((3, 2, 1, 0), quota))
    for way in (banzhaf_weighted, banzhaf_counted, shapley_weighted, shapley_counted, roll_call_counted):
        assert not way(sums).values.any()
    assert {banzhaf_weighted(sums).passes, banzhaf_counted(sums).passes} == {1 if quota < 1 else 0}


def test_who_weighs_nothing_never_decides():
    sums = sums_of(Threshold((3, 0, 2, 0, 2), 4))
    for way in (banzhaf_weighted, shapley_weighted):
        np.testing.assert_array_equal(way(sums).values == 0, [False, True, False, True, False])


# Monte Carlo


@pytest.mark.parametrize("ternary", [False, True])
def test_monte_carlo_is_within_its_error(ternary):
    game = random_game(4, 9, ternary=ternary)
    sums = sums_of(game)
    for drawn, whole in ((sampled, banzhaf_counted), (sampled_roll_calls, roll_call_counted)):
        found, expected = drawn(jax.random.key(1), sums), whole(sums)
        assert found.method is Method.SAMPLED
        assert found.errors is not None
        assert (np.abs(found.values - expected.values) < 4.5 * np.array(found.errors)).all()
    assert abs(float(sampled(jax.random.key(1), sums).passes) - float(banzhaf_counted(sums).passes)) < 4.5 * 0.001


def test_the_same_key_gives_the_same_numbers_and_more_draws_go_on():
    sums = sums_of(random_game(4, 9))
    one, other = (sampled(jax.random.key(3), sums, n_draws=4096).decides for _ in range(2))
    assert one == other
    assert sampled(jax.random.key(4), sums, n_draws=4096).decides != one


def test_a_fixed_outcome_has_no_pivot_in_draws():
    sums = sums_of(AnyOf((Threshold((1, 1), 0), Threshold((1, 1), 2))))
    assert not sampled_roll_calls(jax.random.key(0), sums, n_draws=4096).values.any()


def huge() -> AllOf:
    weights = imf_like().tolist()
    return AllOf((Threshold(tuple(weights), 4_000_000), Threshold(tuple(sorted(weights[::-1])[::-1]), 4_000_000)))


def test_what_no_exact_method_reaches_needs_a_key():
    sums = sums_of(huge())
    for way in (banzhaf_chances, shapley_chances):
        with pytest.raises(InstitutionError, match=r"`game`: 190 members and 2 totals.*Give a `key`"):
            way(sums)


def test_weights_beyond_64_bits_are_refused():
    with pytest.raises(InstitutionError, match="`weights`: they add up to"):
        sums_of(Threshold((2**61, 2**61 + 1, 2**61), 2**61))


def test_sums_that_memory_does_not_hold_are_not_tried():
    weights = np.random.default_rng(2).integers(10**12, 10**13, 60).tolist()
    sums = sums_of(Threshold(tuple(weights), sum(weights) // 2))
    with pytest.raises(InstitutionError, match="`game`: 60 members"):
        shapley_chances(sums)
    assert shapley_chances(sums, jax.random.key(0)).method is Method.SAMPLED


def test_unanimity_needs_no_other_total():
    weights = imf_like().tolist()
    game = AllOf((Threshold(tuple(weights), sum(weights) // 2), Threshold((1,) * 190, 190)))
    assert sums_of(game).n_totals == 1
    assert exact(banzhaf_chances(sums_of(game))) == [Fraction(1, 2**189)] * 190


def test_a_ternary_game_in_which_nobody_can_object_is_one_of_yes_alone():
    ternary = TernaryThreshold((3, 2, 1), (0, 0, 0), 4)
    sums, plain = sums_of(ternary), sums_of(binary(ternary))
    assert sums.n_choices == 3
    assert plain.n_choices == 2
    # Abstention counts as no, which is then twice as likely as yes.
    assert exact(banzhaf_counted(sums)) == [Fraction(5, 9), Fraction(2, 9), Fraction(2, 9)]


# A weighted quota and others of small totals


def several_quotas(size: int, seed: int) -> list[AllOf | AnyOf]:
    weights = line(size, 300, seed)
    total, ones = sum(weights), (1,) * size
    heads = Threshold(ones, int(0.55 * size))
    return [
        AllOf((heads, Threshold(weights, int(0.7 * total)))),
        AnyOf((AllOf((heads, Threshold(weights, int(0.65 * total)))), Threshold(ones, size - 4))),
        AllOf((Threshold(weights, total // 2), Threshold((1,) * 5 + (0,) * (size - 5), 5))),
    ]


@pytest.mark.parametrize("form", range(3))
@pytest.mark.parametrize("size", [5, 12, 25])
def test_several_quotas_equal_the_grid(size, form):
    sums = sums_of(several_quotas(size, size)[form])
    for way, grid in ((banzhaf_mixed, banzhaf_counted), (shapley_mixed, shapley_counted)):
        found, expected = way(sums), grid(sums)
        assert found is not None
        assert found.error < 1e-9
        np.testing.assert_allclose(found.values, expected.values, rtol=0, atol=found.error + 1e-15)
    found, expected = banzhaf_mixed(sums), banzhaf_counted(sums)
    assert float(found.passes) == pytest.approx(float(expected.passes), abs=found.error)


def test_three_fifths_of_the_members_and_85_percent_of_the_votes():
    weights = tuple(imf_like().tolist())
    sums = sums_of(AllOf((Threshold((1,) * 190, 114), Threshold(weights, int(sum(weights) * 0.85) + 1))))
    found, drawn = banzhaf_chances(sums), sampled(jax.random.key(5), sums, n_draws=2**13)
    assert found.method is Method.DOUBLE
    assert found.error < 1e-11
    assert (np.abs(found.values - drawn.values) <= 5 * np.array(drawn.errors)).all()
    # Where the count does not matter, the game is one of the votes alone.
    alone = banzhaf_chances(sums_of(Threshold(weights, int(sum(weights) * 0.85) + 1)))
    slack = sums_of(AllOf((Threshold((1,) * 190, 20), Threshold(weights, int(sum(weights) * 0.85) + 1))))
    np.testing.assert_allclose(banzhaf_mixed(slack).values, alone.values, rtol=0, atol=1e-12)


def test_two_large_totals_are_out_of_reach_of_one_spectrum():
    assert cost_mixed(sums_of(huge())) > 1e12
