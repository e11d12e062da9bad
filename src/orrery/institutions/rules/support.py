"""Enough votes in favour: by count, by weight, or as a share of all members, of those present or of those voting."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor
from typing import ClassVar

import equinox as eqx
import numpy as np
from jaxtyping import Int8
from pydantic import model_validator

from orrery.institutions.electorate import Electorate
from orrery.institutions.rules.explanation import number
from orrery.institutions.rules.rule import Counted
from orrery.institutions.rules.text import BASES, Amount, Basis, SingleVoteText, amount_in_words, check_reach
from orrery.institutions.tally import Tally, tally
from orrery.institutions.votes import ABSENT, NO, YES


class Support(Counted):
    """At least, or more than, so much in favour.

    With weights `w`, the yes votes `Y = sum of w over yes` and the base `B` that a share `s` is of,

        at least s:   Y >= s B  and, where B depends on the votes, Y > 0
        more than s:  Y > s B

    so that a share of nobody is never reached.

    Attributes:
        tallies: the counts; the last one counts the yes votes alone.
        words: what is required.
        amount: a number of votes, or a share.
        basis: what the share is of; None for a number.
        factor: what the weights were multiplied by to be integers.
        strict: more than, rather than at least.
    """

    tallies: tuple[Tally, ...]
    words: str = eqx.field(static=True)
    amount: Fraction = eqx.field(static=True)
    basis: str | None = eqx.field(static=True)
    factor: int = eqx.field(static=True)
    strict: bool = eqx.field(static=True)

    def margin(self, votes: Int8[np.ndarray, " member"]) -> Fraction:
        """Return the yes votes beyond the fewest that pass on this base."""
        return Fraction(self._yes(votes) - self._fewest(votes), self.factor)

    def came(self, votes: Int8[np.ndarray, " member"], members: Sequence[str]) -> str:
        """Say what the votes gave."""
        yes, fewest = (number(Fraction(n, self.factor)) for n in (self._yes(votes), self._fewest(votes)))
        base = f" of {number(Fraction(self._base(votes), self.factor))}" if self.basis else ""
        return f"{yes} in favour{base}, {fewest} needed"

    def vetoes(self, votes: Int8[np.ndarray, " member"], members: Sequence[str]) -> tuple[str, ...]:
        """Return nobody: to lack support is no veto."""
        return ()

    def _weights(self) -> np.ndarray:
        return np.array(self.tallies[-1].exact_worth()[0], dtype=object)

    def _yes(self, votes: np.ndarray) -> int:
        return int(self._weights()[votes == YES].sum())

    def _base(self, votes: np.ndarray) -> int:
        counted = {
            "members": np.ones(len(votes), bool),
            "present": votes != ABSENT,
            "voting": (votes == YES) | (votes == NO),
        }[self.basis or "members"]
        return int(self._weights()[counted].sum())

    def _fewest(self, votes: np.ndarray) -> int:
        exact = self.amount * (self._base(votes) if self.basis else self.factor)
        return _fewest_integer(exact, self.strict, some=self.basis in ("present", "voting"))


def _fewest_integer(exact: Fraction, strict: bool, *, some: bool) -> int:
    """Return the smallest integer that is at least, or more than, an exact amount; 1 or more if there must be some."""
    fewest = floor(exact) + 1 if strict else ceil(exact)
    return max(fewest, 1) if some else fewest


class _SupportText(SingleVoteText):
    """What `yes` and `more_than` have in common.

    Attributes:
        of: what a share is of; a number of votes takes none.
        by: name of the weights; one vote each where absent.
    """

    of: Basis | None = None
    by: str | None = None

    @property
    def amount(self) -> Fraction | str:
        """The number or share."""
        return getattr(self, self.word)

    @property
    def strict(self) -> bool:
        """More than, rather than at least."""
        return self.word == MoreThanText.word

    @model_validator(mode="after")
    def _consistent(self) -> _SupportText:
        is_share = isinstance(self.amount, str)
        if is_share and self.of is None:
            raise ValueError(f"the share {self.amount!r} needs `of`: {', '.join(BASES)}")
        if not is_share and self.of is not None:
            raise ValueError(f"the number {self.amount} takes no `of`; shares are written as text")
        if not self.strict and Fraction(self.amount) == 0:
            raise ValueError("0 came; every motion would pass. Give more than 0")
        if self.strict and is_share and Fraction(self.amount) == 1:
            raise ValueError("more than all came; no motion could pass. Give a share below 1")
        return self

    def bind(self, electorate: Electorate) -> Support:
        """Return the rule for these members."""
        self.check(electorate)
        weights, factor = electorate.integer_weights(self.by)
        exact, total = Fraction(self.amount), sum(weights)
        nothing = (0,) * len(weights)
        if self.of in ("present", "voting"):
            worth = _share_worth(weights, exact, counts_abstention=self.of == "present")
            share = tally(worth, 1 if self.strict else 0)
            tallies = (share, tally((weights, nothing, nothing, nothing), 1))
        else:
            fewest = _fewest_integer(exact * (total if self.of else factor), self.strict, some=False)
            tallies = (tally((weights, nothing, nothing, nothing), fewest),)
        return Support(tallies, self.in_words(), exact, self.of, factor, self.strict)

    def check(self, electorate: Electorate) -> None:
        """Refuse a number that all votes together do not reach."""
        if isinstance(self.amount, str) or (self.by is not None and self.by not in electorate.weights):
            return
        weights, factor = electorate.integer_weights(self.by)
        needed = Fraction(_fewest_integer(self.amount * factor, self.strict, some=False), factor)
        check_reach(electorate.place, self.word, needed, Fraction(sum(weights), factor))

    def in_words(self) -> str:
        """Say what the rule requires."""
        amount = amount_in_words(self.amount, self.of or "members")
        weights = f", weighted by `{self.by}`," if self.by else ""
        return f"{'more than' if self.strict else 'at least'} {amount}{weights} in favour"


class YesText(_SupportText):
    """`{ yes = 9 }`, or `{ yes = "2/3", of = "voting", by = "votes" }`: at least so much in favour."""

    word: ClassVar[str] = "yes"
    yes: Amount


class MoreThanText(_SupportText):
    """`{ more_than = "1/2", of = "voting" }`: more than so much in favour."""

    word: ClassVar[str] = "more_than"
    more_than: Amount


def _share_worth(weights: tuple[int, ...], share: Fraction, *, counts_abstention: bool) -> tuple[tuple[int, ...], ...]:
    """Return the worth of each choice such that `den Y - num B` is the sum."""
    num, den = share.numerator, share.denominator
    against = tuple(-num * weight for weight in weights)
    nothing = (0,) * len(weights)
    favour = tuple((den - num) * weight for weight in weights)
    return favour, against if counts_abstention else nothing, against, nothing
