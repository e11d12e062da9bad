"""The forecast of one case by what the other cases teach: in closed form and round by round."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Key

from orrery.base.keys import named_key
from orrery.negotiation.bargaining.setting import Conduct, Setting
from orrery.negotiation.bargaining.talks import Talks, talk
from orrery.negotiation.cases import Case
from orrery.negotiation.forecasts.closed_form import (
    forecast,
    pace_of,
    rivalry_of,
    stake_of,
)
from orrery.negotiation.forecasts.coded import Coded, coded, drawn
from orrery.negotiation.forecasts.learned import Learned
from orrery.negotiation.forecasts.parameters import Parameters

N_DRAWS = 1_000
MEDIATION = 0.05
BOLDNESS = 0.5
"""What the rounds have beyond the closed form is judged, not learned."""


@dataclass(frozen=True)
class Prediction:
    """Draws of how a case ends; parameters, positions, saliences and stake differ from draw to draw.

    Attributes:
        chance: of agreement within the horizon.
        years: until agreement where there is one; infinite in deadlock.
        text: agreed, on the issues of the case.
        binds: place of the party whose consent is needed last.
        spread: of a text around the one predicted.
        duration_spread: the same of the logarithm of a duration.
    """

    chance: Float[np.ndarray, " draw"]
    years: Float[np.ndarray, " draw"]
    text: Float[np.ndarray, "draw issue"]
    binds: Int[np.ndarray, " draw"]
    spread: Float[np.ndarray, " draw"]
    duration_spread: Float[np.ndarray, " draw"]

    @property
    def agreement(self) -> float:
        """The probability of agreement within the horizon."""
        return float(self.chance.mean())

    def blockers(self, n_parties: int) -> Float[np.ndarray, " party"]:
        """Return how often each party's consent is needed last."""
        return np.bincount(self.binds[self.binds >= 0], minlength=n_parties)[:n_parties] / len(self.binds)

    def texts(self, key: Key[Array, ""]) -> Float[np.ndarray, "draw issue"]:
        """Return draws of the text that is agreed if there is agreement, with what the model leaves unexplained."""
        first, second = jax.random.split(key)
        rows = self._agreeing(first)
        noise = np.asarray(jax.random.normal(second, self.text.shape))
        return np.clip(self.text[rows] + self.spread[rows, None] * noise, 0, 1)

    def durations(self, key: Key[Array, ""]) -> Float[np.ndarray, " draw"]:
        """Return draws of the years until agreement if there is agreement, with what is left unexplained."""
        first, second = jax.random.split(key)
        rows = self._agreeing(first)
        noise = np.asarray(jax.random.normal(second, self.years.shape))
        return self.years[rows] * np.exp(self.duration_spread[rows] * noise)

    def _agreeing(self, key: Key[Array, ""]) -> Int[np.ndarray, " draw"]:
        """Return rows, as often as they are likely to agree; all alike if none is."""
        chance = self.chance if self.chance.sum() > 0 else np.ones_like(self.chance)
        years = np.where(np.isinf(self.years), 0, chance)
        likely = years if years.sum() > 0 else chance
        return np.asarray(jax.random.choice(key, len(likely), likely.shape, p=jnp.asarray(likely / likely.sum())))


def predict(
    key: Key[Array, ""], case: Case, learned: Learned, n_draws: int = N_DRAWS, *, rounds: bool = False
) -> Prediction:
    """Return the forecast of a case by what the cases of other groups teach. Its outcome is not read.

    Args:
        key: of draws; the same key gives paired draws for both engines.
        case: one of those learned from, or a new one.
        learned: what cases teach.
        n_draws: how many draws.
        rounds: whether to play the talks round by round; in closed form otherwise.
    """
    draws = draws_of(key, case, learned, n_draws)
    if rounds:
        played = play(*draws)
        found = played.chance, played.talks.years, played.talks.text, played.talks.held_out
    else:
        found = _closed(*draws)
    chance, years, text, binds = (np.asarray(each) for each in found)
    parameters = draws.parameters
    spread, late = np.asarray(parameters.text_sd), np.asarray(parameters.duration_sd)
    return Prediction(chance, years, text[:, : len(case.issues)], binds, spread, late)


class Draws(NamedTuple):
    """What the draws of a forecast start from.

    Attributes:
        keys: of positions, saliences and stake.
        one: the case.
        parameters: a set for each draw, from what the cases of other groups teach.
    """

    keys: Key[Array, " draw"]
    one: Coded
    parameters: Parameters


def draws_of(key: Key[Array, ""], case: Case, learned: Learned, n_draws: int) -> Draws:
    """Return what `predict` plays out: both engines are given the same draws."""
    own = named_key(key, case.code)
    one = jax.tree.map(lambda array: array[0], coded([case]))
    parameters = learned.drawn(named_key(own, "parameters"), n_draws, without=case.matter)
    return Draws(jax.random.split(named_key(own, "draws"), n_draws), one, parameters)


@eqx.filter_jit
def _closed(keys: Key[Array, " draw"], one: Coded, parameters: Parameters) -> tuple[Array, Array, Array, Array]:
    found = jax.vmap(forecast, (0, None, 0))(keys, one, parameters)
    return found.chance, found.years, found.text, found.binds


class Played(NamedTuple):
    """Draws of a case played round by round.

    Attributes:
        setting: what each started from.
        talks: how each went.
        chance: that each ends in agreement within its horizon, ratification included.
    """

    setting: Setting
    talks: Talks
    chance: Float[Array, " draw"]


@eqx.filter_jit
def play(keys: Key[Array, " draw"], one: Coded, parameters: Parameters) -> Played:
    """Play draws of one case round by round (`draws_of`)."""

    def play_one(key: Key[Array, ""], parameters: Parameters) -> Played:
        setting, conduct, horizon = setting_of(key, one, parameters)
        ended = talk(setting, conduct, one.rule)
        years = jnp.where(ended.agreed, ended.years, 1.0)
        chance = jnp.where(ended.agreed, -jnp.expm1(-horizon / years) * ended.ratification, 0.0)
        return Played(setting, ended, chance)

    return jax.vmap(play_one)(keys, parameters)


def talks_of(key: Key[Array, ""], one: Coded, parameters: Parameters) -> tuple[Talks, Float[Array, ""]]:
    """Play one draw of a case round by round; with the horizon by which it must succeed.

    The key decides what it decides in the closed form (`closed_form.forecast`).
    """
    setting, conduct, horizon = setting_of(key, one, parameters)
    return talk(setting, conduct, one.rule), horizon


def setting_of(key: Key[Array, ""], one: Coded, parameters: Parameters) -> tuple[Setting, Conduct, Float[Array, ""]]:
    """Return what one draw of a case starts from, how its parties conduct themselves, and the horizon."""
    first, second = jax.random.split(key)
    position, salience = drawn(first, one)
    salience = salience.at[:, 0].add(jnp.where(one.seated, 0.0, 1.0))
    pace, horizon = pace_of(one, parameters)
    n_parties = len(one.seated)
    setting = Setting(
        position=position,
        salience=salience,
        influence=one.influence,
        status_quo=one.status_quo,
        on_table=one.on_table,
        extra=rivalry_of(one, parameters),
        reservation=jnp.zeros(n_parties),
        ratifies=one.ratifies,
        leader=one.leader,
        may_leave=one.may_leave,
        may_package=one.linkage > 0,
        seated=one.seated,
    )
    conduct = Conduct(
        stake=stake_of(one, parameters, jax.random.normal(second)),
        relief=parameters.relief,
        linkage=parameters.linkage * one.linkage,
        concession=pace,
        boldness=jnp.asarray(BOLDNESS),
        mediation=jnp.asarray(MEDIATION),
        leadership=parameters.leadership,
    )
    return setting, conduct, horizon
