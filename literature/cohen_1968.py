"""Two judges, 200 cases, three diagnoses, and disagreements of unequal weight.

Cohen 1968, Weighted kappa: nominal scale agreement with provision for scaled disagreement or partial credit,
Psychological Bulletin 70(4), 213-220, doi:10.1037/h0026256, table 1: mean disagreement .90 observed and 1.38 by chance,
weighted kappa .348; unweighted .492, as in Cohen 1960.
"""

from __future__ import annotations

import numpy as np
import pytest

from orrery.measure.similarity.indices import cohen_kappa, cross_tables

COUNTS = [[88, 14, 18], [10, 40, 10], [2, 6, 12]]
DISAGREEMENT = np.array([[0.0, 1, 3], [1, 0, 6], [3, 6, 0]])
"""Between personality disorder, neurosis and psychosis: the last two are the gravest to confuse."""


@pytest.fixture(scope="module")
def tables():
    return cross_tables(np.repeat(np.indices((3, 3)).reshape(2, 9), np.ravel(COUNTS), axis=1).astype(np.int8), 3)


def test_weighted_by_the_gravity_of_a_confusion(tables):
    assert tables.observed(DISAGREEMENT)[0, 1] == pytest.approx(0.90)
    assert tables.expected(DISAGREEMENT, tables.first, tables.second)[0, 1] == pytest.approx(1.38)
    kappa = cohen_kappa(tables, DISAGREEMENT)[0, 1]
    assert kappa == pytest.approx(1 - 0.90 / 1.38)
    assert kappa.round(3) == 0.348


def test_equal_weights_give_the_coefficient_of_1960(tables):
    assert cohen_kappa(tables, 1 - np.eye(3))[0, 1].round(3) == 0.492
    assert cohen_kappa(tables, 7 * DISAGREEMENT)[0, 1] == pytest.approx(cohen_kappa(tables, DISAGREEMENT)[0, 1])
