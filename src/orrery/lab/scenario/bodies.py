"""What a scenario makes of the bodies of the start year: foundings, reforms, and who is held in or out."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from orrery.base.errors import InstitutionError, ScenarioError, SimulationError
from orrery.data.countries import Period
from orrery.institutions.body import Body
from orrery.institutions.places import Places
from orrery.institutions.reform import Reform, admitted_with_veto, chained, named_reform, ruled
from orrery.institutions.reform.named import enlarged
from orrery.lab.scenario.countries import Chosen, chosen_countries
from orrery.lab.scenario.parts import BodyReform, Founding
from orrery.lab.scenario.scenario import Scenario
from orrery.lab.scenario.years import calendar_year
from orrery.world.bodies import ObservedBodies
from orrery.world.catalogue_rules import Axis, rule_of
from orrery.world.from_catalogue import reformed_by
from orrery.world.observed import Observed
from orrery.world.rule_rows import Alternatives

MATTER = "decision"
"""What a body decides on whose file has no matter."""


class Reformed(NamedTuple):
    """A reform in force.

    Attributes:
        place: of the reform, for messages.
        body: place on the body axis.
        first: calendar year from which it holds.
        version: of the body's rule.
        entering: countries that it seats.
        leaving: countries that it removes.
    """

    place: str
    body: int
    first: int
    version: int
    entering: Chosen
    leaving: Chosen


def with_foundings(scenario: Scenario, observed: Observed) -> Observed:
    """Return the observed world with the bodies that a scenario founds later.

    Raises:
        ScenarioError: a code that a body has already, or founders that are no countries of the start year.
    """
    for number, founding in enumerate(scenario.foundings, 1):
        place = scenario.place(f"foundings.{number}")
        if founding.code in observed.bodies.codes:
            raise ScenarioError(
                f"{place}, `code`: {founding.code!r} came, which is {_name(observed.bodies, founding.code)}; give the "
                f"new body a code that none of these has: {', '.join(observed.bodies.codes)}."
            )
        founders = _codes(founding.founders, observed, scenario, f"{place}, `founders`")
        eligible = founding.eligible and _codes(founding.eligible, observed, scenario, f"{place}, `eligible`")
        with _placed(place):
            bodies = observed.bodies.founded(
                founding.code,
                founding.name,
                founders,
                area=founding.area,
                formality=founding.formality,
                excludability=founding.excludability,
                depth=founding.depth,
                rule=None if founding.rule is None else _alternatives(founding, founders, observed),
                eligible=eligible,
                non_state=founding.non_state,
            )
        observed = dataclasses.replace(observed, bodies=bodies)
    return observed


def with_reforms(scenario: Scenario, observed: Observed) -> tuple[Observed, list[Reformed]]:
    """Return the observed world with a version of the rule for every reform, and the reforms by year.

    A later reform of a body builds on the earlier ones.

    Raises:
        ScenarioError: a body that is none of the start year's, two reforms of it in a year, or a reform that is not
            possible or changes nothing.
    """
    dated = [
        (calendar_year(reform.first, observed.year), scenario.place(f"reforms.{number}"), reform)
        for number, reform in enumerate(scenario.reforms, 1)
    ]
    done: list[Reformed] = []
    earlier: dict[str, tuple[int, list[Callable[[date], Reform]], str | None]] = {}
    for first, place, reform in sorted(dated, key=lambda entry: entry[0]):
        record = observed.bodies.records[body_place(reform.body, observed.bodies, place)]
        if record.members_on is None:
            raise ScenarioError(f"{place}, `body`: the scenario founds {reform.body}; write its rule in the founding.")
        last, steps, matter = earlier.get(reform.body, (None, [], None))
        if last == first:
            raise ScenarioError(
                f"{place}, `first`: {reform.body} is reformed twice in {first}; join the two in one rule, or name "
                "another year for one of them."
            )
        matter = reform.matter or (record.matter or MATTER if reform.rule is not None else matter)
        steps = [*steps, _step(reform, matter or MATTER, observed, scenario, place)]
        with _placed(place):
            after = reformed_by(
                observed.bodies,
                reform.body,
                lambda on, steps=steps: chained(*(step(on) for step in steps)),
                observed.capability,
                matter=matter,
            )
        earlier[reform.body] = first, steps, matter
        observed = dataclasses.replace(observed, bodies=after.bodies)
        moved = [np.isin(observed.countries, codes) for codes in (after.entering, after.leaving)]
        done.append(Reformed(place, after.bodies.place(reform.body), first, after.version, *moved))
    return observed, done


def body_place(code: str, bodies: ObservedBodies, place: str) -> int:
    """Return where a body stands on the body axis.

    Raises:
        ScenarioError: there is no such body; all are named.
    """
    named = [one for one, vacant in zip(bodies.codes, bodies.open_place, strict=True) if not vacant]
    if code not in named:
        raise ScenarioError(f"{place}, `body`: {code!r} came; the bodies of the start year are {', '.join(named)}.")
    return bodies.codes.index(code)


def _name(bodies: ObservedBodies, code: str) -> str:
    return bodies.names[bodies.place(code)]


def _codes(words: Sequence[str], observed: Observed, scenario: Scenario, place: str) -> list[str]:
    return np.array(observed.countries)[chosen_countries(words, observed, scenario.hub, place)].tolist()


def _step(
    reform: BodyReform, matter: str, observed: Observed, scenario: Scenario, place: str
) -> Callable[[date], Reform]:
    """Return what a reform does, for a day from which it holds."""
    if reform.named is not None:
        name = reform.named
        return lambda on: named_reform(name, on)
    if reform.seats is not None:
        seats = _codes(reform.seats, observed, scenario, f"{place}, `seats`")
        if reform.veto:
            return lambda on: admitted_with_veto(seats, on=on, in_proportion=True)
        return lambda on: enlarged(seats, on, veto=False)
    rule = reform.rule
    assert rule is not None, "BodyReform refuses a reform that says nothing"
    return lambda on: ruled(matter, rule, on=on)


def _alternatives(founding: Founding, founders: Sequence[str], observed: Observed) -> Alternatives:
    """Return the rule of a founding over the country axis: that of a body of the catalogue with these members.

    It may count votes `by = "capability"`.
    """
    day = date(observed.year, 12, 31)
    since = Period(day, None)
    axis = Axis(observed.countries, observed.capability)
    share = axis.by_country
    body = Body.read(
        {
            "code": founding.code,
            "name": founding.name,
            "founded": day,
            "area": "general",
            "good": "club",
            "scope": "universal",
            "formality": "informal",
            "secretariat": "none",
            "sources": [{"key": "scenario", "title": "the scenario", "year": day.year, "where": "no instrument"}],
            "membership": [
                {"status": "member", "source": "scenario", "countries": {code: (since,) for code in founders}}
            ],
            "weights": [
                {
                    "name": "capability",
                    "period": since,
                    "source": "scenario",
                    "unit": "share of the world",
                    "values": {code: Decimal(share[code]) for code in founders},
                }
            ],
            "rules": [
                {"matter": MATTER, "period": since, "source": "scenario", "rule": founding.rule, "default": True}
            ],
        },
        Places("`rule`", founding.code),
    )
    return rule_of(body, day, axis).alternatives


@contextmanager
def _placed(place: str) -> Iterator[None]:
    """Say where in the scenario something stands that institutions or bodies refuse."""
    try:
        yield
    except (InstitutionError, SimulationError) as error:
        raise ScenarioError(f"{place}: {error}") from error
