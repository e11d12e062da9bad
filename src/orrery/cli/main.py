"""The program `orrery`: its commands, and what becomes of errors.

A new command is one line below. Its module imports what is heavy inside the command function, so that
`orrery --help` stays instant.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated, NoReturn

import typer

from orrery.base.errors import OrreryError
from orrery.cli import (
    baseline,
    bodies,
    burden,
    cases,
    console,
    data,
    design,
    explain,
    futures,
    instruments,
    measure,
    plan,
    run,
    vote,
)

app = typer.Typer(
    name="orrery",
    help="Measure the international system from real data, run it forward, and test claims about it.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.add_typer(data.app, name="data")
app.command()(data.sql)
app.add_typer(measure.app, name="measure")
app.add_typer(vote.app, name="vote")
app.add_typer(bodies.app, name="bodies")
app.add_typer(cases.app, name="cases")
app.add_typer(futures.app, name="futures")
app.command()(burden.burden)
app.command()(design.design)
app.command()(plan.plan)
app.command()(instruments.instruments)
app.command()(run.run)
app.command()(run.show)
app.command()(explain.explain)
data.app.command()(baseline.build_baseline)
data.app.command()(baseline.check_baseline)


def _print_version(wanted: bool) -> bool:
    if wanted:
        from importlib.metadata import version

        console.say(f"orrery {version('orrery')}")
        raise typer.Exit
    return wanted


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    del version


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command named by `arguments` (default: those of this process) and end the process.

    Exit codes: 0 done, 1 an expected error (one line on standard error), 2 a command that does not exist or lacks
    something, 130 interrupted.
    """
    try:
        app(arguments, prog_name="orrery")
    except OrreryError as error:
        console.print_error(error)
        sys.exit(1)
    sys.exit(0)
