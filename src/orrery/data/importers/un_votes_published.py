"""General Assembly votes as published by Voeten, Strezhnev and Bailey: one row per country and roll call.

Countries are COW numbers; 8 is absent and 9 not a member. What describes a roll call is repeated in each of its rows.
Versions differ in the columns they have; only the numbers, the vote, the session and the date must be there.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from orrery.base.errors import SourceFormatError
from orrery.data import countries
from orrery.data.importers.codes import note, with_iso3
from orrery.data.importers.un_votes_tables import (
    ISSUES,
    SOURCE,
    roll_call_table,
    vote_of_number,
)
from orrery.data.opening import Column, Layout
from orrery.data.tabular import read

NOT_A_MEMBER = 9
STRAY_QUOTE = '0\\"'


def _flag(*names: str) -> Column:
    return Column(*names, kind="flag", missing=["NA", STRAY_QUOTE], absent=True)


ABOUT_THE_ROLL_CALL = {
    "session": Column("session", kind="whole"),
    "date": Column("date", kind="date", missing=["NA"], blank=True),
    "symbol": Column("unres", missing=["NA"], absent=True),
    "title": Column("short", "descr", missing=["NA"], absent=True),
    "important": _flag("importantvote", "important"),
    "amendment": _flag("amend"),
    "paragraph": _flag("para"),
    **{name: _flag(short) for name, (short, _) in ISSUES.items()},
}
LAYOUT = Layout(
    SOURCE,
    {
        "rcid": Column("rcid", kind="whole"),
        "ccode": Column("ccode", kind="whole"),
        "vote": Column("vote", kind="whole"),
        "session_year": Column("year", kind="whole", missing=["NA"], absent=True),
        **ABOUT_THE_ROLL_CALL,
    },
)


def read_published(files: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    """Return `roll_calls` and `votes`.

    Rows that say "not a member" of a number which stood for no country in that year say nothing, and are left out.
    """
    (path,) = files.values()
    frame = read(LAYOUT, path)
    years = frame["date"].dt.year.astype("Int64").fillna(frame["session_year"].astype("Int64"))
    _require_years(path, years)
    roll_calls = _roll_calls(path, frame)
    nobody = pd.isna(countries.from_cow(frame["ccode"].to_numpy(), years.to_numpy(np.int64)))
    nothing = nobody & (frame["vote"] == NOT_A_MEMBER).to_numpy()
    votes = with_iso3(SOURCE, path, frame.loc[~nothing, ["rcid", "ccode", "vote"]], {"ccode": "iso3"}, years[~nothing])
    votes = votes.assign(rcid="uv" + votes["rcid"].astype("str"), vote=vote_of_number(path, votes["vote"]))
    return {
        "roll_calls": roll_calls,
        "votes": note(votes, f"{int(nothing.sum()):,} rows `not a member` of numbers without a country left out"),
    }


def _require_years(path: Path, years: pd.Series) -> None:
    if years.isna().any():
        row = int(years.index[years.isna()][0])
        problem = "the roll call has neither a date nor a year"
        raise SourceFormatError(SOURCE, path, problem, "Add the date, or correct it in `corrections.toml`", row)


def _roll_calls(path: Path, frame: pd.DataFrame) -> pd.DataFrame:
    """Return one row per roll call, having checked that its rows agree on what describes it."""
    number, _ = pd.factorize(frame["rcid"])
    first = np.flatnonzero(~frame["rcid"].duplicated().to_numpy())
    for name in ABOUT_THE_ROLL_CALL:
        codes, _ = pd.factorize(frame[name], use_na_sentinel=False)
        differs = codes != codes[first][number]
        if differs.any():
            place = int(np.flatnonzero(differs)[0])
            problem = (
                f"rcid {frame['rcid'].iloc[place]}: `{LAYOUT.columns[name].names[0]}` is {frame[name].iloc[place]}, "
                f"in row {frame.index[first[number[place]]]} it is {frame[name].iloc[first[number[place]]]}"
            )
            raise SourceFormatError(SOURCE, path, problem, "Make the rows agree", int(frame.index[place]))
    table = frame.iloc[first]
    ready = table.assign(rcid="uv" + table["rcid"].astype("str"), session=table["session"].astype("str"))
    return roll_call_table(ready, {"source": "Voeten, Strezhnev and Bailey"})
