"""Three measures of democracy by COW country number and year."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from orrery.data.importers.codes import FIRST_YEAR, from_1946, with_iso3
from orrery.data.importers.spec import Importer, TableSpec
from orrery.data.opening import Column, Layout
from orrery.data.tabular import read

FIGURES = {
    "polyarchy": ("v2x_polyarchy", "V-Dem index of electoral democracy, 0 to 1"),
    "polity2": ("polity2", "Polity score, -10 (autocracy) to 10 (democracy)"),
    "uds": ("euds", "extended Unified Democracy Score, in standard deviations"),
    "uds_adjusted": ("aeuds", "the same, with 0 at the threshold of democracy"),
}

LAYOUT = Layout(
    "cw_democracy",
    {
        "ccode": Column("ccode", kind="whole"),
        "year": Column("year", kind="whole"),
        **{name: Column(published, kind="number", blank=True) for name, (published, _) in FIGURES.items()},
    },
)

DEMOCRACY = TableSpec(
    "democracy",
    ("iso3", "year"),
    {"iso3": "country", "year": "calendar year", **{name: meaning for name, (_, meaning) in FIGURES.items()}},
    (FIRST_YEAR, None),
    ("country_years",),
)


def read_democracy(files: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    """Return `democracy`, from 1946 on, without rows in which every measure is missing."""
    path = files["country_years"]
    frame = from_1946(read(LAYOUT, path)).dropna(subset=list(FIGURES), how="all")
    return {"democracy": with_iso3("cw_democracy", path, frame, {"ccode": "iso3"})}


IMPORTER = Importer("cw_democracy", (DEMOCRACY,), read_democracy)
