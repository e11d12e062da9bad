from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
from make_bodies import nothing_in_being, permuted

from orrery.base.errors import ScenarioError, SimulationError
from orrery.world.forcing import check_forcing, no_change_forcing, still_forcing
from orrery.world.observed import Observed
from orrery.world.params import Params


def changed(array: np.ndarray, where: tuple[int, ...], value: float) -> np.ndarray:
    copy = array.copy()
    copy[where] = value
    return copy


FAULTS: dict[str, tuple[Callable[[Observed], dict], str]] = {
    "unknown ideal point": (
        lambda o: {"ideal_point": changed(o.ideal_point, (3,), np.nan)},
        "`ideal_point`: nan at C03",
    ),
    "unknown share": (lambda o: {"portfolio": changed(o.portfolio, (4, 2), np.nan)}, "`portfolio`: nan at C04, P1"),
    "shares over 1": (lambda o: {"portfolio": o.portfolio * 2}, "`portfolio`.*rows with sum 1"),
    "negative share": (
        lambda o: {"portfolio": o.portfolio + np.r_[-1.0, 1.0, np.zeros(len(o.poles) - 1)]},
        "`portfolio`.*at least 0",
    ),
    "capability not shares": (lambda o: {"capability": o.capability * 3}, "`capability`.*sum 1"),
    "no capability": (lambda o: {"capability": changed(o.capability, (5,), 0.0)}, "`capability`.*above 0"),
    "negative sd": (lambda o: {"ideal_point_sd": -o.ideal_point_sd}, "`ideal_point_sd`"),
    "bodies of others": (
        lambda o: {"bodies": permuted(o.bodies, np.arange(12)[::-1])},
        "`bodies`",
    ),
    "rivalry unknown": (lambda o: {"rivalry": changed(o.rivalry, (2, 3), np.nan)}, "`rivalry`: nan at C02, C03"),
    "openness in per cent": (lambda o: {"openness": o.openness * 100}, "`openness`"),
    "nobody lives there": (lambda o: {"population": changed(o.population, (5,), 0.0)}, "`population`"),
    "wrong shape": (lambda o: {"development": o.development[:-1]}, r"`development`: shape \(11,\)"),
    "per cent": (lambda o: {"connectedness": 60.0}, "`connectedness`: 60"),
    "no outward supply": (lambda o: {"outward_propensity": np.zeros(len(o.poles))}, "`outward_propensity`"),
    "negative distance": (lambda o: {"distance_km": o.distance_km - 1.0}, "`distance_km`"),
    "no member": (
        lambda o: {"pole_members": o.pole_members & (np.arange(len(o.poles)) > 0)[:, None]},
        "`pole_members`: no member of P0",
    ),
    "two poles": (
        lambda o: {"pole_members": o.pole_members | (np.arange(12) == 11)},
        "`pole_members`: C11 in several poles",
    ),
    "same name": (lambda o: {"countries": ("C01", *o.countries[1:])}, "`countries`: C01 twice"),
    "regions": (lambda o: {"region": ("R0",)}, "`region`: 1 names"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_observation_is_refused(fault: str, observed_world: Callable[..., Observed]) -> None:
    observed = observed_world()
    change, complaint = FAULTS[fault]
    # Changed past the type checker of the tests, which would see a wrong shape first.
    faulty = copy.copy(observed)
    for field, value in change(observed).items():
        object.__setattr__(faulty, field, value)
    with pytest.raises(SimulationError, match=complaint):
        faulty.__post_init__()


def test_every_country_a_pole_is_refused(observed_world: Callable[..., Observed]) -> None:
    with pytest.raises(SimulationError, match="a pole for every country"):
        observed_world(4, 4)


def test_relevant_dyads_are_neighbours_or_have_a_country_pole(observed_world: Callable[..., Observed]) -> None:
    observed = observed_world(12, 3, composite=True)
    dyads = observed.relevant_dyads()
    assert not np.tril(dyads).any()
    assert dyads[0, 1:].all()
    assert dyads[1, 2:].all()
    assert (dyads[2:, 2:] == np.triu(observed.contiguous[2:, 2:], 1)).all()
    assert observed.is_country_pole.tolist() == [True, True] + [False] * 10


def test_the_composite_pole_reaches_from_its_nearest_member(observed_world: Callable[..., Observed]) -> None:
    observed = observed_world(12, 3, composite=True)
    geography = observed.start().geography
    assert np.array_equal(geography.distance_km[:, 2], observed.distance_km[:, -3:].min(1))
    assert np.array_equal(geography.distance_km[:, 0], observed.distance_km[:, 0])
    assert np.array_equal(geography.proximity_contiguous[:, 2], observed.contiguous[:, -3:].any(1))


def test_growth_fades_in_the_no_change_path(observed_world: Callable[..., Observed]) -> None:
    observed = observed_world()
    forcing = no_change_forcing(observed, 30, Params.central().override({"growth_fading_years": 5.0}))
    np.testing.assert_allclose(forcing.capability_growth[4], observed.capability_growth / np.e)
    assert forcing.year.tolist() == list(range(2021, 2051))
    check_forcing(forcing, observed)


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        ("exclusivity", -np.ones((5, 3)), "`exclusivity`: -1 came"),
        ("exclusivity", np.ones(5), r"`exclusivity`: shape \(5,\) came; \(5, 3\) is expected"),
        ("access", -np.ones((5, 12, 3)), "`access`: -1 came"),
        ("guarantee", np.full((5, 12, 3), 1.5), "`guarantee`: 1.5 came; it is from 0 to 1"),
        ("membership", np.full((5, 10, 12), 2, np.int8), "`membership`: 2 came for C00 in BODY-0"),
        ("membership", np.ones((5, 10, 12), np.int8), "may not be a member"),
        ("founding", np.eye(5, 10, dtype=np.int8), "`founding`: BODY-0 is in being"),
        ("founding", 2 * np.eye(5, 10, dtype=np.int8), "`founding`: it is 1 in the year"),
        ("rule_version", np.ones((5, 10), np.int64), "`rule_version`: 1 came for BODY-0"),
        ("tension", np.full(5, np.inf), "`tension`: a value is not finite"),
        ("connectedness_shock", np.zeros(4), r"`connectedness_shock`: shape \(4,\) came; \(5,\) is expected"),
        ("year", np.arange(5), "`year`.*2021 to 2025"),
    ],
)
def test_a_faulty_path_is_refused(
    path: str, value: np.ndarray, complaint: str, observed_world: Callable[..., Observed]
) -> None:
    observed = observed_world()
    forcing = still_forcing(observed, 5)
    # Built past the shape check of the tests, as a program without it would.
    object.__setattr__(forcing, path, value)
    with pytest.raises(ScenarioError, match=complaint):
        check_forcing(forcing, observed)


def test_no_year_is_no_simulation(observed_world: Callable[..., Observed]) -> None:
    with pytest.raises(ScenarioError, match="at least 1 year"):
        still_forcing(observed_world(), 0)


def test_a_body_is_founded_once(observed_world: Callable[..., Observed]) -> None:
    observed = observed_world()
    waiting = dataclasses.replace(observed, bodies=nothing_in_being(observed.bodies))
    once = np.zeros((5, 10), np.int8)
    once[2, 0] = 1
    check_forcing(dataclasses.replace(still_forcing(waiting, 5), founding=once), waiting)
    twice = once | np.roll(once, 1, axis=0)
    with pytest.raises(ScenarioError, match="BODY-0 is founded in several years"):
        check_forcing(dataclasses.replace(still_forcing(waiting, 5), founding=twice), waiting)


def test_rivals_are_pairs_in_either_order(observed_world: Callable[..., Observed]) -> None:
    observed = observed_world()
    one_way = np.zeros((12, 12))
    one_way[7, 4] = 1
    geography = dataclasses.replace(observed, rivalry=one_way).start().geography
    assert geography.rival_countries.tolist() == [4, 7]
    assert geography.rivalry.tolist() == [[0, 1], [1, 0]]
    assert geography.rival_place[[4, 7, 0]].tolist() == [0, 1, 2]
