"""What the subcommands of `orrery bodies` are asked alike: which body, on which day, for which matter."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from orrery.base.errors import InstitutionError

BodyArgument = Annotated[str, typer.Argument(metavar="BODY", help="Code, name or alias, as in `orrery bodies list`.")]
OnOption = Annotated[str | None, typer.Option("--on", metavar="DATE", help="A day, as 2022-02-25; today by default.")]
MatterOption = Annotated[
    str | None, typer.Option("--matter", help="What is decided; the body's default matter where none is named.")
]
FolderOption = Annotated[
    Path | None, typer.Option("--folder", help="Folder with bodies of one's own, looked into first.")
]


def day_of(on: str | None) -> date:
    """Return the day meant: today where none is named.

    Raises:
        InstitutionError: the text is no day.
    """
    if on is None:
        return date.today()
    try:
        return date.fromisoformat(on.strip())
    except ValueError:
        raise InstitutionError(f"`--on`: {on!r} came; write a day as 2022-02-25.") from None
