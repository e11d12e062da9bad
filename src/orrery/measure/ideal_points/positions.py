"""How a Gibbs sampler draws positions, once every country-period's votes are one normal observation.

`PositionUpdate` is what the sampler asks for; `ConditionalForward`, the published one, is what there is.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol, runtime_checkable

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Key

FURTHEST = 5.0
"""Positions beyond this are brought back to it, as published."""


class Positions(NamedTuple):
    """Positions of a chain.

    Attributes:
        x: positions.
        centre: the mean of the normal that `x` was drawn from; the next period's prior, in the next sweep.
    """

    x: Float[Array, "year country"]
    centre: Float[Array, "year country"]


@runtime_checkable
class PositionUpdate(Protocol):
    """Draws positions from one normal observation per country-period: its precision, and precision times value."""

    def draw(
        self,
        key: Key[Array, ""],
        before: Positions,
        precision: Float[Array, "year country"],
        weighted: Float[Array, "year country"],
    ) -> Positions:
        """Return new positions, given those of the last sweep."""
        ...


class ConditionalForward(eqx.Module):
    """The published update: each period given the one before, none given the one after.

        x_it ~ N(m_it, v_it),  1 / v_it = precision_it + 1 / q_it,  m_it = v_it (weighted_it + m_i,t-1 / q_it),
        q_it = smoothing n_it / (n_it + n_i,t-1),

    where `m_i,t-1` is the mean of the last sweep's draw in the last period in which the country voted (in its first:
    the next), and `n` are votes. With as many votes in both and a `smoothing` of .5, the published value, `q` is .25.
    A country that voted in one period only has the prior N(0, 1). The draws are clipped at 5 and brought to mean 0 and
    sd 1 over country-periods with votes. Since the future does not inform the past, these conditionals are not those
    of one joint posterior: it is a filter's estimate, with a filter's wider intervals.

    Attributes:
        source: flat place of the country-period that the prior mean comes from; its own where there is none.
        linked: whether there is one.
        variance: `q`.
        voted: country-periods with votes.
        to_scale: whether draws are brought to mean 0 and sd 1, as published.
    """

    source: Int[Array, "year country"]
    linked: Bool[Array, "year country"]
    variance: Float[Array, "year country"]
    voted: Bool[Array, "year country"]
    to_scale: bool = eqx.field(static=True, default=True)

    @classmethod
    def of(
        cls, n_votes: Int[np.ndarray, "year country"], smoothing: float, *, to_scale: bool = True
    ) -> ConditionalForward:
        """Return the update for countries with these votes; `smoothing` is .5 as published, less smooths more."""
        voted = np.asarray(n_votes > 0)
        source, own = np.arange(voted.size).reshape(voted.shape), np.arange(voted.size).reshape(voted.shape)
        for country in range(voted.shape[1]):
            cells = own[voted[:, country], country]
            if len(cells) > 1:
                source[voted[:, country], country] = np.concatenate([cells[1:2], cells[:-1]])
        linked = source != own
        earlier = n_votes.ravel()[source]
        variance = np.where(linked, smoothing * n_votes / np.maximum(n_votes + earlier, 1), 1.0)
        return cls(
            jnp.asarray(source), jnp.asarray(linked), jnp.asarray(variance, jnp.float32), jnp.asarray(voted), to_scale
        )

    def draw(
        self,
        key: Key[Array, ""],
        before: Positions,
        precision: Float[Array, "year country"],
        weighted: Float[Array, "year country"],
    ) -> Positions:
        """Return new positions, given those of the last sweep."""
        prior = jnp.where(self.linked, before.centre.ravel()[self.source], 0.0)
        total = precision + 1 / self.variance
        centre = (weighted + prior / self.variance) / total
        x = jnp.clip(centre + jax.random.normal(key, centre.shape) / jnp.sqrt(total), -FURTHEST, FURTHEST)
        x = standardised(x, self.voted) if self.to_scale else jnp.where(self.voted, x, 0.0)
        return Positions(x, jnp.where(self.voted, centre, 0.0))


def standardised(x: Float[Array, "year country"], voted: Bool[Array, "year country"]) -> Float[Array, "year country"]:
    """Return `x` with mean 0 and sd 1 where `voted`, and 0 elsewhere."""
    apart = x - jnp.mean(x, where=voted)
    return jnp.where(voted, apart / jnp.sqrt(jnp.mean(apart**2, where=voted)), 0.0)
