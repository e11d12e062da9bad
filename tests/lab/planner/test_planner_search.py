"""Searches of the simplex: closed forms, constraints, and that nothing they begin with beats what they find."""

from __future__ import annotations

import dataclasses
from itertools import permutations

import jax
import numpy as np
import pytest
from made_circumstances import made, random_portfolios, two_rivals, uncoerced

from orrery.lab.planner.criteria import Best, criteria
from orrery.lab.planner.hedging import compare, hedge_condition, rival_diversity_of
from orrery.lab.planner.payoffs import discounting
from orrery.lab.planner.search import Search, point_of, portfolio_of

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("double_precision")]

SCENARIOS, DRAWS, YEARS = 3, 8, 2
WEIGHTS = np.array([0.5, 0.25, 0.25])
SHARES = random_portfolios(0, 30)
REFERENCE = np.random.default_rng(9).normal(0, 1, (SCENARIOS, DRAWS))


def made_search(seed: int = 1) -> Search:
    return Search(made(seed, SCENARIOS, DRAWS, YEARS), discounting(YEARS, 0.03), WEIGHTS, REFERENCE)


def logit_search(base: np.ndarray) -> Search:
    """A search whose payoff is `a'v` plus entropy, with `v` by scenario, the same in all draws and years."""
    met = uncoerced(made(1, SCENARIOS, DRAWS, YEARS))
    base = np.broadcast_to(base[:, None, None, :], met.base.shape)
    nothing = np.zeros_like(met.exclusivity)
    met = dataclasses.replace(met, base=base, diversification=nothing[..., 0], exclusivity=nothing)
    return Search(met, discounting(YEARS, 0.03), WEIGHTS, np.zeros((SCENARIOS, DRAWS)))


def test_the_best_mean_is_the_logit_portfolio_of_mean_utilities():
    base = np.random.default_rng(3).normal(0, 1, (SCENARIOS, 3))
    found = logit_search(base).best_mean([SHARES[0], SHARES[1]])
    np.testing.assert_allclose(found, portfolio_of(WEIGHTS @ base), atol=1e-4)


def test_regret_against_the_best_of_scenarios_and_draws_is_the_loss_of_the_log_sum():
    base = np.random.default_rng(4).normal(0, 1, (SCENARIOS, 3))
    search = logit_search(base)
    best, portfolios = search.best(SHARES, search.values(SHARES))
    log_sum = np.log1p(np.exp(base).sum(-1))
    np.testing.assert_allclose(best.in_scenario, np.repeat(log_sum[:, None], DRAWS, 1), atol=1e-6)
    np.testing.assert_allclose(best.in_draw, best.in_scenario, atol=1e-6)
    for place, shares in enumerate(portfolios):
        np.testing.assert_allclose(shares, portfolio_of(base[place]), atol=2e-3)


def test_the_least_regret_of_mirrored_scenarios_lies_in_their_middle():
    base = np.array([[1.0, -1.0, 0.0], [-1.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
    search = logit_search(base)
    found = search.least_regret([SHARES[0], SHARES[5]], np.log1p(np.exp(base).sum(-1)))
    assert found[1] == pytest.approx(found[2], abs=1e-4)
    np.testing.assert_allclose(found, portfolio_of(np.zeros(3)), atol=0.06)


def test_nothing_that_a_search_begins_with_beats_what_it_finds():
    search = made_search()
    values = search.values(SHARES)
    best, _ = search.best(SHARES, values)
    assert (best.in_draw >= values.max(-1) - 1e-12).all()
    assert (best.in_scenario.mean(1) >= values.mean(1).max(-1) - 1e-12).all()
    starts = list(SHARES[:3])
    found = np.stack(
        [
            search.best_mean(starts),
            search.best_lowest(starts),
            search.least_regret(starts, best.in_scenario.mean(1)),
            search.least_high_regret(starts, best.in_draw),
        ]
    )
    reached = criteria(search.values(np.concatenate([found, SHARES])), best, WEIGHTS)
    assert reached.mean.argmax() == 0
    assert reached.worst_decile.argmax() == 1
    assert reached.largest_regret.argmin() == 2
    assert reached.high_regret[3] <= reached.high_regret[4:7].min()
    np.testing.assert_allclose(found.sum(1), 1)


def test_a_mixture_of_mean_and_worst_decile_gives_either_at_its_ends():
    search = made_search()
    by_mean = search.best_mean(list(SHARES[:3]))
    whole = search.values(np.stack([by_mean, search.best_lowest([by_mean], 0.0)]))
    assert WEIGHTS @ whole.mean(1) == pytest.approx(np.full(2, WEIGHTS @ whole.mean(1)[:, 0]), abs=1e-5)


def test_the_best_hedge_keeps_the_condition_and_is_no_better_than_the_best():
    search, poles = made_search(2), np.array([-1.0, 0.0, 2.0])
    today = SHARES[7]
    for condition in (hedge_condition(today, poles, None), hedge_condition(today, poles, 0.3)):
        starts = [one for one in SHARES if condition.holds(one)][:3]
        assert starts
        found = search.best_mean(starts, condition.slack)
        assert condition.holds(found)
        free = search.best_mean(list(SHARES[:3]))
        # No exchange of a little between two shares that keeps the condition does better.
        for source, target in permutations(range(4), 2):
            beside = found + 1e-3 * (np.eye(4)[target] - np.eye(4)[source])
            if beside.min() > 0 and np.min(np.asarray(condition.slack(beside))) >= 0:
                assert WEIGHTS @ search.values(np.stack([beside])).mean(1)[:, 0] <= (
                    WEIGHTS @ search.values(np.stack([found])).mean(1)[:, 0] + 1e-7
                )
        means = WEIGHTS @ search.values(np.stack([found, free, *starts])).mean(1)
        assert means[0] <= means[1] + 1e-9
        assert means[0] >= means[2:].max() - 1e-9


def test_rival_diversity_is_one_for_the_ends_in_equal_parts():
    poles = np.array([-1.0, 0.0, 2.0])
    shares = np.array([[0.2, 0.4, 0.0, 0.4], [0.9, 0.1, 0, 0], [1.0, 0, 0, 0]])
    np.testing.assert_allclose(rival_diversity_of(shares, poles), [1, 0, 0])


def test_what_a_portfolio_gives_up_in_supply_makes_it_as_good():
    """With one pole's utility falling in supply alone, the factor is found in closed form."""
    met = two_rivals(1, 4, 1)
    met = dataclasses.replace(met, intensity=np.full((1, 4, 1, 2), 2.0), resource_appeal=np.full((1, 4, 1), 1.5))
    search = Search(met, np.ones(1), np.ones(1), np.full((1, 4), 0.7))
    pair = np.array([[0.2, 0.6, 0.2], [0.2, 0.4, 0.4]])
    values = search.values(pair)
    best = Best(values[..., 1], values.max(-1))
    found = compare(search, best, ("one", "other"), pair)
    gap = float(values[0, 0, 1] - values[0, 0, 0])
    assert found.mean_given_up == pytest.approx(gap)
    # 0.8 × 1.5 × ln((1 + 2 x) / 3) = gap
    expected = (3 * np.exp(gap / (0.8 * 1.5)) - 1) / 2 - 1
    assert found.supply_given_up == pytest.approx(expected, rel=1e-4)
    assert found.worst_bought == pytest.approx(-gap)
    assert (found.of, found.against, found.mean_error) == ("one", "other", pytest.approx(0, abs=1e-12))


def test_a_loss_that_no_supply_makes_good_is_not_a_number():
    met = dataclasses.replace(two_rivals(1, 4, 1), intensity=np.zeros((1, 4, 1, 2)))
    search = Search(met, np.ones(1), np.ones(1), np.full((1, 4), 0.7))
    pair = np.array([[0.2, 0.7, 0.1], [0.2, 0.4, 0.4]])
    values = search.values(pair)
    found = compare(search, Best(values[..., 1], values.max(-1)), ("one", "other"), pair)
    assert np.isnan(found.supply_given_up)


def test_log_ratios_and_portfolios_are_each_others_inverse():
    np.testing.assert_allclose(portfolio_of(point_of(SHARES[3])), SHARES[3])
    assert jax.numpy.isfinite(point_of(np.array([1.0, 0, 0, 0]))).all()
