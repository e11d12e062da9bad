"""What the three layouts of General Assembly votes have in common: the two tables, and how votes are written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from orrery.base.errors import SourceFormatError
from orrery.data import countries
from orrery.data.importers.spec import TableSpec

SOURCE = "un_votes"
VOTES = ("yes", "abstain", "no", "absent", "nonmember")
NUMBERED = {1: "yes", 2: "abstain", 3: "no", 8: "absent", 9: "nonmember"}
ISSUES = {
    "palestinian_conflict": ("me", "the Palestinian conflict"),
    "nuclear": ("nu", "nuclear weapons and material"),
    "disarmament": ("di", "arms control and disarmament"),
    "human_rights": ("hr", "human rights"),
    "colonialism": ("co", "colonialism"),
    "economic_development": ("ec", "economic development"),
}
ROLES = ("votes", "published", "published_to_2015", "library")
YUGOSLAVIA, YUGOSLAVIA_ENDED = 345, 1992

ROLL_CALLS = TableSpec(
    "roll_calls",
    ("rcid",),
    {
        "rcid": "roll call: uv and the published number, xml: and the resolution, or undl: and the library's number",
        "session": "session: a number, or ES- and a number for emergency special sessions",
        "date": "day of the vote",
        "year": "calendar year of the vote",
        "symbol": "symbol of the resolution, as the source writes it",
        "title": "title or short description",
        "important": "whether the United States Department of State listed it as important",
        "amendment": "whether the vote was on an amendment",
        "paragraph": "whether the vote was on a paragraph only",
        **{name: f"whether it is about {meaning}" for name, (_, meaning) in ISSUES.items()},
        "source": "where the record comes from",
    },
    (1946, None),
    ("roll_calls", *ROLES[1:]),
)
COUNTRY_VOTES = TableSpec(
    "votes",
    ("rcid", "iso3"),
    {
        "rcid": "roll call",
        "iso3": "country; TWN holds the seat of China to October 1971",
        "vote": "yes, abstain, no, absent, or nonmember where the country had no seat",
    },
    (1946, None),
    ROLES,
    {"vote": VOTES},
)


def vote_of_number(path: Path, numbers: pd.Series) -> pd.Series:
    """Return votes from the published numbers.

    Raises:
        SourceFormatError: a number stands for no vote.
    """
    places = np.full(10, -1)
    places[list(NUMBERED)] = range(len(VOTES))
    within = numbers.between(0, 9).to_numpy()
    codes = np.where(within, places[numbers.where(within, 0).to_numpy(np.int64)], -1)
    return vote_of_place(path, numbers, codes, [f"{number} ({vote})" for number, vote in NUMBERED.items()])


def vote_of_place(path: Path, entries: pd.Series, places: np.ndarray, allowed: list[str]) -> pd.Series:
    """Return votes from their places in `VOTES`; -1 is refused.

    Raises:
        SourceFormatError: an entry has no place.
    """
    if (places < 0).any():
        first = int(np.flatnonzero(places < 0)[0])
        problem = f"column `{entries.name}` holds `{entries.iloc[first]}`, allowed is {', '.join(allowed)}"
        advice = "Correct the row, or download the file again"
        raise SourceFormatError(SOURCE, path, problem, advice, int(entries.index[first]))
    return pd.Series(pd.Categorical.from_codes(places, pd.Index(VOTES)), entries.index)


def after_yugoslavia(iso3: pd.Series, years: pd.Series) -> pd.Series:
    """Return the codes with `YUG` from 1992 on turned into the country that then voted under its number, Serbia."""
    late = ((iso3 == "YUG") & (years >= YUGOSLAVIA_ENDED)).to_numpy()
    if not late.any():
        return iso3
    successor = countries.from_cow(np.full(int(late.sum()), YUGOSLAVIA), years[late].to_numpy(np.int64))
    result = iso3.to_numpy(dtype=object, copy=True)
    result[late] = successor
    return pd.Series(result, iso3.index, dtype="str", name=iso3.name)


def roll_call_table(frame: pd.DataFrame, given: Mapping[str, str]) -> pd.DataFrame:
    """Return roll calls with every column of the table: those of `frame`, those given, and missing flags."""
    flags = ("important", "amendment", "paragraph", *ISSUES)
    lacking = {name: pd.array([pd.NA] * len(frame), "boolean") for name in flags if name not in frame}
    year = frame["date"].dt.year.astype("Int64")
    return frame.assign(**lacking, year=year, **given)[list(ROLL_CALLS.columns)]
