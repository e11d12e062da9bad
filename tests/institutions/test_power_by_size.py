"""Shapley's values from coalitions of few members and from frequencies: the parts, their bounds, and both together."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.special import i0e

from orrery.institutions.power import few
from orrery.institutions.power.by_size import CELLS, Needed, Window, shapley_by_size
from orrery.institutions.power.few import Few
from orrery.institutions.power.product import Product
from orrery.institutions.power.sizes import RADII, greatest_addition, sizes_of
from orrery.institutions.power.weighted import Line, quadrature

MEMBERS = 190


def body(seed: int, shape: float, total: int = 5_000_000) -> np.ndarray:
    """Random weights of about the size of the votes in the Fund, some a few, some a thousand times the least."""
    drawn = np.random.default_rng(seed).pareto(shape, MEMBERS) + 1
    return np.sort(np.maximum((drawn / drawn.sum() * total).astype(np.int64), 1))


def at_nodes(weights: np.ndarray, quota: int) -> np.ndarray:
    """Shapley's values by Owen's integral over the chance of yes, one node after the other."""
    line = Line.of(weights, quota)
    nodes, shares = quadrature(len(weights))
    return shares @ np.array([line.decided(*one).decides for one in zip(nodes.tolist(), shares.tolist(), strict=True)])


@pytest.mark.parametrize("most_parts", [1, 4, 128])
@given(drawn=st.lists(st.integers(1, 60), min_size=1, max_size=11), data=st.data())
def test_coalitions_of_few_members_are_those_that_there_are(most_parts, drawn, data):
    weights = np.sort(np.array(drawn))
    threshold = data.draw(st.integers(1, int(weights.sum())))
    n_sizes = data.draw(st.integers(1, len(weights)))
    highest = data.draw(st.integers(threshold, int(weights.sum())))
    lowest = data.draw(st.integers(1, threshold))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(few, "MOST_PARTS", most_parts)
        found = Few.of(weights, n_sizes, lowest, highest).deciding(threshold)
    holds = (np.arange(2 ** len(weights))[:, None] >> np.arange(len(weights))) & 1
    total, size = holds @ weights, holds.sum(1)
    for member, weight in enumerate(weights):
        left = (holds[:, member] == 0) & (total < threshold) & (total + weight >= threshold)
        assert found[:, member].tolist() == np.bincount(size[left], minlength=n_sizes)[:n_sizes].tolist()


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("odds", [0.1, 0.4, 0.7])
def test_the_product_is_nowhere_above_its_bound(turned, odds):
    draw = np.random.default_rng(3)
    weights, n_cells = draw.integers(1, 400, 60), 2**12
    bound = Product(weights, n_cells, turned=turned).logarithm(odds)
    places = draw.uniform(0, n_cells / 2, 4000)
    phases = np.exp(2j * np.pi / n_cells * places[:, None] * weights)
    turns = np.exp(1j * draw.uniform(0, 2 * np.pi, (1, 4000, 1))) if turned else 1
    exact = np.log(np.abs(1 + odds * turns * phases)).sum(-1).reshape(-1)
    slack = bound[np.rint(places).astype(int)] - exact
    assert slack.min() > 0
    if not turned:
        # The bound is no more than what weights of up to a third of a radian per half cell cost.
        assert np.median(slack) < 15 * odds


@pytest.mark.parametrize("radius", RADII)
def test_symmetric_polynomials_are_nowhere_above_their_bound(radius):
    weights = body(1, 1.2)[:180]
    period = int(weights.sum()) // 2 * 2 + 3
    bound = Product(weights, CELLS, turned=True).mean(radius)
    frequencies = np.random.default_rng(0).integers(1, period // 2, 300)
    points = np.exp(2j * np.pi / period * (frequencies[:, None] * weights % period))
    symmetric = np.zeros((20, 300), complex)
    symmetric[0] = 1
    for one in points.T:
        symmetric[1:] += one * symmetric[:-1]
    scaled = np.abs(symmetric) * radius ** np.arange(20)[:, None]
    assert (scaled < bound[np.rint(frequencies * CELLS / period).astype(int)]).all()


def test_the_mean_over_phases_is_a_bessel_function():
    # One member of weight 1 at t = 0: log |1 + R e^{i psi}| is at most R cos psi + R^2 / 2 + ...
    bound = float(Product(np.array([1]), 2**8, turned=True).mean(0.3)[0])
    rest = -np.log(1 - 0.3) - 0.3
    assert i0e(0.3) * np.exp(0.3 + rest) < bound < 1.2 * np.exp(0.3 + rest)


@pytest.mark.parametrize("n_members", [185, 190, 250, 400])
def test_the_quadrature_is_right_for_all_sizes_that_are_not_few(n_members):
    sizes = sizes_of(n_members)
    assert sizes is not None
    chances = np.concatenate([sizes.chances, 1 - sizes.chances])
    weights = np.concatenate([sizes.weights, sizes.weights])
    for yes in range(n_members):
        made = float(weights @ (chances**yes * (1 - chances) ** (n_members - 1 - yes)))
        share = 1 / n_members / comb(n_members - 1, yes)
        if sizes.n_few <= yes < n_members - sizes.n_few:
            assert made == pytest.approx(share, rel=2e-10)
        else:
            few = min(yes, n_members - 1 - yes)
            assert made == pytest.approx(sizes.few_shares[few], rel=1e-10)
    of_all = sum(comb(n_members - 1, few) * float(sizes.few_shares[few]) for few in range(sizes.n_few))
    assert sizes.smooth_part == pytest.approx(2 * float(sizes.weights.sum()) - 2 * of_all, abs=1e-12)


def test_what_a_size_adds_falls_until_half_of_the_members():
    first, later = (greatest_addition(MEMBERS, (few, few + 1), 0.4) for few in (13, 14))
    assert later < first / 3
    both = greatest_addition(MEMBERS, (13, 15), 0.4)
    assert both == pytest.approx(first + later, rel=1e-12)
    assert sizes_of(20) is None


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 999), st.sampled_from([0.9, 1.1, 1.5]), st.sampled_from([0.5, 0.7, 0.85]))
@example(7, 1.1, 0.7)
def test_values_are_those_of_the_integral(seed, shape, share):
    weights = body(seed, shape)
    quota = int(weights.sum() * share) + 1
    found = shapley_by_size(weights, quota)
    if found is None:
        # The tail of `shape` 0.9 at times needs more frequencies than are worth it, and then another way is taken.
        assert (seed, shape) != (7, 1.1)
        assert Needed.of(weights, sizes_of(MEMBERS), int(weights.sum()) // 2 * 2 + 3) is None
        return
    values, error = found
    assert error < 1e-9
    np.testing.assert_allclose(values, at_nodes(weights, quota), rtol=0, atol=1e-10)
    assert values.sum() == pytest.approx(1, abs=1e-10)
    # Who weighs more decides no less often.
    assert (np.diff(values) > -error).all()


def test_stopping_a_motion_takes_the_power_of_carrying_one():
    weights = body(7, 1.2)
    quota = int(weights.sum() * 0.66)
    (values, error), (dual, other) = (shapley_by_size(weights, one) for one in (quota, int(weights.sum()) - quota + 1))
    np.testing.assert_allclose(values, dual, rtol=0, atol=error + other)


def test_single_precision_is_enough_where_it_is_used():
    weights = body(2, 1.0)
    sizes, period = sizes_of(MEMBERS), int(weights.sum()) // 2 * 2 + 3
    needed = Needed.of(weights, sizes, period)
    window = Window(weights, sizes, period, int(weights.sum() * 0.7))
    assert len(needed.far) > 100
    np.testing.assert_allclose(window.far(needed.far), window.near(needed.far), rtol=0, atol=2e-12)


def test_weights_that_resonate_are_left_to_another_way():
    # All but one weight are multiples of a thousand: the spectrum repeats itself a thousand times.
    weights = np.sort(np.append(body(3, 1.2)[1:] // 1000 * 1000 + 1000, 1))
    assert shapley_by_size(weights, int(weights.sum()) // 2) is None
