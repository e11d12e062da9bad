"""Legitimacy: what bodies are believed to be worth moves towards whom they represent and what they deliver.

Input and output legitimacy are `negotiation.legitimacy` (Scharpf 1999); that belief follows both is assumed, how much
follows from it is not.
"""

from __future__ import annotations

import dataclasses

import jax.numpy as jnp
from jaxtyping import Array, Float

from orrery.negotiation.legitimacy import Scope, output_legitimacy, representation, updated_legitimacy
from orrery.world.bodies import Bodies
from orrery.world.forcing import Forcing
from orrery.world.params import Params
from orrery.world.world import Geography, Info, Origin, World


def by_input(world: World, geography: Geography, bodies: Bodies) -> Float[Array, " body"]:
    """Return `L_in`: what part of those whom a body addresses its members with a vote stand for.

    A body addresses those who may be members; one that is born in the simulation, its members alone.

    The mean over population, capability, stake and number of countries. No figures of stakes exist; each country
    addressed has the same. 0 for bodies without members.
    """
    member = world.institutions.member
    addressed = jnp.where(jnp.asarray(bodies.open_place)[:, None], member > 0, bodies.eligible)
    scope = Scope(
        population=jnp.asarray(geography.population),
        capability=world.capability,
        stake=jnp.ones_like(world.capability),
        addressed=addressed,
    )
    found = representation(scope, member * bodies.votes).input_legitimacy
    return jnp.where(addressed.any(-1) & (world.institutions.in_being > 0), found, 0.0)


def warranted(world: World, origin: Origin) -> tuple[Float[Array, " body"], Float[Array, " body"]]:
    """Return input and output legitimacy of every body as it is now."""
    heard = by_input(world, origin.geography, origin.bodies)
    return heard, output_legitimacy(world.institutions.depth, world.delivery.compliance)


def advance(chance: None, world: World, origin: Origin, params: Params, forcing: Forcing) -> tuple[World, Info]:
    """Advance legitimacy, `L += ρ_L (√(L_in L_out) - L)`."""
    del chance, forcing
    institutions = world.institutions
    heard, done = warranted(world, origin)
    legitimacy = updated_legitimacy(institutions.legitimacy, heard, done, params.legitimacy_adjustment)
    changed = dataclasses.replace(institutions, legitimacy=legitimacy * institutions.in_being)
    return dataclasses.replace(world, institutions=changed, represented=heard), {}
