"""Escape clauses buy depth; opt-outs flatter the record; differing obligations end the trade-off with breadth."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orrery.base.errors import NegotiationError
from orrery.negotiation.compliance.escape import DEPTHS, Terms, conduct, deepest
from orrery.negotiation.compliance.obligations import Obligation, Response, Standing, compliance, motives
from orrery.negotiation.compliance.selective import breadth, commitment, opt_outs

RESPONSE = Response(legitimacy=0.4)
PARTY = Standing(capability_share=0.1, distance=0.3, shadow=1.0)
PRICES = jnp.asarray([0.0, 0.4, 0.8, 1.0, 1.5, 2.0, 3.0, 5.0, jnp.inf])
CONDUCT = jax.jit(conduct)
few = settings(max_examples=40)


def owed(depth: float | jax.Array) -> Obligation:
    return Obligation(1.0, depth, 0.2, 0.3)


@few
@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 5), st.floats(-1, 1))
def test_a_clause_lowers_compliance_and_violation_the_more_the_cheaper_it_is(depth, formality, price, intercept):
    here = Obligation(1.0, jnp.asarray(depth), 0.2, jnp.asarray(formality))
    prices = jnp.asarray([price, price + 0.5, jnp.inf])
    found = CONDUCT(here, PARTY, RESPONSE, Terms(jnp.asarray(intercept), prices))
    comply, escape, violate = (np.asarray(each) for each in (found.comply, found.escape, found.violate))
    assert (comply + escape + violate).tolist() == pytest.approx([1, 1, 1], abs=1e-6)
    assert (np.diff(comply) >= -1e-6).all()
    assert (np.diff(violate) >= -1e-6).all()
    assert (np.diff(escape) <= 1e-6).all()


def test_without_a_clause_it_is_the_plain_probability():
    depth = jnp.linspace(0, 1, 11)
    found = conduct(owed(depth), PARTY, RESPONSE, Terms(0.3))
    plain = compliance(motives(owed(depth), PARTY, RESPONSE).total, 0.3, RESPONSE)
    assert found.comply.tolist() == pytest.approx(plain.tolist(), abs=1e-6)
    assert found.escape.tolist() == [0] * 11


def test_odds_by_hand():
    found = conduct(owed(0.5), PARTY, RESPONSE, Terms(0.3, 1.2))
    z = 0.3 + (0.2 + 0.8 * 0.1) * 0.5 - 0.125 - 0.075 + 0.5 * 0.3 * 0.5 + 0.3
    escaping = 0.3 + 0.075 + 0.3 - 0.6
    assert float(found.comply / found.violate) == pytest.approx(np.exp(2 * z), rel=1e-4)
    assert float(found.escape / found.violate) == pytest.approx(np.exp(2 * escaping), rel=1e-4)


def test_without_a_clause_the_deepest_is_the_larger_root():
    """b z(d) = logit(1 - v) is quadratic in d: d = a + sqrt(a^2 + 2 (z_0 + w shadow - logit(1 - v) / b))."""
    a = 0.28 - 0.15 + 0.15
    for violation in (0.25, 0.3, 0.35):
        root = a + np.sqrt(a**2 + 2 * (0.3 + 0.3 - np.log((1 - violation) / violation) / 2))
        found = float(deepest(owed(0.0), PARTY, RESPONSE, Terms(0.3), violation=violation, greatest=2.0))
        assert found == pytest.approx(root, abs=2.0 / (DEPTHS - 1))


def test_escape_buys_depth_and_its_best_price_is_neither_zero_nor_infinite():
    """Rosendorff & Milner 2001."""
    terms = Terms(0.3, PRICES)
    depth = deepest(owed(0.0), PARTY, RESPONSE, terms, violation=0.25)
    assert (np.diff(np.asarray(depth)) <= 0).all()
    assert float(depth[0]) == 1
    assert float(depth[-1]) == pytest.approx(0.704, abs=2e-3)
    found = conduct(owed(depth), PARTY, RESPONSE, terms)
    assert bool((found.violate <= 0.25 + 1e-6).all())
    delivered = np.asarray(depth * found.comply)
    best = int(delivered.argmax())
    assert 0 < best < len(PRICES) - 1
    assert delivered[best] > 1.03 * delivered[-1] > 1.03 * 1.5 * delivered[0]


def test_no_depth_will_do_where_even_none_is_too_much():
    assert np.isnan(float(deepest(owed(0.0), PARTY, RESPONSE, Terms(-2.0), violation=0.1)))


@few
@given(st.lists(st.lists(st.floats(0, 1), min_size=3, max_size=3), min_size=4, max_size=4), st.floats(0, 1))
def test_opting_out_flatters_the_record_and_delivers_no_more(chance, least):
    chances, weight = jnp.asarray(chance), jnp.asarray([0.4, 0.3, 0.2, 0.1])
    depth = jnp.asarray([[0.5, 0.2, 1.0]])
    everybody = commitment(chances, depth, jnp.zeros((4, 3), bool), weight)
    chosen = commitment(chances, depth, opt_outs(chances, least), weight)
    assert everybody.breadth.tolist() == pytest.approx([1] * 3)
    assert bool((chosen.delivered <= everybody.delivered + 1e-6).all())
    bound = np.asarray(chosen.breadth) > 0
    assert (np.isnan(np.asarray(chosen.kept)) == ~bound).all()
    assert (np.asarray(chosen.kept)[bound] >= np.asarray(everybody.kept)[bound] - 1e-6).all()


def test_commitment_by_hand():
    chance = jnp.asarray([[0.9, 0.3], [0.6, 0.8]])
    found = commitment(chance, jnp.asarray([[0.5, 1.0]]), opt_outs(chance, 0.5), jnp.asarray([3.0, 1.0]))
    assert found.breadth.tolist() == pytest.approx([1, 0.25])
    assert found.kept.tolist() == pytest.approx([0.825, 0.8])
    assert found.delivered.tolist() == pytest.approx([0.4125, 0.2])


@few
@given(st.lists(st.floats(0, 1, width=32, allow_subnormal=False), min_size=7, max_size=7))
def test_one_obligation_for_all_trades_breadth_for_depth_and_differing_ones_do_not(able):
    """Gilligan 2004."""
    found = breadth(jnp.asarray(able))
    assert (np.diff(np.asarray(found.uniform)) <= 0).all()
    assert (np.diff(np.asarray(found.tailored_total)) >= -1e-6).all()
    assert (np.asarray(found.tailored_total) >= np.asarray(found.uniform_total) - 1e-5).all()


def test_a_party_that_is_able_to_little_costs_the_others_only_where_all_are_bound_alike():
    distance = jnp.asarray([0.2, 0.3, 0.4, 1.0])
    parties = Standing(capability_share=0.2, distance=distance, shadow=1.0)
    able = deepest(owed(0.0), parties, RESPONSE, Terms(0.3), violation=0.25)
    assert (np.diff(np.asarray(able)) < 0).all()
    found = breadth(able)
    assert float(found.uniform_total[3]) < float(found.uniform_total[2])
    assert float(found.tailored_total[3]) > float(found.tailored_total[2])


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda: Terms(0.3, -1.0), "`price`: -1 came"),
        (lambda: Terms(0.3, float("nan")), "`price`: nan came"),
        (lambda: deepest(owed(0.0), PARTY, RESPONSE, Terms(0.3), violation=1.5), "`violation`: 1.5 came"),
        (
            lambda: deepest(owed(0.0), PARTY, RESPONSE, Terms(0.3), violation=0.2, greatest=0.0),
            "`greatest`: 0 came",
        ),
        (lambda: opt_outs(jnp.full((1, 1), 1.5), 0.5), "`chance`: 1.5 came"),
        (lambda: opt_outs(jnp.full((1, 1), 0.5), -0.5), "`least`: -0.5 came"),
        (
            lambda: commitment(jnp.ones((1, 1)), jnp.ones((1, 1)), jnp.zeros((1, 1), bool), -jnp.ones(1)),
            "`weight`: -1 came",
        ),
        (lambda: breadth(jnp.asarray([0.5, jnp.nan])), "`able`: nan came"),
    ],
)
def test_bad_input_is_named(act, said):
    with pytest.raises(NegotiationError, match=said):
        act()
