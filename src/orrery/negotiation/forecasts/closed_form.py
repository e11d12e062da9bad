"""Forecasts of coded cases by the closed form: chance of agreement, text, duration, who binds."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, Key

from orrery.negotiation.agreement import SHORTEST, Agreement, Table, Terms, agree
from orrery.negotiation.forecasts.coded import Coded, drawn
from orrery.negotiation.forecasts.parameters import Parameters

STAKE_SD = 0.4
"""How uncertain the stake of a single case is beyond its level, in logarithms."""
LEFT = -1e6
"""Distance that takes a party that has left out of the way."""
MOST_LEAVE = 0.5
"""Talks do not go on if parties leave that hold more of the influence than this."""


class Forecast(NamedTuple):
    """What one draw of a case comes to.

    Attributes:
        chance: of agreement within the horizon.
        years: expected duration until agreement; infinite in deadlock.
        text: the text.
        binds: place of the party whose consent is needed last.
        acceptability: `phi` of every party.
    """

    chance: Float[Array, "*draw"]
    years: Float[Array, "*draw"]
    text: Float[Array, "*draw issue"]
    binds: Int[Array, "*draw"]
    acceptability: Float[Array, "*draw party"]


def stake_of(one: Coded, parameters: Parameters, shock: Float[Array, ""]) -> Float[Array, ""]:
    """Return the stake of a case: the common one times what its level and kind of commitment make of it."""
    factor = jnp.where(one.is_text, parameters.text_stake, 1.0) * jnp.where(one.is_force, parameters.force_stake, 1.0)
    return parameters.stake * parameters.stake_step**one.stake * factor * jnp.exp(STAKE_SD * shock)


def pace_of(one: Coded, parameters: Parameters) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """Return rate of concession and horizon: urgency quickens the one and shortens the other by the same factor."""
    factor = parameters.urgency_step**one.urgency
    return parameters.concession * factor, parameters.horizon / factor


def rivalry_of(one: Coded, parameters: Parameters) -> Float[Array, " party"]:
    """Return what rivals at the table add to each party's distance."""
    return parameters.rivalry * (one.rivals * one.influence).sum(-1)


def forecast(key: Key[Array, ""], one: Coded, parameters: Parameters) -> Forecast:
    """Return the forecast of one draw of one case under one set of parameters.

    The key decides positions, saliences and the shock of the stake: the same key gives paired forecasts.
    """
    first, second = jax.random.split(key)
    position, salience = drawn(first, one)
    # Parties that are not there care about the first issue, so that nothing is divided by zero.
    salience = salience.at[:, 0].add(jnp.where(one.seated, 0.0, 1.0))
    shock = jax.random.normal(second)
    pace, horizon = pace_of(one, parameters)
    terms = Terms(
        stake_of(one, parameters, shock),
        parameters.linkage * one.linkage,
        pace,
        parameters.leadership,
        one.leader,
    )
    rivalry = rivalry_of(one, parameters)

    def settle(on_table: Bool[Array, " issue"], stays: Bool[Array, " party"]) -> Agreement:
        return agree(_table(one, (position, salience, rivalry, parameters.relief), on_table, stays), terms, one.rule)

    best = settle(one.on_table, one.seated)
    packaged = settle(jnp.ones_like(one.on_table), one.seated)
    best = _better(best, packaged, (~one.on_table & one.issue).any() & (one.linkage > 0))
    on_table = one.on_table | (one.linkage > 0)
    leaves = one.seated & (best.acceptability <= 0) & (jnp.arange(len(one.seated)) != one.leader)
    without = settle(on_table, one.seated & ~leaves)
    goes_on = one.may_leave & ((leaves * one.influence).sum() <= MOST_LEAVE)
    last = _better(best, without, goes_on)
    years = SHORTEST + last.years
    chance = jnp.where(last.agreed, -jnp.expm1(-horizon / jnp.where(last.agreed, years, 1.0)), 0.0)
    return Forecast(chance, years, last.text, best.binds, best.acceptability)


def _table(
    one: Coded,
    drawn_here: tuple[Array, Array, Array, Array],
    on_table: Bool[Array, " issue"],
    stays: Bool[Array, " party"],
) -> Table:
    """Return the table of those that stay, with the issues that are on it."""
    position, salience, rivalry, relief = drawn_here
    weight = salience / salience.sum(-1, keepdims=True)
    from_quo = weight * (position - one.status_quo) ** 2
    extra = jnp.where(on_table, -relief * from_quo, from_quo).sum(-1) + rivalry
    # What is off the table adds what is unmet to the distance and nothing to the text.
    seen = jnp.where(on_table, position, one.status_quo)
    influence = jnp.where(stays, one.influence, 0.0)
    return Table(seen, salience, influence, extra=jnp.where(stays, extra, LEFT))


def _better(first: Agreement, second: Agreement, allowed: Bool[Array, ""]) -> Agreement:
    """Return the second where it is allowed and more acceptable."""
    taken = allowed & (second.linked > first.linked)
    return jax.tree.map(lambda one, other: jnp.where(taken, other, one), first, second)
