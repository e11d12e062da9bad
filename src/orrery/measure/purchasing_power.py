"""Capability at purchasing-power parities, added to a panel: the measure of output that exchange rates do not move."""

from __future__ import annotations

import numpy as np

from orrery.base.axes import COUNTRY, YEAR
from orrery.data.panel import Panel, Status, Tables, Variable

CAPABILITY_PPP = Variable(
    "capability_ppp",
    (YEAR, COUNTRY),
    "share of the world",
    "Share of world output at purchasing-power parities (Feenstra, Inklaar & Timmer 2015)",
    ("pwt",),
    None,
)


def with_purchasing_power(panel: Panel, tables: Tables) -> Panel:
    """Return the panel with `capability_ppp`, which `polarity` then takes for its variant `ppp`.

    Each country's share of the output of all countries of the year that have a figure. Nothing is interpolated or
    carried forward: the source ends in 2019, and knows neither the Soviet Union nor Yugoslavia nor Czechoslovakia.

    Args:
        panel: countries and years, `orrery.load()`.
        tables: the store, `orrery.open_store()`, with the source `pwt`.

    Raises:
        StoreError: the store lacks the source.
    """
    wide = tables.read("purchasing_power").pivot(index="year", columns="iso3", values="gdp_ppp_musd")
    output = wide.reindex(index=list(panel.years), columns=list(panel.countries)).to_numpy(float)
    output = np.where(panel.dataset["in_system"].values, output, np.nan)
    total = np.nansum(output, axis=1, keepdims=True)
    shares = output / np.where(total > 0, total, np.nan)
    status = np.where(np.isnan(shares), Status.MISSING, Status.OBSERVED).astype(np.int8)
    return panel.with_variable(CAPABILITY_PPP, shares, status)
