"""What tests of the planner share: synthetic worlds, and the folder of made-up circumstances."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import jax
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from orrery.world.observed import Observed
from world.conftest import make_observed


@pytest.fixture(scope="session")
def observed_world() -> Callable[..., Observed]:
    """The factory of synthetic worlds that tests of the model use."""
    return make_observed


@pytest.fixture
def double_precision() -> Iterator[None]:
    """Compute in double precision, as simulations do."""
    with jax.enable_x64(True):
        yield
