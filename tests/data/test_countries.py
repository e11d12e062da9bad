from __future__ import annotations

import csv
import itertools
import math
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orrery.base.errors import CountryCodeError
from orrery.data.countries import (
    EARTH_RADIUS_KM,
    KINDS,
    Country,
    Period,
    _key,
    _rows,
    countries,
    country,
    distance_km,
    ever_members,
    from_cow,
    from_gw,
    group_names,
    kind_of,
    members,
    resolve,
    split_names,
    to_cow,
    un_members,
)

EVERYONE = countries()
ISO3S = [one.iso3 for one in EVERYONE]
HISTORIC = {"CSK", "DDR", "EAZ", "VDR", "YAR", "YMD", "YUG"}
OUTSIDE_UN = {"PSE", "TWN", "VAT", "XKX"}


def query(sql: str) -> pd.DataFrame:
    with duckdb.connect() as connection:
        return connection.execute(sql).df()


def translated(translate: Callable, pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], str | None]:
    pairs = sorted(pairs)
    codes, years = np.array(pairs).T
    return dict(zip(pairs, translate(codes, years), strict=True))


# ---------------------------------------------------------------------------------------------- the tables themselves


def test_countries_are_todays_members_four_others_and_seven_that_ended():
    today = set(un_members(date(2025, 12, 31)))
    assert len(today) == 193
    assert set(ISO3S) == today | OUTSIDE_UN | HISTORIC
    assert sorted(ISO3S) == ISO3S
    assert {one.iso3 for one in EVERYONE if one.state_until} == HISTORIC
    assert {one.iso3 for one in EVERYONE if one.state_from is None} == {"PSE", "VAT"}


@pytest.mark.parametrize("one", EVERYONE, ids=ISO3S)
def test_every_row_is_sound(one: Country):
    assert len(one.iso3) == 3
    assert one.iso3.isupper()
    assert -90 <= one.latitude <= 90
    assert -180 <= one.longitude <= 180
    assert all(country(before) for before in one.predecessors)
    assert one.iso3 not in one.predecessors
    for periods in (one.state, one.cow, one.gw, one.un):
        for period in periods:
            assert period.end is None or period.start <= period.end
        for earlier, later in itertools.pairwise(periods):
            assert earlier.end is not None
            assert earlier.end < later.start


@pytest.mark.parametrize("one", EVERYONE, ids=ISO3S)
def test_cow_number_stands_whenever_the_country_is_in_the_state_system(one: Country):
    for day in (d for spell in one.state for d in (spell.start, spell.end or date(2025, 12, 31))):
        assert sum(period.covers(day) for period in one.cow) == 1


def test_numbers_stand_for_one_country_on_any_day():
    for numbering in ("cow", "gw"):
        held = sorted(
            ((p.code, p.start, p.end or date.max) for one in EVERYONE for p in getattr(one, numbering)),
        )
        for (code, _, end), (next_code, next_start, _) in itertools.pairwise(held):
            assert code != next_code or end < next_start


def test_aliases_are_neither_doubled_nor_contradicted():
    rows = _rows("aliases.csv")
    keys = [_key(row["name"]) for row in rows] + [_key(one.name) for one in EVERYONE]
    assert all(keys)
    assert len(keys) == len(set(keys))
    for row in rows:
        assert row["kind"] in KINDS
        assert bool(row["iso3"]) == (row["kind"] == "country")
        assert row["iso3"] in ISO3S or not row["iso3"]
        assert row["name"] not in ISO3S


# --------------------------------------------------------------------------------------------- days, groups, members


def test_country_gives_dates_and_predecessors():
    assert country("KAZ").name == "Kazakhstan"
    assert country("KAZ").state_from == date(1991, 12, 26)
    assert country("KAZ").state_until is None
    assert country("DDR").state_until == date(1990, 10, 2)
    assert country("YEM").predecessors == ("YAR", "YMD")
    assert (country("XKX").un_from, country("XKX").un_until) == (None, None)
    assert (country("TWN").un_from, country("TWN").un_until) == (date(1945, 10, 24), date(1971, 10, 24))
    assert (country("VAT").state_from, country("VAT").state_until) == (None, None)


def test_countries_on_a_day_follow_the_state_system():
    def on(*day: int) -> set[str]:
        return {one.iso3 for one in countries(date(*day))}

    assert {"DDR", "YMD", "YAR", "CSK", "YUG"} <= on(1989, 6, 1)
    assert not {"DDR", "YMD", "YAR"} & on(1990, 10, 3)
    assert "SYR" not in on(1960, 1, 1)
    assert "SYR" in on(1962, 1, 1)
    assert "YUG" in on(1992, 4, 26)
    assert "SRB" in on(1992, 4, 27)
    assert not {"PSE", "VAT"} & on(2020, 1, 1)
    assert len(on(2020, 1, 1)) == 195  # Correlates of War: 193 members of the United Nations, Kosovo and Taiwan


# Growth in United Nations membership, as the United Nations publish it, at each year's end.
UN_SIZES = {
    1945: 51, 1946: 55, 1947: 57, 1948: 58, 1949: 59, 1950: 60, 1954: 60, 1955: 76, 1956: 80, 1957: 82, 1958: 82,
    1959: 82, 1960: 99, 1961: 104, 1962: 110, 1963: 113, 1964: 115, 1965: 117, 1966: 122, 1967: 123, 1968: 126,
    1970: 127, 1971: 132, 1973: 135, 1974: 138, 1975: 144, 1976: 147, 1977: 149, 1978: 151, 1979: 152, 1980: 154,
    1981: 157, 1983: 158, 1984: 159, 1989: 159, 1990: 159, 1991: 166, 1992: 179, 1993: 184, 1994: 185, 1999: 188,
    2000: 189, 2002: 191, 2006: 192, 2011: 193, 2025: 193,
}  # fmt: skip


@pytest.mark.parametrize(("year", "size"), UN_SIZES.items())
def test_un_membership_has_its_published_size(year: int, size: int):
    assert len(un_members(date(year, 12, 31))) == size


@pytest.mark.parametrize(
    ("day", "size"),
    [
        ("1957-12-31", 0), ("1958-01-01", 6), ("1973-01-01", 9), ("1981-01-01", 10), ("1986-01-01", 12),
        ("1995-01-01", 15), ("2004-05-01", 25), ("2007-01-01", 27), ("2013-07-01", 28), ("2020-01-31", 28),
        ("2020-02-01", 27),
    ],
)  # fmt: skip
def test_european_union_has_its_published_size(day: str, size: int):
    assert len(members("EU", date.fromisoformat(day))) == size


def test_members_of_a_group_are_sorted_and_dated():
    assert members("EU", date(1960, 1, 1)) == ("BEL", "DEU", "FRA", "ITA", "LUX", "NLD")
    assert members("UNSC permanent", date(1971, 10, 24)) == ("FRA", "GBR", "RUS", "TWN", "USA")
    assert members("UNSC permanent", date(1971, 10, 25)) == ("CHN", "FRA", "GBR", "RUS", "USA")


def test_groups_are_named_and_keep_their_former_members():
    assert group_names() == ("EU", "UNSC permanent")
    assert len(ever_members("EU")) == 28
    assert "GBR" in ever_members("EU")
    with pytest.raises(CountryCodeError, match="group `NATO` is not known"):
        ever_members("NATO")


def test_unknown_group_lists_the_groups():
    with pytest.raises(CountryCodeError, match=r"group `NATO` is not known\. Give one of: EU, UNSC permanent"):
        members("NATO", date(2000, 1, 1))


# ------------------------------------------------------------------------------------------------------- number codes


def test_both_sides_of_a_transition_hold_in_its_year():
    codes = np.array([260, 255, 265, 260, 255, 678, 679, 680, 345, 345, 315, 316, 652, 652])
    years = np.array([1990, 1990, 1990, 1991, 1989, 1990, 1990, 1990, 1991, 1992, 1992, 1993, 1958, 1959])
    expected = [
        "DEU", "DEU", "DDR", None, None, "YAR", "YEM", "YMD", "YUG", "SRB", "CSK", "CZE", "SYR", None,
    ]  # fmt: skip
    assert from_cow(codes, years).tolist() == expected
    codes, years = np.array([260, 345, 345, 340, 678, 678]), np.array([1991, 1991, 2006, 2006, 1989, 1990])
    assert from_gw(codes, years).tolist() == ["DEU", "YUG", "SRB", "SRB", "YAR", "YEM"]


def test_numbers_keep_the_shape_of_the_input_and_of_nothing():
    codes = np.array([[2, 710], [999, 365]], dtype=float)
    found = from_cow(codes, np.full((2, 2), 2000))
    assert found.shape == (2, 2)
    assert found.tolist() == [["USA", "CHN"], [None, "RUS"]]
    assert from_cow(np.array([], dtype=int), np.array([], dtype=int)).shape == (0,)


def test_to_cow_gives_the_number_of_the_year():
    assert to_cow("DEU", 1980) == 260
    assert to_cow("DEU", 1990) == 255
    assert to_cow("KAZ", 1980) is None
    assert to_cow("VAT", 2000) is None


@given(st.sampled_from(ISO3S), st.integers(1946, 2025))
def test_cow_numbers_go_round(iso3: str, year: int):
    code = to_cow(iso3, year)
    if code is not None:
        back = from_cow(np.array([code]), np.array([year]))[0]
        assert back == ("SRB" if (iso3, year) == ("YUG", 1992) else iso3)  # 345 passes from one to the other then


@pytest.mark.parametrize(
    ("codes", "years", "message"),
    [
        (np.array([2.0, np.nan]), np.array([2000, 2000]), "codes hold nan at place 1"),
        (np.array([2.5]), np.array([2000]), r"codes hold 2\.5 at place 0"),
        (np.array([2]), np.array([2000, 2001]), r"codes have shape \(1,\), years \(2,\)"),
        (np.array(["USA"]), np.array([2000]), "codes are of type"),
    ],
)
def test_bad_numbers_are_refused(codes: np.ndarray, years: np.ndarray, message: str):
    with pytest.raises(CountryCodeError, match=message):
        from_cow(codes, years)
    with pytest.raises(CountryCodeError, match=message):
        from_gw(codes, years)


# -------------------------------------------------------------------------------------------------------------- names


@given(st.sampled_from(ISO3S), st.randoms())
def test_resolve_minds_neither_case_accents_punctuation_nor_word_order(iso3: str, random):
    words = country(iso3).name.replace("'", " ").replace("-", " ").split()
    random.shuffle(words)
    spelt = "".join(random.choice((char.upper(), char.lower())) for char in random.choice((", ", "-", " ")).join(words))
    plain = "".join(c for c in unicodedata.normalize("NFKD", spelt) if not unicodedata.combining(c))
    assert resolve(random.choice((spelt, plain, f" {spelt}. ", f"The {plain}"))) == iso3
    assert kind_of(spelt) == "country"


@given(st.sampled_from([row for row in _rows("aliases.csv")]), st.randoms())
def test_every_alias_is_found_in_any_case(row: dict[str, str], random):
    name = "".join(random.choice((char.upper(), char.lower())) for char in row["name"])
    assert kind_of(name) == row["kind"]
    if row["kind"] == "country":
        assert resolve(name) == row["iso3"]


@pytest.mark.parametrize(
    ("name", "iso3"),
    [
        ("AND", "AND"), ("ADO", "AND"), ("ROM", "ROU"), ("ZAR", "COD"), ("TMP", "TLS"), ("KSV", "XKX"),
        ("WBG", "PSE"), ("Korea, Rep.", "KOR"), ("Korea, Dem. People's Rep.", "PRK"), ("Congo, Rep.", "COG"),
        ("Congo, Dem. Rep.", "COD"), ("Bahamas, The", "BHS"), ("St. Lucia", "LCA"), ("Cote D’Ivoire", "CIV"),
        ("Trinidad & Tobago", "TTO"), ("Yemen, North", "YAR"), ("Soviet Union", "RUS"), ("Viet Nam", "VNM"),
        ("South Vietnam", "VDR"), ("Niger", "NER"), ("Nigeria", "NGA"), ("Guinea-Bissau", "GNB"), ("kaz", "KAZ"),
    ],
)  # fmt: skip
def test_known_spellings(name: str, iso3: str):
    assert resolve(name) == iso3


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("NATO**", "organisation"), ("EU", "organisation"), ("Hezbollah (Lebanon)*", "group"), ("WLD", "aggregate"),
        ("unknown recipient(s)", "unknown"), ("Euro area", "aggregate"), ("HKG", "territory"), ("Prussia", "historic"),
        ("France", "country"),
    ],
)  # fmt: skip
def test_kinds_of_names(name: str, kind: str):
    assert kind_of(name) == kind
    if kind != "country":
        with pytest.raises(CountryCodeError, match=f"of kind {kind}"):
            resolve(name)


@pytest.mark.parametrize("name", ["Atlantis", "", "  ", "the", "Грузия", "Korea", "***", "A" * 500])
def test_unknown_names_are_refused(name: str):
    for ask in (resolve, kind_of):
        with pytest.raises(CountryCodeError, match=r"is in no table; .*aliases\.csv"):
            ask(name)


def test_errors_suggest_what_is_close():
    with pytest.raises(CountryCodeError, match=r"iso3 `Kazakstan` .* close to it are KAZ \(Kazakhstan\)"):
        country("Kazakstan")
    with pytest.raises(CountryCodeError, match=r"name `Kyrgystan` is in no table; close to it are KGZ \(Kyrgyzstan\)"):
        resolve("Kyrgystan")
    with pytest.raises(CountryCodeError, match=r"iso3 `kaz` .*KAZ \(Kazakhstan\)"):
        country("kaz")
    with pytest.raises(CountryCodeError, match="nothing is close"):
        country("Q0Q")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Egypt, Arab Rep., Syria", ("Egypt, Arab Rep.", "Syria")),
        ("Libya, Yemen, North, Niger", ("Libya", "Yemen, North", "Niger")),
        ("Poland,Hungary", ("Poland", "Hungary")),
        ("Gambia, The", ("Gambia, The",)),
        ("EU, United States", ("EU", "United States")),
        ("Congo, Democratic Republic of the, Eritrea", ("Congo, Democratic Republic of the", "Eritrea")),
    ],
)
def test_lists_are_split_at_names(text: str, names: tuple[str, ...]):
    assert split_names(text) == names


def test_lists_with_an_unknown_piece_are_refused():
    with pytest.raises(CountryCodeError, match="name `Atlantis` is in no table"):
        split_names("France, Atlantis, Italy")


# ---------------------------------------------------------------------------------------------------------- distances


def test_distances_are_symmetric_and_no_longer_than_half_the_globe():
    distances = distance_km(ISO3S)
    assert distances.shape == (len(ISO3S), len(ISO3S))
    assert distances.dtype == np.float64
    np.testing.assert_allclose(distances, distances.T)
    np.testing.assert_array_equal(np.diag(distances), 0)
    assert distances.max() <= math.pi * EARTH_RADIUS_KM


def test_distance_agrees_with_the_spherical_law_of_cosines():
    a, b = country("KAZ"), country("NZL")
    first, second = np.radians([a.latitude, a.longitude]), np.radians([b.latitude, b.longitude])
    cosine = np.sin(first[0]) * np.sin(second[0]) + np.cos(first[0]) * np.cos(second[0]) * np.cos(first[1] - second[1])
    assert distance_km(["KAZ", "NZL"])[0, 1] == pytest.approx(EARTH_RADIUS_KM * np.arccos(cosine), rel=1e-9)


def test_distance_of_none_is_empty_and_of_an_unknown_country_refused():
    assert distance_km([]).shape == (0, 0)
    with pytest.raises(CountryCodeError, match="`XXX`"):
        distance_km(["FRA", "XXX"])


# -------------------------------------------------------------------------------------- against the producers' files


def period_days(one: Country, numbering: str) -> set[tuple[int, date, date | None]]:
    return {(p.code, p.start, p.end) for p in getattr(one, numbering) if p.code is not None}


def joined(periods: Iterable[tuple[int, date, date | None]]) -> set[tuple[int, date, date | None]]:
    """Join the spells of one number that follow each other without a gap."""
    result: list[tuple[int, date, date | None]] = []
    for code, start, end in sorted(periods, key=lambda p: p[:2]):
        if result and result[-1][0] == code and result[-1][2] and (start - result[-1][2]).days == 1:
            result[-1] = (code, result[-1][1], end)
        else:
            result.append((code, start, end))
    return set(result)


def test_state_system_days_are_those_of_the_correlates_of_war(shared_data: Path):
    rows = query(f"""select ccode::int as code, make_date(styear::int, stmonth::int, stday::int) as first,
        make_date(endyear::int, endmonth::int, endday::int) as last
        from '{shared_data}/states/cow_states.parquet' where endyear >= 1946""")
    published = {
        (row.code, row.first.date(), None if row.last.date() == date(2016, 12, 31) else row.last.date())
        for row in rows.itertuples()
    }
    # Four numbers also stand for a country with a seat at the United Nations before it entered the system.
    earlier = {"BLR", "IND", "TWN", "UKR"}
    ours = {(one.cow[0].code, p.start, p.end) for one in EVERYONE if one.iso3 in earlier for p in one.state} | {
        days for one in EVERYONE if one.iso3 not in earlier for days in period_days(one, "cow")
    }
    assert joined(ours) == published


def test_gleditsch_ward_days_are_the_published_ones(shared_data: Path):
    rows = query(f"""select gwcode::int as code, startdate as first, enddate as last
        from '{shared_data}/states/gw_states.parquet' where enddate >= date '1946-01-01'""")
    published = {
        (row.code, row.first.date(), None if row.last.date() == date(2017, 12, 31) else row.last.date())
        for row in rows.itertuples()
    }
    listed = {code for code, _, _ in published}
    ours = joined(days for one in EVERYONE for days in period_days(one, "gw") if days[0] in listed)
    assert published - ours == {
        (711, date(1913, 1, 1), date(1950, 10, 1)),  # Tibet: not in the Correlates of War system, not in the table
        (517, date(1962, 1, 7), None),  # Rwanda: the day of independence is 1 July; day and month are exchanged
    }
    assert ours - published == {(517, date(1962, 7, 1), None)}


ISO3_OF_UNCODED = {
    "Czechoslovakia": "CSK", "German Democratic Republic": "DDR", "Kosovo": "XKX", "Republic of Vietnam": "VDR",
    "Yemen Arab Republic": "YAR", "Yemen People's Republic": "YMD", "Yugoslavia": "YUG", "Zanzibar": "EAZ",
    "Tibet": None,
}  # fmt: skip


def crosswalk(shared_data: Path, column: str) -> dict[tuple[int, int], set[str | None]]:
    rows = query(f"""select {column}::int as code, year::int as year, iso3c, "country.name.en" as name
        from '{shared_data}/states/codelist_panel.parquet' where year between 1946 and 2025 and {column} is not null""")
    pairs: dict[tuple[int, int], set[str | None]] = {}
    for row in rows.itertuples():
        iso3 = row.iso3c if isinstance(row.iso3c, str) else ISO3_OF_UNCODED[row.name]
        pairs.setdefault((row.code, row.year), set()).add(iso3)
    return pairs


def disagreements(pairs: dict, translate: Callable, no_longer_theirs: Callable[[int, int], bool]) -> dict:
    ours = translated(translate, pairs)
    return {
        pair: ours[pair] for pair, theirs in pairs.items() if ours[pair] not in theirs and not no_longer_theirs(*pair)
    }


def test_cow_numbers_agree_with_an_independent_crosswalk(shared_data: Path):
    def serbia_from_1992(code: int, year: int) -> bool:  # it keeps 345 with Yugoslavia to this day
        return code == 345 and year >= 1992

    assert disagreements(crosswalk(shared_data, "cown"), from_cow, serbia_from_1992) == {}


def test_gw_numbers_agree_with_an_independent_crosswalk(shared_data: Path):
    def documented(code: int, year: int) -> bool:
        serbia = code == 345 and year >= 1992  # kept with Yugoslavia to 2006
        yemen = code == 678 and year >= 1990  # kept with the Yemen Arab Republic to this day
        return serbia or yemen

    assert disagreements(crosswalk(shared_data, "gwn"), from_gw, documented) == {}


def test_no_country_year_is_added_to_the_crosswalk_but_seats_at_the_united_nations(shared_data: Path):
    theirs = set(crosswalk(shared_data, "cown"))
    grid = {(code, year) for code in {code for code, _ in theirs} for year in range(1946, 2021)}
    added = {pair for pair, iso3 in translated(from_cow, grid - theirs).items() if iso3 is not None}
    seats = {(code, year) for code in (369, 370) for year in range(1946, 1991)} | {(750, 1946)}
    seats |= {(713, year) for year in range(1946, 1949)}
    assert added - seats == {(260, 1990)}  # valid to 2 October 1990; the crosswalk has one number per country-year
    assert seats <= added


M49 = {
    "Africa": 2, "Americas": 19, "Asia": 142, "Europe": 150, "Oceania": 9, "Northern Africa": 15, "Eastern Africa": 14,
    "Middle Africa": 17, "Southern Africa": 18, "Western Africa": 11, "Caribbean": 29, "Central America": 13,
    "South America": 5, "Northern America": 21, "Central Asia": 143, "Eastern Asia": 30, "South-eastern Asia": 35,
    "Southern Asia": 34, "Western Asia": 145, "Eastern Europe": 151, "Northern Europe": 154, "Southern Europe": 39,
    "Western Europe": 155, "Australia and New Zealand": 53, "Melanesia": 54, "Micronesia": 57, "Polynesia": 61,
}  # fmt: skip


def test_regions_are_those_of_m49(shared_data: Path):
    rows = query(f"""select distinct iso3c, "un.region.code"::int as region,
        coalesce("un.regionintermediate.code", "un.regionsub.code")::int as subregion
        from '{shared_data}/states/codelist_panel.parquet'
        where year >= 2000 and iso3c is not null and "un.region.code" is not null""")
    listed = {row.iso3c: (row.region, row.subregion) for row in rows.itertuples()}
    wrong = {
        one.iso3: (one.region, one.subregion)
        for one in EVERYONE
        if one.iso3 in listed and (M49[one.region], M49[one.subregion]) != listed[one.iso3]
    }
    assert wrong == {}
    assert set(ISO3S) - set(listed) == HISTORIC | {"TWN", "VAT", "XKX"}  # no row for these


# Capitals of the reference more than half a degree from ours, and why.
OTHER_CAPITALS = {
    "BRA": "the reference gives the middle of the country, not Brasília",
    "TUN": "the reference gives the middle of the country, not Tunis",
    "SAU": "the reference gives the middle of the country, not Riyadh",
    "PLW": "the reference has Koror, the capital to 2006",
}


def test_capitals_lie_where_the_reference_has_them(shared_data: Path):
    rows = query(f"""select ccode::int as code, lat, lng, enddate from '{shared_data}/geo/cow_capitals.parquet'
        where enddate >= date '1946-01-01' qualify row_number() over (partition by ccode order by enddate desc) = 1""")
    reference = {row.code: row for row in rows.itertuples()}
    far = set()
    for one in EVERYONE:
        code = one.cow[-1].code if one.cow else None
        if (
            code in reference
            and math.hypot(reference[code].lat - one.latitude, reference[code].lng - one.longitude) > 0.5
        ):
            far.add(one.iso3)
    assert far == set(OTHER_CAPITALS)
    assert {one.iso3 for one in EVERYONE if one.cow and one.cow[-1].code not in reference} == set()


CEPII_CODES = {"COD": "ZAR", "ROU": "ROM", "TLS": "TMP", "PSE": "PAL", "SRB": "YUG"}
# Countries whose median distance differs by more than 25 km, and why.
OTHER_PLACES = {
    "BDI": "Bujumbura, the capital to 2019",
    "COL": "their point lies about a degree from Bogotá",
    "GIN": "their point lies about two degrees from Conakry",
    "ISR": "Tel Aviv",
    "MMR": "Yangon, the capital to 2005",
    "NZL": "their point lies about two degrees from Wellington",
    "PSE": "Gaza",
    "WSM": "their longitude has the wrong sign",
}


def test_distances_agree_with_cepii(shared_data: Path):
    rows = query(f"select iso_o, iso_d, distcap from '{shared_data}/geo/dist_cepii.parquet'")
    published = {(row.iso_o, row.iso_d): row.distcap for row in rows.itertuples()}
    places = {iso3: CEPII_CODES.get(iso3, iso3) for iso3 in ISO3S if iso3 not in HISTORIC}
    both = [iso3 for iso3, theirs in places.items() if (theirs, theirs) in published]
    theirs = np.array([[published[places[a], places[b]] for b in both] for a in both])
    apart = np.abs(distance_km(both) - theirs)
    np.fill_diagonal(apart, 0)  # theirs is the distance within a country
    far = np.median(apart, axis=1) > 25
    assert len(both) > 185
    assert {iso3 for iso3, other in zip(both, far, strict=True) if other} == set(OTHER_PLACES)
    assert apart[~far][:, ~far].max() < 60  # km; they round places and take another radius


def names_in_csv(path: Path, *columns: str, encoding: str = "utf-8") -> set[str]:
    with path.open(encoding=encoding, newline="") as stream:
        return {row[column] for row in csv.DictReader(stream) for column in columns}


def arms_register_names(shared_data: Path) -> set[str]:
    text = (shared_data / "arms" / "sipri_trade-register.csv").read_text(encoding="latin-1").splitlines()
    whole = [row for row in csv.reader(text[11:]) if len(row) == 16]
    return {name for row in whole[1:] for name in row[:2]}


def sanction_names(shared_data: Path) -> set[str]:
    lists = names_in_csv(shared_data / "sanctions" / "GSDB_V3.csv", "sanctioned_state", "sanctioning_state")
    return {name for text in lists for name in split_names(text)}


def bank_names(shared_data: Path) -> set[str]:
    return {
        name
        for file in ("wb_gdp.csv", "wb_population.csv")
        for name in names_in_csv(shared_data / "capabilities" / file, "Country Name", "Country Code")
    }


def globalisation_names(shared_data: Path) -> set[str]:
    table = pd.read_excel(shared_data / "globalisation" / "KOFGI_2024_public.xlsx", engine="calamine")
    return set(table["code"]) | set(table["country"])


def governance_names(shared_data: Path) -> set[str]:
    table = pd.read_excel(
        shared_data / "governance" / "wgidataset.xlsx", engine="calamine", sheet_name=1, header=None, skiprows=15
    )
    return set(table[0]) | set(table[1])


def trade_codes(shared_data: Path) -> set[str]:
    file = shared_data / "trade" / "baci_2000_2020.parquet"
    return set(query(f"select exporter as code from '{file}' union select importer from '{file}'")["code"])


def vote_codes(shared_data: Path) -> set[str]:
    return set(query(f"select distinct iso3 from '{shared_data}/un_votes/votes.parquet'")["iso3"])


def environment_names(shared_data: Path) -> set[str]:
    column = '"Country (official name)"'
    file = shared_data / "treaties" / "ieadb_members.parquet"
    return set(query(f"select distinct {column} as name from '{file}' where {column} is not null")["name"])


def treaty_names(shared_data: Path) -> set[str]:
    folder = shared_data / "treaties"
    files = (
        "arms_control/arms_control_ratifications.csv",
        "un_hr_treaties/un_hr_ratifications.csv",
        "wipo_treaties/wipo_ratifications.csv",
        "wto_accession/wto_members.csv",
    )
    dyads = folder / "desta" / "desta_list_of_treaties_02_03_dyads.csv"
    return {name for file in files for name in names_in_csv(folder / file, "country_name")} | names_in_csv(
        dyads, "country1", "country2", encoding="cp1252"
    )


@pytest.mark.parametrize(
    ("names", "least"),
    [
        (arms_register_names, 240), (sanction_names, 210), (bank_names, 520), (globalisation_names, 370),
        (governance_names, 400), (trade_codes, 200), (vote_codes, 195), (environment_names, 300), (treaty_names, 200),
    ],
)  # fmt: skip
def test_every_name_in_the_sources_is_known(shared_data: Path, names: Callable[[Path], set[str]], least: int):
    found = names(shared_data)
    assert len(found) >= least

    def unknown(name: str) -> bool:
        try:
            return kind_of(name) not in KINDS
        except CountryCodeError:
            return True

    assert sorted(name for name in found if unknown(name)) == []


def test_codes_of_votes_are_all_countries(shared_data: Path):
    assert vote_codes(shared_data) <= set(ISO3S)


def test_periods_know_their_days_and_years():
    period = Period(date(1955, 5, 5), date(1990, 10, 2), 260)
    assert period.covers(date(1955, 5, 5))
    assert period.covers(date(1990, 10, 2))
    assert not period.covers(date(1990, 10, 3))
    assert period.touches(1990)
    assert not period.touches(1954)
