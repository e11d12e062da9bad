"""The embedded baseline: it loads, says where everything comes from, and survives the round trip."""

from __future__ import annotations

import json

import numpy as np
import pytest

from orrery.base.errors import DataError
from orrery.data.baseline import DYAD_STEP, SHIPPED, differences, load_baseline, write_baseline
from orrery.data.panel import Status


@pytest.fixture(scope="module")
def baseline():
    return load_baseline()


def test_every_country_of_the_system_is_in_it(baseline):
    assert baseline.years == tuple(range(1990, 2026))
    assert baseline.in_system(2024).sum() >= 195
    assert {"KAZ", "RUS", "CHN", "USA", "IND", "DEU"} <= set(baseline.countries)


def test_only_derived_figures_are_shipped_and_each_says_where_it_comes_from(baseline):
    assert "population" not in baseline.variables
    assert "gdp_usd" not in baseline.variables
    for name, entry in baseline.provenance.items():
        assert entry["description"], name
        assert entry["unit"], name
        assert [source["key"] for source in entry["sources"]] == entry["source_keys"]
        for source in entry["sources"]:
            assert source["citation"], name
            assert source["licence"], name
            assert all(len(checksum) == 64 for checksum in source["files"].values())


def test_shares_are_shares(baseline):
    for name in ("capability_cinc", "capability_gdp", "capability_population"):
        values = baseline.values(name, year=2020)
        observed = baseline.status(name, year=2020) == Status.OBSERVED
        assert values[observed].sum() == pytest.approx(1, abs=1e-4)
        assert np.nansum(values) < 1.02  # countries without a figure for the year add the share they last had
    trade = baseline.values("trade_share", year=2010)
    total = np.nansum(trade, axis=1)[baseline.status("trade_share", year=2010) == Status.OBSERVED]
    assert (total <= 1 + 1e-3).all()
    assert np.median(total) > 0.9  # what is missing is trade with territories


def test_carried_forward_values_are_called_so(baseline):
    assert baseline.observed_until("trade_share") == 2020
    kazakhstan = baseline.country_position("KAZ")
    assert baseline.status("trade_share", year=2020)[kazakhstan] == Status.OBSERVED
    assert baseline.status("trade_share", year=2024)[kazakhstan] == Status.CARRIED_FORWARD
    np.testing.assert_array_equal(
        baseline.values("trade_share", year=2024)[kazakhstan], baseline.values("trade_share", year=2020)[kazakhstan]
    )


def test_known_figures(baseline):
    """Computed from the producers' files by other means: CINC 2022, and GDP 2023 as a share of the countries known."""
    place = baseline.country_position
    cinc = baseline.values("capability_cinc", year=2022)
    assert cinc[place("CHN")] == pytest.approx(0.234, abs=0.002)
    assert cinc[place("USA")] == pytest.approx(0.124, abs=0.002)
    gdp = baseline.values("capability_gdp", year=2023)
    assert gdp[place("USA")] / gdp[place("CHN")] == pytest.approx(27.36 / 17.79, rel=0.001)
    assert baseline.values("pact_strength", year=2010)[place("USA"), place("DEU")] == 1
    points = baseline.values("ideal_point", year=2010)
    assert points[place("USA")] > points[place("DEU")] > points[place("RUS")] > points[place("SYR")]


def test_a_written_baseline_reads_back_the_same(baseline, tmp_path):
    write_baseline(baseline, tmp_path / "again")
    report = differences(SHIPPED, tmp_path / "again")
    assert report.same, report.lines
    again = load_baseline(tmp_path / "again")
    for name in baseline.variables:
        np.testing.assert_allclose(
            again.values(name), baseline.values(name), rtol=0, atol=DYAD_STEP.get(name, 1e-9), equal_nan=True
        )


def test_a_changed_figure_is_found(baseline, tmp_path):
    changed = baseline.dataset.copy(deep=True)
    changed["capability_gdp"].values[10, 10] += 0.01
    write_baseline(type(baseline)(changed, baseline.variables, "changed", baseline.provenance), tmp_path / "changed")
    report = differences(SHIPPED, tmp_path / "changed")
    assert not report.same
    assert any(line.startswith("country_year.parquet") and "1.0e-02" in line for line in report.lines)


def test_another_provenance_is_found(baseline, tmp_path):
    write_baseline(baseline, tmp_path / "again")
    record = json.loads((tmp_path / "again" / "provenance.json").read_text())
    record["variables"]["trade_share"]["unit"] = "percent"
    (tmp_path / "again" / "provenance.json").write_text(json.dumps(record))
    assert not differences(SHIPPED, tmp_path / "again").same


def test_a_folder_without_a_baseline_is_refused(tmp_path):
    with pytest.raises(DataError, match="holds no baseline"):
        load_baseline(tmp_path)
