"""Figures of the design of formats: what a front gives up for what, and which venue suits which matter."""

from __future__ import annotations

import string
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

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
from orrery.report.style import BAND_50, INK, MEDIAN, MUTED, PAPER, RULE, SMALL, Layout, axes_at, new_figure

LEFT, GAP = 0.68, 0.16
PLOT, TICKS, HEADING = 1.9, 0.46, 0.04
"""Inches: beside the first plot, between plots; a plot, what stands below it, the gap above it."""
KNEE, OWN = SERIES_COLOURS[1], SERIES_COLOURS[2]
MARKS: dict[str, dict[str, Any]] = {
    "found by the search": {"marker": "o", "markersize": 5, "color": BAND_50, "markeredgecolor": PAPER},
    "knee": {"marker": "*", "markersize": 14, "color": KNEE, "markeredgecolor": INK, "markeredgewidth": 0.6},
    "the table it had": {"marker": "D", "markersize": 7, "color": OWN, "markeredgecolor": INK, "markeredgewidth": 0.6},
}
"""How each kind of design is drawn; a named format is a letter."""
VENUE_COLOURS = {
    "unilateral": "#E69F00",
    "bilateral": "#CC79A7",
    "minilateral": "#56B4E9",
    "multilateral": "#12436d",
}


def draw_front(designs: pd.DataFrame, units: dict[str, str], caption: Caption, layout: Layout) -> Figure:
    """Draw designs by the first objective against each of the others: one panel for each.

    Args:
        designs: `title`, `kind` (one of `MARKS`, or `named format`) and a column for each objective.
        units: what the axis of each objective says; two or more objectives, in the order of the panels.
        caption: words of the figure; the letters of named formats are explained below it.
        layout: wide (up to four panels side by side) or narrow (one).

    Raises:
        NegotiationError: fewer than two objectives, or more named formats than letters.
    """
    if len(units) < 2:
        raise NegotiationError(f"`objectives`: {len(units)} came; a front is drawn by two or more.")
    named = designs[designs["kind"] == "named format"]
    if len(named) > len(string.ascii_lowercase):
        raise NegotiationError(f"`designs`: {len(named)} named formats came; there are letters for 26. Name fewer.")
    letters = dict(zip(named.index, string.ascii_lowercase, strict=False))
    first, *others = units
    columns = min(4 if layout.is_wide else 1, len(others))
    n_rows = -(-len(others) // columns)
    explained = "Named formats: " + "; ".join(f"{letters[row]} {named.loc[row, 'title']}" for row in named.index) + "."
    words = Caption(caption.title, (*caption.notes, *([explained] if letters else [])))
    above = title_height(words, layout) + keys_height(list(MARKS), layout) + 0.1
    each = HEADING + PLOT + TICKS
    figure = new_figure(layout, above + n_rows * each + notes_height(words, layout))
    top = draw_title(figure, words, layout)
    top += draw_keys(figure, MARKS, top, layout) + 0.1
    width = (layout.width - LEFT) / columns
    for number, other in enumerate(others):
        row, column = divmod(number, columns)
        axes = axes_at(figure, LEFT + column * width, top + row * each + HEADING, width - GAP, PLOT)
        _draw_pair(axes, designs, (other, first), letters)
        _label(axes, units[other], units[first] if column == 0 else "")
        if column > 0:
            axes.tick_params(labelleft=False)
    draw_notes(figure, words, layout)
    return figure


def draw_venues(
    grid: tuple[np.ndarray, np.ndarray], best: np.ndarray, venues: tuple[str, ...], caption: Caption, layout: Layout
) -> Figure:
    """Draw which venue is worth most at each urgency (up) and scope (right).

    Args:
        grid: urgency, per year, and scope, 0 to 1; both rising.
        best: `[urgency, scope]`, which of the venues.
        venues: kinds of venue, of `VENUE_COLOURS`.
        caption: words of the figure.
        layout: wide or narrow.

    Raises:
        NegotiationError: a venue without a colour, or a grid of another shape than `best`.
    """
    urgency, scope = grid
    unknown = [venue for venue in venues if venue not in VENUE_COLOURS]
    if unknown:
        raise NegotiationError(f"`venues`: {', '.join(unknown)} came; known are {', '.join(VENUE_COLOURS)}.")
    if best.shape != (len(urgency), len(scope)):
        raise NegotiationError(f"`best`: shape {best.shape} came; the grid has {(len(urgency), len(scope))}.")
    keys = {venue: {"facecolor": VENUE_COLOURS[venue]} for venue in venues}
    size = layout.width - LEFT - 0.3
    height = min(0.75 * size, 3.2)
    above = title_height(caption, layout) + keys_height(list(keys), layout) + 0.12
    figure = new_figure(layout, above + height + TICKS + notes_height(caption, layout))
    top = draw_title(figure, caption, layout)
    top += draw_keys(figure, keys, top, layout) + 0.12
    axes = axes_at(figure, LEFT, top, size, height)
    for number, venue in enumerate(venues):
        levels = (best == number).astype(float)
        if levels.any():
            axes.pcolormesh(
                scope, urgency, np.where(levels > 0, 1.0, np.nan), shading="nearest", rasterized=True,
                cmap=ListedColormap([VENUE_COLOURS[venue]]),
            )  # fmt: skip
    axes.set_xlim(scope[0], scope[-1])
    axes.set_ylim(urgency[0], urgency[-1])
    _label(axes, "scope: share of the solution that lies with others", "urgency: loss of worth, per year")
    draw_notes(figure, caption, layout)
    return figure


def _draw_pair(axes: Axes, designs: pd.DataFrame, names: tuple[str, str], letters: dict[Any, str]) -> None:
    across, up = names
    for kind, drawn in MARKS.items():
        some = designs[designs["kind"] == kind]
        axes.plot(
            some[across],
            some[up],
            linestyle="none",
            clip_on=False,
            zorder=2 if drawn["color"] == BAND_50 else 4,
            **drawn,
        )
    for row, letter in letters.items():
        axes.text(
            designs.loc[row, across], designs.loc[row, up], letter, size=SMALL, weight="bold", color=MEDIAN,
            ha="center", va="center", zorder=3, path_effects=[withStroke(linewidth=2, foreground=PAPER)],
        )  # fmt: skip
    for axis, name in (("x", across), ("y", up)):
        values = designs[name].to_numpy(float)
        room = 0.06 * max(float(np.ptp(values)), 1e-6)
        getattr(axes, f"set_{axis}lim")(min(0.0, float(values.min())) - room, float(values.max()) + room)


def _label(axes: Axes, across: str, up: str) -> None:
    axes.set_xlabel(across, size=SMALL, color=MUTED, labelpad=4)
    axes.set_ylabel(up, size=SMALL, color=MUTED, labelpad=4)
    axes.tick_params(length=0, pad=4)
    axes.locator_params(axis="x", nbins=4)
    axes.locator_params(axis="y", nbins=5)
    axes.grid(color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)
