"""Bounds that no parameters, extensions or chance may break: a hundred years of any draw from the priors."""

from __future__ import annotations

from collections.abc import Callable

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from watched_worlds import N_YEARS, Watched, watched

from orrery.base.keys import root_key
from orrery.world.forcing import no_change_forcing
from orrery.world.observed import Observed
from orrery.world.params import Params, extensions
from orrery.world.simulate import DrawStatus, draw_status

pytestmark = pytest.mark.long

ROUNDING = 1e-12


def assert_finite(run: Watched) -> None:
    """Every number of every year is one."""
    for path, leaf in jax.tree_util.tree_leaves_with_path((run.world, run.trajectory)):
        assert np.isfinite(leaf).all(), jax.tree_util.keystr(path)


def assert_within(low: float, high: float, **values: np.ndarray) -> None:
    """All numbers lie in a range."""
    for name, array in values.items():
        assert array.min() >= low, name
        assert array.max() <= high + ROUNDING, name


def assert_bodies_hold_only_what_is_theirs(run: Watched, observed: Observed) -> None:
    """Members are members of bodies in being, organs sit within parents, and what is not in being holds nothing."""
    bodies, institutions = observed.bodies, run.world.institutions
    member, lives = institutions.member, institutions.in_being
    assert np.isin(member, (0, 1)).all()
    assert np.isin(lives, (0, 1)).all()
    assert (member.sum(-1)[lives > 0] >= 2).all()
    nothing = {name: getattr(institutions, name) for name in ("member", "depth", "text", "formality", "legitimacy")}
    nothing |= {"non_state": institutions.non_state, "compliance": run.world.delivery.compliance}
    for name, held in nothing.items():
        assert not held[lives == 0].any(), name
    assert (member <= bodies.eligible | bodies.open_place[:, None]).all(), "only who may be a member is one"
    organ = np.flatnonzero(bodies.parent >= 0)
    assert len(organ) > 0
    assert (member[:, organ] <= member[:, bodies.parent[organ]]).all()
    assert (lives[:, organ] <= lives[:, bodies.parent[organ]]).all()


@given(seed=st.integers(0, 2**31 - 1), switched_on=st.sets(st.sampled_from(sorted(extensions()))))
@settings(max_examples=25, deadline=None)
def test_every_draw_with_any_extensions_stays_within_its_bounds(
    observed_world: Callable[..., Observed], seed: int, switched_on: set[str]
) -> None:
    """Degeneracies 2 (records are bounded) and 3 (positions do not run away) included."""
    observed, params = observed_world(), Params.draw(root_key(seed), sorted(switched_on))
    run = watched(observed, params, no_change_forcing(observed, N_YEARS, params), root_key(seed))
    assert draw_status(run.trajectory) == DrawStatus.OK
    assert_finite(run)
    world = run.world
    for shares in (world.portfolio, world.capability):
        np.testing.assert_allclose(shares.sum(-1), 1, atol=ROUNDING)
    indices = {name: getattr(world.institutions, name) for name in ("depth", "formality", "legitimacy", "non_state")}
    assert_within(0, 1, **indices, compliance=world.delivery.compliance, reputation=world.reputation)
    assert_within(0, 1, portfolio=world.portfolio, capability=world.capability, decided=world.talks.decided)
    assert_within(0.01, 1, connectedness=world.connectedness)
    assert_within(0.2, 4, tension=world.tension)
    assert_within(0.1, 6, problems=world.problems)
    assert_within(0, np.inf, supply=world.supply, coercion=world.coercion, stake=world.talks.stake - 1e-3)
    # With relative gains, whoever is nearer than the others gains by their distance: acceptability may exceed 1.
    if "relative-gains" not in switched_on:
        assert_within(-np.inf, 1, binding=world.talks.binding, linked=world.talks.linked)
        assert_within(0, np.inf, distance=world.talks.distance)
    # Coercion of a year follows the tension of the year before.
    assert (world.coercion[1:] <= world.tension[:-1, None, None] + ROUNDING).all()
    assert_bodies_hold_only_what_is_theirs(run, observed)


def test_a_hundred_years_see_births_deaths_and_moves(observed_world: Callable[..., Observed]) -> None:
    """The control: what the bounds are asked of does happen, and some draws reach the caps and floors."""
    observed, born, died, moved, extreme = observed_world(), 0.0, 0.0, 0.0, 0
    for seed in range(12):
        params = Params.draw(root_key(seed), sorted(extensions()))
        run = watched(observed, params, no_change_forcing(observed, N_YEARS, params), root_key(seed))
        change = np.diff(run.world.institutions.in_being, axis=0)
        born, died = born + (change > 0).sum(), died + (change < 0).sum()
        moved += run.trajectory.info["exits"].sum() + run.trajectory.info["entries"].sum()
        extreme += int((run.world.problems == 0.1).any() or (run.world.problems == 6).any())
    assert min(born, died, moved) > 12
    assert extreme > 0
