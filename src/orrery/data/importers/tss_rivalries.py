"""Strategic rivalries (Thompson, Sakuwa and Suhas): one row per rivalry, first and last year."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from orrery.data.importers.codes import runs_by_country
from orrery.data.importers.spec import Importer, TableSpec
from orrery.data.opening import Column, Layout
from orrery.data.tabular import read

TYPES = {
    "positional": "whether it is about rank",
    "spatial": "whether it is about territory",
    "ideological": "whether it is about ideas of order",
    "interventionary": "whether it is about meddling in each other's affairs",
    "principal": "whether each is the other's main rival",
}

LAYOUT = Layout(
    "tss_rivalries",
    {
        "rivalry": Column("tssr_id", kind="whole"),
        "name": Column("rivalry"),
        "ccode1": Column("ccode1", kind="whole"),
        "ccode2": Column("ccode2", kind="whole"),
        "from": Column("start", kind="whole"),
        "until": Column("end", kind="whole"),
        **{name: Column(name, kind="flag", blank=True) for name in TYPES},
    },
)

RIVALRIES = TableSpec(
    "strategic_rivalries",
    ("rivalry", "from"),
    {
        "rivalry": "the producer's number of the rivalry",
        "name": "its name",
        "iso3": "country",
        "partner": "country; the pair stands there once",
        "from": "first calendar year, 1946 at the earliest",
        "until": "last calendar year; the source ends in 2020",
        **TYPES,
    },
    (1946, 2020),
    ("rivalries",),
)


def read_rivalries(files: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    """Return `strategic_rivalries`, cut to the years from 1946 in which both are in the state system.

    The producer marks only the types that hold; an empty cell means that the type does not.
    """
    frame = read(LAYOUT, files["rivalries"])
    frame = frame.assign(**{name: frame[name].fillna(False) for name in TYPES})
    return {"strategic_rivalries": runs_by_country(frame, {"ccode1": "iso3", "ccode2": "partner"})}


IMPORTER = Importer("tss_rivalries", (RIVALRIES,), read_rivalries)
