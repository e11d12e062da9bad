"""Simulations of which everything is recorded, and worlds made for limits."""

from __future__ import annotations

import dataclasses
from typing import Any, NamedTuple

import jax
import numpy as np
from jaxtyping import Array, Key
from make_bodies import make_bodies

from orrery.base.arrays import AnyArray
from orrery.base.keys import root_key
from orrery.world.bodies import ObservedBodies
from orrery.world.forcing import Forcing, still_forcing
from orrery.world.initial import invert
from orrery.world.observed import Observed
from orrery.world.params import Params
from orrery.world.rule_rows import Alternatives, standing_rules
from orrery.world.simulate import Observer, Trajectory, simulate_draw
from orrery.world.world import Info, Origin, World

N_YEARS = 100
"""Years of every simulation here: one length, so that worlds of one shape share a compiled program."""
KEY = root_key(48)


class Everything(Observer):
    """The whole world at the end of every year."""

    def __call__(self, before: World, after: World, origin: Origin, params: Params, forcing: Forcing) -> Info:
        del before, origin, params, forcing
        return {_name(path): leaf for path, leaf in jax.tree_util.tree_leaves_with_path(after)}


def _name(path: tuple) -> str:
    return "world" + jax.tree_util.keystr(path)


class Watched(NamedTuple):
    """A simulation with its world at the start and at the end of every year (year axis first)."""

    trajectory: Trajectory
    start: World
    origin: Origin
    world: World


_inverted = jax.jit(invert)


def begun(observed: Observed, params: Params, key: Key[Array, ""] = KEY) -> tuple[World, Origin]:
    """Return the first year, in NumPy arrays of double precision."""
    with jax.enable_x64(True):
        found = _inverted(key, *jax.device_put((observed.start(), params)))
    return jax.tree.map(np.asarray, found)


def watched(observed: Observed, params: Params, forcing: Forcing, key: Key[Array, ""] = KEY) -> Watched:
    """Simulate and record everything, in NumPy arrays of double precision; `world` has the first year first."""
    start, origin = begun(observed, params, key)
    with jax.enable_x64(True):
        run = simulate_draw(key, *jax.device_put((observed.start(), params, forcing)), Everything())
    run = jax.tree.map(np.asarray, run)
    leaves, structure = jax.tree_util.tree_flatten_with_path(start)
    joined = [np.concatenate([first[None], run.info.pop(_name(path))]) for path, first in leaves]
    return Watched(run, start, origin, jax.tree.unflatten(structure, joined))


def certain(observed: Observed, **changes: Any) -> Observed:
    """Return the same world with its ideal points known exactly, and other fields changed."""
    return dataclasses.replace(observed, ideal_point_sd=np.zeros(len(observed.countries)), **changes)


def still(observed: Observed, **paths: AnyArray | float) -> Forcing:
    """Return still paths, some of them at other levels in all years."""
    forcing = still_forcing(observed, N_YEARS)
    unknown = paths.keys() - {field.name for field in dataclasses.fields(forcing)}
    assert not unknown, unknown
    # Copies, since some still paths are one and the same array.
    return jax.tree.map(np.array, dataclasses.replace(forcing, **{n: _all(forcing, n, paths[n]) for n in paths}))


def _all(forcing: Forcing, name: str, level: AnyArray | float) -> AnyArray:
    return np.zeros_like(getattr(forcing, name)) + level


def ruled(members: np.ndarray, rules: list[Alternatives], **figures: Any) -> ObservedBodies:
    """Return bodies in being with these members, one rule each, everybody eligible and without organs."""
    n_bodies, n_countries = members.shape
    bodies = make_bodies(n_countries, n_bodies, 0)
    figures = {"formality": np.ones(n_bodies), "depth": np.full(n_bodies, 0.3), **figures}
    return dataclasses.replace(
        bodies,
        member=members,
        eligible=np.ones_like(members),
        rules=standing_rules([(rule,) for rule in rules], n_countries),
        parent=np.full(n_bodies, -1),
        elected=np.zeros(n_bodies, bool),
        **figures,
    )
