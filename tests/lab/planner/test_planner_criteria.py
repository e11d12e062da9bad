"""Criteria: against sums written out, their limits, and the errors of resampling."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orrery.lab.planner.candidates import Kind, named, spread
from orrery.lab.planner.criteria import (
    HIGH_REGRET,
    Best,
    criteria,
    lowest_mean,
    masses,
    quantile,
    resampled,
    scenario_regrets,
)
from orrery.lab.planner.plan import front

SHAPE = (3, 40, 5)
WEIGHTS = np.array([0.5, 0.3, 0.2])


def made_outcomes(seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    return random.normal(random.normal(0, 1, (SHAPE[0], 1, SHAPE[2])), 1, SHAPE)


def best_of(outcomes: np.ndarray) -> Best:
    place = outcomes.mean(1).argmax(-1)
    chosen = np.take_along_axis(outcomes, place[:, None, None], 2)[..., 0]
    return Best(chosen, outcomes.max(-1))


@given(seed=st.integers(0, 10_000), part=st.floats(0.02, 1))
def test_the_lowest_mean_is_that_of_outcomes_repeated_by_weight(seed, part):
    random = np.random.default_rng(seed)
    times, values = random.integers(1, 6, 8), random.normal(0, 1, (8, 1))
    repeated = np.sort(np.repeat(values[:, 0], times * 1_000))
    expected = repeated[: max(1, round(part * len(repeated)))].mean()
    assert lowest_mean(values, times / times.sum(), part)[0] == pytest.approx(expected, abs=5e-3)


def test_the_lowest_mean_ends_in_minimum_and_mean():
    values, mass = np.array([[3.0], [1.0], [2.0]]), np.array([0.2, 0.5, 0.3])
    assert lowest_mean(values, mass, 1.0)[0] == pytest.approx(mass @ values[:, 0])
    assert lowest_mean(values, mass, 0.1)[0] == pytest.approx(1.0)
    assert lowest_mean(values, mass, 0.6)[0] == pytest.approx((0.5 * 1 + 0.1 * 2) / 0.6)


def test_a_quantile_is_the_first_outcome_that_reaches_the_level():
    values, mass = np.array([[3.0], [1.0], [2.0]]), np.array([0.2, 0.5, 0.3])
    assert [quantile(values, mass, level)[0] for level in (0.1, 0.5, 0.51, 0.8, 0.81)] == [1, 1, 2, 2, 3]


def test_criteria_are_the_sums_that_they_are_called():
    outcomes = made_outcomes(1)
    best = best_of(outcomes)
    found = criteria(outcomes, best, WEIGHTS)
    np.testing.assert_allclose(found.mean, WEIGHTS @ outcomes.mean(1))
    regrets = outcomes.mean(1).max(-1, keepdims=True) - outcomes.mean(1)
    np.testing.assert_allclose(found.largest_regret, regrets.max(0))
    np.testing.assert_allclose(scenario_regrets(outcomes, best, np.ones(40)), regrets, atol=1e-12)
    equal = criteria(outcomes, best, np.full(3, 1 / 3))
    flat = np.sort(outcomes.reshape(-1, 5), axis=0)
    np.testing.assert_allclose(equal.worst_decile, flat[:12].mean(0))
    further = np.sort((outcomes.max(-1, keepdims=True) - outcomes).reshape(-1, 5), axis=0)
    np.testing.assert_allclose(equal.high_regret, further[round(HIGH_REGRET * 120) - 1])


@given(seed=st.integers(0, 10_000))
def test_regret_is_never_below_zero_and_the_worst_decile_never_above_the_mean(seed):
    outcomes = made_outcomes(seed)
    found = criteria(outcomes, best_of(outcomes), WEIGHTS)
    assert (found.largest_regret >= -1e-12).all()
    assert (found.high_regret >= 0).all()
    assert (found.worst_decile <= found.mean + 1e-12).all()


def test_a_level_that_all_share_changes_no_regret():
    outcomes = made_outcomes(2)
    level = np.random.default_rng(3).normal(0, 5, SHAPE[:2])[..., None]
    one = criteria(outcomes, best_of(outcomes), WEIGHTS)
    other = criteria(outcomes + level, Best(*(b + level[..., 0] for b in vars(best_of(outcomes)).values())), WEIGHTS)
    np.testing.assert_allclose(one.largest_regret, other.largest_regret)
    np.testing.assert_allclose(one.high_regret, other.high_regret)


def test_the_error_of_a_mean_is_its_standard_error():
    random = np.random.default_rng(4)
    outcomes = np.repeat(random.normal(0, 2, (1, 100, 1)), 2, axis=2)
    samples = resampled(outcomes, best_of(outcomes), np.ones(1), seed=1)
    expected = outcomes[0, :, 0].std(ddof=1) / 10
    assert samples.mean.shape == (200, 2)
    assert np.std(samples.mean[:, 0], ddof=1) == pytest.approx(expected, rel=0.15)
    np.testing.assert_array_equal(samples.mean[:, 0], samples.mean[:, 1])


def test_weights_of_outcomes_are_those_of_scenario_times_draw():
    np.testing.assert_allclose(masses(np.array([0.25, 0.75]), np.array([1.0, 3.0])), np.array([1, 3, 3, 9]) / 16)


@given(seed=st.integers(0, 10_000), ties=st.booleans())
def test_the_front_is_what_no_candidate_beats(seed, ties):
    mean, worst = np.random.default_rng(seed).normal(0, 1, (2, 12)).round(0 if ties else 9)
    beats = (mean[None] >= mean[:, None]) & (worst[None] >= worst[:, None])
    beats &= (mean[None] > mean[:, None]) | (worst[None] > worst[:, None])
    on_front = front(mean, worst)
    assert not beats[on_front].any()
    # Of candidates that are alike in both, one stands for all.
    kept = set(zip(mean[on_front], worst[on_front], strict=True))
    assert kept == set(zip(mean[~beats.any(1)], worst[~beats.any(1)], strict=True))


def test_named_candidates_are_portfolios_with_todays_engagement():
    today = np.array([0.3, 0.1, 0.4, 0.2])
    found = {one.name: one for one in named(today, ("P0", "P1", "P2"))}
    assert len(found) == 1 + 1 + 1 + 3 + 3 + 3
    for one in found.values():
        assert one.shares.sum() == pytest.approx(1)
        assert one.shares.min() >= 0
        if one.kind in (Kind.HEDGE, Kind.CAMP):
            assert one.shares[0] == pytest.approx(0.3)
    np.testing.assert_allclose(found["lean to P1"].shares, [0.15, 0.05, 0.7, 0.1])
    np.testing.assert_allclose(found["equal shares, P0 and P2"].shares, [0.3, 0.35, 0, 0.35])


def test_the_spread_covers_the_simplex_evenly_and_repeats_with_its_seed():
    shares = np.stack([one.shares for one in spread(4, 7)])
    np.testing.assert_allclose(shares.sum(1), 1)
    np.testing.assert_allclose(shares.mean(0), 0.25, atol=0.03)
    # The variance of a share under the uniform Dirichlet distribution is (n - 1) / (n² (n + 1)).
    np.testing.assert_allclose(shares.var(0), 3 / 80, rtol=0.25)
    np.testing.assert_array_equal(shares, np.stack([one.shares for one in spread(4, 7)]))
