"""Multilateralism: how densely countries are bound together by shared memberships."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float

from orrery.data.panel import Panel


def relative_density(
    shared: Float[np.ndarray, "country partner"], reference: float
) -> Float[np.ndarray, "country partner"]:
    """Return shared memberships over a reference mean, with an empty diagonal: the density `J_ij`."""
    density = shared / reference
    np.fill_diagonal(density, 0)
    return density


def mean_shared(shared: Float[np.ndarray, "country partner"], present: Bool[np.ndarray, " country"]) -> float:
    """Return the mean number of shared memberships over all pairs of the countries present."""
    block = shared[np.ix_(present, present)]
    count = len(block)
    return float((block.sum() - np.trace(block)) / (count * (count - 1)))


def density(panel: Panel, year: int) -> float:
    """Return `mean over pairs of ln(1 + n_ij)`, `n_ij` the shared memberships; NaN where the year has none."""
    shared = panel.values("shared_memberships", year=year)
    present = ~np.isnan(np.diag(shared))
    if present.sum() < 2:
        return float("nan")
    block = np.log1p(shared[np.ix_(present, present)])
    return float((block.sum() - np.trace(block)) / (len(block) * (len(block) - 1)))


def memberships_per_country(panel: Panel, year: int) -> float:
    """Return the mean number of full memberships per country; NaN where the year has none."""
    own = np.diag(panel.values("shared_memberships", year=year))
    return float(np.nanmean(own)) if (~np.isnan(own)).any() else float("nan")
