"""Recorded outcomes as arrays, and their likelihood: against plain loops, and its limits."""

from __future__ import annotations

from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import special, stats

from orrery.base.errors import NegotiationError
from orrery.base.keys import root_key
from orrery.negotiation.forecasts.outcomes import FOREVER, SURE, Outcomes, likelihoods, outcomes
from orrery.negotiation.forecasts.parameters import draw_parameters
from orrery.negotiation.forecasts.prediction import _closed

CODE = "EU-BELARUS-2020"
N_SETS = 64


@pytest.fixture(scope="module")
def setting(alone):
    """One case, 64 draws, 64 sets of parameters, and the closed form's draws under the first set."""
    keys = jax.random.split(root_key(11), 64)
    sets = draw_parameters(root_key(5), N_SETS)
    first = jax.tree.map(lambda array: jnp.full(64, array[0]), sets)
    names = ("chance", "years", "text", "binds")
    found = dict(zip(names, (np.asarray(one, float) for one in _closed(keys, alone(CODE), first)), strict=True))
    return keys, alone(CODE), sets, SimpleNamespace(**found)


def of(agreed: bool, years: float, *text: float) -> Outcomes:
    return Outcomes(jnp.asarray(agreed), jnp.asarray(years), jnp.asarray([*text, *[np.nan] * (4 - len(text))]))


def test_outcomes_are_those_recorded(cases):
    recorded = jax.tree.map(np.asarray, outcomes(cases))
    for row, case in enumerate(cases):
        assert bool(recorded.agreed[row]) == case.outcome.agreed
        days = (case.outcome.last_day - case.began).days
        assert float(recorded.years[row]) == pytest.approx(max(days, 1) / 365.25, rel=1e-5)
        for column, issue in enumerate(case.issues):
            known = (case.outcome.position or {}).get(issue.key)
            value = float(recorded.text[row, column])
            assert np.isnan(value) if known is None else value == pytest.approx(known / 100, abs=1e-6)
        assert np.isnan(recorded.text[row, len(case.issues) :]).all()


def test_a_case_that_has_not_ended_is_refused(cases):
    with pytest.raises(NegotiationError, match=f"case {cases[0].code}: it has no outcome"):
        outcomes([cases[0].model_copy(update={"outcome": None})])


def test_failure_is_as_likely_as_the_chance_leaves(setting):
    keys, one, sets, draws = setting
    likely, chance = likelihoods(keys, one, of(False, 2.0), sets)
    assert float(chance[0]) == pytest.approx(draws.chance.mean(), abs=1e-5)
    np.testing.assert_allclose(likely, np.log1p(-np.clip(chance, SURE, 1 - SURE)), atol=1e-4)


def test_when_talks_failed_does_not_count(setting):
    keys, one, sets, _ = setting
    early, late = (likelihoods(keys, one, of(False, years), sets)[0] for years in (0.1, 20.0))
    np.testing.assert_array_equal(early, late)


@pytest.mark.parametrize("text", [(0.6, 0.1), (0.6,), ()])
def test_agreement_against_a_plain_loop(text, setting):
    keys, one, sets, draws = setting
    years = 0.3
    likely = float(likelihoods(keys, one, of(True, years, *text), sets)[0][0])
    chance = np.clip(draws.chance.mean(), SURE, 1 - SURE)
    weight = np.maximum(draws.chance, 1e-9) / np.maximum(draws.chance, 1e-9).sum()
    expected = np.where(np.isinf(draws.years), FOREVER, draws.years)
    constant = np.log(2 * np.pi) / 2
    of_time = stats.norm.logpdf(np.log(years), np.log(expected), float(sets.duration_sd[0])) + constant
    total = np.log(chance) + special.logsumexp(of_time, b=weight)
    if text:
        each = stats.norm.logpdf(np.array(text), draws.text[:, : len(text)], float(sets.text_sd[0]))
        sd = float(sets.text_sd[0])
        off = each + constant + np.log(sd)
        total += special.logsumexp(off.mean(1) - np.log(sd), b=weight)
    assert likely == pytest.approx(total, abs=2e-3)


def test_texts_far_from_the_expected_are_less_likely(setting):
    keys, one, sets, draws = setting
    near = draws.text[:, :2].mean(0)
    far = np.where(near > 0.5, 0.0, 1.0)
    likely_near, likely_far = (likelihoods(keys, one, of(True, 0.3, *text), sets)[0][0] for text in (near, far))
    assert float(likely_near) > float(likely_far) + 1
