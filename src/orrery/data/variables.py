"""The variables of the panel: one short function per series, from tables of the store to an aligned array.

Ties between countries come in two kinds. *Flows* (trade, arms, official finance) are shares of the country's own
total, so that what lies outside any set of poles is known. *Likenesses* (pacts, memberships) are strengths from 0 to 1
of each pair.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from jaxtyping import Float

from orrery.base.axes import COUNTRY, PARTNER, YEAR
from orrery.data.panel import FIRST_YEAR, LAST_YEAR, Panel, PanelAxes, Tables, Variable, assemble, panel_axes

ARMS_WINDOW = 5
"""Years of deliveries that make an arms portfolio: single years are lumpy (SIPRI itself reports five-year sums)."""

FINANCE_WINDOW = 5
"""Years of commitments over which official finance is set against output."""

BACI_FROM = 2000
"""First year taken from BACI rather than from COW trade; in the overlap the median ratio is 1.04."""

PACT_STRENGTH = {"defense": 1.0, "offense": 1.0, "neutrality": 0.5, "nonaggression": 0.5, "consultation": 0.25}
"""Strength of a pact by its strongest obligation: a judgement, stated here and nowhere else."""

YEAR_COUNTRY, DYAD_YEAR = (YEAR, COUNTRY), (YEAR, COUNTRY, PARTNER)


def _country_series(table: pd.DataFrame, column: str, axes: PanelAxes) -> Float[np.ndarray, "year country"]:
    """Place one column of a country-year table on the axes."""
    values = np.full(axes.shape, np.nan)
    year, country = axes.year_index(table["year"]), axes.country_index(table["iso3"])
    kept = (year >= 0) & (country >= 0)
    values[year[kept], country[kept]] = table[column].to_numpy(float)[kept]
    return values


def _share_of_world(values: Float[np.ndarray, "year country"]) -> Float[np.ndarray, "year country"]:
    """Divide by the sum over the countries with data in the year; an empty year stays NaN."""
    total = np.nansum(values, axis=1, keepdims=True)
    return values / np.where(total > 0, total, np.nan)


def population(tables: Tables, axes: PanelAxes) -> np.ndarray:
    """Persons."""
    return _country_series(tables.read("population"), "population", axes)


def gdp_usd(tables: Tables, axes: PanelAxes) -> np.ndarray:
    """Gross domestic product, current US dollars."""
    return _country_series(tables.read("gdp"), "gdp_usd", axes)


def capability_population(tables: Tables, axes: PanelAxes) -> np.ndarray:
    """Share of the world's population."""
    return _share_of_world(population(tables, axes))


def capability_gdp(tables: Tables, axes: PanelAxes) -> np.ndarray:
    """Share of the world's output at current prices."""
    return _share_of_world(gdp_usd(tables, axes))


def capability_cinc(tables: Tables, axes: PanelAxes) -> np.ndarray:
    """Composite index of national capability, rescaled to sum to 1 over the system of the year."""
    return _share_of_world(_country_series(tables.read("capabilities"), "cinc", axes))


def development(tables: Tables, axes: PanelAxes) -> np.ndarray:
    """`0.8 z(ln GDP per head)`, standardised over the countries of the year."""
    with np.errstate(invalid="ignore", divide="ignore"):
        log_income = np.log(gdp_usd(tables, axes) / population(tables, axes))
    known = ~np.isnan(log_income)
    count = np.maximum(known.sum(1, keepdims=True), 1)
    centred = log_income - np.where(known, log_income, 0).sum(1, keepdims=True) / count
    spread = np.sqrt(np.where(known, centred**2, 0).sum(1, keepdims=True) / count)
    return 0.8 * centred / np.where(spread > 0, spread, np.nan)


def _pair_sums(table: pd.DataFrame, columns: tuple[str, str, str], axes: PanelAxes) -> tuple[np.ndarray, np.ndarray]:
    """Sum a directed table onto `[year, country, partner]`, and the first party's total over *all* partners."""
    first, second, value = columns
    year = axes.year_index(table["year"])
    one, other = axes.country_index(table[first]), axes.country_index(table[second])
    amount = table[value].to_numpy(float)
    pairs = np.zeros((*axes.shape, axes.shape[1]), np.float64)
    totals = np.zeros(axes.shape)
    known = (year >= 0) & (one >= 0)
    np.add.at(totals, (year[known], one[known]), amount[known])
    known &= other >= 0
    np.add.at(pairs, (year[known], one[known], other[known]), amount[known])
    return pairs, totals


def _two_way(table: pd.DataFrame, value: str, axes: PanelAxes) -> tuple[np.ndarray, np.ndarray]:
    """Return exports plus imports per pair, and per country over all partners, territories included."""
    sold, all_sold = _pair_sums(table, ("exporter", "importer", value), axes)
    bought, all_bought = _pair_sums(table, ("importer", "exporter", value), axes)
    return sold + bought, all_sold + all_bought


def _shares(pairs: np.ndarray, totals: np.ndarray) -> np.ndarray:
    """Divide by the country's total; a country-year without any flow stays NaN."""
    return (pairs / np.where(totals > 0, totals, np.nan)[..., None]).astype(np.float32)


def trade_share(tables: Tables, axes: PanelAxes) -> np.ndarray:
    """Share of a country's goods trade (exports plus imports) that is with each partner."""
    cow, baci = tables.read("trade_cow"), tables.read("trade_baci")
    early = _shares(*_two_way(cow[cow["year"] < BACI_FROM], "value_musd", axes))
    late = _shares(*_two_way(baci, "value_kusd", axes))
    return np.where(np.array(axes.years)[:, None, None] < BACI_FROM, early, late)


def arms_share(tables: Tables, axes: PanelAxes) -> np.ndarray:
    """Share of the major arms delivered to a country over five years that came from each supplier.

    A country-year within the source's span and without deliveries in the window is a row of zeros: observed, empty.
    """
    table = tables.read("arms_transfers")
    first, last = int(table["year"].min()) + ARMS_WINDOW - 1, int(table["year"].max())
    extended = PanelAxes(
        tuple(range(axes.years[0] - ARMS_WINDOW + 1, axes.years[-1] + 1)),
        axes.countries,
        np.ones((len(axes.years) + ARMS_WINDOW - 1, len(axes.countries)), bool),
    )
    pairs, totals = _pair_sums(table, ("recipient", "supplier", "tiv"), extended)
    pairs, totals = _rolling_sum(pairs, ARMS_WINDOW), _rolling_sum(totals, ARMS_WINDOW)
    shares = np.nan_to_num(_shares(pairs, totals))
    years = np.array(axes.years)
    observed = ((years >= first) & (years <= last))[:, None] & axes.in_system
    return np.where(observed[..., None], shares, np.nan).astype(np.float32)


def _rolling_sum(values: np.ndarray, window: int) -> np.ndarray:
    """Sum each year with the `window - 1` before it; the axis loses those first years."""
    cumulated = np.cumsum(np.concatenate([np.zeros_like(values[:1]), values]), axis=0)
    return cumulated[window:] - cumulated[:-window]


def pact_strength(tables: Tables, axes: PanelAxes) -> np.ndarray:
    """Strength of the strongest obligation in force between two countries, 0 to 1 (`PACT_STRENGTH`)."""
    table = tables.read("alliances")
    strength = np.max([table[kind].to_numpy(float) * weight for kind, weight in PACT_STRENGTH.items()], axis=0)
    year, one, other = (
        axes.year_index(table["year"]),
        axes.country_index(table["iso3"]),
        axes.country_index(table["partner"]),
    )
    values = np.zeros((*axes.shape, axes.shape[1]), np.float32)
    known = (year >= 0) & (one >= 0) & (other >= 0)
    np.maximum.at(values, (year[known], one[known], other[known]), strength[known].astype(np.float32))
    covered = (np.array(axes.years) >= table["year"].min()) & (np.array(axes.years) <= table["year"].max())
    return np.where((covered[:, None] & axes.in_system)[..., None], values, np.nan).astype(np.float32)


def _full_memberships(tables: Tables, axes: PanelAxes) -> Float[np.ndarray, "year country body"]:
    """Return full membership of each intergovernmental organisation as 0 or 1, NaN in years without a count."""
    table = tables.read("igo_memberships")
    counted = np.isin(axes.years, table["year"].unique())
    full = table[table["status"] == "full"]
    bodies = pd.Index(sorted(full["body"].unique()))
    values = np.zeros((*axes.shape, len(bodies)), np.float32)
    year, country = axes.year_index(full["year"]), axes.country_index(full["iso3"])
    known = (year >= 0) & (country >= 0)
    values[year[known], country[known], bodies.get_indexer(pd.Index(full["body"].astype(object)))[known]] = 1
    values[~(counted[:, None] & axes.in_system)] = np.nan
    return values


def shared_memberships(tables: Tables, axes: PanelAxes) -> np.ndarray:
    """Number of intergovernmental organisations of which both are full members; the diagonal is a country's own."""
    member = _full_memberships(tables, axes)
    return np.matmul(member, member.transpose(0, 2, 1))


def membership_likeness(tables: Tables, axes: PanelAxes) -> np.ndarray:
    """Cosine of two countries' membership profiles, each body weighted by `ln(N / n)`, 0 to 1.

    A body of which all are members says nothing about alignment and weighs 0; one with few members weighs most
    (inverse document frequency, Spärck Jones 1972).
    """
    member = _full_memberships(tables, axes)
    likeness = np.full((*axes.shape, axes.shape[1]), np.nan, np.float32)
    for place in range(len(axes.years)):
        rows = np.flatnonzero(~np.isnan(member[place, :, 0]))
        if not len(rows):
            continue
        profile = member[place, rows]
        size = profile.sum(0)
        weighted = profile * np.log(len(rows) / np.maximum(size, 1)) * (size > 0)
        norm = np.linalg.norm(weighted, axis=1)
        unit = weighted / np.where(norm > 0, norm, 1)[:, None]
        likeness[place, rows] = 0
        likeness[place][np.ix_(rows, rows)] = np.clip(unit @ unit.T, 0, 1)
    return likeness


def official_finance(tables: Tables, axes: PanelAxes) -> np.ndarray:
    """Official finance committed by each partner over five years, as a share of the recipient's output.

    Only partners with a source have a column (today China); all others are NaN, not 0.
    """
    table = tables.read("development_finance").fillna({"oda_usd": 0, "other_official_usd": 0, "vague_usd": 0})
    table = table.assign(value=table[["oda_usd", "other_official_usd", "vague_usd"]].sum(axis=1))
    pairs, _ = _pair_sums(table, ("recipient", "donor", "value"), axes)
    years = np.array(axes.years)
    covered = (years >= table["year"].min()) & (years <= table["year"].max())
    output = gdp_usd(tables, axes)
    result = np.full(pairs.shape, np.nan, np.float32)
    donors = np.flatnonzero(np.isin(axes.countries, table["donor"].unique()))
    for place in np.flatnonzero(covered):
        window = slice(max(place - FINANCE_WINDOW + 1, 0), place + 1)
        spent = pairs[window][..., donors].sum(0)
        with np.errstate(invalid="ignore"):
            produced = output[window].sum(0)
        ratio = spent / np.where(produced > 0, produced, np.nan)[:, None]
        result[place][:, donors] = np.where(axes.in_system[place][:, None], ratio, np.nan)
    return result


def connectedness(tables: Tables, axes: PanelAxes) -> np.ndarray:
    """World mean of the KOF globalisation index, divided by 100: 0 to 1."""
    table = tables.read("globalisation_regions")
    world = table[table["code"] == "WLD"].set_index("year")["kof"]
    return world.reindex(list(axes.years)).to_numpy(float) / 100


def openness(tables: Tables, axes: PanelAxes) -> np.ndarray:
    """KOF globalisation index of the country, divided by 100: 0 to 1."""
    return _country_series(tables.read("globalisation"), "kof", axes) / 100


def political_stability(tables: Tables, axes: PanelAxes) -> np.ndarray:
    """Estimate of political stability and absence of violence, about -2.5 to 2.5."""
    table = tables.read("governance")
    return _country_series(table[table["indicator"] == "political_stability"], "estimate", axes)


def polyarchy(tables: Tables, axes: PanelAxes) -> np.ndarray:
    """Electoral democracy index, 0 to 1."""
    return _country_series(tables.read("democracy"), "polyarchy", axes)


def distance_km(tables: Tables, axes: PanelAxes) -> np.ndarray:
    """Great-circle distance between capitals, kilometres."""
    from orrery.data.countries import distance_km as between_capitals

    del tables
    return between_capitals(axes.countries)


def contiguous(tables: Tables, axes: PanelAxes) -> np.ndarray:
    """1 where two countries share a land or river border or lie within 24 miles by water, at the last date known."""
    table = tables.read("contiguity")
    near = table[table["kind"] <= 3]
    values = np.zeros((axes.shape[1], axes.shape[1]))
    one, other = axes.country_index(near["iso3"]), axes.country_index(near["partner"])
    known = (one >= 0) & (other >= 0)
    values[one[known], other[known]] = 1
    return np.maximum(values, values.T)


VARIABLES: dict[str, Variable] = {
    variable.name: variable
    for variable in (
        Variable("population", YEAR_COUNTRY, "persons", "Population", ("wb_population",), population, True, 1, False),
        Variable(
            "gdp_usd",
            YEAR_COUNTRY,
            "current US dollars",
            "Gross domestic product",
            ("wb_gdp",),
            gdp_usd,
            True,
            4,
            False,
        ),
        Variable(
            "capability_population",
            YEAR_COUNTRY,
            "share of the world",
            "Share of world population",
            ("wb_population",),
            capability_population,
            interpolate=True,
            carry_forward=2,
        ),
        Variable(
            "capability_gdp",
            YEAR_COUNTRY,
            "share of the world",
            "Share of world output at current prices",
            ("wb_gdp",),
            capability_gdp,
            interpolate=True,
            carry_forward=15,
        ),
        Variable(
            "capability_cinc",
            YEAR_COUNTRY,
            "share of the world",
            "Composite index of national capability, rescaled to sum to 1 (Singer, Bremer & Stuckey 1972)",
            ("nmc",),
            capability_cinc,
            interpolate=True,
            carry_forward=4,
        ),
        Variable(
            "development",
            YEAR_COUNTRY,
            "0.8 standard deviations of log GDP per head",
            "Standardised log output per head: the development dimension",
            ("wb_gdp", "wb_population"),
            development,
            interpolate=True,
            carry_forward=15,
        ),
        Variable(
            "trade_share",
            DYAD_YEAR,
            "share of own trade",
            "Exports plus imports with a partner over all goods trade; COW to 1999, BACI from 2000",
            ("cow_trade", "baci"),
            trade_share,
            interpolate=True,
            carry_forward=5,
        ),
        Variable(
            "arms_share",
            DYAD_YEAR,
            "share of own imports",
            "Supplier's share of major arms delivered over five years, trend-indicator values",
            ("sipri",),
            arms_share,
            carry_forward=1,
        ),
        Variable(
            "pact_strength",
            DYAD_YEAR,
            "0 to 1",
            "Strongest obligation in force: defence, offence 1; neutrality, non-aggression 1/2; consultation 1/4",
            ("atop",),
            pact_strength,
            carry_forward=7,
        ),
        Variable(
            "shared_memberships",
            DYAD_YEAR,
            "organisations",
            "Intergovernmental organisations with both as full members; own memberships on the diagonal",
            ("cow_igo",),
            shared_memberships,
            interpolate=True,
            carry_forward=11,
        ),
        Variable(
            "membership_likeness",
            DYAD_YEAR,
            "0 to 1",
            "Cosine of membership profiles weighted by ln(N/n)",
            ("cow_igo",),
            membership_likeness,
            interpolate=True,
            carry_forward=11,
        ),
        Variable(
            "official_finance",
            DYAD_YEAR,
            "share of recipient's output",
            "Official finance committed over five years; only partners with a source (China)",
            ("gcdf", "wb_gdp"),
            official_finance,
            carry_forward=4,
        ),
        Variable(
            "connectedness",
            (YEAR,),
            "0 to 1",
            "World mean of the KOF globalisation index over 100",
            ("kof",),
            connectedness,
            carry_forward=3,
        ),
        Variable(
            "openness",
            YEAR_COUNTRY,
            "0 to 1",
            "KOF globalisation index of the country over 100 (Gygli et al. 2019)",
            ("kof",),
            openness,
            interpolate=True,
            carry_forward=3,
            derived=False,
        ),
        Variable(
            "political_stability",
            YEAR_COUNTRY,
            "standard normal units",
            "Political stability and absence of violence, estimate (Worldwide Governance Indicators)",
            ("wgi",),
            political_stability,
            interpolate=True,
            carry_forward=2,
            derived=False,
        ),
        Variable(
            "polyarchy",
            YEAR_COUNTRY,
            "0 to 1",
            "Electoral democracy index (V-Dem)",
            ("cw_democracy",),
            polyarchy,
            derived=False,
        ),
        Variable("distance_km", (COUNTRY, PARTNER), "km", "Distance between capitals", (), distance_km),
        Variable(
            "contiguous",
            (COUNTRY, PARTNER),
            "0 or 1",
            "Border or at most 24 miles of water",
            ("contiguity",),
            contiguous,
        ),
    )
}


def observe(tables: Tables, axes: PanelAxes, names: tuple[str, ...] | None = None) -> dict[str, np.ndarray]:
    """Compute the observed values of the named variables (all of them by default), unfilled."""
    chosen = {name: VARIABLES[name].observe for name in names or tuple(VARIABLES)}
    return {name: compute(tables, axes) for name, compute in chosen.items() if compute is not None}


def build_panel(
    tables: Tables, *, years: tuple[int, int] = (FIRST_YEAR, LAST_YEAR), names: tuple[str, ...] | None = None
) -> Panel:
    """Build the panel from the store.

    Args:
        tables: where the tables are read, usually `orrery.data.store.open_store()`.
        years: first and last year.
        names: variables wanted; all of `VARIABLES` by default.

    Raises:
        StoreError: a needed table is not in the store; the message says which source to add.
    """
    axes = panel_axes(range(years[0], years[1] + 1))
    return assemble(observe(tables, axes, names), VARIABLES, axes, origin="local store", provenance={})
