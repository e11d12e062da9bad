"""The main job: `orrery run` simulates a scenario and writes its report; `orrery show` reads a run again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orrery.cli import console
from orrery.cli.console import RowFormat

if TYPE_CHECKING:
    from orrery.lab.runs import Run
    from orrery.lab.scenario import Scenario
    from orrery.report.summaries import Neighbourhood

INTERRUPTED = 130
"""Exit code of a command stopped by Ctrl-C, as shells have it."""

HEADLINES = (
    "effective_poles",
    "connectedness",
    "tension",
    "non_aligned_share",
    "mean_rival_diversity",
    "mean_effective_multivectorness",
)
"""Indicators that `orrery show` prints unless all are asked for."""


def run(
    scenario: Annotated[
        str, typer.Argument(metavar="[SCENARIO]", help="A shipped scenario's name, or the path of a .toml file.")
    ] = "baseline",
    repeated: Annotated[
        Path | None, typer.Option("--from", metavar="RUN", help="Repeat an earlier run exactly: a run folder.")
    ] = None,
    draws: Annotated[int | None, typer.Option(help="Monte-Carlo draws.")] = None,
    years: Annotated[int | None, typer.Option(help="Years to run.")] = None,
    start: Annotated[int | None, typer.Option(help="Start year; the newest complete year by default.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed: the same seed gives the same numbers.")] = None,
    out: Annotated[Path | None, typer.Option(help="Run folder; the next free runs/NAME-NNN by default.")] = None,
    neighbourhood: Annotated[
        str | None,
        typer.Option(help="Countries whose portfolios the report shows, as ISO3 codes; a hub's neighbours by default."),
    ] = None,
    hub: Annotated[
        str | None, typer.Option(help="Pole that is the hub, for a scenario that has one: RUS, USA, CHN, EU, IND.")
    ] = None,
    neighbours: Annotated[
        str | None,
        typer.Option(help='The hub\'s neighbours: comma-separated, such as "Central Asia, members of ASEAN, VNM".'),
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Threads; one per core by default.")] = None,
    scenarios: Annotated[bool, typer.Option("--scenarios", help="List the shipped scenarios and levers.")] = False,
) -> None:
    """Simulate a scenario, write the run folder and its report.

    Without arguments: the baseline scenario from the newest complete year, 200 draws, 25 years. An interrupted run is
    taken up by the same command.

    Example: orrery run deglobalisation --draws 100 --seed 7; orrery run hub-and-neighbours --hub IND
    """
    if scenarios:
        _list_scenarios()
        return
    from orrery.lab.ensemble import simulate
    from orrery.lab.runs import open_run
    from orrery.lab.scenario import load_scenario
    from orrery.report.report import write_report

    chosen = _neighbourhood(neighbourhood)
    wanted = _around(load_scenario(scenario) if repeated is None else open_run(repeated).scenario, hub, neighbours)
    try:
        with _progress() as advance:
            done = simulate(
                wanted,
                draws=draws,
                years=years,
                start=start,
                seed=seed,
                out=out,
                workers=workers,
                progress=advance,
            )
    except KeyboardInterrupt:
        console.note("Interrupted. What is done is kept: the same command takes up there.")
        # Compiled code may still run in other threads, and tearing the interpreter down under it would crash.
        os._exit(INTERRUPTED)
    console.note("writing the report ...")
    report = write_report(done, neighbourhood=chosen or _usual_neighbourhood(done))
    failed = len(done.meta["failed_draws"])
    console.say(f"run     {done.folder}")
    console.say(f"report  {report}")
    if failed:
        console.say(f"draws   {failed} of {done.meta['draws']} failed and are left out; see run.json")


def show(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder, such as runs/baseline-001.")],
    every: Annotated[bool, typer.Option("--all", help="Every indicator and every year.")] = False,
    row_format: Annotated[RowFormat, typer.Option("--format", help="How to print.")] = RowFormat.table,
) -> None:
    """Show what a run is and how its indicators moved: median and 80 % interval over the draws.

    Example: orrery show runs/baseline-001 --all --format csv
    """
    from orrery.lab.runs import open_run

    found = open_run(folder)
    if row_format is RowFormat.table:
        _print_description(found)
    table = found.indicators
    years = sorted(table["year"].unique())
    if not every:
        table = table[table["indicator"].isin(HEADLINES) & table["year"].isin([years[0], years[-1]])]
    columns = ("indicator", "year", "median", "from (10 %)", "to (90 %)", "Monte-Carlo error", "unit")
    rows = [
        (r.indicator, r.year, *(f"{v:.4g}" for v in (r.q50, r.q10, r.q90, r.mcse)), r.unit) for r in table.itertuples()
    ]
    console.print_rows(columns, rows, row_format)
    if row_format is RowFormat.table and (found.folder / "futures.parquet").exists():
        _print_futures(found)


def _print_futures(found: Run) -> None:
    console.say("what the draws came to resemble (docs/futures.md); counts of runs of the model, not forecasts")
    columns = ("future", "draws", "share", "from (10 %)", "to (90 %)", "mean degree")
    rows = [
        (r.future, r.runs, *(f"{value:.3f}" for value in (r.share, r.low, r.high, r.mean_degree)))
        for r in found.futures.itertuples()
    ]
    console.print_rows(columns, rows, RowFormat.table)


def _print_description(found: Run) -> None:
    meta = found.meta
    console.say(found.scenario.title)
    console.say(
        f"{meta['draws']} draws, {meta['start_year']}-{meta['start_year'] + meta['years']}, seed {meta['seed']}, "
        f"Orrery {meta['orrery_version']}, {meta['panel']}, made {meta['created']}"
    )
    console.say(f"again: {meta['command']}")
    console.say(f"report: {found.folder / 'report.html'}")


def _list_scenarios() -> None:
    from orrery.lab.scenario import LEVERS, shipped_scenarios

    shipped = [(name, scenario.title) for name, scenario in shipped_scenarios().items()]
    console.print_rows(("scenario", "title"), shipped, RowFormat.table)
    levers = [(name, lever.described) for name, lever in LEVERS.items()]
    console.print_rows(("lever", "what it moves"), levers, RowFormat.table)


def _around(scenario: Scenario, hub: str | None, neighbours: str | None) -> Scenario:
    """Return the scenario around the hub and with the neighbours that were asked for, if any were."""
    if hub is None and neighbours is None:
        return scenario
    words = None if neighbours is None else tuple(word.strip() for word in neighbours.split(","))
    return scenario.with_hub(hub, words)


def _neighbourhood(codes: str | None) -> Neighbourhood | None:
    """Return the countries to look at closely, checked before anything is run; None where none are asked for."""
    if codes is None:
        return None
    from orrery.data.countries import country
    from orrery.report.summaries import Neighbourhood

    chosen = tuple(country(code.strip()) for code in codes.split(","))
    return Neighbourhood(", ".join(one.name for one in chosen), tuple(one.iso3 for one in chosen))


def _usual_neighbourhood(done: Run) -> Neighbourhood:
    """Return the countries around the hub of a run, or the default ones for a run without a hub."""
    from orrery.lab.ensemble import hub_neighbours
    from orrery.report.summaries import DEFAULT_NEIGHBOURHOOD, Neighbourhood

    hub = done.scenario.hub
    if hub is None:
        return DEFAULT_NEIGHBOURHOOD
    return Neighbourhood(f"Neighbours of {hub.pole}", hub_neighbours(done.scenario))


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """Yield a function that shows draws done, rate and time left on standard error."""
    import sys

    if not sys.stderr.isatty():
        yield lambda done, wanted: console.note(f"draws {done} of {wanted}")
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    with Progress(
        TextColumn("simulating"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("draws,"),
        TimeElapsedColumn(),
        TextColumn("so far,"),
        TimeRemainingColumn(),
        TextColumn("left"),
        console=Console(stderr=True),
    ) as bars:
        task = bars.add_task("simulating")
        yield lambda done, wanted: bars.update(task, completed=done, total=wanted)
