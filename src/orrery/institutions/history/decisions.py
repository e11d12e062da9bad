"""Known decisions of bodies, with who voted how and what came of it, replayed through the catalogue.

They stand in `decisions.toml`: the body, the day, the matter, the votes as recorded, the outcome and the source; and,
where the record shows it, who could have turned the outcome.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from orrery.institutions.body import Body
from orrery.institutions.catalogue import load_body
from orrery.institutions.votes import Ballot
from orrery.measure.labelled import Labelled

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


class Decision(BaseModel):
    """A recorded decision.

    Attributes:
        title: what was decided.
        body: code of the body.
        day: day of the vote.
        matter: the matter, as the catalogue names it.
        yes: members that voted yes.
        no: members that voted no.
        abstain: members that abstained.
        absent: members that took no part.
        others: what all other members did.
        passed: the recorded outcome.
        decisive: members of whom the record shows that each could have turned the outcome alone; not all of them.
        source: where it is recorded.
        note: what a reader must know.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(min_length=1)
    body: str
    day: date
    matter: str
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    abstain: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    others: Literal["yes", "abstain", "no", "absent"]
    passed: bool
    decisive: tuple[str, ...] = ()
    source: str = Field(min_length=1)
    note: str | None = None

    @property
    def ballot(self) -> Ballot:
        """Who did what."""
        return Ballot(self.yes, self.no, self.abstain, self.absent, self.others)


@dataclass(frozen=True)
class DecisionReplay(Labelled):
    """Every known decision, replayed.

    Attributes:
        frame: one row per decision: `title`, `body`, `date`, `matter`, `recorded` and `found` (whether it passed),
            `decisive` (members that could have turned the outcome alone), `agrees`: the outcome is the recorded one and
            the members recorded as decisive are.
    """

    frame: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return one row per decision."""
        return self.frame

    def to_xarray(self) -> xr.Dataset:
        """Return the columns along `title`."""
        return self.frame.set_index("title").to_xarray()


@cache
def decisions() -> tuple[Decision, ...]:
    """Return the known decisions, in the order of their days."""
    text = resources.files("orrery.institutions.history").joinpath("decisions.toml").read_text("utf-8")
    found = [Decision.model_validate(table) for table in tomllib.loads(text)["decision"]]
    return tuple(sorted(found, key=lambda decision: decision.day))


def replay_decisions(
    known: tuple[Decision, ...] | None = None, body: Callable[[str], Body] = load_body
) -> DecisionReplay:
    """Put decisions to the rules of their bodies on their days.

    Args:
        known: the decisions; those of the project for None.
        body: how to find a body by its code.

    Raises:
        InstitutionError: a body, matter or member is not in the catalogue on that day.
    """
    import pandas as pd

    rows = []
    for decision in decisions() if known is None else known:
        said = body(decision.body).on(decision.day).vote(decision.ballot, decision.matter)
        turned = tuple(turn.member for turn in said.decisive)
        rows.append(
            {
                "title": decision.title,
                "body": decision.body,
                "date": pd.Timestamp(decision.day),
                "matter": decision.matter,
                "recorded": decision.passed,
                "found": said.passed,
                "decisive": ", ".join(turned),
                "agrees": said.passed == decision.passed and set(decision.decisive) <= set(turned),
            }
        )
    return DecisionReplay(pd.DataFrame(rows))
