"""The United Nations in the catalogue: rolls against the table of countries, seats of the Council, known votes."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest

from orrery.data.countries import countries, un_members
from orrery.institutions.catalogue import load_bodies, load_body
from orrery.institutions.periods import change_days
from orrery.institutions.votes import Ballot

FIRST_TERMS, ENLARGED = date(1946, 1, 12), date(1966, 1, 1)


def test_the_roll_of_members_is_that_of_the_table_of_countries_on_every_day():
    un, assembly = load_body("UN"), load_body("UNGA")
    for day in change_days(period for country in countries() for period in country.un):
        assert un.members(day) == tuple(sorted(un_members(day))), day
        if day >= assembly.founded:
            assert assembly.members(day) == un.members(day)
    assert len(un.members(date(2020, 1, 1))) == 193


def days_of_the_council() -> list[date]:
    """Every day on which somebody joined or left, as far as members are known."""
    council = load_body("UNSC")
    days = change_days(period for _, _, period in council.spells())
    return [day for day in days if FIRST_TERMS <= day <= council.known_until]


def test_every_seat_of_the_security_council_is_filled_at_all_times():
    council, unfilled = load_body("UNSC"), []
    for day in days_of_the_council():
        seats = 6 if day < ENLARGED else 10
        assert len(council.members(day, ("permanent",))) == 5
        if len(council.members(day, ("elected",))) != seats:
            unfilled.append(day)
    # The General Assembly elected Mexico to the last seat on 7 January 1980.
    assert unfilled == [date(1980, 1, 1)]


def test_members_of_the_council_are_members_of_the_organisation():
    un, council = load_body("UN"), load_body("UNSC")
    for day in days_of_the_council():
        assert set(council.members(day)) <= set(un.members(day)), day


def test_terms_are_two_years_or_divided():
    """Article 23(2): two years, and no immediate re-election."""
    spells: dict[str, list] = {}
    for code, _, period in load_body("UNSC").spells(("elected",)):
        spells.setdefault(code, []).append(period)
        assert (period.end - period.start).days <= 731
        assert (period.end.month, period.end.day) == (12, 31) or code == "YMD"
    for code, periods in spells.items():
        periods.sort(key=lambda period: period.start)
        for one, other in pairwise(periods):
            assert other.start > one.end + timedelta(1), code


@pytest.mark.parametrize(
    ("day", "matter", "ballot", "passed", "vetoed_by"),
    [
        # Resolution 82 (1950), Korea: the Soviet Union was absent, Yugoslavia abstained.
        ((1950, 6, 25), None, Ballot(abstain=("YUG",), absent=("RUS",), others="yes"), True, ()),
        # Draft S/2022/155 on Ukraine.
        ((2022, 2, 25), None, Ballot(no=("RUS",), abstain=("CHN", "IND", "ARE"), others="yes"), False, ("RUS",)),
        # Resolution 2623 (2022), which calls an emergency special session: the same votes on a procedural question.
        ((2022, 2, 27), "procedural", Ballot(no=("RUS",), abstain=("CHN", "IND", "ARE"), others="yes"), True, ()),
        # Draft S/2019/756 on Idlib.
        ((2019, 9, 19), None, Ballot(no=("RUS", "CHN"), abstain=("GNQ",), others="yes"), False, ("CHN", "RUS")),
        # Draft S/2014/916 on Palestine: eight in favour, one short, so that the two votes against did not decide.
        (
            (2014, 12, 30),
            None,
            Ballot(no=("USA", "AUS"), abstain=("GBR", "LTU", "NGA", "KOR", "RWA"), others="yes"),
            False,
            ("USA",),
        ),
        # Resolution 1973 (2011), Libya: ten in favour, five abstentions, two of them permanent members.
        ((2011, 3, 17), None, Ballot(abstain=("BRA", "CHN", "DEU", "IND", "RUS"), others="yes"), True, ()),
    ],
)
def test_votes_of_the_security_council(day, matter, ballot, passed, vetoed_by):
    explained = load_body("UNSC").on(date(*day)).vote(ballot, matter)
    assert (explained.passed, explained.vetoed_by) == (passed, vetoed_by)


def test_who_could_have_turned_a_vote_of_the_security_council():
    council = load_body("UNSC").on(date(2014, 12, 30))
    ballot = Ballot(no=("USA", "AUS"), abstain=("GBR", "LTU", "NGA", "KOR", "RWA"), others="yes")
    # Eight in favour and a veto: no single change makes both nine and no veto but that of the one who cast it.
    assert [(turn.member, turn.instead) for turn in council.vote(ballot).decisive] == [("USA", ("yes",))]
    ten = (
        load_body("UNSC").on(date(2011, 3, 17)).vote(Ballot(abstain=("BRA", "CHN", "DEU", "IND", "RUS"), others="yes"))
    )
    assert {turn.member for turn in ten.decisive} == {"CHN", "FRA", "GBR", "RUS", "USA"}


def test_the_enlargement_of_the_council_by_the_rule_for_amendments():
    """Resolution 1991 A (XVIII): 97 for, 11 against, 4 abstentions among 113; in force once all five had ratified."""
    sitting = load_body("UN").on(date(1963, 12, 17))
    members = list(sitting.members)
    against = ("FRA", "RUS", "BLR", "UKR", "BGR", "CSK", "HUN", "MNG", "POL", "ROU", "CUB")
    abstained = ("GBR", "USA", "PRT", "ZAF")
    adopted = Ballot(no=against, abstain=abstained, others="yes")
    ratified = tuple(code for code in members if code not in ("PRT", "ZAF"))
    both = {"adoption": adopted, "ratification": Ballot(yes=ratified)}
    assert sitting.vote(both, "amendment").passed
    without_one = tuple(code for code in ratified if code != "USA")
    failed = sitting.vote({**both, "ratification": Ballot(yes=without_one)}, "amendment")
    assert not failed.passed
    assert [(turn.member, turn.stage) for turn in failed.decisive] == [("USA", "ratification")]


def test_every_shipped_body_can_be_put_a_vote_wherever_its_weights_are_known():
    bodies = load_bodies()
    assert {"UN", "UNGA", "UNSC"} <= set(bodies)
    for body in bodies.values():
        for block in body.rules:
            known = [one.period.start for one in body.weights if block.period.covers(one.period.start)]
            weighed = any(getattr(part, "by", None) for part in block.rule.walk())
            # On the first day of the rule on which somebody sits; with weights, the first on which they are known.
            days = known if weighed else sorted({block.period.start, *(p.start for *_, p in body.spells())})
            day = next(day for day in days if block.period.covers(day) and body.members(day))
            rule = block.rule.bind(body.electorate(day))
            assert rule.game(), (body.code, block.matter)
