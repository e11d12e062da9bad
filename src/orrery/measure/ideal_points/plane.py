"""Two dimensions: the dynamic model on a plane.

A vote is as in `gibbs`, with `d_1 x_1 + d_2 x_2` in place of `d x`; both dimensions have the same priors and each its
own evolution. A sweep is one of `gibbs` for the first dimension, beside what the second pulls, and one for the
second.

The votes do not tell a plane from the same plane turned, stretched or mirrored. What is reported is fixed draw by draw:
positions over country-periods with votes have mean 0, sd 1 and no correlation; the first dimension is the direction in
which roll calls discriminate most (the first eigenvector of `sum_j d_j d_j'`), the second is the one across it; each
has a country that is positive on average. The second dimension is only worth reading where its `strength` is well
above 0 and its R-hat near 1: turning is what votes with one dimension leave open.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import jax
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Key

from orrery.base.keys import named_key
from orrery.measure.ideal_points.chains import Begin, Chains, Progress, Sampler, by_entry, summary
from orrery.measure.ideal_points.gibbs import CutpointWalk, ItemPrior, Items, Sheet, State, sweep
from orrery.measure.ideal_points.ordinal import check_votes
from orrery.measure.ideal_points.points import IdealPoints
from orrery.measure.ideal_points.positions import ForwardBackward, Positions, PositionUpdate
from orrery.measure.ideal_points.sampled import DYNAMIC_CHAINS, check_numbers, fast_start
from orrery.measure.ideal_points.votes import VoteMatrix
from orrery.measure.labelled import Labelled

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

DIMENSION = "dimension"
START_SD = 0.3
"""Of the second dimension's positions and discriminations, at the start of a chain."""


class PlaneState(NamedTuple):
    """Where a chain stands: one state for each dimension; the cutpoints of both are the same."""

    first: State
    second: State


@dataclass(frozen=True)
class IdealPlane(Labelled):
    """Positions on a plane.

    Attributes:
        first: positions and items on the first dimension.
        second: on the second; its items hold the same cutpoints.
        strength: root mean square discrimination of the roll calls on each dimension, by draw.
    """

    first: IdealPoints
    second: IdealPoints
    strength: Float[np.ndarray, "draw 2"]

    def to_frame(self) -> pd.DataFrame:
        """Return one row per period, country and dimension."""
        import pandas as pd

        frames = [points.to_frame().assign(dimension=k) for k, points in enumerate((self.first, self.second), 1)]
        return pd.concat(frames, ignore_index=True)

    def to_xarray(self) -> xr.Dataset:
        """Return the labelled arrays by `dimension, year, country`."""
        import xarray as xr

        parts = [points.to_xarray() for points in (self.first, self.second)]
        return xr.concat(parts, dim=xr.IndexVariable(DIMENSION, [1, 2]), combine_attrs="drop_conflicts")


def fit_plane(
    matrix: VoteMatrix,
    *,
    key: Key[Array, ""],
    positive: tuple[str, str] = ("USA", "BRA"),
    discrimination_sd: float = 1.0,
    cutpoint_bound: float = 7.0,
    step: float = 0.15,
    chains: Chains = DYNAMIC_CHAINS,
    progress: Progress | None = None,
) -> IdealPlane:
    """Sample positions in two dimensions, as paths whose speed of change is learned. See the module.

    Args:
        matrix: the votes.
        key: source of randomness; the same key gives the same numbers.
        positive: a country that is positive on average on the first dimension, and one on the second.
        discrimination_sd: prior sd of discriminations.
        cutpoint_bound: greatest distance of a cutpoint from 0.
        step: sd of the proposals of cutpoints.
        chains: how long to sample.
        progress: is told how many sweeps of all are done.

    Raises:
        MeasureError: an option is out of range, there are no votes, or a country of `positive` has none.
    """
    check_numbers({"discrimination_sd": discrimination_sd, "cutpoint_bound": cutpoint_bound, "step": step})
    for name in positive:
        check_votes(matrix, name)
    matrix = by_entry(matrix)
    sampler = Sampler(
        matrix,
        ForwardBackward.of(matrix.n_votes, learn=True),
        ItemPrior(discrimination_sd, cutpoint_bound),
        CutpointWalk(step, True),
        chains,
        advance_plane,
    )
    kept = sampler.run(key, partial(_begin, fast_start(matrix, positive[0])), progress)
    placed, strength = placed_plane(kept, sampler.voted)
    options = {"key": jax.random.key_data(key).tolist(), "discrimination_sd": discrimination_sd, "step": step}
    dimensions = [
        summary(sampler, state, name, ("dynamic", float(np.sqrt(state.positions.evolution_variance).mean())), options)
        for state, name in zip(placed, positive, strict=True)
    ]
    return IdealPlane(dimensions[0], dimensions[1], strength.reshape(-1, 2))


def _begin(first: Begin, key: Key[Array, ""]) -> PlaneState:
    """Return a start with the second dimension near 0."""
    state = first(key)
    for_positions, for_items = jax.random.split(named_key(key, "second dimension"))
    x = START_SD * jax.random.normal(for_positions, state.positions.x.shape)
    d = START_SD * jax.random.normal(for_items, state.items.discrimination.shape)
    second = State(Positions(x, x, state.positions.evolution_variance), state.items._replace(discrimination=d))
    return PlaneState(state, second)


@jax.jit
def advance_plane(
    key: Key[Array, ""],
    state: PlaneState,
    sheets: tuple[Sheet, ...],
    *,
    prior: ItemPrior,
    walk: CutpointWalk,
    update: PositionUpdate,
    n_sweeps: int | Int[Array, ""],
) -> PlaneState:
    """Return the state after `n_sweeps` sweeps of both dimensions."""

    def with_cutpoints(one: State, other: State) -> State:
        items = other.items._replace(discrimination=one.items.discrimination)
        return one._replace(items=items)

    def both(number: Int[Array, ""], state: PlaneState) -> PlaneState:
        for_first, for_second = jax.random.split(jax.random.fold_in(key, number))
        options = {"prior": prior, "walk": walk, "update": update}
        first = sweep(for_first, state.first, sheets, beside=state.second, **options)
        second = with_cutpoints(state.second, first)
        second = sweep(for_second, second, sheets, beside=first, **options)
        return PlaneState(with_cutpoints(first, second), second)

    return jax.lax.fori_loop(0, n_sweeps, both, state)


def placed_plane(
    kept: PlaneState, voted: Bool[np.ndarray, "year country"]
) -> tuple[PlaneState, Float[np.ndarray, "*draw 2"]]:
    """Return every draw in its fixed place, see the module, and the strength of each dimension.

    All probabilities stay as they were: with positions `x -> R' L^-1 (x - m)`, where `L L'` is their covariance and `R`
    the turn, discriminations become `R' L' d` and cutpoints lose `d' m`.
    """
    x = np.stack([state.positions.x for state in kept], -1).astype(float)
    d = np.stack([state.items.discrimination for state in kept], -1).astype(float)
    centre = x[..., voted, :].mean(-2)
    apart = x[..., voted, :] - centre[..., None, :]
    root = np.linalg.cholesky(np.einsum("...ni,...nj->...ij", apart, apart) / apart.shape[-2])
    spread = np.einsum("...ji,...gj->...gi", root, d)
    value, turn = np.linalg.eigh(np.einsum("...gi,...gj->...ij", spread, spread) / spread.shape[-2])
    value, turn = value[..., ::-1], turn[..., ::-1]  # the strongest first
    map_back = np.swapaxes(turn, -1, -2) @ np.linalg.inv(root)
    placed = np.einsum("...ij,...tcj->...tci", map_back, x - centre[..., None, None, :])
    turned = np.einsum("...ji,...gj->...gi", turn, spread)
    shift = np.einsum("...gi,...i->...g", d, centre)
    lower, upper = kept.first.items.lower - shift, kept.first.items.upper - shift
    states = [
        State(
            Positions(placed[..., k], placed[..., k], state.positions.evolution_variance),
            Items(lower, upper, turned[..., k]),
        )
        for k, state in enumerate(kept)
    ]
    return PlaneState(*states), np.sqrt(value)
