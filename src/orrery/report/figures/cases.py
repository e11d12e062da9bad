"""A negotiation in one figure: what each party wants on each issue, the status quo, the texts forecast and recorded."""

from __future__ import annotations

import textwrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
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
from orrery.report.style import (
    BAND_80,
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
    text_at,
)

MOST_PARTIES, MOST_ISSUES = 40, 8
LETTERS = 30
"""Letters of a party's name at the left of its marks."""
NAMES, ROW, HEADING, FOOT, GAP = 2.15, 0.21, 0.42, 0.4, 0.36
"""Inches: the names, a row, the name above a panel in two lines, the scale below it, between panels."""
RECORDED = "#D55E00"
LEAST_MARK, MOST_MARK = 3.0, 9.0
"""Points across: the mark of a party to which an issue does not matter, and of one to which it matters most."""
KEYS = {
    "position of a party, by salience": {
        "marker": "o",
        "markersize": 7,
        "color": INK,
        "markeredgecolor": PAPER,
    },
    "status quo": {"line": True, "color": MUTED, "linestyle": (0, (2, 2)), "linewidth": 1.4},
    "text forecast": {"line": True, "color": MEDIAN, "linewidth": 2.2},
    "80 % of draws": {"facecolor": BAND_80},
    "text recorded": {"line": True, "color": RECORDED, "linewidth": 2.2},
}


def draw_case(wants: pd.DataFrame, texts: pd.DataFrame, caption: Caption, layout: Layout) -> Figure:
    """Draw a panel for each issue with a row for each party, and lines across it for the texts.

    Args:
        wants: `party, issue, position, salience`, parties by name, in the order in which they are drawn.
        texts: `issue, status_quo, value, low, high, recorded`, all in points from 0 to 100; `recorded` is NaN where
            nothing is.
        caption: words of the figure.
        layout: wide (up to three panels side by side) or narrow (below each other).

    Raises:
        NegotiationError: no party or issue, or more than a figure holds.
    """
    parties, issues = list(dict.fromkeys(wants["party"])), texts["issue"].tolist()
    for found, most, what in ((parties, MOST_PARTIES, "parties"), (issues, MOST_ISSUES, "issues")):
        if not 1 <= len(found) <= most:
            raise NegotiationError(f"`--plot`: {len(found)} {what} came; a figure holds 1 to {most}.")
    keys = {name: drawn for name, drawn in KEYS.items() if name != "text recorded" or texts["recorded"].notna().any()}
    columns = min(layout.columns, len(issues))
    names = NAMES if layout.is_wide else 1.3
    width = (layout.width - names - 0.15 - GAP * (columns - 1)) / columns
    each = HEADING + ROW * len(parties) + FOOT
    above = title_height(caption, layout) + keys_height(list(keys), layout) + 0.1
    below = each * -(-len(issues) // columns)
    figure = new_figure(layout, above + below + notes_height(caption, layout))
    top = draw_title(figure, caption, layout)
    top += draw_keys(figure, keys, top, layout) + 0.1
    for place, (_, text) in enumerate(texts.iterrows()):
        row, column = divmod(place, columns)
        left, here = names + column * (width + GAP), top + row * each
        letters = int(width * 72 / (SMALL * 0.68))
        heading = "\n".join(textwrap.wrap(str(text["issue"]), letters, max_lines=2, placeholder="…"))
        text_at(figure, left, here, heading, size=SMALL, weight="bold", color=INK, linespacing=1.2)
        axes = axes_at(figure, left, here + HEADING, width, ROW * len(parties))
        _draw_panel(axes, wants[wants["issue"] == text["issue"]], text, parties)
        if column == 0:
            letters = LETTERS if layout.is_wide else LETTERS // 2
            shown = [textwrap.shorten(name, letters, placeholder="…") for name in parties]
            axes.set_yticks(np.arange(len(parties)), shown, size=BODY)
            axes.tick_params(axis="y", length=0, labelcolor=INK)
    draw_notes(figure, caption, layout)
    return figure


def _draw_panel(axes: Axes, wants: pd.DataFrame, text: pd.Series, parties: list[str]) -> None:
    """Draw one issue: lines across all rows, and a mark in each."""
    axes.axvspan(text["low"], text["high"], color=BAND_80, linewidth=0, zorder=0)
    lines = {"status quo": "status_quo", "text forecast": "value", "text recorded": "recorded"}
    for name, column in lines.items():
        if np.isfinite(text[column]):
            drawn = {key: value for key, value in KEYS[name].items() if key != "line"}
            axes.axvline(text[column], zorder=1, clip_on=False, **drawn)
    rows = [parties.index(name) for name in wants["party"]]
    sizes = LEAST_MARK + (MOST_MARK - LEAST_MARK) * wants["salience"].to_numpy(float)
    axes.scatter(wants["position"], rows, s=sizes**2, color=INK, edgecolors=PAPER, zorder=3, clip_on=False)
    axes.set_xlim(0, 100)
    axes.set_ylim(len(parties) - 0.4, -0.6)
    axes.set_yticks([])
    axes.set_xticks([0, 25, 50, 75, 100])
    axes.tick_params(axis="x", length=0, pad=4, labelsize=SMALL, labelcolor=MUTED)
    axes.hlines(np.arange(len(parties)), 0, 100, color=RULE, linewidth=0.5, zorder=0.5)
    axes.spines["bottom"].set_visible(False)
