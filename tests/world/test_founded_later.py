"""A body that is founded later leaves the years before its founding as they are, however deep it will be."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest

from orrery.base.keys import root_key
from orrery.world.forcing import no_change_forcing
from orrery.world.observed import Observed
from orrery.world.params import Params
from orrery.world.simulate import Trajectory, simulate

pytestmark = pytest.mark.long

KEY = root_key(5)
N_YEARS, FOUNDED = 5, 4


def with_founding(observed: Observed, depth: float) -> tuple[Trajectory, int]:
    """A run in which three countries found a body at the end, and the body's place."""
    bodies = observed.bodies.founded(
        "NEW", "New body", ("C03", "C05", "C07"), area="economy", formality=1.0, excludability=0.8, depth=depth
    )
    observed = dataclasses.replace(observed, bodies=bodies)
    forcing = no_change_forcing(observed, N_YEARS, Params.central())
    forcing.founding[FOUNDED - 1, bodies.place("NEW")] = 1
    return simulate(KEY, observed, Params.central(), forcing), bodies.place("NEW")


def test_years_before_a_founding_do_not_know_of_it(observed_world: Callable[..., Observed]) -> None:
    """Nobody keeps obligations in the first year for the sake of what it will be bound by later."""
    observed = observed_world()
    shallow, place = with_founding(observed, 0.1)
    deep, _ = with_founding(observed, 0.9)
    for name in ("portfolio", "ideal_point", "stability", "reputation", "problems", "body_depth", "body_compliance"):
        one, other = (getattr(path, name)[:FOUNDED] for path in (shallow, deep))
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-12, err_msg=name)
    one, other = (path.info["provision_ratio"][: FOUNDED - 1] for path in (shallow, deep))
    np.testing.assert_allclose(one, other, rtol=0, atol=1e-12)
    assert deep.body_depth[FOUNDED, place] == pytest.approx(0.9)
    assert shallow.body_depth[FOUNDED, place] == pytest.approx(0.1)
    assert not np.array_equal(deep.reputation[-1], shallow.reputation[-1])
