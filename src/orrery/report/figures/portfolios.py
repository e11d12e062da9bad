"""Portfolios then and now: stacked bars of mean shares, with the 80 % interval of every share."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from orrery.report.style import (
    BODY,
    INK,
    MUTED,
    PAPER,
    SMALL,
    Layout,
    axes_at,
    bare,
    new_figure,
    option_colours,
    text_at,
    text_on,
)

BAR, LANE, HEADING, GAP, KEY_LINE = 0.3, 0.062, 0.25, 0.2, 0.26
"""Inches: a bar, the interval of one option below it, a country's name, the space below it, one line of the key."""
LEAST_LABELLED = 0.3
"""Inches of width from which a share carries its number."""


def draw_portfolios(shares: pd.DataFrame, layout: Layout) -> Figure:
    """Draw two bars per country: the start above, the end below, each with the intervals of its shares.

    Args:
        shares: `country, name, year, option, mean, low80, high80`; options in drawing order.
        layout: wide (two countries side by side) or narrow (one).
    """
    countries = list(shares.groupby("country", sort=False))
    options = list(dict.fromkeys(shares["option"]))
    colours = option_colours(options)
    varies = {year: bool(np.any(part["high80"] > part["low80"])) for year, part in shares.groupby("year", sort=True)}
    heights = {year: BAR + (LANE * len(options) + 0.08 if varies[year] else 0.05) for year in varies}
    block = HEADING + sum(heights.values()) + GAP
    columns, key_columns = (2, len(options)) if layout.is_wide else (1, 3)
    key = KEY_LINE * -(-len(options) // key_columns) + 0.16
    figure = new_figure(layout, key + -(-len(countries) // columns) * block)
    draw_key(figure, colours, key_columns, layout)
    width, reach = layout.width / columns, furthest(shares)
    for index, (_, of_country) in enumerate(countries):
        left, top = index % columns * width, key + index // columns * block
        text_at(figure, left + 0.04, top, str(of_country["name"].iloc[0]), size=BODY, weight="bold")
        top += HEADING
        for year, bar in of_country.groupby("year", sort=True):
            text_at(figure, left + 0.04, top + BAR / 2, str(year), size=SMALL, color=MUTED, va="center")
            axes = axes_at(figure, left + 0.46, top, width - 0.6, heights[year])
            stacked_bar(axes, bar, colours, (width - 0.6, heights[year], reach))
            top += heights[year]
    return figure


def furthest(shares: pd.DataFrame) -> float:
    """Return how far the intervals reach to the right when blocks of mean shares stand side by side; at least 1."""
    before = shares.groupby(["country", "year"], sort=False)["mean"].cumsum() - shares["mean"]
    return float(np.nanmax(before + shares["high80"], initial=1.0))


def stacked_bar(axes: Axes, shares: pd.DataFrame, colours: Mapping[str, str], size: tuple[float, float, float]) -> None:
    """Draw one bar: blocks of mean shares, and below it the right edge of each block with its 80 % interval.

    Args:
        axes: to fill.
        shares: of one country in one year.
        colours: by option.
        size: width and height of the axes in inches, and the share at their right edge.
    """
    width, height, reach = size
    bare(axes)
    axes.set_xlim(0, reach)
    axes.set_ylim(height, 0)
    if np.isnan(shares["mean"]).any():
        axes.text(0, BAR / 2, "no data", va="center", size=SMALL, color=MUTED)
        return
    left = 0.0
    for lane, share in enumerate(shares.to_dict("records")):
        colour, right = colours[share["option"]], left + share["mean"]
        axes.add_patch(Rectangle((left, 0), share["mean"], BAR, facecolor=colour, edgecolor=PAPER, linewidth=0.8))
        if share["mean"] / reach * width >= LEAST_LABELLED:
            text = f"{share['mean'] * 100:.0f}"
            middle = (left + right) / 2
            axes.text(middle, BAR / 2, text, va="center", ha="center", size=SMALL, color=text_on(colour))
        if share["high80"] > share["low80"]:
            level = BAR + 0.06 + LANE * lane
            interval = [left + share["low80"], left + share["high80"]]
            axes.plot(interval, [level, level], color=INK, linewidth=0.9, solid_capstyle="butt")
            axes.plot(right, level, marker="s", markersize=3.6, color=colour, markeredgecolor=INK, markeredgewidth=0.5)
        left = right


def draw_key(figure: Figure, colours: Mapping[str, str], columns: int, layout: Layout) -> None:
    """Name the colours above the bars."""
    step = min(1.3, (layout.width - 0.1) / columns)
    for index, (option, colour) in enumerate(colours.items()):
        left, top = 0.04 + index % columns * step, 0.04 + index // columns * KEY_LINE
        axes = bare(axes_at(figure, left, top, 0.18, 0.16))
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)
        axes.add_patch(Rectangle((0, 0), 1, 1, facecolor=colour, linewidth=0))
        text_at(figure, left + 0.25, top, option, size=SMALL, color=INK)
