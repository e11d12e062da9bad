"""Why a vote passed or failed: what each part of the rule required, what came, and who was decisive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

INDENT = "  "
NAMED = 12
"""So many members are named in a line; more are counted."""


@dataclass(frozen=True)
class Finding:
    """What one part of a rule required, and what came.

    Attributes:
        requirement: in words.
        came: what the votes gave, in words; empty where the parts say it.
        passed: whether the requirement is met.
        margin: how much more came than the least that passes, in the unit of the requirement; negative: how much is
            lacking. None where the parts have margins of their own.
        parts: the findings on the parts of a requirement that has some.
        vetoes: members whose veto defeated this part.
        bound: members that the decision binds, where they are not all; None otherwise.
    """

    requirement: str
    came: str
    passed: bool
    margin: Fraction | None = None
    parts: tuple[Finding, ...] = ()
    vetoes: tuple[str, ...] = ()
    bound: tuple[str, ...] | None = None

    def walk(self, depth: int = 0) -> Iterator[tuple[int, Finding]]:
        """Yield this finding and all within it, each with its depth, in reading order."""
        yield depth, self
        for part in self.parts:
            yield from part.walk(depth + 1)


@dataclass(frozen=True)
class Turn:
    """A member that could have turned the outcome alone.

    Attributes:
        member: ISO3 code.
        cast: what it did: yes, abstain, no or absent.
        instead: each choice that would have turned the outcome.
        stage: the stage in which it did so, where the rule has stages.
    """

    member: str
    cast: str
    instead: tuple[str, ...]
    stage: str | None = None

    @property
    def how(self) -> str:
        """The change in words, without who makes it."""
        where = f", in {self.stage}" if self.stage else ""
        return f"{joined(self.instead)} instead of {self.cast}{where}"


@dataclass(frozen=True)
class Explanation:
    """Why a motion passed or failed.

    Attributes:
        passed: the outcome.
        finding: what the rule required and what came, part by part.
        decisive: every member whose own change of vote would have turned the outcome.
    """

    passed: bool
    finding: Finding
    decisive: tuple[Turn, ...]

    @property
    def vetoed_by(self) -> tuple[str, ...]:
        """Members whose vetoes defeated a part of the rule, each once; the motion may pass by another part (`any`)."""
        return tuple(dict.fromkeys(code for _, found in self.finding.walk() for code in found.vetoes))

    @property
    def bound(self) -> tuple[str, ...] | None:
        """Members that the decision binds; None where it binds all, or nobody because it failed."""
        listed = [found.bound for _, found in self.finding.walk() if found.bound is not None]
        return listed[-1] if self.passed and listed else None

    def lines(self) -> list[str]:
        """Return the explanation as people read it, one line for each part."""
        lines = [_line(depth, found) for depth, found in self.finding.walk()]
        if self.vetoed_by:
            lines.append(f"{'Vetoes overridden' if self.passed else 'Vetoed by'}: {', '.join(self.vetoed_by)}")
        if self.bound is not None:
            lines.append(f"Binds: {', '.join(self.bound) or 'nobody'}")
        alike: dict[str, list[str]] = {}
        for turn in self.decisive:
            alike.setdefault(turn.how, []).append(turn.member)
        turns = "; ".join(f"{_few(members)} ({how})" for how, members in alike.items())
        return [*lines, f"Could have turned the outcome: {turns or 'nobody alone'}"]

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each part of the rule: `depth, requirement, came, margin, passed, vetoes, decisive`.

        `margin` is a number in double precision, NaN where a part has none. `decisive` lists, in the first row, every
        member whose own change of vote would have turned the outcome.
        """
        import pandas as pd

        decisive = ",".join(dict.fromkeys(turn.member for turn in self.decisive))

        rows = [
            {
                "depth": depth,
                "requirement": found.requirement,
                "came": found.came,
                "margin": float("nan") if found.margin is None else float(found.margin),
                "passed": found.passed,
                "vetoes": ",".join(found.vetoes),
                "decisive": "" if depth else decisive,
            }
            for depth, found in self.finding.walk()
        ]
        return pd.DataFrame(rows)


def joined(words: tuple[str, ...]) -> str:
    """Return words as a choice: "yes, abstain or absent"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def shortened(members: Sequence[str], doing: str) -> str:
    """Return how many members did something, and who, if they are not too many to read."""
    who = f" ({', '.join(members)})" if 0 < len(members) <= NAMED else ""
    return f"{len(members)} {doing}{who}"


def _few(members: Sequence[str]) -> str:
    return ", ".join(members) if len(members) <= NAMED else f"any of {len(members)} members"


def number(value: Fraction | int) -> str:
    """Return an exact number as people read it: 1,234 or 16.5, as a fraction only where decimals do not end."""
    exact = Fraction(value)
    if exact.denominator == 1:
        return f"{exact.numerator:,}"
    twos_and_fives = exact.denominator
    places = 0
    while places < 6 and twos_and_fives != 1:
        twos_and_fives = (exact * 10 ** (places + 1)).denominator
        places += 1
    return f"{float(exact):,.{places}f}" if twos_and_fives == 1 else str(exact)


def _line(depth: int, found: Finding) -> str:
    verdict = "passed" if found.passed else "failed"
    came = f": {found.came}" if found.came else ""
    margin = ""
    if found.margin is not None:
        margin = f" (margin {'+' if found.margin > 0 else ''}{number(found.margin)})"
    return f"{INDENT * depth}{verdict}: {found.requirement}{came}{margin}"
