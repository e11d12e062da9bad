"""World Bank indicators: one row per economy and year, or the download with one column per year.

Countries come under their iso3, territories under the World Bank's own code (which is ISO's); regions, income classes
and other sums over countries are left out and counted in the notes.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pandas as pd

from orrery.data.importers.codes import economies, note
from orrery.data.importers.spec import Importer, TableSpec
from orrery.data.opening import Column, Layout, form_of
from orrery.data.tabular import read

_HEADER_SEARCH = 10


@dataclass(frozen=True)
class _Indicator:
    """One indicator: its source, table, column and what the column means."""

    source: str
    table: str
    column: str
    meaning: str

    def read(self, files: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
        """Return the table, without empty cells and without sums over countries."""
        path = files["values"]
        long = self._read_wide(path) if self._is_wide(path) else self._read_long(path)
        iso3 = economies(self.source, path, long["code"])
        kept = long.assign(iso3=iso3)[iso3.notna()].drop(columns="code")
        left_out = sorted(long.loc[iso3.isna(), "code"].unique())
        if left_out:
            kept = note(kept, f"{len(left_out)} sums over countries left out: {', '.join(left_out)}")
        return {self.table: kept}

    def _is_wide(self, path: Path) -> bool:
        form_of(self.source, path)
        with path.open(encoding="latin-1", newline="") as stream:
            return any("Indicator Code" in record for record in csv.reader(islice(stream, _HEADER_SEARCH)))

    def _read_long(self, path: Path) -> pd.DataFrame:
        layout = Layout(
            self.source,
            {
                "code": Column("Country Code"),
                "year": Column("Year", kind="whole"),
                self.column: Column("Value", kind="number", blank=True),
            },
        )
        return read(layout, path).dropna(subset=self.column)

    def _read_wide(self, path: Path) -> pd.DataFrame:
        figures = Column(kind="number", blank=True)
        passed_over = {name: Column(name, blank=True) for name in ("Country Name", "Indicator Name", "Indicator Code")}
        layout = Layout(
            self.source, {"code": Column("Country Code"), **passed_over}, rest=figures, header="Country Name"
        )
        wide = read(layout, path).drop(columns=list(passed_over))
        long = wide.reset_index().melt(["row", "code"], var_name="year", value_name=self.column)
        return long.dropna(subset=self.column).astype({"year": "int64"}).set_index("row")

    @property
    def importer(self) -> Importer:
        """The importer of this indicator."""
        columns = {"iso3": "country or territory", "year": "calendar year", self.column: self.meaning}
        return Importer(
            self.source,
            (TableSpec(self.table, ("iso3", "year"), columns, (1960, None), ("values",)),),
            self.read,
        )


IMPORTERS = (
    _Indicator("wb_gdp", "gdp", "gdp_usd", "gross domestic product, current US dollars").importer,
    _Indicator("wb_population", "population", "population", "mid-year population, persons").importer,
)
