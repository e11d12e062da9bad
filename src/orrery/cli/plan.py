"""`orrery plan`: portfolios that do well over an ensemble of scenarios, and when hedging stops being stable."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orrery.base.errors import ScenarioError
from orrery.cli import console
from orrery.cli.console import RowFormat

if TYPE_CHECKING:
    from orrery.lab.planner.plan import Plan

HEADINGS = {
    "portfolio": "portfolio",
    "mean": "mean",
    "mean_error": "±",
    "worst_decile": "lowest tenth",
    "worst_decile_error": "±",
    "largest_regret": "largest regret",
    "largest_regret_error": "±",
    "high_regret": "90 % regret",
    "over_today": "over today",
    "over_today_error": "±",
    "rival_diversity": "rival diversity",
}
"""Columns of the printed table and their headings; the shares follow."""


def plan(
    country: Annotated[
        str, typer.Argument(metavar="COUNTRY", help="ISO3 code of a country that is no pole by itself.")
    ],
    scenario: Annotated[
        list[str] | None,
        typer.Option(
            "--scenario",
            metavar="NAME",
            help="A scenario or its file; repeat for several. All without a hub by default.",
        ),
    ] = None,
    weights: Annotated[
        str | None, typer.Option("--weights", metavar="NAME=W,...", help="Weights of scenarios; 1 where none is given.")
    ] = None,
    draws: Annotated[int, typer.Option(min=2, help="Draws of every scenario.")] = 40,
    years: Annotated[int, typer.Option(min=1, help="Years for which the portfolio is held.")] = 25,
    start: Annotated[int | None, typer.Option(help="Start year; the newest complete one by default.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of all randomness.")] = 1,
    discount: Annotated[float, typer.Option("--discount", help="Yearly rate at which later years count less.")] = 0.03,
    largest_share: Annotated[
        float | None,
        typer.Option(
            "--largest-share", help="A hedge gives no pole more than this; by default it is as diverse as today's."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="Folder to write; it must not exist.")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Threads; one per core by default.")] = None,
    row_format: Annotated[RowFormat, typer.Option("--format", help="How to print.")] = RowFormat.table,
) -> None:
    """Compare portfolios over scenarios; price hedging and find where it stops being stable.

    The folder holds portfolios.csv, scenarios.csv, prices.csv, readings.csv, thresholds.csv, the figure front.svg and
    front.png, and plan.json.

    Example: orrery plan KAZ --scenario baseline --scenario exclusivity --draws 30 --out plans/kaz
    """
    from orrery.data.baseline import load_baseline
    from orrery.data.store import home_folder
    from orrery.lab.planner.plan import plan as compare
    from orrery.world.simulate import enable_compilation_cache

    if out is not None and out.exists():
        raise ScenarioError(f"`--out` {out}: it exists, and nothing is overwritten. Name a new folder.")
    given = {
        "--weights": weights,
        "--draws": draws,
        "--years": years,
        "--start": start,
        "--seed": seed,
        "--discount": discount,
        "--largest-share": largest_share,
        "--out": out,
    }
    enable_compilation_cache(home_folder() / "cache" / "compiled")
    with console.work_progress("simulations") as tell:
        found = compare(
            load_baseline(),
            country,
            scenario,
            weights=_weights(weights),
            start=start,
            years=years,
            draws=draws,
            seed=seed,
            discount_rate=discount,
            largest_share=largest_share,
            workers=workers,
            progress=tell,
        )
    _show(found, row_format)
    if out is not None:
        _save(found, out, _command(country, scenario or [], given))


def _weights(text: str | None) -> dict[str, float]:
    """Return weights by name.

    Raises:
        ScenarioError: a piece that is not NAME=NUMBER, or a name that comes twice.
    """
    found: dict[str, float] = {}
    for piece in [] if text is None else text.split(","):
        name, _, number = (part.strip() for part in piece.partition("="))
        try:
            weight = float(number)
        except ValueError:
            raise ScenarioError(f"`--weights`: {piece.strip()!r} came; write NAME=NUMBER, joined by commas.") from None
        if name in found:
            raise ScenarioError(f"`--weights`: {name} came twice; give it one weight.")
        found[name] = weight
    return found


def _show(found: Plan, row_format: RowFormat) -> None:
    """Print the named portfolios; as a table also prices, readings and thresholds."""
    from orrery.report.plan_folder import options_of, shown_portfolios

    options = options_of(found)
    columns = [*HEADINGS, *(f"share_{option}" for option in options)]
    table = shown_portfolios(found)[columns]
    if row_format is not RowFormat.table:
        console.print_rows(columns, table.to_numpy().tolist(), row_format)
        return
    from orrery.report.plan_words import price_words, reading_words, setting_words, threshold_words

    for line in setting_words(found):
        console.say(line)
    rows = [[row[0], *(f"{value:.3f}" for value in row[1:])] for row in table.to_numpy().tolist()]
    console.print_rows([*HEADINGS.values(), *options], rows, RowFormat.table)
    for line in (*price_words(found), *reading_words(found), *threshold_words(found)):
        console.say(line)


def _save(found: Plan, out: Path, command: str) -> None:
    """Write the folder, whole or not at all.

    Raises:
        ScenarioError: the folder exists by now, or cannot be written.
    """
    from orrery.base.files import writing_folder
    from orrery.report.plan_folder import save_plan

    try:
        with writing_folder(out) as temporary:
            save_plan(found, temporary, command)
    except OSError as error:
        raise ScenarioError(f"`--out` {out}: {error.strerror or 'it exists'}. Name a new folder.") from error
    console.note(f"written to {out}")


def _command(country: str, scenarios: list[str], given: Mapping[str, object]) -> str:
    """Return the command that gives the same again."""
    words = ["orrery", "plan", country]
    for name in scenarios:
        words += ["--scenario", name]
    for option, value in given.items():
        if value is not None:
            words += [option, str(value)]
    return shlex.join(words)
