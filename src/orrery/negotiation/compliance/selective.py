"""Selective commitment: parties bound on some issues and not on others, and obligations that differ by party.

*Opt-outs.* A party that would keep an obligation with less than a given probability does not take it on. The record of
those who did is then better than that of all would have been, by selection and not by effort (Downs, Rocke & Barsoom
1996; Simmons & Hopkins 2005), and less is delivered where those left out would have done something.

*Broad or deep.* Let `a_i` be the deepest obligation that party i can be expected to keep (`escape.deepest`), the most
able first. With one obligation for all, the first k parties are bound to the depth of the last of them, `min a_i`, and
achieve `k min a_i`: admitting one more makes it shallower for all. Where obligations differ by party, each is bound to
its own, and they achieve `sum a_i`: there is no trade-off between breadth and depth (Gilligan 2004).
"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from orrery.negotiation.compliance.allowed import require_within


class Commitment(eqx.Module):
    """What comes of an agreement in which parties are bound to some issues only.

    Attributes:
        breadth: share of the parties' weight that is bound, by issue.
        kept: mean compliance of those bound; not a number where nobody is.
        delivered: weighted mean over all parties of depth times compliance, 0 for those not bound.
    """

    breadth: Float[Array, "*batch issue"]
    kept: Float[Array, "*batch issue"]
    delivered: Float[Array, "*batch issue"]


class Breadth(eqx.Module):
    """What the first 1, 2, ... parties achieve, the most able first.

    Attributes:
        uniform: depth that one obligation for all can have.
        uniform_total: sum of depths under it.
        tailored_total: sum of depths where each is bound to its own.
    """

    uniform: Float[Array, "*batch number"]
    uniform_total: Float[Array, "*batch number"]
    tailored_total: Float[Array, "*batch number"]


def opt_outs(chance: Float[Array, "*batch party issue"], least: float) -> Bool[Array, "*batch party issue"]:
    """Tell which obligations are not taken on: those kept with a probability below `least`.

    Args:
        chance: probability that a party keeps its obligation on an issue, 0 to 1.
        least: the probability from which on it takes it on, 0 to 1.

    Raises:
        NegotiationError: numbers outside these.
    """
    require_within("chance", chance, 0, 1, advice="Give probabilities of compliance.")
    require_within("least", least, 0, 1, advice="Give the probability from which on a party commits itself.")
    return chance < least


def commitment(
    chance: Float[Array, "*batch party issue"],
    depth: Float[Array, "*#batch #party issue"],
    opted_out: Bool[Array, "*#batch party issue"],
    weight: Float[Array, "*#batch party"],
) -> Commitment:
    """Return breadth, compliance and what is delivered on every issue.

    Args:
        chance: probability that a party keeps its obligation on an issue, 0 to 1.
        depth: of the obligation; one for all parties, or each its own.
        opted_out: who is not bound.
        weight: of each party, 0 or more and not all 0; brought to sum 1.

    Raises:
        NegotiationError: numbers outside these.
    """
    require_within("chance", chance, 0, 1, advice="Give probabilities of compliance.")
    require_within("weight", weight, 0, advice="Give shares of capability, or 1 for each.")
    share = (weight / weight.sum(-1, keepdims=True))[..., None]
    bound = jnp.where(opted_out, 0.0, share)
    breadth = bound.sum(-2)
    kept = (bound * chance).sum(-2) / jnp.where(breadth > 0, breadth, jnp.nan)
    return Commitment(breadth, kept, (bound * chance * depth).sum(-2))


def breadth(able: Float[Array, "*batch party"]) -> Breadth:
    """Return what the most able 1, 2, ... parties achieve with one obligation for all, and with each its own.

    Args:
        able: `a`, the deepest obligation that each party can be expected to keep, 0 or more.

    Raises:
        NegotiationError: a negative depth, or one that is not a number: such a party keeps no obligation at all.
    """
    require_within("able", able, 0, advice="Leave out parties that keep no obligation, however shallow.")
    ordered = -jnp.sort(-able, axis=-1)
    number = jnp.arange(1, able.shape[-1] + 1)
    return Breadth(ordered, number * ordered, jnp.cumsum(ordered, axis=-1))
