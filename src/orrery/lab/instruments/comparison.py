"""A hub's instruments at equal cost: what each does to its neighbours and to itself, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from orrery.base.errors import ScenarioError
from orrery.base.keys import named_key, root_key
from orrery.lab.instruments.curves import Curve, trace
from orrery.lab.instruments.instruments import INSTRUMENTS
from orrery.lab.instruments.outcomes import OF_NEIGHBOURS, OUTCOMES, WHENS
from orrery.lab.instruments.prices import Prices
from orrery.lab.instruments.ranking import AtPrices, at_prices, break_even, ranking
from orrery.lab.instruments.setting import Setting

Progress = Callable[[int, int], None]
"""Called with the number of simulations done and expected."""

MOST_SIMULATIONS = 4
"""Simulations that an instrument usually takes, for telling how far the work is."""

QUANTILES = (0.1, 0.5, 0.9)


@dataclass(frozen=True)
class Question:
    """What is compared.

    Attributes:
        budget: expected yearly cost of each instrument, per cent of the hub's capability.
        price_draws: draws of prices from their ranges.
        prices: of the instruments.
    """

    budget: float
    price_draws: int
    prices: Prices

    def __post_init__(self) -> None:
        if not 0 < self.budget <= 100:
            raise ScenarioError(
                f"`budget`: {self.budget:g} came; it is above 0 and at most 100 per cent of the hub's capability."
            )
        if self.price_draws < 1:
            raise ScenarioError(f"`price_draws`: {self.price_draws} came; at least 1 is needed.")
        if set(self.prices.instruments) != set(INSTRUMENTS):
            wrong = sorted(set(self.prices.instruments) ^ set(INSTRUMENTS))
            raise ScenarioError(
                f"`prices`: {', '.join(wrong)} unknown or without a price; there must be one for each of "
                f"{', '.join(INSTRUMENTS)}."
            )


@dataclass(frozen=True)
class Comparison:
    """What came out, as tables.

    Attributes:
        hub: name of the hub.
        neighbours: ISO3 codes.
        years: first year, and last.
        sizes: of every instrument: size, expected cost, whether it can absorb the budget.
        effects: of every instrument on every outcome, at central prices: median and 80 % interval over draws.
        by_neighbour: the same for each neighbour.
        ranking: how often each is first, over prices drawn from their ranges.
        break_even: price at which each does as well as the best.
        prices: of the instruments, with ranges, status and source.
        n_draws: draws that went well in every simulation.
        curves: of the instruments.
    """

    hub: str
    neighbours: tuple[str, ...]
    years: tuple[int, int]
    sizes: pd.DataFrame
    effects: pd.DataFrame
    by_neighbour: pd.DataFrame
    ranking: pd.DataFrame
    break_even: pd.DataFrame
    prices: pd.DataFrame
    n_draws: int
    curves: Mapping[str, Curve]

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by name."""
        names = ("sizes", "effects", "by_neighbour", "ranking", "break_even", "prices")
        return {name: getattr(self, name) for name in names}


def compare_instruments(setting: Setting, question: Question, progress: Progress | None = None) -> Comparison:
    """Compare a hub's instruments at equal expected cost.

    Each instrument is in force from the second year to the horizon. Effects are differences from the same draws
    without it.

    Args:
        setting: the world, the hub and the draws.
        question: budget and prices.
        progress: called after every simulation.

    Raises:
        ScenarioError: the hub is no pole, or its neighbours are no countries of the start year.
        SimulationError: too many draws failed.
    """
    budget, prices = question.budget / 100, question.prices
    neighbours = setting.neighbours
    curves = trace(setting, prices, budget, _counter(progress))
    key = named_key(root_key(setting.scenario.seed), "prices of instruments")
    drawn = at_prices(curves, prices.draws(key, question.price_draws), budget)
    first = next(iter(curves.values())).readings[0]
    return Comparison(
        hub=setting.hub.pole,
        neighbours=neighbours,
        years=(setting.observed.year, setting.observed.year + setting.scenario.years),
        sizes=pd.DataFrame([_size_row(name, curve, question, drawn) for name, curve in curves.items()]),
        effects=pd.DataFrame([row for name, curve in curves.items() for row in _effect_rows(name, curve, prices)]),
        by_neighbour=pd.DataFrame(
            [row for name, curve in curves.items() for row in _neighbour_rows(name, curve, neighbours)]
        ),
        ranking=ranking(curves, drawn),
        break_even=break_even(curves, prices, budget),
        prices=prices_table(prices),
        n_draws=len(first.draws),
        curves=curves,
    )


def _counter(progress: Progress | None) -> Callable[[str], None]:
    """Return what counts simulations and tells `progress` of them."""
    done = [0]

    def count(name: str) -> None:
        del name
        done[0] += 1
        if progress is not None:
            progress(done[0], max(1 + MOST_SIMULATIONS * len(INSTRUMENTS), done[0]))

    return count


def _size_row(name: str, curve: Curve, question: Question, drawn: AtPrices) -> dict[str, Any]:
    price, reading = question.prices.instruments[name], curve.readings[curve.central]
    cost = 100 * question.prices.central(name) * reading.units
    low, _, high = np.quantile(cost, QUANTILES)
    return {
        "instrument": name,
        "title": price.title,
        "lever": price.lever,
        "size": reading.size,
        "size_counts": price.size,
        "most": price.most,
        "cost": cost.mean(),
        "cost_low": low,
        "cost_high": high,
        "budget": question.budget,
        "absorbs": bool(curve.sizes[curve.central] < price.most or cost.mean() >= question.budget),
        "absorbs_of_price_draws": float((drawn.absorbed[name] >= 1).mean()),
    }


def _effect_rows(name: str, curve: Curve, prices: Prices) -> list[dict[str, Any]]:
    """Return the effect on every outcome at central prices, and per per cent of the hub's capability."""
    cost = 100 * prices.central(name) * float(curve.units[curve.central])
    rows = []
    for key in ((outcome, when) for outcome in OUTCOMES for when in WHENS):
        outcome, effect = OUTCOMES[key[0]], curve.effects(key)[curve.central]
        without = float(np.median(curve.readings[0].values[key]))
        rows.append(
            {
                "instrument": name,
                "outcome": key[0],
                "group": outcome.group,
                "title": outcome.title,
                "unit": outcome.unit,
                "wanted": outcome.wanted,
                "when": key[1],
                "without": without,
                **_spread(effect),
                "per_cost": float(np.median(effect)) / cost,
                "per_cost_low": float(np.quantile(effect, 0.1)) / cost,
                "per_cost_high": float(np.quantile(effect, 0.9)) / cost,
                "n_draws": len(effect),
            }
        )
    return rows


def _neighbour_rows(name: str, curve: Curve, neighbours: tuple[str, ...]) -> list[dict[str, Any]]:
    with_it, without = curve.readings[curve.central], curve.readings[0]
    rows = []
    for key in ((outcome, when) for outcome in OF_NEIGHBOURS for when in WHENS):
        effects = with_it.by_neighbour[key] - without.by_neighbour[key]
        for place, country in enumerate(neighbours):
            level = float(np.median(without.by_neighbour[key][:, place]))
            rows.append(
                {
                    "instrument": name,
                    "outcome": key[0],
                    "when": key[1],
                    "country": country,
                    "without": level,
                    **_spread(effects[:, place]),
                }
            )
    return rows


def _spread(effect: np.ndarray) -> dict[str, float]:
    """Return median, 80 % interval, and how many of the draws are above and below 0."""
    low, median, high = np.quantile(effect, QUANTILES).tolist()
    return {
        "median": median,
        "low": low,
        "high": high,
        "probability_more": float((effect > 0).mean()),
        "probability_less": float((effect < 0).mean()),
    }


def prices_table(prices: Prices) -> pd.DataFrame:
    """Return every price as a row."""
    rows = [{"price": "ordinary-supply", **prices.ordinary_supply.model_dump()}]
    rows += [{"price": name, **price.model_dump()} for name, price in prices.instruments.items()]
    return pd.DataFrame(rows)
