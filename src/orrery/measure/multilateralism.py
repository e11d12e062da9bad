"""Multilateralism: how densely countries are bound together by shared memberships, and how level the bodies are.

`multilateralism(panel)` measures density from the panel; with the store's tables also the bodies that begin and end,
and their verticality. `gap` sets it beside polarity.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from jaxtyping import Bool, Float

from orrery.base.axes import YEAR
from orrery.base.errors import MeasureError
from orrery.data.panel import Panel, Status, Tables
from orrery.measure.labelled import Labelled
from orrery.measure.polarity import Polarity, capability
from orrery.measure.span import years_of


def relative_density(
    shared: Float[np.ndarray, "country partner"], reference: float
) -> Float[np.ndarray, "country partner"]:
    """Return shared memberships over a reference mean, with an empty diagonal: the density `J_ij`."""
    density = shared / reference
    np.fill_diagonal(density, 0)
    return density


def mean_shared(shared: Float[np.ndarray, "country partner"], present: Bool[np.ndarray, " country"]) -> float:
    """Return the mean number of shared memberships over all pairs of the countries present."""
    block = shared[np.ix_(present, present)]
    count = len(block)
    return float((block.sum() - np.trace(block)) / (count * (count - 1)))


def mean_log_shared(shared: Float[np.ndarray, "country partner"], present: Bool[np.ndarray, " country"]) -> float:
    """Return `mean over pairs of ln(1 + n_ij)`, `n_ij` what two countries share: memberships, treaties, agreements.

    Over all pairs of the countries present that have data; NaN where fewer than two have.
    """
    block = _known_block(shared, present)
    if len(block) < 2:
        return float("nan")
    logs = np.log1p(block)
    return float((logs.sum() - np.trace(logs)) / (len(block) * (len(block) - 1)))


def bound_share(shared: Float[np.ndarray, "country partner"], present: Bool[np.ndarray, " country"]) -> float:
    """Return the share of pairs of the countries present that share anything; NaN where fewer than two have data."""
    block = _known_block(shared, present) > 0
    if len(block) < 2:
        return float("nan")
    return float((block.sum() - np.trace(block)) / (len(block) * (len(block) - 1)))


def _known_block(shared: np.ndarray, present: np.ndarray) -> np.ndarray:
    known = present & ~np.isnan(np.diag(shared))
    return shared[np.ix_(known, known)]


def density(panel: Panel, year: int, variable: str = "shared_memberships") -> float:
    """Return `mean over pairs of ln(1 + n_ij)`, `n_ij` what the pair shares; NaN where the year has none.

    Args:
        panel: the data.
        year: one of its years.
        variable: any count of what pairs share, with a country's own number on the diagonal.

    Raises:
        DataError: the panel has no such variable or year.
    """
    shared = panel.values(variable, year=year)
    return mean_log_shared(shared, ~np.isnan(np.diag(shared)))


def memberships_per_country(panel: Panel, year: int) -> float:
    """Return the mean number of full memberships per country; NaN where the year has none."""
    own = np.diag(panel.values("shared_memberships", year=year))
    return float(np.nanmean(own)) if (~np.isnan(own)).any() else float("nan")


TREATIES = "shared_treaties"
"""Variable of a panel built from the store: how many multilateral treaties bind both."""

FEWEST_YEARS = 3
"""Years with both series that a gap of standardised values needs."""


@dataclass(frozen=True)
class Multilateralism(Labelled):
    """Measured multilateralism.

    Attributes:
        dataset: by `year` `density` and `memberships_per_country` with their `status`, the weakest behind any country;
            `treaty_density` and `treaty_status`, the same of treaties, missing where the panel has no treaties;
            with the store's tables also `bodies`, `births` and `deaths` (bodies that exist in the year and not in the
            one before, and the reverse), `verticality` and `bodies_measured`, the bodies behind it.
    """

    dataset: xr.Dataset

    def to_frame(self) -> pd.DataFrame:
        """Return one row per year."""
        frame = self.dataset.to_dataframe().reset_index()
        for name in ("status", "treaty_status"):
            frame[name] = [Status(code).words for code in frame[name]]
        return frame

    def to_xarray(self) -> xr.Dataset:
        """Return the labelled arrays."""
        return self.dataset


def multilateralism(
    panel: Panel,
    years: tuple[int, int] | None = None,
    *,
    tables: Tables | None = None,
    variant: str = "cinc",
    authority: Mapping[str, float] | None = None,
) -> Multilateralism:
    """Measure multilateralism over years.

    Args:
        panel: the data, `orrery.load()`.
        years: first and last year; the whole panel by default.
        tables: the store, `orrery.open_store()`, for what needs memberships body by body; without it those measures
            are left out.
        variant: capability behind verticality, one of `polarity.CAPABILITY`.
        authority: weight of each body in verticality, by the producer's short name; bodies without one are left out.
            By default all weigh the same.

    Raises:
        MeasureError: years outside the panel, no such variant, or a negative authority.
        StoreError: the store lacks the memberships.
    """
    span = years_of(panel, years)
    series: dict[str, np.ndarray] = {
        "density": np.array([density(panel, year) for year in span]),
        "memberships_per_country": np.array([memberships_per_country(panel, year) for year in span]),
        "status": np.array([panel.status("shared_memberships", year=year).max() for year in span], np.int8),
    }
    has_treaties = TREATIES in panel.variables
    series |= {
        "treaty_density": np.array([density(panel, year, TREATIES) if has_treaties else np.nan for year in span]),
        "treaty_status": np.array(
            [panel.status(TREATIES, year=year).max() if has_treaties else Status.MISSING for year in span], np.int8
        ),
    }
    if tables is not None:
        measured = bodies(tables, panel, (span[0], span[-1]), variant=variant)
        series |= _births_and_deaths(tables.read("igo_bodies"), span) | _verticality(measured, span, authority)
    return Multilateralism(xr.Dataset({name: (YEAR, array) for name, array in series.items()}, {YEAR: list(span)}))


def bodies(
    tables: Tables, panel: Panel, years: tuple[int, int] | None = None, *, variant: str = "cinc"
) -> pd.DataFrame:
    """Return one row per body and year: its full members, and among how many equals their capability would be divided.

    `effective_members = (sum k)^2 / sum k^2` over the members' capability `k`, the inverse of its Herfindahl index
    `hierarchy` (Laakso & Taagepera 1979): 1 where one member has it all. It is NaN where a member has no figure;
    `largest` is the member with most.

    Raises:
        MeasureError: years outside the panel, or no such variant.
        StoreError: the store lacks the memberships.
    """
    span = years_of(panel, years)
    table = tables.read("igo_memberships")
    full = table[(table["status"] == "full") & table["year"].isin(span)].drop(columns="status")
    capable = pd.DataFrame(
        [
            (year, iso3, k)
            for year in span
            for iso3, k in zip(panel.countries, capability(panel, year, variant), strict=True)
        ],
        columns=pd.Index(["year", "iso3", "capability"]),
    )
    held = full.merge(capable, on=["year", "iso3"], how="left").sort_values("capability")
    groups = held.assign(square=held["capability"] ** 2).groupby(["body", "year"], sort=True)
    result = groups.agg(
        members=("iso3", "size"),
        measured=("capability", "count"),
        total=("capability", "sum"),
        squares=("square", "sum"),
        largest=("iso3", "last"),
    )
    known = (result["measured"] == result["members"]) & (result["squares"] > 0)
    hierarchy = (result["squares"] / result["total"].where(result["total"] > 0) ** 2).where(known)
    result = result.assign(
        effective_members=1 / hierarchy, hierarchy=hierarchy, largest=result["largest"].where(known, "")
    )
    return result[["members", "effective_members", "hierarchy", "largest"]].reset_index()


def verticality(hierarchy: Float[np.ndarray, " body"], authority: Float[np.ndarray, " body"]) -> float:
    """Return `sum_m g_m H_m / sum_m g_m`: the mean Herfindahl index of members' capability, weighted with authority.

    From near 0 (many equals in every body) to 1 (each body is one member's). It cannot fall below the mean of
    `1 / members`, so that a world of small bodies reads as more vertical.

    Raises:
        MeasureError: a negative authority, or none above 0.
    """
    if not (authority >= 0).all() or not authority.sum() > 0:
        raise MeasureError("`authority`: weights are 0 or more, and at least one body measured has one above 0.")
    return float((authority * hierarchy).sum() / authority.sum())


def _births_and_deaths(existing: pd.DataFrame, span: range) -> dict[str, np.ndarray]:
    """Count bodies, and how they come and go; NaN in years without the source, births and deaths also after one."""
    held = {int(year): set(group["body"]) for year, group in existing.groupby("year")}
    counts = {
        "bodies": [len(held[year]) if year in held else np.nan for year in span],
        "births": [len(held[y] - held[y - 1]) if {y, y - 1} <= held.keys() else np.nan for y in span],
        "deaths": [len(held[y - 1] - held[y]) if {y, y - 1} <= held.keys() else np.nan for y in span],
    }
    return {name: np.array(values, float) for name, values in counts.items()}


def _verticality(measured: pd.DataFrame, span: range, authority: Mapping[str, float] | None) -> dict[str, np.ndarray]:
    table = measured.dropna(subset=["hierarchy"])
    table = table.assign(weight=1.0 if authority is None else table["body"].map(dict(authority)))
    table = table.dropna(subset=["weight"])
    value, count = np.full(len(span), np.nan), np.zeros(len(span), int)
    for year, group in table.groupby("year"):
        place = span.index(int(year))
        value[place] = verticality(group["hierarchy"].to_numpy(float), group["weight"].to_numpy(float))
        count[place] = len(group)
    return {"verticality": value, "bodies_measured": count}


def gap(
    effective_powers: Float[np.ndarray, " year"], density: Float[np.ndarray, " year"]
) -> Float[np.ndarray, " year"]:
    """Return `z(N_eff) - z(density)`: above 0 where power is spread further than common bodies reach.

    Both are standardised (population standard deviation) over the years in which both are known; other years are NaN.
    The number therefore says where a year stands among the years given, not how large the gap is in itself.

    Raises:
        MeasureError: fewer than 3 common years, or a series that does not vary over them.
    """
    known = ~np.isnan(effective_powers) & ~np.isnan(density)
    if known.sum() < FEWEST_YEARS:
        raise MeasureError(f"`density`: {known.sum()} years have both series; a gap needs {FEWEST_YEARS} or more.")
    standardised = []
    for name, series in (("effective_powers", effective_powers), ("density", density)):
        spread = series[known].std()
        if spread <= 1e-12 * np.abs(series[known]).max():
            raise MeasureError(
                f"`{name}` is the same in every common year; it cannot be standardised. Give more years."
            )
        standardised.append((series - series[known].mean()) / spread)
    return np.where(known, standardised[0] - standardised[1], np.nan)


def gap_by_variant(powers: Polarity, bound: Multilateralism) -> xr.DataArray:
    """Return the gap by `year, variant, union`, over the years in which both were measured.

    Density carried forward would move the gap by polarity alone, so those years are NaN; a variant of capability that
    is known in fewer than 3 of the others is NaN throughout.

    Raises:
        MeasureError: the two cover different years, or a series does not vary.
    """
    if powers.dataset[YEAR].values.tolist() != bound.dataset[YEAR].values.tolist():
        raise MeasureError("`bound`: polarity and multilateralism cover different years; measure both over the same.")
    measured = bound.dataset["status"].values != Status.CARRIED_FORWARD
    density_measured = np.where(measured, bound.dataset["density"].values, np.nan)
    effective = powers.dataset["effective_number"]
    result = effective.copy(data=np.full(effective.shape, np.nan)).rename("gap")
    for variant in range(effective.shape[1]):
        for union in range(effective.shape[2]):
            series = effective.values[:, variant, union]
            if (~np.isnan(series) & ~np.isnan(density_measured)).sum() >= FEWEST_YEARS:
                result.values[:, variant, union] = gap(series, density_measured)
    return result
