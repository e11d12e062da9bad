"""One matter for the tests of design, with parameters drawn from their priors: no test rests on what cases teach."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from orrery.negotiation.cases import load_case
from orrery.negotiation.design.search import Found, design
from orrery.negotiation.design.tables import Matter, matter_of
from orrery.negotiation.forecasts.learned import Learned
from orrery.negotiation.forecasts.parameters import draw_parameters, to_free

CASE = "ARCTIC-SEARCH-RESCUE-2011"
N_DRAWS = 32


@pytest.fixture(scope="session")
def untaught() -> Learned:
    """Parameters as their priors have them: no case has taught anything."""
    free = np.asarray(to_free(draw_parameters(jax.random.key(1), 64)), float)
    return Learned(free, np.zeros(64), np.zeros((0, 64)), (), (), "no cases")


@pytest.fixture(scope="session")
def matter(untaught: Learned) -> Matter:
    """Eight parties, two issues."""
    return matter_of(jax.random.key(0), load_case(CASE), untaught, n_draws=N_DRAWS)


@pytest.fixture(scope="session")
def found(matter: Matter) -> Found:
    """What a short search finds."""
    return design(matter, n_evaluations=400, seed=3)
