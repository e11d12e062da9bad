"""The figure of a plan: every candidate is drawn, nothing overlaps its edges, and bad tables are refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from orrery.base.errors import ScenarioError
from orrery.report.figures.caption import Caption
from orrery.report.figures.plan import MARKS, draw_plan
from orrery.report.style import LAYOUTS, drawing, to_svg

OPTIONS = ("non-aligned", "USA", "EU", "CHN")


def table() -> pd.DataFrame:
    random = np.random.default_rng(1)
    kinds = ["spread over the simplex"] * 20 + ["lean"] * 4 + ["between mean and worst decile"] * 2
    kinds += ["best by a criterion"] * 3 + ["today"]
    n = len(kinds)
    shares = random.dirichlet(np.ones(len(OPTIONS)), n)
    return pd.DataFrame(
        {
            "portfolio": [f"portfolio {number}" for number in range(n - 1)] + ["today"],
            "kind": kinds,
            "front": np.arange(n) >= n - 4,
            "mean": np.sort(random.normal(-1, 0.5, n)),
            "worst_decile": random.normal(-2, 0.5, n),
            **{f"share_{option}": shares[:, place] for place, option in enumerate(OPTIONS)},
        }
    )


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_every_candidate_is_drawn_in_both_plots_and_bars_are_whole(layout):
    caption = Caption("A title", ("A note.",))
    with drawing():
        figure = draw_plan(table(), OPTIONS, caption, layout)
        svg = to_svg(figure)
    plots = [axes for axes in figure.axes if axes.get_xlabel()]
    assert len(plots) == 2
    for axes in plots:
        points = sum(len(line.get_xdata()) for line in axes.lines if line.get_linestyle() == "None")
        assert points == 30
    bars = [axes for axes in figure.axes if len(axes.patches) == len(OPTIONS)]
    assert len(bars) == 4
    for axes in bars:
        assert sum(patch.get_width() for patch in axes.patches) == pytest.approx(1)
    for words in ("A title", "A note.", "today", *MARKS, *OPTIONS, "portfolio 26"):
        assert words in svg


def test_the_plot_near_the_front_holds_todays_and_the_best():
    with drawing():
        figure = draw_plan(table(), OPTIONS, Caption("A title"), LAYOUTS[0])
    _, near = [axes for axes in figure.axes if axes.get_xlabel()]
    shown = table()[table()["kind"].isin(("today", "best by a criterion"))]
    low, high = near.get_xlim()
    assert low < shown["mean"].min() <= shown["mean"].max() < high
    low, high = near.get_ylim()
    assert low < shown["worst_decile"].min() <= shown["worst_decile"].max() < high


@pytest.mark.parametrize("kind", ["today", "best by a criterion"])
def test_a_table_without_what_is_shown_is_refused(kind):
    lacking = table()[table()["kind"] != kind]
    with drawing(), pytest.raises(ScenarioError, match="the table lacks one of them"):
        draw_plan(lacking, OPTIONS, Caption("A title"), LAYOUTS[0])
