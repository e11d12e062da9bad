"""`orrery burden`: who pays what under each rule of burden, side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orrery.base.errors import NegotiationError
from orrery.cli import console
from orrery.cli.answers import AnswerFormat, FormatOption, OutOption, chosen_format, give
from orrery.cli.bodies.options import FolderOption, day_of
from orrery.cli.measure.options import CountriesOption, Names, PlotOption, check_plot, codes_of, save_plot

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from orrery.data.panel import Panel
    from orrery.negotiation.burden import BurdenComparison
    from orrery.report.style import Layout

Figures = str | None
FIGURES = "VARIABLE or A=1,B=2"
BOUNDS = ["least", "most"]


def burden(
    names: Names = None,
    countries: CountriesOption = None,
    body: Annotated[str | None, typer.Option("--body", metavar="BODY", help="Or the voting members of a body.")] = None,
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help="Day of the members; today by default.")
    ] = None,
    year: Annotated[int | None, typer.Option(help="Year of the figures; that of --on, else the newest.")] = None,
    rules: Annotated[
        str | None, typer.Option(metavar="A,B", help="Rules to compare; by default all there are figures for.")
    ] = None,
    stakes: Annotated[
        Figures, typer.Option("--stakes", metavar=FIGURES, help="What each gains or needs: benefit, shapley.")
    ] = None,
    contributions: Annotated[
        Figures,
        typer.Option("--contributions", metavar=FIGURES, help="What each added to the problem: responsibility."),
    ] = None,
    of_output: Annotated[
        float, typer.Option("--of-output", help="Total as a share of joint output: sacrifice; 0 is a small one.")
    ] = 0.0,
    total: Annotated[float | None, typer.Option(help="What is to be paid: amounts in place of shares.")] = None,
    unit: Annotated[str, typer.Option(help="Unit of --total, for headings.")] = "units of --total",
    top: Annotated[int | None, typer.Option(min=1, help="Only so many countries, those that pay most first.")] = None,
    folder: FolderOption = None,
    plot: PlotOption = None,
    answer_format: FormatOption = None,
    out: OutOption = None,
) -> None:
    """Share a burden among countries, or the members of a body, under each rule; and say how far the rules disagree.

    Example: orrery burden --countries USA,CHN,IND,FRA --year 2022 --total 3.2e9 --unit USD
    """
    from orrery.data.baseline import load_baseline
    from orrery.negotiation.burden import compare_burdens

    chosen = chosen_format(answer_format, out)
    check_plot(plot)
    panel = load_baseline()
    asked = _sharing(panel, codes_of(names, countries), body, on, folder)
    wanted = year if year is not None else min(day_of(on).year, panel.years[-1])
    sharing = _with_figures(panel, asked, wanted, body)
    found = compare_burdens(
        panel,
        sharing,
        wanted,
        rules=None if rules is None else [name.strip() for name in rules.split(",")],
        stake=_figures(panel, "--stakes", stakes, sharing, wanted),
        contribution=_figures(panel, "--contributions", contributions, sharing, wanted),
        burden=of_output,
    )
    frame = _table(found, total, top)
    if chosen is AnswerFormat.table:
        console.say(f"{_title(found, body)}: {unit if total is not None else 'per cent of the total'}")
        give(frame, chosen, out, shown=_shown(frame, in_amounts=total is not None))
        for note in _notes(found):
            console.say(note)
    else:
        give(frame, chosen, out)
    save_plot(plot, lambda layout: _draw(found, frame, _title(found, body), None if total is None else unit, layout))


def _sharing(
    panel: Panel, codes: tuple[str, ...], body: str | None, on: str | None, folder: Path | None
) -> tuple[str, ...]:
    """Return who shares: the countries named or the members of a body on a day.

    Raises:
        NegotiationError: both or neither, or a day without a body.
    """
    if bool(codes) == (body is not None):
        raise NegotiationError(
            f"`--body`: {body or 'none'} came with {len(codes)} countries; name countries, or a body, and not both."
        )
    if body is None:
        if on is not None:
            raise NegotiationError(f"`--on`: {on!r} came without a body; for countries name the year, `--year`.")
        return codes
    from orrery.institutions.catalogue import load_body

    return load_body(body, folder).on(day_of(on)).members


def _with_figures(panel: Panel, codes: tuple[str, ...], year: int, body: str | None) -> tuple[str, ...]:
    """Leave out members of a body without figures, and say so; those asked for by name are refused later."""
    from orrery.negotiation.burden import without_figures

    lacking = without_figures(panel, codes, year) if body is not None else ()
    if lacking:
        console.note(f"left out, without output or population in {year}: {', '.join(lacking)}")
    return tuple(code for code in codes if code not in lacking)


def _figures(panel: Panel, option: str, text: str | None, codes: tuple[str, ...], year: int) -> dict[str, float] | None:
    """Return a figure for each country: of a variable of the panel, or as listed.

    Raises:
        NegotiationError: a text that is neither, or a variable that is not one figure for each country.
    """
    if text is None:
        return None
    from orrery.base.axes import COUNTRY, YEAR
    from orrery.data.countries import resolve

    if "=" not in text:
        known = [name for name, variable in panel.variables.items() if variable.axes == (YEAR, COUNTRY)]
        if text not in known:
            raise NegotiationError(
                f"`{option}`: {text!r} came; write USA=2,CHN=1 or a variable of the panel: {', '.join(known)}."
            )
        values = panel.values(text, year=year)
        return {code: float(values[panel.country_position(code)]) for code in codes}
    found: dict[str, float] = {}
    for piece in text.split(","):
        name, _, number = piece.partition("=")
        try:
            found[resolve(name.strip())] = float(number)
        except ValueError:
            raise NegotiationError(f"`{option}`: {piece!r} came; write it as USA=2,CHN=1.") from None
    return found


def _table(found: BurdenComparison, total: float | None, top: int | None) -> pd.DataFrame:
    """Return shares or amounts side by side, those who pay most by the mean of the rules first."""
    from orrery.data.countries import country
    from orrery.negotiation.burden import amounts

    frame = found.side_by_side()
    columns = [*found.rules, *BOUNDS]
    if total is not None:
        paid = amounts(found, total)
        frame[list(found.rules)] = paid.T
        frame["least"], frame["most"] = paid.min(0), paid.max(0)
    frame.insert(1, "name", [country(code).name for code in frame["country"]])
    frame[columns] = frame[columns].astype(float)
    order = frame[list(found.rules)].mean(axis=1).sort_values(ascending=False, kind="stable").index
    ordered = frame.loc[order].reset_index(drop=True)
    return ordered if top is None else ordered.head(top)


def _shown(frame: pd.DataFrame, *, in_amounts: bool) -> pd.DataFrame:
    """Return what people read: per cent to three decimals, as the United Nations states them, or amounts."""
    numbers = frame.columns.drop(["country", "name"])
    return frame.assign(
        **{
            name: [f"{value:,.4g}" if in_amounts and value < 1000 else f"{value:,.0f}" for value in frame[name]]
            if in_amounts
            else [f"{100 * value:.3f}" for value in frame[name]]
            for name in numbers
        }
    )


def _title(found: BurdenComparison, body: str | None) -> str:
    who = f"members of {body}" if body is not None else f"{len(found.countries)} countries"
    return f"A burden shared by {who}, {found.year}"


def _notes(found: BurdenComparison) -> list[str]:
    from orrery.negotiation.burden import BURDEN_RULES
    from orrery.negotiation.burden.compare import rules_left_out

    notes = [f"{name}: {BURDEN_RULES[name].title}. {BURDEN_RULES[name].advice}" for name in found.rules]
    if len(found.rules) > 1:
        notes.append(f"Contestation, the mean distance between rules: {found.contestation:.3f} (0 to 2)")
    if found.not_in_scale:
        notes.append(f"The scale is made without {', '.join(found.not_in_scale)}, and from output, not income.")
    left_out = rules_left_out(found)
    if left_out:
        notes.append(f"Not compared: {', '.join(left_out)} (see --rules, --stakes, --contributions)")
    return notes


def _scale(largest: float, unit: str) -> tuple[float, str]:
    """Return what amounts are divided by to be read on an axis, and the unit they then have."""
    for size, word in ((1e9, "billion "), (1e6, "million ")):
        if largest >= size:
            return size, f"{word}{unit}"
    return 1.0, unit


def _draw(found: BurdenComparison, frame: pd.DataFrame, title: str, unit: str | None, layout: Layout) -> Figure:
    from orrery.negotiation.burden import BURDEN_RULES
    from orrery.report.figures.burden import draw_burdens
    from orrery.report.figures.caption import Caption

    names = {name: BURDEN_RULES[name].title for name in found.rules}
    drawn = frame[["name", *found.rules]].copy()
    largest = float(frame["most"].max())
    scale, words = (0.01, "per cent of the total") if unit is None else _scale(largest, unit)
    drawn[list(found.rules)] /= scale
    notes = ["Each line: from the least to the most that a rule asks of the country."]
    if len(found.rules) > 1:
        notes.append(f"Contestation {found.contestation:.2f}: the mean over pairs of rules of the sum of differences.")
    return draw_burdens(drawn.rename(columns=names), Caption(title, tuple(notes)), layout, unit=words)
