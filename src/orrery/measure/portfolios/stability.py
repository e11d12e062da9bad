"""Stability of ranks: what the weights of the channels decide about who is more multi-vector than whom.

The composite averages channels with weights that nobody can observe. As composite indicators are examined (Saisana,
Saltelli & Tarantola 2005; OECD & JRC 2008, *Handbook on Constructing Composite Indicators*), the weights are drawn at
random and the countries ranked anew in each draw; and one weight at a time is set to 0 or doubled, to see which of them
matters most. Only weights vary here: the data, the poles and their rivalry stand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from jaxtyping import Bool, Float
from scipy.stats import rankdata

from orrery.base.axes import CHANNEL, COUNTRY, PARTNER
from orrery.base.errors import MeasureError
from orrery.data.panel import Panel, Tables
from orrery.measure.labelled import Labelled
from orrery.measure.portfolios.channels import CHANNELS, composite, composite_weights, weighted_mean
from orrery.measure.portfolios.family import OF_PORTFOLIO, check_pair, pair_of, portfolio_indices
from orrery.measure.portfolios.poles import DEFAULT_POLES, poles
from orrery.measure.portfolios.rivalry import PoleSystem, Rivalry, rivalry_source
from orrery.measure.portfolios.year import INTERVAL, year_portfolios
from orrery.measure.span import years_of

CHANGE = "change"
"""Axis of what happens to one weight at a time."""

CHANGES = {"left out": 0.0, "doubled": 2.0}
"""What happens to one weight at a time: the factor it is multiplied with before all are scaled to sum to 1."""


@dataclass(frozen=True)
class RankStability(Labelled):
    """How far ranks depend on the weights of the channels.

    Attributes:
        dataset: by `country`: `value` of the index and `rank` (1 is the largest) with the stated weights,
            `rank_median`, `rank_lower`, `rank_upper` (90 % of the draws) and `rank_shift`, the mean absolute difference
            from `rank`; by `country, channel, change`: `rank_changed`, the rank with one weight left out or doubled;
            by `country, partner`: `order_kept`, the share of draws in which the pair stands in the order that it has
            with the stated weights; by `channel`: `weight` and `influence`, the mean absolute shift of rank over
            countries and both changes. Countries without a composite are not ranked: NaN.
        year: the year.
        index: name of the index that ranks.
        draws: draws of weights.
        concentration: of the Dirichlet distribution they come from.
    """

    dataset: xr.Dataset
    year: int
    index: str
    draws: int
    concentration: float

    @property
    def most_influential(self) -> str:
        """The channel whose weight shifts ranks most when it is left out or doubled."""
        influence = self.dataset["influence"]
        return str(influence[CHANNEL].values[np.argmax(influence.values)])

    @property
    def mean_shift(self) -> float:
        """Mean absolute shift of rank over countries and draws (Saisana, Saltelli & Tarantola 2005)."""
        return float(self.dataset["rank_shift"].mean())

    @property
    def pairs_kept(self) -> float:
        """Mean share of draws in which a pair of countries keeps its order."""
        return float(self.dataset["order_kept"].mean())

    def to_frame(self) -> pd.DataFrame:
        """Return one row per country, by rank: value, rank, its distribution, and its rank with each weight changed."""
        frame = self.dataset[["value", "rank", "rank_median", "rank_lower", "rank_upper", "rank_shift"]].to_dataframe()
        changed = self.dataset["rank_changed"].to_dataframe()["rank_changed"].unstack([CHANNEL, CHANGE])
        changed.columns = [f"rank_{channel}_{change.replace(' ', '_')}" for channel, change in changed.columns]
        return frame.join(changed).sort_values("rank").reset_index()

    def to_xarray(self) -> xr.Dataset:
        """Return the labelled arrays."""
        return self.dataset


def rank_stability(
    panel: Panel,
    year: int,
    countries: Sequence[str] | None = None,
    *,
    index: str = "effective_multivectorness",
    over: Sequence[str] = DEFAULT_POLES,
    weights: Mapping[str, float] | None = None,
    concentration: float | None = None,
    rivalry: Rivalry = "ideal_points",
    tables: Tables | None = None,
    between: tuple[str, str] | None = None,
    draws: int = 1000,
    seed: int = 0,
) -> RankStability:
    """Rank countries by an index of the composite, and see how far the ranks depend on the weights of the channels.

    Weights are drawn from `Dirichlet(K w)`, with mean `w`, the stated weights; the larger `K`, the nearer they stay.
    With equal weights over `n` channels and the default `K = n`, every set of weights is equally likely. A channel of
    weight 0 keeps it.

    Args:
        panel: the data, `orrery.load()`.
        year: calendar year.
        countries: ISO3 codes of those to rank among each other; all of the year by default.
        index: one of `OF_PORTFOLIO`.
        over: names of the poles.
        weights: stated weights of the channels; those of `alignment` by default.
        concentration: `K`; the number of weighted channels by default.
        rivalry: as in `alignment`.
        tables: the store, where `rivalry` needs it.
        between: poles of `equidistance`, as in `alignment`.
        draws: draws of weights.
        seed: of those draws.

    Raises:
        CountryCodeError: an unknown country.
        MeasureError: an unknown index, a year outside the panel, fewer than two weighted channels or draws, a
            concentration of 0 or less, fewer than two countries with a composite.
    """
    used, chosen = composite_weights(weights), poles(over)
    check_pair(between, tuple(pole.name for pole in chosen))
    weighted = [name for name, weight in used.items() if weight > 0]
    spread = float(len(weighted)) if concentration is None else concentration
    _check(index, weighted, spread, draws)
    portfolios = year_portfolios(panel, chosen, years_of(panel, (year, year))[0])
    system = rivalry_source(rivalry, panel, chosen, (year,), tables).system(
        panel, chosen, year, panel.values("ideal_point", year=year)
    )
    wanted = panel.countries if countries is None else tuple(countries)
    places = [panel.country_position(code) for code in wanted]
    ranking = _Ranking(
        portfolios.shares[places], system, index, pair_of(between, portfolios.names, system.rivalry), used
    )
    stated = np.array([used[name] for name in CHANNELS])
    drawn = np.zeros((draws, len(CHANNELS)))
    drawn[:, stated > 0] = np.random.default_rng(seed).dirichlet(spread * stated[stated > 0], size=draws)
    changed = np.stack([[_changed(stated, name, factor) for factor in CHANGES.values()] for name in weighted])
    dataset = _summary(ranking, wanted, weighted, stated=stated, drawn=drawn, changed=changed)
    return RankStability(dataset, year, index, draws, spread)


def _check(index: str, weighted: Sequence[str], concentration: float, draws: int) -> None:
    if index not in OF_PORTFOLIO:
        raise MeasureError(f"`index`: {index!r} came; allowed is one of {', '.join(OF_PORTFOLIO)}.")
    if len(weighted) < 2:
        raise MeasureError(f"`weights`: only {', '.join(weighted)} has a weight; ranks can shift from two channels on.")
    if not concentration > 0:
        raise MeasureError(f"`concentration`: {concentration} came; a Dirichlet distribution needs a number above 0.")
    if draws < 2:
        raise MeasureError(f"`draws`: {draws} came; an interval needs at least 2 draws.")


def _changed(stated: Float[np.ndarray, " channel"], name: str, factor: float) -> Float[np.ndarray, " channel"]:
    changed = stated.copy()
    changed[list(CHANNELS).index(name)] *= factor
    return changed / changed.sum()


@dataclass(frozen=True)
class _Ranking:
    """Values and ranks of countries as functions of the weights."""

    shares: Float[np.ndarray, "country option channel"]
    system: PoleSystem
    index: str
    pair: tuple[int, int] | None
    stated: Mapping[str, float]

    def values(self, weights: Float[np.ndarray, "*axes channel"]) -> Float[np.ndarray, "*axes country"]:
        """Return the index of each country's composite; NaN for those without one under the stated weights."""
        known = np.asarray(~np.isnan(composite(self.shares, self.stated)).any(-1))
        portfolio = weighted_mean(np.where(known[:, None, None], self.shares, np.nan), weights[..., None, :])
        return portfolio_indices(portfolio, self.system, self.pair)[self.index]

    def ranks(self, weights: Float[np.ndarray, "*axes channel"]) -> Float[np.ndarray, "*axes country"]:
        """Return ranks, 1 for the largest, ties sharing their mean."""
        return rankdata(-self.values(weights), axis=-1, nan_policy="omit")


def _summary(
    ranking: _Ranking,
    countries: Sequence[str],
    weighted: Sequence[str],
    *,
    stated: Float[np.ndarray, " channel"],
    drawn: Float[np.ndarray, "draw channel"],
    changed: Float[np.ndarray, "weighted change channel"],
) -> xr.Dataset:
    value, rank = ranking.values(stated), ranking.ranks(stated)
    if (~np.isnan(value)).sum() < 2:
        raise MeasureError(
            f"`countries`: {int((~np.isnan(value)).sum())} of {len(countries)} have a composite with a value of "
            f"{ranking.index} in the year; ranks need two. Name others, another year or other weights."
        )
    values = ranking.values(drawn)
    ranks = rankdata(-values, axis=-1, nan_policy="omit")
    lower, median, upper = np.quantile(ranks, [INTERVAL[0], 0.5, INTERVAL[1]], axis=0)
    moved = ranking.ranks(changed)
    shift = abs(moved - rank)
    moving = ~np.isnan(shift)
    return xr.Dataset(
        {
            "value": (COUNTRY, value),
            "rank": (COUNTRY, rank),
            "rank_median": (COUNTRY, median),
            "rank_lower": (COUNTRY, lower),
            "rank_upper": (COUNTRY, upper),
            "rank_shift": (COUNTRY, abs(ranks - rank).mean(0)),
            "order_kept": ((COUNTRY, PARTNER), _order_kept(value, values)),
            "rank_changed": ((CHANNEL, CHANGE, COUNTRY), moved),
            "weight": (CHANNEL, stated[stated > 0]),
            "influence": (CHANNEL, np.where(moving, shift, 0).sum((1, 2)) / moving.sum((1, 2))),
        },
        coords={
            COUNTRY: list(countries),
            PARTNER: list(countries),
            CHANNEL: list(weighted),
            CHANGE: list(CHANGES),
        },
    ).transpose(COUNTRY, PARTNER, CHANNEL, CHANGE)


def _order_kept(
    value: Float[np.ndarray, " country"], values: Float[np.ndarray, "draw country"]
) -> Float[np.ndarray, "country country"]:
    """Return the share of draws in which each pair stands in its stated order; NaN for a country with itself."""
    before = np.sign(value[:, None] - value[None, :])
    kept = np.zeros(before.shape)
    for one in values:
        same: Bool[np.ndarray, "country country"] = np.sign(one[:, None] - one[None, :]) == before
        kept += same
    unknown = np.isnan(before) | np.eye(len(value), dtype=bool)
    return np.where(unknown, np.nan, kept / len(values))
