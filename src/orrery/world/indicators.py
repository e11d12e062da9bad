"""Indicators of the world, one row of a table each; the same index functions measure observed portfolios.

Means over portfolios are unweighted means over the countries that choose one: countries that are poles by themselves
are left out, members of a composite pole are in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Float

from orrery.base.arrays import AnyArray
from orrery.measure.authority import LEVEL
from orrery.measure.polarity import concentration, effective_number, top_two_share
from orrery.measure.portfolios.indices import (
    LINE_MAXIMUM,
    diversity,
    effective_multivectorness,
    effective_vectors,
    line_rivalry,
    rival_diversity,
)
from orrery.measure.portfolios.regions import share_between_regions
from orrery.world import density
from orrery.world.params import Params
from orrery.world.phases.alignment import hostility
from orrery.world.phases.bargaining import LEAST_PROVISION, is_global, talks_years
from orrery.world.phases.legitimacy import by_input
from orrery.world.phases.membership import FORMAL
from orrery.world.phases.tension import dispute_rate
from orrery.world.world import Geography, Origin, World, pole_capability, pole_mean

LEAST_DENSITY = 1e-3
"""Institutional density below which its logarithm is that of this."""


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
    return density.mean_log(world.institutions, params, density.unit(origin))


def _ratio(part: AnyArray, whole: AnyArray, nothing: float = 0.0) -> Float[AnyArray, ""]:
    some = whole > 0
    return jnp.where(some, part / jnp.where(some, whole, 1.0), nothing)


def _of_bodies(value: Callable[[World, Origin, Params], AnyArray]) -> Callable[[World, Origin, Params], AnyArray]:
    """Return the mean over the bodies in being; 0 where there are none."""

    def mean(world: World, origin: Origin, params: Params) -> Float[AnyArray, ""]:
        lives = world.institutions.in_being
        return _ratio((value(world, origin, params) * lives).sum(), lives.sum())

    return mean


def _authority_where(chosen: Callable[[World, Origin, Params], AnyArray]) -> Callable[..., AnyArray]:
    """Return the sum of what was delivered by bodies, weighted with authority, where `chosen`."""

    def stock(world: World, origin: Origin, params: Params) -> Float[AnyArray, ""]:
        held = density.authority(world.institutions, params) * world.delivery.compliance
        return (held * chosen(world, origin, params)).sum()

    return stock


def _hierarchy(world: World) -> Float[AnyArray, " body"]:
    """Return the Herfindahl index of the members' capability, 1 without members."""
    held = world.institutions.member * world.capability
    total = held.sum(-1, keepdims=True)
    shares = held / jnp.where(total > 0, total, 1.0)
    return jnp.where(total[:, 0] > 0, (shares**2).sum(-1), 1.0)


def _verticality(world: World, origin: Origin, params: Params) -> Float[AnyArray, ""]:
    del origin
    held = density.authority(world.institutions, params)
    return _ratio((held * _hierarchy(world)).sum(), held.sum())


def _independence(world: World, origin: Origin, params: Params) -> Float[AnyArray, ""]:
    del origin
    held = density.authority(world.institutions, params)
    return _ratio((held * (_hierarchy(world) < LEVEL)).sum(), held.sum())


def _compliance(world: World, origin: Origin, params: Params) -> Float[AnyArray, ""]:
    del origin
    held = density.authority(world.institutions, params)
    return _ratio((held * world.delivery.compliance).sum(), held.sum())


def _input_legitimacy(world: World, origin: Origin, params: Params) -> AnyArray:
    del params
    return by_input(world, origin.geography, origin.bodies)


def _provision(world: World, origin: Origin, params: Params) -> Float[AnyArray, ""]:
    del params
    return world.delivery.provision.sum() / jnp.maximum(origin.anchors.provision.sum(), LEAST_PROVISION)


def _talks(world: World, origin: Origin, params: Params) -> AnyArray:
    del origin
    return talks_years(world.talks.linked, params)


def _pole_hostility(world: World, origin: Origin, params: Params) -> Float[AnyArray, ""]:
    """Return the hostility of the two poles with the largest alignment shares; 0 with a single pole."""
    camps = camp_shares(world, origin.geography)
    if camps.shape[0] < 2:
        return jnp.zeros(())
    first = jnp.argmax(camps)
    second = jnp.argmax(jnp.where(jnp.arange(camps.shape[0]) == first, -1.0, camps))
    return hostility(world, origin.geography, params)[first, second]


def _western_share(world: World, origin: Origin, params: Params) -> Float[AnyArray, ""]:
    del params
    camps = camp_shares(world, origin.geography)
    return (camps * origin.geography.is_western).sum() / camps.sum()


def _informal(world: World, origin: Origin, params: Params) -> AnyArray:
    del origin, params
    return 1.0 * (world.institutions.formality < FORMAL)


def _gap(world: World, origin: Origin, params: Params) -> Float[AnyArray, ""]:
    """Return the log of effective powers over that of density, both relative to what they may be compared with."""
    return jnp.log(effective_number(powers(world, origin.geography))) - jnp.log(
        jnp.maximum(_mean_density(world, origin, params), LEAST_DENSITY)
    )


def _regional_assortativity(world: World, origin: Origin, params: Params) -> Float[AnyArray, ""]:
    del params
    region, chooses = origin.geography.region, ~origin.geography.is_country_pole
    assert region is not None, "indicators() asks for regions only where there are some"
    return share_between_regions(world.portfolio, jax.nn.one_hot(region, len(chooses)) * chooses[:, None])


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
    "global_authority": Indicator(
        _authority_where(lambda world, *_: is_global(world.institutions.member)),
        "index",
        "authority times compliance, summed over bodies with more than half of all countries",
    ),
    "regional_authority": Indicator(
        _authority_where(lambda world, *_: ~is_global(world.institutions.member)),
        "index",
        "authority times compliance, summed over all other bodies",
    ),
    "verticality": Indicator(
        _verticality, "index, 0 to 1", "Herfindahl index of members' capability, mean over bodies weighted by authority"
    ),
    "independence": Indicator(
        _independence, "share", "share of authority in bodies with more than three effective members"
    ),
    "compliance": Indicator(_compliance, "share", "obligations kept, weighted by capability and authority"),
    "mean_depth": Indicator(
        _of_bodies(lambda world, *_: world.institutions.depth), "index, 0 to 1", "depth of agreements, mean over bodies"
    ),
    "deadlock_share": Indicator(
        _of_bodies(lambda world, *_: 1.0 * (world.talks.linked <= 0)), "share", "bodies whose talks are deadlocked"
    ),
    "decisions": Indicator(
        lambda world, *_: world.talks.decided.sum(),
        "decisions per year",
        "agreements reached in the year; those expected in the first",
    ),
    "talks_years": Indicator(_of_bodies(_talks), "years", "length of talks, mean over bodies, at most 50 for deadlock"),
    "bodies": Indicator(lambda world, *_: world.institutions.in_being.sum(), "bodies", "bodies in being"),
    "ad_hoc_bodies": Indicator(
        lambda world, origin, _: (world.institutions.in_being * origin.bodies.open_place).sum(),
        "bodies",
        "bodies in being that were born in the simulation",
    ),
    "informal_share": Indicator(_of_bodies(_informal), "share", "informal bodies among those in being"),
    "memberships": Indicator(
        lambda world, *_: world.institutions.member.sum() / world.institutions.member.shape[1],
        "bodies per country",
        "memberships, mean over countries",
    ),
    "legitimacy": Indicator(
        _of_bodies(lambda world, *_: world.institutions.legitimacy), "index, 0 to 1", "legitimacy, mean over bodies"
    ),
    "input_legitimacy": Indicator(
        _of_bodies(_input_legitimacy), "share", "of those addressed that members stand for, mean over bodies"
    ),
    "output_legitimacy": Indicator(
        _of_bodies(lambda world, *_: world.institutions.depth * world.delivery.compliance),
        "index, 0 to 1",
        "depth times compliance, mean over bodies",
    ),
    "problem_pressure": Indicator(
        lambda world, *_: world.problems.mean(), "multiple of the first year", "common problems, mean over areas"
    ),
    "provision": Indicator(_provision, "multiple of the first year", "what bodies do about common problems"),
    "mean_stability": Indicator(
        lambda world, *_: world.stability.mean(), "standard deviations", "domestic stability relative to the first year"
    ),
    "stability_dispersion": Indicator(
        lambda world, *_: jnp.std(world.stability), "standard deviations", "standard deviation of domestic stability"
    ),
    "mean_reputation": Indicator(
        lambda world, *_: world.reputation.mean(), "share", "remembered share of obligations kept, mean over countries"
    ),
    "western_share": Indicator(
        _western_share, "share", "alignment shares of the USA and the EU among all poles, mean over countries"
    ),
    "pole_hostility": Indicator(_pole_hostility, "utils", "hostility of the two poles with most alignment"),
    "polarity_gap": Indicator(_gap, "log points", "log of effective powers less log of institutional density"),
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
