"""From the panel to the observed world: complete, consistent, and every estimate named."""

from __future__ import annotations

import numpy as np
import pytest

from orrery.base.errors import CountryCodeError, SimulationError
from orrery.data.panel import Panel, Status
from orrery.measure.portfolios.poles import DEFAULT_POLES
from orrery.world.from_panel import INPUTS, newest_complete_year, observed_world


@pytest.fixture(scope="module")
def panel(baseline):
    return baseline


@pytest.fixture(scope="module")
def observed(panel):
    return observed_world(panel, newest_complete_year(panel), DEFAULT_POLES, 0.1)


def test_the_newest_complete_year_has_votes_and_arms_observed(panel):
    year = newest_complete_year(panel)
    assert year == 2024
    for name in ("ideal_point", "arms_share"):
        assert (panel.status(name, year=year) == Status.OBSERVED).any()


def test_the_world_has_every_member_of_the_united_nations(observed):
    world, _ = observed
    assert len(world.countries) == 193
    assert world.poles == DEFAULT_POLES
    assert world.pole_members.sum(1).tolist() == [1, 27, 1, 1, 1]


def test_every_input_is_recorded_with_its_sources_and_status(observed):
    _, records = observed
    assert [record.input for record in records] == list(INPUTS)
    for record in records:
        assert sum(record.status.values()) in (1, 193)
        assert record.sources
    by_name = {record.input: record for record in records}
    assert by_name["trade"].observed_until == 2020
    assert by_name["trade"].status["carried forward"] > 180
    assert "PRK" in by_name["development"].estimated
    assert "subregion" in by_name["development"].note


def test_a_country_without_votes_in_the_year_is_named(observed):
    world, records = observed
    silent = next(record for record in records if record.input == "ideal points").estimated
    assert "AFG" in silent
    wide = world.ideal_point_sd[[world.countries.index(code) for code in silent]]
    assert wide.min() > np.median(world.ideal_point_sd)


@pytest.mark.parametrize("year", [1992, 2000, 2014])
def test_earlier_years_start_too(panel, year):
    world, records = observed_world(panel, year, DEFAULT_POLES, 0.1)
    assert world.year == year
    assert len(world.countries) == {1992: 179, 2000: 189, 2014: 193}[year]
    mostly_observed = [
        record for record in records if record.status.get("observed", 0) > 0.8 * sum(record.status.values())
    ]
    assert len(mostly_observed) == len(records)


def test_other_poles_can_be_chosen(panel):
    world, _ = observed_world(panel, 2014, ("USA", "CHN", "TUR"), 0.1)
    assert world.poles == ("USA", "CHN", "TUR")
    np.testing.assert_allclose(world.portfolio.sum(1), 1)


def test_a_pole_that_is_not_there_is_refused(panel):
    with pytest.raises(CountryCodeError):
        observed_world(panel, 2014, ("USA", "ATLANTIS"), 0.1)
    with pytest.raises(SimulationError, match="not a member of the United Nations"):
        observed_world(panel, 2010, ("USA", "SSD"), 0.1)


def test_a_panel_without_an_input_has_no_complete_year(panel):
    bare = panel.dataset.copy(deep=True)
    bare["arms_share_status"].values[:] = Status.MISSING
    with pytest.raises(SimulationError, match="no year"):
        newest_complete_year(Panel(bare, panel.variables, "a bare panel"))
