"""`orrery cases show`: one case as it is coded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orrery.cli import console
from orrery.cli.answers import AnswerFormat, FormatOption, OutOption, chosen_format, give
from orrery.cli.cases.listing import outcome_of, rule_of
from orrery.cli.cases.options import CaseArgument

if TYPE_CHECKING:
    import pandas as pd

    from orrery.negotiation.cases import Case

FACTS = ("began", "stake", "urgency", "linkage", "commitment", "may_leave", "leader", "group", "papers", "matches")


def show(
    case: CaseArgument,
    answer_format: FormatOption = None,
    out: OutOption = None,
) -> None:
    """Show a case: parties with positions and saliences, the rule in words, the outcome, the sources.

    --format csv and json give the parties, one row for each party and issue.

    Example: orrery cases show EU-BELARUS-2020
    """
    from orrery.negotiation.cases import load_case

    chosen = chosen_format(answer_format, out)
    found = load_case(case)
    if chosen is not AnswerFormat.table:
        give(parties_of(found), chosen, out)
        return
    _print_facts(found)
    _print_issues(found)
    give(parties_of(found), chosen, out, shown=_wide(found))
    _print_outcome(found)
    _print_sources(found)


def parties_of(case: Case) -> pd.DataFrame:
    """Return what every party wants on every issue, positions in points from 0 to 100."""
    import pandas as pd

    rows = [
        {
            "party": party.key,
            "name": party.name,
            "countries": party.countries if isinstance(party.countries, str) else " ".join(party.countries),
            "votes": votes,
            "veto": veto,
            "capability": party.capability,
            "influence": influence,
            "issue": issue.key,
            "position": party.position[issue.key],
            "salience": party.salience[issue.key],
            "sd": party.sd,
            "ratifies": party.ratifies,
            "basis": party.basis,
        }
        for party, votes, veto, influence in zip(
            case.parties, case.seats.votes, case.seats.vetoes, case.influence.tolist(), strict=True
        )
        for issue in case.issues
    ]
    return pd.DataFrame(rows)


def _wide(case: Case) -> pd.DataFrame:
    """Return what people read: a row for each party, position and salience of an issue in one cell."""
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for party, votes, veto, influence in zip(
        case.parties, case.seats.votes, case.seats.vetoes, case.influence.tolist(), strict=True
    ):
        wants = {issue.key: f"{party.position[issue.key]:g} ({party.salience[issue.key]:g})" for issue in case.issues}
        held = {"votes": votes, "veto": "yes" if veto else None, "influence": f"{influence:.3f}"}
        rows.append({"party": party.key, "name": party.name, **held, **wants, "basis": party.basis})
    return pd.DataFrame(rows)


def _print_facts(case: Case) -> None:
    console.say(f"{case.title} ({case.code})")
    facts = {name: _text(value) for name in FACTS if (value := getattr(case, name)) not in (None, ())}
    console.print_facts(facts)
    console.say()
    for name in ("summary", "omitted", "uncertain", "match_reason"):
        if getattr(case, name) is not None:
            console.say(f"{HEADINGS[name]}: {getattr(case, name)}")
    for caucus in case.caucuses:
        console.say(f"Caucus: {', '.join(caucus.parties)}, discipline {caucus.discipline:g}")
    for pair in case.rivalries:
        console.say(f"Rivals: {' and '.join(pair)}")
    console.say(f"Rule: {rule_of(case)}: {case.seats.rule}. Source: {case.rule.source}")
    console.say()


HEADINGS = {
    "summary": "Summary",
    "omitted": "What the papers leave out",
    "uncertain": "Least sure",
    "match_reason": "Why it is matched",
}


def _text(value: Any) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _print_issues(case: Case) -> None:
    for issue in case.issues:
        off = "" if issue.on_table else "; off the table unless a package opens"
        console.say(f"Issue {issue.key}: {issue.name}{off}")
        console.say(f"  0 {issue.low}; 100 {issue.high}; status quo {issue.status_quo:g}")
    console.say()
    console.say("Positions from 0 to 100, saliences in brackets:")


def _print_outcome(case: Case) -> None:
    outcome = case.outcome
    console.say()
    if outcome is None:
        console.say("Outcome: none is recorded")
        return
    console.say(f"Outcome: {outcome_of(case)} (record to {outcome.known_until}). {outcome.resolution}")
    if outcome.position:
        console.say(f"Text agreed: {', '.join(f'{key} {point:g}' for key, point in outcome.position.items())}")
    for words, keys in (("Held out", outcome.held_out), ("Left", outcome.left)):
        if keys:
            console.say(f"{words}: {', '.join(keys)}")
    if outcome.vote is not None:
        console.say(f"Vote: {outcome.vote}")
    console.say(f"Source: {outcome.source}")


def _print_sources(case: Case) -> None:
    console.say("Sources:")
    for source in case.sources:
        console.say(f"  {source.key}: {source.title} ({source.year}), {source.where}")
