"""Corrections say why, are applied where they fit, and fail where the producer has changed the row."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from pydantic import ValidationError

from orrery.base.errors import DataError
from orrery.data.corrections import Correction, correct, corrections
from orrery.data.importers import IMPORTERS
from orrery.data.sources import sources


def entry(**changes: object) -> Correction:
    given = {
        "source": "wb_gdp",
        "table": "gdp",
        "match": {"iso3": "KAZ", "year": 2020},
        "expect": {"gdp_usd": 1.0},
        "set": {"gdp_usd": 171.0},
        "reason": "a slip of the decimal point",
        "reference": "the printed table",
    }
    return Correction.model_validate({name: value for name, value in {**given, **changes}.items() if value is not None})


def gdp() -> pd.DataFrame:
    frame = pd.DataFrame({"iso3": ["KAZ", "KAZ", "USA"], "year": [2020, 2021, 2020], "gdp_usd": [1.0, 197.0, 21000.0]})
    return frame.set_axis([2, 3, 4]).rename_axis("row")


def applied(*entries: Correction, roles: frozenset[str] = frozenset({"values"})) -> pd.DataFrame:
    return correct("wb_gdp", {"gdp": gdp()}, roles, entries)["gdp"]


def test_a_cell_is_set_and_the_reason_noted() -> None:
    table = applied(entry())
    assert table["gdp_usd"].tolist() == [171.0, 197.0, 21000.0]
    assert table.index.tolist() == [2, 3, 4]
    (note,) = table.attrs["notes"]
    assert "corrected 1" in note
    assert "a slip of the decimal point" in note


def test_a_row_is_dropped() -> None:
    table = applied(entry(set=None, action="drop"))
    assert table.index.tolist() == [3, 4]
    assert "dropped 1" in table.attrs["notes"][0]


def test_the_producer_has_fixed_it() -> None:
    with pytest.raises(DataError, match=r"`gdp_usd` is 1\.0, expected was 2\.0.*producer seems to have changed it"):
        applied(entry(expect={"gdp_usd": 2.0}))


def test_a_missing_value_is_expected() -> None:
    table = gdp()
    table.loc[2, "gdp_usd"] = float("nan")
    corrected = correct("wb_gdp", {"gdp": table}, frozenset({"values"}), (entry(expect={"gdp_usd": ""}),))["gdp"]
    assert corrected.loc[2, "gdp_usd"] == 171.0
    with pytest.raises(DataError, match="expected was nothing"):
        applied(entry(expect={"gdp_usd": ""}))


def test_a_row_that_is_not_there_needs_nothing() -> None:
    table = applied(entry(match={"iso3": "KAZ", "year": 1990}))
    pd.testing.assert_frame_equal(table, gdp())
    assert "notes" not in table.attrs


@pytest.mark.parametrize("changes", [{"source": "wb_population"}, {"role": "other"}])
def test_entries_of_other_sources_and_files_are_passed_over(changes: dict[str, object]) -> None:
    pd.testing.assert_frame_equal(applied(entry(**changes)), gdp())


@pytest.mark.parametrize(
    ("changes", "match"),
    [({"table": "output"}, "no such table, only gdp"), ({"set": {"gdp": 1.0}}, "no column gdp")],
)
def test_an_entry_that_names_what_is_not_there(changes: dict[str, object], match: str) -> None:
    with pytest.raises(DataError, match=match):
        applied(entry(**changes))


@pytest.mark.parametrize("changes", [{"set": None}, {"action": "drop"}, {"reason": ""}, {"match": {}}, {"why": "?"}])
def test_an_entry_must_be_complete(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        entry(**changes)


def test_dates_and_texts_are_set_in_their_columns() -> None:
    table = pd.DataFrame({"rcid": ["uv1"], "date": pd.to_datetime([None]).astype("datetime64[us]"), "symbol": [None]})
    fix = entry(
        source="un_votes",
        table="roll_calls",
        match={"rcid": "uv1"},
        expect={"date": "", "symbol": ""},
        set={"date": date(2006, 5, 8), "symbol": "R/60/260"},
    )
    fixed = correct("un_votes", {"roll_calls": table.astype({"symbol": "str"})}, frozenset(), (fix,))["roll_calls"]
    assert fixed.loc[0, "date"] == pd.Timestamp(2006, 5, 8)
    assert fixed.loc[0, "symbol"] == "R/60/260"
    assert fixed["date"].dtype == "datetime64[us]"


def test_the_file_of_corrections_names_what_exists() -> None:
    listed = corrections()
    for one in listed.correction:
        spec = {spec.name: spec for spec in IMPORTERS[one.source].tables}[one.table]
        assert {*one.match, *one.expect, *one.set} <= set(spec.columns)
    for broken in listed.broken_line:
        assert broken.role in {file.role for file in sources()[broken.source].files}
    for years in listed.code_years:
        assert set(years.sources) <= set(sources())
        assert years.first_year <= years.last_year
