"""Membership compared with small tables: against counting by hand, and at the edges of what the data say."""

from __future__ import annotations

import tomllib

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orrery.base.errors import InstitutionError
from orrery.institutions.body import Body
from orrery.institutions.check import compare, recorded_members
from orrery.institutions.places import Places

YEARS = range(1955, 1994)
COUNTRIES = ("FRA", "ITA", "ESP")
CLUB = """\
code = "CLUB"
name = "The Club"
founded = 1955-01-01
ended = 1994-06-30
area = "trade"
good = "club"
scope = "regional"
formality = "treaty"
secretariat = "none"
sources = [{ key = "treaty", title = "Treaty of the Club", year = 1954, where = "1 UNTS 1" }]
"""
COW, TREATY = 'check = { source = "cow_igo", column = "club" }', 'check = { source = "ieadb", treaty = "1" }'


class SmallTables:
    """A store with the tables given."""

    def __init__(self, **tables: pd.DataFrame) -> None:
        self.tables = tables

    def read(self, table: str) -> pd.DataFrame:
        """Return a table."""
        return self.tables[table]


def club(countries: dict[str, list[str]], check: str = COW, **others: dict[str, str]) -> Body:
    """A body with these members, and others by status."""
    blocks = [{"status": "member", "source": "treaty, article 1", "countries": countries}]
    blocks += [{"status": status, "source": "treaty", "countries": held} for status, held in others.items()]
    return Body.read({**tomllib.loads(CLUB + check), "membership": blocks}, Places("club.toml", "CLUB"))


def organisation(rows: list[tuple[str, int, str]]) -> SmallTables:
    """Memberships of the Club, and of a second organisation in which every country is in every year."""
    second = [(code, year, "full") for code in (*COUNTRIES, "PRT", "DEU") for year in range(1950, 2015)]
    tables = [pd.DataFrame(some, columns=["iso3", "year", "status"]) for some in (rows, second)]
    return SmallTables(igo_memberships=pd.concat([tables[0].assign(body="Club"), tables[1].assign(body="Other")]))


def acts(rows: list[tuple[str, str, int]], treaty: str = "1") -> SmallTables:
    """Acts on a treaty, by country, act and year, in order."""
    frame = pd.DataFrame(rows, columns=["iso3", "action", "year"])
    return SmallTables(treaty_actions_environment=frame.assign(treaty=treaty, sequence=range(1, len(frame) + 1)))


def found(body: Body, tables: SmallTables) -> list[tuple[str, int, int, str, str]]:
    """Disagreements without source and reason."""
    return [(one.country, one.first, one.last, one.catalogue, one.data) for one in compare(body, tables)]


@given(
    st.fixed_dictionaries({code: st.sets(st.sampled_from(YEARS)) for code in COUNTRIES}),
    st.fixed_dictionaries({code: st.sets(st.sampled_from(YEARS), min_size=1) for code in COUNTRIES}),
)
def test_comparison_equals_counting_country_by_country_and_year_by_year(held, said):
    """Members of whole calendar years in the body, and in the table."""
    spells = {code: [f"{year}-01-01/{year}-12-31" for year in sorted(years)] for code, years in held.items() if years}
    tables = organisation([(code, year, "full") for code in COUNTRIES for year in said[code]])
    spans = found(club(spells or {"PRT": ["1955-01-01/1955-06-30"]}), tables)
    counted = {(code, year, ours, data) for code, first, last, ours, data in spans for year in range(first, last + 1)}
    first, last = min(map(min, said.values())), max(map(max, said.values()))
    expected = {
        (code, year, *(("member", "none") if year in held[code] else ("none", "member")))
        for code in COUNTRIES
        for year in range(first, last + 1)
        if (year in held[code]) != (year in said[code])
    }
    assert counted == expected
    assert all((code, end + 1, ours, data) not in counted for code, _, end, ours, data in spans)


def test_a_year_counts_by_its_last_day():
    body = club({"FRA": ["1955-01-01/1994-06-30"], "ITA": ["1960-12-31/1992-12-30"]})
    rows = [("FRA", year, "full") for year in YEARS] + [("ITA", year, "full") for year in range(1960, 1993)]
    assert found(body, organisation(rows)) == [("ITA", 1992, 1992, "none", "member")]


def test_years_outside_the_life_of_the_body_are_not_compared():
    body = club({"FRA": ["1955-01-01/1994-06-30"]})
    rows = [(code, year, "full") for code in ("FRA", "ITA") for year in range(1950, 2000)]
    assert found(body, organisation(rows)) == [("ITA", 1955, 1993, "none", "member")]


def test_who_is_in_no_organisation_of_a_year_is_not_spoken_of():
    body = club({"FRA": ["1955-01-01/1994-06-30"], "CHE": ["1955-01-01/1994-06-30"]})
    assert found(body, organisation([("FRA", year, "full") for year in YEARS])) == []


def test_two_sorts_of_outsiders_are_no_disagreement_but_one_of_them_and_a_member_is():
    body = club(
        {"FRA": ["1955-01-01/1994-06-30"]},
        observer={"ESP": "1955-01-01/1994-06-30"},
        associate={"ITA": "1955-01-01/1994-06-30"},
    )
    rows = [("FRA", 1960, "full"), ("ESP", 1960, "associate"), ("ITA", 1960, "full"), ("PRT", 1960, "observer")]
    assert found(body, organisation(rows)) == [("ITA", 1960, 1960, "associate", "member")]


def test_the_year_of_an_act_is_forgiven_on_either_side():
    body = club({"FRA": ["1960-03-01/1994-06-30"], "ITA": ["1962-01-01/1969-12-31"]}, TREATY)
    rows = [
        ("FRA", "signature", 1955),
        ("FRA", "ratification", 1959),
        ("ITA", "accession", 1961),
        ("ITA", "withdrawal", 1970),
        ("ESP", "accession", 1958),
    ]
    assert found(body, acts(rows)) == [("ESP", 1959, 1970, "none", "member")]


def test_countries_that_ended_are_not_in_lists_of_treaties():
    body = club({"CSK": ["1955-01-01/1992-12-31"], "FRA": ["1955-01-01/1994-06-30"]}, TREATY)
    assert found(body, acts([("FRA", "accession", 1955), ("FRA", "signature", 1990)])) == []


@pytest.mark.parametrize(
    ("check", "tables", "message"),
    [
        ("", organisation([]), "it has no `check`"),
        ('check = { source = "atlas" }', organisation([]), "`check.source`: 'atlas' came; give one of cow_igo"),
        ('check = { source = "cow_igo", column = "x" }', organisation([]), "no organisation 'x'"),
        ('check = { source = "cow_igo" }', organisation([]), "no organisation None"),
        ('check = { source = "ieadb", treaty = "3" }', acts([("FRA", "accession", 1960)]), "no treaty '3'"),
    ],
)
def test_a_check_that_leads_nowhere_is_refused(check, tables, message):
    with pytest.raises(InstitutionError) as refused:
        recorded_members(club({"FRA": ["1955-01-01/1994-06-30"]}, check), tables)
    assert message in str(refused.value)
    assert "body CLUB" in str(refused.value)
