"""The shipped cases: all valid, matched where they say so, and coded in full."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from case_texts import TABLE, changed, read, with_outcome

from orrery.institutions.games import passes
from orrery.negotiation.cases import case_codes, load_case, load_cases

CASES = load_cases()


def test_enough_cases_are_shipped_of_the_papers_and_matched_to_them() -> None:
    matched = [case for case in CASES.values() if case.matches is not None]
    assert len(CASES) - len(matched) >= 30
    assert len(matched) >= 10
    assert tuple(CASES) == case_codes()


@pytest.mark.parametrize("code", CASES)
def test_a_case_is_coded_in_full(code: str) -> None:
    case = CASES[code]
    assert case.code == code
    assert len(case.sources) >= 2
    assert case.uncertain
    assert case.outcome is not None
    assert bool(case.papers) == (case.omitted is not None)
    if case.matches is not None:
        assert case.matches in CASES
        assert case.matches != code
        assert case.match_reason
        assert not case.papers
    for array in (case.position, case.salience, case.status_quo):
        assert ((array >= 0) & (array <= 1)).all()
    assert case.position.shape == case.salience.shape == (len(case.parties), len(case.issues))
    np.testing.assert_allclose(case.influence.sum(), 1)


@pytest.mark.parametrize("code", CASES)
def test_the_parties_of_a_case_can_reach_and_stop_an_agreement(code: str) -> None:
    case = CASES[code]
    everyone = np.ones(len(case.parties), bool)
    game = case.game
    assert bool(np.asarray(passes(game, everyone)))
    assert not bool(np.asarray(passes(game, ~everyone)))
    assert 0 < case.seats.share <= 1
    assert len(case.seats.vetoes) == len(case.parties)
    for place, veto in enumerate(case.seats.vetoes):
        without = everyone & (np.arange(len(everyone)) != place)
        assert veto == (not bool(np.asarray(passes(game, without)))) or case.seats.votes[place] == 0


def test_the_groups_of_matched_cases_are_not_those_of_another_matter() -> None:
    """Cases of one matter are left out together, so a group must name a case of its own or be shared."""
    shared = {case.group for case in CASES.values() if case.group is not None}
    for group in shared:
        members = [case.code for case in CASES.values() if case.group == group]
        assert len(members) > 1 or group in members


def test_no_case_knows_what_came_after_its_record() -> None:
    for case in CASES.values():
        outcome = case.outcome
        assert outcome is not None
        assert case.began <= outcome.last_day <= outcome.known_until <= date(2026, 12, 31)
        if outcome.ended is not None:
            assert outcome.agreed
            assert outcome.last_day <= outcome.ended <= outcome.known_until


def test_a_case_is_found_by_its_code_in_any_letters_and_by_its_file(tmp_path: Path) -> None:
    assert load_case("paris-2015") is CASES["PARIS-2015"]
    path = tmp_path / "mine.toml"
    path.write_text(TABLE, "utf-8")
    assert load_case(str(path)).code == "MY-CASE"


def test_the_template_is_valid_with_and_without_its_outcome(tmp_path: Path) -> None:
    bare = read(tmp_path, TABLE)
    assert bare.outcome is None
    assert bare.matter == "MY-CASE"
    ended = read(tmp_path, with_outcome())
    assert ended.outcome is not None
    assert ended.outcome.agreed
    assert ended.outcome.last_day == date(2026, 6, 30)


def test_open_talks_are_counted_to_the_day_they_are_known_open(tmp_path: Path) -> None:
    text = changed(with_outcome(), "agreed = true", "agreed = false")
    text = changed(text, "on = 2026-06-30", "open_until = 2026-06-30")
    found = read(tmp_path, changed(text, "position = { cuts = 55 }", "# "))
    assert found.outcome is not None
    assert found.outcome.last_day == date(2026, 6, 30)
