"""What else may be recorded of every year."""

from __future__ import annotations

from collections.abc import Callable

import jax
import numpy as np
import pytest
from jaxtyping import Int

from orrery.base.arrays import AnyArray
from orrery.base.keys import root_key
from orrery.world.forcing import Forcing, no_change_forcing
from orrery.world.observed import Observed
from orrery.world.params import Params
from orrery.world.simulate import Observer, simulate_draw, simulate_draws
from orrery.world.world import Info, Origin, World

pytestmark = pytest.mark.long

KEY = root_key(7)


class Gains(Observer):
    """Supply of the year, and how much the portfolios of some countries changed."""

    country: Int[AnyArray, " some"]

    def __call__(self, before: World, after: World, origin: Origin, params: Params, forcing: Forcing) -> Info:
        del origin, params, forcing
        change = (after.portfolio - before.portfolio)[self.country]
        return {"gain": change, "supplied": after.supply[self.country]}


def test_observing_changes_no_bit_and_sees_the_year_from_end_to_end(observed_world: Callable[..., Observed]) -> None:
    observed = observed_world()
    forcing = no_change_forcing(observed, 5, Params.central())
    seen = simulate_draws(KEY, observed, forcing, range(3), fixed={}, workers=1, observe=Gains(np.array([4, 7])))
    plain = simulate_draws(KEY, observed, forcing, range(3), fixed={}, workers=1)
    extra = {name: seen.trajectory.info.pop(name) for name in ("gain", "supplied")}
    for one, other in zip(jax.tree.leaves(seen.trajectory), jax.tree.leaves(plain.trajectory), strict=True):
        np.testing.assert_array_equal(one, other)
    changes = np.diff(plain.trajectory.portfolio[:, :, [4, 7]], axis=1)
    np.testing.assert_allclose(extra["gain"], changes, atol=2e-7)
    assert extra["supplied"].shape == (3, 5, 2, 3)
    assert (extra["supplied"] > 0).all()


def test_looking_at_other_countries_compiles_nothing_new(observed_world: Callable[..., Observed]) -> None:
    observed = observed_world()
    forcing: Forcing = no_change_forcing(observed, 5, Params.central())
    counts = []
    for places in ([1, 2], [4, 7]):
        simulate_draws(KEY, observed, forcing, range(1), fixed={}, workers=1, observe=Gains(np.array(places)))
        counts.append(simulate_draw._cache_size())  # pyright: ignore[reportAttributeAccessIssue]
    assert counts[0] == counts[1]
