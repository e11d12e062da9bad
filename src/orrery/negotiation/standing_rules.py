"""Rules of many bodies over one axis of parties whose members come and go."""

from __future__ import annotations

import equinox as eqx
import jax
import numpy as np
from jaxtyping import Float, Int

from orrery.institutions.games import AnyGame
from orrery.negotiation.requirements import _alternatives


class StandingRules(eqx.Module):
    """Rules of many bodies, in rows over one axis of parties."""

    unanimous: Float[jax.Array | np.ndarray, "unanimity party"]
    weight: Float[jax.Array | np.ndarray, "quota party"]
    share: Float[jax.Array | np.ndarray, " quota"]
    row_body: Int[jax.Array | np.ndarray, " row"]
    places: Int[jax.Array | np.ndarray, "version body alternative needed"]


def rows_of_game(game: AnyGame) -> list[list[tuple[tuple[int, ...], float]]]:
    """Return a game as alternatives of weights and the share of their sum that is needed."""
    return [
        [(quota.weights, quota.quota / sum(quota.weights)) for quota in alternative if quota.quota > 0]
        for alternative in _alternatives(game)
        if all(quota.quota <= sum(quota.weights) for quota in alternative)
    ]
