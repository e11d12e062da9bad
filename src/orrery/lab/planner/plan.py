"""`plan`: compare portfolios over an ensemble, price hedging, and find where it stops being stable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

import jax
import numpy as np
import pandas as pd
from jaxtyping import Float

from orrery.base.errors import ScenarioError
from orrery.data.panel import Panel
from orrery.lab.planner.candidates import Candidate, Kind, named, spread
from orrery.lab.planner.criteria import INTERVAL, Best, Criteria, Outcomes, criteria, masses, quantile, resampled
from orrery.lab.planner.criteria import scenario_regrets as regrets_of
from orrery.lab.planner.hedging import Comparison, Hedge, compare, hedge_condition, rival_diversity_of
from orrery.lab.planner.payoffs import Payoff, discounting, payoff
from orrery.lab.planner.search import N_STARTS, Search
from orrery.lab.planner.threshold_table import threshold_table
from orrery.lab.planner.worlds import Chosen, Progress, Worlds, choose, place_of, simulate_worlds
from orrery.measure.portfolios.channels import NON_ALIGNED

DISCOUNT_RATE = 0.03
"""Yearly rate at which later years count less."""

BY_MEAN, BY_WORST, BY_REGRET = "best by mean", "best by worst decile", "least largest regret"
BY_HIGH_REGRET, BEST_HEDGE = "least 90 % regret", "best hedge by mean"
SEARCHED = (BY_MEAN, BY_WORST, BY_REGRET, BY_HIGH_REGRET, BEST_HEDGE)
"""Names of the portfolios that are searched for."""
BETWEEN = (0.25, 0.5, 0.75)
"""Weights of the worst decile, beside the mean, at which further portfolios of the front are searched for."""


@dataclass(frozen=True)
class Plan:
    """A country's portfolios compared.

    Attributes:
        worlds: the ensemble.
        discount_rate: yearly.
        hedge: what counts as a hedge, in words.
        portfolios: every candidate with its shares and criteria, their Monte-Carlo errors, and whether it is on the
            front between mean and worst decile.
        scenarios: by scenario, the best fixed portfolio and what named candidates reach and regret.
        prices: what hedges give up and buy.
        readings: which candidate is best by each criterion when payoffs are counted otherwise.
        thresholds: where hedging stops being stable.
    """

    worlds: Worlds
    discount_rate: float
    hedge: str
    portfolios: pd.DataFrame
    scenarios: pd.DataFrame
    prices: pd.DataFrame
    readings: pd.DataFrame
    thresholds: pd.DataFrame


@dataclass(frozen=True)
class _Compared:
    """Candidates with what they reach: outcomes are relative to today's portfolio in the first year of the draw."""

    search: Search
    candidates: list[Candidate]
    outcomes: Outcomes
    best: Best
    of_scenario: list[np.ndarray]
    hedge: Hedge

    @property
    def shares(self) -> Float[np.ndarray, "candidate option"]:
        return np.stack([one.shares for one in self.candidates])

    def place(self, name: str) -> int:
        return [one.name for one in self.candidates].index(name)


def plan(
    panel: Panel,
    country: str,
    scenarios: Sequence[str] | None = None,
    *,
    weights: Mapping[str, float] | None = None,
    start: int | None = None,
    years: int = 25,
    draws: int = 40,
    seed: int = 1,
    discount_rate: float = DISCOUNT_RATE,
    largest_share: float | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Plan:
    """Compare portfolios that a country could hold from the start year on, over an ensemble of scenarios.

    The other countries and the poles are taken not to react to this one country's choice, except that coercion depends
    on what it delivers.

    Args:
        panel: the data.
        country: ISO3 code of a country that is no pole by itself.
        scenarios: names or files; by default all shipped ones without a hub that fit.
        weights: of scenarios by name, 1 for those not named.
        start: calendar year; the newest complete one by default.
        years: years for which the portfolio is held.
        draws: draws of each scenario, 2 or more.
        seed: of all randomness.
        discount_rate: yearly, above -1.
        largest_share: what makes a hedge: no pole gets more. By default rival diversity of at least today's.
        workers: threads; one per core by default.
        progress: called with the number of simulations done and wanted.

    Raises:
        CountryCodeError: an unknown country.
        ScenarioError: a country that chooses no portfolio, a scenario, weight, rate or bound that is not allowed.
        SimulationError: the start year lacks an input, or too few draws succeeded.
    """
    if not -1 < discount_rate < 1:
        raise ScenarioError(f"`--discount`: {discount_rate:g} came; a yearly rate is above -1 and below 1.")
    chosen = choose(panel, scenarios, weights=weights, start=start, years=years, draws=draws, seed=seed)
    n_poles = len(chosen.observed.poles)
    if largest_share is not None and not 0 < largest_share < 1:
        raise ScenarioError(f"`--largest-share`: {largest_share:g} came; a share is above 0 and below 1.")
    if draws < 2:
        raise ScenarioError(f"`--draws`: {draws} came; errors need 2 or more.")
    if n_poles < 2:
        raise ScenarioError(f"`poles`: {', '.join(chosen.observed.poles)} came; a hedge needs two or more.")
    place_of(country, chosen.observed)
    worlds = simulate_worlds(country, chosen, workers=workers, progress=progress)
    return plan_over(worlds, discount_rate=discount_rate, largest_share=largest_share)


def plan_over(worlds: Worlds, *, discount_rate: float = DISCOUNT_RATE, largest_share: float | None = None) -> Plan:
    """Compare portfolios over an ensemble that is simulated already; see `plan`."""
    compared = _compared(worlds, discount_rate, largest_share)
    return Plan(
        worlds=worlds,
        discount_rate=discount_rate,
        hedge=compared.hedge.words,
        portfolios=_portfolio_table(compared, worlds),
        scenarios=_scenario_table(compared, worlds.chosen),
        prices=_price_table(compared),
        readings=_reading_table(compared, worlds),
        thresholds=threshold_table(worlds),
    )


def _reference(worlds: Worlds, kind: Payoff) -> Float[np.ndarray, "scenario draw"]:
    """Return what today's portfolio was worth in the first year, by scenario and draw."""
    with jax.enable_x64(True):
        shares = np.broadcast_to(worlds.today, (*worlds.first.base.shape[:-1], len(worlds.today)))
        return np.asarray(payoff(jax.tree.map(np.asarray, worlds.first), shares, kind))


def _compared(worlds: Worlds, discount_rate: float, largest_share: float | None) -> _Compared:
    """Return the candidates, those searched for included."""
    chosen, today = worlds.chosen, worlds.today
    years = discounting(worlds.met.base.shape[2], discount_rate)
    search = Search(worlds.met, years, chosen.weights, _reference(worlds, Payoff.PERTURBED))
    hedge = hedge_condition(today, worlds.pole_ideal_point, largest_share)
    candidates = [*named(today, chosen.observed.poles), *spread(len(today), chosen.scenarios[0].seed)]
    shares = np.stack([one.shares for one in candidates])
    values = search.values(shares)
    best, of_scenario = search.best(shares, values)
    reached = criteria(values, best, chosen.weights)

    def starts(loss: np.ndarray) -> list[np.ndarray]:
        return list(shares[np.argsort(loss)[:N_STARTS]])

    hedges = [place for place in np.argsort(-reached.mean) if hedge.holds(shares[place])][:N_STARTS]
    if not hedges:
        raise ScenarioError(f"`--largest-share`: no candidate has {hedge.words}. Raise it.")
    by_mean = search.best_mean([*starts(-reached.mean), today])
    between = [by_mean]
    for part in BETWEEN:
        between.append(search.best_lowest([between[-1], *starts(-reached.worst_decile)], part))
    by_worst = search.best_lowest([*between, *starts(-reached.worst_decile)])
    by_regret = search.least_regret([*starts(reached.largest_regret), *between], best.in_scenario.mean(1))
    by_high = search.least_high_regret([*starts(reached.high_regret), *between, by_regret], best.in_draw)
    best_hedge = by_mean
    if not hedge.holds(by_mean):
        best_hedge = search.best_mean([shares[place] for place in hedges], hedge.slack)
    found = (by_mean, by_worst, by_regret, by_high, best_hedge)
    candidates += [Candidate(name, Kind.BEST, one) for name, one in zip(SEARCHED, found, strict=True)]
    for part, one in zip(BETWEEN, between[1:], strict=True):
        candidates.append(Candidate(f"mean and {part:.0%} worst decile", Kind.BETWEEN, one))
    outcomes = search.values(np.stack([one.shares for one in candidates]))
    return _Compared(search, candidates, outcomes, best, of_scenario, hedge)


def _portfolio_table(compared: _Compared, worlds: Worlds) -> pd.DataFrame:
    """Return one row per candidate, best mean first."""
    weights, chosen = worlds.chosen.weights, worlds.chosen
    found = criteria(compared.outcomes, compared.best, weights)
    samples = resampled(compared.outcomes, compared.best, weights, chosen.scenarios[0].seed)
    counts = np.ones(compared.outcomes.shape[1])
    flat, mass = compared.outcomes.reshape(-1, compared.outcomes.shape[2]), masses(weights, counts)
    regrets = regrets_of(compared.outcomes, compared.best, counts)
    today = compared.place("today")
    columns = {
        "portfolio": [one.name for one in compared.candidates],
        "kind": [one.kind.value for one in compared.candidates],
        "hedge": [compared.hedge.holds(one.shares) for one in compared.candidates],
        "front": front(found.mean, found.worst_decile),
    }
    for one in fields(Criteria):
        columns[one.name] = getattr(found, one.name)
        columns[f"{one.name}_error"] = np.std(getattr(samples, one.name), axis=0, ddof=1)
    columns["over_today"] = found.mean - found.mean[today]
    columns["over_today_error"] = np.std(samples.mean - samples.mean[:, [today]], axis=0, ddof=1)
    columns["low"], columns["high"] = (quantile(flat, mass, level) for level in INTERVAL)
    columns["regretted_most_in"] = [chosen.scenarios[place].name for place in regrets.argmax(0)]
    columns["rival_diversity"] = rival_diversity_of(compared.shares, worlds.pole_ideal_point)
    options = (NON_ALIGNED, *chosen.observed.poles)
    columns |= {f"share_{option}": compared.shares[:, place] for place, option in enumerate(options)}
    return pd.DataFrame(columns).sort_values("mean", ascending=False, kind="stable", ignore_index=True)


def front(mean: Float[np.ndarray, " candidate"], worst: Float[np.ndarray, " candidate"]) -> np.ndarray:
    """Tell which candidates no other one beats in mean and worst decile (the Pareto set)."""
    order = np.lexsort((-worst, -mean))
    best_so_far = np.maximum.accumulate(worst[order])
    beaten = np.r_[False, worst[order][1:] <= best_so_far[:-1]]
    kept = np.zeros(len(mean), bool)
    kept[order[~beaten]] = True
    return kept


def _scenario_table(compared: _Compared, chosen: Chosen) -> pd.DataFrame:
    """Return one row per scenario and portfolio of interest: mean over draws, its error, and regret."""
    n_draws = compared.outcomes.shape[1]
    regrets = regrets_of(compared.outcomes, compared.best, np.ones(n_draws))
    options = (NON_ALIGNED, *chosen.observed.poles)
    rows = []
    for place, scenario in enumerate(chosen.scenarios):
        top = compared.best.in_scenario[place]
        shown = [("best in this scenario", compared.of_scenario[place], top, 0.0)]
        for number, one in enumerate(compared.candidates):
            if one.kind is not Kind.SPREAD:
                shown.append((one.name, one.shares, compared.outcomes[place, :, number], regrets[place, number]))
        for name, shares, values, regret in shown:
            low, high = np.quantile(values, INTERVAL)
            rows.append(
                {
                    "scenario": scenario.name,
                    "weight": chosen.weights[place],
                    "portfolio": name,
                    "mean": values.mean(),
                    "mean_error": values.std(ddof=1) / np.sqrt(n_draws),
                    "low": low,
                    "high": high,
                    "regret": regret,
                    "regret_error": (top - values).std(ddof=1) / np.sqrt(n_draws),
                    **{f"share_{option}": share for option, share in zip(options, shares, strict=True)},
                }
            )
    return pd.DataFrame(rows)


def _price_table(compared: _Compared) -> pd.DataFrame:
    """Return what the best hedge, today's portfolio and the best worst decile give up and buy."""
    pairs = ((BEST_HEDGE, BY_MEAN), ("today", BY_MEAN), (BY_WORST, BY_MEAN), (BY_REGRET, BY_MEAN))
    rows: list[Comparison] = []
    for names in pairs:
        pair = compared.shares[[compared.place(name) for name in names]]
        rows.append(compare(compared.search, compared.best, names, pair))
    return pd.DataFrame(rows)


def _reading_table(compared: _Compared, worlds: Worlds) -> pd.DataFrame:
    """Return which candidate is best by each criterion in every reading of payoffs, and how ranks agree."""
    rows, ranks = [], {}
    for kind in Payoff:
        search = replace(compared.search, reference=_reference(worlds, kind), kind=kind)
        values = search.values(compared.shares)
        best, _ = search.best(compared.shares, values)
        found = criteria(values, best, worlds.chosen.weights)
        for one in fields(Criteria):
            loss = getattr(found, one.name) * (1 if "regret" in one.name else -1)
            ranks[kind, one.name] = pd.Series(loss).rank()
            rows.append(
                {
                    "payoff": kind.value,
                    "criterion": one.name,
                    "best": compared.candidates[int(np.argmin(loss))].name,
                    "rank_of_today": int(ranks[kind, one.name][compared.place("today")]),
                    "candidates": len(loss),
                    "today_behind": float(loss[compared.place("today")] - loss.min()),
                    "rank_correlation": ranks[kind, one.name].corr(ranks[Payoff.PERTURBED, one.name]),
                }
            )
    return pd.DataFrame(rows)
