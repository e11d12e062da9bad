"""How a burden falls on countries: one line each from the least to the most that a rule asks, a mark for each rule."""

from __future__ import annotations

import textwrap

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

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
from orrery.report.figures.paths import SERIES_COLOURS
from orrery.report.style import BODY, INK, MUTED, PAPER, RULE, SMALL, Layout, axes_at, new_figure

LETTERS = 26
"""Letters of a line of a country's name at the left of its marks."""
MOST_ROWS = 60
MARKS = ("o", "s", "^", "D", "v", "P", "X")
"""Rules are told apart by shape as well as colour."""


def draw_burdens(burdens: pd.DataFrame, caption: Caption, layout: Layout, *, unit: str) -> Figure:
    """Draw one line per country in the order given, with a mark where each rule puts it.

    Args:
        burdens: `name`, and one column for each rule, 0 or more; at most as many as there are `MARKS`.
        caption: words of the figure.
        layout: wide (names at the left of the lines) or narrow (names above them).
        unit: what the axis shows, in words.

    Raises:
        NegotiationError: no country or more than `MOST_ROWS`, no rule or more than there are marks.
    """
    n, rules = len(burdens), [column for column in burdens if column != "name"]
    if not 1 <= n <= MOST_ROWS:
        raise NegotiationError(
            f"`--plot`: {n} countries came; a figure holds 1 to {MOST_ROWS}. Show the first (`--top`)."
        )
    if not 1 <= len(rules) <= len(MARKS):
        raise NegotiationError(f"`--plot`: {len(rules)} rules came; a figure holds 1 to {len(MARKS)}. Name fewer.")
    keys = {rule: _mark(place) for place, rule in enumerate(rules)}
    row = 0.27 if layout.is_wide else 0.44
    left = 2.3 if layout.is_wide else 0.14
    above = title_height(caption, layout) + keys_height(rules, layout) + 0.12
    figure = new_figure(layout, above + n * row + 0.62 + notes_height(caption, layout))
    top = draw_title(figure, caption, layout)
    top += draw_keys(figure, keys, top, layout) + 0.12
    axes = axes_at(figure, left, top, layout.width - left - 0.3, n * row)
    places = np.arange(n)[::-1].astype(float) - (0.0 if layout.is_wide else 0.2)
    values = burdens[rules].to_numpy(float)
    axes.hlines(places, values.min(1), values.max(1), color=RULE, linewidth=3)
    for rule, drawn in keys.items():
        axes.plot(burdens[rule], places, linestyle="none", clip_on=False, **drawn)
    axes.set_ylim(-0.6, n - 0.4)
    axes.set_xlim(0, float(values.max()) * 1.04)
    _write_names(axes, burdens["name"], places, layout)
    axes.tick_params(length=0, pad=4)
    axes.locator_params(axis="x", nbins=6 if layout.is_wide else 4)
    axes.grid(axis="x", color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines["bottom"].set_visible(False)
    axes.set_xlabel(unit, size=SMALL, color=MUTED, labelpad=5)
    draw_notes(figure, caption, layout)
    return figure


def _write_names(axes, names: pd.Series, places: np.ndarray, layout: Layout) -> None:
    if layout.is_wide:
        axes.set_yticks(places, [textwrap.shorten(name, LETTERS, placeholder="…") for name in names], size=BODY)
        axes.tick_params(axis="y", labelcolor=INK)
        return
    axes.set_yticks([])
    beside = {"xytext": (2, 0), "textcoords": "offset points", "va": "bottom"}
    for place, name in zip(places, names, strict=True):
        axes.annotate(name, (0, place + 0.24), size=BODY, color=INK, **beside)


def _mark(place: int) -> dict:
    return {
        "marker": MARKS[place],
        "markersize": 6,
        "markerfacecolor": SERIES_COLOURS[place % len(SERIES_COLOURS)],
        "markeredgecolor": PAPER,
        "markeredgewidth": 0.6,
        "color": SERIES_COLOURS[place % len(SERIES_COLOURS)],
    }
