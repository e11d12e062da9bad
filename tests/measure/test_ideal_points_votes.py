"""The rules about which votes enter an ideal-point estimate, and which roll calls are the same question."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orrery.base.errors import MeasureError
from orrery.measure.ideal_points import Selection, VoteMatrix, vote_matrix
from orrery.measure.ideal_points.links import LAST_COMPARED, published_links

COUNTRIES = [f"{a}{b}A" for a in "ABC" for b in "ABCD"]
LETTERS = {"y": "yes", "a": "abstain", "n": "no", "-": "absent", "x": "nonmember"}


def roll_call(rcid: str, session: object, **known: object) -> dict[str, object]:
    number = int(session) if str(session).isdecimal() else 77
    date = pd.Timestamp(f"{1945 + number}-11-02")
    plain = {"date": date, "year": date.year, "title": None, "amendment": False, "paragraph": False}
    return {"rcid": rcid, "session": session, **plain, **known}


def tables(*calls: tuple[dict[str, object], str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the two tables from roll calls and their votes, one letter for each of `COUNTRIES`."""
    votes = [
        {"rcid": call["rcid"], "iso3": country, "vote": LETTERS[letter]}
        for call, letters in calls
        for country, letter in zip(COUNTRIES, letters, strict=False)
    ]
    return pd.DataFrame(votes), pd.DataFrame([call for call, _ in calls])


def cast(matrix: VoteMatrix) -> set[tuple[str, str, int]]:
    return {
        (matrix.items[item], matrix.countries[voter], int(choice))
        for item, voter, choice in zip(matrix.item, matrix.voter, matrix.choice, strict=True)
    }


def test_votes_become_numbers_and_absences_are_no_votes():
    matrix = vote_matrix(*tables((roll_call("r1", "50"), "yan-x")))
    assert cast(matrix) == {("r1", "AAA", 0), ("r1", "ABA", 1), ("r1", "ACA", 2)}
    assert matrix.countries == ("AAA", "ABA", "ACA", "ADA", "BAA")
    assert matrix.n_votes.tolist() == [[1, 1, 1, 0, 0]]


def test_periods_are_consecutive_also_where_nothing_was_voted():
    votes = tables((roll_call("r1", "50"), "yyn"), (roll_call("r2", "53"), "yan"))
    assert vote_matrix(*votes).periods == (50, 51, 52, 53)
    assert vote_matrix(*votes, period="year").periods == (1995, 1996, 1997, 1998)


@pytest.mark.parametrize(("day", "session"), [("2022-03-02", 76), ("2022-10-12", 77), ("2023-12-12", 78)])
def test_an_emergency_session_stands_in_the_regular_session_of_its_date(day: str, session: int):
    date = pd.Timestamp(day)
    votes = tables((roll_call("e", "ES-11", date=date, year=date.year), "yan"))
    assert vote_matrix(*votes).periods == (session,)
    assert vote_matrix(*votes, period="year").periods == (date.year,)


@pytest.mark.parametrize("letters", ["yyyy", "aaaa", "nnnn", "----", "y---"])
def test_a_roll_call_with_one_outcome_changes_nothing(letters: str):
    informative = (roll_call("r1", "50"), "yann")
    expected = vote_matrix(*tables(informative))
    matrix = vote_matrix(*tables(informative, (roll_call("r0", "50"), letters)))
    assert matrix.items == expected.items
    assert cast(matrix) == cast(expected)
    assert np.array_equal(matrix.bridge, expected.bridge)


def test_least_minority_counts_the_countries_outside_the_largest_group():
    votes = tables((roll_call("r1", "50"), "yyyyan"), (roll_call("r2", "50"), "yyyyyn"))
    assert vote_matrix(*votes, selection=Selection(least_minority=2)).items == ("r1",)


def test_countries_with_few_votes_can_be_left_out_and_take_their_roll_call_with_them():
    votes = tables((roll_call("r1", "50"), "yyn-"), (roll_call("r2", "50"), "yny-"), (roll_call("r3", "50"), "yy-n"))
    assert ("r3", "ADA", 2) in cast(vote_matrix(*votes))
    assert vote_matrix(*votes, selection=Selection(least_votes=2)).items == ("r1", "r2")


@pytest.mark.parametrize("flag", ["paragraph", "amendment"])
def test_partial_votes_enter_up_to_1989_only(flag: str):
    early = (roll_call("early", "44", **{flag: True}), "yan")
    late = (roll_call("late", "45", **{flag: True}), "yan")
    whole = (roll_call("whole", "45", **{flag: None}), "yan")
    assert vote_matrix(*tables(early, late, whole)).items == ("early", "whole")
    assert "late" in vote_matrix(*tables(early, late), selection=Selection(partial_votes_through=1990)).items


@given(st.permutations(range(36)))
def test_the_order_of_rows_does_not_matter(order: list[int]):
    calls = [(roll_call(f"r{k}", str(50 + k), title="Nuclear disarmament"), "yyyyyyyyyyan") for k in range(3)]
    votes, roll_calls = tables(*calls)
    expected, matrix = vote_matrix(votes, roll_calls), vote_matrix(votes.iloc[order], roll_calls.iloc[::-1])
    for name in ("voter", "item", "choice", "period", "bridge"):
        assert np.array_equal(getattr(matrix, name), getattr(expected, name)), name


def bridge(*calls: tuple[dict[str, object], str], **selection: object) -> list[int]:
    return vote_matrix(*tables(*calls), selection=Selection(**selection)).bridge.tolist()  # type: ignore[arg-type]


FIRST = (roll_call("r1", "60", title="Nuclear disarmament : resolution / adopted by the General A"), "yyyyyyyyyyan")


def test_a_resolution_that_recurs_with_the_same_votes_is_bridged_along_the_chain():
    second = roll_call("r2", "61", title="NUCLEAR DISARMAMENT, 2006")
    third = roll_call("r3", "62", title="Nuclear disarmament")
    assert bridge(FIRST, (second, FIRST[1]), (third, FIRST[1])) == [0, 0, 0]
    assert bridge(FIRST, (second, FIRST[1]), (third, FIRST[1]), bridge=False) == [0, 1, 2]


@pytest.mark.parametrize(
    "again",
    [
        (roll_call("r2", "61", title="Nuclear testing"), FIRST[1]),
        (roll_call("r2", "62", title="Nuclear disarmament"), FIRST[1]),
        (roll_call("r2", "61", title="Nuclear disarmament"), "nnyyyyyyyyan"),
        (roll_call("r2", "61", title="Nuclear disarmament"), "yyy--yy--yan"),
        (roll_call("r2", "61", title=""), FIRST[1]),
    ],
    ids=["other title", "a session between", "other votes", "few in common", "no title"],
)
def test_what_is_not_the_same_question_is_not_bridged(again: tuple[dict[str, object], str]):
    assert bridge(FIRST, again) == [0, 1]


def test_a_title_used_twice_in_a_session_bridges_nothing():
    again = [(roll_call(rcid, "61", title="Nuclear disarmament"), FIRST[1]) for rcid in ("r2", "r3")]
    assert bridge(FIRST, *again) == [0, 1, 2]


def test_untitled_roll_calls_are_not_bridged_to_each_other():
    assert bridge(*[(roll_call(f"r{k}", str(60 + k), title=float("nan")), FIRST[1]) for k in range(2)]) == [0, 1]


GOOD = tables((roll_call("r1", "50"), "yan"))


@pytest.mark.parametrize(
    ("votes", "roll_calls", "told"),
    [
        (GOOD[0].drop(columns="vote"), GOOD[1], "lacks the columns vote"),
        (GOOD[0], GOOD[1].drop(columns=["year", "title"]), "lacks the columns year, title"),
        (GOOD[0].assign(vote=1), GOOD[1], "has the vote `1`; give one of yes, abstain, no"),
        (GOOD[0].assign(rcid="r9"), GOOD[1], "rcid 'r9', which `roll_calls` lacks"),
        (pd.concat([GOOD[0], GOOD[0].head(1)]), GOOD[1], "country 'AAA' twice in rcid 'r1'"),
        (GOOD[0], pd.concat([GOOD[1], GOOD[1]]), "rcid 'r1' twice"),
        (GOOD[0], GOOD[1].assign(session="fifty"), "session 'fifty' at rcid 'r1'"),
        (GOOD[0].assign(vote="absent"), GOOD[1], "No vote tells countries apart"),
        (GOOD[0].head(0), GOOD[1], "No vote tells countries apart"),
    ],
)
def test_bad_tables_are_refused_with_what_came_and_what_is_allowed(
    votes: pd.DataFrame, roll_calls: pd.DataFrame, told: str
):
    with pytest.raises(MeasureError, match=told):
        vote_matrix(votes, roll_calls)


def test_bad_arguments_are_refused():
    with pytest.raises(MeasureError, match="`period` is 'decade'; give one of session, year"):
        vote_matrix(*GOOD, period="decade")
    with pytest.raises(MeasureError, match="`least_minority`"):
        Selection(least_minority=0)
    with pytest.raises(MeasureError, match="`bridge_agreement` is 95"):
        Selection(bridge_agreement=95)


def test_a_selection_by_issue_importance_and_day():
    flags = {"human_rights": False, "nuclear": None, "important": False}
    calls = [
        (roll_call("r1", "50", **{**flags, "human_rights": True}), "yan"),
        (roll_call("r2", "51", **{**flags, "nuclear": True}), "yyn"),
        (roll_call("r3", "52", **{**flags, "important": True}), "nny"),
    ]
    votes, roll_calls = tables(*calls)
    roll_calls[list(flags)] = roll_calls[list(flags)].astype("boolean")

    def items(**selection: object) -> tuple[str, ...]:
        return vote_matrix(votes, roll_calls, selection=Selection(**selection)).items  # type: ignore[arg-type]

    assert items() == ("r1", "r2", "r3")
    assert items(issues=("human_rights",)) == ("r1",)
    assert items(issues=("human_rights", "nuclear")) == ("r1", "r2")
    assert items(important=True) == ("r3",)
    assert items(since="1996-01-01") == ("r2", "r3")
    assert items(since="1996-01-01", until="1996-12-31") == ("r2",)
    with pytest.raises(MeasureError, match="`issues`: 'colours' came; the roll calls have amendment, paragraph, human"):
        items(issues=("colours",))
    with pytest.raises(MeasureError, match="No roll call of 3 is within the selection"):
        items(until="1990-01-01")
    with pytest.raises(MeasureError, match="`since` is 'soon'; write a day"):
        Selection(since="soon")


def test_absences_can_be_taken_for_abstentions_where_they_are_recorded():
    votes = tables((roll_call("r1", "50"), "yn-x"))
    taken = vote_matrix(*votes, selection=Selection(absences="abstentions"))
    assert cast(taken) == {("r1", "AAA", 0), ("r1", "ABA", 2), ("r1", "ACA", 1)}
    with pytest.raises(MeasureError, match="records no absence"):
        vote_matrix(*tables((roll_call("r1", "50"), "yna")), selection=Selection(absences="abstentions"))
    with pytest.raises(MeasureError, match="`absences` is 'guessed'; give one of ignored, abstentions"):
        Selection(absences="guessed")


def test_published_links_come_before_titles():
    """Roll calls 4283 and 4201 put the same text, say the authors; 4299 and 4215 do, 4283 and 4299 do not."""
    first = [(roll_call("uv4201", "57", title="One"), "yyan"), (roll_call("uv4215", "57", title="Two"), "ynan")]
    second = [(roll_call("uv4283", "58", title="Two"), "yyan"), (roll_call("uv4299", "58", title="One"), "ynan")]
    assert bridge(*first, *second) == [0, 1, 0, 1]
    assert bridge(*first, *second, published_links=False) == [0, 1, 2, 3]


def test_the_published_list_is_what_it_should_be():
    links = published_links()
    assert len(links) == len(set(links)) == 955
    assert all(earlier < later <= LAST_COMPARED for earlier, later in links)


def test_published_links_join_votes_that_agree(shared_data: Path):
    """An error of transcription would join questions on which countries voted differently."""
    from test_ideal_points import store_tables

    votes, roll_calls = store_tables(shared_data, 1)
    matrix = vote_matrix(votes, roll_calls)
    choice = np.full((len(matrix.items), len(matrix.countries)), -1)
    choice[matrix.item, matrix.voter] = matrix.choice
    row = {rcid: place for place, rcid in enumerate(matrix.items)}
    alike = []
    for earlier, later in published_links():
        if {f"uv{earlier}", f"uv{later}"} <= row.keys():
            before, now = choice[row[f"uv{earlier}"]], choice[row[f"uv{later}"]]
            both = (before >= 0) & (now >= 0)
            alike.append((before[both] == now[both]).mean())
    assert len(alike) > 900
    assert np.median(alike) > 0.95
    assert np.mean(np.array(alike) > 0.75) > 0.99
