"""Few or all: which table delivers more, by how soon it must and by how much of the problem takes everyone.

A table with a share `k` of capability has the stake `S r`, `r = 1 - scope (1 - k)`: of a problem of scope 1 it gains in
proportion to who takes part (a common bad), of one of scope 0 all that there is (a club). Within a horizon `T` it
delivers

    W = r d (1 - exp(-T / (1/4 + K))),

reach times depth times the chance to be in time, `d` and `K` those of the closed form by consensus. Fewer parties are
faster and deeper; more of them reach further and have more at stake.
"""

from __future__ import annotations

from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
from jaxtyping import Array, Float, Key

from orrery.base.errors import NegotiationError
from orrery.negotiation.agreement import SHORTEST, Table, Terms, agree
from orrery.negotiation.mechanisms.size import ABSENT, POSITION_SD, SCALE
from orrery.negotiation.requirements import Requirements

CAPABILITY_SD = 1.0
"""Capability is lognormal with this deviation of its logarithm: of 24 parties the first five hold about a half."""


class Problem(eqx.Module):
    """A problem that either table could deal with.

    Attributes:
        stake: `S`, if all take part.
        concession: `c`, a year.
        n_parties: all that it concerns.
        n_club: the most capable, who form the small table.
    """

    stake: float = 1.0
    concession: float = 0.3
    n_parties: int = eqx.field(default=24, static=True)
    n_club: int = eqx.field(default=5, static=True)


def by_urgency_and_scope(
    key: Key[Array, ""],
    horizons: Sequence[float],
    scopes: Sequence[float],
    problem: Problem | None = None,
    n_draws: int = 200,
) -> pd.DataFrame:
    """Return what the small table and that of all deliver.

    Args:
        key: of positions and capabilities, the same for both tables.
        horizons: `T`, years within which something must be agreed, above 0; short is urgent.
        scopes: from 0 to 1.
        problem: the problem; a customary one where it is absent.
        n_draws: tables of each kind.

    Returns:
        `horizon, scope, club, inclusive`: means of `W` over draws.

    Raises:
        NegotiationError: a horizon that is not above 0, or a scope outside 0 to 1.
    """
    if not all(horizon > 0 for horizon in horizons):
        raise NegotiationError(f"`horizons`: {list(horizons)} came; give years above 0.")
    if not all(0 <= scope <= 1 for scope in scopes):
        raise NegotiationError(f"`scopes`: {list(scopes)} came; give shares from 0 to 1.")
    found = _delivered(key, jnp.asarray(horizons), jnp.asarray(scopes), problem or Problem(), n_draws)
    grid = pd.MultiIndex.from_product([horizons, scopes], names=["horizon", "scope"]).to_frame(index=False)
    return grid.assign(club=np.asarray(found[0], float).ravel(), inclusive=np.asarray(found[1], float).ravel())


@eqx.filter_jit
def _delivered(
    key: Key[Array, ""], horizons: Array, scopes: Array, problem: Problem, n_draws: int
) -> Float[Array, "table horizon scope"]:
    first, second = jax.random.split(key)
    shape = (n_draws, problem.n_parties)
    position = POSITION_SD * jax.random.normal(first, shape)[..., None]
    size = jnp.sort(jnp.exp(CAPABILITY_SD * jax.random.normal(second, shape)), 1)[:, ::-1]
    share = size / size.sum(1, keepdims=True)

    def of(n_seated: Array, scope: Array) -> Float[Array, " horizon"]:
        seated = jnp.arange(problem.n_parties) < n_seated
        reach = 1 - scope * (1 - (share * seated).sum(1))
        here = seated.astype(float)
        table = Table(position, jnp.ones_like(position), here, SCALE, jnp.where(seated, 0.0, ABSENT))
        rule = Requirements(seated.astype(int)[None, None], n_seated[None, None])
        terms = Terms(problem.stake * reach, concession=jnp.full(n_draws, problem.concession))
        agreed = agree(table, terms, rule)
        in_time = -jnp.expm1(-horizons[:, None] / (SHORTEST + agreed.years))
        return (reach * agreed.depth * in_time).mean(1)

    sizes = jnp.asarray([problem.n_club, problem.n_parties])
    return jax.vmap(lambda size: jax.vmap(lambda scope: of(size, scope), out_axes=1)(scopes))(sizes)
