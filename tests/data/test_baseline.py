"""The embedded baseline: it loads, says where everything comes from, and survives the round trip."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from orrery.base.errors import DataError
from orrery.data.baseline import DYAD_STEP, SHIPPED, differences, load_baseline, write_baseline
from orrery.data.body_depth import load_depths
from orrery.data.panel import Status
from orrery.data.parquet import read_table, write_table

pytestmark = pytest.mark.long


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


def test_rivalry_is_symmetric_and_ends_are_carried_forward(baseline):
    place, values = baseline.country_position, baseline.values("rivalry")
    np.testing.assert_array_equal(np.nan_to_num(values), np.nan_to_num(values.transpose(0, 2, 1)))
    assert set(np.unique(values[~np.isnan(values)])) == {0, 1}
    assert baseline.observed_until("rivalry") == 2020
    assert baseline.status("rivalry", year=2025)[place("IND")] == Status.CARRIED_FORWARD
    for one, other in (("IND", "PAK"), ("USA", "RUS"), ("ISR", "IRN"), ("PRK", "KOR")):
        assert baseline.values("rivalry", year=2025)[place(one), place(other)] == 1


def test_ranks_of_openness_are_spread_evenly_and_follow_the_index(baseline, official_tables):
    for year in (1990, 2010, 2022):
        ranks = baseline.values("openness_rank", year=year)
        known = np.sort(ranks[~np.isnan(ranks)])
        np.testing.assert_allclose(known, np.linspace(0, 1, len(known)), atol=1e-12)
    table = official_tables.read("globalisation")
    table = table[table["is_country"] & (table["year"] == 2022)].set_index("iso3")["kof"].dropna()
    ranks = dict(zip(baseline.countries, baseline.values("openness_rank", year=2022), strict=True))
    in_order = [ranks[code] for code in table.sort_values().index if code in ranks]
    assert len(in_order) > 180
    assert (np.diff(in_order) > 0).all()


def test_a_baseline_without_depths_of_bodies_is_found(written, tmp_path):
    shutil.copytree(written, tmp_path / "changed")
    (tmp_path / "changed" / "body_depth.parquet").unlink()
    assert "body_depth.parquet: only in one of the two" in differences(SHIPPED, tmp_path / "changed").lines


@pytest.fixture(scope="module")
def written(baseline, tmp_path_factory):
    folder = tmp_path_factory.mktemp("baseline") / "again"
    write_baseline(baseline, load_depths(), folder)
    return folder


def test_a_written_baseline_reads_back_the_same(baseline, written):
    report = differences(SHIPPED, written)
    assert report.same, report.lines
    again = load_baseline(written)
    for name in baseline.variables:
        np.testing.assert_allclose(
            again.values(name), baseline.values(name), rtol=0, atol=DYAD_STEP.get(name, 1e-9), equal_nan=True
        )


def test_a_changed_figure_is_found(written, tmp_path):
    shutil.copytree(written, tmp_path / "changed")
    table = read_table(written / "country_year.parquet")
    table.loc[table["capability_gdp"].first_valid_index(), "capability_gdp"] += 0.01
    write_table(table, tmp_path / "changed" / "country_year.parquet")
    report = differences(SHIPPED, tmp_path / "changed")
    assert not report.same
    assert any(line.startswith("country_year.parquet") and "1.0e-02" in line for line in report.lines)


def test_a_lost_row_and_a_lost_file_are_found(written, tmp_path):
    shutil.copytree(written, tmp_path / "changed")
    write_table(read_table(written / "arms_share.parquet").iloc[1:], tmp_path / "changed" / "arms_share.parquet")
    (tmp_path / "changed" / "contiguous.parquet").unlink()
    lines = " ".join(differences(SHIPPED, tmp_path / "changed").lines)
    assert "26,842 rows shipped, 26,841 anew" in lines
    assert "contiguous.parquet: only in one of the two" in lines


def test_another_provenance_is_found(written, tmp_path):
    shutil.copytree(written, tmp_path / "changed")
    record = json.loads((written / "provenance.json").read_text())
    record["variables"]["trade_share"]["unit"] = "percent"
    (tmp_path / "changed" / "provenance.json").write_text(json.dumps(record))
    assert not differences(SHIPPED, tmp_path / "changed").same


def test_a_folder_without_a_baseline_is_refused(tmp_path):
    with pytest.raises(DataError, match="holds no baseline"):
        load_baseline(tmp_path)
