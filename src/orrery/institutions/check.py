"""The catalogue against the data: who is a member by both, and every disagreement with its reason.

A body's file says with `check` what its membership is compared with: an organisation of the Correlates of War's list
(`{ source = "cow_igo", column = "nato" }`), the members of the World Trade Organization (`{ source = "wto_members" }`),
or a treaty of the other lists (`{ source = "untc_arms_control", treaty = "cwc" }`). The standing of 31 December is
compared year by year. In lists of treaties a year counts from the act by which a country consents, and it enters into
force for it later: differences of the year of the act alone are not disagreements.

Each disagreement is corrected in the catalogue, or stands with its reason in `catalogue/disagreements/CODE.toml`, as a
span of years in which the catalogue and the data differ in one way. `unexplained` lists the rest, of which a test
requires that there are none.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from orrery.base.errors import InstitutionError
from orrery.data.panel import Tables
from orrery.institutions.blocks import STATUSES, VOTING
from orrery.institutions.body import Body

if TYPE_CHECKING:
    import pandas as pd

FOLDER = "disagreements"
WORLD_TRADE = "marrakesh_agreement"
TREATY_TABLES = {
    "wto_members": "treaty_actions_world_trade",
    "untc_arms_control": "treaty_actions_arms_control",
    "untc_human_rights": "treaty_actions_human_rights",
    "ieadb": "treaty_actions_environment",
}
"""The table of acts of each source that lists treaties."""


class Disagreement(BaseModel):
    """A span of years in which the catalogue and the data differ about a country.

    Attributes:
        country: ISO3 code.
        source: key of the data source.
        first: first year.
        last: last year.
        catalogue: its status in the catalogue: "member", "associate", "observer", "participant" or "none".
        data: its status in the data: "member", "associate", "observer" or "none".
        reason: why the catalogue keeps its own; empty where none is given.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    country: str
    source: str
    first: int
    last: int
    catalogue: Literal["member", "associate", "observer", "participant", "none"]
    data: Literal["member", "associate", "observer", "none"]
    reason: str = ""

    @property
    def what(self) -> tuple[str, str, int, int, str, str]:
        """Everything but the reason."""
        return self.country, self.source, self.first, self.last, self.catalogue, self.data

    def covers(self, other: Disagreement) -> bool:
        """Tell whether another disagreement of the same kind lies within these years."""
        alike = (self.country, self.source, self.catalogue, self.data)
        same = alike == (other.country, other.source, other.catalogue, other.data)
        return same and self.first <= other.first and other.last <= self.last


class Explained(Disagreement):
    """A disagreement with its reason."""

    reason: str = Field(min_length=1)


@dataclass(frozen=True)
class Recorded:
    """What the data say about one body.

    Attributes:
        source: key of the data source.
        years: years that they cover.
        status: by country and year: member, associate or observer.
        known: country-years that the data speak of; others are not compared.
        lenient: country-years in which a difference is no disagreement.
    """

    source: str
    years: range
    status: Mapping[tuple[str, int], str]
    known: frozenset[tuple[str, int]]
    lenient: frozenset[tuple[str, int]] = frozenset()


def compare(body: Body, tables: Tables) -> tuple[Disagreement, ...]:
    """Return every difference between a body's membership and the data its file names, in spans of years.

    Args:
        body: a body with a `check`.
        tables: the store, `orrery.data.store.open_store()`.

    Raises:
        InstitutionError: the body has no `check`, or the data do not have what it names.
        StoreError: the store lacks the table; the message says which source to add.
    """
    recorded = recorded_members(body, tables)
    found: dict[tuple[str, str, str], list[int]] = {}
    standing = _catalogued(body, recorded.years)
    for country, year in sorted(recorded.known):
        ours, theirs = (held.get((country, year), "none") for held in (standing, recorded.status))
        if ours != theirs and "member" in (ours, theirs) and (country, year) not in recorded.lenient:
            found.setdefault((country, ours, theirs), []).append(year)
    return tuple(
        Disagreement.model_validate(
            {
                "country": country,
                "source": recorded.source,
                "first": first,
                "last": last,
                "catalogue": ours,
                "data": theirs,
            }
        )
        for (country, ours, theirs), years in sorted(found.items())
        for first, last in _spans(years)
    )


def unexplained(body: Body, tables: Tables) -> tuple[Disagreement, ...]:
    """Return the disagreements that no reason is given for."""
    reasons = explained(body.code)
    return tuple(one for one in compare(body, tables) if not any(reason.covers(one) for reason in reasons))


def idle(body: Body, tables: Tables) -> tuple[Explained, ...]:
    """Return the reasons given for disagreements that there are not."""
    found = compare(body, tables)
    return tuple(reason for reason in explained(body.code) if not any(reason.covers(one) for one in found))


def explained(code: str) -> tuple[Explained, ...]:
    """Return the disagreements of a body that stand in the catalogue with their reasons.

    Raises:
        InstitutionError: the file is not valid.
    """
    file = f"{code.lower()}.toml"
    entry = resources.files("orrery.institutions.catalogue").joinpath(FOLDER, file)
    if not entry.is_file():
        return ()
    try:
        tables = tomllib.loads(entry.read_text("utf-8")).get("disagreement", [])
        return tuple(Explained.model_validate(table) for table in tables)
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise InstitutionError(f"{FOLDER}/{file}: {error}. Correct the file.") from None


def recorded_members(body: Body, tables: Tables) -> Recorded:
    """Return what the data that a body's file names say of it, within its life.

    Raises:
        InstitutionError: the body has no `check`, or the data do not have what it names.
    """
    if body.check is None:
        raise InstitutionError(
            f"{body.file}, body {body.code}: it has no `check`; its members are compared with nothing."
        )
    source = body.check.source
    if source == "cow_igo":
        return _of_organisation(body, tables.read("igo_memberships"))
    if source in TREATY_TABLES:
        return _of_treaty(body, source, tables.read(TREATY_TABLES[source]))
    allowed = ", ".join(["cow_igo", *TREATY_TABLES])
    raise InstitutionError(f"{body.file}, body {body.code}, `check.source`: {source!r} came; give one of {allowed}.")


def _catalogued(body: Body, years: range) -> dict[tuple[str, int], str]:
    """Return the status of every country that has one on 31 December: member where it votes, else what comes first."""
    standing: dict[tuple[str, int], str] = {}
    for country, status, period in body.spells(STATUSES):
        last = years.stop - 1 if period.end is None else min(years.stop - 1, _last_whole_year(period.end))
        for year in range(max(years.start, period.start.year), last + 1):
            if status in VOTING:
                standing[country, year] = "member"
            else:
                standing.setdefault((country, year), status)
    return standing


def _last_whole_year(end: date) -> int:
    """Return the last year whose 31 December is not after a day."""
    return end.year if (end.month, end.day) == (12, 31) else end.year - 1


def _of_organisation(body: Body, memberships: pd.DataFrame) -> Recorded:
    assert body.check is not None
    column = (body.check.column or "").casefold()
    own = memberships[memberships["body"].str.casefold() == column]
    if own.empty:
        raise InstitutionError(
            f"{body.file}, body {body.code}, `check.column`: the data have no organisation {body.check.column!r}."
        )
    years = _life(body, int(own["year"].min()), int(own["year"].max()))
    words = {"full": "member", "associate": "associate", "observer": "observer"}
    status = {
        (country, year): words[held]
        for country, year, held in zip(own["iso3"], own["year"], own["status"].astype(str), strict=True)
        if year in years
    }
    pairs = memberships[memberships["year"].isin(list(years))][["iso3", "year"]].drop_duplicates()
    known = frozenset(zip(pairs["iso3"].astype(str), pairs["year"].astype(int), strict=True))
    return Recorded("cow_igo", years, status, known)


def _of_treaty(body: Body, source: str, actions: pd.DataFrame) -> Recorded:
    from orrery.data.countries import countries
    from orrery.data.treaties import CONSENT, ENDING

    assert body.check is not None
    treaty = body.check.treaty or (WORLD_TRADE if source == "wto_members" else None)
    own = actions[(actions["treaty"].astype(str) == str(treaty)) & actions["year"].notna()]
    if own.empty:
        raise InstitutionError(f"{body.file}, body {body.code}, `check.treaty`: the data have no treaty {treaty!r}.")
    years = _life(body, int(own["year"].min()), int(actions["year"].max()))
    # Lists of treaties leave out countries that ended.
    status: dict[tuple[str, int], str] = {}
    acts: set[tuple[str, int]] = set()
    for country, rows in own.sort_values(["year", "sequence"]).groupby("iso3"):
        for year, action in zip(rows["year"].astype(int), rows["action"].astype(str), strict=True):
            if action in CONSENT or action in ENDING:
                acts.add((str(country), year))
                for later in range(max(year, years.start), years.stop):
                    status[str(country), later] = "member" if action in CONSENT else "none"
    known = frozenset((one.iso3, year) for one in countries() if one.state_until is None for year in years)
    return Recorded(source, years, status, known, frozenset(acts))


def _life(body: Body, first: int, last: int) -> range:
    """Return the years of the data at whose end the body existed."""
    end = last if body.ended is None else min(last, body.ended.year - 1)
    return range(max(first, body.founded.year), end + 1)


def _spans(years: list[int]) -> list[tuple[int, int]]:
    """Return runs of successive years as first and last."""
    breaks = [place for place, (one, two) in enumerate(pairwise(years), 1) if two > one + 1]
    return [(years[start], years[stop - 1]) for start, stop in pairwise([0, *breaks, len(years)])]
