"""Compliance and what comes of it: members keep or break what was agreed, earn a record, and meet common problems.

The probability of keeping an obligation is `negotiation.compliance.obligations`, for all members of all bodies at once.
Shares of obligations kept are expected ones: what a country does in a year is many acts, not one.
"""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from orrery.negotiation.compliance.obligations import Obligation, Response, Standing, compliance, motives
from orrery.world import density
from orrery.world.bodies import N_AREAS, Bodies
from orrery.world.forcing import Forcing
from orrery.world.params import Params
from orrery.world.phases.bargaining import first_provision
from orrery.world.world import AnyArray, Delivery, Info, Institutions, Origin, Size, World

COST_MEMBERS = 50
"""Members of the body whose cost `overhead` is."""


def response(institutions: Institutions, bodies: Bodies, params: Params) -> Response:
    """Return how members respond; monitoring by others than countries adds to enforcement where they take part."""
    opened = institutions.non_state - bodies.non_state * institutions.in_being
    return Response(
        legitimacy=params.legitimacy_compliance,
        sensitivity=params.compliance_precision,
        enforcement=(params.enforcement + params.non_state_monitoring * jnp.maximum(opened, 0.0))[:, None],
        shadow=params.reciprocity,
        stability=params.stability_compliance,
    )


def shares(world: World) -> Float[Array, "body country"]:
    """Return `κ_im`, each member's share of the capability of the members; 0 for others."""
    held = world.institutions.member * world.capability
    total = held.sum(-1, keepdims=True)
    return held / jnp.where(total > 0, total, 1.0)


def membership_cost(formality: AnyArray, n_members: AnyArray, params: Params) -> Float[Array, " body"]:
    """Return `f_b f_m √(n_m / 50)`, what a body costs each member."""
    return jnp.asarray(params.overhead * formality * jnp.sqrt(n_members / COST_MEMBERS))


def net_value(
    world: World, bodies: Bodies, params: Params, mean_commitment: Float[AnyArray, ""]
) -> Float[Array, "body country"]:
    """Return `z - z_0`, what speaks for keeping the obligations of each body."""
    institutions, talks = world.institutions, world.talks
    owed = Obligation(
        stake=talks.stake[:, None],
        depth=institutions.depth[:, None],
        excludability=bodies.excludability[:, None],
        formality=institutions.formality[:, None],
        legitimacy=(institutions.legitimacy - institutions.reference.legitimacy)[:, None],
    )
    bound = density.commitments(institutions, params) / jnp.maximum(mean_commitment, density.LEAST_SHARED)
    party = Standing(
        capability_share=shares(world),
        distance=talks.distance,
        shadow=params.patience**world.tension * bound,
        stability=world.stability,
    )
    return motives(owed, party, response(institutions, bodies, params)).total


def kept(
    world: World, bodies: Bodies, params: Params, mean_commitment: AnyArray, intercept: AnyArray
) -> Float[Array, "body country"]:
    """Return the probability that each country keeps, or would keep, the obligations of each body."""
    value = net_value(world, bodies, params, mean_commitment)
    return compliance(value, intercept, response(world.institutions, bodies, params))


def own_record(
    held: Float[AnyArray, "body country"], institutions: Institutions, params: Params, before: AnyArray
) -> Float[Array, " country"]:
    """Return the share of its obligations that each country keeps, weighted with authority; `before` without any."""
    weight = density.authority(institutions, params)
    total = weight @ institutions.member
    return jnp.where(total > 0, weight @ (institutions.member * held) / jnp.where(total > 0, total, 1.0), before)


def overlap(institutions: Institutions, bodies: Bodies) -> Float[Array, " body"]:
    """Return how many other bodies of its area the mean member of each body sits in."""
    by_area = jax.nn.one_hot(bodies.area, 4).T @ institutions.member
    n_members = institutions.member.sum(-1)
    seats = (institutions.member * by_area[bodies.area]).sum(-1)
    return jnp.where(n_members > 0, seats / jnp.maximum(n_members, 1.0) - 1, 0.0)


def crowding(institutions: Institutions, bodies: Bodies, params: Params) -> Float[Array, " body"]:
    """Return how many doublings of overlap a body has above the first year; 0 where overload does not count."""

    def counted() -> Float[Array, " body"]:
        now, first = overlap(institutions, bodies), institutions.reference.overlap
        return jnp.maximum(jnp.log2(1 + now) - jnp.log2(1 + first), 0.0)

    return jax.lax.cond(jnp.asarray(params.overload) > 0, counted, lambda: jnp.zeros(institutions.depth.shape))


def delivered(held: Float[AnyArray, "body country"], world: World, bodies: Bodies, params: Params) -> Delivery:
    """Return `cr_m = Σ κ_im kept_im` and `Y_e = Σ_{m in e} d_m cr_m √cover_m`, `cover` the members' capability.

    Where overload counts, bodies whose members sit in more bodies of the area than in the first year deliver less.
    """
    institutions = world.institutions
    cover = institutions.member @ world.capability
    rate = (institutions.member * held) @ world.capability / jnp.where(cover > 0, cover, 1.0) * institutions.in_being
    effective = rate * jnp.exp(-params.overload * crowding(institutions, bodies, params))
    # The inner choice keeps gradients finite without members.
    reach = jnp.where(cover > 0, jnp.sqrt(jnp.where(cover > 0, cover, 1.0)), 0.0)
    provided = jax.nn.one_hot(bodies.area, 4).T @ (institutions.depth * effective * reach)
    return Delivery(compliance=effective, provision=provided)


def draw(key: Key[Array, ""], size: Size) -> Float[AnyArray, " area"]:
    """Draw a uniform number for sudden problems in every area."""
    del size
    return jax.random.uniform(key, (N_AREAS,))


def advance(
    chance: Float[AnyArray, " area"], world: World, origin: Origin, params: Params, forcing: Forcing
) -> tuple[World, Info]:
    """Advance records and problems.

    `ρ_i += ρ_r (own compliance - ρ_i)`, `H_e ← H_e exp(γ_H - ε_H (Y_e / Y_e0 - 1)) + sudden problems`, within bounds.
    """
    anchors, bodies = origin.anchors, origin.bodies
    held = kept(world, bodies, params, anchors.commitment, anchors.compliance)
    own = own_record(held, world.institutions, params, world.reputation)
    delivery = delivered(held, world, bodies, params)
    ratio = delivery.provision / first_provision(anchors.provision, params)
    sudden = chance < params.problem_shock_rate
    growth = forcing.problem_trend * params.problem_growth - params.provision_effect * (ratio - 1)
    shock = params.problem_shock_size * forcing.noise * sudden + forcing.problem_shock
    problems = jnp.clip(world.problems * jnp.exp(growth + shock), params.problem_floor, params.problem_cap)
    reputation = world.reputation + params.reputation_adjustment * (own - world.reputation)
    info: Info = {"provision_ratio": ratio, "sudden_problems": sudden * jnp.minimum(forcing.noise, 1.0)}
    return dataclasses.replace(world, problems=problems, reputation=reputation, delivery=delivery), info
