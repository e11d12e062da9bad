"""Polarity: how capability is divided among the powers of the system."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from orrery.base.arrays import FloatArray
from orrery.base.errors import MeasureError
from orrery.data.panel import Panel
from orrery.measure.portfolios.poles import Pole, membership

CAPABILITY = {
    "cinc": ("capability_cinc",),
    "gdp": ("capability_gdp",),
    "population": ("capability_population",),
    "mean": ("capability_cinc", "capability_gdp"),
}
"""Variants of capability: each the mean of panel variables. `mean` sets the military-industrial composite of 1972
beside output at current prices, because each alone misplaces somebody (steel and soldiers; exchange rates)."""


def effective_number(shares: Float[FloatArray, "*axes power"]) -> Float[FloatArray, "*axes"]:
    """Return `1 / sum s^2` of shares among the powers: the number of equal powers that would be as concentrated.

    Laakso & Taagepera (1979). `shares` need not sum to 1; they are rescaled.
    """
    return shares.sum(-1) ** 2 / (shares**2).sum(-1)


def concentration(shares: Float[FloatArray, "*axes power"]) -> Float[FloatArray, "*axes"]:
    """Return Ray & Singer's (1973) CON: 0 (equal powers) to 1 (one power has all, or is alone).

    `CON = sqrt((sum s^2 - 1/N) / (1 - 1/N))` with `s` rescaled to sum to 1.
    """
    n_powers = shares.shape[-1]
    if n_powers == 1:
        return effective_number(shares)
    # Rounding can put equal shares a hair below the minimum.
    return ((1 / effective_number(shares) - 1 / n_powers).clip(0) / (1 - 1 / n_powers)) ** 0.5


def top_two_share(shares: Float[FloatArray, "*axes power"]) -> Float[FloatArray, "*axes"]:
    """Return the two largest powers' part of the powers' total, 0 to 1."""
    largest = shares.max(-1)
    # The second largest is the maximum over all but the first place that holds the largest.
    is_first = (shares == largest[..., None]).cumsum(-1) * (shares == largest[..., None]) == 1
    return (largest + (shares - is_first * shares).max(-1)) / shares.sum(-1)


def capability(panel: Panel, year: int, variant: str = "mean") -> Float[np.ndarray, " country"]:
    """Return each country's share of the system's capability in a year; NaN where a component is missing.

    Raises:
        MeasureError: no such variant; the message lists them.
    """
    if variant not in CAPABILITY:
        raise MeasureError(f"`variant`: {variant!r} came; capability is one of {', '.join(CAPABILITY)}.")
    parts = np.stack([panel.values(name, year=year) for name in CAPABILITY[variant]])
    return parts.mean(0)


def pole_capability(panel: Panel, chosen: Sequence[Pole], year: int, variant: str = "mean") -> np.ndarray:
    """Return each pole's share of the system's capability `[pole]`: a group's is the sum over its members."""
    return membership(chosen, panel.countries, year) @ np.nan_to_num(capability(panel, year, variant))
