"""Agreements in closed form: their limits, the consequences that the papers describe, and their derivation."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orrery.institutions.games import AllOf, Threshold
from orrery.negotiation.agreement import Table, Terms, agree, caucused, duration, hazard, payoff

RNG = np.random.default_rng(5)
# Compiled as a whole, since each of its steps alone would be compiled for each shape.
settle = eqx.filter_jit(agree)


def unanimity(n: int) -> Threshold:
    return Threshold((1,) * n, n)


def qualified(n: int) -> Threshold:
    return Threshold((1,) * n, -(-65 * n // 100))


def tables(n: int, draws: int = 400, sd: float = 0.8) -> Table:
    position = jnp.asarray(RNG.normal(0, sd, (draws, n, 1)), jnp.float32)
    return Table(position, jnp.ones((n, 1)), jnp.ones(n), scale=2.0)


def test_parties_that_agree_go_all_the_way_at_once():
    table = Table(jnp.full((4, 2), 0.3), jnp.ones((4, 2)), jnp.ones(4))
    found = settle(table, Terms(1.0), unanimity(4))
    assert found.text.tolist() == pytest.approx([0.3, 0.3])
    assert float(found.depth) == pytest.approx(1)
    assert float(found.years) == pytest.approx(0)
    assert float(found.hazard) == pytest.approx(1 - np.exp(-4))


def test_values_worked_out_by_hand():
    # Positions 0 and 1, equal influence: p = 1/2, D = 1/4, phi = 1 - 1/8/S.
    table = Table(jnp.asarray([[0.0], [1.0]]), jnp.ones((2, 1)), jnp.ones(2))
    found = settle(table, Terms(0.5, concession=0.4), unanimity(2))
    assert found.acceptability.tolist() == pytest.approx([0.75, 0.75])
    assert float(found.depth) == pytest.approx(0.375)
    assert float(found.years) == pytest.approx(2 / 0.4 * np.log(1 / 0.75))
    assert found.value.tolist() == pytest.approx([0.375 * 0.375 - 0.375**2 / 2] * 2)
    assert not bool(settle(table, Terms(0.1), unanimity(2)).agreed)


def test_more_parties_are_slower_and_shallower_under_unanimity_and_not_under_a_qualified_majority():
    sizes = (3, 15, 27, 60)
    by_rule = {}
    for rule in (unanimity, qualified):
        found = [settle(tables(n), Terms(1.5 / 4, concession=0.3), rule(n)) for n in sizes]
        by_rule[rule] = [
            (float(1 - each.agreed.mean()), float(each.depth.mean()), float(each.hazard.mean())) for each in found
        ]
    deadlock, depth, speed = (np.array(column) for column in zip(*by_rule[unanimity], strict=True))
    for column in (deadlock, -depth, -speed):
        assert (np.diff(column) > 0).all()
    many, few = by_rule[qualified][-1], by_rule[qualified][1]
    assert many[0] <= 0.01
    assert many[1] == pytest.approx(few[1], abs=0.05)


def test_a_veto_inside_the_others_range_changes_nothing():
    table = Table(jnp.asarray([[-1.0], [-0.4], [0.1], [0.5], [1.0]]), jnp.ones((5, 1)), jnp.ones(5))
    every = unanimity(5)
    absorbed = AllOf((every, Threshold((0, 0, 1, 0, 0), 1)))
    one, two = (settle(table, Terms(2.0), game) for game in (every, absorbed))
    assert float(one.depth) == float(two.depth)
    assert int(one.binds) == int(two.binds)


def test_linkage_frees_what_one_party_blocks():
    position = jnp.asarray([[0.9, 0.2], [0.8, 0.1], [0.85, 0.9]])
    salience = jnp.asarray([[0.9, 0.1], [0.9, 0.1], [0.2, 0.8]])
    table = Table(position, salience, jnp.asarray([1.0, 1.0, 0.2]))
    alone, package = (settle(table, Terms(0.15, linkage=linkage), unanimity(3)) for linkage in (0.0, 0.9))
    assert not bool(alone.agreed)
    assert int(alone.binds) == 2
    assert bool(package.agreed)


def test_caucusing_cuts_both_ways():
    position = jnp.asarray([[0.0], [0.1], [0.2], [1.0]])
    bloc = jnp.asarray([[1.0], [1.0], [1.0], [0.0]])
    terms = Terms(0.3)
    alone = settle(Table(position, jnp.ones((4, 1)), jnp.ones(4)), terms, unanimity(4))
    away = caucused(position, bloc, jnp.asarray([[0.0]]), 1.0)
    towards = caucused(position, bloc, jnp.asarray([[0.3]]), 1.0)
    apart, closer = (
        settle(Table(each, jnp.ones((4, 1)), jnp.ones(4)), terms, unanimity(4)) for each in (away, towards)
    )
    assert float(apart.linked) < float(alone.linked) < float(closer.linked)


def test_urgency_shortens_and_leadership_moves_the_text():
    table = Table(jnp.asarray([[0.0], [0.6], [1.0]]), jnp.ones((3, 1)), jnp.ones(3))
    slow, fast = (settle(table, Terms(1.0, concession=c), unanimity(3)) for c in (0.2, 2.0))
    assert float(fast.years) == pytest.approx(float(slow.years) / 10)
    led = settle(table, Terms(1.0, leadership=0.5, leader=2), unanimity(3))
    assert float(led.text[0]) == pytest.approx(0.5 * 1.6 / 3 + 0.5)


@given(st.floats(0.05, 1), st.floats(0.05, 1), st.floats(0.1, 5))
def test_nobody_needed_accepts_later_than_the_party_that_binds(one, other, stake):
    """At depth S phi* a party with a higher phi gets at least phi*^2 of its best value (the derivation of step 5)."""
    least, mine = sorted((one, other))
    distance = 2 * stake * (1 - mine)
    got = payoff(jnp.asarray(stake * least), jnp.asarray(distance), jnp.asarray(stake))
    best = (stake * mine) ** 2 / 2
    assert float(got) / best >= least**2 - 1e-4


def test_batches_equal_single_tables_and_gradients_are_finite():
    table, game = tables(7, draws=5), qualified(7)
    found = settle(table, Terms(0.4), game)
    for draw in range(5):
        single = settle(Table(table.position[draw], table.salience, table.influence, table.scale), Terms(0.4), game)
        assert float(single.depth) == pytest.approx(float(found.depth[draw]), abs=1e-6)
        assert int(single.binds) == int(found.binds[draw])
    slope = jax.grad(lambda stake: agree(table, Terms(stake), game).hazard.sum())(0.05)
    assert np.isfinite(slope)


def test_deadlock_never_ends():
    assert float(duration(jnp.asarray(-0.1), 0.3)) == np.inf
    assert float(hazard(jnp.asarray(0.0), 0.3)) == 0
