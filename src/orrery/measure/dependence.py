"""Dependence: how much of a country's ties hang on each partner, how one-sided that is, and who could use it.

Two channels tell from whom a country's whole flow comes: trade and arms. Official finance has a source for one donor
only, so that nothing that sums over all partners is identified there; it is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from jaxtyping import Float, Int8
from scipy.sparse.csgraph import connected_components

from orrery.base.arrays import FloatArray
from orrery.base.axes import CHANNEL, COUNTRY, PARTNER, YEAR
from orrery.base.errors import MeasureError
from orrery.data.panel import Panel, Status, Tables
from orrery.measure.bandwidth import further_ties
from orrery.measure.hostility import disputes_with as disputes_with
from orrery.measure.hostility import sanctions_against as sanctions_against
from orrery.measure.labelled import Labelled
from orrery.measure.portfolios.channels import CHANNELS
from orrery.measure.span import years_of

FLOWS = ("trade", "arms")
"""Channels whose source knows every partner."""


def asymmetry(dependence: Float[np.ndarray, "*axes country partner"]) -> Float[np.ndarray, "*axes country partner"]:
    """Return `D(i on j) - D(j on i)`, -1 to 1: positive where the country needs the partner more than it is needed.

    Asymmetric interdependence as a source of power: Hirschman (1945), Keohane & Nye (1977).
    """
    return dependence - np.swapaxes(dependence, -1, -2)


def concentration(shares: Float[FloatArray, "*axes partner"]) -> Float[FloatArray, "*axes"]:
    """Return Hirschman's (1945) index `H = sqrt(sum_j s_j^2)` of partners' shares, 0 to 1; its square is Herfindahl's.

    Where the shares sum to less than 1, what lies outside counts as spread without end: `H` is then a lower bound.
    """
    return np.sqrt((shares**2).sum(-1))


def normalised_concentration(shares: Float[FloatArray, "*axes partner"], n_partners: int) -> Float[FloatArray, "*axes"]:
    """Return `(H - sqrt(1/n)) / (1 - sqrt(1/n))`: 0 with `n` equal partners, 1 with a single one.

    UNCTAD's market concentration index (UNCTAD, *Handbook of Statistics*); comparable between years whose number of
    possible partners `n` differs.

    Raises:
        MeasureError: fewer than 2 partners are possible.
    """
    if n_partners < 2:
        raise MeasureError(f"`n_partners`: {n_partners} came; concentration is normalised over 2 partners or more.")
    least = np.sqrt(1 / n_partners)
    return (concentration(shares) - least) / (1 - least)


def largest_share(shares: Float[FloatArray, "*axes partner"], top: int = 1) -> Float[FloatArray, "*axes"]:
    """Return the part held by the `top` largest partners together: the concentration ratio `CR_top`.

    Raises:
        MeasureError: `top` is below 1 or above the number of partners.
    """
    if not 1 <= top <= shares.shape[-1]:
        raise MeasureError(f"`top`: {top} came; allowed is 1 to the number of partners, {shares.shape[-1]}.")
    return np.sort(shares, axis=-1)[..., -top:].sum(-1)


def exposure(
    shares: Float[FloatArray, "*axes partner"], hostility: Float[FloatArray, "*axes partner"]
) -> Float[FloatArray, "*axes"]:
    """Return `sum_j s_ij h_ij`: ties held by partners, each weighted with its hostility from 0 to 1.

    With `h` 1 for partners that sanction or dispute with the country this is the share in their hands. With `h` a
    distance of positions it is vulnerability: a tie can be turned into pressure where there is something to be pressed
    about (Hirschman 1945; Drezner 1999 on the expectation of conflict). A partner without a known `h` adds nothing.
    """
    return (shares * np.nan_to_num(hostility)).sum(-1)


def position_distance(points: Float[np.ndarray, " country"]) -> Float[np.ndarray, "country partner"]:
    """Return distances of ideal points over the largest of the year, 0 to 1; NaN where either has none.

    The ideal points are those of Bailey, Strezhnev & Voeten's (2017) design.
    """
    distance = np.abs(points[:, None] - points[None, :])
    greatest = np.nan_to_num(distance).max()
    return distance / greatest if greatest > 0 else distance


def trade_sizes(shares: Float[np.ndarray, "country partner"]) -> Float[np.ndarray, " country"]:
    """Return each country's part of all trade, from the shares of partners alone; NaN where a row has no data.

    Trade counted both ways is the same from either end, `T_i s_ij = T_j s_ji`. Summed over `i`, with `r_j` the sum of
    row `j`: `sum_i T_i s_ij = r_j T_j`, so that `T_j r_j` is the stationary distribution of the shares' rows scaled
    to 1 (detailed balance). Sizes of countries that do not trade, over however many steps, with the largest group of
    the year are not identified: NaN.
    """
    sizes = np.full(len(shares), np.nan)
    known = np.flatnonzero(np.nan_to_num(shares).sum(-1) > 0)
    if not len(known):
        return sizes
    _, group = connected_components(np.nan_to_num(shares[np.ix_(known, known)]), connection="strong")
    known = known[group == np.bincount(group).argmax()]
    if len(known) < 2:
        return sizes
    block = np.nan_to_num(shares[np.ix_(known, known)]).astype(float)
    row, count = block.sum(1), len(block)
    # One equation of stationarity follows from the others; the sum of 1 takes its place.
    equations = (block / row[:, None]).T - np.eye(count)
    equations[-1] = 1
    sizes[known] = np.linalg.solve(equations, np.eye(count)[-1]) / row
    return sizes / np.nansum(sizes)


@dataclass(frozen=True)
class Dependence(Labelled):
    """Measured dependence.

    Attributes:
        dataset: `dependence` and `asymmetry` by `year, country, partner, channel`; by `year, country, channel`
            `concentration`, `concentration_normalised`, `largest_partner`, `largest_share`, `top_share`,
            `unattributed` (ties with no partner of the panel), `positioned_share` (ties with partners that have an
            ideal point), `exposure_distance`, one `exposure_NAME` per kind of hostility given, and `status`.
        top: how many partners `top_share` adds up.
    """

    dataset: xr.Dataset
    top: int

    def to_frame(self) -> pd.DataFrame:
        """Return one row per year, country and channel."""
        frame = self.dataset.drop_vars(["dependence", "asymmetry", PARTNER]).to_dataframe().reset_index()
        frame["status"] = [Status(code).words for code in frame["status"]]
        return frame

    def pairs(self) -> pd.DataFrame:
        """Return one row per year, country, partner and channel with data: dependence and asymmetry."""
        frame = self.dataset[["dependence", "asymmetry"]].to_dataframe().reset_index()
        return frame[frame[COUNTRY] != frame[PARTNER]].dropna(subset=["dependence"]).reset_index(drop=True)

    def to_xarray(self) -> xr.Dataset:
        """Return the labelled arrays."""
        return self.dataset


def dependence(
    panel: Panel,
    countries: str | Sequence[str],
    years: tuple[int, int] | None = None,
    *,
    top: int = 3,
    hostile: Mapping[str, Float[np.ndarray, "year country partner"]] | None = None,
) -> Dependence:
    """Measure on whom countries depend in trade and arms, how one-sidedly, and how exposed that leaves them.

    Args:
        panel: the data, `orrery.load()`.
        countries: one ISO3 code or several.
        years: first and last year; the whole panel by default.
        top: how many partners `top_share` adds up.
        hostile: kinds of hostility by name, 0 to 1 on the whole panel's axes, such as `sanctions_against` gives.

    Raises:
        CountryCodeError: an unknown country.
        MeasureError: years outside the panel, `top` out of range, or hostility on other axes.
    """
    wanted = (countries,) if isinstance(countries, str) else tuple(countries)
    places = [panel.country_position(code) for code in wanted]
    span = years_of(panel, years)
    kinds = dict(hostile or {})
    shape = (len(panel.years), len(panel.countries), len(panel.countries))
    for name, array in kinds.items():
        if array.shape != shape:
            raise MeasureError(f"`hostile`: {name!r} has shape {array.shape}; allowed is the panel's, {shape}.")
    measured = [[_measure(panel, channel, year, places, top, kinds) for channel in FLOWS] for year in span]
    axes = {2: (YEAR, COUNTRY, PARTNER, CHANNEL), 1: (YEAR, COUNTRY, CHANNEL)}
    dataset = xr.Dataset(
        {
            name: (axes[first.ndim], np.stack([np.stack([c[name] for c in year], -1) for year in measured]))
            for name, first in measured[0][0].items()
        },
        coords={YEAR: list(span), COUNTRY: list(wanted), PARTNER: list(panel.countries), CHANNEL: list(FLOWS)},
    )
    return Dependence(dataset, top)


def shares_of_year(
    panel: Panel, channel: str, year: int
) -> tuple[Float[np.ndarray, "country partner"], Int8[np.ndarray, " country"]]:
    """Return each partner's share in a channel and what stands behind a row.

    A row is NaN where the source is silent. Where it covers the country and records no flow, the row is 0 and its
    status `no ties`: the country depends on nobody there, but its ties have no composition.
    """
    variable = CHANNELS[channel].variable
    shares = panel.values(variable, year=year).astype(float)
    status = panel.status(variable, year=year).copy()
    np.fill_diagonal(shares, np.where(np.isnan(np.diag(shares)), np.nan, 0.0))
    shares[status == Status.MISSING] = np.nan
    status[(status != Status.MISSING) & (np.nan_to_num(shares).sum(1) == 0)] = Status.NO_TIES
    return shares, status


def _measure(
    panel: Panel, channel: str, year: int, places: list[int], top: int, hostile: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Measure one channel of one year for the countries at `places`."""
    every, status = shares_of_year(panel, channel, year)
    known = ~np.isin(status[places], [Status.MISSING, Status.NO_TIES])
    shares = np.where(known[:, None], every[places], np.nan)
    distance = position_distance(panel.values("ideal_point", year=year))[places]
    names = np.array(panel.countries)[np.nan_to_num(shares).argmax(-1)]
    return {
        "dependence": every[places],
        "asymmetry": asymmetry(every)[places],
        "concentration": concentration(shares),
        "concentration_normalised": normalised_concentration(shares, int(panel.in_system(year).sum()) - 1),
        "largest_partner": np.where(known, names, ""),
        "largest_share": largest_share(shares),
        "top_share": largest_share(shares, top),
        "unattributed": np.clip(1 - shares.sum(-1), 0, 1),
        "positioned_share": exposure(shares, (~np.isnan(distance)).astype(float)),
        "exposure_distance": _where_any(exposure(shares, distance), distance),
        **{
            f"exposure_{name}": _where_any(
                exposure(shares, array[panel.year_position(year)][places]), array[panel.year_position(year)][places]
            )
            for name, array in hostile.items()
        },
        "status": status[places],
    }


def _where_any(
    value: Float[np.ndarray, " country"], hostility: Float[np.ndarray, "country partner"]
) -> Float[np.ndarray, " country"]:
    """Return NaN where a country's hostility is known towards nobody."""
    return np.where(np.isnan(hostility).all(-1), np.nan, value)


@dataclass(frozen=True)
class Influence(Labelled):
    """Capacity of partners to influence countries.

    Attributes:
        dataset: `bandwidth`, `dependence` (of the country on the partner) and `capacity`, their product, with the
            components `trade_volume`, `trade_share`, `trade_over_output`, `memberships`, `security`, `arms_share` and,
            with the store's tables, `arms_volume` and `agreements`, by `year, country, partner`; `status` by
            `year, country`: the weakest behind any component.
    """

    dataset: xr.Dataset

    def to_frame(self) -> pd.DataFrame:
        """Return one row per year, country and partner."""
        frame = self.dataset.to_dataframe().reset_index()
        frame["status"] = [Status(code).words for code in frame["status"]]
        return frame[frame[COUNTRY] != frame[PARTNER]].reset_index(drop=True)

    def to_xarray(self) -> xr.Dataset:
        """Return the labelled arrays."""
        return self.dataset


def influence(panel: Panel, years: tuple[int, int] | None = None, *, tables: Tables | None = None) -> Influence:
    """Measure each partner's capacity to influence each country: bandwidth of the tie times the country's dependence.

    After the Formal Bilateral Influence Capacity index (Moyer et al. 2018, 2021), with what the panel has:

    * bandwidth, the same both ways, is the mean of trade (`ln(1 + V / mean V)` over its largest value, `V` the pair's
      volume by `trade_sizes`), shared memberships over the largest number of the year, and security (mean of pact
      strength and the larger of the two arms shares); with `tables` the mean of five: trade, shared memberships, pact
      strength, and, both scaled like trade, the volume of arms and the number of trade agreements (`further_ties`);
    * dependence is the mean of arms (the partner's share) and trade: the mean of the partner's share and of trade with
      it over output, in units of the world's trade over the world's output and at most 1.

    The published index also knows diplomatic representation, aid and maritime connectivity, for which there is no
    source here. Weights are equal: a choice, like the published ones. All three numbers lie between 0 and 1; a
    country-year without one of the components is NaN.

    Args:
        panel: the data, `orrery.load()`.
        years: first and last year; the whole panel by default.
        tables: the store, `orrery.open_store()`, with the sources `sipri` and `desta`, for the wider bandwidth.

    Raises:
        MeasureError: years outside the panel.
        StoreError: the store lacks a source.
    """
    span = years_of(panel, years)
    further = {} if tables is None else further_ties(panel, tables, (span[0], span[-1]))
    measured = [
        _influence_of_year(panel, year, {name: array[place] for name, array in further.items()})
        for place, year in enumerate(span)
    ]
    dataset = xr.Dataset(
        {
            name: ((YEAR, COUNTRY, PARTNER)[: first.ndim + 1], np.stack([year[name] for year in measured]))
            for name, first in measured[0].items()
        },
        coords={YEAR: list(span), COUNTRY: list(panel.countries), PARTNER: list(panel.countries)},
    )
    return Influence(dataset)


def _influence_of_year(panel: Panel, year: int, further: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    trade, _ = shares_of_year(panel, "trade", year)
    arms, _ = shares_of_year(panel, "arms", year)
    volume = trade_sizes(trade)[:, None] * trade
    # The two ends of a pair agree up to rounding; where the years behind them differ, take the mean.
    volume = (volume + volume.T) / 2
    output = panel.values("capability_gdp", year=year)
    shared = panel.values("shared_memberships", year=year).astype(float)
    np.fill_diagonal(shared, np.where(np.isnan(np.diag(shared)), np.nan, 0.0))
    parts = {
        "trade_volume": volume,
        "trade_share": trade,
        "trade_over_output": volume / np.where(output > 0, output, np.nan)[:, None],
        "memberships": shared,
        "security": (panel.values("pact_strength", year=year) + np.maximum(arms, arms.T)) / 2,
        "arms_share": arms,
    }
    pacts = panel.values("pact_strength", year=year)
    scaled = [_log_scaled(np.where(np.eye(len(array)) == 1, np.nan, array)) for array in further.values()]
    ties = [_log_scaled(volume), _over_largest(shared), *([pacts, *scaled] if further else [parts["security"]])]
    bandwidth = np.mean(np.stack(ties), axis=0)
    economic = (trade + np.minimum(parts["trade_over_output"], 1)) / 2
    on_partner = (economic + arms) / 2
    behind = ("trade_share", "arms_share", "shared_memberships", "pact_strength", "capability_gdp")
    status = np.stack([panel.status(name, year=year) for name in behind])
    weakest = np.where((status == Status.MISSING).any(0), Status.MISSING, status.max(0)).astype(np.int8)
    return {
        "bandwidth": bandwidth,
        "dependence": on_partner,
        "capacity": bandwidth * on_partner,
        **parts,
        **further,
        "status": np.where(np.isnan(bandwidth).all(1), Status.MISSING, weakest).astype(np.int8),
    }


def _over_largest(values: Float[np.ndarray, "country partner"]) -> Float[np.ndarray, "country partner"]:
    greatest = np.nan_to_num(values).max()
    return values / greatest if greatest > 0 else values


def _log_scaled(volume: Float[np.ndarray, "country partner"]) -> Float[np.ndarray, "country partner"]:
    known = ~np.isnan(volume)
    mean = volume[known].mean() if known.any() else np.nan
    return _over_largest(np.log1p(volume / mean)) if mean > 0 else volume
