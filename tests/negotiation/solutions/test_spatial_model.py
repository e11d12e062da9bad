"""The spatial model of politics: against plain loops, two parties by hand, and its limits."""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from negotiation.solutions.solution_problems import problem_of, random_problem
from orrery.base.errors import NegotiationError
from orrery.institutions.games import Threshold
from orrery.negotiation.solutions.spatial_model import MOST_TOLERANT, bargain, opening, spatial_model, turn

one_turn = eqx.filter_jit(turn)
opened = eqx.filter_jit(opening)
solved = eqx.filter_jit(spatial_model)


def politics_of(problem):
    return opened(problem, "uniform", "proportional", 1.0)


def test_risk_falls_with_the_probability_of_a_position():
    """The second of three beats both others and is most probable; the third, of least influence, is least."""
    politics = politics_of(problem_of([[0.1], [0.4], [0.9]], influence=[1.0, 1.0, 0.5]))
    assert politics.risk.tolist()[1:] == pytest.approx([1.0, MOST_TOLERANT], abs=1e-6)
    assert MOST_TOLERANT < float(politics.risk[0]) < 1


def test_utility_is_linear_in_distance_where_risk_is_neutral_and_quadratic_where_it_is_shunned():
    politics = politics_of(problem_of([[0.1], [0.4], [0.9]]))
    neutral = eqx.tree_at(lambda each: each.risk, politics, jnp.asarray([0.0, 1.0, -0.5]))
    worth = neutral.utility(jnp.asarray([[0.4]]))[:, 0]
    assert worth.tolist() == pytest.approx([0.7, 1.0, 0.5 * 0.75], abs=1e-6)
    shunned = neutral.utility(jnp.asarray([[0.9]]))[1, 0]
    assert float(shunned) == pytest.approx(1 - 0.25, abs=1e-6)


def test_two_equal_parties_stay_where_they_are():
    """Each wins with probability 1/2 and resists with certainty, so that neither expects anything of a challenge."""
    even = politics_of(problem_of([[0.2], [0.8]]))
    assert np.ravel(one_turn(jnp.asarray([[0.2], [0.8]]), even)).tolist() == pytest.approx([0.2, 0.8])


def test_the_weaker_of_two_is_drawn_to_the_stronger():
    """By hand: chances are 3/4 and 1/4 at equal utilities, so that the bargain is at (9 x 0.2 + 1 x 0.8) / 10."""
    problem = problem_of([[0.2], [0.8]], influence=[3.0, 1.0])
    politics = eqx.tree_at(lambda each: each.risk, politics_of(problem), jnp.zeros(2))
    after = one_turn(problem.position, politics)
    assert float(after[1, 0]) == pytest.approx(0.26, abs=1e-6)


def slow_turn(position, politics):
    """Return positions after a turn, in plain loops."""
    wanted, issue_weight, weight, resolve, risk = (
        np.asarray(each, float)
        for each in (politics.wanted, politics.issue_weight, politics.weight, politics.resolve, politics.risk)
    )
    size = len(position)

    def worth(k, text):
        distance = np.sqrt((issue_weight[k] * (wanted[k] - text) ** 2).sum())
        return (1 - distance) * (1 + risk[k] * distance)

    def wins(first, second):
        preferred = [weight[k] * (worth(k, first) - worth(k, second)) for k in range(size)]
        gained, lost = sum(max(0, v) for v in preferred), sum(max(0, -v) for v in preferred)
        return gained / (gained + lost) if gained + lost > 0 else 0.5

    made = []
    for i in range(size):
        best, target = -np.inf, -1
        for j in range(size):
            gain = worth(i, position[i]) - worth(i, position[j])
            expected = gain * (1 - 2 * resolve[j] * (1 - wins(position[i], position[j])))
            if j != i and expected > best:
                best, target = expected, j
        if best > 0:
            chance = wins(position[i], position[target])
            own, other = (resolve[i] * chance) ** 2, (resolve[target] * (1 - chance)) ** 2
            made.append((i, target, (own * position[i] + other * position[target]) / (own + other)))
    after = []
    for i in range(size):
        texts = []
        for text in [text for one, other, text in made if i in (one, other)] + [position[i]]:
            if not any(np.allclose(text, other, atol=1e-6) for other in texts):
                texts.append(text)
        together = [np.prod([wins(a, b) for place, b in enumerate(texts) if place != n]) for n, a in enumerate(texts)]
        after.append(texts[int(np.argmax(together))])
    return np.array(after)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=8)
def test_a_turn_is_what_plain_loops_give(seed):
    problem = random_problem(seed, low=0.0)
    politics = politics_of(problem)
    found = one_turn(problem.position, politics)
    assert np.ravel(found).tolist() == pytest.approx(
        slow_turn(np.asarray(problem.position, float), politics).ravel().tolist(), abs=1e-4
    )


def test_turns_end_and_bring_parties_together():
    problem = random_problem(2, low=0.0)
    politics = politics_of(problem)
    compiled = eqx.filter_jit(bargain)
    assert compiled(problem.position, politics, jnp.asarray(0)).tolist() == problem.position.tolist()
    last = compiled(problem.position, politics, jnp.asarray(20))
    assert (np.ptp(np.asarray(last), 0) < np.ptp(np.asarray(problem.position), 0)).all()


def test_agreement_is_as_probable_as_the_positions_that_the_game_carries():
    """Without bargaining; the first party decides alone, and gains by its own position only.

    Risk aversion is 1 and -1/2: 3 x (1 - 0.64) = 1.08 votes for its position, 1 - 0.4 x 0.7 = 0.72 for the other's.
    """
    game = Threshold((1, 0), 1)
    found = solved(problem_of([[0.2], [0.8]], influence=[3.0, 1.0], status_quo=[0.5], game=game), turns=0)
    assert float(found.agreed) == pytest.approx(0.6, abs=1e-6)
    assert float(found.text[0]) == pytest.approx(0.2 * 0.6 + 0.8 * 0.4, abs=1e-6)
    assert int(found.binds) == 0


def test_unknown_elections_and_votes_are_refused():
    with pytest.raises(NegotiationError, match="conditional"):
        spatial_model(random_problem(1), election="plurality")
    with pytest.raises(NegotiationError, match="cubic"):
        spatial_model(random_problem(1), vote="quartic")
