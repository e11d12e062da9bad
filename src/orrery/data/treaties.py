"""Treaties of all sources together, and where each country stood on each treaty at the end of each year.

The sources give the same two tables, area by area (`orrery.data.importers.treaty_tables`). `treaty_record` joins them;
`standing` turns acts into levels:

| level | meaning |
|---|---|
| none | neither below |
| signatory | signed, not bound |
| party | consented to be bound, be the treaty in force yet or not; until it withdraws or the treaty ends for it |

Where an act has no date, or the source does not cover the country, the level is not known, which is not the same as
none. Sources list today's countries; one that has ended is therefore not known on any treaty. A successor's standing
begins with its own membership of the state system, whatever dates it took over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Bool, Int8

from orrery.base.errors import DataError
from orrery.data.countries import country
from orrery.data.panel import PanelAxes, Tables
from orrery.data.sources import source

AREAS = {
    "human rights": "untc_human_rights",
    "arms control": "untc_arms_control",
    "intellectual property": "wipo",
    "world trade": "wto_members",
    "environment": "ieadb",
}
"""Source of each area."""

CONSENT = {
    "definitive signature": "a signature that binds without ratification",
    "ratification": "consent to be bound, after signature",
    "acceptance": "consent to be bound, after signature, under this name",
    "approval": "consent to be bound, after signature, under this name",
    "accession": "consent to be bound without prior signature; adherence and adhesion are the same",
    "succession": "notice that the treaty of a predecessor continues to bind",
    "consent to be bound": "consent whose form the source does not tell",
    "entry into force": "the treaty binds the country from this day",
    "tacit acceptance": "a change of the treaty binds the country because it did not object",
}
"""Acts that make a country a party, or prove that it is one."""

ENDING = {
    "withdrawal": "the country leaves the treaty, or gives notice of it; denunciation is the same",
    "tacit withdrawal": "the country leaves an amendment because it leaves the treaty amended",
    "termination": "the treaty ends for the country without its withdrawal",
}
"""Acts that end being a party."""

ACTIONS = {
    "signature": "signature, subject to ratification",
    "provisional application": "the country applies the treaty before it is bound",
    **CONSENT,
    **ENDING,
}
"""Every act, in words."""

LEVELS = ("none", "signatory", "party")
NONE, SIGNATORY, PARTY = range(3)
NOT_KNOWN = -1

IN_TWO_SOURCES = {
    "2863": "Budapest Treaty: intellectual property",
    "2866": "Environmental Modification Convention: arms control",
    "3149": "Chemical Weapons Convention: arms control",
    "3178": "Marrakesh Agreement: world trade",
    "3249": "Comprehensive Nuclear-Test-Ban Treaty: arms control",
    "8507": "Treaty on the Prohibition of Nuclear Weapons: arms control",
}
"""Numbers of treaties in the environmental database that another area lists too; they count once, in the other area."""

_OUTCOME = {"signature": SIGNATORY, **dict.fromkeys(CONSENT, PARTY), **dict.fromkeys(ENDING, NONE)}


@dataclass(frozen=True)
class TreatyRecord:
    """Treaties and acts on them, of one or more areas; `treaty` is made unique by the area in front of it.

    Attributes:
        treaties: one row per treaty, with the columns of the sources' tables.
        actions: one row per act of a country.
        last_year: last year that all sources cover whole.
    """

    treaties: pd.DataFrame
    actions: pd.DataFrame
    last_year: int

    def where(self, kept: Bool[np.ndarray, " treaty"]) -> TreatyRecord:
        """Return the record of some of the treaties."""
        treaties = self.treaties[kept].reset_index(drop=True)
        acts = self.actions[self.actions["treaty"].isin(treaties["treaty"])].reset_index(drop=True)
        return TreatyRecord(treaties, acts, self.last_year)

    def until(self, year: int) -> TreatyRecord:
        """Return what was on record at the end of a year: treaties concluded, acts done; undated acts stay."""
        acts = self.actions[self.actions["year"].isna() | (self.actions["year"] <= year).fillna(False)]
        treaties = self.treaties[_begin(self.treaties, acts) <= year]
        ended = treaties["ended"].mask(treaties["ended"] > year)
        in_force = treaties["in_force"].mask(treaties["in_force"] > year)
        treaties = treaties.assign(ended=ended, in_force=in_force).reset_index(drop=True)
        acts = acts[acts["treaty"].isin(treaties["treaty"])].reset_index(drop=True)
        return TreatyRecord(treaties, acts, min(self.last_year, year))


def treaty_record(tables: Tables, areas: Sequence[str] = tuple(AREAS)) -> TreatyRecord:
    """Return the treaties of some areas and the acts on them, each treaty once.

    Args:
        tables: the store, `orrery.data.store.open_store()`.
        areas: of `AREAS`; all of them by default.

    Raises:
        DataError: there is no such area, none is given, or one is given twice.
        StoreError: the store lacks a table; the message says which source to add.
    """
    unknown = [area for area in areas if area not in AREAS]
    if unknown or not areas or len(set(areas)) < len(areas):
        raise DataError(f"`areas`: {tuple(areas)} came; give one or more of {', '.join(AREAS)}, each once.")
    kept: dict[str, list[pd.DataFrame]] = {"treaties": [], "treaty_actions": []}
    for area in areas:
        name = area.replace(" ", "_")
        for kind, frames in kept.items():
            table = tables.read(f"{kind}_{name}")
            if area == "environment":
                table = table[~table["treaty"].isin(list(IN_TWO_SOURCES))]
            frames.append(table.assign(treaty=name + ":" + table["treaty"].astype(str)))
    last = min(source(AREAS[area]).last_year for area in areas)
    joined = {kind: pd.concat(frames, ignore_index=True) for kind, frames in kept.items()}
    return TreatyRecord(joined["treaties"], joined["treaty_actions"], last)


def by_own_act(record: TreatyRecord) -> TreatyRecord:
    """Return the multilateral treaties by which countries are bound through an act of their own, and acts on them.

    Left out are bilateral treaties, treaties of others than countries, amendments that bind by tacit acceptance, and
    treaties on which no act is on record.
    """
    treaties = record.treaties
    own = (
        (treaties["parties"] == "multilateral") & ~treaties["tacit"] & treaties["treaty"].isin(record.actions["treaty"])
    )
    return record.where(own.to_numpy(bool))


def standing(record: TreatyRecord, axes: PanelAxes) -> Int8[np.ndarray, "year country treaty"]:
    """Return each country's place in `LEVELS` on each treaty at the end of each year; -1 where it is not known.

    It is not known before the treaty was concluded and from the year in which it ended, for countries that are not in
    the state system in the year or have ended since, and where an act without a date may have changed it.

    Raises:
        DataError: a year is after the last one that the sources cover, or a table lacks a column.
    """
    _require(record)
    if axes.years and max(axes.years) > record.last_year:
        raise DataError(f"`years`: {max(axes.years)} came; the sources of treaties end in {record.last_year}.")
    years = np.array(axes.years)
    levels = np.zeros((*axes.shape, len(record.treaties)), np.int8)
    for treaty, place, start, level in _changes(record, axes):
        levels[years >= start, place, treaty] = level
    _mark_undated(levels, record, axes)
    begin = _begin(record.treaties, record.actions).to_numpy(float)
    end = record.treaties["ended"].astype("Float64").fillna(np.inf).to_numpy(float)
    exists = (years[:, None] >= begin) & (years[:, None] < end)
    lasting = np.array([country(iso3).state_until is None for iso3 in axes.countries], bool)
    known = (axes.in_system & lasting)[..., None] & exists[:, None]
    return np.where(known, levels, np.int8(NOT_KNOWN))


def _require(record: TreatyRecord) -> None:
    for name, table, columns in (
        ("treaties", record.treaties, ("treaty", "concluded", "ended")),
        ("actions", record.actions, ("treaty", "iso3", "action", "date", "year")),
    ):
        lacking = [column for column in columns if column not in table]
        if lacking:
            raise DataError(f"`{name}` lacks the columns {', '.join(lacking)}; give the tables of `treaty_record`.")
    strange = set(record.actions["action"]) - set(ACTIONS)
    if strange:
        raise DataError(f"`actions` has the act {min(strange)!r}; allowed is {', '.join(ACTIONS)}.")


def _begin(treaties: pd.DataFrame, actions: pd.DataFrame) -> pd.Series:
    """Return the year from which each treaty exists: concluded, else the first dated act; infinite without either."""
    first = treaties["treaty"].map(actions.groupby("treaty")["year"].min())
    return treaties["concluded"].astype("Float64").fillna(first.astype("Float64")).fillna(np.inf)


def ordered(record: TreatyRecord) -> pd.DataFrame:
    """Return the dated acts that change a standing, in order of time within a treaty and country.

    Acts without a day stand at the end of their year. On one day a signature comes before consent, an end after it.
    """
    acts = record.actions[record.actions["year"].notna() & record.actions["action"].isin(list(_OUTCOME))]
    year_end = pd.to_datetime(acts["year"].astype(int).map("{:04d}-12-31".format), format="%Y-%m-%d")
    outcome = acts["action"].map(_OUTCOME).astype(int)
    rank = outcome.map({SIGNATORY: 0, PARTY: 1, NONE: 2})
    acts = acts.assign(outcome=outcome, day=acts["date"].fillna(year_end.astype(acts["date"].dtype)), rank=rank)
    return acts.sort_values(["treaty", "iso3", "year", "day", "rank"], kind="stable").drop(columns="rank")


def _changes(record: TreatyRecord, axes: PanelAxes) -> list[tuple[int, int, int, int]]:
    """Return treaty, country, year and the new level of every change; a signature does not undo being a party."""
    acts = ordered(record)
    treaty = pd.Index(record.treaties["treaty"]).get_indexer(pd.Index(acts["treaty"]))
    place = axes.country_index(acts["iso3"])
    changes: list[tuple[int, int, int, int]] = []
    before, level = (-1, -1), NONE
    for now, year, outcome in zip(
        zip(treaty.tolist(), place.tolist(), strict=True), acts["year"].tolist(), acts["outcome"].tolist(), strict=True
    ):
        level = outcome if now != before or outcome != SIGNATORY else max(level, SIGNATORY)
        before = now
        if min(now) >= 0:
            changes.append((*now, int(year), level))
    return changes


def _mark_undated(levels: np.ndarray, record: TreatyRecord, axes: PanelAxes) -> None:
    """Set to not known, in place, what an act without a date may have changed."""
    acts = record.actions[record.actions["year"].isna() & record.actions["action"].isin(list(_OUTCOME))]
    treaty = pd.Index(record.treaties["treaty"]).get_indexer(pd.Index(acts["treaty"]))
    place = axes.country_index(acts["iso3"])
    for item, row, outcome in zip(treaty, place, acts["action"].map(_OUTCOME), strict=True):
        if item >= 0 and row >= 0:
            column = levels[:, row, item]
            column[(column == PARTY) if outcome == NONE else (column < outcome)] = NOT_KNOWN
