from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from fake_sources import SOURCES, TOWNS, contents, fake_registry, read, with_url, write_official_files
from orrery.cli.main import main
from orrery.data import fetch, store
from orrery.data.sources import Source

LARGE = 1_234


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: object
    out: str
    err: str


Orrery = Callable[..., Ended]


@pytest.fixture
def known() -> dict[str, Source]:
    """The sources that the commands know; a test may change them."""
    return dict(SOURCES)


@pytest.fixture
def orrery(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], known: dict[str, Source]) -> Orrery:
    monkeypatch.setattr(store, "official_registry", lambda: fake_registry(sources=known))

    def run(*arguments: object) -> Ended:
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return Ended(end.value.code, printed.out, printed.err)

    return run


@pytest.fixture
def official(tmp_path: Path) -> Path:
    return write_official_files(tmp_path / "official")


def error_of(ended: Ended) -> str:
    """Return the one line that an expected error prints."""
    assert ended.code == 1
    (line,) = [line for line in ended.err.splitlines() if line.startswith("Error: ")]
    assert "Traceback" not in ended.err
    return line


# list, show, cite -----------------------------------------------------------------------------------------------


def test_list_tells_what_is_in_the_store(orrery: Orrery, official: Path) -> None:
    orrery("data", "add", "towns", official / "towns.csv")
    ended = orrery("data", "list", "--format", "json")
    assert ended.code == 0
    assert {row["source"]: row["in_store"] for row in json.loads(ended.out)} == {"towns": "yes", "rivers": "no"}


def test_list_prints_the_same_in_every_format(orrery: Orrery) -> None:
    rows = json.loads(orrery("data", "list", "--format", "json").out)
    table = orrery("data", "list").out
    read_back = list(csv.DictReader(io.StringIO(orrery("data", "list", "--format", "csv").out)))
    assert [{key: str(value) for key, value in row.items()} for row in rows] == read_back
    assert all(str(value) in table for row in rows for value in row.values())


def test_show_tells_everything_about_a_source(orrery: Orrery, official: Path) -> None:
    before = orrery("data", "show", "towns").out
    orrery("data", "add", "towns", official / "towns.csv")
    after = orrery("data", "show", "towns").out
    source = SOURCES["towns"]
    for text in (source.title, source.producer, source.citation, source.landing_page, source.licence, "towns*.csv"):
        assert text in before
    assert str(source.files[0].sha256) in before
    assert "what the towns are called" in before
    assert "as tested" not in before
    assert "VARCHAR" in after
    assert "yes, as tested" in after


def test_cite_prints_text_for_all_or_some(orrery: Orrery) -> None:
    assert orrery("data", "cite").out.splitlines() == [f"{key}: {SOURCES[key].citation}" for key in SOURCES]
    assert orrery("data", "cite", "rivers").out.splitlines() == [f"rivers: {SOURCES['rivers'].citation}"]


def test_cite_prints_bibtex(orrery: Orrery) -> None:
    entry = orrery("data", "cite", "towns", "--format", "bibtex").out
    assert entry.startswith("@misc{towns,\n")
    assert r"author = {{Bureau of Tales \& Figures}}," in entry
    assert r"howpublished = {\url{https://tales.example/towns}}," in entry
    assert entry.count("{") == entry.count("}")


@pytest.mark.parametrize("command", [("show",), ("cite",), ("pull",), ("add", "x")])
def test_an_unknown_source_is_answered_with_the_known(orrery: Orrery, command: tuple[str, ...]) -> None:
    name, *files = command
    assert "no source `hamlets`. Allowed: towns, rivers" in error_of(orrery("data", name, "hamlets", *files))


# add, pull, verify ----------------------------------------------------------------------------------------------


def test_add_stores_the_tables(orrery: Orrery, official: Path) -> None:
    ended = orrery("data", "add", "rivers", official / "lengths.csv", official / "deep" / "basins.csv")
    assert (ended.code, ended.out) == (0, "added rivers: lengths (1 rows), basins (1 rows)\n")
    assert ended.err == ""


def test_add_notes_another_version(orrery: Orrery, official: Path) -> None:
    (official / "towns.csv").write_text(TOWNS + "Urd,3\n", encoding="utf-8")
    ended = orrery("data", "add", "towns", official)
    assert ended.code == 0
    assert "another version than the one Orrery was tested with" in ended.err


def test_add_of_a_bad_file_is_one_line_and_changes_nothing(orrery: Orrery, official: Path, own_home: Path) -> None:
    orrery("data", "add", "towns", official / "towns.csv")
    before = contents(own_home)
    (official / "towns.csv").write_text("nonsense\n", encoding="utf-8")
    assert "two are needed" in error_of(orrery("data", "add", "towns", official / "towns.csv"))
    assert contents(own_home) == before


def test_add_from_a_folder_adds_what_is_there(orrery: Orrery, official: Path) -> None:
    (official / "lengths.csv").unlink()
    ended = orrery("data", "add", "--from", official)
    assert ended.code == 0
    assert ended.err.splitlines() == ["towns: added", "rivers: not found"]
    assert "towns (3 rows)" in ended.out


def test_add_from_a_folder_reports_failures_at_the_end(orrery: Orrery, official: Path) -> None:
    (official / "towns.csv").write_text("nonsense\n", encoding="utf-8")
    ended = orrery("data", "add", "--from", official)
    assert error_of(ended) == "Error: 1 of 2 sources failed (towns); the others stand"
    assert "two are needed" in ended.out
    assert orrery("sql", "SELECT km FROM lengths", "--format", "csv").out == "km\n11\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("data", "add"),
        ("data", "add", "towns"),
        ("data", "add", "towns", "x.csv", "--from", "."),
        ("data", "pull"),
        ("data", "pull", "towns", "--all"),
        ("data", "list", "--format", "xml"),
        ("sql", "SELECT 1", "--format", "parquet"),
        ("sql", "SELECT 1", "--format", "table", "--out", "x.txt"),
        ("sql", "SELECT 1", "--out", "x.txt"),
        ("data", "forget"),
    ],
)
def test_a_command_that_lacks_something_says_what(orrery: Orrery, arguments: tuple[str, ...]) -> None:
    ended = orrery(*arguments)
    assert ended.code == 2
    assert "Usage: orrery" in ended.err
    assert "Traceback" not in ended.err


@pytest.fixture
def producer(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What the producers serve, by address; `download` is replaced by reading it."""
    served: dict[str, str] = {}

    def download(url: str, destination: Path, *, sha256: str | None, progress: fetch.Progress) -> Path:
        del sha256
        destination.parent.mkdir(parents=True, exist_ok=True)
        destination.write_text(served[url], encoding="utf-8")
        progress(len(served[url]), None)
        return destination

    monkeypatch.setattr(fetch, "download", download)
    return served


def test_pull_fetches_and_adds(orrery: Orrery, known: dict[str, Source], producer: Mapping[str, str]) -> None:
    url = "https://tales.example/towns.csv"
    known["towns"] = with_url("towns", {"towns": url})
    producer |= {url: TOWNS}
    ended = orrery("data", "pull", "towns")
    assert (ended.code, ended.out, ended.err) == (0, "added towns: towns (3 rows)\n", "fetching towns.csv\n")


def test_pull_draws_a_bar_on_a_terminal(
    orrery: Orrery, known: dict[str, Source], producer: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "https://tales.example/towns.csv"
    known["towns"] = with_url("towns", {"towns": url})
    producer |= {url: TOWNS}
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    ended = orrery("data", "pull", "towns")
    assert ended.code == 0
    assert "towns.csv" in ended.err
    assert "bytes" in ended.err


def test_pull_all_names_what_is_left_to_do_by_hand(
    orrery: Orrery, known: dict[str, Source], producer: Mapping[str, str]
) -> None:
    url = "https://tales.example/towns.csv"
    known["towns"] = with_url("towns", {"towns": url})
    producer |= {url: TOWNS}
    ended = orrery("data", "pull", "--all")
    assert ended.code == 0
    assert ended.err.splitlines()[-1].endswith(": rivers")


def test_pull_goes_on_after_an_error(orrery: Orrery, known: dict[str, Source], producer: Mapping[str, str]) -> None:
    url = "https://tales.example/towns.csv"
    known["towns"] = with_url("towns", {"towns": url})
    producer |= {url: TOWNS}
    ended = orrery("data", "pull", "rivers", "towns")
    assert "`rivers` has no address" in error_of(ended)
    assert "https://tales.example/rivers" in ended.err
    assert "added towns" in ended.out


def test_verify_fails_when_a_table_was_changed(orrery: Orrery, official: Path, own_home: Path) -> None:
    orrery("data", "add", "towns", official)
    assert orrery("data", "verify").code == 0
    (own_home / "store" / "towns" / "towns.parquet").write_bytes(b"x")
    ended = orrery("data", "verify", "--format", "json")
    assert "files of towns differ" in error_of(ended)
    assert {row["kind"]: row["state"] for row in json.loads(ended.out)} == {"table": "changed", "original": "same"}


# sql ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def filled(orrery: Orrery, official: Path) -> Orrery:
    assert orrery("data", "add", "--from", official).code == 0
    return orrery


QUERY = "SELECT name, population FROM towns ORDER BY name"
TOLD = [("Ask", 1200.0), ("Embla", None), ("Å", 34.0)]


def test_sql_prints_a_table(filled: Orrery) -> None:
    lines = filled("sql", QUERY).out.splitlines()
    assert [line.split() for line in lines if line.strip("─━ ")] == [
        ["name", "population"],
        ["Ask", "1200.0"],
        ["Embla"],
        ["Å", "34.0"],
    ]


def test_sql_prints_csv_and_json(filled: Orrery) -> None:
    assert filled("sql", QUERY, "--format", "csv").out == "name,population\nAsk,1200.0\nEmbla,\nÅ,34.0\n"
    rows = json.loads(filled("sql", QUERY, "--format", "json").out)
    assert [(row["name"], row["population"]) for row in rows] == TOLD


def test_sql_keeps_every_digit_in_json(filled: Orrery) -> None:
    (row,) = json.loads(filled("sql", "SELECT 0.1::DOUBLE + 0.2 AS x, 9007199254740993 AS n", "--format", "json").out)
    assert row["x"] == pytest.approx(0.1 + 0.2, rel=1e-14)
    assert row["n"] == 9007199254740993


@pytest.mark.parametrize("suffix", ["csv", "json", "parquet"])
def test_sql_writes_the_file_that_its_name_says(filled: Orrery, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / "new" / f"towns.{suffix}"
    ended = filled("sql", QUERY, "--out", out)
    assert (ended.code, ended.out) == (0, "")
    assert f"3 rows written to {out}" in ended.err
    with duckdb.connect() as connection:
        rows = connection.execute(f"SELECT name, population FROM '{out}'").fetchall()
    assert rows == TOLD


def test_sql_says_when_a_table_is_cut(filled: Orrery) -> None:
    query = f"SELECT range AS n FROM range({LARGE})"
    ended = filled("sql", query)
    assert "100 of 1,234 rows" in ended.err
    assert " 99" in ended.out or "\n99" in ended.out
    assert "100" not in ended.out
    assert len(filled("sql", query, "--format", "csv").out.splitlines()) == LARGE + 1


def test_sql_error_is_one_line_with_the_tables(filled: Orrery) -> None:
    line = error_of(filled("sql", "SELECT * FROM lakes"))
    assert "Catalog Error" in line
    assert line.endswith("(tables in the store: basins, lengths, towns)")


def test_sql_to_a_place_that_cannot_be_written(filled: Orrery, official: Path) -> None:
    assert "Name a file that can be written" in error_of(
        filled("sql", QUERY, "--out", official / "towns.csv" / "x.csv")
    )


def test_text_with_brackets_is_printed_as_it_is(
    filled: Orrery, monkeypatch: pytest.MonkeyPatch, official: Path
) -> None:
    frame = pd.DataFrame({"name": ["[bold]Ask[/bold]", ":smile:"]})
    monkeypatch.setattr(store, "official_registry", lambda: fake_registry(lambda key, files: {"towns": frame}))
    filled("data", "add", "towns", official)
    out = filled("sql", "SELECT name FROM towns").out
    assert "[bold]Ask[/bold]" in out
    assert ":smile:" in out
    assert read("towns", {"towns": official / "towns.csv"})["towns"].shape == (3, 2)
