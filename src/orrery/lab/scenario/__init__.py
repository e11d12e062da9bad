"""Scenarios: which world is run, from when, for how long, and what is moved along the way.

A scenario is a TOML file. Levers are *paths after the start year*: a lever set at the start would be absorbed by the
inversion that makes the observed world a fixed point (Berry 1994), and change nothing.
"""

from orrery.lab.scenario.levers import LEVERS as LEVERS
from orrery.lab.scenario.levers import Lever as Lever
from orrery.lab.scenario.loading import load_scenario as load_scenario
from orrery.lab.scenario.loading import shipped_scenarios as shipped_scenarios
from orrery.lab.scenario.parts import BodyReform as BodyReform
from orrery.lab.scenario.parts import Founding as Founding
from orrery.lab.scenario.parts import Hub as Hub
from orrery.lab.scenario.parts import Membership as Membership
from orrery.lab.scenario.parts import Move as Move
from orrery.lab.scenario.scenario import Scenario as Scenario
from orrery.lab.scenario.writing import scenario_toml as scenario_toml
