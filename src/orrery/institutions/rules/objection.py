"""Rules that count those who are not in favour: the blocking minority, and consensus with its exceptions."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Annotated, ClassVar, Literal

import equinox as eqx
import numpy as np
from jaxtyping import Int8
from pydantic import Field

from orrery.base.errors import InstitutionError
from orrery.institutions.electorate import Electorate
from orrery.institutions.rules.explanation import shortened
from orrery.institutions.rules.rule import Counted
from orrery.institutions.rules.text import SingleVoteText
from orrery.institutions.tally import Tally, tally


class Objections(Counted):
    """At most so many members object.

    Attributes:
        tallies: the one count, minus 1 for every objection.
        words: what is required.
        objecting: what to object is, in words.
    """

    tallies: tuple[Tally, ...]
    words: str = eqx.field(static=True)
    objecting: str = eqx.field(static=True)

    def margin(self, votes: Int8[np.ndarray, " member"]) -> Fraction:
        """Return how many more could object."""
        return Fraction(self.tallies[0].surplus(votes))

    def came(self, votes: Int8[np.ndarray, " member"], members: Sequence[str]) -> str:
        """Say who objected."""
        worth = self.tallies[0].exact_worth()
        objectors = [code for place, code in enumerate(members) if worth[int(votes[place])][place] < 0]
        return shortened(objectors, self.objecting)

    def vetoes(self, votes: Int8[np.ndarray, " member"], members: Sequence[str]) -> tuple[str, ...]:
        """Return nobody: whoever objects to a consensus is named in `came`, and may be outvoted by another rule."""
        return ()


class FewerThanText(SingleVoteText):
    """`{ fewer_than = 4, not = "yes" }`: fewer than four members withhold their yes.

    To abstain or to be absent is to withhold it. The blocking minority of the Council of the European Union has this
    form: whatever its population, it must include at least four members.
    """

    word: ClassVar[str] = "fewer_than"
    fewer_than: Annotated[int, Field(ge=1, strict=True)]
    withheld: Annotated[Literal["yes"], Field(alias="not")]

    def bind(self, electorate: Electorate) -> Objections:
        """Return the rule for these members."""
        self.check(electorate)
        minus = (-1,) * len(electorate.members)
        count = tally(((0,) * len(minus), minus, minus, minus), 1 - self.fewer_than)
        return Objections((count,), self.in_words(), "not in favour")

    def check(self, electorate: Electorate) -> None:
        """Refuse a number that the body cannot reach."""
        _check_possible(electorate, self.word, self.fewer_than - 1)

    def in_words(self) -> str:
        """Say what the rule requires."""
        return f"fewer than {self.fewer_than} members not in favour"


class ConsensusText(SingleVoteText):
    """`{ consensus = 0 }`: nobody votes no. `{ consensus = 1 }` is consensus minus one."""

    word: ClassVar[str] = "consensus"
    consensus: Annotated[int, Field(ge=0, strict=True)]

    def bind(self, electorate: Electorate) -> Objections:
        """Return the rule for these members."""
        self.check(electorate)
        nothing = (0,) * len(electorate.members)
        count = tally((nothing, nothing, (-1,) * len(nothing), nothing), -self.consensus)
        return Objections((count,), self.in_words(), "against")

    def check(self, electorate: Electorate) -> None:
        """Refuse a number of objections that the body cannot reach."""
        _check_possible(electorate, self.word, self.consensus)

    def in_words(self) -> str:
        """Say what the rule requires."""
        minus = f" minus {self.consensus}" if self.consensus else ""
        return f"consensus{minus}: at most {self.consensus} against" if minus else "consensus: nobody against"


def _check_possible(electorate: Electorate, word: str, most: int) -> None:
    """Refuse a rule that no vote could fail.

    Raises:
        InstitutionError: as many objections are let pass as there are members.
    """
    if most >= len(electorate.members):
        raise InstitutionError(
            f"{electorate.place}, `{word}`: {most} objections would be let pass among {len(electorate.members)} "
            "members; no motion could fail. Lower the number, or correct the members of this day."
        )
