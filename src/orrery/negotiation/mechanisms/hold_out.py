"""A member that withholds its consent over another matter: a coded case, and the same without what decides it.

Parameters are the medians of what is known beforehand (`forecasts.parameters.PRIORS`): no case has taught them.
"""

from __future__ import annotations

from collections.abc import Mapping
from statistics import multimode

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
from jaxtyping import Array, Key

from orrery.base.errors import NegotiationError
from orrery.institutions.games import Threshold
from orrery.negotiation.bargaining.talks import Talks
from orrery.negotiation.cases import Case
from orrery.negotiation.forecasts.coded import Coded, coded
from orrery.negotiation.forecasts.parameters import Parameters, medians
from orrery.negotiation.forecasts.prediction import talks_of
from orrery.negotiation.mechanisms.size import quota_of
from orrery.negotiation.requirements import requirements

N_DRAWS = 200
CALM = 0.01
"""Salience of the other matter to a holder that is made indifferent to it."""


def by_package(key: Key[Array, ""], case: Case, holder: str, n_draws: int = N_DRAWS) -> pd.DataFrame:
    """Return how the talks of a case go with and without a package, an indifferent holder, a qualified majority.

    Args:
        key: of draws of positions, saliences and the stake; the same for every arrangement.
        case: one with an issue off the table.
        holder: key of the party that holds out.
        n_draws: how many draws.

    Returns:
        `arrangement, agreed` (share of draws), `packaged`, `held_out` (the party most often last needed on the first
        text), `share_held_out` (how often `holder` is), `depth` (mean; 0 without agreement), `years` (median of draws
        that agree; NaN where none does).

    Raises:
        NegotiationError: no such party, or no issue off the table.
    """
    if holder not in case.keys:
        raise NegotiationError(f"`holder`: {holder!r} came; the parties of {case.code} are {', '.join(case.keys)}.")
    if all(issue.on_table for issue in case.issues):
        raise NegotiationError(f"`case`: {case.code} came, with all issues on the table; give one that has another.")
    keys = jax.random.split(key, n_draws)
    rows = []
    for name, one in arrangements(case, holder).items():
        talks = _played(keys, one, medians())
        held, agreed = np.asarray(talks.held_out), np.asarray(talks.agreed)
        rows.append(
            {
                "arrangement": name,
                "agreed": agreed.mean(),
                "packaged": float(talks.packaged.mean()),
                "held_out": case.keys[min(multimode(held.tolist()))],
                "share_held_out": (held == case.place(holder)).mean(),
                "depth": float(talks.depth.mean()),
                "years": np.median(np.asarray(talks.years)[agreed]) if agreed.any() else np.nan,
            }
        )
    return pd.DataFrame(rows)


def arrangements(case: Case, holder: str) -> Mapping[str, Coded]:
    """Return the case as it is coded and with one thing changed each."""
    one: Coded = jax.tree.map(lambda array: array[0], coded([case]))
    off = ~one.on_table & one.issue
    alone = eqx.tree_at(lambda each: each.linkage, one, jnp.zeros_like(one.linkage))
    indifferent = jnp.where(off, CALM, one.salience[case.place(holder)])
    votes = case.seats.votes
    n_alternatives, n_quotas, n_places = one.rule.weight.shape
    quota = Threshold(tuple(votes), quota_of(0.65, sum(votes)))
    by_quota = requirements(quota, (n_alternatives, n_quotas, n_places))
    return {
        "a package is possible": one,
        "no package": alone,
        "no package, holder indifferent to the other matter": eqx.tree_at(
            lambda each: each.salience, alone, alone.salience.at[case.place(holder)].set(indifferent)
        ),
        "no package, 65 % of votes": eqx.tree_at(lambda each: each.rule, alone, by_quota),
    }


@eqx.filter_jit
def _played(keys: Key[Array, " draw"], one: Coded, parameters: Parameters) -> Talks:
    return jax.vmap(lambda key: talks_of(key, one, parameters)[0])(keys)
