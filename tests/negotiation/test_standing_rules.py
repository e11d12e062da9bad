"""Rules of bodies whose members come and go: the same parties bind as by the games of those who sit."""

from __future__ import annotations

from fractions import Fraction
from math import ceil

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from standing_tables import standing

from orrery.institutions.games import AllOf, AnyOf, Threshold
from orrery.negotiation.binding import Binding, binding
from orrery.negotiation.standing_rules import HALVINGS, ROUNDINGS, StandingRules, share_bound

SIZE, MOST = 6, 3
ROWS = MOST**2
FIRST = np.array([0])
terms = st.tuples(
    st.lists(st.integers(0, 4), min_size=SIZE, max_size=SIZE), st.sampled_from([0.0, 0.2, 0.5, 2 / 3, 0.9, 1.0])
)
forms = st.lists(st.lists(terms, min_size=1, max_size=MOST), min_size=1, max_size=MOST)
"""Alternatives of quotas."""
members = st.lists(st.booleans(), min_size=SIZE, max_size=SIZE)
tied = st.lists(st.integers(-3, 3), min_size=SIZE, max_size=SIZE)


def game_of(form: list[list[tuple[list[int], float]]]) -> AnyOf:
    return AnyOf(
        tuple(
            AllOf(tuple(Threshold(tuple(weights), ceil(part * sum(weights))) for weights, part in alternative))
            for alternative in form
        )
    )


def padded(rules: StandingRules) -> StandingRules:
    """Return the same rules with idle rows up to one shape, so that it is compiled once."""
    n_unanimity, n_quota = len(rules.unanimous), len(rules.weight)
    places = np.full((1, 1, MOST, MOST), -2)
    _, _, n_alternatives, n_needed = rules.places.shape
    places[..., :n_alternatives, :] = np.where(rules.places[..., :1] == -2, -2, -1)
    places[..., :n_alternatives, :n_needed] = rules.places
    places = np.where(places >= n_unanimity, places + ROWS - n_unanimity, places)
    return StandingRules(
        unanimous=np.pad(rules.unanimous, ((0, ROWS - n_unanimity), (0, 0))),
        weight=np.pad(rules.weight, ((0, ROWS - n_quota), (0, 0))),
        share=np.pad(rules.share, (0, ROWS - n_quota), constant_values=0.5),
        row_body=np.zeros(2 * ROWS, int),
        places=places,
    )


def of_those_who_sit(game: AnyOf, member: np.ndarray) -> AnyOf:
    """Return the game in which each quota is the same part of the sitting members' weight, worked out exactly."""
    alternatives = []
    for alternative in game.parts:
        quotas = []
        for quota in alternative.parts:
            weights = tuple(weight * int(sits) for weight, sits in zip(quota.weights, member, strict=True))
            part = Fraction(quota.quota, sum(quota.weights) or 1)
            quotas.append(Threshold(weights, ceil(part * sum(weights))))
        alternatives.append(AllOf(tuple(quotas)))
    return AnyOf(tuple(alternatives))


compiled = eqx.filter_jit(StandingRules.binding)
quantile = jax.jit(share_bound)


def alone(rules: StandingRules, phi, member, version=FIRST) -> Binding:
    """Return what binds the only body."""
    found = compiled(rules, jnp.asarray(phi)[None], jnp.asarray(member)[None], jnp.asarray(version))
    return Binding(found.acceptability[0], found.party[0])


@given(forms, tied, members)
def test_what_binds_is_what_the_game_of_those_who_sit_says(form, values, sits):
    assume(any(sits))
    game, member = game_of(form), np.array(sits)
    phi = jnp.asarray(values, jnp.float32)
    found = alone(padded(standing(game)), phi, member)
    expected = binding(phi, of_those_who_sit(game, member))
    if np.isinf(expected.acceptability):
        assert float(found.acceptability) == max(np.array(values)[member])
        assert int(found.party) == -1
    else:
        assert float(found.acceptability) == float(expected.acceptability) == values[int(found.party)]
        assert sits[int(found.party)]


@given(forms, tied, members, st.lists(st.floats(-1e6, 1e6), min_size=SIZE, max_size=SIZE))
def test_who_is_no_member_has_no_say(form, values, sits, others):
    rules, member = padded(standing(game_of(form))), np.array(sits)
    before = alone(rules, jnp.asarray(values, jnp.float32), member)
    after = alone(rules, jnp.where(member, jnp.asarray(values), jnp.asarray(others)).astype(jnp.float32), member)
    assert float(before.acceptability) == float(after.acceptability)
    assert int(before.party) == int(after.party)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("quota", [97, 129, 145, 193])
def test_a_world_of_members_binds_as_by_sorting(quota, seed):
    rng = np.random.default_rng([seed, quota])
    weights = tuple(rng.integers(1, 1000, 193).tolist()) if seed % 2 else (1,) * 193
    game = Threshold(weights, ceil(Fraction(quota, 193) * sum(weights)))
    with jax.enable_x64(True):
        phi = jnp.asarray(rng.normal(size=193))
        found, expected = alone(standing(game), phi, np.ones(193, bool)), binding(phi, game)
        assert float(found.acceptability) == float(expected.acceptability)
        assert int(found.party) == int(expected.party)


@given(
    st.lists(st.floats(-8, 8, width=32, allow_subnormal=False), min_size=SIZE, max_size=SIZE),
    st.lists(st.integers(0, 9), min_size=SIZE, max_size=SIZE),
    st.floats(0.015625, 1, width=32),
    st.booleans(),
)
def test_the_quantile_is_a_members_own_and_within_the_bracket(values, votes, share, double):
    values, votes = np.array(values), np.array(votes)
    assume(votes.sum() > 0)
    kind = np.float64 if double else np.float32
    with jax.enable_x64(True):
        arrays = [jnp.asarray(each, kind) for each in (values, votes)]
        found = float(quantile(*(each[None] for each in arrays), jnp.asarray([share], kind))[0])
    needed = Fraction(share) * (1 - (Fraction(1, 10**9) if double else ROUNDINGS * Fraction(2) ** -23))
    voting = values[votes > 0]
    exact = max(value for value in voting if int(votes[values >= value].sum()) >= needed * int(votes.sum()))
    slack = 3 * ROUNDINGS * np.finfo(kind).eps * (1 + np.abs(voting).max())
    assert found in voting
    assert exact - np.ptp(voting) / 2**HALVINGS - slack <= found <= exact
