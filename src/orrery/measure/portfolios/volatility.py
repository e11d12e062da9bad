"""Volatility: how much of a country's ties with the poles moves from one year to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from jaxtyping import Float

from orrery.data.panel import Status
from orrery.measure.portfolios import indices
from orrery.measure.portfolios.channels import CHANNELS, composite
from orrery.measure.portfolios.family import shares_over_poles
from orrery.measure.portfolios.poles import Pole
from orrery.measure.portfolios.year import YearPortfolios

FRESH = (Status.OBSERVED, Status.ESTIMATED)
"""Statuses of cells that stand for their own year; filled ones move by construction, or not at all."""


def yearly_change(
    before: YearPortfolios, after: YearPortfolios, chosen: Sequence[Pole], weights: Mapping[str, float]
) -> Float[np.ndarray, "country channels"]:
    """Return the total variation of shares over poles between two years, by channel and for the composite, 0 to 1.

    NaN where a channel has no portfolio of its own year in both (a value carried forward does not move because nobody
    looked). The composite is compared over the channels known in both years, so that a channel that appears is no
    change. A pole that exists in one of the years only has share 0 in the other.
    """
    fresh = np.isin(before.status, FRESH) & np.isin(after.status, FRESH)
    pair = []
    for year in (before, after):
        shares = np.zeros((len(year.shares), len(chosen) + 1, len(CHANNELS)))
        kept = [0, *(1 + place for place, pole in enumerate(chosen) if pole in year.poles)]
        shares[:, kept] = year.shares
        shares = np.where(fresh[:, None, :], shares, np.nan)
        together = composite(shares, weights)
        pair.append(shares_over_poles(np.moveaxis(np.concatenate([shares, together[..., None]], -1), 1, 2)))
    return indices.total_variation(*pair)


def volatility(
    portfolios: Sequence[YearPortfolios], chosen: Sequence[Pole], weights: Mapping[str, float], window: int
) -> Float[np.ndarray, "year country channels"]:
    """Return the mean yearly change over the `window` changes that end in each year; NaN where one is unknown.

    Args:
        portfolios: consecutive years.
        chosen: all poles asked for.
        weights: of the channels in the composite.
        window: number of yearly changes averaged.
    """
    changes = np.stack(
        [
            np.full((len(portfolios[0].shares), len(CHANNELS) + 1), np.nan),
            *(yearly_change(before, after, chosen, weights) for before, after in pairwise(portfolios)),
        ]
    )
    result = np.full_like(changes, np.nan)
    for last in range(window, len(changes)):
        result[last] = changes[last - window + 1 : last + 1].mean(0)
    return result
