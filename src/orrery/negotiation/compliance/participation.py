"""Self-enforcing participation: which sets of countries join an agreement and stay, with nobody to make them.

Each of n countries abates `q_i` of a common bad. With `Q` the sum, country i gains `b_i Q` and pays `c_i q_i^2 / 2`
(linear benefit, quadratic cost: Barrett 1994). The members of an agreement choose what is best for them together,
everybody else what is best for itself:

    q_i = B / c_i for members, B = sum of b_j over members;    q_i = b_i / c_i for all others.

Three things may hold an agreement together, each 0 in Barrett's model. With `U` the mean payoff of a country if all
cooperate, `U = (sum b)^2 (sum 1/c) / (2 n)`:

* club share `x` (Buchanan 1965; Nordhaus 2015): outsiders get `1 - x` of the benefit of what members abate;
* penalty `p`: an outsider loses `p U w`, `w` the members' share of all benefit weights: all withhold their part;
* verification `v`: a member pays `v U (k / n)^e` in an agreement of k: the more members, the more to watch.

A set of one is no agreement: it has neither club, penalty nor verification.

A set is stable (d'Aspremont, Jacquemin, Gabszewicz & Weymark 1983) if no member gains by leaving (internal) and no
outsider by joining (external), what all others do about membership given. Those who are indifferent join. Let `B`, `A`
be the sums of `b` and of `1/c` over the *other* members, s in number and 1 or more. Then what i gains by being in is

    g_i = b_i^2 A - B^2 / (2 c_i) + [s > 1] (x b_i B A + p U w) - v U ((s + 1) / n)^e,

the free riding to be had growing with the square of what others do. For identical countries and no more it is
`s - s^2 / 2` times `b^2 / c`: not negative up to s = 2, so that three countries are stable whatever n is.
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from orrery.negotiation.compliance.allowed import require_positive, require_within

TIE = 1e-5
"""A gain below this share of the terms it is the difference of is a tie: single precision cannot tell it from 0."""


class Abatement(eqx.Module):
    """The countries of a common problem, and what holds an agreement of theirs together.

    Attributes:
        benefit: `b`, value to each country of a unit abated by anybody; above 0.
        cost: `c`, slope of each country's marginal cost; above 0.
        penalty: `p`, what an outsider loses where all others are members, in units of `U`; 0 or more.
        club_share: `x`, part of the benefit of members' abatement that outsiders are kept from, 0 to 1.
        verification: `v`, what a member pays where all are members, in units of `U`; 0 or more.
        verification_growth: `e`, how verification grows with the number of members; 0 or more.

    Raises:
        NegotiationError: a number outside these.
    """

    benefit: Float[Array, " country"]
    cost: Float[Array, " country"]
    penalty: float | Float[Array, ""] | Float[Array, " country"] = 0.0
    club_share: float | Float[Array, ""] = 0.0
    verification: float | Float[Array, ""] | Float[Array, " country"] = 0.0
    verification_growth: float | Float[Array, ""] = 1.0

    def __check_init__(self) -> None:
        require_positive("benefit", self.benefit, advice="Leave out countries that have nothing to gain.")
        require_positive("cost", self.cost, advice="Give the slope of the marginal cost, which is never free.")
        require_within("penalty", self.penalty, 0, advice="A reward for staying out is not a penalty.")
        require_within("club_share", self.club_share, 0, 1, advice="Give a share.")
        require_within("verification", self.verification, 0, advice="Give what members pay.")
        require_within("verification_growth", self.verification_growth, 0, advice="Give 0 for a cost that is fixed.")


def identical(n: int, **held: float) -> Abatement:
    """Return n countries of benefit 1 and cost 1; `held` are the further fields of `Abatement`.

    Raises:
        NegotiationError: fewer than 2 countries, or a field outside what it may hold.
    """
    require_within("n", n, 2, advice="Give the number of countries that share a problem.")
    return Abatement(jnp.ones(n), jnp.ones(n), **held)


@jax.jit
def cooperative_payoff(game: Abatement) -> Float[Array, ""]:
    """Return `U`, the mean payoff of a country where all abate what is best for all, nothing spent on enforcement."""
    n = game.benefit.shape[0]
    return game.benefit.sum() ** 2 * (1 / game.cost).sum() / (2 * n)


@jax.jit
def abatement(game: Abatement, members: Bool[Array, " country"]) -> Float[Array, " country"]:
    """Return `q`, what each country abates."""
    together = jnp.where(members, game.benefit, 0).sum()
    return jnp.where(members, together, game.benefit) / game.cost


@jax.jit
def payoff(game: Abatement, members: Bool[Array, " country"]) -> Float[Array, " country"]:
    """Return what each country has: benefit less cost of abatement, penalty and verification."""
    chosen, n, k = abatement(game, members), members.shape[0], members.sum()
    agreed = k > 1
    by_members = jnp.where(members, chosen, 0).sum()
    kept_from = jnp.where(agreed & ~members, game.club_share, 0.0)
    gained = game.benefit * (chosen.sum() - kept_from * by_members)
    weight = jnp.where(members, game.benefit, 0).sum() / game.benefit.sum()
    unit = cooperative_payoff(game)
    penalty = jnp.where(agreed & ~members, game.penalty * weight * unit, 0.0)
    watching = game.verification * unit * (k / n) ** game.verification_growth
    return gained - game.cost * chosen**2 / 2 - penalty - jnp.where(agreed & members, watching, 0.0)


@jax.jit
def gain_of_membership(game: Abatement, members: Bool[Array, " country"]) -> Float[Array, " country"]:
    """Return `g`: what each country has as a member more than as an outsider, all others as they are.

    For a member it is what it would lose by leaving, for an outsider what it would gain by joining; 0 where nobody
    else is a member.
    """
    unit, n = cooperative_payoff(game), members.shape[0]
    own = jnp.where(members, 1.0, 0.0)
    weight = (own * game.benefit).sum() - own * game.benefit
    ease = (own / game.cost).sum() - own / game.cost
    others = own.sum() - own
    held = game.club_share * game.benefit * weight * ease + game.penalty * unit * weight / game.benefit.sum()
    watching = game.verification * unit * ((others + 1) / n) ** game.verification_growth
    gain = game.benefit**2 * ease - weight**2 / (2 * game.cost) + jnp.where(others > 1, held, 0.0) - watching
    return jnp.where(others > 0, gain, 0.0)


def wishes(game: Abatement, members: Bool[Array, " country"]) -> Bool[Array, " country"]:
    """Tell who would be a member, given all others: who gains by it or is indifferent."""
    own = jnp.where(members, 1.0, 0.0)
    # The terms that cancel in a tie set how much of the gain is rounding.
    scale = game.benefit**2 * (own / game.cost).sum() + (own * game.benefit).sum() ** 2 / game.cost
    return gain_of_membership(game, members) >= -TIE * scale


@jax.jit
def is_stable(game: Abatement, members: Bool[Array, " country"]) -> Bool[Array, ""]:
    """Tell whether every member wishes to be one, and nobody else."""
    return (wishes(game, members) == members).all()


@jax.jit
def free_riding_loss(game: Abatement, members: Bool[Array, " country"]) -> Float[Array, ""]:
    """Return the share of the gain from full cooperation that is lost: 0 at the best for all, 1 without agreement.

    The gain is that of the sum of payoffs over the state without agreement. What penalties and verification cost, and
    what outsiders are kept from, is lost too, so that more than 1 is possible.
    """
    nobody = jnp.zeros_like(members)
    apart = payoff(game, nobody).sum()
    best = cooperative_payoff(game) * members.shape[0]
    return (best - payoff(game, members).sum()) / (best - apart)
