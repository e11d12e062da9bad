"""The Shapley value of sharing a cost: what each adds to the cost, on average over all orders of joining.

Let `c(S)` be what the countries of S pay if they provide for themselves alone, `c` of nobody 0. Together they save
`v(S) = sum_{i in S} c({i}) - c(S)`. A country's burden is what it would pay alone less its Shapley value of the
savings, which is its Shapley value of the cost itself,

    phi_i(c) = sum_{S without i} |S|! (n - |S| - 1)! / n!  [c(S + i) - c(S)]          (Shapley 1953).

* Where one provision serves all and must meet the greatest need, `c(S) = max_{i in S} b_i` (the airport game): with
  needs in rising order, `phi_i = sum_{k <= i} (b_k - b_(k-1)) / (n - k + 1)`; each step is paid for in equal parts by
  all who need it (Littlechild & Owen 1973, doi:10.1287/mnsc.20.3.370).
* Where costs add up, `c(S) = sum_{i in S} a_i`, each pays its own and nothing is saved.
* Any other cost: exactly, over all sets, up to `MOST_EXACT` countries; beyond, over orders drawn at random, each with
  its reverse, with standard errors (Castro, Gomez & Tejada 2009, doi:10.1016/j.cor.2008.04.004).
"""

from __future__ import annotations

from collections.abc import Callable
from math import factorial

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Key

from orrery.base.errors import NegotiationError
from orrery.negotiation.burden.circumstances import Circumstances

MOST_EXACT = 12
"""Countries up to which all sets are looked at."""
ORDERS = 2_000
"""Orders that are drawn beyond that."""
CELLS_AT_ONCE = 2**24
"""Members of sets that are held in memory at once."""

Cost = Callable[[Bool[Array, "coalition country"]], Float[Array, " coalition"]]
"""What each of many sets of countries pays alone; who is in a set is a row of true and false."""


class ShapleyValue(eqx.Module):
    """What each country adds to the cost on average.

    Attributes:
        value: `phi`, in the unit of the cost; the sum is what all pay together.
        standard_error: of the drawn orders; 0 where the value is exact.
    """

    value: Float[Array, " country"]
    standard_error: Float[Array, " country"]


def by_airport_game(circumstances: Circumstances) -> Float[Array, "*batch country"]:
    """Return the shares of the Shapley value where one provision serves all and the stakes are what each needs of it.

    Raises:
        NegotiationError: no stakes came.
    """
    need = jnp.where(circumstances.sharing, circumstances.given("stake"), 0.0)
    return circumstances.proportional(airport_value(need))


def airport_value(need: Float[Array, "*batch country"]) -> Float[Array, "*batch country"]:
    """Return the Shapley value of the airport game, `c(S) = max_{i in S} need_i`, in closed form.

    Args:
        need: of each country, 0 or more; one with need 0 pays nothing and changes nobody's payment.
    """
    n = need.shape[-1]
    order = jnp.argsort(need, axis=-1)
    rising = jnp.take_along_axis(need, order, -1)
    steps = jnp.diff(rising, axis=-1, prepend=jnp.zeros_like(rising[..., :1]))
    paid = jnp.cumsum(steps / (n - jnp.arange(n)), axis=-1)
    return jnp.take_along_axis(paid, jnp.argsort(order, axis=-1), -1)


def shapley_value(cost: Cost, n_countries: int, *, key: Key[Array, ""] | None = None) -> ShapleyValue:
    """Return the Shapley value of any cost: exact up to `MOST_EXACT` countries, of drawn orders beyond.

    Args:
        cost: of sets of countries; 0 for the empty one.
        n_countries: 1 or more.
        key: of the draws, needed beyond `MOST_EXACT` countries.

    Raises:
        NegotiationError: no country, a cost of nobody, or more countries than are exact without a key.
    """
    if n_countries < 1:
        raise NegotiationError(f"`n_countries`: {n_countries} came; give 1 or more.")
    nobody = float(cost(jnp.zeros((1, n_countries), bool))[0])
    if nobody != 0:
        raise NegotiationError(
            f"`cost`: nobody pays {nobody:g}; the cost of the empty set is 0. Take it off all costs."
        )
    if n_countries <= MOST_EXACT:
        return _exact(cost, n_countries)
    if key is None:
        raise NegotiationError(
            f"`key`: none came; {n_countries} countries need random orders (up to {MOST_EXACT} are exact). Give a key."
        )
    return sampled_value(key, cost, n_countries)


def savings(cost: Cost, n_countries: int) -> Cost:
    """Return the savings of each set, `v(S) = sum_{i in S} c({i}) - c(S)`."""
    alone = cost(jnp.eye(n_countries, dtype=bool))
    return lambda sets: (sets * alone).sum(-1) - cost(sets)


def _exact(cost: Cost, n: int) -> ShapleyValue:
    codes = np.arange(2**n)
    sets = (codes[:, None] >> np.arange(n)) & 1 == 1
    size = sets.sum(1)
    paid = cost(jnp.asarray(sets))
    weight = np.array([factorial(s) * factorial(n - s - 1) / factorial(n) for s in range(n)])
    values = []
    for country in range(n):
        without = codes[~sets[:, country]]
        added = paid[without | 1 << country] - paid[without]
        values.append((jnp.asarray(weight[size[without]]) * added).sum())
    return ShapleyValue(jnp.stack(values), jnp.zeros(n))


def sampled_value(key: Key[Array, ""], cost: Cost, n_countries: int, *, n_orders: int = ORDERS) -> ShapleyValue:
    """Return the mean of what each country adds over drawn orders, half of them the reverse of the others.

    An order and its reverse are one observation: their mean varies less than that of two orders where a country adds
    less, the more have joined before it (Mitchell, Cooper, Frank & Holmes 2022, JMLR 23:43).

    Args:
        key: of the draws.
        cost: of sets of countries; 0 for the empty one.
        n_countries: 2 or more.
        n_orders: rounded up to an even number, 4 or more.

    Raises:
        NegotiationError: fewer than 4 orders, of which nothing can be said about their error.
    """
    if n_orders < 4:
        raise NegotiationError(f"`n_orders`: {n_orders} came; with fewer than 4 there is no standard error.")
    n_pairs = -(-n_orders // 2)
    orders = np.argsort(np.asarray(jax.random.uniform(key, (n_pairs, n_countries))), 1)
    at_once = max(1, CELLS_AT_ONCE // (n_countries * (n_countries + 1)))
    added = np.concatenate([_added(cost, orders[start : start + at_once]) for start in range(0, n_pairs, at_once)])
    error = added.std(0, ddof=1) / np.sqrt(n_pairs)
    return ShapleyValue(jnp.asarray(added.mean(0)), jnp.asarray(error))


def _added(cost: Cost, orders: Int[np.ndarray, "pair country"]) -> Float[np.ndarray, "pair country"]:
    """Return what each country adds in each order of joining, meaned with what it adds in the reverse order."""
    n_pairs, n = orders.shape
    means = np.zeros((n_pairs, n))
    for directed in (orders, orders[:, ::-1]):
        joined = np.argsort(directed, 1)[:, None, :] < np.arange(n + 1)[:, None]
        paid = np.asarray(cost(jnp.asarray(joined.reshape(-1, n)))).reshape(n_pairs, n + 1)
        np.put_along_axis(means, directed, np.take_along_axis(means, directed, 1) + np.diff(paid, axis=1) / 2, 1)
    return means
