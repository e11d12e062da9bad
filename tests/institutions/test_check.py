"""Membership compared with tables: on small tables, against counting by hand, and on the producers' files."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orrery.base.errors import InstitutionError
from orrery.institutions.body import Body
from orrery.institutions.catalogue import load_body
from orrery.institutions.check import (
    Disagreement,
    Reported,
    checked_bodies,
    compare,
    disagreements,
    explained,
    reported,
    review,
)
from orrery.institutions.places import Places

YEARS = range(1955, 1995)
COUNTRIES = ("FRA", "ITA", "ESP")
NO_CHECK = """\
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


class SmallTables:
    """A store with the tables given."""

    def __init__(self, **tables: pd.DataFrame) -> None:
        self.tables = tables

    def read(self, table: str) -> pd.DataFrame:
        """Return a table."""
        return self.tables[table]


def club(countries: dict[str, list[str]], check: str = "", observers: dict[str, str] | None = None) -> Body:
    """A body with these members."""
    membership = [{"status": "member", "source": "treaty, article 1", "countries": countries}]
    if observers:
        membership.append({"status": "observer", "source": "treaty, article 2", "countries": observers})
    table = {**tomllib.loads(NO_CHECK + check), "membership": membership, "file": "club.toml"}
    return Body.read(table, Places("club.toml", "CLUB"))


def cow(rows: list[tuple[str, int, str]], years: range, not_known: dict[int, int] | None = None) -> SmallTables:
    """The tables of the COW source, for one organisation called Club."""
    memberships = pd.DataFrame(rows, columns=["iso3", "year", "status"]).assign(body="Club")
    unknown = [(not_known or {}).get(year, 0) for year in years]
    bodies = pd.DataFrame({"body": "Club", "year": list(years), "not_known": pd.array(unknown, "Int64")})
    return SmallTables(igo_memberships=memberships, igo_bodies=bodies)


def acts(rows: list[tuple[str, str, str | None]], treaty: str = "1") -> pd.DataFrame:
    """Acts on a treaty, by country, act and day."""
    frame = pd.DataFrame(rows, columns=["iso3", "action", "date"])
    return frame.assign(treaty=treaty, date=pd.to_datetime(frame["date"]))


COW = 'check = { source = "cow_igo", column = "club" }'


@given(
    st.fixed_dictionaries({code: st.sets(st.sampled_from(list(YEARS)[:-1])) for code in COUNTRIES}),
    st.fixed_dictionaries({code: st.sets(st.sampled_from(YEARS)) for code in COUNTRIES}),
)
def test_comparison_equals_counting_country_by_country_and_year_by_year(held, said):
    """Members of a calendar year in the body, and in the table."""
    spells = {code: [f"{year}-01-01/{year}-12-31" for year in sorted(years)] for code, years in held.items() if years}
    body = club(spells or {"PRT": ["1955-01-01/1955-06-30"]})
    members = {year: frozenset(code for code in COUNTRIES if year in said[code]) for year in YEARS}
    found = compare(body, Reported("table", members, dict.fromkeys(YEARS, frozenset(COUNTRIES))))
    counted = {(one.country, year, one.catalogue, one.data) for one in found for year in range(one.first, one.last + 1)}
    expected = {
        (code, year, *(("member", "none") if year in held[code] else ("none", "member")))
        for code in COUNTRIES
        for year in YEARS
        if (year in held[code]) != (year in said[code])
    }
    assert counted == expected
    assert sum(one.last - one.first + 1 for one in found) == len(expected)
    assert all((one.country, one.last + 1, one.catalogue, one.data) not in counted for one in found)


def test_members_are_those_of_the_last_day_of_the_year_or_of_the_body():
    body = club({"FRA": ["1955-01-01/1994-06-30"], "ITA": ["1960-12-31/1993-12-30"]}, COW)
    rows = [("FRA", year, "full") for year in range(1955, 1995)] + [("ITA", year, "full") for year in range(1960, 1994)]
    found = disagreements(body, cow(rows, range(1955, 1995)))
    assert found == (Disagreement("ITA", "cow_igo", 1993, 1993, "none", "member"),)


def test_only_members_that_vote_are_members_on_either_side():
    body = club({"FRA": ["1955-01-01/1994-06-30"]}, COW, observers={"ESP": "1955-01-01/1994-06-30"})
    rows = [("FRA", 1960, "full"), ("ESP", 1960, "full"), ("ITA", 1960, "observer"), ("PRT", 1960, "associate")]
    found = disagreements(body, cow(rows, range(1960, 1961)))
    assert [one.fact for one in found] == [("ESP", "cow_igo", 1960, 1960, "none", "member")]


def test_years_that_the_source_lacks_and_countries_outside_its_system_are_not_compared():
    # The Correlates of War have the Federal Republic from 1955-05-05, South Sudan from 2011 and no Palestine.
    body = club({"FRA": ["1955-01-01/1994-06-30"], "DEU": ["1955-01-01/1994-06-30"]}, COW)
    rows = [("FRA", year, "full") for year in (1953, 1954, 1955)]
    found = disagreements(body, cow(rows, range(1953, 1956)))
    assert [one.fact for one in found] == [
        ("DEU", "cow_igo", 1955, 1955, "member", "none"),
        ("FRA", "cow_igo", 1953, 1954, "none", "member"),
    ]


def test_in_years_with_unknown_statuses_a_country_without_a_row_is_not_compared():
    body = club({"FRA": ["1955-01-01/1994-06-30"], "ITA": ["1955-01-01/1994-06-30"]}, COW)
    rows = [("FRA", 1960, "observer")]
    found = disagreements(body, cow(rows, range(1960, 1961), {1960: 3}))
    assert [one.country for one in found] == ["FRA"]


def test_a_period_leaves_a_predecessor_in_the_same_column_out():
    check = 'check = { source = "cow_igo", column = "club", period = "1955-01-01/" }'
    body = club({"FRA": ["1955-01-01/1994-06-30"]}, check)
    rows = [("FRA", year, "full") for year in range(1950, 1960)]
    assert disagreements(body, cow(rows, range(1950, 1960))) == ()
    assert len(disagreements(club({"FRA": ["1955-01-01/1994-06-30"]}, COW), cow(rows, range(1950, 1960)))) == 1


def test_a_party_is_bound_days_after_its_consent_until_it_withdraws():
    check = 'check = { source = "ieadb", treaty = "1", days = 90 }'
    body = club({"FRA": ["1955-01-01/1994-06-30"]}, check)
    rows = [
        ("FRA", "signature", "1955-01-01"),
        ("FRA", "ratification", "1959-10-02"),
        ("ITA", "accession", "1959-10-03"),
        ("ITA", "withdrawal", "1970-12-31"),
        ("ITA", "accession", "1980-01-01"),
        ("ESP", "entry into force", "1961-12-31"),
        ("PRT", "ratification", None),
        ("CSK", "ratification", "1956-01-01"),
    ]
    said = reported(body, SmallTables(treaty_actions_environment=acts(rows)))
    assert list(said.covered) == list(range(1955, 1995))
    bound = {code: [year for year in YEARS if code in said.members[year]] for code in ("FRA", "ITA", "ESP")}
    assert bound["FRA"] == list(range(1959, 1995))
    assert bound["ITA"] == [*range(1960, 1970), *range(1980, 1995)]
    assert bound["ESP"] == list(range(1961, 1995))
    assert {"PRT", "CSK"}.isdisjoint(said.covered[1990])
    assert "CHE" in said.covered[1990]


def test_a_source_with_one_treaty_needs_no_name_of_it():
    body = club({"FRA": ["1955-01-01/1994-06-30"]}, 'check = { source = "wto_members" }')
    said = reported(body, SmallTables(treaty_actions_world_trade=acts([("FRA", "entry into force", "1990-01-01")])))
    assert [year for year in YEARS if "FRA" in said.members[year]] == list(range(1990, 1995))


@pytest.mark.parametrize(
    ("check", "message"),
    [
        ("", "club.toml, body CLUB, `check`: it is missing"),
        ('check = { source = "atlas" }', "`check.source`: 'atlas' came; allowed: cow_igo, wto_members, untc, ieadb"),
        ('check = { source = "cow_igo", column = "guild" }', "`check.column`: 'guild' came; allowed: Club"),
        ('check = { source = "cow_igo" }', "`check.column`: None came; allowed: Club"),
        ('check = { source = "ieadb", treaty = "3" }', "`check.treaty`: '3' came; allowed: 1, 2"),
        ('check = { source = "ieadb" }', "`check.treaty`: None came; allowed: 1, 2"),
    ],
)
def test_a_check_that_leads_nowhere_is_refused(check, message):
    tables = cow([("FRA", 1960, "full")], range(1960, 1961))
    two = [acts([("FRA", "accession", "1960-01-01")], treaty) for treaty in ("1", "2")]
    tables.tables["treaty_actions_environment"] = pd.concat(two)
    with pytest.raises(InstitutionError) as refused:
        disagreements(club({"FRA": ["1955-01-01/1994-06-30"]}, check), tables)
    assert message in str(refused.value)


def test_of_many_allowed_names_the_nearest_are_listed():
    every = pd.concat([acts([("FRA", "accession", "1960-01-01")], f"treaty {n}") for n in range(100, 200)])
    body = club({"FRA": ["1955-01-01/1994-06-30"]}, 'check = { source = "ieadb", treaty = "treaty 15" }')
    with pytest.raises(InstitutionError, match=r"allowed: (treaty 1\d\d(, |\.)){5}"):
        disagreements(body, SmallTables(treaty_actions_environment=every))


ENTRY = """\
[[disagreement]]
country = "ITA"
source = "cow_igo"
first = 1960
last = 1961
catalogue = "member"
data = "none"
reason = "Joined in 1955; the data begin in 1962."
"""


def test_a_review_tells_what_is_written_down_from_what_is_not_and_what_is_outdated(tmp_path: Path):
    outdated = ENTRY.replace("ITA", "FRA")
    (tmp_path / "CLUB.toml").write_text(ENTRY + outdated)
    body = club({"FRA": ["1955-01-01/1994-06-30"], "ITA": ["1955-01-01/1994-06-30"]}, COW)
    rows = [("FRA", 1960, "full"), ("FRA", 1961, "full"), ("ESP", 1961, "full")]
    found = review(body, cow(rows, range(1960, 1962)), tmp_path)
    assert [one.reason for one in found.agreed] == ["Joined in 1955; the data begin in 1962."]
    assert [one.fact for one in found.unexplained] == [("ESP", "cow_igo", 1961, 1961, "none", "member")]
    assert [one.country for one in found.outdated] == ["FRA"]
    assert explained("GUILD", tmp_path) == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ENTRY + ENTRY.replace("reason", "cause"), r"disagreements/CLUB.toml, entry 2: `cause` is missing or unknown"),
        (ENTRY.replace("first = 1960\n", ""), "entry 1: `first` is missing or unknown"),
        ("[[disagreement]", "disagreements/CLUB.toml: not valid TOML"),
    ],
)
def test_a_damaged_list_of_disagreements_is_refused(tmp_path: Path, text, message):
    (tmp_path / "CLUB.toml").write_text(text)
    with pytest.raises(InstitutionError, match=message):
        explained("CLUB", tmp_path)


@pytest.mark.parametrize("body", checked_bodies(), ids=lambda body: body.code)
def test_what_remains_different_from_the_data_is_written_down_with_its_reason(official_tables, body: Body):
    found = review(body, official_tables)
    assert found.unexplained == ()
    assert found.outdated == ()
    assert [one for one in found.agreed if not one.reason.endswith(".")] == []
    print(f"{body.code}: {len(found.agreed)} disagreements, all explained")


def test_every_list_of_disagreements_is_of_a_body_that_is_checked():
    folder = Path(__file__).parents[2] / "src" / "orrery" / "institutions" / "catalogue" / "disagreements"
    assert {path.stem for path in folder.glob("*.toml")} <= {body.code for body in checked_bodies()}


def test_a_wrong_day_of_joining_is_found(official_tables):
    nato = load_body("NATO")
    late = {"countries": {**nato.membership[1].countries, "ESP": "1984-01-01/"}}
    changed = nato.changed(membership=(nato.membership[0], {**nato.membership[1].model_dump(), **late}))
    assert [one.fact for one in disagreements(changed, official_tables)] == [
        ("ESP", "cow_igo", 1982, 1983, "none", "member")
    ]


def test_the_list_of_the_convention_on_chemical_weapons_is_read(official_tables):
    """In force on 1997-04-29; the United States ratified on 1997-04-25, Russia on 1997-11-05."""
    check = 'check = { source = "untc", treaty = "cwc", days = 30 }'
    text = NO_CHECK.replace("1955-01-01", "1997-04-29").replace("ended = 1994-06-30\n", "")
    table = {**tomllib.loads(text + check)}
    table["membership"] = [{"status": "member", "source": "treaty", "countries": {"USA": "1997-04-29/"}}]
    said = reported(Body.read(table, Places("club.toml", "CLUB")), official_tables)
    assert {"USA", "RUS"} <= said.members[1997]
    assert min(said.covered) == 1997
