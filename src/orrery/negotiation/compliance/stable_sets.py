"""All stable sets of members, by size, by enumeration, or where a path of joining and leaving ends.

Stability is that of `participation`: no member gains by leaving, no outsider by joining.
"""

from __future__ import annotations

from functools import partial

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from orrery.base.errors import NegotiationError
from orrery.negotiation.compliance.participation import (
    Abatement,
    cooperative_payoff,
    gain_of_membership,
    is_stable,
    wishes,
)

MOST_ENUMERATED = 16
"""Countries whose sets are counted out one by one: 65,536 sets."""


class Adjustment(eqx.Module):
    """Where joining and leaving one by one ends.

    Attributes:
        members: who is a member at the end.
        stable: whether nobody wishes to move any more; false where the path goes round or was cut off.
        moves: how many joined or left on the way.
    """

    members: Bool[Array, " country"]
    stable: Bool[Array, ""]
    moves: Int[Array, ""]


def first_members(n: int) -> Bool[Array, "size country"]:
    """Return the sets of the first 1, 2, ..., n of n countries."""
    return jnp.tri(n, dtype=bool)


def stable_sizes(game: Abatement) -> tuple[int, ...]:
    """Return the stable numbers of members of identical countries, in order; 1 stands for no agreement.

    Raises:
        NegotiationError: countries that differ, of which a number of members does not say who they are.
    """
    _require_identical(game)
    stable = _stable(game, first_members(game.benefit.shape[0]))
    return tuple(int(size) for size in np.flatnonzero(np.asarray(stable)) + 1)


def gains_by_size(game: Abatement) -> Float[np.ndarray, " size"]:
    """Return what a member of 1, 2, ..., n identical countries would lose by leaving, in units of `U`.

    The stable size is the largest up to which it is not negative.

    Raises:
        NegotiationError: countries that differ.
    """
    _require_identical(game)
    return np.asarray(_gains_arrays(_as_arrays(game), first_members(game.benefit.shape[0])))


def stable_coalitions(game: Abatement) -> Bool[np.ndarray, "coalition country"]:
    """Return every stable set of members, the smallest first; a set of one stands for no agreement.

    Raises:
        NegotiationError: more than `MOST_ENUMERATED` countries.
    """
    n = game.benefit.shape[0]
    if n > MOST_ENUMERATED:
        raise NegotiationError(
            f"`game`: {n} countries came; sets of up to {MOST_ENUMERATED} are counted out. Use `adjusted` from several "
            "starts."
        )
    sets = (np.arange(1, 2**n)[:, None] >> np.arange(n)) % 2 == 1
    stable = sets[np.asarray(_stable(game, jnp.asarray(sets)))]
    return stable[np.argsort(stable.sum(1), kind="stable")]


def adjusted(game: Abatement, start: Bool[Array, " country"], most: int = 1000) -> Adjustment:
    """Return where joining and leaving ends: in each move the country that gains most by it joins or leaves.

    Args:
        game: the countries, any number of them.
        start: who is a member at first.
        most: moves after which the path is cut off.
    """
    return _adjusted_arrays(_as_arrays(game), start, jnp.asarray(most))


@jax.jit
def _adjusted_arrays(game: Abatement, start: Bool[Array, " country"], most: Int[Array, ""]) -> Adjustment:
    def is_moving(state: tuple[Bool[Array, " country"], Int[Array, ""]]) -> Bool[Array, ""]:
        members, moves = state
        return jnp.any(wishes(game, members) != members) & (moves < most)

    def move(
        state: tuple[Bool[Array, " country"], Int[Array, ""]],
    ) -> tuple[Bool[Array, " country"], Int[Array, ""]]:
        members, moves = state
        gain = gain_of_membership(game, members)
        by_moving = jnp.where(members, -gain, gain)
        mover = jnp.argmax(jnp.where(wishes(game, members) != members, by_moving, -jnp.inf))
        return members.at[mover].set(~members[mover]), moves + 1

    members, moves = jax.lax.while_loop(is_moving, move, (start, jnp.zeros((), jnp.int32)))
    return Adjustment(members, is_stable(game, members), moves)


def _stable(game: Abatement, sets: Bool[Array, "coalition country"]) -> Bool[Array, " coalition"]:
    return _stable_arrays(_as_arrays(game), sets)


@jax.jit
def _stable_arrays(game: Abatement, sets: Bool[Array, "coalition country"]) -> Bool[Array, " coalition"]:
    return jax.vmap(partial(is_stable, game))(sets)


@jax.jit
def _gains_arrays(game: Abatement, sets: Bool[Array, "size country"]) -> Float[Array, " size"]:
    return jax.vmap(partial(gain_of_membership, game))(sets)[:, 0] / cooperative_payoff(game)


def _require_identical(game: Abatement) -> None:
    for name in ("benefit", "cost", "penalty", "verification"):
        given = np.asarray(getattr(game, name))
        if given.size > 1 and np.ptp(given) > 0:
            raise NegotiationError(
                f"`{name}`: countries differ, from {given.min():g} to {given.max():g}; sizes alone describe identical "
                f"ones. Use `stable_coalitions` (up to {MOST_ENUMERATED} countries) or `adjusted`."
            )


def _as_arrays(game: Abatement) -> Abatement:
    """Return the game with every number as an array, so that one compilation serves all numbers."""
    return jax.tree.map(jnp.asarray, game)
