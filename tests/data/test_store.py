from __future__ import annotations

import errno
import multiprocessing
import os
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fake_sources import TOWNS, contents, fake_registry, fake_store, read, write_official_files
from orrery.base.errors import OrreryError, SourceFormatError, StoreError
from orrery.base.files import sha256_of
from orrery.data import store as store_module
from orrery.data.matching import match_files
from orrery.data.store import Store, home_folder, official_registry, open_store


@pytest.fixture
def official(tmp_path: Path) -> Path:
    return write_official_files(tmp_path / "official")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return fake_store(tmp_path / "home")


@pytest.fixture
def filled(store: Store, official: Path) -> Store:
    store.add("towns", official)
    store.add("rivers", official)
    return store


# Adding and reading ---------------------------------------------------------------------------------------------


def test_what_is_added_is_read_back(store: Store, official: Path) -> None:
    manifest = store.add("towns", [official / "towns.csv"])
    assert [(table.name, table.rows) for table in manifest.tables] == [("towns", 3)]
    towns = store.read("towns")
    assert towns["name"].tolist() == ["Ask", "Embla", "Å"]
    assert towns["population"].isna().tolist() == [False, True, False]


def test_columns_come_in_the_order_asked_for(filled: Store) -> None:
    assert list(filled.read("towns", ["population", "name"]).columns) == ["population", "name"]


def test_manifest_records_where_everything_came_from(filled: Store, official: Path) -> None:
    manifest = filled.manifest("rivers")
    assert manifest is not None
    assert {file.role: file.path for file in manifest.files} == {
        "lengths": official / "lengths.csv",
        "basins": official / "deep" / "basins.csv",
    }
    assert manifest.version == "2"
    assert manifest.added.tzinfo is not None
    assert manifest.as_tested
    for file in manifest.files:
        assert (file.size, file.sha256) == (file.path.stat().st_size, sha256_of(file.path))


def test_remarks_of_the_importer_are_kept(store: Store, official: Path) -> None:
    frame = pd.DataFrame({"name": ["Ask"]})
    frame.attrs["notes"] = ("2 rows left out",)
    Store(store.folder, fake_registry(lambda key, files: {"towns": frame})).add("towns", official)
    manifest = store.manifest("towns")
    assert manifest is not None
    assert manifest.tables[0].notes == ("2 rows left out",)


def test_another_version_is_stored_and_marked(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "towns_2026.csv"
    path.write_text(TOWNS + "Urd,3\n", encoding="utf-8")
    manifest = store.add("towns", [path])
    assert manifest.files[0].as_tested is False
    assert not manifest.as_tested
    assert len(store.read("towns")) == 4


def test_tables_lists_what_is_there(filled: Store) -> None:
    tables = filled.tables()
    assert list(tables) == ["basins", "lengths", "towns"]
    assert tables["towns"].columns == {"name": "VARCHAR", "population": "DOUBLE"}
    assert tables["lengths"].source == "rivers"


def test_an_empty_store_has_no_tables(store: Store) -> None:
    assert store.tables() == {}
    assert store.manifest("towns") is None
    assert store.verify() == []


@given(
    numbers=st.lists(st.one_of(st.none(), st.integers(-(2**62), 2**62)), min_size=1),
    words=st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00")), min_size=1),
)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_parquet_keeps_values(tmp_path: Path, numbers: list[int | None], words: list[str]) -> None:
    n = min(len(numbers), len(words))
    frame = pd.DataFrame({"number": pd.array(numbers[:n], dtype="Int64"), 'a "word"': words[:n]})
    registry = fake_registry(lambda key, files: {"towns": frame})
    official = tmp_path / "towns.csv"
    official.touch()
    store = Store(tmp_path / "o'store", registry)
    store.add("towns", [official])
    read_back = store.read("towns")
    assert [None if pd.isna(value) else int(value) for value in read_back["number"]] == numbers[:n]
    assert read_back['a "word"'].tolist() == words[:n]


# Finding the files ----------------------------------------------------------------------------------------------


def test_a_missing_file_is_named_with_where_to_get_it(store: Store, official: Path) -> None:
    needed = r"needs lengths\.csv and deep/basins\.csv, or rivers\*\.csv; not all found .*https://tales\.example/rivers"
    with pytest.raises(StoreError, match=needed):
        store.add("rivers", [official / "lengths.csv"])


def test_a_file_that_does_not_exist_is_named(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"towns\.csv does not exist"):
        store.add("towns", [tmp_path / "towns.csv"])


def test_a_file_of_another_name_is_refused(store: Store, official: Path, tmp_path: Path) -> None:
    other = tmp_path / "villages.csv"
    other.write_text(TOWNS, encoding="utf-8")
    with pytest.raises(StoreError, match=r"villages\.csv cannot be used\. Allowed, by name: towns\*\.csv"):
        store.add("towns", [official / "towns.csv", other])


def test_two_candidates_are_both_named(store: Store, official: Path) -> None:
    (official / "deep" / "towns_old.csv").write_text(TOWNS, encoding="utf-8")
    with pytest.raises(StoreError, match=r"several files could be its `towns`.*towns\.csv.*towns_old\.csv"):
        store.add("towns", official)
    assert store.add("towns", [official / "towns.csv"]).source == "towns"


def test_a_file_given_twice_is_no_ambiguity(store: Store, official: Path) -> None:
    assert store.add("towns", [official / "towns.csv", official]).source == "towns"


def test_the_first_complete_layout_is_taken(store: Store, official: Path) -> None:
    joined = official / "rivers_all.csv"
    joined.write_text("river,km\nElivagar,11\nGjoll,2\n", encoding="utf-8")
    roles = [{file.role for file in store.add("rivers", paths).files} for paths in (official, [joined])]
    assert roles == [{"lengths", "basins"}, {"all_rivers"}]
    with pytest.raises(StoreError, match=r"rivers_all\.csv cannot be used"):
        store.add("rivers", [official / "lengths.csv", official / "deep" / "basins.csv", joined])


def test_hidden_files_and_folders_are_passed_over(store: Store, official: Path) -> None:
    (official / ".cache").mkdir()
    (official / ".cache" / "towns.csv").write_text("x", encoding="utf-8")
    (official / "._towns.csv").write_text("x", encoding="utf-8")
    assert store.add("towns", official).as_tested


def test_an_unknown_source_is_answered_with_the_known(store: Store, official: Path) -> None:
    with pytest.raises(StoreError, match=r"no source `hamlets`\. Allowed: towns, rivers"):
        store.add("hamlets", official)


# All or nothing -------------------------------------------------------------------------------------------------


def _disk_full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_bad_file_leaves_the_store_as_it_was(filled: Store, official: Path) -> None:
    before = contents(filled.folder)
    (official / "deep" / "basins.csv").write_text("river\nElivagar\n", encoding="utf-8")
    with pytest.raises(SourceFormatError):
        filled.add("rivers", official)
    assert contents(filled.folder) == before


@pytest.mark.parametrize("step", ["write_table", "sha256_of", "_describe_file"])
def test_a_full_disk_leaves_the_store_as_it_was(
    filled: Store, official: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    before = contents(filled.folder)
    monkeypatch.setattr(store_module, step, _disk_full)
    with pytest.raises(StoreError, match=r"No space left on device\. The store at .* is as it was"):
        filled.add("rivers", official)
    assert contents(filled.folder) == before


@pytest.mark.parametrize("failing_rename", [1, 2, 3, 4, 5])
def test_a_failing_rename_leaves_the_store_as_it_was(
    filled: Store, official: Path, monkeypatch: pytest.MonkeyPatch, failing_rename: int
) -> None:
    before, rename, calls = contents(filled.folder), os.replace, []

    def replace(source: Path, target: Path) -> None:
        calls.append(target)
        if len(calls) == failing_rename:
            _disk_full()
        rename(source, target)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(StoreError, match="No space left"):
        filled.add("rivers", official)
    assert contents(filled.folder) == before


def test_the_system_itself_refusing_to_write_leaves_the_store_as_it_was(filled: Store, official: Path) -> None:
    before = contents(filled.folder)
    large = pd.DataFrame({"value": range(200_000)})
    resource = pytest.importorskip("resource")
    signal = pytest.importorskip("signal")
    limits, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
        with pytest.raises(StoreError):
            Store(filled.folder, fake_registry(lambda key, files: {"lengths": large})).add("rivers", official)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert contents(filled.folder) == before


def test_an_interruption_leaves_the_store_as_it_was(filled: Store, official: Path) -> None:
    def interrupted(key: str, files: object) -> dict[str, pd.DataFrame]:
        raise KeyboardInterrupt

    before = contents(filled.folder)
    with pytest.raises(KeyboardInterrupt):
        Store(filled.folder, fake_registry(interrupted)).add("rivers", official)
    assert contents(filled.folder) == before
    assert filled.add("rivers", official).source == "rivers"


def test_what_a_killed_writer_left_is_put_right_by_the_next(filled: Store, official: Path) -> None:
    before = contents(filled.folder / "rivers")
    os.replace(filled.folder / "rivers", filled.folder / ".rivers.retired")
    for leftover in (".rivers.incoming", ".rivers.incoming.x1.part"):
        (filled.folder / leftover).mkdir()
    filled.add("towns", official)
    assert contents(filled.folder / "rivers") == before
    assert sorted(path.name for path in filled.folder.iterdir()) == ["rivers", "towns"]


def test_adding_again_replaces_every_table(filled: Store, official: Path) -> None:
    one_table = fake_registry(lambda key, files: {"lengths": pd.DataFrame({"river": ["Gjoll"]})})
    Store(filled.folder, one_table).add("rivers", official)
    assert list(filled.tables()) == ["lengths", "towns"]
    assert not (filled.folder / "rivers" / "basins.parquet").exists()


def test_a_second_writer_is_told_who_holds_the_store(filled: Store, official: Path) -> None:
    before = contents(filled.folder)
    seen: list[str] = []

    def read_while_another_adds(key: str, files: object) -> dict[str, pd.DataFrame]:
        with pytest.raises(StoreError) as refusal:
            filled.add("towns", official)
        seen.append(str(refusal.value))
        assert contents(filled.folder) == before
        return read("rivers", {"lengths": official / "lengths.csv"})

    Store(filled.folder, fake_registry(read_while_another_adds)).add("rivers", official)
    assert f"process {os.getpid()} on " in seen[0]
    assert "(adding `rivers`)" in seen[0]
    assert filled.add("towns", official).source == "towns"


def _add_slowly(folder: Path, official: Path, started: object, go_on: object) -> None:
    def slow(key: str, files: object) -> dict[str, pd.DataFrame]:
        started.set()  # type: ignore[attr-defined]
        go_on.wait(20)  # type: ignore[attr-defined]
        return {}

    Store(folder, fake_registry(slow)).add("rivers", official)


def test_a_lock_ends_with_its_holder(filled: Store, official: Path) -> None:
    context = multiprocessing.get_context("spawn")
    started, go_on = context.Event(), context.Event()
    process = context.Process(target=_add_slowly, args=(filled.folder, official, started, go_on))
    process.start()
    try:
        assert started.wait(30)
        with pytest.raises(StoreError, match=f"process {process.pid} on "):
            filled.add("towns", official)
    finally:
        process.kill()
        process.join()
    assert filled.add("towns", official).source == "towns"
    assert list(filled.tables()) == ["basins", "lengths", "towns"]


# Adding a whole folder ------------------------------------------------------------------------------------------


def test_add_all_goes_on_after_an_error(store: Store, official: Path) -> None:
    (official / "towns.csv").write_text("nonsense\n", encoding="utf-8")
    reported: list[str] = []
    outcomes = store.add_all(official, lambda outcome: reported.append(outcome.source))
    assert [(outcome.source, outcome.state) for outcome in outcomes] == [("towns", "failed"), ("rivers", "added")]
    assert "two are needed" in outcomes[0].detail
    assert reported == ["towns", "rivers"]
    assert list(store.tables()) == ["basins", "lengths"]


def test_add_all_tells_absence_from_failure(store: Store, official: Path) -> None:
    (official / "lengths.csv").unlink()
    assert {outcome.source: outcome.state for outcome in store.add_all(official)} == {
        "towns": "added",
        "rivers": "not found",
    }


def test_add_all_wants_a_folder(store: Store, official: Path) -> None:
    with pytest.raises(StoreError, match="no folder"):
        store.add_all(official / "towns.csv")


# Errors in reading ----------------------------------------------------------------------------------------------


def test_a_table_not_in_the_store_says_how_to_get_it(store: Store) -> None:
    with pytest.raises(StoreError, match=r"comes from the source `rivers`.*orrery data add rivers FILE"):
        store.read("basins")


def test_an_unknown_table_is_answered_with_the_known(store: Store) -> None:
    with pytest.raises(StoreError, match=r"no table `lakes`\. Allowed: basins, lengths, towns"):
        store.read("lakes")


def test_an_unknown_column_is_answered_with_the_known(filled: Store) -> None:
    with pytest.raises(StoreError, match=r"no column `mayor`\. Allowed: name, population"):
        filled.read("towns", ["mayor"])
    with pytest.raises(StoreError, match="at least one column"):
        filled.read("towns", [])


@pytest.mark.parametrize("damage", [b"", b"PAR1 nothing"])
def test_a_damaged_table_is_an_error_of_ours(filled: Store, damage: bytes) -> None:
    path = filled.folder / "towns" / "towns.parquet"
    path.write_bytes(damage)
    for question in (lambda: filled.read("towns"), lambda: filled.sql("SELECT * FROM towns")):
        with pytest.raises(StoreError, match=r"towns\.parquet.*orrery data verify"):
            question()


@pytest.mark.parametrize("text", ["", "{", '{"source": "towns"}'])
def test_a_damaged_manifest_is_an_error_of_ours(filled: Store, text: str) -> None:
    (filled.folder / "towns" / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(StoreError, match=r"manifest\.json cannot be read.*add the source again"):
        filled.tables()


# SQL ------------------------------------------------------------------------------------------------------------


def test_sql_joins_tables(filled: Store) -> None:
    answer = filled.sql("SELECT basin, km FROM lengths JOIN basins USING (river)")
    assert answer.to_dict("records") == [{"basin": "Ginnungagap", "km": 11}]


@pytest.mark.parametrize(
    "query",
    [
        "WITH t AS (SELECT 1 AS a) SELECT a FROM t",
        "FROM towns LIMIT 1",
        "DESCRIBE towns",
        "FROM towns PIVOT (sum(population) FOR name IN ('Ask'))",
    ],
)
def test_sql_answers_every_kind_of_select(filled: Store, query: str) -> None:
    assert len(filled.sql(query)) >= 1


@pytest.mark.parametrize("query", ["SELEC 1", "SELECT mayor FROM towns", "SELECT * FROM lakes", "SELECT 1/'a'"])
def test_a_refused_query_gives_duckdbs_reason_and_the_tables(filled: Store, query: str) -> None:
    with pytest.raises(
        StoreError, match=r"(Parser|Binder|Catalog|Conversion) Error: .*basins, lengths, towns"
    ) as refusal:
        filled.sql(query)
    assert "\n" not in str(refusal.value)


def test_sql_on_an_empty_store_says_how_to_fill_it(store: Store) -> None:
    assert store.sql("SELECT 1 AS one")["one"].tolist() == [1]
    with pytest.raises(StoreError, match="none yet; add a source"):
        store.sql("SELECT * FROM towns")


@pytest.mark.parametrize(
    "query",
    [
        "",
        "SELECT 1; SELECT 2",
        "DROP VIEW towns",
        "CREATE TABLE t AS SELECT 1",
        "COPY towns TO '{folder}/towns/towns.parquet' (FORMAT parquet, USE_TMP_FILE false)",
        "COPY (PIVOT towns ON name USING sum(population)) TO '{folder}/towns/towns.parquet' (USE_TMP_FILE false)",
        "EXPLAIN ANALYZE COPY towns TO '{folder}/towns/towns.parquet' (USE_TMP_FILE false)",
        "ATTACH '{folder}/other.db'",
        "EXPORT DATABASE '{folder}/dump'",
        "SET enable_external_access = true",
        "INSTALL httpfs",
        "SELECT * FROM read_csv('{folder}/towns/manifest.json')",
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM glob('{folder}/*')",
        "SELECT * FROM 'https://tales.example/towns.parquet'",
    ],
)
def test_sql_reads_the_store_and_nothing_else(filled: Store, query: str) -> None:
    before = contents(filled.folder.parent)
    with pytest.raises(StoreError):
        filled.sql(query.format(folder=filled.folder))
    assert contents(filled.folder.parent) == before


# Verifying ------------------------------------------------------------------------------------------------------


def test_verify_tells_changed_and_gone_files(filled: Store, official: Path) -> None:
    assert {check.state for check in filled.verify()} == {"same"}
    (filled.folder / "towns" / "towns.parquet").write_bytes(b"x")
    (filled.folder / "rivers" / "lengths.parquet").unlink()
    (official / "deep" / "basins.csv").unlink()
    (official / "lengths.csv").write_text("river,km\nElivagar,12\n", encoding="utf-8")
    found = {(check.kind, check.path.name): (check.state, check.failed) for check in filled.verify()}
    assert found == {
        ("table", "towns.parquet"): ("changed", True),
        ("table", "lengths.parquet"): ("gone", True),
        ("table", "basins.parquet"): ("same", False),
        ("original", "towns.csv"): ("same", False),
        ("original", "basins.csv"): ("gone", False),
        ("original", "lengths.csv"): ("changed", True),
    }


# Where the store is ---------------------------------------------------------------------------------------------


def test_home_is_where_the_user_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("ORRERY_HOME", "~/mine")
    assert home_folder() == tmp_path / "mine"
    monkeypatch.delenv("ORRERY_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert home_folder() == tmp_path / "data" / "orrery"
    for not_absolute in ("", "data"):
        monkeypatch.setenv("XDG_DATA_HOME", not_absolute)
        assert home_folder() == tmp_path / ".local" / "share" / "orrery"


def test_every_error_is_one_of_ours(store: Store, official: Path) -> None:
    (official / "towns.csv").write_text("", encoding="utf-8")
    (store.folder.parent).mkdir()
    store.folder.write_text("a file where the store should be", encoding="utf-8")
    with pytest.raises(OrreryError):
        store.add("rivers", official)
    assert fake_registry().source("towns").key == "towns"


# The official sources -------------------------------------------------------------------------------------------


def test_every_official_table_comes_from_one_source_and_is_described() -> None:
    registry = official_registry()
    tables = [table for source in registry.sources.values() for table in source.tables]
    assert len(tables) == len(set(tables))
    for key, source in registry.sources.items():
        described = registry.describe(key)
        assert set(described) == set(source.tables)
        assert all(words for columns in described.values() for words in columns.values())


def test_every_official_source_is_found_in_a_folder_of_all(shared_data: Path) -> None:
    for source in official_registry().sources.values():
        roles = set(match_files(source, [shared_data]))
        assert roles in [{file.role for file in layout} for layout in source.layouts.values()]


def test_an_official_source_goes_through_the_store(shared_data: Path) -> None:
    store = open_store()
    manifest = store.add("unsc_vetoes", shared_data)
    assert manifest.as_tested
    answer = store.sql(
        "SELECT iso3, count(*) AS vetoes FROM vetoes WHERE iso3 IN ('CHN', 'GBR') GROUP BY iso3 ORDER BY 1"
    )
    # United Nations, Dag Hammarskjöld Library, Security Council vetoes: 17 by China's seat, 29 by the United Kingdom
    assert answer["vetoes"].tolist() == [17, 29]
    vetoes = store.read("vetoes", ["year", "iso3"])
    assert len(vetoes) == store.tables()["vetoes"].rows
    assert vetoes["year"].between(1946, 2022).all()
