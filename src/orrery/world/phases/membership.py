"""Membership and the population of bodies: who joins and leaves, which bodies die, which are born (`births`).

Rates are those of the record where membership is worth what it was in the first year, and respond to changes since.
Where shocks are off nothing happens by chance.
"""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from orrery.base.keys import TableBits, named_key, table_bits, uniform_table
from orrery.negotiation.agreement import payoff
from orrery.world.bodies import Bodies
from orrery.world.forcing import Forcing
from orrery.world.params import Params
from orrery.world.phases import births
from orrery.world.phases.bargaining import talks_years
from orrery.world.phases.compliance import membership_cost
from orrery.world.world import AnyArray, Info, Institutions, Origin, Size, World, single

TYPICAL_MEMBERS = 20
"""Members of the body whose death rate `death_hazard` is."""
FORMAL = 0.5
"""Formality from which a body counts as formal."""
FEWEST = 2
"""Members without whom there is no body."""


class Chance(NamedTuple):
    """What the phase leaves to chance."""

    moves: TableBits
    deaths: Float[AnyArray, "*axes body"]
    births: births.Chance


def draw(key: Key[Array, ""], size: Size) -> Chance:
    """Draw who moves, which bodies die, and what births depend on."""
    return Chance(
        moves=table_bits(named_key(key, "moves"), size.n_bodies, size.n_countries),
        deaths=jax.random.uniform(named_key(key, "deaths"), (size.n_bodies,)),
        births=births.draw(named_key(key, "births"), size),
    )


def net_value(world: World, params: Params) -> Float[Array, "body country"]:
    """Return `NV_im = V_im(d, S) - f_b f_m √(n_m / 50)`, what membership is or would be worth to every country.

    Where status counts, successful countries are expected to carry more of the cost.
    """
    institutions, talks = world.institutions, world.talks
    worth = payoff(institutions.depth[:, None], talks.distance, talks.stake[:, None])
    cost = membership_cost(institutions.formality, institutions.member.sum(-1), params)
    return worth - cost[:, None] * (1 + params.status_demand * world.status)


def resistance(world: World, bodies: Bodies, params: Params) -> Float[Array, "body country"]:
    """Return how far members resist a candidate, `θ_a θ_m χ_m [φ*_m - φ_im]_+`, in log odds.

    They resist whoever would become the one that binds their decisions, the more, the more consent their rule needs and
    the better outsiders can be kept from the benefits.
    """
    talks = world.talks
    acceptability = 1 - talks.distance / (2 * talks.stake[:, None])
    behind = jnp.maximum(talks.binding[:, None] - acceptability, 0.0)
    return params.admission_guard * (bodies.strictness * bodies.excludability)[:, None] * behind


def moved(
    chance: TableBits,
    change: Float[AnyArray, "body country"],
    world: World,
    origin: Origin,
    params: Params,
    forcing: Forcing,
) -> Float[Array, "body country"]:
    """Return who is a member after this year's exits and entries, those that a scenario holds in or out included.

    The odds that a member leaves in a year are `h_x exp(-β_x ΔNV)`, that a candidate joins `h_j exp(β_x ΔNV)` times
    `exp(-resistance)`; `change` is `β_x ΔNV`. Single precision is enough for chances of a thousandth, and tables of
    bodies and countries in it are read in half the time.
    """
    bodies, institutions = origin.bodies, world.institutions
    inside = institutions.member > 0
    leaving = single(jnp.log(params.exit_hazard * forcing.exits)) - change
    joining = single(jnp.log(params.join_hazard)) + change - single(resistance(world, bodies, params))
    odds = jnp.where(inside, leaving, jnp.where(bodies.eligible, joining, -jnp.inf))
    probability = jax.nn.sigmoid(odds) * single(jnp.minimum(forcing.noise, 1.0))
    drawn = uniform_table(chance) < probability
    fixed = bodies.elected | bodies.follows | (institutions.in_being == 0)
    member = jnp.where(drawn & ~fixed[:, None], 1 - institutions.member, institutions.member)
    held = jnp.asarray(forcing.membership)
    member = jnp.where(held == 0, member, jnp.where(held > 0, 1.0, 0.0))
    of_parent = member[jnp.maximum(bodies.parent, 0)]
    organ = jnp.asarray(bodies.parent >= 0)[:, None]
    member = jnp.where(bodies.follows[:, None], of_parent, jnp.where(organ, member * of_parent, member))
    return member * institutions.in_being[:, None]


def survives(
    chance: Float[AnyArray, " body"],
    change: Float[AnyArray, "body country"],
    world: World,
    member: Float[AnyArray, "body country"],
    bodies: Bodies,
    params: Params,
    forcing: Forcing,
) -> Float[Array, " body"]:
    """Return 1 for bodies that outlive the year.

    The rate of death is `h_d (n / 20)^(-m_n) exp(-3 β_x mean ΔNV)`, times `m_i` for informal bodies; with quick deals,
    bodies that talked longer than in the first year die less. An organ dies with its parent, and a body with fewer
    than two members; `change` is `β_x ΔNV`.
    """
    institutions = world.institutions
    n_members = member.sum(-1)
    mean_change = jnp.where(member > 0, change, 0.0).sum(-1) / jnp.maximum(n_members, 1.0)
    learnt = jnp.log(0.25 + talks_years(world.talks.linked, params)) - jnp.log(0.25 + institutions.reference.talks)
    rate = params.death_hazard * forcing.deaths * jnp.minimum(forcing.noise, 1.0)
    rate *= (jnp.maximum(n_members, 1.0) / TYPICAL_MEMBERS) ** -params.size_mortality
    rate *= jnp.where(institutions.formality < FORMAL, params.informal_mortality, 1.0)
    rate *= jnp.exp(-3 * mean_change - params.quick_deals * learnt)
    dies = chance < -jnp.expm1(-rate)
    lives = institutions.in_being * ~dies * (n_members >= FEWEST)
    return lives * jnp.where(jnp.asarray(bodies.parent) >= 0, lives[jnp.maximum(bodies.parent, 0)], 1.0)


def buried(institutions: Institutions, member: AnyArray, lives: AnyArray) -> Institutions:
    """Return the bodies that are left; what others held is 0."""
    return dataclasses.replace(
        institutions,
        member=member * lives[:, None],
        in_being=lives,
        depth=institutions.depth * lives,
        text=institutions.text * lives[:, None],
        formality=institutions.formality * lives,
        legitimacy=institutions.legitimacy * lives,
        non_state=institutions.non_state * lives,
    )


def opened(institutions: Institutions, params: Params, trend: AnyArray) -> Institutions:
    """Return the bodies after those who are not countries have come in further, where that is switched on."""
    way = trend * params.non_state_growth * (1 - institutions.non_state) * institutions.in_being
    return dataclasses.replace(institutions, non_state=institutions.non_state + way)


def founded(world: World, origin: Origin, forcing: Forcing) -> World:
    """Return the world after a scenario has founded bodies: founders, depth and formality are those it gave."""
    bodies, institutions = origin.bodies, world.institutions
    new = (jnp.asarray(forcing.founding) > 0) & (institutions.in_being == 0)
    row = new[:, None]
    changed = dataclasses.replace(
        institutions,
        member=jnp.where(row, 1.0 * bodies.member, institutions.member),
        in_being=jnp.where(new, 1.0, institutions.in_being),
        depth=jnp.where(new, bodies.depth, institutions.depth),
        formality=jnp.where(new, bodies.formality, institutions.formality),
        text=jnp.where(row, origin.anchors.text, institutions.text),
        legitimacy=jnp.where(new, institutions.reference.legitimacy, institutions.legitimacy),
        non_state=jnp.where(new, bodies.non_state, institutions.non_state),
    )
    return dataclasses.replace(world, institutions=changed)


def advance(chance: Chance, world: World, origin: Origin, params: Params, forcing: Forcing) -> tuple[World, Info]:
    """Let countries leave and join, bodies die, and others be born or founded."""
    before, bodies = world.institutions, origin.bodies
    # The same value rounds to the same number, so that nothing changes where nothing has changed.
    value = net_value(world, params).astype(jnp.float32)
    change = single(params.membership_response) * (value - before.reference.value)
    member = moved(chance.moves, change, world, origin, params, forcing)
    lives = survives(chance.deaths, change, world, member, bodies, params, forcing)
    was = before.member * before.in_being[:, None]
    info: Info = {
        "exits": jnp.where(was > member, 1.0, 0.0).sum(),
        "entries": jnp.where(was < member, 1.0, 0.0).sum(),
        "deaths": (before.in_being - lives).sum(),
    }
    world = dataclasses.replace(
        world,
        institutions=opened(buried(before, member, lives), params, forcing.problem_trend),
        delivery=dataclasses.replace(world.delivery, compliance=world.delivery.compliance * lives),
    )
    world = founded(world, origin, forcing)
    world, born = births.born(chance.births, world, origin, params, forcing)
    return world, info | {"births": born}
