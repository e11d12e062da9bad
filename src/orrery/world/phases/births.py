"""Births of ad hoc bodies: somebody invites those who are close, and if they agree there is a body.

In each area at most one is born in a year, at the rate `h_b H_e` per open place. The initiator is drawn in proportion
to `k^η_i`; it invites the nearest in the space of positions, with some chance; among them the closed form decides by
unanimity whether there is an agreement, and how deep. Whether it is formal weighs what enforcement adds against the
cost of setting up, which is spread over a horizon that tension shortens.
"""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

from orrery.base.keys import named_key
from orrery.negotiation.agreement import Agreement, Table, Terms, compromise, distances, payoff, settle
from orrery.negotiation.standing_rules import StandingRules
from orrery.world.bodies import N_AREAS
from orrery.world.forcing import Forcing
from orrery.world.params import Params
from orrery.world.phases import bargaining
from orrery.world.phases.bargaining import Proposal, talks_years
from orrery.world.phases.compliance import membership_cost
from orrery.world.world import AnyArray, Institutions, Origin, Reference, Size, World, single

ROUNDING = 1e-6
"""Distance below which two countries are equally far: more than single precision cannot tell apart."""


class Chance(NamedTuple):
    """What births leave to chance: uniform numbers, and Gumbel ones for choices among countries."""

    attempts: Float[AnyArray, "*axes area"]
    initiator: Float[AnyArray, "*axes area country"]
    invitation: Float[AnyArray, "*axes area country"]
    size: Float[AnyArray, "*axes area"]
    formality: Float[AnyArray, "*axes area"]


def draw(key: Key[Array, ""], size: Size) -> Chance:
    """Draw what births depend on, each by a stream of its own."""
    of_each = (N_AREAS, size.n_countries)
    return Chance(
        attempts=jax.random.uniform(named_key(key, "attempts"), (N_AREAS,)),
        initiator=jax.random.gumbel(named_key(key, "initiator"), of_each),
        invitation=jax.random.gumbel(named_key(key, "invitation"), of_each),
        size=jax.random.uniform(named_key(key, "size"), (N_AREAS,)),
        formality=jax.random.uniform(named_key(key, "formality"), (N_AREAS,)),
    )


def invited(
    chance: Chance, stands: Float[Array, "country dim"], capability: AnyArray, params: Params
) -> Float[Array, "area country"]:
    """Return the founders of a body in each area: an initiator and those nearest to it."""
    n_countries = stands.shape[0]
    pull = params.initiator_size * jnp.log(capability)
    initiator = jnp.argmax(pull + chance.initiator, -1)
    apart = jnp.sqrt(((stands[None] - stands[initiator][:, None]) ** 2).sum(-1)) / params.distance_unit
    far = apart + params.founding_noise * chance.invitation
    far = jnp.where(jnp.arange(n_countries) == initiator[:, None], far.min(-1, keepdims=True) - 1, far)
    most = jnp.minimum(params.largest_founding, float(n_countries))
    wanted = params.smallest_founding + (most + 1 - params.smallest_founding) * chance.size
    number = jnp.minimum(jnp.floor(wanted), most).astype(int)
    # Compiled, a number may be worked out anew and differ in its last digit; the farthest founder is to count.
    bound = jnp.take_along_axis(jnp.sort(single(far), -1), number[:, None] - 1, -1) + ROUNDING
    return 1.0 * (far <= bound)


def formal(chance: Float[AnyArray, " area"], world: World, params: Params) -> Float[Array, " area"]:
    """Return the formality of what is founded, formal with probability `Λ(E d̄ δ^T - f_b - F_s (1 - δ^T))`."""
    institutions = world.institutions
    mean_depth = institutions.depth.sum() / jnp.maximum(institutions.in_being.sum(), 1.0)
    horizon = params.patience**world.tension
    gain = params.enforcement * mean_depth * horizon - params.overhead - params.setup_cost * (1 - horizon)
    return jnp.where(chance < jax.nn.sigmoid(gain), params.formal_formality, params.informal_formality)


def proposed(
    founders: Float[Array, "area country"],
    formality: AnyArray,
    world: World,
    origin: Origin,
    params: Params,
    stake: AnyArray,
) -> tuple[Proposal, Agreement]:
    """Return what the founders of each area lay on the table, and what comes of it under unanimity."""
    weight = bargaining.influence(founders, jnp.ones_like(founders), world)
    extra = params.rivalry_weight * bargaining.rivals_at_the_table(weight * founders, origin.geography)
    stands = bargaining.positions(world, origin.geography, params)
    table = Table(
        position=stands,
        salience=bargaining.salience(jnp.arange(N_AREAS), params)[:, None, :],
        influence=weight,
        scale=params.distance_unit,
        extra=extra,
    )
    terms = Terms(stake=stake, linkage=params.linkage * formality, concession=params.concession)
    text = compromise(table, terms)
    lies = Proposal(text, distances(table, text), weight)
    places = jnp.arange(N_AREAS)
    rules = StandingRules(
        unanimous=jnp.ones_like(founders),
        weight=jnp.ones((0, founders.shape[1])),
        share=jnp.ones((0,)),
        row_body=places,
        places=places[None, :, None, None],
    )
    return lies, settle(text, lies.distance, weight, terms, rules.sitting(founders, jnp.zeros_like(places)))


def first_open(institutions: Institutions, origin: Origin) -> tuple[Int[Array, " area"], Float[Array, " area"]]:
    """Return the first empty open place of each area (0 where there is none), and how many there are."""
    free = jnp.asarray(origin.bodies.open_place) & (institutions.in_being == 0)
    of_area = free & (jnp.asarray(origin.bodies.area) == jnp.arange(N_AREAS)[:, None])
    return jnp.argmax(of_area, -1), 1.0 * of_area.sum(-1)


def put(rows: Float[Array, "area ..."], table: AnyArray, place: Int[Array, " area"]) -> Array:
    """Return a table over bodies with the rows of the areas in their places; one outside is left out."""
    return jnp.asarray(table).at[place].set(rows.astype(table.dtype), mode="drop", unique_indices=True)


class _Laid(NamedTuple):
    """What was laid on the tables of the areas, and what came of it."""

    lies: Proposal
    found: Agreement
    stake: Float[Array, " area"]
    formality: Float[Array, " area"]


def _referred(
    world: World, origin: Origin, params: Params, founders: Float[Array, "area country"], at: _Laid
) -> Reference:
    """Return what bodies just born refer to: what they are at their birth."""
    area = jnp.asarray(origin.bodies.area)
    n_founders = founders.sum(-1)
    worth = payoff(at.found.depth[:, None], at.lies.distance, at.stake[:, None])
    cost = membership_cost(at.formality, n_founders, params)[:, None] * (1 + params.status_demand * world.status)
    seats = jax.nn.one_hot(area, N_AREAS).T @ world.institutions.member
    return Reference(
        stake=jnp.asarray(origin.anchors.stake),
        value=worth - cost,
        legitimacy=jnp.sqrt(at.found.depth * params.mean_compliance),
        trust=1 - params.trust_weight * (1 - founders @ world.reputation / n_founders),
        talks=talks_years(at.found.linked, params),
        outside_hostility=bargaining.outside_hostility(world, origin.geography, founders, at.lies.text),
        overlap=(founders * seats).sum(-1) / n_founders,
    )


def born(
    chance: Chance, world: World, origin: Origin, params: Params, forcing: Forcing
) -> tuple[World, Float[Array, ""]]:
    """Return the world after this year's births, and how many there were."""
    first, free = first_open(world.institutions, origin)
    rate = params.birth_hazard * forcing.births * world.problems * free * jnp.minimum(forcing.noise, 1.0)
    attempted = chance.attempts < -jnp.expm1(-rate)
    # In many years nobody tries, and then there is nothing to work out.
    return jax.lax.cond(
        attempted.any(),
        lambda: _tried(chance, jnp.where(attempted, first, -1), world, origin, params, forcing),
        lambda: (world, jnp.zeros(())),
    )


def _tried(
    chance: Chance, place: Int[Array, " area"], world: World, origin: Origin, params: Params, forcing: Forcing
) -> tuple[World, Float[Array, ""]]:
    """Return what comes of attempts to found a body at a place, -1 where there is none, and how many succeed."""
    institutions, anchors = world.institutions, origin.anchors
    stands = bargaining.positions(world, origin.geography, params)
    founders = invited(chance, stands, world.capability, params)
    formality = formal(chance.formality, world, params)
    grown = world.problems**params.problem_elasticity * forcing.stakes
    stake = jnp.maximum(anchors.stake * grown, bargaining.LEAST_STAKE)
    lies, found = proposed(founders, formality, world, origin, params, stake)
    happens = (place >= 0) & found.agreed
    # Places behind the last, each its own, for what is not born.
    place = jnp.where(happens, place, institutions.in_being.shape[0] + jnp.arange(N_AREAS))
    reference = _referred(world, origin, params, founders, _Laid(lies, found, stake, formality))
    changed = dataclasses.replace(
        institutions,
        member=put(founders, institutions.member, place),
        in_being=put(jnp.ones(N_AREAS), institutions.in_being, place),
        depth=put(found.depth, institutions.depth, place),
        text=put(lies.text, institutions.text, place),
        formality=put(formality, institutions.formality, place),
        legitimacy=put(reference.legitimacy, institutions.legitimacy, place),
        reference=jax.tree.map(lambda now, old: put(now, old, place), reference, institutions.reference),
    )
    talks = dataclasses.replace(
        world.talks,
        stake=put(stake, world.talks.stake, place),
        distance=put(lies.distance, world.talks.distance, place),
        linked=put(found.linked, world.talks.linked, place),
    )
    return dataclasses.replace(world, institutions=changed, talks=talks), 1.0 * happens.sum()
