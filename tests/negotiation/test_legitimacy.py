"""Legitimacy: what coverage counts, its limits, and real bodies on the baseline."""

from __future__ import annotations

from datetime import date

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orrery.base.errors import NegotiationError
from orrery.institutions.catalogue import load_body
from orrery.institutions.power import power
from orrery.negotiation.legitimacy import (
    Scope,
    output_legitimacy,
    representation,
    scope_of,
    speed,
    updated_legitimacy,
    voice_of,
)

N = 5
quick = settings(max_examples=25)
held = st.lists(st.floats(0.125, 10, width=32), min_size=N, max_size=N)
units = st.lists(st.floats(0, 1, width=32), min_size=N, max_size=N)
shares = st.floats(0, 1, width=32)


def scope(population, capability=None, stake=None, addressed=None) -> Scope:
    given = [population, capability or population, stake or population]
    return Scope(*map(jnp.asarray, given), addressed=jnp.asarray(addressed or [True] * len(population)))


def test_values_worked_out_by_hand():
    """Scope of four: the second and third sit at the table, the fifth sits there unaddressed."""
    found = representation(
        scope([4.0, 3.0, 2.0, 1.0, 9.0], [5.0, 3.0, 2.0, 0.0, 9.0], [0.0, 1.0, 0.0, 1.0, 9.0], [True] * 4 + [False]),
        jnp.asarray([0.0, 0.2, 0.2, 0.0, 0.6]),
    )
    assert float(found.population) == pytest.approx(0.5)
    assert float(found.capability) == pytest.approx(0.5)
    assert float(found.stake) == pytest.approx(0.5)
    assert float(found.countries) == pytest.approx(0.5)
    assert float(found.input_legitimacy) == pytest.approx(0.5)
    # Voice among the addressed is (0, 1/2, 1/2, 0).
    assert found.balance.tolist() == pytest.approx([0.3 + 0.2, 0.3 + 0.2, 0.5, 0.25 + 0.25])


@quick
@given(held, units, units)
def test_more_voice_never_lowers_coverage_and_all_lies_between_0_and_1(population, voice, more):
    one, two = (representation(scope(population), jnp.asarray(v)) for v in (voice, np.maximum(voice, more).tolist()))
    assert float(two.input_legitimacy) >= float(one.input_legitimacy) - 1e-6
    for found in (one, two):
        assert 0 <= float(found.input_legitimacy) <= 1 + 1e-6
        assert (np.asarray(found.balance) <= 1 + 1e-6).all()


@quick
@given(held, units, st.permutations(range(N)), st.floats(0.5, 100))
def test_neither_order_nor_unit_matters(population, voice, order, unit):
    one = representation(scope(population), jnp.asarray(voice))
    two = representation(
        scope([population[place] * unit for place in order]), jnp.asarray([voice[place] for place in order])
    )
    assert float(one.input_legitimacy) == pytest.approx(float(two.input_legitimacy), abs=1e-5)
    np.testing.assert_allclose(one.balance, two.balance, atol=1e-5)


@quick
@given(held)
def test_voice_in_proportion_is_in_balance_and_everybody_at_the_table_covers_all(population):
    found = representation(scope(population), jnp.asarray(population))
    assert float(found.input_legitimacy) == pytest.approx(1)
    assert float(found.balance[0]) == pytest.approx(1)


def test_voice_below_the_least_does_not_count_and_no_voice_is_no_legitimacy():
    world = scope([1.0, 1.0])
    assert float(representation(world, jnp.asarray([0.9, 0.1]), 0.2).countries) == 0.5
    nobody = representation(world, jnp.zeros(2))
    assert float(nobody.input_legitimacy) == 0
    assert nobody.balance.tolist() == [0, 0, 0, 0]


def test_a_missing_figure_shows_unless_its_country_is_not_addressed():
    nan = float("nan")
    seen = representation(scope([1.0, nan]), jnp.asarray([1.0, 0.0]))
    assert np.isnan(seen.population)
    assert float(seen.countries) == 0.5
    assert float(representation(scope([1.0, nan], addressed=[True, False]), jnp.ones(2)).population) == 1
    assert np.isnan(representation(scope([1.0, 1.0], addressed=[False, False]), jnp.ones(2)).input_legitimacy)


def test_batches_equal_single_tables():
    voice = jnp.asarray(np.random.default_rng(3).integers(0, 2, (7, N)), jnp.float32)
    world = scope([1.0, 2.0, 3.0, 4.0, 5.0])
    together = representation(world, voice)
    for draw in range(7):
        alone = representation(world, voice[draw])
        assert float(together.input_legitimacy[draw]) == pytest.approx(float(alone.input_legitimacy))
        np.testing.assert_allclose(together.balance[draw], alone.balance, rtol=1e-6)


@quick
@given(shares, shares, shares)
def test_legitimacy_moves_towards_the_geometric_mean_and_stays_between(now, by_input, by_output):
    mean = float(np.sqrt(by_input * by_output))
    later = float(updated_legitimacy(now, by_input, by_output))
    assert later == pytest.approx(0.9 * now + 0.1 * mean, abs=1e-6)
    assert float(updated_legitimacy(mean, by_input, by_output)) == pytest.approx(mean, abs=1e-6)


def test_delivery_without_inclusion_is_worth_nothing_and_slopes_are_finite():
    assert float(updated_legitimacy(0.0, 0.0, 1.0)) == 0
    assert float(output_legitimacy(0.5, 0.8)) == pytest.approx(0.4)
    assert np.isfinite(jax.grad(lambda x: updated_legitimacy(0.5, x, x))(0.0))


def test_speed_is_four_a_year_at_once_and_none_in_deadlock():
    assert speed(jnp.asarray([0.0, 0.75, jnp.inf])).tolist() == pytest.approx([4, 1, 0])


def test_the_security_council_covers_more_of_output_than_of_countries(baseline):
    """On 2022-02-25 it has 15 of 193 members, with China, India and the United States among them."""
    day = date(2022, 2, 25)
    assembly = [code for code in load_body("UNGA").on(day).members if code != "PRK"]
    council = load_body("UNSC").on(day)
    world = scope_of(baseline, assembly, 2022, stake=dict.fromkeys(assembly, 1.0))
    voice = voice_of(assembly, council.members, power(council.rule().game(), members=council.members).values)
    found = representation(world, voice)
    assert float(found.countries) == pytest.approx(15 / 192)
    assert 0.45 < float(found.population) < 0.55
    assert 0.6 < float(found.capability) < 0.75
    # Five members hold 98 % of the power to decide (Shapley and Shubik), and less of what there is.
    assert float(found.balance[3]) < 0.05


def test_what_is_no_scope_or_voice_is_refused(baseline):
    with pytest.raises(NegotiationError, match="PRK came, without `capability_gdp` in 2022"):
        scope_of(baseline, ["FRA", "PRK"], 2022, stake={"FRA": 1, "PRK": 1})
    with pytest.raises(NegotiationError, match="FRA have none that is finite"):
        scope_of(baseline, ["FRA"], 2022, stake={})
    with pytest.raises(NegotiationError, match="none came; name those"):
        scope_of(baseline, [], 2022, stake={})
    with pytest.raises(NegotiationError, match="2 came for 1 members"):
        voice_of(["FRA"], ["FRA"], [0.5, 0.5])
    with pytest.raises(NegotiationError, match=r"FRA -0\.5 came"):
        voice_of(["FRA"], ["FRA"], [-0.5])
    with pytest.raises(NegotiationError, match="3 countries came; the scope has 2"):
        representation(scope([1.0, 2.0]), jnp.ones(3))
