"""The countries that move most: a dot for the median, bars for the middle 50 % and 80 % of the draws."""

from __future__ import annotations

import textwrap

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

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
    new_figure,
)

LETTERS = 24
"""Letters of a line of a country's name at the left of its interval."""


def draw_movers(movers: pd.DataFrame, layout: Layout) -> Figure:
    """Draw one line per country, the largest median on top.

    Args:
        movers: `name` and quantiles `low80, low50, median, high50, high80` as shares of the portfolio, 0 to 1.
        layout: wide (names at the left of the lines) or narrow (names above them).
    """
    n = len(movers)
    row = 0.34 if layout.is_wide else 0.46
    left = 2.1 if layout.is_wide else 0.12
    figure = new_figure(layout, n * row + 0.68)
    axes = axes_at(figure, left, 0.06, layout.width - left - 0.3, n * row)
    places = np.arange(n)[::-1].astype(float)
    if not layout.is_wide:
        places -= 0.22
    for place, line in zip(places, movers.to_dict("records"), strict=True):
        axes.plot([line["low80"], line["high80"]], [place, place], color=BAND_50, linewidth=3.2, solid_capstyle="butt")
        axes.plot([line["low50"], line["high50"]], [place, place], color=MEDIAN, linewidth=6.4, solid_capstyle="butt")
    axes.scatter(movers["median"], places, s=42, color=PAPER, edgecolors=INK, linewidths=1.2, zorder=3)
    axes.set_ylim(-0.6, n - 0.4)
    axes.set_xlim(0, np.max(movers["high80"]) * 1.04)
    if layout.is_wide:
        axes.set_yticks(places, [textwrap.fill(name, LETTERS) for name in movers["name"]], size=BODY, color=INK)
    else:
        axes.set_yticks([])
        for place, name in zip(places, movers["name"], strict=True):
            beside = {"xytext": (5, 0), "textcoords": "offset points", "va": "bottom"}
            axes.annotate(name, (0, place + 0.28), size=BODY, color=INK, **beside)
    axes.tick_params(length=0, pad=4)
    axes.xaxis.set_major_locator(MaxNLocator(6 if layout.is_wide else 4))
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    axes.grid(axis="x", color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines["left"].set_color(MUTED)
    axes.spines["bottom"].set_visible(False)
    axes.set_xlabel("share of the portfolio that moved", size=SMALL, color=MUTED, labelpad=5)
    return figure
