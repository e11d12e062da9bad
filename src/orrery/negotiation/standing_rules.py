"""Rules of many bodies over one axis of parties, whose members come and go.

Every rule is a choice of alternatives, each of which is a set of requirements that must all be met. A requirement is a
row: unanimity of its holders that are members, or a share of the sitting members' weight. What binds a row is the
greatest acceptability t such that those with `phi_i >= t` meet it: for unanimity the least of the holders', for a share
a weighted quantile. The quantile is found by halving, without sorting: after `HALVINGS` steps the bracket is the range
of `phi` over 2^`HALVINGS`, and the least `phi_i` of a member within or above it is taken. It is a member's own, and
the one that binds wherever no two members lie closer together than the bracket.
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from orrery.institutions.games import AnyGame
from orrery.negotiation.binding import Binding
from orrery.negotiation.requirements import alternatives_of_game

HALVINGS = 24
"""Steps in the search for a quantile."""

TOLERANCE = 1e-9
"""Part of a share that rounding may take away: 12 of 18 equal votes are two thirds."""

NOTHING = -1
"""In `StandingRules.places`: a requirement that is not there."""

NEVER = -2
"""In `StandingRules.places`: an alternative that is not there."""


class StandingRules(eqx.Module):
    """Rules of many bodies, in rows over one axis of parties.

    Attributes:
        unanimous: 1 where a party's consent is needed if it is a member.
        weight: votes that each party has or would have as a member, 0 or more.
        share: part of the sitting members' weight that must consent, above 0 and below 1.
        row_body: body of each row, rows of unanimity first.
        places: rows that an alternative needs; -1 needs nothing, -2 is never met.
    """

    unanimous: Float[Array | np.ndarray, "unanimity party"]
    weight: Float[Array | np.ndarray, "quota party"]
    share: Float[Array | np.ndarray, " quota"]
    row_body: Int[Array | np.ndarray, " row"]
    places: Int[Array | np.ndarray, "version body alternative needed"]

    def sitting(self, member: Float[Array, "body party"], version: Int[Array, " body"]) -> SittingRules:
        """Return the rules as they bind these members (1; others 0), each body following a version of its rule."""
        return SittingRules(self, member, version)


class SittingRules(eqx.Module):
    """Standing rules with those who sit."""

    rules: StandingRules
    member: Float[Array, "body party"]
    version: Int[Array, " body"]

    def binding(self, acceptability: Float[Array, "body party"]) -> Binding:
        """Return the greatest acceptability that a winning set of members shares, and whose it is, for each body.

        Where nobody's consent is needed it is the greatest of a member; where there is no member, or no set carries a
        motion, minus infinity, and nobody (-1) binds.
        """
        rules, member = self.rules, self.member > 0
        n_unanimity = rules.unanimous.shape[0]
        who, quotas = rules.row_body[:n_unanimity], rules.row_body[n_unanimity:]
        needed = member[who] & (jnp.asarray(rules.unanimous) > 0)
        least = jnp.where(needed, acceptability[who], jnp.inf).min(-1, initial=jnp.inf)
        shares = share_bound(
            acceptability[quotas], member[quotas] * jnp.asarray(rules.weight), jnp.asarray(rules.share)
        )
        ends = jnp.array([-jnp.inf, jnp.inf], acceptability.dtype)
        rows = jnp.concatenate([least, shares, ends])
        places = jnp.take_along_axis(jnp.asarray(rules.places), self.version[None, :, None, None], 0)[0]
        # Negative places count from the end: -1 needs nothing, -2 is never met.
        bound = rows[places].min(-1).max(-1)
        top = jnp.where(member, acceptability, -jnp.inf).max(-1)
        bound = jnp.minimum(bound, top)
        party = jnp.argmax(member & (acceptability == bound[:, None]), -1)
        return Binding(bound, jnp.where(jnp.isfinite(bound), party, -1))


def share_bound(
    acceptability: Float[Array, "row party"], weight: Float[Array, "row party"], share: Float[Array, " row"]
) -> Float[Array, " row"]:
    """Return the greatest `t` such that parties with `phi_i >= t` hold a share of the weight; see the module.

    Args:
        acceptability: `phi`.
        weight: 0 or more; a row without any needs nobody: infinity.
        share: above 0, at most 1.
    """
    has: Bool[Array, "row party"] = weight > 0
    low = jnp.where(has, acceptability, jnp.inf).min(-1, initial=jnp.inf)
    high = jnp.where(has, acceptability, -jnp.inf).max(-1, initial=-jnp.inf)
    empty = ~has.any(-1)
    low, high = jnp.where(empty, 0.0, low), jnp.where(empty, 0.0, high)
    target = share * (1 - TOLERANCE) * weight.sum(-1)

    def halve(ends: tuple[Array, Array], _: None) -> tuple[tuple[Array, Array], None]:
        middle = (ends[0] + ends[1]) / 2
        reached = jnp.where(acceptability >= middle[:, None], weight, 0.0).sum(-1) >= target
        return (jnp.where(reached, middle, ends[0]), jnp.where(reached, ends[1], middle)), None

    at_top = jnp.where(acceptability >= high[:, None], weight, 0.0).sum(-1) >= target
    (low, _), _ = jax.lax.scan(halve, (low, high), None, length=HALVINGS)
    low = jnp.where(at_top, high, low)
    found = jnp.where(has & (acceptability >= low[:, None]), acceptability, jnp.inf).min(-1, initial=jnp.inf)
    return jnp.where(empty, jnp.inf, found)


def rows_of_game(game: AnyGame) -> list[list[tuple[tuple[int, ...], float]]]:
    """Return a game as alternatives of weights and the share of their sum that is needed.

    Alternatives that nobody can reach are left out; a quota that is always reached is.
    """
    return [
        [(quota.weights, quota.quota / sum(quota.weights)) for quota in alternative if quota.quota > 0]
        for alternative in alternatives_of_game(game)
        if all(quota.quota <= sum(quota.weights) for quota in alternative)
    ]
