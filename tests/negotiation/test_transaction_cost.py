"""The cheapest quorum: plain sums as an oracle, slopes of the two costs, limits, and Rae's majority."""

from __future__ import annotations

from math import comb

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orrery.base.errors import NegotiationError
from orrery.negotiation.transaction_cost import transaction_costs

N = 15
chances = st.floats(0.05, 0.95)


@settings(max_examples=20)
@given(chances, st.floats(0.01, 1), st.floats(1, 50))
def test_costs_are_those_of_plain_sums(agreement, effort, harm):
    found = transaction_costs(N, agreement, effort, harm)
    for quorum in range(1, N + 1):
        chance = {k: comb(N, k) * agreement**k * (1 - agreement) ** (N - k) for k in range(quorum, N + 1)}
        reached = sum(chance.values())
        opposed = sum((N - k) / N * one for k, one in chance.items()) / reached
        assert float(found.decision[quorum - 1]) == pytest.approx(effort / reached, rel=1e-3)
        assert float(found.external[quorum - 1]) == pytest.approx(harm * opposed, rel=1e-3, abs=1e-6)


@settings(max_examples=20)
@given(chances, st.floats(0.01, 1), st.floats(1, 50))
def test_decision_cost_rises_and_external_cost_falls_with_the_quorum(agreement, effort, harm):
    found = transaction_costs(N, agreement, effort, harm)
    assert (np.diff(found.decision) >= -1e-5 * np.asarray(found.decision[1:])).all()
    assert (np.diff(found.external) <= 1e-5 * harm).all()
    assert float(found.external[-1]) == 0
    np.testing.assert_allclose(found.total, found.decision + found.external, rtol=1e-6)


def test_the_cheapest_quorum_is_interior_and_moves_with_the_costs():
    """Buchanan & Tullock (1962, ch. 6): neither one member nor all; more harm asks for more consent."""
    found = transaction_costs(N, 0.5, 1.0, jnp.asarray([4.0, 20.0, 100.0]))
    quorum = found.quorum.tolist()
    assert all(1 < one < N for one in quorum)
    assert quorum == sorted(set(quorum))
    for place, one in enumerate(quorum):
        assert float(found.total[place, one - 1]) == float(found.total[place].min())


def test_without_effort_all_must_agree_and_without_harm_one_is_enough():
    assert int(transaction_costs(N, 0.5, 0.0, 1.0).quorum) == N
    assert int(transaction_costs(N, 0.5, 1.0, 0.0).quorum) == 1
    assert int(transaction_costs(1, 0.5, 1.0, 1.0).quorum) == 1
    # Where everybody always agrees, no quorum costs more than another.
    np.testing.assert_allclose(transaction_costs(N, 1.0, 2.0, 5.0).total, 2.0, rtol=1e-6)


def test_a_body_of_all_states_cannot_wait_for_unanimity():
    """At one half, 193 members all agree once in 2^193 proposals."""
    found = transaction_costs(193, 0.5, 1.0, 100.0)
    assert float(found.decision[-1]) > 1e30
    assert 97 <= int(found.quorum) <= 120


def test_a_body_without_members_is_refused():
    with pytest.raises(NegotiationError, match="0 came; a body has 1 or more"):
        transaction_costs(0, 0.5, 1.0, 1.0)
