"""`alignment` in full: toy values end to end, poles as configuration, treaties, volatility, errors of filled cells."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from small_panels import panel_of, ties

import orrery
from orrery.base.errors import CountryCodeError, MeasureError
from orrery.data.panel import Status
from orrery.measure.portfolios.alignment import DIRECTIONS, INDICES, OF_CHANNELS, alignment
from orrery.measure.portfolios.channels import CHANNELS, Members, composite_weights, portfolios_of_year
from orrery.measure.portfolios.filled import FillingErrors, gap_at, nearest_on_simplex
from orrery.measure.portfolios.poles import membership, poles, poles_of_year
from orrery.measure.portfolios.rivalry import RIVAL

COUNTRIES = ("CHN", "DEU", "FRA", "GBR", "KAZ", "RUS", "USA")
N = len(COUNTRIES)
POINTS = np.array([-1.0, 1.0, 1.0, 1.2, -0.5, 0.0, 2.0])
KEPT = {"trade": 1, "arms": 1}


def panel_with(years=(2010,), status=None, **values):
    return panel_of(
        COUNTRIES,
        years,
        status,
        **{"ideal_point": POINTS, "ideal_point_sd": np.full(N, 0.1), "capability_gdp": np.full(N, 1 / N)} | values,
    )


def of(panel, country="KAZ", **options):
    return alignment(panel, country, **{"draws": 2, **options}).dataset.isel(country=0)


FULL = np.ones((2, 2)) - np.eye(2)


def test_toy_value_of_two_channels_that_use_one_pole_each():
    panel = panel_with(trade_share=ties(COUNTRIES, KAZ={"USA": 1.0}), arms_share=ties(COUNTRIES, KAZ={"CHN": 1.0}))
    result = of(panel, over=("USA", "CHN"), weights=KEPT).isel(year=0)
    exact = {"rtol": 0, "atol": 1e-12}
    np.testing.assert_allclose(result.rival_diversity.sel(channel=["trade", "arms", "composite"]), [0, 0, 1], **exact)
    np.testing.assert_allclose(result.between_channels, 1, **exact)
    np.testing.assert_allclose(result.channel_coherence, 0, **exact)
    np.testing.assert_allclose(result.equidistance.sel(channel="composite"), 1, **exact)
    np.testing.assert_allclose(result.lean.sel(channel=["trade", "arms"]), [1.5, -1.5], **exact)


def test_toy_value_of_two_rivals_and_much_outside():
    panel = panel_with(trade_share=ties(COUNTRIES, KAZ={"USA": 0.2, "CHN": 0.2, "DEU": 0.6}))
    trade = of(panel, over=("USA", "CHN"), weights=KEPT).isel(year=0).sel(channel="trade")
    np.testing.assert_allclose(trade.share.sel(option="non-aligned"), 0.6, rtol=0, atol=1e-12)
    np.testing.assert_allclose(trade.rival_diversity, 1, rtol=0, atol=1e-12)
    np.testing.assert_allclose(trade.effective_multivectorness, 0.4, rtol=0, atol=1e-12)
    np.testing.assert_allclose(trade.effective_vectors, 2, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("shares", "rival", "vectors"),
    [((0.5, 0.5, 0), 0, 1), ((0.25, 0.25, 0.5), 1, 2), ((1 / 3, 1 / 3, 1 / 3), 8 / 9, 9 / 5)],
)
def test_toy_values_of_two_friends(shares, rival, vectors):
    friends = np.array([[0.0, 0, 1], [0, 0, 1], [1, 1, 0]])
    over = ("USA", "GBR", "CHN")
    panel = panel_with(trade_share=ties(COUNTRIES, KAZ=dict(zip(over, shares, strict=True))))
    trade = of(panel, over=over, weights=KEPT, rivalry=friends).isel(year=0).sel(channel="trade")
    np.testing.assert_allclose(trade.rival_diversity, rival, rtol=0, atol=1e-12)
    np.testing.assert_allclose(trade.effective_vectors, vectors, rtol=0, atol=1e-12)


def test_a_pole_without_trade_has_no_balance_and_an_empty_channel_no_index():
    panel = panel_with(trade_share=ties(COUNTRIES, KAZ={"DEU": 0.5, "FRA": 0.5}), arms_share=np.zeros((N, N)))
    result = of(panel, over=("USA", "CHN", "DEU"), between=("USA", "CHN"), weights=KEPT).isel(year=0)
    assert np.isnan(result.equidistance.sel(channel="trade"))
    assert result.share.sel(channel="trade", option="USA") == 0
    assert result.status.sel(channel="arms") == Status.NO_TIES
    for name in (*INDICES, *DIRECTIONS):
        assert np.isnan(result[name].sel(channel="arms")), name


def test_dependence_is_asymmetric_where_the_pole_needs_the_country_less():
    trade = ties(COUNTRIES, KAZ={"CHN": 0.4, "DEU": 0.3}, CHN={"KAZ": 0.1}, DEU={"KAZ": 0.06}, FRA={"KAZ": 0.02})
    result = of(panel_with(trade_share=trade), over=("USA", "EU", "CHN")).isel(year=0).sel(channel="trade")
    assert result.dependence.sel(pole="CHN") == pytest.approx(0.4)
    assert result.asymmetry.sel(pole="CHN") == pytest.approx(0.3)
    # The Union's mean over three members of equal output.
    assert result.asymmetry.sel(pole="EU") == pytest.approx(0.3 - 0.08 / 3)
    german = of(panel_with(trade_share=trade), "DEU", over=("USA", "EU", "CHN")).isel(year=0)
    assert german.asymmetry.sel(channel="trade", pole="EU") == 0
    assert german.asymmetry.sel(channel="votes").isnull().all()


def test_a_pole_is_not_asymmetric_with_itself_nor_where_its_own_ties_are_unknown():
    trade = ties(COUNTRIES, KAZ={"CHN": 0.4, "USA": 0.1})
    missing = np.full((1, N), Status.OBSERVED)
    missing[0, COUNTRIES.index("CHN")] = Status.MISSING
    panel = panel_with(trade_share=trade, status={"trade_share": missing})
    kazakh = of(panel, over=("USA", "CHN")).isel(year=0).sel(channel="trade")
    assert np.isnan(kazakh.asymmetry.sel(pole="CHN"))
    assert kazakh.asymmetry.sel(pole="USA") == pytest.approx(0.1)
    american = of(panel, "USA", over=("USA", "CHN")).isel(year=0).sel(channel="trade")
    assert np.isnan(american.asymmetry.sel(pole="USA"))


def test_volatility_is_the_mean_share_that_moves():
    rows = [{"USA": 0.5, "CHN": 0.5}, {"USA": 0.3, "CHN": 0.3}, {"USA": 0.8, "CHN": 0.2}, {"USA": 0.6, "CHN": 0.4}]
    trade = np.stack([ties(COUNTRIES, KAZ=row) for row in rows])
    panel = panel_with((2010, 2011, 2012, 2013), trade_share=trade, arms_share=ties(COUNTRIES, KAZ={"USA": 1.0}))
    result = of(panel, over=("USA", "CHN"), weights=KEPT, window=2)
    np.testing.assert_allclose(result.volatility.sel(channel="trade"), [np.nan, np.nan, 0.15, 0.25])
    np.testing.assert_allclose(result.volatility.sel(channel="arms"), [np.nan, np.nan, 0, 0])
    alone = of(panel, over=("USA", "CHN"), weights={"trade": 1}, window=2).volatility
    np.testing.assert_allclose(alone.sel(channel="composite"), alone.sel(channel="trade"))
    later = alignment(panel, "KAZ", (2013, 2013), over=("USA", "CHN"), weights=KEPT, window=2, draws=2).dataset
    assert later.volatility.sel(channel="trade").item() == pytest.approx(0.25)


def test_what_is_carried_forward_has_no_volatility_rather_than_none():
    filled = np.full((3, N), Status.OBSERVED)
    filled[2] = Status.CARRIED_FORWARD
    panel = panel_with(
        (2010, 2011, 2012), {"trade_share": filled}, trade_share=ties(COUNTRIES, KAZ={"USA": 0.5, "CHN": 0.5})
    )
    result = of(panel, over=("USA", "CHN"), window=1).volatility.sel(channel="trade")
    np.testing.assert_allclose(result, [np.nan, 0, np.nan])


def test_a_channel_that_appears_does_not_move_the_composite_of_the_others():
    status = np.full((2, N), Status.OBSERVED)
    status[0] = Status.MISSING
    panel = panel_with(
        (2010, 2011),
        {"arms_share": status},
        trade_share=ties(COUNTRIES, KAZ={"USA": 0.5, "CHN": 0.5}),
        arms_share=ties(COUNTRIES, KAZ={"USA": 1.0}),
        pact_strength=ties(COUNTRIES, KAZ={"CHN": 1.0}),
        membership_likeness=ties(COUNTRIES, KAZ={"CHN": 0.5, "USA": 0.5}),
    )
    result = of(panel, over=("USA", "CHN"), window=1)
    assert result.volatility.sel(channel="composite", year=2011) == pytest.approx(0)
    assert not np.allclose(
        result.share.sel(channel="composite", year=2010), result.share.sel(channel="composite", year=2011)
    )


def test_a_group_can_be_split_into_its_members_of_the_year():
    panel = panel_with((2019, 2020), trade_share=ties(COUNTRIES, KAZ={"DEU": 0.3, "FRA": 0.2, "GBR": 0.1, "CHN": 0.4}))
    united = of(panel, over=("USA", "EU", "CHN"), weights=KEPT).share.sel(channel="trade")
    split = of(panel, over=("USA", "EU:members", "CHN"), weights=KEPT).share.sel(channel="trade")
    assert split.sel(option=["DEU", "FRA"]).sum("option").values == pytest.approx([0.5, 0.5])
    np.testing.assert_allclose(split.sel(option="GBR"), [0.1, np.nan])
    np.testing.assert_allclose(split.sel(option="non-aligned"), united.sel(option="non-aligned"))
    np.testing.assert_allclose(united.sel(option="EU"), [0.6, 0.5])
    np.testing.assert_allclose(split.sum("option"), 1)


def test_a_member_that_is_measured_has_no_tie_with_itself():
    panel = panel_with(trade_share=ties(COUNTRIES, DEU={"FRA": 0.4, "CHN": 0.6}))
    split = of(panel, "DEU", over=("EU:members", "CHN"), weights=KEPT).isel(year=0).sel(channel="trade")
    united = of(panel, "DEU", over=("EU", "CHN"), weights=KEPT).isel(year=0).sel(channel="trade")
    assert split.share.sel(option="DEU") == 0
    assert split.share.sel(option="FRA") == united.share.sel(option="EU") == pytest.approx(0.4)
    votes = of(panel, "DEU", over=("DEU", "CHN")).isel(year=0).share.sel(channel="votes")
    assert votes.sel(option="DEU") == 0


@pytest.mark.parametrize("over", [("EU", "DEU"), ("DEU", "EU", "CHN"), ("EU", "EU:members")])
def test_a_country_in_two_poles_is_refused(over):
    with pytest.raises(MeasureError, match="its ties would count twice"):
        of(panel_with(), over=over)


def test_after_it_has_left_a_former_member_may_stand_beside_the_group():
    assert membership(poles(("EU", "GBR")), COUNTRIES, 2020).sum(0).max() == 1
    with pytest.raises(MeasureError, match="in 2019 GBR belongs to EU and to GBR"):
        membership(poles(("EU", "GBR")), COUNTRIES, 2019)


def test_groups_come_from_the_facts_and_unknown_ones_are_refused():
    assert [pole.name for pole in poles_of_year(poles(("UNSC permanent:members",)), 2020)] == [
        "CHN", "FRA", "GBR", "RUS", "USA",
    ]  # fmt: skip
    assert poles(("UNSC permanent",))[0].members(1960) == ("FRA", "GBR", "RUS", "TWN", "USA")
    with pytest.raises(CountryCodeError, match="group `NATO` is not known"):
        poles(("NATO:members",))
    with pytest.raises(MeasureError, match="each of them once"):
        poles(("DEU", "EU:members"))


def test_a_pole_that_does_not_exist_in_a_year_is_none_of_its_poles():
    panel = panel_with((1950,), trade_share=ties(COUNTRIES, KAZ={"USA": 0.5, "CHN": 0.5}))
    result = of(panel, over=("USA", "EU", "CHN"), weights=KEPT).isel(year=0)
    assert np.isnan(result.share.sel(channel="trade", option="EU"))
    assert result.diversity.sel(channel="trade") == pytest.approx(1)
    assert result.rivalry.sel(pole="EU").isnull().all()


def test_treaties_are_a_channel_where_the_panel_has_them_and_missing_where_not():
    likeness = ties(COUNTRIES, KAZ={"USA": 0.2, "CHN": 0.6})
    without, with_treaties = panel_with(), panel_with(treaty_likeness=likeness)
    assert composite_weights()["treaties"] == 0
    status = {name: of(panel).status.sel(channel="treaties").item() for name, panel in
              (("without", without), ("with", with_treaties))}  # fmt: skip
    assert status == {"without": Status.MISSING, "with": Status.OBSERVED}
    share = of(with_treaties, over=("USA", "CHN")).isel(year=0).share.sel(channel="treaties")
    np.testing.assert_allclose(share, [0.4, 0.15, 0.45])
    assert np.isnan(of(without).share.sel(channel="treaties")).all()
    _, unknown = portfolios_of_year(without, Members(poles(), without, 2010), 2010)
    assert (unknown[:, list(CHANNELS).index("treaties")] == Status.MISSING).all()


def test_treaties_count_when_they_are_given_a_weight():
    panel = panel_with(treaty_likeness=ties(COUNTRIES, KAZ={"USA": 1.0}), trade_share=ties(COUNTRIES, KAZ={"CHN": 1.0}))
    share = of(panel, over=("USA", "CHN"), weights={"treaties": 1, "trade": 3}).isel(year=0).share
    np.testing.assert_allclose(share.sel(channel="composite"), [0, 0.25, 0.75])


@given(hnp.arrays(float, (5, 4), elements=st.floats(-2, 2)))
def test_the_nearest_point_of_the_simplex_is_on_it_and_no_sampled_point_is_nearer(values):
    nearest = nearest_on_simplex(values)
    assert (nearest >= 0).all()
    np.testing.assert_allclose(nearest.sum(-1), 1, atol=1e-9)
    np.testing.assert_allclose(nearest_on_simplex(nearest), nearest, atol=1e-9)
    corners = np.eye(4)
    for corner in corners:
        for point in (corner, (corner + nearest) / 2):
            assert (((values - nearest) ** 2).sum(-1) <= ((values - point) ** 2).sum(-1) + 1e-9).all()


def test_gaps_reach_to_the_nearest_observations():
    o, i, c, m = Status.OBSERVED, Status.INTERPOLATED, Status.CARRIED_FORWARD, Status.MISSING
    status = np.array([i, o, i, i, o, c, c, m], np.int8)
    assert gap_at(status, 3) == (2, 1)
    assert gap_at(status, 6) == (2, None)
    assert gap_at(status, 0) is None


def carried(n_years=14, step=0.02):
    """A panel in which the tie with China grows by a step each year, observed to the last year but two."""
    years = tuple(range(2000, 2000 + n_years))
    grown = 0.2 + step * np.arange(n_years)
    grown[-2:] = grown[-3]
    trade = np.stack([ties(COUNTRIES, KAZ={"CHN": value, "USA": 0.9 - value}) for value in grown])
    status = np.full((n_years, N), Status.OBSERVED)
    status[-2:] = Status.CARRIED_FORWARD
    return panel_with(years, {"trade_share": status}, trade_share=trade)


def test_the_error_of_carrying_forward_is_what_it_was_in_observed_years():
    panel = carried()
    errors = FillingErrors(panel).errors(CHANNELS["trade"], (2, None), poles(("USA", "CHN")))
    own = errors[:, COUNTRIES.index("KAZ")]
    known = ~np.isnan(own).any(-1)
    assert known.sum() == 10
    np.testing.assert_allclose(own[known], np.tile([0, -0.04, 0.04], (10, 1)), atol=1e-12)
    np.testing.assert_allclose(
        FillingErrors(panel).errors(CHANNELS["trade"], (1, 1), poles(("USA", "CHN")))[1, COUNTRIES.index("KAZ")],
        0,
        atol=1e-12,
    )


def test_filled_cells_have_an_interval_when_it_is_asked_for_and_observed_ones_none():
    panel = carried()
    stated = of(panel, over=("USA", "CHN"), draws=20)
    drawn = of(panel, over=("USA", "CHN"), draws=20, filled_errors=True)
    china = drawn.sel(channel="trade", option="CHN")
    assert np.isnan(china.share_lower.sel(year=2011))
    # Every known error of two years is the same drift of .04: the interval lies there, not around what was carried.
    assert china.share.sel(year=2013) == pytest.approx(0.42)
    assert china.share_upper.sel(year=2013) == pytest.approx(0.46)
    for name in ("share", "rival_diversity"):
        np.testing.assert_array_equal(stated[name], drawn[name])
    votes = [one.share_upper.sel(channel="votes") for one in (stated, drawn)]
    np.testing.assert_array_equal(*votes)


def test_with_too_few_errors_a_filled_cell_has_no_interval_and_neither_has_its_composite():
    panel = carried(8)
    drawn = of(panel, over=("USA", "CHN"), weights={"trade": 1, "votes": 1}, draws=20, filled_errors=True)
    assert drawn.share_lower.sel(year=2007, channel=["trade", "composite"]).isnull().all()
    assert drawn.share_lower.sel(year=2005, channel="composite", option="CHN").notnull()


@pytest.fixture(scope="module")
def panel():
    return orrery.load()


def test_on_the_baseline_filled_cells_widen_intervals_and_stay_on_the_simplex(panel):
    options = {"draws": 60, "years": (2022, 2022)}
    stated = alignment(panel, "VNM", **options).dataset.isel(year=0, country=0)
    measured = alignment(panel, "VNM", **options, filled_errors=True)
    drawn = measured.dataset.isel(year=0, country=0)
    assert measured.errors[-1] == "interpolated and carried-forward cells"
    for channel in ("trade", "pacts", "membership"):
        cell = drawn.sel(channel=channel)
        assert stated.status.sel(channel=channel) == Status.CARRIED_FORWARD
        assert stated.share_lower.sel(channel=channel).isnull().all()
        assert cell.share_lower.notnull().any()
        assert (cell.share_lower.fillna(0) >= 0).all()
        assert (cell.share_upper.fillna(1) <= 1).all()
    width = [
        float((one.effective_multivectorness_upper - one.effective_multivectorness_lower).sel(channel="composite"))
        for one in (stated, drawn)
    ]
    assert width[1] > width[0]


def test_the_frame_tells_everything_by_row(panel):
    measured = alignment(panel, ["KAZ", "USA"], (2019, 2020), draws=5)
    frame = measured.to_frame()
    assert len(frame) == 2 * 2 * (len(CHANNELS) + 1)
    expected = {*INDICES, *DIRECTIONS, *OF_CHANNELS, "volatility", "asymmetry_EU", "equidistance_between", "status"}
    assert expected <= set(frame.columns)
    together = frame.dropna(subset=["between_channels"])
    assert set(together["channel"]) == {"composite"}
    assert len(together) == 4
    row = frame.query("year == 2020 and country == 'KAZ' and channel == 'composite'").iloc[0]
    cell = measured.dataset.sel(year=2020, country="KAZ", channel="composite")
    assert row["lean"] == cell.lean.item()
    assert row["CHN"] == cell.dependence.sel(pole="CHN").item()
    assert measured.rivalries()[RIVAL].isin(measured.poles).all()
    assert measured.to_xarray() is measured.dataset


def test_the_defaults_measure_what_they_always_did(panel):
    """Figures of the baseline, to the last digit printed before the family was completed."""
    row = alignment(panel, ["KAZ", "DEU", "USA", "IND"], (2000, 2020), over=("USA", "EU", "CHN"), draws=50, seed=3)
    cell = row.dataset.sel(year=2020, country="IND", channel="composite")
    assert cell.rival_diversity.item() == pytest.approx(0.818624, abs=5e-7)
    assert cell.rival_diversity_lower.item() == pytest.approx(0.8067, abs=5e-6)
    assert cell.share.values == pytest.approx([0.461104, 0.121276, 0.150037, 0.267582], abs=5e-7)
