"""Bars: one row per member of a body, one bar in it for each value, the greatest first."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from orrery.base.errors import MeasureError
from orrery.report.figures.caption import (
    Caption,
    draw_keys,
    draw_notes,
    draw_title,
    keys_height,
    notes_height,
    title_height,
)
from orrery.report.style import BAND_50, BODY, INK, MEDIAN, MUTED, RULE, SMALL, Layout, axes_at, new_figure

LETTERS = 26
"""Letters of a line of a member's name at the left of its bars."""
MOST_ROWS = 60
MOST_BARS = 2
COLOURS = (MEDIAN, BAND_50)
ROOM = 0.12
"""Part of the axis that is kept free at the right for the numbers."""


def draw_bars(table: pd.DataFrame, columns: Sequence[str], caption: Caption, layout: Layout, *, unit: str) -> Figure:
    """Draw horizontal bars from zero, each with its number, sorted by the first column.

    Args:
        table: `name` and the columns, values of 0 or more.
        columns: one bar for each in every row; one or two.
        caption: words of the figure.
        layout: wide (names at the left of the bars) or narrow (names above them).
        unit: what the axis measures.

    Raises:
        MeasureError: no row, more than `MOST_ROWS`, or more than `MOST_BARS` columns.
    """
    drawn = table.sort_values([columns[0], "name"], ascending=[False, True], kind="stable")
    n_rows, n_bars = len(drawn), len(columns)
    if not 1 <= n_rows <= MOST_ROWS or n_bars > MOST_BARS:
        raise MeasureError(
            f"`--plot`: {n_rows} members with {n_bars} values came; a figure holds 1 to {MOST_ROWS} members with up to "
            f"{MOST_BARS}. Take a smaller body, or use --format csv."
        )
    keys: dict[str, dict] = {
        name: {"facecolor": colour} for name, colour in zip(columns, COLOURS, strict=False) if n_bars > 1
    }
    row = (0.27 if layout.is_wide else 0.44) + 0.15 * (n_bars - 1)
    left = 2.3 if layout.is_wide else 0.14
    above = title_height(caption, layout) + (keys_height(list(keys), layout) if keys else 0) + 0.08
    figure = new_figure(layout, above + n_rows * row + 0.62 + notes_height(caption, layout))
    top = draw_title(figure, caption, layout)
    top += draw_keys(figure, keys, top, layout) if keys else 0
    axes = axes_at(figure, left, top + 0.08, layout.width - left - 0.3, n_rows * row)
    highest = float(drawn[list(columns)].to_numpy(float).max()) or 1.0
    places = np.arange(n_rows)[::-1].astype(float)
    thick, low = _bars(n_bars, layout)
    for number, (name, colour) in enumerate(zip(columns, COLOURS, strict=False)):
        at = places + low + thick * (n_bars - 1 - number)
        axes.barh(at, drawn[name], height=thick * 0.86, color=colour)
        for place, value in zip(at, drawn[name], strict=True):
            beside = {"xytext": (3, 0), "textcoords": "offset points", "va": "center"}
            axes.annotate(f"{value:.3g}", (value, place), size=SMALL, color=MUTED, **beside)
    axes.set_ylim(-0.6, n_rows - 0.4)
    axes.set_xlim(0, highest * (1 + ROOM * (1 if layout.is_wide else 2)))
    if layout.is_wide:
        names = [textwrap.shorten(name, LETTERS, placeholder="…") for name in drawn["name"]]
        axes.set_yticks(places, names, size=BODY)
        axes.tick_params(axis="y", labelcolor=INK)
    else:
        axes.set_yticks([])
        for place, name in zip(places, drawn["name"], strict=True):
            above_bars = {"xytext": (2, 1), "textcoords": "offset points", "va": "bottom"}
            axes.annotate(name, (0, place + low + thick * (n_bars - 0.5)), size=BODY, color=INK, **above_bars)
    axes.tick_params(length=0, pad=4)
    axes.xaxis.set_major_locator(MaxNLocator(6 if layout.is_wide else 3))
    axes.grid(axis="x", color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines["bottom"].set_visible(False)
    axes.set_xlabel(unit, size=SMALL, color=MUTED, labelpad=5)
    draw_notes(figure, caption, layout)
    return figure


def _bars(n_bars: int, layout: Layout) -> tuple[float, float]:
    """Return how thick a bar is and where the lowest one of a row lies, in rows."""
    if layout.is_wide:
        thick = 0.74 / n_bars
        return thick, -thick * (n_bars - 1) / 2
    thick = 0.42 / n_bars
    return thick, -0.38 + thick / 2
