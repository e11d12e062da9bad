"""Rules made of rules: all of them, any of them, or one among some of the members."""

from __future__ import annotations

import operator
from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from typing import Annotated, ClassVar, cast

import equinox as eqx
import numpy as np
from jaxtyping import Bool, Int, Int8
from pydantic import BaseModel, ConfigDict, Field

from orrery.institutions.electorate import Electorate
from orrery.institutions.games import AllOf, AnyOf, TernaryGame, embedded, simplified
from orrery.institutions.rules.explanation import Finding
from orrery.institutions.rules.rule import Rule
from orrery.institutions.rules.text import InnerRule, Selected, SingleVoteText, named
from orrery.institutions.tally import Integers, Outcomes

Parts = Annotated[tuple[InnerRule, ...], Field(min_length=1)]


class Every(Rule):
    """All parts hold: double and triple majorities, a quota with vetoes.

    Attributes:
        parts: rules of the same members.
    """

    parts: tuple[Rule, ...]

    @property
    def n_members(self) -> int:
        """Members whose votes the rule is evaluated on."""
        return self.parts[0].n_members

    def passes(self, votes: Int8[Integers, "*batch member"]) -> Bool[Outcomes, "*batch"]:
        """Tell whether the motion passes."""
        return reduce(operator.and_, [part.passes(votes) for part in self.parts])

    def ternary_game(self) -> TernaryGame:
        """Return the game of yes, abstain and no; see `Rule`."""
        return cast(TernaryGame, simplified(AllOf(tuple(part.ternary_game() for part in self.parts))))

    def find(self, votes: Int8[np.ndarray, " member"], members: Sequence[str]) -> Finding:
        """Say what each part required of one vote and what came."""
        return _joint("all of these", all, [part.find(votes, members) for part in self.parts])


class Either(Rule):
    """At least one part holds.

    Attributes:
        parts: rules of the same members.
    """

    parts: tuple[Rule, ...]

    @property
    def n_members(self) -> int:
        """Members whose votes the rule is evaluated on."""
        return self.parts[0].n_members

    def passes(self, votes: Int8[Integers, "*batch member"]) -> Bool[Outcomes, "*batch"]:
        """Tell whether the motion passes."""
        return reduce(operator.or_, [part.passes(votes) for part in self.parts])

    def ternary_game(self) -> TernaryGame:
        """Return the game of yes, abstain and no; see `Rule`."""
        return cast(TernaryGame, simplified(AnyOf(tuple(part.ternary_game() for part in self.parts))))

    def find(self, votes: Int8[np.ndarray, " member"], members: Sequence[str]) -> Finding:
        """Say what each part required of one vote and what came."""
        return _joint("at least one of these", any, [part.find(votes, members) for part in self.parts])


class Among(Rule):
    """A rule that looks at some of the members only.

    Attributes:
        positions: where these members stand among all.
        rule: what is required of them.
        size: all members.
        words: who they are.
    """

    positions: Int[Integers, " some"]
    rule: Rule
    size: int = eqx.field(static=True)
    words: str = eqx.field(static=True)

    @property
    def n_members(self) -> int:
        """Members whose votes the rule is evaluated on."""
        return self.size

    def passes(self, votes: Int8[Integers, "*batch member"]) -> Bool[Outcomes, "*batch"]:
        """Tell whether the motion passes."""
        return self.rule.passes(votes[..., self.positions])

    def ternary_game(self) -> TernaryGame:
        """Return the game of yes, abstain and no; see `Rule`."""
        places: list[int] = np.asarray(self.positions).tolist()
        return cast(TernaryGame, embedded(self.rule.ternary_game(), places, self.size))

    def find(self, votes: Int8[np.ndarray, " member"], members: Sequence[str]) -> Finding:
        """Say what was required of these members and what came."""
        places: list[int] = np.asarray(self.positions).tolist()
        found = self.rule.find(votes[places], [members[place] for place in places])
        return Finding(self.words, "", found.passed, parts=(found,))


class _JointText(SingleVoteText):
    """What `all` and `any` have in common."""

    @abstractmethod
    def parts(self) -> Iterator[SingleVoteText]:
        """Yield the rules that this one is made of."""

    def check(self, electorate: Electorate) -> None:
        """Refuse what a part refuses."""
        for part in self.parts():
            part.check(electorate)


class AllText(_JointText):
    """`{ all = [ ... ] }`: every part holds."""

    word: ClassVar[str] = "all"
    rules: Annotated[Parts, Field(alias="all")]

    def parts(self) -> Iterator[SingleVoteText]:
        """Yield the rules that this one is made of."""
        return iter(self.rules)

    def bind(self, electorate: Electorate) -> Every:
        """Return the rule for these members."""
        return Every(tuple(part.bind(electorate) for part in self.rules))

    def in_words(self) -> str:
        """Say what the rule requires."""
        return "; and ".join(_bracketed(part) for part in self.rules)


class AnyText(_JointText):
    """`{ any = [ ... ] }`: at least one part holds."""

    word: ClassVar[str] = "any"
    rules: Annotated[Parts, Field(alias="any")]

    def parts(self) -> Iterator[SingleVoteText]:
        """Yield the rules that this one is made of."""
        return iter(self.rules)

    def bind(self, electorate: Electorate) -> Either:
        """Return the rule for these members."""
        return Either(tuple(part.bind(electorate) for part in self.rules))

    def in_words(self) -> str:
        """Say what the rule requires."""
        return "; or ".join(_bracketed(part) for part in self.rules)


class AmongTerms(BaseModel):
    """Some of the members and what is required of them.

    Attributes:
        members: a status, or the countries listed.
        rule: any rule.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    members: Selected
    rule: InnerRule


class AmongText(SingleVoteText):
    """`{ among = { members = "permanent", rule = { unanimity = "all" } } }`: a rule within a part of the body."""

    word: ClassVar[str] = "among"
    among: AmongTerms

    @property
    def countries(self) -> tuple[str, ...]:
        """ISO3 codes that the rule itself lists."""
        return self.among.members if isinstance(self.among.members, tuple) else ()

    def parts(self) -> Iterator[SingleVoteText]:
        """Yield the rules that this one is made of."""
        yield self.among.rule

    def bind(self, electorate: Electorate) -> Among:
        """Return the rule for these members."""
        places = electorate.positions(self.among.members, self.word)
        rule = self.among.rule.bind(electorate.among(places))
        return Among(np.array(places, np.int32), rule, len(electorate.members), f"among {named(self.among.members)}")

    def check(self, electorate: Electorate) -> None:
        """Refuse members that are not there, and what the inner rule refuses."""
        self.among.rule.check(electorate.among(electorate.positions(self.among.members, self.word)))

    def in_words(self) -> str:
        """Say what the rule requires."""
        return f"among {named(self.among.members)}: {self.among.rule.in_words()}"


def _joint(requirement: str, verdict: Callable[[list[bool]], bool], found: list[Finding]) -> Finding:
    return Finding(requirement, "", verdict([part.passed for part in found]), parts=tuple(found))


def _bracketed(rule: SingleVoteText) -> str:
    return f"({rule.in_words()})" if isinstance(rule, _JointText) else rule.in_words()
