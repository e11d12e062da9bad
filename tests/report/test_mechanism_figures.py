"""Figures of mechanisms: nothing overlaps or leaves the figure, and what is drawn is what was given."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from test_figures import overlapping

from orrery.base.errors import NegotiationError
from orrery.report.figures.caption import Caption
from orrery.report.figures.mechanisms import MOST_BARS, draw_balance, draw_lines, draw_points, draw_shares
from orrery.report.style import LAYOUTS, WIDE, Layout, drawing

CAPTION = Caption("A title that is long enough to need a second line where the figure is narrow", ("A note. " * 12,))
layouts = pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)

LINES = pd.DataFrame(
    [
        {"panel": f"Panel {panel}", "series": f"series {name}", "x": x, "y": x * name + panel}
        for panel in range(3)
        for name in range(3)
        for x in (2, 15, 60)
    ]
)
POINTS = LINES.rename(columns={"series": "group"})
SHARES = pd.DataFrame(
    {"name": ["none", "about a third of all, and a name of some length", "all"], "share": [0.0, 1 / 3, 1.0]}
)
BALANCE = pd.DataFrame(
    [
        {"across": scope, "up": horizon, "difference": scope - 1 / horizon / 4}
        for scope in np.linspace(0, 1, 5)
        for horizon in (0.25, 1.0, 5.0, 30.0)
    ]
)


def drawn(figure: Figure) -> Figure:
    FigureCanvasAgg(figure).draw()
    return figure


@layouts
def test_nothing_overlaps(layout: Layout):
    with drawing():
        figures = [
            draw_lines(LINES, CAPTION, layout, across="parties"),
            draw_points(POINTS, CAPTION, layout, across="position"),
            draw_shares(SHARES, CAPTION, layout),
            draw_balance(BALANCE, CAPTION, layout, axes_named=("scope of the problem", "horizon in years")),
        ]
        for figure in figures:
            assert overlapping(drawn(figure)) == []


def test_lines_points_and_bars_are_those_given():
    with drawing():
        lines = draw_lines(LINES, CAPTION, WIDE, across="parties")
        points = draw_points(POINTS, CAPTION, WIDE, across="position")
        shares = draw_shares(SHARES, CAPTION, WIDE)
    panels = [axes for axes in lines.axes if len(axes.lines) == 3]
    assert [axes.lines[2].get_ydata().tolist() for axes in panels] == [[4 + k, 30 + k, 120 + k] for k in range(3)]
    dots = [axes for axes in points.axes if len(axes.lines) == 4]
    assert len({axes.get_xlim() for axes in dots}) == 1
    assert [axes.patches[0].get_width() for axes in shares.axes] == pytest.approx([0, 1 / 3, 1])


def test_what_a_figure_cannot_hold_is_refused():
    with pytest.raises(NegotiationError, match="`panel`: 0 came"):
        draw_lines(LINES[:0], CAPTION, WIDE, across="parties")
    with pytest.raises(NegotiationError, match="`name`: 9 came"):
        draw_shares(pd.DataFrame({"name": map(str, range(MOST_BARS + 1)), "share": 0.5}), CAPTION, WIDE)
    with pytest.raises(NegotiationError, match="shares from 0 to 1"):
        draw_shares(SHARES.assign(share=1.5), CAPTION, WIDE)
    with pytest.raises(NegotiationError, match="one for every pair"):
        draw_balance(BALANCE[1:], CAPTION, WIDE, axes_named=("scope", "horizon"))
