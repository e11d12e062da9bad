"""Fixed points of a country's alignment, followed as rivals demand exclusive alignment more strongly.

Exclusivity of all poles is multiplied by a factor `f`, and the portfolio follows along its branch of fixed points of
`a -> softmax(u(a))`. A fixed point is stable as long as every eigenvalue of the Jacobian of that map is below 1, so
that a small departure dies out under partial adjustment.
"""

from __future__ import annotations

import dataclasses
import enum
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from orrery.base.arrays import AnyArray
from orrery.lab.planner.circumstances import Circumstances
from orrery.lab.planner.payoffs import coercion_met, utility, wanted
from orrery.measure.portfolios.indices import rivalry_met

LARGEST_FACTOR = 10.0
"""Factor of exclusivity up to which a threshold is looked for."""
ARC = 0.1
"""Length of a step along the branch, in log ratios of shares and the log of the factor."""
N_STEPS = 800
N_CORRECTIONS = 8
N_HALVINGS = 50
SETTLED = 1e-9
"""Residual, in utils, at which a fixed point counts as found."""


class Found(enum.IntEnum):
    """How the following of a branch ended."""

    THRESHOLD = 0
    NONE_UP_TO_LARGEST = 1
    NOT_FOLLOWED = 2


class Branch(NamedTuple):
    """Where a branch of fixed points loses stability, or ends without."""

    found: Int[AnyArray, "*axes"]
    factor: Float[AnyArray, "*axes"]
    """Factor of exclusivity at the threshold, or where following ended."""
    portfolio: Float[AnyArray, "*axes option"]
    """Fixed point there."""
    half: Float[AnyArray, "*axes"]
    """Factor at which the hostility of two ties picked at random has fallen to half of that at the start; NaN if it
    has not."""


def shares_of(ratios: Float[AnyArray, "*axes pole"]) -> Float[AnyArray, "*axes option"]:
    """Return the portfolio whose log ratios to non-alignment, `ln(a_p / a_0)`, are given."""
    return jax.nn.softmax(jnp.concatenate([jnp.zeros_like(ratios[..., :1]), ratios], axis=-1), axis=-1)


def scaled(met: Circumstances, factor: Float[AnyArray, "*axes"]) -> Circumstances:
    """Return the circumstances with the exclusivity of every pole multiplied by `factor`."""
    return dataclasses.replace(met, exclusivity=met.exclusivity * jnp.asarray(factor)[..., None])


def residual(met: Circumstances, point: Float[AnyArray, " coordinate"]) -> Float[AnyArray, " pole"]:
    """Return `u(a; f) - z`, 0 at fixed points; `point` holds `z_p = ln(a_p / a_0)` and then `ln f`."""
    portfolio = shares_of(point[:-1])
    there = scaled(met, jnp.exp(point[-1]))
    return utility(there, portfolio, coercion_met(there, portfolio)) - point[:-1]


def jacobian(met: Circumstances, portfolio: Float[AnyArray, " option"]) -> Float[AnyArray, "pole pole"]:
    """Return the Jacobian of `a -> softmax(u(a))` over the shares of poles, non-alignment being the rest."""

    def moved(held: Array) -> Array:
        return wanted(met, jnp.concatenate([1 - held.sum(keepdims=True), held]))[1:]

    return jax.jacfwd(moved)(portfolio[1:])


@jax.jit
def jacobians(met: Circumstances, portfolio: Float[AnyArray, "state option"]) -> Float[AnyArray, "state pole pole"]:
    """Return the Jacobian in every one of several states."""
    return jax.vmap(jacobian)(met, portfolio)


def leading_eigenvalue(met: Circumstances, portfolio: Float[AnyArray, "state option"]) -> Float[np.ndarray, " state"]:
    """Return the largest real part of the eigenvalues of the Jacobian; the portfolio is stable if it is below 1."""
    return np.linalg.eigvals(np.asarray(jacobians(met, portfolio))).real.max(-1)


class _Walk(NamedTuple):
    """How far a branch has been followed."""

    point: Array
    tangent: Array
    before: Array
    """Point before the step in which stability was lost."""
    half: Array
    """Log factor at which half of the rivalry of ties was lost; NaN while it was not."""
    status: Array


def _tangent(slope: Array, towards: Array) -> Array:
    """Return the unit tangent of the branch that goes on in the direction `towards`."""
    system = jnp.concatenate([slope, towards[None]])
    direction = jnp.linalg.solve(system, jnp.zeros_like(towards).at[-1].set(1.0))
    return direction / jnp.linalg.norm(direction)


def _corrected(met: Circumstances, start: Array, tangent: Array, length: Array) -> tuple[Array, Array, Array]:
    """Return the point of the branch a step from `start`, the slope there, and whether it was found (Keller 1977)."""
    guess = start + length * tangent
    slope_of = jax.jacfwd(residual, argnums=1)

    def newton(point: Array, _: None) -> tuple[Array, None]:
        system = jnp.concatenate([slope_of(met, point), tangent[None]])
        off = jnp.concatenate([residual(met, point), (tangent @ (point - guess))[None]])
        change = jnp.linalg.solve(system, -off)
        return point + change * jnp.minimum(1.0, 1.0 / jnp.abs(change).max()), None

    point, _ = jax.lax.scan(newton, guess, None, length=N_CORRECTIONS)
    settled = jnp.abs(residual(met, point)).max() < SETTLED
    return point, slope_of(met, point), settled & (jnp.linalg.norm(point - guess) < 5 * ARC)


def _stable(slope: Array) -> Array:
    """Tell whether no eigenvalue has crossed 1 since the branch began stable: `det(I - J) > 0`."""
    return jnp.linalg.det(-slope[:, :-1]) > 0


@jax.jit
def follow(met: Circumstances, portfolio: Float[AnyArray, "state option"]) -> Branch:
    """Follow the branch of fixed points from `f = 1` as exclusivity rises, in every one of several states.

    By pseudo-arclength continuation (Keller 1977), which passes folds and symmetric branchings alike; the threshold is
    where the determinant of `I - J` changes sign, found by halving the step.

    Args:
        met: circumstances of the states.
        portfolio: a stable fixed point of each.
    """
    return jax.vmap(_follow)(met, portfolio)


def _follow(met: Circumstances, portfolio: Float[AnyArray, " option"]) -> Branch:
    ratios = jnp.log(portfolio[1:]) - jnp.log(portfolio[0])
    start = jnp.concatenate([ratios, jnp.zeros(1)])
    upwards = jnp.zeros_like(start).at[-1].set(1.0)
    slope = jax.jacfwd(residual, argnums=1)(met, start)
    going = jnp.int64(-1)
    first = _Walk(start, _tangent(slope, upwards), start, jnp.asarray(jnp.nan), going)
    least = _rivalry(met, start) / 2

    def unfinished(state: tuple[Array, _Walk]) -> Array:
        return (state[1].status == going) & (state[0] < N_STEPS)

    def step(state: tuple[Array, _Walk]) -> tuple[Array, _Walk]:
        taken, walk = state
        point, slope, found = _corrected(met, walk.point, walk.tangent, jnp.asarray(ARC))
        status = jnp.where(found, going, Found.NOT_FOLLOWED)
        status = jnp.where(found & (point[-1] > jnp.log(LARGEST_FACTOR)), Found.NONE_UP_TO_LARGEST, status)
        status = jnp.where(found & ~_stable(slope), Found.THRESHOLD, status)
        on = status == going
        tangent = jnp.where(on, _tangent(slope, walk.tangent), walk.tangent)
        lost = jnp.isnan(walk.half) & found & (_rivalry(met, point) < least)
        half = jnp.where(lost, _crossing(met, walk.point, point, least), walk.half)
        return taken + 1, _Walk(point, tangent, walk.point, half, status)

    _, walk = jax.lax.while_loop(unfinished, step, (jnp.int64(0), first))
    status = jnp.where(walk.status == going, Found.NOT_FOLLOWED, walk.status)
    # A walk that lost stability kept the tangent of the step in which it did.
    at = jnp.where(status == Found.THRESHOLD, _halved(met, walk), walk.point)
    half = jnp.where(walk.half <= at[-1], walk.half, jnp.nan)
    return Branch(status, jnp.exp(at[-1]), shares_of(at[:-1]), jnp.exp(half))


def _rivalry(met: Circumstances, point: Array) -> Array:
    """Return the expected hostility of two ties with poles picked at random (Rao 1982)."""
    held = shares_of(point[:-1])[1:]
    return rivalry_met(held / held.sum(), met.hostility)


def _crossing(met: Circumstances, before: Array, after: Array, level: Array) -> Array:
    """Return the log factor, between two points of a branch, at which rivalry crosses a level, by the secant."""
    high, low = _rivalry(met, before), _rivalry(met, after)
    part = (high - level) / jnp.where(high > low, high - low, 1.0)
    return before[-1] + part * (after[-1] - before[-1])


def _halved(met: Circumstances, walk: _Walk) -> Array:
    """Return the point of the last step of a walk at which stability is lost."""

    def halve(bounds: tuple[Array, Array], _: None) -> tuple[tuple[Array, Array], None]:
        low, high = bounds
        middle = (low + high) / 2
        stable = _stable(_corrected(met, walk.before, walk.tangent, middle)[1])
        return (jnp.where(stable, middle, low), jnp.where(stable, high, middle)), None

    bounds, _ = jax.lax.scan(halve, (jnp.zeros(()), jnp.asarray(ARC)), None, length=N_HALVINGS)
    low, high = bounds
    return _corrected(met, walk.before, walk.tangent, (low + high) / 2)[0]
