"""The instruments of a hub: each is a scenario of one size around the hub, and a number of units that are paid for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from orrery.lab.instruments.outcomes import FIRST_IN_FORCE
from orrery.lab.instruments.seen import DrawYear, Seen
from orrery.lab.scenario.parts import Founding, Move
from orrery.lab.scenario.scenario import HUB, NEIGHBOURS

BODY_CODE = "HUB-BODY"
"""Code of the body that a hub may build."""

FIRST = f"+{FIRST_IN_FORCE}"

Parts = dict[str, Any]
"""Values of a scenario's fields."""
Shares = Mapping[str, float]
"""What part of the grants each neighbour gets, by ISO3 code."""


@dataclass(frozen=True)
class Instrument:
    """One thing that a hub may spend on.

    Attributes:
        parts: from a size above 0 and the neighbours' parts of grants to what a scenario holds.
        planned: from the world without it and a size to the units to pay for in every year.
        measured: the same from the world with it.
    """

    parts: Callable[[float, Shares], Parts]
    planned: Callable[[Seen, float], DrawYear]
    measured: Callable[[Seen, float], DrawYear]


def founding(depth: float) -> Founding:
    """Return the founding of a body of the hub and its neighbours, of a given depth."""
    return Founding(
        code=BODY_CODE,
        name="Body of the hub and its neighbours",
        founders=(HUB, NEIGHBOURS),
        eligible=(HUB, NEIGHBOURS),
        area="economy",
        formality=1.0,
        excludability=0.8,
        depth=depth,
        first=FIRST,
    )


def _linear(parts: Callable[[float, Shares], Parts], units: Callable[[Seen, float], DrawYear]) -> Instrument:
    """Return an instrument whose units are reckoned alike before and after it was simulated."""
    return Instrument(parts, units, units)


def _move(lever: str, neutral: float, **keys: Any) -> Callable[[float, Shares], Parts]:
    """Return the parts of an instrument that moves one lever of the hub, from its neutral value on."""
    return lambda size, shares: {"moves": (Move(lever=lever, value=neutral + size, first=FIRST, **keys),)}


def _grants(size: float, shares: Shares) -> Parts:
    moves = [
        Move(lever="grants", pole=HUB, countries=(code,), value=size * share, first=FIRST)
        for code, share in shares.items()
    ]
    return {"moves": tuple(moves)}


AROUND = (NEIGHBOURS,)

INSTRUMENTS: dict[str, Instrument] = {
    "market-access": _linear(
        _move("access", 1.0, pole=HUB, countries=AROUND), lambda seen, size: size * seen.ordinary_supply
    ),
    "development-finance": _linear(_grants, lambda seen, size: size + 0 * seen.partners),
    "security-guarantee": _linear(
        _move("guarantee", 0.0, pole=HUB, countries=AROUND), lambda seen, size: size * seen.partners
    ),
    "technology-terms": _linear(
        _move("capability_growth", 0.0, countries=AROUND), lambda seen, size: size * seen.partners
    ),
    "exclusivity": _linear(_move("exclusivity", 1.0, pole=HUB), lambda seen, size: size * seen.ties),
    "coercion": _linear(_move("pressure", 0.0, pole=HUB, countries=AROUND), lambda seen, size: size * seen.partners),
    "body": Instrument(
        lambda size, shares: {"foundings": (founding(size),)},
        lambda seen, size: size * seen.founders,
        lambda seen, size: seen.body,
    ),
}
"""Every instrument by name; `prices.toml` has a price for each."""
