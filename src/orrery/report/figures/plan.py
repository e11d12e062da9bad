"""A country's portfolios compared: mean payoff against the worst decile, and the shares of those that stand out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from orrery.base.errors import ScenarioError
from orrery.report.figures.caption import (
    Caption,
    draw_keys,
    draw_notes,
    draw_title,
    keys_height,
    notes_height,
    text_width,
    title_height,
)
from orrery.report.style import (
    BAND_50,
    BODY,
    INK,
    MEDIAN,
    MUTED,
    PAPER,
    RULE,
    SMALL,
    Layout,
    axes_at,
    bare,
    new_figure,
    option_colours,
    text_at,
    text_on,
)

LEFT, GAP, PLOT, TICKS, HEADING = 0.68, 0.3, 2.5, 0.5, 0.26
BAR, SPACE = 0.24, 0.08
"""Inches: beside a plot, between plots, a plot, what stands below and above it; a bar and the gap below it."""
LEAST_LABELLED = 0.28
"""Inches of width from which a share carries its number."""
ROOM = 0.12
"""Part of the span of values that is left free around them."""

MARKS: dict[str, dict[str, Any]] = {
    "spread over the simplex": {"marker": "o", "markersize": 3.5, "color": BAND_50, "markeredgecolor": PAPER},
    "by rule": {"marker": "s", "markersize": 4.5, "color": MUTED, "markeredgecolor": PAPER},
    "between mean and worst decile": {"marker": "o", "markersize": 5, "color": MEDIAN, "markeredgecolor": PAPER},
    "best by a criterion": {"marker": "D", "markersize": 6, "color": MEDIAN, "markeredgecolor": PAPER},
    "today": {"marker": "*", "markersize": 13, "color": INK, "markeredgecolor": PAPER},
}
"""How each sort of portfolio is drawn; the line joins those that no other one beats."""
FRONT = {"line": True, "color": BAND_50, "linewidth": 1.6}


def draw_plan(portfolios: pd.DataFrame, options: Sequence[str], caption: Caption, layout: Layout) -> Figure:
    """Draw every candidate by mean and worst decile, whole and near the front, and the shares of those named there.

    Args:
        portfolios: the table of a plan: `portfolio, kind, front, mean, mean_error, worst_decile, worst_decile_error`
            and `share_OPTION` of every option.
        options: non-alignment first, then the poles.
        caption: words of the figure.
        layout: wide (the two plots side by side) or narrow.

    Raises:
        ScenarioError: the table lacks today's portfolio or those that are best by a criterion.
    """
    table = portfolios.assign(mark=[_mark(kind) for kind in portfolios["kind"]])
    shown = table[table["mark"].isin(("today", "best by a criterion"))]
    if set(shown["mark"]) != {"today", "best by a criterion"}:
        raise ScenarioError("`portfolios`: today's and the best portfolios are drawn; the table lacks one of them.")
    keys = {**MARKS, "no other beats it in both": FRONT}
    colours = option_colours(list(options))
    swatches = {name: {"facecolor": colour} for name, colour in colours.items()}
    columns = 2 if layout.is_wide else 1
    each = HEADING + PLOT + TICKS
    bars = HEADING + keys_height(list(swatches), layout) + 0.06 + len(shown) * (BAR + SPACE) + 0.1
    above = title_height(caption, layout) + keys_height(list(keys), layout) + 0.1
    height = above + each * (2 // columns) + bars + notes_height(caption, layout)
    figure = new_figure(layout, height)
    top = draw_title(figure, caption, layout)
    top += draw_keys(figure, keys, top, layout) + 0.1
    width = layout.width / columns
    for number, (heading, part) in enumerate((("all candidates", table), ("near the front", shown))):
        row, column = divmod(number, columns)
        text_at(figure, column * width + LEFT, top + row * each, heading, size=BODY, weight="bold")
        axes = axes_at(figure, column * width + LEFT, top + row * each + HEADING, width - LEFT - GAP / 2, PLOT)
        _draw_scatter(axes, table, part)
    _draw_bars(figure, shown, colours, top + each * (2 // columns), layout)
    draw_notes(figure, caption, layout)
    return figure


def _mark(kind: str) -> str:
    return kind if kind in MARKS else "by rule"


def _draw_scatter(axes: Axes, table: pd.DataFrame, part: pd.DataFrame) -> None:
    """Draw all candidates, with the limits of the plot around some of them."""
    front = table[table["front"]].sort_values("mean")
    axes.plot(front["mean"], front["worst_decile"], color=BAND_50, linewidth=1.6, zorder=2)
    for order, (name, drawn) in enumerate(MARKS.items()):
        some = table[table["mark"] == name]
        axes.plot(some["mean"], some["worst_decile"], linestyle="none", zorder=3 + order, **drawn)
    for axis, name in (("x", "mean"), ("y", "worst_decile")):
        values = part[name].to_numpy(float)
        room = ROOM * max(float(np.ptp(values)), 1e-6)
        getattr(axes, f"set_{axis}lim")(float(values.min()) - room, float(values.max()) + room)
    axes.set_xlabel("mean over scenarios and draws, utils a year", size=SMALL, color=MUTED, labelpad=4)
    axes.set_ylabel("mean of the lowest tenth, utils a year", size=SMALL, color=MUTED, labelpad=4)
    axes.tick_params(length=0, pad=4)
    axes.locator_params(nbins=5)
    axes.grid(color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)


def _draw_bars(figure: Figure, shown: pd.DataFrame, colours: dict[str, str], top: float, layout: Layout) -> None:
    """Draw the shares of each portfolio as one bar, with its name before it."""
    text_at(figure, 0.04, top, "shares of these portfolios, per cent", size=BODY, weight="bold")
    top += HEADING
    top += draw_keys(figure, {name: {"facecolor": colour} for name, colour in colours.items()}, top, layout) + 0.06
    left = max(text_width(name, SMALL) for name in shown["portfolio"]) + 0.3
    width = layout.width - left - 0.1
    for number, row in enumerate(shown.to_dict("records")):
        level = top + number * (BAR + SPACE)
        text_at(figure, 0.04, level + BAR / 2, str(row["portfolio"]), size=SMALL, va="center")
        axes = bare(axes_at(figure, left, level, width, BAR))
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)
        begin = 0.0
        for option, colour in colours.items():
            share = float(row[f"share_{option}"])
            axes.add_patch(Rectangle((begin, 0), share, 1, facecolor=colour, edgecolor=PAPER, linewidth=0.8))
            if share * width >= LEAST_LABELLED:
                axes.text(
                    begin + share / 2, 0.47, f"{share * 100:.0f}", size=SMALL, color=text_on(colour),
                    ha="center", va="center",
                )  # fmt: skip
            begin += share
