"""Which sizes of coalitions are few members, so that the sums of all other sizes are smooth; a quadrature for these.

A coalition of `s` of the `n - 1` others counts `1 / (n C(n-1, s))` in Shapley's value (Shapley 1953). For any `R < 1`
the elementary symmetric polynomials of points `z` of the unit circle, of all members and without one, are bounded by
means over the phase `psi`

    R^s |e_s(z)| <= mean prod_j |1 + R e^{i psi} z_j|,    R^s |e_s^{-i}(z)| <= the same / (1 - R)

(Cauchy), and those of `n - 1 - s` by the same. At most frequencies the mean is no more than some thousands, while the
number of coalitions of a dozen out of hundreds of members has eighteen digits: what such a frequency adds is nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import comb

import numpy as np
from jaxtyping import Float, Int
from scipy.special import gammaln

OMITTED = (5e-10, 1e-10)
"""What frequencies left out may add to a value by sizes next to the few, and by all others."""
QUADRATURE = 1.5e-10
"""The part of a value by which the quadrature may be off."""
RADII = (0.3, 0.4)
"""`R` for sizes next to the few and for all others: the larger, the more frequencies stand out."""
WORD = 2**62
"""Up to which numbers of coalitions are counted."""
NEXT = 8
"""Sizes next to the few: to these alone the frequencies that matter for no others add anything."""
MARGIN = 80
"""Sum of the bounds of all frequencies that do not stand out, as a multiple of the typical one: from experience."""


@dataclass(frozen=True)
class Sizes:
    """Which sizes are few, of so many members.

    Attributes:
        n_members: of the game.
        n_few: sizes below it are few.
        chances: nodes of a quadrature that is right for all other sizes, ascending and below one half; their mirror
            images are nodes too.
        weights: of the nodes.
    """

    n_members: int
    n_few: int
    chances: Float[np.ndarray, " node"]
    weights: Float[np.ndarray, " node"]

    @property
    def few_shares(self) -> Float[np.ndarray, " size"]:
        """What the quadrature makes of `1 / (n C(n-1, s))` for sizes `s` that are few."""
        few = np.arange(self.n_few)
        sizes = np.concatenate([few, self.n_members - 1 - few])
        lower = np.exp(_log_terms(self.n_members, sizes, self.chances)) @ self.weights
        return lower[: self.n_few] + lower[self.n_few :]

    @property
    def coalitions(self) -> Float[np.ndarray, " size"]:
        """How many coalitions of each few size, and of each next to these, the others of a member form."""
        return np.exp(_log_coalitions(self.n_members, np.arange(self.after_next)))

    @property
    def after_next(self) -> int:
        """The first size after those next to the few."""
        return self.n_few + NEXT

    @property
    def smooth_part(self) -> float:
        """The part of the integral that the other sizes are: one frequency, at which all `z` are 1."""
        return 2 * float(self.weights.sum()) - 2 * float(self.few_shares @ self.coalitions[: self.n_few])


@lru_cache
def sizes_of(n_members: int) -> Sizes | None:
    """Return how many sizes must be counted for the others to be smooth; None if so many members do not allow that."""
    # A power sum of n phases is about the square root of n.
    typical = np.exp(sum(RADII[0] ** term / term for term in range(1, 9)) * n_members**0.5)
    for n_few in range(1, n_members // 2 - NEXT):
        if comb(n_members, n_few - 1) > WORD:
            return None
        if greatest_addition(n_members, (n_few, n_few + NEXT), RADII[0]) * typical * MARGIN < OMITTED[0]:
            return Sizes(n_members, n_few, *_trapezoid(n_members, n_few))
    return None


def greatest_addition(n_members: int, sizes: tuple[int, int], radius: float) -> float:
    """Return what sizes of few yes and of few no add to a value, at most, by a frequency with the mean product 1.

    Args:
        n_members: of the game.
        sizes: the first, and the one after the last.
        radius: `R`.
    """
    few = np.arange(*sizes)
    shares = -np.log(n_members) - _log_coalitions(n_members, few)
    return 2 * float(np.exp(shares - few * np.log(radius)).sum()) / (1 - radius)


def _log_coalitions(n_members: int, sizes: Int[np.ndarray, " size"]) -> Float[np.ndarray, " size"]:
    """Return the logarithm of how many coalitions of each size the others of a member form."""
    return gammaln(n_members) - gammaln(sizes + 1) - gammaln(n_members - sizes)


def _log_terms(
    n_members: int, sizes: Int[np.ndarray, " size"], chances: Float[np.ndarray, " node"]
) -> Float[np.ndarray, "size node"]:
    """Return the logarithm of `p^s (1-p)^{n-1-s}`."""
    yes = sizes[:, None]
    return yes * np.log(chances) + (n_members - 1 - yes) * np.log1p(-chances)


def _trapezoid(n_members: int, n_few: int) -> tuple[Float[np.ndarray, " node"], Float[np.ndarray, " node"]]:
    """Return the lower half of the smallest good rule of equal steps of `theta`, with `p = sin^2 theta`.

    Polynomials that vanish at both ends are smooth functions of `theta` for which equal steps converge geometrically.
    """
    sizes = np.arange(n_few, n_members - n_few)
    shares = np.log(n_members) + _log_coalitions(n_members, sizes)
    n_half = 2
    while True:
        angles = (np.arange(n_half) + 0.5) * (np.pi / 4 / n_half)
        chances, weights = np.sin(angles) ** 2, np.sin(2 * angles) * (np.pi / 4 / n_half)
        terms = _log_terms(n_members, sizes, chances) + shares[:, None]
        lower = np.exp(terms) @ weights
        if np.abs(lower + lower[::-1] - 1).max() < QUADRATURE:
            # The lowest chances make coalitions of few members alone.
            made = (np.exp(terms).max(0) * weights) > QUADRATURE / 1e3
            return chances[made], weights[made]
        n_half += 1
