"""Agreement beyond chance, where chance is one distribution common to both raters.

Scott 1955, Reliability of content analysis: the case of nominal scale coding, Public Opinion Quarterly 19(3), 321-325,
doi:10.1086/266577: `pi = (P_o - P_e) / (1 - P_e)`, with `P_e` the sum of squares of the pooled shares of categories.
Values by hand from that formula, on the raters of Cohen 1960; a published value of pi stands in
`signorino_ritter_1999.py`.
"""

from __future__ import annotations

import numpy as np
import pytest

from orrery.measure.similarity import Profiles, similarity

COUNTS = [[88, 14, 18], [10, 40, 10], [2, 6, 12]]


def raters(counts) -> Profiles:
    codes = np.repeat(np.indices((3, 3)).reshape(2, 9), np.ravel(counts), axis=1).astype(np.int8)
    items = tuple(map(str, range(codes.shape[1])))
    return Profiles(1955, ("A", "B"), items, ("first", "second", "third"), codes)


def test_pooled_shares_give_chance():
    """By hand: pooled shares .55, .30, .15; chance .415; pi = .285 / .585 = 19/39."""
    pi = similarity(raters(COUNTS), "pi", distance="nominal").between("A", "B")
    assert pi == pytest.approx(19 / 39)
    assert pi < similarity(raters(COUNTS), "kappa", distance="nominal").between("A", "B")


def test_raters_with_the_same_shares_have_the_kappa_of_cohen():
    """By hand: a symmetric table has equal margins, on which the two notions of chance coincide."""
    same = raters(np.array(COUNTS) + np.transpose(COUNTS))
    kappa, pi = (similarity(same, index, distance="nominal").between("A", "B") for index in ("kappa", "pi"))
    assert pi == pytest.approx(kappa)
    assert pi == pytest.approx(19 / 39)
