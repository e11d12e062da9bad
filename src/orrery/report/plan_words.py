"""A plan in sentences: the same ones for every country."""

from __future__ import annotations

import math
from typing import Any

from orrery.data.countries import country
from orrery.lab.planner.branches import LARGEST_FACTOR
from orrery.lab.planner.payoffs import Payoff
from orrery.lab.planner.plan import BEST_HEDGE, BY_MEAN, Plan
from orrery.lab.planner.threshold import Question


def setting_words(found: Plan) -> list[str]:
    """Say what was compared over what."""
    worlds, chosen = found.worlds, found.worlds.chosen
    first, year = chosen.scenarios[0], chosen.observed.year
    left_out = "".join(f"; left out: {name} ({reason})" for name, reason in chosen.left_out.items())
    failed = f"; {len(worlds.failed)} failed draws are left out of every scenario" if worlds.failed else ""
    return [
        f"{country(worlds.country).name}, portfolios held {year + 1}-{year + first.years}, {len(chosen.scenarios)} "
        f"scenarios of {worlds.met.base.shape[1]} draws, seed {first.seed}{failed}{left_out}",
        f"utils a year, discounted at {found.discount_rate:.0%}, relative to today's portfolio in {year} in the same "
        "draw; not comparable between countries. ± is the Monte-Carlo error.",
        "Others are taken not to react, except that coercion depends on what is delivered.",
    ]


def price_words(found: Plan) -> list[str]:
    """Say what the best hedge gives up and buys, and today's portfolio."""
    lines = [f"Price of hedging (a hedge has {found.hedge}), against the portfolio with the best mean:"]
    table = found.prices[found.prices["against"] == BY_MEAN]
    own = found.portfolios.set_index("portfolio")
    for row in table[table["of"].isin((BEST_HEDGE, "today"))].to_dict("records"):
        if row["of"] == BEST_HEDGE and bool(own.loc[BY_MEAN, "hedge"]):
            lines.append("  the portfolio with the best mean is itself a hedge: its price is 0")
            continue
        lines.append(
            f"  {row['of']}: gives up {row['mean_given_up']:.3f} ± {row['mean_error']:.3f} in the mean "
            f"({_supply(row['supply_given_up'])}), and changes the lowest tenth by {row['worst_bought']:+.3f} ± "
            f"{row['worst_error']:.3f} ({_supply(row['supply_bought'])})"
        )
    return lines


def reading_words(found: Plan) -> list[str]:
    """Say which candidate is best in the mean when payoffs are counted otherwise."""
    lines = ["Best in the mean when payoffs are counted otherwise (same candidates):"]
    for row in found.readings[found.readings["criterion"] == "mean"].to_dict("records"):
        if row["payoff"] != Payoff.PERTURBED.value:
            lines.append(
                f"  {row['payoff']}: {row['best']}; today's portfolio is number {row['rank_of_today']} of "
                f"{row['candidates']}; rank correlation {row['rank_correlation']:.2f}"
            )
    return lines


def threshold_words(found: Plan) -> list[str]:
    """Say how far exclusivity can rise before hedging stops being stable."""
    lines = ["Factor of exclusivity at which the portfolio stops being stable (1 is today's; median, 90 % interval):"]
    for row in found.thresholds.to_dict("records"):
        lines.append(f"  {row['year']}, {row['question']}: {_threshold(row)}")
    return lines


def _threshold(row: dict[str, Any]) -> str:
    said = []
    if row["with_threshold"] > 0:
        said.append(
            f"{_interval(row, 'factor')}; two symmetric rivals {_interval(row, 'analytic')}; ratio "
            f"{_interval(row, 'ratio')}; confirmed by nudges in {_part(row['confirmed'])}"
        )
    if row["unstable_already"] > 0:
        said.append(f"unstable already in {_part(row['unstable_already'])}")
    if row["none_found"] > 0:
        upto = f" up to {LARGEST_FACTOR:g}" if row["question"] == Question.GIVES_WAY.value else ""
        said.append(f"none{upto} in {_part(row['none_found'])}")
    if row["not_followed"] > 0:
        said.append(f"not followed to its end in {_part(row['not_followed'])}")
    if row["half_lost"] > 0:
        said.append(f"half of the rivalry of ties is lost at {_interval(row, 'half')} in {_part(row['half_lost'])}")
    return "; ".join(said)


def _interval(row: dict[str, Any], name: str) -> str:
    return f"{row[f'{name}_median']:.2f} ({row[f'{name}_low']:.2f} to {row[f'{name}_high']:.2f})"


def _supply(part: float) -> str:
    """Return a change of supply in words."""
    if math.isnan(part):
        return "no supply up to a thousandfold is worth as much"
    return f"worth {part:+.1%} supply from every pole each year"


def _part(share: float) -> str:
    """Return a share per cent, so that few are not said to be none, nor nearly all to be all."""
    return f"{100 * share:.3g}%"
