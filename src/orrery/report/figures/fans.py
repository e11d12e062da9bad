"""Fan charts: the path of an indicator over the years, with the spread of the draws around it."""

from __future__ import annotations

import textwrap

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from orrery.report.style import (
    BAND_50,
    BAND_80,
    BODY,
    INK,
    MEDIAN,
    MUTED,
    RULE,
    SMALL,
    Layout,
    axes_at,
    bare,
    new_figure,
    text_at,
)

PANEL_HEIGHT, LINE, UNIT, TICKS, GAP, KEY = 1.3, 0.165, 0.26, 0.46, 0.16, 0.5
"""Inches: the plot of a panel, a line of its title, its unit, the years below it, the space after it, the key."""


def draw_fans(indicators: pd.DataFrame, layout: Layout) -> Figure:
    """Draw one panel per indicator, in the order of the table.

    Args:
        indicators: `indicator, label, unit, year, q10, q25, q50, q75, q90`.
        layout: wide (three panels side by side) or narrow (one).
    """
    width = layout.width / layout.columns
    letters = int((width - 0.2) * 96 / 7.4)
    panels = [panel.sort_values("year") for _, panel in indicators.groupby("indicator", sort=False)]
    titles = [textwrap.wrap(str(panel["label"].iloc[0]), letters) for panel in panels]
    rows = [range(first, min(first + layout.columns, len(panels))) for first in range(0, len(panels), layout.columns)]
    headings = [max(len(titles[index]) for index in row) * LINE + UNIT for row in rows]
    top = KEY if layout.is_wide else KEY + 0.24
    figure = new_figure(layout, top + sum(headings) + len(rows) * (PANEL_HEIGHT + TICKS + GAP))
    draw_key(figure, layout)
    for row, heading in zip(rows, headings, strict=True):
        for column, index in enumerate(row):
            left, unit = column * width, str(panels[index]["unit"].iloc[0])
            text_at(figure, left + 0.04, top, "\n".join(titles[index]), size=BODY, weight="bold", linespacing=1.15)
            text_at(figure, left + 0.04, top + LINE * len(titles[index]) + 0.02, unit, size=SMALL, color=MUTED)
            fan(axes_at(figure, left + 0.52, top + heading, width - 0.74, PANEL_HEIGHT), panels[index])
        top += heading + PANEL_HEIGHT + TICKS + GAP
    return figure


def fan(axes: Axes, panel: pd.DataFrame) -> None:
    """Draw the bands, the median and the start value of one indicator."""
    years = panel["year"].to_numpy()
    axes.fill_between(years, panel["q10"], panel["q90"], color=BAND_80, linewidth=0)
    axes.fill_between(years, panel["q25"], panel["q75"], color=BAND_50, linewidth=0)
    axes.axhline(panel["q50"].iloc[0], color=INK, linewidth=0.8, linestyle=(0, (3, 2.4)))
    axes.plot(years, panel["q50"], color=MEDIAN, linewidth=1.8)
    axes.set_xlim(years[0], years[-1])
    axes.margins(y=0.08)
    axes.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    axes.set_xticks([years[0], years[len(years) // 2], years[-1]] if len(years) > 2 else years)
    axes.tick_params(length=0, pad=3)
    axes.set_xlabel("year", size=SMALL, color=MUTED, labelpad=1)
    axes.grid(axis="y", color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)


def draw_key(figure: Figure, layout: Layout) -> None:
    """Explain line and bands above the panels."""
    entries = ("median of the draws", "middle 50 %", "middle 80 %", "start value")
    places = ((0, 0), (1.9, 0), (3.3, 0), (4.7, 0)) if layout.is_wide else ((0, 0), (1.9, 0), (0, 1), (1.9, 1))
    for index, (text, (left, line)) in enumerate(zip(entries, places, strict=True)):
        axes = bare(axes_at(figure, left + 0.04, 0.04 + 0.24 * line, 0.32, 0.16))
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)
        if index in (1, 2):
            axes.add_patch(Rectangle((0, 0), 1, 1, facecolor=(BAND_50, BAND_80)[index - 1], linewidth=0))
        elif index == 0:
            axes.plot([0, 1], [0.5, 0.5], color=MEDIAN, linewidth=1.8)
        else:
            axes.plot([0, 1], [0.5, 0.5], color=INK, linewidth=0.8, linestyle=(0, (3, 2.4)))
        text_at(figure, left + 0.44, 0.04 + 0.24 * line, text, size=SMALL, color=INK)
