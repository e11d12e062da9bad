"""Broad lever paths: same seed same paths, ranges kept, a sample is a scenario, nothing moved is the baseline."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orrery.base.errors import ScenarioError
from orrery.lab.broad_paths import Space, read_space
from orrery.lab.forcing import apply_scenario
from orrery.lab.scenario import LEVERS, Scenario, load_scenario, scenario_toml
from orrery.measure.portfolios.poles import DEFAULT_POLES
from orrery.world.bodies import AREAS
from orrery.world.forcing import Forcing
from orrery.world.from_panel import observed_world

NOT_SAMPLED = {"noise", "grants", "guarantee"}
"""Levers without a range, as docs/futures.md says."""

TENSION = {
    "name": "tension",
    "lever": "tension",
    "target": "world",
    "least": 0.5,
    "most": 2.0,
    "scale": "log",
    "shape": "step",
    "first": "+1",
    "reason": "a test",
    "sources": ["a test"],
}


@pytest.fixture(scope="module")
def world(baseline):
    return observed_world(baseline, 2024, DEFAULT_POLES, 0.1)[0]


def one_range(**changes):
    return Space.model_validate({"version": "test", "ranges": [TENSION | changes]})


def file_with(tmp_path, **changes):
    lines = [f"{key} = {value!r}" for key, value in (TENSION | changes).items()]
    path = tmp_path / "ranges.toml"
    path.write_text("\n".join(['version = "test"', "[[ranges]]", *lines]), "utf-8")
    return path


def assert_same(one: Forcing, other: Forcing) -> None:
    for field in dataclasses.fields(Forcing):
        np.testing.assert_array_equal(getattr(one, field.name), getattr(other, field.name), err_msg=field.name)


def test_the_same_seed_gives_the_same_samples_and_another_seed_others():
    space = read_space()
    pd.testing.assert_frame_equal(space.sample(32, 5), space.sample(32, 5))
    assert not np.isclose(space.sample(32, 5), space.sample(32, 6)).any(axis=1).all()


@given(few=st.integers(1, 40), more=st.integers(0, 40), seed=st.integers(0, 2**32))
def test_fewer_samples_are_the_first_of_more(few, more, seed):
    space = read_space()
    pd.testing.assert_frame_equal(space.sample(few, seed), space.sample(few + more, seed).iloc[:few])


@given(seed=st.integers(0, 2**32))
def test_samples_stay_in_their_ranges_and_fill_them_evenly(seed):
    space = read_space()
    table = space.sample(64, seed)
    for dimension in space.dimensions(DEFAULT_POLES):
        one, values = dimension.range, np.sort(table[dimension.name].to_numpy())
        assert one.least <= values[0]
        assert values[-1] <= one.most
        # A Sobol sequence of 64 points has one in each of 64 equal parts of every dimension.
        np.testing.assert_array_less(values[:-1], [one.at((n + 1) / 64 + 1e-9) for n in range(63)])
        np.testing.assert_array_less([one.at(n / 64 - 1e-9) for n in range(1, 64)], values[1:])


def test_every_lever_has_a_range_or_is_named_as_not_sampled():
    space = read_space()
    assert {one.lever for one in space.ranges} | NOT_SAMPLED == set(LEVERS)
    assert not {one.lever for one in space.ranges} & NOT_SAMPLED


def test_poles_and_areas_have_the_same_range_each():
    names = [one.name for one in read_space().dimensions(DEFAULT_POLES)]
    assert len(names) == len(set(names))
    for word in ("offers", "growth", "exclusivity"):
        assert [name for name in names if name.startswith(f"{word} ")] == [f"{word} {pole}" for pole in DEFAULT_POLES]
    assert [name for name in names if name.startswith("stakes ")] == [f"stakes {area}" for area in AREAS]


def test_a_sample_reaches_the_levers_that_it_names(world):
    space = read_space()
    values = space.neutral(1).loc[0].to_dict() | {"offers CHN": 0.5, "growth EU": -0.02, "access near": 2.0}
    _, forcing = apply_scenario(space.scenario(values, name="one", start=2024, years=20), world)
    _, still = apply_scenario(load_scenario("baseline").changed(start=2024, years=20), world)
    china, europe = (world.poles.index(pole) for pole in ("CHN", "EU"))
    assert forcing.outward_propensity[-1, china] == pytest.approx(0.5)
    assert (np.delete(forcing.outward_propensity, china, axis=1) == 1).all()
    extra = forcing.capability_growth - still.capability_growth
    members = world.pole_members[europe]
    np.testing.assert_allclose(extra[:15, members], -0.02)
    assert (extra[15:] == 0).all()
    assert (extra[:, ~members] == 0).all()
    place = world.countries.index
    assert forcing.access[-1, place("KAZ")].tolist() == [1, 1, 1, 2, 1]
    assert forcing.access[-1, place("MEX")].tolist() == [2, 1, 1, 1, 1]


def test_near_and_far_share_no_country_of_a_pole_and_leave_none_out(world):
    space = read_space()
    neutral = space.neutral(1).loc[0].to_dict()
    near, far = (
        apply_scenario(space.scenario(neutral | {name: 0.5}, name="one", start=2024), world)[1].access[-1]
        for name in ("access near", "access far")
    )
    assert ((near < 1) ^ (far < 1)).all()


def test_a_pole_without_a_sphere_has_its_members_and_those_that_border_it():
    space = Space.model_validate(
        {"version": "t", "ranges": [TENSION | {"name": "near", "lever": "access", "target": "near"}]}
    )
    (dimension,) = space.dimensions(("BRA",))
    assert dimension.moves(2.0)[0].countries == ("members of BRA", "contiguous to BRA")


@pytest.mark.parametrize("sample", [0, 3, 11])
def test_a_sample_written_and_read_gives_the_same_paths(sample, world, tmp_path):
    space = read_space()
    values = space.sample(16, 2).loc[sample].to_dict()
    scenario = space.scenario(values, name=f"sample-{sample}", start=2024, years=25, seed=2)
    path = tmp_path / "sample.toml"
    path.write_text(scenario_toml(scenario), "utf-8")
    read = load_scenario(path)
    assert read == scenario
    assert_same(apply_scenario(scenario, world)[1], apply_scenario(read, world)[1])


def test_nothing_moved_is_the_baseline(world):
    space = read_space()
    values = space.neutral(3)
    assert values.nunique().eq(1).all()
    moved = space.scenario(values.loc[2].to_dict(), name="none", start=2024, years=25)
    assert isinstance(moved, Scenario)
    assert_same(
        apply_scenario(moved, world)[1],
        apply_scenario(load_scenario("baseline").changed(start=2024, years=25), world)[1],
    )


def test_ranges_without_width_are_neutral():
    space = one_range(least=1.0, most=1.0)
    pd.testing.assert_frame_equal(space.sample(8, 1), space.neutral(8))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"lever": "tensions"}, "'tensions' came; allowed is one lever of outward_propensity"),
        ({"least": 1.5}, "1.5 to 2 came; the value that changes nothing, 1, must be in it"),
        ({"least": 0.0}, "in logarithms it is above 0"),
        ({"least": -1.0, "scale": "linear"}, "`value` -1.0 came; 0 or more is allowed"),
        ({"target": "pole"}, "target `pole` came for lever `tension`"),
        ({"target": "moon"}, "'moon' came"),
        ({"shape": "ramp"}, "a `ramp` needs `last`"),
        ({"most": "high"}, "'high' came"),
        ({"likely": 0.2}, "unknown key"),
    ],
)
def test_a_wrong_range_is_refused_by_file_key_and_what_is_allowed(changes, told, tmp_path):
    with pytest.raises(ScenarioError, match=re.escape(told)) as caught:
        read_space(file_with(tmp_path, **changes))
    assert "ranges.toml" in str(caught.value)


def test_a_file_that_is_none_or_no_toml_is_refused(tmp_path):
    with pytest.raises(ScenarioError, match="Name a TOML file that can be read"):
        read_space(tmp_path / "none.toml")
    path = tmp_path / "bad.toml"
    path.write_text("version = ", "utf-8")
    with pytest.raises(ScenarioError, match="not valid TOML"):
        read_space(path)


def test_a_name_given_twice_is_refused():
    with pytest.raises(ValueError, match="'tension' came twice"):
        Space.model_validate({"version": "t", "ranges": [TENSION, TENSION]})


@pytest.mark.parametrize(("samples", "seed"), [(0, 1), (100_001, 1), (8, -1)])
def test_numbers_of_samples_and_seeds_that_are_not_allowed_are_refused(samples, seed):
    with pytest.raises(ScenarioError, match="Change them"):
        read_space().sample(samples, seed)


@pytest.mark.parametrize("change", [{"tension": None}, {"gravity": 1.0}])
def test_values_that_are_not_those_of_the_dimensions_are_refused(change):
    values = {"tension": 1.0} | change
    kept = {name: value for name, value in values.items() if value is not None}
    with pytest.raises(ScenarioError, match="is missing or no dimension"):
        one_range().scenario(kept, name="one")
