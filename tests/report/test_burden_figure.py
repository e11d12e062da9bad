"""The figure of burdens: what is drawn is in the data, nothing overlaps, and what it cannot hold is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from test_figures import overlapping

from orrery.base.errors import NegotiationError
from orrery.data.countries import countries
from orrery.report.figures.burden import MARKS, MOST_ROWS, draw_burdens
from orrery.report.figures.caption import Caption
from orrery.report.style import LAYOUTS, WIDE, Layout, drawing

CAPTION = Caption("A burden shared by many countries with the longest of names", ("A note. " * 12,))


def burdens(n: int, n_rules: int) -> pd.DataFrame:
    names = [one.name for one in sorted(countries(), key=lambda one: -len(one.name))]
    values = np.random.default_rng(1).dirichlet(np.ones(n), n_rules) if n else np.zeros((n_rules, 0))
    rules = {f"Rule of burden number {place}": row for place, row in enumerate(values)}
    return pd.DataFrame({"name": (names * 2)[:n], **rules})


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_nothing_overlaps_and_every_share_has_its_mark(layout: Layout) -> None:
    table = burdens(12, len(MARKS))
    with drawing():
        figure = draw_burdens(table, CAPTION, layout, unit="per cent of the total")
        FigureCanvasAgg(figure).draw()
    assert overlapping(figure) == []
    axes = max(figure.axes, key=lambda one: len(one.lines))
    for line, rule in zip(axes.lines, table.columns[1:], strict=True):
        np.testing.assert_allclose(line.get_xdata(), table[rule])


def test_what_a_figure_cannot_hold_is_refused() -> None:
    for n, rules, message in ((0, 2, "0 countries"), (MOST_ROWS + 1, 2, "61 countries"), (3, 8, "8 rules")):
        with pytest.raises(NegotiationError, match=message):
            draw_burdens(burdens(n, rules), CAPTION, WIDE, unit="per cent")
