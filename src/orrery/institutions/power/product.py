"""Bounds of a product over members on every cell of the circle of frequencies, from one fast Fourier transform.

For `rho < 1` and a weight `w` the factor `1 + rho e^{iwt}` has the logarithm

    log |1 + rho e^{iwt}| = sum_m (-1)^{m+1} rho^m cos(m w t) / m

so that the logarithm of the product over members is a sum of power sums `Re P_m`, `P_m = sum_j e^{i m w_j t}`, which
one fast Fourier transform of the weights gives on a fine grid of `t`. Differences on the grid give its slope but for a
part of the third order, and its curvature is bounded.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from jaxtyping import Float32, Int
from scipy import fft
from scipy.special import i0e

REMAINDER = 0.05
"""What the terms of the logarithmic series left out may add to the bound of the logarithm."""
SINGLE = 0.05
"""What single precision may take from the bound: a transform of a few hundred weights is right to a few hundredths."""
FINENESS = 16
"""Steps per unit in which the mean over phases is looked up."""

Cells = Float32[np.ndarray, " cell"]


class Product:
    """The product of `1 + rho e^{i w_j t}` over members, on the upper half circle.

    Attributes:
        weights: whole, at least 1.
        n_cells: points of the grid on the whole circle, a power of two.
        turned: whether the bound holds whatever further phase, the same for all members, the factors have.
    """

    def __init__(self, weights: Int[np.ndarray, " member"], n_cells: int, *, turned: bool = False) -> None:
        self.weights, self.n_cells, self.turned = weights, n_cells, turned

    def logarithm(self, odds: float) -> Cells:
        """Return a bound of the logarithm of the product anywhere in each cell.

        Args:
            odds: `rho`, above 0 and below 1.
        """
        phases = self.weights * (np.pi / self.n_cells)
        n_members, total = len(phases), float(phases.sum())
        n_terms, remainder = 0, np.inf
        while remainder > REMAINDER:
            n_terms += 1
            beyond = odds ** (n_terms + 1) / (1 - odds)
            remainder = beyond * (n_members / (n_terms + 1) + total)
        curvature = odds / (1 - odds) ** 2 * float((phases**2).sum()) / 2
        # Half the difference of two cells to either side has sin(2x) / 2 for x, of which it lacks at most 2/3 x^3.
        lacking = odds / (1 - odds) * float((phases**3).sum()) * 2 / 3
        height = np.full(self.n_cells // 2 + 1, remainder + curvature + lacking + SINGLE, np.float32)
        slope = height if self.turned else np.zeros_like(height)
        for term in range(1, n_terms + 1):
            power = odds**term if self.turned else -((-odds) ** term)
            _add_every(height, self._transforms[0], term, power / term)
            _add_every(slope, self._transforms[1], term, power)
        return height if self.turned else np.add(height, np.abs(slope, out=slope), out=height)

    def mean(self, radius: float) -> Cells:
        """Return a bound of the mean of the product over a phase of all factors, anywhere in each cell, up to e^80.

        Of the terms of the logarithm only the first is averaged, the mean of `exp(x cos psi)` over `psi` being the
        Bessel function `I_0(x)`; all others are taken at their greatest.

        Args:
            radius: `rho`, above 0 and below 1.
        """
        height = np.minimum(self.logarithm(radius), 80, dtype=np.float32)
        first = (self._transforms[0][: len(height)] * np.float32(radius * FINENESS)).astype(np.int32)
        lookup = i0e(np.arange(int(radius * FINENESS * len(self.weights)) + 2) / FINENESS).astype(np.float32)
        return np.multiply(np.exp(height, out=height), lookup[first], out=height)

    @cached_property
    def _transforms(self) -> tuple[Float32[np.ndarray, " place"], Float32[np.ndarray, " place"]]:
        """`P_1`, and about its slope times half a cell, on the whole circle: real parts, or moduli if turned."""
        weights = np.zeros(self.n_cells, np.float32)
        np.add.at(weights, self.weights % self.n_cells, 1)
        sums = fft.rfft(weights, overwrite_x=True)
        if not self.turned:
            sums = sums.real
        # Beyond both ends the circle goes on with the conjugates.
        around = np.concatenate([sums[1:2].conj(), sums, sums[-2:-1].conj()])
        slopes = np.float32(0.5) * (around[2:] - around[:-2])
        if self.turned:
            return _whole(np.abs(sums), 1), _whole(np.abs(slopes), 1)
        return _whole(sums, 1), _whole(slopes, -1)


def _whole(half: Cells, sign: int) -> Float32[np.ndarray, " place"]:
    """Return a function on the whole circle that is even, or odd if the sign is -1."""
    return np.concatenate([half, sign * half[-2:0:-1]])


def _add_every(target: Cells, source: Float32[np.ndarray, " place"], term: int, factor: float) -> None:
    """Add the source at `term * t`, times a factor, for every `t` of the target: one stride for each turn."""
    start = offset = 0
    while start < len(target):
        turn = source[offset::term][: len(target) - start]
        target[start : start + len(turn)] += np.float32(factor) * turn
        start += len(turn)
        offset += len(turn) * term - len(source)
