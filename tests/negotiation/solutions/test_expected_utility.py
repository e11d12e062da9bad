"""The expected utility model: against plain loops, on the published case, and at its limits."""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from negotiation.solutions.solution_problems import problem_of, random_problem
from orrery.negotiation.solutions.expected_utility import Issue, bargain, challenges, give_way, risk_exponents
from orrery.negotiation.solutions.registry import predict

# Years after which emission standards for cars of middle size should apply: Bueno de Mesquita 1994, p. 78, as printed
# again by Scholz, Calbert & Smith 2011, table 1. Capability and salience are in hundredths.
COUNTRIES = ("NLD", "BEL", "LUX", "DEU", "FRA", "ITA", "GBR", "IRL", "DNK", "GRC")
YEARS = np.array([4, 7, 4, 4, 10, 10, 10, 7, 4, 7])
CAPABILITY = np.array([8, 8, 3, 16, 16, 16, 16, 5, 5, 8])
SALIENCE = np.array([80, 40, 20, 80, 60, 60, 90, 10, 100, 70])


def emission_standards():
    return problem_of(YEARS[:, None] / 10, SALIENCE[:, None] / 100, CAPABILITY, status_quo=[1.0])


def test_before_bargaining_the_case_of_emission_standards_has_its_median_at_seven_years():
    """By hand: of capability times salience, 67.7 in all, those for 4 years have 24.8, those for 7 another 9.3."""
    problem = emission_standards()
    assert float(problem.exerted.sum()) == pytest.approx(67.7, abs=1e-3)
    assert predict("median_voter", problem).text.tolist() == pytest.approx([0.7])
    assert predict("compromise_mean", problem).text.tolist() == pytest.approx([0.73900], abs=1e-5)


def test_in_the_case_of_emission_standards_luxembourg_is_least_secure_and_the_united_kingdom_safest():
    """The extremes of risk, 1/2 and 2, fall on the two countries on which independent replications put them."""
    issue = Issue(jnp.asarray(CAPABILITY / 100, jnp.float32), jnp.asarray(SALIENCE / 100, jnp.float32), 1.0)
    exponents, _ = one_round(jnp.asarray((YEARS - 4) / 6, jnp.float32), issue)
    risk = dict(zip(COUNTRIES, exponents.tolist(), strict=True))
    assert risk["LUX"] == pytest.approx(0.5)
    assert risk["GBR"] == pytest.approx(2.0)
    assert risk["NLD"] == pytest.approx(risk["DEU"])
    assert all(0.5 - 1e-6 <= value <= 2 + 1e-6 for value in risk.values())


def median_of(position, weight):
    return min(place for place in position if weight[position <= place].sum() >= weight.sum() / 2)


def slow_challenge(position, risk, issue, i, j, of):
    """Return what i thinks that `of` (i or j) expects of challenging the other, in plain loops."""
    capability, salience = np.asarray(issue.capability, float), np.asarray(issue.salience, float)
    unchanged = issue.unchanged
    other = j if of == i else i
    won = cast = 0.0
    for k, place in enumerate(position):
        vote = abs(place - position[other]) ** risk[k] - abs(place - position[of]) ** risk[k]
        won += max(0.0, capability[k] * salience[k] * vote)
        cast += abs(capability[k] * salience[k] * vote)
    chance = won / cast if cast > 0 else 0.5
    apart, r = abs(position[i] - position[j]), risk[i]
    median = median_of(position, capability * salience)
    from_median = abs(position[i] - median)
    better = 2 - 4 * (0.5 - (from_median + apart) / 4) ** r
    worse = 2 - 4 * (0.5 + (from_median + apart) / 4) ** r
    alone = unchanged * (2 - 4 * 0.5**r) + (1 - unchanged) * (better if from_median < apart else worse)
    success, failure = 2 - 4 * (0.5 - apart / 2) ** r, 2 - 4 * (0.5 + apart / 2) ** r
    resists = salience[other]
    return resists * (chance * success + (1 - chance) * failure) + (1 - resists) * success - alone


@eqx.filter_jit
def one_round(position, issue):
    risk = risk_exponents(position, issue)
    return risk, give_way(position, challenges(position, risk, issue))


def slow_round(position, issue):
    size = len(position)
    even = np.ones(size)
    exposed = [
        sum(slow_challenge(position, even, issue, i, j, of=j) for j in range(size) if j != i) for i in range(size)
    ]
    most, least = max(exposed), min(exposed)
    attitude = [(2 * each - most - least) / (most - least) for each in exposed]
    risk = np.array([(1 - each / 3) / (1 + each / 3) for each in attitude])
    after = list(position)
    for i in range(size):
        reach = np.inf
        for j in range(size):
            if abs(position[i] - position[j]) < 1e-6:
                continue
            own, others = (slow_challenge(position, risk, issue, i, j, of) for of in (i, j))
            if others <= 0 or own >= others:
                continue
            share = 1.0 if own > 0 or others <= -own else -own / others
            move = share * (position[j] - position[i])
            if abs(move) < reach:
                reach, after[i] = abs(move), position[i] + move
    return risk, np.array(after)


@given(seed=st.integers(0, 10_000), unchanged=st.sampled_from((1.0, 0.5)))
@settings(max_examples=8)
def test_a_round_is_what_plain_loops_give(seed, unchanged):
    rng = np.random.default_rng(seed)
    position, capability, salience = (rng.uniform(0.05, 1, 5) for _ in range(3))
    issue = Issue(jnp.asarray(capability, jnp.float32), jnp.asarray(salience, jnp.float32), unchanged)
    risk, after = slow_round(np.float32(position).astype(float), issue)
    start = jnp.asarray(position, jnp.float32)
    found, moved = one_round(start, issue)
    assert found.tolist() == pytest.approx(risk.tolist(), abs=1e-4)
    assert moved.tolist() == pytest.approx(after.tolist(), abs=1e-3)


def test_bargaining_ends_when_nobody_gives_way_or_after_so_many_rounds():
    rng = np.random.default_rng(1)
    start, capability, salience = (jnp.asarray(rng.uniform(0.05, 1, 5), jnp.float32) for _ in range(3))
    issue, compiled = Issue(capability, salience, 1.0), eqx.filter_jit(bargain)
    assert compiled(start, issue, jnp.asarray(0)).tolist() == start.tolist()
    once = one_round(start, issue)[1]
    assert compiled(start, issue, jnp.asarray(1)).tolist() == pytest.approx(once.tolist(), abs=1e-6)
    agreed = jnp.full(5, 0.3)
    assert compiled(agreed, issue, jnp.asarray(5)).tolist() == agreed.tolist()


def test_a_scale_common_to_all_capabilities_or_all_saliences_changes_nothing():
    problem = random_problem(4)
    scaled = problem_of(
        problem.position, 50 * problem.salience, 7 * problem.influence, problem.status_quo, problem.game
    )
    before, after = (predict("expected_utility", each) for each in (problem, scaled))
    assert after.text.tolist() == pytest.approx(before.text.tolist(), abs=1e-4)
