"""`orrery measure`: measured portfolios and indices, printed with their intervals and what stands behind them."""

from __future__ import annotations

import math
import re
from typing import Annotated

import typer

from orrery.base.errors import MeasureError
from orrery.cli import console
from orrery.cli.console import RowFormat


def measure(
    country: Annotated[str, typer.Argument(metavar="COUNTRY", help="ISO3 code or English name.")],
    years: Annotated[str | None, typer.Option(help="YEAR or FIRST-LAST; the newest complete year by default.")] = None,
    poles: Annotated[str | None, typer.Option(help="Comma-separated poles: ISO3 codes or EU.")] = None,
    channel: Annotated[str, typer.Option(help="One channel, `composite`, or `all`.")] = "all",
    row_format: Annotated[RowFormat, typer.Option("--format", help="How to print.")] = RowFormat.table,
) -> None:
    """Measure how a country's ties divide over the poles, channel by channel, and how multi-vector it is.

    Example: orrery measure KAZ --years 2005-2024 --channel composite
    """
    import orrery
    from orrery.data.countries import resolve
    from orrery.measure.portfolios.alignment import INDICES, alignment
    from orrery.measure.portfolios.poles import DEFAULT_POLES
    from orrery.world.from_panel import newest_complete_year

    panel = orrery.load()
    newest = newest_complete_year(panel)
    span = _span(years) or (newest, newest)
    chosen = tuple(name.strip() for name in poles.split(",")) if poles else DEFAULT_POLES
    measured = alignment(panel, resolve(country), span, over=chosen)
    frame = measured.to_frame()
    channels = frame["channel"].unique().tolist()
    if channel != "all":
        if channel not in channels:
            raise MeasureError(f"`channel`: {channel!r} came; it is one of {', '.join(channels)}, or all.")
        frame = frame[frame["channel"] == channel]
    options = ["non-aligned", *measured.poles]
    indices = [name for name in INDICES if name != "effective_vectors"]
    columns = ["year", "channel", "status", *options, *indices]
    rows = [
        [row["year"], row["channel"], row["status"], *(_with_bounds(row, name) for name in options + indices)]
        for row in frame.to_dict("records")
    ]
    if row_format is RowFormat.table:
        console.say(f"{country}: shares of ties, 90 % interval in brackets; * = the sources state no error")
    console.print_rows(columns, rows, row_format)
    if row_format is RowFormat.table:
        for name, meaning in INDICES.items():
            if name in indices:
                console.say(f"{name}: {meaning}")


def _with_bounds(row: dict, name: str) -> str:
    """Return a value with its interval, a star where no error is known, `-` where there is no value."""
    value, lower, upper = row[name], row[f"{name}_lower"], row[f"{name}_upper"]
    if math.isnan(value):
        return "-"
    return f"{value:.2f}*" if math.isnan(lower) else f"{value:.2f} [{lower:.2f}, {upper:.2f}]"


def _span(years: str | None) -> tuple[int, int] | None:
    if years is None:
        return None
    match = re.fullmatch(r"(\d{4})(?:-(\d{4}))?", years.strip())
    if not match:
        raise MeasureError(f"`years`: {years!r} came; write one year, such as 2024, or a span, such as 1992-2024.")
    return int(match[1]), int(match[2] or match[1])
