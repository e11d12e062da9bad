"""Scores: Brier and its parts, the continuous ranked probability score, ranks, and intervals over groups."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from orrery.negotiation.forecasts import scores
from orrery.negotiation.forecasts.scores import brier, brier_parts, crps, interval, rank_of

RNG = np.random.default_rng(4)


@st.composite
def forecasts(draw, least: int = 5):
    n = draw(st.integers(least, 60))
    chance = np.array(draw(st.lists(st.floats(0, 1), min_size=n, max_size=n)))
    happened = np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    return chance, happened


def test_brier_by_hand():
    np.testing.assert_allclose(
        brier(np.array([0.0, 1.0, 0.5, 0.9]), np.array([False, True, True, False])), [0, 0, 0.25, 0.81]
    )


@settings(max_examples=30)
@given(forecasts())
def test_the_parts_of_brier_add_up(given_):
    chance, happened = given_
    parts = brier_parts(chance, happened)
    total = parts.reliability - parts.resolution + parts.uncertainty + parts.within
    assert total == pytest.approx(brier(chance, happened).mean(), abs=1e-9)
    assert min(parts.reliability, parts.resolution) >= 0
    assert parts.resolution <= parts.uncertainty + 1e-12


@given(st.lists(st.booleans(), min_size=5, max_size=5), st.integers(1, 8))
def test_nothing_is_left_over_where_forecasts_of_a_bin_are_alike(happened, copies):
    """Murphy (1973): the three parts are exact if every forecast of a bin is its mean."""
    chance = np.repeat([0.1, 0.3, 0.5, 0.7, 0.9], copies)
    parts = brier_parts(chance, np.repeat(happened, copies))
    assert parts.within == pytest.approx(0, abs=1e-12)


def test_parts_of_the_perfect_and_of_the_constant_forecast():
    happened = np.repeat([False, True], 10)
    perfect = brier_parts(happened.astype(float), happened, n_bins=2)
    assert (perfect.reliability, perfect.resolution) == pytest.approx((0, 0.25))
    constant = brier_parts(np.full(20, 0.5), happened, n_bins=1)
    assert (constant.reliability, constant.resolution, constant.uncertainty) == pytest.approx((0, 0, 0.25))


@settings(max_examples=20)
@given(forecasts(), st.randoms(use_true_random=False))
def test_brier_does_not_depend_on_the_order_of_cases(given_, random):
    chance, happened = given_
    order = list(range(len(chance)))
    random.shuffle(order)
    assert brier(chance, happened).mean() == pytest.approx(brier(chance[order], happened[order]).mean())


@pytest.mark.parametrize("observed", [-1.5, 0.0, 0.7])
def test_crps_of_draws_is_that_of_the_normal(observed):
    """Gneiting & Raftery (2007, eq. 5) for N(mean, sd): sd (z (2 F(z) - 1) + 2 f(z) - 1 / sqrt(pi))."""
    mean, sd = 0.2, 0.8
    z = (observed - mean) / sd
    exact = sd * (z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - 1 / np.sqrt(np.pi))
    draws = RNG.normal(mean, sd, 40_000)
    assert float(crps(draws, observed)) == pytest.approx(exact, abs=0.01)


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=12), st.floats(-5, 5))
def test_crps_is_the_mean_distance_less_half_that_between_pairs(draws, observed):
    values = np.array(draws)
    apart = np.abs(values[:, None] - values[None, :]).sum() / (len(values) * (len(values) - 1))
    assert float(crps(values, observed)) == pytest.approx(np.abs(values - observed).mean() - apart / 2, abs=1e-9)


def test_crps_of_several_issues_takes_draws_along_the_first_axis():
    draws = RNG.normal(size=(100, 3))
    observed = np.array([0.0, 1.0, 2.0])
    np.testing.assert_allclose(crps(draws, observed), [float(crps(draws[:, k], observed[k])) for k in range(3)])


def test_ranks_share_ties_and_take_the_best_of_several():
    likely = np.array([0.5, 0.2, 0.2, 0.1, 0.0])
    assert [rank_of(likely, [place]) for place in range(5)] == [1, 2.5, 2.5, 4, 5]
    assert rank_of(likely, [3, 1]) == 2.5
    assert rank_of(np.zeros(5), [4]) == 3


@given(st.lists(st.floats(0, 1), min_size=2, max_size=20))
def test_ranks_of_all_parties_sum_as_places_do(likely):
    values = np.array(likely)
    n = len(values)
    assert sum(rank_of(values, [place]) for place in range(n)) == pytest.approx(n * (n + 1) / 2)


def test_an_interval_leaves_out_what_has_no_score():
    values = np.array([1.0, np.nan, 2.0, 3.0])
    found = interval(values, ("a", "b", "c", "d"))
    assert (found.mean, found.n_cases) == (2.0, 3)
    assert 1 <= found.low <= found.mean <= found.high <= 3


def test_an_interval_of_one_value_has_no_width():
    found = interval(np.full(8, 0.3), tuple("abcdefgh"))
    assert (found.low, found.mean, found.high) == pytest.approx((0.3, 0.3, 0.3))


@settings(max_examples=5)
@given(st.integers(0, 1_000))
def test_copies_of_a_case_in_one_group_add_no_certainty(seed):
    values = np.random.default_rng(seed).normal(size=12)
    groups = tuple(str(place) for place in range(12))
    once, thrice = interval(values, groups, seed), interval(np.repeat(values, 3), tuple(np.repeat(groups, 3)), seed)
    assert (thrice.low, thrice.high) == pytest.approx((once.low, once.high))


def test_intervals_hold_the_truth_about_as_often_as_they_say(monkeypatch):
    """Forty groups of 1 to 3 cases that share an effect: 95 % intervals hold the mean in 87 to 99 % of samples."""
    monkeypatch.setattr(scores, "N_RESAMPLES", 200)
    held = 0
    for sample in range(100):
        draw = np.random.default_rng(sample)
        sizes = draw.integers(1, 4, 40)
        groups = tuple(str(place) for place in np.repeat(np.arange(40), sizes))
        values = np.repeat(draw.normal(size=40), sizes) + 0.3 * draw.normal(size=sizes.sum())
        found = interval(values, groups, seed=sample)
        held += found.low <= 0 <= found.high
    assert 87 <= held <= 99
