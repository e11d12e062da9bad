"""The error of filled cells: how far interpolating or carrying forward has been wrong where the truth is known.

A cell filled over a gap is given the errors that filling over the same gap makes in years that were observed, in the
same channel, for all countries of the panel: the portfolio observed there less the one that the years at the gap's ends
give. An error is a move of shares between non-alignment and the poles; its sum is 0, its mean need not be (ties drift).
A draw is the filled portfolio plus one such error, returned to the nearest point of the simplex (Held, Wolfe & Crowder
1974). A country's own errors alone would be too few and too alike: taken from the past and held against what came, they
cover much less than they should, and those of all countries about what they should (docs/alignment.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Bool, Float, Int8

from orrery.data.panel import Panel, Status
from orrery.measure.portfolios.channels import CHANNELS, Channel, Members, channel_portfolio
from orrery.measure.portfolios.poles import Pole
from orrery.measure.portfolios.year import YearPortfolios

FEWEST_ERRORS = 10
"""Errors from which draws are taken at the least; with fewer, a cell has no interval."""

FILLED = (Status.INTERPOLATED, Status.CARRIED_FORWARD)
"""Statuses of filled cells."""

Gap = tuple[int, int | None]
"""Years back to the last observation, and on to the next; `None` where there is none (carried forward)."""


def nearest_on_simplex(values: Float[np.ndarray, "*axes option"]) -> Float[np.ndarray, "*axes option"]:
    """Return the nearest point (least squares) whose shares are 0 or more and sum to 1.

    `max(v - t, 0)` with `t` such that it sums to 1: Held, Wolfe & Crowder (1974).
    """
    ordered = -np.sort(-values, axis=-1)
    surplus = (ordered.cumsum(-1) - 1) / np.arange(1, values.shape[-1] + 1)
    kept = (ordered > surplus).sum(-1, keepdims=True)
    return np.maximum(values - np.take_along_axis(surplus, kept - 1, axis=-1), 0)


def gap_at(status: Int8[np.ndarray, " year"], place: int) -> Gap | None:
    """Return the gap around a filled year of one country, `None` where its last observation is before the panel."""
    seen = np.flatnonzero(status == Status.OBSERVED)
    before, after = seen[seen < place], seen[seen > place]
    if not len(before):
        return None
    carried = status[place] == Status.CARRIED_FORWARD
    return int(place - before[-1]), None if carried or not len(after) else int(after[0] - place)


@dataclass(frozen=True)
class FillingErrors:
    """Errors of filled cells of a panel, found when first asked for.

    Attributes:
        panel: the data.
        found: errors by channel, gap and poles, `[year, country, option]`, NaN where they are not known.
        pools: the known ones among them, one per row.
        members: who makes up poles in a year.
    """

    panel: Panel
    found: dict[tuple[str, Gap, tuple[Pole, ...]], np.ndarray] = field(default_factory=dict, repr=False)
    pools: dict[tuple[str, Gap, tuple[Pole, ...]], np.ndarray] = field(default_factory=dict, repr=False)
    members: dict[tuple[int, tuple[Pole, ...]], Members] = field(default_factory=dict, repr=False)

    def errors(self, channel: Channel, gap: Gap, poles: tuple[Pole, ...]) -> Float[np.ndarray, "year country option"]:
        """Return the errors of filling over `gap` in every year of the panel that was observed."""
        key = (channel.name, gap, poles)
        if key not in self.found:
            self.found[key] = np.stack([self._of_year(channel, gap, poles, year) for year in self.panel.years])
        return self.found[key]

    def known(self, channel: Channel, gap: Gap, poles: tuple[Pole, ...]) -> Float[np.ndarray, "error option"]:
        """Return the known errors of all years and countries, one per row."""
        key = (channel.name, gap, poles)
        if key not in self.pools:
            errors = self.errors(channel, gap, poles).reshape(-1, len(poles) + 1)
            self.pools[key] = errors[~np.isnan(errors).any(-1)]
        return self.pools[key]

    def _of_year(
        self, channel: Channel, gap: Gap, poles: tuple[Pole, ...], year: int
    ) -> Float[np.ndarray, "country option"]:
        """Return the observed portfolio less the one filled in from the gap's ends, for one year."""
        ends = [year - gap[0], *([] if gap[1] is None else [year + gap[1]])]
        n_countries = len(self.panel.countries)
        unknown = np.full((n_countries, len(poles) + 1), np.nan)
        if not all(self.panel.years[0] <= end <= self.panel.years[-1] for end in ends):
            return unknown
        members = self._members(poles, year)
        share = gap[0] / (gap[0] + gap[1]) if gap[1] is not None else 0.0
        ties = [channel.ties(self.panel, members, end) for end in ends]
        filled = ties[0] if len(ends) == 1 else (1 - share) * ties[0] + share * ties[1]
        known = np.all([self._observed(channel, one) for one in (year, *ends)], axis=0)
        error = unknown
        error[known] = channel_portfolio(
            channel.ties(self.panel, members, year)[known], flow=channel.flow
        ) - channel_portfolio(filled[known], flow=channel.flow)
        return error

    def _observed(self, channel: Channel, year: int) -> Bool[np.ndarray, " country"]:
        """Mark countries whose ties were observed in the year, and are not empty."""
        observed = self.panel.status(channel.variable, year=year) == Status.OBSERVED
        if not channel.flow:
            return observed
        return observed & (np.nan_to_num(self.panel.values(channel.variable, year=year)).sum(-1) > 0)

    def _members(self, poles: tuple[Pole, ...], year: int) -> Members:
        if (year, poles) not in self.members:
            self.members[year, poles] = Members(poles, self.panel, year)
        return self.members[year, poles]

    def drawn(
        self,
        year: YearPortfolios,
        places: Sequence[int],
        sampled: Float[np.ndarray, "draw place option channel"],
        generator: np.random.Generator,
    ) -> Float[np.ndarray, "draw place option channel"]:
        """Return draws of portfolios in which filled cells vary by their errors; NaN where too few errors are known."""
        result = sampled.copy()
        for index, channel in enumerate(CHANNELS.values()):
            for row, country in enumerate(places):
                if year.status[country, index] in FILLED:
                    pool = self._pool(channel, year, country)
                    result[:, row, :, index] = _one_cell(sampled[:, row, :, index], pool, generator)
        return result

    def _pool(self, channel: Channel, year: YearPortfolios, country: int) -> Float[np.ndarray, "error option"]:
        """Return the errors that a cell's draws are taken from; none where too few are known."""
        status = self.panel.status(channel.variable)[:, country]
        gap = gap_at(status, self.panel.year_position(year.year))
        none = np.empty((0, len(year.poles) + 1))
        if gap is None:
            return none
        errors = self.known(channel, gap, year.poles)
        return errors if len(errors) >= FEWEST_ERRORS else none


def _one_cell(
    sampled: Float[np.ndarray, "draw option"],
    pool: Float[np.ndarray, "error option"],
    generator: np.random.Generator,
) -> Float[np.ndarray, "draw option"]:
    if not len(pool):
        return np.full_like(sampled, np.nan)
    return nearest_on_simplex(sampled + pool[generator.integers(len(pool), size=len(sampled))])
