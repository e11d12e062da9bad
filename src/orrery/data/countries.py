"""The countries of the state system since 1946: codes, names, memberships and places.

Three tables of public facts stand in `data/facts`:

* `countries.csv`: one row per country. Columns `state`, `cow`, `gw` and `un` hold periods, `start/end` with both days
  included and an open end for what lasts, several joined by `;`, code numbers in front: `260:1955-05-05/1990-10-02`.
* `groups.csv`: dated membership of the European Union (before 1993 the European Communities, from 1958) and of the
  permanent members of the Security Council.
* `aliases.csv`: names and codes that producers use, each with its kind; `country` rows carry an iso3.

Conventions:

* `state` is membership of the interstate system as the Correlates of War define it (State System Membership, v2016),
  the last spells that reach 1946. The Holy See and Palestine are not in that system, so their `state_from` is None.
* `cow` and `gw` say when a number stands for a country. For `cow` that is `state`, and for Belarus, India, Taiwan and
  Ukraine also the earlier years in which they had a seat at the United Nations. `gw` follows Gleditsch & Ward (1999),
  with their list of microstates.
* One seat, one country: the Soviet Union is RUS, West Germany is DEU, the kingdom and republic in Sana'a YAR.
  Yugoslavia is YUG to 26 April 1992; Serbia and Montenegro (1992-2006) is SRB. VDR is the southern of the two
  Viet-Nams of 1954-1975; VNM is the northern one, and the whole since.
* `un` is the roll of members. The Chinese seat is with TWN to 24 October 1971 and with CHN since, after the government
  that held it; YUG stays on the roll to 31 October 2000, without taking part after 1992.
* Regions and subregions are those of the United Nations' M49 standard, at its finest level.
* Capitals are those that reference works list today (for countries that ended, the last one). They serve as points
  for distances and express no view on the status of any place; the same holds for the word `territory`.
"""

from __future__ import annotations

import csv
import difflib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import NoReturn

import numpy as np
from jaxtyping import Float

from orrery.base.errors import CountryCodeError

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the Earth (IUGG), in kilometres."""

KINDS = {
    "country": "a country of the table, under any of its names",
    "territory": "a dependency, a part of a country or an area whose status is disputed",
    "historic": "a polity that ended before 1946, or a country in years when it was not sovereign",
    "organisation": "an international organisation or a bloc of countries acting through one",
    "group": "an armed or political group other than a country",
    "aggregate": "a set of countries without an organisation, such as a region or an income class",
    "unknown": "what the producer itself could not name",
}
"""The kinds of name that `aliases.csv` knows."""

_ALWAYS_LEFT_OUT = frozenset({"the", "of", "and"})
_SPELT_OUT = {"st": "saint", "rep": "republic", "dem": "democratic"}


@dataclass(frozen=True)
class Period:
    """Days from `start` to `end`, both included; None is an open end. `code` is a producer's number, if any."""

    start: date
    end: date | None
    code: int | None = None

    def covers(self, day: date) -> bool:
        """Tell whether `day` lies in the period."""
        return self.start <= day and (self.end is None or day <= self.end)

    def touches(self, year: int) -> bool:
        """Tell whether any day of `year` lies in the period."""
        return self.start.year <= year and (self.end is None or year <= self.end.year)


@dataclass(frozen=True)
class Country:
    """One row of `countries.csv`.

    Attributes:
        iso3: three-letter code.
        name: short English name.
        region: M49 region.
        subregion: M49 subregion, finest level.
        capital: capital city.
        latitude: of the capital, degrees north.
        longitude: of the capital, degrees east.
        predecessors: countries of the table from which this one came, by union, division or separation.
        state: spells in the state system.
        cow: Correlates of War numbers, each with its period.
        gw: Gleditsch-Ward numbers, each with its period.
        un: spells as a member of the United Nations.
    """

    iso3: str
    name: str
    region: str
    subregion: str
    capital: str
    latitude: float
    longitude: float
    predecessors: tuple[str, ...]
    state: tuple[Period, ...]
    cow: tuple[Period, ...]
    gw: tuple[Period, ...]
    un: tuple[Period, ...]

    @property
    def state_from(self) -> date | None:
        """First day in the state system; None for a country that the Correlates of War leave out of it."""
        return self.state[0].start if self.state else None

    @property
    def state_until(self) -> date | None:
        """Last day in the state system; None while it lasts."""
        return self.state[-1].end if self.state else None

    @property
    def un_from(self) -> date | None:
        """First day as a member of the United Nations; None for a country that never was one."""
        return self.un[0].start if self.un else None

    @property
    def un_until(self) -> date | None:
        """Last day as a member of the United Nations; None while membership lasts, or where it never began."""
        return self.un[-1].end if self.un else None


@dataclass(frozen=True)
class _Named:
    """What a name stands for."""

    kind: str
    iso3: str | None


def country(iso3: str) -> Country:
    """Return the country with this code, e.g. `"KAZ"`.

    Raises:
        CountryCodeError: no country of the table has the code; close ones are named.
    """
    found = _table().get(iso3)
    if found is None:
        _refuse(
            f"iso3 `{iso3}` is not the code of a country",
            iso3,
            "Give three capital letters as listed by `countries()`; `resolve` turns names and other codes into them.",
        )
    return found


def countries(on: date | None = None) -> tuple[Country, ...]:
    """Return the countries in the state system on a day, or without a day every country of the table, by iso3."""
    everyone = _table().values()
    return tuple(one for one in everyone if on is None or _any_covers(one.state, on))


def un_members(on: date) -> tuple[str, ...]:
    """Return the iso3 of the members of the United Nations on a day, sorted."""
    return tuple(one.iso3 for one in countries() if _any_covers(one.un, on))


def members(group: str, on: date) -> tuple[str, ...]:
    """Return the iso3 of a group's members on a day, sorted; the groups are those of `groups.csv`, such as `"EU"`.

    Raises:
        CountryCodeError: there is no such group; all are named.
    """
    return tuple(sorted(iso3 for iso3, period in _group(group) if period.covers(on)))


def group_names() -> tuple[str, ...]:
    """Return the names of the groups of `groups.csv`, sorted."""
    return tuple(sorted(_groups()))


def ever_members(group: str) -> tuple[str, ...]:
    """Return the iso3 of all countries that were members of a group on any day, sorted.

    Raises:
        CountryCodeError: there is no such group; all are named.
    """
    return tuple(sorted({iso3 for iso3, _ in _group(group)}))


def from_cow(codes: np.ndarray, years: np.ndarray) -> np.ndarray:
    """Translate Correlates of War numbers into iso3.

    A number stands for a country in every year that its period touches, so that in the year of a transition both
    sides' numbers are valid. Where one number passes from a country to the next within a year (345 in 1992), the one
    that holds it at the year's end is meant. Spells that ended before 1946 are not in the table.

    Args:
        codes: whole numbers, any shape.
        years: calendar years, the same shape.

    Returns:
        Objects of that shape: an iso3, or None where the number stands for nothing in that year.

    Raises:
        CountryCodeError: the shapes differ, or an entry is not a whole number.
    """
    return _translate(codes, years, _holders("cow"))


def from_gw(codes: np.ndarray, years: np.ndarray) -> np.ndarray:
    """Translate Gleditsch-Ward numbers into iso3, by the rules of `from_cow`.

    Raises:
        CountryCodeError: the shapes differ, or an entry is not a whole number.
    """
    return _translate(codes, years, _holders("gw"))


def to_cow(iso3: str, year: int) -> int | None:
    """Return the Correlates of War number of a country in a year: the later of two, None without one.

    Raises:
        CountryCodeError: no country has the code.
    """
    valid = [period.code for period in country(iso3).cow if period.touches(year)]
    return valid[-1] if valid else None


def resolve(name: str) -> str:
    """Return the iso3 that a name or code stands for.

    Case, accents, punctuation and word order do not matter, nor do `the`, `of` and `and`: `"Korea, Rep."` and
    `"Republic of Korea"` are one name.

    Raises:
        CountryCodeError: the name is that of something else than a country, or in no table.
    """
    named = _lookup(name)
    if named.iso3 is None:
        raise CountryCodeError(
            f"name `{name}` is a known name, but not of a country: it is of kind {named.kind} ({KINDS[named.kind]}). "
            "Ask `kind_of` first where such names may come, and leave them out or treat them apart."
        )
    return named.iso3


def kind_of(name: str) -> str:
    """Return the kind of a name, one of `KINDS`; spelling matters as little as for `resolve`.

    Raises:
        CountryCodeError: the name is in no table.
    """
    return _lookup(name).kind


def split_names(text: str) -> tuple[str, ...]:
    """Split a comma-separated list of names, some of which hold a comma: `"Egypt, Arab Rep., Syria"` is two names.

    From the left, the longest run of pieces that is a name in the tables is taken as one.

    Raises:
        CountryCodeError: a piece is in no table.
    """
    pieces, names = [piece.strip() for piece in text.split(",")], []
    while pieces:
        runs = [", ".join(pieces[:length]) for length in range(len(pieces), 0, -1)]
        name = next((run for run in runs if _find(run)), pieces[0])
        _lookup(name)
        names.append(name)
        pieces = pieces[name.count(",") + 1 :]
    return tuple(names)


def distance_km(iso3s: Sequence[str]) -> Float[np.ndarray, "country partner"]:
    """Return the great-circle distances between capitals, in kilometres (haversine formula, spherical Earth).

    Raises:
        CountryCodeError: no country has one of the codes.
    """
    places = np.array([(country(iso3).latitude, country(iso3).longitude) for iso3 in iso3s]).reshape(-1, 2)
    latitude, longitude = np.radians(places).T
    half_chord_squared = (
        np.sin((latitude[:, None] - latitude) / 2) ** 2
        + np.cos(latitude[:, None]) * np.cos(latitude) * np.sin((longitude[:, None] - longitude) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(half_chord_squared, 1.0)))


def _any_covers(periods: Iterable[Period], day: date) -> bool:
    return any(period.covers(day) for period in periods)


def _translate(codes: np.ndarray, years: np.ndarray, holders: dict[int, list[tuple[Period, str]]]) -> np.ndarray:
    codes, years = _whole(codes, "codes"), _whole(years, "years")
    if codes.shape != years.shape:
        raise CountryCodeError(f"codes have shape {codes.shape}, years {years.shape}. Give one year for every code.")
    numbers, row = np.unique(codes, return_inverse=True)
    spans, column = np.unique(years, return_inverse=True)
    found = np.empty((len(numbers), len(spans)), dtype=object)
    for place, number in enumerate(numbers.tolist()):
        for period, iso3 in holders.get(number, ()):
            touched = (spans >= period.start.year) & (spans <= (period.end or date.max).year)
            found[place, touched] = iso3
    return found[row, column].reshape(codes.shape)


def _whole(values: np.ndarray, argument: str) -> np.ndarray:
    values = np.asarray(values)
    if values.dtype.kind not in "iuf":
        raise CountryCodeError(f"{argument} are of type {values.dtype}. Give an array of whole numbers.")
    wrong = np.flatnonzero(~np.isfinite(values) | (values != np.rint(values)))
    if wrong.size:
        raise CountryCodeError(
            f"{argument} hold {values.ravel()[wrong[0]]} at place {wrong[0]} ({wrong.size} such entries). "
            "Only whole numbers are codes or years: leave out the rows without one."
        )
    return values.astype(np.int64)


def _lookup(name: str) -> _Named:
    named = _find(name)
    if named is None:
        _refuse(
            f"name `{name}` is in no table",
            name,
            "Correct the name, or add it to `data/facts/aliases.csv` with its kind.",
        )
    return named


def _find(name: str) -> _Named | None:
    code = name.strip().upper()
    return _Named("country", code) if code in _table() else _names().get(_key(name))


def _key(name: str) -> tuple[str, ...]:
    """Return what two spellings of a name have in common: its words without accents, sorted."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    words: list[str] = re.findall(r"[^\W_]+", plain)
    return tuple(sorted(_SPELT_OUT.get(word, word) for word in words if word not in _ALWAYS_LEFT_OUT))


def _refuse(problem: str, came: str, advice: str) -> NoReturn:
    spellings = {one.name.casefold(): one.iso3 for one in countries()} | {iso3.casefold(): iso3 for iso3 in _table()}
    close = difflib.get_close_matches(came.casefold(), spellings, n=5)
    alike = [f"{iso3} ({country(iso3).name})" for iso3 in dict.fromkeys(spellings[one] for one in close)]
    suggestion = f"; close to it are {', '.join(alike)}" if alike else "; nothing is close to it"
    raise CountryCodeError(f"{problem}{suggestion}. {advice}")


@cache
def _table() -> dict[str, Country]:
    rows = sorted(_rows("countries.csv"), key=lambda row: row["iso3"])
    return {row["iso3"]: _country_of(row) for row in rows}


@cache
def _groups() -> dict[str, list[tuple[str, Period]]]:
    groups: dict[str, list[tuple[str, Period]]] = {}
    for row in _rows("groups.csv"):
        groups.setdefault(row["group"], []).append((row["iso3"], _period(f"{row['start']}/{row['end']}")))
    return groups


def _group(name: str) -> list[tuple[str, Period]]:
    groups = _groups()
    if name not in groups:
        raise CountryCodeError(f"group `{name}` is not known. Give one of: {', '.join(sorted(groups))}.")
    return groups[name]


@cache
def _names() -> dict[tuple[str, ...], _Named]:
    aliases = {_key(row["name"]): _Named(row["kind"], row["iso3"] or None) for row in _rows("aliases.csv")}
    return aliases | {_key(one.name): _Named("country", one.iso3) for one in countries()}


@cache
def _holders(numbering: str) -> dict[int, list[tuple[Period, str]]]:
    """Return who holds each number, the latest last."""
    held = [
        (period.start, period.code, period, one.iso3)
        for one in countries()
        for period in {"cow": one.cow, "gw": one.gw}[numbering]
        if period.code is not None
    ]
    holders: dict[int, list[tuple[Period, str]]] = {}
    for _, code, period, iso3 in sorted(held, key=lambda entry: entry[:2]):
        holders.setdefault(code, []).append((period, iso3))
    return holders


def _rows(table: str) -> list[dict[str, str]]:
    text = (files("orrery") / "data" / "facts" / table).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _country_of(row: dict[str, str]) -> Country:
    return Country(
        **{column: row[column] for column in ("iso3", "name", "region", "subregion", "capital")},
        latitude=float(row["latitude"]),
        longitude=float(row["longitude"]),
        predecessors=tuple(row["predecessors"].split(";")) if row["predecessors"] else (),
        state=_periods(row["state"]),
        cow=_periods(row["cow"]),
        gw=_periods(row["gw"]),
        un=_periods(row["un"]),
    )


def _periods(text: str) -> tuple[Period, ...]:
    return tuple(_period(part) for part in text.split(";")) if text else ()


def _period(text: str) -> Period:
    code, _, days = text.rpartition(":")
    start, _, end = days.partition("/")
    return Period(
        start=date.fromisoformat(start),
        end=date.fromisoformat(end) if end else None,
        code=int(code) if code else None,
    )
