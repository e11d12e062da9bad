"""Reading producers' files, with errors that name the file, the row and what to do.

A `Layout` says which columns a file must have and what each may hold. `read` has the file looked at (`opening`), lets
DuckDB read and convert it, and names the first row that is not as promised. The result is indexed by the row of the
file, so that everything found later can still be traced to its place.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from orrery.base.errors import SourceFormatError
from orrery.data.opening import (
    CORRECT_ROW,
    DOWNLOAD_AGAIN,
    OTHER_VERSION,
    Column,
    Kind,
    Layout,
    Records,
    csv_records,
    encoding_of,
    form_of,
    lines_above_header,
    read_worksheet,
    refusal,
)

ROW = "row"
"""Name of the index: the row of the file, counted from 1 with the header included."""

_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_NUMERIC = ("DOUBLE", "FLOAT", "TINYINT", "SMALLINT", "INTEGER", "BIGINT")
_DATE_FORMATS = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%m/%d/%Y")


def read(layout: Layout, path: Path) -> pd.DataFrame:
    """Return the wanted columns of a Parquet, CSV or XLSX file, indexed by the row of the file.

    Whole numbers come as `int64` (`Int64` where some are missing), flags as `boolean`, numbers as `float64`.

    Raises:
        SourceFormatError: the file is not as the layout says.
    """
    form = form_of(layout.source, path)
    if form == "xlsx":
        return from_records(layout, path, read_worksheet(layout, path))
    if form == "csv" and encoding_of(layout, path) == "latin-1":
        # DuckDB refuses the bytes that Windows-1252 adds to Latin-1, such as its apostrophe.
        return from_records(layout, path, _even_records(layout, path))
    with duckdb.connect() as connection:
        scan = _scan_parquet if form == "parquet" else _scan_csv
        return _convert(connection, layout, path, scan(connection, layout, path))


def _even_records(layout: Layout, path: Path) -> Records:
    """Return the records of a CSV file, each with as many cells as the header."""
    found = list(csv_records(layout, path))
    header = found[0][1]
    uneven = [(row, len(cells)) for row, cells in found[1:] if len(cells) != len(header)]
    if uneven:
        row, cells = uneven[0]
        if row == found[-1][0]:
            problem = f"the last row has {cells} cells instead of {len(header)}: the file is cut short"
            raise refusal(layout, path, problem, DOWNLOAD_AGAIN, row)
        raise refusal(layout, path, f"the row has {cells} cells, the header {len(header)}", CORRECT_ROW, row)
    return Records(tuple(header), [cells for _, cells in found[1:]], [row for row, _ in found[1:]])


def from_records(layout: Layout, path: Path, records: Records) -> pd.DataFrame:
    """Return the wanted columns of records already read, checked and converted like those of a file."""
    columns = {f"c{place}": cells for place, cells in enumerate(zip(*records.rows, strict=True))}
    if not columns:
        raise refusal(layout, path, "it has column names and no rows", DOWNLOAD_AGAIN)
    frame = pd.DataFrame({name: pd.Series(cells, dtype=object) for name, cells in columns.items()})
    with duckdb.connect() as connection:
        connection.register("scanned", frame.assign(record=np.arange(len(frame))))
        connection.execute("CREATE VIEW numbered AS FROM scanned")
        scan = _Scan(records.header, lambda _: np.asarray(records.numbers, np.int64))
        return _convert(connection, layout, path, scan)


@dataclass(frozen=True)
class _Scan:
    """A file opened as the view `numbered`: its header, and the row of each of its records, given how many they are."""

    header: Sequence[str]
    file_rows: Callable[[int], np.ndarray]


def _scan_parquet(connection: duckdb.DuckDBPyConnection, layout: Layout, path: Path) -> _Scan:
    """Open a Parquet file; its first row is row 1."""
    try:
        connection.execute(f"CREATE VIEW scanned AS FROM read_parquet({_quoted_text(path)}, file_row_number = true)")
        header = [name for name, *_ in connection.execute("DESCRIBE scanned").fetchall()][:-1]
    except duckdb.Error as error:
        raise refusal(layout, path, f"it cannot be read as Parquet ({_first_line(error)})", DOWNLOAD_AGAIN) from error
    places = ", ".join(f"{_quoted_name(name)} AS c{place}" for place, name in enumerate(header))
    connection.execute(f"CREATE VIEW numbered AS SELECT {places}, file_row_number AS record FROM scanned")
    return _Scan(header, lambda records: np.arange(1, records + 1))


def _scan_csv(connection: duckdb.DuckDBPyConnection, layout: Layout, path: Path) -> _Scan:
    """Open a CSV file."""
    encoding = encoding_of(layout, path)
    skipped = lines_above_header(layout, path, encoding)
    _require_delimiter(layout, path, encoding, skipped)
    _, header = next(csv_records(layout, path))
    types = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(header)))
    connection.execute(
        f"CREATE VIEW scanned AS FROM read_csv({_quoted_text(path)}, columns = {{{types}}}, auto_detect = false, "
        f"header = false, skip = {skipped + 1}, delim = '{layout.delimiter}', quote = '\"', escape = '\"', "
        f"null_padding = false, encoding = '{encoding.removesuffix('-sig')}')"
    )
    connection.execute("CREATE VIEW numbered AS SELECT *, row_number() OVER () - 1 AS record FROM scanned")
    return _Scan(header, lambda records: _csv_rows(layout, path, records, skipped + 2))


def _require_delimiter(layout: Layout, path: Path, encoding: str, skipped: int) -> None:
    """Refuse a file whose header holds the wanted columns only when split at another delimiter."""
    with path.open(encoding=encoding, newline="") as stream:
        line = next(islice(stream, skipped, None))
    found = {mark: len(_present(layout, next(csv.reader([line], delimiter=mark)))) for mark in _DELIMITERS}
    best = max(found, key=lambda mark: found[mark])
    if found[best] > max(found[layout.delimiter], 1):
        problem = f"its columns are separated by {_DELIMITERS[best]}, not by {_DELIMITERS[layout.delimiter]}"
        raise refusal(layout, path, problem, f"Save it with {_DELIMITERS[layout.delimiter]}", skipped + 1)


def _present(layout: Layout, header: Sequence[str]) -> dict[str, int]:
    """Return the place in the header of each wanted column that is there."""
    places = {name.strip().casefold(): place for place, name in reversed(list(enumerate(header)))}
    found = {
        wanted: next((places[name.casefold()] for name in column.names if name.casefold() in places), None)
        for wanted, column in layout.columns.items()
    }
    return {wanted: place for wanted, place in found.items() if place is not None}


def _places(layout: Layout, path: Path, header: Sequence[str]) -> dict[str, int]:
    """Return the place of every column to read, or say which ones are missing."""
    places = _present(layout, header)
    lacking = [column for name, column in layout.columns.items() if name not in places and not column.absent]
    if lacking:
        names = ", ".join(f"`{' or '.join(column.names)}`" for column in lacking)
        listed = ", ".join(name.strip() for name in header[:30]) + (", ..." if len(header) > 30 else "")
        raise refusal(layout, path, f"it lacks the column {names}; it has {listed}", OTHER_VERSION)
    if layout.rest is not None:
        taken = set(places.values())
        places |= {name.strip(): place for place, name in enumerate(header) if place not in taken and name.strip()}
    return places


def _convert(connection: duckdb.DuckDBPyConnection, layout: Layout, path: Path, scan: _Scan) -> pd.DataFrame:
    """Return the wanted columns of the view `numbered`, converted and indexed by row of the file."""
    places = _places(layout, path, scan.header)
    columns = {name: layout.columns.get(name, layout.rest) for name in places}
    try:
        wanted = ", ".join(f"c{place}" for place in dict.fromkeys(places.values()))
        connection.execute(f"CREATE TEMP TABLE cells AS SELECT {wanted}, record FROM numbered")
    except duckdb.Error as error:
        raise _cut_or_ragged(layout, path, error) from error
    types = dict(connection.execute("SELECT column_name, column_type FROM (DESCRIBE cells)").fetchall())
    fields = {
        name: _Field.of(column, f"c{places[name]}", types[f"c{places[name]}"])
        for name, column in columns.items()
        if column is not None
    }
    chosen = ", ".join(f"{item.value} AS {_quoted_name(name)}" for name, item in fields.items())
    frame = connection.execute(f"SELECT {chosen} FROM cells ORDER BY record").df()
    if frame.empty:
        raise refusal(layout, path, "it has column names and no rows", DOWNLOAD_AGAIN)
    for name, item in fields.items():
        if item.parse_dates:
            frame[name] = _dates(frame[name])
        if frame[name].isna().any():
            wrong = _first_wrong(connection, item, np.flatnonzero(frame[name].isna()))
            if wrong is not None:
                row = int(scan.file_rows(len(frame))[wrong.record])
                raise refusal(layout, path, wrong.problem(name, item.column), CORRECT_ROW, row)
    frame.index = pd.Index(scan.file_rows(len(frame)), name=ROW)
    kinds = {name: column.kind for name, column in {**columns, **layout.columns}.items() if column is not None}
    lacking = {name: None for name in kinds if name not in frame}
    frame = frame.assign(**lacking)
    return frame.astype({name: _dtype(frame[name], kind) for name, kind in kinds.items()})


def _dtype(values: pd.Series, kind: Kind) -> str:
    whole = "Int64" if values.isna().any() else "int64"
    return {"text": "str", "number": "float64", "whole": whole, "flag": "boolean", "date": "datetime64[us]"}[kind]


@dataclass(frozen=True)
class _Field:
    """A column in SQL: its value (`NULL` where it has none), the entry as it is, and whether that means "not known"."""

    value: str
    entry: str
    gap: str
    column: Column
    parse_dates: bool

    @classmethod
    def of(cls, column: Column, cell: str, sql_type: str) -> _Field:
        text = sql_type == "VARCHAR"
        entry = f"trim({cell})" if text else f"CAST({cell} AS VARCHAR)"
        gap = _gap(cell, entry, sql_type, column.missing)
        value = f"CASE WHEN NOT {gap} THEN {_converted(column.kind, cell, entry, sql_type)} END"
        return cls(value, entry, gap, column, text and column.kind == "date")


def _gap(cell: str, entry: str, sql_type: str, missing: Sequence[str]) -> str:
    """Return the SQL of whether a cell is empty or holds a mark for "not known"."""
    if sql_type == "VARCHAR":
        return f"({cell} IS NULL OR {entry} IN ({', '.join(_quoted_text(mark) for mark in ('', *missing))}))"
    tests = [f"{cell} IS NULL"]
    if sql_type in _NUMERIC:
        tests += [f"{cell} = {mark}" for mark in missing if mark.removeprefix("-").isdigit()]
    if sql_type in ("DOUBLE", "FLOAT"):
        tests.append(f"isnan({cell})")
    return f"({' OR '.join(tests)})"


def _converted(kind: Kind, cell: str, entry: str, sql_type: str) -> str:
    """Return the SQL of a cell as what it should be, `NULL` where it is not that; dates in text stay text."""
    text = sql_type == "VARCHAR"
    if kind == "text" or (kind == "date" and text):
        return entry
    if kind == "date":
        return f"TRY_CAST({cell} AS TIMESTAMP)"
    number = f"TRY_CAST({entry if text else cell} AS DOUBLE)"
    if kind == "flag":
        return f"CASE {number} WHEN 0 THEN false WHEN 1 THEN true END"
    if kind == "number":
        return f"CASE WHEN isfinite({number}) THEN {number} END"
    return f"CASE WHEN {number} = floor({number}) AND abs({number}) < 1e15 THEN CAST({number} AS BIGINT) END"


def _dates(entries: pd.Series) -> pd.Series:
    """Return the dates of a column of text, missing where an entry is none; each different entry is parsed once."""
    codes, texts = pd.factorize(entries)
    parsed = np.array([_date(text) for text in texts] + [np.datetime64("NaT")], "datetime64[us]")
    return pd.Series(parsed[codes], entries.index)


def _date(text: str) -> np.datetime64:
    for form in _DATE_FORMATS:
        try:
            return np.datetime64(datetime.strptime(text, form), "us")
        except ValueError:
            continue
    return np.datetime64("NaT", "us")


_EXPECTED = {
    "number": "a number",
    "whole": "a whole number",
    "flag": "0 or 1",
    "date": "a date such as 2022-03-02",
}


@dataclass(frozen=True)
class _Wrong:
    """A cell that is not as it may be."""

    record: int
    entry: str
    empty: bool

    def problem(self, name: str, column: Column) -> str:
        label = f"column `{column.names[0] if column.names else name}`"
        if self.empty:
            return f"{label} is empty; every row must have a value there"
        nothing = f" or nothing{''.join(f' or `{mark}`' for mark in column.missing)}" if column.blank else ""
        return f"{label} holds `{self.entry}`, allowed is {_EXPECTED[column.kind]}{nothing}"


def _first_wrong(connection: duckdb.DuckDBPyConnection, item: _Field, without: np.ndarray) -> _Wrong | None:
    """Return the first of the records without a value whose cell is not empty, or is and may not be."""
    connection.register("without", pd.DataFrame({"record": without}))
    fault = f"NOT {item.gap}" if item.column.blank else "true"
    query = f"SELECT record, {item.entry}, {item.gap} FROM cells SEMI JOIN without USING (record) WHERE {fault}"
    found = connection.execute(f"{query} ORDER BY record LIMIT 1").fetchall()
    connection.unregister("without")
    return _Wrong(*found[0]) if found else None


def _csv_rows(layout: Layout, path: Path, records: int, first_row: int) -> np.ndarray:
    """Return the row of the file where each record starts; where quoted cells hold line ends, they are counted."""
    with path.open("rb") as stream:
        lines = sum(block.count(b"\n") for block in iter(lambda: stream.read(1 << 22), b""))
        stream.seek(-1, 2)
        lines += stream.read(1) != b"\n"
    if lines == records + first_row - 1:
        return np.arange(first_row, first_row + records)
    return np.fromiter((row for row, _ in islice(csv_records(layout, path), 1, None)), np.int64, records)


def _cut_or_ragged(layout: Layout, path: Path, error: duckdb.Error) -> SourceFormatError:
    """Say which record of a CSV file has too few or too many cells."""
    records = csv_records(layout, path)
    _, header = next(records)
    last: tuple[int, int] | None = None
    for row, record in records:
        if last is not None:
            break
        if len(record) != len(header):
            last = row, len(record)
    else:
        if last is not None:
            problem = f"the last row has {last[1]} cells instead of {len(header)}: the file is cut short"
            return refusal(layout, path, problem, DOWNLOAD_AGAIN, last[0])
        near = re.search(r"Line: (\d+)", str(error))
        problem = (
            "it cannot be read as CSV: a quotation mark is never closed or stands inside a cell, or its end is cut"
        )
        return refusal(layout, path, problem, DOWNLOAD_AGAIN, int(near[1]) if near else None)
    assert last is not None  # the loop was left because of it
    problem = f"the row has {last[1]} cells, the header {len(header)}"
    return refusal(layout, path, problem, CORRECT_ROW, last[0])


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


def _quoted_name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _quoted_text(text: object) -> str:
    return "'" + str(text).replace("'", "''") + "'"
