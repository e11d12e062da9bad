"""What each official layout holds that the others do not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_files import (
    LIBRARY,
    PUBLISHED,
    SIPRI_HEADER,
    SIPRI_PREAMBLE,
    SMALL,
    library_row,
    write_parquet,
    write_workbook,
)

from orrery.base.errors import DataError, SourceFormatError
from orrery.data.importers import read_source
from orrery.data.importers.sipri import _transfers
from orrery.data.opening import Column, Layout
from orrery.data.sources import source, sources
from orrery.data.tabular import read


def test_every_source_is_registered_once() -> None:
    from orrery.data.importers import IMPORTERS

    assert set(IMPORTERS) == set(sources())
    for key, importer in IMPORTERS.items():
        assert tuple(spec.name for spec in importer.tables) == source(key).tables
        roles = {file.role for file in source(key).files}
        for spec in importer.tables:
            assert set(spec.rows_from) <= roles
            assert set(spec.key) <= set(spec.columns)
    names = [name for listed in sources().values() for name in listed.tables]
    assert len(names) == len(set(names))


def test_published_votes(tmp_path: Path) -> None:
    tables = read_source("un_votes", PUBLISHED.write(tmp_path))
    votes = tables["votes"]
    assert votes["rcid"].tolist() == ["uv3", "uv3", "uv3", "uv4"]  # 705 was no country in 1946
    assert votes["iso3"].tolist() == ["USA", "CAN", "AFG", "USA"]
    assert votes["vote"].tolist() == ["yes", "no", "absent", "abstain"]
    assert any("1 rows `not a member`" in text for text in votes.attrs["notes"])
    first, second = (tables["roll_calls"].loc[place] for place in (0, 1))
    assert (first["session"], first["symbol"], first["title"]) == ("1", "R/1/66", "AMENDMENTS")
    assert (first["amendment"], first["paragraph"], first["important"]) == (True, False, False)
    assert second["important"] is pd.NA
    assert second["palestinian_conflict"]
    assert second["date"] == pd.Timestamp(1946, 1, 2)


def test_published_rows_of_a_roll_call_must_agree(tmp_path: Path) -> None:
    text = PUBLISHED.with_cell(1, 13, "R/1/67")
    with pytest.raises(SourceFormatError, match="in row 2 it is R/1/66") as caught:
        read_source("un_votes", PUBLISHED.write(tmp_path, text))
    assert caught.value.row == 3


def test_library_votes(tmp_path: Path) -> None:
    votes = read_source("un_votes", LIBRARY.write(tmp_path))["votes"].set_index("iso3")["vote"]
    assert votes.to_dict() == {"USA": "yes", "RUS": "no", "KAZ": "abstain", "TGO": "absent"}


def test_library_repeats_of_75_290_a(tmp_path: Path) -> None:
    rows = [
        library_row(9, code, name, "Y", "2021-06-25", "A/RES/75/290 A") for code, name in [("KAZ", "K"), ("USA", "U")]
    ]
    twice = replace(LIBRARY, rows=(*rows, *rows))
    votes = read_source("un_votes", twice.write(tmp_path))["votes"]
    assert len(votes) == 2
    assert votes.attrs["notes"] == ("2 rows left out that repeat another: A/RES/75/290 A",)
    other = replace(LIBRARY, rows=(*rows, rows[0].replace(",Y,", ",N,")))
    with pytest.raises(SourceFormatError, match="rows 2, 4") as caught:
        read_source("un_votes", other.write(tmp_path))
    assert caught.value.row == 4


@pytest.mark.parametrize(
    ("code", "name", "day", "iso3"),
    [
        ("CHN", "CHINA", "1971-10-24", "TWN"),
        ("CHN", "CHINA", "1971-10-25", "CHN"),
        ("YEM", "YEMEN", "1970-01-01", "YAR"),
        ("YUG", "YUGOSLAVIA", "1991-12-01", "YUG"),
        ("YUG", "YUGOSLAVIA", "2001-12-01", "SRB"),
        ("SUN", "USSR", "1980-12-01", "RUS"),
    ],
)
def test_library_seats_that_passed(tmp_path: Path, code: str, name: str, day: str, iso3: str) -> None:
    small = replace(LIBRARY, rows=(library_row(1, code, name, "Y", day),))
    assert read_source("un_votes", small.write(tmp_path))["votes"]["iso3"].tolist() == [iso3]


def test_joined_votes_need_their_roll_call(tmp_path: Path) -> None:
    issues = ", ".join(f"0.0 AS {issue}" for issue in ("me", "nu", "di", "hr", "co", "ec"))
    calls = (
        "SELECT 'uv1' AS rcid, '1' AS session, TIMESTAMP '1946-01-01' AS date, 'R/1/1' AS symbol, 'T' AS title, "
        f"0.0 AS importantvote, NULL::DOUBLE AS amend, 1.0 AS para, 'x' AS source, {issues}"
    )
    files = {
        "roll_calls": write_parquet(tmp_path / "roll_calls.parquet", calls),
        "votes": write_parquet(
            tmp_path / "votes.parquet", "SELECT unnest(['uv1', 'uv2']) AS rcid, 'USA' AS iso3, 1 AS vote"
        ),
    }
    with pytest.raises(SourceFormatError, match=r"`uv2` is no roll call of roll_calls\.parquet") as caught:
        read_source("un_votes", files)
    assert caught.value.row == 2


def test_world_bank_download_with_years_as_columns(tmp_path: Path) -> None:
    text = (
        '\ufeff"Data Source","World Development Indicators",\n\n"Last Updated Date","2024-12-16",\n\n'
        '"Country Name","Country Code","Indicator Name","Indicator Code","1960","1961",\n'
        '"Kazakhstan","KAZ","GDP","NY.GDP.MKTP.CD","","12.5",\n"World","WLD","GDP","NY.GDP.MKTP.CD","1","2",\n'
    )
    path = tmp_path / "API_NY.GDP.MKTP.CD_DS2.csv"
    path.write_text(text, encoding="utf-8")
    gdp = read_source("wb_gdp", {"values": path})["gdp"]
    assert gdp.to_dict("records") == [{"iso3": "KAZ", "year": 1961, "gdp_usd": 12.5}]
    assert gdp.attrs["notes"] == ("1 sums over countries left out: WLD",)


def test_trade_listed_once_or_both_ways(tmp_path: Path) -> None:
    once = read_source("cow_trade", SMALL["cow_trade"].write(tmp_path))["trade_cow"]
    rows = [row.split(",") for row in SMALL["cow_trade"].rows]
    swapped = [",".join([b, a, year, x, y, flow2, flow1]) for a, b, year, x, y, flow1, flow2 in rows]
    both_ways = replace(SMALL["cow_trade"], rows=(*SMALL["cow_trade"].rows, *swapped))
    both = read_source("cow_trade", both_ways.write(tmp_path))["trade_cow"]
    keys = ["exporter", "importer", "year"]
    pd.testing.assert_frame_equal(
        once.sort_values(keys, ignore_index=True), both.sort_values(keys, ignore_index=True), check_like=True
    )
    assert once.set_index(keys).loc[("CAN", "USA", 2010), "value_musd"] == 280_000  # flow1: imports of the first
    assert len(once) == 5


def test_igo_tables(tmp_path: Path) -> None:
    codes = "unnest([1, 3, -9, 0]) AS un, unnest([2, -1, 0, 1]) AS nato"
    files = {
        "country_years": write_parquet(
            tmp_path / "c.parquet", f"SELECT unnest([2, 20, 705, 710]) AS ccode, 2010 AS year, 'x' AS state, {codes}"
        ),
        "body_years": write_parquet(
            tmp_path / "b.parquet",
            "SELECT unnest(['UN', 'NATO']) AS ioname, 'n' AS orgname, 2010 AS year, 'n' AS longorgname, "
            "1945 AS sdate, NULL::INT AS deaddate, 1 AS political, 0 AS social, 0 AS economic, 0 AS imputed",
        ),
    }
    tables = read_source("cow_igo", files)
    rows = sorted(tables["igo_memberships"].itertuples(index=False, name=None))
    assert rows == [
        ("NATO", "CHN", 2010, "full"),
        ("NATO", "USA", 2010, "associate"),
        ("UN", "CAN", 2010, "observer"),
        ("UN", "USA", 2010, "full"),
    ]
    bodies = tables["igo_bodies"].set_index("body")
    assert bodies["members"].to_dict() == {"UN": 1, "NATO": 1}
    assert bodies["not_known"].to_dict() == {"UN": 1, "NATO": 0}
    files["country_years"] = write_parquet(
        tmp_path / "d.parquet", "SELECT 2 AS ccode, 2010 AS year, 'x' AS state, 7 AS un"
    )
    with pytest.raises(SourceFormatError, match="holds 7") as caught:
        read_source("cow_igo", files)
    assert caught.value.row == 1


def test_governance_header_that_is_repeated(tmp_path: Path) -> None:
    labels = ["Country/Territory", "Code", *["Estimate", "StdErr", "NumSrc", "Rank", "Lower", "Upper"] * 2]
    years = ["", "", *[1996] * 6, *[1998] * 6]
    rows = [["Voice"], labels, years, labels, ["Andorra", "ADO", 1.5, 0.3, 3, 98.5, 81, 100, *["#N/A"] * 6]]
    names = (
        "VoiceandAccountability",
        "Political StabilityNoViolence",
        "GovernmentEffectiveness",
        "RegulatoryQuality",
        "RuleofLaw",
        "ControlofCorruption",
    )
    path = write_workbook(tmp_path / "wgidataset.xlsx", dict.fromkeys(names, rows))
    governance = read_source("wgi", {"workbook": path})["governance"]
    assert len(governance) == 6
    assert governance.loc[0].to_dict() == {
        "iso3": "AND",
        "year": 1996,
        "indicator": "voice_and_accountability",
        "estimate": 1.5,
        "standard_error": 0.3,
        "n_sources": 3.0,
        "rank": 98.5,
        "lower": 81.0,
        "upper": 100.0,
    }


BROKEN = "Thailand,Ukraine,2008,,14,,BTR-3,APC,13,?,2010; 2012,New,a comment\n,0.25,3.5,3.25"


def test_broken_line_is_put_together(tmp_path: Path) -> None:
    small = replace(SMALL["sipri"], rows=(BROKEN, *SMALL["sipri"].rows))
    tables = read_source("sipri", small.write(tmp_path))
    deal = tables["arms_register"].iloc[0]
    assert (deal["comments"], deal["delivered_tiv"], deal["delivered_uncertain"]) == ("a comment", 3.25, True)
    assert "rows 13 and 14 put together" in tables["arms_register"].attrs["notes"][0]
    transfers = tables["arms_transfers"].set_index(["recipient", "year"])["tiv"]
    assert transfers["THA", 2010] == transfers["THA", 2012] == 1.625
    assert transfers["IND", 2005] == 620 + 2  # the Soviet Union and Russia are one seat


def test_another_broken_line_is_refused(tmp_path: Path) -> None:
    small = replace(SMALL["sipri"], rows=(SMALL["sipri"].rows[0], BROKEN.replace("Thailand", "Togo")))
    with pytest.raises(SourceFormatError, match="a line is broken") as caught:
        read_source("sipri", small.write(tmp_path))
    assert caught.value.row == 14


def test_a_broken_line_that_the_producer_mended(tmp_path: Path) -> None:
    small = replace(SMALL["sipri"], rows=(BROKEN.replace("\n", ""),))
    with pytest.raises(DataError, match="seems to have mended it"):
        read_source("sipri", small.write(tmp_path))


def test_parties_that_are_no_countries_stay_in_the_register(tmp_path: Path) -> None:
    tables = read_source("sipri", SMALL["sipri"].write(tmp_path))
    assert tables["arms_register"]["recipient_kind"].tolist() == ["country", "group", "country"]
    assert tables["arms_register"]["recipient"].isna().tolist() == [False, True, False]
    assert "IRN" not in set(tables["arms_transfers"]["supplier"])
    assert "1 deals worth 1.0 million TIV" in tables["arms_transfers"].attrs["notes"][-1]


def test_later_name_of_the_column_of_deliveries(tmp_path: Path) -> None:
    header = SIPRI_HEADER.replace("Number delivered", "Deliveries in the Year Range")
    small = replace(
        SMALL["sipri"], header=header, preamble=SIPRI_PREAMBLE.replace("note 8\n", "").replace("\nnote 8", "")
    )
    assert read_source("sipri", small.write(tmp_path))["arms_register"]["delivered"].tolist() == [310, 10, 2]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["USA", "RUS", None]),
            st.sampled_from(["IND", "KAZ"]),
            st.lists(st.integers(1950, 2024), min_size=1, max_size=6, unique=True),
            st.floats(0, 1e4),
        ),
        min_size=1,
    )
)
def test_spreading_deliveries_keeps_the_total(deals: list[tuple[str | None, str, list[int], float]]) -> None:
    register = pd.DataFrame(
        {
            "supplier": pd.Series([deal[0] for deal in deals], dtype="str"),
            "recipient": [deal[1] for deal in deals],
            "delivery_years": ["; ".join(map(str, deal[2])) for deal in deals],
            "delivered_tiv": [deal[3] for deal in deals],
        }
    ).rename_axis("row")
    transfers = _transfers(register)
    assert transfers["tiv"].sum() == pytest.approx(sum(value for supplier, _, _, value in deals if supplier))
    assert not transfers.duplicated(["supplier", "recipient", "year"]).any()


def test_rows_are_counted_where_cells_hold_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "cells.csv"
    path.write_text('name,value\n"two\nlines",1\nplain,2\n\nlast,3\n')
    frame = read(Layout("any", {"name": Column("name"), "value": Column("value", kind="whole")}), path)
    assert frame.index.tolist() == [2, 4, 6]
    assert frame["value"].dtype == "int64"


@given(st.lists(st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)), min_size=1, max_size=20))
def test_numbers_come_back_as_written(tmp_path_factory: pytest.TempPathFactory, values: list[float | None]) -> None:
    path = tmp_path_factory.mktemp("numbers") / "numbers.csv"
    path.write_text("name,value\n" + "".join(f"x,{'' if value is None else repr(value)}\n" for value in values))
    layout = Layout("any", {"name": Column("name"), "value": Column("value", kind="number", blank=True)})
    read_back = read(layout, path)["value"]
    assert [None if pd.isna(value) else value for value in read_back] == values


def ieadb_files(folder: Path, members: list[tuple[object, ...]]) -> dict[str, Path]:
    """Write two agreements and the given member rows: agreement, country, act, year, month, day, incomplete date."""
    rows = ", ".join(f"({', '.join('NULL' if cell is None else repr(str(cell)) for cell in row)})" for row in members)
    names = (
        '"Mitch ID", "Country (official name)", "Action Type", "Year", "Month", "Day", "field_date_incomplete_value"'
    )
    agreements = (
        "('1', 'First', 'Convention', 'Multilateral (3 or more governments)', 'Nuclear', '1990-02-03', '1992-05-06', "
        "'1111-11-11'), ('2', 'Second', 'Amendment', 'National legislation', NULL, '1111-11-11', '1111-11-11', NULL)"
    )
    columns = (
        '"IEA#", "Agreement Name", "Agreement Type Level 3", '
        '"Membership eligibility (multilateral, bilateral, etc)", "Issue area (subject)", '
        '"Date IEA was concluded", "Date IEA entered into force", "Term Date"'
    )
    return {
        "members": write_parquet(folder / "members.parquet", f"FROM (VALUES {rows}) AS t({names})"),
        "agreements": write_parquet(folder / "agreements.parquet", f"FROM (VALUES {agreements}) AS t({columns})"),
    }


TACIT = "Entry Into Force (Tacit Acceptance)"


def test_environmental_agreements(tmp_path: Path) -> None:
    files = ieadb_files(
        tmp_path,
        [
            ("1", "Mexico", "Withdrawal 2", 2010, 1, 1, None),
            ("1", "Mexico", "Signature", 1990, 2, 3, None),
            ("1", "Mexico", "Ratification", 1991, 4, 5, None),
            ("1", "Mexico", "Deposit (ratification)", 1991, 4, 5, None),
            ("1", "Mexico", "Withdrawal", 2000, 1, 1, "2000-**-**"),
            ("1", "Mexico", "Entry Into Force 2", 2005, 1, 0, None),
            ("1", "Kazakhstan", "Adherence", 1111, 11, 11, None),
            ("1", "Kazakhstan", "Notification", 1999, 1, 1, None),
            ("1", "European Union", "Signature", 1990, 2, 3, None),
            (
                "2",
                "Mexico",
                f"{TACIT}; Status based on pre-amendment agreement action of Entry into force 2",
                1999,
                1,
                1,
                None,
            ),
        ],
    )
    tables = read_source("ieadb", files)
    acts = tables["treaty_actions_environment"]
    rows = acts[["treaty", "iso3", "action", "sequence", "year"]].astype(object).where(lambda cell: cell.notna(), None)
    assert list(rows.itertuples(index=False, name=None)) == [
        ("1", "KAZ", "accession", 1, None),
        ("1", "MEX", "signature", 1, 1990),
        ("1", "MEX", "ratification", 1, 1991),
        ("1", "MEX", "withdrawal", 1, 2000),
        ("1", "MEX", "entry into force", 1, 2005),
        ("1", "MEX", "withdrawal", 2, 2010),
        ("2", "MEX", "tacit acceptance", 1, 1999),
    ]
    dated = acts.set_index(["action", "sequence"])["date"]
    assert dated["withdrawal", 1] is pd.NaT  # month and day are not known
    assert dated["withdrawal", 2] == pd.Timestamp(2010, 1, 1)
    notes = acts.attrs["notes"]
    assert [note[:2] for note in notes] == ["ro", "1 ", "1 ", "1 "]
    assert "1 of kind organisation" in notes[0]
    treaties = tables["treaties_environment"].set_index("treaty")
    assert treaties["parties"].to_dict() == {"1": "multilateral", "2": "other"}
    assert treaties["tacit"].to_dict() == {"1": False, "2": True}
    assert treaties.loc["1", ["concluded", "in_force"]].tolist() == [1990, 1992]
    assert treaties["ended"].isna().all()
    assert treaties["open_to_all"].isna().all()


@pytest.mark.parametrize(
    ("row", "match"),
    [
        (("1", "Mexico", "Rejoicing", 1990, 2, 3, None), "`Rejoicing`, which is none of the known acts"),
        (("1", "Ruritania", "Signature", 1990, 2, 3, None), "Ruritania"),
        (("9", "Mexico", "Signature", 1990, 2, 3, None), "agreement 9 is not in the file of agreements"),
        (("1", "Mexico", "Signature", 1990, 2, 31, None), "1990-02-31 is no day"),
        (("1", "Mexico", "Accession", 1990, 2, 3, None), "stands in rows 1, 2; the same act may stand there once"),
        (("1", "Mexico", "Signature", 2190, 2, 3, None), "2190"),
        (("1", "Mexico", "Signature", "many", 2, 3, None), "holds `many`"),
    ],
)
def test_environmental_agreements_with_a_row_that_is_wrong(tmp_path: Path, row: tuple, match: str) -> None:
    files = ieadb_files(tmp_path, [("1", "Mexico", "Accession", 1990, 2, 3, None), row])
    with pytest.raises(SourceFormatError, match=match) as caught:
        read_source("ieadb", files)
    assert caught.value.row == 2
    assert str(files["members"]) in str(caught.value)


def test_lists_of_participants_give_one_row_per_act(tmp_path: Path) -> None:
    tables = read_source("untc_human_rights", SMALL["untc_human_rights"].write(tmp_path))
    acts = tables["treaty_actions_human_rights"]
    assert list(zip(acts["treaty"], acts["iso3"], acts["action"], acts["year"], strict=True)) == [
        ("first", "KAZ", "signature", 1999),
        ("first", "KAZ", "ratification", 2001),
        ("first", "MEX", "accession", 2003),
        ("second", "KAZ", "signature", 2005),
    ]
    assert acts.attrs["notes"] == ("rows of other than countries left out: 1 of kind territory",)
    treaties = tables["treaties_human_rights"]
    assert treaties["treaty"].tolist() == ["first", "second"]
    assert treaties["concluded"].tolist() == [1999, 2005]
    assert not treaties["withdrawals_recorded"].any()


def test_a_participant_may_have_a_day_of_entry_into_force_alone(tmp_path: Path) -> None:
    tables = read_source("wipo", SMALL["wipo"].write(tmp_path))
    acts = tables["treaty_actions_intellectual_property"]
    assert acts.loc[acts["treaty"] == "second", ["iso3", "action", "year"]].to_numpy().tolist() == [
        ["FRA", "entry into force", 1891]
    ]
    treaties = tables["treaties_intellectual_property"].set_index("treaty")
    assert treaties["in_force"].to_dict() == {"first": 1974, "second": 1891}


@pytest.mark.parametrize(
    ("column", "entry", "match"),
    [
        (3, "", "an act without its date, or a date without its act"),
        (4, "", "an act without its date, or a date without its act"),
        (3, "Applause", "none of Ratification, Accession, Succession"),
    ],
)
def test_a_list_of_participants_with_a_row_that_is_wrong(tmp_path: Path, column: int, entry: str, match: str) -> None:
    small = SMALL["untc_human_rights"]
    with pytest.raises(SourceFormatError, match=match) as caught:
        read_source(small.source, small.write(tmp_path, small.with_cell(0, column, entry)))
    assert caught.value.row == 2


def test_a_participant_without_any_date_is_refused(tmp_path: Path) -> None:
    small = SMALL["untc_human_rights"]
    with pytest.raises(SourceFormatError, match="no date of any act") as caught:
        read_source(small.source, small.write(tmp_path, small.with_cell(3, 5, "")))
    assert caught.value.row == 5
