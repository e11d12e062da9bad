"""One weighted quota and many members: decisiveness from the Fourier transform of the sum of weights, with a bound.

Let the members vote yes independently, member `j` with probability `p_j`, and let `S` be the weight of the yes votes.
For any tilt `theta`, with `zeta_k = theta + 2 pi i k / N` and `N` greater than the total weight, exactly

    P(r - w_i <= S_-i < r) = 1/N sum_k [prod_{j != i} (1 - p_j + p_j e^{zeta_k w_j})] e^{-zeta_k r}
                             (e^{zeta_k w_i} - 1) / (1 - e^{-zeta_k})

(inversion of the generating function of Mann & Shapley 1962 on a circle; `S_-i` is the sum without member `i`). With
many members of unlike weights the product is negligible but for a few hundred of the millions of frequencies. The
tilt puts the mean of `S` near the quota (Esscher 1932), so that small probabilities keep their digits.

What the frequencies left out can add is bounded, not guessed: `1 - p + p e^{ia}` is `1 - p` times `1 + rho e^{ia}` with
`rho = p / (1 - p)`, whose product over members is bounded on the whole circle (`product`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Complex, Float, Int
from scipy.optimize import brentq
from scipy.special import expit

from orrery.institutions.power.product import Product

CELLS = 2**18
"""Points of the grid on which the product is bounded."""
MOST_FREQUENCIES = 3_000
"""Beyond so many, another way is quicker."""
SMALL_PHASE = 0.35
"""Members of weights up to this many radians per cell take part in the bound."""
LIKELY = (0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.12, 0.14, 0.16, 0.18, 0.2, 0.25, 0.3)
"""Chances for which the product is bounded: nearer to one half it is only smaller."""
STEEPEST_TILT = 40.0
"""Greatest exponent of the lightest member: beyond, its vote is certain in double precision."""


@dataclass(frozen=True)
class Decided:
    """How likely each member decides.

    Attributes:
        decides: the probability that the others leave the decision to the member.
        passes: the probability that the sum reaches the threshold.
        error: bound of what each of them lacks by the frequencies left out.
    """

    decides: Float[np.ndarray, " member"]
    passes: float
    error: float


@dataclass(frozen=True)
class Tilted:
    """The sum of weights under a tilt.

    Attributes:
        tilt: `theta`.
        chances: probability of yes of each member under the tilt, `p e^{theta w} / (1 - p + p e^{theta w})`.
        log_scale: `log E[e^{theta S}] - theta r`, of the order of the logarithm of the probabilities sought.
    """

    tilt: float
    chances: Float[np.ndarray, " member"]
    log_scale: float


@dataclass(frozen=True)
class CellBounds:
    """Bounds of what the frequencies of each cell add.

    Attributes:
        exponent: the power of two next above the bound of each cell.
        sums: by exponent from the lowest to the highest, the sum of the bounds of all cells up to it.
        lowest: the lowest exponent.
    """

    exponent: Int[np.ndarray, " cell"]
    sums: Float[np.ndarray, " exponent"]
    lowest: int

    @classmethod
    def of(cls, bounds: Float[np.ndarray, " cell"]) -> CellBounds:
        """Sort bounds by their exponents."""
        exponent = np.frexp(np.clip(bounds, 1e-300, 1e300))[1].astype(np.int64)
        lowest = int(exponent.min())
        return cls(exponent, np.cumsum(np.bincount(exponent - lowest, bounds)), lowest)

    def split(self, tolerance: float) -> tuple[Int[np.ndarray, " needed"], float] | None:
        """Return the cells that are needed and the sum of the bounds of the others, at most the tolerance."""
        negligible = np.flatnonzero(self.sums <= tolerance)
        if len(negligible) == 0:
            return None
        cut = int(negligible[-1])
        return np.flatnonzero(self.exponent > self.lowest + cut), float(self.sums[cut])


Turns = Complex[np.ndarray, "_ _"]
"""Points of the unit circle, by frequency and weight."""


class Spectrum:
    """The frequencies of one vector of weights.

    Attributes:
        weights: whole, at least 1.
        threshold: what the sum must reach, from 1 to the total.
        turned: whether the bound holds whatever further phase, the same for all members, the yes votes have: that of
            a count of them.
        period: an odd number greater than the total.
    """

    def __init__(self, weights: Int[np.ndarray, " member"], threshold: int, *, turned: bool = False) -> None:
        self.weights, self.threshold, self.turned = weights, threshold, turned
        self._bounds: dict[float, CellBounds] = {}
        self.period = int(weights.sum()) // 2 * 2 + 3

    def decide(self, chances: Float[np.ndarray, " member"], tolerance: float) -> Decided | None:
        """Return how likely each member decides, or None where too many frequencies matter.

        Args:
            chances: probability of yes of each member, strictly between 0 and 1.
            tolerance: what the frequencies left out may add, as a part of the scale of the result
                (`exp(log_scale)`, see `scale`).
        """
        tilted = self.tilted(chances)
        frequencies, omitted = self._needed(chances, tilted, tolerance)
        if frequencies is None:
            return None
        return self._summed(chances, tilted, frequencies, omitted)

    def scale(self, chances: Float[np.ndarray, " member"]) -> float:
        """Return a bound of the probability that the sum comes near the threshold (Chernoff 1952)."""
        return float(np.exp(min(self.tilted(chances).log_scale, 0.0)))

    def tilted(self, chances: Float[np.ndarray, " member"]) -> Tilted:
        """Return the sum under the tilt that puts its mean at the threshold, as far as exponents allow."""
        weights = self.weights.astype(float)
        limit = STEEPEST_TILT / float(weights.min())
        odds = np.log(chances) - np.log1p(-chances)

        def excess(tilt: float) -> float:
            return float(weights @ expit(odds + tilt * weights)) - self.threshold

        low, high = -limit, limit
        tilt = low if excess(low) >= 0 else high if excess(high) <= 0 else float(brentq(excess, low, high, xtol=1e-18))
        log_moment = float(np.logaddexp(np.log1p(-chances), np.log(chances) + tilt * weights).sum())
        return Tilted(tilt, expit(odds + tilt * weights), log_moment - tilt * self.threshold)

    def _needed(
        self, chances: Float[np.ndarray, " member"], tilted: Tilted, tolerance: float
    ) -> tuple[Int[np.ndarray, " frequency"] | None, float]:
        """Return the frequencies to sum, and a bound of what the others add, in units of the scale."""
        highest = (self.period - 1) // 2
        if highest <= min(MOST_FREQUENCIES, CELLS // 4):
            return np.arange(1, highest + 1), 0.0
        reduced = np.minimum(tilted.chances, 1 - tilted.chances)[self._small]
        likely = max((step for step in LIKELY if step <= reduced.min(initial=1.0)), default=0.0)
        if len(reduced) == 0 or likely == 0:
            return None, 0.0
        up, down = _turns(chances, tilted)
        numerator = max(float((up + down).max()), 2.0)
        split = self._cell_bounds(likely).split(tolerance / numerator)
        if split is None or len(split[0]) * self.period / CELLS > MOST_FREQUENCIES:
            return None, 0.0
        return within(split[0], CELLS, self.period), split[1] * numerator

    def untilted(self, chance: float, tolerance: float) -> tuple[Int[np.ndarray, " frequency"] | None, float]:
        """Return the frequencies needed without a tilt, and a bound of what the others add to any probability.

        Args:
            chance: of yes of every member, strictly between 0 and 1.
            tolerance: what the others may add.
        """
        chances = np.full(len(self.weights), chance)
        return self._needed(chances, Tilted(0.0, chances, 0.0), tolerance)

    def circle(self, frequencies: Int[np.ndarray, " frequency"], weights: Int[np.ndarray, " any"]) -> Turns:
        """Return `e^{2 pi i k w / N}` for frequencies `k` and weights `w`, the turn reduced in whole numbers first."""
        return turned(frequencies, weights, self.period)

    @cached_property
    def _small(self) -> Bool[np.ndarray, " member"]:
        return self.weights * (np.pi / CELLS) <= SMALL_PHASE

    @cached_property
    def _product(self) -> Product:
        return Product(self.weights[self._small], CELLS, turned=self.turned)

    def _cell_bounds(self, likely: float) -> CellBounds:
        """Return a bound of what all frequencies of each cell add, but for the numerator, in units of the scale.

        Args:
            likely: no small member's tilted chance is nearer to 0 or 1.
        """
        if likely not in self._bounds:
            logarithm = self._product.logarithm(likely / (1 - likely)).astype(float)
            # One of the small members may be the one that decides, whose own factor is then not in the product.
            logarithm += int(self._small.sum()) * np.log1p(-likely) - np.log1p(-2 * likely)
            nearest = np.clip((np.arange(CELLS // 2 + 1) - 0.5) * (2 * np.pi / CELLS), 0, np.pi / 2)
            with np.errstate(divide="ignore"):
                # |1 - e^{-theta - it}| is at least sin t, and at least 1 beyond a quarter of the circle.
                factor = 2 * (self.period / CELLS + 1) / self.period / np.sin(nearest)
            self._bounds[likely] = CellBounds.of(np.exp(logarithm) * factor)
        return self._bounds[likely]

    def _summed(
        self,
        chances: Float[np.ndarray, " member"],
        tilted: Tilted,
        frequencies: Int[np.ndarray, " frequency"],
        omitted: float,
    ) -> Decided:
        circle = self.circle(frequencies, self.weights)
        angle = 2 * np.pi / self.period
        factors = 1 + tilted.chances * (circle - 1)
        # A factor of zero makes the product zero with the member in it, and must not without it.
        factors[factors == 0] = 1e-30
        at_threshold = np.exp(-1j * angle * (frequencies * self.threshold % self.period))
        step = one_less(tilted.tilt, angle * frequencies)
        product = np.multiply.reduce(factors, 1) * at_threshold / step
        up, down = _turns(chances, tilted)
        others = np.einsum("k,km->m", product, (up * circle - down) / factors).real
        alone = self._alone(tilted.tilt, up, down)
        scale = float(np.exp(tilted.log_scale))
        decides = scale / self.period * (alone + 2 * others)
        return Decided(decides, self._passing(tilted, frequencies, product), scale * omitted)

    def _alone(self, tilt: float, up: np.ndarray, down: np.ndarray) -> Float[np.ndarray, " member"]:
        """Return the term of frequency 0, `(up - down) / (1 - e^{-theta})`, as it is exact."""
        small = np.abs(tilt * self.weights) < 1
        near = _geometric(tilt, np.where(small, self.weights, 0).astype(float)) * down
        return near if tilt == 0 else np.where(small, near, (up - down) / -np.expm1(-tilt))

    def _passing(
        self,
        tilted: Tilted,
        frequencies: Int[np.ndarray, " frequency"],
        product: Complex[np.ndarray, " frequency"],
    ) -> float:
        """Return the probability that the sum reaches the threshold, from the side on which terms do not grow."""
        upper = tilted.tilt >= 0
        length = int(self.weights.sum()) + 1 - self.threshold if upper else -self.threshold
        turns = np.exp(-2j * np.pi / self.period * (frequencies * length % self.period))
        series = 1 - np.exp(-tilted.tilt * length) * turns
        total = -float(_geometric(tilted.tilt, np.array(-float(length)))) + 2 * float((product * series).sum().real)
        scaled = float(np.exp(tilted.log_scale)) / self.period * total
        return scaled if upper else 1 + scaled


def turned(frequencies: Int[np.ndarray, " frequency"], weights: Int[np.ndarray, " any"], period: int) -> Turns:
    """Return `e^{2 pi i k w / N}` for frequencies `k` and weights `w`, the turn reduced in whole numbers first."""
    return np.exp((2j * np.pi / period) * (frequencies[:, None] * weights[None] % period))


def within(cells: Int[np.ndarray, " cell"], n_cells: int, period: int) -> Int[np.ndarray, " frequency"]:
    """Return the frequencies from 1 up to half the period whose place on the grid, rounded, is one of the cells."""
    first = np.ceil((cells - 0.5) * period / n_cells).astype(np.int64)
    last = np.ceil((cells + 0.5) * period / n_cells).astype(np.int64)
    counts = last - first
    offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    frequencies = np.repeat(first, counts) + offsets
    return frequencies[(frequencies >= 1) & (frequencies <= (period - 1) // 2)]


def _turns(
    chances: Float[np.ndarray, " member"], tilted: Tilted
) -> tuple[Float[np.ndarray, " member"], Float[np.ndarray, " member"]]:
    """Return how the tilt changes the weight of a member's yes and of its no."""
    return tilted.chances / chances, (1 - tilted.chances) / (1 - chances)


def one_less(tilt: float, phases: Float[np.ndarray, " frequency"]) -> Complex[np.ndarray, " frequency"]:
    """Return `1 - e^{-tilt - i phase}` without losing the digits of small phases."""
    shrunk = np.exp(-tilt)
    return -np.expm1(-tilt) + shrunk * (2 * np.sin(phases / 2) ** 2 + 1j * np.sin(phases))


def _geometric(tilt: float, weights: Float[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
    """Return `(e^{tilt w} - 1) / (1 - e^{-tilt})`, which is `w` at no tilt."""
    return weights if tilt == 0 else np.asarray(np.expm1(tilt * weights) / -np.expm1(-tilt))
