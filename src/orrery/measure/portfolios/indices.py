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


def greatest_rivalry_met(rivalry: Float[np.ndarray, "pole pole"]) -> float:
    """Return the exact maximum of `s' h s` over the simplex, by enumerating supports (Motzkin & Straus 1965 style).

    On the support of a maximiser the first-order condition `h s = v 1` holds, with `v` the maximum itself; every
    support whose solution is feasible is tried, so the result is exact up to rounding.

    Raises:
        MeasureError: more than `LARGEST_ENUMERATION` poles, or not a rivalry matrix.
    """
    check_rivalry(rivalry)
    n_poles = len(rivalry)
    if n_poles > LARGEST_ENUMERATION:
        raise MeasureError(
            f"`rivalry`: {n_poles} poles came; the exact maximum is found for up to {LARGEST_ENUMERATION}. "
            "Use fewer poles, or pass `greatest` yourself."
        )
    scale = rivalry.max(initial=0.0)
    if scale == 0:
        return 0.0
    # Rivalries below rounding of the largest cannot move the maximum, but make a support's equations unsolvable.
    scaled = np.where(rivalry > 1e-12 * scale, rivalry / scale, 0.0)
    best = 0.0
    for size in range(2, n_poles + 1):
        for support in combinations(range(n_poles), size):
            block = scaled[np.ix_(support, support)]
            solution, *_ = np.linalg.lstsq(block, np.ones(size), rcond=1e-12)
            if solution.min() >= 0 and np.allclose(block @ solution, 1):
                best = max(best, 1 / solution.sum())
    return float(best * scale)


def check_rivalry(rivalry: Float[np.ndarray, "pole pole"]) -> None:
    """Refuse a matrix that is no rivalry: values in [0, 1], symmetric, zero on the diagonal.

    Raises:
        MeasureError: naming the property that fails and the first pair of poles (counted from 0) that breaks it.
    """
    faults = {
        "not within 0 to 1": ~((rivalry >= 0) & (rivalry <= 1)),
        "not symmetric": ~np.isclose(rivalry, rivalry.T, rtol=0, atol=1e-12, equal_nan=True),
        "not 0 for a pole with itself": np.diag(np.diag(rivalry) != 0),
    }
    for fault, where in faults.items():
        if where.any():
            p, q = (int(index) for index in np.argwhere(where)[0])
            raise MeasureError(
                f"`rivalry`: {fault} at poles ({p}, {q}), where {rivalry[p, q]!r} came. Rivalry is symmetric, "
                "between 0 and 1, and 0 on the diagonal."
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
    share_p: Float[np.ndarray, "*axes"], share_q: Float[np.ndarray, "*axes"]
) -> Float[np.ndarray, "*axes"]:
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
