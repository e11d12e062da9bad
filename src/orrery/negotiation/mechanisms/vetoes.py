"""A further veto, given to each party in turn: absorbed, or not (Tsebelis 2002, ch. 1)."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pandas as pd
from jaxtyping import Float

from orrery.institutions.games import Threshold
from orrery.negotiation.agreement import Table, Terms
from orrery.negotiation.mechanisms.size import agree_compiled, quota_of
from orrery.negotiation.requirements import Requirements


def by_veto(position: Float[np.ndarray, " party"], share: float, stake: float) -> pd.DataFrame:
    """Return what a veto of each party, one at a time, adds to a rule by which a share of the parties decides.

    The rule binds at `phi*`; with a veto of v it binds at `min(phi*, phi_v)`. The veto is absorbed, and changes
    nothing, if and only if `phi_v >= phi*`.

    Args:
        position: of every party on the issue.
        share: of the parties, one vote each, that carries a text; a half is to be passed.
        stake: `S`.

    Returns:
        By party: `position, acceptability, without` (binding, the same in every row), `binding, depth, years` with its
        veto, and `absorbed`.
    """
    n_parties = len(position)
    matters, influence = jnp.ones((n_parties, 1)), jnp.ones(n_parties)
    once = jnp.asarray(position, float)[:, None]
    each = jnp.broadcast_to(once, (n_parties, n_parties, 1))
    quota = quota_of(share, n_parties)
    everyone = jnp.ones((n_parties, n_parties), int)
    weight = jnp.stack([everyone, jnp.eye(n_parties, dtype=int)], 1)[:, None]
    with_veto = Requirements(weight, jnp.broadcast_to(jnp.asarray([quota, 1]), (n_parties, 1, 2)))
    plain = agree_compiled(Table(once, matters, influence), Terms(stake), Threshold((1,) * n_parties, quota))
    vetoed = agree_compiled(Table(each, matters, influence), Terms(stake), with_veto)
    columns = {
        "position": position,
        "acceptability": plain.acceptability,
        "without": jnp.broadcast_to(plain.binding, n_parties),
        "binding": vetoed.binding,
        "depth": vetoed.depth,
        "years": vetoed.years,
    }
    found = pd.DataFrame({name: np.asarray(values, float) for name, values in columns.items()})
    return found.assign(absorbed=found["acceptability"] >= found["without"])
