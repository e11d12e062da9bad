"""Records that fade: against sums and quantiles from elsewhere, and what they do to the stake."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from orrery.base.errors import NegotiationError
from orrery.negotiation.compliance.reputation import (
    Credit,
    Record,
    credit,
    forgetting_of_half_life,
    others_record,
    stake_factor,
)

CREDIT = jax.jit(credit)
YEARS = 12
counts = st.lists(st.floats(0, 20), min_size=YEARS, max_size=YEARS).map(lambda each: jnp.asarray(each, jnp.float32))
few = settings(max_examples=40)


@few
@given(counts, counts, st.floats(0, 1))
def test_the_record_is_the_faded_sum(kept, broken, forgetting):
    found = CREDIT(Record(kept, broken), jnp.asarray(forgetting), (2.0, 0.5))
    age = np.arange(YEARS)[:, None] - np.arange(YEARS)
    fade = np.where(age >= 0, np.float64(forgetting) ** np.maximum(age, 0), 0)
    for parameter, prior, due in ((found.alpha, 2.0, kept), (found.beta, 0.5, broken)):
        assert parameter.tolist() == pytest.approx((prior + fade @ np.asarray(due, np.float64)).tolist(), rel=1e-4)
    assert found.observations.tolist() == pytest.approx((found.alpha + found.beta - 2.5).tolist(), abs=1e-3)


@few
@given(counts, counts, st.integers(0, YEARS - 1))
def test_a_kept_commitment_raises_the_record_and_a_broken_one_lowers_it_the_less_the_longer_ago(kept, broken, year):
    plain, forgetting = Record(kept, broken), jnp.asarray(0.8)
    one = jnp.asarray(np.eye(YEARS, dtype=np.float32)[year])
    records = (plain, Record(kept + one, broken), Record(kept, broken + one))
    base, better, worse = (np.asarray(CREDIT(each, forgetting, (1.0, 1.0)).mean) for each in records)
    assert (better[year:] > base[year:]).all()
    assert (worse[year:] < base[year:]).all()
    assert better[:year].tolist() == base[:year].tolist()


def test_quantiles_are_those_of_scipy():
    alpha, beta = (each.ravel() for each in np.meshgrid([0.5, 1, 3, 20, 200], [0.5, 1, 4, 30]))
    found = Credit(*(jnp.asarray(each[None], jnp.float32) for each in (alpha, beta, alpha + beta)))
    for probability in (0.05, 0.5, 0.95):
        exact = stats.beta.ppf(probability, alpha, beta)
        assert found.quantile(probability)[0].tolist() == pytest.approx(exact.tolist(), abs=2e-5)
    low, high = (each[0] for each in found.interval(0.9))
    assert low.tolist() == pytest.approx(found.quantile(0.05)[0].tolist(), abs=1e-6)
    assert high.tolist() == pytest.approx(found.quantile(0.95)[0].tolist(), abs=1e-6)


def test_limits_of_forgetting():
    kept, broken = jnp.asarray([[4.0], [0.0], [1.0]]), jnp.asarray([[0.0], [3.0], [1.0]])
    nothing_fades = credit(Record(kept, broken), 1.0)
    assert nothing_fades.mean[:, 0].tolist() == pytest.approx([5 / 6, 5 / 9, 6 / 11])
    this_year_only = credit(Record(kept, broken), 0.0)
    assert this_year_only.mean[:, 0].tolist() == pytest.approx([5 / 6, 1 / 5, 2 / 4])


def test_one_commitment_a_year_comes_to_count_as_one_over_one_less_f():
    many = Record(jnp.ones(200), jnp.zeros(200))
    assert float(credit(many, 0.8).observations[-1]) == pytest.approx(5, rel=1e-4)
    half = forgetting_of_half_life(3)
    assert half**3 == pytest.approx(0.5)
    once = Record(jnp.zeros(4).at[0].set(1.0), jnp.zeros(4))
    assert float(credit(once, half).observations[3]) == pytest.approx(0.5)


def test_intervals_narrow_with_what_fell_due_and_widen_when_nothing_does():
    due = jnp.concatenate([jnp.full(10, 5.0), jnp.zeros(10)])
    low, high = credit(Record(0.8 * due, 0.2 * due), 0.8).interval()
    width = np.asarray(high - low)
    assert (np.diff(width[:10]) < 0).all()
    assert (np.diff(width[9:]) > 0).all()


def test_what_others_did_is_what_counts_for_a_member():
    mean = jnp.asarray([0.9, 0.5, 0.7, 0.1])
    found = others_record(mean, jnp.asarray([True, True, True, False]))
    assert found.tolist() == pytest.approx([0.6, 0.8, 0.7, 0.7])


@few
@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_distrust_takes_a_bounded_part_of_the_stake(one, other, weight):
    low, high = (float(stake_factor(jnp.asarray(each), weight)) for each in sorted((one, other)))
    assert 1 - weight - 1e-6 <= low <= high <= 1
    assert float(stake_factor(jnp.asarray(0.0))) == 0.5
    assert float(stake_factor(jnp.asarray(1.0), weight)) == 1


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda: Record(jnp.asarray([-1.0]), jnp.asarray([0.0])), "`kept`: -1 came"),
        (lambda: Record(jnp.asarray([1.0]), jnp.asarray([jnp.nan])), "`broken`: nan came"),
        (lambda: credit(Record(jnp.ones(2), jnp.ones(2)), 1.2), "`forgetting`: 1.2 came; allowed is 0 to 1"),
        (lambda: credit(Record(jnp.ones(2), jnp.ones(2)), 0.8, (0.0, 1.0)), "`prior`: 0 came"),
        (lambda: credit(Record(jnp.ones(2), jnp.ones(2)), 0.8).quantile(1.5), "`probability`: 1.5 came"),
        (lambda: credit(Record(jnp.ones(2), jnp.ones(2)), 0.8).interval(-0.5), "`coverage`: -0.5 came"),
        (lambda: forgetting_of_half_life(0), "`years`: 0 came"),
        (lambda: stake_factor(jnp.asarray(1.1)), "`record`: 1.1 came"),
        (lambda: stake_factor(jnp.asarray(1.0), 2.0), "`weight`: 2 came"),
        (lambda: others_record(jnp.ones(3), jnp.asarray([True, False, False])), "`members`: fewer than 2 came"),
    ],
)
def test_bad_input_is_named(act, said):
    with pytest.raises(NegotiationError, match=said):
        act()
