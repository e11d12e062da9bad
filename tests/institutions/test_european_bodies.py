"""European, Atlantic and Asian bodies in the catalogue: published totals, known votes, agreement with each other."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest

from orrery.data.countries import members as group_members
from orrery.institutions.catalogue import load_body
from orrery.institutions.periods import change_days
from orrery.institutions.votes import Ballot

LAST_DAY_OF_NICE, FIRST_DAY_OF_LISBON = date(2014, 10, 31), date(2014, 11, 1)


def total(name: str, day: date) -> Fraction:
    """The sum of the weights of all members of the Council of the European Union."""
    return sum(load_body("EU-COUNCIL").electorate(day).weights[name], Fraction(0))


def test_the_union_has_the_members_of_the_table_of_groups_on_every_day():
    communities, union, council = load_body("EC"), load_body("EU"), load_body("EU-COUNCIL")
    days = change_days(period for body in (communities, union) for _, _, period in body.spells())
    assert len(days) == 10
    for day in days:
        body = communities if day <= communities.ended else union
        assert body.members(day) == council.members(day) == tuple(sorted(group_members("EU", day))), day


@pytest.mark.parametrize(
    ("day", "votes", "members"),
    [
        (date(1958, 1, 1), 17, 6),
        (date(1973, 1, 1), 58, 9),
        (date(1981, 1, 1), 63, 10),
        (date(1986, 1, 1), 76, 12),
        (date(1995, 1, 1), 87, 15),
        (date(2004, 5, 1), 124, 25),
        (date(2004, 11, 1), 321, 25),
        (date(2007, 1, 1), 345, 27),
        (date(2013, 7, 1), 352, 28),
    ],
)
def test_votes_sum_to_the_totals_of_the_treaties(day, votes, members):
    assert (total("votes", day), len(load_body("EU-COUNCIL").members(day))) == (votes, members)


@pytest.mark.parametrize(
    ("day", "thousands"),
    [
        (date(2006, 1, 1), "461324.0"),
        (date(2007, 1, 1), "492881"),
        (date(2014, 1, 1), "505572.5"),
        (date(2015, 1, 1), "507416.607"),
        (date(2016, 1, 1), "508940.955"),
        (date(2017, 1, 1), "510860.699"),
    ],
)
def test_populations_sum_to_the_published_totals_within_rounding(day, thousands):
    """Annex III of the Council's Rules of Procedure for these years."""
    members = len(load_body("EU-COUNCIL").members(day))
    assert abs(total("population", day) - Fraction(thousands)) <= Fraction(members * 5, 100)


@pytest.mark.parametrize(
    ("day", "percent"),
    [
        (date(2016, 6, 1), {"DEU": "15.93", "FRA": "13.04", "GBR": "12.73", "ITA": "12.07", "POL": "7.47"}),
        (date(2023, 6, 1), {"DEU": "18.59", "FRA": "15.16", "ITA": "13.32", "ESP": "10.6", "POL": "8.41"}),
        (date(2024, 6, 1), {"DEU": "18.72", "FRA": "15.11", "ITA": "13.25", "ESP": "10.67", "POL": "8.37"}),
        (date(2025, 6, 1), {"DEU": "18.49", "FRA": "15.17", "ITA": "13.23", "ESP": "10.78", "POL": "8.33"}),
    ],
)
def test_shares_of_the_population_are_those_published(day, percent):
    """Annex III; 2024 to 0.02, because the smaller members there are Eurostat's."""
    electorate = load_body("EU-COUNCIL").electorate(day)
    shares = dict(zip(electorate.members, electorate.weights["population"], strict=True))
    everyone = sum(shares.values())
    for code, published in percent.items():
        assert abs(100 * shares[code] / everyone - Fraction(published)) < Fraction(2, 100), code


def test_every_day_of_the_council_has_its_rule_and_weights():
    council = load_body("EU-COUNCIL")
    starts = [block.period.start for block in (*council.weights, *council.rules)]
    for day in sorted({*starts, *(start - timedelta(1) for start in starts if start > council.founded)}):
        sitting = council.on(day)
        assert sitting.vote(Ballot(others="yes")).passed
        assert not sitting.vote(Ballot(others="no")).passed


def test_the_farm_prices_of_1982_passed_over_the_british_objection_by_exactly_the_majority():
    """18 May 1982: the United Kingdom against, Denmark and Greece not taking part; 45 of 63 votes were needed."""
    ballot = Ballot(no=("GBR",), abstain=("DNK", "GRC"), others="yes")
    council = load_body("EU-COUNCIL").on(date(1982, 5, 18))
    assert council.vote(ballot).passed
    assert not council.vote(Ballot(no=("GBR",), abstain=("DNK", "GRC", "LUX"), others="yes")).passed
    assert not council.vote(ballot, matter="unanimity").passed


def test_the_relocation_of_2015_passed_against_four_members():
    """Decision (EU) 2015/1601, 22 September 2015: Czechia, Hungary, Romania, Slovakia against, Finland abstaining."""
    ballot = Ballot(no=("CZE", "HUN", "ROU", "SVK"), abstain=("FIN",), others="yes")
    council = load_body("EU-COUNCIL").on(date(2015, 9, 22))
    assert council.vote(ballot).passed
    assert council.vote(ballot, matter="decision by the rule of Nice").passed
    assert not council.vote(ballot, matter="unanimity").passed


def test_three_large_members_block_under_nice_but_need_a_fourth_under_lisbon():
    large = ("DEU", "FRA", "GBR")
    council = load_body("EU-COUNCIL")
    assert not council.on(LAST_DAY_OF_NICE).vote(Ballot(no=(*large, "MLT"), others="yes")).passed
    lisbon = council.on(FIRST_DAY_OF_LISBON)
    assert lisbon.vote(Ballot(no=large, others="yes")).passed
    assert not lisbon.vote(Ballot(no=(*large, "MLT"), others="yes")).passed
    assert lisbon.vote(Ballot(no=("DEU", "FRA", "MLT", "LUX"), others="yes")).passed


def test_kosovo_mission_of_2008_was_adopted_with_the_constructive_abstention_of_cyprus():
    """Joint Action 2008/124/CFSP, 4 February 2008."""
    council = load_body("EU-COUNCIL").on(date(2008, 2, 4))
    assert council.vote(Ballot(abstain=("CYP",), others="yes"), matter="sanctions with declared abstention").passed
    assert not council.vote(Ballot(no=("CYP",), others="yes"), matter="sanctions with declared abstention").passed


def test_constructive_abstention_stops_sanctions_at_a_third_of_members_and_population():
    council = load_body("EU-COUNCIL").on(date(2020, 6, 1))
    small = ("BGR", "CYP", "EST", "HRV", "LTU", "LUX", "LVA", "MLT", "SVN")
    assert len(small) * 3 == len(council.members)
    assert council.vote(Ballot(abstain=small, others="yes"), matter="sanctions with declared abstention").passed
    large = (*small[:-2], "DEU", "FRA")
    assert not council.vote(Ballot(abstain=large, others="yes"), matter="sanctions with declared abstention").passed
    assert council.vote(Ballot(abstain=large, others="yes"), matter="unanimity").passed


def test_sweden_was_invited_to_nato_and_waited_for_two_ratifications():
    """On 30 September 2022 Hungary and Türkiye had not accepted the protocol; 28 others had."""
    everyone = Ballot(others="yes")
    waiting = {"invitation": everyone, "acceptance of the protocol": Ballot(absent=("HUN", "TUR"), others="yes")}
    nato = load_body("NATO").on(date(2022, 9, 30))
    assert len(nato.members) == 30
    assert not nato.vote(waiting, matter="admission").passed
    assert nato.vote({**waiting, "acceptance of the protocol": everyone}, matter="admission").passed
    assert load_body("NATO").members(date(2024, 3, 7)) == tuple(sorted({*nato.members, "FIN", "SWE"}))


def test_yugoslavia_could_not_stop_its_suspension_from_the_conference():
    """Consensus minus one, 8 July 1992."""
    conference = load_body("CSCE")
    ballot = Ballot(no=("YUG",), others="yes")
    before = conference.on(date(1992, 7, 7))
    assert before.vote(ballot, matter="sanctions").passed
    assert not before.vote(ballot).passed
    assert "YUG" not in conference.members(date(1992, 7, 8))


@pytest.mark.parametrize(
    ("code", "day", "members"),
    [
        ("NATO", date(1949, 8, 24), 12),
        ("NATO", date(2024, 3, 7), 32),
        ("NATO-RUSSIA", date(2002, 5, 28), 20),
        ("WARSAW-PACT", date(1955, 6, 5), 8),
        ("COMECON", date(1989, 1, 1), 10),
        ("EURO-AREA", date(1999, 1, 1), 11),
        ("EURO-AREA", date(2026, 1, 1), 21),
        ("ASEAN", date(2025, 10, 26), 11),
        ("SCO", date(2024, 7, 4), 10),
        ("CSCE", date(1975, 8, 1), 35),
        ("OSCE", date(2012, 11, 21), 57),
        ("CIS", date(1994, 4, 15), 12),
        ("CSTO", date(2006, 8, 16), 7),
        ("EAEU", date(2015, 8, 12), 5),
        ("COUNCIL-OF-EUROPE", date(2007, 5, 11), 47),
        ("COUNCIL-OF-EUROPE", date(2022, 3, 16), 46),
        ("WEU", date(1995, 3, 6), 10),
        ("OECD", date(1962, 3, 29), 20),
        ("OECD", date(2021, 5, 25), 38),
        ("BSEC", date(2020, 11, 20), 13),
        ("GUAM", date(2000, 1, 1), 5),
        ("OTS", date(2021, 11, 12), 5),
        ("VISEGRAD", date(1993, 1, 1), 4),
        ("NORDIC-COUNCIL", date(1956, 1, 1), 5),
        ("EFTA", date(1960, 5, 3), 7),
        ("EFTA", date(2000, 1, 1), 4),
        ("CEFTA", date(2020, 1, 1), 7),
    ],
)
def test_bodies_have_as_many_members_as_is_known(code, day, members):
    assert len(load_body(code).members(day)) == members


def within(inner: str, outer: str) -> bool:
    """Tell whether every member of one body is a member of the other on every day of a change."""
    body, wider = load_body(inner), load_body(outer)
    days = change_days(period for _, _, period in (*body.spells(), *wider.spells()))
    common = [day for day in days if all(one.founded <= day <= (one.ended or date.max) for one in (body, wider))]
    return all(set(body.members(day)) <= set(wider.members(day)) for day in common)


@pytest.mark.parametrize(
    ("inner", "outer"),
    [("EURO-AREA", "EU"), ("EU", "COUNCIL-OF-EUROPE"), ("WEU", "NATO"), ("CSTO", "OSCE"), ("NATO", "OSCE")],
)
def test_some_bodies_only_have_members_of_others(inner, outer):
    assert within(inner, outer)
