"""What follows if connectedness falls? The same draws with and without the lever, so that only the lever differs."""

from __future__ import annotations

import tempfile
from pathlib import Path

import orrery as orr

baseline = orr.load_scenario("baseline")
closing = baseline.changed(
    name="closing",
    title="Connectedness falls one index point a year",
    moves=(orr.Move(lever="connectedness_shock", value=-0.01, first=2026, last=2034),),
)

with tempfile.TemporaryDirectory() as folder:
    runs = [
        orr.simulate(scenario, draws=10, years=10, seed=1, out=Path(folder) / scenario.name)
        for scenario in (baseline, closing)
    ]
    for name in ("connectedness", "non_aligned_share", "mean_rival_diversity"):
        before, after = (run.system[name].isel(year=-1) for run in runs)
        difference = after - before  # paired: draw 3 with the lever against draw 3 without
        low, high = difference.quantile([0.1, 0.9]).values
        print(f"{name}: {float(difference.median()):+.4f} (80 % of the draws: {low:+.4f} to {high:+.4f})")
