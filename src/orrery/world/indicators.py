"""Indicators of the world, one row of a table each; the same index functions measure observed portfolios.

Means over portfolios are unweighted means over the countries that choose one: countries that are poles by themselves
are left out, members of a composite pole are in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Float

from orrery.measure.polarity import concentration, effective_number, top_two_share
from orrery.measure.portfolios.indices import (
    LINE_MAXIMUM,
    diversity,
    effective_multivectorness,
    effective_vectors,
    line_rivalry,
    rival_diversity,
)
from orrery.world.params import Params
from orrery.world.phases.tension import dispute_rate
from orrery.world.world import AnyArray, Geography, Origin, World, pole_capability, pole_mean

LEAST_VARIANCE = 1e-9
"""Sum of squared differences of portfolios below which all are the same but for rounding."""


def country_indices(
    portfolio: Float[AnyArray, "*axes country option"], pole_ideal_point: Float[AnyArray, "*axes pole"]
) -> dict[str, Float[AnyArray, "*axes country"]]:
    """Return the multi-vector indices of every country: `MV`, `RD`, `EV` and `EMV` by those names.

    Rivalry of poles is their distance on the line of ideal points over the largest such distance of the year.
    """
    outside = portfolio[..., 0]
    shares = portfolio[..., 1:] / portfolio[..., 1:].sum(-1, keepdims=True)
    rivalry = line_rivalry(pole_ideal_point)[..., None, :, :]
    rival = rival_diversity(shares, rivalry, LINE_MAXIMUM)
    return {
        "MV": diversity(shares),
        "RD": rival,
        "EV": effective_vectors(shares, rivalry),
        "EMV": effective_multivectorness(rival, outside),
    }


def camp_shares(world: World, geography: Geography) -> Float[AnyArray, " pole"]:
    """Return the mean alignment share of each pole."""
    return jnp.mean(world.portfolio[:, 1:], axis=0, where=~geography.is_country_pole[:, None])


def powers(world: World, geography: Geography) -> Float[AnyArray, " power"]:
    """Return capability shares of the powers: the poles, then every country; members of a pole count there only."""
    outside = jnp.where(geography.pole_members.any(0), 0.0, world.capability)
    return jnp.concatenate([pole_capability(world, geography), outside])


def _of_powers(index: Callable[[AnyArray], AnyArray]) -> Callable[[World, Origin, Params], AnyArray]:
    return lambda world, origin, params: index(powers(world, origin.geography))


def _of_poles(index: Callable[[AnyArray], AnyArray]) -> Callable[[World, Origin, Params], AnyArray]:
    return lambda world, origin, params: index(pole_capability(world, origin.geography))


def _mean_index(name: str) -> Callable[[World, Origin, Params], AnyArray]:
    def mean(world: World, origin: Origin, params: Params) -> Float[AnyArray, ""]:
        del params
        indices = country_indices(world.portfolio, pole_mean(world.ideal_point, world, origin.geography))
        return jnp.mean(indices[name], where=~origin.geography.is_country_pole)

    return mean


def _mean_coercion(world: World, origin: Origin, params: Params) -> Float[AnyArray, ""]:
    del params
    return jnp.mean(world.coercion, where=~origin.geography.is_country_pole[:, None])


def _non_aligned_share(world: World, origin: Origin, params: Params) -> Float[AnyArray, ""]:
    del params
    return jnp.mean(world.portfolio[:, 0], where=~origin.geography.is_country_pole)


def _mean_density(world: World, origin: Origin, params: Params) -> Float[AnyArray, ""]:
    del origin, params
    n_countries = world.density.shape[0]
    return jnp.log1p(world.density).sum() / (n_countries * (n_countries - 1))


def _regional_assortativity(world: World, origin: Origin, params: Params) -> Float[AnyArray, ""]:
    del params
    region, chooses = origin.geography.region, ~origin.geography.is_country_pole
    assert region is not None, "indicators() asks for regions only where there are some"
    same = (region[:, None] == region[None, :]) & chooses[None, :]
    regional = same @ world.portfolio / jnp.maximum(same.sum(-1, keepdims=True), 1)
    world_mean = jnp.mean(world.portfolio, axis=0, where=chooses[:, None])
    between = ((regional - world_mean) ** 2).sum(where=chooses[:, None])
    total = ((world.portfolio - world_mean) ** 2).sum(where=chooses[:, None])
    differ = total > LEAST_VARIANCE
    return jnp.where(differ, between / jnp.where(differ, total, 1.0), 0.0)


class Indicator(NamedTuple):
    """A number that describes the world, with its unit and meaning."""

    value: Callable[[World, Origin, Params], AnyArray]
    unit: str
    meaning: str
    needs_region: bool = False


INDICATORS: dict[str, Indicator] = {
    "effective_powers": Indicator(
        _of_powers(effective_number),
        "powers",
        "1 / Σ s² over all powers: each pole once, and every country outside the poles",
    ),
    "effective_poles": Indicator(
        _of_poles(effective_number), "poles", "1 / Σ s² over the poles alone (Laakso & Taagepera 1979)"
    ),
    "top_two_share": Indicator(
        _of_powers(top_two_share), "share", "share of the world's capability held by the two largest powers"
    ),
    "concentration": Indicator(
        _of_poles(concentration), "index, 0 to 1", "CON of Ray & Singer (1973) over the poles; 1 with a single pole"
    ),
    "connectedness": Indicator(lambda world, *_: world.connectedness, "index, 0 to 1", "globalisation"),
    "tension": Indicator(lambda world, *_: world.tension, "multiple of the first year", "climate of conflict"),
    "dispute_rate": Indicator(dispute_rate, "disputes per relevant dyad and year", "expected militarised disputes"),
    "mean_coercion": Indicator(_mean_coercion, "index", "coercion of countries by poles, mean over pairs"),
    "mean_diversity": Indicator(_mean_index("MV"), "index, 0 to 1", "spread of portfolios over poles (MV)"),
    "mean_rival_diversity": Indicator(
        _mean_index("RD"), "index, 0 to 1", "spread of portfolios over poles that are rivals (RD)"
    ),
    "mean_effective_vectors": Indicator(_mean_index("EV"), "poles", "equally used, mutually rival poles (EV)"),
    "mean_effective_multivectorness": Indicator(
        _mean_index("EMV"), "index, 0 to 1", "rival diversity times the aligned share (EMV)"
    ),
    "non_aligned_share": Indicator(_non_aligned_share, "share", "mean share of portfolios outside all poles"),
    "ideal_point_dispersion": Indicator(
        lambda world, *_: jnp.std(world.ideal_point), "UN ideal-point units", "standard deviation of positions"
    ),
    "institutional_density": Indicator(_mean_density, "index", "mean of ln(1 + shared-membership density) over dyads"),
    "regional_assortativity": Indicator(
        _regional_assortativity, "share", "share of the variance of portfolios between regions", needs_region=True
    ),
}


def indicators(world: World, origin: Origin, params: Params) -> dict[str, Float[AnyArray, ""]]:
    """Return every indicator of one world by name; regional ones only where regions were given."""
    has_region = origin.geography.region is not None
    return {
        name: jnp.asarray(indicator.value(world, origin, params))
        for name, indicator in INDICATORS.items()
        if has_region or not indicator.needs_region
    }
