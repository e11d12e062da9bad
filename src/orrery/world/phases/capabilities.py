"""Capabilities: shares of the world's power grow at exogenous rates, with shocks."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from orrery.world.forcing import Forcing
from orrery.world.params import Params
from orrery.world.world import AnyArray, Info, Origin, Size, World


def draw(key: Key[Array, ""], size: Size) -> Float[AnyArray, " country"]:
    """Draw standard normal shocks to capabilities."""
    return jax.random.normal(key, (size.n_countries,))


def advance(
    chance: Float[AnyArray, " country"], world: World, origin: Origin, params: Params, forcing: Forcing
) -> tuple[World, Info]:
    """Advance capability, `ln k_i += μ_i + σ_k ε_i`, and renormalise to shares."""
    del origin
    shock = params.capability_noise * forcing.noise * chance
    capability = jax.nn.softmax(jnp.log(world.capability) + forcing.capability_growth + shock)
    return dataclasses.replace(world, capability=capability), {}
