"""Who stands in the way of an offer that nobody gains from is told by the text, not by the order of the parties."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from orrery.institutions.games import Threshold
from orrery.negotiation.agreement import SHORTEST
from orrery.negotiation.bargaining.reasons import reasons
from orrery.negotiation.bargaining.setting import Conduct, Setting, setting
from orrery.negotiation.bargaining.talks import Talks, talk_all

ROWS = 3
"""Draws: the party that is farthest from the others stands first, in the middle, last."""


@pytest.fixture(scope="module")
def played() -> tuple[Setting, Talks]:
    """Three parties and an empty seat, by unanimity, with too little at stake for a text between 0 and 1."""
    position = np.full((ROWS, 4, 1), 0.9)
    for row in range(ROWS):
        position[row, row] = 0.0
    each = [
        setting(jnp.asarray(one), seated=[True, True, True, False], influence=jnp.array([1.0, 1.0, 1.0, 0.0]))
        for one in position
    ]
    start = jax.tree.map(lambda *arrays: jnp.stack(arrays), *each)
    conduct = Conduct(jnp.full(ROWS, 0.05))
    conduct = jax.tree.map(lambda array: jnp.broadcast_to(array, (ROWS,)), conduct)
    return start, talk_all(start, conduct, Threshold((1, 1, 1, 0), 3))


def test_without_depth_the_farthest_party_blocks_wherever_it_stands(played: tuple[Setting, Talks]) -> None:
    _, talks = played
    assert not np.asarray(talks.agreed).any()
    assert np.asarray(talks.blocks).tolist() == np.asarray(talks.held_out).tolist() == [0, 1, 2]


def test_an_empty_seat_is_not_told_of(played: tuple[Setting, Talks]) -> None:
    start, talks = jax.tree.map(lambda array: array[0], played)
    told = reasons(talks, start, ("France", "India", "Brazil", ""), ("cuts",))
    assert told == ("No agreement after 120 rounds: no text satisfied France, whose consent was needed.",)
    agreed = Talks(
        agreed=jnp.asarray(True),
        text=jnp.array([0.6]),
        depth=jnp.asarray(0.5),
        rounds=jnp.asarray(0),
        years=jnp.asarray(SHORTEST),
        value=jnp.array([0.0, 0.1, 0.1, 0.0]),
        demand=jnp.ones(4),
        signs=jnp.array([False, True, True, False]),
        left=jnp.zeros(4, bool),
        packaged=jnp.asarray(False),
        blocks=jnp.asarray(1),
        held_out=jnp.asarray(0),
        ratification=jnp.asarray(1.0),
    )
    told = reasons(agreed, start, ("France", "India", "Brazil", ""), ("cuts",))
    assert told[-1] == "Bound without gaining, or outvoted: France."
