"""Rules in rows: what goes in comes out, rows are shared, and what no rule can be is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from orrery.base.errors import SimulationError
from orrery.world.rule_rows import (
    Alternatives,
    Requirement,
    alternatives_of,
    majority,
    n_versions,
    simplest,
    standing_rules,
    unanimity,
)

N_PARTIES = 5

WEIGHTS = arrays(np.float64, N_PARTIES, elements=st.integers(0, 4).map(float)).filter(lambda weight: weight.any())
ROWS = st.builds(Requirement, WEIGHTS, st.sampled_from([0.25, 0.5, 2 / 3, 1.0]))
RULES = st.lists(st.lists(ROWS, max_size=3).map(tuple), min_size=1, max_size=3).map(tuple)


def met(rule: Alternatives, yes: np.ndarray, member: np.ndarray) -> bool:
    """Tell whether those in favour carry a motion; rows without a member with weight ask for nobody."""
    return any(
        all(
            (row.weight * member * yes).sum() >= row.share * (row.weight * member).sum() - 1e-9
            if not row.unanimous
            else not ((row.weight > 0) & member & ~yes).any()
            for row in alternative
        )
        for alternative in rule
    )


@given(st.lists(st.lists(RULES, min_size=1, max_size=3), min_size=1, max_size=4))
def test_what_goes_in_comes_out(bodies: list[list[Alternatives]]) -> None:
    rules = standing_rules(bodies, N_PARTIES)
    assert n_versions(rules).tolist() == [len(versions) for versions in bodies]
    for body, versions in enumerate(bodies):
        for version, rule in enumerate(versions):
            read = alternatives_of(rules, body, version)
            assert [[row.key for row in one] for one in read] == [[row.key for row in one] for one in rule]


@given(st.lists(RULES, min_size=1, max_size=4))
def test_rows_belong_to_the_body_that_uses_them(rules: list[Alternatives]) -> None:
    table = standing_rules([(rule,) for rule in rules], N_PARTIES)
    row_body = np.asarray(table.row_body)
    for body in range(len(rules)):
        used = {int(row) for row in np.asarray(table.places)[:, body].ravel() if row >= 0}
        assert used == set(np.flatnonzero(row_body == body).tolist())


@given(RULES, arrays(bool, N_PARTIES), arrays(bool, N_PARTIES))
def test_the_simplest_form_decides_alike(rule: Alternatives, yes: np.ndarray, member: np.ndarray) -> None:
    assert met(simplest(rule), yes, member) == met(rule, yes, member)


def test_versions_share_rows() -> None:
    heads = np.ones(N_PARTIES)
    first, second = Requirement(heads, 0.5), Requirement(heads, 0.75)
    rules = standing_rules([[((first,),), ((first, second),)]], N_PARTIES)
    assert len(rules.weight) == 2
    assert len(rules.unanimous) == 0


def test_consensus_or_two_thirds_is_two_thirds() -> None:
    two_thirds = majority(np.ones(N_PARTIES), 2 / 3)
    assert simplest((*unanimity(N_PARTIES), *two_thirds)) == two_thirds


@pytest.mark.parametrize(
    ("share", "weight"), [(0.0, [1.0]), (1.5, [1.0]), (0.5, [0.0]), (0.5, [-1.0]), (0.5, [np.nan])]
)
def test_requirements_that_are_none_are_refused(share: float, weight: list[float]) -> None:
    with pytest.raises(SimulationError, match="came; give"):
        Requirement(np.array(weight), share)


def test_tables_that_are_none_are_refused() -> None:
    with pytest.raises(SimulationError, match="none came"):
        standing_rules([], N_PARTIES)
    with pytest.raises(SimulationError, match="place 1 has no rule"):
        standing_rules([[unanimity(N_PARTIES)], []], N_PARTIES)
    with pytest.raises(SimulationError, match="weights of shape"):
        standing_rules([[unanimity(N_PARTIES + 1)]], N_PARTIES)
    with pytest.raises(SimulationError, match="versions 0 to 0"):
        alternatives_of(standing_rules([[unanimity(N_PARTIES)]], N_PARTIES), 0, 1)
