"""The levers: what a scenario may move, on which axes, and how several moves of one lever combine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

Axis = Literal["pole", "countries", "area"]
"""A key of a move, and the axis of the path that it names places on."""


@dataclass(frozen=True)
class Kind:
    """How a lever works.

    Attributes:
        name: in words.
        neutral: the level that changes nothing.
        combined: level of two moves together.
    """

    name: str
    neutral: float
    combined: Callable[[np.ndarray, np.ndarray], np.ndarray]


FACTOR = Kind("factor", 1.0, lambda one, other: one * other)
"""Multiplies what the model has. Two moves multiply."""

ADDITION = Kind("addition", 0.0, lambda one, other: one + other)
"""Is added to what the model has. Two moves add."""

SHARE = Kind("share", 0.0, lambda one, other: 1 - (1 - one) * (1 - other))
"""Takes away a part, 0 to 1. Two moves each take their part of what the other left."""


@dataclass(frozen=True)
class Lever:
    """One path of `Forcing` that a scenario may move.

    Attributes:
        kind: how it works and combines.
        meaning: what it moves, in words.
        axes: keys that a move of it must have, in the order of the path's axes after the year.
        least: lowest value allowed.
        most: highest value allowed.
    """

    kind: Kind
    meaning: str
    axes: tuple[Axis, ...] = ()
    least: float = -np.inf
    most: float = np.inf

    @property
    def allowed(self) -> str:
        """The values allowed, in words."""
        if np.isfinite(self.most):
            return f"from {self.least:g} to {self.most:g}"
        return f"{self.least:g} or more" if np.isfinite(self.least) else "any number"

    @property
    def described(self) -> str:
        """Kind, meaning and keys in one line."""
        needs = f"; needs {' and '.join(f'`{axis}`' for axis in self.axes)}" if self.axes else ""
        return f"{self.kind.name}, {self.allowed}: {self.meaning}{needs}"


LEVERS: dict[str, Lever] = {
    "outward_propensity": Lever(FACTOR, "what a pole supplies abroad from its capability", ("pole",), 0),
    "access": Lever(FACTOR, "what a country is ordinarily supplied with by a pole", ("countries", "pole"), 0),
    "grants": Lever(
        ADDITION, "part of a pole's capability given to each of the countries besides", ("countries", "pole"), 0
    ),
    "pressure": Lever(ADDITION, "coercion of each of the countries by a pole, as sanctions", ("countries", "pole"), 0),
    "guarantee": Lever(
        SHARE, "part of the other poles' coercion that a pole keeps away from a country", ("countries", "pole"), 0, 1
    ),
    "exclusivity": Lever(FACTOR, "how strongly a pole demands exclusive alignment", ("pole",), 0),
    "capability_growth": Lever(ADDITION, "yearly growth of a country's log capability", ("countries",)),
    "adjustment": Lever(FACTOR, "speed at which a country adjusts its portfolio; delay is below 1", ("countries",), 0),
    "connectedness_trend": Lever(FACTOR, "growth of world connectedness; 0 frozen, -1 reversed"),
    "connectedness_shock": Lever(ADDITION, "change of world connectedness per year (the index runs from 0 to 1)"),
    "tension": Lever(FACTOR, "tension that disputes warrant", (), 0),
    "tension_shock": Lever(ADDITION, "tension per year (1 in the start year)"),
    "problem_trend": Lever(FACTOR, "growth of common problems; 0 frozen"),
    "problem_shock": Lever(ADDITION, "change of the logarithm of an area's common problems per year", ("area",)),
    "stakes": Lever(FACTOR, "what there is to gain from agreements in an area", ("area",), 0),
    "births": Lever(FACTOR, "rate at which ad hoc bodies are born", (), 0),
    "deaths": Lever(FACTOR, "rate at which bodies die", (), 0),
    "exits": Lever(FACTOR, "rate at which countries leave bodies", (), 0),
    "noise": Lever(FACTOR, "standard deviation of every shock", (), 0),
}
"""Every lever by name, which is that of its path."""
