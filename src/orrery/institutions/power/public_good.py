"""Minimal winning coalitions that hold each member: what the public good index of Holler and Packel counts.

In an order of desirability, a coalition that needs its least desirable member needs all (Taylor & Zwicker 1999), so
that minimal winning coalitions are the ways through the decision diagram on which the last yes is the one that
carries the motion. With one weighted quota and more sums than a diagram holds, they are told apart by their lightest
member. Where there is no such order, members that count alike are taken together and all kinds of coalition are looked
at.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import comb, prod

import numpy as np
from jaxtyping import Bool, Int

from orrery.base.errors import InstitutionError
from orrery.institutions.diagram import FAILED, PASSED, Diagram, diagram_of
from orrery.institutions.games import AnyGame, binary
from orrery.institutions.joint_sums import JointSums
from orrery.institutions.power.lightest import minimal_by_lightest
from orrery.institutions.power.sums import Sums, sums_of

MOST_NODES = 2**22
"""Nodes of a diagram on which coalitions are counted at most."""
MOST_KINDS = 2**25
"""Kinds of coalition that are looked at at most."""
SLAB = 2**20
"""Kinds of coalition that are looked at together."""
WHOLE_NUMBERS = 62
"""Members up to which the number of coalitions is below 2^62."""


def seats_in_minimal_coalitions(game: AnyGame) -> tuple[int, ...] | tuple[float, ...]:
    """Return, for each member, how many minimal winning coalitions hold it: exact, or in double precision.

    Args:
        game: one with abstention is taken as the game in which nobody abstains.

    Raises:
        InstitutionError: there are too many sums, or too many kinds of coalition, to count.
    """
    decisive = binary(game)
    if not JointSums.of(decisive).complete:
        return _by_kind(sums_of(decisive))
    sums = sums_of(decisive)
    diagram = diagram_of(decisive, MOST_NODES)
    if diagram is not None:
        return _on_diagram(diagram)
    if sums.n_totals == 1:
        return tuple(minimal_by_lightest(sums.steps[:, 1, 0], int(sums.requirement(0, [None]))))
    raise InstitutionError(
        f"`game`: it has more than {MOST_NODES:,} joint sums; too many to count minimal coalitions. Write the weights "
        "in a coarser unit."
    )


def _on_diagram(diagram: Diagram) -> tuple[int, ...]:
    """Count, for each member, the ways on which it says yes and the last yes is the first to carry the motion."""
    number = np.int64 if len(diagram.order) <= WHOLE_NUMBERS else object
    seats = [0] * len(diagram.order)
    if diagram.layers[0][diagram.start, FAILED] == PASSED:
        return tuple(seats)
    ways = _ways_to(diagram, number)
    ends = np.zeros(2, number)
    for member, layer, before in zip(reversed(diagram.order), reversed(diagram.layers), reversed(ways), strict=True):
        # A way ends with the yes that carries the motion; no way leads on from a decided node.
        with_yes = np.where(layer[:, -1] == PASSED, 1, ends[layer[:, -1]])
        seats[member] = int((before * with_yes).sum())
        ends = with_yes + ends[layer[:, 0]]
        ends[: PASSED + 1] = 0
    return tuple(seats)


def _ways_to(diagram: Diagram, number: type) -> list[np.ndarray]:
    """Return the number of ways to every undecided node, layer by layer."""
    ways = np.zeros(len(diagram.layers[0]), number)
    ways[diagram.start] = 1
    found = [ways]
    for layer, after in zip(diagram.layers[:-1], diagram.layers[1:], strict=True):
        ways = np.zeros(len(after), number)
        for to in layer.T:
            np.add.at(ways, to, found[-1])
        ways[: PASSED + 1] = 0
        found.append(ways)
    return found


def _by_kind(sums: Sums) -> tuple[int, ...]:
    """Count coalitions by how many of each class of like members they hold."""
    sizes = [len(members) for members in sums.classes]
    n_kinds = prod(size + 1 for size in sizes)
    if n_kinds > MOST_KINDS:
        raise InstitutionError(
            f"`game`: its members are in no one order of desirability and make {n_kinds:,} kinds of coalition; minimal "
            f"ones are counted among at most {MOST_KINDS:,}."
        )
    holding = [0] * len(sizes)
    for kind in _minimal(_Kinds.of(sums).wins).tolist():
        alike = prod(comb(size, count) for size, count in zip(sizes, kind, strict=True))
        for place, count in enumerate(kind):
            holding[place] += alike * count // sizes[place]
    seats = [0] * sums.n_members
    for members, count in zip(sums.classes, holding, strict=True):
        for member in members:
            seats[member] = count
    return tuple(seats)


@dataclass(frozen=True)
class _Kinds:
    """Whether each kind of coalition wins, by the number of members of each class."""

    wins: Bool[np.ndarray, "..."]

    @classmethod
    def of(cls, sums: Sums) -> _Kinds:
        shape = tuple(len(members) + 1 for members in sums.classes)
        steps = [sums.steps[members[0], -1] for members in sums.classes]
        depth = next(depth for depth in range(len(shape) + 1) if prod(shape[depth:]) <= SLAB)
        wins = np.empty(shape, bool)
        inner = _totals(shape[depth:], steps[depth:], sums.n_totals)
        for outer in product(*(range(size) for size in shape[:depth])):
            first = sum((count * step for count, step in zip(outer, steps, strict=False)), np.zeros(sums.n_totals, int))
            wins[outer] = sums.holds([total + one for total, one in zip(inner, first.tolist(), strict=True)])
        return cls(wins)


def _minimal(wins: Bool[np.ndarray, "..."]) -> Int[np.ndarray, "kind class"]:
    """Return the kinds that win and, with one member fewer of any class, lose."""
    minimal = wins.copy()
    for axis in range(wins.ndim):
        more = (slice(None),) * axis + (slice(1, None),)
        fewer = (slice(None),) * axis + (slice(None, -1),)
        minimal[more] &= ~wins[fewer]
    return np.argwhere(minimal)


def _totals(shape: tuple[int, ...], steps: list[Int[np.ndarray, " total"]], n_totals: int) -> list[np.ndarray]:
    totals = [np.zeros((1,) * len(shape), np.int64) for _ in range(n_totals)]
    for axis, (size, step) in enumerate(zip(shape, steps, strict=True)):
        counts = np.arange(size).reshape((1,) * axis + (-1,) + (1,) * (len(shape) - axis - 1))
        totals = [total + counts * own for total, own in zip(totals, step.tolist(), strict=True)]
    return totals
