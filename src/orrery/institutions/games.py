"""Simple games: who can carry a motion with whom, without names or dates.

A *binary* game says for every set of members that vote yes, all others voting no, whether the motion passes. A
*ternary* game has abstention between the two (Felsenthal & Machover 1997). Both are trees of thresholds joined by
`AllOf` and `AnyOf`, and monotone: a change of a vote towards yes never defeats a motion. All numbers are integers.

Felsenthal, D. S. & Machover, M. (1997). Ternary voting games. International Journal of Game Theory 26, 335-351.
Taylor, A. D. & Zwicker, W. S. (1999). Simple Games. Princeton University Press.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from math import gcd
from operator import and_, or_

import jax
import numpy as np
from jaxtyping import Bool, Int8

from orrery.base.errors import InstitutionError
from orrery.institutions.tally import Outcomes, namespace, tally
from orrery.institutions.votes import NO, YES

AnyArray = np.ndarray | jax.Array


@dataclass(frozen=True)
class Threshold:
    """Passes if the weights of the members that vote yes sum to at least `quota`.

    Attributes:
        weights: one for each member, 0 or more.
        quota: what the sum must reach; at 0 or less every motion passes.
    """

    weights: tuple[int, ...]
    quota: int

    def __post_init__(self) -> None:
        _check_weights("weights", self.weights)


@dataclass(frozen=True)
class TernaryThreshold:
    """Passes if `sum of yes_weights over yes - sum of no_weights over no >= quota`; who abstains adds nothing.

    At least two thirds of those voting: yes 1, no 2, quota 0. A veto that abstention lets pass: yes 0, no 1, quota 0.
    At least nine yes: yes 1, no 0, quota 9.

    Attributes:
        yes_weights: one for each member, 0 or more.
        no_weights: one for each member, 0 or more.
        quota: what the difference must reach.
    """

    yes_weights: tuple[int, ...]
    no_weights: tuple[int, ...]
    quota: int

    def __post_init__(self) -> None:
        _check_weights("yes_weights", self.yes_weights)
        _check_weights("no_weights", self.no_weights)
        if len(self.yes_weights) != len(self.no_weights):
            raise InstitutionError(
                f"`no_weights`: {len(self.no_weights)} came for {len(self.yes_weights)} members of `yes_weights`; "
                "give one for each member."
            )


@dataclass(frozen=True)
class AllOf:
    """Passes if every part does. The parts are games of one kind, binary or ternary, over the same members."""

    parts: tuple[AnyGame, ...]

    def __post_init__(self) -> None:
        _check_parts(self.parts)


@dataclass(frozen=True)
class AnyOf:
    """Passes if one part does. The parts are games of one kind, binary or ternary, over the same members."""

    parts: tuple[AnyGame, ...]

    def __post_init__(self) -> None:
        _check_parts(self.parts)


Game = Threshold | AllOf | AnyOf
"""A game of yes and no, if its leaves are `Threshold`."""
TernaryGame = TernaryThreshold | AllOf | AnyOf
"""A game of yes, abstain and no, if its leaves are `TernaryThreshold`."""
AnyGame = Threshold | TernaryThreshold | AllOf | AnyOf
"""A game of either kind."""


def n_members(game: AnyGame) -> int:
    """Return the number of members."""
    return len(_first_weights(game))


def passes(game: Game, yes: Bool[AnyArray, "*batch member"]) -> Bool[Outcomes, "*batch"]:
    """Tell whether the motion passes if these members vote yes and all others no."""
    return _passes(game, namespace(yes).where(yes, np.int8(YES), np.int8(NO)))


def passes_ternary(game: TernaryGame, votes: Int8[AnyArray, "*batch member"]) -> Bool[Outcomes, "*batch"]:
    """Tell whether the motion passes on these votes: `votes.YES`, `votes.ABSTAIN` or `votes.NO`."""
    return _passes(game, votes)


def binary(game: AnyGame) -> Game:
    """Return the game that is left of a ternary one when nobody abstains; a binary game is returned as it is.

    `sum_yes y - sum_no n >= q` is `sum_yes (y + n) >= q + sum_all n`.
    """
    if isinstance(game, Threshold):
        return game
    if isinstance(game, TernaryThreshold):
        weights = tuple(yes + no for yes, no in zip(game.yes_weights, game.no_weights, strict=True))
        return Threshold(weights, game.quota + sum(game.no_weights))
    return type(game)(tuple(binary(part) for part in game.parts))


def embedded(game: AnyGame, positions: Sequence[int], size: int) -> AnyGame:
    """Return a game over some members as one over `size` members of whom the others count for nothing.

    Args:
        game: the game.
        positions: where each of its members stands among all.
        size: all members.
    """
    if isinstance(game, Threshold):
        return Threshold(_spread(game.weights, positions, size), game.quota)
    if isinstance(game, TernaryThreshold):
        yes, no = (_spread(weights, positions, size) for weights in (game.yes_weights, game.no_weights))
        return TernaryThreshold(yes, no, game.quota)
    return type(game)(tuple(embedded(part, positions, size) for part in game.parts))


def _spread(weights: tuple[int, ...], positions: Sequence[int], size: int) -> tuple[int, ...]:
    spread = [0] * size
    for place, weight in zip(positions, weights, strict=True):
        spread[place] = weight
    return tuple(spread)


def simplified(game: AnyGame) -> AnyGame:
    """Return the same game with fewer parts.

    Joined parts of one kind are written as one list, each part once. In `AllOf`, parts that always pass are left out,
    and thresholds that another one implies; in `AnyOf`, parts that never pass. A factor that all weights of a
    threshold share is taken out.
    """
    if isinstance(game, Threshold | TernaryThreshold):
        return _reduced(game)
    inner = [simplified(part) for part in game.parts]
    flat: list[AnyGame] = []
    for part in inner:
        flat.extend(part.parts if isinstance(part, AllOf | AnyOf) and type(part) is type(game) else [part])
    once = list(dict.fromkeys(flat))
    settles, idle = (_never, _always) if isinstance(game, AllOf) else (_always, _never)
    settled = [part for part in once if settles(part)]
    if settled:
        return settled[0]
    kept = [part for part in once if not idle(part)] or once[:1]
    for part in list(kept) if isinstance(game, AllOf) else ():
        # One at a time: of two that imply each other one must stay.
        if any(_implies(other, part) for other in kept if other is not part):
            kept.remove(part)
    return kept[0] if len(kept) == 1 else type(game)(tuple(kept))


def _reduced(game: Threshold | TernaryThreshold) -> Threshold | TernaryThreshold:
    factor = gcd(*(weight for side in _sides(game) for weight in side))
    if factor < 2:
        return game
    # Sums are multiples of the factor, so that a quota between two of them is the upper one.
    quota = -(-game.quota // factor)
    yes, no = (tuple(weight // factor for weight in side) for side in _sides(game))
    return Threshold(yes, quota) if isinstance(game, Threshold) else TernaryThreshold(yes, no, quota)


def _always(game: AnyGame) -> bool:
    """Tell whether a threshold passes even if all vote no; a tree is not looked into."""
    return isinstance(game, Threshold | TernaryThreshold) and -sum(_sides(game)[1]) >= game.quota


def _never(game: AnyGame) -> bool:
    """Tell whether a threshold fails even if all vote yes; a tree is not looked into."""
    return isinstance(game, Threshold | TernaryThreshold) and sum(_sides(game)[0]) < game.quota


def _implies(first: AnyGame, second: AnyGame) -> bool:
    """Tell whether `first` needs a yes that is, whoever gives it, enough for `second`, which no vote weighs against."""
    if not isinstance(first, Threshold | TernaryThreshold) or not isinstance(second, Threshold | TernaryThreshold):
        return False
    if first.quota < 1 or any(_sides(second)[1]):
        return False
    pairs = zip(_sides(first)[0], _sides(second)[0], strict=True)
    return all(one == 0 or other >= second.quota for one, other in pairs)


def _passes(game: AnyGame, votes: AnyArray) -> Outcomes:
    if isinstance(game, Threshold | TernaryThreshold):
        gains, losses = _sides(game)
        nothing = (0,) * len(gains)
        return tally((gains, nothing, [-loss for loss in losses], nothing), game.quota).holds(votes)
    parts = [_passes(part, votes) for part in game.parts]
    return reduce(and_ if isinstance(game, AllOf) else or_, parts)


def _sides(game: Threshold | TernaryThreshold) -> tuple[tuple[int, ...], tuple[int, ...]]:
    if isinstance(game, Threshold):
        return game.weights, (0,) * len(game.weights)
    return game.yes_weights, game.no_weights


def _first_weights(game: AnyGame) -> tuple[int, ...]:
    return _sides(game)[0] if isinstance(game, Threshold | TernaryThreshold) else _first_weights(game.parts[0])


def _kind(game: AnyGame) -> type:
    return type(game) if isinstance(game, Threshold | TernaryThreshold) else _kind(game.parts[0])


def _check_weights(field: str, weights: Sequence[object]) -> None:
    if not weights:
        raise InstitutionError(f"`{field}`: none came; give one for each member, at least one.")
    for place, weight in enumerate(weights):
        if isinstance(weight, bool) or not isinstance(weight, int) or weight < 0:
            raise InstitutionError(f"`{field}`: {weight!r} came for member {place}; give an integer, 0 or more.")


def _check_parts(parts: tuple[AnyGame, ...]) -> None:
    if not parts:
        raise InstitutionError("`parts`: none came; give at least one game.")
    sizes = sorted({n_members(part) for part in parts})
    if len(sizes) > 1:
        raise InstitutionError(f"`parts`: games over {sizes} members came; all must be over the same members.")
    if len({_kind(part) for part in parts}) > 1:
        raise InstitutionError("`parts`: binary and ternary games came; all must be of one kind (see `binary`).")
