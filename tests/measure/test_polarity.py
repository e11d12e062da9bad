"""Polarity and density: published values and limits."""

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
from orrery.measure.multilateralism import mean_shared, relative_density
from orrery.measure.polarity import (
    capability,
    concentration,
    effective_number,
    largest_powers,
    polarisation,
    polarity,
    pole_capability,
    top_two_share,
)
from orrery.measure.portfolios.poles import poles
from orrery.measure.purchasing_power import with_purchasing_power

shares = hnp.arrays(float, st.integers(2, 8), elements=st.floats(0.01, 1))


def test_published_values():
    s = np.array([0.4, 0.3, 0.2, 0.1])
    assert concentration(s) == pytest.approx(0.258199, abs=1e-6)  # literature/ray_singer_1973.py
    assert effective_number(s) == pytest.approx(1 / 0.3)
    assert top_two_share(s) == pytest.approx(0.7)


def test_limits():
    assert concentration(np.array([1.0, 0, 0])) == pytest.approx(1)
    assert concentration(np.ones(4)) == pytest.approx(0)
    assert concentration(np.array([0.3])) == 1
    assert top_two_share(np.array([0.5, 0.5])) == pytest.approx(1)
    assert top_two_share(np.array([0.4, 0.4, 0.2])) == pytest.approx(0.8)


@given(shares, st.floats(0.1, 10))
def test_scale_does_not_matter_and_bounds_hold(s, scale):
    assert effective_number(scale * s) == pytest.approx(effective_number(s))
    assert 1 - 1e-9 <= effective_number(s) <= len(s) + 1e-9
    assert 0 <= concentration(s) <= 1 + 1e-9
    assert top_two_share(s) == pytest.approx(np.sort(s)[-2:].sum() / s.sum())


def test_density_is_relative_to_its_mean_and_empty_on_the_diagonal():
    shared = np.array([[9.0, 2, 4], [2, 9, 6], [4, 6, 9]])
    assert mean_shared(shared, np.ones(3, bool)) == 4
    density = relative_density(shared, 4.0)
    np.testing.assert_allclose(density, [[0, 0.5, 1], [0.5, 0, 1.5], [1, 1.5, 0]])
    assert shared[0, 0] == 9


def test_polarisation_worked_out_by_hand():
    ends = np.array([0.0, 1.0])
    assert polarisation(np.array([0.5, 0.5]), ends) == pytest.approx(1)
    assert polarisation(np.array([0.5, 0.5]), 3 * ends) == pytest.approx(3)
    assert polarisation(np.array([1.0, 0]), ends) == 0
    # sum of s_i^2 s_j d_ij: .03125 + .0625 + .03125, times 2^2
    assert polarisation(np.array([0.25, 0.5, 0.25]), np.array([0, 0.5, 1]), 1.0) == pytest.approx(0.5)


@given(
    hnp.arrays(float, 5, elements=st.floats(0.01, 1)),
    hnp.arrays(float, 5, elements=st.floats(-3, 3)),
    st.floats(0.1, 1.6),
    st.permutations(range(5)),
)
def test_polarisation_is_at_most_that_of_two_equal_camps_at_the_ends(s, y, alpha, order):
    value = polarisation(s, y, alpha)
    assert -1e-12 <= value <= np.ptp(y) + 1e-9
    assert polarisation(s[order], y[order], alpha) == pytest.approx(value)
    assert polarisation(10 * s, y + 1, alpha) == pytest.approx(value)


@given(st.floats(1.0, 1.6))
def test_joining_two_near_camps_polarises_as_esteban_and_rays_first_axiom_asks(alpha):
    apart = polarisation(np.array([0.6, 0.2, 0.2]), np.array([0, 0.95, 1.05]), alpha)
    joined = polarisation(np.array([0.6, 0.4]), np.array([0, 1.0]), alpha)
    assert joined > apart


@pytest.mark.parametrize("alpha", [0, -1, 1.7, float("nan")])
def test_identification_out_of_range_is_refused(alpha):
    with pytest.raises(MeasureError, match="above 0 and at most"):
        polarisation(np.ones(2), np.arange(2.0), alpha)


@pytest.fixture(scope="module")
def panel(baseline):
    return baseline


def test_the_six_largest_of_1990_and_2022(panel):
    dataset = polarity(panel, (1990, 2022)).dataset
    effective = dataset.effective_number.sel(variant="cinc", union="split")
    assert effective.sel(year=1990) == pytest.approx(4.86, abs=0.01)
    assert effective.sel(year=2022) == pytest.approx(3.55, abs=0.01)
    assert (dataset.status.sel(year=[1990, 2022], variant="cinc") == Status.OBSERVED).all()


def test_every_cell_follows_from_the_shares_of_the_powers(panel):
    dataset = polarity(panel, (2010, 2010), n_powers=4).dataset.isel(year=0)
    gdp = capability(panel, 2010, "gdp")
    four = np.sort(np.nan_to_num(gdp))[-4:]
    cell = dataset.sel(variant="gdp", union="split")
    assert cell.effective_number == pytest.approx(effective_number(four))
    assert cell.concentration == pytest.approx(concentration(four))
    assert cell.top_two_share == pytest.approx(top_two_share(four))
    united = largest_powers(panel, 2010, "gdp", 4, united=True)
    union = pole_capability(panel, poles(("EU",)), 2010, "gdp")[0]
    assert united[-1] == pytest.approx(union)
    assert union > np.nanmax(gdp[[panel.country_position(code) for code in ("DEU", "FRA", "GBR", "ITA")]])


def test_variants_disagree_and_the_disagreement_is_shown(panel):
    measured = polarity(panel, (1990, 2023))
    effective = measured.dataset.effective_number
    expected = effective.max("variant") - effective.min("variant")
    np.testing.assert_allclose(measured.dataset.effective_number_range, expected)
    table = measured.disagreements().set_index(["variant", "union"])
    assert len(table) == 8
    assert table.loc[("cinc", "split"), "change"] < 0 < table.loc[("population", "split"), "change"]
    assert table.loc[("gdp", "split"), "change"] < 0 < table.loc[("gdp", "united"), "change"]
    assert (table["first_year"] == 1990).all()
    assert len(measured.to_frame()) == 34 * 10
    assert measured.to_xarray() is measured.dataset


def small_output() -> GivenTables:
    output = {"CHN": 30.0, "USA": 30.0, "IND": 20.0, "RUS": 10.0, "JPN": 6.0, "DEU": 4.0}
    rows = [(iso3, 2010, value) for iso3, value in output.items()]
    return GivenTables(purchasing_power=pd.DataFrame(rows, columns=["iso3", "year", "gdp_ppp_musd"]))


def test_purchasing_power_is_a_variant_of_its_own(panel):
    with_output = with_purchasing_power(panel, small_output())
    assert with_output.values("capability_ppp", year=2010)[panel.country_position("IND")] == pytest.approx(0.2)
    dataset = polarity(with_output, (2010, 2011), n_powers=5).dataset.sel(union="split", variant="ppp")
    assert dataset.effective_number.sel(year=2010) == pytest.approx(0.96**2 / 0.2336)
    assert dataset.top_two_share.sel(year=2010) == pytest.approx(0.6 / 0.96)
    assert dataset.status.sel(year=2010) == Status.OBSERVED
    assert np.isnan(dataset.effective_number.sel(year=2011))
    without = polarity(panel, (2010, 2010)).dataset.sel(variant="ppp")
    assert without.effective_number.isnull().all()
    assert (without.status == Status.MISSING).all()


def test_four_measures_of_power_disagree(shared_data, panel):
    tables = PublishedTables(shared_data, "pwt")
    measured = polarity(with_purchasing_power(panel, tables), (1990, 2019))
    table = measured.disagreements().set_index(["variant", "union"])
    assert table.loc[("ppp", "split"), ["first_year", "last_year"]].tolist() == [1990, 2019]
    assert table.loc[("ppp", "split"), "change"] > 0 > table.loc[("gdp", "split"), "change"]
    assert table.loc[("ppp", "split"), "last"] == pytest.approx(4.12, abs=0.01)


def test_a_power_without_a_figure_leaves_the_variant_unknown(panel):
    without = panel.dataset.copy(deep=True)
    without["capability_gdp"][panel.year_position(2000), panel.country_position("RUS")] = np.nan
    measured = polarity(Panel(without, panel.variables, panel.origin), (2000, 2000)).dataset.isel(year=0)
    for variant in ("gdp", "mean"):
        assert measured.effective_number.sel(variant=variant).isnull().all()
        assert (measured.status.sel(variant=variant) == Status.MISSING).all()
    assert measured.effective_number.sel(variant=["cinc", "population"]).notnull().all()
    assert measured.top_two_share.sel(variant="gdp").isnull().all()


def test_the_status_is_the_weakest_among_the_powers_and_the_members_of_the_union(panel):
    marked = panel.dataset.copy(deep=True)
    place = panel.year_position(2010)
    marked["capability_cinc_status"][place, panel.country_position("MLT")] = Status.ESTIMATED
    marked["capability_gdp_status"][place, panel.country_position("JPN")] = Status.INTERPOLATED
    status = polarity(Panel(marked, panel.variables, panel.origin), (2010, 2010)).dataset.status.isel(year=0)
    expected = {
        ("cinc", "united"): Status.ESTIMATED,
        ("cinc", "split"): Status.OBSERVED,
        ("gdp", "united"): Status.INTERPOLATED,
        ("gdp", "split"): Status.INTERPOLATED,
        ("mean", "split"): Status.INTERPOLATED,
        ("mean", "united"): Status.ESTIMATED,
    }
    for (variant, union), code in expected.items():
        assert status.sel(variant=variant, union=union) == code, (variant, union)


def test_polarisation_of_alignments_lies_within_the_distance_of_the_camps(panel):
    dataset = polarity(panel, (1995, 2024)).dataset
    points = panel.values("ideal_point")
    assert (dataset.polarisation > 0).all()
    assert (dataset.polarisation < np.nanmax(points) - np.nanmin(points)).all()
    assert dataset.polarisation_countries.min() > 150
    assert (dataset.polarisation_status > Status.MISSING).all()


def test_what_is_not_allowed_is_refused(panel):
    with pytest.raises(MeasureError, match="holds 1990-2025"):
        polarity(panel, (1950, 1960))
    with pytest.raises(MeasureError, match="`n_powers`: 1 came"):
        polarity(panel, (2000, 2000), n_powers=1)
    with pytest.raises(MeasureError, match="allowed is one of effective_number"):
        polarity(panel, (2000, 2000)).disagreements("status")
