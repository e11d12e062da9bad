"""Vetoes: members whose objection defeats a motion whatever the others do."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import ClassVar, Literal

import equinox as eqx
import numpy as np
from jaxtyping import Int8
from pydantic import BaseModel, ConfigDict

from orrery.institutions.electorate import Electorate
from orrery.institutions.rules.rule import Counted
from orrery.institutions.rules.text import Selected, SingleVoteText, named
from orrery.institutions.tally import Tally, tally
from orrery.institutions.votes import NAMES

Effect = Literal["lets pass", "defeats"]


class Veto(Counted):
    """No holder of a veto uses it: none votes no, and none does what else defeats a motion here.

    Attributes:
        tallies: the one count, minus 1 for every veto, at least 0.
        words: what is required.
    """

    tallies: tuple[Tally, ...]
    words: str = eqx.field(static=True)

    def margin(self, votes: Int8[np.ndarray, " member"]) -> Fraction:
        """Return minus the number of vetoes."""
        return Fraction(self.tallies[0].surplus(votes))

    def came(self, votes: Int8[np.ndarray, " member"], members: Sequence[str]) -> str:
        """Say who used a veto, and how."""
        how = dict(zip(members, votes.tolist(), strict=True))
        return ", ".join(f"{code} ({NAMES[how[code]]})" for code in self.vetoes(votes, members)) or "none"

    def vetoes(self, votes: Int8[np.ndarray, " member"], members: Sequence[str]) -> tuple[str, ...]:
        """Return the members that used their veto."""
        worth = self.tallies[0].exact_worth()
        return tuple(
            code
            for place, (code, vote) in enumerate(zip(members, votes.tolist(), strict=True))
            if worth[vote][place] < 0
        )


class VetoTerms(BaseModel):
    """Who has a veto and what counts as one.

    Attributes:
        holders: a status, or the countries listed.
        abstaining: whether the abstention of a holder `"lets pass"` or `"defeats"`.
        absent: the same of its absence.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    holders: Selected
    abstaining: Effect = "lets pass"
    absent: Effect = "lets pass"


class VetoText(SingleVoteText):
    """`{ veto = { holders = "permanent" } }`: no holder votes no."""

    word: ClassVar[str] = "veto"
    veto: VetoTerms

    @property
    def countries(self) -> tuple[str, ...]:
        """ISO3 codes that the rule itself lists."""
        return self.veto.holders if isinstance(self.veto.holders, tuple) else ()

    def bind(self, electorate: Electorate) -> Veto:
        """Return the rule for these members."""
        holders = set(electorate.positions(self.veto.holders, self.word))
        nothing = (0,) * len(electorate.members)
        minus = tuple(-1 if place in holders else 0 for place in range(len(nothing)))
        abstaining, absent = (
            minus if effect == "defeats" else nothing for effect in (self.veto.abstaining, self.veto.absent)
        )
        return Veto((tally((nothing, abstaining, minus, absent), 0),), self.in_words())

    def check(self, electorate: Electorate) -> None:
        """Refuse holders that are not members."""
        electorate.positions(self.veto.holders, self.word)

    def in_words(self) -> str:
        """Say what the rule requires."""
        terms = self.veto
        also = [
            word
            for word, effect in (("abstention", terms.abstaining), ("absence", terms.absent))
            if effect == "defeats"
        ]
        counted = f" ({' or '.join(also)} counts as one)" if also else ""
        return f"no veto by {named(terms.holders)}{counted}"
