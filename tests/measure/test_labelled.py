"""One conversion for all measures: pandas, xarray and Polars hold the same, missing is missing, categories survive."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import orrery
from orrery.base.errors import MeasureError
from orrery.measure.dependence import Dependence, Influence, dependence
from orrery.measure.ideal_points.explain import Explanation
from orrery.measure.ideal_points.measured import MeasuredPoints, measured_points
from orrery.measure.ideal_points.points import IdealPoints
from orrery.measure.labelled import Labelled
from orrery.measure.multilateralism import Multilateralism
from orrery.measure.polarity import Polarity
from orrery.measure.portfolios.alignment import Alignment, alignment
from orrery.measure.similarity import Similarity
from orrery.measure.towards import DependenceOn, SimilarityTo


@dataclass(frozen=True)
class Small(Labelled):
    frame: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        return self.frame

    def to_xarray(self) -> xr.Dataset:
        return xr.Dataset.from_dataframe(self.frame)


MIXED = Small(
    pd.DataFrame(
        {
            "year": np.array([2000, 2001], np.int32),
            "value": [0.5, np.nan],
            "count": pd.array([3, None], dtype="Int64"),
            "known": pd.array([True, None], dtype="boolean"),
            "status": pd.Categorical(["few", None], categories=["estimated", "few", "missing"]),
            "name": ["Å", None],
            "day": pd.to_datetime(["2020-02-29", None]),
            "nothing": [None, None],
        }
    )
)


@pytest.mark.parametrize(
    "result",
    [
        Alignment,
        Dependence,
        DependenceOn,
        Explanation,
        IdealPoints,
        Influence,
        MeasuredPoints,
        Multilateralism,
        Polarity,
        Similarity,
        SimilarityTo,
    ],
)
def test_every_result_is_labelled(result: type) -> None:
    assert issubclass(result, Labelled)
    assert result.to_polars is Labelled.to_polars


def test_every_type_survives_in_polars() -> None:
    polars = pytest.importorskip("polars", reason="polars is an optional extra: pip install 'orrery[polars]'")
    table = MIXED.to_polars()
    assert table.schema == {
        "year": polars.Int64,
        "value": polars.Float64,
        "count": polars.Int64,
        "known": polars.Boolean,
        "status": polars.Enum(["estimated", "few", "missing"]),
        "name": polars.String,
        "day": polars.Datetime("us"),
        "nothing": polars.String,
    }
    assert table.row(1) == (2001, None, None, None, None, None, None, None)
    assert table.row(0)[:6] == (2000, 0.5, 3, True, "few", "Å")
    assert table["day"][0].isoformat() == "2020-02-29T00:00:00"


def test_a_measure_is_the_same_in_polars_and_pandas() -> None:
    pytest.importorskip("polars", reason="polars is an optional extra: pip install 'orrery[polars]'")
    panel = orrery.load()
    for measured in (
        alignment(panel, "KAZ", (2023, 2024), draws=4),
        dependence(panel, "KAZ", (2023, 2024)),
        measured_points(panel, ("KAZ", "TWN"), (2024, 2025)),
    ):
        frame, table = measured.to_frame(), measured.to_polars()
        assert table.columns == list(frame.columns)
        assert table["status"].to_list() == frame["status"].tolist()
        for name in frame.select_dtypes("number"):
            assert np.array_equal(table[name].cast(float).fill_null(np.nan).to_numpy(), frame[name], equal_nan=True)


def test_without_polars_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(MeasureError, match=r"pip install 'orrery\[polars\]'"):
        MIXED.to_polars()


def test_positions_of_the_panel_have_intervals_of_90_percent_and_gaps() -> None:
    panel = orrery.load()
    (row,) = measured_points(panel, ("KAZ",), (2024, 2024)).to_frame().to_dict("records")
    assert row["status"] == "observed"
    # Phi(1.6449) = .95
    assert row["ideal_point_upper"] - row["ideal_point"] == pytest.approx(1.6449 * row["sd"], rel=1e-3)
    assert row["ideal_point"] - row["ideal_point_lower"] == pytest.approx(1.6449 * row["sd"], rel=1e-3)

    before = measured_points(panel, ("KAZ",), (1990, 1990)).to_frame()
    assert before["ideal_point"].isna().all()
    assert before["status"].tolist() == ["missing"]
