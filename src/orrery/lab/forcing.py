"""From a scenario's moves to the paths that a simulation follows."""

from __future__ import annotations

import dataclasses

import numpy as np

from orrery.base.errors import ScenarioError
from orrery.lab.scenario import FACTORS, Move, Scenario
from orrery.world.forcing import Forcing, no_change_forcing, still_forcing
from orrery.world.observed import Observed
from orrery.world.params import Params


def scenario_forcing(scenario: Scenario, observed: Observed) -> Forcing:
    """Return the exogenous paths of a scenario for an observed world.

    Moves of the same lever combine: factors multiply, additions add.

    Raises:
        ScenarioError: a move outside the years run, or of a pole or country that this world does not have.
    """
    scenario.check_horizon(observed.year)
    params = Params.central().override(
        {name: value for name, value in scenario.parameters.items() if name == "growth_fading_years"}
    )
    moving = no_change_forcing(observed, scenario.years, params)
    still = still_forcing(observed, scenario.years)
    paths = {
        field.name: np.array(getattr(moving if _is_on(field.name, scenario) else still, field.name), float)
        for field in dataclasses.fields(Forcing)
    }
    paths["year"] = np.asarray(still.year)
    for number, move in enumerate(scenario.moves, 1):
        _apply(paths, move, number, observed)
    return Forcing(**paths)


def _is_on(path: str, scenario: Scenario) -> bool:
    """Tell whether a path follows what was observed, or stays still because its switch is off."""
    return {"noise": scenario.shocks}.get(path, scenario.trends)


def _apply(paths: dict[str, np.ndarray], move: Move, number: int, observed: Observed) -> None:
    level = _level(move, paths["year"])
    columns = _columns(move, number, observed)
    path = paths[move.lever]
    if move.lever in FACTORS:
        path[..., columns] = path[..., columns] * (level[:, None] if path.ndim == 2 else level)
    else:
        path[..., columns] = path[..., columns] + (level[:, None] if path.ndim == 2 else level)


def _level(move: Move, years: np.ndarray) -> np.ndarray:
    """Return the lever's level in every year: neutral before, and after `last` of a step."""
    neutral = 1.0 if move.lever in FACTORS else 0.0
    if move.shape == "ramp":
        assert move.last is not None, "Move refuses a ramp without its last year"
        part = np.clip((years - move.first + 1) / (move.last - move.first + 1), 0, 1)
        return neutral + (move.value - neutral) * part
    last = years[-1] if move.last is None else move.last
    return np.where((years >= move.first) & (years <= last), move.value, neutral)


def _columns(move: Move, number: int, observed: Observed) -> slice | list[int] | np.ndarray:
    """Return which columns of the path a move touches."""
    if move.target is None:
        return slice(None)
    if move.target in observed.poles:
        pole = observed.poles.index(move.target)
        return [pole] if move.lever == "outward_propensity" else np.flatnonzero(observed.pole_members[pole])
    if move.lever == "capability_growth" and move.target in observed.countries:
        return [observed.countries.index(move.target)]
    allowed = f"a pole: {', '.join(observed.poles)}"
    if move.lever == "capability_growth":
        allowed += ", or the ISO3 code of a member of the United Nations"
    raise ScenarioError(f"move {number} (`{move.lever}`): `target` {move.target!r} came; allowed is {allowed}.")
