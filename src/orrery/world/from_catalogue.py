"""From the dated catalogue of bodies to the bodies that a simulation starts from, and what is assumed for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from orrery.base.errors import SimulationError
from orrery.data.countries import country
from orrery.institutions.blocks import VOTING, Area, Formality
from orrery.institutions.body import Body
from orrery.institutions.catalogue import Catalogue, shipped_catalogue
from orrery.institutions.reform.changes import Reform
from orrery.world.bodies import AREAS, BodyRecord, ObservedBodies
from orrery.world.catalogue_rules import Axis, RuleFound, rule_of
from orrery.world.rule_rows import standing_rules

FEWEST_MEMBERS = 2
"""Members, on the country axis, that a body must have."""

REGIONAL_SHARE = 1 / 3
"""Share of a subregion's countries that must be members of a regional body for the others to be eligible."""

AREA_OF: dict[Area, str] = {
    "security": "security",
    "economy": "economy",
    "finance": "economy",
    "trade": "economy",
    "development": "economy",
    "energy": "economy",
    "environment": "environment, health and technology",
    "health": "environment, health and technology",
    "transport": "environment, health and technology",
    "human rights": "general",
    "general": "general",
}
"""Area of a simulation for each area of the catalogue. Bodies on energy are about markets, those on transport about
technical standards."""

EXCLUDABILITY_OF = {"club": 0.8, "public": 0.2}
"""How far outsiders can be kept from what a body provides. Assumed: no good of a body is all club or all public."""

FORMALITY_OF: dict[Formality, float] = {
    "treaty": 1.0,
    "treaty organ": 1.0,
    "politically binding": 0.5,
    "informal": 0.1,
}
"""Formality as a number. Assumed: the order is that of the catalogue, the distances are not measured."""

DEPTH_QUANTILE = 0.25
"""Quantile of the known depths that a body gets if none is known for its formality, as is so for informal ones."""

NON_STATE_HEARD = 0.25
"""Participation where those that are not countries attend, advise or are consulted. Assumed."""


def observed_bodies(
    countries: Sequence[str],
    day: date,
    capability: Float[np.ndarray, " country"],
    *,
    depth: Mapping[str, float],
    open_places: int = 24,
    catalogue: Catalogue | None = None,
) -> ObservedBodies:
    """Return the bodies of the catalogue that are in being on a day, then open places.

    A body is taken if at least `FEWEST_MEMBERS` of the countries sit in it. Members that are not on the country axis
    are left out, and the record says so. Where members are known to an earlier day only, they are those of that day.

    Args:
        countries: ISO3 codes, the country axis.
        day: start day, the last of the start year.
        capability: shares of the world's capability, above 0.
        depth: known depths by code, 0 to 1; the others get the median of those of their formality.
        open_places: where ad hoc bodies can be born.
        catalogue: where to look; the shipped one for None.

    Raises:
        SimulationError: no body has two members among the countries, no depth is known at all, or a figure is beyond
            what is allowed.
        InstitutionError: a rule does not fit the members of the day.
    """
    axis = Axis(tuple(countries), np.asarray(capability, np.float64))
    everyone = (shipped_catalogue() if catalogue is None else catalogue).bodies()
    sitting = _sitting(everyone, axis, day)
    if not sitting:
        raise SimulationError(f"`day`: on {day} no body has two members among the countries; name a day since 1945.")
    codes, bodies = tuple(sitting), [everyone[code] for code in sitting]
    rules = [rule_of(body, sitting[body.code], axis, organs_of(everyone, body.code)) for body in bodies]
    depths, depth_assumed = _depths(bodies, depth)
    named = ObservedBodies(
        countries=axis.countries,
        codes=codes,
        names=tuple(body.name for body in bodies),
        member=np.array([_on_axis(body.members(sitting[body.code]), axis) for body in bodies]),
        in_being=np.ones(len(codes), bool),
        open_place=np.zeros(len(codes), bool),
        eligible=_eligible(everyone, sitting, axis),
        area=np.array([AREAS.index(AREA_OF[body.area]) for body in bodies]),
        excludability=np.array([EXCLUDABILITY_OF[body.good] for body in bodies]),
        formality=np.array([FORMALITY_OF[body.formality] for body in bodies]),
        depth=np.array(depths),
        parent=np.array([codes.index(body.part_of) if body.part_of in codes else -1 for body in bodies]),
        non_state=np.array([0.0 if body.non_state is None else NON_STATE_HEARD for body in bodies]),
        elected=np.array([body.known_until is not None for body in bodies]),
        rules=standing_rules([(rule.alternatives,) for rule in rules], len(axis.countries)),
        records=tuple(
            _record(body, sitting[body.code], day, rule, depth_assumed.get(body.code), axis)
            for body, rule in zip(bodies, rules, strict=True)
        ),
    )
    return named.with_open_places(open_places)


class ReformedBody(NamedTuple):
    """A reform as a simulation takes it up.

    Attributes:
        bodies: the table with a version more of the body's rule, in which those who enter are eligible.
        version: number of the new version.
        entering: ISO3 codes of those that the reform seats; they may have been members of another status.
        leaving: of members that it removes.
    """

    bodies: ObservedBodies
    version: int
    entering: tuple[str, ...]
    leaving: tuple[str, ...]


def reformed_by(
    bodies: ObservedBodies,
    code: str,
    reform: Callable[[date], Reform],
    capability: Float[np.ndarray, " country"],
    *,
    matter: str | None = None,
    catalogue: Catalogue | None = None,
) -> ReformedBody:
    """Return what a reform of the catalogue's reform module makes of a body.

    The reform is put to the body as it sits on the start day, whenever it takes effect in the simulation:

    ```python
    larger = reformed_by(bodies, "UNSC", lambda on: named_reform("unsc-g4", on), capability)
    ```

    Args:
        bodies: of the start year.
        code: of a body of the catalogue.
        reform: makes the reform, for a day from which it holds.
        capability: shares of the world's capability, above 0.
        matter: whose rule is followed from then on; the one followed so far for None.
        catalogue: where the body is; the shipped one for None.

    Raises:
        SimulationError: the body is not of the catalogue, or the reform changes neither members nor the rule followed.
        InstitutionError: the reform is not possible.
    """
    record = bodies.records[bodies.place(code)]
    if record.members_on is None:
        raise SimulationError(f"`code`: {code} came, which is not of the catalogue; give its new rule to `reformed`.")
    axis = Axis(bodies.countries, np.asarray(capability, np.float64))
    everyone = (shipped_catalogue() if catalogue is None else catalogue).bodies()
    before, on = everyone[code], record.members_on
    after = reform(on)(before)
    found = rule_of(after, on, axis, organs_of(everyone, code), matter)
    place, names = bodies.place(code), np.array(bodies.countries)
    old, new = bodies.member[place], _on_axis(after.members(on), axis)
    seated = _on_axis(tuple(_seated(after, on) - _seated(before, on)), axis)
    present = {row.key for one in bodies.versions()[place][0] for row in one}
    if (old == new).all() and not seated.any() and present == {row.key for one in found.alternatives for row in one}:
        raise SimulationError(
            f"`reform`: it changes neither the members of {code} nor its rule for {found.matter or 'decisions'}; name "
            f"another reform, or the `matter` that it is about: {', '.join(after.matters)}."
        )
    entering, leaving = (tuple(names[some].tolist()) for some in (seated, old & ~new))
    table, version = bodies.opened(code, entering).reformed(code, found.alternatives)
    return ReformedBody(table, version, entering, leaving)


def _sitting(everyone: Mapping[str, Body], axis: Axis, day: date) -> dict[str, date]:
    """Return the codes of bodies in being, each with the day of which its members are."""
    found = {}
    for code, body in everyone.items():
        if body.founded > day or (body.ended is not None and body.ended < day):
            continue
        on = day if body.known_until is None else min(day, body.known_until)
        if _on_axis(body.members(on), axis).sum() >= FEWEST_MEMBERS:
            found[code] = on
    return found


def organs_of(everyone: Mapping[str, Body], code: str) -> list[Body]:
    """Return the organs of a body."""
    return [body for body in everyone.values() if body.part_of == code]


def _seated(body: Body, on: date) -> set[str]:
    """Return whose seats begin on the day."""
    return {code for code, _, period in body.spells(VOTING) if period.start == on}


def _on_axis(codes: Sequence[str], axis: Axis) -> Bool[np.ndarray, " country"]:
    return np.isin(axis.countries, codes)


def _eligible(
    everyone: Mapping[str, Body], sitting: Mapping[str, date], axis: Axis
) -> Bool[np.ndarray, "body country"]:
    """Return who may ever be a member: of an organ, whoever may be one of its parent."""
    own = {code: _eligible_alone(everyone[code], on, axis) for code, on in sitting.items()}
    rows = []
    for code in sitting:
        parent = everyone[code].part_of
        rows.append(own[code] | own[parent] if parent is not None and parent in own else own[code])
    return np.array(rows)


def _eligible_alone(body: Body, on: date, axis: Axis) -> Bool[np.ndarray, " country"]:
    """Return who may ever be a member by the body's scope and its file.

    Universal bodies are open to all. A regional one is open to the countries of subregions of which at least
    `REGIONAL_SHARE` are members; one across regions to those of every subregion that has a member. Whoever was or
    will be a member by the file is eligible in any case.
    """
    ever = _on_axis(tuple({code for code, _, _ in body.spells(VOTING)}), axis)
    if body.scope == "universal":
        return np.ones(len(axis.countries), bool)
    if body.part_of is not None:
        return ever
    member = _on_axis(body.members(on), axis)
    subregion = np.array([country(code).subregion for code in axis.countries])
    names, place = np.unique(subregion, return_inverse=True)
    share = np.bincount(place, member, len(names)) / np.bincount(place, minlength=len(names))
    open_to = share >= REGIONAL_SHARE if body.scope == "regional" else share > 0
    return ever | open_to[place]


def _depths(bodies: Sequence[Body], depth: Mapping[str, float]) -> tuple[list[float], dict[str, str]]:
    """Return depths, and of the bodies for which none is known how theirs was found."""
    known = {body.code: depth[body.code] for body in bodies if body.code in depth}
    if not known:
        raise SimulationError("`depth`: none is known for any body of the day; give the depth of one body or more.")
    of_formality: dict[float, list[float]] = {}
    for body in bodies:
        if body.code in known:
            of_formality.setdefault(FORMALITY_OF[body.formality], []).append(known[body.code])
    values, assumed = [], {}
    for body in bodies:
        alike = of_formality.get(FORMALITY_OF[body.formality])
        if body.code in known:
            values.append(known[body.code])
        elif alike:
            values.append(float(np.median(alike)))
            assumed[body.code] = "depth: median of bodies of the same formality"
        else:
            values.append(float(np.quantile(list(known.values()), DEPTH_QUANTILE)))
            assumed[body.code] = f"depth: {DEPTH_QUANTILE:g} quantile of all bodies, none being known of its formality"
    return values, assumed


def _record(body: Body, on: date, day: date, rule: RuleFound, depth_assumed: str | None, axis: Axis) -> BodyRecord:
    absent = sorted(set(body.members(on)) - set(axis.countries))
    assumed = [
        *([f"members of {on}, the last day for which they are known"] if on < day else []),
        *([f"{', '.join(absent)} left out: not among the countries"] if absent else []),
        *rule.assumed,
        *([depth_assumed] if depth_assumed else []),
    ]
    status = "assumed" if depth_assumed else "given"
    return BodyRecord(body.code, on, rule.matter, rule.words, status, tuple(assumed))
