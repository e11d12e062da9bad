"""Countries on the line of ideal points in one year, each with its interval and a label that covers no other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float
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
    text_width,
    title_height,
)
from orrery.report.style import BAND_50, INK, MEDIAN, MUTED, PAPER, RULE, SMALL, Layout, axes_at, new_figure

LANE, RUG, AXIS, SIDE = 0.21, 0.2, 0.5, 0.2
"""Inches: one lane of labelled countries, the strip of all countries, axis and its label, the left and right edge."""
MOST_NAMED = 30
"""Up to this many countries carry their names, more their codes."""
BESIDE = 0.08
"""Inches between an interval and its label, and between two neighbours of a lane."""
MARGIN, CODE = 0.12, 0.5
"""Inches at the left of all intervals, and at the right, where a code has to fit."""
LEAST_SPAN = 0.5
"""Units of the line that are shown at least."""


def draw_ideal_line(
    points: pd.DataFrame, everybody: Float[np.ndarray, " country"], caption: Caption, layout: Layout
) -> Figure:
    """Draw the line: a tick per country of the world on the axis, the countries chosen above it.

    Args:
        points: `country, name, value, low, high, observed` of the countries chosen; low and high hold 90 %.
        everybody: positions of all countries, for the ticks.
        caption: words of the figure.
        layout: wide or narrow.

    Raises:
        MeasureError: no country has a position.
    """
    drawn = points.dropna(subset=["value"]).sort_values("value", ignore_index=True)
    if drawn.empty:
        raise MeasureError("`--plot`: none of the countries chosen has a position in this year. Choose others.")
    known = everybody[~np.isnan(everybody)]
    named = len(drawn) <= MOST_NAMED
    limits, scale = _limits(np.concatenate([known, drawn["low"], drawn["high"]]), layout.width - 2 * SIDE)
    boxes = [
        _box(row.low, row.high, [row.name, row.country] if named else [row.country], limits, scale)
        for row in drawn.itertuples(index=False)
    ]
    lanes = pack([(box.left, box.right) for box in boxes])
    height = (max(lanes) + 1) * LANE + 0.1
    keys = _keys(drawn)
    above = title_height(caption, layout) + keys_height(list(keys), layout) + 0.08
    figure = new_figure(layout, above + height + RUG + AXIS + notes_height(caption, layout))
    top = draw_title(figure, caption, layout)
    top += draw_keys(figure, keys, top, layout) + 0.08
    axes = axes_at(figure, SIDE, top, layout.width - 2 * SIDE, height + RUG)
    axes.set_xlim(*limits)
    axes.set_ylim(0, height + RUG)
    axes.vlines(known, 0.02, RUG * 0.75, color=MUTED, linewidth=0.7, alpha=0.75)
    for row, lane, box in zip(drawn.itertuples(), lanes, boxes, strict=True):
        level = RUG + 0.1 + LANE * lane + 0.02
        axes.hlines(level, row.low, row.high, color=BAND_50, linewidth=4)
        face = MEDIAN if row.observed else PAPER
        axes.plot(row.value, level, "o", markersize=4.6, markerfacecolor=face, markeredgecolor=MEDIAN)
        axes.text(box.text_left, level, box.label, size=SMALL, color=INK, va="center_baseline", ha="left")
    axes.set_yticks([])
    axes.xaxis.set_major_locator(MaxNLocator(8 if layout.is_wide else 5, steps=[1, 2, 5, 10]))
    axes.grid(axis="x", color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, pad=4)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("ideal point (1 = one standard deviation of all country-years)", size=SMALL, color=MUTED)
    draw_notes(figure, caption, layout)
    return figure


def pack(boxes: Sequence[tuple[float, float]]) -> list[int]:
    """Return the lowest lane of each box, `(left, right)`, in which it covers none of those before it."""
    lanes: list[list[tuple[float, float]]] = []
    chosen = []
    for left, right in boxes:
        lane = next(
            (place for place, held in enumerate(lanes) if all(right <= a or left >= b for a, b in held)), len(lanes)
        )
        if lane == len(lanes):
            lanes.append([])
        lanes[lane].append((left, right))
        chosen.append(lane)
    return chosen


class _Box(NamedTuple):
    """What a country takes of its lane, and where its label starts, in units of the line."""

    left: float
    right: float
    text_left: float
    label: str


def _box(low: float, high: float, labels: Sequence[str], limits: tuple[float, float], scale: float) -> _Box:
    """Place the first label that fits right of the interval or left of it; a code always fits at the right."""
    space = BESIDE / scale
    for label in labels:
        width = text_width(label, SMALL) / scale
        if high + space + width <= limits[1]:
            return _Box(low - space, high + width + 2 * space, high + space, label)
        if low - space - width >= limits[0]:
            return _Box(low - width - 2 * space, high + space, low - space - width, label)
    width = text_width(labels[-1], SMALL) / scale
    return _Box(low - space, high + width + 2 * space, high + space, labels[-1])


def _limits(values: Float[np.ndarray, " value"], width: float) -> tuple[tuple[float, float], float]:
    """Return the ends of the axis, with room for a code at the right, and inches per unit."""
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    scale = (width - MARGIN - CODE) / max(high - low, LEAST_SPAN)
    return (low - MARGIN / scale, low - MARGIN / scale + width / scale), scale


def _keys(drawn: pd.DataFrame) -> dict[str, dict]:
    dot = {"marker": "o", "markersize": 4.6, "color": MEDIAN}
    keys: dict[str, dict] = {"ideal point": dot}
    if not drawn["observed"].all():
        keys["without votes then"] = {**dot, "markerfacecolor": PAPER}
    keys["90 % interval"] = {"line": True, "color": BAND_50, "linewidth": 4}
    keys["every country"] = {"marker": "|", "markersize": 9, "color": MUTED}
    return keys
