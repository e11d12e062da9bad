"""Rules that share a burden in proportion to something: to nothing, capacity, benefit or responsibility.

    equal share     t_i = 1 / n
    capacity        t_i = y_i^g / sum_j y_j^g          g = 1 is in proportion to income, g = 0 equal
    benefit         t_i = S_i / sum_j S_j              S_i what i gains from what is paid for
    responsibility  t_i = E_i / sum_j E_j              E_i what i has added to the problem so far

Capacity, benefit (Lindahl 1919) and equal shares are the principles of public finance (Musgrave 1959, The Theory of
Public Finance, ch. 4-5); responsibility that of those who caused the harm (Ringius, Torvanger & Underdal 2002,
doi:10.1023/A:1015041613785, who set the three beside each other for climate).
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float

from orrery.negotiation.burden.circumstances import Circumstances


def equal_shares(circumstances: Circumstances) -> Float[Array, "*batch country"]:
    """Return the same share for each country that shares."""
    return circumstances.proportional(jnp.ones(circumstances.sharing.shape[-1]))


def by_capacity(
    circumstances: Circumstances, exponent: float | Float[Array, "*#batch"] = 1.0
) -> Float[Array, "*batch country"]:
    """Return shares in proportion to income to the power of `exponent`: 0 is equal, above 1 progressive in income.

    Raises:
        NegotiationError: no income came.
    """
    log_income = jnp.log(circumstances.given("income")) * jnp.asarray(exponent)[..., None]
    # Powers are taken relative to the largest, so that none passes what a number holds.
    largest = jnp.where(circumstances.sharing, log_income, -jnp.inf).max(-1, keepdims=True)
    return circumstances.proportional(jnp.exp(log_income - largest))


def by_benefit(circumstances: Circumstances) -> Float[Array, "*batch country"]:
    """Return shares in proportion to stakes; NaN where nobody who shares has one.

    Raises:
        NegotiationError: no stakes came.
    """
    return circumstances.proportional(circumstances.given("stake"))


def by_responsibility(circumstances: Circumstances) -> Float[Array, "*batch country"]:
    """Return shares in proportion to contributions to the problem; NaN where nobody who shares made any.

    Raises:
        NegotiationError: no contributions came.
    """
    return circumstances.proportional(circumstances.given("contribution"))
