"""Degrees of the five futures: by hand, reachable each, none structural, not defined never mixed, intervals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import betainc

from orrery.base.errors import MeasureError, ScenarioError
from orrery.world.futures import Futures, classify, published_thresholds, read_thresholds, shares

NAMES = published_thresholds().indicators
N_FUTURES = len(published_thresholds().future)

PATHS = {
    "new bipolarity": {"top_two_share": 1.3, "pole_hostility": 1.5, "mean_diversity": 0.9},
    "fragmentation": {"non_aligned_share": 1.2, "institutional_density": 0.7, "connectedness": 0.9},
    "regionalisation": {"regional_assortativity": 1.05, "regional_authority": 1.4},
    "renewed Western-led order": {"western_share": 1.25, "effective_powers": 0.9},
    "multilateralism": {"global_authority": 1.3},
}


def run(n_years: int = 10, **factor: float) -> dict[str, np.ndarray]:
    """Return indicators that stand at 0.4 for two years and at 0.4 times their factor afterwards."""
    step = np.arange(n_years) >= 2
    return {name: np.where(step, 0.4 * factor.get(name, 1.0), 0.4) for name in NAMES}


def logistic(x: float) -> float:
    return 1.0 / (1.0 + np.exp(-x))


@pytest.mark.parametrize("name", PATHS)
def test_every_future_can_be_reached(name):
    futures = classify(run(**PATHS[name]))
    assert futures.labels[int(futures.label)] == name
    assert futures.degrees[futures.names.index(name)] > 0.5


@pytest.mark.parametrize("name", PATHS)
def test_no_future_is_structural(name):
    """A run without change is mixed, and what leads to a future, turned round, leads away from it."""
    still = classify(run())
    assert still.labels[int(still.label)] == "mixed"
    turned = classify(run(**{indicator: 1.0 / factor for indicator, factor in PATHS[name].items()}))
    assert turned.degrees[turned.names.index(name)] < 0.05


def test_degrees_by_hand():
    """With every ratio at 1 the degrees follow from the thresholds alone."""
    expected = [
        min(logistic(-0.15 / 0.05), logistic(-0.10 / 0.10), 0.5),
        min(logistic(-0.05 / 0.03), logistic(-0.10 / 0.05), 0.5),
        min(0.5, logistic(-0.15 / 0.05)),
        min(logistic(-0.10 / 0.03), 0.5, logistic(0.10 / 0.05)),
        min(logistic(-0.10 / 0.05), logistic(0.03 / 0.02), logistic(0.02 / 0.02)),
    ]
    np.testing.assert_allclose(classify(run()).degrees, expected, rtol=1e-12)


@given(st.dictionaries(st.sampled_from(NAMES), st.floats(0.2, 5.0)), st.floats(0.5, 100.0), st.integers(7, 30))
def test_units_and_years_between_do_not_matter(factor, unit, n_years):
    futures = classify(run(7, **factor))
    assert ((futures.degrees >= 0) & (futures.degrees <= 1)).all()
    other = classify({name: unit * values for name, values in run(n_years, **factor).items()})
    np.testing.assert_allclose(other.degrees, futures.degrees, rtol=1e-7, atol=1e-12)


@given(st.floats(0.5, 2.0), st.floats(0.5, 2.0))
def test_a_condition_never_lowers_its_future(first, second):
    low, high = sorted((first, second))
    place = classify(run()).names.index("renewed Western-led order")
    degree = [classify(run(western_share=ratio)).degrees[place] for ratio in (low, high)]
    assert degree[0] <= degree[1]


@pytest.mark.parametrize("bad", [0.0, 1e-4, np.nan])
@pytest.mark.parametrize("name", NAMES)
def test_an_undefined_ratio_is_not_defined_and_never_mixed(name, bad):
    series = run()
    series[name] = np.where(np.arange(10) < 2, bad, 0.4)
    futures = classify(series)
    assert futures.labels[int(futures.label)] == "not defined"
    touched = [
        any(name in (condition.indicator, condition.relative_to) for condition in future.condition)
        for future in published_thresholds().future
    ]
    np.testing.assert_array_equal(np.isnan(futures.degrees), touched)


def test_axes_are_kept_and_runs_do_not_mix():
    runs = [run(**path) for path in PATHS.values()]
    stacked = {name: np.stack([one[name] for one in runs])[None] for name in NAMES}
    futures = classify(stacked)
    assert futures.degrees.shape == (1, len(runs), N_FUTURES)
    np.testing.assert_array_equal(futures.label, [range(len(runs))])


@pytest.mark.parametrize("n_years", [1, 6])
def test_too_few_years(n_years):
    with pytest.raises(MeasureError, match=f"got {n_years} years.*at least 7"):
        classify(run(n_years))


def test_missing_indicators_and_shapes_are_named():
    series = run()
    del series["compliance"]
    with pytest.raises(MeasureError, match=r"lacks the indicators \['compliance'\]"):
        classify(series)
    with pytest.raises(MeasureError, match="got the shapes"):
        classify(run() | {"compliance": np.ones(9)})


def test_shares_add_up_and_follow_jeffreys():
    """The bounds of 2 in 10 cut off 2.5% of Beta(2.5, 8.5) on either side (Brown, Cai & DasGupta 2001)."""
    label = np.array([0, 0, *[N_FUTURES] * 7, N_FUTURES + 1])
    names = tuple(future.name for future in published_thresholds().future)
    result = shares(Futures(names, np.zeros((10, N_FUTURES)), label), level=0.95)
    assert result.share.sum() == pytest.approx(1.0)
    assert result.labels[-2:] == ("mixed", "not defined")
    np.testing.assert_allclose(result.share[[0, -2, -1]], [0.2, 0.7, 0.1])
    np.testing.assert_allclose(betainc(2.5, 8.5, [result.lower[0], result.upper[0]]), [0.025, 0.975], rtol=1e-9)
    assert result.lower[1] == 0.0
    assert 0.0 < result.upper[1] < 0.3


def test_shares_refuse_what_has_no_runs():
    with pytest.raises(MeasureError, match="at least one run"):
        shares(classify(run()))
    with pytest.raises(MeasureError, match="`level`: got 1"):
        shares(classify({name: values[None] for name, values in run().items()}), level=1.0)


@pytest.mark.parametrize("text", ["base_years = ", "base_years = 2", "unknown = 1"])
def test_a_defective_file_is_refused(text):
    with pytest.raises(ScenarioError, match=r"futures\.toml"):
        read_thresholds(text)


def test_the_documented_thresholds_are_those_of_the_file():
    page = (Path(__file__).parents[2] / "docs" / "futures.md").read_text(encoding="utf-8")
    cells = [[cell.strip() for cell in line.split("|")] for line in page.splitlines() if line.startswith("|")]
    documented = [(row[3], float(row[4]), float(row[5])) for row in cells if row[3] in ("above", "below")]
    conditions = [condition for future in published_thresholds().future for condition in future.condition]
    assert documented == [(one.direction, one.threshold, one.width) for one in conditions]
