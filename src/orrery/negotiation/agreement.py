"""Agreements in closed form: what is agreed under a rule, how deep it goes and how long it takes.

An agreement is a position `p` and a depth `d` (0 to 1). To party i, at position `x_i`, it is worth

    V_i(p, d) = d (S - D_i / 2) - d^2 / 2,   D_i = sum_k w_k (x_ik - p_k)^2 / scale^2 + extra_i,

`S` being the stake: gains grow with depth, costs faster, and less is gained the further the text is from one's own
position. With the acceptability

    phi_i = 1 - D_i / (2 S)

a party accepts depths from 0 to `2 S phi_i` and likes `S phi_i` best. Then

1. the text is the compromise `p = sum_i omega_i x_i`, moved towards a leader's position by `leadership`;
2. under the rule, `phi*` binds (`binding`);
3. linkage to other issues, or side payments, of capacity `l` spread the gain:
   `phi^l = (1 - l) phi* + l sum omega_i phi_i`;
4. there is deadlock if and only if `phi^l <= 0`; else the depth is `d = min(1, S phi^l)`;
5. each side begins by demanding its best and concedes at rate `c` a year; the binding party accepts when
   `exp(-c K) = (phi^l)^2`, so that the talks last `K = (2 / c) ln(1 / phi^l)` years, and the yearly hazard of agreement
   is `1 - exp(-1 / (1/4 + K))`.

Number of parties, heterogeneity, rule, stake, urgency and linkage all act through one number. That more parties are
slower and shallower under unanimity, and that a hold-out blocks, are consequences.

Why 5: at depth `S phi*` a party with `phi_i >= phi*` gets `2 phi* phi_i - phi*^2 >= phi*^2` of its best, so nobody
whose vote is needed accepts later than the party that binds. With linkage the formula is an approximation.

The compromise is the best or nearly the best predictor of decisions of the European Union (Achen 2006; Thomson et al.
2006; Leinaweaver & Thomson 2014); veto players and quantiles are Tsebelis's (2002), linkage Tollison & Willett's (1979)
and Sebenius's (1983), concession over time Zeuthen's (1930) and Rubinstein's (1982).
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from orrery.institutions.games import Game
from orrery.negotiation.requirements import Binds, bind

SHORTEST = 0.25
"""Years that even undisputed talks take."""


class Table(eqx.Module):
    """Who negotiates, and about what.

    Where many tables seat parties of one list, positions need no leading axes, who is not seated has influence 0, and
    the rule says who votes (`standing_rules`). The leading axes of the whole are those of positions and influence.

    Attributes:
        position: where each party wants the text, on every issue.
        salience: weight of each issue to each party, 0 or more; they are brought to sum 1 by party. One row where it is
            the same for all.
        influence: weight of each party in the compromise, 0 or more; brought to sum 1.
        scale: distance on an issue at which, at weight 1, `D` is 1.
        extra: what adds to `D` of a party beside the issues, such as rivalry with others at the table.
    """

    position: Float[Array, "*#batch party issue"]
    salience: Float[Array, "*#batch #party issue"]
    influence: Float[Array, "*#batch party"]
    scale: float | Float[Array, "*#batch"] = 1.0
    extra: float | Float[Array, "*#batch party"] = 0.0


class Terms(eqx.Module):
    """Under what terms it does so.

    Attributes:
        stake: `S`, what there is to gain from full depth at no cost.
        linkage: `l`, from 0 (every issue alone) to 1 (gains are shared without loss).
        concession: `c`, rate of concession a year; urgency raises it.
        leadership: how far a leader pulls the text to its own position, from 0 to 1.
        leader: place of the party that leads; -1 for none.
    """

    stake: float | Float[Array, "*#batch"]
    linkage: float | Float[Array, "*#batch"] = 0.0
    concession: float | Float[Array, "*#batch"] = 0.3
    leadership: float | Float[Array, "*#batch"] = 0.0
    leader: int | Int[Array, "*#batch"] = -1


class Agreement(eqx.Module):
    """What comes of it.

    Attributes:
        text: `p`, the position that is negotiated about.
        acceptability: `phi` of every party.
        binding: `phi*`, that of the rule.
        binds: place of the party that binds; -1 where nobody's consent is needed.
        linked: `phi^l`, after linkage.
        agreed: whether there is no deadlock.
        depth: `d`; 0 in deadlock.
        years: `K`, how long the talks last; infinite in deadlock.
        hazard: probability that talks under way end in agreement within a year; 0 in deadlock.
        value: `V` of every party at this text and depth; 0 in deadlock.
    """

    text: Float[Array, "*batch issue"]
    acceptability: Float[Array, "*batch party"]
    binding: Float[Array, "*batch"]
    binds: Int[Array, "*batch"]
    linked: Float[Array, "*batch"]
    agreed: Bool[Array, "*batch"]
    depth: Float[Array, "*batch"]
    years: Float[Array, "*batch"]
    hazard: Float[Array, "*batch"]
    value: Float[Array, "*batch party"]


def agree(table: Table, terms: Terms, rule: Game | Binds) -> Agreement:
    """Return what a table agrees on under a rule; see the module. Every array may have leading axes.

    Args:
        table: the parties, in the order of the rule's members.
        terms: stake, linkage, urgency and leadership.
        rule: who can carry a motion with whom, such as `rule.game()` of a body's rule, or the same as arrays.

    Raises:
        NegotiationError: another number of parties than the rule's.
    """
    text = compromise(table, terms)
    return settle(text, distances(table, text), table.influence, terms, rule)


def settle(
    text: Float[Array, "*batch issue"],
    distance: Float[Array, "*batch party"],
    influence: Float[Array, "*#batch party"],
    terms: Terms,
    rule: Game | Binds,
) -> Agreement:
    """Return what a table agrees on about a text that lies at given distances from its parties; see `agree`.

    Args:
        text: what is negotiated about.
        distance: `D` of every party.
        influence: weight of each party in what linkage shares, 0 or more; brought to sum 1.
        terms: stake, linkage and urgency.
        rule: who can carry a motion with whom.
    """
    weight = influence / influence.sum(-1, keepdims=True)
    stake = jnp.asarray(terms.stake)
    phi = 1 - distance / (2 * stake[..., None])
    bound, binds = bind(phi, rule)
    linkage = jnp.asarray(terms.linkage)
    shared = (weight * phi).sum(-1)
    # Where no set carries a motion, no linkage helps; where nobody is needed, the best text for all is taken.
    bound = jnp.minimum(bound, phi.max(-1))
    met = jnp.isfinite(bound)
    # The inner choices keep gradients finite where there is deadlock.
    linked = jnp.where(met, (1 - linkage) * jnp.where(met, bound, 0.0) + linkage * shared, bound)
    agreed = linked > 0
    depth = jnp.minimum(1.0, stake * jnp.where(agreed, linked, 0.0))
    return Agreement(
        text=text,
        acceptability=phi,
        binding=bound,
        binds=binds,
        linked=linked,
        agreed=agreed,
        depth=depth,
        years=duration(linked, terms.concession),
        hazard=hazard(linked, terms.concession),
        value=payoff(depth[..., None], distance, stake[..., None]),
    )


def compromise(table: Table, terms: Terms) -> Float[Array, "*batch issue"]:
    """Return the text: the influence-weighted mean, moved towards the leader's position."""
    weight = table.influence / table.influence.sum(-1, keepdims=True)
    mean = jnp.einsum("...p,...pi->...i", weight, table.position, precision=jax.lax.Precision.HIGHEST)
    leader = jnp.broadcast_to(jnp.asarray(terms.leader), mean.shape[:-1])[..., None, None]
    position = jnp.expand_dims(table.position, range(mean.ndim + 1 - table.position.ndim))
    led = jnp.take_along_axis(position, jnp.maximum(leader, 0), -2)[..., 0, :]
    pull = jnp.where(leader[..., 0] >= 0, jnp.asarray(terms.leadership)[..., None], 0.0)
    return (1 - pull) * mean + pull * led


def distances(table: Table, text: Float[Array, "*batch issue"]) -> Float[Array, "*batch party"]:
    """Return `D` of every party."""
    weight = table.salience / table.salience.sum(-1, keepdims=True)
    scale = jnp.asarray(table.scale)[..., None]
    # Issue by issue, since sums over a short last axis are slow.
    apart = sum(
        weight[..., issue] * (table.position[..., issue] - text[..., None, issue]) ** 2
        for issue in range(text.shape[-1])
    )
    return apart / scale**2 + table.extra


def payoff(
    depth: Float[Array, "*#batch"], distance: Float[Array, "*#batch"], stake: Float[Array, "*#batch"]
) -> Float[Array, "*#batch"]:
    """Return `V = d (S - D / 2) - d^2 / 2`."""
    return depth * (stake - distance / 2) - depth**2 / 2


def duration(linked: Float[Array, "*batch"], concession: float | Float[Array, "*#batch"]) -> Float[Array, "*batch"]:
    """Return `K = (2 / c) ln(1 / phi)` in years: 0 where all want the same, infinite in deadlock."""
    # The inner choice keeps gradients finite where there is deadlock.
    safe = jnp.where(linked > 0, jnp.minimum(linked, 1.0), 1.0)
    return jnp.where(linked > 0, -2 / jnp.asarray(concession) * jnp.log(safe), jnp.inf)


def hazard(linked: Float[Array, "*batch"], concession: float | Float[Array, "*#batch"]) -> Float[Array, "*batch"]:
    """Return the probability of agreement within a year, `1 - exp(-1 / (1/4 + K))`; 0 in deadlock."""
    safe = jnp.where(linked > 0, jnp.minimum(linked, 1.0), 1.0)
    years = -2 / jnp.asarray(concession) * jnp.log(safe)
    return jnp.where(linked > 0, -jnp.expm1(-1 / (SHORTEST + years)), 0.0)


def caucused(
    position: Float[Array, "*batch party issue"],
    belonging: Float[Array, "*#batch party bloc"],
    bloc_position: Float[Array, "*#batch bloc issue"],
    discipline: float | Float[Array, "*#batch"],
) -> Float[Array, "*batch party issue"]:
    """Return positions after blocs have met: `x_i + discipline * sum_b a_ib (x_b - x_i)`.

    Args:
        position: of every party.
        belonging: `a`, how far a party belongs to a bloc, 0 to 1, at most 1 in sum.
        bloc_position: `x_b`, what each bloc stands for.
        discipline: from 0 (everyone speaks for itself) to 1 (members take the bloc's position).
    """
    apart = bloc_position[..., None, :, :] - position[..., :, None, :]
    pulled = (belonging[..., None] * apart).sum(-2)
    return position + jnp.asarray(discipline)[..., None, None] * pulled
