"""How parties conduct themselves: concessions by risk, alternatives, payments, decisions at home."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from negotiation.bargaining.small_tables import MAJORITY, UNANIMITY, play, random_table, table_of
from orrery.negotiation.bargaining import conduct
from orrery.negotiation.bargaining.talks import STEP

seeds = st.integers(0, 100_000)
stakes = st.floats(0.05, 0.9)
few = settings(max_examples=25)
FAR = [[0.8, 0.2], [0.7, 0.3], [0.9, 0.2], [0.1, 0.9]]


def best(stake: float) -> float:
    """Return what a party gets from its own text at the depth it likes best, for stakes up to 1."""
    return stake**2 / 2


def distances(table, text) -> np.ndarray:
    weight = np.asarray(table.salience / table.salience.sum(1, keepdims=True))
    return (weight * (np.asarray(table.position) - np.asarray(text)) ** 2).sum(1)


@few
@given(seeds, stakes)
def test_without_boldness_all_demand_alike(seed, stake):
    found = play(random_table(seed), conduct(stake))
    assert found.demand.tolist() == pytest.approx([np.exp(-STEP * int(found.rounds))] * 4, rel=1e-4)


@few
@given(seeds, stakes, st.floats(0.1, 1))
def test_who_has_more_to_lose_concedes_more_and_the_mean_concession_stays(seed, stake, boldness):
    """The text stays, so that those near it have more to lose in every round (Zeuthen 1930)."""
    table = random_table(seed)
    found = play(table, conduct(stake, boldness=boldness))
    demand = np.asarray(found.demand)
    order = np.argsort(distances(table, found.text))
    assert (np.diff(np.log(demand[order])) >= -1e-5).all()
    assert np.log(demand).mean() == pytest.approx(-STEP * int(found.rounds), abs=2e-3)


def test_the_far_party_holds_out_longer_the_bolder_all_are():
    steady, bold = (play(table_of(FAR), conduct(0.2, boldness=boldness)) for boldness in (0.0, 1.0))
    assert bool(bold.agreed)
    assert int(bold.rounds) > int(steady.rounds)
    assert float(bold.demand[3]) > 2 * float(bold.demand[:3].max())


@few
@given(seeds, stakes, st.floats(0, 0.6), st.booleans())
def test_no_party_needed_accepts_less_than_its_reservation_value(seed, stake, reservation, majority):
    game = MAJORITY if majority else UNANIMITY
    found = play(random_table(seed, 0.8, reservation=[reservation, 0, 0, reservation / 2]), conduct(stake), game)
    demand, value = np.asarray(found.demand), np.asarray(found.value)
    assert demand[0] >= np.float32(reservation)
    if found.agreed:
        gain = value - demand * best(stake)
        assert (gain >= -1e-6).sum() >= (3 if majority else 4)


def test_a_better_alternative_makes_talks_longer_or_fail():
    rounds = [
        int(play(random_table(2, 0.6, reservation=[share, share, share, share]), conduct(0.4)).rounds)
        for share in (0.0, 0.5, 0.95)
    ]
    assert rounds[0] <= rounds[1] < rounds[2] == 120


@few
@given(seeds, stakes, st.floats(0.05, 1))
def test_payments_cover_what_those_who_object_lack(seed, stake, linkage):
    table = random_table(seed)
    found = play(table, conduct(stake, linkage=linkage))
    assume(bool(found.agreed))
    weight = np.asarray(table.influence / table.influence.sum())
    gain = np.asarray(found.value) - np.asarray(found.demand) * best(stake)
    lacking, to_spare = (weight * np.maximum(sign * gain, 0) for sign in (-1, 1))
    assert lacking.sum() <= linkage * to_spare.sum() + 1e-6


def test_side_payments_buy_consent_that_nobody_gives_for_nothing():
    without, with_payments = (play(table_of(FAR), conduct(0.08, linkage=linkage)) for linkage in (0.0, 0.7))
    assert not bool(without.agreed)
    assert int(without.blocks) == 3
    assert bool(with_payments.agreed)
    assert float(with_payments.value[3]) < 0
    assert (np.asarray(with_payments.value[:3]) > 0).all()


def test_the_chance_of_ratification_is_the_product_of_the_decisions_at_home():
    table = random_table(4, 0.6, ratifies=[True, False, True, False])
    found = play(table, conduct(0.4, firmness=6.0, bar=0.2))
    assert bool(found.agreed)
    share = np.asarray(found.value)[[0, 2]] / best(0.4)
    assert float(found.ratification) == pytest.approx(np.prod(1 / (1 + np.exp(-6 * (share - 0.2)))), rel=1e-4)


def test_ratification_is_certain_where_nobody_must_and_never_follows_a_deadlock():
    assert float(play(random_table(4), conduct(0.4)).ratification) == 1
    deadlock = play(table_of(FAR, ratifies=[True] * 4), conduct(0.05))
    assert not bool(deadlock.agreed)
    assert float(deadlock.ratification) == 0


def test_who_is_outvoted_does_not_ratify():
    table = table_of(FAR, ratifies=[False, False, False, True])
    found = play(table, conduct(0.08), MAJORITY)
    assert bool(found.agreed)
    assert not bool(found.signs[3])
    assert float(found.ratification) == 1


@few
@given(seeds, stakes)
def test_a_higher_bar_at_home_never_helps(seed, stake):
    table = random_table(seed, ratifies=[True] * 4)
    low, high = (float(play(table, conduct(stake, bar=bar)).ratification) for bar in (0.05, 0.5))
    assert high <= low


@few
@given(seeds, stakes)
def test_relief_of_a_bad_status_quo_never_hinders(seed, stake):
    table = random_table(seed)
    without, with_relief = (play(table, conduct(stake, relief=relief)) for relief in (0.0, 0.5))
    assert int(with_relief.rounds) <= int(without.rounds)
    assert bool(with_relief.agreed) >= bool(without.agreed)
