"""How every command prints: rows as a table, CSV or JSON, progress, and errors in one line."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

_PIPED_WIDTH = 10_000
"""Columns of a table that goes to a file or a pipe: wide enough that no line is broken."""


class RowFormat(StrEnum):
    """How rows are printed."""

    table = "table"
    csv = "csv"
    json = "json"


def print_rows(columns: Sequence[str], rows: Sequence[Sequence[object]], row_format: RowFormat) -> None:
    """Print rows to standard output, one value per column in each."""
    _WRITERS[row_format](columns, rows)


def print_facts(facts: Mapping[str, object]) -> None:
    """Print named facts to standard output, one below the other."""
    from rich.table import Table

    table = Table.grid(padding=(0, 2))
    for name, value in facts.items():
        table.add_row(name, str(value))
    _console().print(table)


def say(text: str = "") -> None:
    """Print a line of text to standard output."""
    print(text, flush=True)


def note(text: str) -> None:
    """Print a line about the course of the work to standard error, where it does not mix with results."""
    print(text, file=sys.stderr, flush=True)


def print_error(error: Exception) -> None:
    """Print an expected error in one line to standard error."""
    note(f"Error: {' '.join(str(error).split())}")


@contextmanager
def download_progress() -> Iterator[Callable[[str], Callable[[int, int | None], None]]]:
    """Yield a function that starts a bar for a named file and returns what to call with its bytes.

    The bars are on standard error; where that is no terminal, there is one line per file instead.
    """
    if not sys.stderr.isatty():
        yield _announce
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        console=_console(stderr=True),
    ) as bars:

        def start(name: str) -> Callable[[int, int | None], None]:
            bar = bars.add_task(name, total=None)
            return lambda at_hand, expected: bars.update(bar, completed=at_hand, total=expected)

        yield start


@contextmanager
def work_progress(name: str) -> Iterator[Callable[[int, int], None]]:
    """Yield a function that takes how much of all is done, and shows a bar with the time left on standard error.

    Where that is no terminal, nothing is shown until a tenth is done, and then a line for each tenth.
    """
    if not sys.stderr.isatty():
        said = [0]

        def tell(done: int, total: int) -> None:
            tenth = 10 * done // total
            if tenth > said[0]:
                said[0] = tenth
                note(f"{name}: {10 * tenth} %")

        yield tell
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=_console(stderr=True),
    ) as bars:
        bar = bars.add_task(name, total=None)
        yield lambda done, total: bars.update(bar, completed=done, total=total)


def _announce(name: str) -> Callable[[int, int | None], None]:
    note(f"fetching {name}")
    return lambda at_hand, expected: None


def _console(*, stderr: bool = False) -> Console:
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else _PIPED_WIDTH
    return Console(file=stream, width=width, markup=False, highlight=False, emoji=False)


def _print_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    from rich import box
    from rich.table import Table

    table = Table(*columns, box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row))
    _console().print(table)


def _print_csv(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)


def _print_json(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    records = [dict(zip(columns, row, strict=True)) for row in rows]
    say(json.dumps(records, ensure_ascii=False, indent=2))


_WRITERS = {RowFormat.table: _print_table, RowFormat.csv: _print_csv, RowFormat.json: _print_json}
