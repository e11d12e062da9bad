"""Fixtures that every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# No test judges speed, and a pipeline must give the same answer twice.
settings.register_profile("orrery", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("orrery")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with the producers' files: `ORRERY_SOURCES`, or `../shared/data` beside the checkout."""
    folder = Path(os.environ.get("ORRERY_SOURCES", Path(__file__).parents[1] / "shared" / "data"))
    if not (folder / "un_votes" / "votes.parquet").exists():
        pytest.skip(f"the producers' files are not at {folder}; set ORRERY_SOURCES to the folder that holds them")
    return folder


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give every test a home of its own, so that no test reads or writes the user's store."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("ORRERY_HOME", str(home))
    return home
