"""No forecast reads the outcome of its own case: turned round, it leaves the forecast the same to the last bit."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from orrery.base.keys import root_key
from orrery.negotiation.cases import Case, load_cases
from orrery.negotiation.forecasts.coded import coded
from orrery.negotiation.forecasts.learned import N_DRAWS as LEARNING_DRAWS
from orrery.negotiation.forecasts.learned import Learned, judge_of, shipped
from orrery.negotiation.forecasts.outcomes import Outcomes, likelihoods, outcomes
from orrery.negotiation.forecasts.prediction import predict

KEY = root_key(3)
N_DRAWS = 64
N_SETS = 100


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return list(load_cases().values())


@pytest.fixture(scope="module")
def learned() -> Learned:
    """A part of the shipped sets: whether an outcome is read does not depend on how many there are."""
    whole = shipped()
    return dataclasses.replace(
        whole, free=whole.free[:N_SETS], excess=whole.excess[:N_SETS], explains=whole.explains[:, :N_SETS]
    )


def turned(recorded: Outcomes) -> Outcomes:
    """Return the opposite outcomes, at other times, and with other texts."""
    text = jnp.where(recorded.agreed[:, None], jnp.nan, 0.9)
    return Outcomes(~recorded.agreed, recorded.years * 3, text)


@pytest.fixture(scope="module")
def of_turned(cases, learned) -> np.ndarray:
    """How likely the opposite outcome of every case is under each set."""
    return judge_of(cases, turned(outcomes(cases)))(learned.free)


def with_row(learned: Learned, row: int, of_turned: np.ndarray) -> Learned:
    explains = learned.explains.copy()
    explains[row] = of_turned[row]
    return dataclasses.replace(learned, explains=explains)


def test_the_shipped_likelihoods_are_those_of_the_recorded_outcomes(cases, learned):
    again = judge_of(cases, outcomes(cases))(learned.free)
    np.testing.assert_allclose(again, learned.explains, atol=2e-3)


def test_an_outcome_turned_round_changes_no_weight_of_its_own_forecast(cases, learned, of_turned):
    for row, case in enumerate(cases):
        other = with_row(learned, row, of_turned)
        np.testing.assert_array_equal(other.weights(case.matter), learned.weights(case.matter))
        assert not np.array_equal(other.weights(), learned.weights()), f"{case.code} teaches nothing to others"


@pytest.mark.parametrize("code", ["IRAQ-2003", "RCEP-2020"])
@pytest.mark.parametrize("rounds", [False, True])
def test_an_outcome_turned_round_leaves_its_own_forecast_and_moves_another(code, rounds, cases, learned, of_turned):
    row = [case.code for case in cases].index(code)
    other = with_row(learned, row, of_turned)
    before, after = (predict(KEY, cases[row], one, N_DRAWS, rounds=rounds) for one in (learned, other))
    for field in dataclasses.fields(before):
        np.testing.assert_array_equal(getattr(after, field.name), getattr(before, field.name))
    # Negative control: a case of another group learns from it.
    apart = next(case for case in cases if case.matter != cases[row].matter)
    before, after = (predict(KEY, apart, one, N_DRAWS, rounds=rounds) for one in (learned, other))
    assert not np.array_equal(before.chance, after.chance)


def test_a_forecast_does_not_depend_on_whether_the_case_has_an_outcome(cases, learned):
    case = cases[0]
    open_ = case.model_copy(update={"outcome": None})
    open_._seats = case.seats
    before, after = (predict(KEY, one, learned, N_DRAWS) for one in (case, open_))
    np.testing.assert_array_equal(before.chance, after.chance)


def test_one_set_of_parameters_serves_all_cases(cases, learned):
    # What tells cases apart is what is coded: two copies of a case under other names are forecast alike.
    case = cases[5]
    one = jax.tree.map(lambda array: array[0], coded([case]))
    keys = jax.random.split(KEY, LEARNING_DRAWS)
    recorded = jax.tree.map(lambda array: array[0], outcomes([case]))
    sets = learned.parameters
    _, chance = likelihoods(keys, one, recorded, sets)
    renamed = case.model_copy(update={"code": "ANOTHER-NAME", "title": "Another"})
    renamed._seats = case.seats
    other = jax.tree.map(lambda array: array[0], coded([renamed]))
    np.testing.assert_array_equal(likelihoods(keys, other, recorded, sets)[1], chance)
