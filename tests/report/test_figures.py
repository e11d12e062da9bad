"""Colours, scales and figures: contrast, limits, text that survives, and nothing drawn that is not in the data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text

from orrery.data.countries import countries
from orrery.lab.runs import Run
from orrery.measure.portfolios.channels import NON_ALIGNED
from orrery.report.exhibits import exhibits
from orrery.report.figures.maps import MappedChange, draw_change_maps, layers
from orrery.report.figures.movers import draw_movers
from orrery.report.figures.scales import change_scale, level_scale
from orrery.report.geometry import load_world_map
from orrery.report.style import (
    INK,
    LAYOUTS,
    MUTED,
    NEUTRAL,
    NO_DATA,
    NOT_A_MEMBER,
    PAPER,
    SEA,
    SMALL,
    WIDE,
    Layout,
    contrast,
    drawing,
    option_colours,
    text_on,
    to_svg,
)
from orrery.report.summaries import DEFAULT_NEIGHBOURHOOD, country_changes

POLES = ["USA", "EU", "CHN", "RUS", "IND"]
# Viénot, Brettel and Mollon (1999): linear RGB as a deuteranope sees it.
DEUTERANOPE = np.array([[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]])


def seen(colour: str) -> np.ndarray:
    """Return a colour in CIE Lab as a deuteranope sees it."""
    linear = np.array([c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)])
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = np.cbrt(np.clip(to_xyz @ DEUTERANOPE @ linear, 0, None) / np.array([0.9505, 1.0, 1.089]))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_text_has_contrast():
    assert contrast(INK, PAPER) > 7
    assert contrast(MUTED, PAPER) > 7
    for colour in option_colours([NON_ALIGNED, *POLES]).values():
        assert contrast(text_on(colour), colour) > 4.5


def test_contrast_of_black_and_white_is_21():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


def test_poles_differ_for_a_deuteranope():
    colours = option_colours([NON_ALIGNED, *POLES])
    for one, other in combinations(colours, 2):
        assert np.linalg.norm(seen(colours[one]) - seen(colours[other])) > 10, (one, other)


def test_zero_no_data_others_and_sea_differ():
    zero = level_scale(np.array([0.0, 1.0]), "YlGnBu").colour(0.0)
    assert len({zero, NEUTRAL, NO_DATA, NOT_A_MEMBER, SEA}) == 5
    for one, other in combinations((zero, NO_DATA, SEA), 2):
        assert np.linalg.norm(seen(one) - seen(other)) > 6


def test_a_pole_keeps_its_colour_whoever_else_is_there():
    assert option_colours(["CHN", "BRA"])["CHN"] == option_colours([NON_ALIGNED, *POLES])["CHN"]
    assert len(set(option_colours([NON_ALIGNED, *POLES, "BRA", "JPN"]).values())) == 8


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_level_scale_holds_all_values(values: list[float]):
    scale = level_scale(np.array(values), "YlGnBu")
    assert scale.limits[0] == 0
    assert scale.limits[-1] >= max(values) - 1e-9
    assert 3 <= len(scale.colours) <= 7
    assert [scale.colour(limit) for limit in scale.limits[:-1]] == list(scale.colours)


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=30))
def test_change_scale_is_symmetric(values: list[float]):
    scale = change_scale(np.array(values), "PuOr")
    assert np.allclose(scale.limits, -np.array(scale.limits[::-1]))
    assert scale.colour(0.0) == NEUTRAL
    assert scale.colour(-9.0) == scale.colours[0]
    assert scale.colour(9.0) == scale.colours[-1]


def test_only_data_is_coloured():
    scale = level_scale(np.array([0.0, 1.0]), "YlGnBu")
    drawn = layers(load_world_map(), {"KAZ": 0.9, "TWN": 0.1}, scale, frozenset())
    faces = {unit.code: face for layer in drawn for unit, face in zip(layer.units, layer.faces, strict=True)}
    assert len(faces) == len(load_world_map().units)
    assert faces["KAZ"] == scale.colour(0.9)
    assert faces["TWN"] == scale.colour(0.1)
    assert faces["FRA"] == NO_DATA
    assert faces["ESH"] == faces["GRL"] == NOT_A_MEMBER
    assert {code for code, face in faces.items() if face in scale.colours} == {"KAZ", "TWN"}


def drawn_texts(figure: Figure) -> Iterator[Text]:
    """Yield the texts that are drawn: ticks outside the view are not."""
    yield from figure.texts
    for axes in figure.axes:
        yield from axes.texts
        if axes.axison:
            for axis in (axes.xaxis, axes.yaxis):
                low, high = sorted(axis.get_view_interval())
                yield axis.label
                yield from (tick.label1 for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high)


def overlapping(figure: Figure) -> list[tuple[str, str]]:
    """Return the pairs of texts whose boxes overlap, and texts that leave the figure."""
    boxes = [(text.get_text(), text.get_window_extent()) for text in drawn_texts(figure) if text.get_text().strip()]
    width, height = figure.bbox.width, figure.bbox.height
    outside = [(text, "edge") for text, b in boxes if b.x0 < 0 or b.y0 < 0 or b.x1 > width or b.y1 > height]
    pairs = [(a, b) for (a, one), (b, other) in combinations(boxes, 2) if one.shrunk(0.95, 0.9).overlaps(other)]
    return outside + pairs


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_texts_neither_overlap_nor_are_small(run: Run, layout: Layout):
    for exhibit in exhibits(run, DEFAULT_NEIGHBOURHOOD):
        with drawing():
            figure = exhibit.draw(layout)
            FigureCanvasAgg(figure).draw()
            assert overlapping(figure) == [], exhibit.key
            svg = to_svg(figure)
        sizes = [float(size) for size in re.findall(r"font(?:-size)?: (?:\w+ )*([\d.]+)px", svg)]
        assert sizes
        assert min(sizes) >= SMALL
        assert SMALL * 96 / 72 >= 11


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_the_longest_names_of_countries_fit(layout: Layout):
    names = sorted((one.name for one in countries()), key=len)[-10:]
    levels = dict(zip(("low80", "low50", "median", "high50", "high80"), (0.1, 0.2, 0.3, 0.4, 0.5), strict=True))
    with drawing():
        figure = draw_movers(pd.DataFrame({"name": names, **levels}), layout)
        FigureCanvasAgg(figure).draw()
        assert overlapping(figure) == []


def test_svg_keeps_the_numbers_of_its_text():
    with drawing():
        figure = Figure(figsize=(2, 1))
        figure.text(0.1, 0.5, "0.32567")
        svg = to_svg(figure)
    assert ">0.32567<" in svg
    assert "<metadata" not in svg


def test_same_figure_same_bytes(run: Run):
    changes = country_changes(run, run.draws["rival_diversity"])
    mapped = MappedChange(changes, "Rival diversity", "index, 0 to 1", (2024, 2039), "YlGnBu")
    with drawing():
        assert to_svg(draw_change_maps(mapped, WIDE)) == to_svg(draw_change_maps(mapped, WIDE))


def test_maps_of_countries_without_data(run: Run):
    changes = country_changes(run, run.draws["rival_diversity"])
    numbers = changes.columns.difference(["country", "name"])
    empty = changes.assign(**{column: np.nan for column in numbers})
    with drawing():
        svg = to_svg(
            draw_change_maps(
                MappedChange(pd.DataFrame(empty), "Rival diversity", "index, 0 to 1", (2024, 2039), "YlGnBu"), WIDE
            )
        )
    assert NO_DATA in svg
