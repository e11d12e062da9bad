"""The trade-off of a hub's instruments: alignment gained against what becomes of its neighbours' stability."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

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
from orrery.report.figures.paths import MARKERS, SERIES_COLOURS
from orrery.report.style import BODY, INK, MUTED, PAPER, RULE, SMALL, Layout, axes_at, new_figure, text_at

LEFT, GAP = 0.72, 0.5
PLOT, TICKS, HEADING = 2.9, 0.5, 0.24
"""Inches: beside the first plot, between plots; a plot, what stands below it, its title above."""
WHEN_WORDS = {"horizon": "in the last year", "mean": "mean of the years in force"}
LINEAR_UP_TO = 0.05
"""Change of stability, either way, up to which the scale is even; beyond, it goes by orders of magnitude."""


def draw_trade_off(effects: pd.DataFrame, titles: dict[str, str], caption: Caption, layout: Layout) -> Figure:
    """Draw each instrument by its effect on stability (right) and on alignment (up), with 80 % intervals.

    Args:
        effects: `instrument`, `outcome` (alignment and stability), `when`, `median`, `low`, `high`.
        titles: what people read for each instrument, in the order of the key.
        caption: words of the figure.
        layout: wide (horizon and mean side by side) or narrow (one below the other).

    Raises:
        MeasureError: an instrument without an effect, or more of them than can be told apart.
    """
    if len(titles) > len(SERIES_COLOURS):
        raise MeasureError(f"`titles`: {len(titles)} instruments came; {len(SERIES_COLOURS)} can be told apart.")
    keys = {title: _mark(place) for place, title in enumerate(titles.values())}
    columns = min(2, layout.columns)
    rows = -(-len(WHEN_WORDS) // columns)
    each = HEADING + PLOT + TICKS
    above = title_height(caption, layout) + keys_height(list(keys), layout) + 0.1
    figure = new_figure(layout, above + rows * each + notes_height(caption, layout))
    top = draw_title(figure, caption, layout)
    top += draw_keys(figure, keys, top, layout) + 0.1
    width = (layout.width - LEFT) / columns
    for number, (when, words) in enumerate(WHEN_WORDS.items()):
        row, column = divmod(number, columns)
        left, upper = LEFT + column * width, top + row * each
        text_at(figure, left, upper + 0.02, words, size=BODY, weight="bold", color=INK)
        axes = axes_at(figure, left, upper + HEADING, width - GAP, PLOT)
        _draw_points(axes, effects[effects["when"] == when], titles)
        unit = " (standard normal units)" if layout.is_wide else ""
        axes.set_xlabel(f"stability of neighbours, change{unit}", size=SMALL, color=MUTED)
        if column == 0:
            axes.set_ylabel("alignment with the hub, change (share)", size=SMALL, color=MUTED)
    draw_notes(figure, caption, layout)
    return figure


def _draw_points(axes: Axes, effects: pd.DataFrame, titles: dict[str, str]) -> None:
    """Draw a cross of intervals and a mark for each instrument."""
    table = effects.set_index(["outcome", "instrument"])
    for place, name in enumerate(titles):
        if ("alignment", name) not in table.index or ("stability", name) not in table.index:
            raise MeasureError(f"`effects`: {name} has no effect on alignment or stability. Give one for each.")
        up, across = table.loc[("alignment", name)], table.loc[("stability", name)]
        colour = SERIES_COLOURS[place]
        axes.plot([across["low"], across["high"]], [up["median"]] * 2, color=colour, linewidth=1.6, zorder=2)
        axes.plot([across["median"]] * 2, [up["low"], up["high"]], color=colour, linewidth=1.6, zorder=2)
        axes.plot([across["median"]], [up["median"]], linestyle="none", zorder=3, **_mark(place))
    axes.set_xscale("symlog", linthresh=LINEAR_UP_TO, linscale=0.8)
    axes.set_xticks([-1, -0.1, 0, 0.1, 1], ["-1", "-0.1", "0", "0.1", "1"])
    axes.minorticks_off()
    axes.axhline(0, color=MUTED, linewidth=0.8, zorder=1)
    axes.axvline(0, color=MUTED, linewidth=0.8, zorder=1)
    axes.tick_params(length=0, pad=4)
    axes.grid(color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.margins(0.08)


def _mark(place: int) -> dict[str, Any]:
    return {
        "marker": MARKERS[place],
        "markersize": 8,
        "color": SERIES_COLOURS[place],
        "markeredgecolor": PAPER,
        "markeredgewidth": 0.8,
    }
