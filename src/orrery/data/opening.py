"""Opening producers' files: what a file must look like, what it is, and its records as text.

Everything that can be told from the bytes is told first: whether the file is there, empty, a web page, cut short, in
another encoding or without its header.
"""

from __future__ import annotations

import codecs
import csv
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Literal

from orrery.base.errors import SourceFormatError

Kind = Literal["text", "number", "whole", "flag", "date"]

DOWNLOAD_AGAIN = "Download it again and add the new copy"
CORRECT_ROW = "Correct the row, or download the file again"
OTHER_VERSION = "It may be another version or another file; `orrery data show` says which one is meant"
_HEADER_SEARCH = 40


@dataclass(frozen=True)
class Column:
    """What a column of a file may hold.

    Args:
        *names: the names it goes by in the header, upper or lower case.
        kind: text, number, whole number, flag (0 or 1), or date.
        missing: the entries, besides an empty one, that stand for "not known".
        blank: whether a value may be missing.
        absent: whether the whole column may be, in some versions of the file; it is then read as missing.
    """

    names: tuple[str, ...]
    kind: Kind
    missing: tuple[str, ...]
    blank: bool
    absent: bool

    def __init__(
        self, *names: str, kind: Kind = "text", missing: Sequence[str] = (), blank: bool = False, absent: bool = False
    ) -> None:
        values = {"names": names, "kind": kind, "missing": tuple(missing), "blank": blank or absent, "absent": absent}
        for name, value in values.items():
            object.__setattr__(self, name, value)


@dataclass(frozen=True)
class Layout:
    """What a file of a source looks like.

    Attributes:
        source: key of the source.
        columns: our name of each wanted column, and what it may hold.
        rest: what every other column may hold, under its own name; without it they are passed over.
        encoding: `"utf-8"`, or `"latin-1"` for files of which some are and some are UTF-8.
        delimiter: of CSV files.
        header: the first cell of the header line, where lines of other text stand above it.
        worksheet: of XLSX files; the first one, if not named.
    """

    source: str
    columns: Mapping[str, Column]
    rest: Column | None = None
    encoding: Literal["utf-8", "latin-1"] = "utf-8"
    delimiter: str = ","
    header: str | None = None
    worksheet: str | None = None


@dataclass(frozen=True)
class Records:
    """The cells of a file as text, below its header, each record with the row where it starts."""

    header: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    numbers: Sequence[int] = field(repr=False)


def form_of(source: str, path: Path) -> Literal["parquet", "xlsx", "csv"]:
    """Tell what a file is from its first and last bytes.

    Raises:
        SourceFormatError: it cannot be read, is empty, is a web page, or lacks its end.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(4096)
            size = stream.seek(0, 2)
            stream.seek(max(size - 4, 0))
            tail = stream.read(4)
    except OSError as error:
        advice = "Name a file that exists and that this user may read"
        raise SourceFormatError(source, path, f"it cannot be opened ({error.strerror})", advice) from error
    if not head.strip():
        raise SourceFormatError(source, path, "it is empty", DOWNLOAD_AGAIN)
    text = head.lstrip(codecs.BOM_UTF8).lstrip().lower()
    if text.startswith((b"<!doctype html", b"<html", b"<?xml")) or b"<html" in text[:1024]:
        advice = "Open the address in a browser, save the data file itself, and add that"
        raise SourceFormatError(source, path, "it is a web page, not data: an error page saved under its name", advice)
    if head.startswith(b"PAR1") or path.suffix == ".parquet":
        if not (head.startswith(b"PAR1") and tail == b"PAR1" and size > 8):
            raise SourceFormatError(source, path, "it is cut short or is no Parquet file", DOWNLOAD_AGAIN)
        return "parquet"
    if head.startswith(b"PK") or path.suffix == ".xlsx":
        if not zipfile.is_zipfile(path):
            raise SourceFormatError(source, path, "it is cut short or is no XLSX workbook", DOWNLOAD_AGAIN)
        return "xlsx"
    return "csv"


def read_worksheet(layout: Layout, path: Path) -> Records:
    """Return the cells of a worksheet as text; the header is its first row.

    Raises:
        SourceFormatError: the workbook cannot be read or has no such worksheet.
    """
    rows = worksheet_rows(layout, path)
    if not rows:
        raise refusal(layout, path, "its worksheet is empty", DOWNLOAD_AGAIN)
    return Records(tuple(rows[0]), rows[1:], range(2, len(rows) + 1))


def worksheet_rows(layout: Layout, path: Path) -> list[list[str]]:
    """Return every row of a worksheet as text, whole numbers without a decimal point.

    Raises:
        SourceFormatError: the workbook cannot be read or has no such worksheet.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        workbook = CalamineWorkbook.from_path(path)
        name = layout.worksheet or workbook.sheet_names[0]
        if name not in workbook.sheet_names:
            found = ", ".join(workbook.sheet_names)
            raise refusal(layout, path, f"it has no worksheet `{name}`, only {found}", OTHER_VERSION)
        return [[_cell_text(cell) for cell in row] for row in workbook.get_sheet_by_name(name).to_python()]
    except (CalamineError, zipfile.BadZipFile, OSError) as error:
        raise refusal(layout, path, f"it cannot be read as a workbook ({error})", DOWNLOAD_AGAIN) from error


def csv_records(layout: Layout, path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield each record of a CSV file from the header on, with the row of the file where it starts."""
    encoding = encoding_of(layout, path)
    with path.open(encoding=encoding, newline="") as stream:
        reader = csv.reader(stream, delimiter=layout.delimiter)
        skipped = lines_above_header(layout, path, encoding)
        for _ in islice(stream, skipped):
            pass
        start = skipped + 1
        for record in reader:
            if record:
                yield start, record
            start = skipped + reader.line_num + 1


def refusal(layout: Layout, path: Path, problem: str, advice: str, row: int | None = None) -> SourceFormatError:
    """Return the error that says what is wrong with a file of this layout."""
    return SourceFormatError(layout.source, path, problem, advice, row)


def _cell_text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def encoding_of(layout: Layout, path: Path) -> Literal["utf-8-sig", "latin-1"]:
    """Return the encoding of a CSV file, having decoded all of it."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    line = 1
    with path.open("rb") as stream:
        while block := stream.read(1 << 22):
            if b"\0" in block:
                problem = "it is not text in UTF-8 (it may be UTF-16, or no text at all)"
                raise refusal(layout, path, problem, "Save it as CSV in UTF-8, or download it again", line)
            try:
                decoder.decode(block)
            except UnicodeDecodeError as error:
                if layout.encoding == "latin-1":
                    return "latin-1"
                line += error.object[: error.start].count(b"\n")
                problem = f"it is not in UTF-8: byte {error.object[error.start]:#04x} cannot be decoded"
                raise refusal(layout, path, problem, "Save it as CSV in UTF-8, or download it again", line) from error
            line += block.count(b"\n")
    return "utf-8-sig"


def lines_above_header(layout: Layout, path: Path, encoding: str) -> int:
    """Return how many lines stand above the header of a CSV file.

    Raises:
        SourceFormatError: it has no header.
    """
    if layout.header is None:
        return 0
    with path.open(encoding=encoding, newline="") as stream:
        for number, line in enumerate(islice(stream, _HEADER_SEARCH)):
            first = next(csv.reader([line], delimiter=layout.delimiter), [""])
            if first and first[0].strip().casefold() == layout.header.casefold():
                return number
    problem = f"no line among its first {_HEADER_SEARCH} starts with the header `{layout.header}`"
    raise refusal(layout, path, problem, OTHER_VERSION)
