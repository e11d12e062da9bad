"""`orrery measure ...`: what the measures say, printed with intervals and statuses, written to files, and drawn.

A new subcommand is one line below; a measure that needs the local store says itself what to add to it.
"""

from __future__ import annotations

import typer

from orrery.cli.measure import alignment, dependence, ideal_points, portfolios, reputation, similarity, system

app = typer.Typer(
    help="Measure the international system: countries' positions, ties and records, and the system as a whole.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.command()(ideal_points.ideal_points)
app.command()(alignment.alignment)
app.command()(portfolios.ranks)
app.command()(portfolios.change)
app.command()(similarity.similarity)
app.command()(dependence.dependence)
app.command()(system.polarity)
app.command()(system.multilateralism)
app.command()(system.globalisation)
app.command()(reputation.reputation)
