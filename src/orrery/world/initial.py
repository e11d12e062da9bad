"""The first year: solve for the constants that make the observed world a fixed point of the phases.

Started from observed values without this, the model would first run to its own equilibrium, and that transient would
swamp everything one wants to see. The inversion is that of Berry (1994) for shares, done for each draw of the
parameters and of the ideal points.
"""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Key

from orrery.base.arrays import AnyArray
from orrery.base.keys import named_key
from orrery.world import density, first_bodies
from orrery.world.bodies import AREAS, Bodies
from orrery.world.observed import Start
from orrery.world.params import Params
from orrery.world.phases import alignment, coercion, domestic, ideal_points, supply, tension
from orrery.world.world import Anchors, Geography, Origin, World

NEGLIGIBLE = 1e-9
"""Supply below this part of the first year's mean counts as none."""


def invert(key: Key[Array, ""], start: Start, params: Params) -> tuple[World, Origin]:
    """Return the world of the first year and the constants that make it a fixed point.

    Positions are drawn from their posterior, `x_i0 = x̂_i + sd_i z_i`, since decisive positions are known only so well.
    Observed portfolios are mixed with an even one (`portfolio_floor`); a country-pole is aligned with itself alone.
    """
    geography, bodies = start.geography, start.bodies
    world = _tied(_observed(key, start, params), geography, bodies, params)
    held = first_bodies.as_if_in_being(world, geography, bodies, params)
    world = dataclasses.replace(world, **held.world)
    chooses = ~geography.is_country_pole[:, None]
    intensity = jnp.log(jnp.where(chooses, world.supply, 1.0) / world.capability[:, None])
    resource_unit = jnp.exp(jnp.mean(intensity, where=chooses))
    shared = jnp.maximum(density.mean_shared(world.institutions, params), density.LEAST_SHARED)
    negligible = negligible_supply(world, geography)
    anchors = Anchors(
        connectedness=jnp.asarray(start.connectedness),
        connectedness_growth=jnp.asarray(start.connectedness_growth),
        ideal_point=world.ideal_point,
        influence=ideal_points.influence(world, geography, params),
        resource_unit=resource_unit,
        negligible_supply=negligible,
        appeal=intercepts(world, geography, params, resource_unit),
        portfolio=world.portfolio,
        coercion=world.coercion,
        penalty=alignment.penalty(world, coercion.under_delivery(world, negligible)),
        reputation=world.reputation,
        shared=shared,
        commitment=held.commitment,
        provision=world.delivery.provision,
        text=held.text,
        stake=first_bodies.mean_stake(world, bodies, params),
        compliance=held.intercept,
        centrality=domestic.centrality(world.institutions, params, held.commitment),
        dispute_weight=tension.dyad_weight(world, geography, params, shared),
        pole_dispute_weight=tension.pole_weight(world, geography, params, shared),
    )
    return world, Origin(geography, bodies, anchors)


def _observed(key: Key[Array, ""], start: Start, params: Params) -> World:
    """Return the world as observed, without what is inferred: supply, coercion, talks and what comes of them."""
    geography = start.geography
    noise = jax.random.normal(named_key(key, "ideal points of the first year"), start.ideal_point.shape)
    nothing = jnp.zeros(geography.distance_km.shape)
    still = jnp.zeros(start.capability.shape)
    return World(
        capability=start.capability / start.capability.sum(),
        connectedness=jnp.asarray(start.connectedness),
        connectedness_growth=jnp.asarray(start.connectedness_growth),
        connectedness_average=jnp.asarray(start.connectedness_average),
        tension=jnp.ones(()),
        problems=jnp.ones(len(AREAS)),
        ideal_point=start.ideal_point + start.ideal_point_sd * noise,
        portfolio=first_portfolio(start, params),
        stability=still,
        reputation=still,
        status=still,
        institutions=first_bodies.institutions(start.bodies, jnp.asarray(start.bodies.in_being)),
        supply=nothing,
        coercion=nothing,
        talks=first_bodies.no_talks(start.bodies),
        delivery=first_bodies.no_delivery(start.bodies),
        represented=jnp.zeros(start.bodies.in_being.shape),
        disputes=jnp.ones(()),
    )


def _tied(world: World, geography: Geography, bodies: Bodies, params: Params) -> World:
    """Return the world with the supply and the coercion of the first year."""
    spent = supply.budget(world, geography, geography.outward_propensity, jnp.ones(()))
    world = dataclasses.replace(world, supply=spent * supply.allocation(world, geography, bodies, params, jnp.ones(())))
    undelivered = coercion.under_delivery(world, negligible_supply(world, geography))
    shared = jnp.maximum(density.mean_shared(world.institutions, params), density.LEAST_SHARED)
    return dataclasses.replace(world, coercion=coercion.coercion(world, geography, params, undelivered, shared))


def negligible_supply(world: World, geography: Geography) -> Float[AnyArray, ""]:
    """Return the supply below which a country has no patron."""
    return NEGLIGIBLE * jnp.mean(world.supply, where=~geography.is_country_pole[:, None])


def first_portfolio(start: Start, params: Params) -> Float[AnyArray, "country option"]:
    """Return the portfolios the simulation starts from: the observed ones with the floor, one-hot for country-poles."""
    n_options = start.portfolio.shape[1]
    mixed = (1 - params.portfolio_floor) * start.portfolio + params.portfolio_floor / n_options
    mixed = mixed / mixed.sum(-1, keepdims=True)
    itself = jnp.pad(start.geography.pole_members.T, ((0, 0), (1, 0)))
    return jnp.where(start.geography.is_country_pole[:, None], itself, mixed)


def intercepts(
    world: World, geography: Geography, params: Params, resource_unit: Float[AnyArray, ""]
) -> Float[AnyArray, "country pole"]:
    """Return `m_ip = ln(a_ip / a_i0) - structural utility_ip`, 0 for country-poles (Berry 1994)."""
    structural = alignment.structural_utility(
        world, geography, params, resource_unit, params.exclusivity * jnp.ones(geography.pole_members.shape[0])
    )
    chooses = ~geography.is_country_pole[:, None]
    shares = jnp.where(chooses, world.portfolio, 1.0)
    return jnp.where(chooses, jnp.log(shares[:, 1:]) - jnp.log(shares[:, :1]) - structural, 0.0)


def share_unstable(world: World, geography: Geography, params: Params) -> Float[AnyArray, ""]:
    """Return the share of countries whose observed portfolio is an unstable fixed point of alignment.

    Unstable means that the largest eigenvalue of `(diag(a) - a a') (-λ I - ε H)` exceeds 1, so that a small departure
    grows; for two rivals with equal shares `ã` this is `ã (ε h - λ) > 1`. Draws in which many portfolios are unstable
    explain the observed world badly.
    """
    n_poles = geography.pole_members.shape[0]
    enmity = params.exclusivity * alignment.hostility(world, geography, params)
    demand = jnp.pad(params.diversification * jnp.eye(n_poles) + enmity, ((1, 0), (1, 0)))
    root = jnp.sqrt(world.portfolio)
    # diag(a) - a a' = B B' with B = diag(√a)(I - √a √a'), so all eigenvalues are below 1 if and only if the symmetric
    # I + B' demand B is positive definite.
    factor = root[:, :, None] * (jnp.eye(n_poles + 1) - root[:, :, None] * root[:, None, :])
    stable = is_positive_definite(jnp.eye(n_poles + 1) + factor.mT @ demand @ factor)
    return jnp.mean(~stable, where=~geography.is_country_pole)


def is_positive_definite(matrices: Float[AnyArray, "*axes row row"]) -> Bool[AnyArray, "*axes"]:
    """Tell whether symmetric matrices are positive definite: all pivots of Gaussian elimination are above 0.

    Written out because LAPACK calls from several simulations at once can wait for each other for ever.
    """
    pivots = []
    while matrices.shape[-1] > 0:
        pivot, row = matrices[..., :1, :1], matrices[..., :1, 1:]
        pivots.append(pivot[..., 0, 0])
        matrices = matrices[..., 1:, 1:] - row.mT * row / pivot
    # A pivot of 0 makes the next ones infinite or NaN, and a NaN is not above 0.
    return jnp.all(jnp.stack(pivots) > 0, axis=0)
