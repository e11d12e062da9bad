"""What happens at the table: packages, exits, blocs, leaders, mediation, and draws that do not depend on each other."""

from __future__ import annotations

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from negotiation.bargaining.small_tables import MAJORITY, PARTIES, UNANIMITY, as_arrays, play, random_table, table_of
from orrery.institutions.games import Threshold
from orrery.negotiation.agreement import SHORTEST, caucused
from orrery.negotiation.bargaining import conduct, talk_all
from orrery.negotiation.bargaining.talks import MOST_ROUNDS, STEP
from orrery.negotiation.solutions.problem import Problem
from orrery.negotiation.solutions.registry import predict

# The last party agrees on the first issue and presses the second, which is off the table and where nothing is done.
PRESSING = {
    "position": [[0.8, 0.2], [0.8, 0.3], [0.9, 0.2], [0.8, 1.0]],
    "salience": [[1.0, 0.1], [1.0, 0.1], [1.0, 0.1], [0.4, 0.6]],
    "on_table": [True, False],
}
FAR = [[0.8, 0.2], [0.7, 0.3], [0.9, 0.2], [0.1, 0.9]]


def test_a_hold_out_on_an_issue_off_the_table_blocks_and_a_package_frees():
    alone = play(table_of(**PRESSING), conduct(0.2))
    assert not bool(alone.agreed)
    assert int(alone.rounds) == MOST_ROUNDS
    assert int(alone.blocks) == int(alone.held_out) == 3
    package = play(table_of(**PRESSING, may_package=True), conduct(0.2))
    assert bool(package.agreed)
    assert bool(package.packaged)
    assert int(package.held_out) == 3
    assert float(package.text[1]) == pytest.approx(0.425)


def test_a_package_opens_after_the_patience_of_the_talks_and_not_before():
    for patience in (0.5, 1.5):
        found = play(table_of(**PRESSING, may_package=True), conduct(0.2, patience=patience))
        assert int(found.rounds) >= patience / STEP - 1
    at_once = play(table_of([[0.5, 0.5]] * 4, on_table=[True, False], may_package=True), conduct(0.6))
    assert not bool(at_once.packaged)


def test_the_hold_out_does_not_block_a_majority():
    found = play(table_of(**PRESSING), conduct(0.2), MAJORITY)
    assert bool(found.agreed)
    assert not bool(found.signs[3])


def test_a_party_that_no_depth_satisfies_leaves_and_the_rest_go_on():
    stays = play(table_of(FAR), conduct(0.08))
    assert not bool(stays.agreed)
    goes = play(table_of(FAR, may_leave=True), conduct(0.08))
    assert bool(goes.agreed)
    assert goes.left.tolist() == [False, False, False, True]
    assert goes.signs.tolist() == [True, True, True, False]
    assert goes.text.tolist() == pytest.approx([0.8, 0.7 / 3], abs=1e-5)
    assert int(goes.rounds) > 2 / STEP - 1


def test_nobody_leaves_whom_some_depth_satisfies():
    found = play(table_of(FAR, may_leave=True), conduct(0.15))
    assert bool(found.agreed)
    assert not found.left.any()


def test_a_party_leaves_whose_alternative_is_better_than_any_depth():
    table = {"position": [[0.8, 0.2], [0.7, 0.3], [0.9, 0.2], [0.5, 0.5]], "reservation": [0, 0, 0, 0.9]}
    assert not bool(play(table_of(**table), conduct(0.15)).agreed)
    found = play(table_of(**table, may_leave=True), conduct(0.15))
    assert found.left.tolist() == [False, False, False, True]
    assert bool(found.agreed)


def test_two_parties_never_part():
    found = play(
        table_of([[0.0, 0.0], [1.0, 1.0], [0.5, 0.5], [0.5, 0.5]], seated=[True, True, False, False], may_leave=True),
        conduct(0.05),
    )
    assert not found.left.any()


@pytest.mark.parametrize(("stance", "helps"), [(0.35, True), (0.0, False)])
def test_caucusing_cuts_both_ways(stance, helps):
    position = jnp.asarray([[0.0, 0.5], [0.1, 0.5], [0.2, 0.5], [0.8, 0.5]])
    bloc = jnp.asarray([[1.0], [1.0], [1.0], [0.0]])
    met = caucused(position, bloc, jnp.asarray([[stance, 0.5]]), 1.0)
    alone, together = (play(table_of(each), conduct(0.25)) for each in (position, met))
    assert bool(alone.agreed)
    assert (int(together.rounds) < int(alone.rounds)) == helps
    assert (float(together.depth) > float(alone.depth)) == helps


def test_a_leader_drafts_towards_its_own_position():
    table = random_table(3)
    mean = np.average(table.position, axis=0, weights=table.influence)
    led = random_table(3, leader=1)
    found = play(led, conduct(0.5, leadership=0.4))
    assert found.text == pytest.approx(0.6 * mean + 0.4 * np.asarray(led.position[1]), abs=1e-5)
    assert play(table, conduct(0.5, leadership=0.4)).text == pytest.approx(mean, abs=1e-5)


def on_an_arc(degrees, influence):
    """Return parties equally far from the status quo, and the egalitarian text: the one nearest to the furthest."""
    angles = np.deg2rad(degrees)
    position = 0.9 * np.stack([np.cos(angles), np.sin(angles)], 1)
    problem = Problem(jnp.asarray(position), jnp.ones((4, 2)), jnp.asarray(influence), jnp.zeros(2), UNANIMITY)
    return table_of(position, influence=influence), np.asarray(predict("egalitarian", problem).text)


@pytest.mark.parametrize("degrees", [(5, 20, 35, 85), (80, 70, 50, 10)])
def test_mediation_approaches_the_egalitarian_text_under_unanimity(degrees):
    table, egalitarian = on_an_arc(degrees, [1.0, 1.0, 1.0, 0.2])
    found = [play(table, conduct(0.22, mediation=mediation)) for mediation in (0.0, 0.05, 0.2, 0.8)]
    apart = [float(np.linalg.norm(each.text - egalitarian)) for each in found]
    assert (np.diff(apart) < 0).all()
    assert apart[-1] < 0.03
    assert (np.diff([float(each.depth) for each in found]) > 0).all()
    assert (np.diff([int(each.rounds) for each in found]) <= 0).all()


def test_a_chair_does_not_move_the_text_while_no_depth_is_possible():
    table, _ = on_an_arc((5, 20, 35, 85), [1.0, 1.0, 1.0, 0.2])
    still, moved = (play(table, conduct(0.1, mediation=mediation)) for mediation in (0.0, 0.1))
    assert not bool(moved.agreed)
    assert moved.text.tolist() == pytest.approx(still.text.tolist(), abs=1e-6)


def test_urgency_changes_years_and_nothing_else():
    slow, fast = (play(random_table(5), conduct(0.3, concession=rate)) for rate in (0.3, 3.0))
    assert int(slow.rounds) == int(fast.rounds) > 0
    assert float(slow.years) - SHORTEST == pytest.approx(10 * (float(fast.years) - SHORTEST), rel=1e-4)


@settings(max_examples=5)
@given(st.integers(0, 1_000))
def test_a_draw_is_the_same_alone_and_among_others(seed):
    tables = [random_table(seed + place, 1.0) for place in range(8)]
    manners = [conduct(0.05 * (place + 1), boldness=0.5, mediation=0.05, linkage=0.1) for place in range(8)]
    stacked = [jax.tree.map(lambda *each: jnp.stack(each), *ones) for ones in (tables, manners)]
    together = talk_all(*stacked, as_arrays(UNANIMITY))
    for place in (0, 3, 7):
        alone = play(tables[place], manners[place])
        for mine, theirs in zip(jax.tree.leaves(alone), jax.tree.leaves(together), strict=True):
            assert np.asarray(mine, float) == pytest.approx(np.asarray(theirs[place], float), abs=2e-5)


def test_empty_places_change_nothing():
    seated = jnp.arange(PARTIES) < 3
    three = Threshold((1, 1, 1, 0), 3)
    manner = conduct(0.3, boldness=0.5, mediation=0.05, linkage=0.1)
    one = random_table(8, seated=seated)
    other = replace(one, position=one.position.at[3].set(50.0), influence=one.influence.at[3].set(9.0))
    here, there = (play(table, manner, three) for table in (one, other))
    assert bool(here.agreed)
    assert int(here.rounds) == int(there.rounds) > 0
    assert here.text.tolist() == pytest.approx(there.text.tolist(), abs=1e-6)
    assert here.value[:3].tolist() == pytest.approx(there.value[:3].tolist(), abs=1e-6)
    assert not bool(here.signs[3])
    assert not bool(here.left[3])
