"""Will a motion pass? Probabilities from each member's chance to vote yes, abstain or no, or from drawn votes.

Where members decide independently, the totals of their votes have a distribution in closed form (the Poisson binomial
of Poisson 1837, weighted, and joint over all parts of a rule), so that everything is exact in double precision. Where
they depend on each other, draw positions and read votes off them (`positions`): the same key gives the same draws for
every proposal, rule and reform, so that differences are paired.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, Int8

from orrery.base.errors import InstitutionError
from orrery.institutions.games import AnyGame
from orrery.institutions.power.chances import Method
from orrery.institutions.power.counting import QUICK, ROUNDING
from orrery.institutions.power.grid import Voter, coordinates, cost, turned, without_each
from orrery.institutions.power.spectrum import Spectrum
from orrery.institutions.power.sums import Sums, sums_of
from orrery.institutions.rules.rule import Rule
from orrery.institutions.votes import ABSTAIN, NO, YES
from orrery.measure.labelled import Labelled

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

MOST = 2e10
"""Operations beyond which nothing exact is tried: about a minute."""
OMITTED = 1e-12
"""What frequencies left out may add to a probability."""
COLUMNS = ("yes", "no", "decides", "carries", "blocks")


@dataclass(frozen=True)
class Passage(Labelled):
    """How likely a motion passes, and whose vote matters for it.

    Attributes:
        members: names, in the order of the values.
        passes: probability that the motion passes.
        yes: probability that each member votes yes.
        no: that it votes no; what is left, that it abstains.
        decides: that the others leave it to the member: the motion passes with its yes and fails with its no.
        carries: that the motion passes and would not if the member had voted no.
        blocks: that the motion fails and would not if the member had voted yes.
        method: exact in double precision, or Monte Carlo.
        error: of all of these: a bound, or the greatest standard error of Monte Carlo.
    """

    members: tuple[str, ...]
    passes: float
    yes: Float[np.ndarray, " member"]
    no: Float[np.ndarray, " member"]
    decides: Float[np.ndarray, " member"]
    carries: Float[np.ndarray, " member"]
    blocks: Float[np.ndarray, " member"]
    method: Method
    error: float

    def to_frame(self) -> pd.DataFrame:
        """Return `member, yes, no, decides, carries, blocks`."""
        import pandas as pd

        return pd.DataFrame({"member": self.members, **{name: getattr(self, name) for name in COLUMNS}})

    def to_xarray(self) -> xr.Dataset:
        """Return the probabilities by member, that of passage as a scalar."""
        import xarray as xr

        columns = {name: ("member", getattr(self, name)) for name in COLUMNS}
        attributes = {"method": str(self.method), "error": self.error}
        return xr.Dataset({"passes": self.passes, **columns}, {"member": list(self.members)}, attrs=attributes)


def passage(
    rule: Rule | AnyGame,
    yes: Float[np.ndarray, " member"],
    *,
    no: Float[np.ndarray, " member"] | None = None,
    members: Sequence[str] | None = None,
) -> Passage:
    """Return how likely a motion passes if members vote independently, and whose vote matters.

    Args:
        rule: the rule of a body, all of whose members are present, or a game.
        yes: probability of each member's yes.
        no: probability of its no; all the rest by default, so that nobody abstains.
        members: names; numbers from 1 by default.

    Raises:
        InstitutionError: probabilities that are none or do not fit, members that abstain in a game of yes and no, or
            too many members and totals for an exact answer: draw votes then (`passage_from_draws`).
    """
    negative = 1 - yes if no is None else no
    game = (rule.game() if no is None else rule.ternary_game()) if isinstance(rule, Rule) else rule
    sums = sums_of(game)
    chances = _checked(sums, yes, negative)
    names = _names(members, sums.n_members)
    unknown = np.full(len(yes), np.nan)
    found = Passage(names, np.nan, yes, negative, unknown, unknown, unknown, Method.DOUBLE, np.nan)
    voters, classes = _voters(sums, chances)
    needed = cost(sums.n_cells, voters)
    line = sums.n_choices == 2 and sums.n_totals == 1
    if line and needed > QUICK:
        done = _on_line(sums, yes, found)
        if done is not None:
            return done
    if needed > MOST:
        raise InstitutionError(
            f"`rule`: {sums.n_members} members and {sums.n_totals} totals of up to {max(sums.tops):,} came, too many "
            "for an exact probability. Draw votes and use `passage_from_draws`."
        )
    return _on_grid(sums, chances, found, (voters, classes))


def passage_from_draws(
    rule: Rule | AnyGame, votes: Int8[np.ndarray, "draw member"], *, members: Sequence[str] | None = None
) -> Passage:
    """Return how often a motion passes over drawn votes, and how often each member's vote matters.

    Args:
        rule: the rule of a body, or a game.
        votes: codes of `institutions.votes`; a rule also knows absent members.
        members: names; numbers from 1 by default.

    Raises:
        InstitutionError: no draws came, or votes of other members than the rule's.
    """
    n_draws, n_members = votes.shape
    if isinstance(rule, Rule):
        expected, evaluate = rule.n_members, rule.passes
    else:
        expected = sums_of(rule).n_members
        evaluate = _evaluation(rule)
    if n_draws == 0 or n_members != expected:
        raise InstitutionError(f"`votes`: {n_draws} draws of {n_members} votes came; give some, of {expected} votes.")
    outcome = np.asarray(evaluate(votes))
    decides, carries, blocks = (np.empty(n_members) for _ in range(3))
    for member in range(n_members):
        with_yes, with_no = (np.asarray(evaluate(_changed(votes, member, code))) for code in (YES, NO))
        decides[member] = (with_yes & ~with_no).mean()
        carries[member] = (outcome & ~with_no).mean()
        blocks[member] = (~outcome & with_yes).mean()
    rates = np.concatenate([[outcome.mean()], decides, carries, blocks])
    # Where nothing or everything came up, the error is that of one case.
    error = float(np.sqrt(np.maximum(rates * (1 - rates), 1 / n_draws) / n_draws).max())
    yes, no = ((votes == code).mean(0) for code in (YES, NO))
    names = _names(members, n_members)
    return Passage(names, float(outcome.mean()), yes, no, decides, carries, blocks, Method.SAMPLED, error)


def _checked(
    sums: Sums, yes: Float[np.ndarray, " member"], no: Float[np.ndarray, " member"]
) -> Float[np.ndarray, "member choice"]:
    """Return the probability of each choice of each member."""
    for name, values in (("yes", yes), ("no", no)):
        if values.shape != (sums.n_members,):
            raise InstitutionError(f"`{name}`: {values.shape} came; give one probability for each of {sums.n_members}.")
        wrong = np.flatnonzero(~((values >= 0) & (values <= 1)))
        if len(wrong):
            raise InstitutionError(f"`{name}`: {values[wrong[0]]} came for member {wrong[0]}; give a probability.")
    rest = 1 - yes - no
    if (rest < -1e-9).any():
        member = int(np.argmin(rest))
        raise InstitutionError(f"`no`: {no[member]} came for member {member}, whose yes is {yes[member]}; at most 1.")
    if sums.n_choices == 3:
        return np.stack([no, np.maximum(rest, 0), yes], 1)
    if (rest > 1e-9).any():
        raise InstitutionError(
            "`no`: members abstain, but the game is one of yes and no. Give the rule, or its ternary game."
        )
    return np.stack([no, yes], 1)


def _voters(sums: Sums, chances: Float[np.ndarray, "member choice"]) -> tuple[list[Voter], list[list[int]]]:
    """Return the members by class: those that add alike and are as likely to."""
    alike: dict[bytes, list[int]] = {}
    for member in range(sums.n_members):
        alike.setdefault(sums.steps[member].tobytes() + chances[member].tobytes(), []).append(member)
    classes = list(alike.values())
    return [Voter(len(one), sums.steps[one[0]], chances[one[0]]) for one in classes], classes


def _on_grid(
    sums: Sums,
    chances: Float[np.ndarray, "member choice"],
    found: Passage,
    classes: tuple[list[Voter], list[list[int]]],
) -> Passage:
    decides, carries, blocks = (np.empty(sums.n_members) for _ in range(3))
    passes = np.nan
    voters, members = classes
    for place, grid in without_each(voters, sums.tops, np.float64):
        steps, own = voters[place].steps, chances[members[place][0]]
        to_yes = np.array([float(turned(sums, grid, step, steps[-1])) for step in steps])
        from_no = np.array([float(turned(sums, grid, steps[0], step)) for step in steps])
        decides[members[place]] = to_yes[0]
        blocks[members[place]] = own @ to_yes
        carries[members[place]] = own @ from_no
        places = coordinates(grid, sums.n_totals)
        fulfilled = [
            float(grid[sums.holds([at + one for at, one in zip(places, step, strict=True)])].sum()) for step in steps
        ]
        passes = float(own @ np.array(fulfilled))
    error = ROUNDING * sums.n_members
    return replace(found, passes=passes, decides=decides, carries=carries, blocks=blocks, error=error)


def _on_line(sums: Sums, yes: Float[np.ndarray, " member"], found: Passage) -> Passage | None:
    """Return the answer by the spectrum of the weights; None where that does not reach."""
    weights, quota = sums.steps[:, 1, 0], int(sums.requirement(0, [None]))
    open_ = (weights > 0) & (yes > 0) & (yes < 1)
    left = quota - int(weights[yes == 1].sum())
    if not open_.all() or not 1 <= left <= int(weights[open_].sum()):
        # Members that are sure of their vote decide under another quota each; the grid knows how.
        return None
    order = np.argsort(weights, kind="stable")
    decided = Spectrum(weights[order], quota).decide(yes[order], OMITTED)
    if decided is None:
        return None
    decides = np.empty(len(yes))
    decides[order] = decided.decides
    error = decided.error + ROUNDING * len(yes)
    return replace(
        found, passes=decided.passes, decides=decides, carries=yes * decides, blocks=(1 - yes) * decides, error=error
    )


def _names(members: Sequence[str] | None, n_members: int) -> tuple[str, ...]:
    names = tuple(members) if members is not None else tuple(map(str, range(1, n_members + 1)))
    if len(names) != n_members or len(set(names)) != n_members:
        raise InstitutionError(f"`members`: {len(names)} names came; give a different one to each of {n_members}.")
    return names


def _evaluation(game: AnyGame) -> Callable[[Int8[np.ndarray, "draw member"]], np.ndarray]:
    sums = sums_of(game)
    choices = {NO: 0, YES: sums.n_choices - 1} | ({ABSTAIN: 1} if sums.n_choices == 3 else {})

    def evaluate(votes: Int8[np.ndarray, "draw member"]) -> np.ndarray:
        unknown = ~np.isin(votes, list(choices))
        if unknown.any():
            raise InstitutionError(f"`votes`: {votes[unknown][0]} came; this game knows {sorted(choices)}.")
        numbers = np.select([votes == code for code in choices], list(choices.values()))
        totals = sums.steps[np.arange(sums.n_members), numbers].sum(1)
        return sums.holds(list(totals.T))

    return evaluate


def _changed(votes: Int8[np.ndarray, "draw member"], member: int, code: int) -> Int8[np.ndarray, "draw member"]:
    changed = votes.copy()
    changed[:, member] = code
    return changed
