"""Regional trade agreements notified to the GATT and the WTO: when each entered into force, and when it ended."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from orrery.base.errors import SourceFormatError
from orrery.data.importers.spec import Importer, TableSpec
from orrery.data.opening import Column, Layout
from orrery.data.tabular import read

COMPOSITIONS = {
    "Bilateral": "bilateral",
    "Plurilateral": "plurilateral",
    "Bilateral; One Party is an RTA": "region and country",
    "Bilateral; All Parties are RTAs": "region and region",
    "Plurilateral; One Party is an RTA": "region and countries",
}

LAYOUT = Layout(
    "wto_rta",
    {
        "agreement": Column("RTA ID", kind="whole"),
        "name": Column("RTA Name"),
        "type": Column("RTA Composition"),
        "accession": Column("Accession?"),
        "status": Column("Status"),
        "signed_goods": Column("Date of Signature (G)", kind="date", blank=True),
        "signed_services": Column("Date of Signature (S)", kind="date", blank=True),
        "begin_goods": Column("Date of Entry into Force (G)", kind="date", blank=True),
        "begin_services": Column("Date of Entry into Force (S)", kind="date", blank=True),
        "end": Column("Inactive Date", kind="date", blank=True),
    },
)

NOTIFIED = TableSpec(
    "trade_agreements_notified",
    ("agreement",),
    {
        "agreement": "the producer's number",
        "name": "its name",
        "type": "bilateral; plurilateral; region and country; region and region; region and countries",
        "accession": "whether it is the accession of a country to an agreement",
        "status": "in the producer's words",
        "signed": "date of signature, the earlier of goods and services",
        "in_force": "date of entry into force, the earlier of goods and services; missing before it",
        "end": "date from which it is no longer in force",
    },
    (1948, None),
    ("agreements",),
    {"type": tuple(COMPOSITIONS.values())},
)


def read_notified(files: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    """Return `trade_agreements_notified`."""
    path = files["agreements"]
    frame = read(LAYOUT, path)
    for column, allowed in (("type", tuple(COMPOSITIONS)), ("accession", ("Yes", "No"))):
        _require(path, frame, ~frame[column].isin(allowed), f"`{column}`: {{}} came, allowed is {' or '.join(allowed)}")
    table = frame.assign(
        type=frame["type"].map(COMPOSITIONS),
        accession=frame["accession"] == "Yes",
        signed=frame[["signed_goods", "signed_services"]].min(axis=1),
        in_force=frame[["begin_goods", "begin_services"]].min(axis=1),
    )
    backward = table["end"] < table["in_force"]
    _require(path, table.assign(type=table["end"]), backward, "it ends ({}) before it enters into force")
    return {"trade_agreements_notified": table[list(NOTIFIED.columns)]}


def _require(path: Path, frame: pd.DataFrame, wrong: pd.Series, problem: str) -> None:
    if wrong.any():
        place = int(np.flatnonzero(wrong.to_numpy(bool))[0])
        text = problem.format(frame["type"].iloc[place])
        raise SourceFormatError("wto_rta", path, text, "Correct the row", int(frame.index[place]))


IMPORTER = Importer("wto_rta", (NOTIFIED,), read_notified)
