"""`orrery bodies power`: how often each member of a body decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from orrery.base.errors import InstitutionError
from orrery.cli import console
from orrery.cli.answers import AnswerFormat, FormatOption, OutOption, chosen_format, give
from orrery.cli.bodies.options import BodyArgument, FolderOption, MatterOption, OnOption, day_of
from orrery.cli.measure.options import PlotOption, check_plot, save_plot

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from orrery.institutions.power import Power
    from orrery.institutions.rules.rule import Rule
    from orrery.institutions.sitting import Sitting
    from orrery.report.style import Layout


def power(
    body: BodyArgument,
    index: Annotated[
        str,
        typer.Option(help="shapley-shubik, banzhaf, banzhaf-normalised, coleman or holler-packel.", metavar="INDEX"),
    ] = "shapley-shubik",
    abstention: Annotated[
        bool, typer.Option("--abstention", help="Count abstention as a third choice (Felsenthal & Machover 1997).")
    ] = False,
    seed: Annotated[
        int | None, typer.Option(help="For Monte Carlo, where nothing exact reaches the rule; refused without.")
    ] = None,
    top: Annotated[int | None, typer.Option(min=1, help="Only so many members, the most powerful first.")] = None,
    matter: MatterOption = None,
    on: OnOption = None,
    folder: FolderOption = None,
    plot: PlotOption = None,
    answer_format: FormatOption = None,
    out: OutOption = None,
) -> None:
    """Give the voting power of each member of a body on a day, exactly where that can be.

    Example: orrery bodies power UNSC --index shapley-shubik --on 2024-01-01
    """
    from orrery.base.keys import root_key
    from orrery.institutions.catalogue import load_body
    from orrery.institutions.power import INDICES
    from orrery.institutions.power import power as power_of

    chosen = chosen_format(answer_format, out)
    check_plot(plot)
    sitting = load_body(body, folder).on(day_of(on))
    rule = _rule(sitting, matter)
    game = rule.ternary_game() if abstention else rule.game()
    key = None if seed is None else root_key(seed)
    found = power_of(game, index, members=sitting.members, key=key)
    frame = _named(found, top)
    if chosen is not AnswerFormat.table:
        give(frame, chosen, out)
    else:
        console.say(
            f"{sitting.body.name}, {matter or sitting.body.default_matter}, {sitting.day}: {INDICES[index].title}"
        )
        give(frame, chosen, out, shown=_shown(frame))
        console.say(f"{_how(found)}. {INDICES[index].advice}")
        for name, value in found.body.items():
            console.say(f"Power of the body to {name}: {float(value):.6g}")
    save_plot(plot, lambda layout: _draw(found, sitting, matter, top, layout))


def _rule(sitting: Sitting, matter: str | None) -> Rule:
    from orrery.institutions.rules.stages import Stages

    rule = sitting.rule(matter)
    if isinstance(rule, Stages):
        names = ", ".join(stage.name for stage in rule.stages)
        raise InstitutionError(
            f"`--matter`: {matter or sitting.body.default_matter!r} has the stages {names}, each with voters of its "
            "own; power is of one vote. Name another matter."
        )
    return rule


def _named(found: Power, top: int | None) -> pd.DataFrame:
    """Return the table with the names of countries, the most powerful first."""
    from orrery.data.countries import country

    frame = found.to_frame()
    first = next(iter(found.columns))
    frame.insert(1, "name", [country(code).name for code in frame["member"]])
    frame = frame.sort_values([first, "member"], ascending=[False, True], kind="stable").reset_index(drop=True)
    return frame if top is None else frame.head(top)


def _shown(frame: pd.DataFrame) -> pd.DataFrame:
    """Return what people read: values to six digits."""
    kept = frame.drop(columns=["index", "method", "error"])
    numbers = kept.select_dtypes("float").columns
    return kept.assign(**{name: kept[name].map("{:.6g}".format) for name in numbers})


def _how(found: Power) -> str:
    if found.error == 0:
        return f"Method: {found.method}"
    return f"Method: {found.method}, error at most {found.error:.1e}"


def _draw(found: Power, sitting: Sitting, matter: str | None, top: int | None, layout: Layout) -> Figure:
    from orrery.institutions.power import INDICES
    from orrery.report.figures.caption import Caption
    from orrery.report.figures.power import draw_power

    first = next(iter(found.columns))
    frame = _named(found, top).rename(columns={first: "value"})
    chosen = INDICES[found.index]
    what = chosen.title if first == "value" else f"{chosen.title}: to {first}"
    title = f"{sitting.body.name}: voting power, {matter or sitting.body.default_matter}, {sitting.day}"
    notes = (f"{what}: {chosen.formula}. {_how(found)}.", chosen.advice)
    return draw_power(frame, Caption(title, notes), layout, unit=what)
