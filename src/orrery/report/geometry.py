"""The world map: its projection, its shipped outlines and the dots of countries too small to see.

Outlines are a TopoJSON file (`world_map.json`, written by `tools/build_world_map.py`) whose coordinates are already
projected, so that drawing a map is only joining arcs. What is drawn how is written in `docs/maps.md`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, TypeAlias

import numpy as np
from jaxtyping import Float

CENTRAL_MERIDIAN = 11.0
"""Degrees east; the seam at 169 W runs through the Bering Strait and cuts no country in two."""

SOUTH, NORTH = -56.5, 83.7
"""Degrees of latitude shown: all land but Antarctica."""

MEMBER, TERRITORY, DISPUTED = "member", "territory", "disputed"
"""What a unit of the map is: a UN member, another territory, or a unit whose status is disputed."""

Line: TypeAlias = Float[np.ndarray, "_ 2"]
"""Points in order, in map units."""
Ring: TypeAlias = Float[np.ndarray, "_ 2"]
"""One closed line; the last point repeats the first."""

_A = (1.340264, -0.081106, 0.000893, 0.003796)


def equal_earth(
    longitude: Float[np.ndarray, "*points"], latitude: Float[np.ndarray, "*points"]
) -> tuple[Float[np.ndarray, "*points"], Float[np.ndarray, "*points"]]:
    """Project degrees to Equal Earth `x, y` on the unit sphere: areas on the map are areas on the globe.

    `sin t = sqrt(3)/2 sin(latitude)`, `y = A4 t^9 + A3 t^7 + A2 t^3 + A1 t`,
    `x = 2 sqrt(3) l cos t / (3 dy/dt)` with `l` the longitude from `CENTRAL_MERIDIAN`.
    Source: Savric, Patterson and Jenny (2018), doi:10.1080/13658816.2018.1504949.
    """
    turned = np.radians((longitude - CENTRAL_MERIDIAN + 180.0) % 360.0 - 180.0)
    return project(turned, latitude)


def project(
    turned: Float[np.ndarray, "*points"], latitude: Float[np.ndarray, "*points"]
) -> tuple[Float[np.ndarray, "*points"], Float[np.ndarray, "*points"]]:
    """Project with the longitude already counted in radians from the central meridian (it may pass the seam)."""
    a1, a2, a3, a4 = _A
    t = np.arcsin(np.sqrt(3) / 2 * np.sin(np.radians(latitude)))
    slope = 9 * a4 * t**8 + 7 * a3 * t**6 + 3 * a2 * t**2 + a1
    x = 2 * np.sqrt(3) * turned * np.cos(t) / (3 * slope)
    y = a4 * t**9 + a3 * t**7 + a2 * t**3 + a1 * t
    return x, y


@dataclass(frozen=True)
class Unit:
    """One piece of the map.

    Attributes:
        code: ISO 3166 alpha-3 code, or the map source's own code where ISO has none.
        name: its short name in the map source.
        status: `MEMBER`, `TERRITORY` or `DISPUTED`.
        polygons: each an outer ring followed by its holes, in map units.
        area: on the unit sphere (the whole sphere is `4 pi`).
    """

    code: str
    name: str
    status: str
    polygons: tuple[tuple[Ring, ...], ...]
    area: float


@dataclass(frozen=True)
class WorldMap:
    """All units by code, the boundary lines that are drawn dashed, and where the outlines come from."""

    units: Mapping[str, Unit]
    dashed: tuple[Line, ...]
    provenance: Mapping[str, str]


@cache
def load_world_map() -> WorldMap:
    """Read the shipped outlines once."""
    topology = json.loads(files("orrery.report").joinpath("world_map.json").read_text(encoding="utf-8"))
    arcs = decode_arcs(topology)
    units = {}
    for geometry in topology["objects"]["units"]["geometries"]:
        polygons = tuple(tuple(join_arcs(ring, arcs) for ring in polygon) for polygon in geometry["arcs"])
        area = float(sum(abs(signed_area(polygon[0])) for polygon in polygons))
        properties = geometry["properties"]
        units[geometry["id"]] = Unit(geometry["id"], properties["name"], properties["status"], polygons, area)
    dashed = tuple(join_arcs(line, arcs) for line in topology["objects"]["dashed"]["arcs"])
    return WorldMap(units, dashed, topology["provenance"])


def decode_arcs(topology: Mapping[str, Any]) -> list[Line]:
    """Return the arcs of a quantised TopoJSON: running sums of the steps, times the scale, plus the translation."""
    scale, translate = (np.array(topology["transform"][key], dtype=float) for key in ("scale", "translate"))
    return [np.cumsum(np.array(arc, dtype=float), axis=0) * scale + translate for arc in topology["arcs"]]


def join_arcs(indices: Sequence[int], arcs: Sequence[Line]) -> Ring:
    """Join the arcs of a ring; `~i` (negative) means arc `i` backwards, as TopoJSON has it."""
    pieces = [arcs[index] if index >= 0 else arcs[~index][::-1] for index in indices]
    return np.concatenate([pieces[0], *(piece[1:] for piece in pieces[1:])])


def signed_area(ring: Ring) -> float:
    """Return the area within a closed ring (shoelace), positive where it runs counter-clockwise."""
    x, y = ring.T
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]) / 2)


def sea_outline() -> Ring:
    """Return the edge of the part of the globe that is shown."""
    latitudes = np.linspace(SOUTH, NORTH, 60)
    east_x, y = project(np.full(60, np.pi), latitudes)
    east, west = np.stack([east_x, y], axis=1), np.stack([-east_x, y], axis=1)
    return np.concatenate([east, west[::-1], east[:1]])


def spread_dots(centres: Float[np.ndarray, "dot 2"], gap: float, *, rounds: int = 200) -> Float[np.ndarray, "dot 2"]:
    """Move dots apart until no two centres are nearer than `gap`, or `rounds` are over; each moves little.

    Every round pushes each pair that is too near apart along the line between them, half each. The result depends
    on nothing random; dots that coincide are parted along x in their order.
    """
    moved = centres.astype(float).copy()
    for _ in range(rounds):
        offset = moved[:, None] - moved[None, :]
        distance = np.hypot(offset[..., 0], offset[..., 1])
        near = (distance < gap * (1 - 1e-6)) & ~np.eye(len(moved), dtype=bool)
        if not near.any():
            break
        order = np.sign(np.arange(len(moved))[:, None] - np.arange(len(moved))[None, :])
        coincide = distance == 0
        direction = np.where(coincide[..., None], np.stack([order, 0 * order], axis=-1), offset)
        length = np.where(coincide, 1.0, distance)
        push = np.where(near, (gap - distance) / 2, 0.0)
        moved += (direction / length[..., None] * push[..., None]).sum(axis=1)
    return moved
