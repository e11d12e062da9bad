"""The multi-vector index family: how a country's ties spread over poles, and over poles that are rivals.

`shares` are a country's ties with each pole among its ties with the poles, `s_p >= 0`, summing to 1 over the last
axis. `rivalry` is `h_pq` in [0, 1] on the last two axes, symmetric, zero on the diagonal. `outside` is the share of
all ties that lie outside every pole, `a_0` in [0, 1]. All functions take and return NumPy or JAX arrays alike, with
any leading axes, and write nothing but arithmetic, so that a measure and a simulation use the same line of code.

| index | formula | source |
|---|---|---|
| diversity | `(1 - sum_p s_p^2) P / (P - 1)` | Gini-Simpson index, normalised (Simpson 1949) |
| rival diversity | `sum_pq s_p s_q h_pq / max over the simplex` | quadratic entropy with distance `h` (Rao 1982) |
| effective vectors | `1 / (1 - sum_pq s_p s_q h_pq)` | order 2, similarity `1 - h` (Leinster & Cobbold 2012) |
| effective multi-vectorness | `(1 - a_0) * rival diversity` | |
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from jaxtyping import Float

from orrery.base.arrays import FloatArray
from orrery.base.errors import MeasureError

LINE_MAXIMUM = 0.5
"""Greatest expected rivalry where rivalry is a distance on a line over its length: the two ends in equal parts."""

LARGEST_ENUMERATION = 12
"""Poles up to which the greatest rival diversity is found by enumerating supports (2^12 = 4,096 systems)."""


def diversity(shares: Float[FloatArray, "*axes pole"]) -> Float[FloatArray, "*axes"]:
    """Return how evenly ties spread over the poles, whoever they are: 0 (one pole) to 1 (equal shares).

    `MV = (1 - sum_p s_p^2) P / (P - 1)`. With a single pole there is nothing to spread over: 0.
    """
    n_poles = shares.shape[-1]
    scale = n_poles / (n_poles - 1) if n_poles > 1 else 0.0
    return (1 - (shares**2).sum(-1)) * scale


def rivalry_met(
    shares: Float[FloatArray, "*axes pole"], rivalry: Float[FloatArray, "*axes2 pole pole"]
) -> Float[FloatArray, "..."]:
    """Return `sum_pq s_p s_q h_pq`, the expected rivalry between two ties picked at random: 0 to below 1."""
    return (shares * (rivalry * shares[..., None, :]).sum(-1)).sum(-1)


def rival_diversity(
    shares: Float[FloatArray, "*axes pole"],
    rivalry: Float[FloatArray, "*axes2 pole pole"],
    greatest: Float[FloatArray, "..."] | float,
) -> Float[FloatArray, "..."]:
    """Return how much of the spread is over poles that are rivals of each other: 0 to 1.

    `RD = sum_pq s_p s_q h_pq / greatest`; the multi-vector index proper. `greatest` is the largest value of the
    numerator on the simplex: `greatest_rivalry_met(rivalry)`, or `0.5` where rivalry is a distance on a line
    divided by the line's length (the two extreme poles in equal parts attain it). Where `greatest` is 0 no pole
    is anyone's rival and RD is 0.
    """
    met = rivalry_met(shares, rivalry)
    rivals_exist = greatest > 0
    # Dividing by 1 where there are no rivals keeps 0/0 out of both the value and its gradient.
    return met / (greatest + (1 - rivals_exist)) * rivals_exist


def effective_vectors(
    shares: Float[FloatArray, "*axes pole"], rivalry: Float[FloatArray, "*axes2 pole pole"]
) -> Float[FloatArray, "..."]:
    """Return the number of mutually rival, equally used poles that would give the same spread: 1 and up.

    `EV = 1 / (1 - sum_pq s_p s_q h_pq)`.
    """
    return 1 / (1 - rivalry_met(shares, rivalry))


def effective_multivectorness(
    rival_diversity: Float[FloatArray, "..."], outside: Float[FloatArray, "..."]
) -> Float[FloatArray, "..."]:
    """Return `EMV = (1 - a_0) RD`: multi-vector *and* engaged, 0 to 1. Read it with RD and `a_0`, never alone."""
    return (1 - outside) * rival_diversity


def line_rivalry(positions: Float[FloatArray, "*axes pole"]) -> Float[FloatArray, "*axes pole pole"]:
    """Return rivalry as distance on a line, `|x_p - x_q| / max`, in [0, 1]; all zero where all poles coincide."""
    distance = abs(positions[..., :, None] - positions[..., None, :])
    largest = distance.max((-2, -1), keepdims=True)
    poles_differ = largest > 0
    return distance / (largest + (1 - poles_differ)) * poles_differ


def greatest_rivalry_met(rivalry: Float[np.ndarray, "*axes pole pole"]) -> Float[np.ndarray, "*axes"]:
    """Return the exact maximum of `s' h s` over the simplex, by enumerating supports (Motzkin & Straus 1965 style).

    On the support of a maximiser the first-order condition `h s = v 1` holds, with `v` the maximum itself; every
    support whose solution is feasible is tried, so the result is exact up to rounding. Poles with equal rivalries to
    all others are one pole to the form, and are counted once.

    Args:
        rivalry: one rivalry matrix, or several on leading axes.

    Raises:
        MeasureError: more than `LARGEST_ENUMERATION` distinct poles, or not a rivalry matrix.
    """
    check_rivalry(rivalry)
    n_poles = int(rivalry.shape[-1])
    stack = rivalry.reshape(-1, n_poles, n_poles)
    by_pole = stack.transpose(1, 0, 2).reshape(n_poles, -1)
    distinct = np.sort(np.unique(by_pole, axis=0, return_index=True)[1])
    if len(distinct) > LARGEST_ENUMERATION:
        raise MeasureError(
            f"`rivalry`: {len(distinct)} poles came whose rivalries differ; the exact maximum is found for up to "
            f"{LARGEST_ENUMERATION}. Use fewer poles, or rivalry by ideal points, whose maximum is known to be 1/2."
        )
    stack = stack[:, distinct][:, :, distinct]
    scale = stack.max((1, 2), initial=0.0)
    scaled = stack / np.where(scale > 0, scale, 1)[:, None, None]
    # Rivalries below rounding of the largest cannot move the maximum, but make a support's equations unsolvable.
    scaled = np.where(scaled > 1e-12, scaled, 0.0)
    best = np.zeros(len(stack))
    for size in range(2, len(distinct) + 1):
        for support in combinations(range(len(distinct)), size):
            best = np.maximum(best, _value_on_support(scaled[:, support][:, :, support]))
    return (best * scale).reshape(rivalry.shape[:-2])


def _value_on_support(block: Float[np.ndarray, "matrix pole pole"]) -> Float[np.ndarray, " matrix"]:
    """Return the form's value where all poles of a support meet the first-order condition, 0 where they cannot."""
    solution = np.linalg.pinv(block, rcond=1e-12).sum(-1)
    met = (block @ solution[..., None])[..., 0]
    feasible = (solution.min(-1) >= 0) & np.isclose(met, 1).all(-1)
    return feasible / np.where(feasible, np.asarray(solution.sum(-1)), 1)


def check_rivalry(rivalry: Float[np.ndarray, "*axes pole pole"]) -> None:
    """Refuse a matrix that is no rivalry: values in [0, 1], symmetric, zero on the diagonal.

    Raises:
        MeasureError: naming the property that fails and the first pair of poles (counted from 0) that breaks it.
    """
    transposed = np.swapaxes(rivalry, -1, -2)
    faults = {
        "not within 0 to 1": ~((rivalry >= 0) & (rivalry <= 1)),
        "not symmetric": ~np.isclose(rivalry, transposed, rtol=0, atol=1e-12, equal_nan=True),
        "not 0 for a pole with itself": (rivalry != 0) & np.eye(rivalry.shape[-1], dtype=bool),
    }
    for fault, where in faults.items():
        if where.any():
            *matrix, p, q = (int(index) for index in np.argwhere(where)[0])
            raise MeasureError(
                f"`rivalry`: {fault} at poles ({p}, {q}), where {float(rivalry[(*matrix, p, q)])!r} came. Rivalry is "
                "symmetric, between 0 and 1, and 0 on the diagonal."
            )


def negative_type_excess(rivalry: Float[np.ndarray, "pole pole"]) -> float:
    """Return the largest eigenvalue of the centred rivalry matrix; above 0, rivalry is not of negative type.

    Then the between-channel part of rival diversity can be negative (Rao's entropy is no longer concave). It is
    reported, never clipped. The path 1-2-3-4 of rivalries gives +0.618.
    """
    n_poles = len(rivalry)
    centring = np.eye(n_poles) - 1 / n_poles
    return float(np.linalg.eigvalsh(centring @ rivalry @ centring)[-1])


def equidistance(
    share_p: Float[FloatArray, "*axes"], share_q: Float[FloatArray, "*axes"]
) -> Float[FloatArray, "*axes"]:
    """Return the balance between two named rivals, `1 - |s_p - s_q| / (s_p + s_q)`; NaN where both are 0."""
    total = share_p + share_q
    with np.errstate(invalid="ignore"):
        return np.where(total > 0, 1 - abs(share_p - share_q) / np.where(total > 0, total, 1), np.nan)


def lean(
    shares: Float[FloatArray, "*axes pole"], positions: Float[FloatArray, "*axes2 pole"]
) -> Float[FloatArray, "..."]:
    """Return which way the portfolio leans, `sum_p s_p x_p - mean_p x_p`, in units of the poles' line."""
    return (shares * positions).sum(-1) - positions.mean(-1)


def total_variation(
    first: Float[FloatArray, "*axes option"], second: Float[FloatArray, "*axes2 option"]
) -> Float[FloatArray, "..."]:
    """Return half the sum of absolute differences of two portfolios: the share that would have to move, 0 to 1."""
    return abs(first - second).sum(-1) / 2


def channel_coherence(shares: Float[np.ndarray, "*axes channel pole"]) -> Float[FloatArray, "*axes"]:
    """Return how alike a country's channels divide over the poles: 0 (trade one way, arms another) to 1 (all alike).

    One less the mean total variation over all pairs of channels. A channel without shares (NaN) is left out; NaN with
    fewer than two.
    """
    first, second = np.triu_indices(shares.shape[-2], k=1)
    apart = total_variation(shares[..., first, :], shares[..., second, :])
    known = ~np.isnan(apart)
    count = known.sum(-1)
    return 1 - np.where(known, apart, 0).sum(-1) / np.where(count > 0, count, np.nan)


def between_channels(
    shares: Float[np.ndarray, "*axes channel pole"],
    weights: Float[np.ndarray, "*axes2 channel"],
    rivalry: Float[np.ndarray, "*axes3 pole pole"],
    greatest: Float[FloatArray, "..."] | float,
) -> Float[FloatArray, "..."]:
    """Return the part of rival diversity that comes from using different poles for different things.

    `RD(sum_c v_c s_c) - sum_c v_c RD(s_c)`, with `v` the weights scaled to sum to 1 over the channels that have shares:
    the diversity between communities of Rao (1982). At least 0 where rivalry is of negative type; else it may fall
    below 0, and is never clipped (`negative_type_excess`). NaN where no channel has shares.
    """
    known = np.asarray(~np.isnan(shares).any(-1))
    used = np.where(known, weights, 0)
    total = used.sum(-1, keepdims=True)
    part = used / np.where(total > 0, total, np.nan)
    each = np.where(known[..., None], shares, 0)
    together = (each * part[..., None]).sum(-2)
    single = rival_diversity(each, rivalry[..., None, :, :], np.asarray(greatest)[..., None])
    return rival_diversity(together, rivalry, greatest) - (part * single).sum(-1)
