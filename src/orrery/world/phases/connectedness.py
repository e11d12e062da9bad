"""Connectedness: logistic growth with persistence, delayed backlash and a drag by tension.

`β_B = 0` leaves plain growth with persistence; a large `(1 - ψ) β_B` gives cycles. The data decide.
"""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from orrery.world.forcing import Forcing
from orrery.world.params import Params
from orrery.world.world import AnyArray, Info, Origin, Size, World


def warranted_growth(world: World, params: Params) -> Float[AnyArray, ""]:
    """Return the growth that present conditions warrant, index points per year.

    `r C (1 - C / C_max) - β_B (C - C̄) - χ_T (T - 1)`: diffusion, backlash against what is new (Polanyi 1944,
    Rodrik 2011), and the cost of tension.
    """
    diffusion = (
        params.connectedness_growth * world.connectedness * (1 - world.connectedness / params.connectedness_ceiling)
    )
    backlash = params.backlash * (world.connectedness - world.connectedness_average)
    return jnp.asarray(diffusion - backlash - params.tension_drag * (world.tension - 1))


def draw(key: Key[Array, ""], size: Size) -> Float[AnyArray, ""]:
    """Draw a standard normal shock to growth."""
    del size
    return jax.random.normal(key)


def advance(
    chance: Float[AnyArray, ""], world: World, origin: Origin, params: Params, forcing: Forcing
) -> tuple[World, Info]:
    """Advance `v = ψ v + (1 - ψ) warranted + σ_C ε`, `C += trend v + shock`, `C̄ += ρ_B (C - C̄)`.

    The index stays between its floor and 1.
    """
    del origin
    shock = params.connectedness_noise * forcing.noise * chance
    persistence = params.connectedness_persistence
    growth = persistence * world.connectedness_growth + (1 - persistence) * warranted_growth(world, params) + shock
    moved = world.connectedness + forcing.connectedness_trend * growth + forcing.connectedness_shock
    connectedness = jnp.clip(moved, params.connectedness_floor, 1.0)
    average = world.connectedness_average + params.backlash_memory * (connectedness - world.connectedness_average)
    return (
        dataclasses.replace(
            world, connectedness=connectedness, connectedness_growth=growth, connectedness_average=average
        ),
        {},
    )
