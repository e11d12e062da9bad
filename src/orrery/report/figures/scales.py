"""Classes of colour for maps: few enough to be read off, with limits that are round numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from jaxtyping import Float

from orrery.report.style import NEUTRAL, colours_of

_STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25)


@dataclass(frozen=True)
class ColourScale:
    """Classes between `limits` (one more than `colours`); the outer classes may be open.

    Attributes:
        limits: ascending; the first and last are the nominal ends.
        colours: one per class.
        open_low: values below the first limit belong to the first class.
        open_high: values above the last limit belong to the last class.
    """

    limits: tuple[float, ...]
    colours: tuple[str, ...]
    open_low: bool
    open_high: bool

    def colour(self, value: float) -> str:
        """Return the colour of a value; a value on a limit belongs to the class above."""
        # Shares carry rounding errors of the order 1e-16, limits must not.
        index = int(np.searchsorted(self.limits, value + 1e-9, side="right")) - 1
        return self.colours[min(max(index, 0), len(self.colours) - 1)]

    def label(self, index: int) -> str:
        """Return limit number `index` as text, with a real minus sign and no more digits than all limits need."""
        return f"{self.limits[index]:.{decimals(self.limits)}f}".replace("-", "−")


def decimals(numbers: Sequence[float]) -> int:
    """Return how many decimals (0 to 4) show all `numbers` as they are."""
    return next((n for n in range(4) if np.allclose(np.round(numbers, n), numbers, atol=1e-9)), 4)


def level_scale(values: Float[np.ndarray, "*any"], colour_map: str) -> ColourScale:
    """Return at most seven classes from 0 upwards that hold all `values` (at least 0)."""
    largest = float(np.nanmax(values, initial=0.0))
    step = next((step for step in _STEPS if largest <= 7 * step + 1e-9), _STEPS[-1])
    n = max(ceil(largest / step - 1e-9), 3)
    return ColourScale(tuple(step * i for i in range(n + 1)), tuple(colours_of(colour_map, n)), False, False)


def change_scale(values: Float[np.ndarray, "*any"], colour_map: str) -> ColourScale:
    """Return seven classes around 0, the outer ones open, so that a few extreme `values` do not wash out the rest."""
    typical = float(np.nanquantile(np.abs(values), 0.95)) if np.isfinite(values).any() else 0.0
    step = next((step for step in _STEPS if typical <= 3.5 * step), _STEPS[-1])
    limits = tuple(step * (i + 0.5) for i in range(-4, 4))
    colours = colours_of(colour_map, 7, ends=(0.06, 0.94))
    return ColourScale(limits, (*colours[:3], NEUTRAL, *colours[4:]), True, True)
