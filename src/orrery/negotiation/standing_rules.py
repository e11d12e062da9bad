"""Rules of many bodies over one axis of parties, whose members come and go.

Every rule is a choice of alternatives, each of which is a set of requirements that must all be met. A requirement is a
row: the consent of all its holders that are members, or of a share of the sitting members' weight. What binds a row is
the greatest acceptability `t` such that members with `phi_i >= t` meet it (`binding`): for unanimity the least of the
holders', for a share a weighted quantile. Of the rows of an alternative the least binds, of the alternatives the
greatest.

The quantile is found by halving, without sorting or comparing all pairs. After `HALVINGS` steps it lies in a bracket of
`(max phi - min phi) / 2^HALVINGS`, of which the lower end is met; the least `phi_i` from that end on is taken. So it is
always that of a member with weight, never above the quantile, and below it by at most the bracket and `3 ROUNDINGS`
units of rounding of `1 + max |phi|`: exact wherever no two members lie closer together than that.
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from orrery.base.errors import NegotiationError
from orrery.institutions.games import AnyGame
from orrery.negotiation.binding import Binding
from orrery.negotiation.requirements import alternatives_of_game

HALVINGS = 24
"""Steps in the search for a quantile."""

UNROLLED = 8
"""How many of them the compiled program writes out one after another."""

TOLERANCE = 1e-9
"""Part of a share that rounding may take away: 12 of 18 equal votes are two thirds. Whole weights are counted exactly
where they sum to less than 10^9. Acceptabilities that differ by less, relative to `1 + |phi|`, bind alike."""

ROUNDINGS = 8
"""The same in units of rounding, where these are coarser: in single precision a part of 10^-6. So much is allowed in
comparisons of `phi` too, which compiled may be worked out anew for each and differ in its last digits."""

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

    def sitting(
        self,
        member: Float[Array | np.ndarray, "body party"] | Bool[Array | np.ndarray, "body party"],
        version: Int[Array | np.ndarray, " body"],
    ) -> SittingRules:
        """Return the rules as they bind these members, in the form that `agreement.agree` takes.

        Args:
            member: true, or above 0, where a party is a member.
            version: which version of its rule each body follows, from 0; one that there is not is never met.
        """
        return SittingRules(self, jnp.asarray(member) > 0, jnp.asarray(version))

    def binding(
        self,
        acceptability: Float[Array, "body party"],
        member: Float[Array | np.ndarray, "body party"] | Bool[Array | np.ndarray, "body party"],
        version: Int[Array | np.ndarray, " body"],
    ) -> Binding:
        """Return what binds these members; `SittingRules.binding`."""
        return self.sitting(member, version).binding(acceptability)


class SittingRules(eqx.Module):
    """Standing rules with those who sit.

    Attributes:
        rules: of all bodies.
        member: who sits in each.
        version: which version of its rule each follows.
    """

    rules: StandingRules
    member: Bool[Array, "body party"]
    version: Int[Array, " body"]

    def binding(self, acceptability: Float[Array, "body party"]) -> Binding:
        """Return the greatest acceptability that a winning set of members shares, and whose it is, for each body.

        Who is no member has no say, whatever its acceptability. A requirement whose rows give no member any weight
        needs nobody. Where nobody's consent is needed, the acceptability is the greatest of a member; where no set
        carries a motion, or there is no member, it is minus infinity; and nobody (-1) binds. Of parties with
        that acceptability the first with a say in the requirement binds.

        Raises:
            NegotiationError: other bodies or parties than the rules'.
        """
        if acceptability.shape != self.member.shape:
            raise NegotiationError(
                f"`acceptability`: shape {acceptability.shape} came; give [body, party], {self.member.shape} for "
                "these members."
            )
        bound, row = self._chosen(self._rows(acceptability))
        top = jnp.where(self.member, acceptability, -jnp.inf).max(-1)
        binds = jnp.isfinite(bound)
        value = jnp.where(binds, bound, 0.0)[:, None]
        # Compiled, a number need not equal itself (`binding.of_quota`).
        alike = jnp.abs(acceptability - value) <= tolerance(acceptability) * (1 + jnp.abs(value))
        says = self.member & self._holders(row) & alike
        # Quicker than `argmax`.
        party = jnp.where(says, jnp.arange(says.shape[1]), says.shape[1]).min(-1)
        return Binding(jnp.minimum(bound, top), jnp.where(binds, party, -1))

    def _rows(self, acceptability: Float[Array, "body party"]) -> Float[Array, " row"]:
        """Return what binds each row; infinity where nobody is needed."""
        rules, n_unanimity = self.rules, self.rules.unanimous.shape[0]
        who, quotas = rules.row_body[:n_unanimity], rules.row_body[n_unanimity:]
        needed = self.member[who] & (jnp.asarray(rules.unanimous) > 0)
        least = jnp.where(needed, acceptability[who], jnp.inf).min(-1, initial=jnp.inf)
        weight = self.member[quotas] * jnp.asarray(rules.weight, acceptability.dtype)
        return jnp.concatenate([least, share_bound(acceptability[quotas], weight, jnp.asarray(rules.share))])

    def _chosen(self, rows: Float[Array, " row"]) -> tuple[Float[Array, " body"], Int[Array, " body"]]:
        """Return what binds each body, and the row that does: negative where none is needed or met."""
        places = jnp.take_along_axis(
            jnp.asarray(self.rules.places), self.version[None, :, None, None], 0, mode="fill", fill_value=NEVER
        )[0]
        # Negative places count from the end.
        bound = jnp.concatenate([rows, jnp.array([-jnp.inf, jnp.inf], rows.dtype)])[places]
        least = jnp.argmin(bound, -1)[..., None]
        bound, places = (jnp.take_along_axis(each, least, -1)[..., 0] for each in (bound, places))
        best = jnp.argmax(bound, -1)[:, None]
        bound, places = (jnp.take_along_axis(each, best, -1)[:, 0] for each in (bound, places))
        return bound, places

    def _holders(self, row: Int[Array, " body"]) -> Bool[Array, "body party"]:
        """Return who has a say in a row."""
        has = jnp.concatenate([jnp.asarray(self.rules.unanimous) > 0, jnp.asarray(self.rules.weight) > 0])
        return has[row]


def share_bound(
    acceptability: Float[Array, "row party"], weight: Float[Array, "row party"], share: Float[Array, " row"]
) -> Float[Array, " row"]:
    """Return the greatest `t` such that parties with `phi_i >= t` hold a share of the weight; see the module.

    Args:
        acceptability: `phi`.
        weight: 0 or more; a row without any needs nobody: infinity.
        share: above 0, at most 1.
    """
    has, total = weight > 0, weight.sum(-1)
    empty = total <= 0
    fixed = jax.lax.stop_gradient(acceptability)
    least = jnp.where(empty, 0.0, jnp.where(has, fixed, jnp.inf).min(-1, initial=jnp.inf))
    most = jnp.where(empty, 0.0, jnp.where(has, fixed, -jnp.inf).max(-1, initial=-jnp.inf))
    target = share * (1 - tolerance(weight)) * total
    margin = rounding(weight) * (1 + jnp.maximum(jnp.abs(least), jnp.abs(most)))

    def halve(_: int | Array, ends: tuple[Array, Array]) -> tuple[Array, Array]:
        middle = (ends[0] + ends[1]) / 2
        met = jnp.where(fixed >= middle[:, None], weight, 0.0).sum(-1) >= target
        return jnp.where(met, middle, ends[0]), jnp.where(met, ends[1], middle)

    # Several steps at a time, since going round costs as much as a step.
    low, _ = jax.lax.fori_loop(0, HALVINGS, halve, (least - margin, most + margin), unroll=UNROLLED)
    found = jnp.where(has & (fixed >= (low - margin)[:, None]), acceptability, jnp.inf).min(-1, initial=jnp.inf)
    return jnp.where(empty, jnp.inf, found)


def rounding(values: Float[Array, "..."]) -> float:
    """Return how much of a number of this precision rounding may take."""
    return ROUNDINGS * float(jnp.finfo(values.dtype).eps)


def tolerance(values: Float[Array, "..."]) -> float:
    """Return the part by which numbers of this precision may differ and count as equal."""
    return max(TOLERANCE, rounding(values))


def rows_of_game(game: AnyGame) -> list[list[tuple[tuple[int, ...], float]]]:
    """Return a game as alternatives, one of which must be met, each of weights and the share of their sum needed.

    Alternatives that nobody can reach are left out, and so is a quota that is always reached. At a share of 1
    everyone with weight must consent.

    Raises:
        NegotiationError: a game with abstention, or too many quotas (`alternatives_of_game`).
    """
    return [
        [(quota.weights, quota.quota / sum(quota.weights)) for quota in alternative if quota.quota > 0]
        for alternative in alternatives_of_game(game)
        if all(quota.quota <= sum(quota.weights) for quota in alternative)
    ]
