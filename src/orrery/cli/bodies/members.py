"""`orrery bodies members`: who sat in a body on a day."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from orrery.base.errors import InstitutionError
from orrery.cli.answers import FormatOption, OutOption, chosen_format, give
from orrery.cli.bodies.options import BodyArgument, FolderOption, OnOption, day_of

if TYPE_CHECKING:
    import pandas as pd

    from orrery.institutions.body import Body


def members(
    body: BodyArgument,
    on: OnOption = None,
    folder: FolderOption = None,
    answer_format: FormatOption = None,
    out: OutOption = None,
) -> None:
    """List the countries of a body on a day with their status, spell and weights, those without a vote last.

    Example: orrery bodies members UNSC --on 1950-06-25
    """
    from orrery.institutions.catalogue import load_body

    chosen = chosen_format(answer_format, out)
    give(_members(load_body(body, folder), day_of(on)), chosen, out)


def _members(body: Body, day: date) -> pd.DataFrame:
    """Return one row for each country; a weight is a number in double precision, none for those without a vote.

    Raises:
        InstitutionError: nobody belonged to the body on this day, or its members are not known.
    """
    import pandas as pd

    from orrery.data.countries import country
    from orrery.institutions.blocks import STATUSES, VOTING

    held = body.members(day, STATUSES)
    if not held:
        raise InstitutionError(f"{body.place(day)}, `membership`: it has no members on this day. Name another one.")
    blocks = [block for block in body.weights if block.period.covers(day)]
    rows = [
        {
            "country": code,
            "name": country(code).name,
            "status": status,
            "votes": status in VOTING,
            "since": period.start.isoformat(),
            "until": period.end.isoformat() if period.end else None,
            **{block.name: float(block.values[code]) if code in block.values else None for block in blocks},
        }
        for code, status, period in body.spells(STATUSES)
        if period.covers(day)
    ]
    return pd.DataFrame(sorted(rows, key=lambda row: (not row["votes"], row["country"])))
