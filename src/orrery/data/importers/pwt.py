"""Penn World Table: output at purchasing-power parities."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from orrery.data.importers.codes import economies, note
from orrery.data.importers.spec import Importer, TableSpec
from orrery.data.opening import Column, Layout
from orrery.data.tabular import read

LAYOUT = Layout(
    "pwt",
    {
        "code": Column("isocode"),
        "year": Column("year", kind="whole"),
        "gdp_ppp_musd": Column("cgdpo", kind="number", blank=True),
    },
)

OUTPUT = TableSpec(
    "purchasing_power",
    ("iso3", "year"),
    {
        "iso3": "country or territory",
        "year": "calendar year",
        "gdp_ppp_musd": "output-side real gross domestic product at current PPPs, millions of 2017 US dollars",
    },
    (1950, 2019),
    ("country_years",),
)


def read_output(files: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    """Return `purchasing_power`, without empty cells."""
    path = files["country_years"]
    frame = read(LAYOUT, path).dropna(subset="gdp_ppp_musd")
    iso3 = economies("pwt", path, frame["code"])
    table = frame.assign(iso3=iso3)[iso3.notna()].drop(columns="code")
    left_out = sorted(frame.loc[iso3.isna(), "code"].unique())
    return {"purchasing_power": note(table, f"left out: {', '.join(left_out)}") if left_out else table}


IMPORTER = Importer("pwt", (OUTPUT,), read_output)
