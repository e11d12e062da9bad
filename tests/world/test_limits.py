"""Limits of the whole model in which bodies are founded, reformed and held together; others are in `test_simulate`."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import jax
import numpy as np
import pytest

from orrery.base.keys import root_key
from orrery.world.forcing import no_change_forcing, still_forcing
from orrery.world.initial import invert
from orrery.world.observed import Observed
from orrery.world.params import Params
from orrery.world.rule_rows import Requirement
from orrery.world.simulate import DrawStatus, Trajectory, draw_status, simulate

pytestmark = pytest.mark.long

Factory = Callable[..., Observed]
KEY = root_key(48)
N_YEARS = 10


def certain(observed: Observed) -> Observed:
    """The same world with its ideal points known exactly."""
    return dataclasses.replace(observed, ideal_point_sd=np.zeros(len(observed.countries)))


def with_veto(observed: Observed, code: str, country: int) -> Trajectory:
    """One quiet year in which `country` also has to consent to what the body decides."""
    [requirements] = observed.bodies.versions()[observed.bodies.place(code)][0]
    holder = np.zeros(len(observed.countries))
    holder[country] = 1
    reformed, version = observed.bodies.reformed(code, ((*requirements, Requirement(holder, 1.0)),))
    observed = dataclasses.replace(observed, bodies=reformed)
    forcing = still_forcing(observed, 1)
    forcing.rule_version[:, reformed.place(code)] = version
    return simulate(KEY, observed, Params.central(), forcing)


def test_a_veto_inside_the_range_of_those_that_bind_is_absorbed(observed_world: Factory) -> None:
    """Tsebelis 2002: the veto of a member that is more content than the binding one changes nothing; another's does."""
    observed = certain(observed_world())
    place = observed.bodies.place("BODY-1")
    with jax.enable_x64(True):
        world, _ = jax.jit(invert)(KEY, observed.start(), Params.central())
    distance = np.where(observed.bodies.member[place], world.talks.distance[place], np.nan)
    plain = simulate(KEY, observed, Params.central(), still_forcing(observed, 1))
    absorbed = with_veto(observed, "BODY-1", int(np.nanargmin(distance)))
    felt = with_veto(observed, "BODY-1", int(np.nanargmax(distance)))
    np.testing.assert_allclose(absorbed.body_depth, plain.body_depth, atol=1e-12)
    np.testing.assert_allclose(absorbed.body_legitimacy, plain.body_legitimacy, atol=1e-12)
    assert abs(felt.body_depth - plain.body_depth)[1:, place].max() > 1e-6


def test_a_founded_body_comes_into_being_with_its_founders_and_stays(observed_world: Factory) -> None:
    observed = certain(observed_world())
    founders = ("C03", "C05", "C07")
    bodies = observed.bodies.founded(
        "NEW", "New body", founders, area="economy", formality=1.0, excludability=0.8, depth=0.3
    )
    observed = dataclasses.replace(observed, bodies=bodies)
    forcing = still_forcing(observed, N_YEARS)
    forcing.founding[3, bodies.place("NEW")] = 1
    trajectory = simulate(KEY, observed, Params.central(), forcing)
    assert draw_status(trajectory) == DrawStatus.OK
    assert trajectory.body_members[:, bodies.place("NEW")].tolist() == [0] * 4 + [len(founders)] * 7
    assert trajectory.body_depth[4, bodies.place("NEW")] == pytest.approx(0.3)
    assert not trajectory.body_depth[:4, bodies.place("NEW")].any()


def test_members_that_are_held_in_and_out_stay_so(observed_world: Factory) -> None:
    observed, params = certain(observed_world()), Params.central()
    place = observed.bodies.place("BODY-1")
    forcing = no_change_forcing(observed, N_YEARS, params)
    forcing = dataclasses.replace(forcing, exits=np.full(N_YEARS, 50.0), deaths=np.zeros(N_YEARS))
    free = simulate(KEY, observed, params, forcing)
    forcing.membership[:, place] = np.where(np.arange(12) < 8, 1, -1)
    held = simulate(KEY, observed, params, forcing)
    assert (held.body_members[1:, place] == 8).all()
    assert (free.body_members[1:, place] != 8).any()


@pytest.mark.parametrize(("name", "value"), [("connectedness_shock", -0.2), ("tension", 10.0)])
def test_worlds_at_their_bounds_deliver_less(observed_world: Factory, name: str, value: float) -> None:
    """Degeneracy 8: levels are tested by a path after the first year, for those of that year are absorbed."""
    observed = certain(observed_world())
    forcing = dataclasses.replace(still_forcing(observed, N_YEARS), **{name: np.full(N_YEARS, value)})
    trajectory = simulate(KEY, observed, Params.central(), forcing)
    still = simulate(KEY, observed, Params.central(), still_forcing(observed, N_YEARS))
    assert draw_status(trajectory) == DrawStatus.OK
    existing = still.body_members[-1] > 0
    assert trajectory.body_compliance[-1, existing].mean() < still.body_compliance[-1, existing].mean() - 0.01
