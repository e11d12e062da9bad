"""Portfolio ribbons: how a country's ties divide over non-alignment and the poles, year by year and by channel."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from jaxtyping import Int
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from orrery.report.figures.caption import (
    Caption,
    draw_keys,
    draw_notes,
    draw_title,
    keys_height,
    notes_height,
    title_height,
)
from orrery.report.figures.paths import MISSING, check_panels, gaps, year_ticks
from orrery.report.style import (
    BODY,
    HATCH,
    INK,
    MUTED,
    PAPER,
    SMALL,
    Layout,
    axes_at,
    new_figure,
    option_colours,
    text_at,
)

PANEL_HEIGHT, STRIP, HEADING, TICKS, GAP = 1.3, 0.07, 0.24, 0.46, 0.14
"""Inches: the plot of a panel, the strip that says what is observed, a title, the years, the space after it."""


def draw_ribbons(shares: pd.DataFrame, caption: Caption, layout: Layout) -> Figure:
    """Draw one panel per country and channel: shares stacked, non-alignment at the foot.

    Every year is a step of its own: nothing is drawn between two years. Years without a portfolio are hatched. The
    strip below a panel is dark where the year's figures are observed.

    Args:
        shares: `panel, year, option, share, observed`, options in drawing order, every year of every panel.
        caption: words of the figure.
        layout: wide (three panels side by side) or narrow (one).

    Raises:
        MeasureError: no panel, or more than a figure holds.
    """
    panels = list(shares.groupby("panel", sort=False))
    check_panels(len(panels))
    options = list(dict.fromkeys(shares["option"]))
    colours = option_colours(options)
    keys: dict[str, dict] = {option: {"facecolor": colour} for option, colour in colours.items()}
    keys["no data, or no ties to divide"] = {**MISSING, "edgecolor": HATCH, "linewidth": 0.5}
    keys["observed that year"] = {"line": True, "color": INK, "linewidth": 3}
    rows = -(-len(panels) // layout.columns)
    block = HEADING + PANEL_HEIGHT + TICKS + GAP
    above = title_height(caption, layout) + keys_height(list(keys), layout) + 0.1
    figure = new_figure(layout, above + rows * block + notes_height(caption, layout))
    top = draw_title(figure, caption, layout)
    top += draw_keys(figure, keys, top, layout) + 0.1
    width = layout.width / layout.columns
    years = np.arange(shares["year"].min(), shares["year"].max() + 1)
    for index, (name, panel) in enumerate(panels):
        left, head = index % layout.columns * width, top + index // layout.columns * block
        text_at(figure, left + 0.04, head, str(name), size=BODY, weight="bold")
        axes = axes_at(figure, left + 0.56, head + HEADING, width - 0.74, PANEL_HEIGHT)
        _ribbon(axes, panel, years, colours)
    draw_notes(figure, caption, layout)
    return figure


def _ribbon(axes: Axes, panel: pd.DataFrame, years: Int[np.ndarray, " year"], colours: Mapping[str, str]) -> None:
    table = panel.pivot(index="year", columns="option", values="share").reindex(index=years, columns=list(colours))
    observed = panel.groupby("year")["observed"].all().reindex(years, fill_value=False).to_numpy(bool)
    values = table.to_numpy(float)
    known = ~np.isnan(values).any(1)
    foot = np.zeros(len(years))
    for place, colour in enumerate(colours.values()):
        height = np.where(known, values[:, place], 0)
        axes.bar(years, height, width=1.0, bottom=foot, color=colour, edgecolor=colour, linewidth=0.2)
        # A white line between two ribbons keeps them apart without relying on colour.
        edge = np.where(known & (height > 0.004), foot + height, np.nan)
        axes.hlines(edge, years - 0.5, years + 0.5, color=PAPER, linewidth=0.6)
        foot = foot + height
    for first, last in gaps(known, years):
        axes.axvspan(first - 0.5, last + 0.5, linewidth=0, **MISSING)
    strip = STRIP / PANEL_HEIGHT
    for first, last in gaps(~(observed & known), years):
        axes.hlines(-strip / 2, first - 0.5, last + 0.5, color=INK, linewidth=3)
    axes.set_ylim(-strip, 1)
    axes.set_xlim(years[0] - 0.5, years[-1] + 0.5)
    axes.set_yticks([0, 0.5, 1])
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    axes.set_xticks(year_ticks(years, 5))
    axes.tick_params(length=0, pad=3)
    axes.set_xlabel("year", size=SMALL, color=MUTED, labelpad=1)
    axes.spines["left"].set_visible(False)
    axes.spines["bottom"].set_visible(False)
