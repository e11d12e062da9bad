"""Capabilities: shares of the world's power grow at exogenous rates, with shocks."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
from jaxtyping import Array, Key

from orrery.world.forcing import Forcing
from orrery.world.params import Params
from orrery.world.world import Info, Origin, World


def advance(key: Key[Array, ""], world: World, origin: Origin, params: Params, forcing: Forcing) -> tuple[World, Info]:
    """Advance capability, `ln k_i += μ_i + σ_k ε_i`, and renormalise to shares."""
    del origin
    shock = params.capability_noise * forcing.noise * jax.random.normal(key, world.capability.shape)
    capability = jax.nn.softmax(jnp.log(world.capability) + forcing.capability_growth + shock)
    return dataclasses.replace(world, capability=capability), {}
