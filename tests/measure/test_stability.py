"""Stability of ranks under the weights of the channels: hand-made worlds, limits, and the baseline."""

from __future__ import annotations

import numpy as np
import pytest
from small_panels import panel_of, ties

import orrery
from orrery.base.errors import MeasureError
from orrery.measure import alignment, rank_stability
from orrery.measure.portfolios.channels import CHANNELS

COUNTRIES = ("BRA", "CHN", "KAZ", "MEX", "USA")
RANKED = ("BRA", "KAZ", "MEX")
OPTIONS = {"over": ("USA", "CHN"), "weights": {"trade": 1, "arms": 1}, "index": "rival_diversity", "draws": 400}


def split_in(share):
    return {"USA": share, "CHN": 1 - share}


def small_panel(trade, arms):
    return panel_of(
        COUNTRIES,
        (2010,),
        trade_share=ties(COUNTRIES, **{c: split_in(s) for c, s in zip(RANKED, trade, strict=True)}),
        arms_share=ties(COUNTRIES, **{c: split_in(s) for c, s in zip(RANKED, arms, strict=True)}),
        ideal_point=np.array([0.0, -1, 0, 0, 1]),
        ideal_point_sd=np.zeros(5),
        capability_gdp=np.full(5, 0.2),
    )


def test_where_channels_agree_no_weight_moves_a_rank():
    result = rank_stability(small_panel((0.5, 0.3, 0.1), (0.5, 0.3, 0.1)), 2010, RANKED, **OPTIONS)
    assert result.dataset["rank"].values.tolist() == [1, 2, 3]
    assert (result.dataset.rank_shift == 0).all()
    assert result.pairs_kept == 1
    assert result.mean_shift == 0
    assert (result.dataset.influence == 0).all()
    assert np.isnan(np.diag(result.dataset.order_kept)).all()


def test_two_opposed_channels_change_places_in_half_of_the_draws():
    # With weight w on trade the share of the USA is .5 + .4 w for Brazil and .9 - .4 w for Kazakhstan: Brazil is more
    # multi-vector where w is below one half.
    panel = small_panel((0.9, 0.5, 0.7), (0.5, 0.9, 0.7))
    tilted = rank_stability(panel, 2010, RANKED, **{**OPTIONS, "weights": {"trade": 1.0, "arms": 1.01}, "draws": 2000})
    assert tilted.dataset["rank"].sel(country="BRA") == 1
    assert tilted.dataset.order_kept.sel(country="BRA", partner="KAZ").item() == pytest.approx(0.5, abs=0.05)
    assert tilted.dataset.order_kept.sel(country="KAZ", partner="BRA") == tilted.dataset.order_kept.sel(
        country="BRA", partner="KAZ"
    )
    out = tilted.dataset.rank_changed.sel(change="left out", country="BRA")
    assert out.sel(channel="trade") == 1
    assert out.sel(channel="arms") == 3


def test_the_larger_the_concentration_the_less_ranks_move():
    panel = small_panel((0.9, 0.5, 0.6), (0.5, 0.8, 0.75))
    loose, tight = (rank_stability(panel, 2010, RANKED, **OPTIONS, concentration=k) for k in (2, 1e7))
    assert tight.mean_shift == 0
    assert loose.mean_shift > 0
    assert (tight.dataset.rank_median == tight.dataset["rank"]).all()


def test_countries_without_a_composite_are_not_ranked():
    result = rank_stability(small_panel((0.5, 0.3, 0.1), (0.5, 0.3, 0.1)), 2010, **OPTIONS)
    assert result.dataset["rank"].sel(country=["USA", "CHN"]).isnull().all()
    assert result.dataset["rank"].sel(country=list(RANKED)).values.tolist() == [1, 2, 3]
    assert result.dataset.order_kept.sel(country="USA").isnull().all()
    assert result.to_frame()["country"].tolist()[:3] == list(RANKED)


@pytest.fixture(scope="module")
def baseline():
    panel = orrery.load()
    return panel, rank_stability(panel, 2018, draws=100, seed=4)


def test_ranks_of_the_baseline_follow_from_what_alignment_measures(baseline):
    panel, result = baseline
    for code in ("KAZ", "VNM", "SWE"):
        value = alignment(panel, code, (2018, 2018), draws=2).dataset.effective_multivectorness
        assert result.dataset.value.sel(country=code).item() == value.sel(channel="composite").item()
    known = result.dataset.dropna("country", subset=["value"])
    order = np.argsort(-known.value.values)
    assert known["rank"].values[order].tolist() == list(range(1, len(order) + 1))
    assert (known.rank_lower <= known.rank_median).all()
    assert (known.rank_median <= known.rank_upper).all()
    assert 0.5 < result.pairs_kept < 1


def test_the_most_influential_weight_is_the_one_that_shifts_ranks_most(baseline):
    _, result = baseline
    shift = abs(result.dataset.rank_changed - result.dataset["rank"]).mean(("country", "change"))
    np.testing.assert_allclose(result.dataset.influence, shift)
    assert result.most_influential == shift.channel.values[shift.values.argmax()]
    assert set(result.dataset.channel.values) < set(CHANNELS)
    assert result.dataset.weight.sum().item() == pytest.approx(1)
    frame = result.to_frame()
    assert frame["rank"].dropna().is_monotonic_increasing
    assert {"rank_trade_left_out", "rank_votes_doubled", "rank_lower"} <= set(frame.columns)
    assert result.to_xarray() is result.dataset


def test_the_same_seed_draws_the_same_weights(baseline):
    panel, result = baseline
    assert result.dataset.identical(rank_stability(panel, 2018, draws=100, seed=4).dataset)
    assert not result.dataset.identical(rank_stability(panel, 2018, draws=100, seed=5).dataset)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"index": "evenness"}, "'evenness' came; allowed is one of diversity"),
        ({"weights": {"trade": 1}}, "only trade has a weight"),
        ({"concentration": 0}, "needs a number above 0"),
        ({"draws": 1}, "at least 2 draws"),
        ({"countries": ("USA", "KAZ")}, "1 of 2 have a composite"),
        ({"year": 2009}, "holds 2010-2010"),
    ],
)
def test_what_is_not_allowed_is_refused(options, words):
    arguments = {"year": 2010, "countries": RANKED, **OPTIONS, **options}
    with pytest.raises(MeasureError, match=words):
        rank_stability(small_panel((0.5, 0.3, 0.1), (0.5, 0.3, 0.1)), **arguments)
