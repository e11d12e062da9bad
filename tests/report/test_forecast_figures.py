"""The figures of forecasts: what is drawn is in the data, nothing overlaps, and what they cannot hold is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from scipy import stats
from test_figures import overlapping

from orrery.base.errors import NegotiationError
from orrery.report.figures.caption import Caption
from orrery.report.figures.forecasts import MARKS, MOST_CASES, binned, draw_chances, draw_reliability
from orrery.report.style import LAYOUTS, WIDE, Layout, drawing

CAPTION = Caption("How often there was agreement where it was likely", ("A note. " * 12,))
RNG = np.random.default_rng(6)


def chances(n: int) -> pd.DataFrame:
    names = [f"ALLIANCE-MULTILATERALISM-{year}" for year in range(1900, 1900 + n)]
    values = {"closed form": RNG.random(n), "round by round": RNG.random(n)}
    return pd.DataFrame({"case": names, "agreed": RNG.random(n) < 0.6} | values)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_every_case_has_its_marks_and_nothing_overlaps(layout: Layout) -> None:
    table = chances(30)
    with drawing():
        figure = draw_chances(table, CAPTION, layout)
        FigureCanvasAgg(figure).draw()
    assert overlapping(figure) == []
    axes = max(figure.axes, key=lambda one: len(one.lines))
    rows = table.sort_values("closed form")
    drawn = [
        rows.loc[rows["agreed"] == happened, model]
        for model in ("closed form", "round by round")
        for happened in (True, False)
    ]
    for line, expected in zip(axes.lines, drawn, strict=True):
        np.testing.assert_allclose(line.get_xdata(), expected)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_frequencies_stand_over_chances_and_nothing_overlaps(layout: Layout) -> None:
    table = chances(40)
    given = {name: table[name].to_numpy() for name in ("closed form", "round by round")}
    with drawing():
        figure = draw_reliability(given, table["agreed"].to_numpy(), CAPTION, layout)
        FigureCanvasAgg(figure).draw()
    assert overlapping(figure) == []
    axes = max(figure.axes, key=lambda one: len(one.lines))
    for line, chance in zip(axes.lines[1:], given.values(), strict=True):
        middle, frequency, _ = binned(chance, table["agreed"].to_numpy())
        np.testing.assert_allclose(line.get_xdata(), middle)
        np.testing.assert_allclose(line.get_ydata(), frequency)


def test_bins_by_hand() -> None:
    middle, frequency, interval = binned(np.arange(10) / 10, np.arange(10) > 4)
    np.testing.assert_allclose(middle, [0.05, 0.25, 0.45, 0.65, 0.85])
    np.testing.assert_allclose(frequency, [0, 0, 0.5, 1, 1])
    np.testing.assert_allclose(interval[:, 2], stats.beta(1.5, 1.5).ppf([0.05, 0.95]))
    assert (interval[0] <= frequency).all()
    assert (interval[1] >= frequency).all()
    np.testing.assert_array_equal(interval[0, :2], 0)
    np.testing.assert_array_equal(interval[1, 3:], 1)


def test_what_a_figure_cannot_hold_is_refused() -> None:
    for n in (0, MOST_CASES + 1):
        with pytest.raises(NegotiationError, match=f"{n} cases"):
            draw_chances(chances(n), CAPTION, WIDE)
    with pytest.raises(NegotiationError, match="0 models"):
        draw_chances(chances(3)[["case", "agreed"]], CAPTION, WIDE)
    many = {str(place): np.ones(9) for place in range(len(MARKS) + 1)}
    with pytest.raises(NegotiationError, match=f"{len(many)} models"):
        draw_reliability(many, np.ones(9, bool), CAPTION, WIDE)
    with pytest.raises(NegotiationError, match="4 cases"):
        draw_reliability({"one": np.ones(4)}, np.ones(4, bool), CAPTION, WIDE)
