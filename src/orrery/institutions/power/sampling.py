"""Monte Carlo, for games that no exact method of this package reaches."""

from __future__ import annotations

from collections.abc import Callable

import jax
import numpy as np
from jaxtyping import Array, Key

from orrery.base.keys import draw_key, named_key
from orrery.institutions.power.chances import Chances, Method
from orrery.institutions.power.sums import Sums

DRAWS = 2**18
"""Votes that are drawn."""
AT_ONCE = 2**12
"""Votes that are drawn together."""


def sampled(key: Key[Array, ""], sums: Sums, *, n_draws: int = DRAWS) -> Chances:
    """Estimate how likely each member decides, and a motion passes, if all take each of their choices equally often.

    Args:
        key: of the draws.
        sums: the game, of members with two choices or three.
        n_draws: rounded up to a multiple of `AT_ONCE`.
    """

    def count(own: Key[Array, ""]) -> tuple[np.ndarray, float]:
        choices = np.asarray(jax.random.randint(own, (AT_ONCE, sums.n_members), 0, sums.n_choices))
        decides, passes = decisive(sums, choices)
        return decides.sum(0), float(passes.sum())

    return _estimated(key, count, n_draws)


def sampled_roll_calls(key: Key[Array, ""], sums: Sums, *, n_draws: int = DRAWS) -> Chances:
    """Estimate how likely each member is pivotal in a roll call in a random order.

    The member's predecessors are drawn by an even time for each call (Owen 1972), so that one draw serves all members.
    """

    def count(own: Key[Array, ""]) -> tuple[np.ndarray, float]:
        names = ("times", "choices")
        of_times, of_choices = (named_key(own, name) for name in names)
        times = np.asarray(jax.random.uniform(of_times, (AT_ONCE, sums.n_members)))
        choices = np.asarray(jax.random.randint(of_choices, (AT_ONCE, sums.n_members), 0, sums.n_choices))
        return _pivots(sums, np.argsort(times, 1), choices), float("nan")

    return _estimated(key, count, n_draws)


def _pivots(sums: Sums, order: np.ndarray, choices: np.ndarray) -> np.ndarray:
    """Return how often each member's vote settles a roll call, `order` being who is called first, second and so on."""
    members = np.arange(sums.n_members)
    cast = np.take_along_axis(sums.steps[members, choices], order[..., None], 1)
    lost = np.take_along_axis(sums.steps[members, -1][None] - sums.steps[members, choices], order[..., None], 1)
    sure = np.cumsum(cast, 1)
    possible = sums.steps[:, -1].sum(0) - np.cumsum(lost, 1)
    settled = sums.holds(list(np.moveaxis(sure, -1, 0))) | ~sums.holds(list(np.moveaxis(possible, -1, 0)))
    pivot = np.take_along_axis(order, settled.argmax(1)[:, None], 1)[:, 0]
    # Where the outcome is fixed before anyone is called, nobody is the pivot.
    return np.bincount(pivot, minlength=sums.n_members) * sums.is_open


def _estimated(
    key: Key[Array, ""], count: Callable[[Key[Array, ""]], tuple[np.ndarray, float]], n_draws: int
) -> Chances:
    blocks = [count(draw_key(key, block)) for block in range(-(-n_draws // AT_ONCE))]
    n_drawn = len(blocks) * AT_ONCE
    decides = np.sum([decided for decided, _ in blocks], 0) / n_drawn
    # Where nothing or everything came up, the error is that of one case.
    errors = np.sqrt(np.maximum(decides * (1 - decides), 1 / n_drawn) / n_drawn)
    passes = sum(passed for _, passed in blocks) / n_drawn
    return Chances(tuple(decides.tolist()), passes, Method.SAMPLED, float(errors.max()), tuple(errors.tolist()))


def decisive(sums: Sums, choices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return, for each vote and member, whether the others leave the decision to it, and whether the vote passes.

    Args:
        sums: the game.
        choices: numbers of choices, `[vote, member]`, counted from no.
    """
    members = np.arange(sums.n_members)
    cast = sums.steps[members, choices]
    totals = cast.sum(1)
    others = [totals[:, None, axis] - cast[..., axis] for axis in range(sums.n_totals)]
    passes = sums.holds([other + sums.steps[:, -1, axis] for axis, other in enumerate(others)])
    fails = ~sums.holds(others)
    return passes & fails, sums.holds(list(totals.T))
