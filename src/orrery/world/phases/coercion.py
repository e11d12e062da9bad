"""Coercion: poles press countries within reach that deliver less alignment than they are supplied for.

Shared memberships moderate (`γ_3 > 0`), do nothing (0), or provoke (`γ_3 < 0`): the sign is for the data.
"""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from orrery.world import density
from orrery.world.forcing import Forcing
from orrery.world.params import Params
from orrery.world.phases.supply import patron_share
from orrery.world.world import AnyArray, Geography, Info, Origin, World, pole_capability


def proximity(geography: Geography, params: Params) -> Float[AnyArray, "country pole"]:
    """Return how well a pole reaches a country: 1 across a common border, else `exp(-d_ip / ℓ_g)`."""
    return jnp.where(geography.proximity_contiguous, 1.0, jnp.exp(-geography.distance_km / params.gravity_length_km))


def under_delivery(world: World, negligible: Float[AnyArray, ""]) -> Float[AnyArray, "country pole"]:
    """Return `u_ip = max(0, s_ip - a_ip)`: the part of a patron's share in supply that alignment does not return."""
    return jnp.maximum(0.0, patron_share(world.supply, negligible) - world.portfolio[:, 1:])


def coercion(
    world: World,
    geography: Geography,
    params: Params,
    undelivered: Float[AnyArray, "country pole"],
    shared: Float[AnyArray, ""],
) -> Float[AnyArray, "country pole"]:
    """Return `c_ip = T prox_ip Λ(γ_0 + γ_1 ln(k_p / k_i) + γ_2 u_ip - γ_3 ln(1 + J_ip))`, Λ logistic.

    0 for countries that are poles: they choose no portfolio that pressure could move. Where status counts, more is
    expected of the successful: `u_ip` is multiplied by `1 + x_st st_i`. `shared` is the authority that is density 1.
    """
    leverage = jnp.log(pole_capability(world, geography)) - jnp.log(world.capability)[:, None]
    log_odds = (
        params.coercion_base
        + params.capability_leverage * leverage
        + params.underdelivery_coercion * undelivered * (1 + params.status_demand * world.status)[:, None]
        - params.density_moderation * jnp.log1p(density.with_poles(world, geography, params, shared))
    )
    pressure = world.tension * proximity(geography, params) * jax.nn.sigmoid(log_odds)
    return jnp.where(geography.is_country_pole[:, None], 0.0, pressure)


def kept_away(guarantee: Float[AnyArray, "country pole"]) -> Float[AnyArray, "country pole"]:
    """Return the part of each pole's coercion that the guarantees of the others let through, `Π_{q≠p} (1 - g_iq)`."""
    others = ~np.eye(guarantee.shape[-1], dtype=bool)
    return jnp.prod(jnp.where(others, 1 - jnp.asarray(guarantee)[:, None, :], 1.0), axis=-1)


def advance(chance: None, world: World, origin: Origin, params: Params, forcing: Forcing) -> tuple[World, Info]:
    """Set this year's coercion, with what levers add and guarantees keep away."""
    del chance
    geography = origin.geography
    undelivered = under_delivery(world, origin.anchors.negligible_supply)
    pressure = coercion(world, geography, params, undelivered, density.unit(origin)) + forcing.pressure
    chooses = ~geography.is_country_pole[:, None]
    pressure = jnp.where(chooses, pressure * kept_away(forcing.guarantee), 0.0)
    info: Info = {"under_delivery": jnp.mean(undelivered, axis=0, where=chooses)}
    return dataclasses.replace(world, coercion=pressure), info
