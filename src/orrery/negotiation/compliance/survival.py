"""How long an agreement lasts: the yearly risks that it breaks down and that it is renegotiated.

Two ends compete. With compliance `c`, formality `f`, the parties' mean net value `v` and the stake share `x` of
affected parties that are not at the table, the rates a year are (proportional hazards, Cox 1972)

    breakdown      h = h_0 exp(p_c (1 - c) - p_f f - p_v v + p_x x)
    renegotiation  g = g_0 exp(q_c (1 - c) + q_x x)

`h_0`, `g_0` being those of an agreement that is kept by all, informal, worth nothing on balance and leaves nobody out.
Whoever bears consequences without a say has reason to undermine an agreement or to ask for another one; that this
raises both rates is an assumption with the sizes `p_x` and `q_x`, which are to be given. Rates hold through a year.
Then

    S_t = exp(-sum over s <= t of (h_s + g_s))                          still in force at the end of year t
    F_t = sum over s <= t of S_(s-1) (1 - exp(-h_s - g_s)) h_s / (h_s + g_s)    broken down by then

and likewise, with `g_s`, renegotiated by then (cumulative incidence: Kalbfleisch & Prentice 1980); the three sum to 1.
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from orrery.base.errors import NegotiationError
from orrery.negotiation.compliance.allowed import require_within


class Condition(eqx.Module):
    """The state of an agreement, in one year or, by a first axis, in each.

    Attributes:
        compliance: `c`, mean probability that obligations are kept, 0 to 1.
        formality: `f`, 0 to 1 (`obligations.Obligation`).
        value: `v`, mean net value to the parties, `V` of `negotiation.agreement`.
        excluded: `x`, share of the stakes held by affected parties outside the table, 0 to 1 (`excluded_share`).

    Raises:
        NegotiationError: a number outside these.
    """

    compliance: float | Float[Array, "*#batch"]
    formality: float | Float[Array, "*#batch"]
    value: float | Float[Array, "*#batch"]
    excluded: float | Float[Array, "*#batch"]

    def __check_init__(self) -> None:
        require_within("compliance", self.compliance, 0, 1, advice="Give a probability.")
        require_within("formality", self.formality, 0, 1, advice="Give 0 for a declaration, 1 for all of it.")
        require_within("value", self.value, -1e3, 1e3, advice="Give the mean of the parties' net value.")
        require_within("excluded", self.excluded, 0, 1, advice="Give a share of the stakes.")


class Risks(eqx.Module):
    """How the state bears on the two rates. No values are established; all are to be given.

    Attributes:
        breakdown: `h_0`, a year; 0 or more.
        renegotiation: `g_0`, a year; 0 or more.
        breakdown_noncompliance: `p_c`, log rate per unit of commitments broken; 0 or more.
        breakdown_formality: `p_f`, fall of the log rate per unit of formality; 0 or more.
        breakdown_value: `p_v`, fall of the log rate per unit of value; 0 or more.
        breakdown_exclusion: `p_x`, log rate per unit of the stakes left out; 0 or more.
        renegotiation_noncompliance: `q_c`; 0 or more.
        renegotiation_exclusion: `q_x`; 0 or more.

    Raises:
        NegotiationError: a negative number.
    """

    breakdown: float | Float[Array, "*#batch"]
    renegotiation: float | Float[Array, "*#batch"]
    breakdown_noncompliance: float | Float[Array, "*#batch"]
    breakdown_formality: float | Float[Array, "*#batch"]
    breakdown_value: float | Float[Array, "*#batch"]
    breakdown_exclusion: float | Float[Array, "*#batch"]
    renegotiation_noncompliance: float | Float[Array, "*#batch"]
    renegotiation_exclusion: float | Float[Array, "*#batch"]

    def __check_init__(self) -> None:
        for name in self.__dataclass_fields__:
            require_within(name, getattr(self, name), 0, advice="Rates and what they respond to have fixed signs.")


class Rates(eqx.Module):
    """Rates a year at which an agreement in force ends.

    Attributes:
        breakdown: `h`.
        renegotiation: `g`.
    """

    breakdown: Float[Array, "*batch"]
    renegotiation: Float[Array, "*batch"]


class Fate(eqx.Module):
    """Where an agreement stands at the end of each year; the three probabilities sum to 1.

    Attributes:
        in_force: `S`, it is as it was.
        broken_down: it has ended without a successor.
        renegotiated: another one has taken its place.
        years: expected number of years in force up to then.
    """

    in_force: Float[Array, " year *batch"]
    broken_down: Float[Array, " year *batch"]
    renegotiated: Float[Array, " year *batch"]
    years: Float[Array, " year *batch"]


def excluded_share(
    stake: Float[Array, "*#batch party"], at_table: Bool[Array, "*#batch party"]
) -> Float[Array, "*batch"]:
    """Return `x`, the share of the stakes of all affected parties that those outside the table hold.

    Args:
        stake: of every party that the agreement affects, 0 or more and not all 0.
        at_table: who has a say in it.

    Raises:
        NegotiationError: a negative stake.
    """
    require_within("stake", stake, 0, advice="Give what each affected party has at stake.")
    return jnp.where(at_table, 0.0, stake).sum(-1) / stake.sum(-1)


@jax.jit
def rates(condition: Condition, risks: Risks) -> Rates:
    """Return both rates of an agreement in this state."""
    broken = 1 - jnp.asarray(condition.compliance)
    of_breakdown = (
        risks.breakdown_noncompliance * broken
        - jnp.asarray(risks.breakdown_formality) * condition.formality
        - jnp.asarray(risks.breakdown_value) * condition.value
        + jnp.asarray(risks.breakdown_exclusion) * condition.excluded
    )
    of_renegotiation = (
        risks.renegotiation_noncompliance * broken + jnp.asarray(risks.renegotiation_exclusion) * condition.excluded
    )
    return Rates(risks.breakdown * jnp.exp(of_breakdown), risks.renegotiation * jnp.exp(of_renegotiation))


def held(rate: Rates, years: int) -> Rates:
    """Return rates that stay the same for so many years: a first axis of years is added.

    Raises:
        NegotiationError: fewer than one year.
    """
    require_within("years", years, 1, advice="Give a number of years.")
    breakdown, renegotiation = jnp.broadcast_arrays(rate.breakdown, rate.renegotiation)
    shape = (years, *breakdown.shape)
    return Rates(jnp.broadcast_to(breakdown, shape), jnp.broadcast_to(renegotiation, shape))


@jax.jit
def fate(rate: Rates) -> Fate:
    """Return where an agreement stands at the end of each year.

    Args:
        rate: both rates in each year, the first axis.

    Raises:
        NegotiationError: rates without an axis of years.
    """
    breakdown, renegotiation = jnp.broadcast_arrays(rate.breakdown, rate.renegotiation)
    if breakdown.ndim == 0:
        raise NegotiationError("`rate`: it has no axis of years. Repeat it with `held(rate, years)`.")
    either = breakdown + renegotiation
    in_force = jnp.exp(-jnp.cumsum(either, axis=0))
    before = jnp.concatenate([jnp.ones_like(in_force[:1]), in_force[:-1]])
    ends = either > 0
    # Time in force within a year, per agreement in force at its beginning; all of the year where nothing ends it.
    spent = before * jnp.where(ends, -jnp.expm1(-either) / jnp.where(ends, either, 1.0), 1.0)
    return Fate(
        in_force=in_force,
        broken_down=jnp.cumsum(spent * breakdown, axis=0),
        renegotiated=jnp.cumsum(spent * renegotiation, axis=0),
        years=jnp.cumsum(spent, axis=0),
    )
