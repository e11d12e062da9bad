"""A record of kept and broken commitments that fades, and what is to be expected after it.

Of the commitments that fell due in year s, `k_s` were kept and `b_s` broken. The probability of keeping them drifts, so
that one of year s counts in year t by `f^(t - s)` (exponential forgetting, after the power steady model of Smith 1979).
With the prior Beta(alpha_0, beta_0), which does not fade,

    alpha_t = alpha_0 + sum over s <= t of f^(t - s) k_s,   beta_t likewise with b_s,
    mean = alpha / (alpha + beta),   observations = sum over s <= t of f^(t - s) (k_s + b_s).

The mean is the record's value, like a credit history (Tomz 2007; Guzman 2008); the interval says how little a short or
an old record tells. With f = 0.8 what fell due counts for 5 years in all, `1 / (1 - f)`.

What others expect of one another enters what an agreement is worth to them: with `r` the mean record of the others, the
stake is multiplied by

    1 - w (1 - r),

from 1 (all expected to keep their word) down to 1 - w. With w = 1/2 at least half the stake is left, so that
a fall of trust cannot feed on itself without end.
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.scipy.special as special
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, Bool, Float, Int

from orrery.base.errors import NegotiationError
from orrery.negotiation.compliance.allowed import require_positive, require_within

HALVINGS = 40
"""Halvings of 0 to 1 in the search for a quantile: more than single precision can tell apart."""


class Record(eqx.Module):
    """What fell due and was kept or broken, year by year; countries and the like may follow the year.

    Attributes:
        kept: `k`, commitments kept in each year, 0 or more; parts of one for partial compliance.
        broken: `b`, commitments broken, 0 or more.

    Raises:
        NegotiationError: a negative number.
    """

    kept: Float[Array, " year *country"]
    broken: Float[Array, " year *country"]

    def __check_init__(self) -> None:
        require_within("kept", self.kept, 0, advice="Give how many commitments were kept.")
        require_within("broken", self.broken, 0, advice="Give how many commitments were broken.")


class Credit(eqx.Module):
    """What the record up to and with each year lets one expect.

    Attributes:
        alpha: first parameter of the Beta distribution of keeping a commitment.
        beta: second parameter.
        observations: commitments that the record counts as, the faded ones in part.
    """

    alpha: Float[Array, " year *country"]
    beta: Float[Array, " year *country"]
    observations: Float[Array, " year *country"]

    @property
    def mean(self) -> Float[Array, " year *country"]:
        """Probability that a commitment will be kept."""
        return self.alpha / (self.alpha + self.beta)

    def quantile(self, probability: float) -> Float[Array, " year *country"]:
        """Return the quantile of the probability of keeping a commitment.

        Args:
            probability: from 0 to 1.

        Raises:
            NegotiationError: a number outside 0 to 1.
        """
        require_within("probability", probability, 0, 1, advice="Give the probability below the quantile.")
        return _beta_quantile(self.alpha, self.beta, jnp.asarray(probability, self.alpha.dtype))

    def interval(self, coverage: float = 0.9) -> tuple[Float[Array, " year *country"], Float[Array, " year *country"]]:
        """Return the central interval of this coverage, its lower and its upper end.

        Raises:
            NegotiationError: a coverage outside 0 to 1.
        """
        require_within("coverage", coverage, 0, 1, advice="Give the probability inside the interval.")
        return self.quantile((1 - coverage) / 2), self.quantile((1 + coverage) / 2)


def credit(
    record: Record,
    forgetting: float | Float[Array, ""],
    prior: tuple[float | Float[Array, ""], float | Float[Array, ""]] = (1.0, 1.0),
) -> Credit:
    """Return what the record lets one expect at the end of each year.

    Args:
        record: what was kept and broken.
        forgetting: `f`, what a commitment counts a year later, 0 (only this year) to 1 (nothing fades).
        prior: `alpha_0` and `beta_0`, above 0; (1, 1) holds every probability for equally likely.

    Raises:
        NegotiationError: numbers outside these.
    """
    require_within("forgetting", forgetting, 0, 1, advice="0.8 lets a commitment count for 5 years in all.")
    for parameter in prior:
        require_positive("prior", parameter, advice="Beta(1, 1) holds every probability for equally likely.")

    return _credit(record, forgetting, prior)


def forgetting_of_half_life(years: float) -> float:
    """Return `f` at which a commitment counts half after so many years, `2^(-1 / years)`.

    Raises:
        NegotiationError: a half-life that is not above 0.
    """
    require_positive("years", years, advice="Give the years after which a commitment counts half.")
    return 2 ** (-1 / years)


def others_record(
    mean: Float[Array, "*batch country"], members: Bool[Array, "*#batch country"]
) -> Float[Array, "*batch country"]:
    """Return `r`, for each country the mean record of the members other than itself.

    Args:
        mean: each country's record, 0 to 1.
        members: who is in the agreement.

    Raises:
        NegotiationError: fewer than two members, of whom one would be left with no others.
    """
    if not isinstance(members, Tracer) and (np.asarray(members).sum(-1) < 2).any():
        raise NegotiationError("`members`: fewer than 2 came; a member needs another to expect something of. Add one.")
    inside = jnp.where(members, mean, 0.0)
    own = jnp.where(members, 1.0, 0.0)
    return (inside.sum(-1, keepdims=True) - inside) / (own.sum(-1, keepdims=True) - own)


def stake_factor(
    record: Float[Array, "*batch"], weight: float | Float[Array, "*#batch"] = 0.5
) -> Float[Array, "*batch"]:
    """Return what the stake is multiplied by where others' record is `r`: `1 - w (1 - r)`.

    Args:
        record: `r`, 0 to 1.
        weight: `w`, the most that distrust takes away, 0 to 1.

    Raises:
        NegotiationError: numbers outside these.
    """
    require_within("record", record, 0, 1, advice="Give the mean of a record.")
    require_within("weight", weight, 0, 1, advice="Give the part of the stake that distrust can take away.")
    return 1 - weight * (1 - record)


@jax.jit
def _credit(
    record: Record,
    forgetting: float | Float[Array, ""],
    prior: tuple[float | Float[Array, ""], float | Float[Array, ""]],
) -> Credit:
    def a_year_later(
        past: Float[Array, " outcome *country"], due: Float[Array, " outcome *country"]
    ) -> tuple[Float[Array, " outcome *country"], Float[Array, " outcome *country"]]:
        now = forgetting * past + due
        return now, now

    due = jnp.stack([record.kept, record.broken], axis=1)
    _, faded = jax.lax.scan(a_year_later, jnp.zeros_like(due[0]), due)
    return Credit(prior[0] + faded[:, 0], prior[1] + faded[:, 1], faded.sum(1))


@jax.jit
def _beta_quantile(
    alpha: Float[Array, "*batch"], beta: Float[Array, "*batch"], probability: Float[Array, ""]
) -> Float[Array, "*batch"]:
    def halve(
        _: Int[Array, ""], ends: tuple[Float[Array, "*batch"], Float[Array, "*batch"]]
    ) -> tuple[Float[Array, "*batch"], Float[Array, "*batch"]]:
        low, high = ends
        middle = (low + high) / 2
        below = special.betainc(alpha, beta, middle) < probability
        return jnp.where(below, middle, low), jnp.where(below, high, middle)

    low, high = jax.lax.fori_loop(0, HALVINGS, halve, (jnp.zeros_like(alpha), jnp.ones_like(alpha)))
    return (low + high) / 2
