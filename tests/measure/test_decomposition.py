"""Decomposition of a change: contributions that add up, hand-computed cases, and the baseline."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from small_panels import panel_of, ties

import orrery
from orrery.base.errors import MeasureError
from orrery.data.panel import Status
from orrery.measure import alignment, decompose_change
from orrery.measure.portfolios.alignment import OF_PORTFOLIO
from orrery.measure.portfolios.decomposition import KINDS, shapley_values

COUNTRIES = ("CHN", "KAZ", "RUS", "USA")
YEARS = (2010, 2011)
OVER = ("USA", "CHN", "RUS")
TWO = {"over": ("USA", "CHN"), "weights": {"trade": 1, "arms": 1}}


def panel_with(status=None, **values):
    return panel_of(
        COUNTRIES,
        YEARS,
        status,
        **{
            "ideal_point": np.array([-1.0, -0.5, 0.0, 2.0]),
            "ideal_point_sd": np.zeros(4),
            "capability_gdp": np.ones(4) / 4,
        }
        | values,
    )


def flows(first, last):
    return np.stack([ties(COUNTRIES, KAZ=dict(zip(OVER, row, strict=False))) for row in (first, last)])


def contributions(result):
    return dict(zip(result.dataset.source.values.tolist(), result.dataset.contribution.values.tolist(), strict=True))


def test_a_change_of_one_source_is_all_its_own():
    panel = panel_with(trade_share=flows((1, 0), (0.5, 0.5)), arms_share=flows((1, 0), (1, 0)))
    found = contributions(decompose_change(panel, "KAZ", YEARS, index="diversity", **TWO))
    assert found.pop("trade: shares") == pytest.approx(0.75)
    assert all(value == pytest.approx(0) for value in found.values())


def test_two_sources_that_do_the_same_share_equally():
    panel = panel_with(trade_share=flows((1, 0), (0.5, 0.5)), arms_share=flows((1, 0), (0.5, 0.5)))
    found = contributions(decompose_change(panel, "KAZ", YEARS, index="rival_diversity", **TWO))
    assert [found["trade: shares"], found["arms: shares"]] == pytest.approx([0.5, 0.5])
    assert found["rivalry"] == 0


def test_shapley_values_worked_out_by_hand():
    """Shares from (1, 0) to (1/2, 1/2) and non-alignment from 1/2 to 0: EMV from 0 to 1, by halves and wholes."""
    panel = panel_with(trade_share=flows((0.5, 0), (0.5, 0.5)))
    result = decompose_change(panel, "KAZ", YEARS, over=("USA", "CHN"), weights={"trade": 1})
    found = contributions(result)
    # Alone, shares give 1/2 and non-alignment gives 0; after the other, 1 and 1/2.
    assert found["trade: shares"] == pytest.approx(0.75)
    assert found["trade: non-alignment"] == pytest.approx(0.25)
    assert result.change == pytest.approx(1)


def test_poles_that_move_are_the_rivalry():
    points = np.array([[-1.0, 0, 0, 2.0], [1.0, 0, 0, 2.0]])
    panel = panel_with(trade_share=flows((0.3, 0.3, 0.4), (0.3, 0.3, 0.4)), ideal_point=points)
    result = decompose_change(panel, "KAZ", YEARS, over=OVER, weights={"trade": 1}, index="rival_diversity")
    found = contributions(result)
    assert found["rivalry"] == pytest.approx(result.change)
    assert result.change != 0


def test_a_channel_that_appears_is_availability():
    status = np.full((2, 4), Status.OBSERVED)
    status[0] = Status.MISSING
    panel = panel_with({"arms_share": status}, trade_share=flows((1, 0), (1, 0)), arms_share=flows((0, 1), (0, 1)))
    panel = panel.with_variable(panel.variables["pact_strength"], flows((1, 0), (1, 0)), np.full((2, 4), 1))
    panel = panel.with_variable(panel.variables["membership_likeness"], flows((1, 0), (1, 0)), np.full((2, 4), 1))
    weights = {"trade": 1, "arms": 1, "pacts": 1, "membership": 1}
    result = decompose_change(panel, "KAZ", YEARS, over=("USA", "CHN"), weights=weights, index="diversity")
    found = contributions(result)
    assert found["arms: availability"] == pytest.approx(result.change) == pytest.approx(1 - (2 / 8) ** 2 * 4)
    frame = result.to_frame().set_index("source")
    assert frame.loc["arms: availability", "status_first"] == "missing"
    assert frame.loc["arms: availability", "status_last"] == "observed"
    assert frame.loc["rivalry", "status_first"] == ""
    back = decompose_change(
        panel_reversed(panel), "KAZ", YEARS, over=("USA", "CHN"), weights=weights, index="diversity"
    )
    assert contributions(back)["arms: availability"] == pytest.approx(-result.change)


def panel_reversed(panel):
    dataset = panel.dataset.isel(year=[1, 0]).assign_coords(year=list(YEARS))
    return type(panel)(dataset, panel.variables, panel.origin)


def test_a_channel_that_was_outside_every_pole_changes_by_non_alignment():
    panel = panel_with(trade_share=flows((0.5, 0.5), (0.5, 0.5)), pact_strength=flows((0, 0), (0.5, 0.5)))
    options = {"over": ("USA", "CHN"), "weights": {"trade": 1, "pacts": 1}}
    found = contributions(decompose_change(panel, "KAZ", YEARS, **options))
    assert found["pacts: shares"] == 0
    assert found["pacts: non-alignment"] == pytest.approx(0.25)


compositions = hnp.arrays(float, (2, 3), elements=st.floats(0.01, 1)).map(lambda raw: raw / raw.sum(-1).max())


@settings(max_examples=25)
@given(
    compositions,
    compositions,
    hnp.arrays(float, (2, 3), elements=st.floats(0, 1)),
    hnp.arrays(float, (2, 4), elements=st.floats(-2, 2), unique=True),
    st.sampled_from(sorted(OF_PORTFOLIO)),
)
def test_contributions_add_up_to_the_change_that_alignment_measures(trade, arms, pacts, points, index):
    panel = panel_with(
        trade_share=flows(*trade), arms_share=flows(*arms), pact_strength=flows(*pacts), ideal_point=points
    )
    options = {"over": OVER, "between": ("USA", "CHN")}
    result = decompose_change(panel, "KAZ", YEARS, index=index, **options)
    assert abs(result.residual) <= 1e-12
    measured = alignment(panel, "KAZ", draws=2, **options).dataset[index].sel(channel="composite", country="KAZ")
    np.testing.assert_allclose(result.change, measured[1] - measured[0], rtol=0, atol=1e-12)


@given(hnp.arrays(float, 16, elements=st.floats(-5, 5)))
def test_shapley_values_are_the_mean_over_all_orders(values):
    gains = np.zeros(4)
    for order in permutations(range(4)):
        before = 0
        for player in order:
            gains[player] += values[before | 1 << player] - values[before]
            before |= 1 << player
    np.testing.assert_allclose(shapley_values(values), gains / 24, atol=1e-12)
    np.testing.assert_allclose(shapley_values(values).sum(), values[-1] - values[0], atol=1e-12)


def test_a_player_who_changes_nothing_gets_nothing_and_equals_get_the_same():
    majority = np.array([0, 0, 0, 1, 0, 1, 1, 1.0])
    np.testing.assert_allclose(shapley_values(majority), 1 / 3)
    unanimity = np.array([0, 0, 0, 1, 0, 0, 0, 1.0])
    np.testing.assert_allclose(shapley_values(unanimity), [0.5, 0.5, 0])


@pytest.fixture(scope="module")
def baseline():
    return orrery.load()


def test_the_baseline_is_decomposed_without_a_residual(baseline):
    for index in OF_PORTFOLIO:
        result = decompose_change(baseline, "KAZ", (2000, 2020), index=index)
        assert abs(result.residual) <= 1e-12, index
    assert result.dataset.sizes["source"] == 11
    assert set(result.to_frame()["kind"]) == {"shares", "non-alignment", "rivalry"} < set(KINDS)
    assert result.to_xarray() is result.dataset


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"index": "evenness"}, "'evenness' came; allowed is one of diversity"),
        ({"years": (2010, 2010)}, "2010 came twice"),
        ({"years": (2011, 2010)}, "earlier year first"),
        ({"over": OVER}, "has no composite in 2010"),
        ({"rivalry": "sanctions"}, "none came"),
    ],
)
def test_what_is_not_allowed_is_refused(options, words):
    panel = panel_with(trade_share=flows((1, 0), (0.5, 0.5)), arms_share=np.zeros((4, 4)))
    arguments = {"years": YEARS, **TWO, **options}
    with pytest.raises(MeasureError, match=words):
        decompose_change(panel, "KAZ", **arguments)


def test_years_with_different_poles_are_refused(baseline):
    with pytest.raises(MeasureError, match="GBR is a pole in only one of 2019 and 2020"):
        decompose_change(baseline, "KAZ", (2019, 2020), over=("USA", "EU:members", "CHN"))


def test_an_index_without_a_value_is_refused():
    panel = panel_with(trade_share=flows((0.5, 0.5), (0, 0)), arms_share=flows((0.5, 0.5), (0.5, 0.5)))
    rivalry = np.stack([np.ones((2, 2)) - np.eye(2), np.full((2, 2), np.nan)])
    with pytest.raises(MeasureError, match="rivalry is unknown"):
        decompose_change(
            panel, "KAZ", YEARS, index="rival_diversity", rivalry=rivalry, **{**TWO, "weights": {"arms": 1}}
        )
