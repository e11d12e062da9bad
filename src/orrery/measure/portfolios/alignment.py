"""One call for the alignment of countries over years: portfolios, indices and their uncertainty, labelled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from orrery.base.axes import CHANNEL, COUNTRY, OPTION, YEAR
from orrery.base.errors import MeasureError
from orrery.data.panel import Panel, Status, Tables
from orrery.measure.labelled import Labelled
from orrery.measure.portfolios.channels import COMPOSITE, NON_ALIGNED, composite_weights
from orrery.measure.portfolios.family import DIRECTIONS, INDICES, OF_CHANNELS, OF_PORTFOLIO, check_pair
from orrery.measure.portfolios.filled import FillingErrors
from orrery.measure.portfolios.poles import DEFAULT_POLES, Pole, poles
from orrery.measure.portfolios.rivalry import POLE, RIVAL, Rivalry, RivalrySource, rivalry_source
from orrery.measure.portfolios.volatility import volatility
from orrery.measure.portfolios.year import (
    INTERVAL,
    YearPortfolios,
    asymmetries,
    measured_year,
    sampled_portfolios,
    year_portfolios,
)
from orrery.measure.span import years_of

__all__ = ["DIRECTIONS", "INDICES", "INTERVAL", "OF_CHANNELS", "OF_PORTFOLIO", "Alignment", "alignment"]

WINDOW = 5
"""Yearly changes that volatility averages by default."""


@dataclass(frozen=True)
class Alignment(Labelled):
    """Measured portfolios and indices.

    Attributes:
        dataset: `share`, `share_lower`, `share_upper` by `year, country, option, channel`; each index of `INDICES` and
            `DIRECTIONS` with its `_lower` and `_upper`, and `volatility`, by `year, country, channel`; each index of
            `OF_CHANNELS` with bounds by `year, country`; `dependence` and `asymmetry` by `year, country, pole,
            channel`; `status` by `year, country, channel`; `rivalry` by `year, pole, rival`, `rivalry_excess` (above
            0: not of negative type), `rivalry_status` and `equidistance_between` by `year`. The channel `composite` is
            the weighted mean. Intervals are 90 % and come from what `errors` names; a value without a stated error has
            NaN bounds.
        poles: names of the poles.
        weights: weight of each channel in the composite, summing to 1.
        draws: draws behind the intervals.
        rivalry: the variant of rivalry.
        errors: what the intervals contain.
        window: yearly changes behind `volatility`.
    """

    dataset: xr.Dataset
    poles: tuple[str, ...]
    weights: dict[str, float]
    draws: int
    rivalry: str
    errors: tuple[str, ...]
    window: int

    def to_frame(self) -> pd.DataFrame:
        """Return one row per year, country and channel: status, shares by option, indices with bounds, asymmetries.

        A pole's share is the country's dependence on it. Indices of all channels together stand in the row of the
        composite.
        """
        wide = self._by_column(["share", "share_lower", "share_upper"], OPTION)
        wide.columns = [f"{name.replace('share', option, 1)}" for name, option in wide.columns]
        asymmetry = self._by_column(["asymmetry"], POLE)
        asymmetry.columns = [f"asymmetry_{pole}" for _, pole in asymmetry.columns]
        of_channels = [name for name in self.dataset if str(name).startswith(tuple(OF_CHANNELS))]
        plain = [name for name, array in self.dataset.items() if array.dims == (YEAR, COUNTRY, CHANNEL)]
        together = self.dataset[of_channels].expand_dims({CHANNEL: [COMPOSITE]})
        rest = xr.merge([self.dataset[[*plain, "equidistance_between", "rivalry_status"]], together], join="left")
        frame = wide.join(self._frame(rest)).join(asymmetry).reset_index()
        for name in ("status", "rivalry_status"):
            frame[name] = [Status(code).words for code in frame[name]]
        return frame

    def _by_column(self, names: list[str], dimension: str) -> pd.DataFrame:
        return self._frame(self.dataset[names]).unstack(dimension)  # type: ignore[return-value]

    @staticmethod
    def _frame(dataset: xr.Dataset) -> pd.DataFrame:
        return dataset.reset_coords(drop=True).to_dataframe()

    def rivalries(self) -> pd.DataFrame:
        """Return one row per year and pair of poles: their rivalry, and the year's excess over negative type."""
        frame = self.dataset[["rivalry", "rivalry_excess"]].to_dataframe().reset_index()
        return frame[frame[POLE] < frame[RIVAL]].reset_index(drop=True)

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
    rivalry: Rivalry = "ideal_points",
    tables: Tables | None = None,
    between: tuple[str, str] | None = None,
    window: int = WINDOW,
    filled_errors: bool = False,
    draws: int = 200,
    seed: int = 0,
) -> Alignment:
    """Measure how countries' ties divide over the poles, channel by channel and together.

    Args:
        panel: the data, `orrery.load()`.
        countries: one ISO3 code or several.
        years: first and last year; the whole panel by default.
        over: names of the poles: countries, groups taken as one (`"EU"`) or split (`"EU:members"`).
        weights: weight of each channel in the composite; equal over trade, arms, pacts, membership and votes by
            default (official finance has a source for one donor only, and treaties are not in every panel, so the
            default weight of both is 0).
        rivalry: `"ideal_points"`, `"disputes"`, `"sanctions"`, `"combined"`, weights of the first three by name, or
            matrices `[pole, pole]` or `[year, pole, pole]` in the order of the poles.
        tables: the store, which rivalry by disputes or sanctions is read from: `orrery.open_store()`.
        between: the two poles whose balance `equidistance` is; by default the greatest rivals of each year.
        window: number of yearly changes that `volatility` averages.
        filled_errors: whether the intervals also contain the error of interpolated and carried-forward cells. Not by
            default: the error is estimated from other years, while the posterior of the ideal points is stated.
        draws: draws behind the intervals.
        seed: of those draws.

    Raises:
        CountryCodeError: an unknown country.
        MeasureError: an unknown channel, variant or pair, years outside the panel, poles that share a country, fewer
            than 2 draws or a window below 1, rivalry that needs the store without one.
        StoreError: a table that rivalry needs is not in the store.
    """
    wanted = (countries,) if isinstance(countries, str) else tuple(countries)
    places = [panel.country_position(code) for code in wanted]
    span = years_of(panel, years)
    _check_counts(draws, window)
    used, chosen = composite_weights(weights), poles(over)
    names = tuple(pole.name for pole in chosen)
    check_pair(between, names)
    source = rivalry_source(rivalry, panel, chosen, span, tables)
    earlier = range(max(span[0] - window, panel.years[0]), span[0])
    portfolios = [year_portfolios(panel, chosen, year) for year in (*earlier, *span)]
    drawing = _Drawing(
        panel, chosen, source, draws, np.random.default_rng(seed), _filling(panel, seed) if filled_errors else None
    )
    measured = [drawing.measured(year, places, used, between) for year in portfolios[len(earlier) :]]
    labels = {OPTION: [NON_ALIGNED, *names], POLE: list(names), RIVAL: list(names)}
    dataset = xr.concat(
        [year.reindex(labels) for year in measured],
        pd.Index(list(span), name=YEAR),
        data_vars="all",
        coords="minimal",
        compat="override",
        join="exact",
    ).assign_coords({COUNTRY: list(wanted)})
    moved = volatility(portfolios, chosen, used, window)[len(earlier) :, places]
    dataset["volatility"] = (YEAR, COUNTRY, CHANNEL), moved
    dataset["dependence"] = (
        dataset["share"].sel({OPTION: list(names)}).rename({OPTION: POLE}).transpose(YEAR, COUNTRY, POLE, CHANNEL)
    )
    errors = ("posterior of the ideal points", *(("interpolated and carried-forward cells",) if filled_errors else ()))
    return Alignment(dataset, names, used, draws, source.name, errors, window)


def _check_counts(draws: int, window: int) -> None:
    if draws < 2:
        raise MeasureError(f"`draws`: {draws} came; an interval needs at least 2 draws.")
    if window < 1:
        raise MeasureError(f"`window`: {window} came; volatility averages 1 yearly change or more.")


def _filling(panel: Panel, seed: int) -> tuple[FillingErrors, np.random.Generator]:
    # A stream of its own, so that asking for these errors leaves the draws of ideal points as they are.
    return FillingErrors(panel), np.random.default_rng([seed, 1])


@dataclass(frozen=True)
class _Drawing:
    """What every year is measured with."""

    panel: Panel
    chosen: tuple[Pole, ...]
    source: RivalrySource
    draws: int
    generator: np.random.Generator
    filling: tuple[FillingErrors, np.random.Generator] | None

    def measured(
        self,
        year: YearPortfolios,
        places: Sequence[int],
        weights: Mapping[str, float],
        between: tuple[str, str] | None,
    ) -> xr.Dataset:
        """Measure one year: central values, quantiles over draws, and asymmetries."""
        mean, sd = (self.panel.values(name, year=year.year) for name in ("ideal_point", "ideal_point_sd"))
        points = mean + sd * self.generator.standard_normal((self.draws, len(mean)))
        sampled = sampled_portfolios(year, places, points)
        if self.filling is not None:
            errors, generator = self.filling
            sampled = errors.drawn(year, places, sampled, generator)
        centre, drawn = (self.source.system(self.panel, self.chosen, year.year, p) for p in (mean, points))
        dataset = measured_year(year, places, weights, sampled, systems=(centre, drawn), between=between)
        behind = self.source.status(self.panel, year.members, year.year, centre.rivalry)
        dataset["rivalry_status"] = (), np.int8(behind)
        by_channel = asymmetries(self.panel, year, places)
        composite = np.full((*by_channel.shape[:-1], 1), np.nan)
        dataset["asymmetry"] = (COUNTRY, POLE, CHANNEL), np.concatenate([by_channel, composite], axis=-1)
        return dataset
