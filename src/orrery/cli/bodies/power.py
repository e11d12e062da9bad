"""`orrery bodies power`: the voting power of the members of a body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from orrery.cli import console
from orrery.cli.answers import AnswerFormat, FormatOption, OutOption, chosen_format, give
from orrery.cli.bodies.options import BodyArgument, FolderOption, MatterOption, OnOption, day_of
from orrery.cli.measure.options import PlotOption, check_plot, save_plot

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from orrery.institutions.power import Power
    from orrery.institutions.sitting import Sitting
    from orrery.report.style import Layout

DIGITS = 6
"""Digits of a value that are shown to people."""


def power(
    body: BodyArgument,
    index: Annotated[
        str,
        typer.Option(help="shapley-shubik, banzhaf, banzhaf-normalised, coleman or holler-packel."),
    ] = "shapley-shubik",
    abstention: Annotated[
        bool, typer.Option("--abstention", help="Members may abstain as well; shapley-shubik and banzhaf have it.")
    ] = False,
    matter: MatterOption = None,
    on: OnOption = None,
    seed: Annotated[int, typer.Option(min=0, help="Of Monte Carlo, where nothing exact reaches a rule.")] = 0,
    folder: FolderOption = None,
    answer_format: FormatOption = None,
    out: OutOption = None,
    plot: PlotOption = None,
) -> None:
    """Give the voting power of each member of a body on a day, exactly where that is possible; all are present.

    Example: orrery bodies power UNSC --index banzhaf --on 2024-01-01
    """
    from orrery.base.keys import named_key, root_key
    from orrery.institutions.catalogue import load_body
    from orrery.institutions.power import INDICES
    from orrery.institutions.power import power as measure
    from orrery.institutions.rules.stages import Stages

    chosen = chosen_format(answer_format, out)
    check_plot(plot)
    sitting = load_body(body, folder).on(day_of(on))
    rule = sitting.rule(matter)
    members = rule.members if isinstance(rule, Stages) else sitting.members
    game = rule.ternary_game() if abstention else rule.game()
    found = measure(game, index, members=members, key=named_key(root_key(seed), "power"))
    frame = _frame(found, sitting)
    wanted = matter or sitting.body.default_matter
    if chosen is AnswerFormat.table:
        entry = INDICES[index]
        how = ", members may abstain" if abstention else ""
        console.say(f"{sitting.body.name}, {wanted}, {sitting.day}: {entry.title} ({entry.formula}){how}")
        give(frame, chosen, out, shown=_shown(frame))
        for line in _notes(found):
            console.say(line)
        console.say(entry.advice)
    else:
        give(frame, chosen, out)
    title = f"{INDICES[index].title}: {sitting.body.name}, {wanted}, {sitting.day}"
    save_plot(plot, lambda layout: _draw(frame, found, title, layout))


def _frame(found: Power, sitting: Sitting) -> pd.DataFrame:
    """Return the table of an index with names of countries, the greatest value first."""
    from orrery.data.countries import country

    frame = found.to_frame()
    first = next(iter(found.columns))
    frame.insert(1, "name", [country(code).name for code in frame["member"]])
    frame = frame.rename(columns={"member": "country"}).assign(body=sitting.body.code, day=sitting.day.isoformat())
    return frame.sort_values([first, "country"], ascending=[False, True], kind="stable").reset_index(drop=True)


def _shown(frame: pd.DataFrame) -> pd.DataFrame:
    values = [name for name in frame if frame[name].dtype.kind == "f" and name != "error"]
    exact = [name for name in frame if name.endswith("exact") and frame[name].str.len().max() <= 24]
    text = frame[["country", "name", *values, *exact]].copy()
    for name in values:
        text[name] = [f"{value:.{DIGITS}g}" for value in frame[name]]
    return text


def _notes(found: Power) -> list[str]:
    """Return how the values were found, and what they say of the body as a whole."""
    from orrery.institutions.power import Method

    words = {
        Method.INTEGERS: "",
        Method.DOUBLE: f", error at most {found.error:.1g}",
        Method.SAMPLED: f", standard error at most {found.error:.1g}",
    }
    lines = [f"Method: {found.method}{words[found.method]}"]
    if "act" in found.body:
        lines.append(f"A motion passes with probability {float(found.body['act']):.{DIGITS}g} if all vote at random")
    return lines


def _draw(frame: pd.DataFrame, found: Power, title: str, layout: Layout) -> Figure:
    from orrery.institutions.power import INDICES
    from orrery.report.figures.bars import draw_bars
    from orrery.report.figures.caption import Caption

    entry = INDICES[found.index]
    notes = (f"{entry.formula[0].upper()}{entry.formula[1:]}.", entry.advice, *_notes(found))
    return draw_bars(frame, list(found.columns), Caption(title, notes), layout, unit=entry.title)
