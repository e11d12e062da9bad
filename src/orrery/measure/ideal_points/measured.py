"""The ideal points that a panel holds, with their intervals: no votes and no estimation needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from orrery.base.axes import COUNTRY, YEAR
from orrery.data.panel import Panel, Status
from orrery.measure.labelled import Labelled
from orrery.measure.span import years_of

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

INTERVAL = (0.05, 0.95)
"""Bounds of the interval of every position: 90 %."""


@dataclass(frozen=True)
class MeasuredPoints(Labelled):
    """Positions of countries over calendar years.

    Attributes:
        dataset: by `year, country`: `ideal_point`, `sd`, `ideal_point_lower` and `ideal_point_upper` (90 %, from the
            normal posterior), and `status`: observed with votes of the year, estimated from other years' votes.
    """

    dataset: xr.Dataset

    def to_frame(self) -> pd.DataFrame:
        """Return one row per year and country."""
        frame = self.dataset.to_dataframe().reset_index()
        frame["status"] = [Status(code).words for code in frame["status"]]
        return frame

    def to_xarray(self) -> xr.Dataset:
        """Return the labelled arrays."""
        return self.dataset


def measured_points(
    panel: Panel, countries: Sequence[str] | None = None, years: tuple[int, int] | None = None
) -> MeasuredPoints:
    """Return the positions in a panel.

    Args:
        panel: the data, `orrery.load()`.
        countries: ISO3 codes; every country of the panel by default.
        years: first and last year; the whole panel by default.

    Raises:
        CountryCodeError: an unknown country.
        DataError: the panel holds no ideal points.
        MeasureError: years outside the panel.
    """
    import xarray as xr

    wanted = panel.countries if countries is None else tuple(countries)
    span = years_of(panel, years)
    rows = [panel.year_position(year) for year in span]
    block = np.ix_(rows, [panel.country_position(code) for code in wanted])
    mean, sd = (panel.values(name)[block].astype(float) for name in ("ideal_point", "ideal_point_sd"))
    axes = (YEAR, COUNTRY)
    lower, upper = (mean + ndtri(level) * sd for level in INTERVAL)
    return MeasuredPoints(
        xr.Dataset(
            {
                "ideal_point": (axes, mean),
                "sd": (axes, sd),
                "ideal_point_lower": (axes, lower),
                "ideal_point_upper": (axes, upper),
                "status": (axes, panel.status("ideal_point")[block]),
            },
            coords={YEAR: list(span), COUNTRY: list(wanted)},
        )
    )
