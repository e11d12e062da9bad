"""Figures of measures: nothing overlaps or leaves the figure, missing years are gaps, what is drawn is in the data."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from test_figures import overlapping, seen

from orrery.base.errors import MeasureError
from orrery.data.countries import countries
from orrery.measure.portfolios.channels import NON_ALIGNED
from orrery.report.figures.caption import Caption
from orrery.report.figures.ideal_line import draw_ideal_line, pack
from orrery.report.figures.paths import SERIES_COLOURS, draw_paths, gaps, year_ticks
from orrery.report.figures.ranks import draw_ranks
from orrery.report.figures.ribbons import draw_ribbons
from orrery.report.figures.roll_calls import COLOURS, spread, swarm
from orrery.report.style import LAYOUTS, NO_DATA, SEA, WIDE, Layout, drawing

CAPTION = Caption("A title that is long enough to need a second line where the figure is narrow", ("A note. " * 12,))
YEARS = list(range(1990, 2026))
layouts = pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)


def drawn(figure: Figure) -> Figure:
    FigureCanvasAgg(figure).draw()
    return figure


def paths(names: list[str], series: list[str], years: list[int] = YEARS) -> pd.DataFrame:
    rows = [
        (name, "unit", line, year, 0.1 * place + 0.01 * (year - 1990), year < 2018)
        for name in names
        for place, line in enumerate(series)
        for year in years
    ]
    table = pd.DataFrame(rows, columns=pd.Index(["panel", "unit", "series", "year", "value", "observed"]))
    return table.assign(low=table["value"] - 0.05, high=table["value"] + 0.05)


def points(n: int) -> pd.DataFrame:
    chosen = sorted(countries(), key=lambda one: -len(one.name))[:n]
    value = np.random.default_rng(1).normal(0, 0.7, n)
    return pd.DataFrame(
        {
            "country": [one.iso3 for one in chosen],
            "name": [one.name for one in chosen],
            "value": value,
            "low": value - 0.2,
            "high": value + 0.2,
            "observed": np.arange(n) % 3 > 0,
        }
    )


@layouts
def test_paths_do_not_overlap(layout: Layout) -> None:
    names = sorted((one.name for one in countries()), key=len)[-5:]
    with drawing():
        assert overlapping(drawn(draw_paths(paths(names, ["USA", "EU", "CHN"]), CAPTION, layout))) == []


@layouts
def test_the_line_does_not_overlap(layout: Layout) -> None:
    for n in (1, 25, 120):
        with drawing():
            table = points(n)
            assert overlapping(drawn(draw_ideal_line(table, table["value"].to_numpy(), CAPTION, layout))) == []


@layouts
def test_ribbons_and_ranks_do_not_overlap(layout: Layout) -> None:
    options = [NON_ALIGNED, "USA", "EU", "CHN", "RUS", "IND"]
    rows = [(channel, year, option, 1 / 6, year < 2015) for channel in "abcd" for year in YEARS for option in options]
    shares = pd.DataFrame(rows, columns=pd.Index(["panel", "year", "option", "share", "observed"]))
    ranked = points(20).assign(rank=range(1, 21), low=1.0, high=range(11, 31), median=range(2, 22))
    with drawing():
        assert overlapping(drawn(draw_ribbons(shares, CAPTION, layout))) == []
        assert overlapping(drawn(draw_ranks(ranked, CAPTION, layout, n_ranked=193))) == []


def test_a_missing_year_is_a_gap() -> None:
    table = paths(["one"], ["line"])
    missing = table["year"].between(2000, 2004)
    table.loc[missing, ["value", "low", "high"]] = np.nan
    with drawing():
        figure = draw_paths(table, CAPTION, WIDE)
    axes = figure.axes[-1]
    segments = [s for c in axes.collections if isinstance(c, LineCollection) for s in c.get_segments() if len(s) == 2]
    assert len(segments) == len(YEARS) - 5 - 2
    assert not any(2000 <= x <= 2004 for segment in segments for x in segment[:, 0])
    hatched = [patch.get_extents() for patch in axes.patches if patch.get_hatch()]
    assert len(hatched) == 1
    assert "no data" in [text.get_text() for text in figure.texts]


def test_years_not_observed_are_dotted() -> None:
    with drawing():
        axes = draw_paths(paths(["one"], ["line"]), CAPTION, WIDE).axes[-1]
    solid, dotted = [c for c in axes.collections if isinstance(c, LineCollection) and len(c.get_segments()) > 1]
    assert max(segment[:, 0].max() for segment in solid.get_segments()) == 2017
    assert min(segment[:, 0].min() for segment in dotted.get_segments()) == 2017


def test_ribbons_hold_what_the_data_hold() -> None:
    rows = [
        ("trade", year, option, share if year != 2001 else np.nan, True)
        for year in (2000, 2001, 2002)
        for option, share in ((NON_ALIGNED, 0.25), ("USA", 0.75))
    ]
    shares = pd.DataFrame(rows, columns=pd.Index(["panel", "year", "option", "share", "observed"]))
    with drawing():
        axes = draw_ribbons(shares, CAPTION, WIDE).axes[-1]
    heights = [[bar.get_height() for bar in container] for container in axes.containers]  # type: ignore[attr-defined]
    assert heights == [[0.25, 0, 0.25], [0.75, 0, 0.75]]
    assert sum(bool(patch.get_hatch()) for patch in axes.patches) == 1


@pytest.mark.parametrize("n", [0, 25])
def test_too_many_panels_are_refused(n: int) -> None:
    table = paths([f"country {number}" for number in range(n)], ["line"], [2000, 2001])
    with drawing(), pytest.raises(MeasureError, match=f"{n} panels came"):
        draw_paths(table, CAPTION, WIDE)


def test_nobody_on_the_line_or_in_the_ranks_is_refused() -> None:
    empty = points(3).assign(value=np.nan, rank=np.nan, median=np.nan)
    with drawing(), pytest.raises(MeasureError, match="none of the countries"):
        draw_ideal_line(empty, empty["value"].to_numpy(), CAPTION, WIDE)
    with drawing(), pytest.raises(MeasureError, match="0 countries have a rank"):
        draw_ranks(empty, CAPTION, WIDE, n_ranked=193)


def test_votes_and_series_differ_for_a_deuteranope() -> None:
    for one, other in combinations([*COLOURS.values(), NO_DATA, SEA], 2):
        assert np.linalg.norm(seen(one) - seen(other)) > 10, (one, other)
    for one, other in combinations(SERIES_COLOURS[:5], 2):
        assert np.linalg.norm(seen(one) - seen(other)) > 6, (one, other)


boxes = st.lists(st.tuples(st.floats(-5, 5), st.floats(0.01, 3)).map(lambda box: (box[0], sum(box))), max_size=40)


@given(boxes)
def test_no_two_boxes_of_a_lane_overlap(given_boxes: list[tuple[float, float]]) -> None:
    lanes = pack(given_boxes)
    for (one, lane), (other, second) in combinations(zip(given_boxes, lanes, strict=True), 2):
        assert lane != second or one[1] <= other[0] or other[1] <= one[0]
    assert sorted(set(lanes)) == list(range(len(set(lanes))))


@given(st.lists(st.floats(-3, 3), max_size=60), st.floats(0.01, 1))
def test_no_two_dots_cover_each_other(places: list[float], width: float) -> None:
    level, n_levels = swarm(np.array(places, float), width)
    assert len(set(level)) == n_levels
    for one, other in combinations(range(len(places)), 2):
        assert level[one] != level[other] or abs(places[one] - places[other]) >= width - 1e-9


@given(st.lists(st.floats(0, 10), max_size=9), st.floats(0.1, 1.0))
def test_labels_are_spread_in_order_within_the_limits(places: list[float], width: float) -> None:
    ordered = sorted(places)
    moved = spread(ordered, [width] * len(ordered), (0.0, 10.0))
    assert all(after - before >= width - 1e-9 for before, after in pairwise(moved))
    assert all(width / 2 - 1e-9 <= place <= 10 - width / 2 + 1e-9 for place in moved)
    if all(after - before > width for before, after in pairwise(ordered)):
        inside = [min(max(place, width / 2), 10 - width / 2) for place in ordered]
        assert moved == pytest.approx(inside, abs=width)


def test_gaps_and_ticks() -> None:
    years = np.arange(1990, 2000)
    known = np.array([0, 0, 1, 1, 0, 1, 1, 1, 1, 0], bool)
    assert gaps(known, years) == [(1990, 1991), (1994, 1994), (1999, 1999)]
    assert year_ticks(np.arange(1990, 2026), 5) == [1990, 2000, 2010, 2020]
    assert year_ticks(np.arange(2024, 2025), 5) == [2024]
