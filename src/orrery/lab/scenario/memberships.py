"""Who is held in a body or out of it, by memberships and reforms, and the contradictions among them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from itertools import combinations, product
from typing import NamedTuple

import numpy as np

from orrery.base.errors import ScenarioError
from orrery.lab.scenario.bodies import Reformed, body_place
from orrery.lab.scenario.countries import Chosen, chosen_countries
from orrery.lab.scenario.scenario import Scenario
from orrery.lab.scenario.years import Span, calendar_year, span_of
from orrery.world.observed import Observed


class Held(NamedTuple):
    """Countries that are held in a body, or out of it.

    Attributes:
        place: of the membership or reform, for messages.
        body: place on the body axis.
        span: calendar years.
        sign: 1 in, -1 out.
        countries: which ones.
    """

    place: str
    body: int
    span: Span
    sign: int
    countries: Chosen


def held_members(scenario: Scenario, observed: Observed, reforms: Sequence[Reformed]) -> tuple[Observed, list[Held]]:
    """Return the world in which bodies are open to those that enter, and who is held where, reforms first.

    Raises:
        ScenarioError: a body or country that this world does not have; a body before its founding; a country that is
            held both in a body and out of it in a year.
    """
    horizon = observed.year + scenario.years
    founded = {one.code: calendar_year(one.first, observed.year) for one in scenario.foundings}
    held: list[Held] = []
    for number, item in enumerate(scenario.memberships, 1):
        place = scenario.place(f"memberships.{number}")
        body = body_place(item.body, observed.bodies, place)
        span = span_of(item.first, item.last, observed.year, horizon)
        if item.body in founded and span.first < founded[item.body]:
            raise ScenarioError(
                f"{place}, `first`: {item.first} came; the scenario founds {item.body} in {founded[item.body]}. Name "
                "that year or a later one."
            )
        chosen = chosen_countries(item.countries, observed, scenario.hub, f"{place}, `countries`")
        held.append(Held(place, body, span, 1 if item.change == "enter" else -1, chosen))
        if item.change == "enter":
            entering = np.array(observed.countries)[chosen].tolist()
            observed = dataclasses.replace(observed, bodies=observed.bodies.opened(item.body, entering))
    by_reform = _held_by(reforms, horizon)
    for one, other in [*combinations(held, 2), *product(by_reform, held)]:
        _check_pair(one, other, observed)
    return observed, [*by_reform, *held]


def _held_by(reforms: Sequence[Reformed], horizon: int) -> list[Held]:
    """Return who is held where by each reform, until the next one of the same body, which builds on it."""
    held = []
    for number, reform in enumerate(reforms):
        following = [later.first - 1 for later in reforms[number + 1 :] if later.body == reform.body]
        span = Span(reform.first, min([*following, horizon]))
        held.append(Held(reform.place, reform.body, span, 1, reform.entering))
        held.append(Held(reform.place, reform.body, span, -1, reform.leaving))
    return held


def _check_pair(one: Held, other: Held, observed: Observed) -> None:
    both = one.countries & other.countries
    if one.body == other.body and one.sign != other.sign and one.span.overlaps(other.span) and both.any():
        who = ", ".join(np.array(observed.countries)[both])
        raise ScenarioError(
            f"{other.place}: {who} {'enters' if other.sign == 1 else 'leaves'} {observed.bodies.codes[other.body]} "
            f"while {one.place} says the contrary for {one.span.shared(other.span)}. Let one end (`last`) before the "
            "other begins."
        )
