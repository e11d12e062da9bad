"""Unanimity: of all members, or of those present."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import ClassVar, Literal

import equinox as eqx
import numpy as np
from jaxtyping import Int8

from orrery.institutions.electorate import Electorate
from orrery.institutions.rules.explanation import shortened
from orrery.institutions.rules.rule import Counted
from orrery.institutions.rules.text import SingleVoteText
from orrery.institutions.tally import Tally, tally
from orrery.institutions.votes import NAMES


class Unanimity(Counted):
    """Every member, or every one present and at least one, votes yes.

    Attributes:
        tallies: the counts: minus 1 for every member that should have voted yes and did not, at least 0; of those
            present also the yes votes, at least 1.
        words: what is required.
    """

    tallies: tuple[Tally, ...]
    words: str = eqx.field(static=True)

    def margin(self, votes: Int8[np.ndarray, " member"]) -> Fraction:
        """Return minus the number of yes votes that are lacking."""
        return Fraction(min(count.surplus(votes) for count in self.tallies))

    def came(self, votes: Int8[np.ndarray, " member"], members: Sequence[str]) -> str:
        """Say who was not in favour."""
        worth = self.tallies[0].exact_worth()
        lacking = [
            f"{code} ({NAMES[vote]})"
            for place, (code, vote) in enumerate(zip(members, votes.tolist(), strict=True))
            if worth[vote][place] < 0
        ]
        if lacking:
            return shortened(lacking, "not in favour")
        return "nobody present" if self.margin(votes) < 0 else "none lacking"

    def vetoes(self, votes: Int8[np.ndarray, " member"], members: Sequence[str]) -> tuple[str, ...]:
        """Return nobody; those not in favour are named in `came`."""
        return ()


class UnanimityText(SingleVoteText):
    """`{ unanimity = "all" }` or `{ unanimity = "present" }`: every member, or every one present, votes yes."""

    word: ClassVar[str] = "unanimity"
    unanimity: Literal["all", "present"]

    def bind(self, electorate: Electorate) -> Unanimity:
        """Return the rule for these members."""
        n_members = len(electorate.members)
        nothing, minus, one = (0,) * n_members, (-1,) * n_members, (1,) * n_members
        if self.unanimity == "all":
            return Unanimity((tally((nothing, minus, minus, minus), 0),), self.in_words())
        present = tally((nothing, minus, minus, nothing), 0), tally((one, nothing, nothing, nothing), 1)
        return Unanimity(present, self.in_words())

    def check(self, electorate: Electorate) -> None:
        """Refuse nothing: any body can be unanimous."""

    def in_words(self) -> str:
        """Say what the rule requires."""
        return "all members in favour" if self.unanimity == "all" else "all members present in favour, at least one"
