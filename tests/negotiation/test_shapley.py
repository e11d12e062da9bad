"""The Shapley value: its axioms, closed forms against all orders, published values, and the error of sampling."""

from __future__ import annotations

from itertools import permutations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orrery.base.errors import NegotiationError
from orrery.negotiation.burden.shapley import airport_value, sampled_value, savings, shapley_value

N = 5
needs = st.lists(st.integers(0, 20), min_size=N, max_size=N)
tables = st.lists(st.integers(0, 20), min_size=2**N, max_size=2**N)


def airport(need):
    return lambda sets: jnp.where(sets, jnp.asarray(need, float), 0.0).max(-1)


def additive(own):
    return lambda sets: jnp.where(sets, jnp.asarray(own, float), 0.0).sum(-1)


def tabulated(values):
    paid = jnp.asarray(values, float).at[0].set(0.0)
    return lambda sets: paid[(sets * 2 ** jnp.arange(N)).sum(-1)]


def over_all_orders(cost):
    """Return the mean of what each adds, over every order."""
    added = np.zeros(N)
    for order in permutations(range(N)):
        joined = np.argsort(order)[None, :] < np.arange(N + 1)[:, None]
        added[list(order)] += np.diff(np.asarray(cost(jnp.asarray(joined))))
    return added / 120


@settings(max_examples=20)
@given(tables)
def test_exact_values_add_up_to_the_cost_of_all(values):
    """Efficiency."""
    found = shapley_value(tabulated(values), N)
    assert float(found.value.sum()) == pytest.approx(values[-1], abs=1e-3)
    assert not np.asarray(found.standard_error).any()


@settings(max_examples=5)
@given(tables)
def test_exact_values_are_the_mean_over_all_orders(values):
    np.testing.assert_allclose(shapley_value(tabulated(values), N).value, over_all_orders(tabulated(values)), atol=1e-3)


@settings(max_examples=30)
@given(needs)
def test_the_airport_closed_form_is_that_of_enumeration(need):
    np.testing.assert_allclose(
        airport_value(jnp.asarray(need, float)), shapley_value(airport(need), N).value, atol=1e-4
    )


@settings(max_examples=30)
@given(needs, st.integers(0, 9))
def test_symmetry_and_dummy(need, same):
    """Equal needs pay equally; who needs nothing pays nothing and changes no payment."""
    need[0] = need[1] = same
    value = airport_value(jnp.asarray([*need, 0], float))
    assert float(value[0]) == pytest.approx(float(value[1]), abs=1e-5)
    assert float(value[-1]) == 0
    np.testing.assert_allclose(value[:-1], airport_value(jnp.asarray(need, float)), atol=1e-5)
    dummy = shapley_value(lambda sets: airport(need[:4])(sets[:, :4]), N).value
    assert float(dummy[4]) == pytest.approx(0, abs=1e-5)


@settings(max_examples=30)
@given(needs, needs)
def test_additive_costs_are_paid_by_those_who_cause_them_and_games_add_up(need, own):
    np.testing.assert_allclose(shapley_value(additive(own), N).value, own, atol=1e-4)
    both = shapley_value(lambda sets: airport(need)(sets) + additive(own)(sets), N).value
    np.testing.assert_allclose(both, airport_value(jnp.asarray(need, float)) + jnp.asarray(own), atol=1e-3)


@settings(max_examples=20)
@given(tables)
def test_what_one_pays_is_its_cost_alone_less_its_share_of_the_savings(values):
    cost = tabulated(values)
    alone = np.asarray(cost(jnp.eye(N, dtype=bool)))
    saved = shapley_value(savings(cost, N), N).value
    np.testing.assert_allclose(alone - saved, shapley_value(cost, N).value, atol=1e-3)


def test_the_glove_game():
    """One left and two right gloves, by hand: the left one completes a pair unless it comes first, in 4 of 6 orders."""

    def pairs(sets):
        return jnp.minimum(sets[:, 0], sets[:, 1:].sum(-1)).astype(float)

    assert shapley_value(pairs, 3).value.tolist() == pytest.approx([2 / 3, 1 / 6, 1 / 6])


def test_sampling_is_near_the_closed_form_and_says_how_near():
    need = np.arange(1.0, 21.0)
    exact = np.asarray(airport_value(jnp.asarray(need)))
    found = shapley_value(airport(need), 20, key=jax.random.key(4))
    deviation = (np.asarray(found.value) - exact) / np.asarray(found.standard_error)
    # Twenty standardised errors: their mean square is about 1.
    assert 0.4 < float((deviation**2).mean()) < 2.0
    assert float(found.value.sum()) == pytest.approx(20, abs=1e-3)


def test_batches_equal_single_games():
    need = jnp.asarray(np.random.default_rng(2).uniform(0, 1, (4, N)))
    for place, value in enumerate(airport_value(need)):
        np.testing.assert_allclose(value, airport_value(need[place]), rtol=1e-6)


def test_what_is_no_game_is_refused():
    with pytest.raises(NegotiationError, match="13 countries need random orders"):
        shapley_value(airport(np.ones(13)), 13)
    with pytest.raises(NegotiationError, match="nobody pays 1"):
        shapley_value(lambda sets: jnp.ones(len(sets)), 2)
    with pytest.raises(NegotiationError, match="0 came"):
        shapley_value(airport(np.ones(1)), 0)
    with pytest.raises(NegotiationError, match="2 came; with fewer than 4"):
        sampled_value(jax.random.key(0), airport(np.ones(2)), 2, n_orders=2)
