"""Random simple games, and what they decide, worked out in plain Python over every vote that there can be."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product

from hypothesis import strategies as st

from orrery.institutions.games import AllOf, AnyGame, AnyOf, TernaryThreshold, Threshold, n_members

YES, ABSTAIN, NO = 1, 0, -1


@dataclass(frozen=True)
class Tree:
    """A game as plain tuples: it is built outside the strategies, where checks of types may draw random numbers.

    Attributes:
        size: members.
        parts: ("all" or "any", parts ...), or ("threshold", weights, quota), or ("ternary", yes, no, quota).
    """

    size: int
    parts: tuple

    @cached_property
    def game(self) -> AnyGame:
        return _built(self.parts)


KINDS = {"threshold": Threshold, "ternary": TernaryThreshold}


def _built(parts: tuple) -> AnyGame:
    word, *held = parts
    if word in KINDS:
        return KINDS[word](*held)
    return {"all": AllOf, "any": AnyOf}[word](tuple(_built(part) for part in held))


@st.composite
def trees(draw, *, ternary: bool = False, largest: int = 7, scale: int = 1) -> Tree:
    """A tree of thresholds over 1 to `largest` members."""
    size = draw(st.integers(1, largest))
    numbers = st.lists(st.integers(0, 4).map(lambda weight: weight * scale), min_size=size, max_size=size)
    # A few lists of weights, so that thresholds share them.
    some = draw(st.lists(numbers.map(tuple), min_size=1, max_size=3))
    weights = st.sampled_from([*some, (1,) * size])
    quotas = st.integers(-2, 3 * size).map(lambda quota: quota * scale)
    two = st.tuples(st.just("threshold"), weights, quotas)
    leaves = st.tuples(st.just("ternary"), weights, weights, quotas) if ternary else two

    def joined(parts: st.SearchStrategy[tuple]) -> st.SearchStrategy[tuple]:
        several = st.lists(parts, min_size=1, max_size=3).map(tuple)
        return st.builds(lambda word, held: (word, *held), st.sampled_from(["all", "any"]), several)

    return Tree(size, draw(st.recursive(leaves, joined, max_leaves=4)))


def decides(game: AnyGame, votes: tuple[int, ...]) -> bool:
    """Tell whether a motion passes on votes of `YES`, `ABSTAIN` and `NO`."""
    if isinstance(game, AllOf):
        return all([decides(part, votes) for part in game.parts])
    if isinstance(game, AnyOf):
        return any([decides(part, votes) for part in game.parts])
    if isinstance(game, Threshold):
        return sum(weight for weight, vote in zip(game.weights, votes, strict=True) if vote == YES) >= game.quota
    gains = sum(weight for weight, vote in zip(game.yes_weights, votes, strict=True) if vote == YES)
    return gains - sum(weight for weight, vote in zip(game.no_weights, votes, strict=True) if vote == NO) >= game.quota


def every_vote(game: AnyGame, choices: tuple[int, ...] = (NO, YES)) -> list[tuple[int, ...]]:
    """Every vote that there can be."""
    return list(product(choices, repeat=n_members(game)))


def wins(game: AnyGame, members: set[int] | frozenset[int]) -> bool:
    """Tell whether a motion passes if these members say yes and all others no."""
    return decides(game, tuple(YES if member in members else NO for member in range(n_members(game))))


def coalitions(game: AnyGame) -> list[frozenset[int]]:
    """Every set of members that carries a motion."""
    votes = every_vote(game)
    return [frozenset(who for who, vote in enumerate(one) if vote == YES) for one in votes if decides(game, one)]
