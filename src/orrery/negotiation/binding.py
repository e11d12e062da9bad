"""Who binds an agreement: the greatest acceptability that a winning set of parties shares.

Let `phi_i` be how acceptable an agreement is to party i. Put to the vote as "at least t", those with `phi_i >= t` vote
yes and all others no. The binding acceptability is the greatest `t` that passes,

    phi* = max {t : the parties with phi_i >= t carry the motion}.

For a threshold it is a weighted quantile of `phi`: sorted from the highest, the value at which the weights reach the
quota. Where all parts of a rule must pass, it is the least of theirs; where one is enough, the greatest. Unanimity
gives the least of all, a single veto the holder's own, a majority the median (Tsebelis 2002, Veto Players, ch. 2-3, for
the reading). The party whose `phi` it is binds: it is the last one needed.
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from orrery.base.errors import NegotiationError
from orrery.institutions.games import AllOf, AnyGame, TernaryThreshold, Threshold
from orrery.institutions.tally import LARGEST

DIGIT_BITS = 15
FEW = 32
"""Up to so many parties it is quicker to compare each with each than to sort them."""
MOST_WEIGHT = 2**46
"""Weights of a threshold add up to less than this, so that two digits hold the sum exactly."""


class Binding(NamedTuple):
    """What binds.

    Attributes:
        acceptability: `phi*`; minus infinity where no set of parties carries a motion, infinity where none is needed.
        party: place of the party that binds; -1 where none does. Of parties with equal acceptability, which carry a
            motion together only, the one that completes it in their order.
    """

    acceptability: Float[Array, "*batch"]
    party: Int[Array, "*batch"]


def binding(acceptability: Float[Array, "*batch party"], game: AnyGame) -> Binding:
    """Return the greatest acceptability that a winning set shares, and whose it is.

    Args:
        acceptability: `phi`, by party in the order of the game's members.
        game: who can carry a motion with whom, such as `rule.game()`; one of yes and no.

    Raises:
        NegotiationError: a game with abstention, another number of parties than the game's, or weights of 2^46
            and more.
    """
    if isinstance(game, Threshold):
        return _of_threshold(acceptability, game)
    if isinstance(game, TernaryThreshold):
        raise NegotiationError("`game`: one with abstention came; give that of yes and no, `games.binary(game)`.")
    parts = [binding(acceptability, part) for part in game.parts]
    values = jnp.stack([part.acceptability for part in parts])
    chosen = jnp.argmin(values, 0) if isinstance(game, AllOf) else jnp.argmax(values, 0)
    parties = jnp.stack([part.party for part in parts])
    return Binding(*(jnp.take_along_axis(each, chosen[None], 0)[0] for each in (values, parties)))


def of_quota(
    acceptability: Float[Array, "*#batch party"],
    weights: Int[Array | np.ndarray, "*#batch party"],
    quota: int | Int[Array, "*#batch"],
) -> Binding:
    """Return what binds where the weights in favour must reach a quota; all may have leading axes and be traced.

    Args:
        acceptability: `phi`, by party.
        weights: whole, in sum below 2^31.
        quota: what must be reached.
    """
    places = jnp.arange(acceptability.shape[-1])
    # Each pair is compared once. Compiled, a number may be worked out anew for every comparison and differ from itself
    # in its last digit, so that of two parties neither, or of one party not even itself, would count.
    least = acceptability[..., :, None] >= acceptability[..., None, :]
    before = jnp.where(places[:, None] < places, least, ~jnp.swapaxes(least, -1, -2)) | (places[:, None] == places)
    reached = (before * jnp.asarray(weights)[..., None]).sum(-2) >= jnp.asarray(quota)[..., None]
    held = jnp.where(reached, acceptability, -jnp.inf)
    some = reached.any(-1)
    free = jnp.broadcast_to(jnp.asarray(quota) <= 0, some.shape)
    party = jnp.where(some & ~free, jnp.argmax(held, -1), -1)
    return Binding(jnp.where(free, jnp.inf, held.max(-1)), party)


def _of_threshold(acceptability: Float[Array, "*batch party"], game: Threshold) -> Binding:
    batch, total = acceptability.shape[:-1], sum(game.weights)
    if acceptability.shape[-1] != len(game.weights):
        raise NegotiationError(
            f"`acceptability`: {acceptability.shape[-1]} parties came; the game has {len(game.weights)} members."
        )
    if total >= MOST_WEIGHT:
        raise NegotiationError(
            f"`game`: the weights sum to {total:,}; state them in a larger unit, below {MOST_WEIGHT:,}."
        )
    if game.quota <= 0 or total < game.quota:
        nobody = jnp.inf if game.quota <= 0 else -jnp.inf
        return Binding(jnp.full(batch, nobody, acceptability.dtype), jnp.full(batch, -1))
    if len(game.weights) <= FEW and total <= LARGEST:
        return of_quota(acceptability, np.array(game.weights, np.int32), game.quota)
    order = jnp.argsort(-acceptability, axis=-1, stable=True)
    last = jnp.argmax(_reach(game, order), axis=-1)[..., None]
    party = jnp.take_along_axis(order, last, -1)
    return Binding(jnp.take_along_axis(acceptability, party, -1)[..., 0], party[..., 0])


def _reach(game: Threshold, order: Int[Array, "*batch party"]) -> Bool[Array, "*batch party"]:
    """Tell from which place on the weights, summed in this order, reach the quota; two digits keep it exact."""
    exact = np.array(game.weights, np.int64)
    high, low = (jnp.asarray(digit, jnp.int32)[order] for digit in (exact >> DIGIT_BITS, exact % 2**DIGIT_BITS))
    low = jnp.cumsum(low, axis=-1)
    high = jnp.cumsum(high, axis=-1) + (low >> DIGIT_BITS)
    low &= 2**DIGIT_BITS - 1
    quota_high, quota_low = game.quota >> DIGIT_BITS, game.quota % 2**DIGIT_BITS
    return (high > quota_high) | ((high == quota_high) & (low >= quota_low))
