"""Two raters, 200 cases, three categories.

Cohen 1960, A coefficient of agreement for nominal scales, Educational and Psychological Measurement 20(1), 37-46,
doi:10.1177/001316446002000104: observed agreement .70, expected .41, kappa .492.
"""

from __future__ import annotations

import numpy as np
import pytest

from orrery.measure.similarity import Profiles, similarity

COUNTS = [[88, 14, 18], [10, 40, 10], [2, 6, 12]]


def test_worked_example():
    codes = np.repeat(np.indices((3, 3)).reshape(2, 9), np.ravel(COUNTS), axis=1).astype(np.int8)
    raters = Profiles(1960, ("A", "B"), tuple(map(str, range(200))), ("first", "second", "third"), codes)
    assert similarity(raters, "agreement").between("A", "B") == pytest.approx(0.70)
    kappa = similarity(raters, "kappa", distance="nominal").between("A", "B")
    assert kappa == pytest.approx((0.70 - 0.41) / (1 - 0.41))
    assert kappa.round(3) == 0.492


def test_raters_who_agree_as_often_as_chance_are_at_zero():
    """By hand: with independent ratings, observed and expected agreement are the same."""
    counts = np.outer([2, 3, 5], [4, 4, 2])
    codes = np.repeat(np.indices((3, 3)).reshape(2, 9), counts.ravel(), axis=1).astype(np.int8)
    raters = Profiles(1960, ("A", "B"), tuple(map(str, range(100))), ("first", "second", "third"), codes)
    assert similarity(raters, "kappa", distance="nominal").between("A", "B") == pytest.approx(0, abs=1e-12)
