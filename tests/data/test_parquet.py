"""Tables as Parquet: written whole or not at all, with types that are told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from orrery.base.errors import StoreError
from orrery.data.parquet import QUICK, SMALL, read_table, write_table


def test_a_table_that_cannot_be_written_is_named_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"new/x\.parquet: .*Columns hold numbers"):
        write_table(pd.DataFrame({"a": [1 + 2j]}), tmp_path / "new" / "x.parquet")
    assert list((tmp_path / "new").iterdir()) == []


@pytest.mark.parametrize("level", [SMALL, QUICK])
def test_a_table_tells_its_types_and_replaces_the_one_before(tmp_path: Path, level: int) -> None:
    path = tmp_path / "it's" / "x.parquet"
    write_table(pd.DataFrame({"before": [0]}), path, level=level)
    frame = pd.DataFrame({"n": [1, 2], "mixed": ["a", 1], "x": [0.5, np.nan]}, index=[7, 8])
    assert write_table(frame, path, level=level) == {"n": "BIGINT", "mixed": "VARCHAR", "x": "DOUBLE"}
    back = read_table(path)
    assert back["n"].tolist() == [1, 2]
    assert back["mixed"].tolist() == ["a", "1"]
    assert [file.name for file in path.parent.iterdir()] == ["x.parquet"]
