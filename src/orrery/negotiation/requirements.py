"""Decision rules as arrays of one shape, so that many tables are computed at once and none is compiled anew.

Every simple game is a choice of alternatives, each of which is a set of quotas that must all be reached (its
disjunctive normal form). Tables of different sizes and rules are padded to one shape: a party that is not there has
weight 0, a quota that is not there is 0, an alternative that is not there has a quota that nobody reaches.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Protocol, runtime_checkable

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from orrery.base.errors import NegotiationError
from orrery.institutions.games import AllOf, AnyGame, AnyOf, TernaryThreshold, Threshold, n_members
from orrery.institutions.tally import LARGEST
from orrery.negotiation.binding import Binding, binding, of_quota

MOST_QUOTAS = 64
"""Quotas of a game in this form; beyond, it is not meant for arrays."""

Quotas = tuple[Threshold, ...]


class Requirements(eqx.Module):
    """Who can carry an agreement: of some alternative, every quota.

    Attributes:
        weight: of each party's consent, whole.
        quota: what must be reached.
    """

    weight: Int[Array, "*batch alternative quota party"]
    quota: Int[Array, "*batch alternative quota"]

    def binding(self, acceptability: Float[Array, "*batch party"]) -> Binding:
        """Return the greatest acceptability that a winning set shares, and whose it is (`binding.binding`).

        Raises:
            NegotiationError: another number of parties than the rule's.
        """
        came, has = acceptability.shape[-1], self.weight.shape[-1]
        if came != has:
            raise NegotiationError(f"`acceptability`: {came} parties came; the rule has places for {has}.")
        found = of_quota(acceptability[..., None, None, :], self.weight, self.quota)
        return _pick(_pick(found, jnp.argmin), jnp.argmax)

    def broadcast(self, batch: tuple[int, ...]) -> Requirements:
        """Return the same rule with leading axes."""
        return Requirements(
            jnp.broadcast_to(self.weight, (*batch, *self.weight.shape[-3:])),
            jnp.broadcast_to(self.quota, (*batch, *self.quota.shape[-2:])),
        )


@runtime_checkable
class Binds(Protocol):
    """A rule in another form than a game, which says itself what binds."""

    def binding(self, acceptability: Float[Array, "*batch party"]) -> Binding:
        """Return the greatest acceptability that a winning set shares, and whose it is."""
        ...


def bind(acceptability: Float[Array, "*batch party"], rule: AnyGame | Binds) -> Binding:
    """Return what binds under a rule, whichever form it has."""
    if isinstance(rule, Threshold | TernaryThreshold | AllOf | AnyOf):
        return binding(acceptability, rule)
    return rule.binding(acceptability)


def requirements(game: AnyGame, shape: tuple[int, int, int] | None = None) -> Requirements:
    """Return a game as arrays.

    Args:
        game: of yes and no.
        shape: alternatives, quotas and parties to pad to; what the game needs where it is absent.

    Raises:
        NegotiationError: a game with abstention, weights of 2^31 and more, too many quotas, or a shape too small.
    """
    alternatives = [tuple(quotas) for quotas in alternatives_of_game(game)]
    needed = (len(alternatives), max(map(len, alternatives)), n_members(game))
    size = needed if shape is None else shape
    if any(have < need for have, need in zip(size, needed, strict=True)):
        raise NegotiationError(f"`shape`: {size} came; the game needs at least {needed}.")
    weight, quota = np.zeros(size, np.int64), np.zeros(size[:2], np.int64)
    quota[len(alternatives) :, 0] = LARGEST
    for row, quotas in enumerate(alternatives):
        for column, one in enumerate(quotas):
            weight[row, column, : len(one.weights)] = one.weights
            quota[row, column] = one.quota
    if weight.sum(-1).max() >= LARGEST or np.abs(quota).max() > LARGEST:
        raise NegotiationError("`game`: weights of 2^31 and more came; state them in a larger unit.")
    return Requirements(jnp.asarray(weight, jnp.int32), jnp.asarray(quota, jnp.int32))


def as_requirements(rule: AnyGame | Requirements) -> Requirements:
    """Return a rule as arrays, whichever form it has."""
    return rule if isinstance(rule, Requirements) else requirements(rule)


def stacked(games: Sequence[AnyGame], least: tuple[int, int, int] = (1, 1, 1)) -> Requirements:
    """Return several games in one shape, with a leading axis.

    Args:
        games: of yes and no.
        least: alternatives, quotas and parties to pad to at least.

    Raises:
        NegotiationError: as `requirements`.
    """
    needed = [least, *(requirements(game).weight.shape for game in games)]
    size = np.array(needed).max(0).tolist()
    padded = [requirements(game, (size[0], size[1], size[2])) for game in games]
    return jax.tree.map(lambda *arrays: jnp.stack(arrays), *padded)


def alternatives_of_game(game: AnyGame) -> list[Quotas]:
    """Return a game in disjunctive normal form: one alternative must be met, in it every quota.

    Raises:
        NegotiationError: a game with abstention, or more than `MOST_QUOTAS` quotas.
    """
    if isinstance(game, TernaryThreshold):
        raise NegotiationError("`game`: one with abstention came; give that of yes and no, `games.binary(game)`.")
    if isinstance(game, Threshold):
        return [(game,)]
    parts = [alternatives_of_game(part) for part in game.parts]
    if isinstance(game, AllOf):
        found = [tuple(quota for quotas in choice for quota in quotas) for choice in product(*parts)]
    else:
        found = [quotas for part in parts for quotas in part]
    if sum(map(len, found)) > MOST_QUOTAS:
        raise NegotiationError(f"`game`: more than {MOST_QUOTAS} quotas came in its normal form; use `binding`.")
    return found


def _pick(found: Binding, choose) -> Binding:
    """Return what binds of several on the last axis."""
    place = choose(found.acceptability, -1)[..., None]
    return Binding(*(jnp.take_along_axis(each, place, -1)[..., 0] for each in found))
