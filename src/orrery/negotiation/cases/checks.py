"""What a case must satisfy beyond the form of its fields; each refusal names file, line, case and field."""

from __future__ import annotations

import re
from difflib import get_close_matches
from itertools import pairwise
from typing import TYPE_CHECKING, NoReturn

from orrery.base.errors import CountryCodeError, NegotiationError
from orrery.data.countries import country
from orrery.institutions.catalogue import shipped_catalogue
from orrery.institutions.places import Path, Places

if TYPE_CHECKING:
    from orrery.negotiation.cases.case import Case


def check_case(case: Case, places: Places) -> None:
    """Refuse a case whose parts contradict each other.

    Raises:
        NegotiationError: an unknown body, country, party, issue or source; a party or issue twice; a position or
            salience missing; days that contradict each other; an omission that the papers' case must state.
    """
    _check_provenance(case, places)
    _check_sources(case, places)
    _check_body(case, places)
    _check_twice([issue.key for issue in case.issues], "issues", places)
    _check_twice(list(case.keys), "parties", places)
    _check_countries(case, places)
    _check_preferences(case, places)
    _check_mentions(case, places)
    _check_outcome(case, places)


def _check_provenance(case: Case, places: Places) -> None:
    if case.papers and case.omitted is None:
        _refuse(
            places(("omitted",)), "a paper names the case and `omitted` is missing", "Say what the paper leaves out"
        )
    if case.matches is not None and case.match_reason is None:
        _refuse(places(("match_reason",)), "`matches` came without it", "Say what is alike and what differs")


def _check_sources(case: Case, places: Places) -> None:
    keys = [source.key for source in case.sources]
    _check_twice(keys, "sources", places)
    cited: list[tuple[Path, str]] = [(("rule", "source"), case.rule.source)]
    if case.outcome is not None:
        cited.append((("outcome", "source"), case.outcome.source))
    for path, text in cited:
        # "treaty, article 5; minutes": what comes before the first comma, colon, semicolon or blank is the key.
        _known(re.split(r"[,:; ]", text, maxsplit=1)[0], keys, "source with the key", places(path))


def _check_body(case: Case, places: Places) -> None:
    if case.rule.body is not None:
        _known(case.rule.body, shipped_catalogue().codes, "body", places(("rule", "body")))


def _check_twice(keys: list[str], table: str, places: Places) -> None:
    for number, key in enumerate(keys):
        if key in keys[:number]:
            _refuse(places((table, number, "key")), f"the key {key!r} stands twice", "Give each its own")


def _check_countries(case: Case, places: Places) -> None:
    held: dict[str, str] = {}
    for number, party in enumerate(case.parties):
        place = places(("parties", number, "countries"))
        if party.countries == "others":
            continue
        for code in party.countries:
            try:
                country(code)
            except CountryCodeError:
                _refuse(place, f"party {party.key}: no country has the code {code!r}", "Use an ISO3 code, such as FRA")
            if code in held:
                _refuse(place, f"{code} is in {held[code]} and in {party.key}", "Name each country once")
            held[code] = party.key
    if [party.countries for party in case.parties].count("others") > 1:
        _refuse(places(("parties",)), 'two parties have the countries "others"', "Let one have them")


def _check_preferences(case: Case, places: Places) -> None:
    issues = [issue.key for issue in case.issues]
    for number, party in enumerate(case.parties):
        for field in ("position", "salience"):
            given = getattr(party, field)
            place = places(("parties", number, field))
            for key in given:
                _known(key, issues, "issue", place)
            for key in issues:
                if key not in given:
                    _refuse(place, f"party {party.key} has no {field} on {key!r}", "Add it")
        if not any(party.salience.values()):
            _refuse(
                places(("parties", number, "salience")), f"party {party.key} cares about nothing", "Give it an interest"
            )
    if not any(party.capability for party in case.parties):
        _refuse(places(("parties",)), "no party has any capability", "Give it in one unit for all")


def _check_mentions(case: Case, places: Places) -> None:
    mentioned: list[tuple[Path, str]] = [] if case.leader is None else [(("leader",), case.leader)]
    mentioned += [(("caucuses",), key) for caucus in case.caucuses for key in caucus.parties]
    mentioned += [(("rivalries",), key) for pair in case.rivalries for key in pair]
    if case.outcome is not None:
        mentioned += [(("outcome", "held_out"), key) for key in case.outcome.held_out]
        mentioned += [(("outcome", "left"), key) for key in case.outcome.left]
    for path, key in mentioned:
        _known(key, case.keys, "party", places(path))


def _check_outcome(case: Case, places: Places) -> None:
    outcome = case.outcome
    if outcome is None:
        return
    issues = [issue.key for issue in case.issues]
    for key in outcome.position or {}:
        _known(key, issues, "issue", places(("outcome", "position")))
    days = [("began", case.began, ("began",)), ("on", outcome.last_day, ("outcome", "on"))]
    if outcome.ended is not None:
        days.append(("ended", outcome.ended, ("outcome", "ended")))
    days.append(("known_until", outcome.known_until, ("outcome", "known_until")))
    for (name, earlier, _), (other, later, path) in pairwise(days):
        if later < earlier:
            _refuse(places(path, later), f"`{other}` is before `{name}`, {earlier}", "Correct one of the two")


def _known(came: str, allowed: tuple[str, ...] | list[str], kind: str, place: str) -> None:
    if came not in allowed:
        close = get_close_matches(came, allowed, n=1)
        _refuse(
            place,
            f"there is no {kind} {came!r}",
            f"Did you mean {close[0]!r}?" if close else f"Known: {', '.join(allowed)}",
        )


def _refuse(place: str, problem: str, advice: str) -> NoReturn:
    raise NegotiationError(f"{place}: {problem}. {advice.rstrip('?.')}{'?' if advice.endswith('?') else '.'}")
