"""Explicit random keys with names, so that adding or reordering a process changes no other stream."""

from __future__ import annotations

import zlib
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key, UInt32


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


class TableBits(NamedTuple):
    """Random bits of the rows and of the columns of a table; see `uniform_table`."""

    row: UInt32[Array, "*axes row"]
    column: UInt32[Array, "*axes column"]


def table_bits(key: Key[Array, ""], n_rows: int, n_columns: int) -> TableBits:
    """Return 32 random bits for each row and each column of a table."""
    bits = jax.random.bits(key, (n_rows + n_columns,), jnp.uint32)
    return TableBits(bits[:n_rows], bits[n_rows:])


def uniform_table(bits: TableBits) -> Float[Array, "row column"]:
    """Return uniform numbers of single precision, from 0 to below 1, for a table in which rare events are drawn.

    A cell mixes the sum of the bits of its row and its column by the finaliser of MurmurHash3 (Appleby 2011), which
    takes far less time than as many counters of the generator itself. A cell depends on the key of the bits and its
    place alone.
    """
    mixed = bits.row[:, None] + bits.column
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        mixed = (mixed ^ (mixed >> shift)) * jnp.uint32(factor)
    mixed ^= mixed >> 16
    return (mixed >> 8).astype(jnp.float32) * jnp.float32(2**-24)
