"""What the number of parties does, rule by rule: the same stake, positions drawn alike, tables of different sizes."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
from jaxtyping import Array, Key

from orrery.base.errors import NegotiationError
from orrery.negotiation.agreement import Agreement, Table, Terms, agree
from orrery.negotiation.legitimacy import speed
from orrery.negotiation.requirements import Requirements

POSITION_SD, SCALE = 0.8, 2.0
"""Positions are normal with this deviation; distance is counted in the second."""
ABSENT = -1e6
"""Distance of a place at the table that is empty: it stands in nobody's way."""
RULES = {"unanimity": 1.0, "65 % of parties": 0.65, "majority": 0.5}
"""Share of the parties, one vote each, that carries a text; a half is to be passed."""


def by_size(
    key: Key[Array, ""], sizes: Sequence[int], stake: float = 0.375, concession: float = 0.3, n_draws: int = 200
) -> pd.DataFrame:
    """Return deadlock, depth and speed by rule and number of parties.

    Positions on one issue are drawn independently; a table of n holds the first n of every draw, so that tables differ
    in who is added and in nothing else.

    Args:
        key: of the positions.
        sizes: numbers of parties, 2 or more.
        stake: `S`.
        concession: `c`, a year.
        n_draws: tables of each size.

    Returns:
        `rule, parties, deadlock` (share of tables), `depth` (mean, 0 in deadlock), `speed` (mean of agreements a year,
        0 in deadlock), in the order of `RULES` and of the sizes.

    Raises:
        NegotiationError: no size, or one below 2.
    """
    if not sizes or min(sizes) < 2:
        raise NegotiationError(f"`sizes`: {list(sizes)} came; give one or more, each of 2 parties or more.")
    most = max(sizes)
    position = POSITION_SD * jax.random.normal(key, (n_draws, most, 1))
    named = [(rule, size) for rule in RULES for size in sizes]
    quota = jnp.asarray([quota_of(RULES[rule], size) for rule, size in named])
    seated = jnp.asarray(np.array([[place < size for place in range(most)] for _, size in named]))
    found = _agreements(position, seated, quota, Terms(stake, concession=concession))
    each = {
        "deadlock": 1 - found.agreed.mean(-1),
        "depth": found.depth.mean(-1),
        "speed": speed(found.years).mean(-1),
    }
    rules, numbers = zip(*named, strict=True)
    columns = {name: np.asarray(values, float) for name, values in each.items()}
    return pd.DataFrame({"rule": rules, "parties": numbers, **columns})


agree_compiled = eqx.filter_jit(agree)
"""The closed form, compiled once for each shape of tables."""


def quota_of(share: float, size: int) -> int:
    """Return the votes that carry a text among so many parties; half of them do not."""
    return size // 2 + 1 if share == 0.5 else ceil(share * size - 1e-9)


@eqx.filter_jit
def _agreements(position: Array, seated: Array, quota: Array, terms: Terms) -> Agreement:
    """Return the agreements of every arrangement (rows of `seated`) on every draw."""

    def of_one(present: Array, votes: Array) -> Agreement:
        here = present.astype(float)
        table = Table(position, jnp.ones_like(position), here, SCALE, jnp.where(present, 0.0, ABSENT))
        return agree(table, terms, Requirements(present.astype(int)[None, None], votes[None, None]))

    return jax.vmap(of_one)(seated, quota)
