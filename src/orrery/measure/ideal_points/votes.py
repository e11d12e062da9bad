"""From the store's tables of votes to the arrays that an ideal-point estimator reads.

Every rule about which votes count stands in `select_votes`, and nowhere else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from jaxtyping import Bool, Int, Int8, Shaped

from orrery.base.errors import MeasureError
from orrery.measure.ideal_points.links import bridge_groups

if TYPE_CHECKING:
    import pandas as pd

YES, ABSTAIN, NO, NOT_CAST = 0, 1, 2, -1
CHOICES = {"yes": YES, "abstain": ABSTAIN, "no": NO, "absent": NOT_CAST, "nonmember": NOT_CAST}
PERIODS = ("session", "year")
ABSENCES = ("ignored", "abstentions")

VOTE_COLUMNS = ("rcid", "iso3", "vote")
ROLL_CALL_COLUMNS = ("rcid", "session", "date", "year", "title", "amendment", "paragraph")

YEAR_BEFORE_SESSION_ONE = 1945
"""Session `n` opens in September of this year plus `n` (the first opened in January)."""

TITLE_LETTERS = 50
"""Letters of a title that are compared: one source of roll calls cuts its titles at 60 characters."""


@dataclass(frozen=True)
class Selection:
    """Which votes enter, and which roll calls count as the same question asked again.

    The defaults follow Bailey, Strezhnev & Voeten (2017): every roll call on which at least one country differs from
    the others, but votes on single paragraphs and amendments only up to 1989. They also leave out session 19 (a
    single roll call) and two country-sessions with one or two votes; here these stay, and are flagged as few votes.

    Attributes:
        issues: columns of the table of roll calls that mark an issue, such as "human_rights"; a roll call enters if it
            is marked with one of them at least. All enter where none are named.
        important: whether only roll calls enter that the United States Department of State listed as important.
        since: first day, as in "1992-01-01"; None for no limit.
        until: last day.
        absences: "ignored", or "abstentions", which takes an absence for one; the source must record absences.
        least_minority: fewest countries outside the largest of the three groups (yes, abstain, no) for a roll call
            to enter. At 1 only roll calls with a single outcome are left out; they say nothing on a position.
        least_votes: fewest informative votes in a period for a country's votes of that period to enter.
        partial_votes_through: last calendar year whose paragraph and amendment votes enter; they are recorded
            unevenly in later years.
        bridge: whether a resolution that recurs keeps its item parameters, which is what makes positions comparable
            from session to session.
        published_links: whether, up to January 2020, it recurs where the authors found the same text (`links`).
            Otherwise, and later, it recurs when its title is the same, and unique, in two consecutive sessions.
        bridge_agreement: least share of the countries voting both times that voted alike; below it the text is
            taken to have changed under an unchanged title.
        bridge_voters: fewest countries voting both times.
    """

    issues: tuple[str, ...] = ()
    important: bool = False
    since: str | None = None
    until: str | None = None
    absences: str = "ignored"
    least_minority: int = 1
    least_votes: int = 1
    partial_votes_through: int = 1989
    bridge: bool = True
    published_links: bool = True
    bridge_agreement: float = 0.95
    bridge_voters: int = 10

    def __post_init__(self) -> None:
        for name in ("least_minority", "least_votes", "bridge_voters"):
            if getattr(self, name) < 1:
                raise MeasureError(f"`{name}` of the selection is {getattr(self, name)}; give 1 or more.")
        if self.absences not in ABSENCES:
            raise MeasureError(f"`absences` is {self.absences!r}; give one of {', '.join(ABSENCES)}.")
        for name in ("since", "until"):
            _day(name, getattr(self, name))
        if not 0 <= self.bridge_agreement <= 1:
            raise MeasureError(f"`bridge_agreement` is {self.bridge_agreement}; it is a share, give 0 to 1.")


@dataclass(frozen=True)
class VoteMatrix:
    """Votes as parallel arrays, roll calls in order of period, countries in order of code.

    Attributes:
        countries: iso3 codes of every country in the table of votes, also of those that never cast a vote that counts.
        periods: consecutive sessions or calendar years, also those without a roll call.
        period_kind: "session" or "year".
        items: rcid of every roll call that enters.
        voter: position in `countries`.
        item: position in `items`.
        choice: 0 yes, 1 abstain, 2 no.
        period: position in `periods` of each roll call.
        bridge: roll calls with the same number share their item parameters; numbered from 0 without gaps.
    """

    countries: tuple[str, ...]
    periods: tuple[int, ...]
    period_kind: str
    items: tuple[str, ...]
    voter: Int[np.ndarray, " vote"]
    item: Int[np.ndarray, " vote"]
    choice: Int8[np.ndarray, " vote"]
    period: Int[np.ndarray, " item"]
    bridge: Int[np.ndarray, " item"]

    @property
    def n_votes(self) -> Int[np.ndarray, "year country"]:
        """Votes that count, by period and country."""
        shape = len(self.periods), len(self.countries)
        cell = self.period[self.item] * shape[1] + self.voter
        return np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape)


class RollCalls(NamedTuple):
    """The table of roll calls as arrays, in order of period and rcid.

    Attributes:
        rcid: identifiers.
        session: regular session, that in progress for a roll call of an emergency session.
        period: session or calendar year.
        year: calendar year.
        partial: whether it is on a paragraph or an amendment. A missing flag reads as not flagged.
        title: letters by which a recurring resolution is known; empty where there is no title.
    """

    rcid: Shaped[np.ndarray, " item"]
    session: Int[np.ndarray, " item"]
    period: Int[np.ndarray, " item"]
    year: Int[np.ndarray, " item"]
    partial: Bool[np.ndarray, " item"]
    title: Shaped[np.ndarray, " item"]

    def take(self, rows: Int[np.ndarray, " row"]) -> RollCalls:
        """Return some of the roll calls, in the order of `rows`."""
        return RollCalls(*(column[rows] for column in self))


class Ballots(NamedTuple):
    """The table of votes as arrays: row of the roll call, position of the country, choice (-1 for not cast)."""

    item: Int[np.ndarray, " vote"]
    voter: Int[np.ndarray, " vote"]
    choice: Int8[np.ndarray, " vote"]


def vote_matrix(
    votes: pd.DataFrame, roll_calls: pd.DataFrame, *, period: str = "session", selection: Selection | None = None
) -> VoteMatrix:
    """Return the votes that count, ready for `fit`.

    Args:
        votes: columns rcid, iso3, vote (yes, abstain, no, absent or nonmember), one row per country and roll call.
        roll_calls: columns rcid, session, date, year, title, amendment, paragraph, one row per roll call.
        period: "session" (the regular sessions, numbered; a roll call of an emergency session stands in the regular
            session in progress at its date) or "year" (calendar).
        selection: the rules; `Selection()` where none are given.

    Raises:
        MeasureError: a column, roll call or value is not as described, or no informative vote is left.
    """
    selection = selection or Selection()
    if period not in PERIODS:
        raise MeasureError(f"`period` is {period!r}; give one of {', '.join(PERIODS)}.")
    calls = _read_roll_calls(roll_calls, period)
    countries, ballots = _read_votes(votes, calls.rcid, selection.absences)
    asked = np.isin(calls.rcid, np.asarray(roll_calls["rcid"])[asked_for(roll_calls, selection)])
    chosen = np.flatnonzero(select_votes(ballots, calls, selection, asked))
    if not chosen.size:
        raise MeasureError(
            f"No vote tells countries apart among {len(ballots.item)} votes on {len(calls.rcid)} roll calls; "
            "give roll calls on which countries differed."
        )
    # In order, so that the same votes give the same numbers to the last bit however they came.
    chosen = chosen[np.lexsort((ballots.voter[chosen], ballots.item[chosen]))]
    kept, item = np.unique(ballots.item[chosen], return_inverse=True)
    calls, voter, choice = calls.take(kept), ballots.voter[chosen], ballots.choice[chosen]
    profile = np.full((len(kept), len(countries)), NOT_CAST, np.int8)
    profile[item, voter] = choice
    first, last = int(calls.period[0]), int(calls.period[-1])
    return VoteMatrix(
        countries=countries,
        periods=tuple(range(first, last + 1)),
        period_kind=period,
        items=tuple(str(rcid) for rcid in calls.rcid),
        voter=voter,
        item=item,
        choice=choice,
        period=calls.period - first,
        bridge=bridge_groups(calls, profile, selection) if selection.bridge else np.arange(len(kept)),
    )


def asked_for(roll_calls: pd.DataFrame, selection: Selection) -> Bool[np.ndarray, " row"]:
    """Tell which rows of the table are within the issues, the importance and the days of the selection.

    Raises:
        MeasureError: a needed column is missing, or marks nothing at all: then the source does not know it.
    """
    import pandas as pd

    asked = np.ones(len(roll_calls), bool)
    if selection.issues:
        asked &= np.any([_marked(roll_calls, name, "issues") for name in selection.issues], axis=0)
    if selection.important:
        asked &= _marked(roll_calls, "important", "important")
    date = pd.to_datetime(roll_calls["date"])
    for name, within in (("since", date.ge), ("until", date.le)):
        day = _day(name, getattr(selection, name))
        if day is not None:
            asked &= within(day).to_numpy(bool)
    if not asked.any():
        raise MeasureError(
            f"No roll call of {len(roll_calls)} is within the selection (issues {selection.issues or 'all'}, important "
            f"{selection.important}, {selection.since or 'first'} to {selection.until or 'last'}); widen it."
        )
    return asked


def _marked(roll_calls: pd.DataFrame, column: str, argument: str) -> Bool[np.ndarray, " row"]:
    """Return the flags of a column; a roll call without a known flag is not marked."""
    if column not in roll_calls or column in ROLL_CALL_COLUMNS:
        flags = [name for name in roll_calls if str(roll_calls[name].dtype) in ("bool", "boolean")]
        raise MeasureError(f"`{argument}`: {column!r} came; the roll calls have {', '.join(map(str, flags))}.")
    flags = _flags(np.asarray(roll_calls[column]))
    if not flags.any():
        raise MeasureError(f"`{argument}`: the source marks no roll call with {column!r}; choose without it.")
    return flags


def _day(name: str, value: str | None) -> pd.Timestamp | None:
    import pandas as pd

    if value is None:
        return None
    try:
        return pd.Timestamp(value)
    except ValueError as error:
        raise MeasureError(f"`{name}` is {value!r}; write a day such as 1992-01-01.") from error


def select_votes(
    ballots: Ballots, roll_calls: RollCalls, selection: Selection, asked: Bool[np.ndarray, " item"]
) -> Bool[np.ndarray, " vote"]:
    """Tell which votes enter: with `asked_for`, the one place with rules about that.

    1. Only votes cast: yes, abstain or no; absence is not a position, unless the selection takes it for one. Only on
       roll calls that are `asked` for.
    2. No paragraph or amendment vote after `selection.partial_votes_through`.
    3. No roll call with fewer than `selection.least_minority` countries outside its largest group.
    4. No country-period with fewer than `selection.least_votes` votes. Rules 3 and 4 alternate until nothing changes.
    """
    item, voter, choice = ballots
    late = roll_calls.year > selection.partial_votes_through
    chosen = (choice != NOT_CAST) & (asked & ~(roll_calls.partial & late))[item]

    cell = np.unique(roll_calls.period, return_inverse=True)[1][item] * (voter.max(initial=0) + 1) + voter
    while True:
        tally = np.bincount(item[chosen] * 3 + choice[chosen], minlength=3 * len(roll_calls.rcid)).reshape(-1, 3)
        divided = tally.sum(1) - tally.max(1) >= selection.least_minority
        kept = chosen & divided[item]
        kept &= np.bincount(cell[kept], minlength=cell.max(initial=0) + 1)[cell] >= selection.least_votes
        if kept.sum() == chosen.sum():
            return kept
        chosen = kept


def _read_roll_calls(table: pd.DataFrame, period: str) -> RollCalls:
    import pandas as pd

    rcid, session, date, year, title, amendment, paragraph = _columns("roll_calls", table, ROLL_CALL_COLUMNS)
    repeated = pd.Index(rcid).duplicated()
    if repeated.any():
        raise MeasureError(f"`roll_calls` has rcid {rcid[repeated][0]!r} twice; give each roll call one row.")
    sessions = np.array([_session_number(*row) for row in zip(rcid, session, pd.to_datetime(date), strict=True)], int)
    years = year.astype(int)
    calls = RollCalls(
        rcid=rcid,
        session=sessions,
        period=sessions if period == "session" else years,
        year=years,
        partial=_flags(amendment) | _flags(paragraph),
        title=np.array([_bare_title(words) for words in title], dtype=object),
    )
    return calls.take(np.lexsort((rcid.astype(str), calls.period)))


def _session_number(rcid: object, session: object, date: pd.Timestamp) -> int:
    """Return the regular session: for an emergency session that in progress, `n` opening in September of 1945 + `n`."""
    named = str(session)
    if named.isdecimal():
        return int(named)
    if not re.fullmatch(r"ES-\d+", named):
        raise MeasureError(
            f"`roll_calls` has session {session!r} at rcid {rcid!r}; give a number, or `ES-` and a number."
        )
    return date.year - YEAR_BEFORE_SESSION_ONE - (date.month < 9)


def _flags(values: np.ndarray) -> np.ndarray:
    import pandas as pd

    return np.array([not pd.isna(value) and bool(value) for value in values], bool)


def _bare_title(title: object) -> str:
    """Return a title as lower-case letters, without the catalogue's ` : resolution / adopted by ...` and dates."""
    words = re.split(" [:/] ", title[:60])[0] if isinstance(title, str) else ""
    return " ".join(re.findall("[a-z]+", words.lower()))[:TITLE_LETTERS].strip()


def _read_votes(table: pd.DataFrame, rcids: np.ndarray, absences: str) -> tuple[tuple[str, ...], Ballots]:
    import pandas as pd

    rcid, iso3, vote = _columns("votes", table, VOTE_COLUMNS)
    label, labels = pd.factorize(vote, use_na_sentinel=False)
    for unknown in (name for name in labels if name not in CHOICES):
        raise MeasureError(f"`votes` has the vote `{unknown}`; give one of {', '.join(CHOICES)}.")
    item = pd.Index(rcids).get_indexer(pd.Index(rcid))
    if (item < 0).any():
        raise MeasureError(
            f"`votes` has rcid {rcid[item < 0][0]!r}, which `roll_calls` lacks; give both tables of the same store."
        )
    voter, countries = pd.factorize(iso3, sort=True)
    repeated = pd.Index(item * (len(countries) + 1) + voter).duplicated()
    if repeated.any():
        raise MeasureError(
            f"`votes` has country {iso3[repeated][0]!r} twice in rcid {rcid[repeated][0]!r}; "
            "keep one row per country and roll call."
        )
    meaning = dict(CHOICES)
    if absences == "abstentions":
        if "absent" not in labels:
            raise MeasureError("`absences`: the table of votes records no absence; leave `absences` at 'ignored'.")
        meaning["absent"] = ABSTAIN
    codes = np.array([meaning[name] for name in labels], np.int8)
    return tuple(str(code) for code in countries), Ballots(item, voter, codes[label])


def _columns(name: str, table: pd.DataFrame, needed: tuple[str, ...]) -> list[np.ndarray]:
    missing = [column for column in needed if column not in table.columns]
    if missing:
        raise MeasureError(
            f"`{name}` lacks the columns {', '.join(missing)}; it has {', '.join(map(str, table.columns))}. "
            f"Give the store's table `{name}`."
        )
    return [np.asarray(table[column]) for column in needed]
