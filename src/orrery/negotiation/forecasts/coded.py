"""Cases as arrays of one shape, without their outcomes: all that a forecast may know."""

from __future__ import annotations

from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Key

from orrery.base.errors import NegotiationError
from orrery.negotiation.cases import Case
from orrery.negotiation.cases.parts import SALIENCE_SD
from orrery.negotiation.requirements import Requirements, stacked

LEVELS = {"low": -1.0, "medium": 0.0, "high": 1.0}
LINKAGES = {"none": 0.0, "possible": 0.5, "package": 1.0}
LEAST_SALIENCE = 0.01
MOST_PARTIES, MOST_ISSUES = 32, 8
"""So many are drawn for whatever the case, so that its draws do not depend on what else it is padded to."""
PARTIES_TOGETHER, ISSUES_TOGETHER, QUOTAS_TOGETHER = 16, 4, 2
"""Shapes are filled up to multiples of these, so that few of them are compiled."""


class Coded(eqx.Module):
    """One case, or several along a leading axis; what is not there is padded.

    Attributes:
        position: where each party wants the text, 0 to 1.
        sd: standard deviation of positions, by party.
        salience: weight of each issue to each party; 0 for issues that are not there.
        status_quo: where things stand, 0 to 1.
        influence: weight in the compromise; 0 for parties that are not there.
        on_table: whether each issue is negotiated from the start.
        issue: whether there is an issue.
        seated: whether there is a party.
        caucus: row i: weights of the line that party i's caucus takes; its own 1 where it has none.
        discipline: of each party's caucus; 0 where it has none.
        rivals: whether two parties are rivals.
        ratifies: whether a party must ratify.
        leader: place of the leader, or -1.
        stake: level, -1 to 1.
        urgency: level, -1 to 1.
        linkage: 0, 1/2 or 1.
        is_text: whether only a text is agreed.
        is_force: whether force is used.
        may_leave: whether talks go on without a party that leaves.
        rule: who can carry an agreement.
    """

    position: Float[Array, "*case party issue"]
    sd: Float[Array, "*case party"]
    salience: Float[Array, "*case party issue"]
    status_quo: Float[Array, "*case issue"]
    influence: Float[Array, "*case party"]
    on_table: Bool[Array, "*case issue"]
    issue: Bool[Array, "*case issue"]
    seated: Bool[Array, "*case party"]
    caucus: Float[Array, "*case party party"]
    discipline: Float[Array, "*case party"]
    rivals: Bool[Array, "*case party party"]
    ratifies: Bool[Array, "*case party"]
    leader: Int[Array, "*case"]
    stake: Float[Array, "*case"]
    urgency: Float[Array, "*case"]
    linkage: Float[Array, "*case"]
    is_text: Bool[Array, "*case"]
    is_force: Bool[Array, "*case"]
    may_leave: Bool[Array, "*case"]
    rule: Requirements


def coded(cases: Sequence[Case]) -> Coded:
    """Return cases in one shape, with a leading axis. Their outcomes are not read.

    Raises:
        NegotiationError: a case has more than 32 parties or 8 issues.
    """
    for case in cases:
        if len(case.parties) > MOST_PARTIES or len(case.issues) > MOST_ISSUES:
            raise NegotiationError(
                f"case {case.code}: {len(case.parties)} parties and {len(case.issues)} issues came; at most "
                f"{MOST_PARTIES} and {MOST_ISSUES} can be forecast. Join parties that take one line into blocs."
            )
    size = shape_of(cases)
    rules = stacked([case.game for case in cases], (QUOTAS_TOGETHER, QUOTAS_TOGETHER, size[0]))
    each = [_one(case, size) for case in cases]
    arrays = {name: jnp.stack([one[name] for one in each]) for name in each[0]}
    return Coded(**arrays, rule=rules)


def shape_of(cases: Sequence[Case]) -> tuple[int, int]:
    """Return the parties and issues that cases are padded to."""
    most = max(len(case.parties) for case in cases), max(len(case.issues) for case in cases)
    return -(-most[0] // PARTIES_TOGETHER) * PARTIES_TOGETHER, -(-most[1] // ISSUES_TOGETHER) * ISSUES_TOGETHER


def drawn(key: Key[Array, ""], one: Coded) -> tuple[Float[Array, "party issue"], Float[Array, "party issue"]]:
    """Return positions and saliences of one draw: what is known of them is uncertain, and caucuses have met.

    Positions are normal around those coded, saliences likewise with a standard deviation of 0.15, both kept within
    their scales.
    """
    n_parties, n_issues = one.position.shape
    luck = jax.random.normal(key, (2, MOST_PARTIES, MOST_ISSUES))[:, :n_parties, :n_issues]
    position = one.position + one.sd[:, None] * luck[0]
    position = jnp.clip(position, 0.0, 1.0)
    position += one.discipline[:, None] * (one.caucus @ position - position)
    salience = one.salience + SALIENCE_SD * luck[1]
    return position, jnp.where(one.issue, jnp.clip(salience, LEAST_SALIENCE, 1.0), 0.0)


def _one(case: Case, size: tuple[int, int]) -> dict[str, Array]:
    n_parties, n_issues = len(case.parties), len(case.issues)
    rows, columns = size[0] - n_parties, size[1] - n_issues
    caucus, discipline, rivals = _ties(case, size[0])

    def wide(values: np.ndarray | list, fill: float | bool = 0.0) -> Array:
        return jnp.asarray(np.pad(np.asarray(values), [(0, rows)], constant_values=fill))

    def long(values: np.ndarray | list, fill: float | bool = 0.0) -> Array:
        return jnp.asarray(np.pad(np.asarray(values), [(0, columns)], constant_values=fill))

    def both(values: np.ndarray) -> Array:
        return jnp.asarray(np.pad(values, [(0, rows), (0, columns)]), jnp.float32)

    return {
        "position": both(case.position),
        "sd": wide([party.sd / 100 for party in case.parties]),
        "salience": both(case.salience),
        "status_quo": long(case.status_quo),
        "influence": wide(case.influence),
        "on_table": long([issue.on_table for issue in case.issues], True),
        "issue": long([True] * n_issues, False),
        "seated": wide([True] * n_parties, False),
        "caucus": jnp.asarray(caucus, jnp.float32),
        "discipline": jnp.asarray(discipline, jnp.float32),
        "rivals": jnp.asarray(rivals),
        "ratifies": wide([party.ratifies for party in case.parties], False),
        "leader": jnp.asarray(-1 if case.leader is None else case.place(case.leader)),
        "stake": jnp.asarray(LEVELS[case.stake]),
        "urgency": jnp.asarray(LEVELS[case.urgency]),
        "linkage": jnp.asarray(LINKAGES[case.linkage]),
        "is_text": jnp.asarray(case.commitment == "text"),
        "is_force": jnp.asarray(case.commitment == "force"),
        "may_leave": jnp.asarray(case.may_leave),
    }


def _ties(case: Case, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return caucus weights, discipline and rivalries."""
    caucus, discipline, rivals = np.eye(size), np.zeros(size), np.zeros((size, size), bool)
    for one in case.caucuses:
        places = [case.place(key) for key in one.parties]
        share = case.influence[places] / case.influence[places].sum()
        for place in places:
            caucus[place] = 0
            caucus[place, places] = share
            discipline[place] = one.discipline
    for first, second in case.rivalries:
        places = case.place(first), case.place(second)
        rivals[places] = rivals[places[::-1]] = True
    return caucus, discipline, rivals
