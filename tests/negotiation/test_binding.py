"""Who binds: against every subset, at the limits of rules, and with weights beyond 32 bits."""

from __future__ import annotations

from itertools import combinations

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orrery.base.errors import NegotiationError
from orrery.institutions.games import AllOf, AnyOf, Threshold, passes
from orrery.negotiation.binding import binding

N = 6


thresholds = st.tuples(st.lists(st.integers(0, 9), min_size=N, max_size=N), st.floats(-0.1, 1.1))
made = st.recursive(
    thresholds,
    lambda inner: st.tuples(st.sampled_from((AllOf, AnyOf)), st.lists(inner, min_size=1, max_size=3)),
    max_leaves=4,
)
"""Not games yet: the checks of types in the tests draw random numbers of their own, which strategies must not."""
values = st.lists(st.integers(-20, 20), min_size=N, max_size=N, unique=True)


def game_of(part):
    if isinstance(part[0], list):
        return Threshold(tuple(part[0]), round(part[1] * sum(part[0])))
    return part[0](tuple(game_of(inner) for inner in part[1]))


def by_subsets(phi: list[int], game) -> float:
    """Return the greatest least value of any winning set, by trying them all."""
    best = -np.inf
    for size in range(N + 1):
        for members in combinations(range(N), size):
            yes = np.zeros(N, bool)
            yes[list(members)] = True
            if bool(passes(game, yes)):
                best = max(best, min((phi[place] for place in members), default=np.inf))
    return best


@given(values, made)
def test_binding_is_the_best_least_value_of_a_winning_set(phi, parts):
    game = game_of(parts)
    found = binding(jnp.asarray(phi, jnp.float32), game)
    assert float(found.acceptability) == by_subsets(phi, game)
    if np.isfinite(found.acceptability):
        assert phi[int(found.party)] == float(found.acceptability)
    else:
        assert int(found.party) == -1


@given(values, made, st.integers(0, N - 1), st.integers(1, 9))
def test_a_party_that_accepts_more_never_lowers_what_binds(phi, parts, place, more):
    game = game_of(parts)
    raised = [value + more * (number == place) for number, value in enumerate(phi)]
    before, after = (binding(jnp.asarray(each, jnp.float32), game).acceptability for each in (phi, raised))
    assert float(after) >= float(before)


def test_unanimity_a_veto_a_majority_and_no_requirement():
    phi = jnp.asarray([[0.4, -0.2, 0.9, 0.1, 0.6]])
    every = Threshold((1,) * 5, 5)
    assert binding(phi, every).acceptability.tolist() == pytest.approx([-0.2])
    veto = AllOf((Threshold((1,) * 5, 2), Threshold((0, 0, 0, 1, 0), 1)))
    assert binding(phi, veto).party.tolist() == [3]
    assert binding(phi, Threshold((1,) * 5, 3)).acceptability.tolist() == pytest.approx([0.4])
    assert binding(phi, Threshold((1,) * 5, 0)).acceptability.tolist() == [np.inf]
    assert binding(phi, Threshold((1,) * 5, 6)).acceptability.tolist() == [-np.inf]


@given(st.lists(st.integers(0, 2**43), min_size=N, max_size=N), values, st.data())
def test_weights_beyond_32_bits_are_counted_exactly(weights, phi, data):
    game = Threshold(tuple(weights), data.draw(st.integers(1, sum(weights) + 1)))
    order = np.argsort(-np.array(phi), kind="stable")
    reached = [
        place
        for place, total in zip(order, np.cumsum(np.array(weights, object)[order]), strict=True)
        if total >= game.quota
    ]
    assert int(binding(jnp.asarray(phi, jnp.float32), game).party) == (reached[0] if reached else -1)


def test_other_parties_than_members_and_weights_too_large_are_refused():
    with pytest.raises(NegotiationError, match="3 parties came; the game has 2"):
        binding(jnp.zeros(3), Threshold((1, 1), 1))
    with pytest.raises(NegotiationError, match="larger unit"):
        binding(jnp.zeros(2), Threshold((2**46, 1), 1))
