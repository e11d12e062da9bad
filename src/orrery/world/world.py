"""What a simulation carries: the `World` that evolves, the `Geography` that does not, the `Anchors` of the first year.

`World` is what the next step, or a later phase of the same year, needs. What one only looks at is `info`, returned by
each phase and never fed back. All stocks are dimensionless: shares, an index, multiples of the first year.
"""

from __future__ import annotations

from typing import TypeAlias

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Float, Int

AnyArray: TypeAlias = jax.Array | np.ndarray
Info: TypeAlias = dict[str, AnyArray]


class World(eqx.Module):
    """The international system at the end of a year.

    `supply` and `coercion` are flows of the year just ended: later phases of the same year read them, and each year
    sets them anew.
    """

    capability: Float[AnyArray, " country"]
    """Shares of the world's capability, sum 1."""
    connectedness: Float[AnyArray, ""]
    """Index of globalisation, 0 to 1."""
    connectedness_growth: Float[AnyArray, ""]
    """Its growth in the year just ended, index points per year."""
    connectedness_average: Float[AnyArray, ""]
    """Its remembered (exponential) average, 0 to 1."""
    tension: Float[AnyArray, ""]
    """Conflict climate, 1 in the first year."""
    ideal_point: Float[AnyArray, " country"]
    """Position on the first dimension of UN voting, UN ideal-point units."""
    portfolio: Float[AnyArray, "country option"]
    """Alignment shares: non-alignment first, then the poles; rows sum to 1. A country that is a pole is aligned
    with itself alone."""
    density: Float[AnyArray, "country partner"]
    """Shared memberships relative to the mean of the first year, zero diagonal."""
    supply: Float[AnyArray, "country pole"]
    """Resources each pole supplied, in units of the world's capability."""
    coercion: Float[AnyArray, "country pole"]
    """Coercion by each pole, 0 to `tension_cap`."""


class Geography(eqx.Module):
    """What never changes in a simulation."""

    pole_members: Float[AnyArray, "pole country"]
    """1 for the members of a pole, 0 for others."""
    is_country_pole: Bool[AnyArray, " country"]
    """Countries that are poles by themselves: they have no portfolio to choose."""
    outward_propensity: Float[AnyArray, " pole"]
    """Share of a pole's capability spent on supplying others in the first year."""
    development: Float[AnyArray, " country"]
    """Second dimension of positions (development), standardised log income times .8."""
    distance_km: Float[AnyArray, "country pole"]
    """Distance to the nearest member of each pole."""
    proximity_contiguous: Bool[AnyArray, "country pole"]
    """Whether a country borders a member of the pole."""
    dyad_countries: Int[AnyArray, "2 dyad"]
    """The two sides of every relevant dyad, as positions on the country axis."""
    dyad_contiguous: Bool[AnyArray, " dyad"]
    """Whether they share a border."""
    pole_contiguous: Bool[AnyArray, "pole pole"]
    """Whether members of two poles share a border."""
    region: Int[AnyArray, " country"] | None
    """Number of each country's region, or None where no regions were given."""


class Anchors(eqx.Module):
    """Constants that the inversion of the first year fixes, so that behaviour responds to changes since then."""

    connectedness: Float[AnyArray, ""]
    """Connectedness of the first year."""
    ideal_point: Float[AnyArray, " country"]
    """Long-run position of each country: its position in the first year."""
    influence: Float[AnyArray, " country"]
    """Net pull on each position in the first year, subtracted ever after (UN ideal-point units per year)."""
    resource_unit: Float[AnyArray, ""]
    """Supply per capability that counts as one: the geometric mean of the first year."""
    negligible_supply: Float[AnyArray, ""]
    """Supply far below which a country counts as having no patron."""
    appeal: Float[AnyArray, "country pole"]
    """Alignment intercepts: what makes the portfolio of the first year a fixed point (utils)."""
    dispute_weight: Float[AnyArray, ""]
    """Mean dispute weight over relevant dyads in the first year."""
    pole_dispute_weight: Float[AnyArray, ""]
    """Mean dispute weight over pairs of poles in the first year."""


class Origin(eqx.Module):
    """Everything about the first year that later years refer to."""

    geography: Geography
    anchors: Anchors


def pole_capability(world: World, geography: Geography) -> Float[AnyArray, " pole"]:
    """Return each pole's share of the world's capability; a composite pole is the sum of its members."""
    return geography.pole_members @ world.capability


def pole_mean(values: Float[AnyArray, " country"], world: World, geography: Geography) -> Float[AnyArray, " pole"]:
    """Return the capability-weighted mean of `values` over the members of each pole."""
    return (geography.pole_members @ (world.capability * values)) / pole_capability(world, geography)


def pole_density(world: World, geography: Geography) -> Float[AnyArray, "country pole"]:
    """Return the density of each country with each pole: capability-weighted mean over its members but the country.

    A country that is a pole by itself has no other member to share memberships with: 0.
    """
    weights = geography.pole_members * world.capability
    others = weights.sum(-1)[None, :] - weights.T
    somebody = others > 1e-6 * weights.sum(-1)
    return jnp.where(somebody, world.density @ weights.T, 0.0) / jnp.where(somebody, others, 1.0)
