"""What rules of burden look at: the countries as they are, and those among them who share the burden."""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from orrery.base.errors import NegotiationError


class Circumstances(eqx.Module):
    """The countries, all on one axis, and who of them shares the burden.

    A figure that no rule asked for looks at may be left out (`None`). One that is NaN for a country that shares shows
    as NaN in every share; those of countries that do not share matter to the scale of the United Nations alone, which
    looks at the whole membership.

    Attributes:
        sharing: which countries share the burden.
        income: national income, in any unit, above 0.
        population: in any unit, above 0.
        least_developed: which are on the list of least developed countries of the United Nations.
        stake: what each gains from what is paid for, in any unit, 0 or more; the need of each in a game of cost.
        contribution: what each has added to the problem, such as emissions so far, in any unit, 0 or more.
        base_income: income of every country on the axis in each base period of the scale of assessments.
        base_population: population likewise.
        burden: total to be shared, as a share of the joint income of those who share it, from 0 to below 1. At 0 it is
            small beside income: the limit.
    """

    sharing: Bool[Array, "*#batch country"]
    income: Float[Array, "*#batch country"] | None = None
    population: Float[Array, "*#batch country"] | None = None
    least_developed: Bool[Array, "*#batch country"] | None = None
    stake: Float[Array, "*#batch country"] | None = None
    contribution: Float[Array, "*#batch country"] | None = None
    base_income: Float[Array, "*#batch base country"] | None = None
    base_population: Float[Array, "*#batch base country"] | None = None
    burden: float | Float[Array, "*#batch"] = 0.0

    def given(self, name: str) -> Array:
        """Return a figure that a rule needs.

        Raises:
            NegotiationError: it was left out.
        """
        values = getattr(self, name)
        if values is None:
            raise NegotiationError(f"`{name}`: none came, and this rule looks at it. Give one for each country.")
        return values

    def proportional(self, values: Float[Array, "*#batch country"]) -> Float[Array, "*batch country"]:
        """Return shares in proportion to values: 0 for who does not share, 1 in sum over those who do."""
        counted = jnp.where(self.sharing, values, 0.0)
        return counted / counted.sum(-1, keepdims=True)
