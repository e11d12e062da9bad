"""The share of the variance of portfolios between regions: by hand, at its limits, whatever the order of countries."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orrery.measure.portfolios.regions import share_between_regions


def places(regions: np.ndarray) -> np.ndarray:
    return regions[:, None] == np.unique(regions)


def test_by_hand() -> None:
    """Means of regions lie .2 on either side of the mean, countries .1 on either side of their region's."""
    first = np.array([0.2, 0.4, 0.6, 0.8])
    portfolio = np.stack([first, 1 - first], axis=1)
    regions = np.array(["a", "a", "b", "b"])
    assert share_between_regions(portfolio, places(regions)) == pytest.approx(0.2**2 / (0.2**2 + 0.1**2))


def test_limits() -> None:
    portfolio = np.array([[0.9, 0.1], [0.9, 0.1], [0.3, 0.7], [0.3, 0.7]])
    assert share_between_regions(portfolio, places(np.array([0, 0, 1, 1]))) == pytest.approx(1.0)
    assert share_between_regions(portfolio, places(np.array([0, 1, 0, 1]))) == pytest.approx(0.0)
    assert share_between_regions(portfolio, places(np.zeros(4))) == pytest.approx(0.0)
    assert share_between_regions(np.full((4, 2), 0.5), places(np.array([0, 0, 1, 1]))) == 0.0


@given(st.integers(0, 10_000), st.integers(2, 12), st.integers(1, 4))
def test_is_a_share_and_does_not_depend_on_order(seed: int, n_countries: int, n_regions: int) -> None:
    random = np.random.default_rng(seed)
    portfolio = random.dirichlet(np.ones(4), n_countries)
    regions = random.integers(0, n_regions, n_countries)
    value = share_between_regions(portfolio, places(regions))
    assert -1e-12 <= value <= 1 + 1e-12
    order = random.permutation(n_countries)
    assert share_between_regions(portfolio[order], places(regions[order])) == pytest.approx(value, abs=1e-12)


def test_a_country_without_a_region_is_left_out() -> None:
    random = np.random.default_rng(3)
    portfolio, regions = random.dirichlet(np.ones(3), 6), np.array([0, 0, 1, 1, 2, 2])
    without = places(regions) & (np.arange(6) != 3)[:, None]
    kept = np.arange(6) != 3
    found = share_between_regions(portfolio, without)
    assert found == pytest.approx(share_between_regions(portfolio[kept], places(regions[kept])))
    assert found != pytest.approx(share_between_regions(portfolio, places(regions)))
