"""COW major powers: spells by country number."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from orrery.data.importers.codes import runs_by_country
from orrery.data.importers.spec import Importer, TableSpec
from orrery.data.opening import Column, Layout
from orrery.data.tabular import read

LAYOUT = Layout(
    "cow_majors",
    {
        "ccode": Column("ccode", kind="whole"),
        "from": Column("styear", kind="whole"),
        "until": Column("endyear", kind="whole"),
    },
)

MAJORS = TableSpec(
    "major_powers",
    ("iso3", "from"),
    {
        "iso3": "country",
        "from": "first calendar year as a major power, 1946 at the earliest",
        "until": "last calendar year; the source ends in 2016",
    },
    (1946, 2016),
    ("spells",),
)


def read_majors(files: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    """Return `major_powers`, spells cut to the years from 1946."""
    return {"major_powers": runs_by_country(read(LAYOUT, files["spells"]), {"ccode": "iso3"})}


IMPORTER = Importer("cow_majors", (MAJORS,), read_majors)
