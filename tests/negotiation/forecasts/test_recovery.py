"""Parameters that outcomes were simulated from are found again: intervals hold them as often as they say."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from orrery.base.keys import named_key, root_key
from orrery.negotiation.cases import Case
from orrery.negotiation.forecasts import learned as module
from orrery.negotiation.forecasts.closed_form import forecast
from orrery.negotiation.forecasts.coded import coded
from orrery.negotiation.forecasts.learned import Learned, learn
from orrery.negotiation.forecasts.outcomes import Outcomes
from orrery.negotiation.forecasts.parameters import PRIORS, Parameters, draw_parameters, to_free

N_CASES, N_SETS, N_WORLDS = 12, 1_200, 5


def simulated(key, cases: list[Case], true: Parameters) -> Outcomes:
    """Return outcomes that one set of parameters gives cases, one draw for each."""
    keys = jax.random.split(named_key(key, "draws"), len(cases))
    found = jax.vmap(forecast, (0, 0, None))(keys, coded(cases), true)
    agreed = jax.random.uniform(named_key(key, "luck"), (len(cases),)) < found.chance
    late = true.duration_sd * jax.random.normal(named_key(key, "time"), (len(cases),))
    off = true.text_sd * jax.random.normal(named_key(key, "text"), found.text.shape)
    known = agreed[:, None] & coded(cases).issue & (jnp.arange(found.text.shape[1]) == 0)
    years = jnp.where(agreed, jnp.where(agreed, found.years, 1.0) * jnp.exp(late), 1.0)
    return Outcomes(agreed, years, jnp.where(known, found.text + off, jnp.nan))


def held(found: Learned, true: Parameters) -> np.ndarray:
    """Return which true values lie between the 5 % and 95 % quantiles of what was learned."""
    values, weight = np.asarray(to_free(true)), found.weights()
    order = np.argsort(found.free, 0)
    inside = []
    for column, value in enumerate(values):
        below = weight[order[:, column]][found.free[order[:, column], column] < value].sum()
        inside.append(0.05 <= below <= 0.95)
    return np.array(inside)


@pytest.mark.slow
def test_intervals_hold_what_outcomes_were_simulated_from(cases, monkeypatch):
    """Of 65 values drawn from the priors, nine in ten are expected in their intervals; at least 50 must be."""
    chosen = [case for case in cases if len(case.issues) <= 4][:N_CASES]
    inside = np.zeros((N_WORLDS, len(PRIORS)), bool)
    for world in range(N_WORLDS):
        key = named_key(root_key(8), f"world {world}")
        true = jax.tree.map(lambda array: array[0], draw_parameters(key, 1))
        outcomes = simulated(key, chosen, true)
        monkeypatch.setattr(module, "outcomes", lambda _, given=outcomes: given)
        inside[world] = held(learn(chosen, seed=world, n_sets=N_SETS), true)
    assert inside.sum() >= 50
