"""Recorded outcomes as arrays, and how likely they are under a set of parameters."""

from __future__ import annotations

from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Key

from orrery.base.errors import NegotiationError
from orrery.negotiation.cases import Case
from orrery.negotiation.forecasts.closed_form import Forecast, forecast
from orrery.negotiation.forecasts.coded import Coded, shape_of
from orrery.negotiation.forecasts.parameters import Parameters

DAYS_A_YEAR = 365.25
SURE = 0.005
"""No chance is taken to be nearer to 0 or 1: the coding itself may be wrong."""
FOREVER = 1e3
"""Years that stand for deadlock where a logarithm is needed."""


class Outcomes(eqx.Module):
    """What is recorded of each case.

    Attributes:
        agreed: whether there was an agreement.
        years: from the beginning to the end, or to the last day known of open talks; a day at least.
        text: the text agreed, 0 to 1; NaN where there is none.
    """

    agreed: Bool[Array, "*case"]
    years: Float[Array, "*case"]
    text: Float[Array, "*case issue"]


def outcomes(cases: Sequence[Case]) -> Outcomes:
    """Return recorded outcomes, issues padded as in `coded`.

    Raises:
        NegotiationError: a case has no outcome.
    """
    text = np.full((len(cases), shape_of(cases)[1]), np.nan)
    agreed, years = [], []
    for row, case in enumerate(cases):
        if case.outcome is None:
            raise NegotiationError(f"case {case.code}: it has no outcome to learn from or be scored by. Leave it out.")
        agreed.append(case.outcome.agreed)
        years.append(max((case.outcome.last_day - case.began).days, 1) / DAYS_A_YEAR)
        known = case.outcome.position or {}
        for column, issue in enumerate(case.issues):
            text[row, column] = known.get(issue.key, np.nan) / 100
    return Outcomes(jnp.array(agreed), jnp.array(years), jnp.array(text))


@eqx.filter_jit
def likelihoods(
    keys: Key[Array, " draw"], one: Coded, outcome: Outcomes, parameters: Parameters
) -> tuple[Float[Array, " set"], Float[Array, " set"]]:
    """Return the log-likelihood of one case's outcome, and its chance of agreement, for each set of parameters.

    Whether there was agreement is a Bernoulli trial; given agreement, its duration is lognormal around the expected
    one and its text normal around the expected one, averaged over the draws of what is uncertain in the coding.
    Issues share one observation: a case weighs the same however many it has.

    Args:
        keys: of the draws, the same for every set.
        one: the case.
        outcome: of the case.
        parameters: sets along the leading axis.
    """

    def of_set(parameters: Parameters) -> tuple[Array, Array]:
        found = jax.vmap(forecast, (0, None, None))(keys, one, parameters)
        chance = found.chance.mean()
        sure = jnp.clip(chance, SURE, 1 - SURE)
        given = _given_agreement(found, outcome, parameters)
        return jnp.where(outcome.agreed, jnp.log(sure) + given, jnp.log1p(-sure)), chance

    return jax.vmap(of_set)(parameters)


def _given_agreement(found: Forecast, outcome: Outcomes, parameters: Parameters) -> Float[Array, ""]:
    """Return the log density of duration and text, draws weighing by their chance of agreement."""
    weight = jax.nn.log_softmax(jnp.log(jnp.maximum(found.chance, 1e-9)))
    years = jnp.where(jnp.isinf(found.years), FOREVER, found.years)
    late = (jnp.log(outcome.years) - jnp.log(years)) / parameters.duration_sd
    known = ~jnp.isnan(outcome.text)
    apart = jnp.where(known, found.text - jnp.where(known, outcome.text, 0.0), 0.0) / parameters.text_sd
    off = (apart**2).sum(-1) / jnp.maximum(known.sum(), 1)
    of_time = jax.nn.logsumexp(weight - late**2 / 2) - jnp.log(parameters.duration_sd)
    of_text = jax.nn.logsumexp(weight - off / 2) - jnp.log(parameters.text_sd)
    return of_time + jnp.where(known.any(), of_text, 0.0)
