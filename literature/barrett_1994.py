"""Agreements among identical countries that hold by themselves are small where they would matter most.

Barrett 1994, Self-enforcing international environmental agreements, Oxford Economic Papers 46, 878-894,
doi:10.1093/oep/46.supplement_1.878. With benefits linear in total abatement and quadratic costs of one's own, three
countries are stable whatever the number affected (two, where there are only two). What the agreement gains over none,
as a share of what full cooperation would, is worked out by hand from the payoffs: with n countries, benefit and cost 1,
k members have in sum n (n + k^2 - k) - (k^3 + n - k) / 2.
"""

from __future__ import annotations

import jax.numpy as jnp
import pytest

from orrery.negotiation.compliance.participation import free_riding_loss, identical
from orrery.negotiation.compliance.stable_sets import stable_coalitions, stable_sizes


@pytest.mark.parametrize("n", [3, 20, 193])
def test_three_countries_whatever_the_number(n):
    assert stable_sizes(identical(n)) == (3,)


def test_two_where_there_are_two():
    assert stable_sizes(identical(2)) == (2,)


def test_any_three_of_ten():
    found = stable_coalitions(identical(10))
    assert len(found) == 120
    assert {int(size) for size in found.sum(1)} == {3}


@pytest.mark.parametrize("n", [5, 20, 193])
def test_the_more_countries_the_less_the_three_achieve(n):
    def sum_of_payoffs(k: int) -> float:
        return n * (n + k**2 - k) - (k**3 + n - k) / 2

    lost = 1 - (sum_of_payoffs(3) - sum_of_payoffs(0)) / (sum_of_payoffs(n) - sum_of_payoffs(0))
    assert float(free_riding_loss(identical(n), jnp.arange(n) < 3)) == pytest.approx(lost, rel=1e-4)
    assert lost == pytest.approx({5: 0.550, 20: 0.970, 193: 0.9997}[n], abs=6e-4)
