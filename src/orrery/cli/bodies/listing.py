"""`orrery bodies list`: the bodies of the catalogue."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orrery.base.errors import InstitutionError
from orrery.cli.answers import FormatOption, OutOption, chosen_format, give
from orrery.cli.bodies.options import FolderOption, OnOption, day_of

if TYPE_CHECKING:
    from orrery.institutions.body import Body


def list_bodies(
    member: Annotated[str | None, typer.Option(metavar="COUNTRY", help="Only bodies in which it votes.")] = None,
    area: Annotated[str | None, typer.Option(help="Only bodies of this area, such as security or trade.")] = None,
    on: OnOption = None,
    folder: FolderOption = None,
    answer_format: FormatOption = None,
    out: OutOption = None,
) -> None:
    """List the bodies of the catalogue with the number of their voting members on a day.

    A body that did not exist on the day, or whose members of it are not known, has no number.

    Example: orrery bodies list --member KAZ --area security
    """
    import pandas as pd

    from orrery.data.countries import resolve
    from orrery.institutions.catalogue import load_bodies

    chosen = chosen_format(answer_format, out)
    day = day_of(on)
    found = list(load_bodies(folder).values())
    if area is not None:
        areas = sorted({body.area for body in found})
        if area not in areas:
            raise InstitutionError(f"`--area`: {area!r} came; the bodies have {', '.join(areas)}.")
        found = [body for body in found if body.area == area]
    if member is not None:
        code = resolve(member)
        found = [body for body in found if code in _voting(body, day)]
    rows = [_row(body, day) for body in found]
    give(pd.DataFrame(rows, columns=list(COLUMNS)), chosen, out)


COLUMNS = ("code", "name", "area", "formality", "good", "founded", "ended", "voting_members", "matters")


def _row(body: Body, day: date) -> dict[str, Any]:
    return {
        "code": body.code,
        "name": body.name,
        "area": body.area,
        "formality": body.formality,
        "good": body.good,
        "founded": body.founded.isoformat(),
        "ended": body.ended.isoformat() if body.ended else None,
        "voting_members": len(_voting(body, day)) or None,
        "matters": ", ".join(body.matters),
    }


def _voting(body: Body, day: date) -> tuple[str, ...]:
    """Return the voting members of a day; none where they are not known."""
    known = body.known_until is None or day <= body.known_until
    return body.members(day) if known else ()
