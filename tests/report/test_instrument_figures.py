"""The figure of a hub's instruments: every instrument is a mark and a cross in each of the two panels."""

from __future__ import annotations

import pandas as pd
import pytest

from orrery.base.errors import MeasureError
from orrery.report.figures.caption import Caption
from orrery.report.figures.instruments import WHEN_WORDS, draw_trade_off
from orrery.report.style import LAYOUTS, drawing, to_png, to_svg

TITLES = {"coercion": "Coercion", "body": "Building a body", "market-access": "Market access"}
MEDIANS = {"coercion": (0.06, -0.7), "body": (0.0, 0.01), "market-access": (0.12, 0.02)}
EFFECTS = pd.DataFrame(
    [
        {"instrument": name, "outcome": one, "when": when, "median": value, "low": value - 0.01, "high": value + 0.02}
        for name, values in MEDIANS.items()
        for one, value in zip(("alignment", "stability"), values, strict=True)
        for when in WHEN_WORDS
    ]
)  # fmt: skip
CAPTION = Caption("What instruments do", ("Medians over draws.",))


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_every_instrument_is_a_cross_and_a_mark_where_its_effects_say(layout) -> None:
    with drawing():
        figure = draw_trade_off(EFFECTS, TITLES, CAPTION, layout)
        svg = to_svg(figure)
        assert to_png(figure).startswith(b"\x89PNG")
    panels = [axes for axes in figure.axes if axes.get_xlabel()]
    assert len(panels) == len(WHEN_WORDS)
    for axes in panels:
        marks = [line for line in axes.lines if line.get_marker() not in ("None", "", None)]
        placed = [(line.get_ydata()[0], line.get_xdata()[0]) for line in marks]
        assert placed == [MEDIANS[name] for name in TITLES]
        across = axes.lines[0].get_xdata()
        assert (across[0], across[1]) == pytest.approx((-0.71, -0.68))
        low, high = axes.get_xlim()
        assert low < -0.71
        assert high > 0.04
    assert all(title in svg for title in TITLES.values())


def test_an_instrument_without_effects_or_too_many_are_refused() -> None:
    with drawing():
        with pytest.raises(MeasureError, match="exclusivity has no effect"):
            draw_trade_off(EFFECTS, TITLES | {"exclusivity": "Exclusivity"}, CAPTION, LAYOUTS[0])
        with pytest.raises(MeasureError, match="12 instruments came"):
            draw_trade_off(EFFECTS, {str(n): str(n) for n in range(12)}, CAPTION, LAYOUTS[0])
