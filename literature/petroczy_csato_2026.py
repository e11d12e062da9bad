"""What other thresholds would do to power in the Council of the Union of 27 by the Treaty of Lisbon.

Petróczy & Csató 2026, Voting power in the Council of the European Union: a comprehensive sensitivity analysis, Group
Decision and Negotiation, doi:10.1007/s10726-026-09964-1 (arXiv:2312.16878). Of all coalitions, 13.2 % hold 15 members
and 65 % of the population. Two other pairs of thresholds let 20.8 % and 30.1 % win, while no member's index of Shapley
& Shubik changes by more than 3.5 % and 5.5 % of itself.

Reproduced with the populations that the Council adopted for 2023, by two thresholds alone, without the clause that four
members must object. The pairs are those of whole numbers that win as often: 14 members and 61 %, 13 and 57 %. By the
populations of 2022 or of 2024 one of the two changes would be larger than published.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from orrery.institutions.catalogue import load_body
from orrery.institutions.games import AllOf, Threshold
from orrery.institutions.power import power

COUNCIL = load_body("EU-COUNCIL").on(date(2023, 6, 1))


def by(members: int, per_cent: int) -> AllOf:
    people = tuple(int(number) for number in COUNCIL.electorate.weights["population"])
    return AllOf((Threshold((1,) * len(people), members), Threshold(people, -(-sum(people) * per_cent // 100))))


def winning(game: AllOf) -> float:
    return float(power(game, "coleman").body["act"])


@pytest.mark.parametrize(
    ("members", "per_cent", "wins", "changes"), [(15, 65, 13.2, 0), (14, 61, 20.8, 3.5), (13, 57, 30.1, 5.5)]
)
def test_how_many_coalitions_win_and_how_little_power_changes(members, per_cent, wins, changes):
    now, then = (power(game, "shapley-shubik").values for game in (by(15, 65), by(members, per_cent)))
    assert round(100 * winning(by(members, per_cent)), 1) == wins
    assert 100 * np.abs(then / now - 1).max() <= changes
