"""Two parties divide a dollar: patient ones share it as Rubinstein's limit says.

Rubinstein 1982, Perfect equilibrium in a bargaining model, Econometrica 50, 97-109, doi:10.2307/1912531. Where offers
alternate, the first of two equally patient parties gets `1 / (1 + delta)`, which tends to a half. Where the proposer is
drawn with chance `pi` each period, the same indifference, worked out by hand, gives expected shares `pi`, and the
proposer keeps `1 - delta (1 - pi)`; with equal chances that too tends to a half.
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from orrery.institutions.games import Threshold
from orrery.negotiation.bargaining import Equilibrium, proposals

SHARE = np.linspace(0, 1, 1001)
BOTH = Threshold((1, 1), 2)


def solved(patience: float, chance: float = 0.5) -> Equilibrium:
    utility = jnp.asarray(np.stack([SHARE, 1 - SHARE], 1))
    recognition = jnp.asarray([chance, 1 - chance])
    return proposals(utility, jnp.zeros(2), BOTH, recognition, patience=patience, temperature=1e-4)


def shares(found: Equilibrium) -> np.ndarray:
    """Return the mean share of the first party in what each of the two proposes."""
    return np.asarray(found.proposal) @ SHARE


@pytest.mark.parametrize("patience", [0.5, 0.8, 0.95])
@pytest.mark.parametrize("chance", [0.5, 0.7])
def test_the_proposer_leaves_the_other_what_waiting_is_worth(patience: float, chance: float):
    found = solved(patience, chance)
    assert shares(found) == pytest.approx([1 - patience * (1 - chance), patience * chance], abs=2e-3)
    assert float(found.value[0]) == pytest.approx(chance, abs=2e-3)


def test_in_the_limit_of_patience_both_rules_of_procedure_give_a_half():
    patience = 0.99
    drawn = shares(solved(patience))
    alternating = 1 / (1 + patience)
    assert drawn == pytest.approx([0.5, 0.5], abs=6e-3)
    assert drawn[0] == pytest.approx(alternating, abs=6e-3)
