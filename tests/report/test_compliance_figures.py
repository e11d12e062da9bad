"""Figures of agreements: nothing overlaps or leaves the figure, and what is drawn is what was found."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from test_figures import overlapping

from orrery.base.errors import NegotiationError
from orrery.negotiation.compliance.participation import identical
from orrery.negotiation.compliance.stable_sets import gains_by_size, stable_sizes
from orrery.negotiation.compliance.survival import Condition, Risks, fate, held, rates
from orrery.report.figures.caption import Caption
from orrery.report.figures.compliance import FATES, draw_fates, draw_participation
from orrery.report.style import LAYOUTS, WIDE, Layout, drawing

CAPTION = Caption("A title that is long enough to need a second line where the figure is narrow", ("A note. " * 12,))
ARRANGEMENTS = {
    "neither penalty nor club": {},
    "penalty 0.3": {"penalty": 0.3},
    "club share 0.3, penalty 0.1": {"club_share": 0.3, "penalty": 0.1},
    "penalty 0.95": {"penalty": 0.95},
}
RISKS = Risks(0.02, 0.05, 2.0, 0.8, 0.5, 1.5, 0.6, 3.0)
layouts = pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)


def gains() -> pd.DataFrame:
    members, tables = np.arange(1, 21), []
    for name, how in ARRANGEMENTS.items():
        game = identical(20, **how)
        columns = {"gain": gains_by_size(game), "stable": np.isin(members, stable_sizes(game))}
        tables.append(pd.DataFrame({"series": name, "members": members, **columns}))
    return pd.concat(tables, ignore_index=True)


def fates() -> pd.DataFrame:
    tables = []
    for name, excluded in {"everybody affected at the table": 0.0, "one affected party left out": 0.25}.items():
        found = fate(held(rates(Condition(0.8, 0.5, 0.1, jnp.asarray(excluded)), RISKS), 20))
        ends = {column: np.asarray(getattr(found, column)) for column in FATES}
        tables.append(pd.DataFrame({"panel": name, "year": np.arange(1, 21), **ends}))
    return pd.concat(tables, ignore_index=True)


def drawn(figure: Figure) -> Figure:
    FigureCanvasAgg(figure).draw()
    return figure


@layouts
def test_nothing_overlaps(layout: Layout) -> None:
    with drawing():
        figure = draw_participation(gains(), CAPTION, layout, unit="gain by staying in, in mean payoffs of cooperation")
        assert overlapping(drawn(figure)) == []
        assert overlapping(drawn(draw_fates(fates(), CAPTION, layout))) == []


def test_the_circles_are_the_stable_sizes() -> None:
    with drawing():
        figure = draw_participation(gains(), CAPTION, WIDE, unit="gain")
    circles = [line for line in figure.axes[-1].lines if line.get_linestyle() == "None"]
    assert [line.get_xdata().tolist() for line in circles] == [[3], [9], [11], [20]]


def test_the_areas_are_the_probabilities() -> None:
    table = fates()
    with drawing():
        figure = draw_fates(table, CAPTION, WIDE)
    left_out = table[table["panel"] == "one affected party left out"]
    last = figure.axes[-1].collections[0].get_paths()[0].vertices
    assert last[:, 1].min() == 0
    at_end = last[np.isclose(last[:, 0], 20), 1].max()
    assert at_end == pytest.approx(float(left_out["in_force"].iloc[-1]), abs=1e-6)


def test_tables_that_no_figure_holds_are_refused() -> None:
    many = pd.DataFrame({"series": [str(i) for i in range(7)], "members": 2, "gain": 0.0, "stable": True})
    with pytest.raises(NegotiationError, match="`series`: 7 came; a figure holds 1 to 6"):
        draw_participation(many, CAPTION, WIDE, unit="gain")
    with pytest.raises(NegotiationError, match=r"sum to 1\.500"):
        draw_fates(fates().assign(in_force=lambda table: table["in_force"] + 0.5), CAPTION, WIDE)
    with pytest.raises(NegotiationError, match="`panel`: 0 came"):
        draw_fates(fates().iloc[:0], CAPTION, WIDE)
