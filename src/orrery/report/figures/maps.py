"""World maps of a quantity at the start, at the end, and of its change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle
from matplotlib.path import Path

from orrery.data.countries import country
from orrery.report.figures.scales import ColourScale, change_scale, level_scale
from orrery.report.geometry import (
    DISPUTED,
    MEMBER,
    TERRITORY,
    Unit,
    WorldMap,
    equal_earth,
    load_world_map,
    sea_outline,
    spread_dots,
)
from orrery.report.style import (
    HATCH,
    INK,
    MUTED,
    NO_DATA,
    NOT_A_MEMBER,
    PAPER,
    SEA,
    SMALL,
    TITLE,
    Layout,
    axes_at,
    bare,
    new_figure,
    text_at,
)

SMALLEST_SHAPE = 3.0
"""Countries with less area on the map than this (square points) are dots."""
DOT_RADIUS = {True: 2.4, False: 1.6}
"""Points, on maps wider than about 7 inches and on others."""
OTHERS_HATCH, UNSETTLED_HATCH = "\\\\\\\\\\\\", "/////"
"""Grey lines on white for what is no member; white lines on the colour for a change of unsettled direction."""
MARGIN = 0.04
"""Inches at the left and right of a map."""


@dataclass(frozen=True)
class MappedChange:
    """What a change figure shows.

    Attributes:
        table: `country`, `start_median`, `end_median`, `change_median`, `change_low80`, `change_high80`.
        quantity: its name, in the words of a title.
        unit: its unit, printed with both colour scales.
        years: start and end.
        level_colours: colour map of the levels.
        change_colours: colour map of the change.
    """

    table: pd.DataFrame
    quantity: str
    unit: str
    years: tuple[int, int]
    level_colours: str
    change_colours: str = "PuOr"


def draw_change_maps(mapped: MappedChange, layout: Layout) -> Figure:
    """Draw three maps: medians over draws at the start and at the end, and the median of the change."""
    table = mapped.table.set_index("country")
    levels = level_scale(np.stack([table["start_median"], table["end_median"]]), mapped.level_colours)
    changes = change_scale(table["change_median"].to_numpy(), mapped.change_colours)
    unsettled = frozenset(table.query("change_low80 <= 0 <= change_high80").index)
    gap, title, legend = 0.16, 0.27, 0.80
    below = 0.0 if layout.is_wide else 0.12
    small = (layout.width - gap) / 2 if layout.is_wide else layout.width
    small_height, large_height = map_height(small), map_height(layout.width)
    rows = 1 if layout.is_wide else 2
    key = 0.52 if layout.is_wide else 1.02
    levels_height = rows * (title + small_height) + (rows - 1) * below
    figure = new_figure(layout, levels_height + legend + title + large_height + legend + key)
    top = 0.02
    for index, (column, year) in enumerate(zip(("start_median", "end_median"), mapped.years, strict=True)):
        left = index * (small + gap) if layout.is_wide else 0.0
        text_at(figure, left + MARGIN, top, f"{mapped.quantity}, {year}", size=TITLE, weight="bold")
        draw_map(axes_at(figure, left, top + title, small, small_height), table[column].to_dict(), levels)
        if index == 1 or not layout.is_wide:
            top += title + small_height + (below if index == 0 else 0.0)
    draw_classes(figure, levels, mapped.unit, MARGIN, top + 0.1, min(4.5, layout.width - 0.3))
    top += legend
    text_at(figure, MARGIN, top, f"Change, {mapped.years[0]} to {mapped.years[1]}", size=TITLE, weight="bold")
    axes = axes_at(figure, 0, top + title, layout.width, large_height)
    draw_map(axes, table["change_median"].to_dict(), changes, unsettled=unsettled)
    top += title + large_height
    draw_classes(figure, changes, f"change of {mapped.unit}", MARGIN, top + 0.1, min(4.5, layout.width - 0.3))
    draw_key(figure, changes, top + legend, layout)
    return figure


def map_height(width: float) -> float:
    """Return the height of a map that is `width` wide, both in inches."""
    outline = sea_outline()
    across, up = np.ptp(outline, axis=0)
    return (width - 2 * MARGIN) * up / across + 2 * MARGIN


def draw_map(
    axes: Axes, values: Mapping[str, float], scale: ColourScale, *, unsettled: frozenset[str] = frozenset()
) -> None:
    """Fill `axes` with the world; a unit has a colour if and only if `values` has a finite value for it.

    Args:
        axes: with the height that `map_height` gives.
        values: by ISO 3166 alpha-3 code.
        scale: from value to colour.
        unsettled: countries drawn hatched (dots: with a grey outline), because the direction of change is not settled.
    """
    world, outline = load_world_map(), sea_outline()
    bare(axes)
    width, height = axes.bbox.width, axes.bbox.height
    points_per_unit = (width - 2 * MARGIN * axes.figure.dpi) / axes.figure.dpi * 72 / np.ptp(outline[:, 0])
    middle = (outline.max(axis=0) + outline.min(axis=0)) / 2
    half = np.array([width, height]) / axes.figure.dpi * 72 / points_per_unit / 2
    axes.set_xlim(middle[0] - half[0], middle[0] + half[0])
    axes.set_ylim(middle[1] - half[1], middle[1] + half[1])
    axes.add_patch(Polygon(outline, closed=True, facecolor=SEA, edgecolor="none"))
    known = {code: value for code, value in values.items() if np.isfinite(value)}
    for layer in layers(world, known, scale, unsettled):
        paths = [unit_path(unit, 0.35 / points_per_unit) for unit in layer.units]
        kept = [(path, face) for path, face in zip(paths, layer.faces, strict=True) if path is not None]
        if kept:
            chosen, faces = zip(*kept, strict=True)
            axes.add_collection(PathCollection(chosen, facecolors=faces, **layer.drawn), autolim=False)
    axes.add_collection(
        LineCollection(world.dashed, colors=MUTED, linewidths=0.5, linestyles=[(0, (2.2, 1.6))]), autolim=False
    )
    draw_dots(axes, world, values, scale, unsettled, points_per_unit)


@dataclass(frozen=True)
class Layer:
    """Units drawn alike but for their colours."""

    units: Sequence[Unit]
    faces: Sequence[str]
    drawn: Mapping[str, Any]


def layers(
    world: WorldMap, known: Mapping[str, float], scale: ColourScale, unsettled: frozenset[str]
) -> tuple[Layer, ...]:
    """Sort the units by how they are drawn: others, disputed, members without data, with data, unsettled."""
    units = world.units.values()
    with_data = [unit for unit in units if unit.code in known]
    without = [unit for unit in units if unit.code not in known]
    plain = {"edgecolors": PAPER, "linewidths": 0.35}
    outlined = {"edgecolors": HATCH, "linewidths": 0.35, "hatch": OTHERS_HATCH}

    def layer(chosen: Sequence[Unit], face: str | None, drawn: Mapping[str, Any]) -> Layer:
        return Layer(chosen, [face or scale.colour(known[unit.code]) for unit in chosen], drawn)

    return (
        layer([unit for unit in without if unit.status == TERRITORY], NOT_A_MEMBER, outlined),
        layer([unit for unit in without if unit.status == MEMBER], NO_DATA, plain),
        layer([unit for unit in with_data if unit.code not in unsettled], None, plain),
        layer([unit for unit in with_data if unit.code in unsettled], None, {**plain, "hatch": UNSETTLED_HATCH}),
        layer(
            [unit for unit in without if unit.status == DISPUTED],
            NOT_A_MEMBER,
            {**outlined, "linewidths": 0.0},
        ),
    )


def unit_path(unit: Unit, grid: float) -> Path | None:
    """Return a unit as one path, its points rounded to `grid` (map units); `None` where nothing is left to draw.

    Two neighbours share the points of their border and so round them alike: no gaps open.
    """
    vertices, codes = [], []
    for ring in (ring for polygon in unit.polygons for ring in polygon):
        coarse = np.round(ring / grid)
        fresh = np.concatenate([[True], np.any(np.diff(coarse, axis=0) != 0, axis=1)])
        coarse = coarse[fresh] * grid
        if len(coarse) >= 4:
            vertices.append(coarse)
            codes.append([Path.MOVETO, *[Path.LINETO] * (len(coarse) - 2), Path.CLOSEPOLY])
    return Path(np.concatenate(vertices), np.concatenate(codes)) if vertices else None


def dot_positions(codes: Sequence[str], gap: float) -> Float[np.ndarray, "dot 2"]:
    """Return where the dots of `codes` are: at their capitals, moved apart to at least `gap` (map units)."""
    places = [country(code) for code in codes]
    x, y = equal_earth(np.array([p.longitude for p in places]), np.array([p.latitude for p in places]))
    return spread_dots(np.stack([x, y], axis=1), gap)


def draw_dots(
    axes: Axes,
    world: WorldMap,
    values: Mapping[str, float],
    scale: ColourScale,
    unsettled: frozenset[str],
    points_per_unit: float,
) -> None:
    """Draw the countries of `values` that are too small to be seen as dots at their capitals."""
    shown = {code: unit.area * points_per_unit**2 for code, unit in world.units.items()}
    codes = sorted(code for code in values if shown.get(code, 0.0) < SMALLEST_SHAPE)
    if not codes:
        return
    radius = DOT_RADIUS[points_per_unit > 90]
    at = dot_positions(codes, 2 * (radius + 0.25) / points_per_unit)
    faces = [scale.colour(values[code]) if np.isfinite(values[code]) else NO_DATA for code in codes]
    edges = [HATCH if code in unsettled else INK for code in codes]
    axes.scatter(at[:, 0], at[:, 1], s=(2 * radius) ** 2, c=faces, edgecolors=edges, linewidths=0.5, zorder=3)


def draw_classes(figure: Figure, scale: ColourScale, unit: str, left: float, top: float, width: float) -> None:
    """Draw the classes of a scale side by side, with their limits and the unit below."""
    text_at(figure, left, top + 0.42, unit, size=SMALL, color=MUTED)
    n = len(scale.colours)
    axes = bare(axes_at(figure, left, top, width, 0.42))
    axes.set_xlim(0, n)
    axes.set_ylim(0, 1)
    for index, colour in enumerate(scale.colours):
        axes.add_patch(Rectangle((index, 0.55), 1, 0.45, facecolor=colour, edgecolor=PAPER, linewidth=0.6))
    first, last = (1 if scale.open_low else 0), (n if not scale.open_high else n - 1)
    for index in range(first, last + 1):
        side = "left" if index == 0 else "right" if index == n else "center"
        axes.text(index, 0.42, scale.label(index), ha=side, va="top", size=SMALL, color=INK)


def draw_key(figure: Figure, scale: ColourScale, top: float, layout: Layout) -> None:
    """Explain what is not a class of colour: unsettled, no data, neither, and dots."""
    unsettled = {"facecolor": scale.colours[-2], "edgecolor": PAPER, "hatch": UNSETTLED_HATCH}
    entries = (
        (unsettled, "80 % interval of change includes 0"),
        ({"facecolor": NO_DATA, "edgecolor": PAPER}, "no data"),
        ({"facecolor": NOT_A_MEMBER, "edgecolor": HATCH, "hatch": OTHERS_HATCH}, "not a UN member, or disputed"),
    )
    columns = (0.0, 3.3, 4.5) if layout.is_wide else (0.0,)
    for index, (drawn, text) in enumerate(entries):
        left = MARGIN + columns[index % len(columns)]
        line = top + 0.24 * (index // len(columns))
        axes = bare(axes_at(figure, left, line, 0.3, 0.16))
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)
        axes.add_patch(Rectangle((0, 0), 1, 1, **{"linewidth": 0.5, **drawn}))
        text_at(figure, left + 0.38, line + 0.0, text, size=SMALL, color=INK)
    last = top + 0.24 * -(-len(entries) // len(columns)) + 0.02
    text_at(figure, MARGIN, last, "Dots: small countries, moved apart. Dashed: disputed.", size=SMALL, color=MUTED)
