"""COW Trade: two flows per pair of countries and year, in millions of current US dollars.

The published file lists each pair once; a directed copy of it lists each pair both ways, with the flows swapped. Both
are read to one row per exporter, importer and year. An observed flow of zero is kept; a missing one gives no row.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from orrery.data.importers.codes import FIRST_YEAR, from_1946, note, with_iso3
from orrery.data.importers.spec import Importer, TableSpec
from orrery.data.opening import Column, Layout
from orrery.data.tabular import read

LAYOUT = Layout(
    "cow_trade",
    {
        "ccode1": Column("ccode1", kind="whole"),
        "ccode2": Column("ccode2", kind="whole"),
        "year": Column("year", kind="whole"),
        "flow1": Column("flow1", kind="number", missing=["-9"], blank=True),
        "flow2": Column("flow2", kind="number", missing=["-9"], blank=True),
    },
)

TRADE = TableSpec(
    "trade_cow",
    ("exporter", "importer", "year"),
    {
        "exporter": "country that sold",
        "importer": "country that bought",
        "year": "calendar year",
        "value_musd": "imports as reported, millions of current US dollars",
    },
    (FIRST_YEAR, 2014),
    ("dyad_years",),
)


def read_trade(files: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    """Return `trade_cow`, from 1946 on."""
    path = files["dyad_years"]
    frame = with_iso3("cow_trade", path, from_1946(read(LAYOUT, path)), {"ccode1": "first", "ccode2": "second"})
    notes = frame.attrs.get("notes", ())
    flows = frame.rename(columns={"first": "importer", "second": "exporter", "flow1": "value_musd"})
    if not _lists_both_ways(frame):
        reverse = frame.rename(columns={"first": "exporter", "second": "importer", "flow2": "value_musd"})
        flows = pd.concat([flows.drop(columns="flow2"), reverse.drop(columns="flow1")])
    flows = flows[["exporter", "importer", "year", "value_musd"]]
    observed = flows.dropna(subset="value_musd")
    observed.attrs["notes"] = notes
    return {"trade_cow": note(observed, f"{len(flows) - len(observed):,} missing flows give no row")}


def _lists_both_ways(frame: pd.DataFrame) -> bool:
    """Tell whether the first pair of the file stands there in the other order too."""
    first = frame.iloc[0]
    reverse = (frame["first"] == first["second"]) & (frame["second"] == first["first"])
    return bool((reverse & (frame["year"] == first["year"])).any())


IMPORTER = Importer("cow_trade", (TRADE,), read_trade)
