"""Fixtures that every test may use."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    import pandas as pd

    from orrery.data.panel import Panel

# Compiled programs are kept beside the environment: both processes that share the tests, and the next run, take them
# from there. A program is found by its content and the versions of what compiles it, so that none is out of date.
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(Path(sys.prefix) / "compiled-for-tests"))
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES", "-1")

# No test judges speed, and a pipeline must give the same answer twice.
EXAMPLES = int(os.environ.get("ORRERY_EXAMPLES", "30"))
"""Examples of a property where a test asks for no number of its own; `make test-slow` tries more."""
settings.register_profile("orrery", deadline=None, derandomize="CI" in os.environ, max_examples=EXAMPLES)
settings.load_profile("orrery")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with the producers' files: `ORRERY_SOURCES`, or `../shared/data` beside the checkout."""
    folder = Path(os.environ.get("ORRERY_SOURCES", Path(__file__).parents[1] / "shared" / "data"))
    if not (folder / "un_votes" / "votes.parquet").exists():
        pytest.skip(f"the producers' files are not at {folder}; set ORRERY_SOURCES to the folder that holds them")
    return folder


class OfficialTables:
    """The tables of all sources by name, like a store; each source is read once, when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.of_source: dict[str, dict[str, pd.DataFrame]] = {}

    def read(self, table: str) -> pd.DataFrame:
        """Return a whole table, a copy of one's own."""
        from orrery.data.importers import IMPORTERS, read_source
        from orrery.data.matching import match_files
        from orrery.data.sources import source

        key = next(key for key, importer in IMPORTERS.items() if table in {spec.name for spec in importer.tables})
        if key not in self.of_source:
            self.of_source[key] = read_source(key, match_files(source(key), [self.folder]))
        return self.of_source[key][table].copy()


@pytest.fixture(scope="session")
def official_tables(shared_data: Path) -> OfficialTables:
    """The tables in the producers' files, for tests of what is made from them."""
    return OfficialTables(shared_data)


@pytest.fixture(scope="session")
def baseline() -> Panel:
    """The shipped baseline, loaded once and read-only; a test that changes figures changes a deep copy."""
    from orrery.data.baseline import load_baseline

    panel = load_baseline()
    for array in panel.dataset.data_vars.values():
        array.values.flags.writeable = False
    return panel


@pytest.fixture(scope="session", autouse=True)
def session_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give what is made once for many tests a home, so that nothing reads or writes the user's store."""
    home = tmp_path_factory.mktemp("session_home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ORRERY_HOME", str(home))
        yield home


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give every test a home of its own, so that no test reads or writes the user's store."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("ORRERY_HOME", str(home))
    return home
