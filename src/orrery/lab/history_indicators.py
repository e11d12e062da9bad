"""The indicators of the five futures measured year by year in the record, as far as there are data.

`measured_indicators(panel, tables, span)` gives them by the names that a simulation gives them. A year that a source
does not reach is NaN and stays so, except in portfolios, whose channels are carried forward as the panel allows.

| indicator | measured as | not in it |
|---|---|---|
| top_two_share, effective_powers | over shares of capability: each pole once, and every other country | |
| mean_diversity, non_aligned_share, western_share, regional_assortativity | from composite portfolios | |
| pole_hostility | half the squared distance of ideal points of the two poles with most alignment | tension |
| institutional_density | mean over pairs of `ln(1 + n_ij / n_0)`, `n_ij` shared memberships | authority |
| connectedness | KOF index of the world over 100 | |
| global_authority, regional_authority | sum of (pooling + delegation) / 2 over bodies | compliance |
| compliance | | no source |

Portfolios and density are those of the countries that have them in every year of the span, and portfolios are of the
channels that a country has in every year; `n_0` is the mean of the
first year. A body is global if more than half of all countries are full members, else regional.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from orrery.base.errors import MeasureError
from orrery.data.countries import country
from orrery.data.panel import Panel, Status, Tables
from orrery.data.variables import build_panel
from orrery.measure.ideal_points import Selection, fit, vote_matrix
from orrery.measure.multilateralism import bodies, mean_log_shared, mean_shared, relative_density
from orrery.measure.panel import with_ideal_points
from orrery.measure.polarity import capability, effective_number, pole_capability, top_two_share
from orrery.measure.portfolios.channels import CHANNELS, composite, composite_weights, pole_positions
from orrery.measure.portfolios.indices import diversity
from orrery.measure.portfolios.poles import DEFAULT_POLES, membership, poles
from orrery.measure.portfolios.regions import share_between_regions
from orrery.measure.portfolios.year import YearPortfolios, year_portfolios
from orrery.measure.span import years_of
from orrery.world.observed import WESTERN

VARIABLES = (
    "capability_cinc",
    "capability_gdp",
    "trade_share",
    "arms_share",
    "pact_strength",
    "shared_memberships",
    "membership_likeness",
    "official_finance",
    "connectedness",
)
"""Variables of the panel that the indicators are made of, besides ideal points."""

NO_COMPLIANCE = "no source measures how far obligations of bodies are kept"


@dataclass(frozen=True)
class MeasuredIndicators:
    """Indicators of consecutive years.

    Attributes:
        years: calendar years.
        series: by name, NaN in years that are not known.
        notes: by name, what is missing, filled or left out; none where nothing is.
    """

    years: tuple[int, ...]
    series: Mapping[str, Float[np.ndarray, " year"]]
    notes: Mapping[str, str]


def history_panel(tables: Tables, years: tuple[int, int]) -> Panel:
    """Return a panel of the store with ideal points, for years before the baseline begins.

    Args:
        tables: the store, `orrery.open_store()`.
        years: first and last year.

    Raises:
        StoreError: the store lacks a source.
    """
    panel = build_panel(tables, years=years, names=VARIABLES)
    # One rule for all years, as in the baseline: the published links end in January 2020.
    selection = Selection(published_links=False)
    return with_ideal_points(
        panel, fit(vote_matrix(tables.read("votes"), tables.read("roll_calls"), period="year", selection=selection))
    )


def measured_indicators(panel: Panel, tables: Tables, span: tuple[int, int], variant: str) -> MeasuredIndicators:
    """Measure the indicators of the five futures.

    Args:
        panel: the data; see `history_panel`.
        tables: the store, with the sources `cow_igo` and `mia`.
        span: first and last year.
        variant: of capability, one of `polarity.CAPABILITY`.

    Raises:
        MeasureError: years outside the panel, no such variant, or a pole that does not exist in all years.
        StoreError: the store lacks a source.
    """
    years = years_of(panel, span)
    alignment, pairs = _alignment(panel, years)
    series = _powers(panel, years, variant) | alignment | _bodies(panel, tables, years)
    series["institutional_density"] = _density(panel, years)
    series["connectedness"] = _connectedness(panel, years)
    series["compliance"] = np.full(len(years), np.nan)
    notes = {name: text for name, values in series.items() if (text := _unknown_years(values, years))}
    notes["compliance"] = NO_COMPLIANCE
    notes["pole_hostility"] = _which_pairs(pairs, years)
    filled = _carried_forward(panel, years)
    if filled:
        of_portfolios = ("mean_diversity", "non_aligned_share", "western_share", "regional_assortativity")
        notes |= {name: "; ".join(filter(None, (notes.get(name), filled))) for name in of_portfolios}
    return MeasuredIndicators(tuple(years), series, notes)


def _powers(panel: Panel, years: Sequence[int], variant: str) -> dict[str, Float[np.ndarray, " year"]]:
    """Return polarity over each pole once and every other country; NaN where a member of a pole has no figure."""
    chosen = poles(DEFAULT_POLES)
    top_two, effective = [], []
    for year in years:
        shares, in_pole = capability(panel, year, variant), membership(chosen, panel.countries, year).any(0)
        known = not np.isnan(shares[in_pole]).any()
        outside = np.nan_to_num(shares[~in_pole])
        powers = np.concatenate([pole_capability(panel, chosen, year, variant), outside])
        top_two.append(float(top_two_share(powers)) if known else np.nan)
        effective.append(float(effective_number(powers)) if known else np.nan)
    return {"top_two_share": np.array(top_two), "effective_powers": np.array(effective)}


def _alignment(
    panel: Panel, years: Sequence[int]
) -> tuple[dict[str, Float[np.ndarray, " year"]], Int[np.ndarray, "year pair"]]:
    """Return what portfolios say of the countries that are no pole, and the two largest poles of each year."""
    measured = [year_portfolios(panel, poles(DEFAULT_POLES), year) for year in years]
    if any(one.names != DEFAULT_POLES for one in measured):
        raise MeasureError(f"`span`: {years[0]}-{years[-1]} came; all of {', '.join(DEFAULT_POLES)} must exist in it.")
    shares = np.stack([one.shares for one in measured])
    # A channel that comes or goes would move the composite though no tie had changed.
    always = np.asarray(~np.isnan(shares).any((0, 2)))
    portfolio = composite(np.where(always[None, :, None, :], shares, np.nan), composite_weights())
    single = np.stack([one.members.mask[one.members.mask.sum(1) == 1].any(0) for one in measured])
    kept = ~np.isnan(portfolio).any((0, 2)) & ~single.any(0)
    portfolio = portfolio[:, kept]
    if not kept.any():
        raise MeasureError(f"`span`: no country has a composite portfolio in all of {years[0]}-{years[-1]}.")
    camps = portfolio[..., 1:].mean(1)
    regions = np.array([country(code).subregion for code in np.array(panel.countries)[kept]])
    in_region = regions[:, None] == np.unique(regions)
    western = np.isin(DEFAULT_POLES, WESTERN)
    pairs = np.argsort(-camps, kind="stable")[:, :2]
    return {
        "mean_diversity": diversity(portfolio[..., 1:] / portfolio[..., 1:].sum(-1, keepdims=True)).mean(-1),
        "non_aligned_share": portfolio[..., 0].mean(-1),
        "western_share": camps[:, western].sum(-1) / camps.sum(-1),
        "regional_assortativity": np.array([float(share_between_regions(one, in_region)) for one in portfolio]),
        "pole_hostility": np.array([_hostility(panel, *pair) for pair in zip(measured, pairs, strict=True)]),
    }, pairs


def _hostility(panel: Panel, year: YearPortfolios, pair: Int[np.ndarray, " pair"]) -> float:
    """Return `½ (x_p - x_q)²` of two poles."""
    positions = pole_positions(panel.values("ideal_point", year=year.year), year.members)[pair]
    return float((positions[0] - positions[1]) ** 2 / 2)


def _which_pairs(pairs: Int[np.ndarray, "year pair"], years: Sequence[int]) -> str:
    """Say which two poles are the largest, and since when."""
    named = [" and ".join(sorted(DEFAULT_POLES[place] for place in pair)) for pair in pairs]
    since = [place for place in range(1, len(named)) if named[place] != named[place - 1]]
    return "; ".join(["of " + named[0], *(f"from {years[place]} of {named[place]}" for place in since)])


def _bodies(panel: Panel, tables: Tables, years: Sequence[int]) -> dict[str, Float[np.ndarray, " year"]]:
    """Return the authority of bodies of more than half of all countries, and that of all others."""
    held = tables.read("igo_authority").dropna(subset=["body"])
    members = bodies(tables, panel, (years[0], years[-1]))
    joined = held.merge(members[["body", "year", "members"]], on=["body", "year"])
    result = {"global_authority": np.full(len(years), np.nan), "regional_authority": np.full(len(years), np.nan)}
    for place, year in enumerate(years):
        now = joined[joined["year"] == year]
        if now.empty:
            continue
        authority = (now["pooling"] + now["delegation"]).to_numpy(float) / 2
        is_global = now["members"].to_numpy(float) > panel.in_system(year).sum() / 2
        result["global_authority"][place] = authority[is_global].sum()
        result["regional_authority"][place] = authority[~is_global].sum()
    return result


def _density(panel: Panel, years: Sequence[int]) -> Float[np.ndarray, " year"]:
    """Return the mean logarithm of shared memberships relative to those of the first year."""
    shared = np.stack([panel.values("shared_memberships", year=year) for year in years])
    status = np.stack([panel.status("shared_memberships", year=year) for year in years])
    known = np.asarray(np.isin(status, [Status.OBSERVED, Status.INTERPOLATED]).any(1))
    own = np.diagonal(shared, axis1=1, axis2=2)
    present = np.asarray(~np.isnan(own[known]).any(0))
    if not known[0] or present.sum() < 2:
        return np.full(len(years), np.nan)
    reference = mean_shared(shared[0], present)
    logs = [mean_log_shared(relative_density(one.copy(), reference), present) for one in shared]
    return np.where(known, logs, np.nan)


def _connectedness(panel: Panel, years: Sequence[int]) -> Float[np.ndarray, " year"]:
    rows = [panel.year_position(year) for year in years]
    observed = panel.status("connectedness")[rows] == Status.OBSERVED
    return np.where(observed, panel.values("connectedness")[rows], np.nan)


def _unknown_years(values: Float[np.ndarray, " year"], years: Sequence[int]) -> str:
    """Say which years are not known; nothing where all are."""
    unknown = [year for year, value in zip(years, values, strict=True) if np.isnan(value)]
    if not unknown:
        return ""
    if unknown == list(range(unknown[0], unknown[-1] + 1)):
        return f"not known in {unknown[0]}-{unknown[-1]}" if len(unknown) > 1 else f"not known in {unknown[0]}"
    return f"not known in {', '.join(map(str, unknown))}"


def _carried_forward(panel: Panel, years: Sequence[int]) -> str:
    """Say which weighted channels end before the last year and are carried forward to it."""
    until = {
        name: panel.observed_until(channel.variable)
        for name, channel in CHANNELS.items()
        if composite_weights()[name] > 0
    }
    early = [f"{name} since {year + 1}" for name, year in until.items() if year is not None and year < years[-1]]
    return f"carried forward: {', '.join(early)}" if early else ""
