"""Three predictions without bargaining: nothing changes, the mean, the median.

Of models of decision in the European Union, few predict better than the mean of positions weighed by influence and
salience (Achen 2006; Thomson 2011). Every model is to be held against these three.

Achen, C. H. (2006). Evaluating political decision-making models. In Thomson et al., The European Union Decides, ch. 10.
Black, D. (1948). On the rationale of group decision-making. Journal of Political Economy 56, 23-34.
Thomson, R. (2011). Resolving Controversy in the European Union. Cambridge University Press.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float

from orrery.negotiation.solutions.problem import Prediction, Problem

SAME = 1e-6
"""Positions this close are one: sums are rounded in single precision."""


def status_quo(problem: Problem) -> Prediction:
    """Return that nothing is agreed, and what holds remains."""
    return Prediction(problem.status_quo, jnp.zeros((), problem.position.dtype), jnp.array(-1, jnp.int32))


def compromise_mean(problem: Problem) -> Prediction:
    """Return on each issue the mean of positions, weighed by influence times salience; agreed if it changes anything.

    `p_k = sum_i v_i s_ik x_ik / sum_i v_i s_ik`, with salience as it is given (Achen 2006). It has no vote, so that no
    party binds.
    """
    weight = problem.exerted / problem.exerted.sum(0)
    text = (weight * problem.position).sum(0)
    changed = jnp.any(jnp.abs(text - problem.status_quo) > SAME)
    return Prediction(text, changed.astype(text.dtype), jnp.array(-1, jnp.int32))


def median_voter(problem: Problem) -> Prediction:
    """Return on each issue the median of positions, weighed by influence times salience.

    Issue by issue, so that on several issues the text need not beat every other. It is agreed if parties with more than
    half of all influence gain by it, whatever the game: it stands for majority rule. The party that binds is the last
    one needed for that, if parties join in the order of their gains (Black 1948).
    """
    text = weighted_median(problem.position, problem.exerted)
    gains = problem.gains(text)
    order = jnp.argsort(-gains, stable=True)
    reached = jnp.cumsum(problem.influence[order]) > problem.influence.sum() / 2
    last = order[jnp.argmax(reached)]
    return Prediction(text, (gains[last] > 0).astype(text.dtype), last)


def weighted_median(
    position: Float[Array, "party issue"], weight: Float[Array, "party issue"]
) -> Float[Array, " issue"]:
    """Return the lower weighted median of each issue: the lowest position with half of the weight at or below it."""
    order = jnp.argsort(position, axis=0, stable=True)
    ranked = jnp.take_along_axis(position, order, 0)
    below = jnp.cumsum(jnp.take_along_axis(weight, order, 0), 0)
    # Sums are rounded, so that an exact half must not be missed by the last digit.
    half = below[-1] / 2 * (1 - 8 * jnp.finfo(below.dtype).eps)
    place = jnp.argmax(below >= half, axis=0)
    return jnp.take_along_axis(ranked, place[None], 0)[0]
