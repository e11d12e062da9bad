"""What the subcommands of `orrery cases` are asked alike: which case, and how many draws."""

from __future__ import annotations

from typing import Annotated

import typer

CaseArgument = Annotated[
    str, typer.Argument(metavar="CASE", help="A code of `orrery cases list`, or a case file that ends in .toml.")
]
