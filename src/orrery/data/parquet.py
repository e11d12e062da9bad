"""Tables as Parquet files, compressed with Zstandard, written complete or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from orrery.base.files import writing_file

if TYPE_CHECKING:
    import pandas as pd


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a table without its index."""
    with duckdb.connect() as connection, writing_file(path) as temporary:
        connection.register("frame", frame)
        quoted = str(temporary).replace("'", "''")
        connection.execute(f"copy frame to '{quoted}' (format parquet, compression zstd, compression_level 19)")


def read_table(path: Path) -> pd.DataFrame:
    """Read a whole table."""
    with duckdb.connect() as connection:
        return connection.execute("select * from read_parquet(?)", [str(path)]).df()
