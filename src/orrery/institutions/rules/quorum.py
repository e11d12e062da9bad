"""A quorum: enough members present for a decision to be taken at all."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil
from typing import Annotated, Any, ClassVar

import equinox as eqx
import numpy as np
from jaxtyping import Int8
from pydantic import BeforeValidator, PlainSerializer

from orrery.institutions.electorate import Electorate
from orrery.institutions.rules.explanation import number
from orrery.institutions.rules.rule import Counted
from orrery.institutions.rules.text import SingleVoteText, amount_in_words, amount_out, check_reach, parse_amount
from orrery.institutions.tally import Tally, tally

MAJORITY = "majority"
"""The quorum of more than half."""


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


def _parse_quorum(value: object) -> Fraction | str:
    if value == MAJORITY:
        return MAJORITY
    amount = parse_amount(value)
    if Fraction(amount) == 0:
        raise ValueError("0 came; leave the quorum out, or give more than 0")
    return amount


class QuorumText(SingleVoteText):
    """`{ quorum = "1/2" }`, `{ quorum = 8 }` or `{ quorum = "majority" }`: so many members are present.

    Attributes:
        quorum: at least this share of all members, or at least this number; or "majority", more than half.
        by: name of the weights; members count one each where absent.
    """

    word: ClassVar[str] = "quorum"
    quorum: Annotated[Any, BeforeValidator(_parse_quorum), PlainSerializer(amount_out)]
    by: str | None = None

    def bind(self, electorate: Electorate) -> Quorum:
        """Return the rule for these members."""
        self.check(electorate)
        weights, factor = electorate.integer_weights(self.by)
        if self.quorum == MAJORITY:
            needed = sum(weights) // 2 + 1
        else:
            needed = ceil(Fraction(self.quorum) * (sum(weights) if isinstance(self.quorum, str) else factor))
        count = tally((weights, weights, weights, (0,) * len(weights)), needed)
        return Quorum((count,), self.in_words(), factor)

    def check(self, electorate: Electorate) -> None:
        """Refuse a quorum larger than the body."""
        if isinstance(self.quorum, str) or (self.by is not None and self.by not in electorate.weights):
            return
        weights, factor = electorate.integer_weights(self.by)
        check_reach(electorate.place, self.word, self.quorum, Fraction(sum(weights), factor))

    def in_words(self) -> str:
        """Say what the rule requires."""
        weights = f", weighted by `{self.by}`," if self.by else ""
        if self.quorum == MAJORITY:
            return f"a quorum of more than half of all members{weights} present"
        return f"a quorum of at least {amount_in_words(self.quorum, 'members')}{weights} present"
