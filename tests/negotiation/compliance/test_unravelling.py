"""Unravelling: the published cascade of thresholds, and the largest set that holds, however it is reached."""

from __future__ import annotations

from itertools import combinations

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orrery.base.errors import NegotiationError
from orrery.negotiation.agreement import payoff
from orrery.negotiation.compliance.unravelling import (
    Interdependence,
    exits_caused,
    interdependence,
    unravel,
    values,
)

few = settings(max_examples=40)
seeds = st.integers(0, 10**6)


def random_ties(seed: int, n: int = 7) -> Interdependence:
    rng = np.random.default_rng(seed)
    return Interdependence(jnp.asarray(rng.uniform(-3, 0.5, n)), jnp.asarray(rng.uniform(0, 1, (n, n))))


def crowd(thresholds: list[int]) -> Interdependence:
    """Parties that leave once so many others have: value = others left in - (n - 1 - threshold) - 1/2."""
    n = len(thresholds)
    own = -(n - 1 - jnp.asarray(thresholds, jnp.float32)) - 0.5
    return Interdependence(own, jnp.ones((n, n)))


def test_one_threshold_decides_whether_everybody_leaves():
    """Granovetter 1978, American Journal of Sociology 83: thresholds 0 to 99; then the one of 1 becomes 2."""
    everybody = jnp.ones(100, bool)
    found = unravel(crowd(list(range(100))), everybody)
    assert int(found.members.sum()) == 0
    assert int(found.rounds) == 100
    assert found.left_in.tolist() == list(range(1, 101))
    nearly_the_same = unravel(crowd([0, 2, *range(2, 100)]), everybody)
    assert int(nearly_the_same.members.sum()) == 99
    assert int(nearly_the_same.rounds) == 1


@few
@given(seeds)
def test_what_is_left_is_the_largest_set_that_holds(seed):
    among, n = random_ties(seed), 7
    left = {int(i) for i in np.flatnonzero(unravel(among, jnp.ones(n, bool)).members)}
    own, added = np.asarray(among.own), np.asarray(among.added)

    def holds(members: tuple[int, ...]) -> bool:
        return all(own[i] + sum(added[i, j] for j in members if j != i) >= 0 for i in members)

    holding = [set(members) for k in range(n + 1) for members in combinations(range(n), k) if holds(members)]
    assert left in holding
    assert all(members <= left for members in holding)


@few
@given(seeds)
def test_the_order_of_leaving_does_not_matter(seed):
    among, rng = random_ties(seed), np.random.default_rng(seed)
    own, added = np.asarray(among.own), np.asarray(among.added)
    members = set(range(7))
    while leaving := [i for i in members if own[i] + sum(added[i, j] for j in members - {i}) < 0]:
        members.remove(int(rng.choice(leaving)))
    assert np.flatnonzero(unravel(among, jnp.ones(7, bool)).members).tolist() == sorted(members)


@few
@given(seeds, st.integers(0, 6))
def test_who_leaves_first_never_keeps_another_in(seed, first):
    among, everybody = random_ties(seed), jnp.ones(7, bool)
    with_all, without = (unravel(among, start).members for start in (everybody, everybody.at[first].set(False)))
    assert not bool((without & ~with_all).any())
    caused = exits_caused(among, everybody)
    expected = int(with_all.sum() - without.sum()) - 1 if bool(with_all[first]) else 0
    assert int(caused[first]) == expected


def test_values_are_those_of_the_closed_form_when_all_take_part():
    distance, weight = jnp.asarray([0.1, 0.4, 0.9]), jnp.asarray([2.0, 1.0, 1.0])
    among = interdependence(0.5, 1.2, distance, weight, leaving_cost=0.05)
    whole = payoff(jnp.asarray(0.5), distance, jnp.asarray(1.2)) + 0.05
    assert values(among, jnp.ones(3, bool)).tolist() == pytest.approx(whole.tolist())
    without = payoff(jnp.asarray(0.5), distance, jnp.asarray(1.2 * 0.75)) + 0.05
    left = values(among, jnp.asarray([True, True, False]))
    assert left[:2].tolist() == pytest.approx(without[:2].tolist())


def test_a_large_party_takes_the_agreement_with_it_and_a_small_one_does_not():
    weight = jnp.asarray([0.5, 0.2, 0.15, 0.1, 0.05])
    among = interdependence(0.4, 0.5, jnp.full(5, 0.3), weight)
    assert exits_caused(among, jnp.ones(5, bool)).tolist() == [4, 0, 0, 0, 0]
    costly = interdependence(0.4, 0.5, jnp.full(5, 0.3), weight, leaving_cost=0.1)
    assert exits_caused(costly, jnp.ones(5, bool)).tolist() == [0] * 5


def test_limits():
    nobody = jnp.zeros(3, bool)
    among = Interdependence(jnp.asarray([0.0, 1.0, -1.0]), jnp.zeros((3, 3)))
    assert int(unravel(among, nobody).rounds) == 0
    found = unravel(among, jnp.ones(3, bool))
    assert found.members.tolist() == [True, True, False]
    assert found.left_in.tolist() == [0, 0, 1]


def test_bad_input_is_named():
    with pytest.raises(NegotiationError, match="`added`: -1 came"):
        Interdependence(jnp.zeros(2), -jnp.ones((2, 2)))
    with pytest.raises(NegotiationError, match="`own`: nan came"):
        Interdependence(jnp.full(2, jnp.nan), jnp.ones((2, 2)))
    with pytest.raises(NegotiationError, match="`weight`: -1 came"):
        interdependence(0.5, 1.0, jnp.zeros(2), -jnp.ones(2))
    with pytest.raises(NegotiationError, match="`leaving_cost`: -1 came"):
        interdependence(0.5, 1.0, jnp.zeros(2), jnp.ones(2), leaving_cost=-1.0)
