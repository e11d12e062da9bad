"""Globalisation: hand-computed values, the test's size against its limit, and the producers' files."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tables_from_files import GivenTables, PublishedTables

from orrery.base.errors import MeasureError
from orrery.data.panel import Panel
from orrery.data.variables import build_panel
from orrery.measure.globalisation import CRITICAL, INDICES, KOF, Globalisation, globalisation, mean_change


def small_tables() -> GivenTables:
    """Two countries with output and one without; KOF of the world for ten years."""
    years = range(2001, 2011)
    kof = pd.DataFrame({"year": list(years), **{name: np.linspace(50, 41, 10) for name in KOF}})
    return GivenTables(
        trade_cow=pd.DataFrame(
            [("DEU", "FRA", 2001, 2.0), ("FRA", "DEU", 2001, 4.0), ("DEU", "ITA", 2001, 10.0)],
            columns=["exporter", "importer", "year", "value_musd"],
        ),
        trade_baci=pd.DataFrame([("DEU", "FRA", 2002, 3000.0)], columns=["exporter", "importer", "year", "value_kusd"]),
        gdp=pd.DataFrame(
            [("DEU", 2001, 80e6), ("FRA", 2001, 20e6), ("USA", 2001, 900e6), ("DEU", 2002, 60e6)],
            columns=["iso3", "year", "gdp_usd"],
        ),
        globalisation=kof.assign(iso3="DEU"),
        globalisation_regions=kof.assign(code="WLD"),
    )


@pytest.fixture(scope="module")
def measured() -> Globalisation:
    tables = small_tables()
    return globalisation(build_panel(tables, years=(2000, 2011), names=("distance_km",)), tables)


def test_openness_worked_out_by_hand(measured):
    dataset = measured.dataset
    cow = dataset.country_value.sel(index="openness_cow", year=2001)
    assert cow.sel(country="DEU") == pytest.approx(100 * 16 / 80)
    assert cow.sel(country="FRA") == pytest.approx(100 * 6 / 20)
    assert cow.sel(country=["ITA", "USA"]).isnull().all()  # no output; no trade recorded, which is not 0
    assert dataset.world.sel(index="openness_cow", year=2001) == pytest.approx(100 * 22 / 100)
    assert dataset.openness_cow_covered.sel(year=2001) == pytest.approx(22 / 32)
    assert dataset.world.sel(index="openness_baci", year=2002) == pytest.approx(5)
    assert dataset.world.sel(year=2000).isnull().all()
    assert dataset.openness_cow_covered.sel(year=2000).isnull()


def test_frames_of_the_small_world(measured):
    frame = measured.to_frame()
    assert len(frame) == 12 * len(INDICES)
    assert frame["index"].unique().tolist() == list(INDICES)
    missing = frame["world"].isna()
    assert (frame.loc[missing, "status"] == "missing").all()
    assert (frame.loc[missing, "reason"] != "").all()
    assert (frame.loc[~missing, "reason"] == "").all()
    columns = measured.countries("kof", ["DEU", "FRA"])
    assert columns.columns.tolist() == ["year", "DEU", "FRA"]
    assert columns["FRA"].isna().all()
    table = measured.disagreements().set_index("index")
    assert table.loc["kof", ["first_year", "last_year", "change", "peak_year"]].tolist() == [2001, 2010, -9, 2001]


def test_a_steady_fall_is_a_contraction_and_a_short_run_has_no_verdict(measured):
    table = measured.contraction(2001).set_index("index")
    assert table.loc["trade_de_facto", "verdict"] == "contraction"
    assert table.loc["kof", "change_per_year"] == pytest.approx(-1)
    assert table.loc["openness_cow", "verdict"] == ""
    assert "0 annual changes since 2001" in table.loc["openness_cow", "reason"]
    assert (measured.contraction(2005)["verdict"] == "").all()


def test_the_mean_change_worked_out_by_hand():
    # changes 1, 3, 1, 3, ...: mean 2, autocovariances 1, -7/8, 6/8, -5/8; bandwidth ceil(1.3 sqrt 8) = 4
    series = np.cumsum([0.0, 1, 3, 1, 3, 1, 3, 1, 3])
    found = mean_change(series, 0.95)
    variance = 1 + 2 * (-0.75 * 7 / 8 + 0.5 * 6 / 8 - 0.25 * 5 / 8)
    critical = 1.96 + 2.9694 / 2 + 0.416 / 4 - 0.5324 / 8
    assert found.mean == 2
    assert found.high - 2 == pytest.approx(critical * np.sqrt(variance / 8))
    assert 2 - found.low == pytest.approx(found.high - 2)
    assert (found.n, found.level) == (8, 0.95)


@given(hnp.arrays(float, 15, elements=st.floats(-5, 5)), st.floats(0.1, 10), st.floats(-9, 9))
def test_the_interval_moves_with_the_unit_and_turns_with_the_sign(series, scale, shift):
    one, other = mean_change(series), mean_change(scale * series + shift)
    assert other.low == pytest.approx(scale * one.low, abs=1e-8)
    assert mean_change(-series).high == pytest.approx(-one.low, abs=1e-12)
    assert one.low <= one.mean <= one.high
    assert mean_change(series, 0.8).high <= one.high <= mean_change(series, 0.95).high + 1e-12


@pytest.mark.parametrize("share", [0.1, 0.3])
def test_critical_values_are_those_of_the_limiting_distribution(share):
    """Kiefer & Vogelsang (2005): the published cubic against the distribution it approximates, simulated."""
    draws, length = 4000, 400
    noise = np.random.default_rng(5).standard_normal((draws, length))
    sums = (noise - noise.mean(1, keepdims=True)).cumsum(1)
    lag = round(share * length)
    variance = 2 / (length * lag) * ((sums**2).sum(1) - (sums[:, :-lag] * sums[:, lag:]).sum(1))
    statistic = np.abs(np.sqrt(length) * noise.mean(1) / np.sqrt(variance))
    for level, coefficients in CRITICAL.items():
        published = sum(coefficient * share**power for power, coefficient in enumerate(coefficients))
        assert np.quantile(statistic, level) == pytest.approx(published, rel=0.05)


@pytest.mark.slow
def test_the_interval_covers_about_as_often_as_it_says_with_correlated_changes():
    rng = np.random.default_rng(11)
    shocks = rng.standard_normal((2000, 90))
    changes = np.zeros_like(shocks)
    for place in range(1, 90):
        changes[:, place] = 0.5 * changes[:, place - 1] + shocks[:, place]
    covered = [mean_change(np.cumsum(row[50:])) for row in changes]
    assert 0.8 < np.mean([found.low <= 0 <= found.high for found in covered]) < 0.93


def test_what_is_not_allowed_is_refused(measured):
    with pytest.raises(MeasureError, match="6 annual changes of 7 are known"):
        mean_change(np.array([0.0, 1, 2, 3, 4, 5, 6, np.nan]))
    with pytest.raises(MeasureError, match=r"allowed is one of 0\.8, 0\.9, 0\.95"):
        mean_change(np.arange(20.0), 0.5)
    with pytest.raises(MeasureError, match="`index`: 'dhl' came"):
        measured.countries("dhl", "DEU")
    with pytest.raises(MeasureError, match="`countries`: 'XXX' came"):
        measured.countries("kof", "XXX")


@pytest.fixture(scope="module")
def published(shared_data) -> Globalisation:
    tables = PublishedTables(shared_data, "kof", "cow_trade", "baci", "wb_gdp")
    panel: Panel = build_panel(tables, names=("distance_km",))
    return globalisation(panel, tables)


def test_the_world_as_published(published):
    kof = published.dataset.world.sel(index="kof")
    for year, value in ((2008, 57.6), (2022, 60.8)):
        assert kof.sel(year=year) == pytest.approx(value, abs=0.05)
    both = published.dataset.world.sel(year=slice(2000, 2014))
    ratio = both.sel(index="openness_cow") / both.sel(index="openness_baci")
    assert 1 < ratio.min() <= ratio.max() < 1.1
    assert published.dataset.openness_baci_covered.sel(year=2010) > 0.99


def test_indices_disagree_on_the_years_since_2008(published):
    table = published.disagreements(2008).set_index("index")
    assert table.loc["openness_baci", "change"] < -8
    assert table.loc["kof", "change"] > 3
    verdicts = published.contraction().set_index("index")["verdict"]
    assert verdicts["kof"] == verdicts["kof_de_jure"] == "growth"
    assert verdicts["openness_baci"] == verdicts["trade_de_facto"] == "neither shown"
    assert "contraction" not in set(verdicts)
