"""What moved a portfolio: bars of contributions stacked by year, a panel per option, the whole change as a line."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from orrery.report.figures.caption import (
    Caption,
    draw_keys,
    draw_notes,
    draw_title,
    keys_height,
    notes_height,
    title_height,
)
from orrery.report.figures.paths import SERIES_COLOURS, check_panels, year_ticks
from orrery.report.style import BODY, INK, MUTED, RULE, SMALL, Layout, axes_at, new_figure, text_at

PANEL_HEIGHT, LINE, HEADING, TICKS, GAP = 1.75, 0.17, 0.42, 0.3, 0.14
"""Inches: the plot of a panel, a line of its heading, all of it, the years below it, the space after it."""
HATCHES = ("", "", "", "", "", "", "", "", "////", "....", "\\\\\\\\", "xxxx")
"""By place of a part; with colours repeating, parts beyond the eighth are hatched."""
WHOLE = "whole change"


def draw_contributions(parts: pd.DataFrame, whole: pd.DataFrame, caption: Caption, layout: Layout) -> Figure:
    """Draw, for each option, the parts of its change stacked by year: those that add above 0, those that take below.

    All panels share the scale, which is that of the means; how far draws differ is written for the last year.

    Args:
        parts: `option, part, year, value`, values in percentage points. The colour of a part is that of its place;
            parts that are 0 throughout are not in the key.
        whole: `option, year, value, low, high`, the whole change with its 80 % interval.
        caption: words of the figure.
        layout: wide (three panels side by side) or narrow (one).

    Raises:
        MeasureError: no option, or more than a figure holds.
    """
    options, names = list(dict.fromkeys(parts["option"])), list(dict.fromkeys(parts["part"]))
    check_panels(len(options))
    bars = {name: _bar(place) for place, name in enumerate(names)}
    sizes = parts["value"].abs().groupby(parts["part"]).max()
    keys = {name: drawn for name, drawn in bars.items() if sizes[name] > 0}
    keys[WHOLE] = {"line": True, "color": INK, "linewidth": 1.6}
    width, n_rows = layout.width / layout.columns, -(-len(options) // layout.columns)
    row = HEADING + PANEL_HEIGHT + TICKS + GAP
    above = title_height(caption, layout) + keys_height(list(keys), layout) + 0.1
    figure = new_figure(layout, above + n_rows * row + notes_height(caption, layout))
    top = draw_title(figure, caption, layout)
    top += draw_keys(figure, keys, top, layout) + 0.1
    limits = _limits(parts)
    for place, option in enumerate(options):
        left, upper = place % layout.columns * width, top + place // layout.columns * row
        last = whole[whole["option"] == option].iloc[-1]
        value, low, high = (f"{round(float(last[name]), 1) + 0.0:+.1f}" for name in ("value", "low", "high"))
        spread = f"{last['year']}: {value} ({low} to {high})"
        text_at(figure, left + 0.04, upper, option, size=BODY, weight="bold")
        text_at(figure, left + 0.04, upper + LINE, spread, size=SMALL, color=MUTED)
        axes = axes_at(figure, left + 0.52, upper + HEADING, width - 0.74, PANEL_HEIGHT)
        _panel(axes, parts[parts["option"] == option], whole[whole["option"] == option], bars)
        axes.set_ylim(*limits)
    draw_notes(figure, caption, layout)
    return figure


def _panel(axes: Axes, parts: pd.DataFrame, whole: pd.DataFrame, bars: dict[str, dict]) -> None:
    years = whole["year"].to_numpy(int)
    raised, lowered = np.zeros(len(years)), np.zeros(len(years))
    for name, rows in parts.groupby("part", sort=False):
        value = rows.set_index("year")["value"].reindex(years).to_numpy(float)
        base = np.where(value > 0, raised, lowered)
        axes.bar(years, value, bottom=base, width=0.86, zorder=2, **{"linewidth": 0, **bars[str(name)]})
        raised, lowered = raised + np.maximum(value, 0), lowered + np.minimum(value, 0)
    axes.plot(years, whole["value"], color=INK, linewidth=1.6, zorder=4, marker="o", markersize=2.4)
    axes.axhline(0, color=MUTED, linewidth=0.8, zorder=3)
    axes.set_xlim(years[0] - 0.6, years[-1] + 0.6)
    axes.set_xticks(year_ticks(years, 5))
    axes.yaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10]))
    axes.tick_params(length=0, pad=3, labelsize=SMALL)
    axes.grid(axis="y", color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)
    axes.spines["bottom"].set_visible(False)


def _bar(place: int) -> dict[str, Any]:
    colour, hatch = SERIES_COLOURS[place % len(SERIES_COLOURS)], HATCHES[place % len(HATCHES)]
    return {"facecolor": colour, "hatch": hatch, "edgecolor": "white"} if hatch else {"facecolor": colour}


def _limits(parts: pd.DataFrame) -> tuple[float, float]:
    """Return the scale of all panels, into which every stack fits."""
    stacked = parts.assign(up=parts["value"].clip(lower=0), down=parts["value"].clip(upper=0))
    sums = stacked.groupby(["option", "year"])[["up", "down"]].sum()
    low, high = float(sums["down"].min()), float(sums["up"].max())
    pad = 0.05 * (high - low) or 0.1
    return low - pad, high + pad
