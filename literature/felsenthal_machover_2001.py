"""Power in the Council of a Union of 27 by the Treaty of Nice.

Felsenthal & Machover 2001, The Treaty of Nice and qualified majority voting, Social Choice and Welfare 18(3), 431-464,
doi:10.1007/s003550100117: Banzhaf indices, normalised, in per cent, with a quota of 255 of 345 votes; Germany 7.78 down
to Malta 0.94. Populations and the majority of members hardly change them: in four digits the votes decide alone.
"""

from __future__ import annotations

from datetime import date

import pytest

from orrery.institutions.catalogue import load_body
from orrery.institutions.games import Threshold
from orrery.institutions.power import power

COUNCIL = load_body("EU-COUNCIL").on(date(2008, 6, 1))
PUBLISHED = {
    "DEU": 7.78, "FRA": 7.78, "GBR": 7.78, "ITA": 7.78, "ESP": 7.42, "POL": 7.42, "ROU": 4.26, "NLD": 3.97,
    "BEL": 3.68, "CZE": 3.68, "GRC": 3.68, "HUN": 3.68, "PRT": 3.68, "AUT": 3.09, "BGR": 3.09, "SWE": 3.09,
    "DNK": 2.18, "FIN": 2.18, "IRL": 2.18, "LTU": 2.18, "SVK": 2.18, "CYP": 1.25, "EST": 1.25, "LUX": 1.25,
    "LVA": 1.25, "SVN": 1.25, "MLT": 0.94,
}  # fmt: skip


@pytest.mark.parametrize("votes_alone", [False, True])
def test_normalised_banzhaf_indices_by_the_treaty_of_nice(votes_alone):
    votes = tuple(int(votes) for votes in COUNCIL.electorate.weights["votes"])
    game = Threshold(votes, 255) if votes_alone else COUNCIL.rule().game()
    found = power(game, "banzhaf-normalised", members=COUNCIL.members)
    assert {code: round(100 * float(found.of(code)), 2) for code in PUBLISHED} == PUBLISHED
