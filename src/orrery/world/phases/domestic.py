"""Domestic stability and status: what openness, coercion and success do at home, relative to the first year."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from orrery.measure.portfolios.indices import diversity
from orrery.world import density
from orrery.world.forcing import Forcing
from orrery.world.params import Params
from orrery.world.world import AnyArray, Info, Institutions, Origin, Size, World

SHOCK_UNIT = 0.1
"""Standard deviations of stability per standard deviation of the growth of connectedness, at `β_so` and openness 1."""


def spread(portfolio: Float[AnyArray, "country option"]) -> Float[AnyArray, " country"]:
    """Return `MV_i` of every country, its spread over the poles."""
    return diversity(portfolio[:, 1:] / portfolio[:, 1:].sum(-1, keepdims=True))


def centrality(institutions: Institutions, params: Params, mean: AnyArray) -> Float[AnyArray, " country"]:
    """Return each country's commitments over the mean of the first year."""
    return density.commitments(institutions, params) / jnp.maximum(mean, density.LEAST_SHARED)


def draw(key: Key[Array, ""], size: Size) -> Float[AnyArray, " country"]:
    """Draw standard normal shocks to stability."""
    return jax.random.normal(key, (size.n_countries,))


def advance(
    chance: Float[AnyArray, " country"], world: World, origin: Origin, params: Params, forcing: Forcing
) -> tuple[World, Info]:
    """Advance stability and status.

    `s_i ← ρ_s s_i - .1 β_so o_i (v_0 - v) / σ_C - χ_s Σ_p (c_ip - c_ip0) + σ_s ε`, `v` the growth of connectedness as
    it came about; `st_i += x_sm (MV_i - MV_i0 + N_i - N_i0 - st_i)`.
    """
    geography, anchors = origin.geography, origin.anchors
    slowdown = forcing.connectedness_trend * (anchors.connectedness_growth - world.connectedness_growth)
    slowdown = (slowdown - forcing.connectedness_shock) / params.connectedness_noise
    pressure = (world.coercion - anchors.coercion).sum(-1)
    shock = params.stability_noise * forcing.noise * chance
    stability = (
        params.stability_persistence * world.stability
        - SHOCK_UNIT * params.openness_stability * geography.openness * slowdown
        - params.coercion_stability * pressure
        + shock
    )
    success = spread(world.portfolio) - spread(anchors.portfolio)
    success += centrality(world.institutions, params, anchors.commitment) - anchors.centrality
    status = world.status + params.status_memory * (success - world.status)
    return dataclasses.replace(world, stability=stability, status=status), {}
