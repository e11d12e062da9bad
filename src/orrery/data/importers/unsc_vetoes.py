"""Vetoes in the Security Council: one row per draft, up to three members casting the veto.

The members are taken from the columns that name them. The compilation also has a column of 0 and 1 for each member,
which marks fewer vetoes than it names.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from orrery.base.errors import SourceFormatError
from orrery.data.importers.codes import known_names
from orrery.data.importers.spec import Importer, TableSpec
from orrery.data.opening import Column, Layout
from orrery.data.tabular import read

MEMBERS = ("CHN", "FRA", "GBR", "RUS", "TWN", "USA")
SEAT_OF_CHINA_PASSED = pd.Timestamp(1971, 10, 25)
_NAMED = ("member_veto1", "member_veto2", "member_veto3")

LAYOUT = Layout(
    "unsc_vetoes",
    {
        "year": Column("year", kind="whole"),
        "date": Column("date", kind="date"),
        "draft": Column("draft"),
        "meeting": Column("meeting_record"),
        "agenda_item": Column("agenda_item"),
        "topic": Column("crisis_topic", blank=True),
        "region": Column("region", blank=True),
        **{name: Column(name, blank=name != _NAMED[0]) for name in _NAMED},
    },
)

VETOES = TableSpec(
    "vetoes",
    ("veto", "iso3"),
    {
        "veto": "number of the vetoed draft in the compilation, from 1",
        "iso3": "member that cast the veto (RUS also for the Soviet Union, TWN for the seat of China to October 1971)",
        "year": "calendar year",
        "date": "day of the vote",
        "draft": "symbol of the draft, or of the meeting where it has none",
        "meeting": "symbol of the meeting record",
        "agenda_item": "agenda item",
        "topic": "conflict or topic, in the compilers' words",
        "region": "region, in the compilers' words",
    },
    (1946, None),
    ("drafts",),
    {"iso3": MEMBERS},
)


def read_vetoes(files: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    """Return `vetoes`: one row per draft and member that vetoed it."""
    path = files["drafts"]
    drafts = read(LAYOUT, path)
    other_year = drafts.index[drafts["date"].dt.year != drafts["year"]]
    if len(other_year):
        problem = "`year` is not the year of `date`"
        raise SourceFormatError("unsc_vetoes", path, problem, "Correct the row", int(other_year[0]))
    drafts.insert(0, "veto", range(1, len(drafts) + 1))
    kept = [name for name in drafts if name not in _NAMED]
    named = pd.concat([drafts[[*kept, name]].rename(columns={name: "member"}) for name in _NAMED])
    named = named.dropna(subset="member").sort_values("veto", kind="stable")
    iso3 = known_names("unsc_vetoes", path, named["member"])["iso3"].to_numpy()
    held_by_taiwan = (iso3 == "CHN") & (named["date"] < SEAT_OF_CHINA_PASSED)
    named["iso3"] = pd.Series(iso3, named.index).mask(held_by_taiwan, "TWN")
    return {"vetoes": named.drop(columns="member")}


IMPORTER = Importer("unsc_vetoes", (VETOES,), read_vetoes)
