"""The three predictions without bargaining, by hand and against plain Python."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from negotiation.solutions.solution_problems import problem_of, random_problem
from orrery.institutions.games import Threshold
from orrery.negotiation.agreement import Table, distances
from orrery.negotiation.solutions.baselines import weighted_median
from orrery.negotiation.solutions.problem import voted
from orrery.negotiation.solutions.registry import predict


def test_gains_are_the_losses_of_the_closed_form_saved():
    problem = random_problem(3)
    text = jnp.asarray([0.6, 0.4])
    table = Table(problem.position, problem.salience, problem.influence)
    saved = distances(table, problem.status_quo) - distances(table, text)
    assert problem.gains(text).tolist() == pytest.approx(saved.tolist(), abs=1e-6)
    assert problem.losses(text).tolist() == pytest.approx(distances(table, text).tolist(), abs=1e-6)


def test_the_mean_weighs_influence_and_salience_by_issue():
    """By hand: (1 x 1 x 0.2 + 3 x 0.5 x 0.8) / 2.5 and (1 x 1 x 0 + 3 x 1 x 1) / 4."""
    problem = problem_of([[0.2, 0.0], [0.8, 1.0]], [[1.0, 1.0], [0.5, 1.0]], [1.0, 3.0])
    assert predict("compromise_mean", problem).text.tolist() == pytest.approx([1.4 / 2.5, 0.75])


def test_a_majority_of_influence_decides_on_the_median():
    position = [[0.1], [0.2], [0.9]]
    predicted = predict("median_voter", problem_of(position, influence=[1.0, 1.0, 1.5], status_quo=[1.0]))
    assert predicted.text.tolist() == pytest.approx([0.2])
    assert (float(predicted.agreed), int(predicted.binds)) == (1, 1)
    # By 0.9 the third gains least, and without its 4 of 6 there is no majority.
    alone = predict("median_voter", problem_of(position, influence=[1.0, 1.0, 4.0], status_quo=[1.0]))
    assert alone.text.tolist() == pytest.approx([0.9])
    assert (float(alone.agreed), int(alone.binds)) == (1, 2)


def test_a_median_issue_by_issue_may_lose_to_the_status_quo():
    """Each loses 1/3 by the text of medians, and (0.4^2 + 2 x 0.6^2) / 3 = 0.293 by the status quo."""
    position = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    predicted = predict("median_voter", problem_of(position, status_quo=[0.6, 0.6, 0.6]))
    assert predicted.text.tolist() == [0.0, 0.0, 0.0]
    assert float(predicted.agreed) == 0


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 9)), min_size=7, max_size=7))
def test_the_weighted_median_has_half_of_the_weight_on_each_side(pairs):
    assume(any(weight for _, weight in pairs))
    position, weight = (np.array(each, np.float32) for each in zip(*pairs, strict=True))
    found = float(weighted_median(jnp.asarray(position)[:, None], jnp.asarray(weight)[:, None])[0])
    assert found == min(p for p in position if weight[position <= p].sum() * 2 >= weight.sum())
    assert weight[position >= found].sum() * 2 >= weight.sum()


def test_a_text_is_carried_by_those_who_gain():
    problem = problem_of([[0.9], [0.5], [0.1]], status_quo=[0.2], game=Threshold((1, 1, 1), 2))
    carried = voted(problem, jnp.asarray([0.5]))
    assert (float(carried.agreed), int(carried.binds)) == (1, 1)
    every = problem_of([[0.9], [0.5], [0.1]], status_quo=[0.2], game=Threshold((1, 1, 1), 3))
    blocked = voted(every, jnp.asarray([0.5]))
    assert (float(blocked.agreed), int(blocked.binds)) == (0, 2)
    assert blocked.text.tolist() == [0.5]
