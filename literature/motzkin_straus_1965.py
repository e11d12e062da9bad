"""The greatest diversity over the edges of a graph.

Motzkin & Straus 1965, Maxima for graphs and a new proof of a theorem of Turan, Canadian Journal of Mathematics 17,
533-540, doi:10.4153/CJM-1965-053-6: the maximum of `s' A s` over the simplex, with `A` the adjacency matrix of a graph,
is `1 - 1/k`, where `k` is the size of its largest clique. For rivalry of 0 or 1 this is the greatest rivalry met, and
the greatest number of effective vectors is `k`.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orrery.measure.portfolios.indices import greatest_rivalry_met


def adjacency(n_nodes: int, edges) -> np.ndarray:
    matrix = np.zeros((n_nodes, n_nodes))
    for one, other in edges:
        matrix[one, other] = matrix[other, one] = 1
    return matrix


RING = [(node, (node + 1) % 5) for node in range(5)]
PETERSEN = [*RING, *((node, node + 5) for node in range(5)), *((5 + node, 5 + (node + 2) % 5) for node in range(5))]
OCTAHEDRON = [pair for pair in combinations(range(6), 2) if sum(pair) != 5]


@pytest.mark.parametrize(
    ("n_nodes", "edges", "clique"),
    [
        (5, RING, 2),
        (10, PETERSEN, 2),
        (6, OCTAHEDRON, 3),
        (4, list(combinations(range(4), 2)), 4),
        (3, [], 1),
    ],
    ids=["ring", "Petersen", "octahedron", "complete", "empty"],
)
def test_known_graphs(n_nodes, edges, clique):
    assert greatest_rivalry_met(adjacency(n_nodes, edges)) == pytest.approx(1 - 1 / clique)


def largest_clique(matrix: np.ndarray) -> int:
    sizes = range(len(matrix), 0, -1)
    cliques = (size for size in sizes for nodes in combinations(range(len(matrix)), size) if whole(matrix, nodes))
    return next(cliques)


def whole(matrix: np.ndarray, nodes: tuple[int, ...]) -> bool:
    return all(matrix[pair] for pair in combinations(nodes, 2))


@given(
    st.integers(2, 6).flatmap(
        lambda n: st.tuples(st.just(n), st.sets(st.sampled_from(list(combinations(range(n), 2)))))
    )
)
def test_every_graph(graph):
    matrix = adjacency(*graph)
    assert greatest_rivalry_met(matrix) == pytest.approx(1 - 1 / largest_clique(matrix))
