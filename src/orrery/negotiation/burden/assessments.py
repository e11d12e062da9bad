"""The scale of assessments of the United Nations: income, relief for low income per head, and limits, in steps.

Of every base period (the income and population of the members, averaged over three and over six years):

1. income less an eighth of external debt, where debt is given (the debt is taken to be repaid in eight years);
2. shares of its sum, `s_i`;
3. relief for low income per head: with `r_i` income per head relative to that of all members together, a member with
   `r_i < 1` is let off the part `g (1 - r_i)` of its share, `g = 0.8`; what that leaves goes to the members at or above
   the average, the one at the ceiling excepted, in proportion to their shares;
4. no less than the floor, 0.001 %, the others but the one at the ceiling paying less in proportion;
5. no more than 0.01 % for a least developed country, the others but the one at the ceiling paying more;
6. no more than the ceiling, 22 %, all those paying more in proportion that no limit holds.

Where a later step makes a member break a limit, the steps 4 to 6 are taken again, those once set to a limit staying
there, until all limits hold. The scale is the mean over the base periods. The Organization rounds it to 0.001 %.

Elements (a) to (h) of General Assembly resolution 55/5 B (2000), reaffirmed since, for 2022-2024 by resolution 76/238
and for 2025-2027 by 79/249; the steps follow the reports of the Committee on Contributions (A/76/11, annex). What this
does not have: conversion rates other than those in the figures, and agreed exceptions.
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from orrery.base.errors import NegotiationError
from orrery.negotiation.burden.circumstances import Circumstances


class Methodology(eqx.Module):
    """The numbers of the method; as they are, those of resolution 55/5 B.

    Attributes:
        ceiling: most that a member pays, as a share of all.
        floor: least that it pays.
        least_developed_ceiling: most that a least developed country pays.
        gradient: `g`, what part of the distance to the average income per head a member is let off.
        debt_years: years in which external debt is taken to be repaid.
    """

    ceiling: float = 0.22
    floor: float = 0.00001
    least_developed_ceiling: float = 0.0001
    gradient: float = 0.8
    debt_years: float = 8.0


RESOLUTION_55_5 = Methodology()


class Limits(eqx.Module):
    """Which members a limit holds: the floor, the ceiling of the least developed, the ceiling."""

    floor: Bool[Array, " country"]
    least_developed: Bool[Array, " country"]
    ceiling: Bool[Array, " country"]

    @property
    def any_holds(self) -> Bool[Array, " country"]:
        """Whether one of them does."""
        return self.floor | self.least_developed | self.ceiling


def by_assessment(
    circumstances: Circumstances, methodology: Methodology = RESOLUTION_55_5
) -> Float[Array, "*batch country"]:
    """Return the shares of those who share in the scale of the whole membership, brought to sum 1.

    Args:
        circumstances: every country on the axis is a member; with `base_income`, `base_population` and
            `least_developed`.
        methodology: the numbers of the method.

    Raises:
        NegotiationError: a figure did not come, or so few members that the limits cannot hold together.
    """
    names = ("base_income", "base_population", "least_developed")
    income, population, least_developed = (circumstances.given(name) for name in names)
    scale = scale_of_assessments(income, population, least_developed[..., None, :], methodology=methodology)
    return circumstances.proportional(scale.mean(-2))


def scale_of_assessments(
    income: Float[Array, "*#batch country"],
    population: Float[Array, "*#batch country"],
    least_developed: Bool[Array, "*#batch country"],
    *,
    debt: Float[Array, "*#batch country"] | None = None,
    methodology: Methodology = RESOLUTION_55_5,
) -> Float[Array, "*batch country"]:
    """Return the scale of one base period: shares of all members, 1 in sum; see the module.

    Args:
        income: gross national income of each member, in one currency.
        population: of each member.
        least_developed: which are on the list of least developed countries.
        debt: external debt of the members that the adjustment is for, in the currency of income, 0 for the others;
            no adjustment without it.
        methodology: the numbers of the method.

    Returns:
        Shares; NaN where a figure is missing, or the limits cannot hold together.

    Raises:
        NegotiationError: so few members that all at the ceiling pay less than everything, or so many that all at the
            floor pay more.
    """
    n = income.shape[-1]
    if n * methodology.ceiling < 1 or n * methodology.floor > 1:
        raise NegotiationError(
            f"`income`: {n} members came; with a ceiling of {methodology.ceiling:.3%} and a floor of "
            f"{methodology.floor:.3%} their shares cannot sum to 1. Give the whole membership."
        )
    owed = jnp.zeros_like(income) if debt is None else debt
    adjusted = income - owed / methodology.debt_years

    return _scales(adjusted, population, least_developed, methodology)


@eqx.filter_jit
def _scales(
    adjusted: Float[Array, "*#batch country"],
    population: Float[Array, "*#batch country"],
    least_developed: Bool[Array, "*#batch country"],
    methodology: Methodology,
) -> Float[Array, "*batch country"]:
    def one(
        incomes: Float[Array, " country"], persons: Float[Array, " country"], least: Bool[Array, " country"]
    ) -> Float[Array, " country"]:
        shares = incomes / incomes.sum()
        above_ceiling = shares > methodology.ceiling
        relieved = _relieved(shares, persons, above_ceiling, methodology.gradient)
        return _limited(relieved, above_ceiling, least, methodology)

    return jnp.vectorize(one, signature="(n),(n),(n)->(n)")(adjusted, population, least_developed)


def _relieved(
    shares: Float[Array, " country"],
    persons: Float[Array, " country"],
    above_ceiling: Bool[Array, " country"],
    gradient: float,
) -> Float[Array, " country"]:
    """Return shares after the relief for low income per head."""
    relative = shares / (persons / persons.sum())
    let_off = jnp.where(relative < 1, gradient * (1 - relative), 0.0) * shares
    richer = relative >= 1
    # With nobody else at or above the average, those at the ceiling take what is let off.
    payers = richer & (~above_ceiling | ~(richer & ~above_ceiling).any())
    paying = jnp.where(payers, shares, 0.0)
    return shares - let_off + let_off.sum() * paying / jnp.where(paying.sum() > 0, paying.sum(), 1.0)


def _limited(
    shares: Float[Array, " country"],
    above_ceiling: Bool[Array, " country"],
    least_developed: Bool[Array, " country"],
    methodology: Methodology,
) -> Float[Array, " country"]:
    """Take the steps 4 to 6 until every limit holds."""

    def broken(state: tuple[Array, Limits]) -> Limits:
        now, held = state
        return Limits(
            (now < methodology.floor) & ~held.any_holds,
            least_developed & (now > methodology.least_developed_ceiling) & ~held.any_holds,
            (now > methodology.ceiling) & ~held.any_holds,
        )

    def taken_once(state: tuple[Array, Limits]) -> tuple[Array, Limits]:
        now, held = state
        low = broken((now, held)).floor
        held = Limits(held.floor | low, held.least_developed, held.ceiling)
        now = _set(now, methodology.floor, low, ~held.any_holds & ~above_ceiling)
        poor = broken((now, held)).least_developed
        held = Limits(held.floor, held.least_developed | poor, held.ceiling)
        now = _set(now, methodology.least_developed_ceiling, poor, ~held.any_holds & ~above_ceiling)
        high = broken((now, held)).ceiling
        held = Limits(held.floor, held.least_developed, held.ceiling | high)
        return _set(now, methodology.ceiling, high, ~held.any_holds), held

    nobody = jnp.zeros(shares.shape, bool)
    start = (shares, Limits(nobody, nobody, nobody))
    return jax.lax.while_loop(lambda state: broken(state).any_holds.any(), taken_once, start)[0]


def _set(
    shares: Float[Array, " country"], limit: float, members: Bool[Array, " country"], others: Bool[Array, " country"]
) -> Float[Array, " country"]:
    """Set members to a limit; the others take up the difference in proportion (NaN where there are none)."""
    difference = jnp.where(members, shares - limit, 0.0).sum()
    carried = jnp.where(others, shares, 0.0)
    spread = jnp.where(difference == 0, 0.0, difference / carried.sum() * carried)
    return jnp.where(members, limit, shares + spread)
