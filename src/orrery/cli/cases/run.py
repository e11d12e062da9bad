"""`orrery cases run`: what is forecast of one case, beside what was recorded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from orrery.base.errors import NegotiationError
from orrery.cli import console
from orrery.cli.answers import AnswerFormat, FormatOption, OutOption, chosen_format, give
from orrery.cli.cases.options import CaseArgument
from orrery.cli.measure.options import PlotOption, check_plot, save_plot

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from orrery.negotiation.cases import Case
    from orrery.negotiation.forecasts.learned import Learned
    from orrery.report.style import Layout

DRAWN = "closed form"
"""The engine whose texts are drawn."""


def run(
    case: CaseArgument,
    draws: Annotated[int, typer.Option("--draws", min=20, max=100_000, help="Draws of each engine.")] = 1_000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the draws; the same gives the same forecast.")] = 7,
    solutions: Annotated[
        str | None,
        typer.Option("--solutions", metavar="A,B", help="Reference solutions, or none; all by default."),
    ] = None,
    plot: PlotOption = None,
    answer_format: FormatOption = None,
    out: OutOption = None,
) -> None:
    """Forecast a case by what the other cases teach, in closed form and round by round, beside what was recorded.

    Shown are the chance of agreement, its text and duration if there is agreement, and whose consent is needed last,
    each with what holds 80 % of draws; what reference solutions say; and how a typical draw of the rounds went. The
    outcome of the case, and of cases of the same matter, is not read.

    Example: orrery cases run EU-BELARUS-2020 --solutions compromise_mean,nash
    """
    from orrery.base.keys import root_key
    from orrery.negotiation.cases import load_case
    from orrery.negotiation.forecasts.learned import shipped
    from orrery.negotiation.forecasts.prediction import predict
    from orrery.negotiation.forecasts.rivals import rival_forecasts
    from orrery.negotiation.forecasts.scoreboard import OURS
    from orrery.negotiation.forecasts.summary import summary, typical_reasons

    chosen = chosen_format(answer_format, out)
    check_plot(plot)
    found, named = load_case(case), solutions_named(solutions)
    learned, key = shipped(), root_key(seed)
    steps = [*OURS, *named]
    with console.work_progress("forecasting") as done:
        ours = {}
        for place, (name, rounds) in enumerate(OURS.items(), 1):
            ours[name] = predict(key, found, learned, draws, rounds=rounds)
            done(place, len(steps))
        others = {}
        for place, name in enumerate(named, len(OURS) + 1):
            others[name] = rival_forecasts(key, [found], name)[0]
            done(place, len(steps))
    frame = summary(key, found, ours, others)
    if chosen is AnswerFormat.table:
        _say(found, frame, learned)
        by_rounds = next(name for name, rounds in OURS.items() if rounds)
        console.say(f"A typical draw, {by_rounds}:")
        for line in typical_reasons(key, found, learned, ours[by_rounds]):
            console.say(f"  {line}")
    else:
        give(frame, chosen, out)
    save_plot(plot, lambda layout: _draw(found, frame, layout))


def solutions_named(listed: str | None) -> tuple[str, ...]:
    """Return the reference solutions named, in the order of the registry.

    Raises:
        NegotiationError: one that is not there.
    """
    from orrery.negotiation.solutions.registry import SOLUTIONS

    if listed is None:
        return tuple(SOLUTIONS)
    named = [name.strip() for name in listed.split(",")] if listed.strip() != "none" else []
    for name in named:
        if name not in SOLUTIONS:
            raise NegotiationError(f"`--solutions`: {name!r} came; give none or some of {', '.join(SOLUTIONS)}.")
    return tuple(name for name in SOLUTIONS if name in named)


def _say(case: Case, frame: pd.DataFrame, learned: Learned) -> None:
    taught = sum(group != case.matter for group in learned.groups)
    console.say(f"{case.title} ({case.code})")
    console.say(f"Rule: {case.seats.rule}. Learned from {taught} cases of other matters; 80 % of draws in brackets.")
    console.say()
    _say_rows(frame, ("agreement", "years"), {"agreement": "chance of agreement", "years": "years if agreed"})
    console.say("Text if agreed, from 0 to 100:")
    _say_rows(frame, ("text",), {issue.key: issue.key for issue in case.issues})
    console.say("How often the consent of each is needed last:")
    _say_consents(case, frame)


def _say_rows(frame: pd.DataFrame, quantities: Sequence[str], headings: dict[str, str]) -> None:
    """Print a row for each model and one for what was recorded, a column for each quantity or issue."""
    rows = frame[frame["quantity"].isin(quantities)]
    named = rows["of"].where(rows["quantity"] == "text", rows["quantity"])
    written = {
        (model, name): _written(quantity, value, low, high)
        for model, name, quantity, value, low, high in zip(
            rows["model"], named, rows["quantity"], rows["value"], rows["low"], rows["high"], strict=True
        )
    }
    recorded = dict(zip(named, zip(rows["quantity"], rows["recorded"], strict=True), strict=True))
    told = [_written(*recorded[name]) if recorded[name][1] == recorded[name][1] else "-" for name in headings]
    body = [[model, *(written.get((model, name)) for name in headings)] for model in dict.fromkeys(rows["model"])]
    console.print_rows(["", *headings.values()], [*body, ["recorded", *told]], console.RowFormat.table)
    console.say()


def _written(quantity: str, value: float, low: float = float("nan"), high: float = float("nan")) -> str:
    """Return a number with its interval as people read it."""
    digits = {"agreement": ".2f", "years": ".2f", "text": ".0f"}[quantity]
    middle, *bounds = ("never" if one == float("inf") else format(one, digits) for one in (value, low, high))
    return middle if low != low else f"{middle} [{bounds[0]}, {bounds[1]}]"


def _say_consents(case: Case, frame: pd.DataFrame) -> None:
    rows = frame[frame["quantity"] == "consent"]
    shares = rows.pivot(index="of", columns="model", values="value")
    models = list(dict.fromkeys(rows["model"]))
    held = set(case.outcome.held_out) if case.outcome is not None else set()
    body = [
        [party.key, party.name, *(f"{shares.loc[party.key, model]:.2f}" for model in models), _held(party.key in held)]
        for party in case.parties
    ]
    console.print_rows(["", "", *models, "recorded"], body, console.RowFormat.table)
    console.say()


def _held(yes: bool) -> str | None:
    return "held out" if yes else None


def _draw(case: Case, frame: pd.DataFrame, layout: Layout) -> Figure:
    import pandas as pd

    from orrery.report.figures.caption import Caption
    from orrery.report.figures.cases import draw_case

    names = {issue.key: issue.name for issue in case.issues}
    rows = frame[(frame["quantity"] == "text") & (frame["model"] == DRAWN)]
    texts = rows.assign(issue=list(names.values()), status_quo=[issue.status_quo for issue in case.issues]).reset_index(
        drop=True
    )
    wants = pd.DataFrame(
        [(party.name, names[key], party.position[key], party.salience[key]) for party in case.parties for key in names],
        columns=["party", "issue", "position", "salience"],
    )
    chance = frame[(frame["quantity"] == "agreement") & (frame["model"] == DRAWN)].iloc[0]
    notes = (
        f"Chance of agreement {chance['value']:.0%}; the text is that of an agreement if there is one ({DRAWN}), "
        "learned from cases of other matters.",
        *(f"{issue.name}: 0 {issue.low}; 100 {issue.high}." for issue in case.issues),
    )
    return draw_case(wants, texts, Caption(case.title, notes), layout)
