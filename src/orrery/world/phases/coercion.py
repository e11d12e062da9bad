"""Coercion: poles press countries within reach that deliver less alignment than they are supplied for.

Shared memberships moderate (`γ_3 > 0`), do nothing (0), or provoke (`γ_3 < 0`): the sign is for the data.
"""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from orrery.world.forcing import Forcing
from orrery.world.params import Params
from orrery.world.phases.supply import patron_share
from orrery.world.world import AnyArray, Geography, Info, Origin, World, pole_capability, pole_density


def proximity(geography: Geography, params: Params) -> Float[AnyArray, "country pole"]:
    """Return how well a pole reaches a country: 1 across a common border, else `exp(-d_ip / ℓ_g)`."""
    return jnp.where(geography.proximity_contiguous, 1.0, jnp.exp(-geography.distance_km / params.gravity_length_km))


def under_delivery(world: World, negligible: Float[AnyArray, ""]) -> Float[AnyArray, "country pole"]:
    """Return `u_ip = max(0, s_ip - a_ip)`: the part of a patron's share in supply that alignment does not return."""
    return jnp.maximum(0.0, patron_share(world.supply, negligible) - world.portfolio[:, 1:])


def coercion(
    world: World, geography: Geography, params: Params, undelivered: Float[AnyArray, "country pole"]
) -> Float[AnyArray, "country pole"]:
    """Return `c_ip = T prox_ip Λ(γ_0 + γ_1 ln(k_p / k_i) + γ_2 u_ip - γ_3 ln(1 + J_ip))`, Λ logistic.

    0 for countries that are poles: they choose no portfolio that pressure could move.
    """
    leverage = jnp.log(pole_capability(world, geography)) - jnp.log(world.capability)[:, None]
    log_odds = (
        params.coercion_base
        + params.capability_leverage * leverage
        + params.underdelivery_coercion * undelivered
        - params.density_moderation * jnp.log1p(pole_density(world, geography))
    )
    pressure = world.tension * proximity(geography, params) * jax.nn.sigmoid(log_odds)
    return jnp.where(geography.is_country_pole[:, None], 0.0, pressure)


def advance(key: Key[Array, ""], world: World, origin: Origin, params: Params, forcing: Forcing) -> tuple[World, Info]:
    """Set this year's coercion."""
    del key, forcing
    undelivered = under_delivery(world, origin.anchors.negligible_supply)
    pressure = coercion(world, origin.geography, params, undelivered)
    chooses = ~origin.geography.is_country_pole
    info: Info = {"under_delivery": jnp.mean(undelivered, axis=0, where=chooses[:, None])}
    return dataclasses.replace(world, coercion=pressure), info
