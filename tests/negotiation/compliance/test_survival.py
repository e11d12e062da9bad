"""Survival: closed forms of constant rates, what raises and lowers them, and what exclusion does."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orrery.base.errors import NegotiationError
from orrery.negotiation.compliance.survival import Condition, Rates, Risks, excluded_share, fate, held, rates

RISKS = Risks(0.02, 0.05, 2.0, 0.8, 0.5, 1.5, 0.6, 3.0)
FATE = jax.jit(fate)
yearly = st.lists(st.floats(0, 2), min_size=15, max_size=15).map(jnp.asarray)
unit = st.floats(0, 1)
few = settings(max_examples=40)


@few
@given(yearly, yearly)
def test_the_three_fates_sum_to_one_and_only_grow_or_fall(breakdown, renegotiation):
    found = FATE(Rates(breakdown, renegotiation))
    total = found.in_force + found.broken_down + found.renegotiated
    assert total.tolist() == pytest.approx([1] * 15, abs=1e-5)
    assert (np.diff(np.asarray(found.in_force)) <= 1e-6).all()
    for growing in (found.broken_down, found.renegotiated, found.years):
        assert (np.diff(np.asarray(growing)) >= -1e-6).all()


def test_constant_rates_have_a_closed_form():
    found = fate(held(Rates(jnp.asarray(0.03), jnp.asarray(0.07)), 40))
    years = np.arange(1, 41)
    assert found.in_force.tolist() == pytest.approx(np.exp(-0.1 * years).tolist(), rel=1e-4)
    assert found.broken_down.tolist() == pytest.approx((0.3 * (1 - np.exp(-0.1 * years))).tolist(), rel=1e-4)
    assert found.years.tolist() == pytest.approx((10 * (1 - np.exp(-0.1 * years))).tolist(), rel=1e-4)


def test_rates_that_change_are_those_of_the_fine_sum():
    """The integral of S h in steps of a thousandth of a year."""
    breakdown, renegotiation = np.array([0.1, 0.5, 0.0, 0.9]), np.array([0.2, 0.0, 0.0, 0.3])
    found = fate(Rates(jnp.asarray(breakdown), jnp.asarray(renegotiation)))
    fine = np.repeat(breakdown + renegotiation, 1000) / 1000
    middle = np.exp(-(np.cumsum(fine) - fine / 2))
    broken = np.cumsum(middle * np.repeat(breakdown, 1000) / 1000)[999::1000]
    assert found.broken_down.tolist() == pytest.approx(broken.tolist(), abs=1e-5)
    assert found.years.tolist() == pytest.approx((np.cumsum(middle)[999::1000] / 1000).tolist(), abs=1e-5)


def test_what_nothing_ends_goes_on():
    found = fate(held(Rates(jnp.zeros(()), jnp.zeros(())), 3))
    assert found.in_force.tolist() == [1, 1, 1]
    assert found.years.tolist() == [1, 2, 3]


def test_rates_by_hand():
    found = rates(Condition(0.7, 0.5, 0.2, 0.25), RISKS)
    assert float(found.breakdown) == pytest.approx(0.02 * np.exp(0.6 - 0.4 - 0.1 + 0.375))
    assert float(found.renegotiation) == pytest.approx(0.05 * np.exp(0.18 + 0.75))
    plain = rates(Condition(1.0, 0.0, 0.0, 0.0), RISKS)
    assert float(plain.breakdown) == pytest.approx(0.02)
    assert float(plain.renegotiation) == pytest.approx(0.05)


@few
@given(unit, unit, st.floats(-1, 1), unit, st.floats(0, 0.5))
def test_every_condition_has_its_direction(kept, formality, value, excluded, more):
    def of(kept=kept, formality=formality, value=value, excluded=excluded) -> tuple[float, float]:
        found = rates(Condition(min(kept, 1.0), min(formality, 1.0), value, min(excluded, 1.0)), RISKS)
        return float(found.breakdown), float(found.renegotiation)

    here = of()
    for better in (of(kept=kept + more), of(formality=formality + more), of(value=value + more)):
        assert all(one <= other * (1 + 1e-6) for one, other in zip(better, here, strict=True))
    assert all(one >= other * (1 - 1e-6) for one, other in zip(of(excluded=excluded + more), here, strict=True))


def test_one_excluded_affected_party_raises_later_renegotiation():
    stake = jnp.asarray([3.0, 2.0, 2.0, 1.0])
    at_table = jnp.asarray([[True, True, True, True], [True, True, False, True], [True, True, True, False]])
    shares = excluded_share(stake, at_table)
    assert shares.tolist() == pytest.approx([0, 0.25, 0.125])
    found = fate(held(rates(Condition(0.8, 0.5, 0.1, shares), RISKS), 10))
    everybody, large, small = found.renegotiated[-1].tolist()
    assert everybody < small < large
    in_force = found.in_force[-1].tolist()
    assert in_force[0] > in_force[2] > in_force[1]
    ratio = rates(Condition(0.8, 0.5, 0.1, shares), RISKS).renegotiation
    assert float(ratio[1] / ratio[0]) == pytest.approx(np.exp(3 * 0.25), rel=1e-5)


def test_exclusion_without_effect_changes_nothing():
    without = Risks(0.02, 0.05, 2.0, 0.8, 0.5, 0.0, 0.6, 0.0)
    found = rates(Condition(0.8, 0.5, 0.1, jnp.asarray([0.0, 0.9])), without)
    assert np.ptp(np.asarray(found.breakdown)) == 0
    assert np.ptp(np.asarray(found.renegotiation)) == 0


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda: Condition(1.2, 0.0, 0.0, 0.0), "`compliance`: 1.2 came"),
        (lambda: Condition(0.8, -0.1, 0.0, 0.0), "`formality`: -0.1 came"),
        (lambda: Condition(0.8, 0.1, float("nan"), 0.0), "`value`: nan came"),
        (lambda: Condition(0.8, 0.1, 0.0, 1.5), "`excluded`: 1.5 came"),
        (lambda: Risks(-0.02, 0.05, 2.0, 0.8, 0.5, 1.5, 0.6, 3.0), "`breakdown`: -0.02 came"),
        (lambda: Risks(0.02, 0.05, 2.0, 0.8, 0.5, 1.5, 0.6, -3.0), "`renegotiation_exclusion`: -3 came"),
        (lambda: excluded_share(jnp.asarray([-1.0, 2.0]), jnp.ones(2, bool)), "`stake`: -1 came"),
        (lambda: held(Rates(jnp.zeros(()), jnp.zeros(())), 0), "`years`: 0 came"),
        (lambda: fate(Rates(jnp.zeros(()), jnp.zeros(()))), "`rate`: it has no axis of years"),
    ],
)
def test_bad_input_is_named(act, said):
    with pytest.raises(NegotiationError, match=said):
        act()
