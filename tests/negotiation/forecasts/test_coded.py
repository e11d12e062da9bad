"""Cases as arrays: what they hold, that their outcomes are not in them, and that padding changes nothing."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from orrery.base.errors import NegotiationError
from orrery.base.keys import root_key
from orrery.negotiation.cases.parts import SALIENCE_SD
from orrery.negotiation.forecasts.coded import LEVELS, MOST_ISSUES, coded, drawn, shape_of
from orrery.negotiation.forecasts.parameters import draw_parameters

pytestmark = pytest.mark.long

WITH_CAUCUSES = "CSCE-1975"
SEVERAL = ("EU-BELARUS-2020", "IRAQ-2003", "RCEP-2020")


@pytest.fixture(scope="module")
def stack(cases):
    """All cases, as plain arrays that are quick to look into."""
    return jax.tree.map(np.asarray, coded(cases))


@pytest.fixture(scope="module")
def positions():
    mapped = jax.jit(jax.vmap(drawn, (0, None)))
    keys = jax.random.split(root_key(2), 2_000)
    return lambda one: mapped(keys, one)


def test_arrays_hold_what_the_cases_say(cases, stack):
    for row, case in enumerate(cases):
        n_parties, n_issues = len(case.parties), len(case.issues)
        np.testing.assert_allclose(stack.position[row, :n_parties, :n_issues], case.position, atol=1e-6)
        np.testing.assert_allclose(stack.salience[row, :n_parties, :n_issues], case.salience, atol=1e-6)
        np.testing.assert_allclose(stack.influence[row, :n_parties], case.influence, atol=1e-6)
        assert stack.seated[row].tolist() == [True] * n_parties + [False] * (stack.seated.shape[1] - n_parties)
        assert int(stack.issue[row].sum()) == n_issues
        assert float(stack.stake[row]) == LEVELS[case.stake]
        assert float(stack.urgency[row]) == LEVELS[case.urgency]
        assert (int(stack.leader[row]) == -1) == (case.leader is None)
        assert case.leader is None or case.keys[int(stack.leader[row])] == case.leader
        assert int(stack.rivals[row].sum()) == 2 * len(case.rivalries)


def test_what_is_padded_has_no_weight(stack):
    away = ~np.asarray(stack.seated)
    for weight in (stack.influence, stack.discipline, stack.rule.weight.sum((1, 2))):
        assert float(np.abs(np.where(away, weight, 0)).sum()) == 0
    np.testing.assert_allclose(stack.influence.sum(-1), 1, atol=1e-6)
    np.testing.assert_allclose(stack.caucus.sum(-1), 1, atol=1e-6)
    np.testing.assert_array_equal(stack.rivals, stack.rivals.transpose(0, 2, 1))


def test_an_outcome_is_in_no_array(cases, stack):
    without = []
    for case in cases:
        open_ = case.model_copy(update={"outcome": None})
        open_._seats = case.seats
        without.append(open_)
    jax.tree.map(np.testing.assert_array_equal, coded(without), stack)


@pytest.mark.parametrize("code", SEVERAL)
def test_a_case_in_a_stack_is_forecast_as_it_is_alone(code, cases, stack, alone, forecasts):
    row = [case.code for case in cases].index(code)
    together = jax.tree.map(lambda array: jnp.asarray(array[row]), stack)
    parameters = jax.tree.map(lambda array: array[0], draw_parameters(root_key(3), 1))
    one, other = forecasts(alone(code), parameters), forecasts(together, parameters)
    np.testing.assert_allclose(one.chance, other.chance, atol=2e-4)
    n_issues = len(cases[row].issues)
    np.testing.assert_allclose(one.text[:, :n_issues], other.text[:, :n_issues], atol=1e-5)
    np.testing.assert_array_equal(one.binds, other.binds)


@pytest.mark.parametrize("code", SEVERAL)
def test_draws_are_the_same_whatever_a_case_is_padded_to(code, cases, stack, alone):
    row = [case.code for case in cases].index(code)
    size = np.s_[: len(cases[row].parties), : len(cases[row].issues)]
    for one, other in zip(
        drawn(root_key(4), alone(code)),
        drawn(root_key(4), jax.tree.map(lambda array: jnp.asarray(array[row]), stack)),
        strict=True,
    ):
        np.testing.assert_allclose(one[size], other[size], atol=1e-6)


def test_draws_spread_around_what_is_coded_and_stay_on_their_scales(cases, alone, positions):
    case = next(case for case in cases if case.code == "AFGHANISTAN-2001")
    one = alone(case.code)
    position, salience = positions(one)
    assert 0 <= float(position.min()) <= float(position.max()) <= 1
    known = np.asarray(one.issue)
    assert float(jnp.abs(salience[..., ~known]).max()) == 0
    assert float(salience[..., known].min()) >= 0.01 - 1e-6
    inner = (np.asarray(one.position[:, 0]) > 0.35) & (np.asarray(one.position[:, 0]) < 0.65) & np.asarray(one.seated)
    assert inner.any()
    np.testing.assert_allclose(position[:, inner, 0].mean(0), one.position[inner, 0], atol=0.02)
    np.testing.assert_allclose(position[:, inner, 0].std(0), one.sd[inner], rtol=0.1)
    middling = np.abs(np.asarray(one.salience[:, 0]) - 0.5) < 0.1
    if middling.any():
        np.testing.assert_allclose(salience[:, middling, 0].std(0), SALIENCE_SD, rtol=0.1)


def test_a_caucus_of_full_discipline_takes_one_line_and_the_others_keep_theirs(cases, alone, positions):
    case = next(case for case in cases if case.code == WITH_CAUCUSES)
    one = alone(case.code)
    members = [case.place(key) for key in case.caucuses[0].parties]
    others = [place for place in range(len(case.parties)) if float(one.discipline[place]) == 0]
    strict = one.__class__(**{**vars(one), "discipline": jnp.where(one.discipline > 0, 1.0, 0.0)})
    free = one.__class__(**{**vars(one), "discipline": jnp.zeros_like(one.discipline)})
    line, apart = positions(strict)[0], positions(free)[0]
    np.testing.assert_allclose(
        line[:, members], np.broadcast_to(line[:, members[:1]], line[:, members].shape), atol=1e-6
    )
    share = np.asarray(one.influence)[members] / np.asarray(one.influence)[members].sum()
    np.testing.assert_allclose(line[:, members[0]], np.einsum("p,dpk->dk", share, apart[:, members]), atol=1e-5)
    np.testing.assert_array_equal(line[:, others], apart[:, others])


def test_shapes_are_filled_up_so_that_few_are_compiled(cases):
    assert len({shape_of([case]) for case in cases}) <= 3


def test_too_many_parties_or_issues_are_refused(cases):
    case = cases[0]
    many = case.model_copy(update={"parties": case.parties * 8})
    with pytest.raises(NegotiationError, match=f"case {case.code}: {8 * len(case.parties)} parties"):
        coded([many])
    many = case.model_copy(update={"issues": case.issues * (MOST_ISSUES + 1)})
    with pytest.raises(NegotiationError, match="Join parties that take one line"):
        coded([many])
