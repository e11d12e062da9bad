"""One year measured: every country's portfolios, and what a country's portfolios say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from jaxtyping import Float, Int8

from orrery.base.axes import CHANNEL, COUNTRY, OPTION
from orrery.data.panel import Panel, Status
from orrery.measure.portfolios import indices
from orrery.measure.portfolios.channels import (
    CHANNELS,
    COMPOSITE,
    NON_ALIGNED,
    Members,
    channel_portfolio,
    composite,
    composite_status,
    portfolios_of_year,
    vote_likeness,
)
from orrery.measure.portfolios.family import channel_indices, pair_of, portfolio_indices
from orrery.measure.portfolios.poles import Pole, poles_of_year
from orrery.measure.portfolios.rivalry import POLE, RIVAL, PoleSystem

INTERVAL = (0.05, 0.95)
"""Bounds of the interval of every measured share and index: 90 %."""


@dataclass(frozen=True)
class YearPortfolios:
    """Every country's portfolios in a year.

    Attributes:
        year: calendar year.
        poles: the poles that exist in the year.
        members: who makes them up.
        shares: `[country, option, channel]`, NaN where a channel has no data or no ties.
        status: `Status` by `[country, channel]`.
    """

    year: int
    poles: tuple[Pole, ...]
    members: Members
    shares: Float[np.ndarray, "country option channel"]
    status: Int8[np.ndarray, "country channel"]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the poles."""
        return tuple(pole.name for pole in self.poles)


def year_portfolios(panel: Panel, chosen: Sequence[Pole], year: int) -> YearPortfolios:
    """Return every country's portfolios in a year over those of the poles that exist then.

    Raises:
        MeasureError: a country makes up two poles.
    """
    present = poles_of_year(chosen, year)
    members = Members(present, panel, year)
    shares, status = portfolios_of_year(panel, members, year)
    return YearPortfolios(year, present, members, shares, status)


def with_composite(
    shares: Float[np.ndarray, "*axes option channel"], weights: Mapping[str, float]
) -> Float[np.ndarray, "*axes option channels"]:
    """Return the channels' portfolios with the composite after them."""
    return np.concatenate([shares, composite(shares, weights)[..., None]], axis=-1)


def sampled_portfolios(
    year: YearPortfolios, places: Sequence[int], points: Float[np.ndarray, "draw country"]
) -> Float[np.ndarray, "draw place option channel"]:
    """Return portfolios of the countries at `places` for draws of all ideal points: votes move, the rest stand."""
    sampled = np.repeat(year.shares[None, places], len(points), axis=0)
    likeness = vote_likeness(points, year.members)[:, places]
    sampled[..., list(CHANNELS).index("votes")] = channel_portfolio(likeness, flow=False)
    return sampled


def measured_year(
    year: YearPortfolios,
    places: Sequence[int],
    weights: Mapping[str, float],
    sampled: Float[np.ndarray, "draw place option channel"],
    *,
    systems: tuple[PoleSystem, PoleSystem],
    between: tuple[str, str] | None,
) -> xr.Dataset:
    """Return the shares and indices of one year with their bounds.

    Args:
        year: the year's portfolios.
        places: places of the countries asked for.
        weights: of the channels in the composite.
        sampled: draws of their portfolios.
        systems: the poles at the central ideal points, and at the draws.
        between: poles whose balance is measured; the greatest rivals by default.
    """
    centre = systems[0]
    pair = pair_of(between, year.names, centre.rivalry)
    central = with_composite(year.shares[places], weights)
    drawn = with_composite(sampled, weights)
    result = _bounded("share", (COUNTRY, OPTION, CHANNEL), central, drawn)
    by_option = [np.moveaxis(array, -1, -2) for array in (central, drawn)]
    for dims, at_centre, at_draws in (
        ((COUNTRY, CHANNEL), *map(portfolio_indices, by_option, systems, (pair, pair))),
        ((COUNTRY,), *(channel_indices(a[..., :-1, :], s, weights) for a, s in zip(by_option, systems, strict=True))),
    ):
        for name, value in at_centre.items():
            result |= _bounded(name, dims, value, at_draws[name])
    status = np.concatenate([year.status, composite_status(year.status, weights)[:, None]], axis=1)[places]
    names = list(year.names)
    known = not np.isnan(centre.rivalry).any()
    return xr.Dataset(
        {
            **result,
            "status": ((COUNTRY, CHANNEL), status),
            "rivalry": ((POLE, RIVAL), centre.rivalry),
            "rivalry_excess": ((), indices.negative_type_excess(centre.rivalry) if known else np.nan),
            "equidistance_between": ((), " and ".join(names[place] for place in pair) if pair else ""),
        },
        coords={OPTION: [NON_ALIGNED, *names], POLE: names, RIVAL: names, CHANNEL: [*CHANNELS, COMPOSITE]},
    )


def _bounded(
    name: str, dims: tuple[str, ...], central: np.ndarray, sampled: np.ndarray
) -> dict[str, tuple[tuple[str, ...], np.ndarray]]:
    """Return a value with its bounds; NaN bounds where the draws do not move it, because no error is stated."""
    stacked = np.sort(sampled, axis=0)
    lower, upper = (stacked[round(q * (len(stacked) - 1))] for q in INTERVAL)
    moved = upper > lower
    return {
        name: (dims, central),
        f"{name}_lower": (dims, np.where(moved, lower, np.nan)),
        f"{name}_upper": (dims, np.where(moved, upper, np.nan)),
    }


def asymmetries(panel: Panel, year: YearPortfolios, places: Sequence[int]) -> Float[np.ndarray, "place pole channel"]:
    """Return `D(i on p) - D(p on i)` on each pole in each flow channel, -1 to 1; NaN in all others.

    A pole's dependence on the country is its share of the pole's own total, for a composite pole the output-weighted
    mean over its members, the country left out. Likenesses are the same from both ends and have no asymmetry.
    """
    result = np.full((len(places), len(year.poles), len(CHANNELS)), np.nan)
    for place, channel in enumerate(CHANNELS.values()):
        if not channel.flow:
            continue
        ties = panel.values(channel.variable, year=year.year)
        silent = panel.status(channel.variable, year=year.year) == Status.MISSING
        back = np.where(silent[None, :], np.nan, ties.T)
        known = (~np.isnan(back) & ~np.eye(len(back), dtype=bool)) @ year.members.weight.T > 0
        on_country = np.where(known, year.members.mean(back), np.nan)
        result[..., place] = year.shares[places, 1:, place] - on_country[places]
    return result
