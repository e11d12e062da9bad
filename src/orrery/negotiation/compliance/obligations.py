"""How likely a party is to keep an obligation, and why.

For party i of agreement m, with stake `S`, depth `d` and distance `D` as in `negotiation.agreement`,

    Pr(comply)_im = 1 / (1 + exp(-b z_im)),   z = z_0 + the sum of

    gain          [x + (1 - x) k_i] S d    what of the gain from its own compliance comes back to it: all where
                                           defaulters are kept from it (excludability x), else its own share k of the
                                           parties' capability (Olson 1965)
    depth         - d^2 / 2                what keeping it costs, deeper steps ever more
    distance      - d D_i / 2              what a text away from its own position costs
    enforcement   E f d                    what formal obligations, verification and sanctions hold (formality f)
    shadow        w a^T N_i                the further games it has to lose (`reciprocity.shadow_of_the_future`)
    legitimacy    l (L - L_0)              change in the agreement's legitimacy since the start
    stability     r s_i                    what it can carry through at home

All are in the units of the stake, in which full depth costs 1/2. `z_0` stands for what is not modelled; it is solved
so that mean compliance at the start is a known one, since only changes from there are explained.

Observed compliance is that with the commitments that parties chose to take on. Deep ones are kept less for the same
enforcement, so that a good record may only mean shallow commitments (Downs, Rocke & Barsoom 1996).
"""

from __future__ import annotations

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from orrery.base.errors import NegotiationError
from orrery.negotiation.compliance.allowed import require_positive, require_within

MOST_TRIES = 60
"""Steps in the search for `z_0`, after which halving alone would have found it."""


class Obligation(eqx.Module):
    """What is owed under an agreement. Arrays of obligations and of parties are broadcast against each other.

    Attributes:
        stake: `S`, what there is to gain from full depth at no cost; 0 or more.
        depth: `d`, 0 or more; at most 1 in agreements of the closed form.
        excludability: `x`, part of the gain that only those who comply have, 0 to 1.
        formality: `f`, from 0 (a declaration) to 1 (binding, verified, sanctioned).
        legitimacy: `L - L_0`, change of legitimacy since the start, -1 to 1.

    Raises:
        NegotiationError: a number outside these.
    """

    stake: float | Float[Array, "*#batch"]
    depth: float | Float[Array, "*#batch"]
    excludability: float | Float[Array, "*#batch"] = 0.0
    formality: float | Float[Array, "*#batch"] = 0.0
    legitimacy: float | Float[Array, "*#batch"] = 0.0

    def __check_init__(self) -> None:
        require_within("stake", self.stake, 0, advice="Give what there is to gain.")
        require_within("depth", self.depth, 0, advice="Give 0 for no obligation.")
        require_within("excludability", self.excludability, 0, 1, advice="Give a share of the gain.")
        require_within("formality", self.formality, 0, 1, advice="Give 0 for a declaration, 1 for all of it.")
        require_within("legitimacy", self.legitimacy, -1, 1, advice="Give the change since the start.")


class Standing(eqx.Module):
    """Where a party stands towards an agreement.

    Attributes:
        capability_share: `k`, the party's part of the capability of all parties, 0 to 1.
        distance: `D`, of the text from its position (`agreement.distances`); 0 or more.
        shadow: `a^T N`, further games to lose; 1 for the mean party of the first year.
        stability: `s`, domestic stability relative to the start.

    Raises:
        NegotiationError: a number outside these.
    """

    capability_share: float | Float[Array, "*#batch"]
    distance: float | Float[Array, "*#batch"]
    shadow: float | Float[Array, "*#batch"] = 0.0
    stability: float | Float[Array, "*#batch"] = 0.0

    def __check_init__(self) -> None:
        require_within("capability_share", self.capability_share, 0, 1, advice="Give a share of all parties'.")
        require_within("distance", self.distance, 0, advice="Give the squared, weighted distance.")
        require_within("shadow", self.shadow, 0, advice="See `reciprocity.shadow_of_the_future`.")
        require_within("stability", self.stability, -1e3, 1e3, advice="Give the change since the start.")


class Response(eqx.Module):
    """How parties respond. The values given are assumptions, medians of wide priors, not estimates.

    Attributes:
        legitimacy: `l`, per unit of legitimacy; 0 or more. No value is established.
        sensitivity: `b`, of the odds of compliance, per unit of `z`; above 0.
        enforcement: `E`, per unit of formality and depth; 0 or more.
        shadow: `w`, per mean party's further games; 0 or more.
        stability: `r`, per unit of stability; 0 or more.

    Raises:
        NegotiationError: a number outside these.
    """

    legitimacy: float | Float[Array, "*#batch"]
    sensitivity: float | Float[Array, "*#batch"] = 2.0
    enforcement: float | Float[Array, "*#batch"] = 0.5
    shadow: float | Float[Array, "*#batch"] = 0.3
    stability: float | Float[Array, "*#batch"] = 0.5

    def __check_init__(self) -> None:
        require_positive("sensitivity", self.sensitivity, advice="At 0 nothing would matter.")
        for name in ("legitimacy", "enforcement", "shadow", "stability"):
            require_within(name, getattr(self, name), 0, advice="A response of the other sign is another model.")


class Motives(eqx.Module):
    """The terms of `z` beside `z_0`, as in the module's table."""

    gain: Float[Array, "*#batch"]
    depth: Float[Array, "*#batch"]
    distance: Float[Array, "*#batch"]
    enforcement: Float[Array, "*#batch"]
    shadow: Float[Array, "*#batch"]
    legitimacy: Float[Array, "*#batch"]
    stability: Float[Array, "*#batch"]

    @property
    def total(self) -> Float[Array, "*batch"]:
        """Return `z - z_0`."""
        costs = self.depth + self.distance
        return self.gain + costs + self.enforcement + self.shadow + self.legitimacy + self.stability


@jax.jit
def motives(owed: Obligation, party: Standing, response: Response) -> Motives:
    """Return what speaks for (above 0) and against compliance, term by term."""
    depth, excludability = jnp.asarray(owed.depth), jnp.asarray(owed.excludability)
    own = excludability + (1 - excludability) * party.capability_share
    return Motives(
        gain=own * owed.stake * depth,
        depth=-(depth**2) / 2,
        distance=-depth * party.distance / 2,
        enforcement=jnp.asarray(response.enforcement) * owed.formality * depth,
        shadow=jnp.asarray(response.shadow) * party.shadow,
        legitimacy=jnp.asarray(response.legitimacy) * owed.legitimacy,
        stability=jnp.asarray(response.stability) * party.stability,
    )


@jax.jit
def compliance(
    motive: Float[Array, "*#batch"], intercept: float | Float[Array, "*#batch"], response: Response
) -> Float[Array, "*batch"]:
    """Return Pr(comply).

    Args:
        motive: `z - z_0`, `Motives.total`.
        intercept: `z_0`.
        response: for the sensitivity.
    """
    return jax.nn.sigmoid(response.sensitivity * (intercept + motive))


def intercept_of(
    motive: Float[Array, "..."],
    response: Response,
    mean: float | Float[Array, ""] = 0.8,
    weight: Float[Array, "..."] | None = None,
) -> Float[Array, ""]:
    """Return the `z_0` at which mean compliance over all entries of `motive` is `mean`.

    The derivatives are those of the solution.

    Args:
        motive: `z - z_0` of the obligations of the start, of any shape.
        response: for the sensitivity, a single one.
        mean: the known mean, above 0 and below 1; 0.8 is an assumption.
        weight: of each entry in the mean, 0 or more, of the shape of `motive`; all alike where None. Where all are 0,
            nobody owes anything and `z_0` is 0.

    Raises:
        NegotiationError: a mean of 0 or 1 or outside, or no obligation at all.
    """
    if motive.size == 0:
        raise NegotiationError("`motive`: it is empty; a mean needs at least one obligation. Give those of the start.")
    require_within("mean", mean, 1e-4, 1 - 1e-4, advice="All or nobody complying is no finite `z_0`.")
    counted = jnp.ones_like(motive) if weight is None else jnp.asarray(weight)
    return _intercept(motive, response, jnp.asarray(mean), counted)


class _Search(NamedTuple):
    """Where Newton's search for `z_0` is: within a bracket, which it halves where the tangent leads out of it."""

    low: Float[Array, ""]
    high: Float[Array, ""]
    now: Float[Array, ""]
    before: Float[Array, ""]
    tries: Int[Array, ""]


@jax.jit
def _intercept(
    motive: Float[Array, "..."], response: Response, mean: Float[Array, ""], weight: Float[Array, "..."]
) -> Float[Array, ""]:
    slope = jnp.asarray(response.sensitivity)
    alike = jnp.log(mean) - jnp.log1p(-mean)
    some = weight.sum() > 0
    part = weight / jnp.where(some, weight.sum(), 1.0)

    motive_, slope_, part_, mean_ = jax.lax.stop_gradient((motive, slope, part, mean))

    def approach(at: _Search) -> _Search:
        chance = jax.nn.sigmoid(slope_ * (at.now + motive_))
        gap = (part_ * chance).sum() - mean_
        low, high = jnp.where(gap < 0, at.now, at.low), jnp.where(gap < 0, at.high, at.now)
        tangent = at.now - gap / (part_ * slope_ * chance * (1 - chance)).sum()
        inside = (tangent > low) & (tangent < high)
        return _Search(low, high, jnp.where(inside, tangent, (low + high) / 2), at.now, at.tries + 1)

    def moves(at: _Search) -> Bool[Array, ""]:
        unit = 4 * jnp.finfo(at.now.dtype).eps * (1 + jnp.abs(at.now))
        return (jnp.abs(at.now - at.before) > unit) & (at.tries < MOST_TRIES)

    low, high = jax.lax.stop_gradient((alike / slope - motive.max(), alike / slope - motive.min()))
    first = jnp.clip(alike / slope_ - (part_ * motive_).sum(), low, high)
    begun = _Search(low, high, first, jnp.full_like(low, jnp.inf), jnp.zeros((), int))
    found = jax.lax.while_loop(moves, approach, begun).now
    # One Newton step at the solution, whose size is nought but whose derivative is that of the solution.
    chance = jax.nn.sigmoid(slope * (found + motive))
    steepness = jax.lax.stop_gradient((part * slope * chance * (1 - chance)).sum())
    step = ((part * chance).sum() - mean) / jnp.where(some, steepness, 1.0)
    return jnp.where(some, found - step, 0.0)
