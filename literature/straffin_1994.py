"""Power in the Security Council of fifteen members, and in small committees.

Straffin 1994, Power and stability in politics, Handbook of Game Theory with Economic Applications 2, ch. 32,
doi:10.1016/S1574-0005(05)80062-1, after Lambert 1988: Shapley-Shubik .1963 for each permanent member (421/2145) and
.00186 for each other (4/2145); Banzhaf .1669 and .0165 (848 and 84 swings of 5,080); in [51; 50, 49, 1] the member with
one vote has as much power as the one with 49.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from orrery.institutions.catalogue import load_body
from orrery.institutions.games import Threshold
from orrery.institutions.power import power

COUNCIL = load_body("UNSC").on(date(1994, 6, 1))
GAME = COUNCIL.rule().game()


def test_shapley_and_shubik_in_the_security_council():
    found = power(GAME, "shapley-shubik", members=COUNCIL.members)
    assert found.of("CHN") == Fraction(421, 2145)
    assert found.of("BRA") == Fraction(4, 2145)
    assert float(found.of("CHN")) == pytest.approx(0.1963, abs=5e-5)


def test_banzhaf_in_the_security_council():
    absolute = power(GAME, "banzhaf", members=COUNCIL.members)
    assert absolute.of("USA") == Fraction(848, 2**14)
    assert absolute.of("NGA") == Fraction(84, 2**14)
    shares = power(GAME, "banzhaf-normalised", members=COUNCIL.members)
    assert shares.of("USA") == Fraction(848, 5080)
    assert shares.of("NGA") == Fraction(84, 5080)


def test_one_vote_may_weigh_as_much_as_49():
    game = Threshold((50, 49, 1), 51)
    assert power(game, "shapley-shubik").columns["value"] == (Fraction(4, 6), Fraction(1, 6), Fraction(1, 6))
    assert power(game, "banzhaf-normalised").columns["value"] == (Fraction(3, 5), Fraction(1, 5), Fraction(1, 5))
