"""Unravelling: one party leaves, the agreement is worth less to the others, further ones leave.

To party i an agreement among the members M is worth

    V_i(M) = o_i + sum over j in M, j not i, of e_ij,   e_ij >= 0:

its own part, and what the presence of every other member adds. Whoever has less than 0 leaves; all that do leave in the
same round, and so on until nobody does (threshold cascade: Granovetter 1978; Schelling 1978). Since leaving only ever
lowers the value to others, the members left are the largest set that holds, whatever the order in which parties leave
(Tarski 1955), and n rounds are enough.

In an agreement of the closed form the stake grows with the weight `w` of those who take part, `S w(M)`, so that

    o_i = d (S w_i - D_i / 2) - d^2 / 2 + l_i,   e_ij = d S w_j,

`l_i` being what leaving costs party i.
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from orrery.negotiation.agreement import payoff
from orrery.negotiation.compliance.allowed import require_within


class Interdependence(eqx.Module):
    """What an agreement is worth to each party, depending on who else is in it.

    Attributes:
        own: `o`, value to the party if nobody else were a member.
        added: `e`, what each member (last axis) adds to the value to the party; 0 or more. The diagonal does not count.

    Raises:
        NegotiationError: a member whose presence lowers the value to another.
    """

    own: Float[Array, " party"]
    added: Float[Array, "party party"]

    def __check_init__(self) -> None:
        require_within("own", self.own, -1e6, 1e6, advice="Give the value without any other member.")
        require_within("added", self.added, 0, advice="Leave out members whose leaving the others would welcome.")


class Unravelling(eqx.Module):
    """How far an agreement unravels.

    Attributes:
        members: who is left.
        left_in: round in which each party left, from 1; 0 for those who are left and those never in.
        rounds: rounds in which somebody left.
    """

    members: Bool[Array, " party"]
    left_in: Int[Array, " party"]
    rounds: Int[Array, ""]


def interdependence(
    depth: float | Float[Array, ""],
    stake: float | Float[Array, ""],
    distance: Float[Array, " party"],
    weight: Float[Array, " party"],
    leaving_cost: float | Float[Array, " party"] = 0.0,
) -> Interdependence:
    """Return what an agreement of the closed form is worth as parties leave.

    Args:
        depth: `d`.
        stake: `S` with all parties.
        distance: `D` of every party.
        weight: of every party in what there is to gain, 0 or more and not all 0; brought to sum 1.
        leaving_cost: `l`, 0 or more.

    Raises:
        NegotiationError: a negative number.
    """
    for name, value in {"depth": depth, "stake": stake, "distance": distance, "weight": weight}.items():
        require_within(name, value, 0, advice="See `negotiation.agreement`.")
    require_within("leaving_cost", leaving_cost, 0, advice="Give what leaving costs.")
    share = weight / weight.sum()
    own = payoff(jnp.asarray(depth), distance, stake * share) + leaving_cost
    added = jnp.broadcast_to(jnp.asarray(depth) * stake * share, (share.shape[0], share.shape[0]))
    return Interdependence(own, added)


@jax.jit
def values(among: Interdependence, members: Bool[Array, " party"]) -> Float[Array, " party"]:
    """Return `V` of every party, as a member, given the others."""
    others = members & ~jnp.eye(members.shape[0], dtype=bool)
    return among.own + jnp.where(others, among.added, 0.0).sum(-1)


@jax.jit
def unravel(among: Interdependence, members: Bool[Array, " party"]) -> Unravelling:
    """Return who is left when nobody has reason to leave any more.

    Args:
        among: what the agreement is worth to whom.
        members: who is in at first; whoever has left already is not.
    """

    def leaving(members: Bool[Array, " party"]) -> Bool[Array, " party"]:
        return members & (values(among, members) < 0)

    def one_round(state: Unravelling) -> Unravelling:
        leave = leaving(state.members)
        now = state.rounds + 1
        return Unravelling(state.members & ~leave, jnp.where(leave, now, state.left_in), now)

    start = Unravelling(members, jnp.zeros(members.shape, jnp.int32), jnp.zeros((), jnp.int32))
    return jax.lax.while_loop(lambda state: leaving(state.members).any(), one_round, start)


@jax.jit
def exits_caused(among: Interdependence, members: Bool[Array, " party"]) -> Int[Array, " party"]:
    """Return how many more leave if a party does, for each member; 0 for parties that are not.

    Whoever would leave in any case does not count.
    """
    remain = unravel(among, members).members
    without = remain & ~jnp.eye(members.shape[0], dtype=bool)
    left = jax.vmap(lambda each: unravel(among, each).members)(without)
    return jnp.where(remain, remain.sum() - 1 - left.sum(-1), 0)
