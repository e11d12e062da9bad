"""Common parameters: real numbers stand for them and back, and draws and densities are those of the named priors."""

from __future__ import annotations

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from orrery.base.keys import root_key
from orrery.negotiation.forecasts.parameters import (
    KINDS,
    PRIORS,
    Parameters,
    draw_parameters,
    from_free,
    medians,
    prior_density,
    to_free,
)

N_DRAWS = 4_000
NAMES = tuple(PRIORS)


def distribution(name: str) -> stats.rv_frozen:
    """Return the prior of a parameter as another library has it."""
    prior = PRIORS[name]
    families = {
        "lognormal": lambda: stats.lognorm(s=prior.second, scale=prior.first),
        "beta": lambda: stats.beta(prior.first, prior.second),
        "halfnormal": lambda: stats.halfnorm(scale=prior.first),
    }
    return families[prior.kind]()


def log_slope(name: str, free: np.ndarray) -> np.ndarray:
    """Return the logarithm of the slope of the value in the real number, which turns one density into the other."""
    if PRIORS[name].kind == "beta":
        return stats.logistic.logpdf(free)
    return free


@pytest.fixture(scope="module")
def draws() -> Parameters:
    return draw_parameters(root_key(1), N_DRAWS)


def test_parameters_and_priors_have_the_same_names_in_the_same_order():
    assert tuple(field.name for field in dataclasses.fields(Parameters)) == NAMES


def test_every_prior_says_what_it_is_of_a_known_kind():
    assert len({prior.symbol for prior in PRIORS.values()}) == len(PRIORS)
    for prior in PRIORS.values():
        assert prior.kind in KINDS
        assert all((prior.symbol, prior.meaning, prior.unit, prior.source))


def test_real_numbers_stand_for_draws_and_back(draws):
    again = from_free(to_free(draws))
    for name in NAMES:
        np.testing.assert_allclose(getattr(again, name), getattr(draws, name), rtol=2e-5)


@given(st.lists(st.floats(-4, 4), min_size=len(NAMES), max_size=len(NAMES)))
def test_values_stand_for_real_numbers_and_back(numbers):
    free = jnp.asarray(numbers, jnp.float32)
    np.testing.assert_allclose(to_free(from_free(free)), free, atol=1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_draws_are_those_of_the_prior(name, draws):
    assert stats.kstest(np.asarray(getattr(draws, name), float), distribution(name).cdf).pvalue > 1e-3


@pytest.mark.parametrize("name", NAMES)
def test_the_density_is_the_priors_up_to_a_constant(name, draws):
    free = np.asarray(to_free(draws)[:, NAMES.index(name)], float)
    value = np.asarray(KINDS[PRIORS[name].kind].value(jnp.asarray(free)), float)
    expected = distribution(name).logpdf(value) + log_slope(name, free)
    found = KINDS[PRIORS[name].kind].density(jnp.asarray(free), PRIORS[name].first, PRIORS[name].second)
    apart = np.asarray(found, float) - expected
    np.testing.assert_allclose(apart, np.median(apart), atol=2e-3)


def test_the_joint_density_is_the_sum_of_all(draws):
    free = to_free(draws)
    expected = sum(
        np.asarray(KINDS[prior.kind].density(free[:, column], prior.first, prior.second), float)
        for column, prior in enumerate(PRIORS.values())
    )
    np.testing.assert_allclose(prior_density(free), expected, rtol=1e-4, atol=1e-4)
    assert prior_density(free).shape == (N_DRAWS,)


def test_one_parameters_draws_depend_on_its_name_alone(draws):
    """Streams are named: no two parameters of one family move together."""
    numbers = np.asarray(to_free(draws), float)
    between = np.corrcoef(numbers.T) - np.eye(len(NAMES))
    assert np.abs(between).max() < 5 / np.sqrt(N_DRAWS)


@pytest.mark.parametrize("name", NAMES)
def test_medians_are_those_of_the_priors(name):
    assert float(getattr(medians(), name)) == pytest.approx(distribution(name).median(), rel=1e-5)
