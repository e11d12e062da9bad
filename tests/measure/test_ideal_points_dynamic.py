"""The dynamic estimator of ideal points: paths from the joint posterior, intervals that cover, evolution learned."""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats
from test_ideal_points import cast_votes, walk

from orrery.base.errors import MeasureError
from orrery.base.keys import draw_key, root_key
from orrery.measure.ideal_points import STATUSES, IdealPoints, Priors, VoteMatrix, fit
from orrery.measure.ideal_points.chains import Chains
from orrery.measure.ideal_points.gibbs import CutpointWalk, ItemPrior, Items, Sheet, State, advance
from orrery.measure.ideal_points.noise import below, quantile, uniforms
from orrery.measure.ideal_points.positions import ForwardBackward, Positions, sampled_paths
from orrery.measure.ideal_points.sampled import to_scale
from orrery.measure.ideal_points.smoother import smooth

pytestmark = pytest.mark.long

N_COUNTRIES, N_PERIODS, EVOLUTION_SD = 30, 8, 0.3
SHORT = Chains(n_warm_up=300, n_draws=150, thin=6)


@pytest.fixture(scope="module")
def simulated() -> tuple[VoteMatrix, np.ndarray]:
    """Return votes and the truth; country 3 is away in period 4, country 5 comes in period 3."""
    rng = np.random.default_rng(21)
    truth = walk(rng, N_PERIODS, N_COUNTRIES, EVOLUTION_SD)
    period = np.repeat(np.arange(N_PERIODS), 25)
    cutpoints = rng.normal(size=(len(period), 1)) + np.array([-0.3, 0.3])
    matrix = cast_votes(rng, truth, period, rng.normal(size=len(period)), cutpoints)
    when = matrix.period[matrix.item]
    kept = ~((matrix.voter == 3) & (when == 4)) & ~((matrix.voter == 5) & (when < 3))
    votes = {name: getattr(matrix, name)[kept] for name in ("voter", "item", "choice")}
    return dataclasses.replace(matrix, **votes), truth


@pytest.fixture(scope="module")
def positive(simulated: tuple[VoteMatrix, np.ndarray]) -> str:
    matrix, truth = simulated
    return matrix.countries[int(truth.mean(0).argmax())]


@pytest.fixture(scope="module")
def fitted(simulated: tuple[VoteMatrix, np.ndarray], positive: str) -> IdealPoints:
    return fit(simulated[0], method="dynamic", key=root_key(2), positive=positive, chains=SHORT)


def test_positions_are_recovered_and_intervals_cover(simulated: tuple[VoteMatrix, np.ndarray], fitted: IdealPoints):
    truth, voted = simulated[1], fitted.n_votes > 0
    assert np.corrcoef(truth[voted], fitted.mean[voted])[0, 1] > 0.96
    covered = (fitted.quantile(0.05) < truth) & (truth < fitted.quantile(0.95))
    assert 0.85 <= covered[voted].mean() <= 0.95
    assert fitted.statistics.evolution_sd == pytest.approx(EVOLUTION_SD, rel=0.25)
    assert fitted.r_hat is not None
    assert np.median(fitted.r_hat) < 1.02


def test_periods_without_votes_hang_on_their_neighbours(fitted: IdealPoints):
    status = np.array(STATUSES)[fitted.status]
    assert status[4, 3] == "interpolated"
    assert set(status[:3, 5]) == {"extrapolated"}
    assert np.isfinite(fitted.mean).all()
    assert fitted.sd[4, 3] > 1.1 * max(fitted.sd[3, 3], fitted.sd[5, 3])
    assert fitted.sd[0, 5] > fitted.sd[1, 5] > fitted.sd[2, 5] > fitted.sd[3, 5]


def test_draws_have_the_scale_and_the_sign_as_stated(fitted: IdealPoints, positive: str):
    voted = fitted.n_votes > 0
    assert fitted.draws is not None
    assert np.allclose(fitted.draws[:, voted].mean(1), 0, atol=1e-5)
    assert np.allclose(fitted.draws[:, voted].std(1), 1, atol=1e-4)
    assert (fitted.draws[:, :, fitted.countries.index(positive)].mean(1) > 0).all()


def test_fast_and_dynamic_agree_where_votes_are_many(
    simulated: tuple[VoteMatrix, np.ndarray], fitted: IdealPoints, positive: str
):
    fast = fit(simulated[0], positive=positive)
    voted = fitted.n_votes > 0
    assert np.corrcoef(fast.mean[voted], fitted.mean[voted])[0, 1] > 0.995


def test_a_given_evolution_is_kept_and_smooths(simulated: tuple[VoteMatrix, np.ndarray], positive: str):
    short = Chains(n_chains=1, n_warm_up=100, n_draws=60, thin=3)
    stiff, loose = (
        fit(
            simulated[0],
            method="dynamic",
            key=root_key(3),
            positive=positive,
            evolution_sd=sd,
            chains=short,
        )
        for sd in (0.05, 0.8)
    )
    change = [np.abs(np.diff(points.mean, axis=0)).mean() for points in (stiff, loose)]
    assert change[0] < 0.4 * change[1]
    assert stiff.statistics.evolution_sd < 0.1 < 0.5 < loose.statistics.evolution_sd


def test_the_same_key_gives_the_same_numbers_and_progress_is_told(
    simulated: tuple[VoteMatrix, np.ndarray], positive: str
):
    told: list[tuple[int, int]] = []

    def once(seed: int) -> np.ndarray:
        chains = Chains(n_chains=2, n_warm_up=4, n_draws=4, thin=1)
        return fit(
            simulated[0],
            method="dynamic",
            key=root_key(seed),
            positive=positive,
            chains=chains,
            progress=lambda done, total: told.append((done, total)),
        ).mean

    one, same, other = once(5), once(5), once(6)
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    assert told[:10] == [(done, 16) for done in (4, 5, 6, 7, 8, 12, 13, 14, 15, 16)]


@pytest.mark.parametrize("evolution_sd", [0.0, 1.0, -0.2])
def test_an_evolution_out_of_range_is_refused(
    simulated: tuple[VoteMatrix, np.ndarray], positive: str, evolution_sd: float
):
    with pytest.raises(MeasureError, match=f"`evolution_sd` is {evolution_sd}; give a number between 0 and 1"):
        fit(simulated[0], method="dynamic", key=root_key(0), positive=positive, evolution_sd=evolution_sd)


@pytest.mark.parametrize("method", ["fast", "dynamic", "full"])
def test_a_country_with_three_votes_has_a_wide_interval_and_says_so(
    simulated: tuple[VoteMatrix, np.ndarray], positive: str, method: str
):
    matrix = simulated[0]
    own = np.flatnonzero((matrix.voter == 9) & (matrix.period[matrix.item] == 2))[:3]
    kept = (matrix.voter != 9) | np.isin(np.arange(len(matrix.voter)), own)
    few = dataclasses.replace(matrix, **{n: getattr(matrix, n)[kept] for n in ("voter", "item", "choice")})
    sampled = {"key": root_key(1), "chains": Chains(n_chains=1, n_warm_up=50, n_draws=40, thin=2)}
    options = {"fast": {}, "dynamic": sampled, "full": {**sampled, "start": "fast"}}[method]
    points = fit(few, method=method, positive=positive, **options)
    assert points.n_votes[:, 9].tolist() == [0, 0, 3, 0, 0, 0, 0, 0]
    assert STATUSES[points.status[2, 9]] == "few_votes"
    assert np.isfinite(points.mean[2, 9])
    assert points.sd[2, 9] > 1.5 * np.nanmedian(points.sd[2])
    assert np.isnan(points.mean[0, 9]) == (method == "full")


# The parts


def test_sampled_paths_have_the_moments_of_the_smoother():
    """The smoother is itself tested against the joint Gaussian."""
    rng = np.random.default_rng(3)
    precision, weighted = rng.uniform(0, 6, size=(5, 3)), rng.normal(size=(5, 3))
    precision[2, 1] = weighted[2, 1] = 0
    keys = jax.random.split(root_key(4), 20_000)
    of_key = jax.jit(
        jax.vmap(lambda key: sampled_paths(key, jnp.asarray(precision), jnp.asarray(weighted), jnp.float32(0.2)))
    )
    draws, exact = np.asarray(of_key(keys), float), smooth(precision, weighted, 0.2)
    assert draws.mean(0) == pytest.approx(exact.mean, abs=0.03)
    assert draws.var(0) == pytest.approx(exact.variance, rel=0.06)
    lag = ((draws[:, 1:] - draws[:, 1:].mean(0)) * (draws[:, :-1] - draws[:, :-1].mean(0))).mean(0)
    assert lag == pytest.approx(exact.lag_covariance[1:], abs=0.02)


def test_to_scale_leaves_every_probability_as_it_was():
    rng = np.random.default_rng(5)
    x = rng.normal(2, 3, size=(1, 2, 4, 5)).astype(np.float32)
    lower, discrimination = rng.normal(size=(2, 1, 2, 6)).astype(np.float32)
    states = State(Positions(x, x, np.full((1, 2), 0.1, np.float32)), Items(lower, lower + 1, discrimination))
    scaled = to_scale(states, np.ones((4, 5), bool))
    assert np.allclose(scaled.positions.x.std((-1, -2)), 1, atol=1e-5)
    for before, after in ((states, scaled), (states, scaled)):
        gap = [
            s.items.lower[..., None] - s.items.discrimination[..., None] * s.positions.x[:, :, 0, None]
            for s in (before, after)
        ]
        assert gap[0] == pytest.approx(gap[1], abs=1e-4)


def test_noise_is_uniform_and_independent():
    draws = np.asarray(uniforms(root_key(1), (300, 200)), float)
    again, other = uniforms(root_key(1), (300, 200)), uniforms(root_key(2), (300, 200))
    assert np.array_equal(draws, again)
    assert 0 < draws.min() < draws.max() < 1
    assert stats.kstest(draws.ravel(), "uniform").pvalue > 0.001
    for near in (draws[:, 1:] - draws[:, :-1], draws[1:] - draws[:-1], draws - np.asarray(other)):
        assert stats.kstest(near.ravel()[::2], stats.triang(0.5, -1, 2).cdf).pvalue > 0.001
    bits = (draws[..., None] * 2.0 ** np.arange(1, 17) % 2 >= 1).mean((0, 1))
    assert bits == pytest.approx(0.5, abs=0.01)


def test_quantiles_are_those_of_the_unit_normal():
    p = np.float32([1e-30, 1e-20, 1e-10, 1e-8, 2.9e-8, 3.1e-8, 1e-7, 1e-4, 0.02, 0.3, 0.5, 0.8, 0.999, 1 - 2**-24])
    assert np.asarray(quantile(jnp.asarray(p))) == pytest.approx(stats.norm.ppf(p.astype(float)), rel=1e-4, abs=1e-6)


def test_probabilities_are_those_of_the_unit_normal():
    x = np.linspace(-11.5, 6, 20001).astype(np.float32)
    assert np.asarray(below(jnp.asarray(x))) == pytest.approx(stats.norm.cdf(x.astype(float)), rel=5e-6, abs=0)


# Draws are from the posterior (simulation-based calibration, Talts et al. 2018)

N_WORLDS, N_RANKS, BOUND = 400, 9, 2.0
FEW_PERIODS, FEW_COUNTRIES, PER_PERIOD = 4, 6, 4
PERIOD = np.repeat(np.arange(FEW_PERIODS), PER_PERIOD)


class World(NamedTuple):
    """Truths drawn from the prior, and the votes they gave."""

    truth: State
    choice: jax.Array


def worlds(rng: np.random.Generator) -> World:
    sd = rng.uniform(size=N_WORLDS)
    x = np.empty((N_WORLDS, FEW_PERIODS, FEW_COUNTRIES))
    x[:, 0] = rng.normal(size=x[:, 0].shape)
    for period in range(1, FEW_PERIODS):
        noise = rng.normal(size=x[:, 0].shape)
        x[:, period] = np.sqrt(1 - sd**2)[:, None] * x[:, period - 1] + sd[:, None] * noise
    cutpoints = np.sort(rng.uniform(-BOUND, BOUND, size=(N_WORLDS, len(PERIOD), 2)))
    d = rng.normal(size=(N_WORLDS, len(PERIOD)))
    latent = d[:, :, None] * x[:, PERIOD] + rng.normal(size=(N_WORLDS, len(PERIOD), FEW_COUNTRIES))
    choice = jnp.asarray((latent[..., None] > cutpoints[:, :, None, :]).sum(-1), jnp.int8)
    x, lower, upper, d, q = (jnp.asarray(a, jnp.float32) for a in (x, cutpoints[..., 0], cutpoints[..., 1], d, sd**2))
    return World(State(Positions(x, x, q), Items(lower, upper, d)), choice)


@jax.jit
def onward(keys: jax.Array, states: State, choices: jax.Array, prior: ItemPrior) -> State:
    """Return a state of every world after 80 sweeps."""
    update = ForwardBackward.of(np.full((FEW_PERIODS, FEW_COUNTRIES), PER_PERIOD), learn=True)

    def one(key: jax.Array, state: State, choice: jax.Array) -> State:
        sheet = Sheet(choice, jnp.asarray(PERIOD), jnp.arange(len(PERIOD)))
        return advance(key, state, (sheet,), prior=prior, walk=CutpointWalk(0.8, True), update=update, n_sweeps=80)

    return jax.vmap(one)(keys, states, choices)


def shown(state: State) -> dict[str, jax.Array]:
    """Return what is ranked: nothing that depends on the sign of the dimension."""
    x, items = state.positions.x, state.items
    return {
        "evolution": state.positions.evolution_variance,
        "likeness of two countries": x[..., 1, 0] * x[..., 1, 1],
        "change of a country": jnp.abs(x[..., 3, 2] - x[..., 2, 2]),
        "cutpoint": items.lower[..., 0],
        "strength of discrimination": jnp.abs(items.discrimination[..., 5]),
    }


def ranks(sampler_discrimination_sd: float) -> dict[str, np.ndarray]:
    """Return how often the truth has each rank among draws."""
    world = worlds(np.random.default_rng(8))
    state, kept = world.truth, []
    for draw in range(N_RANKS + 2):
        keys = jax.random.split(draw_key(root_key(9), draw), N_WORLDS)
        state = onward(keys, state, world.choice, ItemPrior(sampler_discrimination_sd, BOUND))
        kept.append(state)
    true, drawn = shown(world.truth), [shown(state) for state in kept[2:]]
    rank = {name: np.asarray(sum(each[name] < true[name] for each in drawn)) for name in true}
    return {name: np.bincount(each, minlength=N_RANKS + 1) for name, each in rank.items()}


@pytest.mark.slow
def test_true_values_rank_evenly_among_the_draws():
    for name, counts in ranks(1.0).items():
        assert stats.chisquare(counts).pvalue > 0.005, (name, counts)


@pytest.mark.slow
def test_a_sampler_with_a_wrong_prior_is_found_out():
    assert stats.chisquare(ranks(2.5)["strength of discrimination"]).pvalue < 1e-6


def positions_ranked_by_the_fast_method(sd_factor: float) -> np.ndarray:
    """Return where one true position of each of many worlds lies in its posterior, 0 to 1."""
    rng, levels = np.random.default_rng(12), []
    for number in range(150):
        truth = walk(rng, 6, 20, 0.3)
        period = np.repeat(np.arange(6), 40)
        pairs = np.sort(rng.normal(0, 2, size=(len(period), 40, 2)))
        gap = pairs[..., 1] - pairs[..., 0]
        taken = [rng.choice(40, p=row / row.sum()) for row in gap]  # the prior weighs cutpoints by their gap
        matrix = cast_votes(
            rng, truth, period, rng.normal(size=len(period)), pairs[np.arange(len(period)), taken], present=1.0
        )
        points = fit(matrix, positive=matrix.countries[int(truth.mean(0).argmax())], priors=Priors())
        cell = number % 6, int(rng.integers(20))
        levels.append(stats.norm.cdf((truth[cell] - points.mean[cell]) / (sd_factor * points.sd[cell])))
    return np.array(levels)


@pytest.mark.slow
def test_the_fast_method_is_calibrated_and_half_its_sds_would_not_be():
    assert stats.kstest(positions_ranked_by_the_fast_method(1.0), "uniform").pvalue > 0.005
    assert stats.kstest(positions_ranked_by_the_fast_method(0.5), "uniform").pvalue < 1e-3
