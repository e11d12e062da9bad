"""How densely countries are bound together by the bodies they share, weighted with the bodies' authority.

    J_ij = sum_m g_m B_im B_jm / J_0,   g_m = d_m (g_0 + (1 - g_0) f_m),

`J_0` being the mean over pairs in the first year. The matrix is never built where products with it are enough: it is
`B' diag(g) B`, and there are few bodies.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Float, Int

from orrery.world.params import Params
from orrery.world.world import AnyArray, Geography, Institutions, Origin, World

LEAST_SHARED = 1e-3
"""Mean shared authority below which there are no bodies to speak of: a floor of denominators."""


STRIP = 49
"""Countries of a strip."""
PRODUCT = 7
"""Densities whose product has one logarithm: that of densities below 10^5 is a number in single precision."""


def authority(institutions: Institutions, params: Params) -> Float[AnyArray, " body"]:
    """Return `g_m = d_m (g_0 + (1 - g_0) f_m)`, what members have bound themselves to; 0 for bodies not in being."""
    informal = params.informal_authority
    return institutions.in_being * institutions.depth * (informal + (1 - informal) * institutions.formality)


def commitments(institutions: Institutions, params: Params) -> Float[AnyArray, " country"]:
    """Return `sum_m g_m B_im`, the authority of the bodies that each country is a member of."""
    return authority(institutions, params) @ institutions.member


def mean_shared(institutions: Institutions, params: Params) -> Float[AnyArray, ""]:
    """Return the mean over pairs of countries of the authority of the bodies they share."""
    n_countries = institutions.member.shape[1]
    held = institutions.member.sum(-1)
    pairs = authority(institutions, params) @ (held**2 - held)
    return jnp.asarray(pairs / max(n_countries * (n_countries - 1), 1))


def unit(origin: Origin) -> Float[AnyArray, ""]:
    """Return the shared authority that is density 1; the floor where the first year had no bodies."""
    return jnp.maximum(origin.anchors.shared, LEAST_SHARED)


def with_poles(
    world: World, geography: Geography, params: Params, shared: Float[AnyArray, ""]
) -> Float[AnyArray, "country pole"]:
    """Return the density of each country with each pole: capability-weighted mean over its members but the country.

    A country that is a pole by itself has no other member to share memberships with: 0.

    Args:
        world: the world.
        geography: for the poles.
        params: the parameters.
        shared: the shared authority that is density 1 (`unit`).
    """
    weights = geography.pole_members * world.capability
    others = weights.sum(-1)[None, :] - weights.T
    somebody = others > 1e-6 * weights.sum(-1)
    member, held = world.institutions.member, authority(world.institutions, params)
    through = member.T @ (held[:, None] * (member @ weights.T)) - (held @ member)[:, None] * weights.T
    return jnp.where(somebody, through, 0.0) / (jnp.where(somebody, others, 1.0) * shared)


def of_pairs(
    institutions: Institutions, params: Params, pairs: Int[AnyArray, "2 pair"], shared: Float[AnyArray, ""]
) -> Float[AnyArray, " pair"]:
    """Return the density of pairs of countries; see `with_poles` for `shared`."""
    by_country = institutions.member.T
    return (by_country[pairs[0]] * by_country[pairs[1]]) @ authority(institutions, params) / shared


def between_poles(
    world: World, geography: Geography, params: Params, shared: Float[AnyArray, ""]
) -> Float[AnyArray, "pole pole"]:
    """Return the density of pairs of poles: capability-weighted means over their members; see `with_poles`."""
    weights = geography.pole_members * world.capability
    weights = weights / weights.sum(-1, keepdims=True)
    sits = world.institutions.member @ weights.T
    return sits.T @ (authority(world.institutions, params)[:, None] * sits) / shared


def fellow_members(
    institutions: Institutions, params: Params, values: Float[AnyArray, " country"]
) -> tuple[Float[AnyArray, " country"], Float[AnyArray, " country"]]:
    """Return `sum_j J_ij v_j` and `sum_j J_ij` over the other countries, in units of shared authority."""
    member, held = institutions.member, authority(institutions, params)
    own = held @ member
    return (held * (member @ values)) @ member - own * values, (held * member.sum(-1)) @ member - own


def mean_log(institutions: Institutions, params: Params, shared: Float[AnyArray, ""]) -> Float[AnyArray, ""]:
    """Return the mean of `ln(1 + J_ij)` over pairs of countries, to single precision: it is looked at, not fed back.

    Each pair is counted once: countries in strips, a strip against itself and those after it. One logarithm is taken of
    the product of a few `1 + J_ij`, which is several times faster and far from the largest number there is.
    """
    member = institutions.member.astype(jnp.float32)
    weighted = (authority(institutions, params) / shared).astype(jnp.float32)[:, None] * member
    n_countries = member.shape[1]
    total = jnp.zeros((), jnp.result_type(float))
    for first in range(0, n_countries, STRIP):
        strip = slice(first, first + STRIP)
        density = weighted[:, strip].T @ member[:, first:]
        own = density[:, : density.shape[0]]
        total += 2 * _sum_of_logs(density) - _sum_of_logs(own) - _sum_of_logs(jnp.diagonal(own)[None])
    return total / max(n_countries * (n_countries - 1), 1)


def _sum_of_logs(density: Float[AnyArray, "row column"]) -> Float[AnyArray, ""]:
    """Return the sum of `ln(1 + J)`, of double precision where it is on."""
    over = -density.shape[0] % PRODUCT
    factors = jnp.pad(1 + density, ((0, over), (0, 0)), constant_values=1.0)
    products = factors.reshape(-1, PRODUCT, density.shape[1]).prod(1)
    return jnp.log(products).sum(dtype=jnp.result_type(float))
