"""Diffuse reciprocity: critical discount factors, against streams of payoffs added up."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orrery.base.errors import NegotiationError
from orrery.negotiation.compliance.reciprocity import (
    Exchange,
    critical_discount,
    discount_factor,
    informed_needed,
    is_sustained,
    shadow_of_the_future,
    share_at_stake,
    slack,
    tied_critical_discount,
)

CRITICAL, SLACK, TIED = jax.jit(critical_discount), jax.jit(slack), jax.jit(tied_critical_discount)
values = st.floats(0.1, 10)
few = settings(max_examples=50)


def arrays(*numbers: float) -> list[jax.Array]:
    return [jnp.asarray(np.float32(each)) for each in numbers]


@few
@given(values, values, st.integers(1, 40), st.floats(0, 1), st.floats(0.05, 0.95))
def test_keeping_ones_word_is_best_exactly_from_the_critical_discount_on(tempted, worth, n, informed, discount):
    """Streams over 2,000 periods in double precision: cooperate for ever, or break once and lose the informed."""
    exchange = Exchange(*arrays(tempted, worth, n, informed))
    periods = discount ** np.arange(2000)
    knowing = (1 + informed * (n - 1)) / n
    kept = worth * periods.sum()
    broken = worth + tempted + (1 - knowing) * worth * periods[1:].sum()
    assert float(SLACK(exchange, jnp.asarray(discount))) == pytest.approx(kept - broken, rel=1e-3, abs=1e-3)
    critical = float(CRITICAL(exchange))
    if abs(discount - critical) > 1e-4:
        assert (kept > broken) == (discount > critical)


def test_the_prisoners_dilemma_has_its_textbook_threshold():
    # Payoffs 5, 3, 1, 0: (5 - 3) / (5 - 1) = 1/2, where breaking brings 2 once and cooperation 2 a period.
    assert float(critical_discount(Exchange(2.0, 2.0))) == pytest.approx(0.5)
    assert bool(is_sustained(Exchange(2.0, 2.0), 0.5))
    assert not bool(is_sustained(Exchange(2.0, 2.0), 0.49))


def test_a_community_that_hears_of_every_breach_does_as_well_as_one_partner_and_deaf_partners_do_not():
    sizes = jnp.asarray([1.0, 2, 10, 100, 10_000])
    heard = critical_discount(Exchange(1.0, 1.0, sizes, 1.0))
    assert heard.tolist() == pytest.approx([0.5] * 5)
    deaf = critical_discount(Exchange(1.0, 1.0, sizes))
    assert deaf.tolist() == pytest.approx([n / (n + 1) for n in (1, 2, 10, 100, 10_000)])
    assert (np.diff(np.asarray(deaf)) > 0).all()


@few
@given(values, values, st.integers(2, 40), st.floats(0.3, 0.95))
def test_the_news_that_is_needed_is_just_enough(tempted, worth, n, discount):
    needed = float(informed_needed(Exchange(*arrays(tempted, worth, n)), jnp.asarray(discount)))
    if 0 < needed < 1:
        exchange = Exchange(*arrays(tempted, worth, n, needed))
        assert float(CRITICAL(exchange)) == pytest.approx(discount, abs=1e-3)
    else:
        edge = Exchange(*arrays(tempted, worth, n, min(needed, 1.0)))
        assert (float(SLACK(edge, jnp.asarray(discount))) >= -1e-4) == (needed <= 1)


def test_a_single_partner_needs_no_news_or_no_news_is_enough():
    assert float(informed_needed(Exchange(1.0, 1.0), 0.6)) == 0
    assert float(informed_needed(Exchange(1.0, 1.0), 0.4)) == np.inf


@few
@given(st.lists(st.tuples(values, values), min_size=3, max_size=3))
def test_tied_issues_lie_between_the_easiest_and_the_hardest(pairs):
    exchange = Exchange(*jnp.asarray(np.transpose(pairs)))
    each, tied = np.asarray(CRITICAL(exchange)), float(TIED(exchange))
    assert float(each.min()) - 1e-5 <= tied <= float(each.max()) + 1e-5
    discount = min(tied + 1e-3, 0.999)
    assert float(SLACK(exchange, jnp.asarray(discount)).sum()) >= 0


def test_slack_on_one_issue_carries_another():
    exchange = Exchange(jnp.asarray([3.0, 0.5]), jnp.asarray([1.0, 3.0]))
    assert is_sustained(exchange, 0.6).tolist() == [False, True]
    assert float(tied_critical_discount(exchange)) == pytest.approx(3.5 / 7.5)
    alike = Exchange(jnp.asarray([1.0, 2.0]), jnp.asarray([1.0, 2.0]))
    assert float(TIED(alike)) == pytest.approx(0.5)


def test_limits():
    assert float(critical_discount(Exchange(0.0, 1.0))) == 0
    assert float(critical_discount(Exchange(1.0, 0.0))) == 1
    assert float(critical_discount(Exchange(0.0, 0.0))) == 0
    assert float(share_at_stake(Exchange(1.0, 1.0, 5.0, 0.5))) == pytest.approx(3 / 5)
    assert np.isfinite(jax.grad(lambda t: critical_discount(Exchange(t, 1.0)))(0.0))


def test_dealings_that_may_end_are_discounted_and_tension_shortens_the_shadow():
    assert float(discount_factor(0.9, 0.5)) == pytest.approx(0.45)
    calm, tense = (float(shadow_of_the_future(0.9, tension, 1.2)) for tension in (1.0, 4.0))
    assert calm == pytest.approx(1.08)
    assert tense == pytest.approx(1.2 * 0.9**4)
    assert float(shadow_of_the_future(1.0, 4.0, 1.2)) == pytest.approx(1.2)


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda: Exchange(-1.0, 1.0), "`temptation`: -1 came"),
        (lambda: Exchange(1.0, -1.0), "`cooperation`: -1 came"),
        (lambda: Exchange(1.0, 1.0, 0.0), "`partners`: 0 came"),
        (lambda: Exchange(1.0, 1.0, 2.0, 1.5), "`informed`: 1.5 came; allowed is 0 to 1"),
        (lambda: slack(Exchange(1.0, 1.0), 1.0), "`discount`: 1 came"),
        (lambda: informed_needed(Exchange(1.0, 1.0), -0.1), "`discount`: -0.1 came"),
        (lambda: discount_factor(1.1), "`patience`: 1.1 came"),
        (lambda: discount_factor(0.9, float("nan")), "`survival`: nan came"),
        (lambda: shadow_of_the_future(0.9, -1.0, 1.0), "`tension`: -1 came"),
    ],
)
def test_bad_input_is_named(act, said):
    with pytest.raises(NegotiationError, match=said):
        act()
