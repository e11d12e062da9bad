"""Problems of one shape, so that each solution is compiled once for many tests."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from orrery.institutions.games import Threshold
from orrery.negotiation.solutions.problem import Problem

PARTIES, ISSUES = 5, 2
MAJORITY = Threshold((1,) * PARTIES, 3)


def problem_of(position, salience=None, influence=None, status_quo=None, game=None) -> Problem:
    """Return a problem of plain lists; what is left out: all alike, a status quo of 0, a majority of parties."""
    position = jnp.asarray(position, jnp.float32)
    parties = position.shape[-2]
    return Problem(
        position,
        jnp.ones_like(position) if salience is None else jnp.asarray(salience, jnp.float32),
        jnp.ones(position.shape[:-1]) if influence is None else jnp.asarray(influence, jnp.float32),
        jnp.zeros(position.shape[-1]) if status_quo is None else jnp.asarray(status_quo, jnp.float32),
        Threshold((1,) * parties, parties // 2 + 1) if game is None else game,
    )


def random_problem(seed: int, low: float = 0.3, draws: tuple[int, ...] = (), game=MAJORITY) -> Problem:
    """Return one with positions above `low` and the status quo near 0, so that all gain by some texts."""
    rng = np.random.default_rng(seed)
    shape = (*draws, PARTIES, ISSUES)
    return problem_of(
        rng.uniform(low, 1, shape), rng.uniform(0.1, 1, shape), rng.uniform(0.1, 1, shape[:-1]), [0.05, 0.1], game
    )
