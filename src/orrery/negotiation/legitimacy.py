"""Legitimacy of a body or a table, by whom it includes and what it delivers, and its trade-off with speed.

Input legitimacy is representation: what share of the addressed scope the members with effective voice hold, of its
population, capability, stake and countries,

    L_in = mean over q of  sum_{i in scope, voice_i > least} q_i / sum_{i in scope} q_i,
    q = population, capability, stake, 1.

A member with any voice counts whole, since what it is counted for is being heard; how the weights of voice lie beside
those of the scope is reported apart (`Representation.balance`). Output legitimacy is delivery,

    L_out = depth x compliance,

and what a body is believed to be worth moves slowly towards both, `L <- L + r (sqrt(L_in L_out) - L)`: neither makes
up for want of the other. With talks of `K` years, speed is `1 / (1/4 + K)` a year.

Input and output are Scharpf's (1999, Governing in Europe); that both move beliefs, Dellmuth, Scholte & Tallberg (2019,
Review of International Studies 45, 627-646) and Tallberg & Zürn (2019, doi:10.1007/s11558-018-9330-7). No equation ties
legitimacy to speed here: their trade-off is a slope measured over tables (`orrery.negotiation.tradeoff`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from orrery.base.errors import NegotiationError
from orrery.data.panel import Panel
from orrery.negotiation.agreement import SHORTEST

UPDATE_RATE = 0.1
"""Share of the distance to what a body now is that belief in it makes good in a year."""


class Scope(eqx.Module):
    """Whom a matter concerns, and how much of the world each is.

    Attributes:
        population: of each country, in any unit, 0 or more.
        capability: of each country, in any unit, 0 or more.
        stake: what each country has at stake, in any unit, 0 or more.
        addressed: which countries the matter addresses; what the others hold is not looked at.
    """

    population: Float[Array, "*#batch country"]
    capability: Float[Array, "*#batch country"]
    stake: Float[Array, "*#batch country"]
    addressed: Bool[Array, "*#batch country"]


class Representation(eqx.Module):
    """Whom a body represents. NaN where a country addressed has no figure, or the scope holds none of it.

    Attributes:
        population: share of the scope's population that members with effective voice hold, 0 to 1.
        capability: that of its capability.
        stake: that of its stake.
        countries: that of its countries.
        balance: overlap of the shares of voice with the shares of each of the four, in this order:
            `sum_i min(voice share, share of q)`, 1 where voice is in proportion, 0 where those with voice hold nothing.
    """

    population: Float[Array, "*batch"]
    capability: Float[Array, "*batch"]
    stake: Float[Array, "*batch"]
    countries: Float[Array, "*batch"]
    balance: Float[Array, "*batch 4"]

    @property
    def input_legitimacy(self) -> Float[Array, "*batch"]:
        """`L_in`, the mean of the four shares, 0 to 1."""
        return (self.population + self.capability + self.stake + self.countries) / 4


def representation(
    scope: Scope, voice: Float[Array, "*#batch country"], least_voice: float | Float[Array, "*#batch"] = 0.0
) -> Representation:
    """Return whom those with effective voice represent. Every array may have leading axes.

    Args:
        scope: whom the matter concerns.
        voice: share of votes or index of power of each country, 0 or more; 0 for who is no member.
        least_voice: voice above which it is effective. At 0 a dummy, whose vote never decides, has none if voice is
            an index of power.

    Raises:
        NegotiationError: voice for another number of countries than the scope's.
    """
    if voice.shape[-1] != scope.addressed.shape[-1]:
        raise NegotiationError(
            f"`voice`: that of {voice.shape[-1]} countries came; the scope has {scope.addressed.shape[-1]}. "
            "Give one for each, 0 for who is no member."
        )
    return _represented(scope, voice, jnp.asarray(least_voice))


@jax.jit
def _represented(
    scope: Scope, voice: Float[Array, "*#batch country"], least_voice: Float[Array, "*#batch"]
) -> Representation:
    heard = voice > least_voice[..., None]
    in_scope = jnp.where(scope.addressed, voice, 0.0)
    total = in_scope.sum(-1, keepdims=True)
    # Where nobody addressed has voice there is nothing to overlap with, and no division by 0.
    shares_of_voice = in_scope / jnp.where(total > 0, total, 1.0)
    covered, balance = [], []
    for held in (scope.population, scope.capability, scope.stake, jnp.ones_like(scope.population)):
        shares = _shares_within(held, scope.addressed)
        # A product, not a choice: what is missing must show even where nobody is heard.
        covered.append((heard * shares).sum(-1))
        balance.append(jnp.minimum(shares_of_voice, shares).sum(-1))
    return Representation(*covered, balance=jnp.stack(balance, -1))


def _shares_within(
    held: Float[Array, "*#batch country"], addressed: Bool[Array, "*#batch country"]
) -> Float[Array, "*batch country"]:
    counted = jnp.where(addressed, held, 0.0)
    return counted / counted.sum(-1, keepdims=True)


def output_legitimacy(
    depth: float | Float[Array, "*#batch"], compliance: float | Float[Array, "*#batch"]
) -> Float[Array, "*#batch"]:
    """Return `L_out = depth x compliance`, both from 0 to 1."""
    return jnp.asarray(depth) * jnp.asarray(compliance)


def updated_legitimacy(
    legitimacy: float | Float[Array, "*#batch"],
    by_input: float | Float[Array, "*#batch"],
    by_output: float | Float[Array, "*#batch"],
    rate: float | Float[Array, "*#batch"] = UPDATE_RATE,
) -> Float[Array, "*#batch"]:
    """Return legitimacy a year later, `L + rate (sqrt(L_in L_out) - L)`; all from 0 to 1."""
    product = jnp.asarray(by_input) * jnp.asarray(by_output)
    # The inner choice keeps gradients finite at 0.
    mean = jnp.where(product > 0, jnp.sqrt(jnp.where(product > 0, product, 1.0)), product)
    return legitimacy + rate * (mean - legitimacy)


def speed(years: float | Float[Array, "*batch"]) -> Float[Array, "*batch"]:
    """Return agreements a year, `1 / (1/4 + K)`, from the years that talks last: 4 at once, 0 in deadlock."""
    return 1 / (SHORTEST + jnp.asarray(years))


def scope_of(
    panel: Panel,
    countries: Sequence[str],
    year: int,
    *,
    stake: Mapping[str, float],
    capability: str = "capability_gdp",
) -> Scope:
    """Return the scope of a matter that addresses these countries, from a panel.

    Args:
        panel: with `capability_population` and the capability, such as the embedded baseline.
        countries: ISO3 codes of those addressed: the country axis, in this order.
        year: of the figures.
        stake: of each country, 0 or more, in any unit.
        capability: variable of the panel: `capability_gdp` or `capability_cinc`.

    Raises:
        DataError: the panel lacks the year or the capability.
        CountryCodeError: a country that the panel does not know.
        NegotiationError: nobody is addressed, a country has no figure, or a stake is missing or negative.
    """
    if not countries:
        raise NegotiationError("`countries`: none came; name those whom the matter addresses.")
    places = [panel.country_position(code) for code in countries]
    held = {name: panel.values(name, year=year)[places] for name in ("capability_population", capability)}
    for name, values in held.items():
        if np.isnan(values).any():
            lacking = ", ".join(code for code, value in zip(countries, values, strict=True) if np.isnan(value))
            raise NegotiationError(
                f"`countries`: {lacking} came, without `{name}` in {year}. Leave them out, and say so, or choose "
                "another year or capability."
            )
    bad = [code for code in countries if code not in stake or not 0 <= stake[code] < np.inf]
    if bad:
        raise NegotiationError(f"`stake`: {', '.join(bad)} have none that is finite and 0 or more. Give one for each.")
    stakes = np.array([stake[code] for code in countries], float)
    return Scope(
        jnp.asarray(held["capability_population"]),
        jnp.asarray(held[capability]),
        jnp.asarray(stakes),
        jnp.ones(len(countries), bool),
    )


def voice_of(
    countries: Sequence[str], members: Sequence[str], values: Sequence[float] | np.ndarray
) -> Float[Array, " country"]:
    """Return voice on the axis of the countries: each member's value, 0 for who is no member.

    Args:
        countries: ISO3 codes of the axis.
        members: ISO3 codes of the members; those outside the axis are not addressed and drop out.
        values: of each member: its share of votes, or `float` of its index of power.

    Raises:
        NegotiationError: another number of values than of members, or one that is negative or no number.
    """
    if len(values) != len(members):
        raise NegotiationError(f"`values`: {len(values)} came for {len(members)} members; give one for each.")
    given = {code: float(value) for code, value in zip(members, values, strict=True)}
    bad = [f"{code} {value}" for code, value in given.items() if not 0 <= value < np.inf]
    if bad:
        raise NegotiationError(f"`values`: {', '.join(bad)} came; voice is finite and 0 or more.")
    return jnp.asarray([given.get(code, 0.0) for code in countries])
