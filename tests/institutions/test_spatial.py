"""Winsets, cores and absorbed vetoes: against every coalition, by geometry, and as properties."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import acos, inf, pi, sqrt

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from institutions.game_trees import trees, wins
from orrery.base.errors import InstitutionError
from orrery.institutions.coalitions import minimal_winning, veto_members
from orrery.institutions.games import AllOf, Threshold
from orrery.institutions.spatial import (
    absorbed,
    consenting,
    core,
    in_core,
    in_winset,
    line_core,
    line_winset,
    winset_area,
)

ANGLES = 2 * pi * np.arange(5) / 5
PENTAGON = np.stack([np.cos(ANGLES), np.sin(ANGLES)], 1)
SQUARE = np.array([[0.0, 0], [2, 0], [2, 2], [0, 2]])


def majority(size: int, quota: int) -> Threshold:
    return Threshold((1,) * size, quota)


@st.composite
def on_a_line(draw):
    tree = draw(trees(largest=6))
    places = st.integers(-6, 6).map(float)
    return tree, np.array(draw(st.lists(places, min_size=tree.size, max_size=tree.size))), draw(places)


@st.composite
def in_a_plane(draw, largest: int = 6, span: int = 3):
    tree = draw(trees(largest=largest))
    places = st.tuples(*[st.integers(-span, span).map(float)] * 2)
    positions = draw(st.lists(places, min_size=tree.size, max_size=tree.size))
    return tree, np.array(positions), np.array(draw(places))


def beats(game, positions: np.ndarray, proposal, status_quo) -> bool:
    """Tell whether a proposal carries, by counting who is closer to it, in exact fractions."""

    def distance(point, other) -> Fraction:
        pairs = zip(np.atleast_1d(point).tolist(), np.atleast_1d(other).tolist(), strict=True)
        return sum((Fraction(one) - Fraction(two)) ** 2 for one, two in pairs)

    closer = [distance(one, proposal) < distance(one, status_quo) for one in positions]
    return wins(game, {who for who, prefers in enumerate(closer) if prefers})


@settings(max_examples=40)
@given(on_a_line())
def test_the_winset_on_a_line_is_what_the_votes_say(case):
    game, positions, status_quo = case[0].game, case[1], case[2]
    found = line_winset(positions, game, status_quo)
    # All that changes, changes where somebody is indifferent; quarters lie on both sides of every such point.
    for proposal in np.arange(-24, 24.01, 0.25):
        if proposal != status_quo:
            expected = beats(game, positions, proposal, status_quo)
            assert any(low < proposal < high for low, high in found) == expected


@settings(max_examples=40)
@given(on_a_line())
def test_the_core_on_a_line_holds_what_nothing_beats(case):
    game, positions, point = case[0].game, case[1], case[2]
    held = line_core(positions, game)
    inside = held is not None and held[0] <= point <= held[1]
    assert inside == (line_winset(positions, game, point) == ())
    below = [wins(game, {who for who, at in enumerate(positions) if at < point})]
    assert inside == (not any([*below, wins(game, {who for who, at in enumerate(positions) if at > point})]))


@pytest.mark.parametrize(
    ("game", "positions", "expected"),
    [
        # The median voter (Black 1948); the two middle ones; the whole span; one that decides alone.
        (majority(5, 3), [0, 1, 4, 5, 9], (4, 4)),
        (majority(4, 3), [0, 1, 4, 5], (1, 4)),
        (majority(3, 3), [0, 1, 4], (0, 4)),
        (Threshold((3, 1, 1), 3), [2, 0, 9], (2, 2)),
        # Any one carries a motion: nothing is safe but where all agree.
        (majority(2, 1), [0, 1], None),
        (majority(2, 1), [1, 1], (1, 1)),
        (majority(2, 3), [0, 1], (-inf, inf)),
    ],
)
def test_cores_on_a_line_by_hand(game, positions, expected):
    assert line_core(np.array(positions, float), game) == expected


def test_winsets_on_a_line_by_hand():
    positions = np.array([0.0, 1, 4, 5, 9])
    assert line_winset(positions, majority(5, 3), 6.0) == ((2.0, 6.0),)
    assert line_winset(positions, majority(5, 3), 4.0) == ()
    assert line_winset(positions, majority(5, 4), 0.5) == ((0.5, 1.5),)
    # Two minorities, each enough: both sides win.
    assert line_winset(np.array([0.0, 4]), majority(2, 1), 1.0) == ((-1.0, 1.0), (1.0, 7.0))
    assert line_winset(positions, majority(5, 0), 1.0) == ((-inf, 1.0), (1.0, inf))


def in_hull(points: list[tuple[Fraction, Fraction]], at: tuple[Fraction, Fraction]) -> bool:
    """Tell whether a point lies in a convex hull: in a triangle of the points (Caratheodory), exactly."""

    def turn(a, b, c) -> Fraction:
        return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

    def between(a, b) -> bool:
        return turn(a, b, at) == 0 and min(a, b) <= at <= max(a, b)

    for a, b, c in product(points, repeat=3):
        if between(a, b):
            return True
        signs = {turn(a, b, at) > 0, turn(b, c, at) > 0, turn(c, a, at) > 0}
        if len(signs) == 1 and 0 not in (turn(a, b, at), turn(b, c, at), turn(c, a, at)):
            return True
    return False


@settings(max_examples=40)
@given(in_a_plane(largest=5))
def test_a_point_is_in_the_core_if_it_is_in_the_hull_of_every_minimal_winning_coalition(case):
    game, positions, point = case[0].game, case[1], case[2]
    exact = [tuple(map(Fraction, place)) for place in positions.tolist()]
    at = tuple(map(Fraction, point.tolist()))
    hulls = [in_hull([exact[who] for who in some], at) for some in minimal_winning(game)]
    assert in_core(positions, game, point) == all(hulls)


@settings(max_examples=60)
@given(in_a_plane())
def test_the_polygon_of_the_core_holds_the_points_of_the_core(case):
    game, positions = case[0].game, case[1]
    assume(wins(game, set(range(case[0].size))))
    corners = core(positions, game)
    for point in product(np.arange(-3, 3.01, 0.5), repeat=2):
        at = np.array(point)
        assert in_core(positions, game, at) == _within(corners, at)


def _within(corners: np.ndarray, point: np.ndarray) -> bool:
    if not len(corners):
        return False
    if len(corners) < 3:
        gone = np.linalg.norm(point - corners[[0, -1]], axis=1).sum()
        return bool(gone <= np.linalg.norm(corners[0] - corners[-1]) + 1e-9)
    after = np.roll(corners, -1, 0) - corners
    to = point - corners
    return bool((after[:, 0] * to[:, 1] - after[:, 1] * to[:, 0] >= -1e-9).all())


def test_cores_in_a_plane_by_hand():
    everybody = np.lexsort(core(SQUARE, majority(4, 4)).T)
    np.testing.assert_array_equal(core(SQUARE, majority(4, 4))[everybody], SQUARE[np.lexsort(SQUARE.T)])
    # Three of four: only the crossing of the diagonals is beaten by nothing.
    assert core(SQUARE, majority(4, 3)).tolist() == [[1, 1]]
    # A majority of three off one line: nothing is safe (Plott 1967).
    assert core(SQUARE[:3], majority(3, 2)).tolist() == []
    # Two opposite pairs around a fifth: the fifth (Plott's symmetry).
    cross = np.array([[0.0, 1], [0, -3], [2, 0], [-1, 0], [0, 0]])
    assert core(cross, majority(5, 3)).tolist() == [[0, 0]]
    assert in_core(cross, majority(5, 3), np.zeros(2))
    assert not in_core(cross, majority(5, 3), np.array([0.0, 1e-9]))
    # Two vetoes: the segment between them; one that decides alone: its point.
    two = AllOf((Threshold((1, 1, 0, 0), 2), majority(4, 2)))
    assert sorted(core(SQUARE, two).tolist()) == [[0, 0], [2, 0]]
    askew = AllOf((Threshold((1, 0, 1, 0), 2), majority(4, 2)))
    assert sorted(core(SQUARE, askew).tolist()) == [[0, 0], [2, 2]]
    assert core(SQUARE, Threshold((1, 0, 0, 0), 1)).tolist() == [[0, 0]]
    assert core(SQUARE, majority(4, 0)).tolist() == []


def test_four_of_five_in_a_regular_pentagon_leave_the_pentagon_of_its_diagonals():
    inner = core(PENTAGON, majority(5, 4))
    assert len(inner) == 5
    # Its corners lie at 1 / golden ratio squared from the centre.
    np.testing.assert_allclose(np.linalg.norm(inner, axis=1), (2 / (1 + sqrt(5))) ** 2, rtol=1e-12)
    assert core(PENTAGON, majority(5, 3)).tolist() == []


def test_the_core_of_a_council_of_fifteen_with_five_vetoes_holds_their_hull():
    positions = np.random.default_rng(2).normal(size=(15, 2))
    council = Threshold((7,) * 5 + (1,) * 10, 39)
    held = core(positions, council)
    for weights in np.random.default_rng(3).dirichlet(np.ones(5), 50):
        assert in_core(positions, council, weights @ positions[:5])
    assert all(in_core(positions, council, 0.999 * corner + 0.001 * held.mean(0)) for corner in held)
    assert not any(in_core(positions, council, 1.001 * corner - 0.001 * held.mean(0)) for corner in held)


@settings(max_examples=40)
@given(in_a_plane())
def test_points_of_a_winset_are_those_that_carry(case):
    game, positions, status_quo = case[0].game, case[1], case[2]
    points = np.array(list(product(range(-3, 4), repeat=2)), float)
    found = in_winset(positions, game, status_quo, points)
    assert found.tolist() == [beats(game, positions, point, status_quo) for point in points]
    if in_core(positions, game, status_quo):
        assert not found.any() or wins(game, set())


def test_the_area_of_a_winset():
    alone = winset_area(np.zeros((1, 2)), majority(1, 1), np.array([3.0, 4.0]))
    assert alone.area == pytest.approx(25 * pi, rel=1e-3)
    # Two who must agree: the lens of two discs of radius r at distance d.
    pair = np.array([[0.0, 0], [6, 0]])
    both = winset_area(pair, majority(2, 2), np.array([3.0, 4.0]))
    lens = 2 * 25 * acos(6 / 10) - 6 / 2 * sqrt(4 * 25 - 36)
    assert both.area == pytest.approx(lens, rel=1e-3)
    either = winset_area(pair, majority(2, 1), np.array([3.0, 4.0]), cells=100)
    assert either.area == pytest.approx(2 * 25 * pi - lens, rel=1e-2)
    for found, true in ((alone, 25 * pi), (both, lens), (either, 2 * 25 * pi - lens)):
        assert found.at_least < true < found.at_most
        assert found.at_most - found.at_least < 8 * found.cell * 2 * pi * 10
    finer = winset_area(pair, majority(2, 1), np.array([3.0, 4.0]), cells=200)
    assert finer.at_most - finer.at_least < 0.6 * (either.at_most - either.at_least)


def test_a_point_of_the_core_has_no_winset():
    found = winset_area(SQUARE, majority(4, 3), np.array([1.0, 1.0]))
    assert (found.area, found.at_least, found.inside.any()) == (0, 0, False)
    assert winset_area(np.ones((2, 2)), majority(2, 1), np.ones(2)).area == 0


@st.composite
def with_vetoes(draw, dimensions: int):
    """Members with ideal points, some with a veto beside what else is needed."""
    size = draw(st.integers(3, 6))
    holders = draw(st.integers(1, size - 1))
    quota = draw(st.integers(1, size))
    places = st.lists(st.integers(-3, 3).map(float), min_size=dimensions, max_size=dimensions)
    positions = np.array(draw(st.lists(places, min_size=size, max_size=size)))
    return size, holders, quota, positions if dimensions > 1 else positions[:, 0]


def council_of(size: int, holders: int, quota: int) -> AllOf:
    return AllOf((majority(size, quota), Threshold((1,) * holders + (0,) * (size - holders), holders)))


@settings(max_examples=40)
@given(with_vetoes(1))
def test_an_absorbed_veto_changes_no_winset_on_a_line_and_any_other_changes_one(case):
    size, holders, quota, positions = case
    game = council_of(size, holders, quota)
    for member in range(holders):
        without = consenting(game, member)
        quarters = np.arange(-4, 4.1, 0.25)
        same = all(line_winset(positions, game, at) == line_winset(positions, without, at) for at in quarters)
        assert absorbed(positions, game, member) == same


@settings(max_examples=60)
@given(with_vetoes(2), st.integers(0, 2**31))
def test_an_absorbed_veto_changes_no_winset_in_a_plane(case, seed):
    size, holders, quota, positions = case
    game = council_of(size, holders, quota)
    random = np.random.default_rng(seed)
    for member in range(holders):
        if absorbed(positions, game, member):
            for status_quo in random.uniform(-4, 4, (5, 2)):
                points = np.concatenate([random.uniform(-8, 8, (400, 2)), status_quo + random.normal(0, 0.2, (400, 2))])
                found, without = (
                    in_winset(positions, one, status_quo, points) for one in (game, consenting(game, member))
                )
                np.testing.assert_array_equal(found, without)


@settings(max_examples=40)
@given(with_vetoes(2))
def test_a_veto_within_the_unanimity_core_of_the_others_is_absorbed(case):
    size, holders, quota, positions = case
    game = council_of(size, holders, quota)
    exact = [tuple(map(Fraction, place)) for place in positions.tolist()]
    for member in veto_members(game):
        others = [exact[who] for who in veto_members(game) if who != member]
        if in_hull(others, exact[member]):
            assert absorbed(positions, game, member)


def test_a_veto_outside_the_hull_of_the_others_changes_a_winset():
    inner = np.array([[0.0, 0], [4, 0], [0, 4], [1, 1]])
    outer = np.array([[0.0, 0], [4, 0], [0, 4], [5, 5]])
    unanimity, status_quo = majority(4, 4), np.array([-1.0, -1.0])
    assert absorbed(inner, unanimity, 3)
    assert not absorbed(outer, unanimity, 3)
    # The three agree on a small step; who is far away refuses a step that leads away from it.
    step = np.array([[2.9, 2.9], [2.0, 2.0]])
    others = consenting(unanimity, 3)
    assert in_winset(outer, others, np.array([3.0, 3.0]), step).tolist() == [True, True]
    assert in_winset(outer, unanimity, np.array([3.0, 3.0]), step).tolist() == [False, False]
    points = status_quo + np.random.default_rng(1).normal(0, 2, (2000, 2))
    same = [in_winset(inner, one, status_quo, points) for one in (unanimity, others)]
    np.testing.assert_array_equal(*same)
    assert same[0].any()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: line_core(np.zeros(3), majority(4, 3)), r"shape \(3,\) came; the 4 members need \(4,\)"),
        (lambda: line_winset(np.array([0.0, np.nan]), majority(2, 2), 0.0), "`positions`: nan"),
        (lambda: line_winset(np.zeros(2), majority(2, 2), np.inf), "`status_quo`: inf"),
        (lambda: in_core(SQUARE, majority(4, 3), np.array([0.0, np.nan])), "`point`: nan"),
        (lambda: core(np.zeros((61, 2)), majority(61, 31)), "61 members came"),
        (lambda: core(SQUARE, majority(4, 5)), "no motion passes"),
        (lambda: winset_area(SQUARE, majority(4, 0), np.zeros(2)), "passes every motion"),
        (lambda: absorbed(SQUARE, majority(4, 3), 0), "`member`: 0 came, who holds no veto"),
    ],
)
def test_what_makes_no_sense_is_refused(call, words):
    with pytest.raises(InstitutionError, match=words):
        call()
