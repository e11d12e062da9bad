"""Synthetic observed worlds, deterministic, so that no test of the world needs data."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from make_bodies import make_bodies

from orrery.world.observed import Observed


def make_observed(
    n_countries: int = 12,
    n_poles: int = 3,
    *,
    composite: bool = False,
    seed: int = 1,
    n_bodies: int = 6,
    n_open: int = 4,
) -> Observed:
    """A world of `n_countries`, the first ones poles; with `composite` the last pole is three of the last countries."""
    rng = np.random.default_rng(seed)
    members = np.zeros((n_poles, n_countries), dtype=bool)
    members[np.arange(n_poles), np.arange(n_poles)] = True
    if composite:
        members[-1] = False
        members[-1, -3:] = True
    capability = rng.pareto(1.2, n_countries) + 0.05
    capability[members.any(0)] += 3 * capability.max()
    latitude, longitude = np.arcsin(rng.uniform(-1, 1, n_countries)), rng.uniform(-np.pi, np.pi, n_countries)
    cosine = np.sin(latitude)[:, None] * np.sin(latitude) + np.cos(latitude)[:, None] * np.cos(latitude) * np.cos(
        longitude[:, None] - longitude
    )
    distance = 6371 * np.arccos(np.clip(cosine, -1, 1)) * ~np.eye(n_countries, dtype=bool)
    rivalry = np.zeros((n_countries, n_countries))
    rivalry[0, 1 % n_countries] = rivalry[1 % n_countries, 0] = float(n_countries > 1)
    neighbours = distance <= np.sort(distance, axis=1)[:, [2]]
    return Observed(
        year=2020,
        countries=tuple(f"C{index:02d}" for index in range(n_countries)),
        poles=tuple(f"P{index}" for index in range(n_poles)),
        pole_members=members,
        capability=capability / capability.sum(),
        capability_growth=rng.normal(0.0, 0.02, n_countries),
        ideal_point=rng.normal(0.0, 0.9, n_countries),
        ideal_point_sd=np.full(n_countries, 0.09),
        development=rng.normal(0.0, 0.8, n_countries),
        portfolio=rng.dirichlet(np.r_[3.0, np.ones(n_poles)], n_countries),
        bodies=make_bodies(n_countries, n_bodies, n_open, seed),
        rivalry=rivalry,
        openness=rng.permutation(n_countries) / max(n_countries - 1, 1),
        population=rng.pareto(1.2, n_countries) + 0.05,
        distance_km=distance,
        contiguous=(neighbours | neighbours.T) & ~np.eye(n_countries, dtype=bool),
        outward_propensity=np.full(n_poles, 0.1),
        connectedness=0.6,
        connectedness_growth=0.002,
        connectedness_average=0.58,
        region=tuple(f"R{index % 4}" for index in range(n_countries)),
    )


@pytest.fixture(scope="session")
def observed_world() -> Callable[..., Observed]:
    """The factory of synthetic worlds."""
    return make_observed
