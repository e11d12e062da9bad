"""COW Direct Contiguity: spells of contiguity between ordered pairs of countries.

Spells are cut to the years from 1946 in which both are in the state system, and split where a number passes from one
country to another (345: Yugoslavia to 1991, Serbia after).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from orrery.data.importers.codes import note, runs_by_country
from orrery.data.importers.spec import Importer, TableSpec
from orrery.data.opening import Column, Layout
from orrery.data.tabular import read

KINDS = {1: "land or river border", 2: "12 miles of water", 3: "24 miles", 4: "150 miles", 5: "400 miles"}
NOT_CONTIGUOUS = 0

LAYOUT = Layout(
    "contiguity",
    {
        "ccode1": Column("ccode1", kind="whole"),
        "ccode2": Column("ccode2", kind="whole"),
        "kind": Column("conttype", kind="whole"),
        "stdate": Column("stdate", kind="date"),
        "enddate": Column("enddate", kind="date"),
    },
)

CONTIGUITY = TableSpec(
    "contiguity",
    ("iso3", "partner", "from", "kind"),
    {
        "iso3": "country",
        "partner": "country",
        "kind": "; ".join(f"{kind} {meaning}" for kind, meaning in KINDS.items()),
        "from": "first calendar year of the spell, 1946 at the earliest",
        "until": "last calendar year of the spell; the source ends in 2016",
    },
    (1946, 2016),
    ("spells",),
    {"kind": tuple(KINDS)},
)


def read_contiguity(files: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    """Return `contiguity`; both directions of a pair are rows of their own, as in the source."""
    frame = read(LAYOUT, files["spells"])
    frame = frame.assign(**{"from": frame["stdate"].dt.year, "until": frame["enddate"].dt.year})
    adjacent = frame[frame["kind"] != NOT_CONTIGUOUS].drop(columns=["stdate", "enddate"])
    table = runs_by_country(adjacent, {"ccode1": "iso3", "ccode2": "partner"})
    without = len(frame) - len(adjacent)
    return {"contiguity": note(table, f"{without} spells of kind {NOT_CONTIGUOUS} (not contiguous) left out")}


IMPORTER = Importer("contiguity", (CONTIGUITY,), read_contiguity)
