"""Run the baseline scenario forward and read its indicators."""

from __future__ import annotations

import tempfile
from pathlib import Path

import orrery as orr

with tempfile.TemporaryDirectory() as folder:
    run = orr.simulate("baseline", draws=10, years=10, seed=1, out=Path(folder) / "baseline")
    last = run.indicators[run.indicators["year"] == run.indicators["year"].max()]
    print(last.set_index("indicator")[["q10", "q50", "q90", "mcse", "unit"]].round(3).to_string())

    # Every draw is there, labelled: how far does each country's portfolio move?
    portfolio = run.draws["portfolio"].load()
    moved = abs(portfolio.isel(year=-1) - portfolio.isel(year=0)).sum("option") / 2
    print(moved.median("draw").to_series().nlargest(5).round(3).to_string())
