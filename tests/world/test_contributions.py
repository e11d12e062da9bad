"""Contributions: they add up, follow the gradient, know no order, and come from nothing but what changed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy.integrate import quad_vec

from orrery.world.contributions import (
    TERMS,
    AlignmentPath,
    accumulated,
    contributions,
    divided,
    utility_changes,
)
from orrery.world.step import PHASES

ROWS, N_TERMS, N_POLES = 3, 4, 3
UTILS = st.floats(-6, 6)
changes_of_terms = npst.arrays(float, (ROWS, N_TERMS, N_POLES), elements=UTILS)


def portfolios(shape: tuple[int, ...], seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).dirichlet(np.ones(shape[-1]), shape[:-1])


def softmax(utility: np.ndarray) -> np.ndarray:
    weight = np.exp(utility - utility.max(-1, keepdims=True))
    return weight / weight.sum(-1, keepdims=True)


def wanted(first: np.ndarray, change: np.ndarray) -> np.ndarray:
    """The logit portfolio written with utilities, as the model has it."""
    utility = np.log(first[..., 1:] / first[..., :1]) + change
    return softmax(np.concatenate([np.zeros((*utility.shape[:-1], 1)), utility], -1))


@given(changes_of_terms)
def test_parts_add_up_to_the_change_over_terms_and_to_nothing_over_options(changes: np.ndarray) -> None:
    first = portfolios((ROWS, N_POLES + 1))
    parts = divided(first, changes)
    np.testing.assert_allclose(parts.sum(-2), wanted(first, changes.sum(-2)) - first, rtol=0, atol=1e-12)
    np.testing.assert_allclose(parts.sum(-1), 0, rtol=0, atol=1e-12)


@given(changes_of_terms)
def test_the_order_of_terms_does_not_matter_and_a_term_may_come_in_pieces(changes: np.ndarray) -> None:
    first = portfolios((ROWS, N_POLES + 1))
    parts = divided(first, changes)
    np.testing.assert_allclose(divided(first, changes[:, ::-1])[:, ::-1], parts, rtol=0, atol=1e-12)
    joined = np.concatenate([changes[:, :2].sum(1, keepdims=True), changes[:, 2:]], axis=1)
    np.testing.assert_allclose(divided(first, joined)[:, 0], parts[:, :2].sum(1), rtol=0, atol=1e-12)


@given(npst.arrays(float, (ROWS, N_POLES), elements=UTILS), st.integers(0, N_TERMS - 1))
def test_the_only_term_that_changes_gets_everything_and_the_others_exactly_nothing(change: np.ndarray, place: int):
    first, changes = portfolios((ROWS, N_POLES + 1)), np.zeros((ROWS, N_TERMS, N_POLES))
    changes[:, place] = change
    parts = divided(first, changes)
    assert (np.delete(parts, place, axis=1) == 0).all()
    np.testing.assert_allclose(parts[:, place], wanted(first, change) - first, rtol=0, atol=1e-12)


def test_parts_are_the_integral_of_the_gradient_along_the_straight_path() -> None:
    first, changes = portfolios((N_POLES + 1,)), np.random.default_rng(5).normal(0, 4, (N_TERMS, N_POLES))
    whole = np.pad(changes, ((0, 0), (1, 0)))

    def gradient(part: float) -> np.ndarray:
        shares = wanted(first, part * changes.sum(0))
        return whole @ (np.diag(shares) - np.outer(shares, shares))

    integral, _ = quad_vec(gradient, 0, 1, epsabs=1e-13, epsrel=1e-13)
    np.testing.assert_allclose(divided(first, changes), integral, rtol=0, atol=1e-11)


def test_terms_that_undo_each_other_leave_nothing() -> None:
    change = np.array([[1.0, -2.0, 0.5]])
    parts = divided(portfolios((N_POLES + 1,)), np.concatenate([change, -change]))
    np.testing.assert_allclose(parts.sum(0), 0, atol=1e-15)
    assert np.abs(parts).max() > 0.05


def test_a_country_aligned_with_one_pole_alone_is_moved_by_nothing() -> None:
    first, changes = np.eye(N_POLES + 1)[2], np.random.default_rng(0).normal(0, 9, (N_TERMS, N_POLES))
    assert (divided(first, changes) == 0).all()


def test_huge_utilities_stay_finite_and_add_up() -> None:
    first, changes = portfolios((N_POLES + 1,)), np.array([[900.0, 0, 0], [0, -300.0, 40.0]])
    parts = divided(first, changes)
    np.testing.assert_allclose(parts.sum(0), wanted(first, changes.sum(0)) - first, rtol=0, atol=1e-12)


@given(npst.arrays(float, (5, 2), elements=st.floats(0, 1)))
def test_contributions_follow_the_portfolio_itself(speed: np.ndarray) -> None:
    parts = np.random.default_rng(3).normal(0, 0.1, (5, 2, N_TERMS, N_POLES + 1))
    found, portfolio = accumulated(parts, speed), np.zeros((2, N_POLES + 1))
    for year in range(5):
        portfolio = portfolio + speed[year, :, None] * (parts[year].sum(-2) - portfolio)
        np.testing.assert_allclose(found[year].sum(-2), portfolio, rtol=0, atol=1e-14)


def path_of(seed: int, **changed: np.ndarray) -> AlignmentPath:
    """A path on which nothing changes, but for what is given."""
    random, years, countries = np.random.default_rng(seed), 4, 2
    terms = random.normal(0, 1, (countries, 5, N_POLES))
    demand = np.abs(random.normal(0, 1, (N_POLES, N_POLES)))
    still = {
        "terms": np.broadcast_to(terms, (years, *terms.shape)),
        "first_terms": terms,
        "demand": np.broadcast_to(demand, (years, *demand.shape)),
        "first_demand": demand,
        "speed": np.full((years, countries), 0.2),
        "portfolio": np.broadcast_to(portfolios((countries, N_POLES + 1)), (years + 1, countries, N_POLES + 1)),
    }
    return AlignmentPath(**{**still, **changed})


def test_where_nothing_changes_nothing_contributes() -> None:
    assert (contributions(path_of(1)) == 0).all()


def test_rivals_are_split_into_demands_and_shares_without_remainder() -> None:
    random = np.random.default_rng(2)
    demand, portfolio = np.abs(random.normal(0, 1, (4, N_POLES, N_POLES))), portfolios((5, 2, N_POLES + 1), 3)
    path = path_of(1, demand=demand, portfolio=portfolio)
    changed = dict(zip(TERMS, np.moveaxis(utility_changes(path), -2, 0), strict=True))
    for year in range(4):
        now = -portfolio[year, :, 1:] @ demand[year].T
        before = -portfolio[0, :, 1:] @ path.first_demand.T
        np.testing.assert_allclose(changed["rivalry"][year] + changed["shares of rivals"][year], now - before)
    assert all((changed[name] == 0).all() for name in set(TERMS) - {"rivalry", "shares of rivals"})


@pytest.mark.parametrize("moved", ["demand", "portfolio"])
def test_demands_alone_move_rivalry_and_shares_alone_the_shares_of_rivals(moved: str) -> None:
    random = np.random.default_rng(4)
    value = np.abs(random.normal(0, 1, (4, 3, 3))) if moved == "demand" else portfolios((5, 2, N_POLES + 1), 3)
    changed = dict(zip(TERMS, np.moveaxis(utility_changes(path_of(1, **{moved: value})), -2, 0), strict=True))
    idle, busy = ("shares of rivals", "rivalry") if moved == "demand" else ("rivalry", "shares of rivals")
    assert (changed[idle] == 0).all()
    assert changed[busy].any()


def test_the_phases_named_are_phases_of_the_year() -> None:
    named = {phase for phases in TERMS.values() for phase in phases.split(", ")}
    assert named <= {phase.name for phase in PHASES}


def test_the_page_names_every_term_with_its_phases() -> None:
    text = (Path(__file__).parents[2] / "docs" / "explain.md").read_text("utf-8")
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    assert {row[0]: row[-1] for row in rows if row[0] in TERMS} == TERMS
