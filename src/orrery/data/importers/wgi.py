"""Worldwide Governance Indicators: one worksheet per indicator, six columns per year below a header of two lines.

The line of years and the line of labels are found by what they hold, because some worksheets repeat them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd

from orrery.base.errors import SourceFormatError
from orrery.data.importers.codes import economies
from orrery.data.importers.spec import Importer, TableSpec
from orrery.data.opening import Column, Layout, Records, worksheet_rows
from orrery.data.tabular import from_records

WORKSHEETS = {
    "VoiceandAccountability": "voice_and_accountability",
    "Political StabilityNoViolence": "political_stability",
    "GovernmentEffectiveness": "government_effectiveness",
    "RegulatoryQuality": "regulatory_quality",
    "RuleofLaw": "rule_of_law",
    "ControlofCorruption": "control_of_corruption",
}
FIGURES = {
    "estimate": ("Estimate", "estimate, in standard deviations, about -2.5 to 2.5"),
    "standard_error": ("StdErr", "standard error of the estimate"),
    "n_sources": ("NumSrc", "number of sources behind the estimate"),
    "rank": ("Rank", "percentile rank among all countries, 0 to 100"),
    "lower": ("Lower", "lower end of the 90 % interval of the rank"),
    "upper": ("Upper", "upper end of the 90 % interval of the rank"),
}

LAYOUT = Layout(
    "wgi",
    {
        "code": Column("Code"),
        "year": Column("year", kind="whole"),
        **{name: Column(label, kind="number", missing=["#N/A"], blank=True) for name, (label, _) in FIGURES.items()},
    },
)

GOVERNANCE = TableSpec(
    "governance",
    ("iso3", "year", "indicator"),
    {
        "iso3": "country or territory",
        "year": "calendar year",
        "indicator": "which of the six",
        **{name: meaning for name, (_, meaning) in FIGURES.items()},
    },
    (1996, None),
    ("workbook",),
    {"indicator": tuple(WORKSHEETS.values())},
)


def read_governance(files: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    """Return `governance`, without the country-years that have no estimate."""
    path = files["workbook"]
    tables = []
    for worksheet, indicator in WORKSHEETS.items():
        layout = replace(LAYOUT, worksheet=worksheet)
        table = from_records(layout, path, _long_records(layout, path)).dropna(subset="estimate")
        iso3 = economies("wgi", path, table["code"])
        tables.append(table.drop(columns="code").assign(iso3=iso3, indicator=indicator))
    return {"governance": pd.concat(tables)}


def _long_records(layout: Layout, path: Path) -> Records:
    """Return one record per economy and year of a worksheet."""
    rows = worksheet_rows(layout, path)
    labels = {label for label, _ in FIGURES.values()}
    label_line = _last_line(layout, path, rows, lambda cells: set(cells) <= labels, "Estimate, StdErr, ...")
    year_line = _last_line(layout, path, rows, lambda cells: all(map(_is_year, cells)), "years")
    code_at = rows[label_line].index("Code") if "Code" in rows[label_line] else 1
    places: dict[str, dict[str, int]] = {}
    for place in range(2, len(rows[label_line])):
        places.setdefault(rows[year_line][place], {})[rows[label_line][place]] = place
    first = max(label_line, year_line) + 1
    names = [label for label, _ in FIGURES.values()]
    found = [
        (number, [row[code_at], year, *(row[at[name]] if name in at else "" for name in names)])
        for number, row in enumerate(rows[first:], first + 1)
        for year, at in places.items()
        if any(row)
    ]
    return Records(("Code", "year", *names), [cells for _, cells in found], [number for number, _ in found])


def _is_year(cell: str) -> bool:
    return cell.isdigit() and len(cell) == 4


def _last_line(layout: Layout, path: Path, rows: list[list[str]], fits, holding: str) -> int:
    found = [place for place, row in enumerate(rows[:40]) if len(row) > 2 and row[2] and fits(row[2:])]
    if not found:
        problem = f"worksheet `{layout.worksheet}` has no header line with {holding} from the third column on"
        raise SourceFormatError(
            "wgi", path, problem, "It may be another edition; get the one in `orrery data show wgi`"
        )
    return found[-1]


IMPORTER = Importer("wgi", (GOVERNANCE,), read_governance)
