"""Dividing a dollar by majority under a closed rule.

Baron & Ferejohn 1989, Bargaining in legislatures, American Political Science Review 83, 1181-1206,
doi:10.2307/1961664. In the stationary equilibrium with n parties and equal recognition everybody expects 1/n; a
proposer buys the cheapest majority at `delta / n` each and keeps `1 - delta (n - 1) / (2 n)`, at once. For n = 3 the
proposer keeps `1 - delta / 3` and pays one partner `delta / 3`. Values for unanimity follow from the same argument.
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from orrery.institutions.games import Threshold
from orrery.negotiation.bargaining import Equilibrium, proposals

CENTS = 20
"""Smallest parts of the dollar; `delta / 3` is a whole number of them for the values of patience used here."""


def divisions() -> np.ndarray:
    """Return all ways to divide the dollar among three, as `[division, party]`."""
    found = [
        (first, second, CENTS - first - second) for first in range(CENTS + 1) for second in range(CENTS + 1 - first)
    ]
    return np.array(found) / CENTS


DIVISIONS = divisions()


def solved(patience: float, quota: int = 2) -> Equilibrium:
    return proposals(
        jnp.asarray(DIVISIONS), jnp.zeros(3), Threshold((1, 1, 1), quota), patience=patience, temperature=0.002
    )


@pytest.mark.parametrize("patience", [0.3, 0.6, 0.9])
def test_the_proposer_keeps_what_it_need_not_pay_to_one_partner(patience: float):
    found = solved(patience)
    for proposer in range(3):
        likely = np.asarray(found.proposal[proposer]) > 0.01
        for division in DIVISIONS[likely]:
            assert division[proposer] == pytest.approx(1 - patience / 3)
            assert sorted(np.delete(division, proposer)) == pytest.approx([0, patience / 3])


@pytest.mark.parametrize("patience", [0.3, 0.6, 0.9])
def test_agreement_is_immediate_and_everybody_expects_a_third(patience: float):
    found = solved(patience)
    assert float(found.agreement) == pytest.approx(1, abs=1e-3)
    assert found.value.tolist() == pytest.approx([1 / 3] * 3, abs=1e-3)


def test_either_partner_is_as_likely_as_the_other():
    found = solved(0.6)
    with_second = np.asarray(found.proposal[0])[DIVISIONS[:, 1] > 0].sum()
    assert with_second == pytest.approx(0.5, abs=1e-3)


@pytest.mark.parametrize("patience", [0.3, 0.6, 0.9])
def test_under_unanimity_both_others_are_paid(patience: float):
    found = solved(patience, quota=3)
    mean = np.asarray(found.proposal) @ DIVISIONS
    expected = np.full((3, 3), patience / 3) + (1 - patience) * np.eye(3)
    assert mean == pytest.approx(expected, abs=2e-3)
