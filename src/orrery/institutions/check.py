"""Membership in the catalogue compared with tables of memberships, year by year.

A body's file names the table in `check`. Members are those that vote, on 31 December or, in the year in which the body
ended, on its last day. A year is compared if the source has the body in it, whether or not the catalogue has; a
country, if the source speaks of it in that year. What remains different after both were weighed against the
instruments stands in `catalogue/disagreements/CODE.toml`, each span of years with the reason; a test recomputes them.

What each source says:

* `cow_igo`: full membership, a row for each calendar year. It is silent on countries outside the COW state system, and,
  in years with unknown statuses, on countries without a row.
* `wto_members`: the day from which each member of today is one. It is silent on countries that ended, and has nobody
  that withdrew.
* `untc` (or `untc_arms_control`, `untc_human_rights`), `ieadb`: acts on a treaty; a party is bound `days` after its consent, until it withdraws. They are silent on
  countries that ended and on those with an act of unknown date; `untc` has nobody that withdrew.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches
from importlib import resources
from itertools import groupby
from pathlib import Path
from typing import NoReturn

import pandas as pd

from orrery.base.errors import InstitutionError
from orrery.data.countries import countries
from orrery.data.panel import Tables
from orrery.data.sources import source
from orrery.data.treaties import CONSENT, ENDING
from orrery.institutions.blocks import CheckBlock
from orrery.institutions.body import Body
from orrery.institutions.catalogue import load_bodies

MEMBER, NONE = "member", "none"
_LISTED = 20
"""How many allowed names a message lists; of more it names the nearest."""
_FIELDS = ("country", "source", "first", "last", "catalogue", "data", "reason")


@dataclass(frozen=True)
class Disagreement:
    """A span of years in which catalogue and data differ on a country.

    Attributes:
        country: ISO3 code.
        source: key of the data source.
        first: first year.
        last: last year.
        catalogue: what the catalogue says, "member" or "none".
        data: what the data say, the other of the two.
        reason: why the catalogue is kept, in one sentence; empty where it is not written yet.
    """

    country: str
    source: str
    first: int
    last: int
    catalogue: str
    data: str
    reason: str = ""

    @property
    def fact(self) -> tuple[str, str, int, int, str, str]:
        """The disagreement without the reason."""
        return (self.country, self.source, self.first, self.last, self.catalogue, self.data)


@dataclass(frozen=True)
class Reported:
    """The memberships of one body that a source reports.

    Attributes:
        source: key of the source.
        members: by year, the countries that it has as members at the end of the year.
        covered: by year, the countries that it speaks of; the years are those in which it has the body.
    """

    source: str
    members: Mapping[int, frozenset[str]]
    covered: Mapping[int, frozenset[str]]


def compare(body: Body, table: Reported) -> tuple[Disagreement, ...]:
    """Return the spans of years in which body and table differ on a country, by country and year, without reasons."""
    differing: list[tuple[str, str, int]] = []
    for year, covered in table.covered.items():
        held, reported = _members(body, year), table.members.get(year, frozenset())
        differing += [(code, MEMBER, year) for code in (held - reported) & covered]
        differing += [(code, NONE, year) for code in (reported - held) & covered]
    opposite = {MEMBER: NONE, NONE: MEMBER}
    spans = (
        Disagreement(code, table.source, first, last, catalogue, opposite[catalogue])
        for (code, catalogue), entries in groupby(sorted(differing), key=lambda entry: entry[:2])
        for first, last in _runs(year for *_, year in entries)
    )
    return tuple(sorted(spans, key=lambda span: span.fact))


def reported(body: Body, tables: Tables) -> Reported:
    """Return what the source that a body's file names in `check` reports of it.

    Args:
        body: with `check`.
        tables: the store, `orrery.data.store.open_store()`.

    Raises:
        InstitutionError: the file has no `check`, names an unknown source, or a column or treaty the source lacks.
        StoreError: the store lacks a table.
    """
    if body.check is None:
        raise InstitutionError(f"{body.file}, body {body.code}, `check`: it is missing; name a table to compare with.")
    reader = SOURCES.get(body.check.source)
    if reader is None:
        _refuse(body, "source", body.check.source, SOURCES)
    found = reader(body, body.check, tables)
    period = body.check.period
    if period is None:
        return found
    covered = {year: spoken for year, spoken in found.covered.items() if period.touches(year)}
    return Reported(found.source, found.members, covered)


def disagreements(body: Body, tables: Tables) -> tuple[Disagreement, ...]:
    """Return where a body and the table of its `check` differ.

    Raises:
        InstitutionError: as `reported`.
        StoreError: the store lacks a table.
    """
    return compare(body, reported(body, tables))


def explained(code: str, folder: Path | None = None) -> tuple[Disagreement, ...]:
    """Return the disagreements of a body that are written down with their reasons, none if it has no file.

    Args:
        code: of the body.
        folder: where `CODE.toml` is; the folder of the shipped catalogue by default.

    Raises:
        InstitutionError: the file is not valid.
    """
    home = folder or resources.files("orrery.institutions.catalogue") / "disagreements"
    path = home / f"{code}.toml"
    if not path.is_file():
        return ()
    place = f"disagreements/{code}.toml"
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise InstitutionError(f"{place}: not valid TOML: {error}.") from None
    return tuple(_entry(entry, f"{place}, entry {n}") for n, entry in enumerate(table.get("disagreement", ()), 1))


@dataclass(frozen=True)
class Review:
    """The disagreements of a body against those written down.

    Attributes:
        code: of the body.
        agreed: written down and found.
        unexplained: found, but not written down.
        outdated: written down, but no longer found.
    """

    code: str
    agreed: tuple[Disagreement, ...]
    unexplained: tuple[Disagreement, ...]
    outdated: tuple[Disagreement, ...]


def review(body: Body, tables: Tables, folder: Path | None = None) -> Review:
    """Compare a body with its table, and what comes out with what is written down in `folder`.

    Raises:
        InstitutionError: as `reported` and `explained`.
        StoreError: the store lacks a table.
    """
    found, written = disagreements(body, tables), explained(body.code, folder)
    found_facts, written_facts = {one.fact for one in found}, {one.fact for one in written}
    return Review(
        body.code,
        tuple(one for one in written if one.fact in found_facts),
        tuple(one for one in found if one.fact not in written_facts),
        tuple(one for one in written if one.fact not in found_facts),
    )


def checked_bodies() -> tuple[Body, ...]:
    """Return the bodies of the shipped catalogue whose files name a table to compare with."""
    return tuple(body for body in load_bodies().values() if body.check is not None)


def _members(body: Body, year: int) -> frozenset[str]:
    day = date(year, 12, 31)
    if body.ended is not None and body.ended.year == year:
        day = body.ended
    return frozenset(body.members(day))


def _runs(years: Iterable[int]) -> list[tuple[int, int]]:
    """Return the first and last of every run of consecutive years, which come in order."""
    runs: list[tuple[int, int]] = []
    for year in years:
        if runs and runs[-1][1] == year - 1:
            runs[-1] = (runs[-1][0], year)
        else:
            runs.append((year, year))
    return runs


def _from_cow_igo(body: Body, check: CheckBlock, tables: Tables) -> Reported:
    """Columns are matched in any case; the years are those in which the source has the organisation."""
    every = tables.read("igo_bodies")
    years = every[every["body"].str.casefold() == (check.column or "").casefold()]
    if years.empty:
        _refuse(body, "column", check.column, sorted(every["body"].unique()))
    rows = tables.read("igo_memberships")
    rows = rows[rows["body"] == years["body"].iloc[0]]
    full = rows[rows["status"] == "full"].groupby("year")["iso3"].agg(frozenset).to_dict()
    named = rows.groupby("year")["iso3"].agg(frozenset).to_dict()
    everyone = countries()
    covered: dict[int, frozenset[str]] = {}
    for year, not_known in zip(years["year"].tolist(), years["not_known"].tolist(), strict=True):
        in_system = frozenset(one.iso3 for one in everyone if any(spell.touches(year) for spell in one.state))
        covered[year] = in_system if not not_known else in_system & named.get(year, frozenset())
    return Reported(check.source, full, covered)


def _from_treaties(areas: Mapping[str, str]) -> Callable[[Body, CheckBlock, Tables], Reported]:
    """Return how to read a list of treaties; `areas` is the source of each of its areas."""

    def read(body: Body, check: CheckBlock, tables: Tables) -> Reported:
        found: dict[str, tuple[str, pd.DataFrame]] = {}
        for area, key in areas.items():
            acts = tables.read(f"treaty_actions_{area}")
            for treaty, rows in acts.groupby("treaty"):
                found.setdefault(str(treaty), (key, rows))
        treaty = check.treaty or (next(iter(found)) if len(found) == 1 else None)
        if treaty not in found:
            _refuse(body, "treaty", check.treaty, sorted(found))
        key, acts = found[treaty]
        return _bound(body, check, acts, source(key).last_year)

    return read


def _bound(body: Body, check: CheckBlock, acts: pd.DataFrame, last_year: int) -> Reported:
    """Return who is bound at the end of each year of a body's life, by the acts on its treaty in order of time."""
    ranked = acts[acts["action"].isin([*CONSENT, *ENDING])]
    undated = frozenset(ranked.loc[ranked["date"].isna(), "iso3"])
    lasting = frozenset(one.iso3 for one in countries() if one.state_until is None)
    years = range(body.founded.year, min(last_year, (body.ended or date.max).year) + 1)
    days = {
        iso3: [
            (day.date() + timedelta(0 if action in ENDING or action == "entry into force" else check.days), action)
            for day, action in zip(rows["date"], rows["action"], strict=True)
        ]
        for iso3, rows in ranked[~ranked["iso3"].isin(undated)].sort_values("date", kind="stable").groupby("iso3")
    }
    members = {
        year: frozenset(str(iso3) for iso3, acted in days.items() if _is_bound(acted, date(year, 12, 31)))
        for year in years
    }
    return Reported(check.source, members, dict.fromkeys(years, lasting - undated))


def _is_bound(acted: Iterable[tuple[date, str]], day: date) -> bool:
    before = [action for when, action in acted if when <= day]
    return bool(before) and before[-1] not in ENDING


_UNITED_NATIONS = {"arms_control": "untc_arms_control", "human_rights": "untc_human_rights"}
SOURCES: dict[str, Callable[[Body, CheckBlock, Tables], Reported]] = {
    "cow_igo": _from_cow_igo,
    "wto_members": _from_treaties({"world_trade": "wto_members"}),
    "untc": _from_treaties(_UNITED_NATIONS),
    **{key: _from_treaties({area: key}) for area, key in _UNITED_NATIONS.items()},
    "ieadb": _from_treaties({"environment": "ieadb"}),
}
"""How to read each source that `check` may name."""


def _refuse(body: Body, field: str, came: object, allowed: Iterable[str]) -> NoReturn:
    names = list(allowed)
    near = get_close_matches(str(came), names, n=5, cutoff=0.3) if len(names) > _LISTED else names
    listed = ", ".join(near) if near else f"one of {len(names):,} names, none like it"
    raise InstitutionError(f"{body.file}, body {body.code}, `check.{field}`: {came!r} came; allowed: {listed}.")


def _entry(entry: Mapping[str, object], place: str) -> Disagreement:
    wrong = sorted(set(entry) ^ set(_FIELDS))
    if wrong:
        raise InstitutionError(f"{place}: `{wrong[0]}` is missing or unknown; the fields are {', '.join(_FIELDS)}.")
    return Disagreement(**entry)  # pyright: ignore[reportArgumentType]
