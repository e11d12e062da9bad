"""Escape clauses: a lawful way out of an obligation for a time, at a price.

With a clause a party has three ways (a choice among alternatives with extreme-value noise, McFadden 1974; without the
clause it is the probability of `obligations`):

    comply    z
    escape    z_0 + [enforcement + shadow + legitimacy of `motives`] - e d
    violate   0

Who escapes stays within the law, and so keeps what speaks for lawful conduct in itself, but has neither gain nor cost
of the obligation; it pays `e` per unit of depth, as a compensation in proportion to the concessions that it withdraws.
An infinite price is an agreement without the clause.

A clause lowers compliance and lowers violation more: the deepest agreement in which violation stays within bounds is
deeper with one (Rosendorff & Milner 2001). What is delivered, depth times compliance, falls again where escape is too
cheap: the price is best neither zero nor infinite.
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
from jax.core import Tracer
from jaxtyping import Array, Float

from orrery.negotiation.compliance.allowed import require_positive, require_within
from orrery.negotiation.compliance.obligations import Obligation, Response, Standing, motives

DEPTHS = 1001
"""Depths that are looked at between 0 and the greatest."""


class Conduct(eqx.Module):
    """Probabilities of the three ways; they sum to 1."""

    comply: Float[Array, "*batch"]
    escape: Float[Array, "*batch"]
    violate: Float[Array, "*batch"]


class Terms(eqx.Module):
    """Under what terms an obligation stands.

    Attributes:
        intercept: `z_0` (`obligations.intercept_of`).
        price: `e`, of escaping, per unit of depth, 0 or more; infinite where there is no clause.

    Raises:
        NegotiationError: a negative price, or one that is not a number.
    """

    intercept: float | Float[Array, "*#batch"]
    price: float | Float[Array, "*#batch"] = float("inf")

    def __check_init__(self) -> None:
        if not isinstance(self.price, Tracer):
            finite = jnp.where(jnp.isposinf(self.price), 0.0, self.price)
            require_within("price", finite, 0, advice="Give infinity where there is no clause.")


@jax.jit
def conduct(owed: Obligation, party: Standing, response: Response, terms: Terms) -> Conduct:
    """Return how likely a party is to comply, to escape and to violate."""
    speaks, depth, price = motives(owed, party, response), jnp.asarray(owed.depth), jnp.asarray(terms.price)
    lawful = speaks.enforcement + speaks.shadow + speaks.legitimacy
    # Infinity times a depth of 0 is no number; without a clause there is no escape at any depth.
    cost = jnp.where(jnp.isinf(price), jnp.inf, jnp.where(jnp.isinf(price), 0.0, price) * depth)
    ways = jnp.broadcast_arrays(terms.intercept + speaks.total, terms.intercept + lawful - cost, jnp.zeros(()))
    chance = jax.nn.softmax(jnp.asarray(response.sensitivity) * jnp.stack(ways), axis=0)
    return Conduct(*chance)


def deepest(
    owed: Obligation,
    party: Standing,
    response: Response,
    terms: Terms,
    *,
    violation: float,
    greatest: float = 1.0,
) -> Float[Array, "*batch"]:
    """Return the greatest depth at which a party violates with at most this probability.

    Found among `DEPTHS` evenly spaced depths, so to a thousandth of `greatest`; not a number where no depth will do.

    Args:
        owed: the obligation; its own depth is left aside.
        party: where the party stands.
        response: how it responds.
        terms: with or without a clause.
        violation: the probability of violation that is put up with, 0 to 1.
        greatest: the depth beyond which nobody goes, above 0; that of the closed form is 1.

    Raises:
        NegotiationError: numbers outside these.
    """
    require_within("violation", violation, 0, 1, advice="Give the probability that is put up with.")
    require_positive("greatest", greatest, advice="Give the depth beyond which nobody goes.")
    depths = jnp.linspace(0.0, greatest, DEPTHS)

    within = _violation_by_depth(owed, party, response, terms, depths) <= violation
    last = DEPTHS - 1 - jnp.argmax(within[::-1], axis=0)
    return jnp.where(within.any(0), depths[last], jnp.nan)


@jax.jit
def _violation_by_depth(
    owed: Obligation, party: Standing, response: Response, terms: Terms, depths: Float[Array, " depth"]
) -> Float[Array, " depth *batch"]:
    def violated(depth: Float[Array, ""]) -> Float[Array, "..."]:
        here = Obligation(owed.stake, depth, owed.excludability, owed.formality, owed.legitimacy)
        return conduct(here, party, response, terms).violate

    return jax.vmap(violated)(depths)
