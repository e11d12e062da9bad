"""`orrery cases score`: how well every model forecasts the shipped cases."""

from __future__ import annotations

import math
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

    Brackets hold 95 % of means over cases drawn anew by matter. The tables are those of docs/forecasts_table.md; in
    data `lead_` is by how much a score exceeds that of the closed form. With all solutions it takes some minutes.

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
    if chosen is AnswerFormat.table:
        _say(board)
    else:
        give(numbers(board), chosen, out)


def numbers(board: Scoreboard) -> pd.DataFrame:
    """Return a row for each model: its scores and by how much they exceed those of the closed form, all with intervals.

    NaN stands for what a model does not say. Columns are `model`, `title`, and for each score its mean, `_low`, `_high`
    and `_cases`, how many have it; the same with `lead_` before it; and `reliability` and `resolution`.
    """
    import pandas as pd

    return pd.DataFrame([_row(board, name) for name in board.models])


def _row(board: Scoreboard, name: str) -> dict[str, Any]:
    from orrery.negotiation.forecasts.reading import SCORES

    row: dict[str, Any] = {"model": name, "title": board.models[name].title}
    for key in SCORES:
        row |= _spread(key, board.mean(name, key))
        row |= _spread(f"lead_{key}", board.lead(OURS_FIRST, name, key))
    parts = board.parts(name)
    return row | {"reliability": parts.reliability, "resolution": parts.resolution}


def _spread(column: str, found: Interval | None) -> dict[str, Any]:
    values = (math.nan, math.nan, math.nan, 0) if found is None else (found.mean, found.low, found.high, found.n_cases)
    return dict(zip((column, f"{column}_low", f"{column}_high", f"{column}_cases"), values, strict=True))


def _say(board: Scoreboard) -> None:
    from orrery.negotiation.forecasts.reading import lead_table, score_table, sentences

    agreed = int(board.agreed.sum())
    console.say(f"{len(board.cases)} cases of {len(set(board.groups))} matters, {agreed} agreed; low is good")
    give(score_table(board), AnswerFormat.table, None)
    console.say()
    console.say(f"By how much the scores of others exceed those of the {OURS_FIRST}:")
    give(lead_table(board, OURS_FIRST), AnswerFormat.table, None)
    console.say()
    for sentence in sentences(board, OURS_FIRST):
        console.say(sentence.replace("*", ""))


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
