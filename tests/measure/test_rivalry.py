"""Rivalry between poles: hand-computed matrices, axioms, and what the sources say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from small_panels import TablesInMemory, panel_of, ties

import orrery
from orrery.base.errors import MeasureError
from orrery.data.importers import read_source
from orrery.measure.portfolios.alignment import alignment
from orrery.measure.portfolios.channels import Members
from orrery.measure.portfolios.indices import check_rivalry, greatest_rivalry_met
from orrery.measure.portfolios.poles import poles
from orrery.measure.portfolios.rivalry import VARIANTS, between_poles, recent_share, rivalry_source

COUNTRIES = ("CHN", "DEU", "FRA", "KAZ", "RUS", "USA")
YEARS = (2008, 2009, 2010, 2011)
OUTPUT = np.array([0.3, 0.3, 0.1, 0.0, 0.1, 0.2])
POINTS = np.array([-1.0, 1.0, 1.0, -0.5, 0.0, 2.0])
OVER = ("USA", "EU", "CHN", "RUS")

ONE_WAY = [("USA", "CHN", 2010), ("USA", "CHN", 2001), ("RUS", "FRA", 2006), ("KAZ", "CHN", 1990)]
DISPUTES = pd.DataFrame(
    [pair for one, other, year in ONE_WAY for pair in ((one, other, year), (other, one, year))],
    columns=["iso3", "partner", "year"],
)
SANCTIONS = pd.DataFrame(
    [
        ("RUS", "USA", "United States", 2009, 2010),
        ("USA", "RUS", "Russia", 2010, 2010),
        ("CHN", None, "EU", 2008, 2010),
        ("CHN", None, "UN", 2000, 2010),
    ],
    columns=["target", "sender", "sender_name", "begin", "end"],
)
SANCTIONS["target_name"] = SANCTIONS["target"]
SANCTIONS.loc[len(SANCTIONS)] = [None, "CHN", "China", 2010, 2010, "EU"]
TABLES = TablesInMemory(disputes=DISPUTES, sanctions=SANCTIONS)


def small_panel():
    trade = ties(COUNTRIES, KAZ={"CHN": 0.4, "DEU": 0.2, "FRA": 0.2, "RUS": 0.1})
    return panel_of(
        COUNTRIES,
        YEARS,
        trade_share=trade,
        ideal_point=POINTS,
        ideal_point_sd=np.full(6, 0.1),
        capability_gdp=OUTPUT,
    )


USA, EU, CHN, RUS, IND = range(5)


def matrix(variant, year, over=OVER, panel=None, tables=TABLES):
    panel = panel or small_panel()
    source = rivalry_source(variant, panel, poles(over), panel.years, tables)
    return source.system(panel, poles(over), year, panel.values("ideal_point", year=year))


def test_on_a_line_rivalry_is_distance_over_its_maximum():
    system = matrix("ideal_points", 2010)
    np.testing.assert_allclose(system.rivalry[0], [0, 1 / 3, 1, 2 / 3])
    assert system.greatest == 0.5


def test_disputes_count_by_how_recent_they_are():
    total = sum(2 ** (-lag / 5) for lag in range(10))
    rivalry = matrix("disputes", 2010).rivalry
    assert rivalry[USA, CHN] == pytest.approx((1 + 2 ** (-9 / 5)) / total)
    # France has a quarter of the output of the Union's two members here.
    assert rivalry[EU, RUS] == pytest.approx(0.25 * 2 ** (-4 / 5) / total)
    assert rivalry[USA, RUS] == 0


def test_beyond_its_source_rivalry_is_unknown_and_so_are_the_indices_that_need_it():
    system = matrix("disputes", 2011)
    off_diagonal = ~np.eye(4, dtype=bool)
    assert np.isnan(system.rivalry[off_diagonal]).all()
    assert np.isnan(system.greatest)
    measured = alignment(small_panel(), "KAZ", (2010, 2011), over=OVER, rivalry="disputes", tables=TABLES, draws=2)
    trade = measured.dataset.sel(channel="trade", country="KAZ")
    assert trade.rival_diversity.isnull().values.tolist() == [False, True]
    assert trade.diversity.notnull().all()
    assert trade.equidistance_between.values.tolist() == ["USA and CHN", ""]
    assert trade.rivalry_excess.isnull().values.tolist() == [False, True]
    frame = measured.to_frame().query("channel == 'trade'")
    assert frame["rivalry_status"].tolist() == ["observed", "missing"]
    assert frame["status"].tolist() == ["observed", "observed"]


def test_a_sanction_counts_half_where_one_side_imposes_it():
    before, after = matrix("sanctions", 2009).rivalry, matrix("sanctions", 2010).rivalry
    assert before[USA, RUS] == 0.5
    assert after[USA, RUS] == 1
    assert before[EU, CHN] == pytest.approx(0.5)
    assert after[EU, CHN] == pytest.approx(1)
    assert after[USA, CHN] == 0


def test_the_combination_is_the_mean_of_the_three():
    parts = [matrix(name, 2010).rivalry for name in ("ideal_points", "disputes", "sanctions")]
    combined = matrix("combined", 2010)
    np.testing.assert_allclose(combined.rivalry, np.mean(parts, axis=0))
    np.testing.assert_allclose(combined.greatest, greatest_rivalry_met(combined.rivalry))
    weighted = matrix({"ideal_points": 3, "sanctions": 1, "disputes": 0}, 2010).rivalry
    np.testing.assert_allclose(weighted, 0.75 * parts[0] + 0.25 * parts[2])


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("over", [OVER, ("USA", "DEU", "FRA", "CHN", "RUS")])
def test_every_variant_is_a_rivalry_and_its_index_is_bounded(variant, over):
    system = matrix(variant, 2010, over)
    check_rivalry(system.rivalry)
    measured = alignment(small_panel(), "KAZ", (2010, 2010), over=over, rivalry=variant, tables=TABLES, draws=2)
    value = measured.dataset.rival_diversity.sel(channel="trade").item()
    assert 0 < value <= 1
    assert measured.rivalry == variant


def test_matrices_of_ones_own_are_taken_as_they_are():
    constant = np.ones((4, 4)) - np.eye(4)
    dataset = alignment(small_panel(), "KAZ", (2009, 2010), over=OVER, rivalry=constant, draws=2).dataset
    np.testing.assert_allclose(dataset.rival_diversity.sel(channel="trade"), dataset.diversity.sel(channel="trade"))
    by_year = np.stack([constant, 0 * constant])
    dataset = alignment(small_panel(), "KAZ", (2009, 2010), over=OVER, rivalry=by_year, draws=2).dataset
    assert dataset.rival_diversity.sel(channel="trade", year=2010).item() == 0
    assert dataset.rivalry.sel(year=2009, pole="USA", rival="EU") == 1


def test_a_path_of_rivalries_is_reported_as_not_of_negative_type():
    path = np.diag(np.ones(3), 1) + np.diag(np.ones(3), -1)
    measured = alignment(small_panel(), "KAZ", (2010, 2010), over=OVER, rivalry=path, draws=2)
    assert measured.dataset.rivalry_excess.item() == pytest.approx(0.618, abs=5e-4)
    assert len(measured.rivalries()) == 6
    line = alignment(small_panel(), "KAZ", (2010, 2010), over=OVER, draws=2).dataset.rivalry_excess.item()
    assert line <= 1e-12


@given(hnp.arrays(float, (6, 6), elements=st.floats(0, 1)), hnp.arrays(float, 6, elements=st.floats(0.01, 1)))
def test_poles_of_one_country_have_its_hostility_and_means_stay_between(hostility, output):
    both = (hostility + hostility.T) / 2
    single = between_poles(both, np.eye(6))
    np.testing.assert_allclose(single, np.where(np.eye(6), 0, both), atol=1e-12)
    group = np.zeros((2, 6))
    group[0, :3], group[1, 3:] = output[:3], output[3:]
    value = between_poles(both, group)[0, 1]
    block = both[:3, 3:]
    assert block.min() - 1e-12 <= value <= block.max() + 1e-12
    expected = (np.outer(output[:3], output[3:]) * block).sum() / output[:3].sum() / output[3:].sum()
    assert value == pytest.approx(expected)


def test_unknown_pairs_are_left_out_of_a_mean_and_nothing_known_is_unknown():
    hostility = np.array([[0, 0, 1.0], [0, 0, np.nan], [1.0, np.nan, 0]])
    group = np.array([[1.0, 1.0, 0], [0, 0, 1.0]])
    assert between_poles(hostility, group)[0, 1] == 1
    assert np.isnan(between_poles(np.full((3, 3), np.nan), group)[0, 1])


@given(hnp.arrays(float, (8, 1, 1), elements=st.sampled_from([0.0, 1.0])))
def test_the_share_of_recent_years_is_bounded_and_full_where_every_year_counts(events):
    share = recent_share(events)
    assert ((share >= 0) & (share <= 1 + 1e-12)).all()
    assert (share[events == 1] > 0).all()
    np.testing.assert_allclose(recent_share(np.ones_like(events)), 1)
    assert np.isnan(recent_share(np.where(events == 1, np.nan, events))[events == 1]).all()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"rivalry": "distance"}, "'distance' came; allowed is one of ideal_points, disputes, sanctions, combined"),
        ({"rivalry": {"votes": 1}}, "for any of ideal_points, disputes, sanctions"),
        ({"rivalry": {"sanctions": -1}}, "weights are 0 or more"),
        ({"rivalry": "sanctions"}, "`tables`: none came"),
        ({"rivalry": np.zeros((3, 3))}, r"shape \(3, 3\) came; allowed is \(4, 4\)"),
        ({"rivalry": np.full((4, 4), 0.5)}, "not 0 for a pole with itself"),
        ({"between": ("USA", "IND")}, "give two different poles of USA, EU, CHN, RUS"),
        ({"between": ("USA", "USA")}, "two different poles"),
        ({"window": 0}, "averages 1 yearly change or more"),
    ],
)
def test_what_is_not_allowed_is_refused(options, words):
    with pytest.raises(MeasureError, match=words):
        alignment(small_panel(), "KAZ", (2010, 2010), over=OVER, **options)


def test_too_many_poles_with_rivalries_of_their_own_are_refused():
    n = 13
    countries = ("USA", "CHN", "RUS", "IND", "DEU", "FRA", "GBR", "JPN", "BRA", "TUR", "IRN", "EGY", "MEX")
    panel = panel_of(countries, (2010,), ideal_point=np.arange(float(n)), ideal_point_sd=np.zeros(n))
    full = np.ones((n, n)) - np.eye(n)
    with pytest.raises(MeasureError, match="13 poles came"):
        alignment(panel, "USA", over=countries, rivalry=full, draws=2)
    assert alignment(panel, "USA", over=countries, draws=2).dataset.sizes["pole"] == n


def test_the_sources_know_who_is_at_odds(shared_data):
    tables = TablesInMemory(
        **read_source("gsdb", {"cases": shared_data / "sanctions" / "GSDB_V3.csv"}),
        **read_source("gml_mids", {"dyad_years": shared_data / "conflict" / "gml_mid_ddydisps.parquet"}),
    )
    panel = orrery.load()
    chosen = poles(("USA", "EU", "CHN", "RUS", "IND"))
    source = rivalry_source("combined", panel, chosen, panel.years, tables)
    rivalry = {
        name: {
            year: between_poles(array[panel.year_position(year)], Members(chosen, panel, year).weight)
            for year in (2010, 2015, 2024)
        }
        for name, array in source.hostility.items()
    }
    sanctions, disputes = rivalry["sanctions"], rivalry["disputes"][2010]
    # In force both ways since 2014; the Union's for, and Russia's against, every member of the year.
    assert sanctions[2015][USA, RUS] == sanctions[2015][EU, RUS] == 1
    assert sanctions[2015][IND, RUS] == 0
    assert np.isnan(sanctions[2024][USA, RUS])
    assert disputes[USA, CHN] > disputes[USA, EU]
    assert np.isnan(source.system(panel, chosen, 2015, panel.values("ideal_point", year=2015)).greatest)
