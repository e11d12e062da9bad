"""Tables of four parties and two issues, all of one shape, so that the rounds are compiled once for many tests."""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from orrery.institutions.games import AnyGame, Threshold
from orrery.negotiation.bargaining import Conduct, Setting, Talks, setting, talk
from orrery.negotiation.requirements import Requirements, requirements

PARTIES, ISSUES = 4, 2
UNANIMITY = Threshold((1,) * PARTIES, PARTIES)
MAJORITY = Threshold((1,) * PARTIES, 3)

_talk = eqx.filter_jit(talk)


def as_arrays(game: AnyGame) -> Requirements:
    """Return a game in the shape that all these tests share."""
    return requirements(game, (1, 2, PARTIES))


def play(table: Setting, manner: Conduct, game: AnyGame = UNANIMITY) -> Talks:
    """Play one negotiation; the same as `talk`, compiled once."""
    return _talk(table, manner, as_arrays(game))


def table_of(position, **further) -> Setting:
    """Return a setting of plain lists."""
    arrays = {name: jnp.asarray(value) for name, value in further.items()}
    return setting(jnp.asarray(position, jnp.float32), **arrays)


def random_table(seed: int, spread: float = 1.0, **further) -> Setting:
    """Return one with uniform positions in the middle of the scale and random saliences and influence."""
    rng = np.random.default_rng(seed)
    position = 0.5 + spread * (rng.uniform(0, 1, (PARTIES, ISSUES)) - 0.5)
    salience = rng.uniform(0.1, 1, (PARTIES, ISSUES))
    return table_of(position, salience=salience, influence=rng.uniform(0.2, 1, PARTIES), **further)
