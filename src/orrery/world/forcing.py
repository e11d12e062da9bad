"""The exogenous paths of a simulation: everything a scenario may move, year by year, after the first year.

Paths start after the first year because whatever held in the first year is part of the observed world, and the
inversion would absorb it.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int

from orrery.base.arrays import AnyArray
from orrery.base.errors import ScenarioError
from orrery.world.bodies import AREAS
from orrery.world.rule_rows import n_versions

if TYPE_CHECKING:
    from orrery.world.observed import Observed
    from orrery.world.params import Params


class Forcing(eqx.Module):
    """Exogenous paths. With a leading year axis a whole path; a step sees one year of it."""

    year: Int[AnyArray, "*year"]
    """Calendar year that each step ends in."""
    capability_growth: Float[AnyArray, "*year country"]
    """Growth of each country's capability before renormalisation, log points per year."""
    connectedness_trend: Float[AnyArray, "*year"]
    """Multiplier of the growth of connectedness: 1 as the model has it, 0 frozen, -1 reversed."""
    connectedness_shock: Float[AnyArray, "*year"]
    """Index points added to connectedness in the year."""
    outward_propensity: Float[AnyArray, "*year pole"]
    """Multiplier of the share of capability that a pole spends on supplying others, at least 0."""
    exclusivity: Float[AnyArray, "*year pole"]
    """Multiplier of how strongly each pole demands exclusive alignment, at least 0."""
    tension: Float[AnyArray, "*year"]
    """Multiplier of the tension that disputes warrant, at least 0 (`exp(τ)` in the theory)."""
    tension_shock: Float[AnyArray, "*year"]
    """Added to tension in the year."""
    access: Float[AnyArray, "*year country pole"]
    """Multiplier of what a country is ordinarily supplied with by a pole, at least 0."""
    grants: Float[AnyArray, "*year country pole"]
    """Part of a pole's capability given to a country in addition, at least 0."""
    pressure: Float[AnyArray, "*year country pole"]
    """Coercion by a pole in addition, such as sanctions, at least 0."""
    guarantee: Float[AnyArray, "*year country pole"]
    """Part of the other poles' coercion that a pole keeps away from a country, 0 to 1."""
    adjustment: Float[AnyArray, "*year country"]
    """Multiplier of the speed at which a country adjusts its portfolio, at least 0; delay is below 1."""
    problem_trend: Float[AnyArray, "*year"]
    """Multiplier of the growth of common problems: 1 as the model has it, 0 frozen."""
    problem_shock: Float[AnyArray, "*year area"]
    """Added to the logarithm of the stock of common problems in the year."""
    stakes: Float[AnyArray, "*year area"]
    """Multiplier of what there is to gain from agreements in an area, at least 0."""
    births: Float[AnyArray, "*year"]
    """Multiplier of the rate at which ad hoc bodies are born, at least 0."""
    deaths: Float[AnyArray, "*year"]
    """Multiplier of the rate at which bodies die, at least 0."""
    exits: Float[AnyArray, "*year"]
    """Multiplier of the rate at which countries leave bodies, at least 0."""
    membership: Int[AnyArray, "*year body country"]
    """1 where a country is held in a body, -1 where it is held out, 0 where the model decides."""
    rule_version: Int[AnyArray, "*year body"]
    """Version of its rule that a body follows, 0 that of the first year."""
    founding: Int[AnyArray, "*year body"]
    """1 in the year in which a scenario founds the body."""
    noise: Float[AnyArray, "*year"]
    """Multiplier of the standard deviation of every shock, at least 0. At 0 shocks are off: nothing is left to chance,
    no body is born or dies and nobody joins or leaves, and agreements come in part, as far as they are likely."""

    @property
    def n_years(self) -> int:
        """Number of simulated years."""
        return self.year.shape[0]


_AT_LEAST_ZERO = (
    "outward_propensity",
    "exclusivity",
    "tension",
    "access",
    "grants",
    "pressure",
    "guarantee",
    "adjustment",
    "stakes",
    "births",
    "deaths",
    "exits",
    "noise",
)


def no_change_forcing(observed: Observed, n_years: int, params: Params) -> Forcing:
    """Return the paths on which nobody changes course.

    All multipliers are 1, and each country's observed growth of capability fades, `μ_i(t) = μ_i0 exp(-t / τ_μ)`,
    with `τ_μ` the parameter `growth_fading_years`.
    """
    elapsed = np.arange(1, n_years + 1)
    fading = np.exp(-elapsed / float(params.growth_fading_years))
    return dataclasses.replace(
        still_forcing(observed, n_years),
        capability_growth=fading[:, None] * observed.capability_growth,
        connectedness_trend=np.ones(n_years),
        problem_trend=np.ones(n_years),
        noise=np.ones(n_years),
    )


def still_forcing(observed: Observed, n_years: int) -> Forcing:
    """Return the paths on which nothing happens: no trends and no shocks, so that the first year repeats itself.

    Raises:
        ScenarioError: fewer than one year.
    """
    if n_years < 1:
        raise ScenarioError(f"`n_years`: {n_years} came; a simulation has at least 1 year. Ask for more years.")
    n_countries, n_poles, n_bodies = len(observed.countries), len(observed.poles), len(observed.bodies.codes)
    towards = (n_years, n_countries, n_poles)
    return Forcing(
        year=observed.year + np.arange(1, n_years + 1),
        capability_growth=np.zeros((n_years, n_countries)),
        connectedness_trend=np.zeros(n_years),
        connectedness_shock=np.zeros(n_years),
        outward_propensity=np.ones((n_years, n_poles)),
        exclusivity=np.ones((n_years, n_poles)),
        tension=np.ones(n_years),
        tension_shock=np.zeros(n_years),
        access=np.ones(towards),
        grants=np.zeros(towards),
        pressure=np.zeros(towards),
        guarantee=np.zeros(towards),
        adjustment=np.ones((n_years, n_countries)),
        problem_trend=np.zeros(n_years),
        problem_shock=np.zeros((n_years, len(AREAS))),
        stakes=np.ones((n_years, len(AREAS))),
        births=np.ones(n_years),
        deaths=np.ones(n_years),
        exits=np.ones(n_years),
        membership=np.zeros((n_years, n_bodies, n_countries), np.int8),
        rule_version=np.zeros((n_years, n_bodies), np.int64),
        founding=np.zeros((n_years, n_bodies), np.int8),
        noise=np.zeros(n_years),
    )


def check_forcing(forcing: Forcing, observed: Observed) -> None:
    """Refuse paths that do not fit the observed world.

    Raises:
        ScenarioError: naming the path, what came and what is allowed.
    """
    expected = still_forcing(observed, forcing.n_years)
    for field in dataclasses.fields(Forcing):
        path, shape = np.asarray(getattr(forcing, field.name)), getattr(expected, field.name).shape
        if path.shape != shape:
            raise ScenarioError(f"path `{field.name}`: shape {path.shape} came; {shape} is expected. Rebuild the path.")
        if not np.isfinite(path).all():
            raise ScenarioError(f"path `{field.name}`: a value is not finite. Give a number for every year.")
        if field.name in _AT_LEAST_ZERO and (path < 0).any():
            raise ScenarioError(f"path `{field.name}`: {path.min():g} came; it is at least 0. Raise it.")
    if (np.asarray(forcing.guarantee) > 1).any():
        raise ScenarioError(f"path `guarantee`: {np.max(forcing.guarantee):g} came; it is from 0 to 1. Lower it.")
    _check_membership(np.asarray(forcing.membership), observed)
    _check_founding(np.asarray(forcing.founding), observed)
    _check_versions(np.asarray(forcing.rule_version), observed)
    if not np.array_equal(np.asarray(forcing.year), expected.year):
        raise ScenarioError(
            f"path `year`: {np.asarray(forcing.year).tolist()} came; the years after {observed.year} are expected, "
            f"{expected.year[0]} to {expected.year[-1]}."
        )


def _check_membership(membership: np.ndarray, observed: Observed) -> None:
    wrong = np.argwhere(~np.isin(membership, (-1, 0, 1)))
    if len(wrong):
        year, body, country = wrong[0].tolist()
        raise ScenarioError(
            f"path `membership`: {membership[year, body, country]} came for {observed.countries[country]} in "
            f"{observed.bodies.codes[body]}; 1 holds it in, -1 out, 0 leaves it to the model."
        )
    barred = np.argwhere((membership == 1).any(0) & ~observed.bodies.eligible)
    if len(barred):
        body, country = barred[0].tolist()
        raise ScenarioError(
            f"path `membership`: {observed.countries[country]} is held in {observed.bodies.codes[body]}, of which it "
            "may not be a member. Open the body to it (`ObservedBodies.opened`)."
        )


def _check_founding(founding: np.ndarray, observed: Observed) -> None:
    bodies = observed.bodies
    if not np.isin(founding, (0, 1)).all():
        raise ScenarioError("path `founding`: it is 1 in the year in which a body is founded, else 0. Correct it.")
    wrong = founding.any(0) & (bodies.in_being | bodies.open_place)
    if wrong.any():
        raise ScenarioError(
            f"path `founding`: {bodies.codes[int(np.argmax(wrong))]} is in being, or an open place; only a body that "
            "`ObservedBodies.founded` added can be founded."
        )
    if (founding.sum(0) > 1).any():
        code = bodies.codes[int(np.argmax(founding.sum(0)))]
        raise ScenarioError(f"path `founding`: {code} is founded in several years. Name one year.")


def _check_versions(version: np.ndarray, observed: Observed) -> None:
    available = n_versions(observed.bodies.rules)
    wrong = np.argwhere((version < 0) | (version >= available))
    if len(wrong):
        year, body = wrong[0].tolist()
        raise ScenarioError(
            f"path `rule_version`: {version[year, body]} came for {observed.bodies.codes[body]}; it has the versions "
            f"0 to {available[body] - 1} of its rule. Name one of them, or add a reform."
        )


def one_year(forcing: Forcing, index: int) -> Forcing:
    """Return year number `index` of the paths, as a step sees it."""
    return Forcing(**{f.name: jnp.asarray(getattr(forcing, f.name))[index] for f in dataclasses.fields(Forcing)})
