"""How strongly rivals may demand exclusive alignment before a country's hedge stops being stable.

For two symmetric rivals with share `ã` each and hostility `h`, a hedge is stable if and only if `f ε h < λ + 1 / ã`,
`f` being the factor by which exclusivity is multiplied. Here the threshold of `f` is found for the poles as they are,
and set against that formula for the two rivals that the country's portfolio binds most. Two questions are told apart.

*As it gives way*: utilities stay what they are, exclusivity rises, and the portfolio follows its branch of fixed points
(`branches`). With rivals of unequal appeal such a branch need not lose stability: the portfolio can slide over into one
camp without a threshold.

*As it is held*: the portfolio is taken as the fixed point at every `f`, as the inversion of the first year takes the
observed one (Berry 1994). A threshold below 1 says that it is unstable already.
"""

from __future__ import annotations

import dataclasses
import enum

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from orrery.base.arrays import AnyArray
from orrery.lab.planner.branches import Branch, Found, follow, jacobians, leading_eigenvalue, scaled
from orrery.lab.planner.circumstances import Circumstances
from orrery.lab.planner.payoffs import coercion_met, utility, wanted
from orrery.world.phases.alignment import MOST_SPEED

BESIDE = 0.02
"""How far below and above a threshold, as a part of it, it is put to the test."""
NUDGE = 1e-4
"""Departure, in shares, from the fixed point there."""
N_YEARS = 3_000
"""Years of the country's own recursion: near a threshold departures grow and die out slowly. It runs at the largest
speed of adjustment, as the speed does not decide which of the two they do."""


class Question(enum.StrEnum):
    """Which threshold is meant."""

    GIVES_WAY = "as it gives way"
    HELD = "as it is held"


@dataclasses.dataclass(frozen=True)
class Thresholds:
    """Thresholds in several states of one country, such as the draws of the first year.

    Attributes:
        question: which threshold.
        factor: factor of exclusivity at which the hedge loses stability; NaN where none was found.
        analytic: factor by the formula for two symmetric rivals, at the fixed point of the threshold; for a branch
            without a threshold NaN.
        unstable_already: whether the portfolio is unstable as it is.
        none_found: whether no threshold was found up to `branches.LARGEST_FACTOR`.
        not_followed: whether the branch could not be followed to its end.
        confirmed: whether a nudged portfolio returns just below the threshold and departs just above it, in the
            country's own recursion; False where there is no threshold.
        half: factor at which half of the hostility of ties is lost; NaN where it is not, or where it has no meaning.
    """

    question: Question
    factor: Float[np.ndarray, " state"]
    analytic: Float[np.ndarray, " state"]
    unstable_already: Bool[np.ndarray, " state"]
    none_found: Bool[np.ndarray, " state"]
    not_followed: Bool[np.ndarray, " state"]
    confirmed: Bool[np.ndarray, " state"]
    half: Float[np.ndarray, " state"]


def settled(met: Circumstances, portfolio: Float[AnyArray, "state option"]) -> Float[np.ndarray, "state option"]:
    """Return the fixed points to which portfolios go if circumstances stay as they are."""
    with jax.enable_x64(True):
        return np.asarray(_recursion(met, jnp.asarray(portfolio, float)))


def thresholds(met: Circumstances, portfolio: Float[AnyArray, "state option"]) -> tuple[Thresholds, Thresholds]:
    """Return the thresholds as the portfolio gives way, and as it is held.

    Args:
        met: circumstances of the states.
        portfolio: the fixed point of each state.
    """
    with jax.enable_x64(True):
        met = jax.tree.map(jnp.asarray, met)
        portfolio = jnp.asarray(portfolio, float)
        unstable = leading_eigenvalue(met, portfolio) >= 1
        return _as_it_gives_way(met, portfolio, unstable), _as_it_is_held(met, portfolio, unstable)


def analytic_factor(met: Circumstances, portfolio: Float[AnyArray, "state option"]) -> Float[np.ndarray, " state"]:
    """Return `f = (λ + 1 / ã) / (ε h)` for the pair of poles with the largest `a_p a_q h_pq`.

    `ã` is the mean share of the two, `ε` their mean exclusivity. Infinite where no two poles are hostile.
    """
    held, hostility = np.asarray(portfolio)[:, 1:], np.asarray(met.hostility)
    one, other = np.triu_indices(held.shape[1], k=1)
    bound = held[:, one] * held[:, other] * hostility[:, one, other]
    state, pair = np.arange(len(held)), bound.argmax(-1)
    mean = (held[state, one[pair]] + held[state, other[pair]]) / 2
    exclusivity = (np.asarray(met.exclusivity)[state, one[pair]] + np.asarray(met.exclusivity)[state, other[pair]]) / 2
    demanded = exclusivity * hostility[state, one[pair], other[pair]]
    return np.where(demanded > 0, (met.diversification + 1 / mean) / np.where(demanded > 0, demanded, 1.0), np.inf)


def _as_it_gives_way(met: Circumstances, portfolio: Array, unstable: Bool[np.ndarray, " state"]) -> Thresholds:
    branch: Branch = jax.tree.map(np.asarray, follow(met, portfolio))
    found = (branch.found == Found.THRESHOLD) & ~unstable
    # Where there is no threshold the start stands in for it, so that what follows is finite; it is left out below.
    factor = np.where(found, branch.factor, 1.0)
    at = np.where(found[:, None], branch.portfolio, portfolio)
    there = scaled(met, jnp.asarray(factor))
    return Thresholds(
        question=Question.GIVES_WAY,
        factor=np.where(found, factor, np.nan),
        analytic=np.where(found, factor * analytic_factor(there, at), np.nan),
        unstable_already=unstable,
        none_found=(branch.found == Found.NONE_UP_TO_LARGEST) & ~unstable,
        not_followed=(branch.found == Found.NOT_FOLLOWED) & ~unstable,
        confirmed=found & _breaks_between(met, at, factor, Question.GIVES_WAY),
        half=np.where(unstable, np.nan, branch.half),
    )


def _as_it_is_held(met: Circumstances, portfolio: Array, unstable: Bool[np.ndarray, " state"]) -> Thresholds:
    factor = held_factor(met, portfolio)
    found = np.isfinite(factor)
    return Thresholds(
        question=Question.HELD,
        factor=np.where(found, factor, np.nan),
        analytic=np.where(found, analytic_factor(met, portfolio), np.nan),
        unstable_already=unstable,
        none_found=~found,
        not_followed=np.zeros_like(found),
        confirmed=found & _breaks_between(met, np.asarray(portfolio), np.where(found, factor, 1.0), Question.HELD),
        half=np.full(len(factor), np.nan),
    )


def held_factor(met: Circumstances, portfolio: Float[AnyArray, "state option"]) -> Float[np.ndarray, " state"]:
    """Return the smallest `f` at which `I - J(f)` is singular, the portfolio being the fixed point at every `f`.

    The Jacobian is linear in `f`, `J = (diag(a) - a a') (U_0 + f U_1)`, so `f` is the inverse of the largest real
    eigenvalue of `(I - S U_0)^-1 S U_1`; infinite where none is above 0.
    """
    held = np.asarray(portfolio)[:, 1:]
    spread = held[:, :, None] * np.eye(held.shape[1]) - held[:, :, None] * held[:, None, :]
    without = np.asarray(_slopes(scaled(met, jnp.zeros(len(held))), portfolio))
    exclusive = np.asarray(_slopes(met, portfolio)) - without
    pencil = np.linalg.solve(np.eye(held.shape[1]) - spread @ without, spread @ exclusive)
    values = np.linalg.eigvals(pencil)
    real = np.where(np.abs(values.imag) < 1e-9 * (1 + np.abs(values)), values.real, -np.inf).max(-1)
    return np.where(real > 0, 1 / np.where(real > 0, real, 1.0), np.inf)


@jax.jit
def _slopes(met: Circumstances, portfolio: Float[AnyArray, "state option"]) -> Float[AnyArray, "state pole pole"]:
    """Return the derivatives of the utilities of poles by the shares given to them."""

    def appeal(held: Array, met: Circumstances) -> Array:
        whole = jnp.concatenate([1 - held.sum(keepdims=True), held])
        return utility(met, whole, coercion_met(met, whole))

    return jax.vmap(jax.jacfwd(appeal))(portfolio[:, 1:], met)


def _anchored(met: Circumstances, portfolio: Array) -> Circumstances:
    """Return the circumstances with the utilities that make `portfolio` the fixed point."""
    ratios = jnp.log(portfolio[:, 1:]) - jnp.log(portfolio[:, :1])
    appeal = utility(met, portfolio, coercion_met(met, portfolio))
    return dataclasses.replace(met, base=met.base + ratios - appeal)


def _breaks_between(
    met: Circumstances, portfolio: AnyArray, factor: AnyArray, question: Question
) -> Bool[np.ndarray, " state"]:
    """Tell whether a nudge dies out just below a factor and grows just above it, in the country's own recursion."""
    portfolio, factor = jnp.asarray(portfolio), jnp.asarray(factor)
    at = scaled(met, factor)
    direction = _leading_direction(at if question is Question.GIVES_WAY else _anchored(at, portfolio), portfolio)
    moved = []
    for part in (1 - BESIDE, 1 + BESIDE):
        beside = scaled(met, factor * part)
        start = portfolio
        if question is Question.HELD:
            beside = _anchored(beside, portfolio)
        elif part < 1:
            start = _recursion(beside, portfolio)
        end = _recursion(beside, start + NUDGE * direction)
        moved.append(np.abs(np.asarray(((end - start) * direction).sum(-1))))
    below, above = moved
    return (below < NUDGE / 2) & (above > 10 * NUDGE)


def _leading_direction(met: Circumstances, portfolio: Array) -> Float[np.ndarray, "state option"]:
    """Return the direction, of length 1, in which departures from a fixed point grow most or die out last."""
    values, vectors = np.linalg.eig(np.asarray(jacobians(met, portfolio)))
    leading = np.take_along_axis(vectors, np.real(values).argmax(-1)[:, None, None], axis=2)[..., 0]
    direction = np.real(np.concatenate([-leading.sum(-1, keepdims=True), leading], axis=-1))
    return direction / np.linalg.norm(direction, axis=-1, keepdims=True)


@jax.jit
def _recursion(met: Circumstances, portfolio: Float[AnyArray, "state option"]) -> Float[AnyArray, "state option"]:
    """Return portfolios after `N_YEARS` of `a <- (1 - α) a + α softmax(u(a))` under circumstances that stay."""

    def year(held: Array, _: None) -> tuple[Array, None]:
        return held + MOST_SPEED * (wanted(met, held) - held), None

    return jax.lax.scan(year, jnp.asarray(portfolio), None, length=N_YEARS)[0]
