"""Power in the Security Council of eleven members.

Shapley & Shubik 1954, A method for evaluating the distribution of power in a committee system, American Political
Science Review 48(3), 787-792, doi:10.2307/1951053: the five permanent members held 76/77, or 98.7 %, of the power, by
the rule of seven votes with the five among them. The value of a six-member share, 1/462, follows from it by hand.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from orrery.institutions.catalogue import load_body
from orrery.institutions.power import power

COUNCIL = load_body("UNSC").on(date(1954, 9, 1))


def test_the_five_permanent_members_hold_almost_all_power():
    found = power(COUNCIL.rule().game(), "shapley-shubik", members=COUNCIL.members)
    permanent = [found.of(member) for member in ("FRA", "GBR", "RUS", "TWN", "USA")]
    assert sum(permanent) == Fraction(76, 77)
    assert {found.of(member) for member in COUNCIL.members} - set(permanent) == {Fraction(1, 462)}
