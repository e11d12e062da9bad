"""Thresholds of hedging in the start year and at the horizon, summarised over draws and scenarios."""

from __future__ import annotations

import jax
import numpy as np
import pandas as pd
from jaxtyping import Bool, Float

from orrery.lab.planner.circumstances import Circumstances
from orrery.lab.planner.criteria import INTERVAL, quantile
from orrery.lab.planner.threshold import Thresholds, settled, thresholds
from orrery.lab.planner.worlds import Worlds


def threshold_table(worlds: Worlds) -> pd.DataFrame:
    """Return one row per moment and question.

    Quantiles of the threshold, of the analytic one and of their ratio are over the states in which there is a
    threshold; shares are of all states. In the start year states are draws, the same in every scenario; at the horizon
    they are scenarios and draws, weighted, at the portfolio to which the simulated one goes if the last year stays.
    """
    n_draws = worlds.last.shape[1]
    first = worlds.first[0]
    last = _flat(worlds.met[:, :, -1])
    held = settled(last, worlds.last.reshape(-1, worlds.last.shape[2]))
    start, end = worlds.chosen.observed.year, worlds.chosen.observed.year + worlds.met.base.shape[2]
    weights = np.repeat(worlds.chosen.weights / n_draws, n_draws)
    moments = (
        (start, first, np.broadcast_to(worlds.today, (n_draws, len(worlds.today))), np.full(n_draws, 1 / n_draws)),
        (end, last, held, weights),
    )
    return pd.DataFrame(
        [_summary(year, found, mass) for year, met, portfolio, mass in moments for found in thresholds(met, portfolio)]
    )


def _flat(met: Circumstances) -> Circumstances:
    return jax.tree.map(lambda leaf: leaf.reshape(-1, *leaf.shape[2:]), met)


def _summary(year: int, found: Thresholds, mass: Float[np.ndarray, " state"]) -> dict[str, object]:
    there = np.isfinite(found.factor)
    row: dict[str, object] = {"year": year, "question": found.question.value, "states": len(mass)}
    for name, values in (
        ("factor", found.factor),
        ("analytic", found.analytic),
        ("ratio", found.factor / found.analytic),
        ("half", found.half),
    ):
        row |= _quantiles(name, values, mass)
    flags: dict[str, Bool[np.ndarray, " state"]] = {
        "with_threshold": there,
        "unstable_already": found.unstable_already,
        "none_found": found.none_found,
        "not_followed": found.not_followed,
        "half_lost": np.isfinite(found.half),
    }
    row |= {name: float(mass @ flag) for name, flag in flags.items()}
    row["confirmed"] = float(mass @ found.confirmed / (mass @ there)) if there.any() else float("nan")
    return row


def _quantiles(name: str, values: Float[np.ndarray, " state"], mass: Float[np.ndarray, " state"]) -> dict[str, float]:
    """Return median and interval over the states in which there is a value; NaN where there is in none."""
    known = np.isfinite(values)
    levels = {"median": 0.5, "low": INTERVAL[0], "high": INTERVAL[1]}
    if not known.any() or mass[known].sum() == 0:
        return {f"{name}_{word}": float("nan") for word in levels}
    part = mass[known] / mass[known].sum()
    return {f"{name}_{word}": float(quantile(values[known, None], part, level)[0]) for word, level in levels.items()}
