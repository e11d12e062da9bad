"""Limits of the talks of a world's bodies (theory 4.8): number of members, one mind, one member, two members."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import minimize
from watched_worlds import KEY, begun, certain, ruled, still, watched

from orrery.base.keys import draw_key
from orrery.negotiation.agreement import Agreement
from orrery.world.observed import Observed
from orrery.world.params import Params
from orrery.world.phases import bargaining
from orrery.world.rule_rows import majority, unanimity
from orrery.world.world import Origin, World

pytestmark = pytest.mark.long

Factory = Callable[..., Observed]
SIZES = (3, 6, 12, 24, 48, 96)
APART = {"caucusing": 0.0, "linkage": 0.0, "rivalry_weight": 0.0}
"""Everyone speaks for itself, on one matter, whoever else sits at the table."""
UNMOVED = {
    "patron_pull": 0.0,
    "comember_pull": 0.0,
    "coercion_pull": 0.0,
    "trust_weight": 0.0,
    "problem_elasticity": 0.0,
}
"""Nothing that follows from agreements changes positions or stakes."""


@jax.jit
def _talk(world: World, origin: Origin, params: Params, stake: jax.Array) -> Agreement:
    lies = bargaining.proposal(world, origin.geography, origin.bodies, params)
    return bargaining.talk(lies, world, origin.bodies, params, jnp.zeros(stake.shape, int), stake)


def talks(observed: Observed, params: Params, stake: float, draw: int) -> Agreement:
    """What the bodies of a first year come to, as the bargaining phase finds it, at a stake that all share."""
    world, origin = begun(observed, params, draw_key(KEY, draw))
    with jax.enable_x64(True):
        level = jnp.full(len(observed.bodies.codes), stake)
        return jax.tree.map(np.asarray, _talk(*jax.device_put((world, origin, params)), level))


def growing_bodies(observed_world: Factory, share: float) -> Observed:
    """Bodies of more and more members, each with those of the smaller ones, by unanimity and by a share of them."""
    member = np.arange(96) < np.array(SIZES)[:, None]
    bodies_in_one_area = {"area": np.zeros(2 * len(SIZES), int)}
    rules = [unanimity(96)] * len(SIZES) + [majority(np.ones(96), share)] * len(SIZES)
    observed = observed_world(96, 2)
    return dataclasses.replace(
        observed,
        bodies=ruled(np.concatenate([member, member]), rules, **bodies_in_one_area),
        development=np.zeros(96),
        ideal_point=np.zeros(96),
        ideal_point_sd=np.full(96, 0.9),
    )


def test_unanimity_of_more_and_more_ends_in_deadlock_and_a_majority_does_not(observed_world: Factory) -> None:
    """Row `unanimity, n→∞, S fixed`: deadlock; a qualified majority is invariant in the number of members."""
    observed = growing_bodies(observed_world, 0.65)
    params = Params.central().override(APART)
    found = [talks(observed, params, 0.25, draw) for draw in range(40)]
    agreed = np.mean([one.agreed for one in found], axis=0)
    binding = np.mean([one.binding for one in found], axis=0)
    everyone, most = slice(0, len(SIZES)), slice(len(SIZES), None)
    assert (np.diff(binding[everyone]) < -0.05).all()
    assert agreed[0] > 0.7, "three often agree"
    assert binding[everyone][-1] < -1
    assert agreed[everyone][-1] == 0, "some hundred never do"
    assert agreed[most][2:].min() == 1, "a majority of a dozen or more always does"
    assert np.ptp(binding[most][2:]) < 0.1, "and as deeply, however many there are"
    assert (binding[most] > binding[everyone]).all()


def of_one_mind(observed: Observed) -> Observed:
    """The same world in which all countries want the same, in both dimensions."""
    n = len(observed.countries)
    return certain(observed, ideal_point=np.full(n, 0.3), development=np.full(n, -0.2))


@pytest.mark.parametrize(("stakes", "one"), [(1.0, False), (1.6, False), (1e-3, False), (30.0, True)])
def test_countries_of_one_mind_agree_at_once_under_every_rule(
    observed_world: Factory, stakes: float, one: bool
) -> None:
    """Row `all x identical`: `φ = 1`, `K = 0`, `d = min(1, S)`, no deadlock, whatever the rule and the stake."""
    observed = of_one_mind(observed_world())
    params = Params.central().override({"rivalry_weight": 0.0, "trust_weight": 0.0, "problem_elasticity": 0.0})
    run = watched(observed, params, still(observed, stakes=stakes))
    world, lives = run.world, observed.bodies.in_being
    np.testing.assert_allclose(world.talks.linked[:, lives], 1, atol=1e-12)
    np.testing.assert_allclose(world.talks.distance, 0, atol=1e-12)
    assert not run.trajectory.indicators["deadlock_share"].any()
    assert run.trajectory.indicators["talks_years"].max() < 1e-12
    np.testing.assert_allclose(world.talks.decided[:, lives], 1 - np.exp(-4))
    stake = np.maximum(observed.bodies.depth[lives] * stakes, bargaining.LEAST_STAKE)
    np.testing.assert_allclose(world.talks.stake[1:, lives], np.broadcast_to(stake, (100, lives.sum())), rtol=1e-9)
    np.testing.assert_allclose(world.institutions.depth[-1, lives], np.minimum(1, stake), rtol=1e-9)
    assert (world.institutions.depth[-1, lives] == 1).all() == one


def test_countries_of_different_minds_do_not(observed_world: Factory) -> None:
    """The control of the test above: at a stake of nearly nothing those who differ are in deadlock."""
    observed = certain(observed_world())
    run = watched(observed, Params.central().override({"rivalry_weight": 0.0}), still(observed, stakes=1e-3))
    assert run.trajectory.indicators["deadlock_share"][1:].min() > 0.5
    assert run.trajectory.indicators["deadlock_share"][0] == 0


def with_members(observed: Observed, places: tuple[int, ...]) -> Observed:
    """The same world with these members in each body in being, and no organs."""
    bodies = observed.bodies
    member = np.isin(np.arange(len(observed.countries)), places) & bodies.in_being[:, None]
    nobody = np.zeros_like(bodies.elected)
    bodies = dataclasses.replace(
        bodies, member=member, eligible=np.ones_like(member), parent=np.full(len(nobody), -1), elected=nobody
    )
    return dataclasses.replace(observed, bodies=bodies)


def test_one_member_agrees_with_itself_at_once_and_is_no_body(observed_world: Factory) -> None:
    """Row `one member`: instant agreement under every rule; a body that nobody else joins ends within the year."""
    alone = with_members(certain(observed_world()), (5,))
    params = Params.central().override({"caucusing": 0.3})
    run = watched(alone, params, still(alone))
    lives = alone.bodies.in_being
    np.testing.assert_allclose(run.start.talks.linked[lives], 1, atol=1e-12)
    np.testing.assert_allclose(run.start.talks.decided[lives], 1 - np.exp(-4))
    assert run.trajectory.indicators["talks_years"][0] == 0
    assert (run.trajectory.body_members[0, lives] == 1).all()
    assert not run.world.institutions.in_being[1:].any()


def test_a_quorum_of_next_to_nobody_takes_what_somebody_likes_best(observed_world: Factory) -> None:
    """Row `θ→0`: what binds is the acceptability of whoever is most content; at the text itself that is at once."""
    member = np.ones((3, 12), bool)
    member[1:, 3:] = False
    rules = [majority(np.ones(12), 1e-6), majority(np.ones(12), 1e-6), unanimity(12)]
    observed = observed_world(12, 2)
    centre = observed.capability.copy()
    centre[[0, 1]] = centre[[0, 1]].mean()
    position, development = observed.ideal_point.copy(), observed.development.copy()
    position[:2] = -1.0, 1.0
    position[2], development[2] = position[:2].mean(), development[:2].mean()
    observed = certain(
        observed, bodies=ruled(member, rules), capability=centre, ideal_point=position, development=development
    )
    found = talks(observed, Params.central().override(APART), 0.5, 0)
    np.testing.assert_allclose(found.binding[0], found.acceptability[0].max())
    np.testing.assert_allclose(found.binding[1], 1, atol=1e-12)
    assert found.years[1] < 1e-9
    assert found.binding[2] < 0.99, "under unanimity the two at the ends bind"


@pytest.mark.parametrize("stakes", [1.0, 1.3, 1.7])
def test_two_members_under_unanimity_share_as_nash_would(observed_world: Factory, stakes: float) -> None:
    """Row `n=2 unanimity`: equals concede equally, and the depth is that of the Nash (1950) bargain, `S - a / 8`.

    `a` is the distance between the two, of which each is a quarter away from the text in the middle.
    """
    observed = with_members(certain(observed_world()), (4, 7))
    capability = observed.capability.copy()
    capability[[4, 7]] = capability[[4, 7]].mean()
    observed = dataclasses.replace(observed, capability=capability)
    params = Params.central().override({**APART, **UNMOVED})
    run = watched(observed, params, still(observed, stakes=stakes))
    place = observed.bodies.place("BODY-0")
    weight = np.array([1 + float(params.interest_weight), 1 - float(params.interest_weight)]) / 2
    stands = np.stack([observed.ideal_point, observed.development], -1)[[4, 7]]
    apart = (weight * (stands[0] - stands[1]) ** 2).sum() / 4
    stake = run.world.talks.stake[-1, place]
    np.testing.assert_allclose(run.world.talks.distance[-1, place, [4, 7]], apart / 4, rtol=1e-9)
    np.testing.assert_allclose(run.world.institutions.text[-1, place], stands.mean(0), atol=1e-9)
    np.testing.assert_allclose(run.world.institutions.depth[-1, place], stake - apart / 8, rtol=1e-9)

    def disagreement(point: np.ndarray) -> float:
        depth, text = point[0], stands[0] + point[1] * (stands[1] - stands[0])
        distance = (weight * (stands - text) ** 2).sum(-1) / 4
        return -np.prod(np.maximum(depth * (stake - distance / 2) - depth**2 / 2, 0.0))

    nash = minimize(disagreement, [0.5 * stake, 0.4], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-14})
    np.testing.assert_allclose(nash.x, [run.world.institutions.depth[-1, place], 0.5], atol=1e-4)
