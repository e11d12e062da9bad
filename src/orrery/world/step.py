"""One year of the world: the phases, in order."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from jaxtyping import Array, Key

from orrery.base.keys import named_key
from orrery.world.forcing import Forcing
from orrery.world.params import Params
from orrery.world.phases import (
    alignment,
    bargaining,
    capabilities,
    coercion,
    compliance,
    connectedness,
    domestic,
    ideal_points,
    legitimacy,
    membership,
    supply,
    tension,
)
from orrery.world.world import Info, Origin, World


class Advance(Protocol):
    """What every phase is: the world before it to the world after it, and what one may look at."""

    def __call__(
        self, key: Key[Array, ""], world: World, origin: Origin, params: Params, forcing: Forcing
    ) -> tuple[World, Info]:
        """Advance the world by one phase of one year."""
        ...


class Phase(NamedTuple):
    """A phase and the name of its stream of random numbers; a name, once used, is kept."""

    name: str
    advance: Advance


PHASES: tuple[Phase, ...] = (
    Phase("capabilities", capabilities.advance),
    Phase("connectedness", connectedness.advance),
    Phase("supply", supply.advance),
    Phase("coercion", coercion.advance),
    Phase("alignment", alignment.advance),
    Phase("bargaining", bargaining.advance),
    Phase("compliance", compliance.advance),
    Phase("membership", membership.advance),
    Phase("legitimacy", legitimacy.advance),
    Phase("ideal points", ideal_points.advance),
    Phase("domestic", domestic.advance),
    Phase("tension", tension.advance),
)
"""The phases of a year in order. A phase sees the stocks as earlier phases of the same year left them."""


def step(key: Key[Array, ""], world: World, origin: Origin, params: Params, forcing: Forcing) -> tuple[World, Info]:
    """Advance the world by one year.

    Args:
        key: the key of the draw and year.
        world: the world at the end of last year.
        origin: what the first year fixed.
        params: the parameters.
        forcing: one year of the exogenous paths.

    Returns:
        The world at the end of the year, and the info of all phases by name.
    """
    info: Info = {}
    for phase in PHASES:
        world, seen = phase.advance(named_key(key, phase.name), world, origin, params, forcing)
        info |= seen
    return world, info
