"""Ties of which the panel holds shares or nothing, by volume and number: what else runs between two countries."""

from __future__ import annotations

import numpy as np
import pandas as pd
from jaxtyping import Float

from orrery.data.panel import Panel, Tables
from orrery.measure.span import years_of
from orrery.measure.trade_agreements import shared_agreements

ARMS_WINDOW = 5
"""Years of deliveries that make a tie in arms: single years are lumpy."""


def further_ties(
    panel: Panel, tables: Tables, years: tuple[int, int] | None = None
) -> dict[str, Float[np.ndarray, "year country partner"]]:
    """Return `arms_volume` and `agreements`, the trade agreements in force that bind a pair (DESTA).

    Args:
        panel: countries and years.
        tables: the store, with the sources `sipri` and `desta`.
        years: first and last year; the whole panel by default.

    Raises:
        MeasureError: years outside the panel.
        StoreError: the store lacks a source.
    """
    return {
        "arms_volume": arms_volume(panel, tables, years),
        "agreements": shared_agreements(panel, tables, years),
    }


def arms_volume(
    panel: Panel, tables: Tables, years: tuple[int, int] | None = None
) -> Float[np.ndarray, "year country partner"]:
    """Return what two countries delivered to each other over five years, in millions of trend-indicator values.

    The same both ways. NaN in years whose five are not all within the source, and outside the state system.

    Raises:
        MeasureError: years outside the panel.
        StoreError: the store lacks the source `sipri`.
    """
    span = years_of(panel, years)
    table = tables.read("arms_transfers")
    index = pd.Index(panel.countries)
    one, other = (index.get_indexer(pd.Index(table[name].astype(object))) for name in ("supplier", "recipient"))
    size = len(index)
    start = span[0] - ARMS_WINDOW + 1
    when = table["year"].to_numpy(int) - start
    delivered = np.zeros((len(span) + ARMS_WINDOW, size, size))
    kept = (one >= 0) & (other >= 0) & (when >= 0) & (when < len(delivered) - 1)
    np.add.at(delivered, (when[kept] + 1, one[kept], other[kept]), table["tiv"].to_numpy(float)[kept])
    summed = delivered.cumsum(0)
    sums = summed[ARMS_WINDOW:] - summed[:-ARMS_WINDOW]
    first, last = int(table["year"].min()) + ARMS_WINDOW - 1, int(table["year"].max())
    present = np.stack([panel.in_system(year) & (first <= year <= last) for year in span])
    # Differences of running sums leave traces of rounding where nothing was delivered.
    both = np.clip(sums + sums.transpose(0, 2, 1), 0, None).round(9)
    return np.where(present[:, :, None] & present[:, None, :], both, np.nan)
