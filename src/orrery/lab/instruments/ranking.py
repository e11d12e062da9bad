"""Which instrument comes first at equal cost, how often, and up to which price."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float

from orrery.lab.instruments.curves import Curve, Key
from orrery.lab.instruments.outcomes import OUTCOMES, WHENS
from orrery.lab.instruments.prices import Prices

NOTHING = "nothing"
"""To spend nothing, which changes nothing and stands among the ranked."""

GRID = 2_000
"""Sizes between 0 and the largest at which a break-even price is looked for."""


@dataclass(frozen=True)
class AtPrices:
    """Prices drawn from their ranges, and what they mean for every instrument.

    Attributes:
        unit_prices: drawn cost of a unit of each instrument, as a share of the hub's capability.
        sizes: at which it costs the budget, or the largest that was simulated.
        absorbed: part of the budget that it costs there, at most 1.
    """

    unit_prices: dict[str, Float[np.ndarray, " price_draw"]]
    sizes: dict[str, Float[np.ndarray, " price_draw"]]
    absorbed: dict[str, Float[np.ndarray, " price_draw"]]


def at_prices(
    curves: Mapping[str, Curve], unit_prices: dict[str, Float[np.ndarray, " price_draw"]], budget: float
) -> AtPrices:
    """Return the size of every instrument at each of the drawn prices."""
    sizes = {name: curve.size_for(budget / unit_prices[name]) for name, curve in curves.items()}
    absorbed = {name: np.minimum(1.0, unit_prices[name] * curve.units[-1] / budget) for name, curve in curves.items()}
    return AtPrices(unit_prices, sizes, absorbed)


def ranking(curves: Mapping[str, Curve], drawn: AtPrices) -> pd.DataFrame:
    """Return how often each instrument is the best one for each outcome, `NOTHING` among them.

    `first_by_median` is the share of price draws in which its median effect is the best; `first_of_all` that of all
    pairs of a price draw and a draw of the model. Those that are equally good share their place.
    """
    rows = []
    for key in ((name, when) for name in OUTCOMES for when in WHENS):
        wanted = OUTCOMES[key[0]].wanted
        effects = {name: wanted * curve.effects_at(key, drawn.sizes[name]) for name, curve in curves.items()}
        effects[NOTHING] = np.zeros_like(next(iter(effects.values())))
        every = np.stack(list(effects.values()))
        medians, whole = _firsts(np.median(every, axis=-1)), _firsts(every)
        middle = np.quantile(every, (0.1, 0.5, 0.9), axis=(1, 2)) * wanted
        for place, name in enumerate(effects):
            low, high = sorted((middle[0, place], middle[2, place]))
            rows.append(
                {
                    "outcome": key[0],
                    "when": key[1],
                    "instrument": name,
                    "first_by_median": medians[place].mean(),
                    "first_of_all": whole[place].mean(),
                    "median": middle[1, place],
                    "low": low,
                    "high": high,
                }
            )
    return pd.DataFrame(rows)


def _firsts(values: Float[np.ndarray, " instrument *rest"]) -> Float[np.ndarray, " instrument *rest"]:
    """Return 1 for the largest, shared by those that are equal."""
    best = values == values.max(0)
    return np.asarray(best / best.sum(0))


def break_even(curves: Mapping[str, Curve], prices: Prices, budget: float) -> pd.DataFrame:
    """Return the highest price at which each instrument does as well as the best one at its central price.

    For the best instrument: as well as the second. A price is in the instrument's own unit, with the worth of
    ordinary supply at its central value. What counts is the median effect. Where there is none,
    `note` says why.
    """
    rows = []
    for key in ((name, when) for name in OUTCOMES for when in WHENS):
        wanted = OUTCOMES[key[0]].wanted
        now = {name: wanted * float(np.median(curve.effects(key)[curve.central])) for name, curve in curves.items()}
        order = sorted(now, key=lambda name: -now[name])
        for name, curve in curves.items():
            rival = order[1] if name == order[0] else order[0]
            worth = prices.central(name) / prices.instruments[name].central
            price, note = _highest_price(curve, key, now[rival] * wanted, budget / worth)
            rows.append(
                {
                    "outcome": key[0],
                    "when": key[1],
                    "instrument": name,
                    "rival": rival,
                    "central_price": prices.instruments[name].central,
                    "break_even_price": price,
                    "note": note,
                }
            )
    return pd.DataFrame(rows)


def _highest_price(curve: Curve, key: Key, target: float, budget: float) -> tuple[float, str]:
    """Return the highest price at which an instrument has at least the effect `target`, or why there is none."""
    wanted = OUTCOMES[key[0]].wanted
    if target * wanted <= 0:
        return np.nan, "at any price: its rival does no good"
    sizes = np.linspace(0, curve.sizes[-1], GRID + 1)[1:]
    enough = wanted * np.median(curve.effects_at(key, sizes), axis=-1) >= target * wanted
    if not enough.any():
        return np.nan, "at no price: even at the largest size simulated it does less"
    return budget / float(np.interp(sizes[np.argmax(enough)], curve.sizes, curve.units)), ""
