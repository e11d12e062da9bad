"""Trade agreements: how many bind whom, how deep they go, how many are bilateral, how they come and go.

`trade_agreements(panel, tables)` measures two records side by side. DESTA lists agreements from their signature,
notified or not, with parties and depth; it records who leaves, but not that an agreement ends, so that its stock only
grows. The list of agreements notified to the GATT and the WTO is shorter and knows when each one ended.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from jaxtyping import Float

from orrery.base.axes import YEAR
from orrery.base.errors import MeasureError
from orrery.data.panel import Panel, Status, Tables
from orrery.data.sources import source
from orrery.measure.labelled import Labelled
from orrery.measure.multilateralism import bound_share, mean_log_shared
from orrery.measure.span import years_of

BASES = ("in_force", "signed")

TYPES = ("bilateral", "region and country", "region and region", "plurilateral")
"""DESTA's types. The middle two have two sides, one or both of which is a group of countries acting as one."""

TYPE, RECORD = "type", "record"
_NEVER = 9999


def two_sided_shares(counts: Float[np.ndarray, "*axes type"]) -> tuple[np.ndarray, np.ndarray]:
    """Return what part of agreements is bilateral, narrowly and widely; NaN where there is none.

    Narrowly: between two countries. Widely: with two sides, either of which may be a group of countries (a region and a
    country, a region and a region). What is left over is plurilateral.

    Args:
        counts: agreements by the types of `TYPES`.
    """
    total = counts.sum(-1)
    known = np.where(total > 0, total, np.nan)
    return counts[..., 0] / known, counts[..., :3].sum(-1) / known


@dataclass(frozen=True)
class TradeAgreements(Labelled):
    """Measured trade agreements.

    Attributes:
        dataset: by `year`, from DESTA: `density` (mean over pairs of `ln(1 + n)`, `n` the agreements that bind a pair),
            `bound_pairs` (the share of pairs bound by any), `agreements`, `new`, `members` (mean number of parties),
            `depth_index`, `depth_rasch` (means over the agreements with a depth), `depth_index_by_members` and
            `depth_rasch_by_members` (each agreement weighted with its parties), `depth_agreements` (how many they are);
            from the notified ones `notified`, `notified_births`, `notified_deaths`; by `year, record` (`desta`,
            `notified`) `bilateral_share`, `two_sided_share` and the same `_of_new`; by `year, type`
            `agreements_by_type` and `new_by_type`; and `status`, `depth_status`, `notified_status`. NaN beyond a
            source, never 0.
        basis: whether DESTA's agreements count from entry into force or from signature.
        undated: agreements of which DESTA knows no entry into force; they are left out where that is the basis.
    """

    dataset: xr.Dataset
    basis: str
    undated: int

    def to_frame(self) -> pd.DataFrame:
        """Return one row per year; shares stand in one column per record, and `reason` says what is missing and why."""
        by_year = [name for name, array in self.dataset.data_vars.items() if array.dims == (YEAR,)]
        frame = self.dataset[by_year].to_dataframe()
        for name, array in self.dataset.data_vars.items():
            if array.dims != (YEAR,):
                label = array.dims[1]
                for key in array[label].values:
                    frame[f"{name}: {key}"] = array.sel({label: key}).values
        for name in ("status", "depth_status", "notified_status"):
            frame[name] = [Status(code).words for code in frame[name]]
        frame["reason"] = [self._reason(row) for _, row in frame.iterrows()]
        return frame.reset_index()

    def _reason(self, row: pd.Series) -> str:
        about = {"status": "agreements (DESTA)", "depth_status": "depth (DESTA)", "notified_status": "notified (WTO)"}
        lacking = [text for name, text in about.items() if row[name] == Status.MISSING.words]
        return f"the source does not reach this year: {', '.join(lacking)}" if lacking else ""

    def to_xarray(self) -> xr.Dataset:
        """Return the labelled arrays."""
        return self.dataset


def trade_agreements(
    panel: Panel, tables: Tables, years: tuple[int, int] | None = None, *, basis: str = "in_force"
) -> TradeAgreements:
    """Measure trade agreements over years.

    Args:
        panel: countries and years, `orrery.load()`.
        tables: the store, `orrery.open_store()`, with the sources `desta` and `wto_rta`.
        years: first and last year; the whole panel by default.
        basis: count DESTA's agreements from entry into force, or from signature.

    Raises:
        MeasureError: years outside the panel, or no such basis.
        StoreError: the store lacks a source.
    """
    span = years_of(panel, years)
    members, undated = membership_spells(tables, basis)
    stock, parties = _stock(members, span)
    bases = _bases(tables, basis)
    begun = bases["start"].to_numpy()
    by_type = np.stack([(bases["type"] == name).to_numpy() for name in TYPES], -1).astype(float)
    new = (begun[None, :] == np.array(span)[:, None]).astype(float)
    inside = stock.reindex(columns=bases["base"], fill_value=False).to_numpy(float)
    covered = _covered("desta", span)
    shared = shared_agreements(panel, tables, (span[0], span[-1]), basis=basis)
    present = [panel.in_system(year) for year in span]
    series = {
        "density": np.array([mean_log_shared(block, here) for block, here in zip(shared, present, strict=True)]),
        "bound_pairs": np.array([bound_share(block, here) for block, here in zip(shared, present, strict=True)]),
        "agreements": np.where(covered, inside.sum(1), np.nan),
        "new": np.where(covered, new.sum(1), np.nan),
        "members": _mean_where(parties.to_numpy(float), stock.to_numpy(), covered),
        "status": np.where(covered, Status.OBSERVED, Status.MISSING).astype(np.int8),
        **_depth(tables, basis, stock, parties),
    }
    typed = {
        "agreements_by_type": np.where(covered[:, None], inside @ by_type, np.nan),
        "new_by_type": np.where(covered[:, None], new @ by_type, np.nan),
    }
    notified, notified_types = _notified(tables.read("trade_agreements_notified"), span)
    shares = _shares_by_record(typed, notified_types)
    dataset = xr.Dataset(
        {name: (YEAR, array) for name, array in (series | notified).items()}
        | {name: ((YEAR, TYPE), array) for name, array in typed.items()}
        | {name: ((YEAR, RECORD), array) for name, array in shares.items()},
        {YEAR: list(span), TYPE: list(TYPES), RECORD: ["desta", "notified"]},
    )
    return TradeAgreements(dataset, basis, undated)


def shared_agreements(
    panel: Panel, tables: Tables, years: tuple[int, int] | None = None, *, basis: str = "in_force"
) -> Float[np.ndarray, "year country partner"]:
    """Return how many trade agreements bind each pair, by DESTA; a country's own number on the diagonal.

    Pairs are those that the producer lists: an agreement of a region and a country binds each member to the country,
    not the members to each other. NaN outside the source's years and where either is outside the state system.

    Raises:
        MeasureError: years outside the panel, or no such basis.
        StoreError: the store lacks the agreements.
    """
    span = years_of(panel, years)
    size = len(panel.countries)
    counts = np.zeros((len(span) + 1, size, size))
    index = pd.Index(panel.countries)
    members, _ = membership_spells(tables, basis)
    own = members.dropna(subset=["iso3"]).assign(partner=lambda table: table["iso3"])
    for table in (pair_spells(tables, basis), own):
        one, other = (index.get_indexer(pd.Index(table[name].astype(object))) for name in ("iso3", "partner"))
        start, end = ((table[name].to_numpy(int) - span[0]).clip(0, len(span)) for name in ("start", "end"))
        for a, b in ((one, other), (other, one)) if table is not own else ((one, other),):
            known = (a >= 0) & (b >= 0)
            np.add.at(counts, (start[known], a[known], b[known]), 1)
            np.add.at(counts, (end[known], a[known], b[known]), -1)
    present = np.stack([panel.in_system(year) for year in span]) & _covered("desta", span)[:, None]
    return np.where(present[:, :, None] & present[:, None, :], counts.cumsum(0)[:-1], np.nan)


def pair_spells(tables: Tables, basis: str = "in_force") -> pd.DataFrame:
    """Return from which year an agreement binds a pair of countries, and from which it no longer does.

    Columns `base, iso3, partner, start, end`; an `end` of 9999 means that no withdrawal is recorded.
    """
    starts = _starts(tables, basis)
    pairs = tables.read("trade_agreement_pairs").merge(starts, on="agreement")
    ordered = np.sort(pairs[["iso3", "partner"]].to_numpy(str), axis=1)
    pairs = pairs.assign(iso3=ordered[:, 0], partner=ordered[:, 1], end=_NEVER)
    leaving = _leaving(tables, basis).dropna(subset=["iso3"])
    for base, iso3, year in leaving[["base", "iso3", "year"]].itertuples(index=False):
        left = (pairs["base"] == base) & ((pairs["iso3"] == iso3) | (pairs["partner"] == iso3))
        pairs.loc[left & (pairs["start"] < year) & (pairs["end"] > year), "end"] = year
    spells = pairs.groupby(["base", "iso3", "partner", "end"], as_index=False)["start"].min()
    return spells[["base", "iso3", "partner", "start", "end"]]


def membership_spells(tables: Tables, basis: str = "in_force") -> tuple[pd.DataFrame, int]:
    """Return who is party to which agreement from and until when, and how many agreements have no such date.

    Columns `base, party, iso3, start, end`, `end` as in `pair_spells`.
    """
    starts = _starts(tables, basis)
    parties = tables.read("trade_agreement_parties").merge(starts, on="agreement").assign(end=_NEVER)
    for base, party, year in _leaving(tables, basis)[["base", "party", "year"]].itertuples(index=False):
        left = (parties["base"] == base) & (parties["party"] == party)
        parties.loc[left & (parties["start"] < year) & (parties["end"] > year), "end"] = year
    spells = parties.groupby(["base", "party", "end"], as_index=False).agg(
        iso3=("iso3", "first"), start=("start", "min")
    )
    listed = tables.read("trade_agreements")
    undated = int(((listed["kind"] == "agreement") & listed["in_force"].isna()).sum())
    return spells[["base", "party", "iso3", "start", "end"]], undated


def _dated(tables: Tables, basis: str) -> pd.DataFrame:
    """Add to every entry the year from which it counts.

    Where the basis is entry into force, an agreement without one has none. Accessions and withdrawals are acts of one
    party, of which the producer mostly gives one year only: that of the act.
    """
    if basis not in BASES:
        raise MeasureError(f"`basis`: {basis!r} came; allowed is one of {', '.join(BASES)}.")
    table = tables.read("trade_agreements")
    if basis == "signed":
        return table.assign(start=table["year"].astype(float))
    act = table["kind"].isin(["accession", "withdrawal"])
    return table.assign(start=table["in_force"].where(~act, table["in_force"].fillna(table["year"])).astype(float))


def _bases(tables: Tables, basis: str) -> pd.DataFrame:
    """Return the agreements themselves, those with a year from which they count."""
    table = _dated(tables, basis)
    return table[(table["kind"] == "agreement") & table["start"].notna()].reset_index(drop=True)


def _starts(tables: Tables, basis: str) -> pd.DataFrame:
    """Return `agreement, base, start` of agreements and accessions, which bind with their agreement at the earliest."""
    table = _dated(tables, basis)
    table = table[table["kind"].isin(["agreement", "accession"]) & table["start"].notna()]
    begun = _bases(tables, basis).set_index("base")["start"]
    earliest = table["base"].map(begun)
    kept = table.assign(start=table["start"].clip(lower=earliest))[earliest.notna()]
    return kept[["agreement", "base", "start"]].astype({"start": int})


def _leaving(tables: Tables, basis: str) -> pd.DataFrame:
    """Return `base, party, iso3, year` of withdrawals."""
    parties = tables.read("trade_agreement_parties")
    acts = _dated(tables, basis)[["agreement", "base", "start"]].rename(columns={"start": "year"})
    return parties[parties["leaves"]].merge(acts, on="agreement")


def _stock(members: pd.DataFrame, span: range) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return by year and agreement whether it has two parties or more, and how many."""
    counts = {
        year: members[(members["start"] <= year) & (members["end"] > year)].groupby("base").size() for year in span
    }
    parties = pd.DataFrame(counts).T.reindex(columns=sorted(members["base"].unique())).fillna(0).astype(int)
    return parties >= 2, parties


def _mean_where(values: np.ndarray, chosen: np.ndarray, covered: np.ndarray) -> Float[np.ndarray, " year"]:
    count = chosen.sum(1)
    mean = (values * chosen).sum(1) / np.where(count > 0, count, np.nan)
    return np.where(covered, mean, np.nan)


def _depth(tables: Tables, basis: str, stock: pd.DataFrame, parties: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the mean depth of the agreements that count; that of an amended one is the consolidated text's."""
    table = _dated(tables, basis)
    coded = table[table["kind"].isin(["agreement", "consolidated"]) & table["depth_index"].notna()]
    last = int(coded["year"].max())
    dated = coded.dropna(subset=["start"]).sort_values(["start", "kind"])
    years = np.array(stock.index)
    covered = _covered("desta", years) & (years <= last)
    result = {"depth_status": np.where(covered, Status.OBSERVED, Status.MISSING).astype(np.int8)}
    for name in ("depth_index", "depth_rasch"):
        steps = dated.groupby(["start", "base"])[name].last().unstack("base")
        depth = steps.reindex(steps.index.union(pd.Index(years))).ffill().reindex(years, columns=stock.columns)
        known = stock.to_numpy() & depth.notna().to_numpy()
        values, weight = np.nan_to_num(depth.to_numpy(float)), parties.to_numpy(float) * known
        result[name] = _mean_where(values, known, covered)
        total = weight.sum(1)
        result[f"{name}_by_members"] = np.where(
            covered, (values * weight).sum(1) / np.where(total > 0, total, np.nan), np.nan
        )
        result["depth_agreements"] = np.where(covered, known.sum(1), np.nan)
    return result


def _notified(table: pd.DataFrame, span: range) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Count notified agreements at the end of each year, those begun and ended in it; accessions do not count."""
    kept = table[~table["accession"].astype(bool) & table["in_force"].notna()]
    begin, end = kept["in_force"].dt.year.to_numpy(), kept["end"].dt.year.fillna(_NEVER).to_numpy(int)
    years = np.array(span)[:, None]
    covered = _covered("wto_rta", span)
    inside, born, died = (begin <= years) & (years < end), begin == years, end == years
    sides = ["bilateral", "region and country", "region and region"]
    types = np.stack([(kept["type"] == name).to_numpy() for name in sides], -1).astype(float)
    types = np.concatenate([types, (1 - types.sum(-1))[:, None]], -1)
    counts = {"notified": inside, "notified_births": born, "notified_deaths": died}
    series = {name: np.where(covered, chosen.sum(1), np.nan) for name, chosen in counts.items()}
    series["notified_status"] = np.where(covered, Status.OBSERVED, Status.MISSING).astype(np.int8)
    by_type = {
        name: np.where(covered[:, None], chosen.astype(float) @ types, np.nan)
        for name, chosen in (("agreements_by_type", inside), ("new_by_type", born))
    }
    return series, by_type


def _shares_by_record(desta: dict[str, np.ndarray], notified: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    result = {}
    for name, suffix in (("agreements_by_type", ""), ("new_by_type", "_of_new")):
        narrow, wide = zip(*(two_sided_shares(counts[name]) for counts in (desta, notified)), strict=True)
        result[f"bilateral_share{suffix}"] = np.stack(narrow, -1)
        result[f"two_sided_share{suffix}"] = np.stack(wide, -1)
    return result


def _covered(key: str, years: range | np.ndarray) -> np.ndarray:
    """Tell which years a source covers, by the registry."""
    entry = source(key)
    return np.array([entry.first_year <= year <= entry.last_year for year in years])
