"""`orrery cases list`: the shipped cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from orrery.base.errors import NegotiationError
from orrery.cli.answers import FormatOption, OutOption, chosen_format, give

if TYPE_CHECKING:
    from orrery.negotiation.cases import Case

COLUMNS = ("code", "title", "began", "rule", "parties", "issues", "outcome", "matched_with", "papers")


def list_cases(
    party: Annotated[
        str | None, typer.Option("--party", metavar="COUNTRY", help="Only cases in which it is named in a party.")
    ] = None,
    body: Annotated[str | None, typer.Option("--body", metavar="BODY", help="Only cases of this body.")] = None,
    answer_format: FormatOption = None,
    out: OutOption = None,
) -> None:
    """List the shipped cases: what decides, who negotiates, how it ended, and which case each is matched with.

    Example: orrery cases list --party FRA --body UNSC
    """
    import pandas as pd

    from orrery.data.countries import resolve
    from orrery.negotiation.cases import load_cases

    chosen = chosen_format(answer_format, out)
    found = list(load_cases().values())
    if body is not None:
        bodies = sorted({case.rule.body for case in found if case.rule.body is not None})
        if body.upper() not in bodies:
            raise NegotiationError(f"`--body`: {body!r} came; the cases have {', '.join(bodies)}.")
        found = [case for case in found if case.rule.body == body.upper()]
    if party is not None:
        code = resolve(party)
        found = [case for case in found if any(code in one.countries for one in case.parties)]
    give(pd.DataFrame([row_of(case) for case in found], columns=list(COLUMNS)), chosen, out)


def row_of(case: Case) -> dict[str, Any]:
    """Return what the list says of a case."""
    return {
        "code": case.code,
        "title": case.title,
        "began": case.began.isoformat(),
        "rule": rule_of(case),
        "parties": len(case.parties),
        "issues": len(case.issues),
        "outcome": outcome_of(case),
        "matched_with": case.matches,
        "papers": ", ".join(case.papers) or None,
    }


def rule_of(case: Case) -> str:
    """Return what decides: a body and its matter, or the table's own rule in words."""
    if case.rule.body is None:
        return case.seats.rule
    return case.rule.body if case.rule.matter is None else f"{case.rule.body}, {case.rule.matter}"


def outcome_of(case: Case) -> str | None:
    """Return how a case ended in a few words; nothing of talks without an outcome."""
    outcome = case.outcome
    if outcome is None:
        return None
    if outcome.agreed:
        ended = f", ended {outcome.ended}" if outcome.ended is not None else ""
        return f"agreed {outcome.last_day}{ended}"
    return f"open on {outcome.last_day}" if outcome.on is None else f"failed {outcome.last_day}"
