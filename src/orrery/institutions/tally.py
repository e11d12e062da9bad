"""One exact count: a weighted sum over members of what each one's choice is worth, against what is required.

Every elementary decision rule is such a count (`rules`), and so is every part of a simple game (`games`). With the
worth `c` of each choice `v_i` of a member `i`, and the required sum `q`, the count holds if and only if

    sum_i c[v_i, i] >= q

All numbers are integers. A number too large for 32 bits is held as digits of 15 bits, the highest one signed, so that
the comparison is exact at any size, compiled or not, without 64-bit arithmetic.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Int, Int32

from orrery.base.errors import InstitutionError
from orrery.institutions.votes import ABSTAIN, NO, YES

DIGIT_BITS = 15
LARGEST = 2**31 - 1
MOST_MEMBERS = 2**15
"""So many digits of 15 bits still add up within 32 bits."""

Integers = np.ndarray | jax.Array
Outcomes = np.ndarray | np.bool_ | jax.Array
"""NumPy makes a scalar of the outcome of a single vote."""


class Tally(eqx.Module):
    """A count of votes and what it must reach.

    Attributes:
        worth: digits, lowest first, of what yes, abstain, no and absent (in this order) are worth, by member.
        required: digits of the sum that must at least be reached.
    """

    worth: Int32[Integers, "digit 4 member"]
    required: Int32[Integers, " digit"]

    @property
    def n_members(self) -> int:
        """Members whose votes are counted."""
        return self.worth.shape[-1]

    def holds(self, votes: Int[Integers, "*batch member"]) -> Bool[Outcomes, "*batch"]:
        """Tell whether the votes reach what is required.

        Args:
            votes: codes of `votes.CHOICES`; any other code counts as absent. NumPy's arrays are counted at once, others
                can be compiled and mapped.
        """
        numbers = namespace(votes, self.worth, self.required)
        is_yes, is_abstain, is_no = (votes == code for code in (YES, ABSTAIN, NO))
        carry = rest = numbers.int32(0)
        for worth, required in zip(self.worth, self.required, strict=True):
            counted = numbers.where(is_no, worth[2], worth[3])
            counted = numbers.where(is_yes, worth[0], numbers.where(is_abstain, worth[1], counted))
            rest = counted.sum(-1, dtype=np.int32) - required + carry
            # The shift of a negative number rounds down, so that every digit but the last is left at 0 or more.
            carry = rest >> DIGIT_BITS
        return rest >= 0

    def surplus(self, votes: Int[np.ndarray, " member"]) -> int:
        """Return by how much one set of votes exceeds what is required (negative: how much is lacking)."""
        rows = np.select([votes == YES, votes == ABSTAIN, votes == NO], [0, 1, 2], 3)
        worth = self.exact_worth()
        return sum(worth[row][member] for member, row in enumerate(rows.tolist())) - self.exact_required()

    def exact_worth(self) -> tuple[tuple[int, ...], ...]:
        """Return what yes, abstain, no and absent are worth, one integer for each member."""
        return tuple(tuple(row) for row in _from_digits(self.worth).tolist())

    def exact_required(self) -> int:
        """Return the required sum."""
        return int(_from_digits(self.required))


def namespace(*arrays: Integers) -> ModuleType:
    """Return NumPy for its own arrays, which need no compilation, and JAX's NumPy as soon as one array is JAX's."""
    return np if all(isinstance(array, np.ndarray) for array in arrays) else jnp


def tally(worth: Sequence[Sequence[int]], required: int) -> Tally:
    """Return the count with this worth of yes, abstain, no and absent by member, and this required sum.

    Raises:
        InstitutionError: no member, or more than 32,768.
    """
    exact = np.array([[int(value) for value in row] for row in worth], dtype=object)
    if not 1 <= exact.shape[-1] <= MOST_MEMBERS:
        raise InstitutionError(f"`worth`: {exact.shape[-1]} members came; a count is over 1 to {MOST_MEMBERS:,}.")
    n_digits = _digits_needed(exact, int(required))
    return Tally(_to_digits(exact, n_digits), _to_digits(np.array(int(required), dtype=object), n_digits))


def _digits_needed(worth: np.ndarray, required: int) -> int:
    """Return how many digits keep the sum of the highest one, with its carry, within 32 bits."""
    n_members = worth.shape[-1]
    bound = int(np.abs(worth).max(0).sum()) + abs(required)
    if bound <= LARGEST:
        return 1
    n_digits = 2
    # Rounding down adds at most 1 to each term of the highest digit, and so does the carry.
    while (bound >> DIGIT_BITS * (n_digits - 1)) + 2 * n_members + 4 > LARGEST:
        n_digits += 1
    return n_digits


def _to_digits(values: np.ndarray, n_digits: int) -> Int32[np.ndarray, "..."]:
    low = [(values >> DIGIT_BITS * place) & (2**DIGIT_BITS - 1) for place in range(n_digits - 1)]
    return np.stack([*low, values >> DIGIT_BITS * (n_digits - 1)]).astype(np.int32)


def _from_digits(digits: Integers) -> np.ndarray:
    exact = np.asarray(digits).astype(object)
    # NumPy makes plain integers of arrays without axes.
    return np.asarray(sum(exact[place] << DIGIT_BITS * place for place in range(len(exact))), dtype=object)
