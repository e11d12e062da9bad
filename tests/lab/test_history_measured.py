"""The measured windows: the page shows what is computed, and indicators agree with plain counts of the sources."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest

from orrery.base.errors import MeasureError
from orrery.data.panel import Panel
from orrery.lab.futures_history import VARIANTS, WINDOWS, History, history
from orrery.lab.history_indicators import NO_COMPLIANCE, MeasuredIndicators, history_panel, measured_indicators

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
TOOL = runpy.run_path(str(ROOT / "tools" / "build_futures_history.py"), run_name="build_futures_history")
TEXT = (ROOT / "docs" / "futures_history.md").read_text("utf-8")


@pytest.fixture(scope="module")
def panel(official_tables) -> Panel:
    return history_panel(official_tables, (1970, 2022))


@pytest.fixture(scope="module")
def found(panel, official_tables) -> History:
    return history(panel, official_tables)


@pytest.fixture(scope="module")
def nineties(panel, official_tables) -> MeasuredIndicators:
    return measured_indicators(panel, official_tables, (1992, 2002), "cinc")


def test_the_page_shows_what_is_measured(found):
    assert TOOL["document"](TEXT, found) == TEXT


def test_every_window_has_a_verdict_in_every_variant(found):
    expected = [(f"{window.first}-{window.last}", variant) for window in WINDOWS for variant in VARIANTS]
    assert list(zip(found.verdicts["window"], found.verdicts["capability"], strict=True)) == expected


def test_what_the_page_says_of_the_windows_is_so(found):
    verdicts = found.verdicts.groupby("window")["verdict"].agg(set)
    assert verdicts.to_dict() == {"1970-1985": {"does not hold"}, "1992-2002": {"open"}, "2012-2022": {"open"}}
    possible = found.verdicts.groupby("window")["possible"].agg(set)
    assert possible["1992-2002"] == {"regionalisation or multilateralism"}
    assert possible["1970-1985"] == possible["2012-2022"] == {"multilateralism or mixed"}
    hostility = found.conditions[found.conditions["indicator"] == "pole_hostility"]
    assert set(hostility[hostility["window"] == "1970-1985"]["note"]) == {"of EU and USA"}


def test_how_far_compliance_could_have_fallen_is_as_the_page_says(found):
    """Multilateralism is the label if its unknown condition `Λ((r - .97) / .02)` exceeds what else it must exceed."""
    rival = found.degrees.set_index(["window", "capability", "future"])["degree"][
        "1992-2002", "cinc", "regionalisation"
    ]
    assert 1 - (0.97 + 0.02 * np.log(rival / (1 - rival))) == pytest.approx(0.014, abs=5e-4)
    assert "less than about 1.4 %" in TEXT


def test_years_beyond_a_source_are_unknown_and_said_to_be(panel, official_tables):
    recent = measured_indicators(panel, official_tables, (2012, 2022), "cinc")
    for name in ("institutional_density", "global_authority", "regional_authority"):
        np.testing.assert_array_equal(np.isnan(recent.series[name]), np.arange(2012, 2023) > 2014)
        assert recent.notes[name] == "not known in 2015-2022"
    assert np.isnan(recent.series["compliance"]).all()
    assert recent.notes["compliance"] == NO_COMPLIANCE
    assert "membership since 2015" in recent.notes["mean_diversity"]


def test_without_output_of_a_member_of_a_pole_there_is_no_polarity(panel, official_tables):
    early = measured_indicators(panel, official_tables, (1970, 1985), "mean")
    assert np.isnan(early.series["top_two_share"]).all()


def test_connectedness_is_the_published_index(nineties, official_tables):
    table = official_tables.read("globalisation_regions")
    world = {row.year: row.kof for row in table.itertuples() if row.code == "WLD"}
    np.testing.assert_allclose(nineties.series["connectedness"], [world[year] / 100 for year in nineties.years])


def test_authority_by_plain_counting(nineties, panel, official_tables):
    """In 2000, body by body, with members counted one by one."""
    members: dict[str, int] = {}
    for row in official_tables.read("igo_memberships").itertuples():
        if row.year == 2000 and row.status == "full":
            members[row.body] = members.get(row.body, 0) + 1
    half, total = panel.in_system(2000).sum() / 2, {"global_authority": 0.0, "regional_authority": 0.0}
    for row in official_tables.read("igo_authority").itertuples():
        if row.year == 2000 and isinstance(row.body, str) and row.body in members:
            side = "global_authority" if members[row.body] > half else "regional_authority"
            total[side] += (row.pooling + row.delegation) / 2
    place = nineties.years.index(2000)
    for name, value in total.items():
        assert nineties.series[name][place] == pytest.approx(value)


def test_indicators_are_in_their_ranges(nineties):
    for name in ("top_two_share", "mean_diversity", "non_aligned_share", "western_share", "regional_assortativity"):
        values = nineties.series[name]
        assert ((values > 0) & (values < 1)).all(), name
    assert (nineties.series["effective_powers"] > 1).all()
    assert (nineties.series["pole_hostility"] >= 0).all()


def test_a_window_before_a_pole_is_refused(official_tables):
    early = history_panel(official_tables, (1955, 1962))
    with pytest.raises(MeasureError, match="all of USA, EU, CHN, RUS, IND must exist"):
        measured_indicators(early, official_tables, (1955, 1962), "cinc")
