"""Rules as arrays: the same parties bind as by the games that they are made from, whatever they are padded to."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orrery.base.errors import NegotiationError
from orrery.institutions.games import AllOf, AnyOf, TernaryThreshold, Threshold
from orrery.negotiation.binding import binding
from orrery.negotiation.requirements import requirements, stacked

SIZE = 5


@st.composite
def threshold_terms(draw: st.DrawFn) -> tuple[list[int], int]:
    weights = draw(st.lists(st.integers(0, 4), min_size=SIZE, max_size=SIZE))
    return weights, draw(st.integers(-1, sum(weights) + 1))


def nested(terms: list[tuple[list[int], int]], form: int):
    parts = [Threshold(tuple(weights), quota) for weights, quota in terms]
    return [
        parts[0],
        AllOf((parts[0], parts[1])),
        AnyOf((parts[0], AllOf((parts[1], parts[2])))),
        AllOf((AnyOf((parts[0], parts[1])), AnyOf((parts[2], parts[3])))),
    ][form]


@settings(max_examples=40)
@given(
    st.lists(threshold_terms(), min_size=4, max_size=4),
    st.integers(0, 3),
    st.lists(st.sampled_from([-1.0, -0.25, 0.0, 0.25, 0.75, 1.0]), min_size=SIZE, max_size=SIZE),
)
def test_arrays_bind_as_the_game_does_and_padding_changes_nothing(terms, form, values):
    game = nested(terms, form)
    phi = jnp.array(values)
    expected = binding(phi, game)
    found = requirements(game).binding(phi)
    assert float(found.acceptability) == float(expected.acceptability)
    wide = requirements(game, (6, 5, SIZE + 2)).binding(jnp.concatenate([phi, jnp.array([9.0, -9.0])]))
    assert float(wide.acceptability) == float(expected.acceptability)
    if np.isfinite(float(expected.acceptability)):
        # Which of several parts that bind alike is named is a matter of order; the value is that of the party named.
        assert values[int(found.party)] == float(expected.acceptability) == values[int(wide.party)]
    else:
        assert int(found.party) == int(wide.party) == -1


def test_several_games_are_stacked_in_one_shape():
    games = [Threshold((1, 1, 1), 2), AllOf((Threshold((1, 1, 1), 2), Threshold((0, 0, 1), 1)))]
    phi = jnp.array([[0.9, 0.5, 0.1], [0.9, 0.5, 0.1]])
    found = stacked(games, (1, 3, 3)).binding(phi)
    np.testing.assert_allclose(found.acceptability, [0.5, 0.1], rtol=1e-6)
    np.testing.assert_array_equal(found.party, [1, 2])


def test_what_arrays_do_not_hold_is_refused():
    with pytest.raises(NegotiationError, match="with abstention"):
        requirements(TernaryThreshold((1, 1), (1, 1), 1))
    with pytest.raises(NegotiationError, match="2\\^31"):
        requirements(Threshold((2**30, 2**30), 5))
    with pytest.raises(NegotiationError, match="needs at least"):
        requirements(Threshold((1, 1), 1), (1, 1, 1))
    many = AllOf(tuple(AnyOf((Threshold((1, 0), 1), Threshold((0, 1), 1))) for _ in range(7)))
    with pytest.raises(NegotiationError, match="more than 64 quotas"):
        requirements(many)
