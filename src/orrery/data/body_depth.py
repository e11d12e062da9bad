"""How deep the bodies of the catalogue go: what members have handed to them, 0 to 1.

Depth is the mean of pooling and delegation (Hooghe, Lenz & Marks 2019), both of which run from 0, where every member
keeps its veto and does everything itself, to 1. The record ends in 2019 and its last year is carried forward for at
most `CARRY_FORWARD` years.

A trade agreement without such a record has an index of depth, the number `n` of seven kinds of provision that it holds
(Dür, Baccini & Elsig 2014). It is put on the same scale by least squares over the organisations that have both,

    depth = a + b n / 7,

so that their fitted and their recorded depths have the same mean. The index says little about authority (the
correlation is weak: a free trade agreement may cover much and delegate nothing), so that rescaled depths lie close to
that mean; they are called estimated, and the provenance gives `a`, `b`, the correlation and the spread of what is left.

Bodies with neither are missing: organs of another body, and most forums and treaties.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from jaxtyping import Float

from orrery.base.errors import DataError
from orrery.data.baseline import SHIPPED
from orrery.data.body_links import PROVISIONS, AgreementLink, AuthorityLink, BodyLinks, body_links
from orrery.data.panel import Status, Tables
from orrery.data.parquet import read_table
from orrery.data.provenance import source_record

if TYPE_CHECKING:
    from orrery.data.store import Manifest

SOURCES = ("mia", "desta")
"""Keys of the sources that depth is made of."""

CARRY_FORWARD = 6
"""Years for which the last recorded depth may stand."""

TREATY_TEXT = "treaty text"
"""Source of a depth whose provisions were counted in the agreement itself (`facts/agreement_provisions.csv`)."""


_COLUMNS = ["code", "year", "depth", "status", "source"]


@dataclass(frozen=True)
class DepthRecord:
    """The depth of a body in a year.

    Attributes:
        depth: 0 to 1.
        status: observed, carried forward or estimated.
        source: `mia`, `desta` or `treaty text`.
    """

    depth: float
    status: Status
    source: str


@dataclass(frozen=True)
class Rescaling:
    """The line that puts the index of trade agreements on the scale of depth.

    Attributes:
        intercept: depth of an agreement without any of the seven kinds of provision.
        slope: what all seven add.
        correlation: of recorded depth and index.
        residual_sd: standard deviation of recorded depth around the line, with two degrees of freedom taken off.
        organisations: how many it is fitted on.
    """

    intercept: float
    slope: float
    correlation: float
    residual_sd: float
    organisations: int

    def depth(self, provisions: float) -> float:
        """Return the depth of an agreement that holds so many of the seven kinds of provision."""
        return float(np.clip(self.intercept + self.slope * provisions / len(PROVISIONS), 0, 1))


@dataclass(frozen=True)
class BodyDepths:
    """Depth by body and year, as measured, without what is carried forward.

    Attributes:
        rows: `code`, `year`, `depth` from 0 to 1, `status` (observed or estimated) and `source`, sorted by the first
            two.
        provenance: unit, description, sources and the rescaling.
    """

    rows: pd.DataFrame
    provenance: dict


def body_depths(year: int, folder: Path = SHIPPED) -> dict[str, DepthRecord]:
    """Return the depth of every body of the catalogue that has one in a year, by its code.

    Bodies with neither a record of authority nor a coded trade agreement are not there; nor is a body after the last
    year in which its record stands for it, or later than `CARRY_FORWARD` years after the record's end.

    Args:
        year: calendar year, within those of the baseline.
        folder: the baseline; the shipped one by default.

    Raises:
        DataError: the year lies outside the baseline, or the folder holds no depths.
    """
    first, last = json.loads(_part(folder, "provenance.json").read_text("utf-8"))["years"]
    if not first <= year <= last:
        raise DataError(f"`year`: {year} came; the baseline holds {first}-{last}.")
    rows = load_depths(folder).rows
    ended = {link.code for link in body_links().authority if link.last is not None and link.last < year}
    newest = rows[(rows["year"] <= year) & (rows["year"] >= year - CARRY_FORWARD)].drop_duplicates("code", keep="last")
    records = {}
    for code, known, depth, status, source in newest[_COLUMNS].itertuples(index=False):
        if known == year:
            records[code] = DepthRecord(float(depth), Status(status), source)
        elif status == Status.OBSERVED and code not in ended:
            records[code] = DepthRecord(float(depth), Status.CARRIED_FORWARD, source)
    return records


def load_depths(folder: Path = SHIPPED) -> BodyDepths:
    """Load the depths of a baseline folder; those of the shipped one by default.

    Raises:
        DataError: the folder holds none.
    """
    record = json.loads(_part(folder, "provenance.json").read_text("utf-8"))
    return BodyDepths(read_table(_part(folder, "body_depth.parquet")), record["tables"]["body_depth"])


def _part(folder: Path, name: str) -> Path:
    if not (folder / name).exists():
        raise DataError(f"`folder`: {folder} holds no {name}. Build a baseline with `orrery data build-baseline`.")
    return folder / name


def fit_rescaling(recorded: Float[np.ndarray, " organisation"], index: Float[np.ndarray, " organisation"]) -> Rescaling:
    """Fit recorded depth on the index of trade agreements over seven, by least squares.

    Args:
        recorded: depth from the record of authority, 0 to 1.
        index: kinds of provision in the organisation's trade agreement, 0 to 7.

    Raises:
        DataError: fewer than three organisations, or all with the same index or the same depth.
    """
    part = np.asarray(index, float) / len(PROVISIONS)
    if len(part) < 3 or np.ptp(part) == 0 or np.ptp(recorded) == 0:
        raise DataError(
            f"`index`: {len(part)} organisations came; allowed are three or more that differ in index and in depth. "
            "Add rows with a number of MIA to `facts/body_agreements.csv`."
        )
    slope, intercept = np.polyfit(part, recorded, 1)
    left = recorded - intercept - slope * part
    return Rescaling(
        float(intercept),
        float(slope),
        float(np.corrcoef(part, recorded)[0, 1]),
        float(np.sqrt((left**2).sum() / (len(part) - 2))),
        len(part),
    )


def measure_depths(tables: Tables, last_year: int, links: BodyLinks | None = None) -> tuple[pd.DataFrame, Rescaling]:
    """Measure the depth of bodies from `igo_authority` and `trade_agreements`.

    Args:
        tables: the store, with the sources `mia` and `desta`.
        last_year: last year for which agreements in force are estimated.
        links: which record and which agreement stands for which body; those of `data/facts` by default.

    Returns:
        Rows of `BodyDepths` and the rescaling behind those that are estimated.

    Raises:
        StoreError: the store lacks a source.
        DataError: a link does not hold in the tables, or two stand for one body in the same year.
    """
    links = links or body_links()
    record = tables.read("igo_authority").assign(depth=lambda held: (held["pooling"] + held["delegation"]) / 2)
    agreements = tables.read("trade_agreements").set_index("agreement")
    line = fit_rescaling(*_both(record, agreements, links.compared))
    frames = [_recorded(record, link) for link in links.authority]
    frames += [_estimated(agreements, link, line, last_year, links.provisions) for link in links.agreements]
    rows = pd.concat(frames, ignore_index=True).sort_values(["code", "year"], ignore_index=True)
    twice = rows[rows.duplicated(["code", "year"])]
    if len(twice):
        code, year = twice.iloc[0][["code", "year"]]
        raise DataError(
            f"`links`: {code} has two depths in {year}. Let the `first` of one row follow the other's `last`."
        )
    return rows.astype({"year": np.int16, "status": np.int8}), line


def provenance(rows: pd.DataFrame, line: Rescaling, manifests: Mapping[str, Manifest]) -> dict:
    """Return what a reader needs to trace the depths: their unit, formula, sources and rescaling."""
    return {
        "axes": ["body", "year"],
        "unit": "0 to 1",
        "description": "Mean of pooling and delegation; for trade agreements without them, the depth index rescaled",
        "observed_until": int(rows.loc[rows["status"] == Status.OBSERVED, "year"].max()),
        "carry_forward_years": CARRY_FORWARD,
        "rescaling": {name: round(value, 4) for name, value in asdict(line).items()},
        "source_keys": list(SOURCES),
        "sources": [source_record(manifests[key]) for key in SOURCES],
    }


def _recorded(record: pd.DataFrame, link: AuthorityLink) -> pd.DataFrame:
    held = _record_of(record, link.number, link.name)
    years = held["year"].between(
        held["year"].min() if link.first is None else link.first, held["year"].max() if link.last is None else link.last
    )
    kept = held.loc[years, ["year", "depth"]]
    return kept.assign(code=link.code, status=int(Status.OBSERVED), source="mia")[_COLUMNS]


def _estimated(
    agreements: pd.DataFrame, link: AgreementLink, line: Rescaling, last_year: int, held: Mapping[str, frozenset[str]]
) -> pd.DataFrame:
    index = _entry(agreements, link)["depth_index"]
    if pd.isna(index) == (link.code not in held):
        came = "not coded, and has no provisions" if pd.isna(index) else "coded now, and has provisions of our own"
        raise DataError(
            f"`links`: agreement {link.agreement} ({link.name}) is {came}. Add its seven rows to "
            "`facts/agreement_provisions.csv` where the producer has not coded it, and delete them where it has."
        )
    counted, source = (len(held[link.code]), TREATY_TEXT) if pd.isna(index) else (float(index), "desta")
    assert link.first is not None  # read_links refuses an agreement that stands for a body without its first year
    years = range(link.first, (last_year if link.last is None else min(link.last, last_year)) + 1)
    frame = pd.DataFrame({"year": list(years), "depth": line.depth(counted)})
    return frame.assign(code=link.code, status=int(Status.ESTIMATED), source=source)[_COLUMNS]


def _both(
    record: pd.DataFrame, agreements: pd.DataFrame, links: tuple[AgreementLink, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the last recorded depth and the index of every organisation that has both."""
    depth, index = [], []
    for link in links:
        held = record[record["code"] == link.number]
        coded = _entry(agreements, link)["depth_index"]
        if held.empty or pd.isna(coded):
            lacks = "record of authority" if held.empty else "coded depth"
            problem = f"MIA number {link.number} with agreement {link.agreement} has no {lacks}"
            raise DataError(f"`links`: {problem}. Correct or delete the row in `facts/body_agreements.csv`.")
        depth.append(held.loc[held["year"].idxmax(), "depth"])
        index.append(coded)
    return np.array(depth, float), np.array(index, float)


def _record_of(record: pd.DataFrame, number: int, name: str) -> pd.DataFrame:
    held = record[record["code"] == number]
    found = [] if held.empty else held["body"].fillna("").unique().tolist()
    if found != [name]:
        raise DataError(
            f"`links`: MIA number {number} should be {name or 'without a name'!r} and is {found or 'not there'}. "
            "The producer seems to have changed it: correct the row in `facts/body_authority.csv`."
        )
    return held


def _entry(agreements: pd.DataFrame, link: AgreementLink) -> pd.Series:
    if link.agreement not in agreements.index or agreements.loc[link.agreement, "name"] != link.name:
        there = agreements.loc[link.agreement, "name"] if link.agreement in agreements.index else "not there"
        raise DataError(
            f"`links`: agreement {link.agreement} should be {link.name!r} and is {there!r}. "
            "The producer seems to have changed it: correct the row in `facts/body_agreements.csv`."
        )
    return agreements.loc[link.agreement]
