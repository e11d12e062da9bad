"""Axiomatic bargaining: answers on paper, axioms, and a general optimiser on random problems."""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from negotiation.solutions.solution_problems import problem_of, random_problem
from orrery.base.errors import NegotiationError
from orrery.negotiation.solutions.bargaining import nash
from orrery.negotiation.solutions.registry import predict

BARGAINING = ("egalitarian", "kalai_smorodinsky", "nash")
seeds = st.integers(0, 10_000)


def two_camps(second: float):
    """Three parties at 0 and two at `second` on the first issue, status quo 1; nobody wants the other issue changed.

    The gains are half of 1 - x^2 and of (1 - x)(1 + x - 2 second).
    """
    return problem_of([[0.0, 0.5]] * 3 + [[second, 0.5]] * 2, status_quo=[1.0, 0.5])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        # The second camp gains least everywhere, and most at its own position.
        ("egalitarian", 0.5),
        # (1 - x^2)^3 (x (1 - x))^2 is greatest where 5 x^2 + x - 1 = 0.
        ("nash", (np.sqrt(21) - 1) / 10),
        # At best they gain 1 and 1/4: 1 - x^2 = 4 x (1 - x).
        ("kalai_smorodinsky", 1 / 3),
    ],
)
def test_two_camps_on_one_issue_by_hand(name, text):
    found = predict(name, two_camps(0.5))
    assert found.text.tolist() == pytest.approx([text, 0.5], abs=5e-5)
    assert float(found.agreed) == 1
    assert int(found.binds) in (3, 4)


def test_powers_weigh_gains():
    """(1 - x^2) x (1 - x) is greatest where 4 x^2 + x - 1 = 0, and without the second camp's power at 0."""
    with_powers, problem = eqx.filter_jit(nash), two_camps(0.5)
    even = with_powers(problem, jnp.asarray([1 / 3, 1 / 3, 1 / 3, 0.5, 0.5]))
    assert float(even.text[0]) == pytest.approx((np.sqrt(17) - 1) / 8, abs=5e-5)
    strong = with_powers(problem, jnp.asarray([1e4, 1e4, 1e4, 1.0, 1.0]))
    assert float(strong.text[0]) == pytest.approx(0.0, abs=2e-2)
    common = with_powers(problem, jnp.full(5, 7.0))
    assert common.text.tolist() == pytest.approx(predict("nash", problem).text.tolist(), abs=1e-5)
    with pytest.raises(NegotiationError, match="5 parties"):
        nash(problem, jnp.ones(3))


@pytest.mark.parametrize("name", BARGAINING)
def test_parties_that_mirror_each_other_share_the_difference(name):
    """Two on each side of the first issue and one between them; all want the second issue moved."""
    position = [[0.2, 1.0], [0.2, 1.0], [0.5, 1.0], [0.8, 1.0], [0.8, 1.0]]
    found = predict(name, problem_of(position, status_quo=[0.5, 0.0]))
    assert found.text.tolist() == pytest.approx([0.5, 1.0], abs=1e-3)


@pytest.mark.parametrize("name", BARGAINING)
def test_a_party_that_holds_the_status_quo_blocks(name):
    position = [[0.9, 0.8], [0.3, 0.3], [0.8, 0.9], [0.9, 0.9], [0.7, 0.9]]
    found = predict(name, problem_of(position, status_quo=[0.3, 0.3]))
    assert (float(found.agreed), int(found.binds)) == (0, 1)
    assert found.text.tolist() == pytest.approx([0.3, 0.3])


@pytest.mark.parametrize("name", BARGAINING)
@given(seed=seeds)
@settings(max_examples=6)
def test_all_gain_and_no_text_nearby_is_better_for_all(name, seed):
    problem = random_problem(seed)
    found = predict(name, problem)
    gains = np.asarray(problem.gains(found.text))
    assert float(found.agreed) == 1
    assert gains.min() > 0
    nearby = np.random.default_rng(seed).normal(0, 0.05, (500, 2)) + np.asarray(found.text)
    assert not (all_gains(problem, nearby) > gains + 1e-3).all(1).any()


def all_gains(problem, texts: np.ndarray) -> np.ndarray:
    position, weight = np.asarray(problem.position), np.asarray(problem.weight)
    losses = (weight * (position - np.stack([*texts, problem.status_quo])[:, None, :]) ** 2).sum(-1)
    return losses[-1] - losses[:-1]


def by_optimiser(problem, name: str) -> np.ndarray:
    """Return the text by sequential quadratic programming in double precision."""
    position, quo = np.asarray(problem.position, float), np.asarray(problem.status_quo, float)
    weight = np.asarray(problem.salience, float)
    weight /= weight.sum(1, keepdims=True)

    def gains(text):
        return (weight * (position - quo) ** 2).sum(1) - (weight * (position - text) ** 2).sum(1)

    def solve(objective, start, constraint):
        rule = {"type": "ineq", "fun": constraint}
        return minimize(objective, start, constraints=[rule], method="SLSQP", options={"maxiter": 500, "ftol": 1e-13}).x

    def max_min(values, start):
        first = np.append(start, values(start).min())
        return solve(lambda z: -z[-1], first, lambda z: values(z[:-1]) - z[-1])[:-1]

    equal = max_min(gains, position.mean(0))
    if name == "egalitarian":
        return equal
    if name == "nash":
        return solve(lambda text: -np.log(np.maximum(gains(text), 1e-12)).sum(), equal, gains)
    best = [gains(solve(lambda text, i=i: -gains(text)[i], equal, gains))[i] for i in range(len(position))]
    return max_min(lambda text: gains(text) / best, equal)


@pytest.mark.parametrize("name", BARGAINING)
@pytest.mark.parametrize("seed", range(8))
def test_a_general_optimiser_finds_the_same_text(name, seed):
    problem = random_problem(seed)
    assert predict(name, problem).text.tolist() == pytest.approx(by_optimiser(problem, name).tolist(), abs=2e-3)


@pytest.mark.parametrize(
    ("name", "worth"),
    [("nash", lambda gains: gains.clip(0).prod(1)), ("egalitarian", lambda gains: gains.min(1))],
)
def test_no_other_text_is_worth_more(name, worth):
    problem = random_problem(5)
    chosen = predict(name, problem).text
    anywhere = np.random.default_rng(5).uniform(0, 1, (20_000, 2))
    assert worth(all_gains(problem, anywhere)).max() <= worth(all_gains(problem, np.asarray(chosen)[None]))[0] + 1e-5


def test_who_could_gain_more_gets_no_less():
    """The axiom of Kalai & Smorodinsky: a second camp further from the status quo gains more by every text, while
    the first could still gain 1; so that the second must not get less."""
    gained = []
    for second in (0.5, 0.4, 0.3, 0.2):
        problem = two_camps(second)
        gained.append(float(problem.gains(predict("kalai_smorodinsky", problem).text)[4]))
    assert gained == sorted(gained)
    assert gained[-1] > gained[0] + 0.05
