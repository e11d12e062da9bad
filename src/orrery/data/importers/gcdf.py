"""AidData's Global Chinese Development Finance, summed by recipient and year.

Amounts are commitments in constant US dollars of 2021. The producer gives each twice: as recorded, and adjusted so
that lending which rolls over or refinances earlier lending is not counted again. The adjusted figure is the main one.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from orrery.data.importers.codes import with_iso3
from orrery.data.importers.spec import Importer, TableSpec
from orrery.data.opening import Column, Layout
from orrery.data.tabular import read

FLOWS = {
    "oda": ("oda", "official development assistance"),
    "other_official": ("oof", "other official flows"),
    "vague": ("vof", "official flows too vague to be told apart"),
}
UNIT = "constant 2021 US dollars"

LAYOUT = Layout(
    "gcdf",
    {
        "ccode": Column("ccode", kind="whole"),
        "year": Column("year", kind="whole"),
        **{f"{name}_usd": Column(f"{short}_adj", kind="number") for name, (short, _) in FLOWS.items()},
        **{f"{name}_recorded_usd": Column(f"{short}_amt", kind="number") for name, (short, _) in FLOWS.items()},
    },
)

FINANCE = TableSpec(
    "development_finance",
    ("donor", "recipient", "year"),
    {
        "donor": "country that committed the finance: always CHN",
        "recipient": "country",
        "year": "calendar year of the commitment",
        **{f"{name}_usd": f"{meaning}, adjusted, {UNIT}" for name, (_, meaning) in FLOWS.items()},
        **{f"{name}_recorded_usd": f"{meaning}, as recorded, {UNIT}" for name, (_, meaning) in FLOWS.items()},
    },
    (2000, 2021),
    ("recipient_years",),
)


def read_finance(files: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    """Return `development_finance`."""
    path = files["recipient_years"]
    frame = with_iso3("gcdf", path, read(LAYOUT, path), {"ccode": "recipient"})
    return {"development_finance": frame.assign(donor="CHN")}


IMPORTER = Importer("gcdf", (FINANCE,), read_finance)
