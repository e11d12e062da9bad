"""The bodies of the first year: stakes, records and legitimacy that make what is observed a fixed point.

The depth of an agreement is linear in its stake, `d = S - D̂ / 2`, `D̂` being the distance that binds after linkage; what
members must have had to gain from the depth observed is therefore `S_m0 = d_m + D̂_m / 2`, their revealed stake. Bodies
that a scenario founds later are treated as if they were in being, so that they too have something to refer to.
"""

from __future__ import annotations

import dataclasses
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from orrery.base.arrays import AnyArray
from orrery.negotiation.compliance.obligations import compliance, intercept_of
from orrery.negotiation.legitimacy import output_legitimacy
from orrery.world import density
from orrery.world.bodies import AREAS, Bodies
from orrery.world.params import Params
from orrery.world.phases import bargaining, legitimacy, membership
from orrery.world.phases import compliance as keeping
from orrery.world.world import Delivery, Geography, Institutions, Reference, Talks, World, single


class FirstBodies(NamedTuple):
    """What the inversion finds.

    Attributes:
        world: fields of the world by name: institutions, talks, delivery, reputation.
        text: compromise of every body, founded or not.
        intercept: `z_0` of compliance.
        commitment: mean authority of the bodies that a country is a member of.
    """

    world: dict[str, Any]
    text: Float[Array, "body dim"]
    intercept: Float[Array, ""]
    commitment: Float[Array, ""]


def institutions(bodies: Bodies, in_being: AnyArray) -> Institutions:
    """Return the bodies with the members, depth and formality observed, as far as they are in being."""
    lives = 1.0 * jnp.asarray(in_being)
    nothing, row = jnp.zeros_like(lives), lives[:, None]
    unknown = Reference(
        stake=nothing,
        value=jnp.zeros(bodies.member.shape, jnp.float32),
        legitimacy=nothing,
        trust=jnp.ones_like(lives),
        talks=nothing,
        outside_hostility=nothing,
        overlap=nothing,
    )
    return Institutions(
        member=bodies.member * row,
        in_being=lives,
        depth=bodies.depth * lives,
        text=jnp.zeros((len(lives), 2)),
        formality=bodies.formality * lives,
        legitimacy=nothing,
        non_state=bodies.non_state * lives,
        reference=unknown,
    )


def no_talks(bodies: Bodies) -> Talks:
    """Return the talks of a year in which nobody talks."""
    nothing = jnp.zeros(bodies.member.shape[0])
    return Talks(
        stake=nothing, distance=jnp.zeros(bodies.member.shape), binding=nothing, linked=nothing, decided=nothing
    )


def no_delivery(bodies: Bodies) -> Delivery:
    """Return the delivery of a year in which nothing is delivered."""
    return Delivery(compliance=jnp.zeros(bodies.member.shape[0]), provision=jnp.zeros(len(AREAS)))


def revealed_stake(lies: bargaining.Proposal, world: World, bodies: Bodies, params: Params) -> Float[Array, " body"]:
    """Return `S_m0 = d_m + D̂_m / 2`, `D̂ = (1 - ℓ f) D* + ℓ f Σ ω D`; 1 for bodies without members."""
    held = world.institutions
    rule = bodies.rules.sitting(jnp.asarray(held.member), jnp.zeros(held.depth.shape, int))
    # The acceptability that binds falls with distance alone, whatever the stake.
    binds = -rule.binding(-lies.distance).acceptability
    linkage = params.linkage * held.formality
    felt = (1 - linkage) * binds + linkage * (lies.influence * lies.distance).sum(-1)
    sits = held.member.sum(-1) > 0
    return jnp.where(sits, jnp.maximum(held.depth + felt / 2, bargaining.LEAST_STAKE), 1.0)


def as_if_in_being(world: World, geography: Geography, bodies: Bodies, params: Params) -> FirstBodies:
    """Invert the first year of all bodies, of those too that are founded later."""
    present = world.institutions
    commitment = density.commitments(present, params).mean()
    every = dataclasses.replace(world, institutions=institutions(bodies, ~jnp.asarray(bodies.open_place)))
    crowd = dataclasses.replace(every.institutions.reference, overlap=keeping.overlap(every.institutions, bodies))
    every = _with(every, institutions=dataclasses.replace(every.institutions, reference=crowd))
    lies = bargaining.proposal(every, geography, bodies, params)
    stake = revealed_stake(lies, every, bodies, params)
    found = bargaining.talk(lies, every, bodies, params, jnp.zeros(stake.shape, int), stake)
    talks = bargaining.flows(found, lies, stake, every.institutions.in_being, jnp.zeros_like(stake))
    every = _with(every, talks=talks)

    response = keeping.response(every.institutions, bodies, params)
    # Nobody is bound yet by what is founded later: only there is it counted among the commitments of members.
    value = jnp.where(
        present.in_being[:, None] > 0,
        keeping.net_value(_with(every, institutions=present), bodies, params, commitment),
        keeping.net_value(every, bodies, params, commitment),
    )
    intercept = intercept_of(value, response, params.mean_compliance, present.member)
    held = compliance(value, intercept, response)
    record = keeping.own_record(held, present, params, jnp.full(world.reputation.shape, params.mean_compliance))
    every = _with(every, reputation=record, delivery=keeping.delivered(held, every, bodies, params))

    reference = _reference(every, geography, bodies, params, lies, stake, commitment)
    shared = jnp.maximum(commitment, density.LEAST_SHARED)
    trusted = bargaining.trust(_with(every, institutions=present), params, shared, record)
    reference = dataclasses.replace(
        reference,
        trust=jnp.where(present.in_being > 0, trusted, reference.trust),
        overlap=jnp.where(present.in_being > 0, keeping.overlap(present, bodies), reference.overlap),
    )
    lives = present.in_being
    settled = dataclasses.replace(
        present, text=lies.text * lives[:, None], legitimacy=reference.legitimacy * lives, reference=reference
    )
    now = bargaining.flows(found, lies, stake, lives, found.hazard * lives)
    done = _with(world, institutions=settled, talks=now, reputation=record)
    delivery = keeping.delivered(held, done, bodies, params)
    fields = {
        "institutions": settled,
        "talks": now,
        "reputation": record,
        "delivery": delivery,
        "represented": legitimacy.by_input(done, geography, bodies),
    }
    return FirstBodies(fields, lies.text, intercept, commitment)


def _reference(
    every: World,
    geography: Geography,
    bodies: Bodies,
    params: Params,
    lies: bargaining.Proposal,
    stake: Float[Array, " body"],
    commitment: Float[Array, ""],
) -> Reference:
    """Return what bodies refer to: what they are worth, believed, trusted and faced with in the first year."""
    held = every.institutions
    heard = legitimacy.by_input(every, geography, bodies)
    product = heard * output_legitimacy(held.depth, every.delivery.compliance)
    believed = jnp.where(product > 0, jnp.sqrt(jnp.where(product > 0, product, 1.0)), 0.0)
    shared = jnp.maximum(commitment, density.LEAST_SHARED)
    return Reference(
        stake=stake,
        value=single(membership.net_value(every, params)),
        legitimacy=believed,
        trust=bargaining.trust(every, params, shared, every.reputation),
        talks=bargaining.talks_years(every.talks.linked, params),
        outside_hostility=bargaining.outside_hostility(every, geography, held.member, lies.text),
        overlap=keeping.overlap(held, bodies),
    )


def mean_stake(world: World, bodies: Bodies, params: Params) -> Float[Array, " area"]:
    """Return the mean stake of the bodies in being of each area; `default_stake` where there is none."""
    of_area = jax.nn.one_hot(bodies.area, len(AREAS)).T * world.institutions.in_being
    number = of_area.sum(-1)
    return jnp.where(
        number > 0, of_area @ world.institutions.reference.stake / jnp.maximum(number, 1.0), params.default_stake
    )


def _with(world: World, **fields: Any) -> World:
    return dataclasses.replace(world, **fields)
