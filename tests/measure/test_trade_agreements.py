"""Trade agreements: a small world worked out by hand, and known agreements from the producers' files."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tables_from_files import GivenTables, PublishedTables

from orrery.base.errors import MeasureError
from orrery.data.panel import Panel, Status
from orrery.data.variables import build_panel
from orrery.measure.trade_agreements import (
    TYPES,
    membership_spells,
    pair_spells,
    shared_agreements,
    trade_agreements,
    two_sided_shares,
)

NONE = pd.NA


def small_tables() -> GivenTables:
    """India and the United States from 2001; a club of DEU, FRA from 1995, GBR joins in 2000 and leaves in 2010."""
    agreements = pd.DataFrame(
        [
            ("1", 1, "agreement", 2000, 2001, "bilateral", 2.0, 0.5),
            ("2", 2, "agreement", 1994, 1995, "plurilateral", 4.0, 1.0),
            ("2+1", 2, "accession", 2000, NONE, "accession", np.nan, np.nan),
            ("2_1", 2, "withdrawal", 2010, NONE, "withdrawal", np.nan, np.nan),
            ("2a", 2, "consolidated", 2005, 2005, "plurilateral", 7.0, 2.0),
            ("3", 3, "agreement", 2003, NONE, "region and country", np.nan, np.nan),
        ],
        columns=["agreement", "base", "kind", "year", "in_force", "type", "depth_index", "depth_rasch"],
    ).astype({"year": "Int64", "in_force": "Int64"})
    members = {
        "1": ["IND", "USA"],
        "2": ["DEU", "FRA"],
        "2+1": ["DEU", "FRA", "GBR"],
        "2_1": ["DEU", "FRA", "GBR"],
        "3": ["DEU", "FRA", "IND"],
    }
    parties = pd.DataFrame(
        [(key, name, name, key == "2_1" and name == "GBR") for key, names in members.items() for name in names],
        columns=["agreement", "party", "iso3", "leaves"],
    )
    pairs = pd.DataFrame(
        [
            ("1", "USA", "IND"),
            ("2", "DEU", "FRA"),
            ("2+1", "DEU", "GBR"),
            ("2+1", "FRA", "GBR"),
            ("3", "DEU", "IND"),
            ("3", "FRA", "IND"),
        ],
        columns=["agreement", "iso3", "partner"],
    )
    notified = pd.DataFrame(
        [
            (1, "bilateral", False, "2001-01-01", None),
            (2, "plurilateral", False, "1995-06-01", "2005-03-01"),
            (3, "plurilateral", True, "2000-01-01", None),
            (4, "region and country", False, None, None),
        ],
        columns=["agreement", "type", "accession", "in_force", "end"],
    )
    notified = notified.assign(in_force=pd.to_datetime(notified["in_force"]), end=pd.to_datetime(notified["end"]))
    return GivenTables(
        trade_agreements=agreements,
        trade_agreement_parties=parties,
        trade_agreement_pairs=pairs,
        trade_agreements_notified=notified,
    )


@pytest.fixture(scope="module")
def panel() -> Panel:
    """Axes alone: the countries of the state system, without a variable."""
    return build_panel(GivenTables(), years=(1946, 2025), names=("distance_km",))


def test_spells_of_the_small_world():
    tables = small_tables()
    spells = pair_spells(tables).set_index(["base", "iso3", "partner"])
    assert spells.loc[(1, "IND", "USA"), ["start", "end"]].tolist() == [2001, 9999]
    assert spells.loc[(2, "DEU", "FRA"), ["start", "end"]].tolist() == [1995, 9999]
    assert spells.loc[(2, "DEU", "GBR"), ["start", "end"]].tolist() == [2000, 2010]
    assert 3 not in spells.index.get_level_values("base")
    assert 3 in pair_spells(tables, "signed")["base"].tolist()
    members, undated = membership_spells(tables)
    assert undated == 1
    assert members.set_index(["base", "party"]).loc[(2, "GBR"), ["start", "end"]].tolist() == [2000, 2010]


def test_shared_agreements_of_the_small_world(panel):
    shared = shared_agreements(panel, small_tables())
    at = {code: panel.country_position(code) for code in ("DEU", "FRA", "GBR", "IND", "USA")}

    def n(year, one, other):
        return shared[panel.year_position(year), at[one], at[other]]

    assert [n(year, "DEU", "GBR") for year in (1999, 2000, 2009, 2010)] == [0, 1, 1, 0]
    assert n(2005, "GBR", "DEU") == 1
    assert [n(year, "IND", "USA") for year in (2000, 2001, 2025)] == [0, 1, 1]
    assert n(2005, "DEU", "DEU") == 1
    assert n(2012, "GBR", "GBR") == 0
    assert np.isnan(n(1947, "DEU", "FRA"))
    assert np.isnan(shared[panel.year_position(1990), panel.country_position("KAZ")]).all()


def test_series_of_the_small_world(panel):
    measured = trade_agreements(panel, small_tables())
    frame = measured.to_frame().set_index("year")
    assert frame.loc[[1994, 1995, 2001], "agreements"].tolist() == [0, 1, 2]
    assert frame.loc[2001, ["new", "members"]].tolist() == [1, 2.5]
    assert frame.loc[2004, ["depth_index", "depth_index_by_members"]].tolist() == [
        3,
        pytest.approx((3 * 4 + 2 * 2) / 5),
    ]
    assert frame.loc[2005, ["depth_index", "depth_rasch", "depth_agreements"]].tolist() == [4.5, 1.25, 2]
    assert frame.loc[2006, "depth_status"] == "missing"
    assert np.isnan(frame.loc[2006, "depth_index"])
    assert "depth" in frame.loc[2006, "reason"]
    assert frame.loc[2004, "reason"] == ""
    assert frame.loc[1947, ["agreements", "new", "density", "notified", "bilateral_share: desta"]].isna().all()
    assert frame.loc[1947, "status"] == "missing"
    count = int(panel.in_system(2005).sum())
    assert frame.loc[2005, "bound_pairs"] == pytest.approx(4 * 2 / (count * (count - 1)))
    assert frame.loc[2005, "density"] == pytest.approx(np.log(2) * 4 * 2 / (count * (count - 1)))
    assert frame.loc[2005, ["bilateral_share: desta", "two_sided_share: desta"]].tolist() == [0.5, 0.5]
    assert frame.loc[2001, "bilateral_share_of_new: desta"] == 1
    assert np.isnan(frame.loc[2002, "bilateral_share_of_new: desta"])


def test_notified_agreements_end(panel):
    dataset = trade_agreements(panel, small_tables()).to_xarray()
    assert dataset.notified.sel(year=[1995, 2001, 2004, 2005]).values.tolist() == [1, 2, 2, 1]
    assert dataset.notified_births.sel(year=1995) == 1
    assert dataset.notified_deaths.sel(year=2005) == 1
    assert dataset.bilateral_share.sel(year=2004, record="notified") == 0.5


def test_from_signature_an_agreement_counts_earlier_and_none_is_left_out(panel):
    dataset = trade_agreements(panel, small_tables(), basis="signed").dataset
    assert dataset.agreements.sel(year=[1994, 2000, 2003]).values.tolist() == [1, 2, 3]
    assert dataset.two_sided_share.sel(year=2003, record="desta") == pytest.approx(2 / 3)
    with pytest.raises(MeasureError, match="`basis`: 'ratified' came"):
        trade_agreements(panel, small_tables(), basis="ratified")
    with pytest.raises(MeasureError, match="holds 1946-2025"):
        trade_agreements(panel, small_tables(), (1900, 1950))


@given(hnp.arrays(float, (3, len(TYPES)), elements=st.integers(0, 50)))
def test_the_narrow_share_is_within_the_wide_one(counts):
    narrow, wide = two_sided_shares(counts)
    none = counts.sum(-1) == 0
    assert (np.isnan(narrow) == none).all()
    assert (narrow[~none] <= wide[~none] + 1e-12).all()
    assert ((wide[~none] >= 0) & (wide[~none] <= 1 + 1e-12)).all()
    np.testing.assert_allclose(two_sided_shares(3 * counts)[1], wide)


def test_the_published_record(shared_data, panel):
    tables = PublishedTables(shared_data, "desta", "wto_rta")
    dataset = trade_agreements(panel, tables).dataset
    stock = dataset.agreements.sel(year=slice(1948, 2025))
    assert stock.notnull().all()
    assert (stock.diff("year") >= 0).all()  # no withdrawal has left an agreement with fewer than two parties
    change = dataset.notified.diff("year")
    births_less_deaths = (dataset.notified_births - dataset.notified_deaths).isel(year=slice(1, None))
    np.testing.assert_array_equal(change.dropna("year"), births_less_deaths.sel(year=change.dropna("year").year))
    assert (dataset.status == Status.MISSING).sum() == 2
    shared = shared_agreements(panel, tables)
    at = panel.country_position
    for year, expected in ((1993, 0), (1994, 1)):  # North American Free Trade Agreement
        assert shared[panel.year_position(year), at("USA"), at("MEX")] >= expected
    assert shared[panel.year_position(1993), at("USA"), at("MEX")] == 0
    assert shared[panel.year_position(2019), at("GBR"), at("JPN")] == 1
    np.testing.assert_array_equal(np.nan_to_num(shared), np.nan_to_num(shared).transpose(0, 2, 1))
