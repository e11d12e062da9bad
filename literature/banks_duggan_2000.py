"""Random proposers in one dimension approach the median as they grow patient.

Banks & Duggan 2000, A bargaining model of collective choice, American Political Science Review 94, 73-88,
doi:10.2307/2586381. With one dimension, single-peaked concave utilities and majority, the stationary equilibria come
down to the median party's ideal point, the core, as patience tends to 1; with impatience, extreme proposers still
propose what they like within an interval around it.
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from orrery.institutions.games import Threshold
from orrery.negotiation.bargaining import Equilibrium, proposals

TEXTS = np.linspace(0, 1, 101)
IDEAL = np.array([0.0, 0.2, 0.45, 0.7, 1.0])
MEDIAN = 0.45
STATUS_QUO = 1.0
MAJORITY = Threshold((1,) * 5, 3)


def solved(patience: float) -> Equilibrium:
    utility = -((TEXTS[:, None] - IDEAL) ** 2)
    waiting = jnp.asarray(-((STATUS_QUO - IDEAL) ** 2))
    return proposals(jnp.asarray(utility), waiting, MAJORITY, patience=patience, temperature=0.001)


def proposed(found: Equilibrium) -> np.ndarray:
    """Return the mean proposal of each party."""
    proposal = np.asarray(found.proposal)
    return proposal @ TEXTS / proposal.sum(1)


def test_proposals_come_closer_to_the_median_with_patience():
    apart = [np.abs(proposed(solved(patience)) - MEDIAN).max() for patience in (0.5, 0.8, 0.9, 0.95, 0.99)]
    assert (np.diff(apart) < 0).all()
    assert apart[-1] < 0.13


def test_the_median_party_always_proposes_its_own_ideal():
    for patience in (0.5, 0.9, 0.99):
        assert proposed(solved(patience))[2] == pytest.approx(MEDIAN, abs=0.005)


def test_what_passes_is_an_interval_around_the_median_that_shrinks():
    width = []
    for patience in (0.5, 0.9, 0.99):
        passing = np.flatnonzero(np.asarray(solved(patience).passes))
        assert (np.diff(passing) == 1).all()
        assert TEXTS[passing[0]] <= MEDIAN <= TEXTS[passing[-1]]
        width.append(len(passing))
    assert width[0] > width[1] > width[2]


def test_agreement_is_immediate_and_the_equilibrium_holds():
    found = solved(0.9)
    assert float(found.agreement) == pytest.approx(1, abs=1e-3)
    assert float(found.residual) < 1e-4
