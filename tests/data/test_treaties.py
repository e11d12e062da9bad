"""Treaties of all sources together: what counts once, where countries stand year by year, and what is not known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orrery.base.errors import DataError
from orrery.data.panel import panel_axes
from orrery.data.treaties import AREAS, CONSENT, ENDING, NOT_KNOWN, by_own_act, standing, treaty_record
from orrery.data.variables import VARIABLES, build_panel, shared_treaties, treaty_likeness
from treaty_tables import TreatyTables, acts_of, record_of, treaties_of


def levels(acts: pd.DataFrame, years: range, iso3: str, *treaties: tuple) -> list[int]:
    """Return where one country stood on the first treaty, year by year."""
    axes = panel_axes(years)
    held = standing(record_of(treaties_of(*(treaties or [("T", 1990)])), acts), axes)
    return held[:, axes.countries.index(iso3), 0].tolist()


def test_levels_follow_the_acts() -> None:
    acts = acts_of(
        ("T", "FRA", "signature", 1991),
        ("T", "FRA", "ratification", "1993-12-31"),
        ("T", "FRA", "entry into force", 1994),
        ("T", "FRA", "withdrawal", 1996),
        ("T", "FRA", "accession", 1998),
    )
    assert levels(acts, range(1989, 2000), "FRA") == [-1, 0, 1, 1, 2, 2, 2, 0, 0, 2, 2]


def test_a_signature_does_not_undo_being_a_party_and_counts_again_after_withdrawal() -> None:
    acts = acts_of(
        ("T", "FRA", "ratification", 1990),
        ("T", "FRA", "signature", 1991),
        ("T", "FRA", "withdrawal", 1992),
        ("T", "FRA", "signature", 1993),
    )
    assert levels(acts, range(1990, 1995), "FRA") == [2, 2, 0, 1, 1]


def test_within_a_year_the_days_decide_and_on_one_day_an_end_comes_last() -> None:
    left = acts_of(("T", "FRA", "withdrawal", "1991-05-01"), ("T", "FRA", "accession", "1991-06-01"))
    assert levels(left, range(1991, 1992), "FRA") == [2]
    same = acts_of(("T", "FRA", "withdrawal", "1991-05-01"), ("T", "FRA", "accession", "1991-05-01"))
    assert levels(same, range(1991, 1992), "FRA") == [0]


def test_a_treaty_exists_from_its_conclusion_until_the_year_in_which_it_ends() -> None:
    acts = acts_of(("T", "FRA", "accession", 1992))
    assert levels(acts, range(1989, 1996), "FRA", ("T", 1990, 1994)) == [-1, 0, 0, 2, 2, -1, -1]
    assert levels(acts, range(1989, 1996), "FRA", ("T", None)) == [-1, -1, -1, 2, 2, 2, 2]
    assert levels(acts_of(("T", "FRA", "accession", None)), range(1990, 1992), "FRA", ("T", None)) == [-1, -1]


@pytest.mark.parametrize(
    ("acts", "expected"),
    [
        ([("accession", None)], [-1, -1, -1, -1]),
        ([("accession", None), ("ratification", 1992)], [-1, -1, 2, 2]),
        ([("signature", None)], [-1, -1, -1, -1]),
        ([("signature", None), ("ratification", 1992)], [-1, -1, 2, 2]),
        ([("ratification", 1991), ("withdrawal", None)], [0, -1, -1, -1]),
        ([("provisional application", None)], [0, 0, 0, 0]),
    ],
)
def test_an_act_without_a_date_leaves_the_standing_open(acts: list, expected: list[int]) -> None:
    rows = [("T", "FRA", action, when) for action, when in acts]
    assert levels(acts_of(*rows), range(1990, 1994), "FRA") == expected


def test_a_country_that_ended_is_not_known_and_a_successor_begins_with_its_own_membership() -> None:
    acts = acts_of(
        ("T", "CSK", "signature", 1990), ("T", "CZE", "ratification", 1991), ("T", "SVK", "succession", "1993-05-28")
    )
    axes = panel_axes(range(1990, 1996))
    held = dict(zip(axes.countries, standing(record_of(treaties_of(("T", 1990)), acts), axes)[..., 0].T, strict=True))
    assert held["CSK"].tolist() == [-1] * 6
    assert held["CZE"].tolist() == [-1, -1, -1, 2, 2, 2]
    assert held["SVK"].tolist() == [-1, -1, -1, 2, 2, 2]
    assert held["FRA"].tolist() == [0] * 6


def test_years_after_the_sources_and_tables_of_another_shape_are_refused() -> None:
    record = record_of(treaties_of(("T", 1990)), acts_of(("T", "FRA", "accession", 1992)), last_year=2000)
    with pytest.raises(DataError, match="2001 came; the sources of treaties end in 2000"):
        standing(record, panel_axes([2001]))
    with pytest.raises(DataError, match="`actions` lacks the columns year"):
        standing(record_of(record.treaties, record.actions.drop(columns="year")), panel_axes([2000]))
    with pytest.raises(DataError, match="has the act 'applause'"):
        standing(record_of(record.treaties, acts_of(("T", "FRA", "applause", 1992))), panel_axes([2000]))


def plainly(acts: list[tuple[str, int]], year: int) -> int:
    """Return the level at the end of a year, act by act, the slow way: dated by year, ends last within a year."""
    level = 0
    for when in range(1990, year + 1):
        of_year = [action for action, acted in acts if acted == when]
        if any(action in CONSENT for action in of_year):
            level = 2
        elif "signature" in of_year:
            level = max(level, 1)
        if any(action in ENDING for action in of_year):
            level = 0
    return level


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["FRA", "MEX"]),
            st.sampled_from(["signature", *CONSENT, *ENDING, "provisional application"]),
            st.integers(1990, 1996),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_standing_is_what_the_acts_give_one_by_one(rows: list[tuple[str, str, int]]) -> None:
    axes = panel_axes(range(1990, 1998))
    record = record_of(treaties_of(("T", 1990)), acts_of(*[("T", *row) for row in rows]))
    held = standing(record, axes)
    for iso3 in ("FRA", "MEX"):
        own = [(action, year) for who, action, year in rows if who == iso3]
        expected = [plainly(own, year) for year in axes.years]
        assert held[:, axes.countries.index(iso3), 0].tolist() == expected


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["signature", *CONSENT, *ENDING]), st.integers(1990, 1999)), min_size=1, max_size=8
    ),
    st.integers(1990, 1999),
)
def test_what_comes_later_does_not_change_what_was(rows: list[tuple[str, int]], year: int) -> None:
    record = record_of(treaties_of(("T", 1985), ("U", 1995)), acts_of(*[("T", "FRA", *row) for row in rows]))
    axes = panel_axes(range(1985, year + 1))
    then = record.until(year)
    assert then.last_year == year
    known = record.treaties["treaty"].isin(then.treaties["treaty"]).to_numpy(bool)
    np.testing.assert_array_equal(standing(then, axes), standing(record, axes)[..., known])
    assert (standing(record, axes)[..., ~known] == NOT_KNOWN).all()


def test_the_record_of_several_areas_holds_each_treaty_once() -> None:
    tables = TreatyTables(
        environment=(treaties_of(("3149", 1993), ("7", 1990)), acts_of(("3149", "FRA", "ratification", 1995))),
        arms_control=(
            treaties_of(("cwc", 1993), area="arms control"),
            acts_of(("cwc", "FRA", "ratification", 1995)),
        ),
    )
    record = treaty_record(tables, ["environment", "arms control"])
    assert record.treaties["treaty"].tolist() == ["environment:7", "arms_control:cwc"]
    assert record.actions["treaty"].tolist() == ["arms_control:cwc"]
    assert by_own_act(record).treaties["treaty"].tolist() == ["arms_control:cwc"]
    assert set(treaty_record(tables).treaties["area"]) == set(AREAS)
    for areas in ([], ["sea"], ["environment", "environment"]):
        with pytest.raises(DataError, match="give one or more of human rights, arms control"):
            treaty_record(tables, areas)


def test_only_multilateral_treaties_with_acts_of_countries_own_are_kept() -> None:
    treaties = pd.concat(
        [
            treaties_of(("kept", 1990)),
            treaties_of(("tacit", 1990), tacit=True),
            treaties_of(("pair", 1990), parties="bilateral"),
            treaties_of(("empty", 1990)),
        ],
        ignore_index=True,
    )
    acts = acts_of(*[(name, "FRA", "accession", 1992) for name in ("kept", "tacit", "pair")])
    kept = by_own_act(record_of(treaties, acts))
    assert kept.treaties["treaty"].tolist() == kept.actions["treaty"].tolist() == ["kept"]


def store_of_three() -> TreatyTables:
    """FRA, DEU and MEX: all bound by `all`, FRA and DEU by `two`, MEX by `one`; nobody knows when KAZ joined `open`."""
    acts = acts_of(
        *[("all", iso3, "accession", 2000) for iso3 in ("FRA", "DEU", "MEX")],
        *[("two", iso3, "ratification", 2001) for iso3 in ("FRA", "DEU")],
        ("one", "MEX", "accession", 2001),
        ("one", "FRA", "signature", 2001),
        ("open", "KAZ", "accession", None),
        ("open", "FRA", "accession", 2000),
    )
    return TreatyTables(environment=(treaties_of(("all", 1999), ("two", 1999), ("one", 1999), ("open", 1999)), acts))


def test_shared_treaties_count_and_likeness_weighs_by_rarity() -> None:
    axes = panel_axes([1999, 2000, 2001])
    place = {iso3: axes.countries.index(iso3) for iso3 in ("FRA", "DEU", "MEX", "KAZ")}
    shared, alike = shared_treaties(store_of_three(), axes), treaty_likeness(store_of_three(), axes)
    assert shared[2][place["FRA"], place["DEU"]] == 2
    assert shared[2][place["FRA"], place["MEX"]] == 1
    assert [shared[year][place["FRA"], place["FRA"]] for year in range(3)] == [0, 1, 2]  # `open` is left out
    assert shared[2][place["KAZ"], place["FRA"]] == 0
    n = np.sum(~np.isnan(np.diag(shared[2])))
    everyone, pair = np.log(n / 3), np.log(n / 2)
    expected = everyone**2 / (np.hypot(everyone, pair) * np.hypot(everyone, np.log(n)))
    assert alike[2][place["FRA"], place["MEX"]] == pytest.approx(expected, rel=1e-5)
    assert alike[2][place["FRA"], place["DEU"]] == pytest.approx(1, rel=1e-5)
    np.testing.assert_array_equal(shared, shared.transpose(0, 2, 1))
    assert np.nanmin(alike) >= 0
    assert np.nanmax(alike) <= 1


def test_countries_that_ended_have_no_value_rather_than_none_shared() -> None:
    axes = panel_axes([1980])
    (shared,) = shared_treaties(
        TreatyTables(environment=(treaties_of(("T", 1970)), acts_of(("T", "FRA", "accession", 1975)))), axes
    )
    place = axes.countries.index
    assert np.isnan(shared[place("CSK")]).all()
    assert np.isnan(shared[:, place("CSK")]).all()
    assert shared[place("FRA"), place("USA")] == 0


def test_the_variables_are_on_the_panel_and_not_in_the_baseline() -> None:
    panel = build_panel(store_of_three(), years=(1999, 2025), names=("shared_treaties", "treaty_likeness"))
    assert panel.observed_until("shared_treaties") == 2025
    assert not any(VARIABLES[name].in_baseline for name in ("shared_treaties", "treaty_likeness", "openness"))
    assert VARIABLES["shared_memberships"].in_baseline


def test_the_record_of_all_sources(shared_data) -> None:
    """Counts made from the files by other means: parties to the Convention on the Rights of the Child, and Paris."""
    from orrery.data.importers import read_source
    from orrery.data.matching import match_files
    from orrery.data.sources import sources

    tables = TreatyTables()
    for key in AREAS.values():
        tables.tables |= read_source(key, match_files(sources()[key], [shared_data / "treaties"]))
    record = by_own_act(treaty_record(tables))
    assert record.treaties["treaty"].is_unique
    axes = panel_axes([1990, 2019, 2020, 2024, 2025])
    held = standing(record, axes)
    place = record.treaties["treaty"].tolist().index
    usa = axes.countries.index("USA")
    assert held[:, usa, place("environment:5046")].tolist() == [-1, 0, 0, 2, 0]  # the Paris Agreement
    assert held[:, usa, place("human_rights:crc")].tolist() == [0, 1, 1, 1, 1]
    outside = [
        iso3 for iso3, row in zip(axes.countries, held[3], strict=True) if 0 <= row[place("human_rights:crc")] < 2
    ]
    assert outside == ["TWN", "USA", "XKX"]
