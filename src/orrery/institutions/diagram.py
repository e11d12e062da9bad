"""A simple game as a decision diagram: members choose one after the other, and choices that leave the same are one.

After some members have chosen, all that matters is the sum that each threshold of the game has reached, and of that
only how it stands to the quotas: a quota that is reached, or can no longer be, needs no further count. The distinct
stands of each step are the nodes of one layer, and a member's choices lead from each to a node of the next one; every
layer begins with the two that are decided, failed and passed. A veto adds one bit to what must be known, a hundred
members that count alike add a hundred sums. On the diagram, dynamic programming is exact (Bolus 2011).

Bolus, S. (2011). Power indices of simple games and vector-weighted majority games by means of binary decision
diagrams. European Journal of Operational Research 210, 258-272.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add, or_

import numpy as np
from jaxtyping import Float, Int32, Shaped

from orrery.institutions.games import AnyGame
from orrery.institutions.joint_sums import JointSums

FAILED, PASSED = 0, 1
"""The decided nodes of every layer."""
MOST_NODES = 2**26
"""Nodes up to which diagrams are built: they need about two gigabytes of memory at most."""


@dataclass(frozen=True)
class Diagram:
    """A game as a decision diagram.

    Attributes:
        order: the members, in the order in which they choose.
        layers: for each of them, the node of the next layer that its choices lead to, node by node. The choices are
            no and yes in a binary game; no, abstain and yes in a ternary one. The first layer has the start alone, at
            the end.
    """

    order: tuple[int, ...]
    layers: tuple[Int32[np.ndarray, "_ choice"], ...]

    @property
    def n_choices(self) -> int:
        """Two in a binary game, three in a ternary one."""
        return self.layers[0].shape[1]

    @property
    def start(self) -> int:
        """The node of the first layer from which all begins."""
        return len(self.layers[0]) - 1

    @property
    def n_nodes(self) -> int:
        """Nodes of all layers."""
        return sum(len(layer) for layer in self.layers)

    def value(self, chances: Float[np.ndarray, "batch member choice"]) -> list[Float[np.ndarray, "batch _"]]:
        """Return the probability that the motion passes from every node, layer by layer, the end included.

        Args:
            chances: of each choice of each member, independent of the others'.
        """
        values = [np.broadcast_to(np.array([0.0, 1.0]), (len(chances), 2))]
        for member, layer in zip(reversed(self.order), reversed(self.layers), strict=True):
            values.append(
                _added(chances[:, member, choice, None] * values[-1][:, to] for choice, to in enumerate(layer.T))
            )
        return values[::-1]

    def chance(self, chances: Float[np.ndarray, "batch member choice"]) -> list[Float[np.ndarray, "batch _"]]:
        """Return the probability to come to every undecided node, layer by layer; at decided nodes it is not kept."""
        n_batch = len(chances)
        reached = np.zeros((n_batch, len(self.layers[0])))
        reached[:, self.start] = 1.0
        found = [reached]
        sizes = [*(len(layer) for layer in self.layers[1:]), 2]
        for member, layer, size in zip(self.order, self.layers, sizes, strict=True):
            rows = size * np.arange(n_batch)[:, None]
            reached = _added(
                np.bincount(
                    (rows + to).ravel(), (found[-1] * chances[:, member, choice, None]).ravel(), n_batch * size
                ).reshape(n_batch, size)
                for choice, to in enumerate(layer.T)
            )
            reached[:, : PASSED + 1] = 0.0
            found.append(reached)
        return found

    def never_decisive(self) -> tuple[int, ...]:
        """Return the members whose choice never makes a difference, sorted.

        From the end, nodes from which all goes alike are made one; who leads every node to one and the same is never
        decisive.
        """
        names = np.array([FAILED, PASSED], np.int64)
        found = []
        for member, layer in zip(reversed(self.order), reversed(self.layers), strict=True):
            led = names[layer]
            if (led == led[:, :1]).all():
                found.append(member)
            names = np.unique(led, axis=0, return_inverse=True)[1].reshape(-1)
        return tuple(sorted(found))


def diagram_of(game: AnyGame, most_nodes: int = MOST_NODES) -> Diagram | None:
    """Return the diagram of a game, or None where it would have more than `most_nodes` nodes.

    Members choose in the order of their weights, greatest share of the totals first: what the last ones can still
    change is then small, and so is the number of stands that are told apart.
    """
    sums = JointSums.of(game)
    order = sums.order()
    layers: list[np.ndarray] = []
    n_nodes = 0
    rest = sums.steps[:, -1].sum(0)
    (start,), stands = _numbered(sums, 0 * rest[:, None, None], rest)
    for member in order:
        n_nodes += PASSED + 1 + stands.shape[1]
        if n_nodes > most_nodes:
            return None
        rest = rest - sums.steps[member, -1]
        after = stands[:, None, :] + sums.steps[member].T[:, :, None]
        to, stands = _numbered(sums, after, rest)
        layers.append(np.concatenate([np.array([[FAILED], [PASSED]], np.int32).repeat(len(to), 1), to.T]))
    if start[0] <= PASSED:
        # Decided before anybody chooses: the start leads where that node leads.
        layers[0] = np.concatenate([layers[0], layers[0][start]])
    return Diagram(order, tuple(layers))


def _added(parts: Iterable[np.ndarray]) -> np.ndarray:
    return reduce(add, parts)


def _numbered(
    game: JointSums, stands: Shaped[np.ndarray, "total choice node"], rest: Shaped[np.ndarray, " total"]
) -> tuple[Int32[np.ndarray, "choice node"], Shaped[np.ndarray, "total new_node"]]:
    """Return the numbers of the nodes that stands belong to, and what the undecided nodes have reached.

    Args:
        game: the game.
        stands: what each total has reached.
        rest: what each can still gain.
    """
    passed = game.test.holds(stands)
    undecided = game.test.holds(stands + rest[:, None, None]) & ~passed
    to = np.where(passed, PASSED, FAILED).astype(np.int32)
    kept = [
        _told_apart(reached[undecided], quotas, more)
        for reached, quotas, more in zip(stands, game.quotas, rest.tolist(), strict=True)
    ]
    keys = reduce(lambda key, column: key * (column[1] + 1) + column[0], zip(kept, game.sizes, strict=True), 0)
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    to[undecided] = PASSED + 1 + inverse
    return to, np.stack([reached[first] for reached in kept])


def _told_apart(reached: np.ndarray, quotas: Sequence[int], more: int) -> np.ndarray:
    """Return what must be known of a total: the sum while a quota is open, else the highest quota reached."""
    kept = np.zeros_like(reached)
    for quota in quotas:
        kept = np.where(reached >= quota, max(quota, 0), kept)
    is_open = reduce(or_, ((reached < quota) & (reached + more >= quota) for quota in quotas))
    return np.where(is_open, reached, kept)
