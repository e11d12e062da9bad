"""A body on one day: its members, the rule of each matter, and votes put to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from orrery.base.errors import InstitutionError
from orrery.institutions.electorate import Electorate
from orrery.institutions.rules.explanation import Explanation
from orrery.institutions.rules.rule import Rule
from orrery.institutions.rules.stages import Stages
from orrery.institutions.votes import Ballot

if TYPE_CHECKING:
    from orrery.institutions.body import Body


@dataclass(frozen=True)
class Sitting:
    """A body as it sits on a day.

    Attributes:
        body: the body.
        day: the day.
        electorate: its voting members, sorted, with their statuses and weights.
    """

    body: Body
    day: date
    electorate: Electorate

    @property
    def members(self) -> tuple[str, ...]:
        """ISO3 codes of the voting members, sorted: the order of every array of votes."""
        return self.electorate.members

    @property
    def matters(self) -> tuple[str, ...]:
        """The matters that there are rules for on this day."""
        return tuple(dict.fromkeys(block.matter for block in self.body.rules if block.period.covers(self.day)))

    def rule(self, matter: str | None = None) -> Rule | Stages:
        """Return the rule for a matter (the default one for None), bound to the members.

        Raises:
            InstitutionError: there is none, or it cannot be bound to the members and weights of this day.
        """
        return self.body.rule_block(matter, self.day).rule.bind(self.electorate)

    def vote(self, ballot: Ballot | Mapping[str, Ballot], matter: str | None = None) -> Explanation:
        """Say whether a motion passes, why, and who could have turned the outcome.

        Args:
            ballot: who did what; for a rule with stages, by the name of the stage.
            matter: what is decided; the default matter for None.

        Raises:
            InstitutionError: a country that is not a member or votes twice, an unknown matter, or a stage that lacks
                its ballot.
        """
        rule = self.rule(matter)
        place = self.body.place(self.day)
        if isinstance(rule, Stages):
            if not isinstance(ballot, Mapping):
                names = ", ".join(stage.name for stage in rule.stages)
                raise InstitutionError(
                    f"{place}, `ballot`: one came, but the matter has the stages {names}; give each."
                )
            cast = {stage.name: stage for stage in rule.stages}
            votes = {name: one.codes(_voters(cast, name, place), f"{place}, {name}") for name, one in ballot.items()}
            return rule.explain(votes)
        if isinstance(ballot, Mapping):
            raise InstitutionError(f"{place}, `ballot`: several came, the matter has no stages. Give one.")
        return rule.explain(ballot.codes(self.members, place), self.members)


def _voters(stages: Mapping, name: str, place: str) -> tuple[str, ...]:
    if name not in stages:
        raise InstitutionError(f"{place}, `ballot`: there is no stage {name!r}; the stages are {', '.join(stages)}.")
    return stages[name].members
