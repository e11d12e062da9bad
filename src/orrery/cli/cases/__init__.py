"""`orrery cases ...`: coded negotiations, one's own and those shipped, and what is forecast of them.

A new subcommand is one file and one line below.
"""

from __future__ import annotations

import typer

from orrery.cli.cases import files, listing, run, score, show

app = typer.Typer(
    help="Negotiations coded as they stood before their outcome: read them, write one, forecast and score.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.command("list")(listing.list_cases)
app.command()(show.show)
app.command()(files.validate)
app.command()(files.new)
app.command()(run.run)
app.command()(score.score)
