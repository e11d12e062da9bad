"""Mechanisms of negotiation: lines in panels, points in groups, bars of shares, and a map of who does better."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from orrery.base.errors import NegotiationError
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
from orrery.report.style import BODY, INK, MEDIAN, MUTED, RULE, SMALL, Layout, axes_at, new_figure, text_at

MOST_SERIES, MOST_PANELS, MOST_BARS = 5, 3, 8
PLOT, TICKS, HEADING, BAR = 2.3, 0.54, 0.27, 0.62
"""Inches: a plot, what stands below it, the name above a panel, a bar with its words."""


def draw_lines(lines: pd.DataFrame, caption: Caption, layout: Layout, *, across: str) -> Figure:
    """Draw lines, one panel for each quantity and one line for each series.

    Args:
        lines: `panel, series, x, y`; NaN is a gap.
        caption: words of the figure.
        layout: wide (panels side by side) or narrow (below each other).
        across: what the horizontal axis shows.

    Raises:
        NegotiationError: no panel or series, or more than `MOST_PANELS` or `MOST_SERIES`.
    """
    panels, series = _named(lines, "panel", MOST_PANELS), _named(lines, "series", MOST_SERIES)
    keys = {
        name: {"line": True, **_mark(place), "markevery": [1], "linewidth": 1.8} for place, name in enumerate(series)
    }
    figure, boxes = _panels(panels, keys, caption, layout)
    for panel, axes in zip(panels, boxes, strict=True):
        for place, name in enumerate(series):
            rows = lines[(lines["panel"] == panel) & (lines["series"] == name)]
            axes.plot(rows["x"], rows["y"], clip_on=False, linewidth=1.8, markevery=_every(len(rows)), **_mark(place))
        _finish(axes, across)
    draw_notes(figure, caption, layout)
    return figure


def draw_points(points: pd.DataFrame, caption: Caption, layout: Layout, *, across: str) -> Figure:
    """Draw points in groups, one panel for each kind of them.

    Args:
        points: `panel, group, x, y`.
        caption: words of the figure.
        layout: wide (panels side by side) or narrow (below each other).
        across: what the horizontal axis shows.

    Raises:
        NegotiationError: no panel or group, or more than `MOST_PANELS` or `MOST_SERIES`.
    """
    panels, groups = _named(points, "panel", MOST_PANELS), _named(points, "group", MOST_SERIES)
    keys = {name: {**_mark(place), "markersize": 5} for place, name in enumerate(groups)}
    figure, boxes = _panels(panels, keys, caption, layout)
    for panel, axes in zip(panels, boxes, strict=True):
        for place, name in enumerate(groups):
            rows = points[(points["panel"] == panel) & (points["group"] == name)]
            axes.plot(rows["x"], rows["y"], linestyle="none", alpha=0.75, **{**_mark(place), "markersize": 4})
        axes.axhline(0, color=INK, linewidth=0.8, zorder=1)
        # One scale for all panels: what differs by rounding in one must not fill it.
        ends = points["x"].min(), points["x"].max()
        axes.set_xlim(ends[0] - 0.05 * (ends[1] - ends[0]), ends[1] + 0.05 * (ends[1] - ends[0]))
        _finish(axes, across)
    draw_notes(figure, caption, layout)
    return figure


def draw_shares(shares: pd.DataFrame, caption: Caption, layout: Layout) -> Figure:
    """Draw shares from 0 to 1 as bars, each below its words and before its number.

    Args:
        shares: `name, share`.
        caption: words of the figure.
        layout: wide or narrow.

    Raises:
        NegotiationError: no share, more than `MOST_BARS`, or one outside 0 to 1.
    """
    names = _named(shares, "name", MOST_BARS)
    values = shares["share"].to_numpy(float)
    if not ((values >= 0) & (values <= 1)).all():
        raise NegotiationError(f"`share`: {values.min():g} to {values.max():g} came; give shares from 0 to 1.")
    figure = new_figure(layout, title_height(caption, layout) + BAR * len(names) + 0.1 + notes_height(caption, layout))
    top = draw_title(figure, caption, layout)
    for place, (name, value) in enumerate(zip(names, values, strict=True)):
        text_at(figure, 0.04, top + place * BAR, name, size=BODY)
        axes = axes_at(figure, 0.04, top + place * BAR + 0.2, layout.width - 0.7, 0.24)
        axes.barh([0], [value], color=MEDIAN)
        axes.set_xlim(0, 1)
        axes.set_axis_off()
        text_at(figure, layout.width - 0.6, top + place * BAR + 0.24, f"{value:.0%}", size=BODY)
    draw_notes(figure, caption, layout)
    return figure


def draw_balance(balance: pd.DataFrame, caption: Caption, layout: Layout, *, axes_named: tuple[str, str]) -> Figure:
    """Draw where the first of two does better and where the second, over two conditions; a line where they are even.

    Args:
        balance: `across, up, difference`, on a full grid, `up` above 0 and drawn on a logarithmic scale; above 0 the
            second does better.
        caption: words of the figure.
        layout: wide or narrow.
        axes_named: what stands across and up.

    Raises:
        NegotiationError: no full grid.
    """
    grid = balance.pivot(index="up", columns="across", values="difference")
    if grid.isna().to_numpy().any() or min(grid.shape) < 2:
        raise NegotiationError(f"`balance`: {len(balance)} rows came; give one for every pair of two or more values.")
    width = min(layout.width - 1.6, 5.2)
    figure = new_figure(layout, title_height(caption, layout) + 0.3 + 3.0 + TICKS + notes_height(caption, layout))
    top = draw_title(figure, caption, layout)
    text_at(figure, 0.04, top, axes_named[1], size=SMALL, color=MUTED)
    axes = axes_at(figure, 0.6, top + 0.3, width, 3.0)
    most = float(np.abs(grid.to_numpy()).max())
    across, up = grid.columns.to_numpy(float), grid.index.to_numpy(float)
    even = TwoSlopeNorm(0.0, -most, most)
    axes.contourf(across, up, grid.to_numpy(), levels=np.linspace(-most, most, 13), cmap="PuOr", norm=even)
    axes.contour(across, up, grid.to_numpy(), levels=[0.0], colors=[INK], linewidths=1.6)
    axes.set_yscale("log")
    ticks = [tick for tick in (0.25, 0.5, 1, 2, 5, 10, 20, 50) if up[0] < tick <= up[-1]]
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.set_xlabel(axes_named[0], size=SMALL, color=MUTED, labelpad=3)
    axes.tick_params(length=0, pad=4)
    scale = axes_at(figure, 0.6 + width + 0.18, top + 0.3, 0.14, 3.0)
    steps = np.linspace(-most, most, 13)
    scale.imshow(steps[::-1, None], cmap="PuOr", norm=even, aspect="auto", extent=(0, 1, -most, most))
    scale.set_axis_off()
    for place, words in enumerate((f"+{most:.2g}", "0", f"−{most:.2g}")):
        text_at(figure, 0.6 + width + 0.4, top + 0.24 + 1.5 * place, words, size=SMALL, color=MUTED)
    draw_notes(figure, caption, layout)
    return figure


def _panels(
    panels: list[str], keys: dict[str, dict[str, Any]], caption: Caption, layout: Layout
) -> tuple[Figure, list[Axes]]:
    """Return a figure with its title, key and empty panels, each under its name."""
    columns = len(panels) if layout.is_wide else 1
    width, each = layout.width / columns, HEADING + PLOT + TICKS
    above = title_height(caption, layout) + keys_height(list(keys), layout) + 0.1
    figure = new_figure(layout, above + each * (len(panels) // columns) + notes_height(caption, layout))
    top = draw_title(figure, caption, layout)
    top += draw_keys(figure, keys, top, layout) + 0.1
    boxes = []
    for place, name in enumerate(panels):
        row, column = divmod(place, columns)
        text_at(figure, column * width + 0.04, top + row * each, name, size=BODY, weight="bold")
        boxes.append(axes_at(figure, column * width + 0.6, top + row * each + HEADING, width - 0.85, PLOT))
    return figure, boxes


def _named(table: pd.DataFrame, column: str, most: int) -> list[str]:
    names = [str(name) for name in dict.fromkeys(table[column])]
    if not 1 <= len(names) <= most:
        raise NegotiationError(f"`{column}`: {len(names)} came; a figure holds 1 to {most}. Choose fewer.")
    return names


def _mark(place: int) -> dict[str, Any]:
    return {"color": SERIES_COLOURS[place], "marker": MARKERS[place], "markersize": 4}


def _every(n_rows: int) -> int:
    return max(n_rows // 8, 1)


def _finish(axes: Axes, across: str) -> None:
    axes.set_xlabel(across, size=SMALL, color=MUTED, labelpad=3)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.tick_params(length=0, pad=4)
    axes.grid(axis="y", color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)
