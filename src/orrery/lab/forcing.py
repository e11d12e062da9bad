"""From a scenario to the world and the paths that a simulation follows."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from orrery.base.errors import ScenarioError
from orrery.lab.scenario.bodies import with_foundings, with_reforms
from orrery.lab.scenario.countries import chosen_countries, pole_places
from orrery.lab.scenario.levers import LEVERS
from orrery.lab.scenario.memberships import held_members
from orrery.lab.scenario.parts import ALL, Move
from orrery.lab.scenario.scenario import Scenario
from orrery.lab.scenario.years import Span, calendar_year, span_of
from orrery.world.bodies import AREAS
from orrery.world.forcing import Forcing, check_forcing, no_change_forcing, still_forcing
from orrery.world.observed import Observed
from orrery.world.params import Params

_UNTRENDED = {"noise"}
"""Paths that go with `shocks`; all others go with `trends`."""


class Moved(NamedTuple):
    """A move as it falls on its path.

    Attributes:
        place: of the move, for messages.
        move: itself.
        span: calendar years.
        cells: which entries of the path, after the year axis.
    """

    place: str
    move: Move
    span: Span
    cells: Bool[np.ndarray, "*axes"]


def apply_scenario(scenario: Scenario, observed: Observed) -> tuple[Observed, Forcing]:
    """Return the observed world with the bodies that a scenario founds and reforms, and the paths to follow.

    Moves of the same lever combine: factors multiply, additions add, shares each take their part of what the others
    left. Two steps of one lever on the very same target must not share a year, as only one of them can hold.

    Raises:
        ScenarioError: naming file, scenario and key: an event outside the years run; a pole, country, group, body or
            reform that this world does not have; events that contradict each other.
    """
    scenario.check_horizon(observed.year)
    world, reforms = with_reforms(scenario, with_foundings(scenario, observed))
    paths = _unmoved(scenario, world)
    years = paths["year"]
    moved = [_moved(move, scenario.place(f"moves.{n}"), scenario, world) for n, move in enumerate(scenario.moves, 1)]
    _check_steps(moved)
    for one in moved:
        kind, path = LEVERS[one.move.lever].kind, paths[one.move.lever]
        level = _level(one.move, one.span, years).reshape(-1, *[1] * one.cells.ndim)
        paths[one.move.lever] = np.where(one.cells, kind.combined(path, level), path)
    world, held = held_members(scenario, world, reforms)
    for one in held:
        of_body = paths["membership"][:, one.body]
        of_body[np.ix_(one.span.within(years), one.countries)] = one.sign
    for reform in reforms:
        paths["rule_version"][years >= reform.first, reform.body] = reform.version
    for founding in scenario.foundings:
        year = calendar_year(founding.first, observed.year)
        paths["founding"][years == year, world.bodies.place(founding.code)] = 1
    forcing = Forcing(**paths)
    check_forcing(forcing, world)
    return world, forcing


def _unmoved(scenario: Scenario, observed: Observed) -> dict[str, np.ndarray]:
    """Return the paths before any move: as observed, or still where a switch of the scenario is off."""
    params = Params.central().override(
        {name: value for name, value in scenario.parameters.items() if name == "growth_fading_years"}
    )
    moving = no_change_forcing(observed, scenario.years, params)
    still = still_forcing(observed, scenario.years)
    paths = {}
    for field in dataclasses.fields(Forcing):
        on = scenario.shocks if field.name in _UNTRENDED else scenario.trends
        paths[field.name] = np.array(getattr(moving if on else still, field.name))
    return paths


def _moved(move: Move, place: str, scenario: Scenario, observed: Observed) -> Moved:
    horizon = observed.year + scenario.years
    return Moved(
        place, move, span_of(move.first, move.last, observed.year, horizon), _cells(move, place, scenario, observed)
    )


def _cells(move: Move, place: str, scenario: Scenario, observed: Observed) -> Bool[np.ndarray, "*axes"]:
    """Return which entries of a path a move touches, over the axes after the year."""
    cells = np.array(True)
    for axis in LEVERS[move.lever].axes:
        cells = cells[..., None] & _along(axis, move, f"{place} (`{move.lever}`), `{axis}`", scenario, observed)
    return cells


def _along(axis: str, move: Move, place: str, scenario: Scenario, observed: Observed) -> Bool[np.ndarray, " axis"]:
    if axis == "countries":
        assert move.countries is not None, "Move refuses a lever without its countries"
        return chosen_countries(move.countries, observed, scenario.hub, place)
    if axis == "area":
        return np.array([move.area in (name, ALL) for name in AREAS])
    assert move.pole is not None, "Move refuses a lever without its pole"
    return np.isin(np.arange(len(observed.poles)), pole_places(move.pole, observed, scenario.hub, place))


def _level(move: Move, span: Span, years: Int[np.ndarray, " year"]) -> Float[np.ndarray, " year"]:
    """Return the lever's level in every year: neutral before, and after the last year of a step."""
    neutral = LEVERS[move.lever].kind.neutral
    if move.shape == "ramp":
        part = np.clip((years - span.first + 1) / (span.last - span.first + 1), 0, 1)
        return neutral + (move.value - neutral) * part
    return np.where(span.within(years), move.value, neutral)


def _check_steps(moved: Sequence[Moved]) -> None:
    for one, other in combinations([each for each in moved if each.move.shape == "step"], 2):
        same = one.move.lever == other.move.lever and np.array_equal(one.cells, other.cells)
        if same and one.span.overlaps(other.span):
            raise ScenarioError(
                f"{other.place} (`{other.move.lever}`): {other.move.value:g} came for {one.span.shared(other.span)}, "
                f"where {one.place} holds the same target at {one.move.value:g}. Let one end before the other begins."
            )
