"""What an instrument does at every size: simulated at some sizes, in between on straight lines, draw by draw."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from orrery.base.errors import SimulationError
from orrery.lab.instruments.instruments import INSTRUMENTS
from orrery.lab.instruments.outcomes import OF_NEIGHBOURS, OUTCOMES, WHENS, at
from orrery.lab.instruments.prices import Prices
from orrery.lab.instruments.seen import Seen
from orrery.lab.instruments.setting import Setting

EQUAL_WITHIN = 0.005
"""Part of the budget by which expected costs may differ from it."""
MOST_TRIES = 6
"""Simulations in which a size must be found at which the expected cost is the budget."""
REACHED_WITHIN = 0.05
"""The same at the lowest price, where the largest size is simulated and costs are only interpolated."""
ALIKE = 0.01
"""Sizes that differ by less than this part are not simulated twice."""

Key = tuple[str, str]
"""An outcome, and when it is looked at."""
Draw = Float[np.ndarray, " draw"]
Simulated = Callable[[str], None]
"""Called with the name of an instrument after every simulation."""


@dataclass(frozen=True)
class Reading:
    """What one simulation comes to.

    Attributes:
        size: of the instrument.
        draws: numbers of the draws that went well.
        units: mean over the years in force of what is paid for, by draw.
        values: every outcome by draw.
        by_neighbour: outcomes that are given for each neighbour, by draw and neighbour.
        params: parameters by name.
    """

    size: float
    draws: Int[np.ndarray, " draw"]
    units: Draw
    values: dict[Key, Draw]
    by_neighbour: dict[Key, Float[np.ndarray, "draw neighbour"]]
    params: dict[str, Draw]

    def of(self, draws: Int[np.ndarray, " kept"]) -> Reading:
        """Return the same for some of the draws."""
        kept = np.isin(self.draws, draws)
        return Reading(
            self.size,
            self.draws[kept],
            self.units[kept],
            {key: value[kept] for key, value in self.values.items()},
            {key: value[kept] for key, value in self.by_neighbour.items()},
            {name: value[kept] for name, value in self.params.items()},
        )


def read(seen: Seen, size: float, units: Float[np.ndarray, "draw year"]) -> Reading:
    """Return what a simulation comes to, given what is paid for in every year."""
    whole = {name: outcome.values(seen) for name, outcome in OUTCOMES.items()}
    parts = {name: values(seen) for name, values in OF_NEIGHBOURS.items()}
    return Reading(
        size,
        seen.draws,
        at("mean", units),
        {(name, when): at(when, values) for name, values in whole.items() for when in WHENS},
        {(name, when): at(when, values) for name, values in parts.items() for when in WHENS},
        seen.params,
    )


class Curve(NamedTuple):
    """An instrument at the sizes at which it was simulated, size 0 first.

    Attributes:
        sizes: rising.
        units: expected units to pay for, at each.
        central: which of them is that of central prices.
        readings: of each size.
    """

    sizes: Float[np.ndarray, " node"]
    units: Float[np.ndarray, " node"]
    central: int
    readings: tuple[Reading, ...]

    def effects(self, key: Key) -> Float[np.ndarray, "node draw"]:
        """Return the change of an outcome against the same draws without the instrument."""
        return np.stack([reading.values[key] - self.readings[0].values[key] for reading in self.readings])

    def size_for(self, units: Float[np.ndarray, " wanted"]) -> Float[np.ndarray, " wanted"]:
        """Return the sizes at which so many units are paid for; the largest one where none is enough."""
        return np.interp(units, self.units, self.sizes)

    def effects_at(self, key: Key, sizes: Float[np.ndarray, " wanted"]) -> Float[np.ndarray, "wanted draw"]:
        """Return the change of an outcome at any sizes up to the largest, on straight lines between those simulated."""
        effects = self.effects(key)
        above = np.clip(np.searchsorted(self.sizes, sizes), 1, len(self.sizes) - 1)
        low, high = self.sizes[above - 1], self.sizes[above]
        part = ((np.minimum(sizes, self.sizes[-1]) - low) / (high - low))[:, None]
        return (1 - part) * effects[above - 1] + part * effects[above]


def trace(setting: Setting, prices: Prices, budget: float, told: Simulated) -> dict[str, Curve]:
    """Simulate every instrument at the sizes that its central, lowest and highest prices allow, and one between.

    Args:
        setting: the world and the draws.
        prices: of the instruments.
        budget: expected cost of each per year, as a share of the hub's capability.
        told: called after every simulation.

    Raises:
        SimulationError: the draws of two simulations are not the same, or no size has the expected cost.
    """
    without = setting.simulated(None, 0.0)
    told("none")
    nodes: dict[str, list[Reading]] = {}
    central: dict[str, float] = {}
    for name, price in prices.instruments.items():
        instrument, unit_price = INSTRUMENTS[name], prices.central(name)

        def simulated(size: float, name: str = name) -> Reading:
            seen = setting.simulated(name, size)
            told(name)
            return read(seen, size, INSTRUMENTS[name].measured(seen, size))

        per_size = float(at("mean", instrument.planned(without, 1.0)).mean())
        found = _sized(simulated, budget / unit_price, (per_size, price.most), EQUAL_WITHIN)
        central[name] = found.size
        nodes[name] = [found, *_others(simulated, found, (prices, name), budget)]
    base = read(without, 0.0, np.zeros_like(without.partners))
    return _curves(base, nodes, central)


def _others(
    simulated: Callable[[float], Reading], central: Reading, priced: tuple[Prices, str], budget: float
) -> list[Reading]:
    """Return the simulations at the lowest and highest price and at one between, if their sizes differ."""
    prices, name = priced
    most, (low, high) = prices.instruments[name].most, prices.extremes(name)
    per_size = float(central.units.mean()) / central.size
    done = [central]
    if central.size < most * (1 - ALIKE):
        done.append(_sized(simulated, budget / low, (per_size, most), REACHED_WITHIN))
    for size in (min(np.sqrt(central.size * done[-1].size), most), min(budget / high / per_size, most)):
        if all(abs(size / other.size - 1) > ALIKE for other in done):
            done.append(simulated(float(size)))
    return done[1:]


def _sized(simulated: Callable[[float], Reading], wanted: float, scale: tuple[float, float], within: float) -> Reading:
    """Return the simulation in which `wanted` units are paid for, or that of the largest size if it needs fewer.

    Args:
        simulated: simulates a size.
        wanted: units to pay for.
        scale: units per size to begin with, and the largest size.
        within: part of what is wanted that the units may differ from it.

    Raises:
        SimulationError: no such size was found.
    """
    per_size, most = scale
    size = min(wanted / per_size, most)
    for _ in range(MOST_TRIES):
        reading = simulated(size)
        units = float(reading.units.mean())
        if units <= 0:
            break
        if abs(units / wanted - 1) <= within or (size == most and units < wanted):
            return reading
        size = min(size * wanted / units, most)
    raise SimulationError(
        f"`budget`: no size of an instrument was found whose expected cost is the budget within {within:.1%}; the "
        f"last was {size:g}. Ask for more draws or another budget."
    )


def _curves(base: Reading, nodes: Mapping[str, list[Reading]], central: Mapping[str, float]) -> dict[str, Curve]:
    """Return the curves over the draws that went well in every simulation."""
    everything = [base, *(reading for readings in nodes.values() for reading in readings)]
    draws = base.draws
    for reading in everything:
        draws = np.intersect1d(draws, reading.draws)
    if not len(draws):
        raise SimulationError("`draws`: none went well in every simulation. Ask for more draws.")
    first = base.of(draws)
    curves = {}
    for name, readings in nodes.items():
        ordered = (first, *(reading.of(draws) for reading in sorted(readings, key=lambda one: one.size)))
        for reading in ordered:
            if any(not np.array_equal(reading.params[each], first.params[each]) for each in first.params):
                raise SimulationError(f"`{name}`: its draws have other parameters than those without it; report this.")
        sizes = np.array([reading.size for reading in ordered])
        units = np.array([reading.units.mean() for reading in ordered])
        curves[name] = Curve(sizes, units, int(np.flatnonzero(sizes == central[name])[0]), ordered)
    return curves
