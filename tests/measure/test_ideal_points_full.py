"""The full estimator of ideal points: its draws are from the posterior, and agree with the published estimates."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats
from test_ideal_points import cast_votes, published_estimates, store_tables, walk, with_published, within_session

from orrery.base.errors import MeasureError
from orrery.base.keys import draw_key, root_key
from orrery.measure.ideal_points import IdealPoints, VoteMatrix, fit, vote_matrix
from orrery.measure.ideal_points.chains import Chains, split_r_hat
from orrery.measure.ideal_points.gibbs import CutpointWalk, ItemPrior, Items, Sheet, State, advance, confined, stretch
from orrery.measure.ideal_points.positions import ConditionalForward, Positions, standardised
from orrery.measure.ideal_points.sampled import without_periods

pytestmark = pytest.mark.long

N_COUNTRIES, N_PERIODS = 30, 8
SHORT = {"start": "fast", "chains": Chains(n_warm_up=300, n_draws=150, thin=4)}


@pytest.fixture(scope="module")
def simulated() -> tuple[VoteMatrix, np.ndarray]:
    """Return votes on roll calls of which some recur, and the truth; country 3 is away in period 4."""
    rng = np.random.default_rng(11)
    truth = walk(rng, N_PERIODS, N_COUNTRIES, 0.4)
    fresh, again = np.repeat(np.arange(N_PERIODS), 20), np.repeat(np.arange(N_PERIODS), 6)
    number = np.concatenate([np.arange(len(fresh)), len(fresh) + np.tile(np.arange(6), N_PERIODS)])
    period = np.concatenate([fresh, again])
    order = np.argsort(period, kind="stable")
    centre, discrimination = rng.normal(size=(2, number.max() + 1))
    cutpoints = centre[:, None] + np.array([-0.3, 0.3])
    bridge = np.unique(number[order], return_inverse=True)[1]
    kind = number[order]
    matrix = cast_votes(rng, truth, period[order], discrimination[kind], cutpoints[kind], bridge=bridge)
    kept = (matrix.voter != 3) | (matrix.period[matrix.item] != 4)
    votes = {name: getattr(matrix, name)[kept] for name in ("voter", "item", "choice")}
    return dataclasses.replace(matrix, **votes), truth


@pytest.fixture(scope="module")
def positive(simulated: tuple[VoteMatrix, np.ndarray]) -> str:
    matrix, truth = simulated
    return matrix.countries[int(truth.mean(0).argmax())]


@pytest.fixture(scope="module")
def fitted(simulated: tuple[VoteMatrix, np.ndarray], positive: str) -> IdealPoints:
    return fit(simulated[0], method="full", key=root_key(1), positive=positive, **SHORT)


# Draws are from the posterior


N_WORLDS, N_RANKS, BOUND = 400, 9, 2.0
FEW_ITEMS, FEW_COUNTRIES = 6, 8


@jax.jit
def onward(keys: jax.Array, states: State, choices: jax.Array, prior: ItemPrior) -> State:
    """Return a state of every world after 1,200 sweeps of the published kind."""
    update = ConditionalForward.of(np.full((1, FEW_COUNTRIES), FEW_ITEMS), 0.5, to_scale=False)

    def one(key: jax.Array, state: State, choice: jax.Array) -> State:
        sheet = Sheet(choice, jnp.zeros(FEW_ITEMS, int), jnp.arange(FEW_ITEMS))
        return advance(key, state, (sheet,), prior=prior, walk=CutpointWalk(0.1, False), update=update, n_sweeps=1200)

    return jax.vmap(one)(keys, states, choices)


def ranks(sampler_discrimination_sd: float) -> dict[str, np.ndarray]:
    """Return how often the truth has each rank among draws (Talts et al. 2018), truths drawn from the prior.

    One period, so that the published conditionals are those of one posterior. What is ranked does not depend on the
    sign of the dimension.
    """
    rng = np.random.default_rng(4)
    x = rng.normal(size=(N_WORLDS, 1, FEW_COUNTRIES))
    cutpoints = np.sort(rng.uniform(-BOUND, BOUND, size=(N_WORLDS, FEW_ITEMS, 2)))
    d = rng.normal(size=(N_WORLDS, FEW_ITEMS))
    latent = d[:, :, None] * x + rng.normal(size=(N_WORLDS, FEW_ITEMS, FEW_COUNTRIES))
    choice = jnp.asarray((latent[..., None] > cutpoints[:, :, None, :]).sum(-1), jnp.int8)
    x, lower, upper, d = (jnp.asarray(part, jnp.float32) for part in (x, cutpoints[..., 0], cutpoints[..., 1], d))
    truth = State(Positions(x, x, jnp.zeros(N_WORLDS)), Items(lower, upper, d))

    state, kept, prior = truth, [], ItemPrior(sampler_discrimination_sd, BOUND)
    for draw in range(N_RANKS + 2):
        state = onward(jax.random.split(draw_key(root_key(7), draw), N_WORLDS), state, choice, prior)
        kept.append(state)

    def shown(state: State) -> dict[str, jax.Array]:
        x, items = state.positions.x[..., 0, :], state.items
        return {
            "cutpoint": items.lower[..., 0],
            "gap": items.upper[..., 1] - items.lower[..., 1],
            "likeness of two countries": x[..., 0] * x[..., 1],
            "strength of discrimination": jnp.abs(items.discrimination[..., 0]),
            "leaning of a country on an item": items.discrimination[..., 0] * x[..., 0],
        }

    true, drawn = shown(truth), [shown(state) for state in kept[2:]]
    rank = {name: np.asarray(sum(each[name] < true[name] for each in drawn)) for name in true}
    return {name: np.bincount(each, minlength=N_RANKS + 1) for name, each in rank.items()}


@pytest.mark.slow
def test_true_values_rank_evenly_among_the_draws():
    for name, counts in ranks(1.0).items():
        assert stats.chisquare(counts).pvalue > 0.005, (name, counts)


@pytest.mark.slow
def test_a_sampler_with_a_wrong_prior_is_found_out():
    assert stats.chisquare(ranks(2.0)["strength of discrimination"]).pvalue < 1e-6


@pytest.mark.parametrize(("choice", "low", "high"), [(0, -np.inf, 0.4), (1, 0.4, 1.1), (2, 1.1, np.inf)])
def test_latent_noise_is_a_truncated_normal(choice: int, low: float, high: float):
    for pull in (-1.5, 0.0, 2.0):
        sheet = Sheet(jnp.full((1, 4000), choice, jnp.int8), jnp.zeros(1, int), jnp.zeros(1, int))
        items = Items(jnp.full(1, 0.4), jnp.full(1, 1.1), jnp.ones(1))
        noise = confined(root_key(choice), stretch(sheet, items, jnp.full((1, 4000), pull)))
        expected = stats.truncnorm(low - pull, high - pull)
        assert stats.kstest(np.asarray(noise[0], float), expected.cdf).pvalue > 0.001


def test_latent_noise_stays_finite_far_out():
    pull = jnp.array([[-40.0, 40.0, -7.0, 7.0]])
    items = Items(jnp.full(1, -0.1), jnp.full(1, 0.1), jnp.ones(1))
    for choice in range(3):
        sheet = Sheet(jnp.full((1, 4), choice, jnp.int8), jnp.zeros(1, int), jnp.zeros(1, int))
        where = stretch(sheet, items, pull)
        assert bool((where.share > 0).all())
        noise = np.asarray(confined(root_key(0), where))
        assert np.isfinite(noise).all()
        if choice == 1:  # confined to a narrow stretch, on the right side
            assert noise[0, 2:] == pytest.approx([7.0, -7.0], abs=0.11)


def test_positions_and_intervals_are_right(simulated: tuple[VoteMatrix, np.ndarray], fitted: IdealPoints):
    truth, voted = simulated[1], fitted.n_votes > 0
    assert np.corrcoef(truth[voted], fitted.mean[voted])[0, 1] > 0.93
    covered = (fitted.quantile(0.05) < truth) & (truth < fitted.quantile(0.95))
    assert 0.85 < covered[voted].mean() < 0.95
    assert fitted.statistics.classification_success > fitted.statistics.modal_success + 0.05


def test_chains_from_different_starts_agree(fitted: IdealPoints):
    assert fitted.r_hat is not None
    assert np.nanmedian(fitted.r_hat) < 1.02
    assert fitted.statistics.largest_r_hat == pytest.approx(np.nanmax(fitted.r_hat))
    assert fitted.statistics.converged == (np.nanmax(fitted.r_hat) <= 1.02)


# Conventions


def test_draws_have_scale_sign_and_shape(simulated: tuple[VoteMatrix, np.ndarray], fitted: IdealPoints, positive: str):
    voted = fitted.n_votes > 0
    assert fitted.draws is not None
    assert fitted.draws.shape == (300, N_PERIODS, N_COUNTRIES)
    assert np.allclose(fitted.draws[:, voted].mean(1), 0, atol=1e-5)
    assert np.allclose(fitted.draws[:, voted].std(1), 1, atol=1e-4)
    assert (fitted.draws[:, :, fitted.countries.index(positive)].mean(1) > 0).all()
    assert np.allclose(fitted.quantile(0.5), np.median(fitted.draws, axis=0), equal_nan=True)
    assert fitted.statistics.iterations == 900


def test_where_there_is_no_vote_there_is_no_position(fitted: IdealPoints):
    gap = fitted.n_votes == 0
    assert gap.sum() == 1
    for numbers in (fitted.mean, fitted.sd, fitted.quantile(0.9)):
        assert np.array_equal(np.isnan(numbers), gap)


def test_the_same_key_gives_the_same_numbers(simulated: tuple[VoteMatrix, np.ndarray], positive: str):
    options = {"chains": Chains(n_chains=1, n_warm_up=4, n_draws=4, thin=1), "positive": positive, "start": "fast"}
    one, same, other = (fit(simulated[0], method="full", key=root_key(seed), **options).mean for seed in (5, 5, 6))
    assert np.array_equal(one, same, equal_nan=True)
    assert not np.array_equal(one, other, equal_nan=True)


def test_bridged_items_share_their_parameters(simulated: tuple[VoteMatrix, np.ndarray], fitted: IdealPoints):
    bridge = simulated[0].bridge
    recurring = np.flatnonzero(np.bincount(bridge) > 1)[0]
    assert len(np.unique(fitted.items.discrimination[bridge == recurring])) == 1
    assert (fitted.items.lower_cutpoint < fitted.items.upper_cutpoint).all()


# The parts


def test_each_period_hangs_on_the_one_before_by_hand():
    votes = np.array([[10, 0, 5], [10, 0, 0], [0, 7, 0], [30, 0, 15]])
    update = ConditionalForward.of(votes, 0.5)
    assert update.source.tolist() == [[3, 1, 11], [0, 4, 5], [6, 7, 8], [3, 10, 2]]
    assert np.asarray(update.linked).tolist() == [[1, 0, 1], [1, 0, 0], [0, 0, 0], [1, 0, 1]]
    assert np.asarray(update.variance)[votes > 0] == pytest.approx([0.25, 0.125, 0.25, 1.0, 0.375, 0.375])

    centre = jnp.arange(12.0).reshape(4, 3)
    new = update.draw(
        root_key(0), Positions(centre, centre, jnp.float32(0)), jnp.full((4, 3), 4.0), jnp.full((4, 3), 2.0)
    ).centre
    assert float(new[1, 0]) == pytest.approx((2 + 0 / 0.25) / (4 + 1 / 0.25))
    assert float(new[0, 2]) == pytest.approx((2 + 11 / 0.125) / (4 + 1 / 0.125), rel=1e-5)
    assert float(new[2, 1]) == pytest.approx(2 / 5)
    assert float(new[2, 0]) == 0


def test_standardised_positions():
    voted = jnp.array([[True, True], [True, False]])
    x = standardised(jnp.array([[1.0, 2.0], [6.0, 50.0]]), voted)
    assert float(x[voted].mean()) == pytest.approx(0, abs=1e-6)
    assert float(x[voted].std()) == pytest.approx(1)
    assert float(x[1, 1]) == 0


def test_r_hat_is_1_for_draws_alike_and_more_for_chains_apart():
    draws = np.random.default_rng(0).normal(size=(4, 500, 3))
    assert split_r_hat(draws) == pytest.approx([1, 1, 1], abs=0.01)
    apart = draws + np.arange(4)[:, None, None] * np.array([0, 1, 10])
    values = split_r_hat(apart)
    assert values[0] < 1.02 < values[1] < values[2]
    # by hand: halves (0, 2), (4, 6): within 2, between variance of the means 8
    assert split_r_hat(np.array([[0.0, 2, 4, 6]])) == pytest.approx(np.sqrt(1 / 2 + 8 / 2))


def test_left_out_periods_take_their_votes_along(simulated: tuple[VoteMatrix, np.ndarray]):
    matrix = without_periods(simulated[0], (2, 99))
    assert matrix.periods == simulated[0].periods
    assert matrix.n_votes[1].sum() == 0
    assert np.array_equal(np.delete(matrix.n_votes, 1, 0), np.delete(simulated[0].n_votes, 1, 0))
    assert set(matrix.bridge) == set(range(matrix.bridge.max() + 1))
    with pytest.raises(MeasureError, match="`left_out`"):
        without_periods(matrix, tuple(range(1, 9)))


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"smoothing": 0.0}, "`smoothing` is 0.0; give a number above 0"),
        ({"step": -1.0}, "`step` is -1.0; give a number above 0"),
        ({"start": "here"}, "`start` is 'here'; give one of published, fast"),
        ({"positive": "USA"}, "`positive` is 'USA', which casts no vote"),
    ],
)
def test_bad_options_are_refused(simulated: tuple[VoteMatrix, np.ndarray], options: dict[str, object], told: str):
    with pytest.raises(MeasureError, match=told):
        fit(simulated[0], method="full", key=root_key(0), **options)


def test_the_published_start_needs_its_countries(simulated: tuple[VoteMatrix, np.ndarray], positive: str):
    with pytest.raises(MeasureError, match="`start` is 'published', which sets the United States against Russia"):
        fit(simulated[0], method="full", key=root_key(0), positive=positive)


@pytest.mark.parametrize(("name", "value", "least"), [("n_chains", 0, 1), ("n_draws", 3, 4), ("thin", 0, 1)])
def test_chains_need_a_length(name: str, value: int, least: int):
    with pytest.raises(MeasureError, match=f"`{name}` is {value}; give {least} or more"):
        Chains(**{name: value})


# The published estimates


@pytest.mark.slow
def test_all_votes_since_1946_agree_with_the_published_estimates(shared_data: Path):
    """Bailey, Strezhnev & Voeten (2017), release of April 2020: shorter chains than by default."""
    votes, roll_calls = store_tables(shared_data, 1)
    published = roll_calls[roll_calls["session"].map(lambda name: name.isdecimal() and int(name) <= 74)]
    matrix = vote_matrix(votes[votes["rcid"].isin(published["rcid"])], published)
    points = fit(matrix, method="full", key=root_key(1), chains=Chains(n_warm_up=1000, n_draws=100, thin=10))
    estimates = published_estimates(shared_data)
    estimates["published_sd"] = (estimates["Q90%"] - estimates["Q10%"]) / (2 * stats.norm.ppf(0.9))
    joined = with_published(points, estimates).dropna(subset="ideal_point")
    assert len(joined) > 10_400
    assert within_session(joined).median() > 0.999
    assert within_session(joined).min() > 0.995
    assert joined["ideal_point"].corr(joined["IdealPoint"]) > 0.998
    assert joined["sd"].corr(joined["published_sd"]) > 0.95
    assert (joined["sd"] / joined["published_sd"]).median() == pytest.approx(1, abs=0.05)
