"""Portfolios on a small world whose every share can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from orrery.base.errors import CountryCodeError, MeasureError
from orrery.data.panel import Panel, Status, Variable
from orrery.measure.portfolios.alignment import alignment
from orrery.measure.portfolios.channels import (
    CHANNELS,
    channel_portfolio,
    composite,
    composite_status,
    composite_weights,
)
from orrery.measure.portfolios.poles import poles

COUNTRIES = ("CHN", "DEU", "FRA", "KAZ", "RUS", "USA")
YEAR = 2010
KAZ = COUNTRIES.index("KAZ")


def small_world(**changes: np.ndarray) -> Panel:
    """A world of six countries in one year: Kazakhstan trades 40 % with CHN, 20 % each with DEU and FRA, 10 % RUS."""
    n = len(COUNTRIES)
    trade = np.zeros((n, n))
    trade[KAZ] = [0.4, 0.2, 0.2, 0, 0.1, 0]
    pact = np.zeros((n, n))
    pact[KAZ, COUNTRIES.index("RUS")] = 1.0
    pact[KAZ, COUNTRIES.index("CHN")] = 0.5
    values = {
        "trade_share": trade,
        "arms_share": np.zeros((n, n)),
        "pact_strength": pact,
        "membership_likeness": np.full((n, n), 0.5),
        "official_finance": np.full((n, n), np.nan),
        "ideal_point": np.array([-1.0, 1.0, 1.0, -0.5, 0.0, 2.0]),
        "ideal_point_sd": np.full(n, 0.1),
        "capability_gdp": np.array([0.3, 0.1, 0.1, 0.0, 0.1, 0.4]),
    } | changes
    status = {name: np.full(n, Status.OBSERVED, np.int8) for name in values}
    status["official_finance"][:] = Status.MISSING
    axes = {1: ("year", "country"), 2: ("year", "country", "partner")}
    dataset = xr.Dataset(
        {name: (axes[array.ndim], array[None]) for name, array in values.items()}
        | {f"{name}_status": (("year", "country"), code[None]) for name, code in status.items()},
        coords={"year": [YEAR], "country": list(COUNTRIES), "partner": list(COUNTRIES)},
    )
    known = {
        name: Variable(name, axes[array.ndim], "", "", (), lambda tables, axes: np.zeros(1))
        for name, array in values.items()
    }
    return Panel(dataset, known, "a small world")


def measured(panel: Panel, country: str = "KAZ", **options):
    return alignment(panel, country, (YEAR, YEAR), **options).dataset.isel(year=0, country=0)


def test_a_flow_sums_over_the_members_of_a_composite_pole_and_the_rest_is_outside():
    share = measured(small_world()).share.sel(channel="trade")
    np.testing.assert_allclose(share.values, [0.1, 0, 0.4, 0.4, 0.1, 0], atol=1e-12)
    assert share.option.values.tolist() == ["non-aligned", "USA", "EU", "CHN", "RUS", "IND"]


def test_a_likeness_leaves_the_distance_to_the_nearest_pole_outside():
    share = measured(small_world()).share.sel(channel="pacts")
    np.testing.assert_allclose(share.values, [0, 0, 0, 1 / 3, 2 / 3, 0], atol=1e-12)


def test_votes_follow_the_distance_of_ideal_points():
    over = ("USA", "EU", "CHN", "RUS")
    share = measured(small_world(), over=over).share.sel(channel="votes").values
    likeness = np.exp(-(np.array([2.5, 1.5, 0.5, 0.5]) ** 2) / 2)
    np.testing.assert_allclose(share[1:], likeness.max() * likeness / likeness.sum())
    assert share[0] == pytest.approx(1 - likeness.max())


def test_a_pole_without_votes_leaves_the_votes_channel_unknown():
    result = measured(small_world())  # India is a pole and not in this world
    assert np.isnan(result.share.sel(channel="votes")).all()
    assert result.status.sel(channel="votes") == Status.MISSING


def test_an_empty_channel_says_so_and_is_left_out_of_the_composite():
    result = measured(small_world(), over=("USA", "EU", "CHN", "RUS"))
    assert np.isnan(result.share.sel(channel="arms")).all()
    assert result.status.sel(channel="arms") == Status.NO_TIES
    parts = [result.share.sel(channel=name).values for name in ("trade", "pacts", "membership", "votes")]
    np.testing.assert_allclose(result.share.sel(channel="composite"), np.mean(parts, axis=0))


def test_too_few_channels_give_no_composite():
    panel = small_world(pact_strength=np.full((6, 6), np.nan), membership_likeness=np.full((6, 6), np.nan))
    for name in ("pact_strength", "membership_likeness"):
        panel.dataset[f"{name}_status"][:] = Status.MISSING
    result = measured(panel, over=("USA", "EU", "CHN", "RUS"))
    assert np.isnan(result.share.sel(channel="composite")).all()
    assert result.status.sel(channel="composite") == Status.MISSING


def test_only_what_has_a_stated_error_has_an_interval():
    result = measured(small_world(), over=("USA", "EU", "CHN", "RUS"))
    assert np.isnan(result.share_lower.sel(channel="trade")).all()
    lower, upper = (result[f"share_{side}"].sel(channel="votes", option="CHN") for side in ("lower", "upper"))
    assert lower < result.share.sel(channel="votes", option="CHN") < upper


def test_the_same_seed_gives_the_same_intervals_and_another_does_not():
    first, again, other = (measured(small_world(), over=("USA", "CHN"), seed=seed) for seed in (1, 1, 2))
    assert first.equals(again)
    assert not first.equals(other)


def test_a_member_of_a_composite_pole_counts_its_ties_with_the_other_members_only():
    trade = np.zeros((6, 6))
    trade[COUNTRIES.index("DEU")] = [0.1, 0, 0.5, 0, 0, 0.2]
    result = measured(small_world(trade_share=trade), "DEU")
    assert result.share.sel(channel="trade", option="EU") == pytest.approx(0.5)


def test_a_country_pole_has_no_tie_with_itself():
    result = measured(small_world(), "CHN", over=("USA", "CHN", "RUS"))
    assert result.share.sel(channel="votes", option="CHN") == 0


def test_a_country_outside_every_pole_is_not_multi_vector():
    result = measured(small_world(pact_strength=np.zeros((6, 6))), over=("USA", "CHN"))
    pacts = result.sel(channel="pacts")
    assert pacts.share.sel(option="non-aligned") == 1
    assert pacts.effective_multivectorness == 0
    assert np.isnan(pacts.rival_diversity)


@given(hnp.arrays(float, (4, 3), elements=st.floats(0, 1)), st.booleans())
def test_every_portfolio_is_a_point_of_the_simplex(ties, flow):
    ties = ties / 3 if flow else ties
    portfolio = channel_portfolio(ties, flow=flow)
    np.testing.assert_allclose(portfolio.sum(-1), 1, atol=1e-12)
    assert portfolio.min() >= 0


@given(hnp.arrays(float, (3, len(CHANNELS)), elements=st.floats(0.01, 1)), st.permutations(range(3)))
def test_a_composite_of_portfolios_is_a_portfolio_and_follows_relabelling(raw, order):
    shares = raw / raw.sum(0)
    weights = composite_weights()
    together = composite(shares, weights)
    assert together.sum() == pytest.approx(1)
    np.testing.assert_allclose(composite(shares[order], weights), together[order])


def test_the_weakest_status_counts():
    status = np.full(len(CHANNELS), Status.OBSERVED, np.int8)
    status[0] = Status.CARRIED_FORWARD
    assert composite_status(status, composite_weights()) == Status.CARRIED_FORWARD


def test_a_frame_has_one_row_per_channel_with_bounds():
    frame = alignment(small_world(), "KAZ", (YEAR, YEAR)).to_frame()
    assert frame["channel"].tolist() == [*CHANNELS, "composite"]
    assert {"CHN", "CHN_lower", "CHN_upper", "rival_diversity", "status"} <= set(frame.columns)
    assert frame.loc[frame["channel"] == "arms", "status"].item() == "no ties"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"weights": {"tradd": 1}}, "unknown channel"),
        ({"weights": {"trade": -1}}, "0 or more"),
        ({"weights": {"trade": 0}}, "at least one is above 0"),
        ({"draws": 1}, "at least 2"),
        ({"over": ()}, "at least one pole"),
        ({"over": ("USA", "USA")}, "each of them once"),
    ],
)
def test_what_is_not_allowed_is_refused(options, words):
    with pytest.raises(MeasureError, match=words):
        alignment(small_world(), "KAZ", (YEAR, YEAR), **options)


def test_unknown_countries_poles_and_years_are_refused():
    with pytest.raises(CountryCodeError):
        alignment(small_world(), "XXX", (YEAR, YEAR))
    with pytest.raises(CountryCodeError):
        poles(("USA", "ATLANTIS"))
    with pytest.raises(MeasureError, match="holds 2010-2010"):
        alignment(small_world(), "KAZ", (2009, 2010))
