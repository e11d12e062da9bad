"""Probabilistic Condorcet elections: by hand, against repeated challenges, and in the limit of certain victory."""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orrery.negotiation.solutions import elections
from orrery.negotiation.solutions.baselines import weighted_median
from orrery.negotiation.solutions.elections import alike, first_of_each

beats, uniform, conditional = (
    eqx.filter_jit(each) for each in (elections.beats, elections.uniform, elections.conditional)
)
ALL = jnp.ones(3, bool)
seeds = st.integers(0, 10_000)


def random_chances(seed: int, size: int = 3) -> np.ndarray:
    above = np.triu(np.random.default_rng(seed).uniform(0.05, 0.95, (size, size)), 1)
    return np.float32(above + np.tril(1 - above.T, -1) + 0.5 * np.eye(size))


@pytest.mark.parametrize(
    ("vote", "exponent", "chance"),
    [
        # The first prefers text 0 by 1 with weight 2, the second text 1 by 1/2 with weight 1.
        ("proportional", 1.0, 2 / 2.5),
        ("proportional", 2.0, 16 / 17),
        ("binary", 1.0, 2 / 3),
        ("cubic", 1.0, 2 / 2.125),
    ],
)
def test_the_chance_of_a_text_follows_the_votes_for_it(vote, exponent, chance):
    utility = jnp.asarray([[1.0, 0.0], [0.0, 0.5]])
    found = beats(utility, jnp.asarray([2.0, 1.0]), vote, exponent)
    assert np.ravel(found).tolist() == pytest.approx([0.5, chance, 1 - chance, 0.5], abs=1e-6)


def test_between_texts_that_nobody_tells_apart_chances_are_even():
    found = beats(jnp.ones((4, 3)), jnp.ones(4), "proportional", 8.0)
    assert np.ravel(found).tolist() == pytest.approx([0.5] * 9)


def test_two_texts_are_elected_as_often_as_they_win():
    chance = jnp.asarray([[0.5, 0.8], [0.2, 0.5]])
    for election in (uniform, conditional):
        assert election(chance, jnp.ones(2, bool)).tolist() == pytest.approx([0.8, 0.2], abs=1e-6)


def test_three_texts_by_hand():
    """A beats B by 0.6, B beats C by 0.6 and C beats A by 0.6: all alike. With A sure to win, A alone remains."""
    cycle = jnp.asarray([[0.5, 0.6, 0.4], [0.4, 0.5, 0.6], [0.6, 0.4, 0.5]])
    sure = jnp.asarray([[0.5, 1.0, 1.0], [0.0, 0.5, 0.7], [0.0, 0.3, 0.5]])
    unlike = jnp.asarray([[0.5, 0.6, 0.7], [0.4, 0.5, 0.8], [0.3, 0.2, 0.5]])
    for election in (uniform, conditional):
        assert election(cycle, ALL).tolist() == pytest.approx([1 / 3] * 3, abs=1e-6)
        assert election(sure, ALL).tolist() == pytest.approx([1, 0, 0], abs=1e-6)
    # 0.6 x 0.7, 0.4 x 0.8 and 0.3 x 0.2 sum to 0.8.
    assert conditional(unlike, ALL).tolist() == pytest.approx([0.525, 0.4, 0.075], abs=1e-6)


@given(seed=seeds)
@settings(max_examples=20)
def test_the_uniform_election_is_where_repeated_challenges_lead(seed):
    chance = random_chances(seed)
    step = chance.T.astype(float) / 3
    np.fill_diagonal(step, 0)
    np.fill_diagonal(step, 1 - step.sum(1))
    share = np.linalg.matrix_power(step, 400)[0]
    assert uniform(jnp.asarray(chance), ALL).tolist() == pytest.approx(share.tolist(), abs=1e-5)


@given(seed=seeds)
@settings(max_examples=10)
@pytest.mark.parametrize("election", [uniform, conditional], ids=["uniform", "conditional"])
def test_a_text_that_is_there_twice_counts_once(election, seed):
    chance = random_chances(seed)
    twice = chance[np.ix_([0, 1, 2, 1], [0, 1, 2, 1])]
    once, again = election(jnp.asarray(chance), ALL), election(jnp.asarray(twice), jnp.asarray([True] * 3 + [False]))
    assert again.tolist() == pytest.approx([*once.tolist(), 0.0], abs=1e-6)


def test_of_equal_texts_the_first_counts():
    texts = jnp.asarray([[0.1, 0.2], [0.1, 0.3], [0.1, 0.2], [0.1, 0.2]])
    same = alike(texts)
    assert first_of_each(same, jnp.ones(4, bool)).tolist() == [True, True, False, False]
    assert first_of_each(same, jnp.asarray([False, True, True, True])).tolist() == [False, True, True, False]


@given(seed=seeds)
@settings(max_examples=10)
@pytest.mark.parametrize("election", [uniform, conditional], ids=["uniform", "conditional"])
def test_if_the_stronger_always_wins_the_weighted_median_is_elected(election, seed):
    """On one issue, with losses as distances, the weighted median is Condorcet's winner (Black 1948)."""
    rng = np.random.default_rng(seed)
    place = jnp.asarray(rng.choice(100, 7, replace=False) / 100, jnp.float32)
    weight = jnp.asarray(rng.uniform(0.1, 1, 7), jnp.float32)
    chance = beats(1 - jnp.abs(place[:, None] - place[None, :]), weight, "proportional", 5000.0)
    elected = place[jnp.argmax(election(chance, jnp.ones(7, bool)))]
    assert float(elected) == float(weighted_median(place[:, None], weight[:, None])[0])
