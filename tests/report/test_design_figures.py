"""Figures of the design of formats: every design is drawn in every panel, every kind of venue has its area."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from orrery.base.errors import NegotiationError
from orrery.report.design_tables import UNITS
from orrery.report.figures.caption import Caption
from orrery.report.figures.design import MARKS, VENUE_COLOURS, draw_front, draw_venues
from orrery.report.style import LAYOUTS, NARROW, WIDE, drawing, to_png, to_svg

CAPTION = Caption("What designs are worth", ("Means over draws.",))
DESIGNS = pd.DataFrame(
    {
        "title": ["Design 1", "Design 2", "The table it had", "Three parties", "Universal conference"],
        "kind": ["knee", "found by the search", "the table it had", "named format", "named format"],
        "legitimacy": [0.4, 0.5, 0.1, 0.2, 0.3],
        "speed": [3.0, 1.0, 0.2, 2.0, 0.1],
        "cost": [0.1, 0.2, 0.0, 0.05, 0.3],
    }
)
UNITS_DRAWN = {name: UNITS[name] for name in ("legitimacy", "speed", "cost")}


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_a_front_has_a_panel_for_each_further_objective_and_every_design_in_it(layout):
    with drawing():
        figure = draw_front(DESIGNS, UNITS_DRAWN, CAPTION, layout)
        svg = to_svg(figure)
        assert to_png(figure).startswith(b"\x89PNG")
    panels = [axes for axes in figure.axes if axes.get_xlabel()]
    assert [axes.get_xlabel() for axes in panels] == [UNITS["speed"], UNITS["cost"]]
    for axes in panels:
        marked = sum(len(line.get_xdata()) for line in axes.lines)
        assert marked + len(axes.texts) == len(DESIGNS)
        assert [text.get_text() for text in axes.texts] == ["a", "b"]
        low, high = axes.get_ylim()
        assert low < 0.1
        assert high > 0.5
    written = " ".join(" ".join(text.get_text() for text in figure.texts).split())
    assert "a Three parties; b Universal conference." in written
    for kind in MARKS:
        assert kind in svg


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(NegotiationError, match="1 came; a front is drawn by two or more"):
        draw_front(DESIGNS, {"speed": UNITS["speed"]}, CAPTION, WIDE)
    many = pd.concat([DESIGNS[DESIGNS["kind"] == "named format"]] * 14, ignore_index=True)
    with pytest.raises(NegotiationError, match="28 named formats came"):
        draw_front(many, UNITS_DRAWN, CAPTION, WIDE)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_every_kind_of_venue_that_is_best_somewhere_has_an_area(layout):
    grid = np.linspace(0, 3, 4), np.linspace(0, 1, 5)
    best = np.arange(20).reshape(4, 5) % 2 * 2
    with drawing():
        figure = draw_venues(grid, best, tuple(VENUE_COLOURS), CAPTION, layout)
        svg = to_svg(figure)
    (axes,) = [axes for axes in figure.axes if axes.get_xlabel()]
    assert len(axes.collections) == 2
    assert all(venue in svg for venue in VENUE_COLOURS)


def test_a_map_of_another_shape_or_venue_is_refused():
    grid = np.linspace(0, 3, 4), np.linspace(0, 1, 5)
    with pytest.raises(NegotiationError, match="shape"):
        draw_venues(grid, np.zeros((5, 4), int), ("unilateral",), CAPTION, NARROW)
    with pytest.raises(NegotiationError, match="trilateral came; known are unilateral"):
        draw_venues(grid, np.zeros((4, 5), int), ("trilateral",), CAPTION, NARROW)
