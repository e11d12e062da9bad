"""Scenarios: what they may hold, and how they are read and written."""

from orrery.lab.scenario.events import Founding, Hub, Membership, Reform
from orrery.lab.scenario.levers import LEVERS, Lever
from orrery.lab.scenario.loading import load_scenario, shipped_scenarios
from orrery.lab.scenario.moves import Move
from orrery.lab.scenario.scenario import Scenario
from orrery.lab.scenario.writing import scenario_toml

__all__ = [
    "LEVERS",
    "Founding",
    "Hub",
    "Lever",
    "Membership",
    "Move",
    "Reform",
    "Scenario",
    "load_scenario",
    "scenario_toml",
    "shipped_scenarios",
]
