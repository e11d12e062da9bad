"""One call for the alignment of countries over years: portfolios, indices and their uncertainty, labelled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from jaxtyping import Float

from orrery.base.axes import CHANNEL, COUNTRY, OPTION, YEAR
from orrery.base.errors import MeasureError
from orrery.data.panel import Panel, Status
from orrery.measure.labelled import Labelled
from orrery.measure.portfolios import indices
from orrery.measure.portfolios.channels import (
    CHANNELS,
    COMPOSITE,
    NON_ALIGNED,
    Members,
    channel_portfolio,
    composite,
    composite_status,
    composite_weights,
    pole_positions,
    portfolios_of_year,
    vote_likeness,
)
from orrery.measure.portfolios.poles import DEFAULT_POLES, Pole, poles
from orrery.measure.span import years_of

INTERVAL = (0.05, 0.95)
"""Bounds of the interval of every measured share and index: 90 %."""

INDICES = {
    "diversity": "Spread over the poles, whoever they are (MV), 0 to 1",
    "rival_diversity": "Spread over poles that are rivals of each other (RD), 0 to 1",
    "effective_vectors": "Number of mutually rival, equally used poles (EV), from 1",
    "effective_multivectorness": "Multi-vector and engaged: (1 - non-alignment) x RD (EMV), 0 to 1",
}


@dataclass(frozen=True)
class Alignment(Labelled):
    """Measured portfolios and indices.

    Attributes:
        dataset: `share`, `share_lower`, `share_upper` by `year, country, option, channel`; each index of `INDICES`
            with its `_lower` and `_upper` by `year, country, channel`; `status` by `year, country, channel`. The
            channel `composite` is the weighted mean. Intervals are 90 % and come from the ideal points' posterior;
            the other channels' sources state no error, so theirs are NaN.
        poles: names of the poles.
        weights: weight of each channel in the composite, summing to 1.
        draws: posterior draws behind the intervals.
    """

    dataset: xr.Dataset
    poles: tuple[str, ...]
    weights: dict[str, float]
    draws: int

    def to_frame(self) -> pd.DataFrame:
        """Return one row per year, country and channel: status, shares by option, indices, with bounds."""
        wide = self.dataset[["share", "share_lower", "share_upper"]].to_dataframe().unstack(OPTION)
        wide.columns = [f"{name.replace('share', option, 1)}" for name, option in wide.columns]
        rest = self.dataset.drop_vars(["share", "share_lower", "share_upper", OPTION]).to_dataframe()
        frame = wide.join(rest).reset_index()
        frame["status"] = [Status(code).words for code in frame["status"]]
        return frame

    def to_xarray(self) -> xr.Dataset:
        """Return the labelled arrays."""
        return self.dataset


def alignment(
    panel: Panel,
    countries: str | Sequence[str],
    years: tuple[int, int] | None = None,
    *,
    over: Sequence[str] = DEFAULT_POLES,
    weights: Mapping[str, float] | None = None,
    draws: int = 200,
    seed: int = 0,
) -> Alignment:
    """Measure how countries' ties divide over the poles, channel by channel and together.

    Args:
        panel: the data, `orrery.load()`.
        countries: one ISO3 code or several.
        years: first and last year; the whole panel by default.
        over: names of the poles.
        weights: weight of each channel in the composite; equal over trade, arms, pacts, membership and votes by
            default (official finance has a source for one donor only, so its default weight is 0).
        draws: draws from the posterior of the ideal points behind the intervals.
        seed: of those draws.

    Raises:
        CountryCodeError: an unknown country.
        MeasureError: an unknown channel, years outside the panel, fewer than 2 draws.
    """
    wanted = (countries,) if isinstance(countries, str) else tuple(countries)
    places = [panel.country_position(code) for code in wanted]
    span = years_of(panel, years)
    if draws < 2:
        raise MeasureError(f"`draws`: {draws} came; an interval needs at least 2 draws.")
    chosen = poles(over)
    used = composite_weights(weights)
    generator = np.random.default_rng(seed)
    measured = [_measure_year(panel, chosen, year, places, used, draws, generator) for year in span]
    shape = (YEAR, COUNTRY, OPTION, CHANNEL)
    dataset = xr.Dataset(
        {
            name: (
                shape if measured[0][name].ndim == 3 else (YEAR, COUNTRY, CHANNEL),
                np.stack([m[name] for m in measured]),
            )
            for name in measured[0]
        },
        coords={
            YEAR: list(span),
            COUNTRY: list(wanted),
            OPTION: [NON_ALIGNED, *(pole.name for pole in chosen)],
            CHANNEL: [*CHANNELS, COMPOSITE],
        },
    )
    return Alignment(dataset, tuple(pole.name for pole in chosen), used, draws)


def _measure_year(
    panel: Panel,
    chosen: Sequence[Pole],
    year: int,
    places: list[int],
    weights: Mapping[str, float],
    draws: int,
    generator: np.random.Generator,
) -> dict[str, np.ndarray]:
    """Measure one year: central values, and quantiles over draws of the ideal points."""
    members = Members(chosen, panel, year)
    mean, sd = panel.values("ideal_point", year=year), panel.values("ideal_point_sd", year=year)
    shares, status = portfolios_of_year(panel, members, year)
    sampled_points = mean + sd * generator.standard_normal((draws, len(mean)))
    sampled = np.repeat(shares[None, places], draws, axis=0)
    votes = channel_portfolio(vote_likeness(sampled_points, members)[:, places], flow=False)
    sampled[..., list(CHANNELS).index("votes")] = votes

    central = _with_composite(shares[places], weights)
    drawn = _with_composite(sampled, weights)
    at_centre = portfolio_indices(np.moveaxis(central, -1, -2), pole_positions(mean, members))
    at_draws = portfolio_indices(np.moveaxis(drawn, -1, -2), pole_positions(sampled_points, members))
    result = _bounded("share", central, drawn)
    for name in INDICES:
        result |= _bounded(name, at_centre[name], at_draws[name])
    result["status"] = np.concatenate([status, composite_status(status, weights)[:, None]], axis=1)[places]
    return result


def _bounded(name: str, central: np.ndarray, sampled: np.ndarray) -> dict[str, np.ndarray]:
    """Return a value with its bounds; NaN bounds where the draws do not move it, because no error is stated."""
    stacked = np.sort(sampled, axis=0)
    lower, upper = (stacked[round(q * (len(stacked) - 1))] for q in INTERVAL)
    moved = upper > lower
    return {
        name: central,
        f"{name}_lower": np.where(moved, lower, np.nan),
        f"{name}_upper": np.where(moved, upper, np.nan),
    }


def _with_composite(
    shares: Float[np.ndarray, "*axes option channel"], weights: Mapping[str, float]
) -> Float[np.ndarray, "*axes option channels"]:
    return np.concatenate([shares, composite(shares, weights)[..., None]], axis=-1)


def portfolio_indices(
    portfolio: Float[np.ndarray, "*axes channel option"], positions: Float[np.ndarray, "*axes2 pole"]
) -> dict[str, Float[np.ndarray, "*axes channel"]]:
    """Return every index of `INDICES` for portfolios over non-alignment and poles at `positions` on a line.

    Rivalry is the distance of the poles' ideal points over its maximum. An index is NaN where nothing is aligned
    with any pole, or where rivalry is unknown because a pole has no ideal point.
    """
    outside = portfolio[..., 0]
    unaligned = outside >= 1 - 1e-12
    shares = portfolio[..., 1:] / np.where(unaligned, np.nan, 1 - outside)[..., None]
    # One rivalry matrix serves every country and channel of a draw.
    rivalry = indices.line_rivalry(positions).reshape(
        *positions.shape[:-1], *(1,) * (portfolio.ndim - positions.ndim), *positions.shape[-1:] * 2
    )
    rival = indices.rival_diversity(shares, rivalry, indices.LINE_MAXIMUM)
    return {
        "diversity": indices.diversity(shares),
        "rival_diversity": rival,
        "effective_vectors": indices.effective_vectors(shares, rivalry),
        # A country outside every pole is not multi-vector: its EMV is 0 although its RD is undefined.
        "effective_multivectorness": np.where(unaligned, 0.0, indices.effective_multivectorness(rival, outside)),
    }
