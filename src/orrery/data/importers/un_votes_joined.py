"""General Assembly votes as two Parquet files: the votes of countries (iso3), and the roll calls."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from orrery.base.errors import SourceFormatError
from orrery.data.importers.codes import known_names
from orrery.data.importers.un_votes_tables import (
    ISSUES,
    SOURCE,
    after_yugoslavia,
    roll_call_table,
    vote_of_number,
)
from orrery.data.opening import Column, Layout
from orrery.data.tabular import read

VOTES = Layout(SOURCE, {"rcid": Column("rcid"), "iso3": Column("iso3"), "vote": Column("vote", kind="whole")})
ROLL_CALLS = Layout(
    SOURCE,
    {
        "rcid": Column("rcid"),
        "session": Column("session"),
        "date": Column("date", kind="date"),
        "symbol": Column("symbol", blank=True),
        "title": Column("title", blank=True),
        "important": Column("importantvote", kind="flag", blank=True),
        "amendment": Column("amend", kind="flag", blank=True),
        "paragraph": Column("para", kind="flag", blank=True),
        "source": Column("source"),
        **{name: Column(short, kind="flag", blank=True) for name, (short, _) in ISSUES.items()},
    },
)


def read_joined(files: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    """Return `roll_calls` and `votes`.

    Raises:
        SourceFormatError: a file is not as promised, or a vote belongs to no roll call.
    """
    path = files["votes"]
    roll_calls = roll_call_table(read(ROLL_CALLS, files["roll_calls"]), {})
    votes = read(VOTES, path)
    place = pd.Index(roll_calls["rcid"]).drop_duplicates().get_indexer(pd.Index(votes["rcid"]))
    if (place < 0).any():
        row = int(votes.index[place < 0][0])
        problem = f"rcid `{votes['rcid'][row]}` is no roll call of {files['roll_calls'].name}"
        raise SourceFormatError(SOURCE, path, problem, "Add both files from the same edition", row)
    known = votes.drop_duplicates("iso3")
    meant = dict(zip(known["iso3"], known_names(SOURCE, path, known["iso3"])["iso3"], strict=True))
    years = roll_calls.drop_duplicates("rcid")["year"].astype("int64")
    iso3 = after_yugoslavia(votes["iso3"].map(meant), pd.Series(years.to_numpy()[place], votes.index))
    return {"roll_calls": roll_calls, "votes": votes.assign(iso3=iso3, vote=vote_of_number(path, votes["vote"]))}
