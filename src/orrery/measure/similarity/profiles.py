"""Profiles: where countries stand, level by level, on the same items; and how the store's tables become profiles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, Int8

from orrery.base.errors import MeasureError
from orrery.data.panel import panel_axes
from orrery.data.treaties import LEVELS, NOT_KNOWN, SIGNATORY, TreatyRecord, standing
from orrery.measure.ideal_points.votes import CHOICES, NOT_CAST
from orrery.measure.similarity.indices import MISSING

if TYPE_CHECKING:
    import pandas as pd

VOTE_LEVELS = tuple(sorted((name for name in CHOICES if CHOICES[name] != NOT_CAST), key=CHOICES.__getitem__))

PACT_LEVELS = ("none", "consultation", "neutrality or non-aggression", "defence or offence")
PACT_RANK = {"defense": 3, "offense": 3, "neutrality": 2, "nonaggression": 2, "consultation": 1}
"""Place in `PACT_LEVELS` of each obligation: entente, neutrality and defence as Signorino & Ritter (1999) rank them."""

MEMBERSHIP_LEVELS = ("nonmember", "observer", "associate", "full")
FULL_MEMBERSHIP_LEVELS = ("not a full member", "full member")

TREATY_LEVELS = LEVELS
PARTY_LEVELS = ("not a party", "party")


@dataclass(frozen=True)
class Profiles:
    """Positions of countries on items in one year.

    Attributes:
        year: calendar year.
        countries: ISO3 codes.
        items: what the positions are on: roll calls, partners, organisations, treaties.
        levels: names of the levels, from one end of the scale to the other.
        codes: the place in `levels` where each country stands on each item; -1 where it has no position.
        weights: how much each item counts, at least 0; all the same where there are none.

    Raises:
        MeasureError: labels and codes do not fit each other, or a weight is not a number from 0.
    """

    year: int
    countries: tuple[str, ...]
    items: tuple[str, ...]
    levels: tuple[str, ...]
    codes: Int8[np.ndarray, "country item"]
    weights: Float[np.ndarray, " weight"] | None = None

    def __post_init__(self) -> None:
        named = len(self.countries), len(self.items)
        if self.codes.shape != named:
            raise MeasureError(f"`codes` of {self.year}: shape {self.codes.shape} came; the labels allow {named}.")
        for name in ("countries", "items", "levels"):
            labels = getattr(self, name)
            if len(set(labels)) < len(labels):
                twice = next(label for label in labels if labels.count(label) > 1)
                raise MeasureError(f"`{name}` of {self.year}: {twice!r} came twice; give each label once.")
        if len(self.levels) < 2:
            raise MeasureError(f"`levels` of {self.year}: {self.levels} came; give at least two.")
        if self.codes.size and not MISSING <= self.codes.min() <= self.codes.max() < len(self.levels):
            raise MeasureError(
                f"`codes` of {self.year}: {self.codes.min()} to {self.codes.max()} came; allowed is 0 to "
                f"{len(self.levels) - 1}, and {MISSING} for no position."
            )
        if self.weights is not None:
            self._check_weights(self.weights)

    def _check_weights(self, weights: Float[np.ndarray, " weight"]) -> None:
        if weights.shape != (len(self.items),):
            raise MeasureError(
                f"`weights` of {self.year}: {weights.size} came for {len(self.items)} items; give one for each."
            )
        wrong = np.flatnonzero(~(np.isfinite(weights) & (weights >= 0)))
        if wrong.size:
            raise MeasureError(
                f"`weights` of {self.year}: {weights[wrong[0]]} came for item {self.items[wrong[0]]!r}; "
                "give a finite number from 0."
            )

    def weighted(self, weights: Mapping[str, float]) -> Profiles:
        """Return the profiles with items that count unequally, such as partners by capability.

        Raises:
            MeasureError: an item has no weight; unknown weights are not guessed.
        """
        lacking = [item for item in self.items if item not in weights]
        if lacking:
            raise MeasureError(
                f"`weights` of {self.year}: none came for {', '.join(lacking[:5])} ({len(lacking)} items); "
                "give every item a weight, or leave those items out of the profiles."
            )
        return replace(self, weights=np.array([weights[item] for item in self.items], float))


def vote_profiles(votes: pd.DataFrame, roll_calls: pd.DataFrame, year: int) -> Profiles:
    """Return the votes of one calendar year: yes, abstain, no; not voting is no position.

    Args:
        votes: the store's table: rcid, iso3, vote.
        roll_calls: the store's table: rcid, year. Give some of its rows to compare on these roll calls only.
        year: calendar year.

    Raises:
        MeasureError: the year has no roll call or no vote, or a table is not as described.
    """
    _require(votes, "votes", ("rcid", "iso3", "vote"))
    _require(roll_calls, "roll_calls", ("rcid", "year"))
    of_year = roll_calls[_years_of(roll_calls) == year]
    if of_year.empty:
        raise MeasureError(f"`year`: {year} came; `roll_calls` has {_covered(roll_calls)}.")
    profiles = vote_profiles_by_year(votes[votes["rcid"].isin(of_year["rcid"])], of_year)
    if not profiles:
        raise MeasureError(f"`votes` has no vote on the {len(of_year)} roll calls of {year}; give the store's table.")
    return profiles[0]


def vote_profiles_by_year(votes: pd.DataFrame, roll_calls: pd.DataFrame) -> tuple[Profiles, ...]:
    """Return the votes of every calendar year with a vote, in order, as `vote_profiles` does for one.

    Votes on roll calls that `roll_calls` does not list are left out; unanimous roll calls count.
    """
    import pandas as pd

    _require(votes, "votes", ("rcid", "iso3", "vote"))
    _require(roll_calls, "roll_calls", ("rcid", "year"))
    calls = roll_calls["rcid"].to_numpy(object)
    index = pd.Index(calls)
    if not index.is_unique:
        raise MeasureError(
            f"`roll_calls` has rcid {index[index.duplicated()][0]!r} twice; give each roll call one row."
        )
    item = index.get_indexer(pd.Index(votes["rcid"].astype(object)))
    voter, countries = pd.factorize(votes["iso3"].astype(object), sort=True)
    choice = _choices(votes["vote"])
    listed = np.flatnonzero((item >= 0) & (choice != NOT_CAST))
    item, voter, choice = item[listed], voter[listed], choice[listed]
    repeated = pd.Index(item * np.int64(len(countries)) + voter).duplicated()
    if repeated.any():
        row = votes.iloc[listed[repeated][0]]
        raise MeasureError(
            f"`votes` has country {row['iso3']!r} twice in rcid {row['rcid']!r}; "
            "keep one row per country and roll call."
        )
    year_of_call = _years_of(roll_calls)
    order = np.argsort(year_of_call[item], kind="stable")
    years, starts = np.unique(year_of_call[item][order], return_index=True)
    return tuple(
        _profiles_of_votes(int(year), order[start:end], (item, voter, choice), (calls, np.asarray(countries)))
        for year, (start, end) in zip(years, pairwise([*starts, len(order)]), strict=True)
    )


def _profiles_of_votes(
    year: int, rows: np.ndarray, votes: tuple[np.ndarray, ...], labels: tuple[np.ndarray, np.ndarray]
) -> Profiles:
    item, voter, choice = (column[rows] for column in votes)
    voted_on, column = np.unique(item, return_inverse=True)
    voting, row = np.unique(voter, return_inverse=True)
    codes = np.full((len(voting), len(voted_on)), MISSING, np.int8)
    codes[row, column] = choice
    calls, countries = labels
    return Profiles(year, tuple(countries[voting]), tuple(map(str, calls[voted_on])), VOTE_LEVELS, codes)


def _choices(votes: pd.Series) -> Int8[np.ndarray, " vote"]:
    import pandas as pd

    label, labels = pd.factorize(votes, use_na_sentinel=False)
    for unknown in (name for name in labels if name not in CHOICES):
        raise MeasureError(f"`votes` has the vote {unknown!r}; allowed is {', '.join(CHOICES)}.")
    return np.array([CHOICES[name] for name in labels], np.int8)[label]


def alliance_profiles(alliances: pd.DataFrame, year: int) -> Profiles:
    """Return what each country is bound to do for each other: `PACT_LEVELS`, by the strongest obligation in force.

    Countries and items are the countries in the state system in the year. A country's entry for itself is the
    highest level: it is bound to defend itself (Signorino & Ritter 1999, table 6).

    Args:
        alliances: the store's table: iso3, partner, year and one column per obligation.
        year: calendar year.

    Raises:
        MeasureError: the table does not cover the year, or lacks a column.
    """
    _require(alliances, "alliances", ("iso3", "partner", "year", *PACT_RANK))
    rows = _rows_of(alliances, "alliances", year)
    level = np.max([rows[kind].to_numpy(bool) * np.int8(rank) for kind, rank in PACT_RANK.items()], axis=0)
    labels = sorted({*panel_axes([year]).countries, *rows["iso3"], *rows["partner"]})
    place = {code: position for position, code in enumerate(labels)}
    codes = np.zeros((len(labels), len(labels)), np.int8)
    np.maximum.at(codes, (rows["iso3"].map(place).to_numpy(int), rows["partner"].map(place).to_numpy(int)), level)
    np.fill_diagonal(codes, len(PACT_LEVELS) - 1)
    return Profiles(year, tuple(labels), tuple(labels), PACT_LEVELS, codes)


def membership_profiles(
    memberships: pd.DataFrame, bodies: pd.DataFrame, year: int, *, full_only: bool = False
) -> Profiles:
    """Return each country's place in each intergovernmental organisation: `MEMBERSHIP_LEVELS`.

    Organisations for which the status of some country is not known are left out, because `memberships` does not say
    of which. Countries are those with any status in any organisation; the table covers no other for certain.

    Args:
        memberships: the store's table `igo_memberships`: body, iso3, year, status.
        bodies: the store's table `igo_bodies`: body, year, not_known.
        year: calendar year.
        full_only: two levels, full members and all others.

    Raises:
        MeasureError: a table does not cover the year, or is not as described.
    """
    _require(memberships, "igo_memberships", ("body", "iso3", "year", "status"))
    _require(bodies, "igo_bodies", ("body", "year", "not_known"))
    existing = _rows_of(bodies, "igo_bodies", year)
    known = existing[existing["not_known"].eq(0).fillna(False).to_numpy(bool)]
    held = _rows_of(memberships, "igo_memberships", year)
    statuses = MEMBERSHIP_LEVELS[1:]
    unknown = set(held["status"]) - set(statuses)
    if unknown:
        raise MeasureError(
            f"`igo_memberships` has the status {min(unknown, key=str)!r}; allowed is {', '.join(statuses)}."
        )
    countries, items = np.unique(held["iso3"].to_numpy(str)), np.unique(known["body"].to_numpy(str))
    held = held[held["body"].isin(items)]
    levels = FULL_MEMBERSHIP_LEVELS if full_only else MEMBERSHIP_LEVELS
    rank = {status: int(status == "full") if full_only else MEMBERSHIP_LEVELS.index(status) for status in statuses}
    codes = np.zeros((len(countries), len(items)), np.int8)
    row, column = (
        np.searchsorted(labels, held[name].to_numpy(str)) for labels, name in ((countries, "iso3"), (items, "body"))
    )
    codes[row, column] = held["status"].map(rank).to_numpy(np.int8)
    return Profiles(year, tuple(countries.tolist()), tuple(items.tolist()), levels, codes)


def treaty_profiles(record: TreatyRecord, year: int, *, parties_only: bool = False) -> Profiles:
    """Return where each country stood on each treaty at the end of a year: `TREATY_LEVELS`.

    Items are the treaties in existence, countries those whose standing the sources give: in the state system in the
    year and since. A withdrawal ends being a party. A country has no position on a treaty where an act without a date
    leaves its standing open.

    Args:
        record: treaties and acts on them, mostly `by_own_act(treaty_record(store))`; `record.where` takes some of them.
        year: calendar year.
        parties_only: two levels, parties and all others.

    Raises:
        MeasureError: no treaty exists in the year.
        DataError: the sources end before the year.
    """
    axes = panel_axes([year])
    (codes,) = standing(record, axes)
    rows, items = (np.flatnonzero((codes != NOT_KNOWN).any(axis)) for axis in (1, 0))
    if not rows.size:
        raise MeasureError(f"`year`: {year} came; none of the {len(record.treaties)} treaties of `record` exists then.")
    codes = codes[np.ix_(rows, items)]
    if parties_only:
        codes = np.where(codes > MISSING, codes > SIGNATORY, MISSING).astype(np.int8)
    countries = tuple(axes.countries[row] for row in rows)
    titles = tuple(record.treaties["treaty"].iloc[items].astype(str).tolist())
    return Profiles(year, countries, titles, PARTY_LEVELS if parties_only else TREATY_LEVELS, codes)


def _require(table: pd.DataFrame, name: str, columns: tuple[str, ...]) -> None:
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise MeasureError(
            f"`{name}` lacks the columns {', '.join(missing)}; it has {', '.join(map(str, table.columns))}. "
            f"Give the store's table `{name}`."
        )


def _years_of(table: pd.DataFrame) -> np.ndarray:
    if table["year"].isna().any():
        raise MeasureError("`roll_calls` has rows without a year; leave them out.")
    return table["year"].to_numpy(np.int64)


def _covered(table: pd.DataFrame) -> str:
    return "no rows" if table.empty else f"the years {table['year'].min()} to {table['year'].max()}"


def _rows_of(table: pd.DataFrame, name: str, year: int) -> pd.DataFrame:
    rows = table[table["year"] == year]
    if rows.empty:
        raise MeasureError(f"`year`: {year} came; `{name}` has {_covered(table)}.")
    return rows
