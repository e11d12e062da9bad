"""Tables for tests: written down in the test, or read from the producers' files."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from orrery.data.importers import read_source
from orrery.data.sources import source


class GivenTables:
    """Tables by name."""

    def __init__(self, **tables: pd.DataFrame) -> None:
        self.tables = tables

    def read(self, table: str) -> pd.DataFrame:
        return self.tables[table]


class PublishedTables(GivenTables):
    """The tables of some sources, from the producers' files."""

    def __init__(self, folder: Path, *keys: str) -> None:
        super().__init__()
        for key in keys:
            files = {file.role: next(folder.rglob(file.patterns[0])) for file in source(key).files}
            self.tables |= read_source(key, files)
