"""Decisions that bind only those who do not refuse them: standards, pledges, protocols."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

import numpy as np
from jaxtyping import Bool, Int8
from pydantic import BaseModel, ConfigDict

from orrery.institutions.electorate import Electorate
from orrery.institutions.games import TernaryGame
from orrery.institutions.rules.explanation import Finding
from orrery.institutions.rules.rule import Rule
from orrery.institutions.rules.text import InnerRule, SingleVoteText
from orrery.institutions.tally import Integers, Outcomes, namespace
from orrery.institutions.votes import NO


class OptingOut(Rule):
    """Decided by another rule; members that vote no are not bound.

    Attributes:
        rule: what decides.
    """

    rule: Rule

    @property
    def n_members(self) -> int:
        """Members whose votes the rule is evaluated on."""
        return self.rule.n_members

    def passes(self, votes: Int8[Integers, "*batch member"]) -> Bool[Outcomes, "*batch"]:
        """Tell whether the decision is taken; see `binds` for whom it binds."""
        return self.rule.passes(votes)

    def binds(self, votes: Int8[Integers, "*batch member"]) -> Bool[Outcomes, "*batch member"]:
        """Tell whom the decision binds: those that did not vote no, if it is taken."""
        return namespace(votes).asarray(self.passes(votes))[..., None] & (votes != NO)

    def ternary_game(self) -> TernaryGame:
        """Return the game of yes, abstain and no that decides; see `Rule`."""
        return self.rule.ternary_game()

    def find(self, votes: Int8[np.ndarray, " member"], members: Sequence[str]) -> Finding:
        """Say what was required of one vote, what came, and whom it binds."""
        found = self.rule.find(votes, members)
        bound = tuple(
            code for code, binds in zip(members, np.asarray(self.binds(votes)).tolist(), strict=True) if binds
        )
        return Finding("binds those not against it, if", "", found.passed, parts=(found,), bound=bound)


class OptingOutTerms(BaseModel):
    """What decides.

    Attributes:
        rule: any rule.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    rule: InnerRule


class OptingOutText(SingleVoteText):
    """`{ opting_out = { rule = ... } }`: the inner rule decides, and binds only those who do not vote no."""

    word: ClassVar[str] = "opting_out"
    only_in: ClassVar[tuple[str, ...] | None] = ("stages",)
    opting_out: OptingOutTerms

    def parts(self) -> Iterator[SingleVoteText]:
        """Yield the rules that this one is made of."""
        yield self.opting_out.rule

    def bind(self, electorate: Electorate) -> OptingOut:
        """Return the rule for these members."""
        return OptingOut(self.opting_out.rule.bind(electorate))

    def check(self, electorate: Electorate) -> None:
        """Refuse what the inner rule refuses."""
        self.opting_out.rule.check(electorate)

    def in_words(self) -> str:
        """Say what the rule requires."""
        return f"binding those not against it, if: {self.opting_out.rule.in_words()}"
