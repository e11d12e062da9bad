"""Global Sanctions Data Base: one row per case, with lists of targets and senders by name.

A case becomes one row per target and sender as named. Where a name is that of a country its iso3 stands beside it;
blocs, organisations and groups keep their name alone, with their kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from orrery.base.errors import CountryCodeError, SourceFormatError
from orrery.data import countries
from orrery.data.importers.codes import known_names
from orrery.data.importers.spec import Importer, TableSpec
from orrery.data.opening import Column, Layout
from orrery.data.tabular import read

MEASURES = ("trade", "arms", "military", "financial", "travel", "other")

LAYOUT = Layout(
    "gsdb",
    {
        "case_id": Column("case_id", kind="whole"),
        "targets": Column("sanctioned_state"),
        "senders": Column("sanctioning_state"),
        "begin": Column("begin", kind="whole"),
        "end": Column("end", kind="whole"),
        **{name: Column(name, kind="flag") for name in MEASURES},
        "objective": Column("objective"),
        "success": Column("success"),
    },
)

SANCTIONS = TableSpec(
    "sanctions",
    ("case_id", "target_name", "sender_name"),
    {
        "case_id": "the producer's number of the case",
        "target": "country under sanction, missing where the name is not that of a country",
        "target_name": "target as named by the producer",
        "target_kind": "what the name is that of: country, organisation, aggregate, territory, group, ...",
        "sender": "country imposing the sanction, missing where the name is not that of a country",
        "sender_name": "sender as named by the producer",
        "sender_kind": "what the name is that of",
        "begin": "first calendar year",
        "end": "last calendar year; 2022 where it went on",
        **{name: f"whether {name} was restricted" for name in MEASURES[:-1]},
        "other": "whether anything else was restricted",
        "objective": "objectives, comma-separated, in the producer's words",
        "success": "outcome for each objective, in the producer's words",
    },
    (1949, None),
    ("cases",),
)


def read_sanctions(files: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    """Return `sanctions`."""
    path = files["cases"]
    cases = read(LAYOUT, path)
    _require_order(path, cases)
    _require_once(path, cases)
    for side, lists in (("target", "targets"), ("sender", "senders")):
        cases[f"{side}_name"] = [
            _split(path, row, lists, text) for row, text in zip(cases.index.tolist(), cases[lists], strict=True)
        ]
        cases = cases.drop(columns=lists).explode(f"{side}_name").astype({f"{side}_name": "str"})
        known = known_names("gsdb", path, cases[f"{side}_name"])
        cases[side], cases[f"{side}_kind"] = known["iso3"].to_numpy(), known["kind"].to_numpy()
    return {"sanctions": cases}


def _split(path: Path, row: int, column: str, text: str) -> tuple[str, ...]:
    try:
        return countries.split_names(text)
    except CountryCodeError as error:
        problem = f"column `{LAYOUT.columns[column].names[0]}`: {error}".rstrip(".")
        raise SourceFormatError("gsdb", path, problem, "Then import again", row) from error


def _require_order(path: Path, cases: pd.DataFrame) -> None:
    wrong = cases[(cases["begin"] > cases["end"]) | (cases["begin"] < SANCTIONS.years[0])]
    if len(wrong):
        first = wrong.iloc[0]
        problem = f"the case begins in {first['begin']} and ends in {first['end']}, allowed is from 1949 on, in order"
        raise SourceFormatError("gsdb", path, problem, "Correct the row", int(wrong.index[0]))


def _require_once(path: Path, cases: pd.DataFrame) -> None:
    repeated = cases[cases["case_id"].duplicated()]
    if len(repeated):
        problem = f"case_id {repeated['case_id'].iloc[0]} stands in the file twice"
        raise SourceFormatError("gsdb", path, problem, "Delete the wrong row", int(repeated.index[0]))


IMPORTER = Importer("gsdb", (SANCTIONS,), read_sanctions)
