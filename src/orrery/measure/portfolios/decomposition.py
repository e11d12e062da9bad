"""Decomposition of a change: how much of the move of an index between two years each of its sources made.

The index of a composite is a function of what may have moved: in each channel the shares over poles and the share
outside them, the channels that are known at all, and the poles' rivalry. Every source is set to its first or its last
year, in every combination; a source's contribution is its Shapley value in this game, the mean over all orders of
switching of what switching it does to the index (Shorrocks 2013). The contributions add up to the change, exactly and
without a residual, and do not depend on an order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import factorial

import numpy as np
import pandas as pd
import xarray as xr
from jaxtyping import Bool, Float

from orrery.base.errors import MeasureError
from orrery.data.panel import Panel, Status, Tables
from orrery.measure.portfolios.channels import CHANNELS, composite, composite_weights, weighted_mean
from orrery.measure.portfolios.family import (
    NOTHING_ALIGNED,
    OF_PORTFOLIO,
    check_pair,
    pair_of,
    portfolio_indices,
    shares_over_poles,
)
from orrery.measure.portfolios.poles import DEFAULT_POLES, poles
from orrery.measure.portfolios.rivalry import PoleSystem, Rivalry, rivalry_source
from orrery.measure.portfolios.year import YearPortfolios, year_portfolios
from orrery.measure.span import years_of

SOURCE = "source"
"""Axis of the sources of a change."""

KINDS = {
    "shares": "how the channel's ties with poles divide over them",
    "non-alignment": "the part of the channel's ties outside all poles",
    "availability": "the channel is known in one of the years only",
    "rivalry": "where the poles stand to each other",
}
"""Kinds of sources; all but the last are of a channel."""


@dataclass(frozen=True)
class Decomposition:
    """A change of an index and its sources.

    Attributes:
        dataset: `contribution` by `source`, with `kind` (of `KINDS`) and `channel` beside it (empty for rivalry), and
            the `status_first` and `status_last` behind the channel; `first` and `last`, the index in the two years.
        country: ISO3 code.
        years: first and last year.
        index: name of the index.
    """

    dataset: xr.Dataset
    country: str
    years: tuple[int, int]
    index: str

    @property
    def change(self) -> float:
        """The change of the index: what the contributions add up to."""
        return (self.dataset["last"] - self.dataset["first"]).item()

    @property
    def residual(self) -> float:
        """What the contributions leave of the change: rounding alone."""
        return self.change - self.dataset["contribution"].sum().item()

    def to_frame(self) -> pd.DataFrame:
        """Return one row per source, in the order of channels, rivalry last."""
        frame = self.dataset.drop_vars(["first", "last"]).to_dataframe().reset_index()
        for name in ("status_first", "status_last"):
            frame[name] = [Status(code).words if code >= 0 else "" for code in frame[name]]
        return frame[[SOURCE, "kind", "channel", "contribution", "status_first", "status_last"]]

    def to_xarray(self) -> xr.Dataset:
        """Return the labelled arrays."""
        return self.dataset


def decompose_change(
    panel: Panel,
    country: str,
    years: tuple[int, int],
    *,
    index: str = "effective_multivectorness",
    over: Sequence[str] = DEFAULT_POLES,
    weights: Mapping[str, float] | None = None,
    rivalry: Rivalry = "ideal_points",
    tables: Tables | None = None,
    between: tuple[str, str] | None = None,
) -> Decomposition:
    """Divide the change of an index of a country's composite between two years among its sources.

    Who makes up a composite pole may differ between the years; that is part of the shares. Where a channel is outside
    all poles in one year, its shares are taken from the other, and all its change is of non-alignment.

    Args:
        panel: the data, `orrery.load()`.
        country: ISO3 code.
        years: first and last year.
        index: one of `OF_PORTFOLIO`.
        over: names of the poles.
        weights: of the channels, as in `alignment`.
        rivalry: as in `alignment`; an array of matrices by year has the first and the last year only.
        tables: the store, where `rivalry` needs it.
        between: poles of `equidistance`; by default the greatest rivals of the first year.

    Raises:
        CountryCodeError: an unknown country.
        MeasureError: an unknown index, years outside the panel or the same, poles of which one exists in one of the
            years only, a year in which the index has no value, or no channel known in both.
    """
    if index not in OF_PORTFOLIO:
        raise MeasureError(f"`index`: {index!r} came; allowed is one of {', '.join(OF_PORTFOLIO)}.")
    years_of(panel, years)
    if years[0] == years[1]:
        raise MeasureError(f"`years`: {years[0]} came twice; a change is between two years.")
    place, chosen, used = panel.country_position(country), poles(over), composite_weights(weights)
    check_pair(between, tuple(pole.name for pole in chosen))
    ends = tuple(year_portfolios(panel, chosen, year) for year in years)
    _check_poles(ends)
    source = rivalry_source(rivalry, panel, chosen, years, tables)
    systems = tuple(source.system(panel, chosen, year, panel.values("ideal_point", year=year)) for year in years)
    weight = np.array([used[name] for name in CHANNELS])
    game = _Game(
        np.stack([end.shares[place].T for end in ends]),
        systems,
        weight,
        index,
        pair_of(between, ends[0].names, systems[0].rivalry),
    )
    for end in ends:
        if np.isnan(composite(end.shares[place], used)).any():
            raise MeasureError(
                f"`years`: {country} has no composite in {end.year}: too few of its channels are known. Choose another "
                "year, or `weights` of channels that are known."
            )
    return Decomposition(_dataset(game, ends, place), country, years, index)


def _check_poles(ends: tuple[YearPortfolios, ...]) -> None:
    differing = {pole.name for pole in ends[0].poles} ^ {pole.name for pole in ends[1].poles}
    if differing:
        raise MeasureError(
            f"`over`: {', '.join(sorted(differing))} is a pole in only one of {ends[0].year} and {ends[1].year}; a "
            "change is decomposed over the same poles. Leave it out, or take the group as one."
        )


@dataclass(frozen=True)
class _Game:
    """The index as a function of which sources stand at the last year.

    `portfolios` is `[end, channel, option]`; every source that moves is a player.
    """

    portfolios: Float[np.ndarray, "end channel option"]
    systems: tuple[PoleSystem, ...]
    weight: Float[np.ndarray, " channel"]
    index: str
    pair: tuple[int, int] | None

    def known(self) -> Bool[np.ndarray, "end channel"]:
        """Mark channels that have a weight and a portfolio."""
        return ~np.isnan(self.portfolios).any(-1) & (self.weight > 0)

    def players(self) -> list[tuple[str, int | None]]:
        """Return kind and channel of every source, in the order of channels, rivalry last."""
        found: list[tuple[str, int | None]] = []
        for channel, (first, last) in enumerate(self.known().T):
            if first and last:
                found += [("shares", channel), ("non-alignment", channel)]
            elif first or last:
                found.append(("availability", channel))
        return [*found, ("rivalry", None)]

    def values(self, switched: Bool[np.ndarray, "case player"]) -> Float[np.ndarray, " case"]:
        """Return the index where each case's switched sources stand at the last year, the others at the first."""
        known = self.known()
        shares = shares_over_poles(self.portfolios)
        # A channel outside every pole has no shares of its own; the other year's stand in, and weigh nothing there.
        shares = np.where(self.portfolios[..., :1] >= NOTHING_ALIGNED, shares[::-1], shares)
        n_cases, (_, n_channels, n_options) = len(switched), self.portfolios.shape
        state = np.full((n_cases, n_channels, n_options), np.nan)
        rivals = np.zeros(n_cases, int)
        for column, (kind, channel) in enumerate(self.players()):
            at = switched[:, column].astype(int)
            if kind == "rivalry":
                rivals = at
            elif kind == "availability":
                end = int(known[1, channel])
                state[at == end, channel] = self.portfolios[end, channel]
            elif kind == "shares":
                state[:, channel, 1:] = np.nan_to_num(shares[at, channel])
            else:
                outside = self.portfolios[at, channel, :1]
                state[:, channel, :1] = outside
                state[:, channel, 1:] *= 1 - outside
        portfolio = weighted_mean(np.swapaxes(state, 1, 2), self.weight)
        first, last = self.systems
        system = PoleSystem(
            np.stack([first.rivalry, last.rivalry])[rivals],
            np.stack([first.greatest, last.greatest])[rivals],
            np.stack([first.positions, last.positions])[rivals],
        )
        return portfolio_indices(portfolio, system, self.pair)[self.index]


def _dataset(game: _Game, ends: tuple[YearPortfolios, ...], place: int) -> xr.Dataset:
    players = game.players()
    switched = _all_cases(len(players))
    values = game.values(switched)
    if not game.known().all(0).any() or np.isnan(values).any():
        raise MeasureError(
            f"`index`: {game.index} has no value in {ends[0].year}, in {ends[1].year}, or with some sources of one and "
            "some of the other: rivalry is unknown, no tie is with a pole, or no channel is known in both years."
        )
    names = list(CHANNELS)
    status = [[-1 if channel is None else int(end.status[place, channel]) for _, channel in players] for end in ends]
    labels = ["" if channel is None else names[channel] for _, channel in players]
    kinds = [kind for kind, _ in players]
    return xr.Dataset(
        {
            "contribution": (SOURCE, shapley_values(values)),
            "status_first": (SOURCE, np.array(status[0], np.int8)),
            "status_last": (SOURCE, np.array(status[1], np.int8)),
            "first": ((), values[0]),
            "last": ((), values[-1]),
        },
        coords={
            SOURCE: [f"{channel}: {kind}" if channel else kind for kind, channel in zip(kinds, labels, strict=True)],
            "kind": (SOURCE, kinds),
            "channel": (SOURCE, labels),
        },
    )


def _all_cases(n_players: int) -> Bool[np.ndarray, "case player"]:
    """Return every set of players; the place of a set is the number whose binary digits mark its members."""
    return (np.arange(2**n_players)[:, None] >> np.arange(n_players)) % 2 == 1


def shapley_values(values: Float[np.ndarray, " case"]) -> Float[np.ndarray, " player"]:
    """Return each player's Shapley value (Shapley 1953) in a game given by its value for every set of players.

    `phi_i = sum_S |S|! (n - |S| - 1)! / n! (v(S + i) - v(S))` over the sets `S` without `i`. They add up to the
    value of all players less that of none.

    Args:
        values: `v` at the place whose binary digits mark the set's members, lowest digit first; `2^n` of them.
    """
    n_players = len(values).bit_length() - 1
    sets = np.arange(len(values))
    size = _all_cases(n_players).sum(1)
    share = np.array([factorial(s) * factorial(n_players - s - 1) / factorial(n_players) for s in range(n_players)])
    result = np.empty(n_players)
    for player in range(n_players):
        without = sets[(sets >> player) % 2 == 0]
        result[player] = (share[size[without]] * (values[without + 2**player] - values[without])).sum()
    return result
