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

from orrery.base.errors import ScenarioError
from orrery.world.world import AnyArray

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
    exclusivity: Float[AnyArray, "*year"]
    """Multiplier of how strongly poles demand exclusive alignment, at least 0."""
    tension: Float[AnyArray, "*year"]
    """Multiplier of the tension that disputes warrant, at least 0 (`exp(τ)` in the theory)."""
    noise: Float[AnyArray, "*year"]
    """Multiplier of the standard deviation of every shock, at least 0; 0 switches shocks off."""

    @property
    def n_years(self) -> int:
        """Number of simulated years."""
        return self.year.shape[0]


_MULTIPLIERS = ("outward_propensity", "exclusivity", "tension", "noise")


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
        noise=np.ones(n_years),
    )


def still_forcing(observed: Observed, n_years: int) -> Forcing:
    """Return the paths on which nothing happens: no trends and no shocks, so that the first year repeats itself.

    Raises:
        ScenarioError: fewer than one year.
    """
    if n_years < 1:
        raise ScenarioError(f"`n_years`: {n_years} came; a simulation has at least 1 year. Ask for more years.")
    n_countries, n_poles = len(observed.countries), len(observed.poles)
    return Forcing(
        year=observed.year + np.arange(1, n_years + 1),
        capability_growth=np.zeros((n_years, n_countries)),
        connectedness_trend=np.zeros(n_years),
        connectedness_shock=np.zeros(n_years),
        outward_propensity=np.ones((n_years, n_poles)),
        exclusivity=np.ones(n_years),
        tension=np.ones(n_years),
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
        if field.name in _MULTIPLIERS and (path < 0).any():
            raise ScenarioError(f"path `{field.name}`: {path.min():g} came; multipliers are at least 0. Raise it.")
    if not np.array_equal(np.asarray(forcing.year), expected.year):
        raise ScenarioError(
            f"path `year`: {np.asarray(forcing.year).tolist()} came; the years after {observed.year} are expected, "
            f"{expected.year[0]} to {expected.year[-1]}."
        )


def one_year(forcing: Forcing, index: int) -> Forcing:
    """Return year number `index` of the paths, as a step sees it."""
    return Forcing(**{f.name: jnp.asarray(getattr(forcing, f.name))[index] for f in dataclasses.fields(Forcing)})
