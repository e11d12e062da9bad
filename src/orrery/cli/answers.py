"""Answers that are tables: printed, or written to a file whose name says its format."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orrery.base.errors import DataError
from orrery.cli import console
from orrery.cli.console import RowFormat

if TYPE_CHECKING:
    import pandas as pd

SHOWN_ROWS = 100
"""Rows of an answer that are printed as a table; the other formats give all."""


class AnswerFormat(StrEnum):
    """How an answer is given."""

    table = "table"
    csv = "csv"
    json = "json"
    parquet = "parquet"
    markdown = "markdown"


FormatOption = Annotated[
    AnswerFormat | None,
    typer.Option("--format", help="How to give the answer; by default as the name of --out says, or a table."),
]
OutOption = Annotated[Path | None, typer.Option("--out", help="File to write instead of printing.")]


def chosen_format(answer_format: AnswerFormat | None, out: Path | None) -> AnswerFormat:
    """Return the format asked for, else the one that the name of `out` says, else a table.

    Raises:
        typer.BadParameter: the name of `out` says no format, or the format cannot go where it should.
    """
    chosen = answer_format or _format_of(out)
    if (chosen is AnswerFormat.parquet and out is None) or (chosen is AnswerFormat.table and out is not None):
        raise typer.BadParameter("parquet goes to a file (--out FILE), a table to the terminal (no --out)")
    return chosen


def give(answer: pd.DataFrame, chosen: AnswerFormat, out: Path | None, *, shown: pd.DataFrame | None = None) -> None:
    """Print an answer or write it.

    Args:
        answer: every column, as it is.
        chosen: the format.
        out: the file to write, or `None` to print.
        shown: what people read in its place when it is printed as a table.

    Raises:
        DataError: the file cannot be written.
    """
    if out is not None:
        _write(answer, chosen, out)
    elif chosen is AnswerFormat.table:
        _print(answer if shown is None else shown)
    else:
        console.say(_TEXTS[chosen](answer))


def _format_of(out: Path | None) -> AnswerFormat:
    if out is None:
        return AnswerFormat.table
    try:
        return _SUFFIXES[out.suffix.lower()]
    except KeyError:
        raise typer.BadParameter(f"the name of {out} tells no format. Allowed: {', '.join(_SUFFIXES)}") from None


def _print(answer: pd.DataFrame) -> None:
    shown = answer.head(SHOWN_ROWS).astype(object)
    console.print_rows(list(answer.columns), shown.where(shown.notna(), None).values.tolist(), RowFormat.table)
    if len(answer) > SHOWN_ROWS:
        console.note(f"{SHOWN_ROWS} of {len(answer):,} rows; --format csv or --out FILE gives all")


def _as_csv(answer: pd.DataFrame) -> str:
    return str(answer.to_csv(index=False, lineterminator="\n")).rstrip("\n")


def _as_json(answer: pd.DataFrame) -> str:
    return str(answer.to_json(orient="records", date_format="iso", double_precision=15, force_ascii=False))


def as_markdown(answer: pd.DataFrame) -> str:
    """Return a table as Markdown, what is missing as an empty cell."""
    plain = answer.astype(object).where(answer.notna(), "").astype(str)
    rows = [list(plain.columns), ["---"] * len(plain.columns), *plain.to_numpy().tolist()]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows)


_TEXTS = {AnswerFormat.csv: _as_csv, AnswerFormat.json: _as_json, AnswerFormat.markdown: as_markdown}
_SUFFIXES = {
    ".csv": AnswerFormat.csv,
    ".json": AnswerFormat.json,
    ".parquet": AnswerFormat.parquet,
    ".md": AnswerFormat.markdown,
}


def _write(answer: pd.DataFrame, chosen: AnswerFormat, out: Path) -> None:
    from orrery.base.files import writing_file
    from orrery.data.parquet import QUICK, write_table

    try:
        with writing_file(out) as temporary:
            if chosen is AnswerFormat.parquet:
                write_table(answer, temporary, level=QUICK)
            else:
                temporary.write_text(_TEXTS[chosen](answer) + "\n", encoding="utf-8")
    except OSError as error:
        raise DataError(f"`--out` {out}: {error.strerror}. Name a file that can be written") from error
    console.note(f"{len(answer):,} rows written to {out}")
