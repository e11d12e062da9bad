"""The expected utility model of group decisions (Bueno de Mesquita 1994, 1997; Scholz, Calbert & Smith 2011).

One issue at a time. Parties have a position `x`, capability `c` (the influence), salience `s` and a risk exponent `r`.
Each weighs challenging each other one, and each one's challenge of itself; then each gives way to one challenge, and
the next round begins. The forecast is the median weighed by `c s`, the Condorcet winner of the last round. With `D`
the spread of the opening positions, `d_ij = |x_i - x_j| / D`, and the median `m`:

    vote          v_k(i, j) = c_k s_k (d_kj^r_k - d_ki^r_k)
    probability   P_ij = sum of v_k(i, j) over those above 0 / sum of |v_k(i, j)|
    success       S = 2 - 4 (1/2 - d_ij / 2)^r_i            failure     F = 2 - 4 (1/2 + d_ij / 2)^r_i
    better        B = 2 - 4 (1/2 - (d_im + d_ij) / 4)^r_i   worse       W = 2 - 4 (1/2 + (d_im + d_ij) / 4)^r_i
    unchanged     U = 2 - 4 (1/2)^r_i
    i by i -> j   E_ij = s_j (P_ij S + (1 - P_ij) F) + (1 - s_j) S - Q U - (1 - Q) (T B + (1 - T) W)
    i on j -> i   E_ji, the same with `s_i` and `P_ji`, and with `r_i`: all by the lights of party i
    risk          R_i = (2 A_i - max A - min A) / (max A - min A),   A_i = sum_j E_ji at r = 1
                  r_i = (1 - R_i / 3) / (1 + R_i / 3)

`A_i` is how much others gain by challenging party i, so that the least secure party has `r = 1/2`, the safest 2. Where
party i sees `E_ji > 0`, it

    loses a confrontation and takes x_j                     where E_ji > E_ij > 0
    makes a compromise, x_i + (x_j - x_i) |E_ij / E_ji|     where E_ji > -E_ij > 0
    is compelled and takes x_j                              where -E_ij > E_ji > 0

and of all these it chooses the one that moves it least.

What is not disclosed, and the reading taken here. The program was never published. The equations are those that Scholz
et al. found in its author's accounts, and on which published replications agree. Where these differ: `P_ij` is normed
by the votes on that pair, not by those on all pairs, by which alone a replication came to the figures of Scholz et
al.; `max A` and `min A` are taken over the parties, not over the positions that one party might take; the least move
decides between challenges of every kind; nothing would change without a challenge, `Q = 1`; `T` is 1 where the median
is nearer to party i than party j is; the spread is that of the opening positions throughout; salience, a probability
here, is divided by the greatest in the problem. So this is a reading: published courses of the model are not
reproduced. Rounds end when nobody moves further than `SETTLED` of the spread, or after `ROUNDS`; positions need not
converge. Whether the forecast is agreed is not part of the model; the game decides, each party voting by its opening
position (`problem.voted`).

Bueno de Mesquita, B. (1994). Political forecasting: an expected utility method. In Bueno de Mesquita & Stokman,
    European Community Decision Making, ch. 4. Yale University Press.
Bueno de Mesquita, B. (1997). A decision making model: its structure and form. International Interactions 23, 235-266.
Scholz, J. B., Calbert, G. J. & Smith, G. A. (2011). Unravelling Bueno de Mesquita's group decision model. Journal of
    Theoretical Politics 23, 510-531.
"""

from __future__ import annotations

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from orrery.negotiation.solutions.baselines import SAME, weighted_median
from orrery.negotiation.solutions.problem import Prediction, Problem, voted

ROUNDS = 10
"""Rounds at most."""
SETTLED = 0.001
"""Share of the spread of positions; if nobody moves further, bargaining ends."""

Ones = Float[Array, " party"]
Pairs = Float[Array, "party other"]


class Issue(eqx.Module):
    """One issue, with positions brought to a spread of 1.

    Attributes:
        capability: `c`.
        salience: `s`, from 0 to 1.
        unchanged: `Q`, probability that nothing changes for a party that does not challenge.
    """

    capability: Ones
    salience: Ones
    unchanged: float


class Challenges(NamedTuple):
    """What party i (row) thinks of party j (column).

    Attributes:
        own: `E_ij`, what it expects of challenging party j.
        others: `E_ji`, what it expects party j to expect of challenging it.
    """

    own: Pairs
    others: Pairs


def expected_utility(problem: Problem, unchanged: float = 1.0, rounds: int = ROUNDS) -> Prediction:
    """Return the forecast on each issue, and whether the game carries it.

    Args:
        problem: the parties.
        unchanged: `Q`, from 0 to 1.
        rounds: how many at most.
    """
    capability, salience = problem.influence, problem.salience / problem.salience.max()
    low = problem.position.min(0)
    spread = problem.position.max(0) - low
    # Where all hold one position, nobody challenges; any spread will do.
    spread = jnp.where(spread > 0, spread, 1.0)

    def of_issue(position: Ones, weight: Ones) -> Ones:
        return bargain(position, Issue(capability, weight, unchanged), rounds)

    last = jax.vmap(of_issue, in_axes=1, out_axes=1)((problem.position - low) / spread, salience)
    return voted(problem, low + spread * weighted_median(last, problem.exerted))


def bargain(position: Ones, issue: Issue, rounds: int | Int[Array, ""]) -> Ones:
    """Return positions after bargaining: until all are settled, or for so many rounds."""

    def goes_on(state: tuple[Ones, Bool[Array, ""], Int[Array, ""]]) -> Bool[Array, ""]:
        return ~state[1] & (state[2] < rounds)

    def one(state: tuple[Ones, Bool[Array, ""], Int[Array, ""]]) -> tuple[Ones, Bool[Array, ""], Int[Array, ""]]:
        before, _, number = state
        after = give_way(before, challenges(before, risk_exponents(before, issue), issue))
        return after, jnp.abs(after - before).max() <= SETTLED, number + 1

    return jax.lax.while_loop(goes_on, one, (position, jnp.asarray(False), jnp.asarray(0)))[0]


def success(position: Ones, risk: Ones, issue: Issue) -> Pairs:
    """Return `P_ij`, the probability that i (row) prevails over j (column); 1/2 where no party cares."""
    away = _apart(position) ** risk[:, None]
    vote = (issue.capability * issue.salience)[:, None, None] * (away[:, None, :] - away[:, :, None])
    cast = jnp.abs(vote).sum(0)
    return jnp.where(cast > 0, jnp.maximum(vote, 0).sum(0) / jnp.where(cast > 0, cast, 1.0), 0.5)


def challenges(position: Ones, risk: Ones, issue: Issue) -> Challenges:
    """Return what each party expects of challenges, by its own risk exponent."""
    apart, exponent = _apart(position), risk[:, None]
    prevails = success(position, risk, issue)
    won, lost = 2 - 4 * (0.5 - apart / 2) ** exponent, 2 - 4 * (0.5 + apart / 2) ** exponent
    # Without a challenge: everything stays, or the other moves towards the median, for better or worse.
    median = weighted_median(position[:, None], (issue.capability * issue.salience)[:, None])[0]
    from_median = jnp.abs(position - median)[:, None]
    drift = jnp.where(from_median < apart, -1.0, 1.0) * (from_median + apart) / 4
    alone = 2 - 4 * 0.5**exponent
    alone = issue.unchanged * alone + (1 - issue.unchanged) * (2 - 4 * (0.5 + drift) ** exponent)

    def expected(resists: Pairs, prevails: Pairs) -> Pairs:
        return resists * (prevails * won + (1 - prevails) * lost) + (1 - resists) * won - alone

    resists = jnp.broadcast_to(issue.salience, apart.shape)
    return Challenges(expected(resists, prevails), expected(resists.T, prevails.T))


def risk_exponents(position: Ones, issue: Issue) -> Ones:
    """Return `r`, from 1/2 for the least secure party to 2 for the safest; 1 for all where all are equally safe."""
    threats = challenges(position, jnp.ones_like(position), issue).others
    exposed = jnp.where(jnp.eye(len(position), dtype=bool), 0.0, threats).sum(1)
    most, least = exposed.max(), exposed.min()
    width = most - least
    risk = jnp.where(width > 0, (2 * exposed - most - least) / jnp.where(width > 0, width, 1.0), 0.0)
    return (1 - risk / 3) / (1 + risk / 3)


def give_way(position: Ones, seen: Challenges) -> Ones:
    """Return positions after each party has given way to the challenge that moves it least."""
    own, others = seen
    pressed = (others > 0) & (_apart(position) > SAME)
    beaten = pressed & (others > own) & (own > 0)
    meets = pressed & (own < 0) & (others > -own)
    compelled = pressed & (own < 0) & (others <= -own)
    share = jnp.where(meets, -own / jnp.where(others > 0, others, 1.0), 1.0)
    move = share * (position[None, :] - position[:, None])
    # Who takes another's position takes it to the last digit.
    taken = jnp.where(share < 1, position[:, None] + move, position[None, :])
    length = jnp.where(beaten | meets | compelled, jnp.abs(move), jnp.inf)
    nearest = jnp.take_along_axis(taken, jnp.argmin(length, axis=1)[:, None], 1)[:, 0]
    return jnp.where(jnp.isfinite(length.min(1)), nearest, position)


def _apart(position: Ones) -> Pairs:
    return jnp.abs(position[:, None] - position[None, :])
