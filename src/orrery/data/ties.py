"""The series of the panel between two countries, each from tables to an aligned array.

Ties come in two kinds. *Flows* (trade, arms, official finance) are shares of the country's own total, so that what lies
outside any set of poles is known. *Likenesses* (pacts, memberships, treaties) are strengths from 0 to 1 of each pair.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from jaxtyping import Float

from orrery.data.country_series import gdp_usd
from orrery.data.panel import PanelAxes, Tables
from orrery.data.treaties import NOT_KNOWN, PARTY, by_own_act, standing, treaty_record

ARMS_WINDOW = 5
"""Years of deliveries that make an arms portfolio: single years are lumpy (SIPRI itself reports five-year sums)."""

FINANCE_WINDOW = 5
"""Years of commitments over which official finance is set against output."""

BACI_FROM = 2000
"""First year taken from BACI rather than from COW trade; in the overlap the median ratio is 1.04."""

PACT_STRENGTH = {"defense": 1.0, "offense": 1.0, "neutrality": 0.5, "nonaggression": 0.5, "consultation": 0.25}
"""Strength of a pact by its strongest obligation: a judgement, stated here and nowhere else."""


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


def rivalry(tables: Tables, axes: PanelAxes) -> np.ndarray:
    """1 in the years in which two countries are strategic rivals, both the first and the last included; symmetric.

    Strategic rivals see each other as competitors, as threats that may turn to force, and as enemies (Thompson 2001).
    The source gives the year in which it ends as the last year of rivalries that went on.
    """
    table = tables.read("strategic_rivalries")
    years = np.array(axes.years)
    one, other = axes.country_index(table["iso3"]), axes.country_index(table["partner"])
    values = np.zeros((*axes.shape, axes.shape[1]), np.float32)
    known = (one >= 0) & (other >= 0)
    for first, last, i, j in zip(table["from"][known], table["until"][known], one[known], other[known], strict=True):
        lasting = (years >= first) & (years <= last)
        values[lasting, i, j] = values[lasting, j, i] = 1
    covered = (years >= table["from"].min()) & (years <= table["until"].max())
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
        if len(rows):
            likeness[place, rows] = 0
            likeness[place][np.ix_(rows, rows)] = _weighted_cosine(member[place, rows])
    return likeness


def _weighted_cosine(profile: Float[np.ndarray, "country item"]) -> Float[np.ndarray, "country country"]:
    """Return the cosine of profiles of 0 and 1, items weighted by `ln(N / n)`; 0 for a profile without any weight."""
    size = profile.sum(0)
    weighted = profile * np.log(len(profile) / np.maximum(size, 1)) * (size > 0)
    norm = np.linalg.norm(weighted, axis=1)
    unit = weighted / np.where(norm > 0, norm, 1)[:, None]
    return np.clip(unit @ unit.T, 0, 1)


def shared_treaties(tables: Tables, axes: PanelAxes) -> np.ndarray:
    """Number of multilateral treaties to which both are parties; the diagonal is a country's own."""
    return _from_parties(tables, axes, lambda party: party @ party.T)


def treaty_likeness(tables: Tables, axes: PanelAxes) -> np.ndarray:
    """Cosine of what two countries are party to, each treaty weighted by `ln(N / n)`, as `membership_likeness`."""
    return _from_parties(tables, axes, _weighted_cosine)


def _from_parties(
    tables: Tables, axes: PanelAxes, measure: Callable[[Float[np.ndarray, "country treaty"]], np.ndarray]
) -> np.ndarray:
    """Measure all pairs, year by year, from who is party to which multilateral treaty by its own act.

    A treaty on which the standing of any country is not known in a year is left out of that year. Countries that have
    ended are missing, because the sources list today's; between a country and one of them there is no value either.
    """
    record = by_own_act(treaty_record(tables))
    values = np.full((*axes.shape, axes.shape[1]), np.nan, np.float32)
    covered = tuple(year for year in axes.years if year <= record.last_year)
    within = PanelAxes(covered, axes.countries, axes.in_system[: len(covered)])
    for place, level in enumerate(standing(record, within)):
        rows = np.flatnonzero((level != NOT_KNOWN).any(1))
        if len(rows):
            items = np.flatnonzero((level[rows] != NOT_KNOWN).all(0))
            values[place][np.ix_(rows, rows)] = measure((level[np.ix_(rows, items)] == PARTY).astype(np.float32))
    return values


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
