"""Equal sacrifice: everybody gives up the same utility.

Let each person of country i have the income `y_i` and pay `t_i`, and let utility have the constant relative risk
aversion `eta`, `u(y) = y^(1 - eta) / (1 - eta)`, and `ln y` at `eta = 1`. The rule is

    u(y_i) - u(y_i - t_i) = c    for every i,        sum_i N_i t_i = the burden,

`N_i` being persons. With `x_i = c y_i^(eta - 1)` the share of income that is paid is

    t_i / y_i = 1 - (1 + (eta - 1) x_i)^(1 / (1 - eta))           (1 - exp(-c) at eta = 1),

all of it where the bracket would be negative, which is at `eta < 1` only. It rises in income where `eta > 1`, falls
where `eta < 1`, and is the same for all at 1. As the burden becomes small beside income, `t_i` goes with `y_i^eta`.
The constant is found by bisection between two bounds that are known to hold it: the `c` at which the country that pays
most, and the one that pays least, pays the share of income that all pay together.

Mill (1848, Principles of Political Economy V.2) for the principle; Young (1988, doi:10.1016/0022-0531(88)90007-5) for
what characterises it; the exponent in income Young (1990, American Economic Review 80, 253-266).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from orrery.negotiation.burden.circumstances import Circumstances

AVERSION = 1.5
"""`eta` unless another is asked for; estimates lie between 1 and 2 (Groom & Maddison 2019,
doi:10.1007/s10640-018-0242-z)."""
HALVINGS = 60
"""Enough for double precision; half of them are for single."""
NEAR_ONE = 1e-6
"""Closer to 1 than this, `eta` is taken for 1."""


def by_equal_sacrifice(
    circumstances: Circumstances, aversion: float | Float[Array, "*#batch"] = AVERSION
) -> Float[Array, "*batch country"]:
    """Return the shares at which every person who shares gives up the same utility; see the module.

    Args:
        circumstances: with income and population; `burden` is the total as a share of joint income.
        aversion: `eta`, 0 or more.

    Raises:
        NegotiationError: no income or no population came.
    """
    income, persons = circumstances.given("income"), circumstances.given("population")
    eta, burden = jnp.asarray(aversion)[..., None], jnp.asarray(circumstances.burden)[..., None]
    weight = circumstances.proportional(income)
    log_power = (eta - 1) * jnp.log(income / persons)
    high = jnp.where(circumstances.sharing, log_power, -jnp.inf).max(-1, keepdims=True)
    low = jnp.where(circumstances.sharing, log_power, jnp.inf).min(-1, keepdims=True)
    # Only differences count: the largest power is 1, so that none passes what a number holds.
    relative = log_power - high
    small = circumstances.proportional(weight * jnp.exp(relative))
    solvable = jnp.where(burden > 0, burden, 0.5)
    needed = jnp.log(_loss_at(solvable, eta))
    log_loss = _bisected(weight, relative, (needed, needed + high - low), solvable, eta)
    paid = weight * _paid(jnp.exp(log_loss + relative), eta)
    return jnp.where(burden > 0, circumstances.proportional(paid), small)


@jax.jit
def _bisected(
    weight: Float[Array, "*batch country"],
    relative: Float[Array, "*batch country"],
    bounds: tuple[Float[Array, "*#batch 1"], Float[Array, "*#batch 1"]],
    burden: Float[Array, "*#batch 1"],
    eta: Float[Array, "*#batch 1"],
) -> Float[Array, "*batch 1"]:
    """Return the logarithm of `c`, for the income whose power is largest, at which the payments sum to the burden."""
    shape = (*weight.shape[:-1], 1)

    def halved(_: Array, between: tuple[Array, Array]) -> tuple[Array, Array]:
        low, high = between
        middle = (low + high) / 2
        total = (weight * _paid(jnp.exp(middle + relative), eta)).sum(-1, keepdims=True)
        return jnp.where(total < burden, middle, low), jnp.where(total < burden, high, middle)

    low, high = (jnp.broadcast_to(bound, shape) for bound in bounds)
    low, high = jax.lax.fori_loop(0, HALVINGS, halved, (low, high))
    return (low + high) / 2


def _paid(loss: Float[Array, "*batch country"], eta: Float[Array, "*#batch 1"]) -> Float[Array, "*batch country"]:
    """Return the share of income that is paid where `x` is lost."""
    is_one = abs(eta - 1) < NEAR_ONE
    excess = jnp.where(is_one, 1.0, eta - 1)
    other = -jnp.expm1(-jnp.log1p(jnp.maximum(excess * loss, -1.0)) / excess)
    return jnp.where(is_one, -jnp.expm1(-loss), other)


def _loss_at(paid: Float[Array, "*#batch 1"], eta: Float[Array, "*#batch 1"]) -> Float[Array, "*batch 1"]:
    """Return the `x` at which this share of income is paid: the inverse of `_paid`."""
    is_one = abs(eta - 1) < NEAR_ONE
    excess = jnp.where(is_one, 1.0, eta - 1)
    kept = jnp.log1p(-paid)
    return jnp.where(is_one, -kept, jnp.expm1(-excess * kept) / excess)
