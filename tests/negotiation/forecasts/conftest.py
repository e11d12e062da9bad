"""The shipped cases, what they teach, and one compiled forecast that tests share."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from orrery.base.keys import root_key
from orrery.negotiation.cases import Case, load_cases
from orrery.negotiation.forecasts.coded import Coded, coded
from orrery.negotiation.forecasts.learned import Learned, shipped
from orrery.negotiation.forecasts.parameters import Parameters
from orrery.negotiation.forecasts.prediction import _closed

N_DRAWS = 64
"""As in every test that predicts, so that one compiled function serves all."""


class Draws(NamedTuple):
    """Of a forecast."""

    chance: np.ndarray
    years: np.ndarray
    text: np.ndarray
    binds: np.ndarray


@pytest.fixture(scope="package")
def cases() -> list[Case]:
    """All shipped cases."""
    return list(load_cases().values())


@pytest.fixture(scope="package")
def learned() -> Learned:
    """What they teach, as shipped."""
    return shipped()


@pytest.fixture(scope="package")
def alone() -> Callable[[str], Coded]:
    """Return a shipped case as arrays in the shape that it has alone."""

    def of(code: str) -> Coded:
        return jax.tree.map(lambda array: array[0], coded([load_cases()[code]]))

    return of


@pytest.fixture(scope="package")
def forecasts() -> Callable[[Coded, Parameters], Draws]:
    """Return 64 draws of the forecast of one case as arrays, under one set of parameters; always the same draws."""
    keys = jax.random.split(root_key(11), N_DRAWS)

    def of(one: Coded, parameters: Parameters) -> Draws:
        same = jax.tree.map(lambda value: jnp.full(N_DRAWS, value, jnp.float32), parameters)
        return Draws(*(np.asarray(array) for array in _closed(keys, one, same)))

    return of
