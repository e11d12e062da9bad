"""Alignment: each country divides itself among the poles and non-alignment, and adjusts in part each year.

A logit (quantal-response) portfolio: poles appeal by what they supply, by closeness and by pressure; each share already
given makes a pole less appealing (risk of dependence), and so does a share given to its rivals (exclusivity). Two
symmetric rivals with share `ã` each are hedged stably if and only if `ε h < λ + 1 / ã`; beyond, camps form.
"""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from orrery.world.forcing import Forcing
from orrery.world.params import Params
from orrery.world.world import AnyArray, Geography, Info, Origin, World, pole_mean


def hostility(world: World, geography: Geography, params: Params) -> Float[AnyArray, "pole pole"]:
    """Return `h_pq = min(h_max, ½ (x_p - x_q)² T)`, in utils; 0 on the diagonal."""
    position = pole_mean(world.ideal_point, world, geography)
    return jnp.minimum(params.hostility_cap, (position[:, None] - position[None, :]) ** 2 / 2 * world.tension)


def structural_utility(
    world: World,
    geography: Geography,
    params: Params,
    resource_unit: Float[AnyArray, ""],
    exclusivity: Float[AnyArray, ""],
) -> Float[AnyArray, "country pole"]:
    """Return the utility of each pole to each country, but for the intercept; non-alignment has utility 0.

    `β_b ln(1 + b_ip / (k_i r_0)) - β_d ½ (x_i - x_p)² + c_ip - λ a_ip - ε Σ_q h_pq a_iq`.
    """
    shares = world.portfolio[:, 1:]
    intensity = world.supply / (world.capability[:, None] * resource_unit)
    distance = world.ideal_point[:, None] - pole_mean(world.ideal_point, world, geography)
    rivals = shares @ hostility(world, geography, params)
    return (
        params.resource_appeal * jnp.log1p(intensity)
        - params.distance_aversion * distance**2 / 2
        + world.coercion
        - params.diversification * shares
        - exclusivity * rivals
    )


def wanted_portfolio(utility: Float[AnyArray, "country pole"]) -> Float[AnyArray, "country option"]:
    """Return the logit portfolio over non-alignment (utility 0) and the poles."""
    return jax.nn.softmax(jnp.pad(utility, ((0, 0), (1, 0))), axis=-1)


def advance(key: Key[Array, ""], world: World, origin: Origin, params: Params, forcing: Forcing) -> tuple[World, Info]:
    """Advance portfolios, `a_i ← (1 - α) a_i + α softmax(m_i + structural utility)`; country-poles keep theirs."""
    del key
    geography, anchors = origin.geography, origin.anchors
    exclusivity = params.exclusivity * forcing.exclusivity
    utility = anchors.appeal + structural_utility(world, geography, params, anchors.resource_unit, exclusivity)
    gap = jnp.where(geography.is_country_pole[:, None], 0.0, wanted_portfolio(utility) - world.portfolio)
    portfolio = world.portfolio + params.adjustment_speed * gap
    rebalanced = jnp.abs(params.adjustment_speed * gap).sum(-1) / 2
    info = {
        "hostility": hostility(world, geography, params),
        "rebalancing": jnp.mean(rebalanced, where=~geography.is_country_pole),
    }
    return dataclasses.replace(world, portfolio=portfolio), info
