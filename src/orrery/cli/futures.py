"""`orrery futures ...`: which of the five futures the model can reach, and worlds in which they come about."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orrery.base.errors import ScenarioError
from orrery.cli import console
from orrery.cli.console import RowFormat

if TYPE_CHECKING:
    from orrery.lab.futures_reach import Reached

app = typer.Typer(
    help="The five futures: which of them can be reached, and worlds in which they come about.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def _group() -> None:
    """Keep the name of the command, also while there is one alone."""


@app.command("reach")
def reach(
    samples: Annotated[int, typer.Option(min=1, help="Samples of lever paths, parameters and chance.")] = 512,
    years: Annotated[int, typer.Option(help="Years to run.")] = 25,
    start: Annotated[int | None, typer.Option(help="Start year; the newest complete year by default.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed: the same seed gives the same numbers.")] = 1,
    ranges: Annotated[
        Path | None, typer.Option(metavar="FILE", help="TOML file of ranges; those of the package by default.")
    ] = None,
    priors_alone: Annotated[
        bool, typer.Option("--priors-alone", help="Move no lever: parameters and chance alone.")
    ] = False,
    conditions: Annotated[
        bool, typer.Option("--conditions", help="Show how often each condition holds, and which stands in the way.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Folder to write the samples to; it must not exist.")
    ] = None,
    write_example: Annotated[
        tuple[str, Path] | None,
        typer.Option(metavar="FUTURE FILE", help="Write the clearest sample of a future as a scenario to run."),
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Threads; one per core by default.")] = None,
) -> None:
    """Count which futures come about over broad paths of the levers: how much of what is possible leads where.

    Shares are no probabilities: nobody knows how likely a path is. The ranges and their reasons are in
    orrery/lab/broad_paths.toml, the futures in docs/futures.md.

    Example: orrery futures reach --samples 512 --write-example "new bipolarity" bipolar.toml
    """
    _check_free(out, write_example)
    from orrery.lab.broad_paths import read_space
    from orrery.lab.futures_reach import explore

    space = read_space(ranges)
    if write_example is not None:
        _check_future(write_example[0])
    _cache_programs()
    with console.work_progress("samples") as tell:
        found = explore(
            samples=samples,
            years=years,
            start=start,
            seed=seed,
            space=space,
            levers=not priors_alone,
            workers=workers,
            progress=tell,
        )
    _print(found, conditions)
    if out is not None:
        found.save(out)
        console.say(f"samples   {out}")
    if write_example is not None:
        _write_example(found, *write_example)


def _print(found: Reached, conditions: bool) -> None:
    of = f"ranges version {found.space.version}" if found.levers else "the priors alone"
    failed = len(found.table) - found.found.label.size
    console.say(
        f"{len(found.table)} samples of {of}, {found.start}-{found.start + found.years}, seed {found.seed}; "
        f"{failed} failed"
    )
    columns = ("future", "samples", "share", "from (10 %)", "to (90 %)", "mean degree")
    rows = [
        (r.future, r.samples, f"{r.share:.3f}", f"{r.low:.3f}", f"{r.high:.3f}", _number(r.mean_degree))
        for r in found.shares().itertuples()
    ]
    console.print_rows(columns, rows, RowFormat.table)
    console.say("nearest to each future (the least condition is what its degree hangs on)")
    near = [(r.future, r.sample, f"{r.degree:.3f}", r.least, r.label) for r in found.nearest().itertuples()]
    console.print_rows(("future", "sample", "degree", "least condition", "called"), near, RowFormat.table)
    if conditions:
        console.say("conditions: share of samples in which each holds, and in which it alone bars its future")
        parts = [
            (r.future, r.indicator, f"{r.median_ratio:.3f}", f"{r.holds:.3f}", f"{r.bars_alone:.3f}")
            for r in found.failing().itertuples()
        ]
        console.print_rows(("future", "indicator", "median ratio", "holds", "bars alone"), parts, RowFormat.table)


def _number(value: float) -> str | None:
    return None if value != value else f"{value:.3f}"


def _write_example(found: Reached, future: str, file: Path) -> None:
    from orrery.base.files import writing_file
    from orrery.lab.scenario import scenario_toml

    scenario = found.example(future)
    try:
        with writing_file(file) as temporary:
            temporary.write_text(scenario_toml(scenario), "utf-8")
    except OSError as error:
        raise ScenarioError(f"`--write-example` {file}: {error.strerror}. Name a file that can be written.") from error
    console.say(f"scenario  {file}: {scenario.title}; draw {scenario.draws - 1} of it is the world found")


def _check_future(future: str) -> None:
    """Refuse a future that there is not, before anything is simulated."""
    from orrery.world.futures import definition

    known = [one.name for one in definition().futures]
    if future not in known:
        raise ScenarioError(f"`--write-example`: {future!r} came; a future is one of {', '.join(known)}.")


def _check_free(out: Path | None, example: tuple[str, Path] | None) -> None:
    """Refuse what would overwrite something, or could not be run, before anything is simulated."""
    if out is not None and out.exists():
        raise ScenarioError(f"`--out` {out}: it exists, and nothing is overwritten. Name a new folder.")
    if example is None:
        return
    file = example[1]
    if file.exists():
        raise ScenarioError(f"`--write-example` {file}: it exists, and nothing is overwritten. Name a new file.")
    if file.suffix != ".toml":
        raise ScenarioError(f"`--write-example` {file}: a scenario is run from a file that ends in .toml. Name one.")


def _cache_programs() -> None:
    from orrery.data.store import home_folder
    from orrery.world.simulate import enable_compilation_cache

    enable_compilation_cache(home_folder() / "cache" / "compiled")
