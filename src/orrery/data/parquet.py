"""Tables as Parquet files, compressed with Zstandard, written complete or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from orrery.base.errors import StoreError
from orrery.base.files import writing_file

if TYPE_CHECKING:
    import pandas as pd

SMALL, QUICK = 19, 3
"""Levels of compression: for files that are kept and sent, and for large ones that are made anew at will."""


def write_table(frame: pd.DataFrame, path: Path, *, level: int = SMALL) -> dict[str, str]:
    """Write a table without its index, and return the SQL type of each column; a column of mixed kinds becomes text.

    Args:
        frame: the table.
        path: the file; its folder is made where there is none.
        level: of compression, 1 to 22.

    Raises:
        StoreError: a column cannot be written, or the disk is full.
        OSError: the folder cannot be written to.
    """
    with duckdb.connect() as connection, writing_file(path) as temporary:
        try:
            connection.register("frame", frame)
            form = f"format parquet, compression zstd, compression_level {level:d}"
            connection.execute(f"copy frame to {literal(temporary)} ({form})")
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            raise StoreError(
                f"{path}: {reason}. Columns hold numbers, texts, dates or truth values; make room if the disk is full"
            ) from error
        described = connection.execute(f"describe from read_parquet({literal(temporary)})").fetchall()
    return {name: sql_type for name, sql_type, *_ in described}


@contextmanager
def reading() -> Iterator[Callable[[Path], pd.DataFrame]]:
    """Yield a function that reads whole tables, each file once; what it returns is shared and not to be changed."""
    with duckdb.connect() as connection:

        @cache
        def read(path: Path) -> pd.DataFrame:
            return connection.execute("select * from read_parquet(?)", [str(path)]).df()

        yield read


def read_table(path: Path) -> pd.DataFrame:
    """Read a whole table."""
    with reading() as read:
        return read(path)


def literal(path: Path) -> str:
    """Return a path as a text in SQL."""
    return "'" + str(path).replace("'", "''") + "'"
