"""Alignment: each country divides itself among the poles and non-alignment, and adjusts in part each year.

A logit (quantal-response) portfolio: poles appeal by what they supply, by closeness and by pressure; each share already
given makes a pole less appealing (risk of dependence), and so does a share given to its rivals (exclusivity). Two
symmetric rivals with share `ã` each are hedged stably if and only if `ε h < λ + 1 / ã`; beyond, camps form.
"""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
from jaxtyping import Float

from orrery.world.forcing import Forcing
from orrery.world.params import Params
from orrery.world.phases.coercion import under_delivery
from orrery.world.world import AnyArray, Geography, Info, Origin, World, pole_mean

MOST_SPEED = 0.3
"""Speed of adjustment above which portfolios could overshoot (see `params.toml`)."""
MOST_CHANGE = 4.0
"""Largest factor by which delay, or haste, changes the speed."""
LEAST_PENALTY = 1e-3
"""Penalty on delay that always is there, so that ratios are finite."""


def hostility(world: World, geography: Geography, params: Params) -> Float[AnyArray, "pole pole"]:
    """Return `h_pq = min(h_max, ½ (x_p - x_q)² T)`, in utils; 0 on the diagonal."""
    position = pole_mean(world.ideal_point, world, geography)
    return jnp.minimum(params.hostility_cap, (position[:, None] - position[None, :]) ** 2 / 2 * world.tension)


def structural_terms(
    world: World,
    geography: Geography,
    params: Params,
    resource_unit: Float[AnyArray, ""],
    exclusivity: Float[AnyArray, " pole"],
) -> dict[str, Float[AnyArray, "country pole"]]:
    """Return what adds up to the structural utility, by name.

    `supply` is `β_b ln(1 + b_ip / (k_i r_0))`, `positions` `-β_d ½ (x_i - x_p)²`, `coercion` `c_ip`, `own shares`
    `-λ a_ip`, `rivals` `-ε_p Σ_q h_pq a_iq`.
    """
    shares = world.portfolio[:, 1:]
    intensity = world.supply / (world.capability[:, None] * resource_unit)
    distance = world.ideal_point[:, None] - pole_mean(world.ideal_point, world, geography)
    rivals = shares @ hostility(world, geography, params)
    return {
        "supply": params.resource_appeal * jnp.log1p(intensity),
        "positions": -params.distance_aversion * distance**2 / 2,
        "coercion": world.coercion,
        "own shares": -params.diversification * shares,
        "rivals": -exclusivity * rivals,
    }


def structural_utility(
    world: World,
    geography: Geography,
    params: Params,
    resource_unit: Float[AnyArray, ""],
    exclusivity: Float[AnyArray, " pole"],
) -> Float[AnyArray, "country pole"]:
    """Return the utility of each pole to each country, but for the intercept; non-alignment has utility 0.

    `β_b ln(1 + b_ip / (k_i r_0)) - β_d ½ (x_i - x_p)² + c_ip - λ a_ip - ε_p Σ_q h_pq a_iq`.
    """
    first, *others = structural_terms(world, geography, params, resource_unit, exclusivity).values()
    return sum(others, start=first)


def wanted_portfolio(utility: Float[AnyArray, "country pole"]) -> Float[AnyArray, "country option"]:
    """Return the logit portfolio over non-alignment (utility 0) and the poles."""
    return jax.nn.softmax(jnp.pad(utility, ((0, 0), (1, 0))), axis=-1)


def reliability(world: World, origin: Origin, params: Params) -> Float[AnyArray, " pole"]:
    """Return what stability at home and a pole's record add to its appeal, `x_re (s_p + ρ_p - ρ_p0)`."""
    change = world.stability + world.reputation - origin.anchors.reputation
    return params.reliability_appeal * pole_mean(change, world, origin.geography)


def penalty(world: World, undelivered: Float[AnyArray, "country pole"]) -> Float[AnyArray, " country"]:
    """Return coercion times what is not delivered, summed over poles: what delay costs."""
    return (world.coercion * undelivered).sum(-1)


def speed(world: World, origin: Origin, params: Params) -> Float[AnyArray, " country"]:
    """Return each country's speed of adjustment, at most `MOST_SPEED`.

    Where delay is a choice it is `α (P_i / P_i0)^x_de`, `P` the penalty on delay: under quadratic costs of adjustment
    the best speed grows, to first order, with the cube root of the penalty.
    """
    undelivered = under_delivery(world, origin.anchors.negligible_supply)
    change = (LEAST_PENALTY + penalty(world, undelivered)) / (LEAST_PENALTY + origin.anchors.penalty)
    chosen = params.adjustment_speed * jnp.clip(change**params.delay_response, 1 / MOST_CHANGE, MOST_CHANGE)
    return jnp.minimum(chosen, jnp.maximum(params.adjustment_speed, MOST_SPEED))


def pace(world: World, origin: Origin, params: Params, forcing: Forcing) -> Float[AnyArray, " country"]:
    """Return the speed with which a scenario lets countries adjust: at most 1, beyond which they would overshoot."""
    return jnp.minimum(speed(world, origin, params) * forcing.adjustment, 1.0)


def advance(chance: None, world: World, origin: Origin, params: Params, forcing: Forcing) -> tuple[World, Info]:
    """Advance portfolios, `a_i ← (1 - α) a_i + α softmax(m_i + structural utility)`; country-poles keep theirs."""
    del chance
    geography, anchors = origin.geography, origin.anchors
    exclusivity = params.exclusivity * forcing.exclusivity
    utility = anchors.appeal + structural_utility(world, geography, params, anchors.resource_unit, exclusivity)
    utility = utility + reliability(world, origin, params)
    gap = jnp.where(geography.is_country_pole[:, None], 0.0, wanted_portfolio(utility) - world.portfolio)
    step = pace(world, origin, params, forcing)[:, None] * gap
    portfolio = world.portfolio + step
    rebalanced = jnp.abs(step).sum(-1) / 2
    info = {
        "hostility": hostility(world, geography, params),
        "rebalancing": jnp.mean(rebalanced, where=~geography.is_country_pole),
    }
    return dataclasses.replace(world, portfolio=portfolio), info
