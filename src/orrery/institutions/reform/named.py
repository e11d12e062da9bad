"""Reforms that are or were proposed, by name, with what is assumed where a proposal leaves it open."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from orrery.base.errors import InstitutionError
from orrery.institutions.body import Body
from orrery.institutions.reform.changes import (
    Reform,
    admitted,
    as_on,
    reweighted,
    ruled_as,
    with_override,
    with_quota,
    without_veto,
)

G4 = ("BRA", "DEU", "IND", "JPN")
AFRICAN_SEATS = ("NGA", "ZAF")
"""Stand in for the two permanent seats of the African Union's position, which leaves open who holds them."""


@dataclass(frozen=True)
class NamedReform:
    """A reform with a name.

    Attributes:
        name: on the command line.
        body: code of the body that it reforms.
        what: in words, with what is assumed.
        source: where it is proposed.
        reform: makes it, for a day from which it holds.
    """

    name: str
    body: str
    what: str
    source: str
    reform: Callable[[date], Reform]


def enlarged(countries: Sequence[str], on: date, *, veto: bool) -> Reform:
    """Return the enlargement of a council: permanent seats, the quota kept in proportion.

    Args:
        countries: the new members.
        on: first day.
        veto: whether they are permanent members with a veto, or have a lasting seat without one.
    """
    return admitted(countries, on=on, status="permanent" if veto else "member", in_proportion=True)


def by_formula(shares: Mapping[str, float], *, name: str, on: date, total: int = 1_000_000) -> Reform:
    """Return the reform that gives members votes in proportion to shares, such as of world output.

    Args:
        shares: by ISO3 code, of any unit; every member needs one.
        name: of the weights.
        on: first day.
        total: votes that are shared out, rounded to whole ones, at least 1 each.

    Raises:
        InstitutionError: from the reform, where a member has no share.
    """

    def reform(body: Body) -> Body:
        members = body.members(on)
        lacking = [code for code in members if code not in shares or not shares[code] > 0]
        if lacking:
            raise InstitutionError(
                f"{body.place(on)}, `shares`: {', '.join(lacking)} have none; give every member a number above 0."
            )
        whole = sum(Fraction(shares[code]) for code in members)
        values = {code: max(1, round(total * Fraction(shares[code]) / whole)) for code in members}
        return reweighted(name, values, on=on, unit="votes")(body)

    return reform


def blended(
    gdp_market: Mapping[str, float], gdp_purchasing_power: Mapping[str, float], *, market: float = 0.6
) -> dict[str, float]:
    """Return shares of the blend of output at market prices and at purchasing power (the quota formula of 2008)."""
    both = sorted(set(gdp_market) & set(gdp_purchasing_power))
    sums = [sum(table[code] for code in both) for table in (gdp_market, gdp_purchasing_power)]
    return {
        code: market * gdp_market[code] / sums[0] + (1 - market) * gdp_purchasing_power[code] / sums[1] for code in both
    }


REFORMS: dict[str, NamedReform] = {
    reform.name: reform
    for reform in (
        NamedReform(
            "unsc-g4",
            "UNSC",
            "Brazil, Germany, India and Japan become permanent members with a veto; 12 of 19 votes, in proportion "
            "to 9 of 15. The draft has further seats, and leaves the veto to a later decision.",
            "A/59/L.64 (2005)",
            lambda on: enlarged(G4, on, veto=True),
        ),
        NamedReform(
            "unsc-g4-without-veto",
            "UNSC",
            "Brazil, Germany, India and Japan get lasting seats without a veto; 12 of 19 votes.",
            "A/59/L.64 (2005), paragraph 5, on the veto of new permanent members",
            lambda on: enlarged(G4, on, veto=False),
        ),
        NamedReform(
            "unsc-au",
            "UNSC",
            "Two African countries become permanent members with a veto; who they are is left open: Nigeria and South "
            "Africa stand in. 11 of 17 votes. The position also has two more elected seats.",
            "African Union, Ezulwini Consensus, Ext/EX.CL/2 (VII), 2005; A/60/L.41",
            lambda on: enlarged(AFRICAN_SEATS, on, veto=True),
        ),
        NamedReform(
            "unsc-without-veto",
            "UNSC",
            "No member has a veto; 9 of 15 votes.",
            "proposed since 1946, see A/RES/40 (I)",
            lambda on: without_veto(on=on),
        ),
        NamedReform(
            "unsc-override-12",
            "UNSC",
            "12 of 15 votes carry a motion in spite of vetoes.",
            "a variant discussed in the intergovernmental negotiations (A/RES/62/557 and after); 12 is an assumption",
            lambda on: with_override(12, on=on),
        ),
        NamedReform(
            "sco-2001",
            "SCO",
            "The members of 2001 decide, without those admitted since.",
            "Declaration on the Establishment of the Shanghai Cooperation Organization, 15 June 2001",
            lambda on: as_on(date(2002, 1, 1), on=on),
        ),
        NamedReform(
            "sco-2017",
            "SCO",
            "The members of 2017 decide: those of 2001, India and Pakistan.",
            "Astana Declaration, 9 June 2017",
            lambda on: as_on(date(2018, 1, 1), on=on),
        ),
        NamedReform(
            "imf-quota-80",
            "IMF",
            "Quotas change with 80 % of all votes in place of 85 %.",
            "a reform often discussed; 80 % was the rule for general reviews to 1969",
            lambda on: with_quota("80/100", "quota", on=on),
        ),
        NamedReform(
            "eu-sanctions-qmv",
            "EU-COUNCIL",
            "Restrictive measures are decided by qualified majority, as other decisions.",
            "European Commission, COM(2018) 647; article 31(3) TEU",
            lambda on: ruled_as("sanctions", "decision", on=on),
        ),
    )
}
"""Every named reform."""


def named_reform(name: str, on: date) -> Reform:
    """Return a reform by its name.

    Raises:
        InstitutionError: there is none of this name.
    """
    if name not in REFORMS:
        raise InstitutionError(f"`reform`: {name!r} came; give one of {', '.join(REFORMS)}.")
    return REFORMS[name].reform(on)
