"""The index family: the toy values that can be worked out by hand, and the axioms as properties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from orrery.base.errors import MeasureError
from orrery.measure.portfolios.indices import (
    between_channels,
    channel_coherence,
    check_rivalry,
    diversity,
    effective_multivectorness,
    effective_vectors,
    equidistance,
    greatest_rivalry_met,
    lean,
    line_rivalry,
    negative_type_excess,
    rival_diversity,
    rivalry_met,
    total_variation,
)

EXACT = {"rtol": 0, "atol": 1e-12}


def full_rivalry(n_poles: int) -> np.ndarray:
    return np.ones((n_poles, n_poles)) - np.eye(n_poles)


TWO_FRIENDS = np.array([[0.0, 0, 1], [0, 0, 1], [1, 1, 0]])
LINE = line_rivalry(np.array([0.0, 0.5, 1.0]))


@pytest.mark.parametrize(
    ("rivalry", "shares", "mv", "met", "rd", "ev"),
    [
        (full_rivalry(2), [1, 0], 0, 0, 0, 1),
        (full_rivalry(2), [1 / 2, 1 / 2], 1, 1 / 2, 1, 2),
        (full_rivalry(2), [3 / 4, 1 / 4], 3 / 4, 3 / 8, 3 / 4, 8 / 5),
        (full_rivalry(3), [1 / 3, 1 / 3, 1 / 3], 1, 2 / 3, 1, 3),
        (TWO_FRIENDS, [1 / 2, 1 / 2, 0], 3 / 4, 0, 0, 1),
        (TWO_FRIENDS, [1 / 4, 1 / 4, 1 / 2], 15 / 16, 1 / 2, 1, 2),
        (TWO_FRIENDS, [1 / 3, 1 / 3, 1 / 3], 1, 4 / 9, 8 / 9, 9 / 5),
        (LINE, [1 / 2, 0, 1 / 2], 3 / 4, 1 / 2, 1, 2),
        (LINE, [1 / 3, 1 / 3, 1 / 3], 1, 4 / 9, 8 / 9, 9 / 5),
        (LINE, [0, 1, 0], 0, 0, 0, 1),
    ],
)
def test_toy_values(rivalry, shares, mv, met, rd, ev):
    s = np.array(shares, float)
    np.testing.assert_allclose(diversity(s), mv, **EXACT)
    np.testing.assert_allclose(rivalry_met(s, rivalry), met, **EXACT)
    np.testing.assert_allclose(rival_diversity(s, rivalry, greatest_rivalry_met(rivalry)), rd, **EXACT)
    np.testing.assert_allclose(effective_vectors(s, rivalry), ev, **EXACT)


def test_engagement_scales_the_index():
    np.testing.assert_allclose(effective_multivectorness(np.array(1.0), np.array(0.6)), 0.4, **EXACT)


def test_equidistance_is_undefined_without_ties():
    np.testing.assert_allclose(equidistance(np.array([0.75, 0.0]), np.array([0.25, 0.0])), [0.5, np.nan], **EXACT)


def test_channels_that_use_different_poles_make_the_whole_multi_vector():
    trade_and_arms, equal = np.eye(2), np.ones(2)
    np.testing.assert_allclose(rival_diversity(trade_and_arms, full_rivalry(2), 0.5), 0, **EXACT)
    np.testing.assert_allclose(between_channels(trade_and_arms, equal, full_rivalry(2), 0.5), 1, **EXACT)
    np.testing.assert_allclose(channel_coherence(trade_and_arms), 0, **EXACT)


def test_channels_without_shares_are_left_out():
    shares = np.array([[1, 0], [np.nan, np.nan], [0.5, 0.5]])
    weights = np.array([1.0, 5.0, 1.0])
    np.testing.assert_allclose(channel_coherence(shares), 0.5, **EXACT)
    # RD of (3/4, 1/4) is 3/4; the channels' own are 0 and 1.
    np.testing.assert_allclose(between_channels(shares, weights, full_rivalry(2), 0.5), 0.25, **EXACT)
    assert np.isnan(channel_coherence(shares[:2]))
    assert np.isnan(between_channels(shares[1:2], weights[1:2], full_rivalry(2), 0.5))


PATH = np.diag(np.ones(3), 1) + np.diag(np.ones(3), -1)


def test_a_path_of_rivalries_can_make_the_between_channel_part_negative():
    # Along the direction in which the form is convex, two channels differ and their mean is less rival than they are.
    shares = np.array([[0.5, 0.5, 0, 0], [0, 0, 0.5, 0.5]])
    part = between_channels(shares, np.ones(2), PATH, greatest_rivalry_met(PATH))
    np.testing.assert_allclose(part, 3 / 8 / 0.5 - 1, **EXACT)
    assert part < 0


def test_a_path_of_rivalries_is_not_of_negative_type():
    assert negative_type_excess(PATH) == pytest.approx(0.618, abs=5e-4)
    assert negative_type_excess(line_rivalry(np.array([0.0, 1.0, 3.0, 4.0]))) <= 1e-12


n_poles = st.integers(2, 6)


@st.composite
def shares_and_rivalry(draw, size=n_poles):
    count = draw(size)
    weights = draw(hnp.arrays(float, count, elements=st.floats(0.01, 1)))
    upper = np.triu(draw(hnp.arrays(float, (count, count), elements=st.floats(0, 1))), 1)
    return weights / weights.sum(), upper + upper.T


@given(shares_and_rivalry())
def test_bounds(case):
    s, h = case
    greatest = greatest_rivalry_met(h)
    assert -1e-12 <= diversity(s) <= 1 + 1e-12
    assert -1e-12 <= rival_diversity(s, h, greatest) <= 1 + 1e-9
    assert effective_vectors(s, h) >= 1 - 1e-12


@given(shares_and_rivalry(), st.randoms(use_true_random=False))
def test_relabelling_poles_changes_nothing(case, random):
    s, h = case
    order = list(range(len(s)))
    random.shuffle(order)
    np.testing.assert_allclose(diversity(s[order]), diversity(s), **EXACT)
    np.testing.assert_allclose(rivalry_met(s[order], h[np.ix_(order, order)]), rivalry_met(s, h), **EXACT)


@given(shares_and_rivalry(), st.floats(0, 1))
def test_an_unused_pole_changes_nothing(case, distance):
    s, h = case
    wider = np.pad(h, (0, 1), constant_values=distance)
    wider[-1, -1] = 0
    np.testing.assert_allclose(effective_vectors(np.append(s, 0), wider), effective_vectors(s, h), **EXACT)


@given(shares_and_rivalry(), st.floats(0, 1))
def test_splitting_a_pole_into_identical_poles_changes_nothing(case, part):
    s, h = case
    split = np.append(s, s[-1] * part)
    split[len(s) - 1] *= 1 - part
    wider = np.block([[h, h[:, -1:]], [h[-1:, :], np.zeros((1, 1))]])
    np.testing.assert_allclose(rivalry_met(split, wider), rivalry_met(s, h), **EXACT)
    np.testing.assert_allclose(effective_vectors(split, wider), effective_vectors(s, h), **EXACT)
    # The maximum is the same too, so that the normalised index does not move either.
    np.testing.assert_allclose(greatest_rivalry_met(wider), greatest_rivalry_met(h), rtol=0, atol=1e-9)


@given(shares_and_rivalry(), st.floats(0, 0.5), st.floats(0.01, 1), st.floats(0, 1))
def test_moving_share_to_the_smaller_of_two_rivals_raises_rival_diversity(case, part, mutual, other):
    s, h = case
    h = h.copy()
    h[:2, 2:], h[2:, :2] = other, other
    h[0, 1] = h[1, 0] = mutual
    larger, smaller = (0, 1) if s[0] >= s[1] else (1, 0)
    moved = s.copy()
    step = part * (s[larger] - s[smaller])
    moved[larger] -= step
    moved[smaller] += step
    assert rivalry_met(moved, h) >= rivalry_met(s, h) - 1e-12


@given(shares_and_rivalry(), st.floats(0.01, 1))
def test_equal_rivalry_gives_diversity_and_scale_does_not_matter(case, level):
    s, h = case
    constant = level * full_rivalry(len(s))
    np.testing.assert_allclose(
        rival_diversity(s, constant, greatest_rivalry_met(constant)), diversity(s), rtol=0, atol=1e-9
    )
    if h.max() > 1e-3:
        np.testing.assert_allclose(
            rival_diversity(s, h, greatest_rivalry_met(h)),
            rival_diversity(s, level * h, greatest_rivalry_met(level * h)),
            rtol=0,
            atol=1e-7,
        )


def test_no_rivalry_means_one_vector():
    s = np.array([0.2, 0.8])
    h = np.zeros((2, 2))
    assert rival_diversity(s, h, greatest_rivalry_met(h)) == 0
    assert effective_vectors(s, h) == 1


@given(hnp.arrays(float, n_poles, elements=st.floats(-3, 3)))
def test_on_a_line_the_two_extreme_poles_attain_the_maximum(positions):
    h = line_rivalry(positions)
    if np.ptp(positions) > 1e-3:
        assert greatest_rivalry_met(h) == pytest.approx(0.5, abs=1e-9)


@given(shares_and_rivalry())
def test_the_enumerated_maximum_is_no_smaller_than_any_sampled_value(case):
    s, h = case
    assert rivalry_met(s, h) <= greatest_rivalry_met(h) + 1e-9


def test_jax_and_numpy_agree():
    import jax.numpy as jnp

    s, h = np.array([[0.2, 0.3, 0.5], [1.0, 0, 0]]), LINE
    np.testing.assert_allclose(rival_diversity(jnp.array(s), jnp.array(h), 0.5), rival_diversity(s, h, 0.5), rtol=1e-6)
    np.testing.assert_allclose(line_rivalry(jnp.array([0.0, 0.5, 1.0])), LINE)


@given(shares_and_rivalry(), st.floats(0, 1), st.floats(0.05, 1))
def test_splitting_a_pole_into_rivals_raises_the_count_and_into_friends_does_not(case, part, mutual):
    s, h = case
    split = np.append(s, s[-1] * part)
    split[len(s) - 1] *= 1 - part
    wider = np.block([[h, h[:, -1:]], [h[-1:, :], np.zeros((1, 1))]])
    wider[-2, -1] = wider[-1, -2] = mutual
    gain = 2 * s[-1] ** 2 * part * (1 - part) * mutual
    np.testing.assert_allclose(rivalry_met(split, wider), rivalry_met(s, h) + gain, **EXACT)


@given(shares_and_rivalry(), st.floats(0.1, 0.5), st.floats(0.05, 1), st.floats(0, 1))
def test_moving_share_between_unequal_rivals_raises_rival_diversity_by_what_the_form_says(case, part, mutual, other):
    s, h = case
    h = h.copy()
    h[:2, 2:], h[2:, :2] = other, other
    h[0, 1] = h[1, 0] = mutual
    step = part * (s[0] - s[1])
    moved = s.copy()
    moved[0] -= step
    moved[1] += step
    gain = 2 * mutual * step * (s[0] - s[1] - step)
    np.testing.assert_allclose(rivalry_met(moved, h), rivalry_met(s, h) + gain, **EXACT)
    assert gain >= 0


@given(shares_and_rivalry(), st.data())
def test_a_small_move_of_shares_is_a_small_move_of_the_index(case, data):
    s, h = case
    other = data.draw(hnp.arrays(float, len(s), elements=st.floats(0.01, 1)))
    near = s + 1e-6 * (other / other.sum() - s)
    # |s'hs - r'hr| <= 2 max h |s - r|_1, so that the form is Lipschitz.
    assert abs(rivalry_met(near, h) - rivalry_met(s, h)) <= 2 * abs(near - s).sum() + 1e-15
    assert abs(diversity(near) - diversity(s)) <= 4 * abs(near - s).sum() + 1e-15


@given(shares_and_rivalry(), st.floats(0.01, 0.99))
def test_the_scale_of_rivalry_matters_to_the_number_of_vectors(case, level):
    s, h = case
    met = rivalry_met(s, h)
    np.testing.assert_allclose(1 - 1 / effective_vectors(s, level * h), level * met, **EXACT)


@given(hnp.arrays(float, (4, 3), elements=st.floats(0.01, 1)), hnp.arrays(float, 3, elements=st.floats(-3, 3)))
def test_on_a_line_the_between_channel_part_is_never_negative(raw, positions):
    shares = raw / raw.sum(-1, keepdims=True)
    h = line_rivalry(positions)
    assert negative_type_excess(h) <= 1e-9
    assert between_channels(shares, raw[:, 0], h, 0.5) >= -1e-9
    assert 0 <= channel_coherence(shares) <= 1
    np.testing.assert_allclose(channel_coherence(shares[[0, 0, 0]]), 1, **EXACT)
    np.testing.assert_allclose(between_channels(shares[[1, 1]], raw[:2, 0], h, 0.5), 0, rtol=0, atol=1e-9)


@given(shares_and_rivalry())
def test_balance_lean_and_change_stay_within_their_bounds(case):
    s, h = case
    positions = h[0] * 4 - 2
    assert 0 <= equidistance(s[0], s[1]) <= 1
    assert equidistance(s[0], s[1]) == equidistance(s[1], s[0])
    assert equidistance(s[0], s[0]) == 1
    assert positions.min() - positions.mean() - 1e-9 <= lean(s, positions) <= positions.max() - positions.mean() + 1e-9
    np.testing.assert_allclose(lean(np.full(len(s), 1 / len(s)), positions), 0, **EXACT)
    assert 0 <= total_variation(s, np.roll(s, 1)) <= 1


@given(st.lists(shares_and_rivalry(st.just(4)), min_size=1, max_size=4))
def test_the_maximum_of_many_matrices_is_that_of_each(cases):
    stack = np.stack([h for _, h in cases])
    # Nearly singular supports are solved to about 1e-10 only.
    each = [greatest_rivalry_met(h) for h in stack]
    np.testing.assert_allclose(greatest_rivalry_met(stack), each, rtol=0, atol=1e-9)


def test_total_variation_and_lean():
    assert total_variation(np.array([1.0, 0]), np.array([0.25, 0.75])) == 0.75
    np.testing.assert_allclose(lean(np.array([1.0, 0]), np.array([-1.0, 1.0])), -1)


@pytest.mark.parametrize(
    ("rivalry", "fault"),
    [
        (np.array([[0, 2.0], [2.0, 0]]), "not within 0 to 1"),
        (np.array([[0, 0.5], [0.4, 0]]), "not symmetric"),
        (np.array([[0.1, 0.5], [0.5, 0]]), "not 0 for a pole with itself"),
    ],
)
def test_a_matrix_that_is_no_rivalry_is_refused(rivalry, fault):
    with pytest.raises(MeasureError, match=fault):
        greatest_rivalry_met(rivalry)


def test_too_many_poles_are_refused():
    with pytest.raises(MeasureError, match="13 poles came"):
        greatest_rivalry_met(full_rivalry(13))


def test_poles_that_are_one_pole_to_the_form_count_once():
    camps = np.kron(full_rivalry(2), np.ones((10, 10)))
    np.testing.assert_allclose(greatest_rivalry_met(camps), 0.5, **EXACT)


def test_a_faulty_matrix_among_many_is_refused():
    with pytest.raises(MeasureError, match=r"not symmetric at poles \(0, 1\)"):
        check_rivalry(np.stack([full_rivalry(2), np.array([[0, 0.5], [0.4, 0]])]))
