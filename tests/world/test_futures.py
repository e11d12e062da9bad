"""Futures: thresholds hold as written, every future can be reached, none is built in."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orrery.base.errors import SimulationError
from orrery.world.futures import MIXED, UNDEFINED, classify, definition
from orrery.world.indicators import INDICATORS

NAMES = sorted({c.indicator for f in definition().futures for c in f.conditions} | {"global_authority"})


def paths(**ratios: float) -> dict[str, np.ndarray]:
    """Indicators at 1, or at their ratio in the last ten of 25 years."""
    late = np.arange(25) >= 15
    return {name: np.where(late, ratios.get(name, 1.0), 1.0)[None] for name in NAMES}


def test_every_indicator_of_a_condition_is_one_of_the_world() -> None:
    assert set(NAMES) <= set(INDICATORS)


@pytest.mark.parametrize("future", definition().futures, ids=lambda future: future.name)
def test_every_future_can_be_reached(future) -> None:
    ratios = {}
    for condition in future.conditions:
        over = ratios.get(condition.over, 1.0)
        step = -4 * condition.width if condition.falls else 4 * condition.width
        ratios[condition.indicator] = over * (condition.threshold + step)
    found = classify(paths(**ratios))
    assert definition().labels[found.label[0]] == future.name
    assert found.degrees[0, [f.name for f in definition().futures].index(future.name)] == pytest.approx(
        1 / (1 + np.exp(-4))
    )


def test_where_nothing_changes_the_future_is_mixed() -> None:
    found = classify(paths())
    assert definition().labels[found.label[0]] == MIXED
    assert (found.degrees <= 0.5).all()


@given(st.lists(st.floats(0.3, 3.0), min_size=len(NAMES), max_size=len(NAMES)))
def test_degrees_are_degrees_and_labels_follow_them(ratios: list[float]) -> None:
    found = classify(paths(**dict(zip(NAMES, ratios, strict=True))))
    assert ((found.degrees >= 0) & (found.degrees <= 1)).all()
    clear = found.degrees[0].max() > 0.5
    assert (definition().labels[found.label[0]] == MIXED) == (not clear)
    if clear:
        assert found.label[0] == found.degrees[0].argmax()


def test_a_base_too_small_is_not_defined_and_not_mixed() -> None:
    series = paths() | {"global_authority": np.zeros((1, 25))}
    found = classify(series)
    assert definition().labels[found.label[0]] == UNDEFINED
    assert np.isnan(found.degrees[0]).any()


def test_shares_count_every_run_once_and_carry_an_interval() -> None:
    two = {
        name: np.concatenate(
            [paths()[name], paths(non_aligned_share=1.3, institutional_density=0.6, connectedness=0.8)[name]]
        )
        for name in NAMES
    }
    table = classify(two).shares().set_index("future")
    assert table["runs"].sum() == 2
    assert table.loc[MIXED, "runs"] == table.loc["fragmentation", "runs"] == 1
    assert (table["low"] <= table["share"]).all()
    assert (table["share"] <= table["high"]).all()


@pytest.mark.parametrize(
    ("series", "complaint"),
    [
        ({name: path for name, path in paths().items() if name != "connectedness"}, "there is no `connectedness`"),
        ({name: path[:, :6] for name, path in paths().items()}, "need 7 or more"),
    ],
)
def test_what_is_missing_is_named(series: dict, complaint: str) -> None:
    with pytest.raises(SimulationError, match=complaint):
        classify(series)
