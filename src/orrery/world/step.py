"""One year of the world: the phases, in order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol, TypeAlias

import jax
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
from orrery.world.world import Info, Origin, Size, World


class Advance(Protocol):
    """What every phase is: the world before it to the world after it, and what one may look at."""

    def __call__(
        self, chance: Any, world: World, origin: Origin, params: Params, forcing: Forcing
    ) -> tuple[World, Info]:
        """Advance the world by one phase of one year."""
        ...


Draw = Callable[[Key[Array, ""], Size], Any]
"""Draws the random numbers of one phase of one year."""


class Phase(NamedTuple):
    """A phase, what it draws, and the name of its stream of random numbers; a name, once used, is kept."""

    name: str
    advance: Advance
    draw: Draw | None = None


PHASES: tuple[Phase, ...] = (
    Phase("capabilities", capabilities.advance, capabilities.draw),
    Phase("connectedness", connectedness.advance, connectedness.draw),
    Phase("supply", supply.advance),
    Phase("coercion", coercion.advance),
    Phase("alignment", alignment.advance),
    Phase("bargaining", bargaining.advance, bargaining.draw),
    Phase("compliance", compliance.advance, compliance.draw),
    Phase("membership", membership.advance, membership.draw),
    Phase("legitimacy", legitimacy.advance),
    Phase("ideal points", ideal_points.advance, ideal_points.draw),
    Phase("domestic", domestic.advance, domestic.draw),
    Phase("tension", tension.advance, tension.draw),
)
"""The phases of a year in order. A phase sees the stocks as earlier phases of the same year left them."""


Chances: TypeAlias = dict[str, Any]
"""The random numbers of a year, or with a leading axis of several, by the name of the phase that takes them."""


def draw_chances(key: Key[Array, ""], size: Size) -> Chances:
    """Draw all random numbers of one year.

    Args:
        key: the key of the draw and year.
        size: of the world.

    Returns:
        What each phase that leaves something to chance takes, by the name of the phase.
    """
    return {phase.name: phase.draw(named_key(key, phase.name), size) for phase in PHASES if phase.draw is not None}


def step(chances: Chances, world: World, origin: Origin, params: Params, forcing: Forcing) -> tuple[World, Info]:
    """Advance the world by one year.

    Args:
        chances: the random numbers of the year (`draw_chances`).
        world: the world at the end of last year.
        origin: what the first year fixed.
        params: the parameters.
        forcing: one year of the exogenous paths.

    Returns:
        The world at the end of the year, and the info of all phases by name.
    """
    info: Info = {}
    for phase in PHASES:
        # So that profiles tell which phase an operation is of.
        with jax.named_scope(phase.name.replace(" ", "_")):
            world, seen = phase.advance(chances.get(phase.name), world, origin, params, forcing)
        info |= seen
    return world, info
