"""One sweep of a Gibbs sampler for ordinal ideal points, and many sweeps on end.

Votes lie dense, roll calls by countries, so that a sweep is a few passes over one array. The model of a vote is that
of `ordered_probit`; given the positions `x` the items are

    d_j ~ N(0, discrimination_sd^2),   (l_j, u_j) uniform over -cutpoint_bound < l_j < u_j < cutpoint_bound.

A sweep draws, in this order:

1. `(l, u, d)` of every item by one Metropolis step on the likelihood with the latent votes integrated out (the idea of
   Cowles 1996, here for all three at once), from a random walk shaped by the item's own information.
2. The latent votes `z = d x + e`, given what was chosen (Albert & Chib 1993).
3. `d` given `z` and `x`: a normal regression.
4. `x` given `z` and `d`, by one of the updates of `positions`.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax.scipy.special import ndtr, ndtri
from jaxtyping import Array, Bool, Float, Int, Int8, Key

from orrery.base.keys import named_key
from orrery.measure.ideal_points.positions import Positions, PositionUpdate
from orrery.measure.ideal_points.votes import ABSTAIN, NO, NOT_CAST

LEAST_PROBABILITY = 1e-30
"""Of a vote, in single precision: one further against its country's position counts as this improbable."""
MOST_PROBABILITY = 1 - 2**-24
"""The largest number below 1 in single precision."""


class Sheet(NamedTuple):
    """Every vote at its place.

    Attributes:
        choice: 0 yes, 1 abstain, 2 no, -1 none.
        period: of each roll call, ascending.
        group: roll calls with the same number share their item.
    """

    choice: Int8[Array, "item country"]
    period: Int[Array, " item"]
    group: Int[Array, " item"]


class Items(NamedTuple):
    """Parameters of every item, by group."""

    lower: Float[Array, "*draw group"]
    upper: Float[Array, "*draw group"]
    discrimination: Float[Array, "*draw group"]


class ItemPrior(NamedTuple):
    """Prior of the items, see the module."""

    discrimination_sd: float
    cutpoint_bound: float


class State(NamedTuple):
    """Where a chain stands."""

    positions: Positions
    items: Items


class Stretch(NamedTuple):
    """Part of the unit normal: from quantile `floor` up by probability `share`, of the mirrored one if `mirrored`."""

    floor: Float[Array, "item country"]
    share: Float[Array, "item country"]
    mirrored: Bool[Array, "item country"]


def sweep(
    key: Key[Array, ""],
    state: State,
    sheet: Sheet,
    *,
    prior: ItemPrior,
    walk: Float[Array, "group 3 3"],
    update: PositionUpdate,
) -> State:
    """Return the state after one sweep; `walk` holds a square root of each item's proposal covariance."""
    cast = sheet.choice != NOT_CAST
    x = state.positions.x[sheet.period]
    items = _walked(named_key(key, "walk"), state.items, sheet, x, prior=prior, walk=walk)

    pull = items.discrimination[sheet.group][:, None] * x
    latent = jnp.where(cast, pull + confined(named_key(key, "latent"), stretch(sheet, items, pull)), 0.0)

    n_groups, n_periods = len(items.lower), len(state.positions.x)
    informed = jax.ops.segment_sum(jnp.where(cast, x * x, 0.0).sum(1), sheet.group, n_groups)
    informed += prior.discrimination_sd**-2
    centre = jax.ops.segment_sum((latent * x).sum(1), sheet.group, n_groups) / informed
    normal = jax.random.normal(named_key(key, "discrimination"), (n_groups,))
    items = items._replace(discrimination=centre + normal / jnp.sqrt(informed))

    d = items.discrimination[sheet.group][:, None]
    precision = jax.ops.segment_sum(jnp.where(cast, d * d, 0.0), sheet.period, n_periods, indices_are_sorted=True)
    weighted = jax.ops.segment_sum(d * latent, sheet.period, n_periods, indices_are_sorted=True)
    positions = update.draw(named_key(key, "positions"), state.positions, precision, weighted)
    return State(positions, items)


def stretch(sheet: Sheet, items: Items, pull: Float[Array, "item country"]) -> Stretch:
    """Return where the noise of every vote must lie, in the tail where single precision keeps its digits."""
    a, b = items.lower[sheet.group][:, None] - pull, items.upper[sheet.group][:, None] - pull
    abstained = sheet.choice == ABSTAIN
    mirrored = (sheet.choice == NO) | (abstained & (a + b > 0))
    inner, outer = jnp.where(mirrored, -b, a), jnp.where(mirrored, -a, b)
    floor = jnp.where(abstained, ndtr(inner), 0.0)
    share = ndtr(jnp.where(abstained, outer, inner)) - floor
    return Stretch(floor, jnp.maximum(share, LEAST_PROBABILITY), mirrored)


def confined(key: Key[Array, ""], where: Stretch) -> Float[Array, "item country"]:
    """Return unit normals confined to a stretch each, by inversion."""
    below = where.floor + jax.random.uniform(key, where.share.shape) * where.share
    normal = ndtri(jnp.clip(below, LEAST_PROBABILITY, MOST_PROBABILITY))
    return jnp.where(where.mirrored, -normal, normal)


@jax.jit
def advance(
    key: Key[Array, ""],
    state: State,
    sheet: Sheet,
    *,
    prior: ItemPrior,
    walk: Float[Array, "group 3 3"],
    update: PositionUpdate,
    n_sweeps: int | Int[Array, ""],
) -> State:
    """Return the state after `n_sweeps` sweeps."""

    def one(number: Int[Array, ""], state: State) -> State:
        return sweep(jax.random.fold_in(key, number), state, sheet, prior=prior, walk=walk, update=update)

    return jax.lax.fori_loop(0, n_sweeps, one, state)


def _walked(
    key: Key[Array, ""],
    items: Items,
    sheet: Sheet,
    x: Float[Array, "item country"],
    *,
    prior: ItemPrior,
    walk: Float[Array, "group 3 3"],
) -> Items:
    """Return the items after one Metropolis step each."""
    n_groups = len(items.lower)

    def log_posterior(values: Items) -> Float[Array, " group"]:
        share = stretch(sheet, values, values.discrimination[sheet.group][:, None] * x).share
        by_item = jnp.log(share).sum(1, where=sheet.choice != NOT_CAST)
        likelihood = jax.ops.segment_sum(by_item, sheet.group, n_groups)
        return likelihood - 0.5 * (values.discrimination / prior.discrimination_sd) ** 2

    step = jnp.einsum("gij,gj->gi", walk, jax.random.normal(named_key(key, "step"), (n_groups, 3)))
    proposed = Items(*(old + step[:, column] for column, old in enumerate(items)))
    allowed = (-prior.cutpoint_bound < proposed.lower) & (proposed.upper < prior.cutpoint_bound)
    allowed &= proposed.lower < proposed.upper
    gain = log_posterior(proposed) - log_posterior(items)
    moved = allowed & (jnp.log(jax.random.uniform(named_key(key, "accept"), (n_groups,))) < gain)
    return Items(*(jnp.where(moved, new, old) for new, old in zip(proposed, items, strict=True)))
