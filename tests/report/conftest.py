from __future__ import annotations

import pytest
from synthetic import synthetic_run

from orrery.lab.runs import Run


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return synthetic_run(tmp_path_factory.mktemp("runs") / "baseline-001", failed=2)
