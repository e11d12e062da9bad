"""Venues: values by hand, limits, and that few suit what is urgent and narrow and many what is slow and wide."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from orrery.base.errors import NegotiationError
from orrery.negotiation.agreement import SHORTEST
from orrery.negotiation.design.venues import VENUES, random_matter, venue_map


@pytest.fixture(scope="module")
def scattered():
    """Sixteen parties whose positions are anywhere."""
    return random_matter(jax.random.key(2), 16)


@pytest.fixture(scope="module")
def found(scattered):
    return venue_map(*scattered)


def test_small_venues_suit_what_is_urgent_and_narrow_and_large_ones_the_opposite(found):
    assert found.venues == tuple(VENUES)
    assert found.best_at(urgency=3.0, scope=0.0) == "unilateral"
    assert found.best_at(urgency=0.0, scope=1.0) == "multilateral"
    size = np.array([len(places) for places in found.places])[found.best]
    # Along each line of the grid: never more parties as urgency rises, never fewer as scope widens.
    assert (np.diff(size, axis=0) <= 0).all()
    assert (np.diff(size, axis=1) >= 0).all()


@pytest.mark.parametrize(("n_alike", "venue"), [(2, "bilateral"), (5, "minilateral")])
def test_a_few_suit_the_middle_ground_where_they_agree_and_the_others_do_not(n_alike, venue):
    found = venue_map(*random_matter(jax.random.key(2), 16, stake=0.6, n_alike=n_alike))
    assert found.best_at(urgency=0.8, scope=0.9) == venue
    assert found.best_at(urgency=3.0, scope=0.0) == "unilateral"


def test_values_worked_out_by_hand():
    """All want the same: depth 1, no talks beyond the quarter of a year, coverage alone tells venues apart."""
    draws, weights = random_matter(jax.random.key(0), 4, n_draws=3)
    same = eqx.tree_at(lambda one: one.position, draws, jnp.full_like(draws.position, 0.3))
    found = venue_map(same, weights, urgency=(0.0, 2.0), scope=(0.0, 0.5, 1.0))
    assert found.venues == ("unilateral", "bilateral", "multilateral")
    assert found.places == ((0,), (0, 1), (0, 1, 2, 3))
    # Capability 1, 1/2, 1/3, 1/4 of 25/12.
    covered = np.array([12 / 25, 18 / 25, 1.0])
    late = np.array([1.0, np.exp(-2 * SHORTEST), np.exp(-2 * SHORTEST)])
    for column, scope in enumerate((0.0, 0.5, 1.0)):
        solved = 1 - scope + scope * covered
        np.testing.assert_allclose(found.value[:, 0, column], solved, rtol=1e-5)
        np.testing.assert_allclose(found.value[:, 1, column], solved * late, rtol=1e-5)
    assert found.best.tolist() == [[0, 2, 2], [0, 0, 2]]
    assert (found.certain == 1).all()


def test_in_deadlock_only_who_acts_alone_achieves_anything():
    draws, weights = random_matter(jax.random.key(0), 6, stake=0.01, n_draws=16)
    apart = eqx.tree_at(lambda one: one.position, draws, draws.position.at[:, 0].set(0.0).at[:, 1:].set(1.0))
    found = venue_map(apart, weights, urgency=(1.0,), scope=(1.0,))
    assert found.value[:, 0, 0].tolist() == pytest.approx([0.01 * float(weights.capability[0]), 0, 0, 0])


def test_values_fall_with_urgency_and_with_scope(found):
    assert (np.diff(found.value, axis=1) <= 1e-9).all()
    assert (np.diff(found.value, axis=2) <= 1e-9).all()
    assert ((found.value >= 0) & (found.value <= 1)).all()
    assert ((found.certain > 0) & (found.certain <= 1)).all()


def test_a_case_has_its_map_with_paired_draws(matter):
    one, two = (venue_map(matter.draws, matter.weights) for _ in range(2))
    assert (one.value == two.value).all()
    assert one.places[-1] == tuple(range(len(matter.case.parties)))
    stake = np.asarray(matter.weights.stake)
    assert stake[one.places[0][0]] == stake.max()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"urgency": ()}, "`urgency`"),
        ({"urgency": (-1.0,)}, "`urgency`"),
        ({"urgency": (np.inf,)}, "`urgency`"),
        ({"scope": ()}, "`scope`"),
        ({"scope": (1.5,)}, "`scope`"),
    ],
)
def test_what_is_no_urgency_or_scope_is_refused(scattered, fields, message):
    with pytest.raises(NegotiationError, match=message):
        venue_map(*scattered, **fields)


def test_what_is_no_matter_is_refused():
    with pytest.raises(NegotiationError, match="three or more"):
        random_matter(jax.random.key(0), 2)
    with pytest.raises(NegotiationError, match="from 0 to the 5 parties"):
        random_matter(jax.random.key(0), 5, n_alike=6)
    with pytest.raises(NegotiationError, match="above 0"):
        random_matter(jax.random.key(0), 5, stake=0.0)
