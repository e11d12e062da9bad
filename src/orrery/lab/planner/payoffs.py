"""What a portfolio is worth to a country: the perturbed utility that the model's portfolios maximise.

A logit portfolio is the choice that maximises expected utility plus entropy (Fudenberg, Iijima & Strzalecki 2015).
With what shares given cost one another,

    V(a) = Σ_p a_p v_p - λ/2 Σ_p a_p² - ½ Σ_pq ε_p h_pq a_p a_q - Σ_o a_o ln a_o - Σ_p c_p,

`v_p` the utility of pole `p`, coercion `c_p` by it included, `o` the poles and non-alignment, whose utility is 0. Where
exclusivity is the same for every pole, and coercion is taken as given, the stationary points of `V` are the fixed
points of `a = softmax(u(a))`; where exclusivity differs between poles the model's choice maximises no function, and
`V` has the mean exclusivity of each pair.

The choice leaves open how coercion counts in the level of `V`: `a_p c_p` rewards what is given to whoever coerces,
`-(1 - a_p) c_p` takes from whoever holds back, and both lead to the same portfolio. Coercion is a loss here; the other
reading, and `V` without entropy, are variants. Utils are comparable within a country, not between countries.
"""

from __future__ import annotations

import dataclasses
import enum

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from orrery.base.arrays import AnyArray
from orrery.lab.planner.circumstances import Circumstances


class Payoff(enum.StrEnum):
    """How the terms of a payoff are counted."""

    PERTURBED = "perturbed utility"
    """Entropy included, coercion as a loss to whoever holds back."""
    NO_ENTROPY = "without entropy"
    """The same without the entropy term: variety has no worth of its own."""
    REWARD = "coercion as a reward"
    """Entropy included, coercion as a reward of what is given to whoever coerces."""


def coercion_met(
    met: Circumstances, portfolio: Float[AnyArray, "*portfolio_axes option"]
) -> Float[AnyArray, "*axes pole"]:
    """Return coercion by each pole if a portfolio is held, which depends on under-delivery `max(0, s_p - a_p)`."""
    undelivered = jnp.maximum(0.0, met.patron_share - portfolio[..., 1:])
    pressure = met.reach * jax.nn.sigmoid(met.log_odds + met.steepness * undelivered)
    return (pressure + met.sanctions) * met.let_through


def utility(
    met: Circumstances, portfolio: Float[AnyArray, "*portfolio_axes option"], coerced: Float[AnyArray, "*axes pole"]
) -> Float[AnyArray, "*axes pole"]:
    """Return the utility of each pole to a country that holds a portfolio and meets the coercion `coerced`.

    `v_p - λ a_p - ε_p Σ_q h_pq a_q`; that of non-alignment is 0.
    """
    held = portfolio[..., 1:]
    rivals = (met.hostility * held[..., None, :]).sum(-1)
    return met.base + coerced - met.diversification[..., None] * held - met.exclusivity * rivals


def wanted(met: Circumstances, portfolio: Float[AnyArray, "*portfolio_axes option"]) -> Float[AnyArray, "*axes option"]:
    """Return the portfolio that a country moves towards while it holds `portfolio`, `softmax(u(a))`."""
    appeal = utility(met, portfolio, coercion_met(met, portfolio))
    return jax.nn.softmax(jnp.concatenate([jnp.zeros_like(appeal[..., :1]), appeal], axis=-1), axis=-1)


def payoff(
    met: Circumstances, portfolio: Float[AnyArray, "*portfolio_axes option"], kind: Payoff = Payoff.PERTURBED
) -> Float[AnyArray, "*axes"]:
    """Return what holding a portfolio is worth, in utils per year; the equation is that of the module."""
    return payoff_given(met, portfolio, coercion_met(met, portfolio), kind)


def payoff_given(
    met: Circumstances,
    portfolio: Float[AnyArray, "*portfolio_axes option"],
    coerced: Float[AnyArray, "*axes pole"],
    kind: Payoff,
) -> Float[AnyArray, "*axes"]:
    """Return `payoff` with coercion taken as given."""
    held = portfolio[..., 1:]
    # Half of what shares cost one another: the quadratic form counts each pair twice, the utilities once.
    costs = (utility(met, portfolio, coerced) - met.base - coerced) / 2
    value = ((met.base + coerced + costs) * held).sum(-1)
    if kind is not Payoff.NO_ENTROPY:
        value = value + jax.scipy.special.entr(portfolio).sum(-1)
    return value if kind is Payoff.REWARD else value - coerced.sum(-1)


def with_more_supply(met: Circumstances, factor: float) -> Circumstances:
    """Return the circumstances if every pole supplied the country with `factor` times as much."""
    gain = met.resource_appeal[..., None] * (jnp.log1p(factor * met.intensity) - jnp.log1p(met.intensity))
    return dataclasses.replace(met, base=met.base + gain)


def discounting(n_years: int, rate: float) -> Float[np.ndarray, " year"]:
    """Return the weight of each year, in proportion to `(1 + rate)^-t`, sum 1."""
    weights = (1 + rate) ** -np.arange(1.0, n_years + 1)
    return weights / weights.sum()


def outcomes(
    met: Circumstances,
    portfolio: Float[AnyArray, "*portfolio_axes option"],
    years: Float[AnyArray, " year"],
    kind: Payoff = Payoff.PERTURBED,
) -> Float[Array, "*axes"]:
    """Return the discounted mean payoff per year of a portfolio held throughout, over circumstances `[..., year]`."""
    return payoff(met, portfolio, kind) @ years
