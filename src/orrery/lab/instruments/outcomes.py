"""What an instrument is judged by: alignment, stability, the hub's reliability, and backlash."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float

from orrery.lab.instruments.seen import DrawYear, DrawYearNeighbour, Seen


@dataclass(frozen=True)
class Outcome:
    """One thing that an instrument may change.

    Attributes:
        title: what people read.
        group: the question it belongs to.
        unit: of the values.
        wanted: 1 where a hub wants more of it, -1 where it wants less.
        values: from what was seen to the value in every draw and year.
    """

    title: str
    group: Literal["alignment", "stability of neighbours", "reliability of the hub", "backlash"]
    unit: str
    wanted: Literal[-1, 1]
    values: Callable[[Seen], DrawYear]


def alignment(seen: Seen) -> DrawYearNeighbour:
    """Return each neighbour's alignment share with the hub."""
    return np.asarray(seen.shares[..., seen.hub])


def reliability(seen: Seen) -> DrawYear:
    """Return `s_p + ρ_p - ρ_p0` of the hub, what `alignment.reliability` of the world makes of it."""
    return np.asarray(seen.hub_stability + seen.hub_record)


def rivalry(seen: Seen) -> Float[np.ndarray, "draw pole"]:
    """Return each pole's rivalry with the hub: distance of ideal points in the first year, over that of any two."""
    points = seen.poles_then
    apart = np.abs(points[:, :, None] - points[:, None, :])
    return apart[:, seen.hub] / np.maximum(apart.max((1, 2)), np.finfo(float).tiny)[:, None]


def rival_share(seen: Seen) -> DrawYear:
    """Return the mean over neighbours of `Σ_q a_iq r_q`, `r_q` the rivalry of pole q with the hub."""
    return np.asarray(np.einsum("dynp,dp->dyn", seen.shares, rivalry(seen)).mean(-1))


OUTCOMES: dict[str, Outcome] = {
    "alignment": Outcome(
        "alignment with the hub, mean of neighbours", "alignment", "share", 1, lambda seen: alignment(seen).mean(-1)
    ),
    "stability": Outcome(
        "stability of neighbours, mean",
        "stability of neighbours",
        "standard normal units",
        1,
        lambda seen: seen.stability.mean(-1),
    ),
    "reliability": Outcome(
        "reliability of the hub: its stability and its change of reputation",
        "reliability of the hub",
        "standard normal units + share",
        1,
        reliability,
    ),
    "reputation": Outcome(
        "reputation of the hub, change since the start",
        "reliability of the hub",
        "share",
        1,
        lambda seen: seen.hub_record,
    ),
    "hub_stability": Outcome(
        "stability of the hub", "backlash", "standard normal units", 1, lambda seen: seen.hub_stability
    ),
    "distance": Outcome(
        "distance of neighbours from the hub",
        "backlash",
        "UN ideal-point units",
        -1,
        lambda seen: seen.distance.mean(-1),
    ),
    "rival_share": Outcome(
        "alignment with the hub's rivals, weighted by rivalry", "backlash", "share", -1, rival_share
    ),
    "coercion_by_others": Outcome(
        "coercion of neighbours by other poles",
        "backlash",
        "model units",
        -1,
        lambda seen: seen.coercion_by_others.mean(-1),
    ),
    "coercion_by_hub": Outcome(
        "coercion of neighbours by the hub", "backlash", "model units", -1, lambda seen: seen.coercion_by_hub.mean(-1)
    ),
}
"""Every outcome by name."""

OF_NEIGHBOURS: dict[str, Callable[[Seen], DrawYearNeighbour]] = {
    "alignment": alignment,
    "stability": lambda seen: seen.stability,
}
"""Outcomes that are given for each neighbour."""

WHENS = ("horizon", "mean")
"""When outcomes are looked at: in the last year, and on average over the years in force."""


def at(when: str, values: Float[np.ndarray, "draw year *rest"]) -> Float[np.ndarray, " draw *rest"]:
    """Return the values of the last year (`horizon`), or their mean over the years in force (`mean`)."""
    in_force = values[:, FIRST_IN_FORCE - 1 :]
    return np.asarray(in_force[:, -1] if when == "horizon" else in_force.mean(1))


FIRST_IN_FORCE = 2
"""Number of the year, after the start, in which instruments come into force."""
