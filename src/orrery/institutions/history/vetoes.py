"""The recorded vetoes of the Security Council replayed through its rule.

The compilation names the members that cast a veto and no other vote. A draft is replayed with them against it and all
other members for it: it must fail by exactly those vetoes, and pass if they abstain, since a veto decides only what
would have passed otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from orrery.institutions.body import Body
from orrery.institutions.votes import Ballot
from orrery.measure.labelled import Labelled

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

MATTER = "substantive"


@dataclass(frozen=True)
class VetoReplay(Labelled):
    """Every vetoed draft, replayed.

    Attributes:
        frame: one row per draft: `veto` (its number), `date`, `draft`, `recorded` (members that vetoed it, joined by
            commas), `failed`, `found` (members whose veto the rule names), `passes_if_they_abstain`, and `agrees`:
            it failed, by the vetoes of those recorded, and would have passed had they abstained.
    """

    frame: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return one row per draft."""
        return self.frame

    def to_xarray(self) -> xr.Dataset:
        """Return the columns along `veto`."""
        return self.frame.set_index("veto").to_xarray()


def replay_vetoes(body: Body, vetoes: pd.DataFrame) -> VetoReplay:
    """Put every vetoed draft to the rule of the Council on its day.

    Args:
        body: the Security Council.
        vetoes: the store's table of that name.

    Raises:
        InstitutionError: a recorded member did not sit in the Council on the day.
    """
    import pandas as pd

    rows = []
    for number, draft in vetoes.groupby("veto", sort=True):
        holders = tuple(sorted(draft["iso3"].astype(str)))
        first = draft.iloc[0]
        rows.append(
            {
                "veto": number,
                "date": first["date"],
                "draft": str(first["draft"]),
                **_replay(body, first["date"].date(), holders),
            }
        )
    return VetoReplay(pd.DataFrame(rows))


def _replay(body: Body, day: date, holders: tuple[str, ...]) -> dict[str, object]:
    sitting = body.on(day)
    against = sitting.vote(Ballot(no=holders, others="yes"), MATTER)
    aside = sitting.vote(Ballot(abstain=holders, others="yes"), MATTER)
    found = tuple(sorted({name for _, finding in against.finding.walk() for name in finding.vetoes}))
    return {
        "recorded": ", ".join(holders),
        "failed": not against.passed,
        "found": ", ".join(found),
        "passes_if_they_abstain": aside.passed,
        "agrees": not against.passed and found == holders and aside.passed,
    }
