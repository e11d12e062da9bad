"""How often each member decides, by the quickest method that is exact for the game at hand.

| method | games | exact in |
|---|---|---|
| `counting` | few joint sums: any rule of counts and small weights, abstention included | whole numbers or doubles |
| `halves` | up to about 30 members, any weights | whole numbers |
| `weighted` | one weighted quota, hundreds of members | double precision, with a bound |
| `mixed` | one weighted quota and others of small totals, hundreds of members | double precision, with a bound |
| `sampling` | all others, and only with a key | Monte Carlo, with a standard error |
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import factorial

import numpy as np
from jaxtyping import Array, Int, Key

from orrery.base.errors import InstitutionError
from orrery.institutions.power.chances import Chances, Method
from orrery.institutions.power.counting import (
    QUICK,
    banzhaf_counted,
    banzhaf_plan,
    roll_call_counted,
    roll_call_plan,
    shapley_counted,
    shapley_plan,
)
from orrery.institutions.power.halves import Winning, pair_cost, search_cost, winning_coalitions
from orrery.institutions.power.mixed import banzhaf_mixed, cost_mixed, shapley_mixed
from orrery.institutions.power.sampling import sampled, sampled_roll_calls
from orrery.institutions.power.sums import Sums
from orrery.institutions.power.weighted import banzhaf_weighted, shapley_weighted

MOST_SUMS = 2**24
"""Sums of one total that are held in memory."""
MOST = 1e10
"""Operations beyond which nothing exact is tried: about a minute."""

NODES = 20
"""Nodes of a quadrature at which the joint distribution is about needed."""

Key0 = Key[Array, ""]
Ways = list[tuple[float, Callable[[Sums], Chances | None]]]
"""What each way costs, and the way; it may find out that it does not reach."""


def banzhaf_chances(sums: Sums, key: Key0 | None = None) -> Chances:
    """Return how likely each member decides if all others take each of their choices equally often.

    In a binary game this is Banzhaf's absolute measure, swings / 2^(n-1) (Penrose 1946; Banzhaf 1965; Dubey & Shapley
    1979). In a ternary one it is the probability that the motion passes if the member says yes and fails if it says no
    (Felsenthal & Machover 1997). `passes` is the probability that a motion passes.

    Raises:
        InstitutionError: no exact method reaches the game, and no key came for Monte Carlo.
    """
    ways: Ways = [(banzhaf_plan(sums).cost, banzhaf_counted), (max(cost_mixed(sums), QUICK), banzhaf_mixed)]
    if sums.n_choices == 2:
        ways += [(_halves_cost(sums), _banzhaf_of_halves), (_weighted_cost(sums), banzhaf_weighted)]
    return _quickest(sums, ways, sampled, key)


def shapley_chances(sums: Sums, key: Key0 | None = None) -> Chances:
    """Return how likely each member is pivotal when members vote one after the other in a random order.

    In a binary game this is the value of Shapley (1953) as an index of power (Shapley & Shubik 1954); in a ternary one
    that of the roll-call model with abstention (Felsenthal & Machover 1997). `passes` is NaN.

    Raises:
        InstitutionError: no exact method reaches the game, and no key came for Monte Carlo.
    """
    if sums.n_choices > 2:
        # Once for the motions that pass, once for those that fail.
        ways: Ways = [(2 * roll_call_plan(sums).cost, roll_call_counted)]
    else:
        ways = [
            (max(NODES * cost_mixed(sums), QUICK), shapley_mixed),
            (shapley_plan(sums).cost, shapley_counted),
            (_halves_cost(sums), _shapley_of_halves),
            (_weighted_cost(sums), shapley_weighted),
        ]
    return _quickest(sums, ways, sampled_roll_calls, key)


def _quickest(
    sums: Sums,
    ways: Ways,
    sample: Callable[[Key0, Sums], Chances],
    key: Key0 | None,
) -> Chances:
    for cost, way in sorted(ways, key=lambda one: one[0]):
        found = way(sums) if cost <= MOST else None
        if found is not None:
            return found
    if key is None:
        raise InstitutionError(
            f"`game`: {sums.n_members} members and {sums.n_totals} totals of up to {max(sums.tops):,} came, too many "
            "for an exact method. Give a `key` to estimate by Monte Carlo, or write the weights in a coarser unit."
        )
    return sample(key, sums)


def _halves_cost(sums: Sums) -> float:
    return min(search_cost(sums), pair_cost(sums))


def _weighted_cost(sums: Sums) -> float:
    """Return what it takes at most for whole numbers to be preferred to double precision."""
    return QUICK if sums.n_totals == 1 and min(sums.tops[0], sums.dual().tops[0]) <= MOST_SUMS else np.inf


def _banzhaf_of_halves(sums: Sums) -> Chances:
    won = winning_coalitions(sums)
    whole, n_winning = 2**sums.n_members, int(won.all.sum())
    swings = 2 * won.holding.sum(1) - n_winning
    decides = tuple(Fraction(2 * int(count), whole) for count in swings)
    return Chances(decides, Fraction(n_winning, whole), Method.INTEGERS)


def _shapley_of_halves(sums: Sums) -> Chances:
    won = winning_coalitions(sums)
    decides = tuple(_shapley_value(won, holding) for holding in won.holding)
    return Chances(decides, float("nan"), Method.INTEGERS)


def _shapley_value(won: Winning, holding: Int[np.ndarray, " size"]) -> Fraction:
    """Return `sum (s-1)! (n-s)! / n!` over winning coalitions with a member less `s! (n-s-1)! / n!` without it."""
    n_members = len(won.all) - 1
    total = 0
    for size, (winning, with_member) in enumerate(zip(won.all.tolist(), holding.tolist(), strict=True)):
        if with_member:
            total += with_member * factorial(size - 1) * factorial(n_members - size)
        if winning - with_member:
            total -= (winning - with_member) * factorial(size) * factorial(n_members - size - 1)
    return Fraction(total, factorial(n_members))
