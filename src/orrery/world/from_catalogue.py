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
from orrery.world.rule_rows import standing_rules, unanimity

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
"""Quantile of the known depths that a body gets if none is known for its formality: less formal bodies are shallower."""

NON_STATE_MEMBERS = 0.5
"""Participation where organisations are members, without a vote. Assumed."""

NON_STATE_HEARD = 0.25
"""Participation where those that are not countries attend, advise or are consulted. Assumed."""

OPEN_AREA = AREAS.index("general")
"""Area of an open place until a body is born there."""


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
    codes = tuple(sitting)
    rules = {code: _rule(everyone, code, sitting[code], axis) for code in codes}
    depths, depth_assumed = _depths([everyone[code] for code in codes], depth)
    member = np.array([_on_axis(everyone[code].members(sitting[code]), axis) for code in codes])
    parents = [everyone[code].part_of for code in codes]
    n_open, n_countries = open_places, len(axis.countries)
    opened = tuple(f"OPEN-{number + 1:02d}" for number in range(n_open))
    records = [_record(everyone[code], sitting[code], day, rules[code], depth_assumed.get(code), axis) for code in codes]
    return ObservedBodies(
        countries=axis.countries,
        codes=(*codes, *opened),
        names=(
            *(everyone[code].name for code in codes),
            *(f"open place {number + 1}" for number in range(n_open)),
        ),
        member=np.concatenate([member, np.zeros((n_open, n_countries), bool)]),
        in_being=np.repeat([True, False], [len(codes), n_open]),
        open_place=np.repeat([False, True], [len(codes), n_open]),
        eligible=np.concatenate([_eligible(everyone, sitting, axis), np.ones((n_open, n_countries), bool)]),
        area=np.array([*(AREAS.index(AREA_OF[everyone[code].area]) for code in codes), *[OPEN_AREA] * n_open]),
        excludability=_padded([EXCLUDABILITY_OF[everyone[code].good] for code in codes], n_open),
        formality=_padded([FORMALITY_OF[everyone[code].formality] for code in codes], n_open),
        depth=_padded(depths, n_open),
        parent=np.array([*(codes.index(one) if one in codes else -1 for one in parents), *[-1] * n_open]),
        non_state=_padded([_non_state(everyone[code], sitting[code]) for code in codes], n_open),
        elected=np.array([*(everyone[code].known_until is not None for code in codes), *[False] * n_open]),
        rules=standing_rules(
            [*((rules[code].alternatives,) for code in codes), *[(unanimity(n_countries),)] * n_open], n_countries
        ),
        records=(*records, *(_open_record(code) for code in opened)),
    )


class ReformedBody(NamedTuple):
    """A reform as a simulation takes it up.

    Attributes:
        bodies: the table with a version more of the body's rule, in which those who enter are eligible.
        version: number of the new version.
        entering: ISO3 codes of members that the reform brings in.
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
    organs = [body for body in everyone.values() if body.part_of == code]
    found = rule_of(after, on, axis, organs, matter)
    old = bodies.member[bodies.place(code)]
    new = _on_axis(after.members(on), axis)
    place = bodies.place(code)
    present = {row.key for one in bodies.versions()[place][0] for row in one}
    if (old == new).all() and present == {row.key for one in found.alternatives for row in one}:
        raise SimulationError(
            f"`reform`: it changes neither the members of {code} nor its rule for {found.matter or 'decisions'}; name "
            f"another reform, or the `matter` that it is about: {', '.join(after.matters)}."
        )
    names = np.array(bodies.countries)
    entering, leaving = (tuple(names[some].tolist()) for some in (new & ~old, old & ~new))
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


def _rule(everyone: Mapping[str, Body], code: str, on: date, axis: Axis) -> RuleFound:
    organs = [body for body in everyone.values() if body.part_of == code]
    return rule_of(everyone[code], on, axis, organs)


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


def _non_state(body: Body, on: date) -> float:
    statuses = {one.status for one in body.participants if any(period.covers(on) for period in one.period)}
    if "member" in statuses:
        return NON_STATE_MEMBERS
    return NON_STATE_HEARD if statuses or body.non_state is not None else 0.0


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


def _open_record(code: str) -> BodyRecord:
    return BodyRecord(code, None, "", "all members in favour", "assumed", ("its figures are drawn at its birth",))


def _padded(values: Sequence[float], n_open: int) -> Float[np.ndarray, " body"]:
    return np.array([*values, *[0.0] * n_open], dtype=np.float64)
