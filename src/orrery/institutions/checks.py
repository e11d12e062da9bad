"""What a body must satisfy beyond the form of its fields; each refusal names file, body, field and day."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from itertools import combinations
from typing import TYPE_CHECKING, NoReturn

from orrery.base.errors import CountryCodeError, InstitutionError
from orrery.data.countries import Period, country
from orrery.institutions.periods import change_days, common, written
from orrery.institutions.places import Path, Places

if TYPE_CHECKING:
    from orrery.institutions.body import Body

Spell = tuple[Period, Path]
"""A spell of membership, and where it stands."""


def check_body(body: Body, places: Places) -> None:
    """Refuse a body whose parts contradict each other.

    Raises:
        InstitutionError: unknown country or source; a member twice on one day, outside the life of the body, or
            without a weight; rules or weights that overlap; no default matter, or several; a rule that no motion
            could pass or fail.
    """
    _check_life(body, places)
    _check_sources(body, places)
    _check_countries(body, places)
    _check_membership(body, places)
    _check_weights(body, places)
    _check_rules(body, places)
    _check_reach(body, places)


def _check_life(body: Body, places: Places) -> None:
    for field in ("ended", "known_until"):
        day = getattr(body, field)
        if day is not None and day < body.founded:
            _refuse(places((field,), day), f"it is before `founded`, {body.founded}", "Correct one of the two")


def _check_sources(body: Body, places: Places) -> None:
    keys = [source.key for source in body.sources]
    for key in keys:
        if keys.count(key) > 1:
            _refuse(places(("sources", keys.index(key), "key")), f"the key {key!r} stands twice", "Give each its own")
    for table in ("membership", "participants", "weights", "rules"):
        for number, block in enumerate(getattr(body, table)):
            key = block.source.partition(",")[0].strip()
            if key not in keys:
                close = get_close_matches(key, keys, n=1)
                hint = f"Did you mean {close[0]!r}?" if close else f"The keys are {', '.join(keys)}"
                _refuse(places((table, number, "source")), f"there is no source with the key {key!r}", hint)


def _check_countries(body: Body, places: Places) -> None:
    named: list[tuple[str, Path]] = []
    for number, block in enumerate(body.membership):
        named += [(code, ("membership", number, "countries", code)) for code in block.countries]
    for number, block in enumerate(body.weights):
        named += [(code, ("weights", number, "values", code)) for code in block.values]
    for number, block in enumerate(body.rules):
        path = ("rules", number, "rule")
        named += [(code, path) for part in block.rule.walk() for code in part.countries]
    known: set[str] = set()
    for code, path in named:
        if code not in known:
            try:
                country(code)
            except CountryCodeError as error:
                raise InstitutionError(f"{places(path)}: {error}") from None
            known.add(code)


def _check_membership(body: Body, places: Places) -> None:
    held: dict[str, list[Spell]] = {}
    for number, block in enumerate(body.membership):
        for code, periods in block.countries.items():
            path = ("membership", number, "countries", code)
            for period in periods:
                _check_within_life(body, period, places, path)
                held.setdefault(code, []).append((period, path))
    for code, spells in held.items():
        for (first, _), (second, path) in combinations(spells, 2):
            both = common(first, second)
            if both is not None:
                problem = f"{code} is a member twice, by {written(first)} and by {written(second)}"
                _refuse(places(path, both.start), problem, "Let one spell end before the next starts")


def _check_within_life(body: Body, period: Period, places: Places, path: Path) -> None:
    if period.start < body.founded:
        _refuse(places(path, period.start), f"it is before `founded`, {body.founded}", "Correct one of the two")
    if body.ended is not None and (period.end is None or period.end > body.ended):
        _refuse(
            places(path, period.end), f"{written(period)} lasts beyond `ended`, {body.ended}", "Correct one of the two"
        )


def _check_weights(body: Body, places: Places) -> None:
    _check_apart(body, "weights", "name", places)
    spells = list(body.spells())
    for number, block in enumerate(body.weights):
        voting = {code: days for code, _, period in spells if (days := common(period, block.period)) is not None}
        for code in sorted(set(voting) - set(block.values)):
            path, day = ("weights", number, "values"), voting[code].start
            _refuse(places(path, day), f"{block.name!r} has no value for {code}, a voting member", "Add it")
        for code in sorted(set(block.values) - set(voting)):
            path = ("weights", number, "values", code)
            _refuse(
                places(path, block.period.start), f"{code} is no voting member in {written(block.period)}", "Remove it"
            )


def _check_rules(body: Body, places: Places) -> None:
    _check_apart(body, "rules", "matter", places)
    defaults = list(dict.fromkeys(block.matter for block in body.rules if block.default))
    if body.rules and len(defaults) != 1:
        came = f"the matters {', '.join(map(repr, defaults))} have it" if defaults else "no matter has it"
        _refuse(places(("rules",)), f"{came}: `default = true`", "Let exactly one matter have it")
    names = {block.name for block in body.weights}
    for number, block in enumerate(body.rules):
        if block.period.start < body.founded:
            problem = f"it is before `founded`, {body.founded}"
            _refuse(places(("rules", number, "period"), block.period.start), problem, "Correct one of the two")
        for part in block.rule.walk():
            by = getattr(part, "by", None)
            if by is not None and by not in names:
                allowed = f"The names are {', '.join(sorted(names))}" if names else "The file has no weights"
                _refuse(places(("rules", number, "rule"), block.period.start), f"there are no weights {by!r}", allowed)


def _check_apart(body: Body, table: str, field: str, places: Places) -> None:
    """Refuse two blocks of one name that hold on the same day."""
    numbered = list(enumerate(getattr(body, table)))
    for (_, first), (number, second) in combinations(numbered, 2):
        both = common(first.period, second.period)
        if both is not None and getattr(first, field) == getattr(second, field):
            name = getattr(first, field)
            problem = f"two of {name!r} hold, {written(first.period)} and {written(second.period)}"
            _refuse(places((table, number, "period"), both.start), problem, "Let one end before the next starts")


def _check_reach(body: Body, places: Places) -> None:
    """Put every rule to the members of every day on which they change."""
    limits = [day for day in (body.ended, body.known_until) if day is not None]
    life = Period(body.founded, min(limits) if limits else None)
    spells = list(body.spells())
    days = change_days([*(period for *_, period in spells), *(block.period for block in (*body.rules, *body.weights))])
    # Found once for each rule, because to look for a line costs more than to check.
    where = [places(("rules", number, "rule")) for number in range(len(body.rules))]
    for day in days:
        in_force = [(n, block) for n, block in enumerate(body.rules) if block.period.covers(day)]
        if not in_force or not life.covers(day) or not any(period.covers(day) for *_, period in spells):
            continue
        electorate = replace(body.electorate(day), elsewhere=None)
        for number, block in in_force:
            block.rule.check(replace(electorate, place=f"{where[number]}, {day}"))


def _refuse(place: str, problem: str, advice: str) -> NoReturn:
    raise InstitutionError(f"{place}: {problem}. {advice.rstrip('?.')}{'?' if advice.endswith('?') else '.'}")
