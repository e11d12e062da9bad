"""Explicit random keys with names, so that adding or reordering a process changes no other stream."""

from __future__ import annotations

import zlib

import jax
from jaxtyping import Array, Key


def root_key(seed: int) -> Key[Array, ""]:
    """Return the key of a whole run. `seed` is any integer from 0 to 2**63 - 1."""
    return jax.random.key(seed)


def named_key(key: Key[Array, ""], name: str) -> Key[Array, ""]:
    """Fold a stable hash (CRC-32) of `name` into `key`.

    Two names give two independent streams, and a name gives the same stream whatever else is drawn, on every
    machine and in every Python (unlike `hash`).
    """
    return jax.random.fold_in(key, zlib.crc32(name.encode()))


def draw_key(key: Key[Array, ""], draw: int) -> Key[Array, ""]:
    """Return the key of draw number `draw`: the first 1,000 draws of 2,000 are the draws of 1,000."""
    return jax.random.fold_in(key, draw)


def year_key(key: Key[Array, ""], year: int | Array) -> Key[Array, ""]:
    """Return the key of one simulated year (calendar year, so that a later start shares its years' shocks)."""
    return jax.random.fold_in(key, year)
