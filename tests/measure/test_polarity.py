"""Polarity and density: published values and limits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from orrery.measure.multilateralism import mean_shared, relative_density
from orrery.measure.polarity import concentration, effective_number, top_two_share

shares = hnp.arrays(float, st.integers(2, 8), elements=st.floats(0.01, 1))


def test_published_values():
    s = np.array([0.4, 0.3, 0.2, 0.1])
    assert concentration(s) == pytest.approx(0.258199, abs=1e-6)  # Ray & Singer 1973, worked example
    assert effective_number(s) == pytest.approx(1 / 0.3)
    assert top_two_share(s) == pytest.approx(0.7)


def test_limits():
    assert concentration(np.array([1.0, 0, 0])) == pytest.approx(1)
    assert concentration(np.ones(4)) == pytest.approx(0)
    assert concentration(np.array([0.3])) == 1
    assert top_two_share(np.array([0.5, 0.5])) == pytest.approx(1)
    assert top_two_share(np.array([0.4, 0.4, 0.2])) == pytest.approx(0.8)


@given(shares, st.floats(0.1, 10))
def test_scale_does_not_matter_and_bounds_hold(s, scale):
    assert effective_number(scale * s) == pytest.approx(effective_number(s))
    assert 1 - 1e-9 <= effective_number(s) <= len(s) + 1e-9
    assert 0 <= concentration(s) <= 1 + 1e-9
    assert top_two_share(s) == pytest.approx(np.sort(s)[-2:].sum() / s.sum())


def test_density_is_relative_to_its_mean_and_empty_on_the_diagonal():
    shared = np.array([[9.0, 2, 4], [2, 9, 6], [4, 6, 9]])
    assert mean_shared(shared, np.ones(3, bool)) == 4
    density = relative_density(shared, 4.0)
    np.testing.assert_allclose(density, [[0, 0.5, 1], [0.5, 0, 1.5], [1, 1.5, 0]])
    assert shared[0, 0] == 9
