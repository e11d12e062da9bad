"""Diffuse reciprocity: cooperation that lasts because there will be further dealings, with whomever.

In each period a country deals with one of n partners, each as likely. Cooperating is worth `v` a period more than not
to cooperate; who breaks its word gains `t` once. A share `p` of the other partners learns of a breach, and the
partner itself always does; whoever knows does not cooperate with the country again. Of the dealings to come a breach
costs the part

    q = (1 + p (n - 1)) / n,

1/n where only the partner itself answers (specific reciprocity) and 1 where the whole community does (diffuse
reciprocity: Keohane 1986; community enforcement: Kandori 1992). With a discount factor `d` a period, keeping
one's word is best if and only if the dealings at stake outweigh the temptation (one-shot deviation, Abreu 1988):

    t <= v q d / (1 - d),   or   d >= d* = t / (t + v q).

Several issues between the same parties may be tied: one breach ends cooperation on all. A breach is then best made on
all at once, and slack on one issue carries another (Bernheim & Whinston 1990, of contacts in several markets):

    d* = sum t / (sum t + sum v q).

What lasts untied on every issue lasts tied too; where the issues are alike, tying them changes nothing.
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from orrery.negotiation.compliance.allowed import require_within


class Exchange(eqx.Module):
    """A kind of dealings between many. Every array may have leading axes.

    Attributes:
        temptation: `t`, what a breach brings once; 0 or more.
        cooperation: `v`, what mutual cooperation brings a period more than none; 0 or more.
        partners: `n`, how many one may deal with; 1 or more.
        informed: `p`, share of the other partners that learn of a breach and answer it, 0 to 1.

    Raises:
        NegotiationError: a number outside these.
    """

    temptation: float | Float[Array, "*#batch"]
    cooperation: float | Float[Array, "*#batch"]
    partners: float | Float[Array, "*#batch"] = 1.0
    informed: float | Float[Array, "*#batch"] = 0.0

    def __check_init__(self) -> None:
        require_within("temptation", self.temptation, 0, advice="Where a breach costs at once, nothing tempts: give 0.")
        require_within("cooperation", self.cooperation, 0, advice="Give the gain over not cooperating.")
        require_within("partners", self.partners, 1, advice="Give how many partners there are.")
        require_within("informed", self.informed, 0, 1, advice="Give a share of the other partners.")


@jax.jit
def share_at_stake(exchange: Exchange) -> Float[Array, "*batch"]:
    """Return `q`, the part of the dealings to come that a breach ends."""
    n = jnp.asarray(exchange.partners)
    return (1 + exchange.informed * (n - 1)) / n


@jax.jit
def critical_discount(exchange: Exchange) -> Float[Array, "*batch"]:
    """Return `d*`, the least discount factor at which cooperation lasts.

    It is 0 without temptation and 1 with nothing to lose.
    """
    tempted = jnp.asarray(exchange.temptation)
    return _critical(tempted, exchange.cooperation * share_at_stake(exchange))


def slack(exchange: Exchange, discount: float | Float[Array, "*#batch"]) -> Float[Array, "*batch"]:
    """Return by how much the dealings at stake outweigh the temptation, `v q d / (1 - d) - t`.

    Args:
        exchange: the dealings.
        discount: `d`, from 0 to less than 1.

    Raises:
        NegotiationError: another discount factor.
    """
    require_discount(discount)
    to_come = jnp.asarray(discount) / (1 - jnp.asarray(discount))
    return exchange.cooperation * share_at_stake(exchange) * to_come - exchange.temptation


def is_sustained(exchange: Exchange, discount: float | Float[Array, "*#batch"]) -> Bool[Array, "*batch"]:
    """Tell whether cooperation lasts: whether `slack` is 0 or more.

    Raises:
        NegotiationError: a discount factor that is not from 0 to less than 1.
    """
    return slack(exchange, discount) >= 0


@jax.jit
def tied_critical_discount(exchange: Exchange) -> Float[Array, "*batch"]:
    """Return `d*` of all issues tied to one, the issues being the last axis of the exchange's arrays."""
    at_stake = exchange.cooperation * share_at_stake(exchange)
    tempted, at_stake = jnp.broadcast_arrays(jnp.asarray(exchange.temptation), at_stake)
    return _critical(tempted.sum(-1), at_stake.sum(-1))


def informed_needed(exchange: Exchange, discount: float | Float[Array, "*#batch"]) -> Float[Array, "*batch"]:
    """Return the least share of the other partners that must learn of a breach; above 1 where no news is enough.

    It solves `t = v q d / (1 - d)` for `p`, and is 0 where the partner itself suffices.

    Raises:
        NegotiationError: a discount factor that is not from 0 to less than 1.
    """
    require_discount(discount)
    n, d = jnp.asarray(exchange.partners), jnp.asarray(discount)
    ends = exchange.temptation * (1 - d) / (exchange.cooperation * d)
    others = jnp.where(n > 1, n - 1, 1.0)
    alone = jnp.where(ends <= 1, 0.0, jnp.inf)
    return jnp.where(n > 1, jnp.maximum((ends * n - 1) / others, 0.0), alone)


def discount_factor(
    patience: float | Float[Array, "*#batch"], survival: float | Float[Array, "*#batch"] = 1.0
) -> Float[Array, "*batch"]:
    """Return `d`, the weight of the next dealings: how they are valued times how likely it is that there are any.

    Args:
        patience: worth of one unit in the next period, as seen from this, 0 to 1.
        survival: probability that the dealings go on to the next period, 0 to 1.

    Raises:
        NegotiationError: a number outside 0 to 1.
    """
    require_within("patience", patience, 0, 1, advice="Give the worth of one unit a period later.")
    require_within("survival", survival, 0, 1, advice="Give a probability.")
    return jnp.asarray(patience) * survival


def shadow_of_the_future(
    discount: float | Float[Array, "*#batch"],
    tension: float | Float[Array, "*#batch"],
    memberships: float | Float[Array, "*#batch"],
) -> Float[Array, "*batch"]:
    """Return `d^T N`: the further games that a member has to lose, discounted more steeply where tension is high.

    Args:
        discount: `d` at the tension of the first year, 0 to 1.
        tension: `T`, 1 in the first year, 0 or more.
        memberships: `N`, the member's memberships weighted by authority over the mean of the first year, 0 or more.

    Raises:
        NegotiationError: a number outside these.
    """
    require_within("discount", discount, 0, 1, advice="Give the worth of one unit a year later.")
    require_within("tension", tension, 0, advice="Tension is relative to the first year, where it is 1.")
    require_within("memberships", memberships, 0, advice="Memberships are relative to the mean of the first year.")
    return jnp.asarray(discount) ** tension * memberships


def require_discount(discount: float | Float[Array, "*#batch"]) -> None:
    """Refuse discount factors below 0, or so near to 1 that the future has no finite worth.

    Raises:
        NegotiationError: such a discount factor.
    """
    require_within("discount", discount, 0, 1 - 1e-6, advice="At 1 the future outweighs everything; give less.")


def _critical(tempted: Float[Array, "*#batch"], at_stake: Float[Array, "*#batch"]) -> Float[Array, "*batch"]:
    total = tempted + at_stake
    # Without temptation and with nothing to lose, keeping one's word costs nothing.
    return jnp.where(total > 0, tempted / jnp.where(total > 0, total, 1.0), 0.0)
