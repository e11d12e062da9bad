"""One roll call: a map of the votes, and the countries along the line with the cut points and what is predicted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter
from scipy.optimize import isotonic_regression

from orrery.measure.ideal_points.explain import ANSWERS, NO_VOTE, Explanation
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
from orrery.report.figures.ideal_line import pack
from orrery.report.figures.maps import OTHERS_HATCH, draw_map, map_height
from orrery.report.figures.scales import ColourScale
from orrery.report.style import (
    BODY,
    HATCH,
    INK,
    MUTED,
    NOT_A_MEMBER,
    RULE,
    SMALL,
    Layout,
    axes_at,
    new_figure,
    text_at,
)

COLOURS = {"yes": "#0072B2", "abstain": "#F0E442", "no": "#D55E00", NO_VOTE: "#6d737b"}
"""Of Okabe and Ito (2008), told apart under the common colour-vision deficiencies."""
SCALE = ColourScale(tuple(map(float, range(5))), tuple(COLOURS.values()), False, False)
N_NAMED = 8
"""Surprising votes that are named in the figure."""
DOT = 4.2
"""Points: the diameter of a country's dot."""
PITCH = 0.066
"""Inches from one dot to the next."""
CURVES, SIDE, LEFT, AXIS, HEADING = 0.95, 0.25, 1.25, 0.5, 0.26
"""Inches: the curves of probability, the right and left edge of the line, its axis and label, a heading."""
POINTS_ON_LINE = 240


def draw_roll_call(explained: Explanation, caption: Caption, layout: Layout) -> Figure:
    """Draw the map of votes and, unless all are the same, the countries along the line.

    The line has the probabilities of each answer above, and below them every country in the row of its vote, the cut
    points with their 90 % intervals, and the most surprising votes named.

    Args:
        explained: the roll call.
        caption: words of the figure.
        layout: wide or narrow.
    """
    frame = explained.to_frame()
    keys: dict[str, dict] = {
        f"{answer}: {explained.tally[answer]}": {"facecolor": colour} for answer, colour in COLOURS.items()
    }
    keys["not a UN member, or disputed"] = {
        "facecolor": NOT_A_MEMBER,
        "edgecolor": HATCH,
        "hatch": OTHERS_HATCH,
        "linewidth": 0.5,
    }
    map_size = map_height(layout.width)
    above = title_height(caption, layout) + keys_height(list(keys), layout) + 0.08
    line = 0.0 if explained.unanimous else HEADING + _line_height(frame, layout) + AXIS
    figure = new_figure(layout, above + map_size + line + notes_height(caption, layout))
    top = draw_title(figure, caption, layout)
    top += draw_keys(figure, keys, top, layout) + 0.08
    values = {
        code: float(list(COLOURS).index(vote)) for code, vote in zip(frame["country"], frame["vote"], strict=True)
    }
    draw_map(axes_at(figure, 0, top, layout.width, map_size), values, SCALE)
    if not explained.unanimous:
        _draw_line(figure, explained, frame, top + map_size, layout)
    draw_notes(figure, caption, layout)
    return figure


def swarm(places: Float[np.ndarray, " dot"], width: float) -> tuple[Float[np.ndarray, " dot"], int]:
    """Return the level of each dot so that no two cover each other, 0, 1, -1, 2, ..., and how many levels there are.

    Args:
        places: where the dots are on the line.
        width: of a dot, in units of the line.
    """
    order = np.argsort(places, kind="stable")
    lanes = np.array(pack([(float(places[index]) - width / 2, float(places[index]) + width / 2) for index in order]))
    level = np.zeros(len(places))
    level[order] = np.where(lanes % 2 == 1, (lanes + 1) // 2, -(lanes // 2))
    return level, int(lanes.max(initial=-1)) + 1


def _limits(frame: pd.DataFrame) -> tuple[float, float]:
    places = frame["ideal_point"].dropna()
    pad = 0.05 * float(places.max() - places.min()) or 0.5
    return float(places.min()) - pad, float(places.max()) + pad


def _rows(frame: pd.DataFrame, layout: Layout) -> dict[str, tuple[pd.DataFrame, np.ndarray, float]]:
    """Return of each vote the countries with a position, their levels, and the height of the row in inches."""
    low, high = _limits(frame)
    width = PITCH * (high - low) / (layout.width - LEFT - SIDE)
    rows = {}
    for vote in COLOURS:
        cast = frame[(frame["vote"] == vote) & frame["ideal_point"].notna()].reset_index(drop=True)
        level, n_levels = swarm(cast["ideal_point"].to_numpy(float), width)
        rows[vote] = (cast, level, max(n_levels * PITCH, 0.16) + 0.16)
    return {vote: row for vote, row in rows.items() if len(row[0])}


def _line_height(frame: pd.DataFrame, layout: Layout) -> float:
    return CURVES + 0.12 + sum(height for _, _, height in _rows(frame, layout).values()) + _labels_height(layout)


def _labels_height(layout: Layout) -> float:
    """Return the inches of the strip that names the surprising votes."""
    return 0.24 if layout.is_wide else 0.62


def _draw_line(figure: Figure, explained: Explanation, frame: pd.DataFrame, top: float, layout: Layout) -> None:
    limits = _limits(frame)
    width = layout.width - LEFT - SIDE
    text_at(figure, 0.04, top + 0.02, "Along the line of ideal points", size=BODY, weight="bold")
    top += HEADING
    curves = axes_at(figure, LEFT, top, width, CURVES)
    _draw_curves(curves, explained, limits)
    text_at(figure, 0.04, top + CURVES / 2, "predicted,\nin per cent", size=SMALL, color=MUTED, va="center")
    top += CURVES + 0.12
    rows = _rows(frame, layout)
    strip = _labels_height(layout)
    height = sum(tall for _, _, tall in rows.values()) + strip
    axes = axes_at(figure, LEFT, top, width, height)
    axes.set_xlim(*limits)
    axes.set_ylim(height, 0)
    base, named = 0.0, []
    surprising = explained.surprising(N_NAMED)["country"].tolist()
    for vote, (cast, level, tall) in rows.items():
        middle = base + tall / 2
        text_at(figure, 0.04, top + middle, vote, size=SMALL, color=INK, va="center")
        dots = middle + level * PITCH
        face = {"markerfacecolor": COLOURS[vote], "markeredgecolor": INK, "markeredgewidth": 0.4}
        axes.plot(cast["ideal_point"], dots, "o", markersize=DOT, zorder=3, **face)
        for code, x, y in zip(cast["country"], cast["ideal_point"], dots, strict=True):
            if code in surprising:
                axes.plot(x, y, "o", markersize=DOT + 3.6, markerfacecolor="none", markeredgecolor=INK, zorder=4)
                named.append((float(x), float(y), str(code)))
        base += tall
        axes.axhline(base, color=RULE, linewidth=0.6, zorder=0)
    _name(axes, named, (base, strip), limits, width)
    _draw_cut_points(curves, explained, limits, 0.0)
    _draw_cut_points(axes, explained, limits, strip / height)
    axes.set_yticks([])
    axes.xaxis.set_major_locator(MaxNLocator(8 if layout.is_wide else 5, steps=[1, 2, 5, 10]))
    axes.tick_params(length=0, pad=4)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("ideal point (1 = one standard deviation of all country-years)", size=SMALL, color=MUTED)


def _draw_curves(axes: Axes, explained: Explanation, limits: tuple[float, float]) -> None:
    """Draw the probabilities of yes, abstain and no, stacked, for a country at each place of the line."""
    x = np.linspace(*limits, POINTS_ON_LINE)
    heights = explained.regions(x)
    axes.stackplot(x, *heights.T, colors=[COLOURS[answer] for answer in ANSWERS], alpha=0.75, linewidth=0)
    axes.set_xlim(*limits)
    axes.set_ylim(0, 1)
    axes.set_xticks([])
    axes.set_yticks([0, 0.5, 1])
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=""))
    axes.tick_params(length=0, pad=3)
    axes.spines["left"].set_visible(False)
    axes.spines["bottom"].set_visible(False)


def _draw_cut_points(axes: Axes, explained: Explanation, limits: tuple[float, float], foot: float) -> None:
    """Draw the cut points from `foot` (share of the height) up, so that no line crosses a label."""
    for cut in explained.cut_points:
        if cut.reason or not limits[0] <= cut.estimate <= limits[1]:
            continue
        low, high = max(cut.lower, limits[0]), min(cut.upper, limits[1])
        axes.axvspan(low, high, ymin=foot, facecolor=INK, alpha=0.13, linewidth=0, zorder=1)
        axes.axvline(cut.estimate, ymin=foot, color=INK, linewidth=1.3, zorder=2)


def _name(
    axes: Axes,
    named: Sequence[tuple[float, float, str]],
    strip: tuple[float, float],
    limits: tuple[float, float],
    width: float,
) -> None:
    """Write the codes of surprising votes in the strip at the foot, moved apart, each with a line to its dot."""
    ordered = sorted(named)
    per_inch = (limits[1] - limits[0]) / width
    lanes = max(int(strip[1] / 0.2), 1)
    needed = [text_width(code, SMALL) * per_inch + 0.14 * per_inch for _, _, code in ordered]
    at: dict[int, float] = {}
    for lane in range(lanes):
        chosen = list(range(lane, len(ordered), lanes))
        places = spread([ordered[index][0] for index in chosen], [needed[index] for index in chosen], limits)
        at |= dict(zip(chosen, places, strict=True))
    for index, (x, y, code) in enumerate(ordered):
        level = strip[0] + 0.13 + 0.2 * (index % lanes)
        axes.plot([x, at[index]], [y + 0.05, level - 0.07], color=MUTED, linewidth=0.6, zorder=2)
        axes.text(at[index], level, code, size=SMALL, color=INK, ha="center", va="center_baseline")


def spread(places: Sequence[float], widths: Sequence[float], limits: tuple[float, float]) -> list[float]:
    """Return places in the same order that leave each its width, moved as little as that allows (least squares).

    Less the room that those before them need, places only have to be in order: an isotonic regression. What passes an
    edge is pushed back from there.
    """
    if not places:
        return []
    wide = np.asarray(widths, float)
    before = np.cumsum(wide) - wide / 2
    moved = (isotonic_regression(np.asarray(places, float) - before).x + before).tolist()
    for order, edge, side in ((range(len(moved)), limits[0], 1), (reversed(range(len(moved))), limits[1], -1)):
        for index in order:
            least = edge + side * wide[index] / 2
            moved[index] = max(moved[index], least) if side > 0 else min(moved[index], least)
            edge = moved[index] + side * wide[index] / 2
    return [float(place) for place in moved]


def roll_call_notes(explained: Explanation) -> tuple[str, ...]:
    """Return what is to be said below the figure: cut points, or why there are none, and how well they predict."""
    return tuple(_cut_words(explained)) + _share_words(explained)


def _cut_words(explained: Explanation) -> list[str]:
    words: Mapping[str, str] = {cut.between: cut.reason for cut in explained.cut_points if cut.reason}
    if len(set(words.values())) == 1 and len(words) == 2:
        return [f"No cut point: {next(iter(words.values()))}."]
    lines = ["Vertical lines: cut points, at which two answers are even; grey around them: 90 % interval."]
    return lines + [f"No cut point between {between}: {reason}." for between, reason in words.items()]


def _share_words(explained: Explanation) -> tuple[str, ...]:
    if explained.unanimous:
        return ()
    correct, modal = 100 * explained.share_correct, 100 * explained.modal_share
    return (
        f"Predicted correctly: {correct:.0f} % of votes; by naming the commonest vote for all: "
        f"{modal:.0f} %. Ringed and named: the {N_NAMED} least probable votes given the positions.",
    )
