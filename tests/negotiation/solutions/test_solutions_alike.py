"""What every reference solution keeps: leading axes, order of parties, the axis of an issue, and what it refuses."""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from negotiation.solutions.solution_problems import PARTIES, problem_of, random_problem
from orrery.base.errors import NegotiationError
from orrery.institutions.games import Threshold
from orrery.negotiation.solutions.problem import Problem
from orrery.negotiation.solutions.registry import SOLUTIONS, predict

pytestmark = pytest.mark.long

NAMES = sorted(SOLUTIONS)
seeds = st.integers(0, 10_000)


@pytest.mark.parametrize("name", ["median_voter", "kalai_smorodinsky", "expected_utility", "spatial_model"])
def test_draws_side_by_side_are_what_each_is_alone(name):
    many = random_problem(1, draws=(3,))
    together = predict(name, many)
    for draw in range(3):
        alone = Problem(many.position[draw], many.salience[draw], many.influence[draw], many.status_quo, many.game)
        one = predict(name, alone)
        assert together.text[draw].tolist() == pytest.approx(one.text.tolist(), abs=2e-3)
        assert float(together.agreed[draw]) == pytest.approx(float(one.agreed), abs=1e-4)
        assert int(together.binds[draw]) == int(one.binds)


@pytest.mark.parametrize("name", NAMES)
@given(seed=seeds)
@settings(max_examples=5)
def test_the_order_of_the_parties_does_not_matter(name, seed):
    problem = random_problem(seed)
    order = np.random.default_rng(seed).permutation(PARTIES)
    shuffled = Problem(
        problem.position[order], problem.salience[order], problem.influence[order], problem.status_quo, problem.game
    )
    before, after = predict(name, problem), predict(name, shuffled)
    assert after.text.tolist() == pytest.approx(before.text.tolist(), abs=3e-3)
    assert float(after.agreed) == pytest.approx(float(before.agreed), abs=1e-4)


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"spatial_model"}))
@given(seed=seeds, scale=st.sampled_from((-0.5, 0.25, 0.5)), share=st.floats(0, 1))
@settings(max_examples=5)
def test_shifting_stretching_or_turning_the_axes_of_issues_moves_the_text_with_them(name, seed, scale, share):
    low, high = max(0.0, -scale), min(1.0, 1 - scale)
    moves_with_the_axes(name, random_problem(seed), low + share * (high - low), scale)


@given(seed=seeds)
@settings(max_examples=5)
def test_turning_the_axes_turns_the_text_of_the_spatial_model(seed):
    """Its utilities are not linear in distance, so that stretching changes what is elected."""
    moves_with_the_axes("spatial_model", random_problem(seed), 1.0, -1.0)


def moves_with_the_axes(name, problem, shift, scale):
    moved = eqx.tree_at(
        lambda each: (each.position, each.status_quo),
        problem,
        tuple(jnp.clip(shift + scale * values, 0, 1) for values in (problem.position, problem.status_quo)),
    )
    before, after = predict(name, problem), predict(name, moved)
    assert after.text.tolist() == pytest.approx((shift + scale * before.text).tolist(), abs=3e-3)
    assert float(after.agreed) == pytest.approx(float(before.agreed), abs=1e-3)


@pytest.mark.parametrize("name", NAMES)
@given(seed=seeds)
@settings(max_examples=5)
def test_the_text_lies_between_the_outermost_positions_and_the_status_quo(name, seed):
    problem = random_problem(seed, low=0.0)
    predicted = predict(name, problem)
    span = jnp.concatenate([problem.position, problem.status_quo[None]])
    assert bool((predicted.text >= span.min(0) - 1e-6).all() & (predicted.text <= span.max(0) + 1e-6).all())
    assert 0 <= float(predicted.agreed) <= 1
    assert -1 <= int(predicted.binds) < PARTIES


@pytest.mark.parametrize("name", NAMES)
def test_where_all_hold_the_status_quo_nothing_is_agreed(name):
    predicted = predict(name, problem_of([[0.4, 0.2]] * PARTIES, status_quo=[0.4, 0.2]))
    assert predicted.text.tolist() == pytest.approx([0.4, 0.2], abs=1e-6)
    assert float(predicted.agreed) == 0


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"status_quo"}))
def test_where_all_want_one_thing_it_is_agreed(name):
    predicted = predict(name, problem_of([[0.7, 0.6]] * PARTIES))
    assert predicted.text.tolist() == pytest.approx([0.7, 0.6], abs=1e-3)
    assert float(predicted.agreed) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"position": [[0.2], [1.2]]}, "`position`: 1.2"),
        ({"status_quo": [np.nan]}, "`status_quo`: nan"),
        ({"salience": [[1.0], [-1.0]]}, "`salience`: -1"),
        ({"salience": [[1.0], [0.0]]}, "`salience`: 0 on all issues"),
        ({"influence": [np.inf, 1.0]}, "`influence`: inf"),
        ({"influence": [0.0, 0.0]}, "`influence`: no party"),
    ],
)
def test_numbers_outside_what_is_allowed_are_refused(changes, words):
    with pytest.raises(NegotiationError, match=words):
        predict("nash", problem_of(**{"position": [[0.2], [0.8]], **changes}))


def test_another_number_of_parties_and_an_unknown_name_are_refused():
    with pytest.raises(NegotiationError, match="3 members"):
        problem_of([[0.2], [0.8]], game=Threshold((1, 1, 1), 2))
    with pytest.raises(NegotiationError, match="median_voter"):
        predict("oracle", problem_of([[0.2], [0.8]]))
