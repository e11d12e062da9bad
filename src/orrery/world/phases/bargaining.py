"""Bargaining: every body talks about its text under its own rule; agreement comes at the rate of the closed form.

What is computed is `negotiation.agreement`, for all bodies at once. Countries go into talks from where their caucuses
stand; a text is a compromise of votes and capability; the stake is what the first year reveals, times what has changed
since: problems, connectedness, and what members expect of one another.
"""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from orrery.negotiation.agreement import Agreement, Table, Terms, caucused, compromise, distances, duration, settle
from orrery.world import density
from orrery.world.bodies import Bodies
from orrery.world.forcing import Forcing
from orrery.world.params import Params
from orrery.world.world import (
    AnyArray,
    Geography,
    Info,
    Institutions,
    Origin,
    Size,
    Talks,
    World,
    pole_capability,
    pole_mean,
)

GLOBAL_SHARE = 0.5
"""Share of all countries beyond which a body is global."""
LEAST_STAKE = 1e-3
LEAST_PROVISION = 1e-3
"""Provision below which an area has none: a floor of denominators."""
OWN_DIMENSION = (0, 1, 1, 0)
"""Dimension that each area is about: UN voting for security and general bodies, development for the others."""
LONGEST_TALKS = 50.0
"""Years that talks count for where there is deadlock."""
MOST_RELATIVE = 0.9
"""Largest weight of others' gains."""


class Proposal(NamedTuple):
    """What lies on the tables of the bodies.

    Attributes:
        text: the compromise.
        distance: `D` of every country, member or not.
        influence: `omega`, weight of each member, sum 1; even over all countries where a body has no members.
    """

    text: Float[Array, "body dim"]
    distance: Float[Array, "body country"]
    influence: Float[Array, "body country"]


def positions(world: World, geography: Geography, params: Params) -> Float[Array, "country dim"]:
    """Return where countries stand after caucusing, `x_i + κ Σ_p a_ip (x_p - x_i)`, in both dimensions."""
    own = jnp.stack([world.ideal_point, jnp.asarray(geography.development)], -1)
    poles = jnp.stack([pole_mean(values, world, geography) for values in own.T], -1)
    return caucused(own, world.portfolio[:, 1:], poles, params.caucusing)


def influence(
    member: Float[AnyArray, "body country"], votes: Float[AnyArray, "body country"], world: World
) -> Float[Array, "body country"]:
    """Return `ω_im`, half the share of the votes and half that of the members' capability."""
    halves = [member * votes, member * world.capability]
    sums = [jnp.asarray(half).sum(-1, keepdims=True) for half in halves]
    sits = sums[1] > 0
    weight = sum(half / jnp.where(sits, total, 1.0) for half, total in zip(halves, sums, strict=True)) / 2
    return jnp.where(sits, weight, 1 / member.shape[1])


def salience(area: AnyArray, params: Params) -> Float[Array, "body dim"]:
    """Return the weight of each dimension: `(1 - ι) / 2` of both, and `ι` of the one that the area is about."""
    about = jax.nn.one_hot(jnp.asarray(OWN_DIMENSION)[area], 2)
    return (1 - params.interest_weight) / 2 + params.interest_weight * about


def rivals_at_the_table(weight: Float[AnyArray, "body country"], geography: Geography) -> Float[Array, "body country"]:
    """Return `Σ_j ω_jm Riv_ij`, how much influence the strategic rivals of each country have in a body."""
    faced = weight[:, geography.rival_countries] @ jnp.asarray(geography.rivalry)
    # A last column of 0 stands for all countries without rivals: looking up is much faster than adding in place.
    return jnp.pad(faced, ((0, 0), (0, 1)))[:, geography.rival_place]


def proposal(world: World, geography: Geography, bodies: Bodies, params: Params) -> Proposal:
    """Return texts and distances of all bodies.

    `D_im = Σ_d w_d (x̃_id - p_md)² / Δ² + r_v Σ_j ω_jm Riv_ij`; with relative gains of weight `ρ` each loses what the
    others gain, and `D` becomes `(D_i - ρ D̄) / (1 - ρ)`, `ρ` falling with the number of members (Snidal 1991).
    """
    institutions = world.institutions
    member = institutions.member
    weight = influence(member, bodies.votes, world)
    base = params.rivalry_weight * rivals_at_the_table(weight * member, geography)
    opened = institutions.non_state - bodies.non_state * institutions.in_being
    stands = positions(world, geography, params)
    table = Table(
        position=stands,
        salience=salience(bodies.area, params)[:, None, :],
        influence=weight,
        scale=params.distance_unit,
        extra=base + params.non_state_heterogeneity * jnp.maximum(opened, 0.0)[:, None],
    )
    text = compromise(table, Terms(stake=1.0))
    apart = distances(table, text)
    return Proposal(text, _relative(apart, member, world, params), weight)


def _relative(
    apart: Float[Array, "body country"], member: Float[AnyArray, "body country"], world: World, params: Params
) -> Float[Array, "body country"]:
    held = member.sum(-1)
    mean = jnp.where(jnp.asarray(member) > 0, apart, 0.0).sum(-1) / jnp.maximum(held, 1.0)
    jealous = jnp.minimum(params.relative_gains * world.tension / jnp.maximum(held - 1, 1.0), MOST_RELATIVE)
    return (apart - (jealous * mean)[:, None]) / (1 - jealous)[:, None]


def trust(world: World, params: Params, shared: Float[AnyArray, ""], record: Float[AnyArray, " country"]) -> Array:
    """Return the factor on each body's stake, `1 - w (1 - ρ̄_m)`, `ρ̄_m` the mean record of its members.

    Where credit history counts, changes of the record since the first year (`record`) are known as far as the body's
    members are bound to others: `N / (1 + N)` relative to a country of mean commitments.
    """
    member = world.institutions.member
    held = jnp.maximum(member.sum(-1), 1.0)
    bound = density.commitments(world.institutions, params) / shared
    known = (member @ (2 * bound / (1 + bound))) / held
    seen = 1 - params.credit_history + params.credit_history * known
    first, change = (member @ record) / held, (member @ (world.reputation - record)) / held
    return jnp.where(member.sum(-1) > 0, 1 - params.trust_weight * (1 - first - seen * change), 1.0)


def outside_hostility(
    world: World, geography: Geography, member: Float[AnyArray, "body country"], text: Float[AnyArray, "body dim"]
) -> Float[Array, " body"]:
    """Return the hostility of the poles outside: `Σ_p k_p (1 - in_pm) ½ (x_p - p_m)² T / Σ_p k_p`."""
    strength = pole_capability(world, geography)
    inside = (member @ (geography.pole_members * world.capability).T) / strength
    apart = (pole_mean(world.ideal_point, world, geography) - text[:, :1]) ** 2 / 2 * world.tension
    return (apart * (1 - inside)) @ strength / strength.sum()


def is_global(member: Float[AnyArray, "body country"]) -> Array:
    """Tell which bodies have more than half of all countries as members."""
    return member.sum(-1) > GLOBAL_SHARE * member.shape[1]


def stakes(world: World, origin: Origin, params: Params, forcing: Forcing) -> Float[Array, " body"]:
    """Return `S_m = S_m0 H_e^ζ (C / C_0)^(ξ global_m)` times change in trust, and what extensions and levers do."""
    institutions, anchors, bodies = world.institutions, origin.anchors, origin.bodies
    reference, member = institutions.reference, institutions.member
    openness = world.connectedness / anchors.connectedness
    worldwide = is_global(member)
    elsewhere = provision_elsewhere(world, origin, params)
    obstructed = outside_hostility(world, origin.geography, member, institutions.text) - reference.outside_hostility
    logs = (
        params.problem_elasticity * jnp.log(world.problems)[bodies.area]
        + jnp.where(worldwide, params.connectedness_elasticity * jnp.log(openness), 0.0)
        + params.spillover * elsewhere[bodies.area]
        - jnp.where(worldwide, 0.0, params.obstruction * obstructed)
    )
    believed = trust(world, params, jnp.maximum(anchors.commitment, density.LEAST_SHARED), anchors.reputation)
    factor = jnp.exp(logs) * jnp.asarray(forcing.stakes)[bodies.area] * believed / reference.trust
    return jnp.maximum(reference.stake * factor, LEAST_STAKE)


def provision_elsewhere(world: World, origin: Origin, params: Params) -> Float[Array, " area"]:
    """Return the mean over the other areas of the log of last year's provision over that of the first year."""
    first = origin.anchors.provision
    # Where nothing was delivered, less than what counts as the first year's is nothing still.
    least = jnp.where(first > LEAST_PROVISION, LEAST_PROVISION, params.default_provision)
    logs = jnp.log(jnp.maximum(world.delivery.provision, least)) - jnp.log(jnp.maximum(first, least))
    return (logs.sum() - logs) / (len(logs) - 1)


def first_provision(provision: AnyArray, params: Params) -> Array:
    """Return the provision of the first year that later ones are compared with, `default_provision` without any."""
    return jnp.where(provision > LEAST_PROVISION, provision, params.default_provision)


def terms(stake: AnyArray, institutions: Institutions, params: Params) -> Terms:
    """Return the terms of the talks: linkage in proportion to formality."""
    return Terms(stake=stake, linkage=params.linkage * institutions.formality, concession=params.concession)


def talk(lies: Proposal, world: World, bodies: Bodies, params: Params, version: AnyArray, stake: AnyArray) -> Agreement:
    """Return what the talks of all bodies come to."""
    rule = bodies.rules.sitting(jnp.asarray(world.institutions.member), jnp.asarray(version))
    return settle(lies.text, lies.distance, lies.influence, terms(stake, world.institutions, params), rule)


def talks_years(linked: AnyArray, params: Params) -> Float[Array, " body"]:
    """Return `K`, how long the talks of each body last, at most `LONGEST_TALKS`."""
    return jnp.minimum(duration(linked, params.concession), LONGEST_TALKS)


def flows(found: Agreement, lies: Proposal, stake: AnyArray, in_being: AnyArray, decided: AnyArray) -> Talks:
    """Return the talks of a year as later phases read them."""
    talking = jnp.asarray(in_being) > 0
    return Talks(
        stake=jnp.asarray(stake),
        distance=lies.distance,
        binding=jnp.where(talking, found.binding, 0.0),
        linked=jnp.where(talking, found.linked, 0.0),
        decided=jnp.where(talking, decided, 0.0),
    )


def draw(key: Key[Array, ""], size: Size) -> Float[AnyArray, " body"]:
    """Draw a uniform number for the talks of every body."""
    return jax.random.uniform(key, (size.n_bodies,))


def advance(
    chance: Float[AnyArray, " body"], world: World, origin: Origin, params: Params, forcing: Forcing
) -> tuple[World, Info]:
    """Hold this year's talks; where they end in agreement, depth and text become what was agreed."""
    institutions = world.institutions
    lies = proposal(world, origin.geography, origin.bodies, params)
    stake = stakes(world, origin, params, forcing)
    found = talk(lies, world, origin.bodies, params, forcing.rule_version, stake)
    drawn = chance < found.hazard
    decided = jnp.where(forcing.noise > 0, drawn, found.hazard) * institutions.in_being
    changed = dataclasses.replace(
        institutions,
        depth=institutions.depth + decided * (found.depth - institutions.depth),
        text=institutions.text + decided[:, None] * (found.text - institutions.text),
    )
    talks = flows(found, lies, stake, institutions.in_being, decided)
    n_bodies = jnp.maximum(institutions.in_being.sum(), 1.0)
    deadlocked = ((talks.linked <= 0) * institutions.in_being).sum() / n_bodies
    info: Info = {"decisions": decided.sum(), "deadlocked": deadlocked}
    return dataclasses.replace(world, institutions=changed, talks=talks), info
