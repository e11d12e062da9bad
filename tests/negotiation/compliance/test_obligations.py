"""Compliance: every term, the solved start, and what the papers say of deep agreements."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.special import expit

from orrery.base.errors import NegotiationError
from orrery.negotiation.compliance.obligations import (
    Obligation,
    Response,
    Standing,
    compliance,
    intercept_of,
    motives,
)
from orrery.negotiation.compliance.reputation import stake_factor

RESPONSE = Response(legitimacy=0.4)
MEANS = jax.jit(lambda motive, mean: intercept_of(motive, RESPONSE, mean))
unit = st.floats(0, 1)


def chance(owed: Obligation, party: Standing, intercept: float = 0.3) -> np.ndarray:
    return np.asarray(compliance(motives(owed, party, RESPONSE).total, intercept, RESPONSE))


def test_every_term_by_hand():
    owed = Obligation(stake=0.8, depth=0.5, excludability=0.25, formality=0.6, legitimacy=-0.1)
    found = motives(owed, Standing(capability_share=0.2, distance=0.4, shadow=0.9, stability=-0.3), RESPONSE)
    assert float(found.gain) == pytest.approx((0.25 + 0.75 * 0.2) * 0.8 * 0.5)
    assert float(found.depth) == pytest.approx(-0.125)
    assert float(found.distance) == pytest.approx(-0.1)
    assert float(found.enforcement) == pytest.approx(0.5 * 0.6 * 0.5)
    assert float(found.shadow) == pytest.approx(0.27)
    assert float(found.legitimacy) == pytest.approx(-0.04)
    assert float(found.stability) == pytest.approx(-0.15)
    total = 0.16 - 0.125 - 0.1 + 0.15 + 0.27 - 0.04 - 0.15
    assert float(found.total) == pytest.approx(total)
    assert float(compliance(found.total, 0.1, RESPONSE)) == pytest.approx(1 / (1 + np.exp(-2 * (total + 0.1))))


def test_without_depth_only_what_is_not_owed_under_it_matters():
    party = Standing(capability_share=jnp.asarray([0.0, 0.5, 1.0]), distance=jnp.asarray([0.0, 1.0, 3.0]))
    assert chance(Obligation(1.0, 0.0, 0.5, 1.0), party).tolist() == pytest.approx([1 / (1 + np.exp(-0.6))] * 3)


def test_with_full_excludability_size_does_not_matter_and_without_it_the_large_comply_more():
    party = Standing(capability_share=jnp.linspace(0, 1, 5), distance=0.2)
    assert np.ptp(chance(Obligation(1.0, 0.5, excludability=1.0), party)) == 0
    assert (np.diff(chance(Obligation(1.0, 0.5), party)) > 0).all()


@settings(max_examples=50)
@given(unit, unit, unit, unit, st.floats(0.1, 2))
def test_every_motive_has_its_sign(depth, size, distance, formality, stake):
    def of(**changed: float) -> float:
        values = {"stake": stake, "depth": depth, "formality": formality, "size": size, "distance": distance} | changed
        party = Standing(values["size"], values["distance"], values.get("shadow", 0.5), values.get("stability", 0.0))
        owed = Obligation(values["stake"], values["depth"], 0.3, values["formality"], values.get("legitimacy", 0.0))
        return float(motives(owed, party, RESPONSE).total)

    here = of()
    for more in ({"stake": stake + 1}, {"shadow": 1.0}, {"stability": 0.4}, {"legitimacy": 0.2}):
        assert of(**more) >= here - 1e-6
    assert of(distance=distance + 1) <= here + 1e-6
    assert of(formality=min(1.0, formality + 0.3)) >= here - 1e-6


def test_deep_agreements_are_kept_less_unless_enforcement_grows_with_depth():
    """Downs, Rocke & Barsoom 1996: beyond a depth that pays by itself, more depth needs more enforcement."""
    depth, party = jnp.linspace(0, 1, 21), Standing(capability_share=0.1, distance=0.3)
    lenient = chance(Obligation(1.0, depth), party)
    assert (np.diff(lenient) < 0).all()
    enforced = chance(Obligation(1.0, depth, formality=depth), party)
    assert (enforced[1:] > lenient[1:]).all()
    # So the agreement with the best record of the two may be the one that achieves less.
    shallow, deep = lenient[4], enforced[20]
    assert shallow > deep
    assert float(depth[4]) * shallow < float(depth[20]) * deep


@settings(max_examples=50)
@given(st.lists(st.floats(-3, 3), min_size=20, max_size=20), st.floats(0.05, 0.95))
def test_the_start_is_the_known_mean(motive, mean):
    found = MEANS(jnp.asarray(motive), jnp.asarray(mean))
    assert float(compliance(jnp.asarray(motive), found, RESPONSE).mean()) == pytest.approx(mean, abs=1e-5)


def test_the_derivative_of_the_start_is_that_of_the_solution():
    motive = jnp.asarray([-1.0, 0.2, 0.7, 1.5])
    slope = jax.grad(lambda each: MEANS(each, 0.7))(motive)
    step = 1e-2
    for place in range(4):
        up, down = (float(MEANS(motive.at[place].add(by), 0.7)) for by in (step, -step))
        assert float(slope[place]) == pytest.approx((up - down) / (2 * step), abs=2e-3)
    assert float(slope.sum()) == pytest.approx(-1, abs=1e-4)


def test_one_obligation_is_solved_in_closed_form():
    found = intercept_of(jnp.asarray([0.5]), RESPONSE)
    assert float(found) == pytest.approx(np.log(4) / 2 - 0.5, abs=1e-5)


def test_trust_that_is_bounded_does_not_collapse():
    """Compliance feeds the record, the record the stake: with the bound most of it is left, without it little."""
    party, depth, stake = Standing(capability_share=0.1, distance=0.2), 0.8, 4.0
    start = motives(Obligation(stake, depth, 0.6), party, RESPONSE).total
    intercept = intercept_of(start[None], RESPONSE, 0.8)
    ends = []
    for weight in (0.5, 1.0):
        record = 0.8
        for _ in range(60):
            owed = Obligation(stake * float(stake_factor(jnp.asarray(record), weight)), depth, 0.6)
            kept = float(compliance(motives(owed, party, RESPONSE).total, intercept, RESPONSE))
            record += (kept - record) / 5
        ends.append(record)
    bounded, unbounded = ends
    assert bounded > 0.6
    assert unbounded < 0.2


def test_parties_and_obligations_are_broadcast():
    owed = Obligation(jnp.asarray([[1.0], [2.0]]), jnp.asarray([[0.3], [0.6]]), formality=jnp.asarray([[0.0], [1.0]]))
    party = Standing(jnp.asarray([0.1, 0.5, 0.4]), jnp.asarray([0.2, 0.0, 1.0]))
    found = motives(owed, party, RESPONSE).total
    assert found.shape == (2, 3)
    single = motives(Obligation(2.0, 0.6, formality=1.0), Standing(0.4, 1.0), RESPONSE).total
    assert float(found[1, 2]) == pytest.approx(float(single))


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda: Obligation(-1.0, 0.5), "`stake`: -1 came"),
        (lambda: Obligation(1.0, -0.5), "`depth`: -0.5 came"),
        (lambda: Obligation(1.0, 0.5, 1.5), "`excludability`: 1.5 came; allowed is 0 to 1"),
        (lambda: Obligation(1.0, 0.5, 0.5, -1.0), "`formality`: -1 came"),
        (lambda: Obligation(1.0, 0.5, 0.5, 1.0, 2.0), "`legitimacy`: 2 came; allowed is -1 to 1"),
        (lambda: Standing(1.2, 0.0), "`capability_share`: 1.2 came"),
        (lambda: Standing(0.2, -0.1), "`distance`: -0.1 came"),
        (lambda: Standing(0.2, 0.1, -1.0), "`shadow`: -1 came"),
        (lambda: Standing(0.2, 0.1, 1.0, float("inf")), "`stability`: inf came"),
        (lambda: Response(0.4, sensitivity=0.0), "`sensitivity`: 0 came"),
        (lambda: Response(-0.4), "`legitimacy`: -0.4 came"),
        (lambda: intercept_of(jnp.ones(3), RESPONSE, 1.0), "`mean`: 1 came"),
        (lambda: intercept_of(jnp.ones(0), RESPONSE), "`motive`: it is empty"),
    ],
)
def test_bad_input_is_named(act, said):
    with pytest.raises(NegotiationError, match=said):
        act()


@pytest.mark.parametrize("spread", [0.1, 10.0, 1000.0])
@pytest.mark.parametrize("mean", [0.0017, 0.8017, 0.9983])
def test_the_start_is_found_however_far_obligations_lie_apart(spread: float, mean: float) -> None:
    """Against Brent's method, where tangents of the flat parts lead far away."""
    motive = np.random.default_rng(5).standard_cauchy(300) * spread
    with jax.enable_x64(True):
        found = float(intercept_of(jnp.asarray(motive), RESPONSE, mean))

    def gap(intercept: float) -> float:
        return float(expit(RESPONSE.sensitivity * (intercept + motive)).mean() - mean)

    ends = float(-motive.max()) - 10, float(-motive.min()) + 10
    assert gap(found) == pytest.approx(0, abs=1e-9)
    assert found == pytest.approx(brentq(gap, *ends, xtol=1e-12), rel=1e-6, abs=1e-6)
