"""The figure of contributions: stacks add up to what is drawn as the whole, and colours stay with their parts."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from test_figures import overlapping

from orrery.base.errors import MeasureError
from orrery.report.figures.caption import Caption
from orrery.report.figures.contributions import draw_contributions
from orrery.report.style import LAYOUTS, WIDE, Layout, drawing

CAPTION = Caption("What moved the portfolio of a country", ("A note. " * 12,))
OPTIONS, PARTS, YEARS = (
    ("non-aligned", "USA", "EU", "CHN"),
    ("supply", "coercion", "idle", "own shares"),
    range(2021, 2031),
)


def tables(options: tuple[str, ...] = OPTIONS) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows = pd.DataFrame(itertools.product(options, PARTS, YEARS), columns=["option", "part", "year"])
    values = np.random.default_rng(3).normal(0, 2, len(rows))
    parts = rows.assign(value=np.where(rows["part"] == "idle", 0.0, values))
    whole = parts.groupby(["option", "year"], sort=False, as_index=False)["value"].sum()
    return parts, whole.assign(low=whole["value"] - 3, high=whole["value"] + 4)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_stacks_reach_the_whole_and_nothing_overlaps(layout: Layout) -> None:
    parts, whole = tables()
    with drawing():
        figure = draw_contributions(parts, whole, CAPTION, layout)
        FigureCanvasAgg(figure).draw()
    assert overlapping(figure) == []
    panels = [axes for axes in figure.axes if len(axes.containers) == len(PARTS)]
    assert len(panels) == len(OPTIONS)
    for axes, option in zip(panels, OPTIONS, strict=True):
        heights = np.array([[bar.get_height() for bar in bars] for bars in axes.containers])
        expected = whole[whole["option"] == option]["value"]
        np.testing.assert_allclose(heights.sum(0), expected)
        np.testing.assert_allclose(axes.lines[0].get_ydata(), expected)
        ends = [bar.get_y() + height for bars in axes.containers for bar in bars for height in (0, bar.get_height())]
        low, high = axes.get_ylim()
        assert low <= min(ends)
        assert max(ends) <= high


def test_a_part_that_is_nothing_is_not_in_the_key_and_keeps_its_colour_for_itself() -> None:
    parts, whole = tables()
    with drawing():
        figure = draw_contributions(parts, whole, CAPTION, WIDE)
    words = {text.get_text() for text in figure.texts}
    assert {"supply", "coercion", "own shares", "whole change"} <= words
    assert "idle" not in words
    (panel,) = (axes for axes in figure.axes[-len(OPTIONS) :][:1])
    assert len({bars[0].get_facecolor() for bars in panel.containers}) == len(PARTS)


def test_the_interval_of_the_last_year_is_written() -> None:
    parts, whole = tables()
    with drawing():
        figure = draw_contributions(parts, whole, CAPTION, WIDE)
    last = whole[whole["option"] == "USA"].iloc[-1]
    text = f"2030: {last['value']:+.1f} ({last['low']:+.1f} to {last['high']:+.1f})"
    assert text in {one.get_text() for one in figure.texts}


def test_a_figure_of_too_many_options_is_refused() -> None:
    with pytest.raises(MeasureError, match="25 panels"):
        draw_contributions(*tables(tuple(f"P{place}" for place in range(25))), CAPTION, WIDE)
