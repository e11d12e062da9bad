"""How often each member decides in the Council of the Union of 27, by the Treaties of Nice and of Lisbon.

McDermottroe, C. (2011), Lisbon voting simulation: a program with the table of its results, repository
conormcd/lisbon-voting-simulation on GitHub; no DOI.

Every one of the 2^27 ways in which 27 members can vote, gone through one by one: in how many of them a member's own
change of vote would turn the outcome ("influences"), for several rules of the Treaties of Nice and of Lisbon and for
rounded populations. Reproduced, to the last digit and for all 27 members, is the table of influences for

* article 238(2) of the Treaty on the Functioning of the European Union: 72 % of members and 65 % of the population;
* article 238(1): a simple majority of members;
* article 16(4) of the Treaty on European Union in the table's own reading, by which any four members block: 55 % of
  members, 65 % of the population and at most three against. (In the Treaty four members are needed to block beside a
  lack of population, not enough without one; `institutions.catalogue` follows the Treaty.)
* the votes of Nice: 74 % of the weighted votes with a majority, or with two thirds, of members. The table's test of the
  population is always passed, as it compares thousands of people with 62, so that no population enters here.

An influence is counted once for each vote of the member, so that it is `2^27` times Banzhaf's absolute measure.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil

import pytest

from orrery.institutions.games import AllOf, Threshold
from orrery.institutions.power.decisive import banzhaf_chances
from orrery.institutions.power.sums import sums_of

# Votes of Nice, population in thousands; influences under Nice (half and two thirds of members), 16(4), 238(2).
MEMBERS = {
    "AUT": (10, 8300, 1652972, 1517586, 5180, 1051904),
    "BEL": (12, 11000, 1966140, 1712882, 5180, 1063144),
    "BGR": (10, 7700, 1652972, 1517586, 5180, 1049360),
    "CYP": (4, 770, 671040, 913794, 5180, 1022312),
    "CZE": (12, 10000, 1966140, 1712882, 5180, 1058936),
    "DNK": (7, 5400, 1167232, 1221978, 5180, 1039832),
    "EST": (4, 1300, 671040, 913794, 5180, 1024224),
    "FIN": (7, 5300, 1167232, 1221978, 5180, 1039588),
    "FRA": (29, 63000, 4137520, 3122218, 5200, 1319580),
    "DEU": (29, 82000, 4137520, 3122218, 5216, 1461000),
    "GRC": (12, 11000, 1966140, 1712882, 5180, 1063144),
    "HUN": (12, 10000, 1966140, 1712882, 5180, 1058936),
    "IRL": (7, 4200, 1167232, 1221978, 5180, 1035320),
    "ITA": (29, 59000, 4137520, 3122218, 5200, 1292968),
    "LVA": (4, 2300, 671040, 913794, 5180, 1028052),
    "LTU": (7, 3400, 1167232, 1221978, 5180, 1032072),
    "LUX": (4, 460, 671040, 913794, 5180, 1020988),
    "MLT": (3, 400, 502888, 802234, 5180, 1020704),
    "NLD": (13, 18000, 2123568, 1808894, 5180, 1094272),
    "POL": (27, 38000, 3948684, 2968082, 5192, 1190088),
    "PRT": (12, 11000, 1966140, 1712882, 5180, 1063144),
    "ROU": (14, 22000, 2277016, 1912882, 5180, 1111244),
    "SVK": (7, 5400, 1167232, 1221978, 5180, 1039832),
    "SVN": (4, 2000, 671040, 913794, 5180, 1026972),
    "ESP": (27, 44000, 3948684, 2968082, 5192, 1206472),
    "SWE": (10, 9000, 1652972, 1517586, 5180, 1054660),
    "GBR": (29, 60000, 4137520, 3122218, 5200, 1299552),
}
N_MEMBERS = len(MEMBERS)
VOTES, POPULATIONS = (tuple(row[place] for row in MEMBERS.values()) for place in (0, 1))
SIMPLE_MAJORITY = 20_801_200
"""Influences of every member under article 238(1)."""


def members(share: Fraction) -> Threshold:
    return Threshold((1,) * N_MEMBERS, ceil(share * N_MEMBERS))


def share_of(weights: tuple[int, ...], share: Fraction) -> Threshold:
    return Threshold(weights, ceil(share * sum(weights)))


POPULATION = share_of(POPULATIONS, Fraction(65, 100))
NICE = share_of(VOTES, Fraction(74, 100))
RULES = {
    "Nice, a majority of members": (AllOf((Threshold((1,) * N_MEMBERS, 14), NICE)), 2),
    "Nice, two thirds of members": (AllOf((Threshold((1,) * N_MEMBERS, 18), NICE)), 3),
    "article 16(4) as read in the table": (AllOf((members(Fraction(24, 27)), POPULATION)), 4),
    "article 238(2)": (AllOf((members(Fraction(72, 100)), POPULATION)), 5),
}


def influences(game: AllOf | Threshold) -> list[int]:
    decides = banzhaf_chances(sums_of(game)).decides
    assert all(isinstance(one, Fraction) for one in decides), "whole numbers are reproduced in whole numbers"
    return [int(one * 2**N_MEMBERS) for one in decides]


@pytest.mark.parametrize("rule", RULES)
def test_influences_of_all_members_to_the_last_digit(rule):
    game, column = RULES[rule]
    assert influences(game) == [row[column] for row in MEMBERS.values()]


def test_a_simple_majority():
    assert influences(Threshold((1,) * N_MEMBERS, 14)) == [SIMPLE_MAJORITY] * N_MEMBERS
