"""What the catalogue covers: one row for each body, made from its file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from orrery.institutions.blocks import VOTING
from orrery.institutions.body import Body
from orrery.institutions.check import explained

if TYPE_CHECKING:
    import pandas as pd

NOT_KNOWN = "not known"


def coverage(bodies: Mapping[str, Body], on: date) -> pd.DataFrame:
    """Return what is known of each body.

    Args:
        bodies: by code, such as `load_bodies()`.
        on: the day for which members are counted; of a body that ended, its last day.

    Returns:
        One row per body: `code`, `name`, `area`, `exists` (years), `members` (voting, on the day), `spells` (voting
        memberships with their days, ever), `others` (organisations and countries without a vote, ever), `matters`,
        `rules` (matters by periods), `weights` (names with the years they are known for), `sources` (instruments),
        `compared with` (the data) and `disagreements` (explained differences from them).
    """
    import pandas as pd

    return pd.DataFrame([_row(body, on) for _, body in sorted(bodies.items())])


def _row(body: Body, on: date) -> dict[str, object]:
    day = on if body.ended is None else min(on, body.ended)
    known = body.known_until is None or day <= body.known_until
    spells = list(body.spells())
    others = {code for block in body.membership if block.status not in VOTING for code in block.countries}
    check = body.check
    return {
        "code": body.code,
        "name": body.name,
        "area": body.area,
        "exists": f"{body.founded.year}-{body.ended.year if body.ended else ''}",
        "members": str(len(body.members(day))) if known else NOT_KNOWN,
        "spells": len(spells),
        "others": len(others) + len(body.participants),
        "matters": len(body.matters),
        "rules": len(body.rules),
        "weights": "; ".join(_weights(body)) or "none",
        "sources": len(body.sources),
        "compared with": "nothing"
        if check is None
        else " ".join(filter(None, (check.source, check.column or check.treaty))),
        "disagreements": len(explained(body.code)) if check else 0,
    }


def _weights(body: Body) -> list[str]:
    """Return the names of weights with the first and last year that they are known for."""
    found = []
    for name in dict.fromkeys(block.name for block in body.weights):
        periods = [block.period for block in body.weights if block.name == name]
        ends = [period.end for period in periods]
        last = "" if None in ends else max(end.year for end in ends if end is not None)
        found.append(f"{name} {min(period.start for period in periods).year}-{last}")
    return found
