"""The fast estimator of ideal points: recovery, conventions, limits, and agreement with the published estimates."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from scipy.special import erf

from orrery.base.errors import MeasureError
from orrery.data.countries import from_cow
from orrery.measure.ideal_points import STATUSES, IdealPoints, Priors, VoteMatrix, fit, vote_matrix
from orrery.measure.ideal_points.ordered_probit import ByChoice, curves, log_likelihood, most_probable
from orrery.measure.ideal_points.points import statuses
from orrery.measure.ideal_points.smoother import learned_evolution_variance, smooth

N_COUNTRIES, N_PERIODS = 40, 15
NAMES = tuple(f"C{number:02d}" for number in range(N_COUNTRIES))
EVOLUTION_SD = 0.2
APART = np.array([-0.2, 0.2])


def cast_votes(
    rng: np.random.Generator,
    truth: np.ndarray,
    period: np.ndarray,
    discrimination: np.ndarray,
    cutpoints: np.ndarray,
    *,
    bridge: np.ndarray | None = None,
    present: float = 0.9,
) -> VoteMatrix:
    """Return votes drawn from the model: `truth` by period and country, item parameters by roll call."""
    n_items, n_countries = len(period), truth.shape[1]
    latent = discrimination[:, None] * truth[period] + rng.normal(size=(n_items, n_countries))
    choice = (latent[..., None] > cutpoints[:, None, :]).sum(-1)
    item, voter = np.nonzero(rng.random(choice.shape) < present)
    return VoteMatrix(
        countries=tuple(f"C{number:02d}" for number in range(n_countries)),
        periods=tuple(range(1, len(truth) + 1)),
        period_kind="session",
        items=tuple(f"r{number}" for number in range(n_items)),
        voter=voter,
        item=item,
        choice=choice[item, voter].astype(np.int8),
        period=period,
        bridge=np.arange(n_items) if bridge is None else bridge,
    )


def walk(rng: np.random.Generator, n_periods: int, n_countries: int, evolution_sd: float) -> np.ndarray:
    truth = np.empty((n_periods, n_countries))
    truth[0] = rng.normal(size=n_countries)
    for period in range(1, n_periods):
        truth[period] = np.sqrt(1 - evolution_sd**2) * truth[period - 1] + evolution_sd * rng.normal(size=n_countries)
    return (truth - truth.mean()) / truth.std()


@pytest.fixture(scope="module")
def simulated() -> tuple[VoteMatrix, np.ndarray]:
    rng = np.random.default_rng(20260101)
    truth = walk(rng, N_PERIODS, N_COUNTRIES, EVOLUTION_SD)
    period = np.repeat(np.arange(N_PERIODS), 30)
    cutpoints = np.sort(rng.normal(size=(len(period), 2)), axis=1) + APART
    return cast_votes(rng, truth, period, rng.normal(size=len(period)), cutpoints), truth


def positive(truth: np.ndarray) -> str:
    return NAMES[int(truth.mean(0).argmax())]


@pytest.fixture(scope="module")
def fitted(simulated: tuple[VoteMatrix, np.ndarray]) -> IdealPoints:
    matrix, truth = simulated
    return fit(matrix, positive=positive(truth))


# Recovery


def test_positions_are_recovered(simulated: tuple[VoteMatrix, np.ndarray], fitted: IdealPoints):
    truth = simulated[1]
    assert np.corrcoef(truth.ravel(), fitted.mean.ravel())[0, 1] > 0.97
    within = [np.corrcoef(true, mean)[0, 1] for true, mean in zip(truth, fitted.mean, strict=True)]
    assert min(within) > 0.95
    assert fitted.statistics.converged


def test_evolution_is_learned(fitted: IdealPoints):
    assert fitted.statistics.evolution_sd == pytest.approx(EVOLUTION_SD, rel=0.25)


def test_intervals_of_90_percent_cover_nearly_as_often(simulated: tuple[VoteMatrix, np.ndarray], fitted: IdealPoints):
    """Laplace intervals are known to be somewhat narrow; the bound says how narrow is still accepted."""
    truth = simulated[1]
    covered = (fitted.quantile(0.05) < truth) & (truth < fitted.quantile(0.95))
    assert 0.82 < covered.mean() < 0.95


def test_the_static_model_gives_one_position_per_country():
    rng = np.random.default_rng(5)
    truth = np.tile(walk(rng, 1, N_COUNTRIES, 0.0), (4, 1))
    period = np.repeat(np.arange(4), 75)
    cutpoints = np.sort(rng.normal(size=(300, 2)), axis=1) + APART
    matrix = cast_votes(rng, truth, period, rng.normal(size=300), cutpoints)
    points = fit(matrix, positive=positive(truth), priors=Priors(evolution_sd=0.0))
    assert np.allclose(points.mean, points.mean[0], atol=1e-9)
    assert np.corrcoef(points.mean[0], truth[0])[0, 1] > 0.99


def test_bridges_make_eras_comparable():
    """Countries draw together while fresh questions grow sharper: only recurring questions tell the two apart."""
    rng = np.random.default_rng(1)
    n_periods, each = 20, 20  # as many fresh as recurring roll calls in every period
    spread = np.linspace(1.4, 0.5, n_periods)
    truth = spread[:, None] * walk(rng, n_periods, 60, EVOLUTION_SD)
    period, again = np.repeat(np.arange(n_periods), each), np.tile(np.arange(each), n_periods)
    sharp = rng.normal(size=len(period)) * (0.8 / spread)[period]
    steady = np.where(again % 2, 1.0, -1.0)
    centre = np.concatenate([rng.normal(size=len(period)), np.linspace(-1, 1, each)[again]])
    matrix = cast_votes(
        rng,
        truth,
        np.concatenate([period, period]),
        np.concatenate([sharp, steady]),
        centre[:, None] + 1.5 * APART,
        bridge=np.concatenate([np.arange(len(period)), len(period) + again]),
    )

    def error(votes: VoteMatrix) -> float:
        """Return how far the estimated change of spread is from the true one, in logarithms."""
        mean = fit(votes, positive="C00").mean
        return abs(float(np.log(mean[-3:].std() / mean[:3].std()) - np.log(truth[-3:].std() / truth[:3].std())))

    assert error(matrix) < error(dataclasses.replace(matrix, bridge=np.arange(len(matrix.items)))) / 2


# Conventions


def test_scale_and_sign_are_as_stated(simulated: tuple[VoteMatrix, np.ndarray], fitted: IdealPoints):
    matrix, truth = simulated
    voted = fitted.n_votes > 0
    assert fitted.mean[voted].mean() == pytest.approx(0, abs=1e-9)
    assert fitted.mean[voted].std() == pytest.approx(1, abs=1e-9)
    assert fitted.mean[:, NAMES.index(positive(truth))].mean() > 0
    other = fit(matrix, positive=NAMES[int(truth.mean(0).argmin())])
    assert np.allclose(other.mean, -fitted.mean, atol=1e-6)
    assert np.allclose(other.items.discrimination, -fitted.items.discrimination, atol=1e-6)
    assert np.allclose(other.sd, fitted.sd, atol=1e-6)


def test_the_order_of_countries_and_votes_does_not_matter(
    simulated: tuple[VoteMatrix, np.ndarray], fitted: IdealPoints
):
    matrix, truth = simulated
    rng = np.random.default_rng(3)
    seat, row = rng.permutation(N_COUNTRIES), rng.permutation(len(matrix.choice))
    shuffled = dataclasses.replace(
        matrix,
        countries=tuple(np.array(NAMES)[np.argsort(seat)].tolist()),
        voter=seat[matrix.voter][row],
        item=matrix.item[row],
        choice=matrix.choice[row],
    )
    points = fit(shuffled, positive=positive(truth))
    assert np.allclose(points.mean[:, seat], fitted.mean, atol=1e-6)
    assert np.allclose(points.sd[:, seat], fitted.sd, atol=1e-6)


def test_the_same_votes_give_the_same_numbers(simulated: tuple[VoteMatrix, np.ndarray], fitted: IdealPoints):
    matrix, truth = simulated
    assert np.array_equal(fit(matrix, positive=positive(truth)).mean, fitted.mean)


def test_new_votes_update_an_earlier_fit(simulated: tuple[VoteMatrix, np.ndarray], fitted: IdealPoints):
    """From a fit without the last two periods and one country, in fewer rounds to the same place."""
    matrix, truth = simulated
    kept = (matrix.period[matrix.item] < N_PERIODS - 2) & (matrix.voter != 7)
    votes = {name: getattr(matrix, name)[kept] for name in ("voter", "item", "choice")}
    calls = matrix.period < N_PERIODS - 2
    earlier = dataclasses.replace(
        matrix,
        **votes,
        periods=matrix.periods[:-2],
        items=tuple(np.array(matrix.items)[calls]),
        period=matrix.period[calls],
        bridge=np.arange(calls.sum()),
    )
    updated = fit(matrix, positive=positive(truth), start=fit(earlier, positive=positive(truth)))
    assert updated.statistics.converged
    assert updated.statistics.iterations < fitted.statistics.iterations
    assert updated.mean == pytest.approx(fitted.mean, abs=0.02)
    assert updated.sd == pytest.approx(fitted.sd, rel=0.02)


def test_a_fit_of_other_votes_is_no_start(simulated: tuple[VoteMatrix, np.ndarray], fitted: IdealPoints):
    other = dataclasses.replace(simulated[0], items=tuple(f"other{row}" for row in range(len(simulated[0].items))))
    with pytest.raises(MeasureError, match="`start` is a fit by session of other roll calls"):
        fit(other, positive=positive(simulated[1]), start=fitted)


def test_bridged_items_share_their_parameters(simulated: tuple[VoteMatrix, np.ndarray]):
    matrix, truth = simulated
    bridge = np.arange(len(matrix.items)) // 2
    items = fit(dataclasses.replace(matrix, bridge=bridge), positive=positive(truth)).items
    assert np.array_equal(items.discrimination[::2], items.discrimination[1::2])
    assert (items.lower_cutpoint < items.upper_cutpoint).all()


def test_the_model_beats_naming_the_commonest_choice(fitted: IdealPoints):
    assert fitted.statistics.classification_success > fitted.statistics.modal_success + 0.05
    assert fitted.statistics.log_likelihood < 0


# Countries with few votes or none


def only(matrix: VoteMatrix, kept: np.ndarray) -> VoteMatrix:
    return dataclasses.replace(matrix, voter=matrix.voter[kept], item=matrix.item[kept], choice=matrix.choice[kept])


def test_gaps_are_flagged_and_uncertain(simulated: tuple[VoteMatrix, np.ndarray], fitted: IdealPoints):
    matrix, truth = simulated
    when = matrix.period[matrix.item]
    three = np.flatnonzero((matrix.voter == 1) & (when == 7))[:3]
    kept = (matrix.voter != 1) | np.isin(np.arange(len(when)), three)  # country 1 votes three times
    kept &= matrix.voter != 2  # country 2 never
    kept &= (matrix.voter != 3) | (when < 4) | (when > 6)  # country 3 not in periods 4 to 6
    points = fit(only(matrix, kept), positive=NAMES[int(np.delete(truth.mean(0), [1, 2, 3]).argmax()) + 3])
    status = np.array(STATUSES)[points.status]
    assert status[7, 1] == "few_votes"
    assert set(np.delete(status[:, 1], 7)) == {"extrapolated"}
    assert np.isfinite(points.mean[:, 1]).all()
    assert points.sd[7, 1] > 1.5 * fitted.sd[7, 1]
    assert points.sd[0, 1] > points.sd[7, 1]
    assert set(status[:, 2]) == {"no_votes"}
    assert np.isnan(points.mean[:, 2]).all()
    assert np.isnan(points.sd[:, 2]).all()
    assert status[3:8, 3].tolist() == ["estimated", *["interpolated"] * 3, "estimated"]
    assert points.sd[5, 3] > points.sd[3, 3]


def test_statuses_by_hand():
    votes = np.array([[0, 0, 12, 0], [12, 0, 0, 0], [3, 0, 12, 0], [0, 0, 12, 1]])
    named = np.array(STATUSES)[statuses(votes)].T.tolist()
    assert named == [
        ["extrapolated", "estimated", "few_votes", "extrapolated"],
        ["no_votes"] * 4,
        ["estimated", "interpolated", "estimated", "estimated"],
        ["extrapolated", "extrapolated", "extrapolated", "few_votes"],
    ]


def test_separation_and_lone_dissent_stay_finite():
    """One country against all others on every roll call, nobody abstaining: the priors keep the fit finite."""
    item, voter = (index.ravel() for index in np.meshgrid(np.arange(6), np.arange(12), indexing="ij"))
    matrix = VoteMatrix(
        countries=NAMES[:12],
        periods=(1,),
        period_kind="year",
        items=tuple("abcdef"),
        voter=voter,
        item=item,
        choice=np.where(voter == 0, 2, 0).astype(np.int8),
        period=np.zeros(6, int),
        bridge=np.arange(6),
    )
    points = fit(matrix, positive=NAMES[0])
    assert points.statistics.converged
    assert points.mean[0].argmax() == 0
    assert np.isfinite(points.items.discrimination).all()
    assert (points.items.lower_cutpoint < points.items.upper_cutpoint).all()


# Refusals


def test_bad_arguments_are_refused(simulated: tuple[VoteMatrix, np.ndarray]):
    matrix = simulated[0]
    with pytest.raises(MeasureError, match="`method` is 'magic'; give one of fast"):
        fit(matrix, method="magic")
    with pytest.raises(MeasureError, match="`positive` is 'USA', which casts no vote"):
        fit(matrix)
    with pytest.raises(MeasureError, match="holds no votes"):
        fit(only(matrix, np.zeros(len(matrix.choice), bool)), positive=NAMES[0])
    with pytest.raises(MeasureError, match="`discrimination_sd` of the priors is 0"):
        Priors(discrimination_sd=0)
    with pytest.raises(MeasureError, match="`evolution_sd` is 2"):
        Priors(evolution_sd=2)


def test_quantiles_need_a_probability(fitted: IdealPoints):
    assert np.allclose(fitted.quantile(0.5), fitted.mean)
    with pytest.raises(MeasureError, match="`level` is 5"):
        fitted.quantile(5)


# Output


def test_frame_and_dataset_hold_the_same_numbers(fitted: IdealPoints):
    frame, dataset = fitted.to_frame(), fitted.to_xarray()
    row = frame[(frame["session"] == 4) & (frame["iso3"] == "C07")].iloc[0]
    assert row["ideal_point"] == fitted.mean[3, 7]
    assert row["q05"] < row["ideal_point"] < row["q95"]
    assert len(frame) == N_PERIODS * N_COUNTRIES
    assert dataset["ideal_point"].dims == ("year", "country")
    assert float(dataset["ideal_point"].sel(year=1949, country="C07")) == row["ideal_point"]
    assert int(dataset["session"].sel(year=1949)) == 4
    assert str(dataset["status"].sel(year=1949, country="C07").item()) == row["status"]


# The parts


def test_curves_are_the_derivatives_of_the_log_likelihood():
    rng = np.random.default_rng(0)
    a = rng.normal(size=60) * 3
    b = a + rng.exponential(size=60)
    votes = ByChoice.of(np.repeat([0, 1, 2], 20).astype(np.int8))
    at, h = curves(a, b, votes), 1e-5
    up_a, down_a, up_b, down_b = (curves(*c, votes) for c in ((a + h, b), (a - h, b), (a, b + h), (a, b - h)))
    for one in range(60):
        alone = ByChoice.of(np.array([one // 20], np.int8))
        value = [
            log_likelihood(np.array([a[one] + da]), np.array([b[one] + db]), alone)
            for da, db in ((h, 0), (-h, 0), (0, h), (0, -h))
        ]
        assert at.slope_a[one] == pytest.approx((value[0] - value[1]) / (2 * h), abs=1e-4)
        assert at.slope_b[one] == pytest.approx((value[2] - value[3]) / (2 * h), abs=1e-4)
    assert np.allclose(at.curve_aa, -(up_a.slope_a - down_a.slope_a) / (2 * h), atol=1e-4)
    assert np.allclose(at.curve_bb, -(up_b.slope_b - down_b.slope_b) / (2 * h), atol=1e-4)
    assert np.allclose(at.curve_ab, -(up_b.slope_a - down_b.slope_a) / (2 * h), atol=1e-4)


def test_curves_stay_finite_far_out():
    a = np.array([-60.0, 60.0, 30.0, -40.0, 50.0, -50.0])
    at = curves(a, a + 0.5, ByChoice.of(np.array([0, 0, 1, 1, 2, 2], np.int8)))
    assert all(np.isfinite(part).all() for part in at)
    assert at.slope_a[0] == pytest.approx(60, rel=1e-3)  # Mills ratio: phi(x) / Phi(x) -> -x
    assert at.slope_a[1] == 0


def test_probabilities_and_the_most_probable_choice():
    phi = 0.5 * (1 + erf(0.3 / np.sqrt(2)))
    one = ByChoice.of(np.array([0], np.int8))
    assert log_likelihood(np.array([0.3]), np.array([1.0]), one) == pytest.approx(np.log(phi))
    low, high = np.array([1.0, -1.0, -2.0]), np.array([1.5, 1.0, -1.0])
    assert most_probable(low, high).tolist() == [0, 1, 2]


def test_the_smoother_equals_the_joint_gaussian():
    rng = np.random.default_rng(1)
    n_periods, q = 7, 0.3
    precision = rng.exponential(size=(n_periods, 2)) * (rng.random((n_periods, 2)) < 0.7)
    value = rng.normal(size=(n_periods, 2))
    paths = smooth(precision, precision * value, q)
    lag = np.abs(np.subtract.outer(np.arange(n_periods), np.arange(n_periods)))
    prior = np.linalg.inv(np.sqrt(1 - q) ** lag)
    for country in range(2):
        covariance = np.linalg.inv(prior + np.diag(precision[:, country]))
        assert np.allclose(paths.mean[:, country], covariance @ (precision * value)[:, country])
        assert np.allclose(paths.variance[:, country], np.diag(covariance))
        assert np.allclose(paths.lag_covariance[1:, country], np.diag(covariance, 1))


def test_the_evolution_update_is_at_rest_at_the_truth():
    """With exact observations of a long path the EM update is the sample variance of its steps."""
    rng = np.random.default_rng(2)
    truth = walk(rng, 400, 20, 0.25)
    precision = np.full(truth.shape, 1e8)
    paths = smooth(precision, precision * truth, 0.25**2)
    learned = learned_evolution_variance(paths, 0.25**2, np.ones(truth.shape, bool))
    assert np.sqrt(learned) == pytest.approx(0.25, rel=0.05)
    assert learned_evolution_variance(paths, 0.1, np.zeros(truth.shape, bool)) == 0.1


# The published estimates


def store_tables(shared_data: Path, first: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the store's two tables from the producers' files, from one session on."""
    connection = duckdb.connect()
    folder = shared_data / "un_votes"
    roll_calls = connection.execute(
        f"""select rcid, session, date, year, title, amend = 1 as amendment, para = 1 as paragraph
            from '{folder / "roll_calls.parquet"}'
            where try_cast(session as integer) >= {first} or session like 'ES%'"""
    ).df()
    votes = connection.execute(
        f"""select rcid, iso3, case vote when 1 then 'yes' when 2 then 'abstain' else 'no' end as vote
            from '{folder / "votes.parquet"}' where rcid in (select rcid from roll_calls)"""
    ).df()
    return votes, roll_calls


def published_estimates(shared_data: Path) -> pd.DataFrame:
    path = shared_data / "ideal_points" / "IdealpointestimatesAll_Apr2020.csv"
    published = pd.read_csv(path, encoding="latin-1")
    years = published["session"].to_numpy(int) + 1945
    published["iso3"] = from_cow(published["ccode"].to_numpy(int), years)
    return published.dropna(subset="iso3")


def with_published(points: IdealPoints, published: pd.DataFrame) -> pd.DataFrame:
    return points.to_frame().merge(published, on=["session", "iso3"])


def within_session(joined: pd.DataFrame) -> pd.Series:
    groups = joined.groupby("session")[["ideal_point", "IdealPoint"]]
    return groups.apply(lambda both: both["ideal_point"].corr(both["IdealPoint"]))


def test_recent_sessions_agree_with_the_published_estimates(shared_data: Path):
    points = fit(vote_matrix(*store_tables(shared_data, 66)))
    joined = with_published(points, published_estimates(shared_data))
    assert joined["session"].nunique() == 9
    assert within_session(joined).median() > 0.98
    assert joined["ideal_point"].corr(joined["IdealPoint"]) > 0.98


@pytest.mark.slow
def test_all_votes_since_1946_agree_with_the_published_estimates(shared_data: Path):
    """Bailey, Strezhnev & Voeten (2017), release of April 2020: 10,469 country-sessions of 73 sessions."""
    points = fit(vote_matrix(*store_tables(shared_data, 1)))
    joined = with_published(points, published_estimates(shared_data))
    by_session = within_session(joined)
    assert points.statistics.converged
    assert len(joined) > 10_400
    assert by_session.loc[45:74].median() > 0.985  # 1990 to 2019
    assert by_session.median() > 0.98
    assert by_session.min() > 0.85
    assert joined["ideal_point"].corr(joined["IdealPoint"]) > 0.93
    means = joined[joined["session"] >= 45].groupby("iso3")["ideal_point"].mean()
    assert means["USA"] > means["GBR"] > means["BRA"] > means["IND"] > means["CUB"]
