"""What a bloc that meets first does to an agreement of all: it depends on the line that it takes.

With influence `omega`, a bloc B that takes its own compromise `sum_B omega_i x_i / sum_B omega_i` leaves the text where
it is, to everybody outside nothing changes, and by convexity no member is further from the text than the furthest was:
under unanimity it never blocks and can free. With any other line x_B the text moves by
`discipline * sum_B omega_i (x_B - x_i)`, away from those outside or towards them.
"""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
from jaxtyping import Array, Float, Key

from orrery.institutions.games import Threshold
from orrery.negotiation.agreement import Agreement, Table, Terms, caucused
from orrery.negotiation.cases import Case
from orrery.negotiation.mechanisms.size import agree_compiled


def by_line(case: Case, stake: float, shift: Sequence[float]) -> pd.DataFrame:
    """Return what a case's caucus does by the line it takes, by consensus of all.

    Args:
        case: with one caucus, and one party outside it.
        stake: `S`.
        shift: by how much of the distance to the party outside the bloc's compromise is moved: above 0 towards it,
            below 0 away from it.

    Returns:
        `shift, without, binding, depth` (without the caucus, and with it), `bloc` and `outside`: the least
        acceptability in the bloc, and that of the party outside.
    """
    (caucus,) = case.caucuses
    places = [case.place(key) for key in caucus.parties]
    inside = np.isin(np.arange(len(case.parties)), places)
    (lone,) = np.flatnonzero(~inside)
    share = case.influence * inside / (case.influence * inside).sum()
    middle = share @ case.position
    lines = middle + np.asarray(shift)[:, None] * (case.position[lone] - middle)
    position = caucused(
        jnp.broadcast_to(jnp.asarray(case.position, float), (len(lines), *case.position.shape)),
        jnp.asarray(inside, float)[:, None],
        jnp.asarray(lines, float)[:, None, :],
        caucus.discipline,
    )
    alone, together = (
        _by_consensus(each, jnp.asarray(case.influence, float), stake, jnp.asarray(case.salience, float))
        for each in (jnp.asarray(case.position, float), position)
    )
    columns = {
        "shift": shift,
        "without": np.full(len(lines), float(alone.binding)),
        "binding": together.binding,
        "depth": together.depth,
        "bloc": jnp.where(jnp.asarray(inside), together.acceptability, jnp.inf).min(-1),
        "outside": together.acceptability[:, lone],
    }
    return pd.DataFrame({name: np.asarray(values, float) for name, values in columns.items()})


def by_chance(
    key: Key[Array, ""], stake: float, n_tables: int = 400, n_parties: int = 8, n_bloc: int = 5
) -> pd.DataFrame:
    """Return what a caucus does at random tables: the first parties meet, and take their compromise or a member's line.

    Positions on one issue are uniform on 0 to 1, influence is equal, all is by consensus, discipline complete.

    Args:
        key: of the tables.
        stake: `S`.
        n_tables: how many.
        n_parties: at each.
        n_bloc: how many of them meet first.

    Returns:
        `table, line` ("compromise", "first member"), `moved` (of the text, away from those outside: above 0),
        `without, binding` (acceptability without and with the caucus), `outcome`: frees, blocks or neither.
    """
    position = jax.random.uniform(key, (n_tables, n_parties, 1))
    inside = (jnp.arange(n_parties) < n_bloc).astype(float)[:, None]
    alone = _by_consensus(position, jnp.ones(n_parties), stake)
    lines = {"compromise": position[:, :n_bloc].mean(1, keepdims=True), "first member": position[:, :1]}
    tables = []
    for name, line in lines.items():
        together = _by_consensus(caucused(position, inside, line, 1.0), jnp.ones(n_parties), stake)
        towards = jnp.sign(position[:, n_bloc:].mean(1) - alone.text)
        moved = -((together.text - alone.text) * towards)[:, 0]
        now, then = np.asarray(together.agreed), np.asarray(alone.agreed)
        outcome = np.where(now & ~then, "frees", np.where(then & ~now, "blocks", "neither"))
        columns = {"moved": moved, "without": alone.binding, "binding": together.binding}
        tables.append(
            pd.DataFrame(
                {"table": np.arange(n_tables), "line": name}
                | {column: np.asarray(values, float) for column, values in columns.items()}
                | {"outcome": outcome}
            )
        )
    return pd.concat(tables, ignore_index=True)


def _by_consensus(
    position: Float[Array, "*table party issue"],
    influence: Float[Array, " party"],
    stake: float,
    salience: Float[Array, "party issue"] | None = None,
) -> Agreement:
    matters = jnp.ones(position.shape[-2:]) if salience is None else salience
    n_parties = position.shape[-2]
    return agree_compiled(Table(position, matters, influence), Terms(stake), Threshold((1,) * n_parties, n_parties))
