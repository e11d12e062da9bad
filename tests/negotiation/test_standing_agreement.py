"""What bodies agree on under standing rules: known rules, versions, limits, gradients, and tables of members alone."""

from __future__ import annotations

from datetime import date

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from standing_tables import alternatives, standing

from orrery.base.errors import NegotiationError
from orrery.institutions.catalogue import load_body
from orrery.institutions.games import AllOf, Threshold
from orrery.negotiation.agreement import Table, Terms, agree, compromise, distances
from orrery.negotiation.binding import binding
from orrery.negotiation.standing_rules import StandingRules, rows_of_game
from orrery.world.rule_rows import standing_rules

PARTIES = 9
BODIES = [Threshold((1,) * PARTIES, PARTIES), Threshold((1,) * PARTIES, 6), Threshold((5, 1, 4, 1, 2, 3, 1, 1, 2), 11)]
SEATED = np.array([[1, 1, 0, 1, 0, 1, 1, 0, 0], [1] * PARTIES, [1, 1, 1, 0, 1, 1, 0, 0, 1]], bool)
bound = eqx.filter_jit(StandingRules.binding)
settle = eqx.filter_jit(agree)


def three() -> StandingRules:
    return standing_rules([(alternatives(game),) for game in BODIES], PARTIES)


def first(rules: StandingRules):
    return jnp.zeros(rules.places.shape[1], int)


def test_permanent_members_bind_where_they_accept_least():
    council = load_body("UNSC").on(date(2024, 6, 17))
    rules = standing(council.rule().game())
    every = jnp.ones((1, 15), bool)
    phi = jnp.asarray(np.random.default_rng(3).permutation(15) / 15, jnp.float32)
    permanent = np.array([council.members.index(code) for code in ("CHN", "FRA", "GBR", "RUS", "USA")])
    lowest = int(permanent[np.argmin(phi[permanent])])
    ninth = float(np.sort(phi)[-9])
    found = bound(rules, phi[None], every, first(rules))
    assert float(found.acceptability[0]) == min(float(phi[lowest]), ninth)
    blocked = bound(rules, phi.at[lowest].set(-2.0)[None], every, first(rules))
    assert (float(blocked.acceptability[0]), int(blocked.party[0])) == (-2.0, lowest)


@pytest.mark.parametrize("seed", range(6))
def test_the_council_of_the_european_union_binds_as_its_game_does(seed):
    game = load_body("EU-COUNCIL").on(date(2020, 9, 21)).rule("decision").game()
    rules = standing(game)
    phi = jnp.asarray(np.random.default_rng(seed).normal(size=27), jnp.float32)
    found, expected = bound(rules, phi[None], jnp.ones((1, 27), bool), first(rules)), binding(phi, game)
    assert float(found.acceptability[0]) == float(expected.acceptability)
    assert int(found.party[0]) == int(expected.party)


def test_a_body_follows_the_version_it_is_told_and_none_that_there_is_not():
    rules = standing(Threshold((1,) * 5, 5), Threshold((1,) * 5, 3))
    phi, every = jnp.asarray([[0.4, -0.2, 0.9, 0.1, 0.6]]), jnp.ones((1, 5), bool)
    found = [bound(rules, phi, every, jnp.array([version])) for version in range(3)]
    assert [float(each.acceptability[0]) for each in found] == pytest.approx([-0.2, 0.4, -np.inf])
    assert [int(each.party[0]) for each in found] == [1, 0, -1]


def test_a_veto_counts_while_its_holder_sits():
    rules = standing(AllOf((Threshold((1,) * 5, 2), Threshold((0, 0, 0, 1, 0), 1))))
    phi = jnp.asarray([[0.4, -0.2, 0.9, 0.1, 0.6]])
    sits = [jnp.ones((1, 5), bool), jnp.ones((1, 5), bool).at[0, 3].set(False)]
    found = [bound(rules, phi, member, first(rules)) for member in sits]
    # Two of five votes; of the other four, as large a part: 1.6 votes, two again.
    assert [float(each.acceptability[0]) for each in found] == pytest.approx([0.1, 0.6])
    assert [int(each.party[0]) for each in found] == [3, 4]


def test_bodies_without_members_never_agree_and_members_without_weight_are_free():
    rules = standing(Threshold((1, 1, 0), 2))
    phi = jnp.asarray([[0.4, 0.2, 0.7]])
    nobody = bound(rules, phi, jnp.zeros((1, 3), bool), first(rules))
    assert (float(nobody.acceptability[0]), int(nobody.party[0])) == (-np.inf, -1)
    free = bound(rules, phi, jnp.asarray([[False, False, True]]), first(rules))
    assert (float(free.acceptability[0]), int(free.party[0])) == (pytest.approx(0.7), -1)


def test_of_parties_alike_the_first_with_a_say_binds():
    rules = standing(AllOf((Threshold((0, 0, 1, 1), 2),)))
    found = bound(rules, jnp.full((1, 4), 0.3), jnp.asarray([[True, True, False, True]]), first(rules))
    assert int(found.party[0]) == 3


def test_rows_of_a_game_leave_out_what_is_always_or_never_reached():
    either = AllOf((Threshold((2, 1, 1), 3), Threshold((1, 1, 1), 0)))
    assert rows_of_game(either) == [[((2, 1, 1), 0.75)]]
    assert rows_of_game(Threshold((1, 1), 3)) == []
    assert rows_of_game(Threshold((0, 0), 1)) == []
    assert rows_of_game(Threshold((1, 2), 3)) == [[((1, 2), 1.0)]]


def test_other_parties_than_the_members_are_refused():
    rules = three()
    with pytest.raises(NegotiationError, match=r"shape \(3, 8\) came; give \[body, party\], \(3, 9\)"):
        rules.sitting(SEATED, first(rules)).binding(jnp.zeros((3, 8)))


@pytest.mark.parametrize("double", [False, True])
def test_a_table_of_all_parties_agrees_as_one_of_the_members_alone(double):
    """Who is no member has no influence, stands anywhere, and changes nothing."""
    rng = np.random.default_rng(8)
    with jax.enable_x64(double):
        kind = jnp.zeros(()).dtype
        position = jnp.asarray(rng.normal(size=(PARTIES, 2)), kind)
        influence = jnp.asarray(rng.uniform(0.5, 2, PARTIES) * SEATED, kind)
        salience = jnp.asarray(rng.uniform(0.2, 1, (3, 1, 2)), kind)
        rules, terms = three(), Terms(jnp.asarray(0.8, kind), linkage=0.2)
        sitting = rules.sitting(jnp.asarray(SEATED), first(rules))
        found = settle(Table(position, salience, influence, 2.0), terms, sitting)
        for body, seated in enumerate(SEATED):
            places = np.flatnonzero(seated)
            alone = Table(position[places], salience[body], influence[body, places], 2.0)
            weights = tuple(np.array(BODIES[body].weights)[places].tolist())
            quota = -(-BODIES[body].quota * sum(weights) // sum(BODIES[body].weights))
            expected = settle(alone, terms, Threshold(weights, quota))
            for field in ("text", "binding", "linked", "depth", "hazard"):
                ours, theirs = getattr(found, field)[body], getattr(expected, field)
                np.testing.assert_allclose(ours, theirs, rtol=1e-12 if double else 2e-5, atol=1e-7)
            assert int(found.binds[body]) == places[int(expected.binds)]


def shared_table(n_bodies: int, seed: int = 2) -> tuple[Table, Terms]:
    rng = np.random.default_rng(seed)
    influence = jnp.asarray(rng.uniform(0, 1, (n_bodies, PARTIES)), jnp.float32)
    leader = jnp.asarray(rng.integers(-1, PARTIES, n_bodies))
    position = jnp.asarray(rng.normal(size=(PARTIES, 2)), jnp.float32)
    return Table(position, jnp.ones((1, 2)), influence), Terms(jnp.full(n_bodies, 0.9), leadership=0.4, leader=leader)


def test_positions_of_all_tables_give_what_those_of_each_give():
    table, terms = shared_table(5)
    text = compromise(table, terms)
    every = Table(jnp.broadcast_to(table.position, (5, PARTIES, 2)), jnp.ones((PARTIES, 2)), table.influence)
    weight = np.asarray(table.influence / table.influence.sum(-1, keepdims=True))
    mean = (weight[..., None] * np.asarray(table.position)).sum(1)
    led = np.asarray(terms.leader) >= 0
    pulled = 0.6 * mean + 0.4 * np.asarray(table.position)[np.asarray(terms.leader)]
    np.testing.assert_allclose(text, np.where(led[:, None], pulled, mean), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(compromise(every, terms), text, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(distances(every, text), distances(table, text), rtol=1e-6)


def test_compiled_the_party_named_is_a_member_and_its_acceptability_binds():
    """What is compiled as a whole may work out a number anew for each comparison; a member binds all the same."""
    table, terms = shared_table(3)
    for seed in range(20):
        seated = np.random.default_rng(seed).random((3, PARTIES)) < 0.6
        rules = three()
        drawn, _ = shared_table(3, seed)
        found = settle(
            Table(drawn.position, table.salience, drawn.influence), terms, rules.sitting(seated, first(rules))
        )
        for body in np.flatnonzero(found.binds >= 0):
            place = int(found.binds[body])
            assert seated[body, place]
            np.testing.assert_allclose(found.acceptability[body, place], found.binding[body], rtol=1e-5, atol=2e-6)
        weights = np.array([np.array(game.weights) for game in BODIES]) * seated
        np.testing.assert_array_equal(np.asarray(found.binds) >= 0, weights.sum(1) > 0)


def test_draws_give_what_each_gives():
    rules, draws = three(), jnp.asarray(np.random.default_rng(4).normal(size=(4, 3, PARTIES)), jnp.float32)
    together = eqx.filter_jit(jax.vmap(lambda phi: rules.binding(phi, SEATED, first(rules))))(draws)
    for draw, phi in enumerate(draws):
        one = bound(rules, phi, jnp.asarray(SEATED), first(rules))
        np.testing.assert_array_equal(together.acceptability[draw], one.acceptability)
        np.testing.assert_array_equal(together.party[draw], one.party)


def test_what_binds_moves_with_the_party_that_binds_alone():
    rules, phi = three(), jnp.asarray(np.random.default_rng(5).normal(size=(3, PARTIES)), jnp.float32)
    slope = jax.jit(jax.grad(lambda phi: rules.binding(phi, SEATED, first(rules)).acceptability.sum()))(phi)
    party = bound(rules, phi, jnp.asarray(SEATED), first(rules)).party
    np.testing.assert_array_equal(slope, np.eye(PARTIES)[np.asarray(party)])


@pytest.mark.parametrize("version", [0, 1])
def test_gradients_are_finite_in_deadlock_too(version):
    """Version 1 there is not, so that no set carries a motion and minus infinity binds."""
    rules = three()
    sitting = rules.sitting(SEATED, jnp.full(3, version))

    def total(position, stake, linkage):
        table = Table(position, jnp.ones((1, 2)), jnp.asarray(1.0 * SEATED))
        found = agree(table, Terms(jnp.broadcast_to(stake, (3,)), linkage), sitting)
        return (found.depth + found.hazard).sum()

    position = jnp.asarray(np.random.default_rng(6).normal(size=(PARTIES, 2)), jnp.float32)
    slopes = jax.jit(jax.grad(total, (0, 1, 2)))(position, 2.0, 0.3)
    assert all(bool(jnp.isfinite(slope).all()) for slope in slopes)
    assert bool((slopes[1] > 0) == (version == 0))
