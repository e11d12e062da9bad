"""A scenario event by event: the world without any, and then with one more each time.

The order is that of the scenario, with two exceptions that what stands on something needs: foundings come first, since
other events may speak of the bodies founded, and reforms come in the order of their years, since a later one of a body
builds on the earlier ones.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from orrery.lab.forcing import apply_scenario
from orrery.lab.scenario import BodyReform, Founding, Membership, Move, Scenario
from orrery.lab.scenario.years import calendar_year
from orrery.world.forcing import Forcing
from orrery.world.observed import Observed

NO_EVENT = "no event"
"""What happens without any event of the scenario."""

Event = Founding | Move | Membership | BodyReform


class Dated(NamedTuple):
    """An event of a scenario.

    Attributes:
        name: in the words of the scenario's file, such as `moves.2 (grants)`.
        key: list of the scenario that it stands in.
        event: itself.
    """

    name: str
    key: str
    event: Event


class Stage(NamedTuple):
    """The world with the events up to one.

    Attributes:
        added: name of the event added last, or `NO_EVENT`.
        observed: the world of the first year.
        forcing: the paths to follow.
    """

    added: str
    observed: Observed
    forcing: Forcing


def events_in_turn(scenario: Scenario, start: int) -> list[Dated]:
    """Return the events of a scenario in the order in which they are added.

    Args:
        scenario: with any events.
        start: calendar year of the initial world.
    """
    lists: dict[str, tuple[Event, ...]] = {
        "foundings": scenario.foundings,
        "moves": scenario.moves,
        "memberships": scenario.memberships,
        "reforms": scenario.reforms,
    }
    dated = [
        Dated(f"{key}.{number} ({_subject(event)})", key, event)
        for key, events in lists.items()
        for number, event in enumerate(events, 1)
    ]
    reforms = [one for one in dated if isinstance(one.event, BodyReform)]
    others = [one for one in dated if not isinstance(one.event, BodyReform)]
    return [*others, *sorted(reforms, key=lambda one: calendar_year(one.event.first, start))]


def stages(scenario: Scenario, observed: Observed) -> list[Stage]:
    """Return the world without any event, and with one more each time; the last is that of the scenario itself.

    A body whose founding is left out stays in the table, waiting: it takes part in nothing, and random numbers of the
    others stay what they are.

    Raises:
        ScenarioError: as `apply_scenario`.
    """
    events = events_in_turn(scenario, observed.year)
    return [
        _stage(scenario, observed, events[:count], events[count - 1].name if count else NO_EVENT)
        for count in range(len(events) + 1)
    ]


def _stage(scenario: Scenario, observed: Observed, kept: Sequence[Dated], added: str) -> Stage:
    lists = {key: tuple(one.event for one in kept if one.key == key) for key in ("moves", "memberships", "reforms")}
    world, forcing = apply_scenario(scenario.changed(**lists), observed)
    founded = [one.event.code for one in kept if isinstance(one.event, Founding)]
    happens = np.isin(world.bodies.codes, founded)
    return Stage(added, world, dataclasses.replace(forcing, founding=np.where(happens, forcing.founding, 0)))


def _subject(event: Event) -> str:
    if isinstance(event, Move):
        return event.lever
    return event.code if isinstance(event, Founding) else event.body
