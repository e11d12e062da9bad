"""The panel: what is filled, what is not, and that every cell says what it is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orrery.base.errors import CountryCodeError, DataError
from orrery.data.panel import PanelAxes, Status, Variable, assemble, complete, panel_axes
from orrery.data.variables import (
    arms_share,
    membership_likeness,
    openness_rank,
    rivalry,
    shared_memberships,
    trade_share,
)

YEARS = (2000, 2001, 2002, 2003, 2004, 2005)


def axes_of(*countries: str, years=YEARS) -> PanelAxes:
    return PanelAxes(tuple(years), countries, np.ones((len(years), len(countries)), bool))


class Tables:
    """Tables held in memory."""

    def __init__(self, **tables: pd.DataFrame) -> None:
        self.tables = tables

    def read(self, table: str) -> pd.DataFrame:
        return self.tables[table]


def test_gaps_are_interpolated_and_the_end_is_carried_forward_within_its_limit():
    observed = np.array([[np.nan], [1.0], [np.nan], [3.0], [np.nan], [np.nan]])
    values, status = complete(observed, axes_of("KAZ"), interpolate=True, carry_forward=1)
    np.testing.assert_array_equal(values[:, 0], [np.nan, 1, 2, 3, 3, np.nan])
    assert [Status(code).words for code in status[:, 0]] == [
        "missing",
        "observed",
        "interpolated",
        "observed",
        "carried forward",
        "missing",
    ]


def test_nothing_is_filled_where_no_rule_allows_it():
    observed = np.array([[1.0], [np.nan], [3.0], [np.nan], [np.nan], [np.nan]])
    values, status = complete(observed, axes_of("KAZ"), interpolate=False, carry_forward=0)
    np.testing.assert_array_equal(values, observed)
    assert status[:, 0].tolist() == [1, 0, 1, 0, 0, 0]


def test_a_country_outside_the_system_is_missing():
    axes = PanelAxes(YEARS, ("YUG",), np.array([[True]] * 2 + [[False]] * 4))
    observed = np.array([[1.0], [2.0]] + [[np.nan]] * 4)
    values, status = complete(observed, axes, interpolate=True, carry_forward=10)
    assert np.isnan(values[2:]).all()
    assert (status[2:] == Status.MISSING).all()


@given(
    st.lists(st.one_of(st.none(), st.floats(-5, 5)), min_size=6, max_size=6),
    st.booleans(),
    st.integers(0, 6),
)
def test_observed_cells_are_never_changed_and_status_matches_values(cells, interpolate, carry_forward):
    observed = np.array([[np.nan if cell is None else cell] for cell in cells])
    values, status = complete(observed, axes_of("KAZ"), interpolate=interpolate, carry_forward=carry_forward)
    seen = ~np.isnan(observed)
    np.testing.assert_array_equal(values[seen], observed[seen])
    np.testing.assert_array_equal(status == Status.OBSERVED, seen)
    np.testing.assert_array_equal(np.isnan(values), status == Status.MISSING)


def test_trade_shares_count_partners_outside_the_panel_in_the_total():
    baci = pd.DataFrame(
        {
            "year": [2000, 2000, 2000],
            "exporter": ["KAZ", "CHN", "HKG"],
            "importer": ["CHN", "KAZ", "KAZ"],
            "value_kusd": [30.0, 30.0, 40.0],
        }
    )
    cow = pd.DataFrame({"year": [1999], "exporter": ["KAZ"], "importer": ["CHN"], "value_musd": [5.0]})
    shares = trade_share(Tables(trade_cow=cow, trade_baci=baci), axes_of("CHN", "KAZ", years=(1999, 2000, 2001)))
    np.testing.assert_allclose(shares[:, 1, 0], [1.0, 0.6, np.nan])


def test_arms_shares_run_over_five_years_and_an_empty_window_is_observed_as_empty():
    transfers = pd.DataFrame(
        {"supplier": ["RUS", "USA"], "recipient": ["KAZ", "KAZ"], "year": [1996, 2000], "tiv": [30.0, 10.0]}
    )
    shares = arms_share(Tables(arms_transfers=transfers), axes_of("KAZ", "RUS", "USA", years=(2000, 2001)))
    np.testing.assert_allclose(shares[0, 0], [0, 0.75, 0.25])
    np.testing.assert_array_equal(shares[0, 1], [0, 0, 0])
    assert np.isnan(shares[1]).all()  # after the source's last year


def test_likeness_ignores_bodies_of_which_all_are_members():
    rows = [("UN", c) for c in ("KAZ", "RUS", "USA")] + [("CSTO", "KAZ"), ("CSTO", "RUS"), ("NATO", "USA")]
    memberships = pd.DataFrame(rows, columns=["body", "iso3"]).assign(year=2000, status="full")
    tables, axes = Tables(igo_memberships=memberships), axes_of("KAZ", "RUS", "USA", years=(2000,))
    likeness, shared = membership_likeness(tables, axes)[0], shared_memberships(tables, axes)[0]
    np.testing.assert_allclose(likeness, [[1, 1, 0], [1, 1, 0], [0, 0, 1]], atol=1e-6)
    np.testing.assert_array_equal(shared, [[2, 2, 1], [2, 2, 1], [1, 1, 2]])


def test_rivals_are_so_from_the_first_year_to_the_last_and_both_ways():
    spells = pd.DataFrame(
        {
            "iso3": ["USA", "USA", "KAZ"],
            "partner": ["RUS", "RUS", "USA"],
            "from": [1946, 2003, 2001],
            "until": [2000, 2004, 2001],
        }
    )
    axes = PanelAxes(YEARS, ("KAZ", "RUS", "USA"), np.ones((6, 3), bool))
    values = rivalry(Tables(strategic_rivalries=spells), axes)
    np.testing.assert_array_equal(values[:, 1, 2], [1, 0, 0, 1, 1, np.nan])
    np.testing.assert_array_equal(values[:, 2, 0], [0, 1, 0, 0, 0, np.nan])
    np.testing.assert_array_equal(values, values.transpose(0, 2, 1))


def test_rivalry_of_a_country_outside_the_system_is_missing():
    spells = pd.DataFrame({"iso3": ["RUS"], "partner": ["USA"], "from": [2000], "until": [2005]})
    inside = np.ones((6, 2), bool)
    inside[:2, 0] = False
    values = rivalry(Tables(strategic_rivalries=spells), PanelAxes(YEARS, ("RUS", "USA"), inside))
    assert np.isnan(values[:2, 0]).all()
    assert (values[2:, 0, 1] == 1).all()


def openness_of(*rows: tuple[str, float]) -> Tables:
    frame = pd.DataFrame(rows, columns=["iso3", "kof"]).assign(year=2000)
    return Tables(globalisation=frame)


def test_ranks_of_openness_by_hand_with_a_tie_and_a_missing_country():
    """30, 50, 50, 90: none below the first, one below and one beside the middle ones, three below the last."""
    tables = openness_of(("KAZ", 50.0), ("RUS", 30.0), ("CHN", 50.0), ("USA", 90.0))
    axes = axes_of("CHN", "KAZ", "PRK", "RUS", "USA", years=(2000, 2001))
    ranks = openness_rank(tables, axes)
    np.testing.assert_allclose(ranks[0], [0.5, 0.5, np.nan, 0, 1])
    assert np.isnan(ranks[1]).all()


def test_a_country_alone_with_an_index_has_no_rank():
    assert np.isnan(openness_rank(openness_of(("KAZ", 50.0)), axes_of("KAZ", "USA", years=(2000,)))).all()


@given(st.lists(st.floats(1, 100), min_size=2, max_size=12))
def test_ranks_average_one_half_and_ignore_the_scale(values):
    codes = [f"C{place:02d}" for place in range(len(values))]
    axes = axes_of(*codes, years=(2000,))
    ranks = openness_rank(openness_of(*zip(codes, values, strict=True)), axes)[0]
    assert ranks.mean() == pytest.approx(0.5)
    assert ((ranks >= 0) & (ranks <= 1)).all()
    order = np.argsort(values, kind="stable")
    assert (np.diff(ranks[order]) >= 0).all()


def test_the_axes_hold_every_country_of_the_years():
    axes = panel_axes(range(1989, 1994))
    assert {"DDR", "YUG", "CSK", "KAZ", "RUS"} <= set(axes.countries)
    assert not axes.in_system[-1, axes.countries.index("DDR")]
    assert axes.in_system[0, axes.countries.index("DDR")]


def test_unknown_names_years_and_countries_are_refused():
    variable = Variable("x", ("year", "country"), "1", "x", (), lambda tables, axes: np.zeros(axes.shape))
    axes = axes_of("KAZ")
    panel = assemble({"x": np.zeros(axes.shape)}, {"x": variable}, axes, origin="test", provenance={})
    with pytest.raises(DataError, match="it has x"):
        panel.values("y")
    with pytest.raises(DataError, match="holds 2000-2005"):
        panel.values("x", year=1999)
    with pytest.raises(CountryCodeError, match="no such country"):
        panel.country_position("XXX")
    assert panel.observed_until("x") == 2005
