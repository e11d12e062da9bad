"""Random proposers: stationary equilibrium on candidate texts (Baron & Ferejohn 1989; Banks & Duggan 2000).

In each period a party is drawn to propose, party j with chance `pi_j`. A candidate `x` passes if those with
`u_i(x) >= (1 - delta) u_i(q) + delta v_i` carry it, `v_i` being what party i expects of the next period and `q` the
status quo that holds meanwhile. The proposer takes the passing candidate that it likes best, or waits. In equilibrium

    v_i = sum_j pi_j E[u_i(x_j)],

found by damped iteration. Proposers choose by a logit of small temperature, which makes those who are indifferent mix
and the iteration settle (a quantal response equilibrium, McKelvey & Palfrey 1995, near its limit).
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from orrery.base.errors import NegotiationError
from orrery.institutions.games import Game, n_members, passes

MOST_STEPS = 2_000
DAMPING = 0.2
"""Part of the way to the next expectation that each step goes."""
TOLERANCE = 1e-5


class Equilibrium(eqx.Module):
    """What is proposed, and what parties expect.

    Attributes:
        value: `v` of every party.
        proposal: by proposer, the probability of each candidate; what is missing to 1 is waiting.
        passes: by candidate, how nearly it passes: 1 if it does.
        agreement: probability that the first proposal is made and passes.
        residual: greatest change of `v` in a further step: how exactly the equilibrium holds.
    """

    value: Float[Array, " party"]
    proposal: Float[Array, "party candidate"]
    passes: Float[Array, " candidate"]
    agreement: Float[Array, ""]
    residual: Float[Array, ""]

    def expected(self, recognition: Float[Array, " party"]) -> Float[Array, " candidate"]:
        """Return the probability of each candidate, given that something is proposed."""
        chance = recognition @ self.proposal
        return chance / chance.sum()


def proposals(
    utility: Float[Array, "candidate party"],
    waiting: Float[Array, " party"],
    game: Game,
    recognition: Float[Array, " party"] | None = None,
    *,
    patience: float = 0.9,
    temperature: float = 0.01,
) -> Equilibrium:
    """Return the stationary equilibrium.

    Args:
        utility: of every candidate text to every party.
        waiting: utility of the status quo to every party, which holds while nothing is agreed.
        game: who can carry a text with whom.
        recognition: chance of each party to propose; all alike where it is absent.
        patience: `delta`, the weight of the next period, from 0 to below 1.
        temperature: of the proposers' choice, in units of utility.

    Raises:
        NegotiationError: a patience outside [0, 1), a temperature not above 0, arrays for another number of parties,
            or chances below 0 or all 0.
    """
    if not 0 <= patience < 1:
        raise NegotiationError(f"`patience`: {patience} came; give a number from 0 to below 1.")
    if temperature <= 0:
        raise NegotiationError(f"`temperature`: {temperature} came; give a number above 0.")
    n_parties = utility.shape[1]
    for name, one in (("waiting", waiting), ("recognition", recognition)):
        if one is not None and one.shape != (n_parties,):
            raise NegotiationError(f"`{name}`: an array of shape {one.shape} came; `utility` has {n_parties} parties.")
    if n_members(game) != n_parties:
        raise NegotiationError(f"`game`: one of {n_members(game)} members came; `utility` has {n_parties} parties.")
    if recognition is not None and (recognition.min() < 0 or recognition.sum() <= 0):
        raise NegotiationError("`recognition`: give numbers of 0 and more, not all of them 0.")
    chance = jnp.full(n_parties, 1 / n_parties) if recognition is None else recognition / recognition.sum()
    return _solve(utility, waiting, game, chance, (jnp.asarray(patience), jnp.asarray(temperature)))


@eqx.filter_jit
def _solve(
    utility: Float[Array, "candidate party"],
    waiting: Float[Array, " party"],
    game: Game,
    recognition: Float[Array, " party"],
    terms: tuple[Float[Array, ""], Float[Array, ""]],
) -> Equilibrium:
    patience, temperature = terms

    def choose(value: Float[Array, " party"]) -> tuple[Array, Array, Array]:
        """Return what each proposer chooses, what passes, and what everyone then expects."""
        later = (1 - patience) * waiting + patience * value
        # A hair's breadth, so that who is offered exactly what waiting is worth accepts.
        passing = jnp.asarray(passes(game, utility >= later - 1e-6))
        appeal = jnp.where(passing[:, None], utility, -jnp.inf).T
        options = jnp.concatenate([appeal, later[:, None]], 1) / temperature
        chosen = jax.nn.softmax(options, 1)
        gained = chosen[:, :-1] @ utility + chosen[:, -1:] * later
        return chosen[:, :-1], passing.astype(float), recognition @ gained

    def step(state: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        number, value, _ = state
        change = choose(value)[2] - value
        return number + 1, value + DAMPING * change, jnp.abs(change).max()

    def goes_on(state: tuple[Array, Array, Array]) -> Array:
        return (state[2] > TOLERANCE) & (state[0] < MOST_STEPS)

    start = (jnp.asarray(0), waiting.astype(float), jnp.asarray(jnp.inf))
    _, value, residual = jax.lax.while_loop(goes_on, step, start)
    proposal, passing, _ = choose(value)
    return Equilibrium(value, proposal, passing, recognition @ proposal.sum(1), residual)
