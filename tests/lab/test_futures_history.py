"""What can be said of futures where indicators are missing: never more than any completion of them allows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orrery.base.errors import SimulationError
from orrery.lab.futures_history import FAILS, HOLDS, OPEN, WINDOWS, Assessment, assess
from orrery.world.futures import MIXED, classify, definition

CONDITIONS = [condition for future in definition().futures for condition in future.conditions]
NAMES = sorted({name for c in CONDITIONS for name in (c.indicator, c.over) if name is not None})
LABELS = definition().labels
N_YEARS = 11


def series(ratios: list[float]) -> dict[str, np.ndarray]:
    """Return indicators that stand at 1 for two years and at their ratio afterwards."""
    late = np.arange(N_YEARS) >= 2
    return {name: np.where(late, ratio, 1.0) for name, ratio in zip(NAMES, ratios, strict=True)}


RATIOS = st.lists(st.floats(0.5, 2.0), min_size=len(NAMES), max_size=len(NAMES))


@given(RATIOS)
def test_where_all_is_measured_it_is_the_classification(ratios: list[float]) -> None:
    found, runs = assess(series(ratios)), classify(series(ratios))
    assert found.known.all()
    np.testing.assert_allclose(found.degree, runs.degrees)
    assert found.possible == (LABELS[int(runs.label)],)


@given(RATIOS, st.sets(st.sampled_from(NAMES)))
def test_the_label_of_every_completion_is_among_the_possible(ratios: list[float], unknown: set[str]) -> None:
    complete = series(ratios)
    measured = {name: np.full(N_YEARS, np.nan) if name in unknown else path for name, path in complete.items()}
    found, runs = assess(measured), classify(complete)
    assert LABELS[int(runs.label)] in found.possible
    assert (found.degree >= runs.degrees - 1e-12).all()
    np.testing.assert_allclose(found.degree[found.known], runs.degrees[found.known])


def test_where_nothing_is_measured_everything_is_possible() -> None:
    found = assess({name: np.full(N_YEARS, np.nan) for name in NAMES})
    assert not found.known.any()
    assert set(found.possible) == {*found.futures, MIXED}


def test_a_future_with_a_condition_that_fails_is_not_possible_whatever_the_rest() -> None:
    measured = {name: np.full(N_YEARS, np.nan) for name in NAMES}
    measured["mean_diversity"] = series([2.0] * len(NAMES))["mean_diversity"]
    found = assess(measured)
    assert "new bipolarity" not in found.possible
    assert "multilateralism" in found.possible


@pytest.mark.parametrize(
    ("possible", "verdict"), [(("a",), HOLDS), (("a", "b"), HOLDS), (("b", "c"), OPEN), (("c", MIXED), FAILS)]
)
def test_verdicts(possible: tuple[str, ...], verdict: str) -> None:
    found = Assessment(("a", "b", "c"), np.zeros(3), np.ones(3, bool), possible)
    assert found.verdict(("a", "b")) == verdict


def test_expectations_are_labels_and_windows_are_long_enough() -> None:
    shipped = definition()
    for window in WINDOWS:
        assert set(window.expected) <= set(LABELS)
        assert window.last - window.first + 1 >= shipped.first_years + shipped.last_years


def test_a_window_too_short_is_refused() -> None:
    with pytest.raises(SimulationError, match="need 7 or more"):
        assess({name: np.ones(6) for name in NAMES})
