"""`orrery bodies ...`: the catalogue of multilateral bodies, who sits in them, and how they decide.

A new subcommand is one file and one line below.
"""

from __future__ import annotations

import typer

from orrery.cli.bodies import coverage, listing, members, power, replay, show, vote

app = typer.Typer(
    help="Multilateral bodies: their members and rules on any day, votes put to those rules, and voting power.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.command("list")(listing.list_bodies)
app.command()(show.show)
app.command()(members.members)
app.command()(coverage.coverage)
app.command()(power.power)
app.command()(vote.vote)
app.command()(replay.replay)
