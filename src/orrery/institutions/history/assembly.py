"""Roll calls of the General Assembly replayed through its rule.

The record says which roll calls became resolutions only where the symbol is a resolution's: the United Nations' own
records of late years (`A/RES/...`), all of which are adopted texts. Earlier records number motions of every kind,
adopted or not, in one style (`R/...`), and mark amendments and votes on paragraphs; their outcome is what the rule
says.
Some of the earliest are dated before the Assembly first met, the day being unknown: they are put to its first sitting.

The records do not tell a member that was away from one that was present and did not vote, and the quorum of rule 67 is
taken as met unless a member calls for a count. Members without a recorded vote are therefore put as present, not
voting.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from orrery.institutions.body import Body
from orrery.institutions.periods import change_days
from orrery.institutions.rules.rule import Rule
from orrery.institutions.sitting import Sitting
from orrery.institutions.votes import ABSENT, ABSTAIN, CHOICES
from orrery.measure.labelled import Labelled

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

ADOPTED = "A/RES/"
"""What the symbol of a text begins with that is recorded as adopted."""
MATTERS = {"passed": "decision", "passed_as_important": "important question"}
"""Under which rules every roll call is put, by the column that says how it ended."""


@dataclass(frozen=True)
class AssemblyReplay(Labelled):
    """Every roll call, replayed.

    Attributes:
        frame: one row per roll call: `rcid`, `date`, `symbol`, `flag` (amendment, paragraph or none), `yes`, `abstain`,
            `no`, `seats`, `strangers` (votes of countries that the catalogue does not seat on that day, which do not
            count), `adopted` (recorded as a resolution), `passed` and `passed_as_important` by the rules of ordinary
            and of important questions.
    """

    frame: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return one row per roll call."""
        return self.frame

    def to_xarray(self) -> xr.Dataset:
        """Return the columns along `rcid`."""
        return self.frame.set_index("rcid").to_xarray()

    @property
    def disagreements(self) -> pd.DataFrame:
        """Recorded resolutions that the rule of ordinary questions would have defeated."""
        return self.frame[self.frame["adopted"] & ~self.frame["passed"]]


def replay_assembly(body: Body, roll_calls: pd.DataFrame, votes: pd.DataFrame) -> AssemblyReplay:
    """Put every recorded roll call to the rules of the Assembly on its day.

    Args:
        body: the General Assembly.
        roll_calls: the store's table of that name.
        votes: the store's table of that name.

    Raises:
        InstitutionError: the body did not exist on the day of a roll call, or lacks a rule.
    """
    import pandas as pd

    calls = roll_calls.sort_values(["date", "rcid"]).reset_index(drop=True)
    cast = votes[votes["vote"].isin(list(CHOICES))]
    cast = cast.assign(
        call=pd.Index(calls["rcid"]).get_indexer(pd.Index(cast["rcid"])),
        code=cast["vote"].astype(str).map(CHOICES).astype(np.int8),
    )
    rows = []
    for sitting, called in _sittings(body, calls):
        rows.append(_of_sitting(sitting, called, cast[cast["call"].between(called.index[0], called.index[-1])]))
    return AssemblyReplay(pd.concat(rows, ignore_index=True))


def _rule(sitting: Sitting, matter: str) -> Rule:
    rule = sitting.rule(matter)
    assert isinstance(rule, Rule), f"{matter} is decided in one vote"
    return rule


def _sittings(body: Body, calls: pd.DataFrame) -> Iterator[tuple[Sitting, pd.DataFrame]]:
    """Yield stretches of roll calls, in the order of their days, each with the body as it sat all through it."""
    changes = change_days([*(period for _, _, period in body.spells()), *(block.period for block in body.rules)])
    stretch = np.searchsorted(np.array(changes, "datetime64[D]"), calls["date"].to_numpy("datetime64[D]"), "right")
    for _, part in calls.groupby(stretch):
        yield body.on(max(part["date"].iloc[0].date(), body.founded)), part


def _of_sitting(sitting: Sitting, calls: pd.DataFrame, cast: pd.DataFrame) -> pd.DataFrame:
    """Return the replay of the roll calls of one stretch."""
    import pandas as pd

    seats = {country: place for place, country in enumerate(sitting.members)}
    place = cast["iso3"].map(seats)
    seated = cast[place.notna()]
    ballots = np.full((len(calls), len(seats)), ABSENT, np.int8)
    ballots[seated["call"] - calls.index[0], place.dropna().astype(int)] = seated["code"]
    present = np.where(ballots == ABSENT, np.int8(ABSTAIN), ballots)
    strangers = np.bincount(cast["call"][place.isna()] - calls.index[0], minlength=len(calls))
    flag = np.select(
        [calls["paragraph"].fillna(False), calls["amendment"].fillna(False)], ["paragraph", "amendment"], ""
    )
    symbols = calls["symbol"].fillna("").astype(str)
    return pd.DataFrame(
        {
            "rcid": calls["rcid"].to_numpy(),
            "date": calls["date"].to_numpy(),
            "symbol": symbols.to_numpy(),
            "flag": flag,
            **{name: (ballots == CHOICES[name]).sum(1) for name in ("yes", "abstain", "no")},
            "seats": len(seats),
            "strangers": strangers,
            "adopted": symbols.str.startswith(ADOPTED).to_numpy(),
            **{column: np.asarray(_rule(sitting, matter).passes(present)) for column, matter in MATTERS.items()},
        }
    )
