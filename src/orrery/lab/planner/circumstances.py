"""What a country's choice of portfolio depends on, year by year: recorded from simulations, free of the choice itself.

Every year of every draw gives the utility of each pole apart from coercion, the terms in which shares given to poles
cost one another, and what coercion by each pole would be at any under-delivery. A portfolio can then be valued, and its
stability examined, without running the simulation again. The phases of the model are called for all of it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Key

from orrery.base.arrays import AnyArray
from orrery.base.keys import draw_key
from orrery.world import density
from orrery.world.forcing import Forcing, one_year, still_forcing
from orrery.world.initial import invert
from orrery.world.observed import Observed, Start
from orrery.world.params import Params
from orrery.world.phases import alignment
from orrery.world.phases.coercion import coercion, kept_away, proximity
from orrery.world.phases.supply import patron_share
from orrery.world.simulate import Observer
from orrery.world.world import Info, Origin, World

PREFIX = "circumstances: "
"""Opens the names under which an observer records the fields of `Circumstances`."""


class Circumstances(eqx.Module):
    """What one country chooses under, in one year or, with leading axes, in many."""

    base: Float[AnyArray, "*axes pole"]
    """Utility of each pole apart from coercion and from what shares given cost, `v_p - c_p`, in utils."""
    diversification: Float[AnyArray, "*axes"]
    """`λ`."""
    exclusivity: Float[AnyArray, "*axes pole"]
    """`ε_p` of the year, levers included."""
    hostility: Float[AnyArray, "*axes pole pole"]
    """`h_pq`, symmetric, in utils."""
    reach: Float[AnyArray, "*axes pole"]
    """`T prox_ip`: coercion at its largest."""
    log_odds: Float[AnyArray, "*axes pole"]
    """Log odds of coercion without under-delivery."""
    steepness: Float[AnyArray, "*axes pole"]
    """Log odds of coercion per share of under-delivery."""
    patron_share: Float[AnyArray, "*axes pole"]
    """`s_ip`, each pole's share of what the country is supplied with."""
    sanctions: Float[AnyArray, "*axes pole"]
    """Coercion that a scenario adds."""
    let_through: Float[AnyArray, "*axes pole"]
    """Part of coercion that the guarantees of other poles let through."""
    intensity: Float[AnyArray, "*axes pole"]
    """`b_ip / (k_i r_0)`, what is supplied for the country's size."""
    resource_appeal: Float[AnyArray, "*axes"]
    """`β_b`."""

    def __getitem__(self, index: object) -> Circumstances:
        """Return part of the circumstances, indexed along the leading axes."""
        return jax.tree.map(lambda leaf: leaf[index], self)


def circumstances(
    country: Int[AnyArray, ""], world: World, origin: Origin, params: Params, forcing: Forcing
) -> Circumstances:
    """Return what `country` chooses under in a world as the alignment phase finds it.

    Log odds of coercion are linear in under-delivery, so that two calls of the phase's function, at none and at all,
    pin them down.

    Args:
        country: its place on the country axis; not a country-pole.
        world: stocks of the year's beginning, capability and supply of the year itself.
        origin: what the first year fixed.
        params: the parameters.
        forcing: the paths of the year.
    """
    geography, anchors = origin.geography, origin.anchors
    unit, nothing = density.unit(origin), jnp.zeros_like(world.supply)
    bare = dataclasses.replace(world, portfolio=jnp.zeros_like(world.portfolio), coercion=nothing)
    exclusivity = params.exclusivity * forcing.exclusivity
    base = anchors.appeal + alignment.structural_utility(bare, geography, params, anchors.resource_unit, exclusivity)
    reach = (world.tension * proximity(geography, params))[country]

    def log_odds(undelivered: Array) -> Array:
        part = coercion(world, geography, params, undelivered, unit)[country] / reach
        return jnp.log(part) - jnp.log1p(-part)

    delivered, undelivered = log_odds(nothing), log_odds(nothing + 1)
    return Circumstances(
        base=(base + alignment.reliability(world, origin, params))[country],
        diversification=jnp.asarray(params.diversification),
        exclusivity=exclusivity,
        hostility=alignment.hostility(world, geography, params),
        reach=reach,
        log_odds=delivered,
        steepness=undelivered - delivered,
        patron_share=patron_share(world.supply, anchors.negligible_supply)[country],
        sanctions=jnp.asarray(forcing.pressure)[country],
        let_through=kept_away(jnp.asarray(forcing.guarantee))[country],
        intensity=world.supply[country] / (world.capability[country] * anchors.resource_unit),
        resource_appeal=jnp.asarray(params.resource_appeal),
    )


class CircumstancesObserver(Observer):
    """Records the circumstances of one country in every year."""

    country: Int[AnyArray, ""]

    def __call__(self, before: World, after: World, origin: Origin, params: Params, forcing: Forcing) -> Info:
        """Return the fields of `Circumstances` by name, as the year's alignment phase met them."""
        met = dataclasses.replace(before, capability=after.capability, supply=after.supply)
        seen = circumstances(self.country, met, origin, params, forcing)
        return {PREFIX + field.name: getattr(seen, field.name) for field in dataclasses.fields(seen)}


def recorded(info: Mapping[str, np.ndarray]) -> Circumstances:
    """Return the circumstances `[draw, year]` that an ensemble's observer recorded, in double precision."""
    names = [field.name for field in dataclasses.fields(Circumstances)]
    return Circumstances(**{name: np.asarray(info[PREFIX + name], np.float64) for name in names})


def first_year(
    key: Key[Array, ""], observed: Observed, country: int, draws: range, params: Mapping[str, np.ndarray]
) -> tuple[Circumstances, Float[np.ndarray, "draw option"]]:
    """Return the circumstances of a country in the first year, and its portfolio, which is their fixed point.

    Args:
        key: of the ensemble.
        observed: the world of the first year.
        country: its place on the country axis.
        draws: numbers of the draws.
        params: the parameters of those draws by name, `[draw]`.
    """
    quiet = one_year(still_forcing(observed, 1), 0)
    found = []
    with jax.enable_x64(True):
        start, place = jax.device_put((observed.start(), np.asarray(country)))
        for position, draw in enumerate(draws):
            values = jax.device_put(Params(**{name: float(column[position]) for name, column in params.items()}))
            found.append(_first_year(draw_key(key, draw), start, values, place, quiet))
    return jax.tree.map(lambda *leaves: np.stack([np.asarray(leaf) for leaf in leaves]), *found)


@jax.jit
def _first_year(
    key: Key[Array, ""], start: Start, params: Params, country: Int[AnyArray, ""], forcing: Forcing
) -> tuple[Circumstances, Float[AnyArray, " option"]]:
    world, origin = invert(key, start, params)
    return circumstances(country, world, origin, params, forcing), world.portfolio[country]
