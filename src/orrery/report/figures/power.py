"""Voting power of the members of a body: one bar each, the largest on top."""

from __future__ import annotations

import textwrap

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from orrery.base.errors import InstitutionError
from orrery.report.figures.caption import Caption, draw_notes, draw_title, notes_height, title_height
from orrery.report.style import BAND_50, BODY, INK, MUTED, RULE, SMALL, Layout, axes_at, new_figure

LETTERS = 26
"""Letters of a line of a member's name at the left of its bar."""
MOST_ROWS = 60


def draw_power(powers: pd.DataFrame, caption: Caption, layout: Layout, *, unit: str) -> Figure:
    """Draw one bar per member, the largest on top, with its value beside it.

    Args:
        powers: `name` and `value`, 0 or more.
        caption: words of the figure.
        layout: wide (names at the left of the bars) or narrow (names above them).
        unit: what the axis shows, in words.

    Raises:
        InstitutionError: no member, or more than `MOST_ROWS`.
    """
    drawn = powers.sort_values(["value", "name"], ascending=[False, True])
    n = len(drawn)
    if not 1 <= n <= MOST_ROWS:
        raise InstitutionError(
            f"`--plot`: {n} members came; a figure holds 1 to {MOST_ROWS}. Show the first (`--top`)."
        )
    row = 0.25 if layout.is_wide else 0.42
    left = 2.3 if layout.is_wide else 0.14
    above = title_height(caption, layout) + 0.12
    figure = new_figure(layout, above + n * row + 0.62 + notes_height(caption, layout))
    top = draw_title(figure, caption, layout) + 0.12
    axes = axes_at(figure, left, top, layout.width - left - 0.8, n * row)
    places = np.arange(n)[::-1].astype(float) - (0.0 if layout.is_wide else 0.2)
    axes.barh(places, drawn["value"], height=0.56 if layout.is_wide else 0.34, color=BAND_50)
    largest = float(drawn["value"].max())
    beside = {"xytext": (4, 0), "textcoords": "offset points", "va": "center"}
    for place, value in zip(places, drawn["value"], strict=True):
        axes.annotate(f"{value:.3g}", (value, place), size=SMALL, color=INK, **beside)
    axes.set_ylim(-0.6, n - 0.4)
    axes.set_xlim(0, largest if largest > 0 else 1)
    if layout.is_wide:
        axes.set_yticks(places, [textwrap.shorten(name, LETTERS, placeholder="…") for name in drawn["name"]], size=BODY)
        axes.tick_params(axis="y", labelcolor=INK)
    else:
        axes.set_yticks([])
        above_bar = {"xytext": (2, 0), "textcoords": "offset points", "va": "bottom"}
        for place, name in zip(places, drawn["name"], strict=True):
            axes.annotate(name, (0, place + 0.2), size=BODY, color=INK, **above_bar)
    axes.tick_params(length=0, pad=4)
    axes.locator_params(axis="x", nbins=5)
    axes.grid(axis="x", color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines["bottom"].set_visible(False)
    axes.set_xlabel(unit, size=SMALL, color=MUTED, labelpad=5)
    draw_notes(figure, caption, layout)
    return figure
