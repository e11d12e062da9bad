"""The years that a measure over time is asked for."""

from __future__ import annotations

from orrery.base.errors import MeasureError
from orrery.data.panel import Panel


def years_of(panel: Panel, years: tuple[int, int] | None) -> range:
    """Return the years from the first to the last asked for, the whole panel by default.

    Raises:
        MeasureError: they are outside the panel or out of order.
    """
    first, last = years or (panel.years[0], panel.years[-1])
    if first > last or first < panel.years[0] or last > panel.years[-1]:
        raise MeasureError(
            f"`years`: {first}-{last} came; the panel holds {panel.years[0]}-{panel.years[-1]}, earlier year first."
        )
    return range(first, last + 1)
