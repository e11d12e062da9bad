"""How concentrated capability is among the powers, made comparable between systems of different size.

Ray & Singer 1973, Measuring the concentration of power in the international system, Sociological Methods & Research
1(4), 403-437, doi:10.1177/004912417300100401: CON(.4, .3, .2, .1) = .258199. The other values are by hand.
"""

from __future__ import annotations

import numpy as np
import pytest

from orrery.measure.polarity import concentration


def test_worked_example():
    value = concentration(np.array([0.4, 0.3, 0.2, 0.1]))
    assert value.round(6) == 0.258199
    assert value == pytest.approx(np.sqrt(1 / 15))  # (.30 - .25) / .75


@pytest.mark.parametrize("n_powers", [2, 3, 5, 8])
def test_ends_of_the_scale(n_powers):
    assert concentration(np.full(n_powers, 1 / n_powers)) == pytest.approx(0, abs=1e-7)
    assert concentration(np.eye(n_powers)[0]) == pytest.approx(1)


@pytest.mark.parametrize("share", [0.5, 0.6, 0.75, 0.9, 1.0])
def test_between_two_powers_it_is_the_difference_of_their_shares(share):
    """By hand: `sqrt((s^2 + (1 - s)^2 - 1/2) / (1/2)) = 2 s - 1`."""
    assert concentration(np.array([share, 1 - share])) == pytest.approx(2 * share - 1, abs=1e-7)


@pytest.mark.parametrize(("n_equal", "n_powers"), [(1, 4), (2, 4), (3, 4), (2, 6)])
def test_equal_powers_beside_powers_with_nothing(n_equal, n_powers):
    """By hand: `sqrt((1/k - 1/N) / (1 - 1/N))` for `k` equal powers of `N`."""
    shares = np.where(np.arange(n_powers) < n_equal, 1 / n_equal, 0.0)
    assert concentration(shares) == pytest.approx(np.sqrt((1 / n_equal - 1 / n_powers) / (1 - 1 / n_powers)))
