"""The local store: what the official files hold, as Parquet files that Python and SQL read.

```
ORRERY_HOME/                    default: $XDG_DATA_HOME/orrery, or ~/.local/share/orrery
├── store.lock                  says who is writing, while someone is
├── downloads/<source>/         official files that `pull` fetched
└── store/<source>/
    ├── manifest.json           which files it was made from, when, and what came out
    └── <table>.parquet
```

A source is in the store whole or not at all: it is written beside its place and renamed when complete, so that an
error, a full disk or an interruption leaves the store as it was.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pandas as pd
from pydantic import TypeAdapter, ValidationError

from orrery.base.errors import OrreryError, StoreError
from orrery.base.files import sha256_of
from orrery.data.matching import FilesNotFound, match_files
from orrery.data.parquet import QUICK, literal, write_table
from orrery.data.sources import Source, sources
from orrery.data.writing import replacing_folder, sole_writer


@dataclass(frozen=True)
class Registry:
    """The sources that can be stored, and how to read one.

    Attributes:
        sources: what is known of each source, by key.
        read: gives the tables of a source by name, from its key and its files by role.
        describe: gives the words for each column of each table of a source, from its key.
    """

    sources: Mapping[str, Source]
    read: Callable[[str, Mapping[str, Path]], Mapping[str, pd.DataFrame]]
    describe: Callable[[str], Mapping[str, Mapping[str, str]]]

    def source(self, key: str) -> Source:
        """Return the source called `key`.

        Raises:
            StoreError: there is none.
        """
        if key not in self.sources:
            raise StoreError(f"there is no source `{key}`. Allowed: {', '.join(self.sources)}")
        return self.sources[key]


def official_registry() -> Registry:
    """Return the sources of `sources.toml`; their importers are loaded when the first source is read."""
    return Registry(sources(), _read_official, _describe_official)


def _read_official(source_key: str, files: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    from orrery.data.importers import read_source

    return read_source(source_key, files)


def _describe_official(source_key: str) -> dict[str, Mapping[str, str]]:
    from orrery.data.importers import IMPORTERS

    return {table.name: table.columns for table in IMPORTERS[source_key].tables}


@dataclass(frozen=True)
class StoredFile:
    """An official file that a source was read from.

    `as_tested` tells whether its checksum is that of the file the importer was tested with; `None` where the
    registry records no checksum.
    """

    role: str
    path: Path
    size: int
    sha256: str
    as_tested: bool | None


@dataclass(frozen=True)
class StoredTable:
    """A table of the store.

    Attributes:
        name: of the table, and of its Parquet file.
        rows: how many it has.
        columns: the SQL type of each column.
        notes: what the importer remarked: rows left out, corrections made.
        size: of its Parquet file, in bytes.
        sha256: of its Parquet file.
    """

    name: str
    rows: int
    columns: dict[str, str]
    notes: tuple[str, ...]
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What is stored of one source. `added` is the moment, in UTC; sizes are in bytes."""

    source: str
    version: str
    added: datetime
    files: tuple[StoredFile, ...]
    tables: tuple[StoredTable, ...]

    @property
    def as_tested(self) -> bool:
        """Whether every file is the one the importers were tested with, as far as a checksum is on record."""
        return all(file.as_tested is not False for file in self.files)


@dataclass(frozen=True)
class TableInfo:
    """A table that can be read: where it comes from and what it holds."""

    name: str
    source: str
    rows: int
    columns: dict[str, str]
    path: Path


@dataclass(frozen=True)
class Check:
    """What `verify` found about one file: `kind` is `table` or `original`, `state` is `same`, `changed` or `gone`."""

    source: str
    path: Path
    kind: str
    state: str

    @property
    def failed(self) -> bool:
        """Whether the store can no longer be relied on; an original that was moved away does not matter."""
        return self.state == "changed" or (self.state == "gone" and self.kind == "table")


@dataclass(frozen=True)
class Outcome:
    """What `add_all` did with one source: `state` is `added`, `not found` or `failed`."""

    source: str
    state: str
    detail: str


_MANIFEST = TypeAdapter(Manifest)
_MANIFEST_NAME = "manifest.json"


@dataclass(frozen=True)
class Store:
    """The tables on this machine, in `folder`. Every method reads the folder anew; nothing is kept in memory."""

    folder: Path
    registry: Registry = field(default_factory=official_registry, repr=False, compare=False)

    def add(self, source_key: str, paths: Path | Sequence[Path]) -> Manifest:
        """Read the official files of a source and store its tables in place of any earlier ones.

        Args:
            source_key: the source.
            paths: its files; for a folder, those of its files that match, at any depth.

        Raises:
            StoreError: files are missing or ambiguous, someone else is writing, or the disk is full. As with every
                other error, the store is then what it was before.
            SourceFormatError: a file is not what its source promises.
        """
        source = self.registry.source(source_key)
        files = match_files(source, [paths] if isinstance(paths, Path) else paths)
        with sole_writer(self.folder, f"adding `{source_key}`"):
            tables = self.registry.read(source_key, files)
            with replacing_folder(self.folder / source_key) as folder:
                manifest = Manifest(
                    source=source_key,
                    version=source.version,
                    added=datetime.now(UTC).replace(microsecond=0),
                    files=tuple(_describe_file(source, role, path) for role, path in files.items()),
                    tables=tuple(_store_table(frame, folder / f"{name}.parquet") for name, frame in tables.items()),
                )
                (folder / _MANIFEST_NAME).write_bytes(_MANIFEST.dump_json(manifest, indent=2))
        return manifest

    def add_all(self, folder: Path, report: Callable[[Outcome], None] = lambda outcome: None) -> list[Outcome]:
        """Add every source whose files are found below `folder`.

        A source that fails does not stop the others. `report` is called with each outcome as it is known.

        Raises:
            StoreError: `folder` is not a folder.
        """
        if not folder.is_dir():
            raise StoreError(f"`folder` is {folder}, which is no folder. Name the folder of the official files")
        outcomes = []
        for key in self.registry.sources:
            outcome = self._try_to_add(key, folder)
            report(outcome)
            outcomes.append(outcome)
        return outcomes

    def _try_to_add(self, key: str, folder: Path) -> Outcome:
        try:
            manifest = self.add(key, folder)
        except FilesNotFound as error:
            return Outcome(key, "not found", str(error))
        except OrreryError as error:
            return Outcome(key, "failed", str(error))
        return Outcome(key, "added", ", ".join(f"{table.name} ({table.rows:,} rows)" for table in manifest.tables))

    def manifest(self, source_key: str) -> Manifest | None:
        """Return what is stored of a source, or `None` if it is not in the store.

        Raises:
            StoreError: its manifest cannot be read.
        """
        path = self.folder / source_key / _MANIFEST_NAME
        if not path.exists():
            return None
        try:
            return _MANIFEST.validate_json(path.read_bytes())
        except (OSError, ValidationError) as error:
            reason = str(error).splitlines()[0]
            raise StoreError(
                f"{path} cannot be read as a manifest: {reason}. Delete {path.parent} and add the source again"
            ) from error

    def manifests(self) -> dict[str, Manifest]:
        """Return what is stored, by source key in alphabetical order."""
        keys = sorted(path.parent.name for path in self.folder.glob(f"[!.]*/{_MANIFEST_NAME}"))
        found = {key: self.manifest(key) for key in keys}
        return {key: manifest for key, manifest in found.items() if manifest is not None}

    def tables(self) -> dict[str, TableInfo]:
        """Return the tables of the store, by name in alphabetical order."""
        found = [
            TableInfo(table.name, key, table.rows, table.columns, self.folder / key / f"{table.name}.parquet")
            for key, manifest in self.manifests().items()
            for table in manifest.tables
        ]
        return {info.name: info for info in sorted(found, key=lambda info: info.name)}

    def read(self, table: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return a table, or some of its columns in the order asked for.

        Integers with gaps come back as pandas `Int64`, text as `str`.

        Raises:
            StoreError: the table is not in the store (the message says how to get it), or lacks a column.
        """
        info = self._find(table)
        unknown = [column for column in columns or () if column not in info.columns]
        if unknown:
            raise StoreError(
                f"table `{table}` has no column {', '.join(f'`{name}`' for name in unknown)}. "
                f"Allowed: {', '.join(info.columns)}"
            )
        wanted = ", ".join(_quoted(name) for name in (info.columns if columns is None else columns))
        if not wanted:
            raise StoreError("`columns` is empty. Name at least one column, or leave it out to read all")
        with duckdb.connect() as connection, _duckdb_errors(info.path):
            return connection.execute(f"SELECT {wanted} FROM read_parquet(?)", [str(info.path)]).df()

    def sql(self, query: str) -> pd.DataFrame:
        """Return the answer to one SQL `SELECT` in DuckDB's dialect, each table of the store being a view.

        The query can read the store and nothing else on the machine or the network, and can write nothing.

        Raises:
            StoreError: the query is not one `SELECT`, or DuckDB refuses it (its own words, then the tables there are).
        """
        tables = self.tables()
        with _read_only(tables) as connection:
            try:
                statements = connection.extract_statements(query)
                if [statement.type for statement in statements] != [duckdb.StatementType.SELECT]:
                    raise StoreError(
                        "`query` must be one SELECT statement; the store is read-only. "
                        "(PIVOT is allowed with its values listed: PIVOT ... ON column IN (...))"
                    )
                return connection.execute(statements[0]).df()
            except duckdb.Error as error:
                there = ", ".join(tables) or "none yet; add a source with `orrery data add`"
                raise StoreError(f"{str(error).splitlines()[0]} (tables in the store: {there})") from error

    def verify(self) -> list[Check]:
        """Recompute the checksum of every stored table, and of every official file still where it was read."""
        checks = []
        for key, manifest in self.manifests().items():
            for table in manifest.tables:
                path = self.folder / key / f"{table.name}.parquet"
                checks.append(Check(key, path, "table", _compared(path, table.sha256)))
            for file in manifest.files:
                checks.append(Check(key, file.path, "original", _compared(file.path, file.sha256)))
        return checks

    def _find(self, table: str) -> TableInfo:
        tables = self.tables()
        if table in tables:
            return tables[table]
        for key, source in self.registry.sources.items():
            if table in source.tables:
                raise StoreError(
                    f"table `{table}` is not in the store at {self.folder}. It comes from the source `{key}` "
                    f"({source.title}): `orrery data show {key}` says where to get it, "
                    f"`orrery data add {key} FILE...` adds it"
                )
        known = sorted(name for source in self.registry.sources.values() for name in source.tables)
        raise StoreError(f"there is no table `{table}`. Allowed: {', '.join(known)}")


def home_folder() -> Path:
    """Return the folder of everything Orrery keeps: `ORRERY_HOME`, or `orrery` in the user's data folder."""
    if home := os.environ.get("ORRERY_HOME"):
        return Path(home).expanduser().absolute()
    data = Path(os.environ.get("XDG_DATA_HOME", ""))
    return (data if data.is_absolute() else Path.home() / ".local" / "share") / "orrery"


def open_store() -> Store:
    """Return the user's store of the official sources; it need not exist yet."""
    return Store(home_folder() / "store", official_registry())


def _store_table(frame: pd.DataFrame, path: Path) -> StoredTable:
    columns = write_table(frame, path, level=QUICK)
    notes = tuple(frame.attrs.get("notes", ()))
    return StoredTable(path.stem, len(frame), columns, notes, path.stat().st_size, sha256_of(path))


def _describe_file(source: Source, role: str, path: Path) -> StoredFile:
    tested = {file.role: file.sha256 for file in source.files}[role]
    found = sha256_of(path)
    return StoredFile(role, path.absolute(), path.stat().st_size, found, None if tested is None else found == tested)


@contextmanager
def _read_only(tables: Mapping[str, TableInfo]) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection with one view per table that can open the files of those tables and no others."""
    with duckdb.connect() as connection, tempfile.TemporaryDirectory() as spill:
        allowed = ", ".join(literal(info.path) for info in tables.values())
        connection.execute(f"SET temp_directory = {literal(Path(spill))}")
        connection.execute(f"SET allowed_paths = [{allowed}]")
        for info in tables.values():
            with _duckdb_errors(info.path):
                connection.execute(f"CREATE VIEW {_quoted(info.name)} AS FROM read_parquet({literal(info.path)})")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        yield connection


def _compared(path: Path, sha256: str) -> str:
    if not path.exists():
        return "gone"
    return "same" if sha256_of(path) == sha256 else "changed"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@contextmanager
def _duckdb_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise StoreError(
            f"{path}: {reason}. If the disk has room and the file should be there, `orrery data verify` says "
            "which files of the store are damaged; add their source again"
        ) from error
