"""What a simulation carries: the `World` that evolves, the `Geography` that does not, the `Anchors` of the first year.

`World` is what the next step, or a later phase of the same year, needs, `Institutions` its bodies. What one only looks
at is `info`, returned by each phase and never fed back. All stocks are dimensionless: shares, an index, multiples of
the first year. Of arrays over bodies and countries the body axis comes first: bodies are tables at which countries sit.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Bool, Float, Int

from orrery.base.arrays import AnyArray
from orrery.world.bodies import Bodies

Info: TypeAlias = dict[str, AnyArray]


class Size(NamedTuple):
    """Lengths of the axes along which phases leave something to chance."""

    n_countries: int
    n_bodies: int


class Reference(eqx.Module):
    """What each body was in the first year or at its birth, so that behaviour responds to changes since then."""

    stake: Float[AnyArray, " body"]
    """`S_m0`, what there was to gain from full depth."""
    value: Float[AnyArray, "body country"]
    """`NV_im`, net value of membership to every country, in single precision."""
    legitimacy: Float[AnyArray, " body"]
    """`L_m0`."""
    trust: Float[AnyArray, " body"]
    """Factor on the stake by what members expect of one another."""
    talks: Float[AnyArray, " body"]
    """`K`, years that the talks took or would take."""
    outside_hostility: Float[AnyArray, " body"]
    """Hostility of the poles outside to the body's text."""
    overlap: Float[AnyArray, " body"]
    """How many bodies of its area share its members."""


class Institutions(eqx.Module):
    """The bodies at the end of a year. What a body that is not in being holds is 0."""

    member: Float[AnyArray, "body country"]
    """1 for members."""
    in_being: Float[AnyArray, " body"]
    """1 for bodies in being."""
    depth: Float[AnyArray, " body"]
    """`d`, depth of what is agreed, 0 to 1."""
    text: Float[AnyArray, "body dim"]
    """`p`, position of what is agreed: UN ideal points, development."""
    formality: Float[AnyArray, " body"]
    """`f`, 0 to 1."""
    legitimacy: Float[AnyArray, " body"]
    """`L`, 0 to 1."""
    non_state: Float[AnyArray, " body"]
    """Participation of those that are not countries, 0 to 1."""
    reference: Reference


class Talks(eqx.Module):
    """The talks of a year in every body: flows, set anew each year by the bargaining phase."""

    stake: Float[AnyArray, " body"]
    """`S`, what there is to gain from full depth."""
    distance: Float[AnyArray, "body country"]
    """`D` of every country, member or not."""
    binding: Float[AnyArray, " body"]
    """`phi*`, the acceptability that binds under the rule; 0 for bodies that are not in being."""
    linked: Float[AnyArray, " body"]
    """`phi^l`, after linkage; 0 for bodies that are not in being."""
    decided: Float[AnyArray, " body"]
    """1 where an agreement was reached in the year; its probability where shocks are off."""


class Delivery(eqx.Module):
    """What was delivered in a year: flows, set anew each year by the compliance phase."""

    compliance: Float[AnyArray, " body"]
    """`cr_m`, capability-weighted share of the members' obligations that were kept; 0 without members."""
    provision: Float[AnyArray, " area"]
    """`Y_e`, what bodies did about the problems of an area."""


class World(eqx.Module):
    """The international system at the end of a year.

    `supply`, `coercion`, `talks`, `delivery`, `represented` and `disputes` are flows of the year just ended: later
    phases of the same year read them, and each year sets them anew.
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
    problems: Float[AnyArray, " area"]
    """Stock of common problems by area, 1 in the first year."""
    ideal_point: Float[AnyArray, " country"]
    """Position on the first dimension of UN voting, UN ideal-point units."""
    portfolio: Float[AnyArray, "country option"]
    """Alignment shares: non-alignment first, then the poles; rows sum to 1. A country that is a pole is aligned
    with itself alone."""
    stability: Float[AnyArray, " country"]
    """Domestic stability relative to the first year (0), in standard normal units."""
    reputation: Float[AnyArray, " country"]
    """Remembered share of its obligations that a country kept, 0 to 1."""
    status: Float[AnyArray, " country"]
    """Remembered rise of multi-vectorness and centrality since the first year (0)."""
    institutions: Institutions
    supply: Float[AnyArray, "country pole"]
    """Resources each pole supplied, in units of the world's capability."""
    coercion: Float[AnyArray, "country pole"]
    """Coercion by each pole, 0 to `tension_cap`, and what a scenario adds."""
    talks: Talks
    delivery: Delivery
    represented: Float[AnyArray, " body"]
    """`L_in`, what part of those whom a body addresses its members stand for; 0 for bodies that are not in being."""
    disputes: Float[AnyArray, ""]
    """Expected disputes in relevant dyads, multiple of the first year."""


class Geography(eqx.Module):
    """What never changes in a simulation."""

    pole_members: Float[AnyArray, "pole country"]
    """1 for the members of a pole, 0 for others."""
    is_country_pole: Bool[AnyArray, " country"]
    """Countries that are poles by themselves: they have no portfolio to choose."""
    is_western: Bool[AnyArray, " pole"]
    """The poles that one of the futures calls Western: the United States and the European Union."""
    outward_propensity: Float[AnyArray, " pole"]
    """Share of a pole's capability spent on supplying others in the first year."""
    development: Float[AnyArray, " country"]
    """Second dimension of positions (development), standardised log income times .8."""
    population: Float[AnyArray, " country"]
    """Shares of the population of all countries, sum 1."""
    openness: Float[AnyArray, " country"]
    """Rank of a country's openness to the world, 0 to 1."""
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
    rival_countries: Int[AnyArray, " rival"]
    """Countries that have a strategic rival, as positions on the country axis."""
    rivalry: Float[AnyArray, "rival rival"]
    """1 for those of them that are rivals of each other."""
    rival_place: Int[AnyArray, " country"]
    """Where each country stands among those that have a rival; behind them all where it has none."""
    region_members: Float[AnyArray, "region country"] | None
    """1 for the countries of a region, 0 for others; None where no regions were given."""


class Anchors(eqx.Module):
    """Constants that the inversion of the first year fixes, so that behaviour responds to changes since then."""

    connectedness: Float[AnyArray, ""]
    """Connectedness of the first year."""
    connectedness_growth: Float[AnyArray, ""]
    """Its growth."""
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
    portfolio: Float[AnyArray, "country option"]
    """Portfolios of the first year."""
    coercion: Float[AnyArray, "country pole"]
    """Coercion of the first year."""
    penalty: Float[AnyArray, " country"]
    """Coercion times what is not delivered, summed over poles, in the first year."""
    reputation: Float[AnyArray, " country"]
    """Reputation of the first year."""
    shared: Float[AnyArray, ""]
    """Mean authority of the bodies that two countries share in the first year: density 1."""
    commitment: Float[AnyArray, ""]
    """Mean authority of the bodies that a country is a member of in the first year."""
    provision: Float[AnyArray, " area"]
    """Provision of the first year."""
    text: Float[AnyArray, "body dim"]
    """Texts of the first year, those of bodies that are founded later included."""
    stake: Float[AnyArray, " area"]
    """Mean stake of the bodies of an area in the first year."""
    compliance: Float[AnyArray, ""]
    """`z_0`, what makes mean compliance of the first year the known one."""
    centrality: Float[AnyArray, " country"]
    """Authority of the bodies that a country is a member of, over the mean, in the first year."""
    dispute_weight: Float[AnyArray, ""]
    """Mean dispute weight over relevant dyads in the first year."""
    pole_dispute_weight: Float[AnyArray, ""]
    """Mean dispute weight over pairs of poles in the first year."""


class Origin(eqx.Module):
    """Everything about the first year that later years refer to."""

    geography: Geography
    bodies: Bodies
    anchors: Anchors


def single(values: AnyArray) -> AnyArray:
    """Return numbers in single precision."""
    return jnp.asarray(values).astype(jnp.float32)


def pole_capability(world: World, geography: Geography) -> Float[AnyArray, " pole"]:
    """Return each pole's share of the world's capability; a composite pole is the sum of its members."""
    return geography.pole_members @ world.capability


def pole_mean(values: Float[AnyArray, " country"], world: World, geography: Geography) -> Float[AnyArray, " pole"]:
    """Return the capability-weighted mean of `values` over the members of each pole."""
    return (geography.pole_members @ (world.capability * values)) / pole_capability(world, geography)
