"""The quorum that costs a body least: what deciding costs, and what others' decisions cost.

Let `n` members each agree to a proposal with probability `p`, independently, and let `k` of them have to. With `Y` the
number that agrees, binomial,

    decision cost  D(k) = effort / P(Y >= k)                        proposals are made until one finds its quorum,
    external cost  E(k) = harm x E[n - Y | Y >= k] / n              a decision harms those it is carried against.

D rises with the quorum, from `effort / P(Y >= 1)` to `effort / p^n`; E falls, to 0 at unanimity. Their sum is least at
some `k` in between unless one of the two weighs nothing next to the other. That there is such an interior optimum, and
that no quorum is distinguished without regard to the two costs, is Buchanan & Tullock's (1962, The Calculus of Consent,
ch. 6); they draw the curves and give no equation. Waiting for a quorum and Rae's (1969, doi:10.2307/1954283) chance of
standing on the losing side give these two.
"""

from __future__ import annotations

from math import comb, log

import equinox as eqx
import jax
import jax.numpy as jnp
from jax.scipy.special import xlog1py, xlogy
from jaxtyping import Array, Float, Int

from orrery.base.errors import NegotiationError


class TransactionCosts(eqx.Module):
    """What decisions cost under every quorum, in units of `effort` and `harm`.

    Attributes:
        decision: cost of coming to a decision, by quorum from 1 to n; infinite where it passes what a number holds.
        external: cost of decisions carried against a member, by quorum.
        total: their sum.
        quorum: number of members at which it is least; the smaller of two that cost the same.
    """

    decision: Float[Array, "*batch quorum"]
    external: Float[Array, "*batch quorum"]
    total: Float[Array, "*batch quorum"]
    quorum: Int[Array, "*batch"]


def transaction_costs(
    n_members: int,
    agreement: float | Float[Array, "*#batch"],
    effort: float | Float[Array, "*#batch"],
    harm: float | Float[Array, "*#batch"],
) -> TransactionCosts:
    """Return the costs of every quorum, and the one that costs least; see the module.

    Args:
        n_members: `n`, 1 or more.
        agreement: `p`, probability that a member agrees to a proposal, above 0 and up to 1.
        effort: what making and discussing one proposal costs, 0 or more.
        harm: what a decision costs a member that it is carried against, 0 or more, in the unit of effort.

    Raises:
        NegotiationError: no member.
    """
    if n_members < 1:
        raise NegotiationError(f"`n_members`: {n_members} came; a body has 1 or more.")
    agree, cost, loss = (jnp.asarray(value, float)[..., None] for value in (agreement, effort, harm))
    count = jnp.arange(n_members + 1, dtype=float)
    log_ways = jnp.asarray([log(comb(n_members, k)) for k in range(n_members + 1)])
    log_chance = log_ways + xlogy(count, agree) + xlog1py(n_members - count, -agree)
    log_reached = _log_sums_from(log_chance)
    log_opposed = _log_sums_from(log_chance + jnp.log(n_members - count))
    # With no effort even an endless wait costs nothing.
    decision = jnp.where(cost > 0, cost * jnp.exp(-log_reached[..., 1:]), 0.0)
    external = loss * jnp.exp(log_opposed - log_reached)[..., 1:] / n_members
    total = decision + external
    return TransactionCosts(*jnp.broadcast_arrays(decision, external, total), quorum=jnp.argmin(total, -1) + 1)


def _log_sums_from(logs: Float[Array, "*batch count"]) -> Float[Array, "*batch count"]:
    """Return the logarithm of the sum of everything from each place on."""
    return jax.lax.cumlogsumexp(logs, axis=logs.ndim - 1, reverse=True)
