"""How often members decide: the numbers that indices of power are made of, and how exactly they are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

import numpy as np
from jaxtyping import Float

Chance = Fraction | float


class Method(StrEnum):
    """How a number was found."""

    INTEGERS = "exact (integers)"
    DOUBLE = "exact (double precision)"
    SAMPLED = "Monte Carlo"


@dataclass(frozen=True)
class Chances:
    """How likely each member decides when all others vote at random.

    Attributes:
        decides: by member: exact fractions where the method is exact in integers.
        passes: that a motion passes; NaN where it was not asked for.
        method: how they were found.
        error: greatest error of `decides`: none in integers, a bound in double precision, the greatest standard error
            of Monte Carlo.
        errors: by member, where they are known one by one.
    """

    decides: tuple[Chance, ...]
    passes: Chance
    method: Method
    error: float = 0.0
    errors: tuple[float, ...] | None = None

    @property
    def values(self) -> Float[np.ndarray, " member"]:
        """`decides` in double precision."""
        return np.array([float(one) for one in self.decides])


def spread(classes: Sequence[Sequence[int]], values: Sequence[Chance]) -> tuple[Chance, ...]:
    """Return a value for each member from one for each class of members that count alike."""
    by_member = {member: value for members, value in zip(classes, values, strict=True) for member in members}
    return tuple(by_member[member] for member in sorted(by_member))
