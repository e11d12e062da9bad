"""Two small sources, so that the store and the commands can be tested without any official file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path

import pandas as pd

from orrery.base.errors import SourceFormatError
from orrery.data.sources import Source, SourceFile
from orrery.data.store import Registry, Store

Reader = Callable[[str, Mapping[str, Path]], Mapping[str, pd.DataFrame]]

TOWNS = "name,population\nAsk,1200\nEmbla,\nÅ,34\n"
LENGTHS = "river,km\nElivagar,11\n"
BASINS = "river,basin\nElivagar,Ginnungagap\n"


def _file(role: str, pattern: str, content: str, layout: str = "official") -> SourceFile:
    return SourceFile(role=role, patterns=(pattern,), sha256=sha256(content.encode()).hexdigest(), layout=layout)


def _source(key: str, *, tables: tuple[str, ...], files: tuple[SourceFile, ...]) -> Source:
    return Source(
        key=key,
        title=f"The {key} of the nine worlds",
        producer="Bureau of Tales & Figures",
        citation=f"Bureau of Tales & Figures (1220). The {key} of the nine worlds.",
        landing_page=f"https://tales.example/{key}",
        licence="CC0",
        redistribution="open",
        format="CSV",
        first_year=1000,
        last_year=1220,
        version="2",
        tables=tables,
        files=files,
    )


SOURCES = {
    "towns": _source("towns", tables=("towns",), files=(_file("towns", "towns*.csv", TOWNS),)),
    "rivers": _source(
        "rivers",
        tables=("lengths", "basins"),
        files=(
            _file("lengths", "lengths.csv", LENGTHS),
            _file("basins", "deep/basins.csv", BASINS),
            _file("all_rivers", "rivers*.csv", LENGTHS, layout="joined"),
        ),
    ),
}


def read(key: str, files: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    """Read each file as the table that has the name of its role."""
    tables = {role: pd.read_csv(path) for role, path in files.items()}
    for role, frame in tables.items():
        if len(frame.columns) != 2:
            raise SourceFormatError(key, files[role], "one column came, two are needed", "Fetch it again.")
    return tables


def describe(key: str) -> dict[str, dict[str, str]]:
    return {name: {"name": f"what the {name} are called"} for name in SOURCES[key].tables}


def fake_registry(reading: Reader = read, sources: Mapping[str, Source] = SOURCES) -> Registry:
    return Registry(sources, reading, describe)


def fake_store(home: Path) -> Store:
    return Store(home / "store", fake_registry())


def with_url(key: str, url_of: Mapping[str, str]) -> Source:
    """Return a source whose files can be fetched from the addresses given by role, which need not be HTTPS."""
    files = tuple(file.model_copy(update={"url": url_of.get(file.role)}) for file in SOURCES[key].files)
    return SOURCES[key].model_copy(update={"files": files})


def write_official_files(folder: Path) -> Path:
    """Write the files of both sources below `folder`, and return it."""
    (folder / "deep").mkdir(parents=True)
    (folder / "towns.csv").write_text(TOWNS, encoding="utf-8")
    (folder / "lengths.csv").write_text(LENGTHS, encoding="utf-8")
    (folder / "deep" / "basins.csv").write_text(BASINS, encoding="utf-8")
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder with its bytes, hidden ones included."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
