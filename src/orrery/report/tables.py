"""Tables: the same content once for people (in the page) and once for programs (CSV and Parquet)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import floor, isfinite, log10
from pathlib import Path

import numpy as np
import pandas as pd

from orrery.base.files import writing_file
from orrery.data.parquet import write_table

SAME = "†"
"""Mark of a number without an interval because all draws share it."""
SAME_NOTE = f"{SAME} The same in every draw: measured or set once, not drawn, so it has no interval."
NO_DATA = "no data"


@dataclass(frozen=True)
class Cell:
    """One cell: what is read, the interval that goes with it, and what sorting compares."""

    text: str
    interval: str = ""
    order: float | str = ""


@dataclass(frozen=True)
class Column:
    """The head of a column; numbers are aligned to the right."""

    label: str
    is_number: bool = False


@dataclass(frozen=True)
class Table:
    """A table of the report.

    Attributes:
        key: name of its files.
        caption: what it shows.
        columns: heads.
        rows: cells; the first of each row names the row.
        notes: below the table.
        frame: the same numbers unrounded, for programs.
    """

    key: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    frame: pd.DataFrame
    notes: Sequence[str] = ()


def text_cell(text: object) -> Cell:
    """Return a cell of words."""
    return Cell(str(text), order=str(text).casefold())


def decimals_for(low: float, high: float, *, most: int = 4) -> int:
    """Return the decimals that show the width of an interval with two digits, 0 to `most`."""
    width = abs(high - low) or abs(high) / 10 or 1.0
    return min(max(1 - floor(log10(width)), 0), most)


def plain(value: float, decimals: int, *, sign: bool = False) -> str:
    """Return a number with a real minus sign; `sign` writes a plus too, and a rounded zero never has a sign."""
    text = f"{value:+,.{decimals}f}" if sign else f"{value:,.{decimals}f}"
    zero = not any(digit in text for digit in "123456789")
    return text.lstrip("+-") if zero else text.replace("-", "−")


def interval_cell(value: float, low: float, high: float, decimals: int, *, sign: bool = False) -> Cell:
    """Return a number with its interval, or with the mark that every draw has the same."""
    if not isfinite(value):
        return Cell(NO_DATA, order=float("-inf"))
    text = plain(value, decimals, sign=sign)
    if low == high:
        return Cell(f"{text} {SAME}", order=value)
    return Cell(text, f"[{plain(low, decimals, sign=sign)}, {plain(high, decimals, sign=sign)}]", value)


def change_table(key: str, caption: str, changes: pd.DataFrame, years: tuple[int, int]) -> Table:
    """Return the table twin of a map: start, end and change of every country, with 80 % intervals."""
    heads = [str(years[0]), str(years[1]), "change"]
    columns = [Column("country"), Column("code"), *(Column(f"{head}, median [80 %]", True) for head in heads)]
    rows = [
        [text_cell(line["name"]), text_cell(line["country"])]
        + [
            interval_cell(
                line[f"{part}_median"], line[f"{part}_low80"], line[f"{part}_high80"], 2, sign=part == "change"
            )
            for part in ("start", "end", "change")
        ]
        for line in changes.to_dict("records")
    ]
    return Table(key, caption, columns, rows, changes, notes_for(rows))


def notes_for(rows: Iterable[Iterable[Cell]]) -> tuple[str, ...]:
    """Return the note on numbers without interval, where a row has one."""
    return (SAME_NOTE,) if any(SAME in cell.text for row in rows for cell in row) else ()


def indicator_table(indicators: pd.DataFrame) -> Table:
    """Return the table twin of the fan charts: start and end of every indicator, with both intervals."""
    rows = []
    for _, path in indicators.groupby("indicator", sort=False):
        ordered = path.sort_values("year")
        first, last = ordered.iloc[0], ordered.iloc[-1]
        decimals = decimals_for(last["q10"], last["q90"])
        rows.append(
            [
                text_cell(first["label"]),
                text_cell(first["unit"]),
                text_cell(first["meaning"]),
                interval_cell(first["q50"], first["q10"], first["q90"], decimals),
                interval_cell(last["q50"], last["q10"], last["q90"], decimals),
                interval_cell(last["q50"], last["q25"], last["q75"], decimals),
                Cell(f"{last['mcse']:.1g}" if isfinite(last["mcse"]) else "one draw", order=float(last["mcse"])),
            ]
        )
    years = np.min(indicators["year"]), np.max(indicators["year"])
    columns = [
        *(Column(head) for head in ("indicator", "unit", "what it is")),
        Column(f"{years[0]}, median [80 %]", True),
        Column(f"{years[1]}, median [80 %]", True),
        Column(f"{years[1]}, median [50 %]", True),
        Column(f"Monte-Carlo error of the mean, {years[1]}", True),
    ]
    notes = (*notes_for(rows), "The Monte-Carlo error is itself an error and has no interval. All years: in the files.")
    return Table("indicators", "System indicators at the start and at the end", columns, rows, indicators, notes)


def mover_table(movers: pd.DataFrame) -> Table:
    """Return the table twin of the movers: how much moved, and which options lost and gained most."""
    columns = [
        Column("country"),
        Column("moved, % of the portfolio, median [80 %]", True),
        Column("lost most"),
        Column("change, percentage points [80 %]", True),
        Column("gained most"),
        Column("change, percentage points [80 %]", True),
    ]
    rows = []
    for line in movers.to_dict("records"):
        percent = {key: value * 100 for key, value in line.items() if isinstance(value, float)}
        cells = {
            side: interval_cell(
                percent[f"{side}median"], percent[f"{side}low80"], percent[f"{side}high80"], 0, sign=bool(side)
            )
            for side in ("", "from_", "to_")
        }
        words = (text_cell(line["name"]), text_cell(line["from_option"]), text_cell(line["to_option"]))
        rows.append([words[0], cells[""], words[1], cells["from_"], words[2], cells["to_"]])
    caption = "Countries whose portfolios move most"
    return Table("movers", caption, columns, rows, movers, notes_for(rows))


def portfolio_table(shares: pd.DataFrame, title: str) -> Table:
    """Return the table twin of the portfolios: every share with its 80 % interval."""
    options = list(dict.fromkeys(shares["option"]))
    columns = [Column("country"), Column("year"), *(Column(f"{option}, %, mean [80 %]", True) for option in options)]
    rows = [
        [text_cell(name), text_cell(year)]
        + [
            interval_cell(100 * line["mean"], 100 * line["low80"], 100 * line["high80"], 0)
            for line in part.to_dict("records")
        ]
        for name, of_country in shares.groupby("name", sort=True)
        for year, part in of_country.groupby("year", sort=True)
    ]
    return Table("portfolios", f"Portfolios: {title}", columns, rows, shares, notes_for(rows))


def parameter_table(parameters: pd.DataFrame) -> Table:
    """Return the parameters with prior, status, source, and what was drawn."""
    columns = [
        *(Column(head) for head in ("parameter", "symbol", "meaning", "unit", "prior", "type", "status")),
        Column("drawn, median [90 %]", True),
        Column("source of the prior"),
    ]
    rows = []
    for line in parameters.to_dict("records"):
        low, high = line["drawn_q05"], line["drawn_q95"]
        drawn = interval_cell(line["drawn_median"], low, high, decimals_for(low, high, most=6))
        words = [text_cell(line[key]) for key in ("name", "symbol", "meaning", "unit", "prior", "type", "status")]
        rows.append([*words, drawn, text_cell(line["source"])])
    return Table("parameters", "Parameters", columns, rows, parameters, notes_for(rows))


def save_table(table: Table, folder: Path) -> list[Path]:
    """Write a table as CSV (UTF-8) and Parquet."""
    comma, parquet = folder / f"{table.key}.csv", folder / f"{table.key}.parquet"
    with writing_file(comma) as temporary:
        table.frame.to_csv(temporary, index=False, encoding="utf-8")
    write_table(table.frame, parquet)
    return [comma, parquet]
