"""What other models of decision forecast for coded cases, over the same draws of what is uncertain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Key

from orrery.base.keys import named_key
from orrery.negotiation.cases import Case
from orrery.negotiation.forecasts.coded import coded, drawn
from orrery.negotiation.requirements import Requirements
from orrery.negotiation.solutions.problem import Problem
from orrery.negotiation.solutions.registry import predict

N_DRAWS = 200
UNSEEN = 1e-6
"""Salience of an issue that a case does not have, on which everyone stands at the status quo."""


@dataclass(frozen=True)
class RivalForecast:
    """Draws of what a reference solution says of a case.

    Attributes:
        agreement: share of draws in which it says that something is agreed.
        text: by draw.
        binds: by draw; -1 where the solution knows no party that binds.
    """

    agreement: float
    text: Float[np.ndarray, "draw issue"]
    binds: Int[np.ndarray, " draw"]

    def blockers(self, n_parties: int) -> Float[np.ndarray, " party"] | None:
        """Return how often each party binds; None where the solution names none."""
        named = self.binds[self.binds >= 0]
        return None if len(named) == 0 else np.bincount(named, minlength=n_parties)[:n_parties] / len(self.binds)


def rival_forecasts(
    key: Key[Array, ""], cases: Sequence[Case], name: str, n_draws: int = N_DRAWS
) -> list[RivalForecast]:
    """Return what a reference solution says of each case.

    Args:
        key: of draws; the same key gives all solutions the same positions and saliences.
        cases: to forecast.
        name: of the solution (`solutions.registry`).
        n_draws: how many draws.
    """
    arrays = coded(cases)
    found = []
    for row, case in enumerate(cases):
        one = jax.tree.map(lambda array, row=row: array[row], arrays)
        keys = jax.random.split(named_key(named_key(key, case.code), "draws"), n_draws)
        position, salience = jax.vmap(drawn, (0, None))(keys, one)
        size = len(case.parties)
        problem = Problem(
            position=jnp.where(one.issue, position, one.status_quo)[:, :size],
            salience=jnp.where(one.issue, salience, UNSEEN)[:, :size],
            influence=one.influence[:size],
            status_quo=one.status_quo,
            game=Requirements(one.rule.weight[..., :size], one.rule.quota),
        )
        said = predict(name, problem)
        text = np.asarray(said.text)[:, : len(case.issues)]
        found.append(RivalForecast(float(said.agreed.mean()), text, np.asarray(said.binds)))
    return found
