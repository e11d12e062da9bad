"""One weighted quota and many members: Banzhaf's and Shapley's values in double precision, with a bound of the error.

Shapley's value is an integral (Owen 1972): with `beta_i(p)` the probability that member `i` decides when all others
vote yes independently with probability `p`,

    phi_i = integral of beta_i(p) over p from 0 to 1

`beta_i` is a mixture of the polynomials `C(n-1, s) p^s (1-p)^{n-1-s}`, each of which has the integral `1/n`. A
quadrature that gets all of these right to a part `e` gets every value right to that part, whatever the game. With some
180 members and more another way is quicker, which treats low and high chances of yes apart (`by_size`).
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from jaxtyping import Float, Int
from scipy.special import gammaln

from orrery.institutions.power.by_size import shapley_by_size
from orrery.institutions.power.chances import Chances, Method
from orrery.institutions.power.dense import decided_densely
from orrery.institutions.power.spectrum import Decided, Spectrum
from orrery.institutions.power.sums import Sums

QUADRATURE = 1e-10
"""The part of a value by which the quadrature may be off."""
OMITTED = 1e-12
"""What frequencies left out at one node of the quadrature may add to a value of Shapley's."""
OMITTED_OF_SCALE = 1e-12
"""The same in Banzhaf's, as a part of its scale."""
ROUNDING = 1e-13
"""Rounding of a few hundred terms, as a part of the greatest value."""


def banzhaf_weighted(sums: Sums) -> Chances:
    """Return how likely each member of a game with one quota decides, and a motion passes, if all toss coins."""
    line = Line.of(sums.steps[:, 1, 0], int(sums.requirement(0, [None])))
    if not line.is_open:
        return line.chances(np.zeros(len(line.weights)), float(line.quota < 1), 0.0)
    even = np.full(len(line.weights), 0.5)
    found = Spectrum(line.weights, line.quota).decide(even, OMITTED_OF_SCALE)
    if found is not None:
        return line.chances(found.decides, found.passes, found.error + ROUNDING * float(found.decides.max()))
    # If all toss coins, the votes against are distributed as those for a motion.
    found = decided_densely(line.weights, line.spectrum.threshold, 0.5)
    return line.chances(found.decides, 1 - found.passes if line.is_mirrored else found.passes, found.error)


def shapley_weighted(sums: Sums) -> Chances:
    """Return Shapley's values of a game with one quota."""
    line = Line.of(sums.steps[:, 1, 0], int(sums.requirement(0, [None])))
    if not line.is_open:
        return line.chances(np.zeros(len(line.weights)), float("nan"), 0.0)
    found = shapley_by_size(line.weights, line.quota)
    if found is not None:
        values, error = found
        return line.chances(values, float("nan"), max(error, abs(float(values.sum()) - 1)))
    nodes, weights = quadrature(len(line.weights))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        at_nodes = list(pool.map(line.decided, nodes.tolist(), weights.tolist()))
    values = weights @ np.array([one.decides for one in at_nodes])
    error = float(weights @ np.array([one.error for one in at_nodes])) + QUADRATURE * float(values.max())
    return line.chances(values, float("nan"), max(error, abs(float(values.sum()) - 1)))


@dataclass(frozen=True)
class Line:
    """A game with one quota, without the members that weigh nothing.

    Attributes:
        weights: ascending, at least 1.
        quota: what their sum must reach.
        places: where each of these members stands in the game.
        n_members: of the game.
    """

    weights: Int[np.ndarray, " voter"]
    quota: int
    places: Int[np.ndarray, " voter"]
    n_members: int

    @classmethod
    def of(cls, weights: Int[np.ndarray, " member"], quota: int) -> Line:
        """Sort the members that weigh something."""
        order = np.argsort(weights, kind="stable")
        places = order[weights[order] > 0]
        return cls(weights[places], quota, places, len(weights))

    @cached_property
    def total(self) -> int:
        """All weights together."""
        return int(self.weights.sum())

    @property
    def is_open(self) -> bool:
        """Whether the outcome depends on votes."""
        return 1 <= self.quota <= self.total

    @property
    def is_mirrored(self) -> bool:
        """Whether it takes fewer votes to stop a motion than to carry it, so that those against are added up."""
        return self.quota > self.total - self.quota + 1

    @cached_property
    def spectrum(self) -> Spectrum:
        """The frequencies of the weights, for the fewest votes that settle the outcome."""
        return Spectrum(self.weights, min(self.quota, self.total - self.quota + 1))

    def decided(self, chance: float, weight: float) -> Decided:
        """Return how likely each of these members decides at a node of a quadrature, as exactly as its weight needs.

        Args:
            chance: of yes of every member, strictly between 0 and 1.
            weight: of the node.
        """
        likely = 1 - chance if self.is_mirrored else chance
        chances = np.full(len(self.weights), likely)
        scale = self.spectrum.scale(chances)
        # A tilt changes the weight of a vote by at most 1 / chance, which bounds what all are likely to decide.
        most = scale / min(chance, 1 - chance)
        if most * weight < OMITTED:
            return Decided(np.zeros(len(chances)), np.nan, most)
        found = self.spectrum.decide(chances, OMITTED / weight / scale)
        if found is not None:
            return found
        if likely <= 0.5:
            return decided_densely(self.weights, self.spectrum.threshold, likely)
        return decided_densely(self.weights, self.total - self.spectrum.threshold + 1, 1 - likely)

    def chances(self, decides: Float[np.ndarray, " voter"], passes: float, error: float) -> Chances:
        """Return results for all members of the game."""
        return Chances(tuple(self.for_all(decides).tolist()), passes, Method.DOUBLE, error)

    def for_all(self, decides: Float[np.ndarray, " voter"]) -> Float[np.ndarray, " member"]:
        """Return a value for each member of the game, 0 for those that weigh nothing."""
        values = np.zeros(self.n_members)
        values[self.places] = decides
        return values


@lru_cache
def quadrature(n_members: int) -> tuple[Float[np.ndarray, " node"], Float[np.ndarray, " node"]]:
    """Return nodes and weights of the smallest Gauss-Legendre rule that is good enough for so many members."""
    n_nodes = max(1, min(n_members // 2, int(3.3 * n_members**0.5)))
    while True:
        points, weights = np.polynomial.legendre.leggauss(n_nodes)
        nodes, weights = (points + 1) / 2, weights / 2
        if n_nodes >= (n_members + 1) // 2 or _worst(n_members, nodes, weights) < QUADRATURE:
            return nodes, weights
        n_nodes += 1


def _worst(n_members: int, nodes: Float[np.ndarray, " node"], weights: Float[np.ndarray, " node"]) -> float:
    """Return the greatest relative error of a quadrature over the polynomials that values are made of."""
    yes = np.arange(n_members)[:, None]
    logarithm = gammaln(n_members + 1) - gammaln(yes + 1) - gammaln(n_members - yes)
    terms = np.exp(logarithm + yes * np.log(nodes) + (n_members - 1 - yes) * np.log1p(-nodes))
    return float(np.abs(terms @ weights - 1).max())
