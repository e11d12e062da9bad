"""Measuring International Authority (MIA): how far bodies decide by majority, and how far they act on their own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from orrery.base.errors import SourceFormatError
from orrery.data.importers.codes import note
from orrery.data.importers.spec import Importer, TableSpec
from orrery.data.opening import Column, Layout
from orrery.data.tabular import read

INDICES = ("pooling", "delegation")

LAYOUT = Layout(
    "mia",
    {
        "code": Column("cow_igocode", kind="whole"),
        "name": Column("ioname", blank=True),
        "year": Column("year", kind="whole"),
        "kind": Column("typeI"),
        "pooling": Column("pooling", kind="number"),
        "delegation": Column("delegation", kind="number"),
    },
)

AUTHORITY = TableSpec(
    "igo_authority",
    ("code", "year"),
    {
        "code": "organisation, by its COW number",
        "body": "organisation, by its short name in COW IGO; missing where the producer gives none",
        "year": "calendar year",
        "kind": "general purpose or task-specific",
        "pooling": "how far members have given up their veto to joint decisions, 0 to 1",
        "delegation": "how far they have handed tasks to bodies that are not made of governments, 0 to 1",
    },
    (1950, 2019),
    ("body_years",),
    {"kind": ("general purpose", "task-specific")},
)


def read_authority(files: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    """Return `igo_authority`.

    The producer names a body only in years in which COW IGO has it; the name is taken from those for all of its years.
    """
    path = files["body_years"]
    frame = read(LAYOUT, path)
    names = frame.dropna(subset=["name"]).groupby("code")["name"].agg(["first", "nunique"])
    if (names["nunique"] > 1).any():
        code = int(names.index[names["nunique"] > 1][0])
        row = int(frame.index[(frame["code"] == code) & (frame["name"] != names["first"][code])][0])
        raise SourceFormatError("mia", path, f"organisation {code} has two names", "Correct the row", row)
    for name in INDICES:
        wrong = ~frame[name].between(0, 1).to_numpy(bool)
        if wrong.any():
            place = int(np.flatnonzero(wrong)[0])
            problem = f"column `{name}` holds {frame[name].iloc[place]}, allowed is 0 to 1"
            raise SourceFormatError("mia", path, problem, "Correct the row", int(frame.index[place]))
    table = frame.assign(body=frame["code"].map(names["first"])).drop(columns="name")
    nameless = table.loc[table["body"].isna(), "code"].nunique()
    return {"igo_authority": note(table, f"{nameless} bodies have no name") if nameless else table}


IMPORTER = Importer("mia", (AUTHORITY,), read_authority)
