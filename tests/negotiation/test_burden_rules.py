"""Rules of burden: what holds of every rule, the limits of each, equal sacrifice solved, and the scale's limits."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

from orrery.base.errors import NegotiationError
from orrery.negotiation.burden import BURDEN_RULES, Circumstances, burden_shares, contestation, rules_for
from orrery.negotiation.burden.assessments import Methodology, scale_of_assessments
from orrery.negotiation.burden.least_developed import least_developed
from orrery.negotiation.burden.proportional import by_capacity
from orrery.negotiation.burden.sacrifice import by_equal_sacrifice

N = 12
RULES = tuple(BURDEN_RULES)
seeds = st.integers(0, 2**31)
quick = settings(max_examples=25)


def circumstances(seed: int, *, sharing=None, burden: float = 0.0) -> Circumstances:
    draws = np.random.default_rng(seed)
    income, population, stake, contribution = jnp.asarray(draws.lognormal(0, 1.5, (4, N)))
    poor = jnp.asarray(np.asarray(income / population) < 0.2)
    everybody = jnp.ones(N, bool) if sharing is None else jnp.asarray(sharing)
    base = (income[None], population[None])
    return Circumstances(everybody, income, population, poor, stake, contribution, *base, burden)


@quick
@given(seeds, st.lists(st.booleans(), min_size=N, max_size=N).filter(any))
def test_shares_of_every_rule_sum_to_1_over_those_who_share(seed, sharing):
    shares = np.asarray(burden_shares(RULES, circumstances(seed, sharing=sharing, burden=0.05)))
    assert (shares >= 0).all()
    np.testing.assert_allclose(shares.sum(-1), 1, atol=1e-5)
    assert not shares[:, ~np.array(sharing)].any()


@quick
@given(seeds, st.permutations(range(N)))
def test_no_rule_looks_at_the_order_of_countries(seed, order):
    one = circumstances(seed, burden=0.02)
    order = jnp.asarray(order)
    other = jax.tree.map(lambda leaf: leaf[..., order] if getattr(leaf, "ndim", 0) else leaf, one)
    np.testing.assert_allclose(burden_shares(RULES, other), burden_shares(RULES, one)[:, order], atol=1e-5)


def test_batches_of_those_who_share_equal_single_ones():
    one = circumstances(3)
    sharing = jnp.asarray(np.random.default_rng(1).integers(0, 2, (4, N)).astype(bool)).at[:, 0].set(True)
    batched = burden_shares(RULES, Circumstances(sharing, *_figures(one)))
    for place in range(4):
        alone = burden_shares(RULES, Circumstances(sharing[place], *_figures(one)))
        np.testing.assert_allclose(batched[place], alone, atol=1e-6)


def test_rules_may_be_compiled_and_have_slopes():
    one = circumstances(4, burden=0.1)
    compiled = eqx.filter_jit(lambda given: burden_shares(RULES, given))(one)
    np.testing.assert_allclose(compiled, burden_shares(RULES, one), atol=1e-6)
    slope = jax.grad(lambda exponent: by_capacity(one, exponent).max())(1.0)
    assert np.isfinite(slope)


def _figures(one: Circumstances) -> tuple:
    return (
        one.income,
        one.population,
        one.least_developed,
        one.stake,
        one.contribution,
        one.base_income,
        one.base_population,
    )


def test_capacity_is_equal_at_0_and_overflows_at_no_exponent():
    one = Circumstances(jnp.ones(3, bool), income=jnp.asarray([1e9, 2e12, 3e13]))
    assert by_capacity(one, 0.0).tolist() == pytest.approx([1 / 3] * 3)
    assert by_capacity(one).tolist() == pytest.approx((np.array([1e9, 2e12, 3e13]) / 3.2001e13).tolist(), rel=1e-4)
    assert by_capacity(one, 9.0).tolist() == pytest.approx([0, 0, 1], abs=1e-6)


@quick
@given(seeds, st.floats(0.001, 0.6), st.sampled_from([0.5, 1.0, 1.5, 3.0]))
def test_equal_sacrifice_is_that_of_a_root_in_double_precision(seed, burden, eta):
    one = circumstances(seed, burden=burden)
    income, persons = np.asarray(one.income, float), np.asarray(one.population, float)
    y = income / persons

    def utility(z):
        return np.log(z) if eta == 1 else z ** (1 - eta) / (1 - eta)

    def paid(c):
        left = utility(y) - c
        if eta == 1:
            return y - np.exp(left)
        kept = np.maximum((1 - eta) * left, 0)
        return y - kept ** (1 / (1 - eta))

    def excess(log_c):
        return float((persons * paid(np.exp(log_c))).sum() - burden * income.sum())

    each = persons * paid(np.exp(brentq(excess, -40, 40, xtol=1e-12)))
    np.testing.assert_allclose(by_equal_sacrifice(one, eta), each / each.sum(), rtol=2e-3, atol=1e-5)


@quick
@given(seeds, st.sampled_from([0.0, 0.1]))
def test_equal_sacrifice_is_proportional_at_1_progressive_above_and_regressive_below(seed, burden):
    one = circumstances(seed, burden=burden)
    order = np.argsort(one.income / one.population)
    rates = {eta: np.asarray(by_equal_sacrifice(one, eta) / one.income)[order] for eta in (0.5, 1.0, 2.0)}
    np.testing.assert_allclose(rates[1.0], rates[1.0].mean(), rtol=1e-3)
    assert (np.diff(rates[2.0]) >= -1e-4 * rates[2.0][1:]).all()
    assert (np.diff(rates[0.5]) <= 1e-4 * rates[0.5][1:]).all()


def test_a_burden_that_becomes_small_reaches_the_limit():
    limit, small = (by_equal_sacrifice(circumstances(5, burden=burden), 2.0) for burden in (0.0, 1e-4))
    np.testing.assert_allclose(small, limit, rtol=5e-3)


MEMBERS = 40
scales = st.tuples(seeds, st.floats(0.5, 3))


@quick
@given(scales)
def test_floor_and_ceilings_hold_after_everything_is_redistributed(drawn):
    seed, spread = drawn
    draws = np.random.default_rng(seed)
    income, population = jnp.asarray(draws.lognormal(0, spread, (2, MEMBERS)))
    least = jnp.asarray(np.arange(MEMBERS) < 8)
    rules = Methodology()
    shares = np.asarray(scale_of_assessments(income, population, least))
    assert shares.sum() == pytest.approx(1, abs=1e-5)
    assert shares.max() <= rules.ceiling + 1e-6
    assert shares.min() >= rules.floor - 1e-9
    assert shares[:8].max() <= rules.least_developed_ceiling + 1e-9
    rich = np.asarray(income / population) >= float(income.sum() / population.sum())
    free = ~np.asarray(least) & rich & (shares < rules.ceiling - 1e-6) & (shares > rules.floor + 1e-9)
    if free.any():
        # Those at or above the average that no limit holds pay in proportion to income.
        rate = shares[free] / np.asarray(income)[free]
        np.testing.assert_allclose(rate, rate.mean(), rtol=1e-3)


def test_the_scale_worked_out_by_hand():
    """Incomes 50, 40, 10 of 20, 30, 50 persons: shares .5, .4, .1; the third has a fifth of the average, and of its
    .1 is let off 0.8 x 0.8; what is left of .064 goes to the others, 5 to 4.
    """
    method = Methodology(ceiling=1.0, floor=0.0)
    found = scale_of_assessments(
        jnp.asarray([50.0, 40.0, 10.0]), jnp.asarray([20.0, 30.0, 50.0]), jnp.zeros(3, bool), methodology=method
    )
    assert found.tolist() == pytest.approx([0.5 + 0.064 * 5 / 9, 0.4 + 0.064 * 4 / 9, 0.036])


def test_the_member_at_the_ceiling_takes_up_no_relief_and_debt_lowers_a_share():
    income, persons = jnp.asarray([60.0, 30.0, 10.0]), jnp.asarray([20.0, 20.0, 60.0])
    method = Methodology(ceiling=0.5, floor=0.0)
    found = scale_of_assessments(income, persons, jnp.zeros(3, bool), methodology=method)
    # Of the third's .1 is let off .8 x (1 - 1/6); it goes to the second alone. Then the first's .1 goes to both.
    let_off = 0.1 * 0.8 * 5 / 6
    rest = np.array([0.3 + let_off, 0.1 - let_off])
    assert found.tolist() == pytest.approx([0.5, *(rest + 0.1 * rest / rest.sum())])
    debt = jnp.asarray([0.0, 80.0, 0.0])
    lower = scale_of_assessments(income, persons, jnp.zeros(3, bool), debt=debt, methodology=method)
    direct = scale_of_assessments(income.at[1].set(20.0), persons, jnp.zeros(3, bool), methodology=method)
    assert lower.tolist() == pytest.approx(direct.tolist())


def test_a_missing_figure_shows_in_every_share():
    income = jnp.ones(MEMBERS).at[3].set(jnp.nan)
    assert np.isnan(scale_of_assessments(income, jnp.ones(MEMBERS), jnp.zeros(MEMBERS, bool))).all()


def test_limits_that_cannot_hold_are_refused():
    with pytest.raises(NegotiationError, match=r"4 members came; with a ceiling of 22\.000%"):
        scale_of_assessments(jnp.ones(4), jnp.ones(4), jnp.zeros(4, bool))
    with pytest.raises(NegotiationError, match="Give the whole membership"):
        scale_of_assessments(jnp.ones(9), jnp.ones(9), jnp.zeros(9, bool), methodology=Methodology(floor=0.2))


def test_the_list_of_least_developed_countries():
    """50 countries in 2003, 49 in 2012, 46 at the end of 2021, 44 at the end of 2024 (United Nations)."""
    from orrery.data.countries import countries

    every = [country.iso3 for country in countries()]
    counts = {year: int(least_developed(every, year).sum()) for year in (2003, 2012, 2021, 2024)}
    assert counts == {2003: 50, 2012: 49, 2021: 46, 2024: 44}
    assert least_developed(["BTN", "USA", "SSD"], 2022).tolist() == [True, False, True]


def test_contestation_of_rules_that_agree_and_of_rules_that_share_nothing():
    same = jnp.asarray([[0.5, 0.5], [0.5, 0.5]])
    apart = jnp.asarray([[1.0, 0.0], [0.0, 1.0]])
    assert contestation(jnp.stack([same, apart])).tolist() == [0, 2]
    three = jnp.asarray([[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]])
    assert float(contestation(three)) == pytest.approx((1 + 2 + 1) / 3)


def test_what_a_rule_lacks_is_said_and_unknown_rules_are_refused():
    bare = Circumstances(jnp.ones(3, bool), income=jnp.ones(3))
    assert rules_for(bare) == ("equal", "capacity")
    with pytest.raises(NegotiationError, match="`stake`: none came"):
        burden_shares(["benefit"], bare)
    with pytest.raises(NegotiationError, match="Did you mean 'capacity'"):
        burden_shares(["capacty"], bare)
    with pytest.raises(NegotiationError, match="none came; name some"):
        burden_shares([], bare)
    with pytest.raises(NegotiationError, match="1 rules came"):
        contestation(jnp.ones((1, 3)))
