"""Who votes for which party, and which parties can carry an agreement."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest
from case_texts import COUNCIL, TABLE, changed, read

from orrery.institutions.catalogue import load_body
from orrery.institutions.games import passes
from orrery.negotiation.cases import Case, load_case


def carries(case: Case, *keys: str) -> bool:
    """Tell whether these parties carry an agreement."""
    yes = np.zeros(len(case.parties), bool)
    yes[[case.place(key) for key in keys]] = True
    return bool(np.asarray(passes(case.game, yes)))


def with_rule(folder: Path, rule: str, votes: str = "") -> Case:
    text = changed(TABLE, "{ consensus = 0 }", rule)
    return read(folder, changed(text, "capability = 3.4", f"{votes}\ncapability = 3.4"))


def test_a_bloc_votes_for_all_its_members(tmp_path: Path) -> None:
    case = read(tmp_path, COUNCIL)
    assert len(case.seats.voters) == 15
    assert case.seats.votes == (3, 1, 1, 10)
    held = dict(zip(case.seats.voters, case.seats.party, strict=True))
    assert (held["FRA"], held["CHN"], held["RUS"], held["NOR"]) == (0, 1, 2, 3)
    assert carries(case, "P3", "CHN", "RUS", "E10")
    assert not carries(case, "P3", "CHN", "E10")
    assert not carries(case, "P3", "CHN", "RUS")
    assert case.seats.rule == "at least 9 in favour; and no veto by permanent members"
    assert case.seats.share == pytest.approx(9 / 15)


def test_ten_elected_members_in_one_party_can_stop_a_resolution(tmp_path: Path) -> None:
    """Five permanent members are not nine votes: the bloc of ten stops what they want, as each of them does."""
    assert read(tmp_path, COUNCIL).seats.vetoes == (True, True, True, True)


def test_only_holders_have_a_veto_where_the_others_are_apart(tmp_path: Path) -> None:
    apart = COUNCIL.replace('countries = "others"', 'countries = ["ALB", "ARE", "BRA", "GAB", "GHA", "IND"]')
    last = COUNCIL[COUNCIL.index('[[parties]]\nkey = "E10"') : COUNCIL.index("[[sources]]")]
    rest = last.replace("E10", "E4").replace('countries = "others"', 'countries = ["IRL", "KEN", "MEX", "NOR"]')
    case = read(tmp_path, changed(apart, "[[sources]]", f"{rest}\n[[sources]]"))
    assert case.seats.votes == (3, 1, 1, 6, 4)
    assert case.seats.vetoes == (True, True, True, False, False)


def test_a_procedural_matter_has_no_veto(tmp_path: Path) -> None:
    case = read(tmp_path, changed(COUNCIL, "substantive", "procedural"))
    assert carries(case, "P3", "E10")
    assert case.seats.vetoes == (False, False, False, True)


def test_consensus_of_the_tables_own_needs_all(tmp_path: Path) -> None:
    case = read(tmp_path, TABLE)
    assert case.seats.voters == ("FRA", "IND")
    assert [carries(case, *keys) for keys in ((), ("FRA",), ("IND",), ("FRA", "IND"))] == [False, False, False, True]
    assert case.seats.vetoes == (True, True)
    assert case.seats.share == 1


def test_votes_given_are_those_that_count(tmp_path: Path) -> None:
    case = with_rule(tmp_path, '{ more_than = "1/2", of = "members" }', "votes = 3")
    assert case.seats.voters == ("FRA", "IND-1", "IND-2", "IND-3")
    assert case.seats.votes == (1, 3)
    assert carries(case, "IND")
    assert not carries(case, "FRA")
    assert case.seats.vetoes == (False, True)


def test_who_has_no_vote_sits_without_a_veto(tmp_path: Path) -> None:
    text = changed(TABLE, 'countries = ["IND"]', "countries = []")
    case = read(tmp_path, text)
    assert case.seats.votes == (1, 0)
    assert carries(case, "FRA")
    assert case.seats.vetoes == (True, False)
    np.testing.assert_allclose(case.influence, [1 / 2 + 3.0 / 6.4 / 2, 3.4 / 6.4 / 2])


def test_where_those_voting_decide_votes_count_by_salience(tmp_path: Path) -> None:
    """France has 2 votes of salience .7, India 3 of .8: 140 against 240 hundredths, of which two thirds are 254."""
    text = changed(TABLE, "{ consensus = 0 }", '{ yes = "2/3", of = "voting" }')
    text = changed(text, "capability = 3.0 ", "votes = 2\ncapability = 3.0 ")
    case = read(tmp_path, changed(text, "capability = 3.4", "votes = 3\ncapability = 3.4"))
    assert case.game.weights == (140, 240)
    assert case.game.quota == -(-4 * 380 // 5)
    assert case.seats.votes == (2, 3)


@pytest.mark.parametrize("code", ["IMF-QUOTAS-2023", "EU-BELARUS-2020", "UNSC-ENLARGEMENT", "IRAQ-2003"])
def test_a_party_carries_as_its_voters_do_who_vote_alike(code: str) -> None:
    """The game among parties is that of the body with blocs of equal votes, for every bipartition tried."""
    case = load_case(code)
    assert case.rule.body is not None
    sitting = load_body(case.rule.body).on(case.began)
    game = sitting.rule(case.rule.matter).game()
    party = np.array(case.seats.party)
    votes = np.array(list(product([False, True], repeat=min(len(case.parties), 10))))
    votes = np.pad(votes, [(0, 0), (0, len(case.parties) - votes.shape[1])], constant_values=True)
    for yes in votes[:: max(len(votes) // 64, 1)]:
        assert bool(np.asarray(passes(case.game, yes))) == bool(np.asarray(passes(game, yes[party])))


def test_weights_of_a_single_quota_are_the_votes() -> None:
    """At the International Monetary Fund votes weigh; the United States alone has more than 15 % and stops 85 %."""
    case = load_case("IMF-QUOTAS-2010")
    share = np.array(case.seats.votes) / sum(case.seats.votes)
    usa = case.place("USA")
    assert 0.15 < share[usa] < 0.18
    assert case.seats.vetoes[usa]
    assert case.seats.share == pytest.approx(0.85, abs=0.001)
