"""The trade-off of legitimacy with speed: least squares as an oracle, a Simpson reversal, and tables of real rules."""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orrery.base.errors import NegotiationError
from orrery.institutions.games import Threshold
from orrery.negotiation.agreement import Table, Terms, agree
from orrery.negotiation.legitimacy import Scope, representation, speed
from orrery.negotiation.requirements import requirements
from orrery.negotiation.tradeoff import groups_of, reversal_warning, tradeoff

TABLES = 12


@settings(max_examples=20)
@given(st.integers(0, 2**31), st.integers(1, 3))
def test_slopes_are_those_of_least_squares(seed, n_groups):
    draws = np.random.default_rng(seed)
    x, y = draws.uniform(0, 1, (2, TABLES))
    group = np.arange(TABLES) % n_groups
    found = tradeoff(jnp.asarray(y), jnp.asarray(x), group)
    design = np.column_stack([x, group[:, None] == np.arange(n_groups)]).astype(float)
    (slope, *_), (left_over,), *_ = np.linalg.lstsq(design, y, rcond=None)
    variance = left_over / (TABLES - n_groups - 1) * np.linalg.inv(design.T @ design)[0, 0]
    assert float(found.within) == pytest.approx(slope, rel=1e-3, abs=1e-3)
    assert float(found.within_error) == pytest.approx(np.sqrt(variance), rel=1e-3)
    assert float(found.raw) == pytest.approx(np.polyfit(x, y, 1)[0], rel=1e-3, abs=1e-3)
    for place in range(n_groups):
        own = group == place
        assert float(found.by_group[place]) == pytest.approx(np.polyfit(x[own], y[own], 1)[0], rel=1e-3, abs=1e-3)


def test_a_simpson_reversal_is_said():
    """Two rules: under each a fuller table is slower; the fuller tables have the quicker rule."""
    x = jnp.asarray([0.1, 0.2, 0.3, 0.7, 0.8, 0.9])
    y = jnp.asarray([1.0, 0.9, 0.8, 3.0, 2.9, 2.8])
    found = tradeoff(y, x, groups_of(np.array(["unanimity"] * 3 + ["majority"] * 3)))
    assert float(found.within) == pytest.approx(-1)
    assert float(found.raw) > 0
    assert bool(found.reversed)
    assert "at fixed rule and stake it falls (-1)" in str(reversal_warning(found))
    alone = tradeoff(y[:3], x[:3], np.zeros(3, int))
    assert reversal_warning(alone) is None


PARTIES = 30


def speeds_of_growing_tables():
    """The parties nearest to the middle, more and more of them: small tables by consensus, large ones by majority."""
    line = np.linspace(-1, 1, PARTIES)
    position = jnp.asarray(line[np.argsort(abs(line), kind="stable")])[:, None]
    world = Scope(*(jnp.ones(PARTIES),) * 3, addressed=jnp.ones(PARTIES, bool))
    settle, heard = eqx.filter_jit(agree), eqx.filter_jit(representation)
    rows = []
    for rule, sizes in (("consensus", (3, 9)), ("majority", (18, 27))):
        for size in sizes:
            seated = np.arange(PARTIES) < size
            game = requirements(Threshold(tuple(map(int, seated)), size if rule == "consensus" else size // 2 + 1))
            table = Table(position, jnp.ones((PARTIES, 1)), jnp.asarray(seated, jnp.float32))
            legitimate = heard(world, jnp.asarray(seated / size)).input_legitimacy
            rows.append((rule, float(speed(settle(table, Terms(0.4), game).years)), float(legitimate)))
    return rows


def test_a_fuller_table_is_slower_under_its_rule():
    rule, fast, legitimate = zip(*speeds_of_growing_tables(), strict=True)
    found = tradeoff(jnp.asarray(fast), jnp.asarray(legitimate), groups_of(np.array(rule)))
    assert (np.asarray(found.by_group) < 0).all()
    assert float(found.within) < 0
    assert found.tables.tolist() == [2, 2]


def test_batches_equal_single_trade_offs():
    draws = np.random.default_rng(1)
    x, y = jnp.asarray(draws.uniform(0, 1, TABLES)), jnp.asarray(draws.uniform(0, 1, (3, TABLES)))
    group = np.arange(TABLES) % 2
    together = tradeoff(y, x, group)
    for draw in range(3):
        alone = tradeoff(y[draw], x, group)
        np.testing.assert_allclose(together.by_group[draw], alone.by_group, rtol=1e-5)
        assert float(together.within[draw]) == pytest.approx(float(alone.within), rel=1e-5)
    with pytest.raises(NegotiationError, match="give one at a time"):
        reversal_warning(together)


def test_tables_that_do_not_differ_have_no_slope():
    found = tradeoff(jnp.asarray([1.0, 2.0, 3.0, 4.0]), jnp.asarray([0.3, 0.3, 0.7, 0.7]), np.array([0, 0, 1, 1]))
    assert np.isnan(found.within)
    assert np.isnan(found.by_group).all()
    assert float(found.raw) == pytest.approx(5.0)
    assert not bool(found.reversed)


def test_groups_are_alike_in_every_condition():
    rule, stake = np.array(["a", "b", "a", "a"]), np.array([1.0, 1.0, 2.0, 1.0])
    group = groups_of(rule, stake)
    assert group[0] == group[3]
    assert len(set(group.tolist())) == 3


def test_tables_that_do_not_fit_are_refused():
    with pytest.raises(NegotiationError, match="2 came for outcomes of 3"):
        tradeoff(jnp.ones(3), jnp.ones(3), np.array([0, 1]))
    with pytest.raises(NegotiationError, match="number the groups"):
        tradeoff(jnp.ones(2), jnp.ones(2), np.array([0, 2]))
    with pytest.raises(NegotiationError, match="lists of 2, 1 came"):
        groups_of(np.ones(2), np.ones(1))
    with pytest.raises(NegotiationError, match="lists of none came"):
        groups_of()
