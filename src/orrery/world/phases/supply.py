"""Supply: each pole spends a budget on the other countries, by a gravity rule; poles contest each country.

A gravity rule of allocation (size, distance in space and in positions; Alesina & Dollar 2000) and a contest of patrons
in the manner of Tullock (1980).
"""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
from jaxtyping import Float

from orrery.world.bodies import Bodies
from orrery.world.forcing import Forcing
from orrery.world.params import Params
from orrery.world.world import AnyArray, Geography, Info, Origin, World, pole_capability, pole_mean


def position_distance(world: World, geography: Geography, params: Params) -> Float[AnyArray, "country pole"]:
    """Return the squared distance of each country and pole in both dimensions, in squared units Δ."""
    ideal_point = world.ideal_point[:, None] - pole_mean(world.ideal_point, world, geography)
    development = geography.development[:, None] - pole_mean(geography.development, world, geography)
    return (ideal_point**2 + development**2) / params.distance_unit**2


def budget(
    world: World, geography: Geography, propensity: Float[AnyArray, " pole"], openness: Float[AnyArray, ""]
) -> Float[AnyArray, " pole"]:
    """Return what each pole spends on others, `R_p = k_p ω_p C / C_0`, with `openness = C / C_0`."""
    return pole_capability(world, geography) * propensity * openness


def allocation(
    world: World, geography: Geography, bodies: Bodies, params: Params, openness: Float[AnyArray, ""]
) -> Float[AnyArray, "country pole"]:
    """Return the part of each pole's budget that each country gets; columns sum to 1.

    Proportional to `k_i^η exp(-D_ip / 2) exp(-(d_ip / ℓ_g) (C_0 / C)^ν) exp(φ_U seat_i)`, `seat_i` whether a country
    sits in the Security Council (Kuziemko & Werker 2006). Countries that are poles themselves have no
    alignment to win and get nothing. Computed in logarithms, so that it stays a distribution however dear distance is.
    """
    remoteness = geography.distance_km / params.gravity_length_km * openness**-params.distance_decay
    attraction = (
        params.recipient_size * jnp.log(world.capability)[:, None]
        - position_distance(world, geography, params) / 2
        - remoteness
        + params.council_seat * (bodies.grants_seat @ world.institutions.member)[:, None]
    )
    return jax.nn.softmax(jnp.where(geography.is_country_pole[:, None], -jnp.inf, attraction), axis=0)


def patron_share(
    supply: Float[AnyArray, "country pole"], negligible: Float[AnyArray, ""]
) -> Float[AnyArray, "country pole"]:
    """Return each pole's share of what a country is supplied with; 0 where supply is negligible: no patron."""
    return jnp.asarray(supply / (supply.sum(-1, keepdims=True) + negligible))


def advance(chance: None, world: World, origin: Origin, params: Params, forcing: Forcing) -> tuple[World, Info]:
    """Set this year's supply, `b_ip = R_p × allocation_ip`, with what levers open, close and grant."""
    del chance
    geography = origin.geography
    openness = world.connectedness / origin.anchors.connectedness
    spent = budget(world, geography, geography.outward_propensity * forcing.outward_propensity, openness)
    ordinary = spent * allocation(world, geography, origin.bodies, params, openness) * forcing.access
    granted = pole_capability(world, geography) * forcing.grants
    chooses = ~geography.is_country_pole[:, None]
    supply = ordinary + jnp.where(chooses, granted, 0.0)
    return dataclasses.replace(world, supply=supply), {"budget": spent}
