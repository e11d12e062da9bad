"""Exact counts over the grid of joint sums: how often all other members leave each total.

The distribution of the totals is built up member by member (dynamic programming; Brams & Affuso 1976, Leech 2003 in
one dimension, Algaba, Bilbao & Fernández García 2007 in several). A total is not followed beyond its highest quota.
To have the distribution without each member in turn, the members are halved again and again, each half being added to
what the other half is computed from: every number comes from additions alone, whole numbers stay exact, and nothing is
ever subtracted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, log2

import numpy as np
from jaxtyping import Int, Num, Shaped

from orrery.institutions.power.sums import Sums

Grid = Shaped[np.ndarray, "..."]
"""A count, whole or in double precision, for each vector of totals; further axes (such as the number of yes) last."""


@dataclass(frozen=True)
class Voter:
    """Members that count alike.

    Attributes:
        size: how many there are.
        steps: what each choice adds along each axis of the grid.
        weights: how often each choice is taken: 1 to count, a probability to weigh; or a factor for each place of the
            last axis.
    """

    size: int
    steps: Int[np.ndarray, "choice axis"]
    weights: Num[np.ndarray, "choice ..."] | tuple[int, ...] | tuple[float, ...]


def without_each(
    voters: Sequence[Voter], tops: tuple[int, ...], dtype: type, start: Grid | None = None
) -> Iterator[tuple[int, Grid]]:
    """Yield, for each class of voters, the distribution of the totals over all members but one of that class.

    Args:
        voters: the classes.
        tops: the highest total that is told apart, along each axis.
        dtype: `object` or `np.int64` for whole numbers, `np.float64` or `complex`.
        start: the distribution before any member is added, where it is not all at 0.
    """
    first = np.ones((1,) * len(tops), dtype) if start is None else start
    yield from _without_each(list(enumerate(voters)), first, tops)


def distribution(voters: Sequence[Voter], tops: tuple[int, ...], dtype: type) -> Grid:
    """Return the distribution of the totals over all members."""
    grid = np.ones((1,) * len(tops), dtype)
    for voter in voters:
        grid = added(grid, voter, voter.size, tops)
    return grid


def added(grid: Grid, voter: Voter, times: int, tops: tuple[int, ...]) -> Grid:
    """Return the distribution with so many members of a class added."""
    for _ in range(times):
        reach = np.array(grid.shape) - 1 + voter.steps.max(0)
        wider = np.zeros(np.minimum(reach, tops) + 1, grid.dtype)
        for steps, weight in zip(voter.steps.tolist(), voter.weights, strict=True):
            _add_at(wider, grid, steps, tops, weight)
        grid = wider
    return grid


def cost(n_cells: float, voters: Sequence[Voter]) -> float:
    """Return about how many additions `without_each` needs."""
    depth = max(ceil(log2(len(voters))), 1) if len(voters) > 1 else 1
    n_choices = len(voters[0].weights)
    return n_cells * n_choices * sum(voter.size for voter in voters) * depth


def coordinates(grid: Grid, n_totals: int) -> list[Int[np.ndarray, "..."]]:
    """Return the totals that the cells of a grid stand for, as arrays that broadcast over it."""
    places = [np.arange(size) for size in grid.shape[:n_totals]]
    n_axes = grid.ndim
    return [place.reshape((1,) * axis + (-1,) + (1,) * (n_axes - axis - 1)) for axis, place in enumerate(places)]


def turned(
    sums: Sums,
    grid: Grid,
    low: Int[np.ndarray, " total"],
    high: Int[np.ndarray, " total"],
    *,
    kept: int | None = None,
) -> Shaped[np.ndarray, "*kept"]:
    """Return how often a motion fails if a member adds `low` and passes if it adds `high`.

    Args:
        sums: the game.
        grid: the distribution of what all others add.
        low: what the member adds to each total.
        high: the same, if it makes another choice.
        kept: a total that is not summed over; further axes of the grid never are.
    """
    places = coordinates(grid, sums.n_totals)
    fails = ~sums.holds([place + step for place, step in zip(places, low.tolist(), strict=True)])
    passes = sums.holds([place + step for place, step in zip(places, high.tolist(), strict=True)])
    counted = np.where(fails & passes, grid, 0 * grid[(0,) * grid.ndim])
    return np.asarray(counted.sum(tuple(axis for axis in range(sums.n_totals) if axis != kept)))


def _without_each(voters: list[tuple[int, Voter]], grid: Grid, tops: tuple[int, ...]) -> Iterator[tuple[int, Grid]]:
    if len(voters) == 1:
        place, voter = voters[0]
        yield place, added(grid, voter, voter.size - 1, tops)
        return
    middle = len(voters) // 2
    first, second = voters[:middle], voters[middle:]
    for kept, others in ((first, second), (second, first)):
        within = grid
        for _, voter in others:
            within = added(within, voter, voter.size, tops)
        yield from _without_each(kept, within, tops)


def _add_at(target: Grid, source: Grid, steps: list[int], tops: tuple[int, ...], weight: object) -> None:
    """Add a weighted grid to a wider one, moved by `steps`; what would go beyond the top stays at the top."""
    places = []
    for axis, (step, top) in enumerate(zip(steps, tops, strict=True)):
        if step + source.shape[axis] - 1 > top:
            kept = max(top - step, 0)
            head, tail = np.split(source, [kept], axis)
            source = np.concatenate([head, tail.sum(axis, keepdims=True)], axis)
        first = min(step, top)
        places.append(slice(first, first + source.shape[axis]))
    target[tuple(places)] += source if isinstance(weight, int) and weight == 1 else weight * source
