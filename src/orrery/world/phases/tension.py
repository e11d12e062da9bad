"""Conflict and tension: expected disputes in relevant dyads and between poles feed a slow climate of tension.

Neither polarity nor its gap with multilateralism enters: theories disagree about them (Deutsch & Singer 1964, Waltz
1979), so whatever relation appears between them and tension is a result.
"""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Key

from orrery.world import density
from orrery.world.forcing import Forcing
from orrery.world.params import Params
from orrery.world.world import AnyArray, Geography, Info, Origin, Size, World, pole_capability, pole_mean


def dispute_weight(
    distance: Float[AnyArray, "..."],
    weaker: Float[AnyArray, "..."],
    shared: Float[AnyArray, "..."],
    contiguous: Bool[AnyArray, "..."],
    params: Params,
) -> Float[AnyArray, "..."]:
    """Return `exp(c_d |x_i - x_j| + c_k ln min(k_i, k_j) + c_n contiguous_ij - c_J ln(1 + J_ij))`."""
    return jnp.exp(
        params.dispute_distance * distance
        + params.dispute_capability * jnp.log(weaker)
        + params.dispute_contiguity * contiguous
        - params.dispute_density * jnp.log1p(shared)
    )


def dyad_weight(world: World, geography: Geography, params: Params, shared: Float[AnyArray, ""]) -> Float[AnyArray, ""]:
    """Return the mean dispute weight over relevant dyads of countries; `shared` is the authority that is density 1."""
    one, other = geography.dyad_countries
    return dispute_weight(
        jnp.abs(world.ideal_point[one] - world.ideal_point[other]),
        jnp.minimum(world.capability[one], world.capability[other]),
        density.of_pairs(world.institutions, params, geography.dyad_countries, shared),
        geography.dyad_contiguous,
        params,
    ).mean()


def pole_weight(world: World, geography: Geography, params: Params, shared: Float[AnyArray, ""]) -> Float[AnyArray, ""]:
    """Return the mean dispute weight over pairs of poles, a composite pole counting as one; 0 with a single pole."""
    one, other = np.triu_indices(geography.pole_members.shape[0], k=1)
    if len(one) == 0:
        return jnp.zeros(())
    position, capability = pole_mean(world.ideal_point, world, geography), pole_capability(world, geography)
    between = density.between_poles(world, geography, params, shared)
    return dispute_weight(
        jnp.abs(position[one] - position[other]),
        jnp.minimum(capability[one], capability[other]),
        between[one, other],
        geography.pole_contiguous[one, other],
        params,
    ).mean()


def draw(key: Key[Array, ""], size: Size) -> Float[AnyArray, ""]:
    """Draw a standard normal shock to tension."""
    del size
    return jax.random.normal(key)


def advance(
    chance: Float[AnyArray, ""], world: World, origin: Origin, params: Params, forcing: Forcing
) -> tuple[World, Info]:
    """Advance tension, `T += ρ_T (e^τ (½ D / D_0 + ½ D^pole / D^pole_0) - T) + σ_T ε`, within its floor and cap.

    With a single pole, disputes in relevant dyads alone warrant tension.
    """
    geography, anchors = origin.geography, origin.anchors
    dyads = dyad_weight(world, geography, params, density.unit(origin)) / anchors.dispute_weight
    several = geography.pole_members.shape[0] > 1
    poles = (
        pole_weight(world, geography, params, density.unit(origin)) / anchors.pole_dispute_weight if several else dyads
    )
    shock = params.tension_noise * forcing.noise * chance
    gap = forcing.tension * (dyads + poles) / 2 - world.tension
    tension = world.tension + params.tension_adjustment * gap + shock + forcing.tension_shock
    info = {"dyad_disputes": dyads, "pole_disputes": poles}
    tension = jnp.clip(tension, params.tension_floor, params.tension_cap)
    return dataclasses.replace(world, tension=tension, disputes=dyads), info
