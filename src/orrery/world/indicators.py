"""Indicators of the world, one row of a table each; the same index functions measure observed portfolios.

Means over portfolios are unweighted means over the countries that choose one: countries that are poles by themselves
are left out, members of a composite pole are in.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple

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
from orrery.world.phases.bargaining import first_provision, is_global, talks_years
from orrery.world.phases.membership import FORMAL
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


class View:
    """A world to look at. What several indicators need is worked out once."""

    def __init__(self, world: World, origin: Origin, params: Params) -> None:
        """Look at one world in the light of its first year."""
        self.world, self.origin, self.params = world, origin, params
        self.geography, self.institutions = origin.geography, world.institutions

    def over_countries(self, values: AnyArray) -> Float[AnyArray, ""]:
        """Return the mean over the countries that choose a portfolio."""
        chooses = ~self.geography.is_country_pole
        return jnp.mean(values, where=chooses.reshape(-1, *[1] * (values.ndim - 1)))

    def over_bodies(self, values: AnyArray) -> Float[AnyArray, ""]:
        """Return the mean over the bodies in being; 0 where there are none."""
        lives = self.institutions.in_being
        return _ratio((values * lives).sum(), lives.sum())

    def by_authority(self, values: AnyArray) -> Float[AnyArray, ""]:
        """Return the mean over bodies weighted with their authority; 0 where none has any."""
        return _ratio((self.authority * values).sum(), self.authority.sum())

    @cached_property
    def powers(self) -> Float[AnyArray, " power"]:
        """Capability shares of the powers."""
        return powers(self.world, self.geography)

    @cached_property
    def poles(self) -> Float[AnyArray, " pole"]:
        """Capability of the poles."""
        return pole_capability(self.world, self.geography)

    @cached_property
    def camps(self) -> Float[AnyArray, " pole"]:
        """Mean alignment shares of the poles."""
        return camp_shares(self.world, self.geography)

    @cached_property
    def indices(self) -> dict[str, Float[AnyArray, " country"]]:
        """Multi-vector indices of every country."""
        return country_indices(self.world.portfolio, pole_mean(self.world.ideal_point, self.world, self.geography))

    @cached_property
    def authority(self) -> Float[AnyArray, " body"]:
        """What the members of each body have bound themselves to."""
        return density.authority(self.institutions, self.params)

    @cached_property
    def delivered(self) -> Float[AnyArray, " body"]:
        """Authority times compliance."""
        return self.authority * self.world.delivery.compliance

    @cached_property
    def hierarchy(self) -> Float[AnyArray, " body"]:
        """Herfindahl index of the members' capability, 1 without members."""
        member, capability = self.institutions.member, self.world.capability
        total = member @ capability
        squares = member @ capability**2
        return jnp.where(total > 0, squares / jnp.where(total > 0, total, 1.0) ** 2, 1.0)

    @cached_property
    def worldwide(self) -> AnyArray:
        """Which bodies have more than half of all countries."""
        return is_global(self.institutions.member)

    @cached_property
    def density(self) -> Float[AnyArray, ""]:
        """Mean of the logarithm of shared-membership density."""
        return density.mean_log(self.institutions, self.params, density.unit(self.origin))


def _ratio(part: AnyArray, whole: AnyArray) -> Float[AnyArray, ""]:
    some = whole > 0
    return jnp.where(some, part / jnp.where(some, whole, 1.0), 0.0)


def _provision(view: View) -> Float[AnyArray, ""]:
    return view.world.delivery.provision.sum() / first_provision(view.origin.anchors.provision.sum(), view.params)


def _pole_hostility(view: View) -> Float[AnyArray, ""]:
    """Return the hostility of the two poles with the largest alignment shares; 0 with a single pole."""
    camps = view.camps
    if camps.shape[0] < 2:
        return jnp.zeros(())
    first = jnp.argmax(camps)
    second = jnp.argmax(jnp.where(jnp.arange(camps.shape[0]) == first, -1.0, camps))
    return hostility(view.world, view.geography, view.params)[first, second]


def _gap(view: View) -> Float[AnyArray, ""]:
    """Return the log of effective powers over that of density, both relative to what they may be compared with."""
    return jnp.log(effective_number(view.powers)) - jnp.log(jnp.maximum(view.density, LEAST_DENSITY))


def _regional_assortativity(view: View) -> Float[AnyArray, ""]:
    in_region = view.geography.region_members
    assert in_region is not None, "indicators() asks for regions only where there are some"
    return share_between_regions(view.world.portfolio, (in_region * ~view.geography.is_country_pole).T)


class Indicator(NamedTuple):
    """A number that describes the world, with its unit and meaning."""

    value: Callable[[View], AnyArray]
    unit: str
    meaning: str
    needs_region: bool = False


INDICATORS: dict[str, Indicator] = {
    "effective_powers": Indicator(
        lambda view: effective_number(view.powers),
        "powers",
        "1 / Σ s² over all powers: each pole once, and every country outside the poles",
    ),
    "effective_poles": Indicator(
        lambda view: effective_number(view.poles), "poles", "1 / Σ s² over the poles alone (Laakso & Taagepera 1979)"
    ),
    "top_two_share": Indicator(
        lambda view: top_two_share(view.powers),
        "share",
        "share of the world's capability held by the two largest powers",
    ),
    "concentration": Indicator(
        lambda view: concentration(view.poles),
        "index, 0 to 1",
        "CON of Ray & Singer (1973) over the poles; 1 with a single pole",
    ),
    "connectedness": Indicator(lambda view: view.world.connectedness, "index, 0 to 1", "globalisation"),
    "tension": Indicator(lambda view: view.world.tension, "multiple of the first year", "climate of conflict"),
    "dispute_rate": Indicator(
        lambda view: view.params.dispute_base_rate * view.world.disputes,
        "disputes per relevant dyad and year",
        "expected militarised disputes",
    ),
    "mean_coercion": Indicator(
        lambda view: view.over_countries(view.world.coercion),
        "index",
        "coercion of countries by poles, mean over pairs",
    ),
    "mean_diversity": Indicator(
        lambda view: view.over_countries(view.indices["MV"]), "index, 0 to 1", "spread of portfolios over poles (MV)"
    ),
    "mean_rival_diversity": Indicator(
        lambda view: view.over_countries(view.indices["RD"]),
        "index, 0 to 1",
        "spread of portfolios over poles that are rivals (RD)",
    ),
    "mean_effective_vectors": Indicator(
        lambda view: view.over_countries(view.indices["EV"]), "poles", "equally used, mutually rival poles (EV)"
    ),
    "mean_effective_multivectorness": Indicator(
        lambda view: view.over_countries(view.indices["EMV"]),
        "index, 0 to 1",
        "rival diversity times the aligned share (EMV)",
    ),
    "non_aligned_share": Indicator(
        lambda view: view.over_countries(view.world.portfolio[:, 0]),
        "share",
        "mean share of portfolios outside all poles",
    ),
    "ideal_point_dispersion": Indicator(
        lambda view: jnp.std(view.world.ideal_point), "UN ideal-point units", "standard deviation of positions"
    ),
    "institutional_density": Indicator(
        lambda view: view.density, "index", "mean of ln(1 + shared-membership density) over dyads"
    ),
    "global_authority": Indicator(
        lambda view: (view.delivered * view.worldwide).sum(),
        "index",
        "authority times compliance, summed over bodies with more than half of all countries",
    ),
    "regional_authority": Indicator(
        lambda view: (view.delivered * ~view.worldwide).sum(),
        "index",
        "authority times compliance, summed over all other bodies",
    ),
    "verticality": Indicator(
        lambda view: view.by_authority(view.hierarchy),
        "index, 0 to 1",
        "Herfindahl index of members' capability, mean over bodies weighted by authority",
    ),
    "independence": Indicator(
        lambda view: view.by_authority(view.hierarchy < LEVEL),
        "share",
        "share of authority in bodies with more than three effective members",
    ),
    "compliance": Indicator(
        lambda view: view.by_authority(view.world.delivery.compliance),
        "share",
        "obligations kept, weighted by capability and authority",
    ),
    "mean_depth": Indicator(
        lambda view: view.over_bodies(view.institutions.depth), "index, 0 to 1", "depth of agreements, mean over bodies"
    ),
    "deadlock_share": Indicator(
        lambda view: view.over_bodies(view.world.talks.linked <= 0), "share", "bodies whose talks are deadlocked"
    ),
    "decisions": Indicator(
        lambda view: view.world.talks.decided.sum(),
        "decisions per year",
        "agreements reached in the year; those expected in the first",
    ),
    "talks_years": Indicator(
        lambda view: view.over_bodies(talks_years(view.world.talks.linked, view.params)),
        "years",
        "length of talks, mean over bodies, at most 50 for deadlock",
    ),
    "bodies": Indicator(lambda view: view.institutions.in_being.sum(), "bodies", "bodies in being"),
    "ad_hoc_bodies": Indicator(
        lambda view: (view.institutions.in_being * view.origin.bodies.open_place).sum(),
        "bodies",
        "bodies in being that were born in the simulation",
    ),
    "informal_share": Indicator(
        lambda view: view.over_bodies(view.institutions.formality < FORMAL),
        "share",
        "informal bodies among those in being",
    ),
    "memberships": Indicator(
        lambda view: view.institutions.member.sum() / view.institutions.member.shape[1],
        "bodies per country",
        "memberships, mean over countries",
    ),
    "legitimacy": Indicator(
        lambda view: view.over_bodies(view.institutions.legitimacy), "index, 0 to 1", "legitimacy, mean over bodies"
    ),
    "input_legitimacy": Indicator(
        lambda view: view.over_bodies(view.world.represented),
        "share",
        "of those addressed that members stand for, mean over bodies",
    ),
    "output_legitimacy": Indicator(
        lambda view: view.over_bodies(view.institutions.depth * view.world.delivery.compliance),
        "index, 0 to 1",
        "depth times compliance, mean over bodies",
    ),
    "problem_pressure": Indicator(
        lambda view: view.world.problems.mean(), "multiple of the first year", "common problems, mean over areas"
    ),
    "provision": Indicator(_provision, "multiple of the first year", "what bodies do about common problems"),
    "mean_stability": Indicator(
        lambda view: view.world.stability.mean(), "standard deviations", "domestic stability relative to the first year"
    ),
    "stability_dispersion": Indicator(
        lambda view: jnp.std(view.world.stability), "standard deviations", "standard deviation of domestic stability"
    ),
    "mean_reputation": Indicator(
        lambda view: view.world.reputation.mean(), "share", "remembered share of obligations kept, mean over countries"
    ),
    "western_share": Indicator(
        lambda view: (view.camps * view.geography.is_western).sum() / view.camps.sum(),
        "share",
        "alignment shares of the USA and the EU among all poles, mean over countries",
    ),
    "pole_hostility": Indicator(_pole_hostility, "utils", "hostility of the two poles with most alignment"),
    "polarity_gap": Indicator(_gap, "log points", "log of effective powers less log of institutional density"),
    "regional_assortativity": Indicator(
        _regional_assortativity, "share", "share of the variance of portfolios between regions", needs_region=True
    ),
}


def indicators(world: World, origin: Origin, params: Params) -> dict[str, Float[AnyArray, ""]]:
    """Return every indicator of one world by name; regional ones only where regions were given."""
    view = View(world, origin, params)
    has_region = origin.geography.region_members is not None
    return {
        name: jnp.asarray(indicator.value(view))
        for name, indicator in INDICATORS.items()
        if has_region or not indicator.needs_region
    }
