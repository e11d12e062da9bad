"""Portfolios to compare: today's, named ones, and points spread over the simplex of all."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from jaxtyping import Float
from scipy.stats import qmc

from orrery.measure.portfolios.channels import NON_ALIGNED

SPREAD_LOG2 = 7
"""Binary logarithm of the number of points spread over the simplex."""


class Kind(enum.StrEnum):
    """What sort of portfolio a candidate is."""

    TODAY = "today"
    HEDGE = "equal shares"
    NON_ALIGNMENT = "non-alignment"
    LEAN = "lean"
    CAMP = "one pole"
    SPREAD = "spread over the simplex"
    BETWEEN = "between mean and worst decile"
    BEST = "best by a criterion"


@dataclass(frozen=True)
class Candidate:
    """A portfolio to hold from the start year on.

    Attributes:
        name: what it is called in tables.
        kind: its sort.
        shares: non-alignment first, then the poles; sum 1.
    """

    name: str
    kind: Kind
    shares: Float[np.ndarray, " option"]


def named(today: Float[np.ndarray, " option"], poles: Sequence[str]) -> list[Candidate]:
    """Return today's portfolio and those that are made of it by rule.

    * equal shares among all poles, or among two, at today's share of non-alignment;
    * non-alignment alone;
    * a lean to a pole: half of whatever today's portfolio holds elsewhere goes there;
    * one pole alone, at today's share of non-alignment.
    """
    n_poles, outside = len(poles), today[0]
    corners = np.eye(n_poles + 1)

    def equal(places: Sequence[int]) -> Float[np.ndarray, " option"]:
        return outside * corners[0] + (1 - outside) * corners[[place + 1 for place in places]].mean(0)

    found = [
        Candidate("today", Kind.TODAY, today),
        Candidate("equal shares, all poles", Kind.HEDGE, equal(range(n_poles))),
        Candidate(NON_ALIGNED, Kind.NON_ALIGNMENT, corners[0]),
    ]
    if n_poles > 2:
        for one, other in combinations(range(n_poles), 2):
            found.append(Candidate(f"equal shares, {poles[one]} and {poles[other]}", Kind.HEDGE, equal([one, other])))
    for place, pole in enumerate(poles):
        found.append(Candidate(f"lean to {pole}", Kind.LEAN, (today + corners[place + 1]) / 2))
    for place, pole in enumerate(poles):
        found.append(Candidate(f"{pole} alone", Kind.CAMP, equal([place])))
    return found


def spread(n_options: int, seed: int, log2_points: int = SPREAD_LOG2) -> list[Candidate]:
    """Return portfolios spread evenly over the simplex: a scrambled Sobol sequence (Owen 1998) with uniform density.

    Coordinates become exponential and are divided by their sum, which is the uniform Dirichlet distribution.
    """
    uniform = qmc.Sobol(n_options, seed=seed).random_base2(log2_points)
    lengths = -np.log(np.clip(uniform, 1e-12, 1.0 - 1e-12))
    shares = lengths / lengths.sum(1, keepdims=True)
    return [Candidate(f"spread {number}", Kind.SPREAD, one) for number, one in enumerate(shares, 1)]
