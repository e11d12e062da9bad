"""`orrery cases score`: how well every model forecasts the shipped cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from orrery.base.errors import NegotiationError
from orrery.cli import console
from orrery.cli.answers import AnswerFormat, FormatOption, OutOption, chosen_format, give
from orrery.cli.cases.run import solutions_named

if TYPE_CHECKING:
    import pandas as pd

    from orrery.negotiation.cases import Case
    from orrery.negotiation.forecasts.scoreboard import Scoreboard
    from orrery.negotiation.forecasts.scores import Interval

SCORES = {
    "brier": "Brier",
    "text": "CRPS of text",
    "error": "error of text",
    "duration": "CRPS of ln years",
    "rank": "rank",
}
"""Fields of a scored model that have a mean with an interval, and their headings."""
OURS_FIRST = "closed form"
LEAST_AGREED = 2
"""Agreed cases of other matters that the spread of durations is told from."""


def score(
    solutions: Annotated[
        str | None,
        typer.Option("--solutions", metavar="A,B", help="Reference solutions, or none; all by default."),
    ] = None,
    cases: Annotated[
        str | None, typer.Option("--cases", metavar="A,B", help="Only these cases; all shipped ones by default.")
    ] = None,
    answer_format: FormatOption = None,
    out: OutOption = None,
) -> None:
    """Score both engines, the base rate and reference solutions on the shipped cases, each left out in its turn.

    Brackets hold 95 % of means over cases drawn anew by matter. Lower is better; `lead` is by how much the closed form
    has the lower Brier score. With all solutions it takes some minutes.

    Example: orrery cases score --solutions compromise_mean,median_voter --out scores.csv
    """
    from orrery.negotiation.forecasts.learned import shipped
    from orrery.negotiation.forecasts.scoreboard import OURS, scoreboard

    chosen = chosen_format(answer_format, out)
    asked, named = _cases(cases), solutions_named(solutions)
    total = len(OURS) + len(named)
    with console.work_progress("scoring") as done:
        started: list[str] = []

        def report(name: str) -> None:
            done(len(started), total)
            started.append(name)

        board = scoreboard(asked, shipped(), named, report)
        done(total, total)
    frame = score_table(board)
    if chosen is AnswerFormat.table:
        console.say(f"{len(asked)} cases of {len(set(board.groups))} matters, {int(board.agreed.sum())} agreed")
        give(frame, chosen, out, shown=_shown(frame))
        console.say("text and error in points of 100, where there was agreement; rank of who held out, 0 first, 1 last")
    else:
        give(frame, chosen, out)


def score_table(board: Scoreboard) -> pd.DataFrame:
    """Return a row for each model: means of its scores with their intervals, and the parts of its Brier score.

    NaN stands for what a model does not say. `lead` is the mean by which the closed form has the lower Brier score.
    """
    import pandas as pd

    return pd.DataFrame([_row(board, name) for name in board.models])


def _row(board: Scoreboard, name: str) -> dict[str, Any]:
    parts = board.parts(name)
    row: dict[str, Any] = {"model": name, "title": board.models[name].title}
    for field in SCORES:
        row |= _spread(field, board.mean(name, field))
        if field == "brier":
            row |= {"reliability": parts.reliability, "resolution": parts.resolution}
            row |= _spread("lead", board.lead(OURS_FIRST, name, field))
    return row


def _spread(field: str, found: Interval | None) -> dict[str, Any]:
    if found is None:
        return {field: float("nan"), f"{field}_low": float("nan"), f"{field}_high": float("nan"), f"{field}_cases": 0}
    return {field: found.mean, f"{field}_low": found.low, f"{field}_high": found.high, f"{field}_cases": found.n_cases}


def _shown(frame: pd.DataFrame) -> pd.DataFrame:
    """Return what people read: each mean with its interval in one cell."""
    kept = frame[["model"]].copy()
    for field, heading in {**SCORES, "lead": "lead of the closed form"}.items():
        digits = 1 if field in ("text", "error") else 3
        cells = frame[[field, f"{field}_low", f"{field}_high"]].to_numpy(float)
        kept[heading] = [
            None if mean != mean else f"{mean:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"
            for mean, low, high in cells
        ]
    return kept


def _cases(listed: str | None) -> list[Case]:
    """Return the cases named, or all.

    Raises:
        NegotiationError: one twice, one without an outcome, or too few that were agreed.
    """
    from orrery.negotiation.cases import load_case, load_cases

    if listed is None:
        return list(load_cases().values())
    found = [load_case(name.strip()) for name in listed.split(",")]
    if len({case.code for case in found}) < len(found):
        raise NegotiationError(f"`--cases`: {listed!r} came; name each case once.")
    open_ones = [case.code for case in found if case.outcome is None]
    if open_ones:
        raise NegotiationError(f"`--cases`: {', '.join(open_ones)} came, without an outcome to score by. Leave it out.")
    agreed = [case.matter for case in found if case.outcome is not None and case.outcome.agreed]
    if min(sum(other != case.matter for other in agreed) for case in found) < LEAST_AGREED:
        raise NegotiationError(
            f"`--cases`: {listed!r} came; name more that were agreed: beside each case there must be {LEAST_AGREED} of "
            "other matters, from whose durations its own is told."
        )
    return found
