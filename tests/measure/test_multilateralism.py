"""Multilateralism: a small world worked out by hand, the baseline, and known bodies from the producers' files."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from orrery.base.errors import MeasureError, StoreError
from orrery.data.panel import Panel, Status, Variable
from orrery.data.store import open_store
from orrery.data.variables import build_panel
from orrery.measure.multilateralism import (
    bodies,
    density,
    gap,
    gap_by_variant,
    memberships_per_country,
    multilateralism,
    verticality,
)
from orrery.measure.polarity import polarity

COUNTRIES, YEARS = ("DEU", "FRA", "USA"), (2000, 2001, 2002)
NOT_COVERED = 2002


def small_world() -> Panel:
    """Three countries: DEU and FRA share two bodies, either shares one with USA; nothing is known of 2002."""
    shared = np.array([[3.0, 2, 1], [2, 2, 1], [1, 1, 1]])
    values = {
        "capability_cinc": np.tile([0.2, 0.2, 0.6], (3, 1)),
        "shared_memberships": np.stack([shared, shared, np.full((3, 3), np.nan)]),
    }
    axes = {2: ("year", "country"), 3: ("year", "country", "partner")}
    status = np.full((3, 3), Status.OBSERVED, np.int8)
    unknown = status.copy()
    unknown[2] = Status.MISSING
    dataset = xr.Dataset(
        {name: (axes[array.ndim], array) for name, array in values.items()}
        | {"capability_cinc_status": (axes[2], status), "shared_memberships_status": (axes[2], unknown)},
        coords={"year": list(YEARS), "country": list(COUNTRIES), "partner": list(COUNTRIES)},
    )
    known = {
        name: Variable(name, axes[array.ndim], "", "", (), lambda tables, axes: np.zeros(1))
        for name, array in values.items()
    }
    return Panel(dataset, known, "a small world")


class SmallTables:
    """A treaty of two equals, an alliance of all three, a club with a member that no panel knows; USA observes one."""

    def read(self, table: str) -> pd.DataFrame:
        return {"igo_memberships": self._memberships(), "igo_bodies": self._bodies()}[table]

    def _memberships(self) -> pd.DataFrame:
        full = {"treaty": ("DEU", "FRA"), "alliance": COUNTRIES, "club": ("DEU", "XXX")}
        rows = [(body, iso3, 2000, "full") for body, members in full.items() for iso3 in members]
        rows += [("alliance", iso3, 2001, "full") for iso3 in COUNTRIES] + [("treaty", "USA", 2000, "observer")]
        return pd.DataFrame(rows, columns=["body", "iso3", "year", "status"])

    def _bodies(self) -> pd.DataFrame:
        rows = [("treaty", 2000), ("alliance", 2000), ("club", 2000), ("alliance", 2001), ("forum", 2001)]
        return pd.DataFrame(rows, columns=["body", "year"])


def test_density_of_treaties_is_measured_where_the_panel_has_them():
    panel = small_world()
    treaties = Variable("shared_treaties", ("year", "country", "partner"), "", "", (), lambda tables, axes: np.zeros(1))
    values, status = panel.values("shared_memberships") + 1, panel.status("shared_memberships")
    frame = multilateralism(panel.with_variable(treaties, values, status)).to_frame().set_index("year")
    assert frame.loc[2000, "treaty_density"] == pytest.approx((np.log(4) + 2 * np.log(3)) / 3)
    assert np.isnan(frame.loc[NOT_COVERED, "treaty_density"])
    assert frame["treaty_status"].tolist() == ["observed", "observed", "missing"]


def test_bodies_of_the_small_world():
    table = bodies(SmallTables(), small_world()).set_index(["body", "year"])
    assert table.loc[("treaty", 2000), "members"] == 2
    assert table.loc[("treaty", 2000), "effective_members"] == pytest.approx(2)
    alliance = table.loc[("alliance", 2000)]
    assert alliance["effective_members"] == pytest.approx(1 / 0.44)
    assert alliance["hierarchy"] == pytest.approx(0.44)
    assert alliance["largest"] == "USA"
    club = table.loc[("club", 2000)]
    assert np.isnan(club["effective_members"])
    assert club["largest"] == ""


def test_series_of_the_small_world():
    frame = multilateralism(small_world(), tables=SmallTables()).to_frame().set_index("year")
    assert frame.loc[2000, "density"] == pytest.approx((np.log(3) + 2 * np.log(2)) / 3)
    assert frame.loc[2000, "memberships_per_country"] == pytest.approx(2)
    assert frame.loc[2000, "verticality"] == pytest.approx((0.5 + 0.44) / 2)
    assert frame.loc[2000, "bodies_measured"] == 2
    assert frame.loc[2001, ["bodies", "births", "deaths"]].tolist() == [2, 1, 2]
    assert np.isnan(frame.loc[2000, "births"])
    assert frame.loc[NOT_COVERED, ["density", "bodies", "births", "verticality"]].isna().all()
    assert frame["status"].tolist() == ["observed", "observed", "missing"]


def test_authority_weighs_bodies_and_leaves_out_those_without():
    weighted = multilateralism(small_world(), tables=SmallTables(), authority={"treaty": 3, "alliance": 1})
    assert weighted.dataset.verticality.sel(year=2000) == pytest.approx((3 * 0.5 + 0.44) / 4)
    alone = multilateralism(small_world(), tables=SmallTables(), authority={"treaty": 1})
    assert alone.dataset.verticality.sel(year=2000) == pytest.approx(0.5)
    assert np.isnan(alone.dataset.verticality.sel(year=2001))
    with pytest.raises(MeasureError, match="0 or more"):
        multilateralism(small_world(), tables=SmallTables(), authority={"treaty": -1})


def test_without_tables_what_needs_them_is_left_out():
    measured = multilateralism(small_world())
    expected = {"density", "memberships_per_country", "status", "treaty_density", "treaty_status"}
    assert set(measured.to_xarray().data_vars) == expected
    assert measured.dataset.treaty_density.isnull().all()
    assert (measured.dataset.treaty_status == Status.MISSING).all()
    with pytest.raises(StoreError):
        multilateralism(small_world(), tables=open_store())


@given(
    hnp.arrays(float, 6, elements=st.floats(0.05, 1)), hnp.arrays(float, 6, elements=st.floats(0.1, 5)), st.floats(1, 9)
)
def test_verticality_is_a_mean(hierarchy, authority, scale):
    value = verticality(hierarchy, authority)
    assert hierarchy.min() - 1e-12 <= value <= hierarchy.max() + 1e-12
    assert verticality(hierarchy, scale * authority) == pytest.approx(value)


def test_a_gap_worked_out_by_hand():
    powers, bound = np.array([1.0, 2, 3, 9]), np.array([5.0, 4, 3, np.nan])
    z = np.sqrt(1.5)
    np.testing.assert_allclose(gap(powers, bound), [-2 * z, 0, 2 * z, np.nan], atol=1e-12)


@given(hnp.arrays(float, 8, elements=st.integers(-50, 50), unique=True), st.floats(0.1, 10), st.floats(-5, 5))
def test_a_gap_has_mean_0_and_no_unit(series, scale, shift):
    other = np.arange(8.0)
    value = gap(series, other)
    assert value.mean() == pytest.approx(0, abs=1e-9)
    np.testing.assert_allclose(gap(scale * series + shift, other), value, atol=1e-7)
    np.testing.assert_allclose(gap(other, series), -value, atol=1e-12)


def test_a_gap_needs_series_that_vary():
    with pytest.raises(MeasureError, match="2 years have both"):
        gap(np.array([1.0, 2, np.nan]), np.arange(3.0))
    with pytest.raises(MeasureError, match="`density` is the same"):
        gap(np.arange(4.0), np.full(4, 0.1))


def test_the_gap_of_the_baseline_stops_where_density_is_carried_forward(baseline):
    powers, bound = polarity(baseline), multilateralism(baseline)
    every = gap_by_variant(powers, bound)
    assert every.dims == ("year", "variant", "union")
    assert every.sel(variant="ppp").isnull().all()  # the baseline has no output at purchasing-power parities
    result = every.drop_sel(variant="ppp")
    assert result.sel(year=slice(1990, 2014)).notnull().all()
    assert result.sel(year=slice(2015, None)).isnull().all()
    np.testing.assert_allclose(result.mean("year"), 0, atol=1e-9)
    # Density grew and the composite index grew more concentrated: the gap closed from either side.
    assert result.sel(year=1990, variant="cinc", union="split") > 2
    assert result.sel(year=2014, variant="cinc", union="split") < -2
    with pytest.raises(MeasureError, match="different years"):
        gap_by_variant(powers, multilateralism(baseline, (2000, 2005)))


def test_the_series_are_the_single_years(baseline):
    panel = baseline
    dataset = multilateralism(panel, (2010, 2012)).dataset
    assert dataset.density.sel(year=2011) == density(panel, 2011)
    assert dataset.memberships_per_country.sel(year=2011) == memberships_per_country(panel, 2011)
    with pytest.raises(MeasureError, match="holds 1990-2025"):
        multilateralism(panel, (1980, 1990))


def test_known_bodies_and_how_they_come_and_go(official_tables):
    tables = official_tables
    panel = build_panel(tables, years=(1946, 2014), names=("capability_cinc", "shared_memberships"))
    table = bodies(tables, panel).set_index(["body", "year"])
    members = table["members"]
    effective = table["effective_members"]
    assert members["NATO", 1975] == 15
    assert members["WPact", 1975] == 7
    assert effective["NATO", 1975] == pytest.approx(3.6, abs=0.05)
    assert effective["WPact", 1975] == pytest.approx(1.65, abs=0.05)
    assert effective["SCO", 2014] == pytest.approx(1.4, abs=0.05)
    assert effective["ASEAN", 2014] == pytest.approx(5.9, abs=0.1)
    assert (effective.dropna() <= members[effective.notna()] + 1e-9).all()
    assert effective.min() >= 1 - 1e-9

    dataset = multilateralism(panel, tables=tables).dataset
    change = dataset.bodies.diff("year")
    np.testing.assert_array_equal(change, (dataset.births - dataset.deaths).isel(year=slice(1, None)))
    assert dataset.verticality.notnull().all()
    assert dataset.density.sel(year=2014) > dataset.density.sel(year=1950)
