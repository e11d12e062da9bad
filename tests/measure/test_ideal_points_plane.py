"""Ideal points in two dimensions: the plane is recovered up to what votes leave open, and that is fixed as stated."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from test_ideal_points import cast_votes, walk

from orrery.base.errors import MeasureError
from orrery.base.keys import root_key
from orrery.measure.ideal_points import VoteMatrix, fit_plane
from orrery.measure.ideal_points.chains import Chains
from orrery.measure.ideal_points.gibbs import Items, State
from orrery.measure.ideal_points.plane import IdealPlane, PlaneState, placed_plane
from orrery.measure.ideal_points.positions import Positions

pytestmark = pytest.mark.long

N_PERIODS, N_COUNTRIES = 4, 30
NAMES = tuple(f"C{number:02d}" for number in range(N_COUNTRIES))


def uncorrelated(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the second less its part along the first, with mean 0 and sd 1."""
    rest = second - (first * second).mean() * first
    return (rest - rest.mean()) / rest.std()


@pytest.fixture(scope="module")
def truth() -> np.ndarray:
    rng = np.random.default_rng(31)
    first = walk(rng, N_PERIODS, N_COUNTRIES, 0.3)
    return np.stack([first, uncorrelated(first, walk(rng, N_PERIODS, N_COUNTRIES, 0.3))])


@pytest.fixture(scope="module")
def matrix(truth: np.ndarray) -> VoteMatrix:
    """Roll calls discriminate more on the first dimension, and on both independently."""
    rng = np.random.default_rng(32)
    period = np.repeat(np.arange(N_PERIODS), 60)
    d = rng.normal(size=(2, len(period))) * np.array([[1.6], [0.9]])
    pull = np.einsum("kj,kjc->jc", d, truth[:, period])
    # With discrimination 1 and the pull itself as position, `cast_votes` draws from the two-dimensional model.
    cutpoints = rng.normal(size=(len(period), 1)) + np.array([-0.3, 0.3])
    by_item = cast_votes(rng, pull, np.arange(len(period)), np.ones(len(period)), cutpoints)
    return dataclasses.replace(by_item, periods=tuple(range(1, N_PERIODS + 1)), period=period)


@pytest.fixture(scope="module")
def positive(truth: np.ndarray) -> tuple[str, str]:
    first, second = (NAMES[int(x.mean(0).argmax())] for x in truth)
    return first, second


@pytest.fixture(scope="module")
def plane(matrix: VoteMatrix, positive: tuple[str, str]) -> IdealPlane:
    chains = Chains(n_warm_up=400, n_draws=150, thin=6)
    return fit_plane(matrix, key=root_key(3), positive=positive, chains=chains)


def test_the_plane_is_recovered_and_its_intervals_cover(truth: np.ndarray, plane: IdealPlane):
    for true, points in zip(truth, (plane.first, plane.second), strict=True):
        assert np.corrcoef(true.ravel(), points.mean.ravel())[0, 1] > 0.93
        covered = (points.quantile(0.05) < true) & (true < points.quantile(0.95))
        assert 0.8 < covered.mean() < 0.97
        assert points.r_hat is not None
        assert np.median(points.r_hat) < 1.05
    assert plane.strength.mean(0) == pytest.approx([1.6, 0.9], rel=0.2)


def test_every_draw_is_in_its_fixed_place(plane: IdealPlane, positive: tuple[str, str]):
    voted = plane.first.n_votes > 0
    first, second = plane.first.draws, plane.second.draws
    assert first is not None
    assert second is not None
    for draws, name in ((first, positive[0]), (second, positive[1])):
        assert np.allclose(draws[:, voted].mean(1), 0, atol=1e-5)
        assert np.allclose(draws[:, voted].std(1), 1, atol=1e-4)
        assert (draws[:, :, NAMES.index(name)].mean(1) > 0).all()
    assert np.allclose((first[:, voted] * second[:, voted]).mean(1), 0, atol=1e-5)
    assert (plane.strength[:, 0] >= plane.strength[:, 1]).all()


def test_placing_a_plane_leaves_every_probability_as_it_was():
    rng = np.random.default_rng(6)
    x, d = rng.normal(1, 2, size=(2, 1, 3, 4, 5)), rng.normal(size=(2, 1, 3, 7))
    lower = rng.normal(size=(1, 3, 7))
    variance = np.full((1, 3), 0.1)
    states = PlaneState(
        *(State(Positions(a, a, variance), Items(lower, lower + 1, b)) for a, b in zip(x, d, strict=True))
    )
    placed, strength = placed_plane(states, np.ones((4, 5), bool))

    def offsets(state: PlaneState) -> np.ndarray:
        pull = sum(one.items.discrimination[..., None] * one.positions.x[..., 0, None, :] for one in state)
        return np.asarray(state.first.items.lower[..., None] - pull)

    assert offsets(placed) == pytest.approx(offsets(states), abs=1e-9)
    assert (strength[..., 0] > strength[..., 1]).all()
    across = (placed.first.items.discrimination * placed.second.items.discrimination).sum(-1)
    assert across == pytest.approx(np.zeros((1, 3)), abs=1e-9)


def test_frames_and_arrays_name_the_dimension(plane: IdealPlane):
    frame, dataset = plane.to_frame(), plane.to_xarray()
    assert len(frame) == 2 * N_PERIODS * N_COUNTRIES
    assert dataset["ideal_point"].dims == ("dimension", "year", "country")
    row = frame[(frame["dimension"] == 2) & (frame["session"] == 3) & (frame["iso3"] == "C04")]
    assert row["ideal_point"].item() == dataset["ideal_point"].sel(dimension=2, country="C04").values[2]


def test_bad_arguments_are_refused(matrix: VoteMatrix):
    with pytest.raises(MeasureError, match="`positive` is 'XXX', which casts no vote"):
        fit_plane(matrix, key=root_key(0), positive=("C00", "XXX"))
    with pytest.raises(MeasureError, match="`step` is 0; give a number above 0"):
        fit_plane(matrix, key=root_key(0), positive=("C00", "C01"), step=0)
