"""The figure of a case: what is drawn is in the data, nothing overlaps, and what it cannot hold is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from test_figures import overlapping

from orrery.base.errors import NegotiationError
from orrery.report.figures.caption import Caption
from orrery.report.figures.cases import MOST_ISSUES, MOST_PARTIES, draw_case
from orrery.report.style import LAYOUTS, WIDE, Layout, drawing

CAPTION = Caption("Talks of many parties about a matter with the longest of names", ("A note. " * 12,))


def wants(n_parties: int, n_issues: int) -> pd.DataFrame:
    random = np.random.default_rng(3)
    rows = [
        (f"Party number {party} with a long name", issue, 100 * random.random(), random.random())
        for party in range(n_parties)
        for issue in names(n_issues)
    ]
    return pd.DataFrame(rows, columns=["party", "issue", "position", "salience"])


def names(n_issues: int) -> list[str]:
    return [f"Issue number {issue} about which there is much to say in words" for issue in range(n_issues)]


def texts(n_issues: int) -> pd.DataFrame:
    recorded = [55.0, *[float("nan")] * max(n_issues - 1, 0)][:n_issues]
    middle = np.linspace(30, 60, n_issues)
    return pd.DataFrame(
        {
            "issue": names(n_issues),
            "status_quo": 10.0,
            "value": middle,
            "low": middle - 20,
            "high": middle + 15,
            "recorded": recorded,
        }
    )


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
@pytest.mark.parametrize("n_issues", [1, 4])
def test_nothing_overlaps_and_every_position_and_text_is_drawn(layout: Layout, n_issues: int) -> None:
    positions, lines = wants(12, n_issues), texts(n_issues)
    with drawing():
        figure = draw_case(positions, lines, CAPTION, layout)
        FigureCanvasAgg(figure).draw()
    assert overlapping(figure) == []
    panels = [axes for axes in figure.axes if axes.collections and axes.get_xlim() == (0, 100)]
    assert len(panels) == n_issues
    for axes, (_, text) in zip(panels, lines.iterrows(), strict=True):
        marks = next(one for one in axes.collections if len(np.asarray(one.get_offsets())) == 12)
        own = positions[positions["issue"] == text["issue"]]
        np.testing.assert_allclose(np.asarray(marks.get_offsets())[:, 0], own["position"])
        assert np.argsort(marks.get_sizes()).tolist() == np.argsort(own["salience"]).tolist()
        crossed = [line.get_xdata()[0] for line in axes.lines]
        assert crossed == [one for one in (10.0, text["value"], text["recorded"]) if np.isfinite(one)]


def test_the_key_names_the_recorded_text_only_where_there_is_one() -> None:
    for recorded, named in ((40.0, True), (float("nan"), False)):
        with drawing():
            figure = draw_case(wants(3, 1), texts(1).assign(recorded=recorded), CAPTION, WIDE)
        assert any("text recorded" in one.get_text() for one in figure.findobj() if hasattr(one, "get_text")) == named


def test_what_a_figure_cannot_hold_is_refused() -> None:
    for parties, issues, message in (
        (0, 1, "0 parties"),
        (MOST_PARTIES + 1, 1, "41 parties"),
        (3, 0, "0 issues"),
        (3, MOST_ISSUES + 1, "9 issues"),
    ):
        table = wants(parties, issues) if issues else wants(parties, 1)
        with drawing(), pytest.raises(NegotiationError, match=message):
            draw_case(table, texts(issues), CAPTION, WIDE)
