"""Shapley's values for one weighted quota and many members: few yes or few no counted, all other sizes by frequencies.

With `c_is` the share of the coalitions of `s` others that leave the decision to member `i`, of `n` members,

    phi_i = 1/n sum_s c_is

(Shapley 1953). At a low chance of yes single voters stand out at every frequency of the sum of weights, but the sums
of a dozen out of hundreds of members are smooth. Coalitions of few members, or of all but few, are counted (`few`). All
others come from the Fourier transform of the weights, `z_j = e^{2 pi i k w_j / N}`. At most frequencies `k` that are
needed at all, only the elementary symmetric polynomials `e_s` without `i` of the next sizes matter,

    sum over next s of e_s^{-i}(z) / (n C(n-1, s))

At the others, what the few add to a quadrature of Owen's (1972) integral is subtracted, with `q_s` for the shares that
the quadrature makes of `1 / (n C(n-1, s))`:

    sum over nodes of weight * prod_{j != i} (1 - p + p z_j)  -  sum over few s of q_s e_s^{-i}(z)

What all frequencies left out add is bounded (`sizes`).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from jaxtyping import Complex, Float, Int

from orrery.institutions.power.few import Few
from orrery.institutions.power.product import Product
from orrery.institutions.power.sizes import OMITTED, QUADRATURE, RADII, Sizes, greatest_addition, sizes_of
from orrery.institutions.power.spectrum import CellBounds, one_less, turned, within

CELLS = 2**20
"""Points of the grid on which the product is bounded."""
WIDEST_PHASE = 0.5
"""Members of weights up to so many radians per half cell take part in the bound; others are taken at their greatest."""
MOST_FREQUENCIES = 10_000
"""Beyond so many, another way is quicker."""
MOST_ADDITIONS = 1e9
"""Additions to counts beyond which another way is quicker."""
ROUNDING = 1e-11
"""Rounding of a few thousand terms in double precision, and twenty times what is negligible."""
SINGLE = 1e-4
"""Rounding of a few hundred terms in single precision, as a part of their bound."""

BLOCK = 256
"""Frequencies handled at once: their points of the circle stay in a core's cache."""
NEGLIGIBLE = 1e-13
"""A product of all factors that is left out, there and at all higher chances."""

Turns = Complex[np.ndarray, "member frequency"]


def shapley_by_size(
    weights: Int[np.ndarray, " member"], quota: int
) -> tuple[Float[np.ndarray, " member"], float] | None:
    """Return Shapley's values and a bound of their error, or None where another way is quicker.

    Args:
        weights: whole, at least 1, in ascending order.
        quota: what their sum must reach, from 1 to the total.
    """
    n_members, total = len(weights), int(weights.sum())
    sizes = sizes_of(n_members)
    if sizes is None or total * sizes.n_few**2 / 2 > MOST_ADDITIONS or total // 2 <= MOST_FREQUENCIES:
        return None
    # What stops a motion has the threshold of the dual game, and so few may not reach it at all.
    most = int(weights[n_members - sizes.n_few :].sum())
    sides = [side for side in (quota, total - quota + 1) if side <= most]
    with ThreadPoolExecutor(2) as pool:
        few = pool.submit(_counted, weights, sizes, sides)
        period = total // 2 * 2 + 3
        needed = Needed.of(weights, sizes, period)
        if needed is None:
            return None
        window = Window(weights, sizes, period, quota)
        parts = [*pool.map(window.near, _blocks(needed.near)), *pool.map(window.far, _blocks(needed.far))]
        values = sizes.smooth_part * weights / period + np.sum(parts, 0) + few.result()
    # No value is negative.
    return np.maximum(values, 0), needed.error + QUADRATURE * float(values.max())


def _blocks(frequencies: Int[np.ndarray, " frequency"]) -> list[Int[np.ndarray, " block"]]:
    return np.array_split(frequencies, -(-len(frequencies) // BLOCK))


def _counted(weights: Int[np.ndarray, " member"], sizes: Sizes, sides: list[int]) -> Float[np.ndarray, " member"]:
    """Return what coalitions of few members add to the values, on each side on which they decide anything."""
    values = np.zeros(len(weights))
    if sides:
        few = Few.of(weights, sizes.n_few, min(sides), max(sides))
        for side in sides:
            values += (1 / sizes.coalitions[: sizes.n_few] / sizes.n_members) @ few.deciding(side)
    return values


@dataclass(frozen=True)
class Needed:
    """The frequencies at which coalitions of neither few nor all but few members are not negligible.

    Attributes:
        near: at which all these sizes matter.
        far: at which only the sizes next to the few matter.
        error: bound of what all others add to a value, and of rounding.
    """

    near: Int[np.ndarray, " near"]
    far: Int[np.ndarray, " far"]
    error: float

    @classmethod
    def of(cls, weights: Int[np.ndarray, " member"], sizes: Sizes, period: int) -> Needed | None:
        """Find the frequencies; None if they are too many."""
        small = weights * (np.pi / CELLS) <= WIDEST_PHASE
        product = Product(weights[small], CELLS, turned=True)
        # Twice, for the conjugates; the numerator |z_i - 1| is at most 2, and |1 - e^{-it}| is 2 sin(t / 2).
        factor = 2 * (period / CELLS + 1) / period / _half_sines()
        half = (len(weights) + 1) // 2
        ranges = (sizes.n_few, sizes.after_next), (sizes.after_next, half)
        every = (1 + np.array(RADII)) ** (len(weights) - int(small.sum()))
        splits = []
        for radius, between, heaviest, least in zip(RADII, ranges, every.tolist(), OMITTED, strict=True):
            bounds = product.mean(radius) * (factor * greatest_addition(len(weights), between, radius) * heaviest)
            split = CellBounds.of(bounds).split(least)
            if split is None or len(split[0]) * period / CELLS > MOST_FREQUENCIES:
                return None
            splits.append((*split, bounds))
        (wanted, left_out, bounds), (near, others, _) = splits
        far = np.setdiff1d(wanted, near)
        rounding = SINGLE * float(bounds[far].sum()) + ROUNDING
        return cls(within(near, CELLS, period), within(far, CELLS, period), left_out + others + rounding)


@lru_cache
def _half_sines() -> Float[np.ndarray, " cell"]:
    """Return `sin(t / 2)` where it is least in each cell."""
    nearest = np.clip((np.arange(CELLS // 2 + 1) - 0.5) * (2 * np.pi / CELLS), 1e-30, np.pi)
    return np.sin(nearest / 2)


@dataclass(frozen=True)
class Window:
    """Transforms of sums of weights, and what they are on the window in which each member decides.

    Attributes:
        weights: of the members.
        sizes: which sizes are few, and which are next.
        period: an odd number greater than the total.
        quota: what the sum must reach.
    """

    weights: Int[np.ndarray, " member"]
    sizes: Sizes
    period: int
    quota: int

    def near(self, frequencies: Int[np.ndarray, " frequency"]) -> Float[np.ndarray, " member"]:
        """Return what frequencies add at which all sizes that are not few matter."""
        circle = turned(self.weights, frequencies, self.period)
        lower = self._quadrature(circle) - _without_each(circle, self.sizes.few_shares)
        return self._inverted(frequencies, circle, lower)

    def far(self, frequencies: Int[np.ndarray, " frequency"]) -> Float[np.ndarray, " member"]:
        """Return what frequencies add at which only the sizes next to the few matter; in single precision."""
        phases = (frequencies * self.weights[:, None] % self.period).astype(np.float32) * (2 * np.pi / self.period)
        circle = np.empty(phases.shape, np.complex64)
        circle.real, circle.imag = np.cos(phases), np.sin(phases)
        shares = 1 / (self.sizes.n_members * self.sizes.coalitions)
        shares[: self.sizes.n_few] = 0
        return self._inverted(frequencies, circle, _without_each(circle, shares))

    def _quadrature(self, circle: Turns) -> Turns:
        """Return the quadrature of the product without each member, over chances of yes below one half."""
        active, points = np.arange(circle.shape[1]), circle
        chord = 1 - np.real(points)
        # Real and imaginary part of two sums.
        found = np.zeros((4, *circle.shape))
        for chance, weight in zip(self.sizes.chances.tolist(), self.sizes.weights.tolist(), strict=True):
            product = np.multiply.reduce(1 - chance + chance * points, 0)
            # Every factor is the smaller, the nearer the chance is to one half.
            kept = np.abs(product) > NEGLIGIBLE
            if not kept.all():
                active, product, points, chord = active[kept], product[kept], points[:, kept], chord[:, kept]
            # 1 / (1 - p + p z) is (1 - p + p / z) over the square of the modulus.
            inverse = 1 / (1 - 2 * chance * (1 - chance) * chord)
            whole = len(active) == circle.shape[1]
            for place, part in enumerate((product.real, product.imag)):
                for factor, total in ((1 - chance, found[place]), (chance, found[place + 2])):
                    if whole:
                        total += inverse * (weight * factor * part)
                    else:
                        total[:, active] += inverse * (weight * factor * part)
        return found[0] + 1j * found[1] + (found[2] + 1j * found[3]) * circle.conj()

    def _inverted(
        self, frequencies: Int[np.ndarray, " frequency"], circle: Turns, lower: Turns
    ) -> Float[np.ndarray, " member"]:
        """Return the sum over frequencies, twice for their conjugates, of a transform with its mirror image."""
        # With no for yes every factor is z times its conjugate.
        both = lower + np.multiply.reduce(circle, 0) * (circle * lower).conj()
        angle = 2 * np.pi / self.period
        at_quota = np.exp(-1j * angle * (frequencies * self.quota % self.period))
        kernel = (at_quota / one_less(0.0, angle * frequencies)).astype(circle.dtype)
        return 2 / self.period * np.einsum("mk,k->m", (circle - 1) * both, kernel).real.astype(float)


def _without_each(circle: Turns, shares: Float[np.ndarray, " size"]) -> Turns:
    """Return `sum_s share_s e_s^{-i}` at every frequency.

    As `e_s^{-i} = e_s - z_i e_{s-1}^{-i}`, it is a polynomial in `-z_i`.
    """
    # Scaled, so that neither the many coalitions nor their small shares leave the range of single precision.
    scaled = (RADII[0] * circle).astype(circle.dtype)
    symmetric = np.zeros((len(shares), circle.shape[1]), circle.dtype)
    symmetric[0] = 1
    for points in scaled:
        symmetric[1:] += points * symmetric[:-1]
    shares = shares / RADII[0] ** np.arange(len(shares))
    found = np.zeros_like(circle)
    np.negative(scaled, out=scaled)
    for power in range(len(shares) - 1, -1, -1):
        found *= scaled
        found += np.einsum("s,sk->k", shares[power:], symmetric[: len(shares) - power]).astype(circle.dtype)
    return found
