"""What every rule can do: say whether votes pass, explain why, and show itself as a simple game."""

from __future__ import annotations

import operator
from abc import abstractmethod
from collections.abc import Sequence
from fractions import Fraction
from functools import reduce
from typing import cast

import equinox as eqx
import numpy as np
from jaxtyping import Bool, Int8

from orrery.institutions.games import AllOf, Game, TernaryGame, TernaryThreshold, binary, simplified
from orrery.institutions.rules.explanation import Explanation, Finding, Turn
from orrery.institutions.tally import Integers, Outcomes, Tally
from orrery.institutions.votes import CHOICES, NAMES, check_votes


class Rule(eqx.Module):
    """A decision rule of known members.

    Rules are evaluated on `votes`: codes of `votes.CHOICES`, one for each member on the last axis. They may be
    compiled (`eqx.filter_jit(rule.passes)`) and mapped (`jax.vmap`); all arithmetic is exact.
    """

    @property
    @abstractmethod
    def n_members(self) -> int:
        """Members whose votes the rule is evaluated on."""

    @abstractmethod
    def passes(self, votes: Int8[Integers, "*batch member"]) -> Bool[Outcomes, "*batch"]:
        """Tell whether the motion passes."""

    @abstractmethod
    def ternary_game(self) -> TernaryGame:
        """Return the game of yes, abstain and no among members that are all present.

        Absence is a fourth choice that a ternary game does not have: a quorum is met, a share of those present is a
        share of all members.
        """

    @abstractmethod
    def find(self, votes: Int8[np.ndarray, " member"], members: Sequence[str]) -> Finding:
        """Say what the rule required of one vote and what came."""

    def game(self) -> Game:
        """Return the game of yes and no among members that are all present and vote."""
        return cast(Game, simplified(binary(self.ternary_game())))

    def explain(self, votes: Int8[np.ndarray, " member"], members: Sequence[str]) -> Explanation:
        """Say why one vote passed or failed and who could have turned it alone.

        Args:
            votes: codes, one for each member.
            members: their names, in the same order.

        Raises:
            InstitutionError: as many votes or names did not come as there are members, or a code is unknown.
        """
        check_votes(votes, members, self.n_members)
        return Explanation(bool(self.passes(votes)), self.find(votes, members), turns(self, votes, members))


class Counted(Rule):
    """A rule that is one exact count, or several that must all hold."""

    tallies: eqx.AbstractVar[tuple[Tally, ...]]
    words: eqx.AbstractVar[str]

    @property
    def n_members(self) -> int:
        """Members whose votes the rule is evaluated on."""
        return self.tallies[0].n_members

    def passes(self, votes: Int8[Integers, "*batch member"]) -> Bool[Outcomes, "*batch"]:
        """Tell whether the motion passes."""
        return reduce(operator.and_, [tally.holds(votes) for tally in self.tallies])

    def ternary_game(self) -> TernaryGame:
        """Return the game of yes, abstain and no; see `Rule`."""
        parts = tuple(_threshold(tally) for tally in self.tallies)
        return cast(TernaryGame, simplified(AllOf(parts)))

    @abstractmethod
    def margin(self, votes: Int8[np.ndarray, " member"]) -> Fraction:
        """Return how much more came than the least that passes, in the rule's unit; negative where it failed."""

    @abstractmethod
    def came(self, votes: Int8[np.ndarray, " member"], members: Sequence[str]) -> str:
        """Say what the votes gave."""

    @abstractmethod
    def vetoes(self, votes: Int8[np.ndarray, " member"], members: Sequence[str]) -> tuple[str, ...]:
        """Return the members whose veto defeated the motion."""

    def find(self, votes: Int8[np.ndarray, " member"], members: Sequence[str]) -> Finding:
        """Say what the rule required of one vote and what came."""
        margin = self.margin(votes)
        return Finding(self.words, self.came(votes, members), margin >= 0, margin, vetoes=self.vetoes(votes, members))


def turns(rule: Rule, votes: Int8[np.ndarray, " member"], members: Sequence[str]) -> tuple[Turn, ...]:
    """Return every member whose change of its own vote alone would turn the outcome, and to what."""
    codes = np.array(list(CHOICES.values()), np.int8)
    changed = np.broadcast_to(votes, (len(votes), len(codes), len(votes))).copy()
    each = np.arange(len(votes))
    changed[each, :, each] = codes
    turned = np.asarray(rule.passes(changed)) != bool(rule.passes(votes))
    return tuple(
        Turn(members[place], NAMES[int(votes[place])], tuple(NAMES[int(code)] for code in codes[turned[place]]))
        for place in np.flatnonzero(turned.any(1)).tolist()
    )


def _threshold(tally: Tally) -> TernaryThreshold:
    """Return a count among members that are all present, abstention counted as the zero of its scale."""
    yes, abstain, no, _ = tally.exact_worth()
    gains = tuple(high - middle for high, middle in zip(yes, abstain, strict=True))
    losses = tuple(middle - low for middle, low in zip(abstain, no, strict=True))
    return TernaryThreshold(gains, losses, tally.exact_required() - sum(abstain))
