"""Ensembles: the same numbers whatever happens on the way, and folders that are complete or absent."""

from __future__ import annotations

import json

import numpy as np
import pytest

from orrery.base.errors import RunError, ScenarioError
from orrery.lab import ensemble
from orrery.lab.forcing import scenario_forcing
from orrery.lab.runs import open_run, partial_folder
from orrery.lab.scenario import Move, load_scenario
from orrery.measure.portfolios.poles import DEFAULT_POLES
from orrery.world.from_panel import observed_world

SMALL = {"draws": 6, "years": 3, "start": 2014}


@pytest.fixture(scope="module")
def panel(baseline):
    return baseline


@pytest.fixture
def in_chunks_of_two(monkeypatch):
    monkeypatch.setattr(ensemble, "CHUNK", 2)


def everything(run):
    return {name: run.draws[name].values for name in run.draws.data_vars} | {
        name: run.system[name].values for name in run.system.data_vars
    }


def assert_same_bits(first, second):
    one, other = everything(first), everything(second)
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_array_equal(one[name], other[name], err_msg=name)


@pytest.fixture(scope="module")
def whole(panel, tmp_path_factory):
    return ensemble.simulate("baseline", **SMALL, panel=panel, out=tmp_path_factory.mktemp("run") / "whole")


def test_a_run_folder_holds_what_it_promises(whole):
    assert {path.name for path in whole.folder.iterdir()} == {
        "scenario.toml",
        "run.json",
        "draws.zarr",
        "indicators.parquet",
        "parameters.parquet",
    }
    assert whole.meta["start_year"] == 2014
    assert whole.meta["failed_draws"] == []
    assert whole.scenario.draws == 6
    assert all(source["files"] and source["licence"] for source in whole.meta["sources"])
    assert whole.draws["portfolio"].dims == ("draw", "year", "country", "option")
    np.testing.assert_allclose(whole.draws["portfolio"].sum("option"), 1, atol=1e-5)
    table = whole.indicators
    assert set(table["year"]) == {2014, 2015, 2016, 2017}
    assert (table["q10"] <= table["q90"]).all()


def test_batches_workers_and_interruptions_change_no_bit(panel, whole, tmp_path, in_chunks_of_two):
    class Interrupted(Exception):
        pass

    def stop_after_four(done, wanted):
        if done == 4:
            raise Interrupted

    out = tmp_path / "resumed"
    with pytest.raises(Interrupted):
        ensemble.simulate("baseline", **SMALL, panel=panel, out=out, progress=stop_after_four, workers=1)
    assert not out.exists()
    assert json.loads((partial_folder(out) / "finished.json").read_text())["draws"] == 4
    with pytest.raises(RunError, match="is not finished"):
        open_run(out)

    seen = []
    resumed = ensemble.simulate(
        "baseline", **SMALL, panel=panel, out=out, progress=lambda done, wanted: seen.append(done), workers=2
    )
    assert seen == [4, 6]
    assert not partial_folder(out).exists()
    assert_same_bits(whole, resumed)


def test_the_first_draws_of_a_larger_ensemble_are_the_same(panel, whole, tmp_path):
    fewer = ensemble.simulate("baseline", **SMALL | {"draws": 2}, panel=panel, out=tmp_path / "fewer")
    np.testing.assert_array_equal(fewer.draws["portfolio"].values, whole.draws["portfolio"].values[:2])


def test_another_seed_gives_other_numbers(panel, whole, tmp_path):
    other = ensemble.simulate("baseline", **SMALL, seed=2, panel=panel, out=tmp_path / "other")
    assert not np.array_equal(other.draws["portfolio"].values, whole.draws["portfolio"].values)


def test_a_finished_run_is_never_overwritten(panel, whole):
    with pytest.raises(RunError, match="never overwritten"):
        ensemble.simulate("baseline", **SMALL, panel=panel, out=whole.folder)


def test_an_unfinished_run_of_something_else_is_not_taken_up(panel, tmp_path, in_chunks_of_two):
    def stop(done, wanted):
        if done == 2:
            raise KeyboardInterrupt

    out = tmp_path / "mine"
    with pytest.raises(KeyboardInterrupt):
        ensemble.simulate("baseline", **SMALL, panel=panel, out=out, progress=stop)
    with pytest.raises(RunError, match="unfinished run with another scenario"):
        ensemble.simulate("baseline", **SMALL, seed=9, panel=panel, out=out)


def test_what_is_not_allowed_leaves_no_folder(panel, tmp_path):
    for options in ({"draws": 0}, {"years": 1000}, {"seed": -1}):
        with pytest.raises(ScenarioError):
            ensemble.simulate("baseline", **SMALL | options, panel=panel, out=tmp_path / "refused")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(RunError, match="there is no folder"):
        open_run(tmp_path / "absent")
    (tmp_path / "empty").mkdir()
    with pytest.raises(RunError, match=r"run\.json"):
        open_run(tmp_path / "empty")


# ---- levers --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def observed(panel):
    return observed_world(panel, 2014, DEFAULT_POLES, 0.1)[0]


def forcing_of(observed, *moves, **changes):
    return scenario_forcing(load_scenario("baseline").changed(years=10, moves=moves, **changes), observed)


def test_a_step_holds_its_value_between_its_years(observed):
    path = forcing_of(observed, Move(lever="tension", value=2, first=2016, last=2018)).tension
    np.testing.assert_array_equal(path, [1, 2, 2, 2, 1, 1, 1, 1, 1, 1])


def test_a_ramp_arrives_in_its_last_year_and_stays(observed):
    path = forcing_of(observed, Move(lever="exclusivity", value=3, first=2016, last=2019, shape="ramp")).exclusivity
    np.testing.assert_allclose(path, [1, 1.5, 2, 2.5, 3, 3, 3, 3, 3, 3])


def test_moves_of_a_factor_multiply_and_of_an_addition_add(observed):
    twice = (Move(lever="tension", value=2, first=2015), Move(lever="tension", value=3, first=2020))
    np.testing.assert_array_equal(forcing_of(observed, *twice).tension, [2] * 5 + [6] * 5)
    twice = (Move(lever="connectedness_shock", value=-0.01, first=2015, last=2015),) * 2
    np.testing.assert_allclose(forcing_of(observed, *twice).connectedness_shock[:2], [-0.02, 0])


def test_a_target_is_one_pole_one_country_or_every_member_of_a_pole(observed):
    still = forcing_of(observed)
    moved = forcing_of(observed, Move(lever="outward_propensity", value=0.5, first=2015, target="USA"))
    np.testing.assert_array_equal(moved.outward_propensity[0], [0.5, 1, 1, 1, 1])
    for target, count in (("KAZ", 1), ("EU", 28)):
        moved = forcing_of(observed, Move(lever="capability_growth", value=0.01, first=2015, target=target))
        changed = np.flatnonzero(np.abs(moved.capability_growth - still.capability_growth)[0] > 1e-12)
        assert len(changed) == count


def test_an_unknown_target_is_refused_with_what_is_allowed(observed):
    with pytest.raises(ScenarioError, match="USA, EU, CHN, RUS, IND"):
        forcing_of(observed, Move(lever="outward_propensity", value=0.5, first=2015, target="BRA"))


def test_switches_keep_shocks_and_trends_still(observed):
    quiet = forcing_of(observed, shocks=False, trends=False)
    assert not quiet.noise.any()
    assert not quiet.capability_growth.any()
    assert not quiet.connectedness_trend.any()
    assert forcing_of(observed).noise.all()
