"""Whether agreements hold: who gains by staying in, and how they end."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
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
    new_figure,
    text_at,
)

MOST_SERIES, MOST_PANELS = 6, 3
PLOT, TICKS, HEADING = 2.3, 0.54, 0.27
"""Inches: a plot, what stands below it, the name above a panel."""
FATES: dict[str, tuple[str, str]] = {
    "in_force": ("in force", BAND_80),
    "renegotiated": ("renegotiated", BAND_50),
    "broken_down": ("broken down", MEDIAN),
}
"""Columns of fates, from the bottom of the figure up: their words and colours."""


def draw_participation(gains: pd.DataFrame, caption: Caption, layout: Layout, *, unit: str) -> Figure:
    """Draw what a member gains by staying in against the number of members: one line per series.

    A circle marks the numbers of members at which nobody gains by leaving or joining.

    Args:
        gains: `series, members, gain, stable`; a series for each arrangement.
        caption: words of the figure.
        layout: wide or narrow.
        unit: what the vertical axis shows, in words.

    Raises:
        NegotiationError: no series, or more than `MOST_SERIES`.
    """
    series = _named(gains, "series", MOST_SERIES)
    keys = {name: _line(place) for place, name in enumerate(series)}
    keys["agreement that holds"] = {"marker": "o", "color": INK, "markersize": 6, "markerfacecolor": "none"}
    above = title_height(caption, layout) + keys_height(list(keys), layout) + 0.3
    figure = new_figure(layout, above + PLOT + TICKS + notes_height(caption, layout))
    top = draw_title(figure, caption, layout)
    top += draw_keys(figure, keys, top, layout) + 0.06
    text_at(figure, 0.04, top, unit, size=SMALL, color=MUTED)
    axes = axes_at(figure, 0.6, top + 0.24, layout.width - 0.8, PLOT)
    for place, (_, rows) in enumerate(gains.groupby("series", sort=False)):
        members, gain = rows["members"].to_numpy(int), rows["gain"].to_numpy(float)
        line = {key: value for key, value in _line(place).items() if key not in ("line", "markevery")}
        axes.plot(members, gain, markevery=max(len(members) // 5, 1), clip_on=False, **line)
        stable = rows["stable"].to_numpy(bool)
        axes.plot(members[stable], gain[stable], "o", color=INK, markersize=8, markerfacecolor="none", zorder=4)
    axes.axhline(0, color=INK, linewidth=0.8, zorder=1)
    axes.xaxis.set_major_locator(MaxNLocator(8 if layout.is_wide else 5, integer=True))
    axes.set_xlabel("members of the agreement", size=SMALL, color=MUTED, labelpad=3)
    _plain(axes)
    draw_notes(figure, caption, layout)
    return figure


def draw_fates(fates: pd.DataFrame, caption: Caption, layout: Layout) -> Figure:
    """Draw how likely an agreement is in force, renegotiated or broken down, year by year: one panel each.

    Args:
        fates: `panel, year, in_force, renegotiated, broken_down`; the three sum to 1 in each row.
        caption: words of the figure.
        layout: wide (panels side by side) or narrow (below each other).

    Raises:
        NegotiationError: no panel or more than `MOST_PANELS`, or probabilities that do not sum to 1.
    """
    panels = _named(fates, "panel", MOST_PANELS)
    total = fates[list(FATES)].to_numpy(float).sum(1)
    if np.abs(total - 1).max() > 1e-3:
        raise NegotiationError(
            f"`fates`: the three probabilities of a row sum to {total[np.abs(total - 1).argmax()]:.3f}; they must sum "
            "to 1. Give those of `survival.fate`."
        )
    keys = {words: {"facecolor": colour} for words, colour in FATES.values()}
    columns = len(panels) if layout.is_wide else 1
    width, each = layout.width / columns, HEADING + PLOT + TICKS
    above = title_height(caption, layout) + keys_height(list(keys), layout) + 0.1
    figure = new_figure(layout, above + each * (len(panels) // columns) + notes_height(caption, layout))
    top = draw_title(figure, caption, layout)
    top += draw_keys(figure, keys, top, layout) + 0.1
    for place, (name, rows) in enumerate(fates.groupby("panel", sort=False)):
        row, column = divmod(place, columns)
        text_at(figure, column * width + 0.04, top + row * each, str(name), size=BODY, weight="bold")
        axes = axes_at(figure, column * width + 0.55, top + row * each + HEADING, width - 0.8, PLOT)
        start = [[1.0], [0.0], [0.0]]
        shares = np.concatenate([start, rows[list(FATES)].to_numpy(float).T], axis=1)
        years = np.concatenate([[0], rows["year"].to_numpy(int)])
        axes.stackplot(years, shares, colors=[colour for _, colour in FATES.values()], linewidth=0)
        axes.set_xlim(0, years[-1])
        axes.set_ylim(0, 1)
        axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25", "50", "75", "100 %"])
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        axes.set_xlabel("years since the agreement", size=SMALL, color=MUTED, labelpad=3)
        _plain(axes)
    draw_notes(figure, caption, layout)
    return figure


def _named(table: pd.DataFrame, column: str, most: int) -> list[str]:
    names = [str(name) for name in dict.fromkeys(table[column])]
    if not 1 <= len(names) <= most:
        raise NegotiationError(f"`{column}`: {len(names)} came; a figure holds 1 to {most}. Choose fewer.")
    return names


def _line(place: int) -> dict[str, Any]:
    drawn: dict[str, Any] = {"line": True, "color": SERIES_COLOURS[place], "linewidth": 1.8}
    # Colour is not the only mark: every line but the first carries a symbol.
    return drawn if place == 0 else {**drawn, "marker": MARKERS[place], "markersize": 4, "markevery": [1]}


def _plain(axes: Axes) -> None:
    axes.tick_params(length=0, pad=4)
    axes.grid(axis="y", color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)
