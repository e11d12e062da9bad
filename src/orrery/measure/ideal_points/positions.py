"""How a Gibbs sampler draws positions, once every country-period's votes are one normal observation.

`PositionUpdate` is what the sampler asks for. `ConditionalForward` is the published one; `ForwardBackward` draws whole
paths from their joint posterior.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol, runtime_checkable

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Key

from orrery.base.keys import named_key

FURTHEST = 5.0
"""Positions beyond this are brought back to it, as published."""
LEAST_EVOLUTION_SD = 1e-3
"""Of a learned evolution, which lies between this and 1 less this."""


class Positions(NamedTuple):
    """Positions of a chain.

    Attributes:
        x: positions.
        centre: the mean of the normal that `x` was drawn from; the next period's prior, in the next sweep.
        evolution_variance: `q`, where it is one number that is learned.
    """

    x: Float[Array, "*draw year country"]
    centre: Float[Array, "*draw year country"]
    evolution_variance: Float[Array, "*draw"]


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
        return before._replace(x=x, centre=jnp.where(self.voted, centre, 0.0))


class ForwardBackward(eqx.Module):
    """Whole paths from their joint posterior: filtering forwards, sampling backwards (Carter & Kohn 1994).

        x_t = rho x_t-1 + N(0, q),  rho^2 = 1 - q,  so that x_t ~ N(0, 1) in every period.

    `sqrt(q)` is uniform between 0 and 1, or fixed. It is drawn given the paths between each country's first and last
    vote, by Metropolis steps on its log odds; outside, paths are drawn anew from the process.

    Attributes:
        inside: country-periods from the first to the last vote, less the first: those that tell of `q`.
        learn: whether `q` is learned.
        n_steps: Metropolis steps each time.
    """

    inside: Bool[Array, "year country"]
    learn: bool = eqx.field(static=True)
    n_steps: int = eqx.field(static=True, default=4)

    @classmethod
    def of(cls, n_votes: Int[np.ndarray, "year country"], *, learn: bool) -> ForwardBackward:
        """Return the update for countries with these votes."""
        voted = np.asarray(n_votes > 0)
        started = np.maximum.accumulate(voted, axis=0)
        not_over = np.maximum.accumulate(voted[::-1], axis=0)[::-1]
        inside = started & not_over
        inside[1:] &= inside[:-1].copy()
        inside[0] = False
        return cls(jnp.asarray(inside), learn)

    def draw(
        self,
        key: Key[Array, ""],
        before: Positions,
        precision: Float[Array, "year country"],
        weighted: Float[Array, "year country"],
    ) -> Positions:
        """Return new paths, given the evolution variance of the last sweep, and then a new evolution variance."""
        x = sampled_paths(named_key(key, "paths"), precision, weighted, before.evolution_variance)
        variance = before.evolution_variance
        if self.learn:
            variance = self._evolved(named_key(key, "evolution"), x, variance)
        return Positions(x, x, variance)

    def _evolved(
        self, key: Key[Array, ""], x: Float[Array, "year country"], variance: Float[Array, ""]
    ) -> Float[Array, ""]:
        after, ahead = jnp.where(self.inside[1:], x[1:], 0.0), jnp.where(self.inside[1:], x[:-1], 0.0)
        squares, products, earlier = (after**2).sum(), (after * ahead).sum(), (ahead**2).sum()
        count = self.inside.sum()

        def log_density(log_odds: Float[Array, ""]) -> Float[Array, ""]:
            sd = jax.nn.sigmoid(log_odds)
            q, rho = sd**2, jnp.sqrt(1 - sd**2)
            error = squares - 2 * rho * products + rho**2 * earlier
            return -0.5 * (count * jnp.log(q) + error / q) + jnp.log(sd) + jnp.log1p(-sd)

        def one(number: Int[Array, ""], log_odds: Float[Array, ""]) -> Float[Array, ""]:
            for_step, for_choice = jax.random.split(jax.random.fold_in(key, number))
            proposed = log_odds + 2.4 / jnp.sqrt(2 * count + 4) * jax.random.normal(for_step)
            gain = log_density(proposed) - log_density(log_odds)
            return jnp.where(jnp.log(jax.random.uniform(for_choice)) < gain, proposed, log_odds)

        sd = jnp.sqrt(variance)
        log_odds = jax.lax.fori_loop(0, self.n_steps, one, jnp.log(sd) - jnp.log1p(-sd))
        return jnp.clip(jax.nn.sigmoid(log_odds), LEAST_EVOLUTION_SD, 1 - LEAST_EVOLUTION_SD) ** 2


def sampled_paths(
    key: Key[Array, ""],
    precision: Float[Array, "year country"],
    weighted: Float[Array, "year country"],
    evolution_variance: Float[Array, ""],
) -> Float[Array, "year country"]:
    """Draw the paths of `ForwardBackward`, every country's at once; a precision of 0 is no observation."""
    rho = jnp.sqrt(1 - evolution_variance)

    def forwards(ahead: tuple, seen: tuple) -> tuple:
        mean, variance = ahead
        total = 1 / variance + seen[0]
        mean, variance = (mean / variance + seen[1]) / total, 1 / total
        return (rho * mean, rho**2 * variance + evolution_variance), (mean, variance)

    start = jnp.zeros(precision.shape[1:]), jnp.ones(precision.shape[1:])
    _, (mean, variance) = jax.lax.scan(forwards, start, (precision, weighted))
    noise = jax.random.normal(key, precision.shape)
    last = mean[-1] + jnp.sqrt(variance[-1]) * noise[-1]

    def backwards(after: Array, here: tuple) -> tuple:
        mean, variance, noise = here
        gain = rho * variance / (rho**2 * variance + evolution_variance)
        left = variance * (1 - gain * rho)
        x = mean + gain * (after - rho * mean) + jnp.sqrt(left) * noise
        return x, x

    _, earlier = jax.lax.scan(backwards, last, (mean[:-1], variance[:-1], noise[:-1]), reverse=True)
    return jnp.concatenate([earlier, last[None]])


def standardised(x: Float[Array, "year country"], voted: Bool[Array, "year country"]) -> Float[Array, "year country"]:
    """Return `x` with mean 0 and sd 1 where `voted`, and 0 elsewhere."""
    apart = x - jnp.mean(x, where=voted)
    return jnp.where(voted, apart / jnp.sqrt(jnp.mean(apart**2, where=voted)), 0.0)
