"""Which scenarios a plan is over, how they are weighted, and draws that fail."""

from __future__ import annotations

import numpy as np
import pytest

from orrery.base.errors import CountryCodeError, ScenarioError, SimulationError
from orrery.lab.planner.worlds import choose, place_of, simulate_worlds
from orrery.lab.scenario import shipped_scenarios

pytestmark = pytest.mark.long

RUNAWAY = """
name = "runaway"
title = "Positions run away"
description = "A scenario in which every draw fails."
[parameters]
comember_pull = -1.5
anchor_strength = 0.0
"""


def test_by_default_all_scenarios_without_a_hub_are_chosen_with_equal_weights(baseline):
    chosen = choose(baseline, draws=3)
    names = [one.name for one in chosen.scenarios]
    assert names == [name for name, one in shipped_scenarios().items() if one.hub is None]
    assert chosen.left_out == {}
    np.testing.assert_allclose(chosen.weights, 1 / len(names))
    assert {(one.start, one.years, one.draws, one.seed) for one in chosen.scenarios} == {(2024, 25, 3, 1)}


def test_scenarios_that_do_not_fit_the_horizon_are_left_out_with_the_reason(baseline):
    chosen = choose(baseline, draws=3, years=3, weights={"baseline": 3})
    assert {"exclusivity", "new-bipolarity"} <= set(chosen.left_out)
    assert all("allows 2025-2027" in reason for reason in chosen.left_out.values())
    names = [one.name for one in chosen.scenarios]
    assert "baseline" in names
    assert not set(names) & set(chosen.left_out)
    assert chosen.weights[names.index("baseline")] == pytest.approx(3 / (len(names) + 2))


def test_a_scenario_that_was_named_must_fit(baseline):
    with pytest.raises(ScenarioError, match="allows 2025-2027"):
        choose(baseline, ["exclusivity"], years=3)


@pytest.mark.parametrize("code", ["USA", "CHN", "RUS", "IND"])
def test_every_country_that_is_a_pole_is_refused_in_the_same_words(baseline, code):
    observed = choose(baseline, ["baseline"]).observed
    with pytest.raises(ScenarioError, match="is a pole by itself, aligned with itself alone"):
        place_of(code, observed)


def test_members_of_a_composite_pole_choose_and_unknown_countries_do_not(baseline):
    observed = choose(baseline, ["baseline"]).observed
    assert observed.countries[place_of("FRA", observed)] == "FRA"
    with pytest.raises(CountryCodeError):
        place_of("ZZZ", observed)
    with pytest.raises(ScenarioError, match="no member of the United Nations at the end of 2024"):
        place_of("YUG", observed)


def test_draws_that_fail_in_any_scenario_are_reported(baseline, tmp_path):
    file = tmp_path / "runaway.toml"
    file.write_text(RUNAWAY, "utf-8")
    chosen = choose(baseline, [str(file), "baseline"], draws=3, years=11)
    told = []
    with pytest.raises(SimulationError, match="0 of 3 draws succeeded in every scenario"):
        simulate_worlds("KAZ", chosen, workers=2, progress=lambda done, wanted: told.append((done, wanted)))
    assert told == [(3, 6), (6, 6)]
