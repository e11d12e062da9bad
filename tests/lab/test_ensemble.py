"""Ensembles: the same numbers whatever happens on the way, and folders that are complete or absent."""

from __future__ import annotations

import json

import numpy as np
import pytest

from orrery.base.errors import RunError, ScenarioError
from orrery.lab import ensemble
from orrery.lab.runs import open_run, partial_folder

pytestmark = pytest.mark.long

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
