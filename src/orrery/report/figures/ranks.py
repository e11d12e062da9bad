"""Stability of ranks: where each country may stand when what cannot be observed is varied."""

from __future__ import annotations

import textwrap

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
from orrery.report.style import BAND_50, BODY, INK, MEDIAN, MUTED, PAPER, RULE, SMALL, Layout, axes_at, new_figure

LETTERS = 26
"""Letters of a line of a country's name at the left of its interval."""
MOST_ROWS = 60


def draw_ranks(ranks: pd.DataFrame, caption: Caption, layout: Layout, *, n_ranked: int) -> Figure:
    """Draw one line per country, the first rank on top: its rank, and the interval and median over the draws.

    Args:
        ranks: `name, rank, median, low, high`, rank 1 being the largest value of the index; low and high hold 90 %.
        caption: words of the figure.
        layout: wide (names at the left of the lines) or narrow (names above them).
        n_ranked: countries that were ranked, those that are not drawn included.

    Raises:
        MeasureError: no country with a rank, or more than `MOST_ROWS`.
    """
    drawn = ranks.dropna(subset=["rank"]).sort_values(["rank", "name"])
    n = len(drawn)
    if not 1 <= n <= MOST_ROWS:
        raise MeasureError(
            f"`--plot`: {n} countries have a rank; a figure holds 1 to {MOST_ROWS}. Choose others or fewer."
        )
    keys: dict[str, dict] = {
        "rank with the stated weights": _dot(PAPER),
        "median of the draws": {"marker": "|", "markersize": 9, "markeredgewidth": 2, "color": MEDIAN},
        "90 % of the draws": {"line": True, "color": BAND_50, "linewidth": 5},
    }
    row = 0.27 if layout.is_wide else 0.44
    left = 2.3 if layout.is_wide else 0.14
    above = title_height(caption, layout) + keys_height(list(keys), layout) + 0.12
    figure = new_figure(layout, above + n * row + 0.62 + notes_height(caption, layout))
    top = draw_title(figure, caption, layout)
    top += draw_keys(figure, keys, top, layout) + 0.12
    axes = axes_at(figure, left, top, layout.width - left - 0.3, n * row)
    places = np.arange(n)[::-1].astype(float) - (0.0 if layout.is_wide else 0.2)
    axes.hlines(places, drawn["low"], drawn["high"], color=BAND_50, linewidth=5)
    axes.plot(drawn["median"], places, "|", color=MEDIAN, markersize=9, markeredgewidth=2)
    axes.plot(drawn["rank"], places, linestyle="none", **_dot(PAPER))
    axes.set_ylim(-0.6, n - 0.4)
    axes.set_xlim(0, n_ranked + 1)
    if layout.is_wide:
        axes.set_yticks(places, [textwrap.shorten(name, LETTERS, placeholder="…") for name in drawn["name"]], size=BODY)
        axes.tick_params(axis="y", labelcolor=INK)
    else:
        axes.set_yticks([])
        beside = {"xytext": (2, 0), "textcoords": "offset points", "va": "bottom"}
        for place, name in zip(places, drawn["name"], strict=True):
            axes.annotate(name, (0, place + 0.24), size=BODY, color=INK, **beside)
    axes.tick_params(length=0, pad=4)
    ticks = MaxNLocator(7 if layout.is_wide else 4, integer=True).tick_values(1, n_ranked)
    axes.set_xticks([1, *(tick for tick in ticks if n_ranked * 0.06 + 1 < tick <= n_ranked)])
    axes.grid(axis="x", color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines["bottom"].set_visible(False)
    axes.set_xlabel(f"rank among {n_ranked} countries (1 = largest)", size=SMALL, color=MUTED, labelpad=5)
    draw_notes(figure, caption, layout)
    return figure


def _dot(face: str) -> dict:
    return {
        "marker": "o",
        "markersize": 6,
        "markerfacecolor": face,
        "markeredgecolor": INK,
        "markeredgewidth": 1.2,
        "color": INK,
    }
