"""Minimal winning coalitions of one weighted quota, told apart by their lightest member."""

from __future__ import annotations

from math import isqrt

import numpy as np
from jaxtyping import Int, Shaped

from orrery.base.errors import InstitutionError

MOST_SUMS = 10**9
"""Members times quota, up to which counts are made."""
WORD = 62
"""Bits of a whole number that the processor adds at once."""


def minimal_by_lightest(weights: Int[np.ndarray, " member"], quota: int) -> list[int] | list[float]:
    """Return how many minimal winning coalitions hold each member, in whole numbers where they are below 2^62.

    A coalition with lightest member `k` is minimal and wins if the others, all at least as heavy, have together at
    least `q - w_k` and less than `q`. The members are added from the heaviest down; what each sum can still become is
    counted from the lightest up.

    Raises:
        InstitutionError: the quota is too large for the number of members.
    """
    order = np.argsort(-weights, kind="stable")
    heaviest = weights[order].tolist()
    n_members = len(heaviest)
    if not 1 <= quota <= sum(heaviest):
        return [0] * n_members
    if n_members * quota > MOST_SUMS:
        raise InstitutionError(
            f"`game`: {n_members} members and a quota of {quota:,} came; minimal winning coalitions are counted up to "
            f"{MOST_SUMS:,} members times quota. Write the weights in a coarser unit."
        )
    exact = n_members <= WORD
    numbers = np.int64 if exact else np.float64
    step = max(isqrt(n_members), 1)
    starts = _every(heaviest, quota, step, numbers)
    completed = np.zeros(quota, numbers)
    holding: list = [0] * n_members
    for first in reversed(range(0, n_members, step)):
        # Forward within a stretch, so that only few distributions are kept at a time.
        grids = [starts[first // step]]
        for weight in heaviest[first : min(first + step, n_members) - 1]:
            grids.append(_added(grids[-1], weight))
        for place in reversed(range(first, first + len(grids))):
            weight, before = heaviest[place], grids[place - first]
            ending = before[max(quota - weight, 0) :].sum() if weight else 0
            going_on = before[: max(quota - weight, 0)] @ completed[min(weight, quota) :]
            holding[place] = ending + going_on
            completed = _completions(completed, weight)
    counts = np.empty(n_members, object)
    counts[order] = holding
    kind = int if exact else float
    return [kind(count) for count in counts]


def _every(weights: list[int], quota: int, step: int, numbers: type) -> list[Shaped[np.ndarray, " sum"]]:
    """Return the distribution of sums below the quota before every `step`th member."""
    grid = np.zeros(quota, numbers)
    grid[0] = 1
    kept = []
    for place, weight in enumerate(weights):
        if place % step == 0:
            kept.append(grid)
        grid = _added(grid, weight)
    return kept


def _added(grid: Shaped[np.ndarray, " sum"], weight: int) -> Shaped[np.ndarray, " sum"]:
    wider = grid.copy()
    if weight < len(grid):
        wider[weight:] += grid[: len(grid) - weight]
    return wider


def _completions(completed: Shaped[np.ndarray, " sum"], weight: int) -> Shaped[np.ndarray, " sum"]:
    """Return in how many ways each sum becomes a minimal winning coalition, one more member being open to it.

    It may stay out, end the coalition as its lightest member, or go in without ending it.
    """
    quota = len(completed)
    wider = completed.copy()
    if weight:
        wider[max(quota - weight, 0) :] += 1
    if weight < quota:
        wider[: quota - weight] += completed[weight:]
    return wider
