"""The greatest value of a concave function of a few variables, inside the region where it is finite.

Newton's method with a search along the line that never leaves the region, so that logarithms can keep constraints
(Boyd & Vandenberghe 2004, Convex Optimization, ch. 9 and 11). The number of steps is fixed: one program
serves any number of problems side by side.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

Objective = Callable[[Float[Array, " variable"]], Float[Array, ""]]

SHARES = np.array([0.0, *np.geomspace(1, 1e-4, 14)], np.float32)
"""How far along Newton's direction is looked; 0 stays."""
RIDGE = 1e-6
"""Share of the mean curvature that is added, so that flat directions do not divide by rounding."""


def ascend(objective: Objective, start: Float[Array, " variable"], n_steps: int) -> Float[Array, " variable"]:
    """Return the point that Newton's method reaches from a start at which the objective is finite.

    A start at which it is not finite is returned as it is.
    """

    def step(point: Float[Array, " variable"], _: None) -> tuple[Float[Array, " variable"], None]:
        slope, curvature = jax.grad(objective)(point), -jax.hessian(objective)(point)
        ridge = RIDGE * jnp.trace(curvature) / len(point) * jnp.eye(len(point))
        direction = jnp.linalg.solve(curvature + ridge, slope)
        tried = point + SHARES[:, None] * jnp.where(jnp.isfinite(direction), direction, 0.0)
        values = jax.vmap(objective)(tried)
        best = jnp.argmax(jnp.where(jnp.isfinite(values), values, -jnp.inf))
        return tried[best], None

    return jax.lax.scan(step, start, None, length=n_steps)[0]


def follow(
    objective: Callable[[Float[Array, " variable"], Float[Array, ""]], Float[Array, ""]],
    start: Float[Array, " variable"],
    barriers: Float[np.ndarray, " stage"],
    n_steps: int,
) -> Float[Array, " variable"]:
    """Return the point reached when the weight of a barrier falls stage by stage.

    Args:
        objective: of the point and the weight of the barrier.
        start: a point at which it is finite.
        barriers: the weights, falling.
        n_steps: Newton steps at each.
    """

    def stage(point: Float[Array, " variable"], barrier: Float[Array, ""]) -> tuple[Float[Array, " variable"], None]:
        return ascend(lambda at: objective(at, barrier), point, n_steps), None

    return jax.lax.scan(stage, start, jnp.asarray(barriers))[0]
