"""What moved portfolios since the first year: contributions of the terms of utility that add up to the whole change.

In a year a portfolio moves part of the way to what is wanted, `a ← a + s (softmax(u) - a)`, and the inversion sees to
it that `softmax(u_0) = a_0`. With `u = u_0 + Σ_k Δu_k`, `softmax(u) - a_0` is divided among the terms `k` by
integrating the gradient along the straight path from `u_0` to `u`, the rule of Aumann and Shapley (1974),

`g_k = ∫_0^1 J(u_0 + τ Σ_l Δu_l) Δu_k dτ`, `J` the Jacobian of softmax.

What a term has contributed then fades and grows as the portfolio itself does, `C_k ← (1 - s) C_k + s g_k`, so that
`Σ_k C_k(t) = a(t) - a_0` for every option and year. All is computed in double precision.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int

from orrery.base.arrays import AnyArray
from orrery.world.forcing import Forcing
from orrery.world.params import Params
from orrery.world.phases import alignment
from orrery.world.simulate import Observer
from orrery.world.world import Info, Origin, World

TERMS: dict[str, str] = {
    "supply": "supply",
    "coercion": "coercion",
    "positions": "ideal points",
    "rivalry": "ideal points, tension",
    "reliability": "compliance, domestic",
    "own shares": "alignment",
    "shares of rivals": "alignment",
}
"""The terms, with the phases that move them. The last two are the portfolio's answer to itself."""

NODES = 64
"""Of Gauss-Legendre quadrature along the path: exact to rounding where utilities change by up to 20 utils."""

_DIRECT = ("supply", "coercion", "positions", "reliability", "own shares")
_REST = ", rest"


class AlignmentPath(NamedTuple):
    """What alignment saw and did in every year, in double precision.

    Attributes:
        terms: utils of each of `_DIRECT` in the year.
        first_terms: the same in the first year.
        demand: `ε_p h_pq`, what a share given to `q` costs at `p`, in the year.
        first_demand: the same in the first year.
        speed: part of the way to the wanted portfolio that is gone in the year.
        portfolio: shares at the end of every year, the first year included.
    """

    terms: Float[np.ndarray, "*draw year country term pole"]
    first_terms: Float[np.ndarray, "*draw country term pole"]
    demand: Float[np.ndarray, "*draw year pole pole"]
    first_demand: Float[np.ndarray, "*draw pole pole"]
    speed: Float[np.ndarray, "*draw year country"]
    portfolio: Float[np.ndarray, "*draw stock_year country option"]


class AlignmentRecord(Observer):
    """Records what the alignment of some countries is made of in every year; `alignment_path` reads it.

    An ensemble is kept in single precision. A value is therefore recorded as two numbers of single precision, itself
    and the rest, whose sum has 48 significant bits.
    """

    country: Int[AnyArray, " chosen"]
    """The countries, as positions on the country axis."""

    def __call__(self, before: World, after: World, origin: Origin, params: Params, forcing: Forcing) -> Info:
        """Return the terms, demands, speed and portfolios of the year, and those of the world before it."""
        # Alignment comes after capabilities, supply and coercion of its year, and before all that moves the rest.
        during = dataclasses.replace(before, capability=after.capability, supply=after.supply, coercion=after.coercion)
        neutral = params.exclusivity * jnp.ones_like(origin.geography.outward_propensity)
        speed = alignment.pace(during, origin, params, forcing)
        values = {
            **self._felt(during, origin, params, params.exclusivity * forcing.exclusivity, ""),
            **self._felt(before, origin, params, neutral, " before"),
            "alignment speed": speed[self.country],
            "alignment portfolio": after.portfolio[self.country],
            "alignment portfolio before": before.portfolio[self.country],
        }
        return {name: part for key, value in values.items() for name, part in _in_two(key, value)}

    def _felt(self, world: World, origin: Origin, params: Params, exclusivity: AnyArray, when: str) -> Info:
        unit, geography = origin.anchors.resource_unit, origin.geography
        terms = alignment.structural_terms(world, geography, params, unit, exclusivity)
        reliability = alignment.reliability(world, origin, params)
        terms["reliability"] = jnp.broadcast_to(reliability, world.supply.shape)
        return {
            f"alignment terms{when}": jnp.stack([terms[name][self.country] for name in _DIRECT], axis=-2),
            f"alignment demand{when}": exclusivity[:, None] * alignment.hostility(world, geography, params),
        }


def alignment_path(info: Mapping[str, np.ndarray]) -> AlignmentPath:
    """Return what an `AlignmentRecord` left in the info of an ensemble.

    Before the first simulated year the world is that of the inversion: what was recorded then is the first year's.
    """

    def both(name: str) -> np.ndarray:
        return np.asarray(info[name], np.float64) + np.asarray(info[name + _REST], np.float64)

    first, later = both("alignment portfolio before")[..., :1, :, :], both("alignment portfolio")
    return AlignmentPath(
        terms=both("alignment terms"),
        first_terms=both("alignment terms before")[..., 0, :, :, :],
        demand=both("alignment demand"),
        first_demand=both("alignment demand before")[..., 0, :, :],
        speed=both("alignment speed"),
        portfolio=np.concatenate([first, later], axis=-3),
    )


def contributions(path: AlignmentPath) -> Float[np.ndarray, "*draw year country term option"]:
    """Return what each of `TERMS` has contributed to each share since the first year, at the end of every year.

    Over the terms they add up to the change of the portfolio, over the options to 0.
    """
    changes = utility_changes(path)
    first = np.broadcast_to(path.portfolio[..., :1, :, :], (*changes.shape[:-2], path.portfolio.shape[-1]))
    return accumulated(divided(first, changes), path.speed)


def utility_changes(path: AlignmentPath) -> Float[np.ndarray, "*draw year country all_terms pole"]:
    """Return by how many utils each of `TERMS` has changed since the first year when a year's portfolio is chosen.

    What rivals cost is a product of demands `E = ε h` and shares: its change is `ΔE ā` (`rivalry`) and `Ē Δa` (`shares
    of rivals`), a bar being the mean of the first year and the present one.
    """
    direct = np.moveaxis(path.terms - path.first_terms[..., None, :, :, :], -2, 0)
    first, now = path.portfolio[..., :1, :, 1:], path.portfolio[..., :-1, :, 1:]
    asked_first, asked = path.first_demand[..., None, :, :], path.demand
    changed: dict[str, np.ndarray] = {
        **dict(zip(_DIRECT, direct, strict=True)),
        "rivalry": -np.einsum("...pq,...iq->...ip", asked - asked_first, (now + first) / 2),
        "shares of rivals": -np.einsum("...pq,...iq->...ip", (asked + asked_first) / 2, now - first),
    }
    return np.stack([changed[name] for name in TERMS], axis=-2)


def divided(
    first: Float[np.ndarray, "*row option"], changes: Float[np.ndarray, "*row all_terms pole"]
) -> Float[np.ndarray, "*row all_terms option"]:
    """Divide `softmax(u_0 + Σ_k Δu_k) - softmax(u_0)` among the terms by integration along the straight path.

    Args:
        first: `softmax(u_0)`, the portfolio where nothing has changed.
        changes: `Δu_k` of every pole, in utils; that of non-alignment is 0.

    Returns:
        The parts. The remainder that rounding leaves is shared out in proportion to their sizes, so that they add up; a
        term that changes nothing gets exactly 0.
    """
    whole = np.concatenate([np.zeros((*changes.shape[:-1], 1)), changes], axis=-1)
    total = whole.sum(-2)
    parts = np.zeros_like(whole)
    for node, weight in zip(*np.polynomial.legendre.leggauss(NODES), strict=True):
        shares = _moved(first, (node + 1) / 2 * total)[..., None, :]
        parts += weight / 2 * shares * (whole - (shares * whole).sum(-1, keepdims=True))
    remainder = _moved(first, total) - first - parts.sum(-2)
    sizes = np.abs(parts).sum(-1)
    most = sizes.sum(-1, keepdims=True)
    return parts + (sizes / np.where(most > 0, most, 1.0))[..., None] * remainder[..., None, :]


def accumulated(
    parts: Float[np.ndarray, "*draw year country all_terms option"], speed: Float[np.ndarray, "*draw year country"]
) -> Float[np.ndarray, "*draw year country all_terms option"]:
    """Return the contributions at the end of every year, `C_k ← C_k + s (g_k - C_k)` from 0."""
    held, years = np.zeros_like(parts[..., 0, :, :, :]), []
    for year in range(parts.shape[-4]):
        held = held + speed[..., year, :, None, None] * (parts[..., year, :, :, :] - held)
        years.append(held)
    return np.stack(years, axis=-4)


def _moved(
    first: Float[np.ndarray, "*row option"], change: Float[np.ndarray, "*row option"]
) -> Float[np.ndarray, "*row option"]:
    """Return `softmax(ln first + change)`; a share of 0 stays 0."""
    weight = first * np.exp(change - change.max(-1, keepdims=True))
    return weight / weight.sum(-1, keepdims=True)


def _in_two(name: str, value: AnyArray) -> tuple[tuple[str, AnyArray], tuple[str, AnyArray]]:
    """Return a value as its nearest number of single precision and the rest."""
    # Not a cast there and back, which a compiler may leave out.
    near = jax.lax.reduce_precision(jnp.asarray(value), exponent_bits=8, mantissa_bits=23)
    return (name, near), (name + _REST, value - near)
