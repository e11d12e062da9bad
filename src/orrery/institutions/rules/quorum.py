"""A quorum: enough members present for a decision to be taken at all."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil
from typing import ClassVar

import equinox as eqx
import numpy as np
from jaxtyping import Int8
from pydantic import field_validator

from orrery.institutions.electorate import Electorate
from orrery.institutions.rules.explanation import number
from orrery.institutions.rules.rule import Counted
from orrery.institutions.rules.text import Amount, SingleVoteText, amount_in_words, check_reach, share_of
from orrery.institutions.tally import Tally, tally


class Quorum(Counted):
    """At least so many members, or so much weight, present: all that are not absent.

    Attributes:
        tallies: the one count.
        words: what is required.
        factor: what the weights were multiplied by to be integers.
    """

    tallies: tuple[Tally, ...]
    words: str = eqx.field(static=True)
    factor: int = eqx.field(static=True)

    def margin(self, votes: Int8[np.ndarray, " member"]) -> Fraction:
        """Return what is present beyond the quorum."""
        return Fraction(self.tallies[0].surplus(votes), self.factor)

    def came(self, votes: Int8[np.ndarray, " member"], members: Sequence[str]) -> str:
        """Say what was present."""
        count = self.tallies[0]
        needed = count.exact_required()
        present, quorum = (number(Fraction(n, self.factor)) for n in (count.surplus(votes) + needed, needed))
        return f"{present} present, {quorum} needed"

    def vetoes(self, votes: Int8[np.ndarray, " member"], members: Sequence[str]) -> tuple[str, ...]:
        """Return nobody: to stay away is no veto."""
        return ()


class QuorumText(SingleVoteText):
    """`{ quorum = "1/2" }` or `{ quorum = 8 }`: at least this share, or number, of the members is present.

    Attributes:
        quorum: a share of all members, or a number.
        by: name of the weights; members count one each where absent.
    """

    word: ClassVar[str] = "quorum"
    quorum: Amount
    by: str | None = None

    @field_validator("quorum")
    @classmethod
    def _positive(cls, value: Fraction | str) -> Fraction | str:
        if Fraction(value) == 0:
            raise ValueError("0 came; leave the quorum out, or give more than 0")
        return value

    def bind(self, electorate: Electorate) -> Quorum:
        """Return the rule for these members."""
        self.check(electorate)
        weights, factor = electorate.integer_weights(self.by)
        share = share_of(self.quorum)
        needed = Fraction(self.quorum) * (factor if share is None else sum(weights))
        count = tally((weights, weights, weights, (0,) * len(weights)), ceil(needed))
        return Quorum((count,), self.in_words(), factor)

    def check(self, electorate: Electorate) -> None:
        """Refuse a quorum larger than the body."""
        if isinstance(self.quorum, str) or (self.by is not None and self.by not in electorate.weights):
            return
        weights, factor = electorate.integer_weights(self.by)
        check_reach(electorate.place, self.word, self.quorum, Fraction(sum(weights), factor))

    def in_words(self) -> str:
        """Say what the rule requires."""
        amount = amount_in_words(self.quorum, "members")
        weights = f", weighted by `{self.by}`," if self.by else ""
        return f"a quorum of at least {amount}{weights} present"
