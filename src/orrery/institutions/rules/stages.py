"""Decisions in stages, each with votes of its own: adoption and then ratification."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import Annotated, ClassVar, cast

import equinox as eqx
import numpy as np
from jaxtyping import Bool, Int8
from pydantic import BaseModel, ConfigDict, Field, field_validator

from orrery.base.errors import InstitutionError
from orrery.institutions.electorate import Electorate
from orrery.institutions.games import AllOf, Game, TernaryGame, binary, embedded, simplified
from orrery.institutions.rules.explanation import Explanation, Finding
from orrery.institutions.rules.rule import Rule
from orrery.institutions.rules.text import InnerRule, RuleText, SingleVoteText
from orrery.institutions.tally import Integers, Outcomes
from orrery.institutions.votes import check_votes

StageVotes = Mapping[str, Int8[Integers, "*batch _"]] | Sequence[Int8[Integers, "*batch _"]]
"""Votes of every stage: by its name, or in the order of the stages."""


class Stage(eqx.Module):
    """One stage of a decision.

    Attributes:
        name: such as "ratification".
        members: ISO3 codes of those that vote in it.
        rule: what is required.
    """

    name: str = eqx.field(static=True)
    members: tuple[str, ...] = eqx.field(static=True)
    rule: Rule


class Stages(eqx.Module):
    """A decision that must pass every stage. It has the methods of a `Rule`, with votes for each stage."""

    stages: tuple[Stage, ...]

    @property
    def members(self) -> tuple[str, ...]:
        """Everyone that votes in some stage, by code."""
        return tuple(sorted({code for stage in self.stages for code in stage.members}))

    def passes(self, votes: StageVotes) -> Bool[Outcomes, "*batch"]:
        """Tell whether the motion passes every stage.

        Raises:
            InstitutionError: votes of a stage are missing, or of one that is not there.
        """
        ballots = self._in_order(votes)
        outcomes = [stage.rule.passes(one) for stage, one in zip(self.stages, ballots, strict=True)]
        return reduce(operator.and_, outcomes)

    def ternary_game(self) -> TernaryGame:
        """Return the game of yes, abstain and no in which each of `members` does the same in all its stages."""
        everyone = self.members
        parts = []
        for stage in self.stages:
            places = [everyone.index(code) for code in stage.members]
            parts.append(embedded(stage.rule.ternary_game(), places, len(everyone)))
        return cast(TernaryGame, simplified(AllOf(tuple(parts))))

    def game(self) -> Game:
        """Return the game of yes and no in which each of `members` does the same in all its stages."""
        return cast(Game, simplified(binary(self.ternary_game())))

    def explain(self, votes: StageVotes) -> Explanation:
        """Say why the votes passed or failed, stage by stage, and who could have turned the outcome alone.

        Raises:
            InstitutionError: votes of a stage are missing, too many or too few, or hold an unknown code.
        """
        found, turns = [], []
        for stage, ballots in zip(self.stages, self._in_order(votes), strict=True):
            check_votes(np.asarray(ballots), stage.members, stage.rule.n_members)
            explained = stage.rule.explain(np.asarray(ballots), stage.members)
            found.append(Finding(f"{stage.name}", "", explained.passed, parts=(explained.finding,)))
            turns.append([replace(turn, stage=stage.name) for turn in explained.decisive])
        failed = [place for place, part in enumerate(found) if not part.passed]
        # A stage turns the outcome only if no other one fails.
        decisive = [turn for place, some in enumerate(turns) if set(failed) <= {place} for turn in some]
        passed = not failed
        return Explanation(passed, Finding("all stages", "", passed, parts=tuple(found)), tuple(decisive))

    def _in_order(self, votes: StageVotes) -> list[Integers]:
        names = [stage.name for stage in self.stages]
        if isinstance(votes, Mapping):
            if set(votes) != set(names):
                raise InstitutionError(
                    f"`votes`: the stages {', '.join(map(repr, votes)) or 'none'} came; give the votes of each of "
                    f"{', '.join(map(repr, names))}."
                )
            return [votes[name] for name in names]
        if len(votes) != len(names):
            raise InstitutionError(
                f"`votes`: {len(votes)} sets came; there are {len(names)} stages: {', '.join(names)}."
            )
        return list(votes)


class StageTerms(BaseModel):
    """One stage as written.

    Attributes:
        name: such as "ratification".
        body: the body whose voting members decide; the one that the rule belongs to where absent.
        rule: any rule.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: Annotated[str, Field(min_length=1)]
    body: str | None = None
    rule: InnerRule


class StagesText(RuleText):
    """`{ stages = [ { name = "adoption", rule = ... }, { name = "ratification", rule = ... } ] }`."""

    word: ClassVar[str] = "stages"
    stages: Annotated[tuple[StageTerms, ...], Field(min_length=2)]

    @field_validator("stages")
    @classmethod
    def _own_names(cls, stages: tuple[StageTerms, ...]) -> tuple[StageTerms, ...]:
        names = [stage.name for stage in stages]
        if len(set(names)) < len(names):
            raise ValueError(f"two stages have one name: {', '.join(names)}; give each its own")
        return stages

    def parts(self) -> Iterator[SingleVoteText]:
        """Yield the rules of the stages."""
        return (stage.rule for stage in self.stages)

    def bind(self, electorate: Electorate) -> Stages:
        """Return the rule for these members."""
        bound = []
        for stage in self.stages:
            voters = electorate.of_body(stage.body)
            bound.append(Stage(stage.name, voters.members, stage.rule.bind(voters)))
        return Stages(tuple(bound))

    def check(self, electorate: Electorate) -> None:
        """Refuse what a stage refuses; stages of other bodies are checked where those are known."""
        for stage in self.stages:
            if stage.body is None or electorate.elsewhere is not None:
                stage.rule.check(electorate.of_body(stage.body))

    def in_words(self) -> str:
        """Say what the rule requires."""
        return "; then ".join(
            f"{stage.name}{f' by {stage.body}' if stage.body else ''}: {stage.rule.in_words()}" for stage in self.stages
        )
