"""Axiomatic bargaining over the status quo: Nash, Kalai and Smorodinsky, and the equal gains of Kalai.

All parties must gain, whatever the game: these are solutions under unanimity. With the gains `g_i` of `problem`,

    Nash                    max_p sum_i a_i log g_i(p)
    Kalai & Smorodinsky     max_p min_i g_i(p) / b_i,   b_i = max {g_i(p) : g_j(p) >= 0 for all j}
    egalitarian             max_p min_i g_i(p)

over all texts for which every gain is above 0. Gains are concave, so that each has one solution; it is a mean of
positions on every issue, with weights of its own, and so lies between the outermost ones. Where no text lets all gain,
nothing is agreed, and the party blocks that gains least at the egalitarian text. All three are found by `ascent`.

Kalai, E. (1977). Proportional solutions to bargaining situations. Econometrica 45, 1623-1630.
Kalai, E. & Smorodinsky, M. (1975). Other solutions to Nash's bargaining problem. Econometrica 43, 513-518.
Nash, J. F. (1950). The bargaining problem. Econometrica 18, 155-162.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from orrery.base.errors import NegotiationError
from orrery.negotiation.solutions.ascent import ascend, follow
from orrery.negotiation.solutions.problem import Prediction, Problem, either

BARRIERS = np.geomspace(0.1, 3e-7, 12).astype(np.float32)
"""Weights of the barrier for gains brought to the order of 1."""
STEPS = 4
"""Newton steps at each weight."""
SMALLEST_GAIN = 1e-5
"""Share of the greatest loss by the status quo that all must gain; single precision cannot tell less from none."""


Values = Callable[[Float[Array, " issue"]], Float[Array, " party"]]


class Ground(NamedTuple):
    """Where bargaining starts.

    Attributes:
        text: the text at which the least gain is greatest.
        possible: whether all gain by it.
        unit: the greatest loss of a party by the status quo, in which gains are measured.
    """

    text: Float[Array, " issue"]
    possible: Bool[Array, ""]
    unit: Float[Array, ""]


def egalitarian(problem: Problem) -> Prediction:
    """Return the text at which the least gain of a party is greatest (Kalai 1977)."""
    ground = _ground(problem)
    return _settled(problem, ground, ground.text)


def kalai_smorodinsky(problem: Problem) -> Prediction:
    """Return the text at which the least share of what each could gain at best is greatest.

    For two parties these shares are equal (Kalai & Smorodinsky 1975); for more, equal shares need not be efficient, and
    the greatest least share is the usual extension.
    """
    ground = _ground(problem)
    best = jax.vmap(lambda party: _best_gain(problem, ground, party))(jnp.arange(len(problem.position)))
    # Where nothing is agreed there is nothing to divide by.
    best = jnp.where(ground.possible, best, 1.0)
    return _settled(problem, ground, _max_min(lambda text: problem.gains(text) / best, ground.text))


def nash(problem: Problem, powers: Float[Array, " party"] | None = None) -> Prediction:
    """Return the text at which the product of gains is greatest (Nash 1950).

    Args:
        problem: the parties; their influence plays no part.
        powers: bargaining power of each party, above 0; equal powers if left out.

    Raises:
        NegotiationError: another number of powers than parties.
    """
    n_parties = len(problem.position)
    if powers is not None and powers.shape != (n_parties,):
        raise NegotiationError(f"`powers`: shape {powers.shape} came for {n_parties} parties; give one for each.")
    share = jnp.full(n_parties, 1 / n_parties) if powers is None else powers / powers.sum()
    ground = _ground(problem)

    def product(text: Float[Array, " issue"]) -> Float[Array, ""]:
        return (share * jnp.log(problem.gains(text) / ground.unit)).sum()

    return _settled(problem, ground, ascend(product, ground.text, 30))


def _settled(problem: Problem, ground: Ground, text: Float[Array, " issue"]) -> Prediction:
    least = jnp.where(ground.possible, jnp.argmin(problem.gains(text)), jnp.argmin(problem.gains(ground.text)))
    return either(ground.possible, text, least, problem)


def _ground(problem: Problem) -> Ground:
    """Return the egalitarian text and whether all gain by it."""
    unit = problem.losses(problem.status_quo).max()
    unit = jnp.where(unit > 0, unit, 1.0)
    text = _max_min(lambda text: problem.gains(text) / unit, problem.position.mean(0))
    return Ground(text, problem.gains(text).min() / unit > SMALLEST_GAIN, unit)


def _max_min(values: Values, start: Float[Array, " issue"]) -> Float[Array, " issue"]:
    """Return the text at which the least of some concave values, of the order of 1, is greatest.

    The least value is a variable of its own, kept below all values by the barrier.
    """

    def objective(point: Float[Array, " variable"], barrier: Float[Array, ""]) -> Float[Array, ""]:
        above = values(point[:-1]) - point[-1]
        return point[-1] / barrier + jnp.log(above).sum()

    first = values(start).min() - 0.1
    return follow(objective, jnp.append(start, first), BARRIERS, STEPS)[:-1]


def _best_gain(problem: Problem, ground: Ground, party: Int[Array, ""]) -> Float[Array, ""]:
    """Return the most that a party gains by a text by which nobody loses."""

    def objective(text: Float[Array, " issue"], barrier: Float[Array, ""]) -> Float[Array, ""]:
        gains = problem.gains(text) / ground.unit
        return gains[party] / barrier + jnp.log(gains).sum()

    return problem.gains(follow(objective, ground.text, BARRIERS, STEPS))[party]
