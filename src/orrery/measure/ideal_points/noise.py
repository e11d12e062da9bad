"""Random numbers of which a sweep needs one per vote, made several times faster than by the general generator.

Uniform numbers are a hash of their place and of three words drawn from the key, so that each depends on the key and
its place alone. The hash is pcg4d of Jarzynski & Olano (2020, Journal of Computer Graphics Techniques 9(3), 20-38): a
linear congruential step and two rounds that mix four words. It is made for simulation by counters, as here, and not
for secrets. Everything of which there are few (items, positions) draws from the general generator.

`below` and `quantile` turn unit normals into them and back, in single precision and without losing digits in the lower
tail.
"""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key, UInt32

MULTIPLIER, INCREMENT = 1664525, 1013904223
"""Of the linear congruential step (Press et al. 1992, section 7.1)."""

NEAR = (
    2.81022636e-08,
    3.43273939e-07,
    -3.5233877e-06,
    -4.39150654e-06,
    0.00021858087,
    -0.00125372503,
    -0.00417768164,
    0.246640727,
    1.50140941,
)
FAR = (
    -0.000200214257,
    0.000100950558,
    0.00134934322,
    -0.00367342844,
    0.00573950773,
    -0.0076224613,
    0.00943887047,
    1.00167406,
    2.83297682,
)
"""Coefficients of Giles (2010, in GPU Computing Gems Jade, ch. 10, single precision), highest power first."""
FURTHEST = 16.0
"""`-log(4 p (1 - p))` up to which these hold; `p` is about 3e-8 there."""

LOWER_TAIL = (
    0.038377841127133355,
    -0.1691641342087225,
    0.22865639103793348,
    -0.07650267953060394,
    0.1425331707863467,
    0.09468442081136437,
    0.12192013652048878,
    0.11948771481306657,
    7.167508289634972e-06,
)
"""Coefficients of `below`, highest power first: fitted to 6e-8 between 0 and 14 (relative, least largest error)."""
BEND = 0.3


def uniforms(key: Key[Array, ""], shape: tuple[int, ...]) -> Float[Array, "*place"]:
    """Return numbers strictly between 0 and 1, one of 2^24 equally spaced values each."""
    place = jnp.arange(math.prod(shape), dtype=jnp.uint32).reshape(shape)
    bits = mixed(place, *jax.random.bits(key, (3,), jnp.uint32))[3] >> 8
    return (bits.astype(jnp.float32) + 0.5) * jnp.float32(2**-24)


def mixed(
    x: UInt32[Array, "*place"], y: UInt32[Array, ""], z: UInt32[Array, ""], w: UInt32[Array, ""]
) -> tuple[UInt32[Array, "*place"], ...]:
    """Return the hash of four words at every place: four words."""
    x, y, z, w = (word * jnp.uint32(MULTIPLIER) + jnp.uint32(INCREMENT) for word in (x, y, z, w))
    x, y, z, w = (word ^ (word >> 16) for word in _round(x, y, z, w))
    return _round(x, y, z, w)


def _round(
    x: UInt32[Array, "*place"], y: UInt32[Array, "..."], z: UInt32[Array, "..."], w: UInt32[Array, "..."]
) -> tuple[UInt32[Array, "*place"], ...]:
    x = x + y * w
    y = y + z * x
    z = z + x * y
    return x, y, z, w + y * z


def below(x: Float[Array, "*place"]) -> Float[Array, "*place"]:
    """Return the unit normal's probability below `x`, to a relative error of 4e-6 down to 1e-30, 6e-7 above -4.

        exp(-x^2 / 2) P(1 / (1 + 0.3 |x|)) below 0, one less that of -x above,

    P a polynomial (the form of Hastings 1955, Approximations for Digital Computers, sheets 43-46, with coefficients of
    our own): `jax.scipy.special.ndtr` in less than half its time.
    """
    distance = jnp.abs(x)
    tail = jnp.exp(-0.5 * distance * distance) * _polynomial(LOWER_TAIL, 1 / (1 + BEND * distance))
    return jnp.where(x > 0, 1 - tail, tail)


def quantile(p: Float[Array, "*place"]) -> Float[Array, "*place"]:
    """Return the unit normal's quantile of `p`, for `p` from 1e-30 up to the largest number below 1.

    Giles (2010) to a relative error of 1e-6; below 3e-8, where that ends, the tail's expansion (Abramowitz & Stegun
    1964, 26.2.12, inverted) to 1e-3.
    """
    distance = -jnp.log(4 * p * (1 - p))
    near, far = _polynomial(NEAR, distance - 2.5), _polynomial(FAR, jnp.sqrt(distance) - 3)
    body = jnp.where(distance < 5, near, far) * (2 * p - 1) * math.sqrt(2)
    doubled = 2 * jnp.maximum(distance, FURTHEST) + 2 * math.log(4)
    square = doubled - jnp.log(2 * math.pi * doubled)
    tail = -jnp.sqrt(doubled - jnp.log(2 * math.pi * square) - 2 / square)
    return jnp.where(distance < FURTHEST, body, tail)


def _polynomial(coefficients: tuple[float, ...], x: Float[Array, "*place"]) -> Float[Array, "*place"]:
    value = jnp.full(x.shape, coefficients[0], x.dtype)
    for coefficient in coefficients[1:]:
        value = coefficient + value * x
    return value
