"""The parameters that all cases share: none belongs to a case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key
from scipy.special import betaincinv, ndtri

from orrery.base.keys import named_key


class Parameters(eqx.Module):
    """One set of parameters, or draws of sets along leading axes; `PRIORS` says what each means.

    Attributes are the names of `PRIORS`.
    """

    stake: Float[Array, "*draw"]
    stake_step: Float[Array, "*draw"]
    text_stake: Float[Array, "*draw"]
    force_stake: Float[Array, "*draw"]
    relief: Float[Array, "*draw"]
    linkage: Float[Array, "*draw"]
    concession: Float[Array, "*draw"]
    urgency_step: Float[Array, "*draw"]
    horizon: Float[Array, "*draw"]
    leadership: Float[Array, "*draw"]
    rivalry: Float[Array, "*draw"]
    duration_sd: Float[Array, "*draw"]
    text_sd: Float[Array, "*draw"]


@dataclass(frozen=True)
class Kind:
    """A family of priors, with the map of its values to all real numbers.

    Attributes:
        draw: draws, from a key, their number and the family's two numbers.
        free: the real number that stands for a value.
        value: the value that a real number stands for.
        density: logarithm of the density of the real number, up to a constant, from the family's two numbers.
        median: of the values, from the family's two numbers.
    """

    draw: Callable[[Key[Array, ""], int, float, float], Array]
    free: Callable[[Array], Array]
    value: Callable[[Array], Array]
    density: Callable[[Array, float, float], Array]
    median: Callable[[float, float], float]


KINDS = {
    "lognormal": Kind(
        draw=lambda key, n_draws, median, sd: median * jnp.exp(sd * jax.random.normal(key, (n_draws,))),
        free=jnp.log,
        value=jnp.exp,
        density=lambda free, median, sd: -(((free - jnp.log(median)) / sd) ** 2) / 2,
        median=lambda median, sd: median,
    ),
    "beta": Kind(
        draw=lambda key, n_draws, first, second: jax.random.beta(key, first, second, (n_draws,)),
        free=lambda value: jnp.log(value) - jnp.log1p(-value),
        value=jax.nn.sigmoid,
        density=lambda free, first, second: first * jax.nn.log_sigmoid(free) + second * jax.nn.log_sigmoid(-free),
        median=lambda first, second: float(betaincinv(first, second, 0.5)),
    ),
    "halfnormal": Kind(
        draw=lambda key, n_draws, scale, _: scale * jnp.abs(jax.random.normal(key, (n_draws,))),
        free=jnp.log,
        value=jnp.exp,
        density=lambda free, scale, _: free - (jnp.exp(free) / scale) ** 2 / 2,
        median=lambda scale, _: scale * float(ndtri(0.75)),
    ),
}


@dataclass(frozen=True)
class Prior:
    """What a parameter means and what is known of it beforehand.

    Attributes:
        symbol: in equations.
        meaning: in words.
        unit: of its values.
        kind: "lognormal" (median, sd of the logarithm), "beta" (two shapes) or "halfnormal" (scale, nothing).
        first: of the kind's two numbers.
        second: of the kind's two numbers.
        source: where the range comes from.
    """

    symbol: str
    meaning: str
    unit: str
    kind: str
    first: float
    second: float
    source: str


JUDGED = "judgement: wide enough for every case to be possible"

PRIORS = {
    "stake": Prior("S", "stake of a matter of medium weight", "squares of the scale", "lognormal", 0.1, 0.8, JUDGED),
    "stake_step": Prior("s", "factor of the stake by level (low, medium, high)", "1", "lognormal", 1.5, 0.3, JUDGED),
    "text_stake": Prior(
        "s_t", "factor of the stake where only a text is agreed", "1", "lognormal", 1.0, 0.4, "sign free"
    ),
    "force_stake": Prior("s_f", "factor of the stake where force is used", "1", "lognormal", 1.0, 0.4, "sign free"),
    "relief": Prior("beta", "how far leaving a bad status quo counts as a gain", "1", "beta", 2.0, 2.0, JUDGED),
    "linkage": Prior(
        "l",
        "capacity of linkage and side payments in a package; half of it where linkage is possible",
        "1",
        "beta",
        2.0,
        4.0,
        "Poast 2012; Tollison & Willett 1979",
    ),
    "concession": Prior(
        "c", "rate of concession at medium urgency", "1/year", "lognormal", 0.6, 0.8, "durations of trade rounds"
    ),
    "urgency_step": Prior("u", "factor of that rate by level of urgency", "1", "lognormal", 3.0, 0.5, JUDGED),
    "horizon": Prior(
        "T", "time within which talks of medium urgency must succeed", "years", "lognormal", 6.0, 0.7, JUDGED
    ),
    "leadership": Prior("sigma", "how far a leader pulls the text", "1", "beta", 2.0, 4.0, JUDGED),
    "rivalry": Prior(
        "r_v", "distance that a rival at the table adds", "squares of the scale", "halfnormal", 0.1, 0.0, JUDGED
    ),
    "duration_sd": Prior(
        "tau_K", "spread of durations around the expected one", "logarithm", "lognormal", 0.9, 0.3, JUDGED
    ),
    "text_sd": Prior("tau_p", "spread of texts around the expected one", "scale", "lognormal", 0.15, 0.3, JUDGED),
}
"""By name, in the order of `Parameters`."""


def draw_parameters(key: Key[Array, ""], n_draws: int) -> Parameters:
    """Return draws of all parameters from their priors."""
    return Parameters(
        **{
            name: KINDS[prior.kind].draw(named_key(key, name), n_draws, prior.first, prior.second)
            for name, prior in PRIORS.items()
        }
    )


def medians() -> Parameters:
    """Return the median of every prior: one set of parameters that no case has taught."""
    return Parameters(
        **{name: jnp.asarray(KINDS[prior.kind].median(prior.first, prior.second)) for name, prior in PRIORS.items()}
    )


def to_free(parameters: Parameters) -> Float[Array, "*draw parameter"]:
    """Return parameters as real numbers."""
    return jnp.stack([KINDS[prior.kind].free(getattr(parameters, name)) for name, prior in PRIORS.items()], -1)


def from_free(free: Float[Array, "*draw parameter"]) -> Parameters:
    """Return the parameters that real numbers stand for."""
    columns = jnp.moveaxis(free, -1, 0)
    return Parameters(
        **{name: KINDS[prior.kind].value(one) for (name, prior), one in zip(PRIORS.items(), columns, strict=True)}
    )


def prior_density(free: Float[Array, "*draw parameter"]) -> Float[Array, "*draw"]:
    """Return the logarithm of the prior density of real numbers that stand for parameters, up to a constant."""
    columns = jnp.moveaxis(free, -1, 0)
    each = [
        KINDS[prior.kind].density(one, prior.first, prior.second)
        for prior, one in zip(PRIORS.values(), columns, strict=True)
    ]
    return jnp.stack(each).sum(0)
