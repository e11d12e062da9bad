"""Paths of measures over the years: one panel per country or measure, intervals as bands, missing years as gaps."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Int
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
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
from orrery.report.style import (
    BAND_80,
    BODY,
    HATCH,
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

PANEL_HEIGHT, LINE, UNIT, TICKS, GAP = 1.35, 0.165, 0.24, 0.46, 0.14
"""Inches: the plot of a panel, a line of its title, its unit, the years below it, the space after it."""
SERIES_COLOURS = (MEDIAN, "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#4d5560", "#882255")
"""Told apart under the common colour-vision deficiencies; each series has a line style of its own as well."""
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<")
MOST_PANELS = 24
MISSING: dict[str, Any] = {"facecolor": PAPER, "edgecolor": "#c4c7cb", "hatch": "//////"}
"""How years without data are drawn."""


def draw_paths(
    paths: pd.DataFrame, caption: Caption, layout: Layout, *, same_scale: bool = False, period: str = "year"
) -> Figure:
    """Draw one panel per value of `panel`, one line per value of `series`.

    A line is solid between observed years and dotted where an end is carried forward, interpolated or estimated; a
    year without a value is a gap, and hatched where no series has one.

    Args:
        paths: `panel, unit, series, year, value, low, high, observed`; low and high NaN where no error is stated.
        caption: words of the figure.
        layout: wide (three panels side by side) or narrow (one).
        same_scale: whether all panels share the vertical scale.
        period: what `year` counts: years, or sessions.

    Raises:
        MeasureError: no panel, or more than `MOST_PANELS`.
    """
    panels = [panel for _, panel in paths.groupby("panel", sort=False)]
    check_panels(len(panels))
    series = list(dict.fromkeys(paths["series"]))
    keys = _keys(paths, series, period)
    width = layout.width / layout.columns
    titles = [textwrap.wrap(str(panel["panel"].iloc[0]), int((width - 0.2) * 96 / 7.4)) for panel in panels]
    rows = [range(first, min(first + layout.columns, len(panels))) for first in range(0, len(panels), layout.columns)]
    headings = [max(len(titles[index]) for index in row) * LINE + UNIT for row in rows]
    body = sum(headings) + len(rows) * (PANEL_HEIGHT + TICKS + GAP)
    above = title_height(caption, layout) + keys_height(list(keys), layout) + 0.1
    figure = new_figure(layout, above + body + notes_height(caption, layout))
    top = draw_title(figure, caption, layout)
    top += draw_keys(figure, keys, top, layout) + 0.1
    years = np.arange(paths["year"].min(), paths["year"].max() + 1)
    limits = _limits(paths) if same_scale else None
    for row, heading in zip(rows, headings, strict=True):
        for column, index in enumerate(row):
            left, unit = column * width, str(panels[index]["unit"].iloc[0])
            text_at(figure, left + 0.04, top, "\n".join(titles[index]), size=BODY, weight="bold", linespacing=1.15)
            text_at(figure, left + 0.04, top + LINE * len(titles[index]) + 0.02, unit, size=SMALL, color=MUTED)
            axes = axes_at(figure, left + 0.52, top + heading, width - 0.74, PANEL_HEIGHT)
            _panel(axes, panels[index], years, series, limits)
            axes.set_xlabel(period, size=SMALL, color=MUTED, labelpad=1)
        top += heading + PANEL_HEIGHT + TICKS + GAP
    draw_notes(figure, caption, layout)
    return figure


def check_panels(n_panels: int) -> None:
    """Refuse a figure of no panel or of too many to be read.

    Raises:
        MeasureError: no panel, or more than `MOST_PANELS`.
    """
    if not 1 <= n_panels <= MOST_PANELS:
        raise MeasureError(
            f"`--plot`: {n_panels} panels came of the countries and measures asked for; a figure holds 1 to "
            f"{MOST_PANELS}. Choose fewer, or others that have data."
        )


def gaps(known: Bool[np.ndarray, " year"], years: Int[np.ndarray, " year"]) -> list[tuple[int, int]]:
    """Return first and last year of every stretch of years without data."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], ~known, [False]]).astype(int)))
    return [(int(years[first]), int(years[end - 1])) for first, end in edges.reshape(-1, 2)]


def year_ticks(years: Int[np.ndarray, " year"], most: int) -> list[int]:
    """Return at most `most` years to label: round ones where there are many, always far enough apart."""
    span = int(years[-1] - years[0])
    step = next((step for step in (1, 2, 5, 10, 20, 50) if span / step <= most - 1), 100)
    return [int(year) for year in years if year % step == 0] or [int(years[0])]


def _panel(
    axes: Axes,
    panel: pd.DataFrame,
    years: Int[np.ndarray, " year"],
    series: Sequence[str],
    limits: tuple[float, float] | None,
) -> None:
    known = np.zeros(len(years), bool)
    for place, name in enumerate(series):
        rows = panel[panel["series"] == name].set_index("year").reindex(years)
        value = rows["value"].to_numpy(float)
        known |= ~np.isnan(value)
        observed = rows["observed"].astype("boolean").fillna(False).to_numpy(bool)
        alone = len(series) == 1
        _band(axes, years, rows, BAND_80 if alone else SERIES_COLOURS[place % len(SERIES_COLOURS)], alone)
        _line(axes, years, value, observed, place)
    for first, last in gaps(known, years):
        axes.axvspan(first - 0.5, last + 0.5, linewidth=0, zorder=0.5, **MISSING)
    axes.set_xlim(years[0] - 0.5, years[-1] + 0.5)
    axes.margins(y=0.1)
    axes.autoscale_view(scalex=False)
    if limits is not None:
        axes.set_ylim(*limits)
    elif not known.any():
        axes.set_yticks([])
    axes.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    axes.set_xticks(year_ticks(years, 5))
    axes.tick_params(length=0, pad=3)
    axes.grid(axis="y", color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)


def _band(axes: Axes, years: np.ndarray, rows: pd.DataFrame, colour: str, alone: bool) -> None:
    low, high = rows["low"].to_numpy(float), rows["high"].to_numpy(float)
    axes.fill_between(years, low, high, color=colour, linewidth=0, alpha=1.0 if alone else 0.18, zorder=1)
    # A band needs two years; a single one gets a bar.
    single = _isolated(~np.isnan(low))
    axes.vlines(years[single], low[single], high[single], color=colour, linewidth=3, zorder=1)


def _line(axes: Axes, years: np.ndarray, value: Float[np.ndarray, " year"], observed: np.ndarray, place: int) -> None:
    """Draw a series: segments between consecutive known years, dots where a year has no known neighbour."""
    colour = SERIES_COLOURS[place % len(SERIES_COLOURS)]
    known = ~np.isnan(value)
    both = known[1:] & known[:-1]
    firm = observed[1:] & observed[:-1]
    for chosen, style in ((both & firm, "solid"), (both & ~firm, (0, (1, 1.3)))):
        ends = np.stack([np.stack([years[:-1], years[1:]], 1), np.stack([value[:-1], value[1:]], 1)], -1)[chosen]
        axes.add_collection(LineCollection(list(ends), colors=colour, linewidths=1.7, linestyles=[style], zorder=2))
    marked = _isolated(known)
    if place or marked.any():
        # Colour is not the only mark: every series but the first carries a symbol every few years.
        every = np.arange(len(years)) % max(len(years) // 5, 1) == place % max(len(years) // 5, 1)
        marked |= known & every & (place > 0)
        axes.plot(
            years[marked], value[marked], MARKERS[place % len(MARKERS)], color=colour, markersize=4, zorder=3, mew=0
        )


def _isolated(known: Bool[np.ndarray, " year"]) -> Bool[np.ndarray, " year"]:
    padded = np.concatenate([[False], known, [False]])
    return known & ~padded[:-2] & ~padded[2:]


def _limits(paths: pd.DataFrame) -> tuple[float, float] | None:
    values = paths[["value", "low", "high"]].to_numpy(float)
    if np.isnan(values).all():
        return None
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    pad = 0.06 * (high - low) or 0.1
    return low - pad, high + pad


def _keys(paths: pd.DataFrame, series: Sequence[str], period: str) -> dict[str, dict]:
    keys: dict[str, dict] = {}
    if len(series) == 1:
        keys["value" if not series[0] else series[0]] = _line_key(0)
    else:
        keys = {name: _line_key(place) for place, name in enumerate(series)}
    if paths["low"].notna().any():
        keys["90 % interval"] = {"facecolor": BAND_80}
    if not paths.loc[paths["value"].notna(), "observed"].all():
        keys[f"not observed that {period}"] = {
            "line": True,
            "color": MUTED,
            "linewidth": 1.7,
            "linestyle": (0, (1, 1.3)),
        }
    missing = paths.assign(known=paths["value"].notna()).groupby(["panel", "year"])["known"].any()
    if not missing.all() or len(missing) < paths["panel"].nunique() * (paths["year"].max() - paths["year"].min() + 1):
        keys["no data"] = {**MISSING, "edgecolor": HATCH, "linewidth": 0.5}
    return keys


def _line_key(place: int) -> dict[str, Any]:
    key: dict[str, Any] = {
        "line": True,
        "color": SERIES_COLOURS[place % len(SERIES_COLOURS)],
        "linewidth": 1.8,
    }
    return key if place == 0 else {**key, "marker": MARKERS[place % len(MARKERS)], "markersize": 4, "markevery": [1]}
