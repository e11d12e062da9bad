"""Several quotas, of which one total is large: the grid of the small totals, and the spectrum of the large one.

An amendment of the Articles of the Fund takes three fifths of its members and 85 % of its votes: few counts, millions
of votes. For one frequency of the large total, a yes multiplies by a point of the unit circle, and the small totals
are added up on their grid as always (`grid`); a few hundred frequencies give the joint distribution (`spectrum`; the
bound there holds for any further phase, so that it holds for every cell of the grid).

Where so few vote yes, or no, that more frequencies would be needed, the small totals are as good as certain to be
where one requirement of the large one holds, and the game is there as one with that single quota.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Int

from orrery.institutions.power.chances import Chances, Method
from orrery.institutions.power.grid import Voter, coordinates, cost, distribution, without_each
from orrery.institutions.power.spectrum import Decided, Spectrum
from orrery.institutions.power.sums import Sums
from orrery.institutions.power.weighted import QUADRATURE, ROUNDING, Line, quadrature

OMITTED = 1e-12
"""What frequencies left out may add to a value of Banzhaf's."""
OMITTED_AT_NODE = 1e-11
"""What frequencies or small totals left out at one node of the quadrature may add to a value of Shapley's."""
FREQUENCIES = 300
"""Frequencies that are about needed."""
COMPLEX = 4
"""How many times longer an addition of complex numbers takes than one of whole numbers."""


def banzhaf_mixed(sums: Sums) -> Chances | None:
    """Return how likely each member decides, and a motion passes, if all toss coins; None if that is out of reach."""
    game = sums.shorter()
    found = Mixed(game).at(0.5, OMITTED)
    if found is None:
        return None
    passes = found.passes if game is sums else 1 - found.passes
    return Chances(tuple(found.decides.tolist()), passes, Method.DOUBLE, found.error + ROUNDING)


def shapley_mixed(sums: Sums) -> Chances | None:
    """Return Shapley's values, or None if they are out of reach."""
    mixed = Mixed(sums.shorter())
    nodes, weights = quadrature(sums.n_members)
    values, error = np.zeros(sums.n_members), QUADRATURE
    for chance, weight in zip(nodes.tolist(), weights.tolist(), strict=True):
        found = mixed.near_certain(chance, weight) or mixed.at(chance, OMITTED_AT_NODE / weight)
        if found is None:
            return None
        values += weight * found.decides
        error += weight * found.error
    return Chances(tuple(values.tolist()), float("nan"), Method.DOUBLE, max(error, abs(float(values.sum()) - 1)))


def cost_mixed(sums: Sums) -> float:
    """Return about how many operations the joint distribution needs once; infinite where it is not made for."""
    if sums.n_choices > 2 or sums.n_totals < 2:
        return np.inf
    mixed = Mixed(sums.shorter())
    n_cells = float(np.prod([top + 1.0 for top in mixed.tops]))
    return COMPLEX * cost(n_cells * FREQUENCIES, [mixed._plain(members) for members in mixed.sums.classes])


@dataclass(frozen=True)
class Mixed:
    """A binary game of several totals, of which one is large.

    Attributes:
        sums: the game.
    """

    sums: Sums

    @cached_property
    def large(self) -> int:
        """The total with the highest quota."""
        return int(np.argmax(self.sums.tops))

    @cached_property
    def weights(self) -> Int[np.ndarray, " member"]:
        """What the yes of each member adds to the large total."""
        return self.sums.steps[:, 1, self.large]

    @cached_property
    def small(self) -> list[int]:
        """The other totals."""
        return [total for total in range(self.sums.n_totals) if total != self.large]

    @cached_property
    def tops(self) -> tuple[int, ...]:
        """Beyond which the small totals make no difference."""
        return tuple(self.sums.tops[total] for total in self.small)

    @cached_property
    def _lines(self) -> dict[int, Line]:
        return {}

    @cached_property
    def spectrum(self) -> Spectrum:
        """The frequencies of the large total."""
        return Spectrum(np.sort(self.weights[self.weights > 0]), 1, turned=True)

    def at(self, chance: float, tolerance: float) -> Decided | None:
        """Return how likely each member decides, all with one chance of yes; None if it takes too many frequencies."""
        n_cells = int(np.prod([top + 1 for top in self.tops]))
        frequencies, omitted = self.spectrum.untilted(chance, tolerance / n_cells)
        if frequencies is None:
            return None
        frequencies = np.append(0, frequencies)
        alike = self.sums.classes
        circle = self.spectrum.circle(frequencies, self.weights[[members[0] for members in alike]])
        tops = (*self.tops, len(frequencies) - 1)
        start = np.ones((1,) * len(self.tops) + (len(frequencies),), complex)
        voters = [self._voter(members, chance, circle[:, place]) for place, members in enumerate(alike)]
        decides = np.empty(self.sums.n_members)
        passes = np.nan
        for place, grid in without_each(voters, tops, complex, start):
            members = list(alike[place])
            step = voters[place].steps[1, :-1]
            without = self._needed(grid, 0 * step)
            with_yes = np.asarray(self._needed(grid, step) - int(self.weights[members[0]]))
            decides[members] = self._between(grid, frequencies, with_yes, without)
            if np.isnan(passes):
                everybody = np.full(without.shape, self.spectrum.period)
                passing = [self._between(grid, frequencies, needed, everybody) for needed in (without, with_yes)]
                passes = (1 - chance) * passing[0] + chance * passing[1]
        return Decided(decides, passes, omitted * n_cells)

    def near_certain(self, chance: float, weight: float) -> Decided | None:
        """Return how likely each member decides where the small totals as good as settle what the large one needs.

        None where they do not.
        """
        plain = [self._plain(members) for members in self.sums.classes]
        voters = [Voter(one.size, one.steps[:, :-1], (1 - chance, chance)) for one in plain]
        grid = distribution(voters, self.tops, np.float64)
        needed = self._needed(grid, np.zeros(len(self.tops), np.int64))
        for requirement in np.unique(needed).tolist():
            apart = needed != requirement
            for voter in voters:
                apart |= self._needed(grid, voter.steps[1]) != requirement
            # Given that one member says no, the others are where all are, which at most multiplies what is unlikely.
            unlikely = float(grid[apart].sum()) / (1 - chance)
            if unlikely < OMITTED_AT_NODE / weight:
                return self._on_line(requirement, chance, weight, unlikely)
        return None

    def _on_line(self, requirement: int, chance: float, weight: float, unlikely: float) -> Decided:
        if requirement not in self._lines:
            self._lines[requirement] = Line.of(self.weights, requirement)
        line = self._lines[requirement]
        if not line.is_open:
            return Decided(np.zeros(line.n_members), np.nan, unlikely)
        found = line.decided(chance, weight)
        return Decided(line.for_all(found.decides), np.nan, found.error + unlikely)

    def _plain(self, members: tuple[int, ...]) -> Voter:
        steps = self.sums.steps[members[0]][:, self.small]
        return Voter(len(members), np.append(steps, np.zeros((2, 1), np.int64), 1), (1.0, 1.0))

    def _voter(self, members: tuple[int, ...], chance: float, circle: np.ndarray) -> Voter:
        plain = self._plain(members)
        return Voter(plain.size, plain.steps, np.stack([np.full(len(circle), 1 - chance + 0j), chance * circle]))

    def _needed(self, grid: np.ndarray, step: Int[np.ndarray, " small"]) -> Int[np.ndarray, "..."]:
        """Return what the large total must reach in every cell of the small ones, moved by a step."""
        shape = grid.shape[: len(self.tops)]
        places = coordinates(np.empty(shape), len(self.tops))
        others: list[np.ndarray | None] = [None] * self.sums.n_totals
        for total, place, move in zip(self.small, places, step.tolist(), strict=True):
            others[total] = place + move
        return np.broadcast_to(self.sums.requirement(self.large, others), shape)

    def _between(
        self,
        grid: np.ndarray,
        frequencies: Int[np.ndarray, " frequency"],
        low: Int[np.ndarray, "..."],
        high: Int[np.ndarray, "..."],
    ) -> float:
        """Return the probability that the large total is at least `low` and less than `high` in its cell."""
        period = self.spectrum.period
        first, last = (np.clip(edge, 0, period).astype(np.int64) for edge in (low, high))
        last = np.maximum(first, last)
        by_edge = np.zeros(len(frequencies), complex)
        length = float((np.real(grid[..., 0]) * (last - first)).sum())
        for edges, sign in ((first, 1), (last, -1)):
            for edge in np.unique(edges).tolist():
                turns = np.exp(-2j * np.pi / period * (frequencies * edge % period))
                by_edge += sign * turns * grid[edges == edge].sum(0)
        phases = 2 * np.pi / period * frequencies[1:]
        # 1 - e^{-it} without losing the digits of small phases.
        step = 2 * np.sin(phases / 2) ** 2 + 1j * np.sin(phases)
        return (length + 2 * float((by_edge[1:] / step).real.sum())) / period
