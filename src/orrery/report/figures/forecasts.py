"""How forecasts came out: frequencies against chances, and the chance of every case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy import stats

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
from orrery.report.style import INK, MUTED, PAPER, RULE, SMALL, Layout, axes_at, new_figure

MARKS = ("o", "s", "^")
"""Models are told apart by shape as well as colour."""
N_BINS = 5
MOST_CASES = 80
COVERAGE = 0.9
"""Of the intervals of frequencies."""


def draw_reliability(
    chances: Mapping[str, Float[np.ndarray, " case"]],
    agreed: Bool[np.ndarray, " case"],
    caption: Caption,
    layout: Layout,
) -> Figure:
    """Draw how often there was agreement over how likely it was, in bins of equal numbers of cases.

    Args:
        chances: of agreement, by name of the model; at most as many as there are `MARKS`.
        agreed: what happened.
        caption: words of the figure.
        layout: wide or narrow.

    Raises:
        NegotiationError: fewer cases than bins, no model, or more than there are marks.
    """
    _check_models(list(chances))
    if len(agreed) < N_BINS:
        raise NegotiationError(f"`agreed`: {len(agreed)} cases came; give at least {N_BINS}, one for each bin.")
    size = min(3.4, layout.width - 0.8)
    figure, axes = _framed(list(chances), caption, layout, (0.55, size, size))
    axes.plot([0, 1], [0, 1], color=RULE, linewidth=1.2, zorder=0)
    for place, chance in enumerate(chances.values()):
        middle, frequency, interval = binned(chance, agreed)
        colour = SERIES_COLOURS[place]
        axes.vlines(middle, *interval, color=colour, linewidth=1.0)
        axes.plot(middle, frequency, linestyle="none", clip_on=False, **_mark(place))
    axes.set_ylim(0, 1)
    # The horizontal axis names the corner.
    axes.set_yticks([0.2, 0.4, 0.6, 0.8, 1.0])
    axes.set_ylabel("share of cases with agreement", size=SMALL, color=MUTED)
    axes.set_xlabel("chance of agreement, mean of the bin", size=SMALL, color=MUTED, labelpad=5)
    return figure


def draw_chances(table: pd.DataFrame, caption: Caption, layout: Layout) -> Figure:
    """Draw one line per case with the chance that each model gives agreement, from the least by the first to the most.

    Args:
        table: `case`, `agreed`, and a column for each model; marks are filled where there was agreement, else open.
        caption: words of the figure.
        layout: wide (names at the left of the lines) or narrow (names above them).

    Raises:
        NegotiationError: no case or more than `MOST_CASES`, no model or more than there are marks.
    """
    models = [column for column in table if column not in ("case", "agreed")]
    _check_models(models)
    if not 1 <= len(table) <= MOST_CASES:
        raise NegotiationError(f"`table`: {len(table)} cases came; a figure holds 1 to {MOST_CASES}. Show fewer.")
    rows = table.sort_values(models[0], kind="stable")
    left, step = (2.75, 0.19) if layout.is_wide else (0.14, 0.38)
    figure, axes = _framed(models, caption, layout, (left, layout.width - left - 0.3, step * len(rows)))
    # Narrow figures have names above the marks, so that the marks stand low in their lines.
    places = np.arange(len(rows)) - (0.0 if layout.is_wide else 0.25)
    axes.hlines(places, rows[models].min(axis=1), rows[models].max(axis=1), color=RULE, linewidth=2)
    for place, model in enumerate(models):
        for happened in (True, False):
            some = rows["agreed"].to_numpy(bool) == happened
            filled: dict[str, Any] = (
                {} if happened else {"markerfacecolor": PAPER, "markeredgecolor": SERIES_COLOURS[place]}
            )
            axes.plot(rows.loc[some, model], places[some], linestyle="none", clip_on=False, **(_mark(place) | filled))
    axes.set_ylim(-0.8, len(rows) - 0.2)
    _write_cases(axes, rows["case"].tolist(), places, layout)
    axes.spines["bottom"].set_visible(False)
    axes.set_xlabel("chance of agreement", size=SMALL, color=MUTED, labelpad=5)
    return figure


def binned(
    chance: Float[np.ndarray, " case"], agreed: Bool[np.ndarray, " case"]
) -> tuple[Float[np.ndarray, " bin"], Float[np.ndarray, " bin"], Float[np.ndarray, "2 bin"]]:
    """Return mean chance and frequency of bins of equal numbers of cases, and Jeffreys' interval of the frequency.

    The interval holds 90 % of a beta distribution with `k + 1/2` and `n - k + 1/2`, and reaches to 0 where `k = 0`, to
    1 where `k = n` (Brown, Cai & DasGupta 2001).
    """
    bins = np.array_split(np.argsort(chance, kind="stable"), N_BINS)
    middle = np.array([chance[rows].mean() for rows in bins])
    happened, size = np.array([agreed[rows].sum() for rows in bins]), np.array([len(rows) for rows in bins])
    beta = stats.beta(happened + 0.5, size - happened + 0.5)
    tail = (1 - COVERAGE) / 2
    low = np.where(happened == 0, 0.0, beta.ppf(tail))
    high = np.where(happened == size, 1.0, beta.ppf(1 - tail))
    return middle, happened / size, np.stack([low, high])


def _framed(names: list[str], caption: Caption, layout: Layout, box: tuple[float, float, float]) -> tuple[Figure, Axes]:
    """Return a figure with its words and axes from 0 to 1, `box` inches from the left, wide and high."""
    left, width, height = box
    above = title_height(caption, layout) + keys_height(names, layout) + 0.12
    figure = new_figure(layout, above + height + 0.62 + notes_height(caption, layout))
    top = draw_title(figure, caption, layout)
    top += draw_keys(figure, {name: _mark(place) for place, name in enumerate(names)}, top, layout) + 0.12
    axes = axes_at(figure, left, top, width, height)
    axes.set_xlim(0, 1)
    axes.tick_params(length=0, pad=4)
    axes.grid(axis="x", color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)
    draw_notes(figure, caption, layout)
    return figure, axes


def _write_cases(axes: Axes, names: list[str], places: Float[np.ndarray, " case"], layout: Layout) -> None:
    if layout.is_wide:
        axes.set_yticks(places, names, size=SMALL)
        axes.tick_params(axis="y", labelcolor=INK)
        return
    axes.set_yticks([])
    beside = {"xytext": (2, 0), "textcoords": "offset points", "va": "bottom"}
    for place, name in zip(places, names, strict=True):
        axes.annotate(name, (0, place + 0.24), size=SMALL, color=INK, **beside)


def _check_models(names: list[str]) -> None:
    if not 1 <= len(names) <= len(MARKS):
        raise NegotiationError(f"{len(names)} models came; a figure holds 1 to {len(MARKS)}. Name fewer.")


def _mark(place: int) -> dict[str, Any]:
    return {
        "marker": MARKS[place],
        "markersize": 6,
        "markerfacecolor": SERIES_COLOURS[place],
        "markeredgecolor": PAPER,
        "markeredgewidth": 0.8,
        "color": SERIES_COLOURS[place],
    }
