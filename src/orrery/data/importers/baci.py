"""BACI, products summed: one row per exporter, importer and year, thousands of current US dollars."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from orrery.data.importers.codes import economies
from orrery.data.importers.spec import Importer, TableSpec
from orrery.data.opening import Column, Layout
from orrery.data.tabular import read

LAYOUT = Layout(
    "baci",
    {
        "exporter": Column("exporter"),
        "importer": Column("importer"),
        "year": Column("year", kind="whole"),
        "value_kusd": Column("value_kusd", kind="number"),
    },
)

TRADE = TableSpec(
    "trade_baci",
    ("exporter", "importer", "year"),
    {
        "exporter": "country or territory that sold",
        "importer": "country or territory that bought",
        "year": "calendar year",
        "value_kusd": "goods, free on board, reports of both sides reconciled, thousands of current US dollars",
    },
    (1995, None),
    ("flows",),
)


def read_trade(files: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    """Return `trade_baci`. A pair of economies without trade in a year has no row."""
    path = files["flows"]
    frame = read(LAYOUT, path)
    codes = {side: economies("baci", path, frame[side]) for side in ("exporter", "importer")}
    return {"trade_baci": frame.assign(**codes)}


IMPORTER = Importer("baci", (TRADE,), read_trade)
