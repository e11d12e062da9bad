"""Limits of bodies through whole simulations (theory 4.8): organs and parents, and tension at its cap."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jaxtyping import Array
from watched_worlds import KEY, N_YEARS, begun, certain, still, watched

from orrery.base.keys import draw_key
from orrery.world.bodies import ObservedBodies
from orrery.world.forcing import Forcing
from orrery.world.observed import Observed
from orrery.world.params import Params
from orrery.world.phases import compliance
from orrery.world.world import Origin, World

pytestmark = pytest.mark.long

Factory = Callable[..., Observed]
PARENT, ORGAN, YEAR = "BODY-0", "BODY-5", 5


def organs(observed: Observed, *, same_members: bool) -> Observed:
    """The same world in which everybody may join `PARENT`; `ORGAN` has some of its members, or all of them."""
    bodies = observed.bodies
    parent, organ = bodies.place(PARENT), bodies.place(ORGAN)
    member, eligible, elected = bodies.member.copy(), bodies.eligible.copy(), bodies.elected.copy()
    eligible[[parent, organ]] = True
    if same_members:
        member[organ], elected[organ] = member[parent], False
    return certain(observed, bodies=dataclasses.replace(bodies, member=member, eligible=eligible, elected=elected))


def apart(bodies: ObservedBodies) -> ObservedBodies:
    """The same bodies, none of which is an organ."""
    return dataclasses.replace(bodies, parent=np.full(len(bodies.codes), -1))


def held(observed: Observed, countries: np.ndarray, way: int) -> Forcing:
    """Still paths on which countries are held in `PARENT` (1), or out of it (-1), from `YEAR` on."""
    forcing = still(observed)
    forcing.membership[YEAR - 1 :, observed.bodies.place(PARENT), countries] = way
    return forcing


def sitting(observed: Observed, forcing: Forcing) -> np.ndarray:
    """Who sits in `ORGAN`, by year."""
    member = watched(observed, Params.central(), forcing).world.institutions.member
    return member[:, observed.bodies.place(ORGAN)]


def test_who_leaves_a_parent_leaves_its_organ(observed_world: Factory) -> None:
    """An organ holds only members of its parent, in the year in which one leaves already."""
    observed = organs(observed_world(), same_members=False)
    organ = observed.bodies.member[observed.bodies.place(ORGAN)]
    leaver = np.flatnonzero(organ)[[-1]]
    seats = sitting(observed, held(observed, leaver, -1))
    np.testing.assert_array_equal(seats[YEAR - 1], organ)
    np.testing.assert_array_equal(seats[YEAR:], np.tile(organ & ~np.isin(np.arange(12), leaver), (N_YEARS - 4, 1)))
    free = dataclasses.replace(observed, bodies=apart(observed.bodies))
    assert (sitting(free, held(free, leaver, -1)) == organ).all(), "a body that is no organ keeps its members"


def test_an_organ_of_all_members_takes_in_who_joins_the_parent(observed_world: Factory) -> None:
    """An organ of the same members keeps the same members; one of some of them elects its own."""
    observed = organs(observed_world(), same_members=True)
    outside = np.flatnonzero(~observed.bodies.member[observed.bodies.place(PARENT)])[:2]
    seats = sitting(observed, held(observed, outside, 1))
    assert not seats[:YEAR, outside].any()
    assert seats[YEAR:, outside].all()
    some = organs(observed_world(), same_members=False)
    assert not sitting(some, held(some, outside, 1))[:, outside].any(), "an organ of some members does not"


def test_an_organ_dies_with_its_parent(observed_world: Factory) -> None:
    """A parent without members ends, and its organ in the same year."""
    observed = organs(observed_world(), same_members=False)
    everybody = np.arange(12)
    seats = sitting(observed, held(observed, everybody, -1))
    assert seats[YEAR - 1].any()
    assert not seats[YEAR:].any()
    free = dataclasses.replace(observed, bodies=apart(observed.bodies))
    assert sitting(free, held(free, everybody, -1))[-1].any()


def test_an_organ_dies_with_a_parent_that_dies_by_chance(observed_world: Factory) -> None:
    """Its members are still there; without their parent they are no organ."""
    observed = organs(observed_world(), same_members=False)
    forcing = still(observed, noise=1.0, deaths=10.0, exits=0.0, births=0.0)
    parent, organ, ends = observed.bodies.place(PARENT), observed.bodies.place(ORGAN), 0
    for draw in range(10):
        lives = watched(observed, Params.central(), forcing, draw_key(KEY, draw)).world.institutions.in_being
        ends += int((lives[1:, parent] < lives[:-1, parent]).any())
        assert (lives[:, organ] <= lives[:, parent]).all()
    assert ends > 3


def formal_share(observed: Observed, params: Params, tension_shock: float) -> tuple[float, int]:
    """The share of formal bodies among those born in simulations with shocks, and how many were born."""
    forcing = still(observed, noise=1.0, births=20.0, deaths=3.0, tension_shock=tension_shock)
    formality = []
    for draw in range(20):
        institutions = watched(observed, params, forcing, draw_key(KEY, draw)).world.institutions
        is_new = (institutions.in_being[1:] > 0) & (institutions.in_being[:-1] == 0)
        formality.append(institutions.formality[1:][is_new])
    born = np.concatenate(formality)
    assert set(born.tolist()) <= {0.1, 1.0}
    return float((born == 1).mean()), len(born)


def test_at_the_cap_of_tension_what_is_born_is_less_often_formal(observed_world: Factory) -> None:
    """Row `T→cap`: `δ^T → .66`, so that the cost of setting up a formal body is spread over fewer years."""
    observed = certain(observed_world())
    costly = Params.central().override({"setup_cost": 6.0})
    calm, n_calm = formal_share(observed, costly, 0.0)
    tense, n_tense = formal_share(observed, costly, 10.0)
    assert min(n_calm, n_tense) > 200
    assert tense < calm - 0.1
    # With nothing to spread over the years and nothing to enforce, tension is no matter.
    free = costly.override({"setup_cost": 0.0, "enforcement": 1e-9})
    assert abs(formal_share(observed, free, 10.0)[0] - formal_share(observed, free, 0.0)[0]) < 0.1


@jax.jit
def _kept(world: World, origin: Origin, params: Params, tension: Array) -> Array:
    tense = dataclasses.replace(world, tension=tension)
    return compliance.kept(tense, origin.bodies, params, origin.anchors.commitment, origin.anchors.compliance)


def test_tension_shortens_horizons_and_lowers_compliance(observed_world: Factory) -> None:
    """Row `T→cap`: `δ^T → .66`, and every member of any body keeps less of what it owes, whatever the body."""
    observed = certain(observed_world())

    def kept(tension: float, **values: float) -> np.ndarray:
        params = Params.central().override(values)
        world, origin = begun(observed, params)
        with jax.enable_x64(True):
            found = _kept(*jax.device_put((world, origin, params)), jnp.asarray(tension))
        return np.asarray(found)[np.asarray(world.institutions.member) > 0]

    params = Params.central()
    assert float(params.patience) ** float(params.tension_cap) == pytest.approx(0.66, abs=5e-3)
    levels = np.array([kept(tension) for tension in (0.2, 1.0, 2.0, 4.0)])
    assert levels[1].mean() == pytest.approx(0.8), "the first year is the known one"
    assert (np.diff(levels, axis=0) < 0).all()
    unmoved = [kept(tension, reciprocity=1e-12) for tension in (1.0, 4.0)]
    np.testing.assert_allclose(unmoved[0], unmoved[1], atol=1e-9)
