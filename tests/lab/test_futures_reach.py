"""Which futures broad paths lead to: one row per sample, the same whatever the workers, and worlds to run again."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from orrery.base.errors import ScenarioError, SimulationError
from orrery.base.keys import root_key
from orrery.data.parquet import read_table
from orrery.lab.broad_paths import Space, read_space
from orrery.lab.forcing import apply_scenario
from orrery.lab.futures_reach import Reached, explore
from orrery.lab.scenario import load_scenario, scenario_toml
from orrery.measure.portfolios.poles import DEFAULT_POLES
from orrery.world.from_panel import observed_world
from orrery.world.futures import MIXED, classify, definition
from orrery.world.simulate import simulate_draws

pytestmark = pytest.mark.long

SPACE = Space(
    version="of six years",
    ranges=tuple(one.model_copy(update={"last": one.last and "+6"}) for one in read_space().ranges),
    spheres=read_space().spheres,
)
"""The shipped ranges, over in the sixth year."""
ASKED = {"samples": 12, "years": 6, "start": 2014, "seed": 3, "space": SPACE}
FUTURES = [future.name for future in definition().futures]


@pytest.fixture(scope="module")
def reached(baseline):
    return explore(**ASKED, panel=baseline, workers=2)


def called(reached: Reached) -> str:
    """Return a future that some sample is called by; the seed above gives one."""
    return next(label for label in reached.table["label"] if label in FUTURES)


def rigged(reached: Reached, **columns: object) -> Reached:
    return dataclasses.replace(reached, table=reached.table.assign(**columns))


def test_the_table_has_a_row_per_sample_with_its_levers_degrees_and_label(reached):
    pd.testing.assert_frame_equal(reached.table[reached.dimensions], read_space().sample(12, 3))
    assert list(reached.table.columns) == [*reached.dimensions, *FUTURES, "label", "status"]
    assert (reached.table["status"] == "").all()
    degrees = reached.table[FUTURES]
    assert degrees.stack().between(0, 1).all()
    clear = degrees.max(axis=1) > definition().label_above
    assert (reached.table["label"] == degrees.idxmax(axis=1).where(clear, MIXED)).all()
    assert reached.shares()["samples"].sum() == 12


def test_more_samples_with_one_worker_begin_with_the_same(reached, baseline):
    more = explore(**ASKED | {"samples": 14}, panel=baseline, workers=1)
    pd.testing.assert_frame_equal(more.table.iloc[:12], reached.table)
    pd.testing.assert_frame_equal(more.parameters.iloc[:12], reached.parameters)


def test_the_degree_of_a_future_is_that_of_its_least_condition(reached):
    least = reached.conditions.groupby(["sample", "future"])["degree"].min().unstack()[FUTURES]
    np.testing.assert_allclose(least, reached.table[FUTURES], rtol=1e-12)


def test_without_levers_parameters_and_chance_are_those_with_levers(reached, baseline):
    still = explore(**ASKED, panel=baseline, workers=2, levers=False)
    pd.testing.assert_frame_equal(still.parameters, reached.parameters)
    assert still.table[still.dimensions].nunique().eq(1).all()
    world = observed_world(baseline, 2014, DEFAULT_POLES, 0.1)[0]
    plain = load_scenario("baseline").changed(start=2014, years=6)
    world, forcing = apply_scenario(plain, world)
    ensemble = simulate_draws(
        root_key(3), world, forcing, range(12), fixed={}, workers=2, most_unstable=plain.most_unstable
    )
    expected = classify({name: np.float64(path) for name, path in ensemble.trajectory.indicators.items()})
    np.testing.assert_array_equal(still.table[FUTURES], expected.degrees)


def test_an_example_written_and_run_is_the_world_that_was_found(reached, baseline, tmp_path):
    future = called(reached)
    scenario = reached.example(future)
    path = tmp_path / f"{scenario.name}.toml"
    path.write_text(scenario_toml(scenario), "utf-8")
    read = load_scenario(path)
    assert read == scenario
    sample = read.draws - 1
    assert reached.table.loc[sample, "label"] == future
    world = observed_world(baseline, read.start, read.poles, 0.1)[0]
    world, forcing = apply_scenario(read, world)
    ensemble = simulate_draws(
        root_key(read.seed),
        world,
        forcing,
        range(sample, sample + 1),
        fixed=read.parameters,
        workers=1,
        most_unstable=read.most_unstable,
    )
    found = classify({name: np.float64(path[0]) for name, path in ensemble.trajectory.indicators.items()})
    np.testing.assert_array_equal(found.degrees, reached.table.loc[sample, FUTURES].astype(float))


def test_the_example_is_the_clearest_sample_that_is_called_so(reached):
    degrees = np.linspace(0.6, 0.9, 12)
    table = rigged(reached, fragmentation=degrees, label=["fragmentation"] * 5 + ["regionalisation"] * 7)
    assert table.example("fragmentation").name == "fragmentation-4"


def test_a_future_that_no_sample_is_called_by_has_no_example(reached):
    none = rigged(reached, label=MIXED, fragmentation=0.25)
    with pytest.raises(ScenarioError, match=re.escape("'fragmentation'; its largest degree is 0.25")):
        none.example("fragmentation")
    with pytest.raises(ScenarioError, match="'utopia' came; it is one of new bipolarity"):
        reached.example("utopia")


def test_nearest_samples_come_with_the_condition_that_they_hang_on(reached):
    near = reached.nearest(2)
    assert near["future"].tolist() == [future for future in FUTURES for _ in range(2)]
    for row in near.itertuples():
        degrees = reached.table[row.future]
        assert row.degree == degrees[row.sample] >= degrees.nlargest(2).iloc[-1]
        of_it = reached.conditions[
            (reached.conditions["sample"] == row.sample) & (reached.conditions["indicator"] == row.least)
        ]
        assert row.degree in of_it["degree"].to_numpy()


def test_what_bars_a_future_alone_is_the_only_condition_that_fails(reached):
    conditions = pd.DataFrame(
        {
            "sample": [0, 0, 1, 1, 2, 2, 3, 3],
            "future": "fragmentation",
            "indicator": ["connectedness", "institutional_density"] * 4,
            "ratio": 1.0,
            "degree": [0.9, 0.2, 0.2, 0.2, 0.9, 0.9, 0.1, 0.8],
        }
    )
    failing = dataclasses.replace(reached, conditions=conditions).failing().set_index("indicator")
    assert failing.loc["connectedness", ["holds", "bars_alone"]].tolist() == [0.5, 0.25]
    assert failing.loc["institutional_density", ["holds", "bars_alone"]].tolist() == [0.5, 0.25]


def test_correlations_are_those_of_ranks_and_lie_in_their_intervals(reached):
    table = reached.correlations()
    assert (table["low"] < table["correlation"]).all()
    assert (table["correlation"] < table["high"]).all()
    assert set(table["kind"]) == {"lever", "parameter"}
    one = table[(table["future"] == "fragmentation") & (table["name"] == "tension")].iloc[0]
    expected = stats.spearmanr(reached.table["tension"], reached.table["fragmentation"]).statistic
    assert one["correlation"] == pytest.approx(expected)


def test_a_folder_holds_the_tables_and_a_scenario_of_every_future_reached(reached, tmp_path):
    folder = tmp_path / "reach"
    reached.save(folder)
    written = read_table(folder / "samples.parquet").set_index("sample")
    np.testing.assert_array_equal(written[reached.dimensions], reached.table[reached.dimensions])
    assert written["label"].tolist() == reached.table["label"].tolist()
    scenarios = {load_scenario(path).name.rpartition("-")[0] for path in folder.glob("*.toml")}
    labels = {label.lower().replace(" ", "-") for label in reached.table["label"] if label in FUTURES}
    assert scenarios == labels
    with pytest.raises(ScenarioError, match="Name a new folder"):
        reached.save(folder)


def test_what_cannot_be_told_or_named_is_refused_before_anything_is_run(baseline):
    with pytest.raises(SimulationError, match="told apart from 6 years on"):
        explore(**ASKED | {"years": 5}, panel=baseline)
    (one, *_) = (read_space().ranges[3],)
    clash = Space(version="t", ranges=(one.model_copy(update={"name": "label"}),))
    with pytest.raises(ScenarioError, match="Rename it"):
        explore(**ASKED | {"space": clash}, panel=baseline)
    with pytest.raises(SimulationError, match="until 2029"):
        explore(**ASKED | {"space": None}, panel=baseline)


@pytest.mark.slow
@pytest.mark.parametrize("start", [2014, 2024])
def test_broad_paths_reach_all_five_futures_and_none_of_them_is_structural(start, baseline):
    shares = explore(samples=128, years=25, start=start, seed=1, panel=baseline).shares().set_index("future")
    assert (shares.loc[FUTURES, "samples"] >= 1).all()
    assert (shares.loc[FUTURES, "share"] < 0.5).all()
