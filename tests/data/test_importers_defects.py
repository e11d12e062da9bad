"""Every source refuses every kind of bad file with one clear message that says where and what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from small_files import KOF_HEADER, LIBRARY, PUBLISHED, TABLES_OF_TEXT, Small, kof_row, write_parquet, write_workbook

from orrery.base.errors import DataError, SourceFormatError
from orrery.data.importers import IMPORTERS, read_source

EACH = pytest.mark.parametrize("small", TABLES_OF_TEXT, ids=lambda small: f"{small.source}-{small.role}")
REPEATS_ALLOWED = ("unsc_vetoes", "sipri")  # several equal drafts a day, several equal deals
KEYED = [small for small in TABLES_OF_TEXT if small.source not in REPEATS_ALLOWED and small is not LIBRARY]
WITH_YEAR = [small for small in TABLES_OF_TEXT if small.year is not None and small is not PUBLISHED]
WITH_COUNTRY = [small for small in TABLES_OF_TEXT if small.country is not None]


def refused(small: Small, files: Mapping[str, Path], row: int | None = None) -> str:
    with pytest.raises(SourceFormatError) as caught:
        read_source(small.source, files)
    error = caught.value
    assert error.source == small.source
    assert str(files[small.role]) in str(error)
    assert len(error.advice) > 10
    assert error.row == row
    if row is not None:
        assert f", row {row}: " in str(error)
    return str(error)


@EACH
def test_a_sound_file_is_read(small: Small, tmp_path: Path) -> None:
    tables = read_source(small.source, small.write(tmp_path))
    for spec in IMPORTERS[small.source].tables:
        table = tables[spec.name]
        assert list(table.columns) == list(spec.columns)
        assert len(table) > 0
        assert not table.duplicated(list(spec.key)).any()


@EACH
def test_wrong_delimiter(small: Small, tmp_path: Path) -> None:
    lines = small.text().split("\n")
    spoiled = "\n".join(re.sub(r',(?=(?:[^"]*"[^"]*")*[^"]*$)', ";", line) for line in lines)
    message = refused_delimiter(small, tmp_path, spoiled)
    assert "semicolons" in message or "starts with the header" in message


def refused_delimiter(small: Small, folder: Path, text: str) -> str:
    with pytest.raises(SourceFormatError) as caught:
        read_source(small.source, small.write(folder, text))
    return str(caught.value)


@EACH
def test_wrong_encoding(small: Small, tmp_path: Path) -> None:
    files = small.write(tmp_path)
    files[small.role].write_bytes(small.text().encode("utf-16"))
    assert "UTF-16" in refused(small, files, 1)


@pytest.mark.parametrize("small", [small for small in TABLES_OF_TEXT if small.source != "sipri"], ids=lambda s: s.role)
def test_latin_1_in_a_file_that_should_be_utf_8(small: Small, tmp_path: Path) -> None:
    files = small.write(tmp_path)
    row = small.header_row + 1
    files[small.role].write_bytes(small.text().encode().replace(small.rows[0][:1].encode(), b"\xe9", 1))
    lines = files[small.role].read_bytes().split(b"\n")
    row = next(number for number, line in enumerate(lines, 1) if b"\xe9" in line)
    assert "0xe9" in refused(small, files, row)


@EACH
def test_missing_column(small: Small, tmp_path: Path) -> None:
    names = small.header.split(",")
    renamed = ",".join("other" if place == small.number else name for place, name in enumerate(names))
    message = refused(small, small.write(tmp_path, small.text(header=renamed)))
    assert f"lacks the column `{names[small.number]}" in message or names[small.number] in message


@EACH
def test_not_a_number(small: Small, tmp_path: Path) -> None:
    files = small.write(tmp_path, small.with_cell(0, small.number, "many"))
    assert "holds `many`" in refused(small, files, small.header_row + 1)


@pytest.mark.parametrize("small", WITH_COUNTRY, ids=lambda small: f"{small.source}-{small.role}")
def test_unknown_country(small: Small, tmp_path: Path) -> None:
    cells = small.rows[0].split(",")
    strange = "999" if cells[small.country or 0].isdigit() else "Ruritania"
    text = small.with_cell(0, small.country or 0, strange)
    if small is LIBRARY:
        text = text.replace("UNITED STATES", "RURITANIA")
    message = refused(small, small.write(tmp_path, text), small.header_row + 1)
    assert strange.casefold() in message.casefold()


@pytest.mark.parametrize("small", KEYED, ids=lambda small: f"{small.source}-{small.role}")
def test_a_row_that_stands_there_twice(small: Small, tmp_path: Path) -> None:
    text = small.text((*small.rows, small.rows[0]))
    message = refused(small, small.write(tmp_path, text), small.header_row + len(small.rows) + 1)
    assert "twice" in message or f"rows {small.header_row + 1}, {small.header_row + len(small.rows) + 1}" in message


@pytest.mark.parametrize("small", WITH_YEAR, ids=lambda small: small.source)
def test_year_outside_range(small: Small, tmp_path: Path) -> None:
    text = small.with_cell(0, small.year or 0, "2190")
    assert "2190" in refused(small, small.write(tmp_path, text), small.header_row + 1)


@EACH
def test_empty_file(small: Small, tmp_path: Path) -> None:
    assert "it is empty" in refused(small, small.write(tmp_path, "\n"))


@EACH
def test_header_alone(small: Small, tmp_path: Path) -> None:
    text = "\n".join([*([small.preamble] if small.preamble else []), small.header]) + "\n"
    assert "no rows" in refused(small, small.write(tmp_path, text))


@EACH
@pytest.mark.parametrize("start", ["<!DOCTYPE html>\n<html>", "\n <HTML><body>404", '<?xml version="1.0"?><Error>'])
def test_web_page_saved_under_the_name(small: Small, start: str, tmp_path: Path) -> None:
    assert "web page" in refused(small, small.write(tmp_path, start))


@EACH
def test_file_cut_short(small: Small, tmp_path: Path) -> None:
    text = small.text()
    cut = text[: text.rindex(",", 0, len(text) - len(small.rows[-1]) // 2)]
    assert "cut short" in refused(small, small.write(tmp_path, cut), small.header_row + len(small.rows))


@EACH
def test_file_that_is_not_there(small: Small, tmp_path: Path) -> None:
    assert "cannot be opened" in refused(small, {small.role: tmp_path / "nothing.csv"})


def test_parquet_cut_short(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "cow_nmc.parquet", "SELECT 2 AS ccode, 2015 AS year")
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(SourceFormatError, match="cut short"):
        read_source("nmc", {"country_years": path})


def test_parquet_that_is_a_web_page(tmp_path: Path) -> None:
    path = tmp_path / "cow_nmc.parquet"
    path.write_text("<html>404</html>")
    with pytest.raises(SourceFormatError, match="web page"):
        read_source("nmc", {"country_years": path})


def test_parquet_with_a_row_that_is_wrong(tmp_path: Path) -> None:
    select = "SELECT unnest(['CHN', 'XXX']) AS exporter, 'USA' AS importer, 2020 AS year, 1.5 AS value_kusd"
    path = write_parquet(tmp_path / "baci.parquet", select)
    with pytest.raises(SourceFormatError, match="XXX") as caught:
        read_source("baci", {"flows": path})
    assert caught.value.row == 2


def kof_workbook(path: Path, rows: list[str]) -> Path:
    cells = [[float(cell) if re.fullmatch(r"[\d.]+", cell) else cell for cell in row.split(",")] for row in rows]
    return write_workbook(path, {"Sheet1": [KOF_HEADER.split(","), *cells]})


def test_workbook(tmp_path: Path) -> None:
    rows = [kof_row("ROM", "Romania", 2020), kof_row("WLD", "World", 2020), kof_row("ABW", "Aruba", 2020)]
    tables = read_source("kof", {"indices": kof_workbook(tmp_path / "kof.xlsx", rows)})
    assert tables["globalisation"]["iso3"].tolist() == ["ROU", "ABW"]
    assert tables["globalisation"]["is_country"].tolist() == [True, False]
    assert tables["globalisation_regions"]["code"].tolist() == ["WLD"]
    assert tables["globalisation"].loc[0, "political_de_jure"] == 52.6


@pytest.mark.parametrize(
    ("rows", "row", "match"),
    [
        (["XXX,Nowhere,2020" + ",1" * 27], 2, "XXX"),
        ([kof_row("ROM", "Romania", 2020), kof_row("ROU", "Romania", 2020)], 3, "rows 2, 3"),
        ([kof_row("ROM", "Romania", 1960)], 2, "1960"),
        (["ROM,Romania,2020" + ",many" * 27], 2, "many"),
    ],
)
def test_workbook_with_a_row_that_is_wrong(tmp_path: Path, rows: list[str], row: int, match: str) -> None:
    with pytest.raises(SourceFormatError, match=match) as caught:
        read_source("kof", {"indices": kof_workbook(tmp_path / "kof.xlsx", rows)})
    assert caught.value.row == row


def test_workbook_cut_short(tmp_path: Path) -> None:
    path = kof_workbook(tmp_path / "kof.xlsx", [kof_row("ROM", "Romania", 2020)])
    path.write_bytes(path.read_bytes()[:-60])
    with pytest.raises(SourceFormatError, match="cut short"):
        read_source("kof", {"indices": path})


def test_workbook_without_its_worksheet(tmp_path: Path) -> None:
    path = kof_workbook(tmp_path / "wgi.xlsx", [kof_row("ROM", "Romania", 2020)])
    with pytest.raises(SourceFormatError, match="no worksheet `VoiceandAccountability`"):
        read_source("wgi", {"workbook": path})


def test_files_of_no_layout(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="`votes` and `roll_calls` or `published` or `published_to_2015` or `library`"):
        read_source("un_votes", {"votes": tmp_path / "votes.parquet"})


def test_no_such_source() -> None:
    with pytest.raises(DataError, match="Did you mean `sipri`"):
        read_source("sipry", {})
