"""An affected party that is left out: an agreement that is easier to reach, and lasts less long.

That the stakes left outside raise the rates at which an agreement ends is assumed (`compliance.survival`), with sizes
that are to be given. What follows is how that weighs against what leaving a party out makes easier.
"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pandas as pd

from orrery.base.errors import NegotiationError
from orrery.negotiation.agreement import Table, Terms
from orrery.negotiation.cases import Case
from orrery.negotiation.compliance.survival import Condition, Risks, excluded_share, fate, held, rates
from orrery.negotiation.mechanisms.size import ABSENT, agree_compiled
from orrery.negotiation.requirements import Requirements


class Kept(eqx.Module):
    """How far an agreement is kept whoever is left out, so that exclusion alone differs.

    Attributes:
        compliance: mean probability that obligations are kept, 0 to 1.
        formality: 0 to 1.
    """

    compliance: float = 0.8
    formality: float = 0.5


def by_exclusion(case: Case, stake: float, risks: Risks, years: int = 20, kept: Kept | None = None) -> pd.DataFrame:
    """Return the fate of a case's agreement by unanimity, with all and without each party in turn.

    A party's stake is its influence times the greatest salience that an issue has to it.

    Args:
        case: with three parties or more.
        stake: `S`.
        risks: how exclusion and the rest bear on the two rates.
        years: how many to follow.
        kept: how far it is kept; the same in every arrangement.

    Returns:
        By party left out ("" for nobody) and year: `left_out, year, excluded` (share of stakes), `depth` and
        `years_of_talks` of the talks, `renegotiation, breakdown` (rates a year), `in_force,
        renegotiated, broken_down` (probabilities at the end of the year, of an agreement reached).

    Raises:
        NegotiationError: fewer than three parties.
    """
    n_parties = len(case.parties)
    if n_parties < 3:
        raise NegotiationError(f"`case`: {case.code} has {n_parties} parties; leaving one out takes three or more.")
    seated = ~np.eye(n_parties + 1, n_parties, -1, dtype=bool)
    present = jnp.asarray(seated)
    influence = jnp.asarray(case.influence, float)
    position, salience = (jnp.asarray(each, float) for each in (case.position, case.salience))
    each = jnp.broadcast_to(position, (n_parties + 1, *position.shape))
    table = Table(each, salience, influence * present, extra=jnp.where(present, 0.0, ABSENT))
    rule = Requirements(present.astype(int)[:, None, None], present.sum(1).astype(int)[:, None, None])
    found = agree_compiled(table, Terms(stake), rule)
    value = jnp.where(present, found.value, 0).sum(-1) / present.sum(-1)
    excluded = excluded_share(influence * salience.max(1), present)
    how = Kept() if kept is None else kept
    rate = rates(Condition(how.compliance, how.formality, value, excluded), risks)
    ends = fate(held(rate, years))
    tables = []
    for row, name in enumerate(("", *case.keys)):
        talks = {"excluded": excluded, "depth": found.depth, "years_of_talks": found.years}
        once = talks | {"renegotiation": rate.renegotiation, "breakdown": rate.breakdown}
        yearly = {each: getattr(ends, each) for each in ("in_force", "renegotiated", "broken_down")}
        tables.append(
            pd.DataFrame(
                {"left_out": name, "year": np.arange(1, years + 1)}
                | {column: float(values[row]) for column, values in once.items()}
                | {column: np.asarray(values[:, row], float) for column, values in yearly.items()}
            )
        )
    return pd.concat(tables, ignore_index=True)
