"""How likely a motion is to pass if the members' votes are uncertain, who is then pivotal, and who blocks.

With independent votes all three are in closed form, by dynamic programming over the joint sums of the game
(`diagram`): `B(u)` is the probability that the motion passes from a node `u`, `F(u)` that the vote comes there, and

    P(passes)      = B(start)
    P(i pivotal)   = sum_u F(u) [B(u, i says yes) - B(u, i says no)]        over the nodes at which i chooses
    P(i blocks)    = sum_c p_ic sum_u F(u) [B(u, i says yes) - B(u, i says c)]      over its choices c

A member is pivotal if the motion passes with its yes and fails with its no, the others voting as they do (Straffin
1977); it blocks if the motion fails, and would have passed had it said yes. Where there are too many joint sums, and
where votes depend on each other, the same is counted over draws.

Agresti, A. & Coull, B. A. (1998). Approximate is better than "exact" for interval estimation of binomial proportions.
The American Statistician 52, 119-126.
Enelow, J. M. & Hinich, M. J. (1984). The Spatial Theory of Voting. Cambridge University Press.
Straffin, P. D. (1977). Homogeneity, independence, and power indices. Public Choice 30, 107-118.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import cast

import equinox as eqx
import jax
import numpy as np
from jaxtyping import Array, Bool, Float, Int8, Key
from scipy.special import ndtr

from orrery.base.errors import InstitutionError
from orrery.institutions.diagram import MOST_NODES, Diagram, diagram_of
from orrery.institutions.games import AnyGame, Game, TernaryGame, binary, n_members, passes, passes_ternary
from orrery.institutions.joint_sums import JointSums
from orrery.institutions.power.chances import Method
from orrery.institutions.rules.rule import Rule
from orrery.institutions.rules.stages import Stages
from orrery.institutions.tally import Outcomes
from orrery.institutions.votes import ABSENT, NAMES, NO, YES

DRAWS = 20_000
"""Draws of a Monte Carlo estimate; the greatest standard error of a probability is then 0.0035."""
CELLS_AT_ONCE = 2**23
"""Votes, or values of nodes, that are held in memory at once."""

Decider = Rule | Stages | AnyGame
"""What decides: a rule, or a game on its own. Of a rule with stages, the game in which all do the same in each."""


@dataclass(frozen=True)
class Passage:
    """How a motion fares under uncertain votes.

    Attributes:
        probability: that it passes.
        pivotal: of each member, the probability that its vote alone decides.
        blocking: of each member, the probability that the motion fails for want of its yes alone.
        method: how this was found.
        draws: of a Monte Carlo estimate; else 0.
        standard_error: of `probability`; 0 where it is exact.
        pivotal_error: standard error of each of `pivotal`.
        blocking_error: standard error of each of `blocking`.
    """

    probability: float
    pivotal: Float[np.ndarray, " member"]
    blocking: Float[np.ndarray, " member"]
    method: Method
    draws: int
    standard_error: float
    pivotal_error: Float[np.ndarray, " member"]
    blocking_error: Float[np.ndarray, " member"]


def passage(
    decider: Decider,
    chances: Float[np.ndarray, "member ..."],
    *,
    key: Key[Array, ""] | None = None,
    draws: int = DRAWS,
    most_nodes: int = MOST_NODES,
) -> Passage:
    """Return how a motion fares if each member votes independently.

    Args:
        decider: the rule or game.
        chances: the probability that each member votes yes, the rest being no; or, along a second axis, those of yes,
            abstain and no, which sum to 1.
        key: for Monte Carlo, which is used where the game has more than `most_nodes` joint sums; the same key gives
            the members the same luck under every rule.
        draws: of Monte Carlo.
        most_nodes: distinct joint sums, counted after each member's choice, up to which the result is exact.

    Raises:
        InstitutionError: no probabilities, not one for each member, or no key where one is needed.
    """
    game, by_choice = _game_and_choices(decider, chances)
    diagram = diagram_of(game, most_nodes)
    if diagram is not None:
        return _exact(diagram, by_choice)
    if key is None:
        raise InstitutionError(
            f"`key`: none came, and the game has more than {most_nodes:,} joint sums. Give a key for a Monte Carlo "
            "estimate, or raise `most_nodes`."
        )
    return _estimated(JointSums.of(game), by_choice, key, draws)


def passage_probabilities(
    diagram: Diagram, chances: Float[np.ndarray, "motion member"]
) -> Float[np.ndarray, " motion"]:
    """Return the probability that each of several motions passes, exactly.

    Args:
        diagram: of the game of yes and no (`diagram_of(rule.game())`), made once for all motions.
        chances: for each motion, the probability that each member votes yes, the rest being no.

    Raises:
        InstitutionError: no probabilities, not one for each member, or a game with abstention.
    """
    if diagram.n_choices != 2:
        raise InstitutionError("`diagram`: a game with abstention came; give that of yes and no (`binary`).")
    _check_chances(chances, len(diagram.order))
    each = max(CELLS_AT_ONCE // diagram.n_nodes, 1)
    parts = [chances[first : first + each] for first in range(0, len(chances), each)]
    return np.concatenate([diagram.value(np.stack([1 - part, part], -1))[0][:, diagram.start] for part in parts])


def passage_from_votes(decider: Decider, votes: Int8[np.ndarray, "draw member"]) -> Passage:
    """Return how a motion fares over draws of votes, which may depend on each other in any way.

    The standard errors are those of independent draws.

    Args:
        decider: the rule or game.
        votes: codes of `votes.CHOICES`; a game of its own has no absence, and in a binary game abstaining is not yes.

    Raises:
        InstitutionError: no draws, not one vote for each member, or a code that is unknown or not in the game.
    """
    judge, n_voters = _judge(decider)
    _check_votes(votes, n_voters, absence=isinstance(decider, Rule))
    passed = np.asarray(judge(votes))
    count = _Count(n_voters)
    each = max(CELLS_AT_ONCE // n_voters**2, 1)
    for first in range(0, len(votes), each):
        some, outcome = votes[first : first + each], passed[first : first + each]
        with_yes, with_no = (_one_by_one(judge, some, code) for code in (YES, NO))
        count.add(outcome, with_yes & ~with_no, with_yes & ~outcome[:, None] & (some != YES))
    return count.result()


def yes_probabilities(
    mean: Float[np.ndarray, " member"],
    sd: Float[np.ndarray, " member"],
    proposal: float | Float[np.ndarray, " motion"],
    status_quo: float | Float[np.ndarray, " motion"],
) -> Float[np.ndarray, "*motion member"]:
    """Return the probability that each member is closer to a proposal than to the status quo, on a line.

    With a position `x ~ N(mean, sd)` and the midpoint `m = (proposal + status quo) / 2`,

        P(yes) = Phi((mean - m) / sd)  if the proposal lies above the status quo, else  Phi((m - mean) / sd).

    This is the spatial vote of Enelow & Hinich (1984). A member that is certain to be as far from both votes no.

    Args:
        mean: expected position of each member.
        sd: its standard deviation, 0 or more.
        proposal: where the proposal lies, or several.
        status_quo: what holds if it fails, for each proposal.

    Raises:
        InstitutionError: a position that is no number, a negative deviation, or a proposal that is the status quo.
    """
    new, old = np.broadcast_arrays(np.asarray(proposal, float), np.asarray(status_quo, float))
    for name, values in {"mean": mean, "sd": sd, "proposal": new, "status_quo": old}.items():
        if not np.isfinite(values).all():
            raise InstitutionError(f"`{name}`: {values[~np.isfinite(values)][0]} came; give finite numbers.")
    if (sd < 0).any():
        raise InstitutionError(f"`sd`: {sd.min()} came; give standard deviations of 0 or more.")
    if (new == old).any():
        raise InstitutionError(
            f"`proposal`: {new[new == old].ravel()[0]} came, which is the status quo; nobody is closer to one of them."
        )
    lead = np.sign(new - old)[..., None] * (mean - (new + old)[..., None] / 2)
    certain = (lead > 0).astype(float)
    return np.where(sd > 0, ndtr(lead / np.where(sd > 0, sd, 1)), certain)


def _exact(diagram: Diagram, chances: Float[np.ndarray, "member choice"]) -> Passage:
    values, reached = diagram.value(chances[None]), diagram.chance(chances[None])
    pivotal, blocking = np.zeros(len(chances)), np.zeros(len(chances))
    for member, layer, here, after in zip(diagram.order, diagram.layers, reached[:-1], values[1:], strict=True):
        gains = here[0] @ (after[0][layer[:, -1:]] - after[0][layer])
        pivotal[member] = gains[0]
        blocking[member] = chances[member] @ gains
    none = np.zeros(len(chances))
    probability = float(values[0][0, diagram.start])
    return Passage(probability, pivotal, blocking, Method.DOUBLE, 0, 0.0, none, none)


def _estimated(
    sums: JointSums, chances: Float[np.ndarray, "member choice"], key: Key[Array, ""], draws: int
) -> Passage:
    """Return the estimate over draws of everybody's votes; each member's other choices are tried on every draw."""
    n_voters, n_choices, n_totals = sums.steps.shape
    count = _Count(n_voters)
    each = max(CELLS_AT_ONCE // (n_voters * n_choices * n_totals), 1)
    bounds = np.cumsum(chances[:, ::-1], 1)[:, :-1]
    for luck in _luck(key, draws, n_voters, each):
        choice = n_choices - 1 - (luck[..., None] >= bounds).sum(-1)
        own = np.take_along_axis(sums.steps[None], choice[..., None, None], 2)[:, :, 0]
        totals = own.sum(1)
        tried = (totals[:, None] - own)[:, :, None] + sums.steps
        passed, passes_with = sums.test.holds(totals.T), sums.test.holds(np.moveaxis(tried, -1, 0))
        with_yes = passes_with[..., -1]
        count.add(passed, with_yes & ~passes_with[..., 0], with_yes & ~passed[:, None])
    return count.result()


def _luck(key: Key[Array, ""], draws: int, n_voters: int, each: int) -> Iterator[Float[np.ndarray, "draw member"]]:
    """Yield numbers between 0 and 1; those of a draw depend on the key and its number alone."""
    one = jax.jit(jax.vmap(lambda draw: jax.random.uniform(jax.random.fold_in(key, draw), (n_voters,))))
    for first in range(0, draws, each):
        yield np.asarray(one(np.arange(first, min(first + each, draws))), np.float64)


class _Count:
    """Events counted over draws: that a motion passed, and, by member, that it was pivotal and that it blocked."""

    def __init__(self, n_voters: int) -> None:
        self.draws, self.passed = 0, 0
        self.pivotal, self.blocking = np.zeros(n_voters), np.zeros(n_voters)

    def add(self, passed: np.ndarray, pivotal: np.ndarray, blocking: np.ndarray) -> None:
        """Count more draws."""
        self.draws += len(passed)
        self.passed += int(passed.sum())
        self.pivotal += pivotal.sum(0)
        self.blocking += blocking.sum(0)

    def error(self, count: int | np.ndarray) -> np.ndarray:
        """Return the standard error of the share of draws with an event (Agresti & Coull 1998).

        It is that of two draws more with the event and two more without, so that what was never drawn is not taken
        for impossible.
        """
        share = np.asarray(count + 2) / (self.draws + 4)
        return np.asarray(np.sqrt(share * (1 - share) / (self.draws + 4)))

    def result(self) -> Passage:
        """Return the shares of draws with their errors."""
        return Passage(
            probability=self.passed / self.draws,
            pivotal=self.pivotal / self.draws,
            blocking=self.blocking / self.draws,
            method=Method.SAMPLED,
            draws=self.draws,
            standard_error=float(self.error(self.passed)),
            pivotal_error=self.error(self.pivotal),
            blocking_error=self.error(self.blocking),
        )


def _game(decider: Decider, *, ternary: bool) -> AnyGame:
    if isinstance(decider, Rule | Stages):
        return decider.ternary_game() if ternary else decider.game()
    return decider if ternary else binary(decider)


def _game_and_choices(decider: Decider, chances: np.ndarray) -> tuple[AnyGame, Float[np.ndarray, "member choice"]]:
    """Return the game and the probabilities of its choices, no first: those of a binary one have no abstention."""
    ternary = np.ndim(chances) > 1
    game = _game(decider, ternary=ternary)
    if not ternary:
        _check_chances(chances, n_members(game))
        return game, np.stack([1 - chances, chances], -1)
    _check_chances(chances[:, 0], n_members(game))
    sums = chances.sum(1)
    if chances.shape[1] != 3 or not (np.isfinite(chances) & (chances >= 0)).all() or not np.allclose(sums, 1):
        raise InstitutionError(
            f"`chances`: of shape {chances.shape}, with sums from {sums.min():.6g} to {sums.max():.6g}, came; give the "
            "probabilities of yes, abstain and no of each member, which sum to 1."
        )
    if JointSums.of(game).n_choices == 2:
        # A binary game has no abstention: who does not vote yes is counted with the no.
        return game, np.stack([chances[:, 1:].sum(1), chances[:, 0]], -1)
    return game, chances[:, ::-1]


def _check_chances(chances: np.ndarray, n_voters: int) -> None:
    if chances.shape[-1] != n_voters:
        raise InstitutionError(f"`chances`: {chances.shape[-1]} came for {n_voters} members; give one for each.")
    wrong = ~((chances >= 0) & (chances <= 1))
    if wrong.any():
        raise InstitutionError(f"`chances`: {chances[wrong][0]} came; give probabilities, from 0 to 1.")


def _judge(decider: Decider) -> tuple[Callable[[np.ndarray], Outcomes], int]:
    """Return what tells whether votes pass, and how many members vote."""
    if isinstance(decider, Rule):
        return eqx.filter_jit(decider.passes), decider.n_members
    game = _game(decider, ternary=True)
    if JointSums.of(game).n_choices == 2:
        return jax.jit(lambda votes: passes(cast(Game, game), votes == YES)), n_members(game)
    return jax.jit(lambda votes: passes_ternary(cast(TernaryGame, game), votes)), n_members(game)


def _check_votes(votes: np.ndarray, n_voters: int, *, absence: bool) -> None:
    if votes.ndim != 2 or not len(votes) or votes.shape[1] != n_voters:
        raise InstitutionError(f"`votes`: shape {votes.shape} came; give draws by {n_voters} members.")
    allowed = {code: name for code, name in NAMES.items() if absence or code != ABSENT}
    unknown = sorted(set(np.unique(votes).tolist()) - set(allowed))
    if unknown:
        words = ", ".join(f"{code} ({name})" for code, name in allowed.items())
        raise InstitutionError(f"`votes`: the codes {unknown} came; allowed are {words}.")


def _one_by_one(
    judge: Callable[[np.ndarray], Outcomes], votes: np.ndarray, code: int
) -> Bool[np.ndarray, "draw member"]:
    """Tell whether the motion passes if one member at a time votes so, the others as they do."""
    n_draws, n_voters = votes.shape
    changed = np.broadcast_to(votes[:, None], (n_draws, n_voters, n_voters)).copy()
    each = np.arange(n_voters)
    changed[:, each, each] = code
    return np.asarray(judge(changed))
