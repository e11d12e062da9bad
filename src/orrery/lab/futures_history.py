"""Do the five futures tell past decades apart as they are commonly told apart? Degrees of measured windows.

A degree whose conditions are not all measured is known to be at most the least of those that are. `assess` says which
labels a window can have under these bounds, and whether that agrees with what is expected. The thresholds are those of
`world/futures.toml`, fixed before this was computed, and are not fitted to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float

from orrery.data.panel import Panel, Tables
from orrery.lab.history_indicators import MeasuredIndicators, measured_indicators
from orrery.world.futures import MIXED, Definition, definition, degree, ratio

HOLDS, FAILS, OPEN = "holds", "does not hold", "open"


@dataclass(frozen=True)
class Window:
    """Years of the past, and the labels that are expected of them.

    Attributes:
        first: year.
        last: year.
        expected: labels, any of which agrees.
    """

    first: int
    last: int
    expected: tuple[str, ...]


WINDOWS = (
    Window(1970, 1985, ("new bipolarity",)),
    Window(1992, 2002, ("renewed Western-led order", "multilateralism")),
    Window(2012, 2022, (MIXED,)),
)
"""The windows of the past, each with what was expected of it before it was measured."""

VARIANTS = ("cinc", "mean")
"""Variants of capability: the composite index, which reaches all windows, and its mean with output, as in the model."""


@dataclass(frozen=True)
class Assessment:
    """What is known of a window.

    Attributes:
        futures: their names.
        degree: of each future where all of its conditions are measured; elsewhere the least of those that are, or 1.
        known: whether all conditions of the future are measured.
        possible: labels that the window can have.
    """

    futures: tuple[str, ...]
    degree: Float[np.ndarray, " future"]
    known: Bool[np.ndarray, " future"]
    possible: tuple[str, ...]

    def verdict(self, expected: tuple[str, ...]) -> str:
        """Return whether every label possible is expected, none is, or only some are."""
        agrees = [label in expected for label in self.possible]
        if all(agrees):
            return HOLDS
        return OPEN if any(agrees) else FAILS


def assess(series: Mapping[str, Float[np.ndarray, " year"]], chosen: Definition | None = None) -> Assessment:
    """Return what measured indicators, NaN where unknown, say of the futures.

    Args:
        series: indicators by name.
        chosen: the definition of the futures; the shipped one for None.

    Raises:
        SimulationError: an indicator is missing altogether, or there are too few years.
    """
    chosen = definition() if chosen is None else chosen
    degrees, known = [], []
    for future in chosen.futures:
        held = np.array([float(degree(series, condition, chosen)) for condition in future.conditions])
        measured = ~np.isnan(held)
        known.append(bool(measured.all()))
        degrees.append(float(held[measured].min()) if measured.any() else 1.0)
    names = tuple(future.name for future in chosen.futures)
    bounds, certain = np.array(degrees), np.array(known)
    return Assessment(names, bounds, certain, _possible(names, bounds, certain, chosen.label_above))


def _possible(
    names: tuple[str, ...], bounds: Float[np.ndarray, " future"], known: Bool[np.ndarray, " future"], least: float
) -> tuple[str, ...]:
    """Return the labels that are possible if unknown degrees lie anywhere between 0 and their bounds."""
    best = max([least, *bounds[known].tolist()])
    labels = [name for name, bound in zip(names, bounds, strict=True) if bound > least and bound >= best]
    return tuple(labels) if best > least else (*labels, MIXED)


@dataclass(frozen=True)
class History:
    """The windows of the past.

    Attributes:
        verdicts: by window and capability what is expected, possible, and the verdict.
        degrees: by window, capability and future its degree, `known` or a bound.
        conditions: by window, capability, future and indicator its ratio and degree, with a note.
    """

    verdicts: pd.DataFrame
    degrees: pd.DataFrame
    conditions: pd.DataFrame


def history(panel: Panel, tables: Tables, windows: tuple[Window, ...] = WINDOWS) -> History:
    """Measure the windows of the past in every variant of capability.

    Args:
        panel: the data, `history_indicators.history_panel(tables, (1970, 2022))`.
        tables: the store, `orrery.open_store()`.
        windows: years and expectations.

    Raises:
        MeasureError: a window outside the panel.
        StoreError: the store lacks a source.
    """
    verdicts, degrees, conditions = [], [], []
    for window in windows:
        for variant in VARIANTS:
            measured = measured_indicators(panel, tables, (window.first, window.last), variant)
            found = assess(measured.series)
            key = {"window": f"{window.first}-{window.last}", "capability": variant}
            verdicts.append(
                key
                | {"expected": " or ".join(window.expected), "possible": " or ".join(found.possible)}
                | {"verdict": found.verdict(window.expected)}
            )
            degrees += [
                key | {"future": name, "degree": value, "known": bool(known)}
                for name, value, known in zip(found.futures, found.degree, found.known, strict=True)
            ]
            conditions += [key | row for row in _conditions(measured, definition())]
    return History(pd.DataFrame(verdicts), pd.DataFrame(degrees), pd.DataFrame(conditions))


def _conditions(measured: MeasuredIndicators, chosen: Definition) -> list[dict[str, object]]:
    rows = []
    for future in chosen.futures:
        for condition in future.conditions:
            names = [condition.indicator] + ([] if condition.over is None else [condition.over])
            ratios = [float(ratio(measured.series, name, chosen)) for name in names]
            notes = dict.fromkeys(measured.notes[name] for name in names if name in measured.notes)
            rows.append(
                {
                    "future": future.name,
                    "indicator": " over ".join(names),
                    "ratio": ratios[0] if len(ratios) == 1 else ratios[0] / ratios[1],
                    "wanted": f"{'below' if condition.falls else 'above'} {condition.threshold:.2f}",
                    "degree": float(degree(measured.series, condition, chosen)),
                    "note": "; ".join(notes),
                }
            )
    return rows
