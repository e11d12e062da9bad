"""Ideal points: positions are pulled by patrons, coercion and fellow members, and held by an anchor.

The anchor is Friedkin & Johnsen's (1990) stubbornness: without it influence collapses into a consensus that the record
of votes does not show. The net pull of the first year is subtracted, so that only changes of influence move anybody.
"""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key

from orrery.world import density
from orrery.world.forcing import Forcing
from orrery.world.params import Params
from orrery.world.world import AnyArray, Geography, Info, Origin, Size, World, pole_mean

LEAST_TIES = 1e-3
"""Sum of shared authority below which a country has no fellow members."""


def influence(world: World, geography: Geography, params: Params) -> Float[AnyArray, " country"]:
    """Return the net pull on each position, UN ideal-point units per year.

    `λ_p Σ_p a_ip (x_p - x_i) - λ_c Σ_p c_ip (x_p - x_i) + λ_m Σ_j J̄_ij (x_j - x_i)`, rows of `J̄` sum to 1.
    """
    position = world.ideal_point
    toward_poles = pole_mean(position, world, geography) - position[:, None]
    patrons = (world.portfolio[:, 1:] * toward_poles).sum(-1)
    coercers = (world.coercion * toward_poles).sum(-1)
    sums, ties = density.fellow_members(world.institutions, params, position)
    members = (sums - ties * position) / jnp.maximum(ties, LEAST_TIES)
    return params.patron_pull * patrons - params.coercion_pull * coercers + params.comember_pull * members


def student_t4(key: Key[Array, ""], shape: tuple[int, ...]) -> Float[AnyArray, "..."]:
    """Draw Student t with 4 degrees of freedom, variance 2, by its closed-form quantile (Shaw 2006)."""
    uniform = jax.random.uniform(key, shape, minval=np.finfo(np.float32).tiny)
    # Far in either tail 4 u (1 - u) underflows in single precision without the floor.
    alpha = jnp.maximum(4 * uniform * (1 - uniform), np.finfo(np.float32).tiny)
    ratio = jnp.cos(jnp.arccos(jnp.sqrt(alpha)) / 3) / jnp.sqrt(alpha)
    return jnp.sign(uniform - 0.5) * 2 * jnp.sqrt(ratio - 1)


def draw(key: Key[Array, ""], size: Size) -> Float[AnyArray, " country"]:
    """Draw the shocks to positions, of variance 2."""
    return student_t4(key, (size.n_countries,))


def advance(
    chance: Float[AnyArray, " country"], world: World, origin: Origin, params: Params, forcing: Forcing
) -> tuple[World, Info]:
    """Advance positions, `x_i += influence_i - influence_i0 + φ_x (x_i0 - x_i) + σ_x t_4 / √2`."""
    anchors = origin.anchors
    pull = influence(world, origin.geography, params) - anchors.influence
    home = params.anchor_strength * (anchors.ideal_point - world.ideal_point)
    scale = params.ideal_point_noise * forcing.noise / jnp.sqrt(2.0)
    shock = scale * chance
    info: Info = {"influence": jnp.sqrt(jnp.mean(pull**2))}
    return dataclasses.replace(world, ideal_point=world.ideal_point + pull + home + shock), info
