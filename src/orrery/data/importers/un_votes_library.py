"""General Assembly votes as the UN Digital Library publishes them: one row per member and resolution.

Members are the library's three-letter codes, with the name they had at the time; `X` is a member that cast no vote.
The library lists every member twice under resolution 75/290 A: a row that repeats another of the same resolution and
member with the same vote is one vote, and is left out and counted in the notes; with another vote it is an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from orrery.base.errors import CountryCodeError, SourceFormatError
from orrery.data import countries
from orrery.data.importers.codes import note
from orrery.data.importers.un_votes_tables import (
    SOURCE,
    VOTES,
    after_yugoslavia,
    roll_call_table,
    vote_of_place,
)
from orrery.data.opening import Column, Layout
from orrery.data.tabular import read

LETTERS = {"Y": "yes", "A": "abstain", "N": "no", "X": "absent"}
SEATS_THAT_PASSED = {"CHN": ("TWN", pd.Timestamp(1971, 10, 25)), "YEM": ("YAR", pd.Timestamp(1990, 5, 22))}
"""Codes under which the library also lists an earlier holder of the seat: that holder, and the day it passed."""

LAYOUT = Layout(
    SOURCE,
    {
        "number": Column("undl_id", kind="whole"),
        "code": Column("ms_code"),
        "name": Column("ms_name"),
        "letter": Column("ms_vote", blank=True),
        "date": Column("date", kind="date"),
        "session": Column("session"),
        "symbol": Column("resolution"),
        "title": Column("title", blank=True),
    },
)


def read_library(files: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    """Return `roll_calls` and `votes`."""
    path = files["library"]
    frame = read(LAYOUT, path)
    frame["rcid"] = "undl:" + frame["number"].astype("str")
    repeats = frame.duplicated(["rcid", "code", "letter"])
    kept = frame[~repeats]
    letters = kept["letter"].fillna("X").rename("ms_vote")
    places = letters.map({letter: VOTES.index(vote) for letter, vote in LETTERS.items()}).fillna(-1)
    allowed = [f"{letter} ({vote})" for letter, vote in LETTERS.items()]
    votes = pd.DataFrame(
        {
            "rcid": kept["rcid"],
            "iso3": _iso3(path, kept),
            "vote": vote_of_place(path, letters, places.to_numpy(np.int64), allowed),
        }
    )
    if repeats.any():
        symbols = ", ".join(frame.loc[repeats, "symbol"].unique())
        votes = note(votes, f"{int(repeats.sum()):,} rows left out that repeat another: {symbols}")
    roll_calls = roll_call_table(kept.drop_duplicates("rcid"), {"source": "UN Digital Library"})
    return {"roll_calls": roll_calls, "votes": votes}


def _iso3(path: Path, frame: pd.DataFrame) -> pd.Series:
    """Return the country of each row: by code, or by name where the code is that of no country."""
    pairs = frame[["code", "name"]].drop_duplicates()
    found = {}
    for row, code, name in pairs.itertuples():
        try:
            found[code, name] = countries.resolve(code if _is_country(code) else name)
        except CountryCodeError as error:
            problem = f"column `ms_code` holds `{code}`, which is no country, and `ms_name`: {error}".rstrip(".")
            raise SourceFormatError(SOURCE, path, problem, "Then import again", int(row)) from error
    iso3 = pd.Series(list(map(found.get, zip(frame["code"], frame["name"], strict=True))), frame.index, dtype="str")
    for code, (earlier, passed) in SEATS_THAT_PASSED.items():
        iso3 = iso3.mask((iso3 == code) & (frame["date"] < passed), earlier)
    return after_yugoslavia(iso3, frame["date"].dt.year)


def _is_country(code: str) -> bool:
    try:
        return countries.kind_of(code) == "country"
    except CountryCodeError:
        return False
