"""Coalitions that carry a motion and lose it without any one of their members; vetoes, dictators and dummies.

All is said of the game of yes and no: a game with abstention is taken as the one in which nobody abstains. Members are
given by their positions.
"""

from __future__ import annotations

from itertools import groupby
from math import comb, prod

import numpy as np
from jaxtyping import Bool

from orrery.base.errors import InstitutionError
from orrery.institutions.diagram import FAILED, PASSED, Diagram, diagram_of
from orrery.institutions.games import AllOf, AnyGame, AnyOf, Game, Threshold, binary
from orrery.institutions.joint_sums import JointSums

LIMIT = 100_000
"""Coalitions that are listed at most."""
MOST_BEGUN = 2**20
"""Coalitions that are looked into at one time at most."""
MOST_NODES = 2**22
"""Nodes of a diagram on which coalitions are counted at most."""
MOST_KINDS = 2**22
"""Kinds of coalition, told apart by how many of each class of like members are in, that are looked into at most."""
WHOLE_NUMBERS = 62
"""Members up to which the number of coalitions is below 2^62."""


def minimal_winning(game: AnyGame, limit: int = LIMIT) -> tuple[tuple[int, ...], ...]:
    """Return every coalition that carries a motion but would not without any one of its members, sorted.

    Args:
        game: the game.
        limit: coalitions at most.

    Raises:
        InstitutionError: there are more; `count_minimal_winning` may still count them.
    """
    sums = JointSums.of(binary(game))
    members = np.arange(len(sums.steps))
    found: list[tuple[int, ...]] = []
    begun = np.zeros((1, len(members)), bool)
    if _wins(sums, begun)[0]:
        return ((),)
    for place, member in enumerate(order := sums.order()):
        joined = begun | (members == member)
        won = _wins(sums, joined)
        found.extend(tuple(np.flatnonzero(one).tolist()) for one in joined[won & _needs_all(sums, joined)])
        begun = np.concatenate([begun, joined[~won]])
        # Those whom all that follow could not complete are given up.
        begun = begun[_wins(sums, begun | np.isin(members, order[place + 1 :]))]
        if len(found) > limit or len(begun) > MOST_BEGUN:
            raise InstitutionError(
                f"`limit`: the game has more than {limit:,} minimal winning coalitions, or more than {MOST_BEGUN:,} "
                "were looked into at once. Raise the limit, or count them (`count_minimal_winning`)."
            )
    return tuple(sorted(found))


def count_minimal_winning(game: AnyGame) -> int:
    """Return exactly how many coalitions carry a motion but would not without any one of their members.

    Where the members are in one order of desirability, as in every game of one threshold, a coalition that needs its
    least desirable member needs all: coalitions that fail before and pass with a member are counted along that order.
    Else members that count alike are counted together.

    Raises:
        InstitutionError: there are too many sums, or too many kinds of coalition, to count.
    """
    decisive = binary(game)
    sums = JointSums.of(decisive)
    if not sums.complete:
        return _count_by_kind(sums)
    diagram = diagram_of(decisive, MOST_NODES)
    if diagram is None:
        raise InstitutionError(f"`game`: it has more than {MOST_NODES:,} joint sums; too many to count coalitions.")
    return _count_in_order(diagram)


def minimal_blocking(game: AnyGame, limit: int = LIMIT) -> tuple[tuple[int, ...], ...]:
    """Return every coalition whose no defeats a motion, but would not without any one of its members, sorted.

    Raises:
        InstitutionError: there are more than `limit`.
    """
    return minimal_winning(dual(game), limit)


def dual(game: AnyGame) -> Game:
    """Return the game of those who stop a motion: a coalition wins in it if, its members saying no, the motion fails.

    `sum_yes w >= q` fails if `sum_no w >= sum_all w - q + 1`.
    """
    decisive = binary(game)
    if isinstance(decisive, Threshold):
        return Threshold(decisive.weights, sum(decisive.weights) - decisive.quota + 1)
    parts = tuple(dual(part) for part in decisive.parts)
    return AnyOf(parts) if isinstance(decisive, AllOf) else AllOf(parts)


def veto_members(game: AnyGame) -> tuple[int, ...]:
    """Return the members without whose yes no motion passes; nobody where no motion passes at all."""
    sums = JointSums.of(binary(game))
    everybody = np.ones((1, len(sums.steps)), bool)
    if not _wins(sums, everybody)[0]:
        return ()
    return tuple(np.flatnonzero(~_wins(sums, ~np.eye(len(sums.steps), dtype=bool))).tolist())


def dictator(game: AnyGame) -> int | None:
    """Return the member whose vote alone is the outcome, if there is one."""
    sums = JointSums.of(binary(game))
    alone = _wins(sums, np.eye(len(sums.steps), dtype=bool))
    return next((member for member in veto_members(game) if alone[member]), None)


def dummies(game: AnyGame) -> tuple[int, ...]:
    """Return the members whose vote never makes a difference.

    Raises:
        InstitutionError: the game has too many joint sums.
    """
    diagram = diagram_of(binary(game), MOST_NODES)
    if diagram is None:
        raise InstitutionError(f"`game`: it has more than {MOST_NODES:,} joint sums; too many to look for dummies.")
    return diagram.never_decisive()


def _wins(sums: JointSums, coalitions: Bool[np.ndarray, "coalition member"]) -> Bool[np.ndarray, " coalition"]:
    return sums.test.holds((coalitions.astype(sums.steps.dtype) @ sums.steps[:, -1]).T)


def _needs_all(sums: JointSums, coalitions: Bool[np.ndarray, "coalition member"]) -> Bool[np.ndarray, " coalition"]:
    """Tell which coalitions fail without any one of their members."""
    needed = np.ones(len(coalitions), bool)
    for member in range(coalitions.shape[1]):
        without = coalitions.copy()
        without[:, member] = False
        needed &= ~coalitions[:, member] | ~_wins(sums, without)
    return needed


def _count_in_order(diagram: Diagram) -> int:
    """Count the ways to come to an undecided node at which the next member carries the motion."""
    if diagram.layers[0][diagram.start, FAILED] == PASSED:
        return 1
    number = np.int64 if len(diagram.order) <= WHOLE_NUMBERS else object
    ways = np.zeros(len(diagram.layers[0]), number)
    ways[diagram.start] = 1
    total = 0
    for layer, after in zip(diagram.layers, (*diagram.layers[1:], np.zeros((2, 2))), strict=True):
        ways[: PASSED + 1] = 0
        total += int(ways[layer[:, -1] == PASSED].sum())
        follows = np.zeros(len(after), number)
        for to in layer.T:
            np.add.at(follows, to, ways)
        ways = follows
    return total


def _count_by_kind(sums: JointSums) -> int:
    """Count coalitions by how many of each class of like members are in."""
    gains = sums.steps[:, -1]
    kinds = [list(alike) for _, alike in groupby(sums.order(), lambda member: gains[member].tolist())]
    sizes = [len(alike) for alike in kinds]
    n_kinds = prod(size + 1 for size in sizes)
    if n_kinds > MOST_KINDS:
        raise InstitutionError(
            f"`game`: its members are in no one order of desirability and make {n_kinds:,} kinds of coalition; at most "
            f"{MOST_KINDS:,} can be counted. List them with a limit (`minimal_winning`)."
        )
    counts = np.stack(np.unravel_index(np.arange(n_kinds), [size + 1 for size in sizes]), -1)
    weights = gains[[alike[0] for alike in kinds]]
    totals = counts.astype(gains.dtype) @ weights
    minimal = sums.test.holds(totals.T)
    for kind, weight in enumerate(weights):
        minimal &= (counts[:, kind] == 0) | ~sums.test.holds((totals - weight).T)
    return sum(_ways(sizes, taken) for taken in counts[minimal].tolist())


def _ways(sizes: list[int], taken: list[int]) -> int:
    return prod(comb(size, count) for size, count in zip(sizes, taken, strict=True))
