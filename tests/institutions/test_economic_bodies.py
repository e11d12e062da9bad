"""Economic bodies in the catalogue: published totals of votes and members, and decisions that are known."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from orrery.institutions.catalogue import load_body
from orrery.institutions.votes import Ballot

OCTOBER_2022 = date(2022, 10, 2)
BASIC_VOTES_SHARE = Fraction(5502, 100_000)
"""Of all votes in the Fund (Articles of Agreement, article XII section 5(a)(i))."""


def fund_votes(day: date) -> dict[str, Fraction]:
    """Votes of every member of the International Monetary Fund."""
    electorate = load_body("IMF").electorate(day)
    return dict(zip(electorate.members, electorate.weights["votes"], strict=True))


def test_votes_in_the_fund_are_those_published():
    """IMF, Members' quotas and voting power, October 2022: 190 members, 476,272 million SDR, 5,039,930 votes."""
    votes = fund_votes(OCTOBER_2022)
    assert len(votes) == 190
    assert sum(votes.values()) == 5_039_930
    known = {"AFG": 4_697, "DZA": 21_058, "AND": 2_284, "ARG": 33_332, "AUS": 67_183, "BEL": 65_566, "BRA": 111_879}
    known |= {"VEN": 38_686, "VNM": 12_990, "YEM": 6_329, "ZMB": 11_241, "ZWE": 8_527}
    assert {code: votes[code] for code in known} == known
    assert round(float(votes["USA"] / sum(votes.values())), 4) == 0.1650


@pytest.mark.parametrize("day", [date(2018, 1, 1), OCTOBER_2022, date(2025, 1, 1)])
def test_basic_votes_of_the_fund_are_the_share_of_the_articles(day):
    votes = fund_votes(day)
    # One vote for each 100,000 SDR of quota: what all have in common beyond is basic. Tuvalu's quota is 2.5 million.
    basic = votes["TUV"] - 25
    assert abs(basic * len(votes) / sum(votes.values()) - BASIC_VOTES_SHARE) * sum(votes.values()) < len(votes)


def test_the_fourteenth_review_doubled_the_quotas_to_476_8_billion():
    """Resolution 66-2: of the 187 members of 2010, with the increases of Eritrea and Syria that were not paid."""
    votes = fund_votes(OCTOBER_2022)
    joined_later = {"SSD", "NRU", "AND"}
    quotas = {code: (held - 1_459) / 10 for code, held in votes.items() if code not in joined_later}
    assert len(quotas) == 187
    quotas |= {"ERI": Fraction("36.6"), "SYR": Fraction("1109.8")}
    assert round(float(sum(quotas.values())) / 1000, 1) == 476.8


def test_one_member_alone_stops_85_percent_in_the_fund():
    fund = load_body("IMF").on(OCTOBER_2022)
    for code in ("USA", "JPN", "CHN", "DEU"):
        outcome = fund.vote(Ballot(no=(code,), others="yes"), matter="quota")
        assert outcome.passed is (code != "USA")


@pytest.mark.parametrize(
    ("code", "day", "countries", "others", "published"),
    [
        ("IBRD", date(2024, 6, 30), 189, 0, 189),
        ("WTO", date(2024, 8, 30), 163, 3, 166),
        ("GATT", date(1994, 12, 31), 125, 2, 127),
        ("ADB", date(2024, 12, 31), 66, 3, 69),
        ("AFDB", date(2024, 12, 31), 81, 0, 81),
        ("EBRD", date(2025, 12, 31), 77, 2, 79),
        ("IADB", date(2024, 12, 31), 48, 0, 48),
        ("AIIB", date(2018, 11, 30), 67, 1, 68),
        ("AIIB", date(2020, 3, 31), 77, 1, 78),
        ("BIS", date(2024, 12, 31), 61, 2, 63),
        ("APEC", date(2024, 12, 31), 20, 1, 21),
        ("KIMBERLEY", date(2024, 12, 31), 59, 1, 60),
        ("OPEC", date(2024, 12, 31), 12, 0, 12),
        ("CPTPP", date(2024, 12, 31), 12, 0, 12),
    ],
)
def test_bodies_have_as_many_members_as_they_publish(code, day, countries, others, published):
    """Numbers of each body's own list; the 128 contracting parties of the GATT count Yugoslavia, ended in 1992."""
    body = load_body(code)
    members = [
        one.name
        for one in body.participants
        if one.status == "member" and any(period.covers(day) for period in one.period)
    ]
    assert len(body.members(day)) == countries
    assert len(members) == others
    assert countries + others == published


def test_weights_of_the_energy_agency_add_up():
    """Agreement on an International Energy Program, article 62(2): 48 and 148 votes in 1974, 90 and 190 in 2022."""
    for day, general, combined in (
        (date(1974, 12, 1), 48, 148),
        (date(1976, 1, 1), 48, 148),
        (date(2023, 1, 1), 90, 190),
    ):
        weights = load_body("IEA").electorate(day).weights
        assert sum(weights["general"]) == general
        assert sum(weights["combined"]) == combined


def test_four_founders_are_needed_for_a_special_majority_of_the_new_development_bank():
    bank = load_body("NDB").on(date(2024, 1, 1))
    matter = "special majority"
    assert bank.vote(Ballot(no=("BRA",), others="yes"), matter=matter).passed
    assert not bank.vote(Ballot(no=("BRA", "RUS"), others="yes"), matter=matter).passed
    assert bank.vote(Ballot(no=("BGD", "ARE", "EGY"), others="yes"), matter=matter).passed


def test_every_founder_can_stop_an_admission_to_opec():
    opec = load_body("OPEC").on(date(2025, 1, 1))
    assert opec.vote(Ballot(no=("DZA", "NGA"), others="yes"), matter="admission").passed
    assert not opec.vote(Ballot(no=("KWT",), others="yes"), matter="admission").passed


def test_members_of_opec_are_members_of_opec_plus():
    opec, wider = load_body("OPEC"), load_body("OPEC-PLUS")
    for year in range(2017, 2027):
        day = date(year, 7, 1)
        assert set(opec.members(day)) <= set(wider.members(day)), day


def test_reverse_consensus_needs_one_member_in_favour():
    wto = load_body("WTO").on(date(2012, 1, 1))
    assert wto.vote(Ballot(yes=("ECU",), others="no"), matter="dispute settlement").passed
    assert not wto.vote(Ballot(others="no"), matter="dispute settlement").passed
