"""Forecasts in closed form: worked out by hand, and what moves them in which direction."""

from __future__ import annotations

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from orrery.base.keys import root_key
from orrery.negotiation.forecasts.closed_form import STAKE_SD
from orrery.negotiation.forecasts.parameters import Parameters, draw_parameters

pytestmark = pytest.mark.long

FEW = settings(max_examples=15)
CODES = ("EU-BELARUS-2020", "IRAQ-2003", "RCEP-2020", "JCPOA-2015", "UNSC-ENLARGEMENT", "WCIT-2012")
some_case = st.sampled_from(CODES)
some_seed = st.integers(0, 10_000)


def some_parameters(seed: int) -> Parameters:
    return jax.tree.map(lambda array: array[0], draw_parameters(root_key(seed), 1))


def altered(one, **fields):
    """Return a case or parameters with other values of the same type."""
    arrays = {name: jnp.asarray(value, getattr(one, name).dtype) for name, value in fields.items()}
    return dataclasses.replace(one, **arrays)


@pytest.fixture(scope="module")
def two(alone):
    """Two parties of equal weight at 0 and 1 on one issue at status quo 0, each needed; nothing else matters."""
    one = alone("INF-1987")
    n_parties, n_issues = one.position.shape
    first_two = jnp.arange(n_parties) < 2
    weight = jnp.zeros_like(one.rule.weight).at[..., 0, :].set(first_two.astype(one.rule.weight.dtype))
    quota = jnp.zeros_like(one.rule.quota).at[..., 0].set(2)
    made = altered(
        one,
        position=jnp.zeros((n_parties, n_issues)).at[1, 0].set(1.0),
        sd=jnp.zeros(n_parties),
        salience=jnp.zeros((n_parties, n_issues)).at[:2, 0].set(1.0),
        status_quo=jnp.zeros(n_issues),
        influence=jnp.where(first_two, 0.5, 0.0),
        on_table=jnp.ones(n_issues),
        issue=jnp.arange(n_issues) == 0,
        seated=first_two,
        discipline=jnp.zeros(n_parties),
        rivals=jnp.zeros((n_parties, n_parties)),
        leader=-1,
        stake=0.0,
        urgency=0.0,
        linkage=0.0,
        is_text=False,
        is_force=False,
        may_leave=False,
    )
    return eqx.tree_at(lambda case: (case.rule.weight, case.rule.quota), made, (weight, quota))


def shocks() -> np.ndarray:
    """Return the shock of the stake in every draw, as the key of a draw decides it."""
    keys = jax.random.split(root_key(11), 64)
    return np.asarray(jax.vmap(lambda key: jax.random.normal(jax.random.split(key)[1]))(keys), float)


@pytest.mark.parametrize(("stake", "relief"), [(0.5, 0.0), (0.1, 0.6), (0.05, 0.0)])
def test_two_parties_by_hand(stake, relief, two, forecasts):
    parameters = altered(some_parameters(1), stake=stake, relief=relief, concession=0.5, horizon=4.0)
    found = forecasts(two, parameters)
    each_stake = stake * np.exp(STAKE_SD * shocks())
    # The text is 1/2: each is 1/4 away; the party at 1 gains by leaving the status quo.
    lowest = np.minimum(1 - 0.25 / (2 * each_stake), 1 - (0.25 - relief) / (2 * each_stake))
    np.testing.assert_allclose(found.text[:, 0], 0.5, atol=1e-6)
    years = np.where(lowest > 0, 0.25 - 2 / 0.5 * np.log(np.clip(lowest, 1e-12, 1)), np.inf)
    np.testing.assert_allclose(found.years, years, rtol=2e-3)
    chance = np.where(lowest > 0, 1 - np.exp(-4.0 / np.where(lowest > 0, years, 1)), 0)
    np.testing.assert_allclose(found.chance, chance, atol=1e-3)
    if relief > 0:
        assert set(found.binds.tolist()) == {0}


@FEW
@given(some_case, some_seed)
def test_a_chance_is_a_chance_and_deadlock_never_ends(alone, forecasts, code, seed):
    one = alone(code)
    found = forecasts(one, some_parameters(seed))
    assert (found.chance >= 0).all()
    assert (found.chance <= 1).all()
    assert (found.years >= 0.25).all()
    np.testing.assert_array_equal(found.chance == 0, np.isinf(found.years))
    assert (found.text >= 0).all()
    assert (found.text <= 1).all()
    assert np.asarray(one.seated)[found.binds].all()


@FEW
@given(some_case, some_seed, st.floats(1.1, 5))
def test_more_at_stake_never_lowers_the_chance_where_nobody_can_be_left_behind(alone, forecasts, code, seed, factor):
    one = altered(alone(code), may_leave=False)
    parameters = some_parameters(seed)
    more = altered(parameters, stake=parameters.stake * factor)
    assert (forecasts(one, more).chance >= forecasts(one, parameters).chance - 1e-5).all()


@FEW
@given(some_case, some_seed, st.floats(1.1, 5))
def test_urgency_quickens_agreement_and_does_not_change_whether_there_is_one(alone, forecasts, code, seed, step):
    parameters = altered(some_parameters(seed), urgency_step=step)
    slow, fast = (forecasts(altered(alone(code), urgency=level), parameters) for level in (-1.0, 1.0))
    np.testing.assert_array_equal(np.isinf(slow.years), np.isinf(fast.years))
    ended = np.isfinite(slow.years)
    assert (fast.years[ended] <= slow.years[ended] + 1e-5).all()
    np.testing.assert_allclose(fast.text, slow.text, atol=1e-6)


@FEW
@given(some_case, some_seed)
def test_rivalry_never_helps_where_nobody_can_be_left_behind(alone, forecasts, code, seed):
    one = altered(alone(code), may_leave=False)
    parameters = some_parameters(seed)
    without = altered(parameters, rivalry=0.0)
    assert (forecasts(one, parameters).chance <= forecasts(one, without).chance + 1e-5).all()


@FEW
@given(some_case, some_seed)
def test_that_talks_may_go_on_without_one_never_lowers_the_chance(alone, forecasts, code, seed):
    one, parameters = alone(code), some_parameters(seed)
    stay, leave = (forecasts(altered(one, may_leave=free), parameters) for free in (False, True))
    assert (leave.chance >= stay.chance - 1e-5).all()


def test_who_blocks_alone_is_left_behind_unless_it_holds_most_of_the_influence_or_leads(two, forecasts):
    parameters = altered(some_parameters(1), stake=0.1, relief=0.0, concession=0.5, horizon=4.0)
    three = jnp.arange(len(two.seated)) < 3
    lone = altered(
        two,
        position=two.position.at[2, 0].set(0.0),
        salience=two.salience.at[2, 0].set(1.0),
        seated=three,
        influence=jnp.asarray([0.45, 0.10, 0.45] + [0.0] * (len(three) - 3)),
        may_leave=True,
    )
    # Two of three can decide; the third wants the opposite, so that alone the two have the text at 0.
    weight = lone.rule.weight.at[..., 0, :].set(three.astype(lone.rule.weight.dtype))
    needs_all = eqx.tree_at(lambda case: (case.rule.weight, case.rule.quota), lone, (weight, lone.rule.quota + 1))
    needs_two = eqx.tree_at(lambda case: case.rule.weight, lone, weight)
    left = forecasts(needs_two, parameters)
    np.testing.assert_allclose(left.text[:, 0], np.where(left.text[:, 0] < 0.05, 0.0, 0.1), atol=1e-5)
    assert (left.text[:, 0] < 1e-6).mean() > 0.9
    led_by_it = forecasts(altered(needs_two, leader=1), altered(parameters, leadership=0.0))
    np.testing.assert_allclose(led_by_it.text[:, 0], 0.1, atol=1e-5)
    heavy = altered(needs_two, influence=jnp.asarray([0.2, 0.6, 0.2] + [0.0] * (len(three) - 3)))
    assert (forecasts(heavy, parameters).text[:, 0] > 0.5).all()
    blocked = forecasts(altered(needs_all, may_leave=False), parameters)
    assert (blocked.chance == 0).mean() > 0.9


def test_a_hold_out_on_an_unrelated_issue_blocks_and_a_package_frees(alone, forecasts):
    """EU, Belarus and Cyprus 2020: the demand lies off the table, and only linkage brings it on."""
    one = alone("EU-BELARUS-2020")
    assert not np.asarray(one.on_table).all()
    parameters = altered(some_parameters(4), stake=0.15, relief=0.5, linkage=0.8, concession=1.0, horizon=6.0)
    apart = forecasts(altered(one, linkage=0.0), parameters)
    package = forecasts(altered(one, linkage=1.0), parameters)
    assert package.chance.mean() > apart.chance.mean() + 0.3
    # What is off the table is not in the text.
    off = ~np.asarray(one.on_table) & np.asarray(one.issue)
    np.testing.assert_allclose(apart.text[:, off], np.broadcast_to(np.asarray(one.status_quo)[off], (64, 1)), atol=1e-6)
    assert np.abs(package.text[:, off] - np.asarray(one.status_quo)[off]).mean() > 0.02


def test_a_leader_pulls_the_text_to_its_own_position(alone, forecasts):
    one = altered(alone("IRAQ-2003"), may_leave=False)
    parameters = some_parameters(2)
    own = float(one.position[int(one.leader), 0])
    apart = [
        np.abs(forecasts(one, altered(parameters, leadership=share)).text[:, 0].mean() - own)
        for share in (0.0, 0.4, 0.9)
    ]
    assert apart[0] > apart[1] > apart[2]


@FEW
@given(st.sampled_from(["EU-BELARUS-2020", "IRAQ-2003"]), some_seed)
def test_without_capacity_a_package_is_no_less_than_talks_issue_by_issue(alone, forecasts, code, seed):
    parameters = altered(some_parameters(seed), linkage=0.0)
    assume(float(parameters.stake) > 0.01)
    apart, joined = (forecasts(altered(alone(code), linkage=level), parameters) for level in (0.0, 1.0))
    assert (joined.chance >= apart.chance - 1e-5).all()
