"""The reference solutions by name, and how to ask them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import equinox as eqx
import jax
import jax.numpy as jnp

from orrery.base.errors import NegotiationError
from orrery.negotiation.solutions.bargaining import egalitarian, kalai_smorodinsky, nash
from orrery.negotiation.solutions.baselines import compromise_mean, median_voter, status_quo
from orrery.negotiation.solutions.expected_utility import expected_utility
from orrery.negotiation.solutions.problem import Prediction, Problem, check
from orrery.negotiation.solutions.spatial_model import spatial_model


@dataclass(frozen=True)
class Solution:
    """A reference solution.

    Attributes:
        title: its name in the literature.
        source: author and year.
        solve: the solution of one problem, without leading axes.
    """

    title: str
    source: str
    solve: Callable[[Problem], Prediction]


SOLUTIONS: Mapping[str, Solution] = {
    "status_quo": Solution("Nothing is agreed", "the least a model must beat", status_quo),
    "compromise_mean": Solution("Compromise model", "Achen 2006; Thomson 2011", compromise_mean),
    "median_voter": Solution("Median voter, issue by issue", "Black 1948", median_voter),
    "nash": Solution("Nash bargaining", "Nash 1950", nash),
    "kalai_smorodinsky": Solution("Kalai-Smorodinsky bargaining", "Kalai & Smorodinsky 1975", kalai_smorodinsky),
    "egalitarian": Solution("Egalitarian bargaining", "Kalai 1977", egalitarian),
    "expected_utility": Solution("Expected utility model", "Bueno de Mesquita 1994, 1997", expected_utility),
    "spatial_model": Solution("Spatial model of politics", "Wise, Lester & Efird 2015", spatial_model),
}


def predict(name: str, problem: Problem) -> Prediction:
    """Return what a solution says, for each of the leading axes.

    Args:
        name: one of `SOLUTIONS`.
        problem: numbers, not traced ones; inside a compiled function map over `SOLUTIONS[name].solve`.

    Raises:
        NegotiationError: an unknown name, or a problem outside what `Problem` allows.
    """
    if name not in SOLUTIONS:
        raise NegotiationError(f"`name`: {name!r} came; give one of {', '.join(SOLUTIONS)}.")
    check(problem)
    return _mapped(SOLUTIONS[name].solve, _broadcast(problem))


@eqx.filter_jit
def _mapped(solve: Callable[[Problem], Prediction], problem: Problem) -> Prediction:
    for _ in problem.position.shape[:-2]:
        solve = jax.vmap(solve)
    return solve(problem)


def _broadcast(problem: Problem) -> Problem:
    batch, shape = problem.position.shape[:-2], problem.position.shape
    return Problem(
        position=problem.position,
        salience=jnp.broadcast_to(problem.salience, shape),
        influence=jnp.broadcast_to(problem.influence, shape[:-1]),
        status_quo=jnp.broadcast_to(problem.status_quo, (*batch, shape[-1])),
        game=problem.game.broadcast(batch),
    )
