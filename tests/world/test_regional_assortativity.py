"""A simulation and the record measure the assortativity of portfolios by region alike."""

from __future__ import annotations

from collections.abc import Callable

import jax
import numpy as np
import pytest

from orrery.base.keys import root_key
from orrery.measure.portfolios.regions import share_between_regions
from orrery.world.indicators import INDICATORS, View
from orrery.world.initial import invert
from orrery.world.observed import Observed
from orrery.world.params import Params


def test_the_indicator_is_that_of_the_measure(observed_world: Callable[..., Observed]) -> None:
    observed, params = observed_world(), Params.central()
    world, origin = jax.jit(lambda start, params: invert(root_key(1), start, params))(observed.start(), params)
    simulated = INDICATORS["regional_assortativity"].value(View(world, origin, params))
    chooses = ~np.asarray(origin.geography.is_country_pole)
    regions = np.array(observed.region)[chooses]
    measured = share_between_regions(np.asarray(world.portfolio)[chooses], regions[:, None] == np.unique(regions))
    assert float(simulated) == pytest.approx(float(measured), rel=1e-5)
