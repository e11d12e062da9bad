"""`orrery explain`: what moved a country's portfolio in a run, by term of utility and by event of the scenario."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orrery.cli import console
from orrery.cli.answers import AnswerFormat, FormatOption, OutOption, chosen_format, give
from orrery.cli.measure.options import check_plot, save_plot

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from orrery.lab.explain import Explanation
    from orrery.report.style import Layout

FigureOption = Annotated[
    Path | None, typer.Option("--figure", "--plot", metavar="FILE", help="Draw it as well: a .png or .svg file.")
]
NUMBERS = ["mean", "low", "high", "monte_carlo_error"]


def explain(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder, such as runs/baseline-001.")],
    country: Annotated[str, typer.Argument(metavar="COUNTRY", help="ISO3 code or English name.")],
    year: Annotated[
        int | None, typer.Argument(metavar="[YEAR]", help="The change from the start until then; the last by default.")
    ] = None,
    levers: Annotated[
        bool, typer.Option("--levers", help="Each lever and event of the scenario apart: repeats the run for each.")
    ] = False,
    figure: FigureOption = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Threads; one per core by default.")] = None,
    answer_format: FormatOption = None,
    out: OutOption = None,
) -> None:
    """Say what moved a country's portfolio since the start of a run, in percentage points of each share, adding up.

    The first time the run's draws are simulated again, bit by bit; what is found is kept in the run folder.

    Example: orrery explain runs/baseline-001 KAZ 2040 --figure kaz.png
    """
    from orrery.data.countries import resolve
    from orrery.lab.explain import explain as explained
    from orrery.lab.runs import open_run

    chosen = chosen_format(answer_format, out)
    check_plot(figure)
    run, code = open_run(folder), resolve(country)
    with console.work_progress("draws simulated again") as advance:
        found = explained(run, code, by_event=levers, workers=workers, progress=advance)
    until = found.years[-1] if year is None else year
    table = _table(found, until)
    if chosen is AnswerFormat.table:
        console.say(_title(found, until))
        give(table, chosen, out, shown=_shown(found, table, until))
        for note in _notes(found, table):
            console.say(note)
    else:
        give(table, chosen, out)
    save_plot(figure, lambda layout: _draw(found, until, layout))


def _title(found: Explanation, until: int) -> str:
    from orrery.data.countries import country

    return f"What moved the portfolio of {country(found.country).name}, {found.run.meta['start_year']}-{until}"


def _table(found: Explanation, until: int) -> pd.DataFrame:
    """Return the summary of a year in percentage points, with what identifies it."""
    table = found.summary(until)
    table[NUMBERS] *= 100
    table.insert(0, "country", found.country)
    table.insert(1, "year", until)
    return table.assign(draws=len(found.draws), unit="percentage points")


def _shown(found: Explanation, table: pd.DataFrame, until: int) -> pd.DataFrame:
    """Return a row per term and a column per option, between the shares at the start and in the year."""
    import pandas as pd

    from orrery.lab.explain import ALL

    table = table[~_still(table)]
    cells = table.assign(
        cell=[_words(*row, sign="+") for row in table[["mean", "low", "high"]].itertuples(index=False)],
        term=table["term"].replace(ALL, "all terms"),
        event=table["event"].replace(ALL, "all together"),
    )
    keys, options = ["event", "term", "phase"], list(dict.fromkeys(table["option"]))
    rows = cells.pivot_table(index=keys, columns="option", values="cell", aggfunc="first", sort=False)[options]
    rows = rows.reset_index()
    rows["event"] = rows["event"].where(~rows["event"].duplicated(), "")
    first, last = (
        pd.DataFrame([{**dict.fromkeys(keys, ""), "term": f"share in {year}, %", **_shares(found, year)}])
        for year in (found.run.meta["start_year"], until)
    )
    shown = pd.concat([first, rows, last], ignore_index=True)
    return shown if found.by_event else shown.drop(columns="event")


def _still(table: pd.DataFrame) -> pd.Series:
    """Tell which rows are of a term that contributes exactly nothing to any share in any draw."""
    sizes = table[["mean", "low", "high"]].abs().sum(axis=1)
    return sizes.groupby([table["event"], table["term"]]).transform("sum") == 0


def _shares(found: Explanation, year: int) -> dict[str, str]:
    """Return each share of a year as the run recorded it, over the draws explained."""
    import numpy as np

    from orrery.lab.explain import HIGH, LOW

    recorded = found.run.draws["portfolio"].sel(country=found.country, year=year, draw=found.draws)
    values = 100 * recorded.values.astype(float)
    spans = (values.mean(0), *np.quantile(values, [LOW, HIGH], axis=0))
    return {str(option): _words(*span) for option, *span in zip(recorded["option"].values, *spans, strict=True)}


def _words(mean: float, low: float, high: float, sign: str = "") -> str:
    # Adding 0 makes a negative zero plain.
    rounded = [f"{round(float(value), 2) + 0.0:{sign}.2f}" for value in (mean, low, high)]
    return f"{rounded[0]} ({rounded[1]} to {rounded[2]})"


def _notes(found: Explanation, table: pd.DataFrame) -> list[str]:
    """Return how to read the answer, and what was left out of it."""
    from orrery.lab.explain import ALL

    n_draws, wanted = len(found.draws), found.run.meta["draws"]
    notes = [
        f"percentage points: mean over {n_draws} draws (10 % to 90 % of them); means add up. What the terms are: "
        "docs/explain.md"
    ]
    if n_draws < wanted:
        notes.append(f"{wanted - n_draws} draws of the run failed, or did in a repetition, and are left out")
    notes += _nothing(table[table["event"] != ALL] if found.by_event else table)
    if found.by_event:
        notes.append("events are taken away from the last to the first; another order gives other contributions")
    return notes


def _nothing(table: pd.DataFrame) -> list[str]:
    """Return which terms contribute exactly nothing: those of every event in one line, others for each event."""
    from orrery.lab.explain import ALL

    by_event = {event: list(rows["term"].unique()) for event, rows in table[_still(table)].groupby("event", sort=False)}
    events = list(table["event"].unique())
    always = [term for term in table["term"].unique() if all(term in by_event.get(event, ()) for event in events)]
    notes = [f"exactly 0 throughout: {', '.join(always)}"] if always else []
    for event, terms in by_event.items():
        others = [term for term in terms if term not in always]
        if others:
            notes.append(f"exactly 0 for {event}: {'every term' if ALL in terms else ', '.join(others)}")
    return notes


def _draw(found: Explanation, until: int, layout: Layout) -> Figure:
    """Draw the contributions of every year until one: of events where they are told apart, else of terms."""
    import pandas as pd

    from orrery.lab.explain import ALL
    from orrery.report.figures.caption import Caption
    from orrery.report.figures.contributions import draw_contributions

    years = pd.concat([_table(found, year) for year in found.years if year <= until], ignore_index=True)
    apart, summed = ("event", "term") if found.by_event else ("term", "event")
    chosen = years[(years[summed] == ALL) & (years[apart] != ALL)]
    parts = chosen.rename(columns={apart: "part", "mean": "value"})[["option", "part", "year", "value"]]
    whole = years[(years["event"] == ALL) & (years["term"] == ALL)].rename(columns={"mean": "value"})
    notes = [
        f"Percentage points since {found.run.meta['start_year']}. Bars: means over {len(found.draws)} draws, which add "
        "up to the line. Below each name: the whole change in the last year (10 % to 90 % of the draws).",
    ]
    if found.by_event:
        notes.append("Events are taken away from the last to the first; another order gives other contributions.")
    else:
        notes.append("Own shares and shares of rivals are the answer of the portfolio to its own change.")
    return draw_contributions(parts, whole, Caption(_title(found, until), tuple(notes)), layout)
