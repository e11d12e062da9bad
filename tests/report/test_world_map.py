"""The projection, the shipped outlines and the dots: reference values, shared borders, and who is on the map."""

from __future__ import annotations

import json
from datetime import date
from importlib.resources import files
from pathlib import Path as FilePath

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.path import Path

from orrery.data.countries import country, un_members
from orrery.report.geometry import (
    CENTRAL_MERIDIAN,
    DISPUTED,
    MEMBER,
    Unit,
    equal_earth,
    load_world_map,
    sea_outline,
    signed_area,
    spread_dots,
)


def shows(unit: Unit, longitude: float, latitude: float) -> bool:
    x, y = equal_earth(np.array([longitude]), np.array([latitude]))
    place = (float(x[0]), float(y[0]))
    return any(
        Path(rings[0]).contains_point(place) and not any(Path(hole).contains_point(place) for hole in rings[1:])
        for rings in unit.polygons
    )


def test_equal_earth_matches_published_extent():
    # Savric, Patterson and Jenny (2018): the map is 2.05458 times as wide as high, the poles 0.59247 of the equator.
    edge, middle = np.array([CENTRAL_MERIDIAN + 179.999999]), np.array([CENTRAL_MERIDIAN])
    width = equal_earth(edge, np.array([0.0]))[0][0]
    height = equal_earth(middle, np.array([90.0]))[1][0]
    pole = equal_earth(edge, np.array([90.0]))[0][0]
    assert width / height == pytest.approx(2.05458, abs=1e-5)
    assert pole / width == pytest.approx(0.59247, abs=1e-4)


@given(st.floats(-179, 170), st.floats(-80, 79))
def test_equal_earth_keeps_areas(longitude: float, latitude: float):
    step = 1e-3
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]) * step
    start = (longitude - CENTRAL_MERIDIAN + 180) % 360
    if start > 359:
        return
    x, y = equal_earth(longitude + corners[:, 0], latitude + corners[:, 1])
    on_sphere = np.radians(step) * (np.sin(np.radians(latitude + step)) - np.sin(np.radians(latitude)))
    # The published polynomial is equal-area up to its rounded coefficients.
    assert signed_area(np.stack([x, y], axis=1)) == pytest.approx(on_sphere, rel=1e-3)


def test_all_members_and_no_one_else_is_a_member():
    members = {unit.code for unit in load_world_map().units.values() if unit.status == MEMBER}
    assert members == set(un_members(date(2024, 1, 1)))
    assert all(np.isfinite([country(code).latitude, country(code).longitude]).all() for code in members)


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ((34.1, 45.1), "UKR"),
        ((-13.0, 24.5), "ESH"),
        ((45.0, 9.6), "SOL"),
        ((21.0, 42.6), "XKX"),
        ((121.0, 23.7), "TWN"),
        ((35.2, 32.0), "PSE"),
        ((147.9, 45.0), "KUR"),
        ((134.0, -25.0), "AUS"),
        ((-40.0, 72.0), "GRL"),
        ((28.2, -29.5), "LSO"),
        ((177.5, 67.0), "RUS"),
        ((-173.0, 65.8), "RUS"),
        ((-155.5, 19.6), "USA"),
        ((71.4, 51.2), "KAZ"),
    ],
)
def test_places_are_in_one_unit(place: tuple[float, float], code: str):
    assert [unit.code for unit in load_world_map().units.values() if shows(unit, *place)] == [code]


def test_disputed_units_have_dashed_borders():
    world = load_world_map()
    disputed = {unit.code for unit in world.units.values() if unit.status == DISPUTED}
    assert disputed == {"CYN", "ESH", "FLK", "KAS", "KUR", "PSE", "SGS", "SOL", "TWN", "XKX"}
    dashed = {tuple(point) for line in world.dashed for point in line.round(6)}
    for code in ("ESH", "XKX", "SOL"):
        border = {tuple(point) for rings in world.units[code].polygons for point in rings[0].round(6)}
        assert border <= dashed


def test_areas_are_true():
    # Areas in km2 from the UN Demographic Yearbook; the earth's radius is 6,371 km.
    for code, area in {"KAZ": 2_724_900, "BRA": 8_515_767, "FRA": 551_500 + 83_534, "MNG": 1_564_116}.items():
        assert load_world_map().units[code].area * 6371**2 == pytest.approx(area, rel=0.03)


def test_outlines_lie_within_the_sea_and_are_small():
    world, (east, north) = load_world_map(), sea_outline().max(axis=0)
    for unit in world.units.values():
        for rings in unit.polygons:
            for ring in rings:
                assert (ring[0] == ring[-1]).all()
                assert np.abs(ring[:, 0]).max() <= east + 0.02
                assert ring[:, 1].max() <= north + 0.01
    shipped = FilePath(str(files("orrery.report").joinpath("world_map.json")))
    assert shipped.stat().st_size < 200_000
    provenance = json.loads(shipped.read_text("utf-8"))["provenance"]
    assert "Natural Earth" in provenance["producer"]
    assert len(provenance["sha256"]) == 64


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=1, max_size=25))
def test_dots_end_apart(places: list[tuple[int, int]]):
    centres = np.array(places, dtype=float) / 10
    moved = spread_dots(centres, 0.05, rounds=2000)
    distance = np.hypot(*(moved[:, None] - moved[None, :]).transpose(2, 0, 1)) + 10 * np.eye(len(moved))
    assert distance.min() >= 0.05 * 0.98


def test_dots_already_apart_stay():
    centres = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    assert (spread_dots(centres, 0.5) == centres).all()
