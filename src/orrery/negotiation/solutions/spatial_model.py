"""The spatial model of politics on several issues at once (Wise, Lester & Efird 2015; KAPSARC's KTAB).

Parties bargain in turns and move; in the end a probabilistic Condorcet election (`elections`) is held among their
positions. With `L_i` the weighted squared distance of `problem` and the risk aversion `R_i` from -1/2 to 1,

    utility         u_i(p) = (1 - e)(1 + R_i e),  e = sqrt(L_i(p)):   1 - e at R = 0,  1 - e^2 at R = 1
    weight          w_i, influence times salience, summed over the issues
    risk            R_i = 1 for the most probable position, -1/2 for the least, in between in proportion, from an
                    election among the opening positions at R = 0

In each turn

1. every party i looks for the party j from whose challenge it expects most: it wins `G_ij = u_i(x_i) - u_i(x_j)` if
   party j does not resist, or resists and fails; it loses as much otherwise. Party j resists with probability `s_j`;
   all parties take sides, so that i wins with the probability `P_ij` that its text beats the other's:
   `E_ij = G_ij (1 - 2 s_j (1 - P_ij))`;
2. if that is more than 0 it offers a bargain: both take the mean of their positions, each weighed by the square of
   its salience times its probability to win, `(s_i P_ij)^2` and `(s_j P_ji)^2`;
3. each party has offers before it, its own included. For each party the parties vote on its next position among its
   present one and these offers; the most probable one in a conditional election is taken.

Turns end when the root mean square of moves is below 1/100 of that of the first turn, or after `TURNS`. The text that
is predicted is the mean of the positions, weighed by their probabilities; that it is agreed is the probability of the
positions that the game would carry, each party voting by its opening position.

The reading taken. The description is that of the guide to the program (2019), which names options; the equations of
the two discussion papers were not at hand. Of its options these are taken: votes in proportion, initiators' bargains
with squared weights, the range of risk called middle, deterministic turns. Left open there, and settled here: third
parties' votes in a challenge are those of the election on the two texts; a challenge is worth to i what the loser's
change of position is worth to it; `s` is the salience summed over the issues, divided by the greatest of any party;
both sides of a bargain get one position; risk stays as it is at the opening; utilities are known to all. Distance is
that of this project, absolute on axes from 0 to 1.

KAPSARC (2019). KTAB: Spatial Model of Politics GUI, user guide, version 1.4.
KAPSARC. Multidimensional bargaining using KTAB. Discussion paper.
Wise, B. P., Lester, L. & Efird, B. (2015). An Introduction to the KAPSARC Toolkit for Behavioral Analysis (KTAB) using
    one-dimensional spatial models. KAPSARC discussion paper.
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from orrery.base.errors import NegotiationError
from orrery.negotiation.solutions.elections import ELECTIONS, VOTES, alike, beats, conditional, first_of_each
from orrery.negotiation.solutions.problem import Prediction, Problem, voted

TURNS = 20
"""Turns at most."""
SETTLED = 0.01
"""Turns end when moves fall below this share of the first turn's."""
MOST_TOLERANT = -0.5
"""`R` of who holds the least probable position."""

Places = Float[Array, "party issue"]
State = tuple[Places, Float[Array, ""], Float[Array, ""], Int[Array, ""]]


class Politics(eqx.Module):
    """What stays the same from turn to turn.

    Attributes:
        wanted: opening positions, by which utilities are measured.
        issue_weight: weight of each issue to each party, of sum 1.
        weight: of each party in votes, `w`.
        resolve: `s`, probability that a party resists.
        risk: aversion to risk, `R`.
        vote: one of `elections.VOTES`.
        exponent: `a`, how steeply chances grow with strength.
    """

    wanted: Places
    issue_weight: Places
    weight: Float[Array, " party"]
    resolve: Float[Array, " party"]
    risk: Float[Array, " party"]
    vote: str = eqx.field(static=True)
    exponent: float = eqx.field(static=True)

    def utility(self, texts: Float[Array, "text issue"]) -> Float[Array, "party text"]:
        """Return `u`, what each text is worth to each party: 1 at its opening position, 0 at distance 1."""
        apart = self.wanted[:, None, :] - texts[None, :, :]
        distance = jnp.sqrt((self.issue_weight[:, None, :] * apart**2).sum(-1))
        return (1 - distance) * (1 + self.risk[:, None] * distance)

    def chances(self, texts: Float[Array, "text issue"]) -> Float[Array, "text other"]:
        """Return the probability that each text beats each other."""
        return beats(self.utility(texts), self.weight, self.vote, self.exponent)


def spatial_model(
    problem: Problem, election: str = "uniform", vote: str = "proportional", exponent: float = 1.0, turns: int = TURNS
) -> Prediction:
    """Return the mean position after bargaining, and how probable it is that the game carries what is elected.

    Args:
        problem: the parties.
        election: one of `elections.ELECTIONS`.
        vote: one of `elections.VOTES`.
        exponent: how steeply chances grow with strength, above 0.
        turns: how many at most.

    Raises:
        NegotiationError: an unknown election or vote.
    """
    for field, given, allowed in (("election", election, ELECTIONS), ("vote", vote, VOTES)):
        if given not in allowed:
            raise NegotiationError(f"`{field}`: {given!r} came; give one of {', '.join(allowed)}.")
    politics = opening(problem, election, vote, exponent)
    last = bargain(problem.position, politics, turns)
    probability = elected(last, politics, election)
    carried = jax.vmap(lambda text: voted(problem, text))(last)
    return Prediction(
        text=probability @ last,
        agreed=jnp.minimum((probability * carried.agreed).sum(), 1.0),
        binds=carried.binds[jnp.argmax(probability)],
    )


def opening(problem: Problem, election: str, vote: str, exponent: float) -> Politics:
    """Return what stays the same, with the risk aversion that follows from an election among opening positions."""
    resolve = problem.salience.sum(-1) / problem.salience.sum(-1).max()
    weight, neutral = problem.exerted.sum(-1), jnp.zeros(len(problem.position))
    plain = Politics(problem.position, problem.weight, weight, resolve, neutral, vote, exponent)
    probability = elected(problem.position, plain, election)
    # A position that several hold is as probable to each of them.
    held = (alike(problem.position) * probability[None, :]).sum(1)
    most, least = held.max(), held.min()
    rank = jnp.where(most > least, (held - least) / jnp.where(most > least, most - least, 1.0), 1.0)
    return eqx.tree_at(lambda each: each.risk, plain, MOST_TOLERANT + (1 - MOST_TOLERANT) * rank)


def elected(position: Places, politics: Politics, election: str) -> Float[Array, " party"]:
    """Return the probability of each position; of parties at one position, all of it is with the first."""
    counts = first_of_each(alike(position), jnp.ones(len(position), bool))
    return ELECTIONS[election](politics.chances(position), counts)


def bargain(position: Places, politics: Politics, turns: int | Int[Array, ""]) -> Places:
    """Return positions after bargaining: until moves are small, or for so many turns."""

    def goes_on(state: State) -> Bool[Array, ""]:
        _, move, first, number = state
        return (move > SETTLED * first) & (number < turns)

    def one(state: State) -> State:
        before, _, first, number = state
        after = turn(before, politics)
        move = jnp.sqrt(((after - before) ** 2).sum(-1).mean())
        return after, move, jnp.where(number == 0, move, first), number + 1

    start = (position, jnp.asarray(1.0), jnp.asarray(0.0), jnp.asarray(0))
    return jax.lax.while_loop(goes_on, one, start)[0]


def expected_gains(position: Places, politics: Politics) -> Float[Array, "party other"]:
    """Return `E_ij`, what party i expects of challenging party j."""
    worth = politics.utility(position)
    gain = jnp.diagonal(worth)[:, None] - worth
    return gain * (1 - 2 * politics.resolve[None, :] * (1 - politics.chances(position)))


def offers(position: Places, politics: Politics) -> tuple[Int[Array, " party"], Bool[Array, " party"], Places]:
    """Return whom each party challenges, whether it does, and the position it offers to share."""
    expected = jnp.where(jnp.eye(len(position), dtype=bool), -jnp.inf, expected_gains(position, politics))
    target = jnp.argmax(expected, 1)
    wins = jnp.take_along_axis(politics.chances(position), target[:, None], 1)[:, 0]
    own = (politics.resolve * wins) ** 2
    other = (politics.resolve[target] * (1 - wins)) ** 2
    # Neither side cares or has a chance: halfway.
    share = jnp.where(own + other > 0, own / jnp.where(own + other > 0, own + other, 1.0), 0.5)[:, None]
    return target, expected.max(1) > 0, share * position + (1 - share) * position[target]


def turn(position: Places, politics: Politics) -> Places:
    """Return positions after one turn of offers and votes."""
    target, made, offered = offers(position, politics)
    party = jnp.arange(len(position))
    # Row i: which offers lie before party i, the one it made and those made to it.
    before = made[None, :] & ((party[:, None] == party[None, :]) | (target[None, :] == party[:, None]))
    texts = jnp.concatenate([offered, position])
    chance, same = politics.chances(texts), alike(texts)

    def next_of(number: Int[Array, ""]) -> Float[Array, " issue"]:
        # Two parties that challenge each other make one and the same offer.
        stands = first_of_each(same, jnp.concatenate([before[number], party == number]))
        return texts[jnp.argmax(conditional(chance, stands))]

    return jax.vmap(next_of)(party)
