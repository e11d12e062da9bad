"""Treaty records: what is counted, and that pooling does what it promises."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta, betabinom, gamma, nbinom

from orrery.base.errors import DataError, MeasureError
from orrery.data.panel import panel_axes
from orrery.data.treaties import AREAS, standing
from orrery.measure.reputation import (
    FACETS,
    BetaPrior,
    GammaPrior,
    Spells,
    fit_beta,
    fit_gamma,
    frailty,
    kaplan_meier,
    nelson_aalen,
    reputation,
    spells,
)
from orrery.measure.reputation.flows import (
    accumulated,
    decayed_ratifications,
    may_join,
    open_treaties,
    participation,
    ratifications,
    withdrawals,
)
from treaty_tables import TreatyTables, acts_of, record_of, treaties_of

pytestmark = pytest.mark.long

few = settings(max_examples=25, deadline=None)


def one(strength: float) -> tuple[np.ndarray, np.ndarray]:
    """Return a strength that is known for certain."""
    return np.array([strength]), np.array([1.0])


def test_posteriors_by_hand() -> None:
    shares = BetaPrior(0.5, *one(4.0)).posterior(np.array([3.0, 0.0]), np.array([4.0, 0.0]), 0.9)
    np.testing.assert_allclose(shares.mean, [5 / 8, 1 / 2])
    np.testing.assert_allclose(shares.lower, beta.ppf(0.05, [5, 2], [3, 2]))
    rates = GammaPrior(2.0, *one(3.0)).posterior(np.array([4.0, 0.0]), np.array([5.0, 0.0]), 0.9)
    np.testing.assert_allclose(rates.mean, [10 / 8, 2])
    np.testing.assert_allclose(rates.upper, gamma.ppf(0.95, [10, 6], scale=[1 / 8, 1 / 3]))


def shrinkage_prior(strengths: np.ndarray, exposure: float) -> np.ndarray:
    """Return the density over log strength when the weight of what is usual is uniform."""
    return strengths * exposure / (strengths + exposure) ** 2


def test_a_posterior_over_two_strengths_is_their_mixture() -> None:
    prior = GammaPrior(2.0, np.array([1.0, 10.0]), np.array([0.25, 0.75]))
    found = prior.posterior(np.array([3.0]), np.array([4.0]), 0.8)
    parts = gamma([5, 23], scale=[1 / 5, 1 / 14])
    assert found.mean[0] == pytest.approx(0.25 * 1 + 0.75 * 23 / 14)
    for end, level in ((found.lower[0], 0.1), (found.upper[0], 0.9)):
        assert np.array([0.25, 0.75]) @ parts.cdf(end) == pytest.approx(level, abs=1e-8)
    assert prior.strength == pytest.approx(10**0.75)


def test_the_gamma_poisson_fit_is_the_published_one() -> None:
    """Mites on 150 apple leaves: mean 1.1467, k 1.025 (Bliss & Fisher 1953, Biometrics 9(2), 176-200)."""
    counts = np.repeat(np.arange(8.0), [70, 38, 17, 10, 9, 3, 2, 1])
    prior = fit_gamma(counts, np.ones(len(counts)))
    assert prior is not None
    assert prior.mean == pytest.approx(172 / 150, rel=1e-4)
    likeliest = prior.strengths[np.argmax(prior.weights / shrinkage_prior(prior.strengths, 1.0))]
    assert prior.mean * likeliest == pytest.approx(1.0246, rel=0.05)  # strengths are 10 % apart


@pytest.mark.parametrize("seed", [1, 2])
def test_the_fits_are_likelihood_times_prior(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = rng.integers(1, 30, 60).astype(float)
    k = rng.binomial(n.astype(int), rng.beta(2, 3, 60)).astype(float)
    share = fit_beta(k, n)
    years = rng.uniform(0.5, 40, 60)
    d = rng.poisson(years * rng.gamma(2, 0.1, 60)).astype(float)
    rate = fit_gamma(d, years)
    assert share is not None
    assert rate is not None

    def of_shares(m: float, s: float) -> float:
        return float(betabinom.logpmf(k, n, m * s, (1 - m) * s).sum())

    def of_rates(m: float, b: float) -> float:
        return float(nbinom.logpmf(d, m * b, b / (b + years)).sum())

    for prior, of, typical in ((share, of_shares, np.median(n)), (rate, of_rates, np.median(years))):
        expected = np.exp([of(prior.mean, b) for b in prior.strengths]) * shrinkage_prior(prior.strengths, typical)
        np.testing.assert_allclose(prior.weights, expected / expected.sum(), rtol=1e-6, atol=1e-12)
        best = max(of(prior.mean, b) for b in prior.strengths)
        assert best >= max(of(prior.mean * f, b) for f in (0.9, 0.97, 1.03, 1.1) for b in prior.strengths)


def test_where_the_data_cannot_tell_what_is_usual_there_is_no_prior() -> None:
    single, two = np.array([1.0, 1.0]), np.array([2.0, 2.0])
    assert fit_beta(np.array([0.0, 1.0]), single) is None  # nobody has two treaties
    assert fit_beta(np.zeros(2), two) is None
    assert fit_beta(two, two) is None
    assert fit_beta(np.zeros(0), np.zeros(0)) is None
    assert fit_gamma(np.zeros(2), two) is None
    assert fit_gamma(np.zeros(0), np.zeros(0)) is None


def test_countries_that_do_not_differ_are_taken_as_one() -> None:
    """With less spread than chance alone gives, every posterior is close to what is usual."""
    counts, exposure = np.full(100, 5.0), np.full(100, 10.0)
    for fit in (fit_beta, fit_gamma):
        prior = fit(counts, exposure)
        assert prior is not None
        pooled = prior.posterior(np.array([0.0, 10.0]), np.array([10.0, 10.0]), 0.9)
        np.testing.assert_allclose(pooled.mean, 0.5, atol=0.1)


records = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 40)), min_size=3, max_size=12)


@few
@given(records, st.sampled_from(["beta", "gamma"]))
def test_shrinkage(rows: list[tuple[int, int]], kind: str) -> None:
    """The mean lies between the country's own figure and what is usual, in any order of countries."""
    counts, exposure = (np.array(column, float) for column in zip(*rows, strict=True))
    counts = np.minimum(counts, exposure)
    fit = fit_beta if kind == "beta" else fit_gamma
    prior = fit(counts, exposure)
    if prior is None:
        assert counts.sum() == 0 or (kind == "beta" and (counts.sum() == exposure.sum() or exposure.max() < 2))
        return
    pooled, raw = prior.posterior(counts, exposure, 0.9), counts / exposure
    assert (pooled.mean >= np.minimum(raw, prior.mean) - 1e-9).all()
    assert (pooled.mean <= np.maximum(raw, prior.mean) + 1e-9).all()
    assert (pooled.lower <= pooled.upper).all()
    wider = prior.posterior(counts, exposure, 0.99)
    assert (wider.lower <= pooled.lower).all()
    assert (wider.upper >= pooled.upper).all()
    backwards = prior.posterior(counts[::-1], exposure[::-1], 0.9)
    np.testing.assert_allclose(backwards.mean[::-1], pooled.mean)
    more = prior.posterior(counts * 100, exposure * 100, 0.9)
    assert (np.abs(more.mean - raw) <= np.abs(pooled.mean - raw) + 1e-12).all()


def coverage(truth: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> float:
    return float(((lower <= truth) & (truth <= upper)).mean())


def test_intervals_of_rates_cover_and_those_without_pooling_or_with_a_wrong_prior_do_not() -> None:
    rng = np.random.default_rng(12)
    pooled, alone, wrong, errors = [], [], [], []
    for _ in range(30):
        truth, years = rng.gamma(2.0, 0.05, 190), rng.uniform(2, 40, 190)
        acts = rng.poisson(truth * years).astype(float)
        prior = fit_gamma(acts, years)
        assert prior is not None
        found, raw = prior.posterior(acts, years, 0.9), acts / years
        spread = 1.645 * np.sqrt(acts) / years
        strict = GammaPrior(prior.mean, *one(20 * prior.strength)).posterior(acts, years, 0.9)
        pooled.append(coverage(truth, found.lower, found.upper))
        alone.append(coverage(truth, raw - spread, raw + spread))
        wrong.append(coverage(truth, strict.lower, strict.upper))
        errors.append(np.mean((found.mean - truth) ** 2) / np.mean((raw - truth) ** 2))
    assert np.mean(pooled) == pytest.approx(0.9, abs=0.02)
    assert np.mean(alone) < 0.8
    assert np.mean(wrong) < 0.6
    assert np.mean(errors) < 0.6


def test_intervals_of_shares_cover_and_those_without_pooling_or_with_a_wrong_prior_do_not() -> None:
    rng = np.random.default_rng(12)
    pooled, alone, wrong = [], [], []
    for _ in range(20):
        truth, n = rng.beta(4.0, 2.0, 190), rng.integers(2, 20, 190)
        k = rng.binomial(n, truth).astype(float)
        prior = fit_beta(k, n.astype(float))
        assert prior is not None
        found, raw = prior.posterior(k, n.astype(float), 0.9), k / n
        spread = 1.645 * np.sqrt(raw * (1 - raw) / n)
        strict = BetaPrior(prior.mean, *one(20 * prior.strength)).posterior(k, n.astype(float), 0.9)
        pooled.append(coverage(truth, found.lower, found.upper))
        alone.append(coverage(truth, raw - spread, raw + spread))
        wrong.append(coverage(truth, strict.lower, strict.upper))
    assert np.mean(pooled) == pytest.approx(0.9, abs=0.02)
    assert np.mean(alone) < 0.8
    assert np.mean(wrong) < 0.6


REMISSION = np.array([6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35], float)
RELAPSED = np.array([1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0], bool)


def test_survival_of_leukaemia_patients() -> None:
    """Remission under 6-mercaptopurine (Freireich et al. 1963; Klein & Moeschberger 2003, tables 4.1 and 4.2)."""
    curve, hazard = kaplan_meier(REMISSION, RELAPSED), nelson_aalen(REMISSION, RELAPSED)
    assert curve.years.tolist() == hazard.years.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert curve.at_risk.tolist() == [21, 17, 15, 12, 11, 7, 6]
    np.testing.assert_allclose(curve.surviving, [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448], atol=6e-4)
    np.testing.assert_allclose(hazard.hazard, [0.1428, 0.2017, 0.2683, 0.3517, 0.4426, 0.5854, 0.7521], atol=1e-4)
    assert curve.median == 23
    np.testing.assert_allclose(hazard.at(np.array([0.0, 5.9, 6.0, 40.0])), [0, 0, 1 / 7, 0.7521], atol=1e-4)
    np.testing.assert_array_equal(hazard.median(np.array([1.0, 5.0, 0.1, np.nan])), [23, 6, np.nan, np.nan])


def test_a_curve_that_stays_above_a_half_has_no_median() -> None:
    assert np.isnan(kaplan_meier(np.array([1.0, 2.0, 3.0]), np.array([True, False, False])).median)


@few
@given(
    st.lists(st.tuples(st.floats(0, 50), st.booleans(), st.floats(0.1, 5)), min_size=1, max_size=15),
)
def test_the_cumulative_hazard_adds_up_to_what_ended(rows: list[tuple[float, bool, float]]) -> None:
    durations, ended, pace = (np.array(column) for column in zip(*rows, strict=True))
    hazard = nelson_aalen(durations, ended, pace)
    assert (pace * hazard.at(durations)).sum() == pytest.approx(ended.sum())
    assert (np.diff(hazard.hazard) > 0).all()


def synthetic_spells(rng: np.random.Generator, strength: float) -> tuple[Spells, np.ndarray]:
    """Return spells of 180 countries with decreasing hazards, watched to the end of 2024, and their true paces."""
    truth = rng.gamma(strength, 1 / strength, 180)
    country = np.repeat(np.arange(180), rng.integers(1, 40, 180))
    start = 1990 + rng.uniform(0, 30, len(country))
    length = 3 * rng.weibull(0.7, len(country)) / truth[country] ** (1 / 0.7)
    ended = start + length < 2025
    return Spells(country, np.zeros_like(country), start, np.minimum(start + length, 2025), ended), truth


def test_paces_are_recovered_and_without_them_the_usual_hazard_is_wrong() -> None:
    rng = np.random.default_rng(13)
    covered, naive, strengths = [], [], []
    for _ in range(6):
        waiting, truth = synthetic_spells(rng, 2.0)
        stratum = np.zeros(len(waiting.start), int)
        fitted = frailty(waiting, stratum, 180)
        strengths.append(fitted.strength)
        plain = (nelson_aalen(waiting.stop - waiting.start, waiting.ended),)
        for usual, results in ((fitted.usual, covered), (plain, naive)):
            counts = ratifications(waiting, usual, stratum, 180)
            prior = fit_gamma(counts.acts, counts.exposure)
            assert prior is not None
            pooled = prior.posterior(counts.acts, counts.exposure, 0.9)
            results.append(coverage(truth / truth.mean(), pooled.lower, pooled.upper))
    assert np.mean(strengths) == pytest.approx(2, rel=0.15)
    assert np.mean(covered) == pytest.approx(0.9, abs=0.03)
    assert np.mean(naive) < 0.75


def test_equal_countries_have_the_plain_hazard() -> None:
    rng = np.random.default_rng(3)
    length = rng.exponential(3, 400)
    waiting = Spells(np.tile(np.arange(40), 10), np.zeros(400, int), np.full(400, 2000.0), 2000 + length, length < 9)
    stratum = np.arange(400) % 2
    fitted = frailty(waiting, stratum, 40)
    assert fitted.strength > 50
    plain = nelson_aalen(length[stratum == 1], (length < 9)[stratum == 1])
    np.testing.assert_allclose(fitted.usual[1].hazard, plain.hazard, rtol=0.1)
    counts = ratifications(waiting, fitted.usual, stratum, 40)
    assert counts.exposure.sum() == pytest.approx(counts.acts.sum(), rel=0.01)


def test_spells_by_hand() -> None:
    acts = acts_of(
        ("T", "FRA", "signature", "2000-01-01"),
        ("T", "FRA", "ratification", "2002-07-02"),
        ("T", "FRA", "entry into force", "2003-01-01"),
        ("T", "MEX", "signature", "2003-01-01"),  # still open
        ("T", "DEU", "signature", 2003),
        ("T", "DEU", "approval", 2005),
        ("T", "ITA", "signature", "2004-01-01"),
        ("T", "ITA", "accession", "2004-01-01"),  # nothing to wait for
        ("T", "ESP", "signature", "2004-01-01"),
        ("T", "ESP", "ratification", None),  # nobody knows when
        ("T", "CSK", "signature", "1990-01-01"),
        ("U", "MEX", "signature", "2000-01-01"),
        ("U", "MEX", "entry into force", "2001-01-01"),  # nobody ratified this treaty
    )
    axes = panel_axes(range(1990, 2011))
    found = spells(record_of(treaties_of(("T", 1990), ("U", 1990)), acts), axes)
    rows = {
        axes.countries[place]: (float(start), float(stop), bool(ended))
        for place, start, stop, ended in zip(found.country, found.start, found.stop, found.ended, strict=True)
    }
    assert set(rows) == {"MEX", "DEU"}  # FRA was the first to ratify: before it there was nothing to measure against
    assert rows["MEX"] == (2003, 2011, False)
    assert rows["DEU"] == (2003.5, 2005.5, True)
    earlier = found.until(2004)
    assert earlier.stop.tolist() == [2005.0, 2005.0]
    assert not earlier.ended.any()
    ending = treaties_of(("T", 1990, 2008), ("U", 1990))
    assert spells(record_of(ending, acts), axes).stop.max() == 2008


def test_withdrawals_by_hand() -> None:
    acts = acts_of(
        ("T", "FRA", "accession", 2000),
        ("T", "FRA", "withdrawal", 2003),
        ("T", "FRA", "withdrawal", 2004),  # out already
        ("T", "FRA", "accession", 2005),
        ("T", "FRA", "withdrawal", 2007),
        ("T", "MEX", "signature", 2000),
        ("T", "MEX", "withdrawal", 2001),  # never a party
        ("T", "DEU", "accession", 2001),
        ("T", "DEU", "termination", 2003),  # not its doing
    )
    axes = panel_axes(range(2000, 2009))
    record = record_of(treaties_of(("T", 1990)), acts)
    counts = withdrawals(record, standing(record, axes), np.array([True]), axes)
    place = axes.countries.index
    assert counts.acts[:, place("FRA")].tolist() == [0, 0, 0, 1, 0, 0, 0, 1, 0]
    assert counts.exposure[:, place("FRA")].tolist() == [1, 1, 1, 0, 0, 1, 1, 0, 0]
    assert counts.acts[:, [place("MEX"), place("DEU")]].sum() == 0
    assert counts.exposure[:, place("DEU")].sum() == 2


def test_participation_counts_what_is_open_to_the_country() -> None:
    axes = panel_axes([2000, 2001])
    unknown = treaties_of(("wide", 1990), ("narrow", 1990), open_to_all=pd.array([None, None], "boolean"))
    treaties = pd.concat([treaties_of(("stated", 1990)), unknown], ignore_index=True)
    acts = acts_of(
        *[("wide", iso3, "accession", 2000) for iso3 in ("FRA", "MEX", "KEN", "JPN")],
        ("wide", "FJI", "signature", 2001),  # now all five regions
        ("narrow", "FRA", "accession", 2000),
        ("stated", "MEX", "accession", 2001),
    )
    levels = standing(record_of(treaties, acts), axes)
    is_open = open_treaties(levels, treaties, axes)
    assert is_open.tolist() == [[True, False, False], [True, True, False]]
    counts = participation(levels, is_open, may_join(axes))
    place = axes.countries.index
    assert counts.exposure[:, place("FRA")].tolist() == [1, 2]
    assert counts.acts[:, place("FRA")].tolist() == [0, 1]
    assert counts.acts[:, place("MEX")].tolist() == [0, 2]
    assert (
        counts.exposure[:, [place("TWN"), place("XKX")]].tolist() == [[0, 0]] * 2 if "XKX" in axes.countries else True
    )
    assert may_join(axes)[:, place("CHE")].all()  # admitted in 2002, and could join before


def test_a_half_life() -> None:
    flow = np.array([[4.0], [0.0], [0.0], [8.0]])
    np.testing.assert_allclose(accumulated(flow, 1.0)[:, 0], [4, 2, 1, 8.5])
    np.testing.assert_allclose(accumulated(flow, None)[:, 0], [4, 4, 4, 12])


def test_forgetting_hardly_anything_is_forgetting_nothing_and_half_is_half() -> None:
    waiting, _ = synthetic_spells(np.random.default_rng(5), 3.0)
    waiting, stratum = waiting.until(2024), np.zeros(len(waiting.start), int)
    usual = (nelson_aalen(waiting.stop - waiting.start, waiting.ended),)
    plain = ratifications(waiting, usual, stratum, 180)
    kept = decayed_ratifications(waiting, usual, stratum, 180, (2024, 1e9))
    np.testing.assert_allclose(kept.acts, plain.acts, rtol=1e-6)
    np.testing.assert_allclose(kept.exposure, plain.exposure, rtol=1e-6)
    halved = decayed_ratifications(waiting, usual, stratum, 180, (2024, 5.0))
    weights = 0.5 ** ((2024 - np.floor(waiting.stop)) / 5)
    np.testing.assert_allclose(halved.acts, np.bincount(waiting.country, waiting.ended * weights, 180))
    assert (halved.exposure < plain.exposure).all()


COUNTRIES = ("FRA", "DEU", "MEX", "KEN", "JPN", "FJI", "IND", "BRA", "POL", "EGY")


def made_up(seed: int = 7) -> TreatyTables:
    """Return tables in which ten countries sign, ratify and leave thirty treaties at random."""
    rng = np.random.default_rng(seed)
    rows = []
    names = [f"T{number}" for number in range(30)]
    for name, iso3 in ((name, iso3) for name in names for iso3 in COUNTRIES):
        signed = int(rng.integers(1990, 2015))
        rows.append((name, iso3, "signature", signed))
        if rng.random() < 0.7:
            ratified = signed + 1 + int(rng.exponential(4))
            rows.append((name, iso3, "ratification", ratified))
            if rng.random() < 0.2:
                rows.append((name, iso3, "withdrawal", ratified + int(rng.integers(1, 10))))
    rows = [row for row in rows if row[3] <= 2025]
    return TreatyTables(environment=(treaties_of(*[(name, 1985) for name in names]), acts_of(*rows)))


def test_the_result_says_what_it_holds_and_why_it_does_not() -> None:
    result = reputation(made_up(), ["FRA", "KAZ", "TWN"], (2009, 2010), areas=["environment", "human rights"])
    frame = result.to_frame()
    assert list(frame.columns) == [
        *("measure", "year", "country", "area", "acts", "exposure", "raw", "value", "lower", "upper", "reason"),
    ]
    assert len(frame) == len(FACETS) * 2 * 3 * 3
    keyed = frame.set_index(["measure", "year", "country", "area"])
    assert keyed.loc[("participation", 2010, "FRA", "environment"), "reason"] == ""
    assert keyed.loc[("participation", 2010, "KAZ", "environment"), "acts"] == 0
    assert keyed.loc[("ratification_pace", 2010, "KAZ", "environment"), "reason"].startswith("nothing on record")
    assert keyed.loc[("participation", 2010, "TWN", "environment"), "reason"].startswith("nothing on record")
    assert (keyed.xs("reservations")["reason"] == "no source records it").all()
    assert (frame["value"].isna() == (frame["reason"] != "")).all()
    known = frame[frame["value"].notna()]
    assert (known["lower"] <= known["value"]).all()
    assert (known["value"] <= known["upper"]).all()
    dataset = result.to_xarray()
    assert dataset["value"].dims == ("measure", "year", "country", "area")
    usual = dataset["usual"].sel(measure="ratification_pace", year=2010, area="environment")
    assert float(usual) == pytest.approx(1, abs=0.02)
    lags = result.lags().dropna()
    assert (lags["lag_lower"] <= lags["lag"]).all()
    assert (lags["lag"] <= lags["lag_upper"]).all()


def test_countries_that_ended_and_that_do_not_exist_yet_say_so() -> None:
    frame = reputation(made_up(), ["CSK", "FRA"], (1990, 1990), areas=["environment"]).to_frame()
    reasons = frame.groupby("country")["reason"].agg(set)
    assert reasons["CSK"] == {"ended since: the sources list the countries of today"}
    later = reputation(made_up(), ["CZE"], (1992, 1993), areas=["environment"]).to_frame()
    assert set(later.loc[later["year"] == 1992, "reason"]) == {"not in the state system"}


@pytest.mark.parametrize("half_life", [None, 8.0])
def test_what_comes_later_changes_nothing(half_life: float | None) -> None:
    whole = made_up()
    cut = made_up()
    acts = cut.tables["treaty_actions_environment"]
    cut.tables["treaty_actions_environment"] = acts[acts["year"] <= 2005]
    early, late = (
        reputation(tables, None, (2005, 2005), areas=["environment"], half_life=half_life).to_xarray()
        for tables in (cut, whole)
    )
    for name in early.data_vars:
        np.testing.assert_array_equal(early[name].values, late[name].values)


def test_a_half_life_makes_records_shorter_and_leaves_participation() -> None:
    plain = reputation(made_up(), COUNTRIES, (2015, 2015), areas=["environment"]).to_xarray()
    short = reputation(made_up(), COUNTRIES, (2015, 2015), areas=["environment"], half_life=5).to_xarray()
    for measure in ("ratification_pace", "withdrawal_rate"):
        assert (short["exposure"].sel(measure=measure) < plain["exposure"].sel(measure=measure)).all()
    np.testing.assert_array_equal(
        short["value"].sel(measure="participation"), plain["value"].sel(measure="participation")
    )


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"half_life": 0.0}, "`half_life`: 0.0 came"),
        ({"interval": 1.0}, "`interval`: 1.0 came"),
        ({"years": (2010, 2005)}, "`years`: 2010-2005 came; the treaties cover 1946-2025"),
        ({"years": (2010, 2030)}, "the treaties cover 1946-2025"),
        ({"countries": ["YUG"], "years": (2010, 2011)}, "'YUG' came; it is not in the state system in 2010-2011"),
    ],
)
def test_bad_input_is_refused(options: dict, match: str) -> None:
    with pytest.raises(MeasureError, match=match):
        reputation(TreatyTables(), **options)


def test_bad_arrays_and_areas_are_refused() -> None:
    with pytest.raises(DataError, match="`areas`"):
        reputation(TreatyTables(), areas=["sea"])
    with pytest.raises(MeasureError, match=r"3\.0, 2\.0 came at 0; allowed: counts from 0 to their exposure"):
        fit_beta(np.array([3.0]), np.array([2.0]))
    with pytest.raises(MeasureError, match=r"-1\.0, 2\.0 came at 0; allowed: counts and exposure from 0"):
        fit_gamma(np.array([-1.0]), np.array([2.0]))
    with pytest.raises(MeasureError, match="`interval`: 2 came"):
        GammaPrior(1.0, *one(1.0)).posterior(np.array([1.0]), np.array([2.0]), 2)
    with pytest.raises(MeasureError, match="a negative or missing one came"):
        kaplan_meier(np.array([-1.0]), np.array([True]))


def test_the_record_of_the_united_states(shared_data) -> None:
    """Of the eighteen human rights treaties it is party to five: the Covenant on Civil and Political Rights, those
    against racial discrimination and torture, and two protocols on children (United Nations Treaty Collection)."""
    from orrery.data.importers import read_source
    from orrery.data.matching import match_files
    from orrery.data.sources import sources

    areas = ["human rights", "world trade"]
    tables = TreatyTables()
    for area in areas:
        tables.tables |= read_source(AREAS[area], match_files(sources()[AREAS[area]], [shared_data / "treaties"]))
    result = reputation(tables, ["USA", "KAZ"], (2025, 2025), areas=areas)
    frame = result.to_frame().set_index(["measure", "country", "area"])
    rights = frame.loc[("participation", "USA", "human rights")]
    assert (rights["acts"], rights["exposure"]) == (5, 18)
    assert rights["lower"] < rights["raw"] < rights["value"] < rights["upper"] < 0.6
    assert frame.loc[("withdrawal_rate", "USA", "human rights"), "reason"] == "no source records it"
    assert frame.loc[("participation", "KAZ", "world trade"), "raw"] == 1
    assert frame.loc[("participation", "KAZ", "world trade"), "reason"].startswith("the record of all countries")
