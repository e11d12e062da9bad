"""One sweep of a Gibbs sampler for ordinal ideal points, and many sweeps on end.

Votes lie dense, roll calls by countries, so that a sweep is a few passes over few arrays: sheets for stretches of
periods, each as wide as there are countries by then. The model of a vote is that of `ordered_probit`; given the
positions `x` the items are

    d_j ~ N(0, discrimination_sd^2),   (l_j, u_j) uniform over -cutpoint_bound < l_j < u_j < cutpoint_bound.

A sweep draws, in this order:

1. The cutpoints `(l, u)` of every item by one Metropolis step on the likelihood with the latent votes integrated out
   (Cowles 1996; Johnson & Albert 1999, section 5.2.3): `l` is proposed from a normal around it that ends at `u`, then
   `u` from one that begins at the new `l`.
2. The latent votes `z = d x + e`, given what was chosen (Albert & Chib 1993), brought back to +-9 as published.
3. `d` given `z` and `x`: a normal regression.
4. `x` given `z` and `d`, by one of the updates of `positions`.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax.scipy.special import ndtri
from jaxtyping import Array, Bool, Float, Int, Int8, Key

from orrery.base.keys import named_key
from orrery.measure.ideal_points.noise import below, quantile, uniforms
from orrery.measure.ideal_points.positions import Positions, PositionUpdate
from orrery.measure.ideal_points.votes import ABSTAIN, NO, NOT_CAST

LEAST_PROBABILITY = 1e-30
"""Of a vote, in single precision: one further against its country's position counts as this improbable."""
MOST_PROBABILITY = 1 - 2**-24
"""The largest number below 1 in single precision."""
FURTHEST_LATENT = 9.0
LEAST_GAP = 1e-6
"""Between the cutpoints of an item."""


class Sheet(NamedTuple):
    """Votes of some periods, each at its place.

    Attributes:
        choice: 0 yes, 1 abstain, 2 no, -1 none; by the first countries of the positions, as many as it has columns.
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


class CutpointWalk(NamedTuple):
    """How cutpoints are proposed.

    Attributes:
        sd: of the proposals.
        reversible: whether to refuse a new upper cutpoint at or below the old lower one, from which no proposal leads
            back. The published sampler does not refuse it, which makes items without abstentions a little wider.
    """

    sd: float | Float[Array, ""]
    reversible: bool | Bool[Array, ""]


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
    sheets: tuple[Sheet, ...],
    *,
    prior: ItemPrior,
    walk: CutpointWalk,
    update: PositionUpdate,
    beside: State | None = None,
) -> State:
    """Return the state after one sweep; see the module. What another dimension, `beside`, pulls is added to `d x`."""
    offsets = [pulled(beside, sheet) if beside is not None else jnp.float32(0) for sheet in sheets]
    pulls = [pulled(state, sheet) + offset for sheet, offset in zip(sheets, offsets, strict=True)]
    items, where = _walked(named_key(key, "walk"), state.items, sheets, pulls, prior=prior, walk=walk)
    latents = [
        _latent(jax.random.fold_in(named_key(key, "latent"), place), *parts)
        for place, parts in enumerate(zip(sheets, where, pulls, offsets, strict=True))
    ]

    n_groups, (n_periods, n_countries) = len(items.lower), state.positions.x.shape
    informed, centre = jnp.full(n_groups, prior.discrimination_sd**-2), jnp.zeros(n_groups)
    for sheet, latent in zip(sheets, latents, strict=True):
        x = _positions_of(state, sheet)
        squares = jnp.where(sheet.choice != NOT_CAST, x * x, 0.0).sum(1)
        informed += jax.ops.segment_sum(squares, sheet.group, n_groups)
        centre += jax.ops.segment_sum((latent * x).sum(1), sheet.group, n_groups)
    normal = jax.random.normal(named_key(key, "discrimination"), (n_groups,))
    items = items._replace(discrimination=centre / informed + normal / jnp.sqrt(informed))

    precision, weighted = jnp.zeros((2, n_periods, n_countries))
    for sheet, latent in zip(sheets, latents, strict=True):
        width, d = sheet.choice.shape[1], items.discrimination[sheet.group][:, None]
        told = jnp.where(sheet.choice != NOT_CAST, d * d, 0.0), d * latent
        by_period = [jax.ops.segment_sum(each, sheet.period, n_periods, indices_are_sorted=True) for each in told]
        precision, weighted = precision.at[:, :width].add(by_period[0]), weighted.at[:, :width].add(by_period[1])
    positions = update.draw(named_key(key, "positions"), state.positions, precision, weighted)
    return State(positions, items)


def pulled(state: State, sheet: Sheet) -> Float[Array, "item country"]:
    """Return `d x` of every place on a sheet."""
    return state.items.discrimination[sheet.group][:, None] * _positions_of(state, sheet)


def _positions_of(state: State, sheet: Sheet) -> Float[Array, "item country"]:
    return state.positions.x[:, : sheet.choice.shape[1]][sheet.period]


def _latent(
    key: Key[Array, ""], sheet: Sheet, where: Stretch, pull: Float[Array, "item country"], offset: Float[Array, "..."]
) -> Float[Array, "item country"]:
    """Return the latent votes less what other dimensions pull; 0 where there is no vote."""
    latent = jnp.clip(pull + confined(key, where), -FURTHEST_LATENT, FURTHEST_LATENT)
    return jnp.where(sheet.choice != NOT_CAST, latent - offset, 0.0)


def stretch(sheet: Sheet, items: Items, pull: Float[Array, "item country"]) -> Stretch:
    """Return where the noise of every vote must lie, in the tail where single precision keeps its digits."""
    a, b = items.lower[sheet.group][:, None] - pull, items.upper[sheet.group][:, None] - pull
    abstained = sheet.choice == ABSTAIN
    mirrored = (sheet.choice == NO) | (abstained & (a + b > 0))
    inner, outer = jnp.where(mirrored, -b, a), jnp.where(mirrored, -a, b)
    floor = jnp.where(abstained, below(inner), 0.0)
    share = below(jnp.where(abstained, outer, inner)) - floor
    return Stretch(floor, jnp.maximum(share, LEAST_PROBABILITY), mirrored)


def confined(key: Key[Array, ""], where: Stretch) -> Float[Array, "item country"]:
    """Return unit normals confined to a stretch each, by inversion."""
    probability = where.floor + uniforms(key, where.share.shape) * where.share
    normal = quantile(jnp.clip(probability, LEAST_PROBABILITY, MOST_PROBABILITY))
    return jnp.where(where.mirrored, -normal, normal)


@jax.jit
def advance(
    key: Key[Array, ""],
    state: State,
    sheets: tuple[Sheet, ...],
    *,
    prior: ItemPrior,
    walk: CutpointWalk,
    update: PositionUpdate,
    n_sweeps: int | Int[Array, ""],
) -> State:
    """Return the state after `n_sweeps` sweeps."""

    def one(number: Int[Array, ""], state: State) -> State:
        return sweep(jax.random.fold_in(key, number), state, sheets, prior=prior, walk=walk, update=update)

    return jax.lax.fori_loop(0, n_sweeps, one, state)


def _walked(
    key: Key[Array, ""],
    items: Items,
    sheets: tuple[Sheet, ...],
    pulls: list[Float[Array, "..."]],
    *,
    prior: ItemPrior,
    walk: CutpointWalk,
) -> tuple[Items, list[Stretch]]:
    """Return the items after a Metropolis step of their cutpoints, and where the noise of every vote now lies."""
    n_groups, bound = len(items.lower), prior.cutpoint_bound
    at_lower, at_upper = jax.random.uniform(named_key(key, "step"), (2, n_groups))
    lower = _between(at_lower, items.lower, walk.sd, -bound, items.upper)
    upper = _between(at_upper, items.upper, walk.sd, lower, bound)
    proposed = items._replace(lower=lower, upper=upper)
    gain = _log_room(items, proposed, walk.sd, bound) - _log_room(proposed, items, walk.sd, bound)
    now, then = ([stretch(s, at, pull) for s, pull in zip(sheets, pulls, strict=True)] for at in (items, proposed))
    for sheet, old, new in zip(sheets, now, then, strict=True):
        better = jnp.log(new.share / old.share).sum(1, where=sheet.choice != NOT_CAST)
        gain += jax.ops.segment_sum(better, sheet.group, n_groups)
    one_way = proposed.upper <= items.lower
    gain = jnp.where(one_way & walk.reversible, -jnp.inf, gain)
    moved = jnp.log(jax.random.uniform(named_key(key, "accept"), (n_groups,))) < gain
    where = [
        Stretch(*(jnp.where(moved[sheet.group][:, None], a, b) for a, b in zip(new, old, strict=True)))
        for sheet, old, new in zip(sheets, now, then, strict=True)
    ]
    return Items(*(jnp.where(moved, new, old) for new, old in zip(proposed, items, strict=True))), where


def _between(
    uniform: Float[Array, " group"],
    centre: Float[Array, " group"],
    step: float | Float[Array, ""],
    low: float | Float[Array, "..."],
    high: float | Float[Array, "..."],
) -> Float[Array, " group"]:
    """Return a normal around `centre` confined to between `low` and `high`, strictly."""
    floor = below((low - centre) / step)
    probability = jnp.clip(floor + uniform * (below((high - centre) / step) - floor), 1e-7, MOST_PROBABILITY)
    value = centre + step * ndtri(probability)
    return jnp.clip(value, low + LEAST_GAP, high - LEAST_GAP)


def _log_room(
    there: Items, back: Items, step: float | Float[Array, ""], bound: float | Float[Array, ""]
) -> Float[Array, " group"]:
    """Return the log of the probability that the two normals around `there` lie where they were confined to."""
    for_lower = below((there.upper - there.lower) / step) - below((-bound - there.lower) / step)
    for_upper = below((bound - there.upper) / step) - below((back.lower - there.upper) / step)
    return jnp.log(for_lower) + jnp.log(for_upper)
