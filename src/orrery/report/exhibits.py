"""The exhibits of a report: each a figure, the words that help to read it, and its table twin."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from orrery.lab.runs import Run
from orrery.report.contract import finished_draws, horizon
from orrery.report.figures.fans import draw_fans
from orrery.report.figures.maps import MappedChange, draw_change_maps
from orrery.report.figures.movers import draw_movers
from orrery.report.figures.portfolios import draw_portfolios
from orrery.report.style import Layout
from orrery.report.summaries import Neighbourhood, country_changes, movers, non_alignment, portfolio_shares
from orrery.report.tables import (
    Table,
    change_table,
    indicator_table,
    mover_table,
    plain,
    portfolio_table,
)

N_MOVERS = 10
BANDS = "50 % and 80 %: the middle half and the middle four fifths of the draws."
INTERVAL_80 = "80 %: from the 10th to the 90th percentile of the draws."


@dataclass(frozen=True)
class Exhibit:
    """One figure of the report.

    Attributes:
        key: name of its files.
        heading: of its section.
        lead: what to see, in a sentence or two, every number with its interval or the reason for none.
        reading: how to read the figure.
        unit: of what is drawn.
        band: what bands and intervals mean.
        alt: what the figure shows, for those who do not see it.
        draw: from a layout to the figure.
        table: its twin.
    """

    key: str
    heading: str
    lead: str
    reading: str
    unit: str
    band: str
    alt: str
    draw: Callable[[Layout], Figure]
    table: Table


@dataclass(frozen=True)
class MappedQuantity:
    """A quantity that the report maps."""

    key: str
    heading: str
    quantity: str
    meaning: str
    unit: str
    colours: str


MULTIVECTORNESS = MappedQuantity(
    "multivectorness",
    "Multi-vectorness",
    "Effective multi-vectorness",
    "Effective multi-vectorness is high where a country spreads its ties over poles that are rivals of each other, and "
    "has few ties outside all poles: rival diversity (Rao 1982) times the share that is aligned",
    "index from 0 (one pole, or none) to 1",
    "YlGnBu",
)
NON_ALIGNMENT = MappedQuantity(
    "non-alignment",
    "Non-alignment",
    "Non-aligned share",
    "The non-aligned share is the part of a country's portfolio that is with no pole",
    "share of the portfolio, 0 to 1",
    "YlOrBr",
)


def exhibits(run: Run, neighbourhood: Neighbourhood) -> list[Exhibit]:
    """Return the exhibits of a run in the order of the page.

    Raises:
        CountryCodeError: the neighbourhood names a country that is not in the run.
    """
    shares = portfolio_shares(run, neighbourhood.countries)
    multivectorness = country_changes(run, run.draws["effective_multivectorness"])
    diversity = country_changes(run, run.draws["rival_diversity"]).add_prefix("rival_diversity_").iloc[:, 2:]
    return [
        map_exhibit(run, MULTIVECTORNESS, multivectorness, extra=diversity),
        map_exhibit(run, NON_ALIGNMENT, country_changes(run, non_alignment(run))),
        fan_exhibit(run),
        mover_exhibit(run),
        portfolio_exhibit(run, neighbourhood, shares),
    ]


def map_exhibit(
    run: Run, mapped: MappedQuantity, changes: pd.DataFrame, *, extra: pd.DataFrame | None = None
) -> Exhibit:
    """Return maps of a quantity at the start, at the end, and of its change; `extra` columns go into the files."""
    start, end = horizon(run)
    known = changes.dropna(subset="change_median")
    up, down = np.sum(known["change_low80"] > 0), np.sum(known["change_high80"] < 0)
    lead = (
        f"{mapped.meaning}. From {start} to {end} it rises in {up} and falls in {down} of {len(known)} countries with "
        "an 80 % interval of the change that excludes 0 (counts of intervals, which have none of their own)."
    )
    drawn = MappedChange(changes, mapped.quantity, mapped.unit, (start, end), mapped.colours)
    caption = f"{mapped.quantity} by country, {start} and {end}"
    table = change_table(mapped.key, caption, changes, (start, end))
    if extra is not None:
        table = Table(table.key, table.caption, table.columns, table.rows, changes.join(extra), table.notes)
    return Exhibit(
        key=mapped.key,
        heading=mapped.heading,
        lead=lead,
        reading="Colours are medians over the draws; the two upper maps share a scale. The change is taken within each "
        "draw. Hatched in white: draws disagree on whether it rises or falls. Sea is blue, countries without data are "
        "grey; what is not a UN member or is disputed is hatched in grey.",
        unit=mapped.unit,
        band=INTERVAL_80,
        alt=f"Three world maps: {mapped.quantity.lower()} in {start}, in {end}, and the change between. "
        f"Largest median rise: {extreme(known, rise=True)}; largest median fall: {extreme(known, rise=False)}.",
        draw=lambda layout: draw_change_maps(drawn, layout),
        table=table,
    )


def extreme(changes: pd.DataFrame, *, rise: bool) -> str:
    """Return the country with the largest median rise or fall, with the change and its interval."""
    if changes.empty:
        return "no data"
    middle = changes["change_median"]
    line = changes.loc[middle.idxmax() if rise else middle.idxmin()]
    low, high = plain(line["change_low80"], 2, sign=True), plain(line["change_high80"], 2, sign=True)
    return f"{line['name']} ({plain(line['change_median'], 2, sign=True)}, 80 % interval {low} to {high})"


def fan_exhibit(run: Run) -> Exhibit:
    """Return the fan charts of all system indicators."""
    indicators = run.indicators.assign(label=run.indicators["label"].str.replace("^(.)", _upper, regex=True))
    start, end = horizon(run)
    left = {
        key: path["q10"].iloc[-1] > path["q50"].iloc[0] or path["q90"].iloc[-1] < path["q50"].iloc[0]
        for key, path in indicators.sort_values("year").groupby("indicator", sort=False)
    }
    lead = (
        f"{len(left)} indicators of the system as a whole. For {sum(left.values())} of them the 80 % interval in {end} "
        f"excludes the value of {start} (a count of intervals, which has none of its own)."
    )
    names = ", ".join(dict.fromkeys(indicators["label"]))
    return Exhibit(
        key="indicators",
        heading="The system over the years",
        lead=lead,
        reading="One panel per indicator, each with a scale of its own that need not begin at 0. The line is the "
        "median of the draws in each year; the dashed line continues the start value.",
        unit="below the title of each panel",
        band=BANDS,
        alt=f"Fan charts from {start} to {end}, one for each of: {names}. The numbers are in the table below.",
        draw=lambda layout: draw_fans(indicators, layout),
        table=indicator_table(indicators),
    )


def _upper(match: object) -> str:
    return match[1].upper()  # pyright: ignore[reportIndexIssue]


def mover_exhibit(run: Run) -> Exhibit:
    """Return the countries whose portfolios move most."""
    moving = movers(run, N_MOVERS)
    start, end = horizon(run)
    first = moving.iloc[0]
    value, low, high = (plain(100 * first[key], 0) for key in ("median", "low80", "high80"))
    lead = (
        f"The largest movement from {start} to {end}: {first['name']}, with {value} % of its ties elsewhere in the end "
        f"(80 % interval {low} to {high} %). The table says which options lose and gain most."
    )
    return Exhibit(
        key="movers",
        heading=f"The {len(moving)} countries that move most",
        lead=lead,
        reading="Dot: median of the draws. Thick bar: the middle half. Thin bar: the middle four fifths.",
        unit=f"% of the portfolio (total variation between {start} and {end})",
        band=BANDS,
        alt="Dots with intervals, from the largest median down: " + ", ".join(moving["name"]) + ".",
        draw=lambda layout: draw_movers(moving, layout),
        table=mover_table(moving),
    )


def portfolio_exhibit(run: Run, neighbourhood: Neighbourhood, shares: pd.DataFrame) -> Exhibit:
    """Return the portfolios of a neighbourhood then and now."""
    start, end = horizon(run)
    options: Sequence[str] = list(dict.fromkeys(shares["option"]))
    return Exhibit(
        key="portfolios",
        heading=f"Portfolios then and now: {neighbourhood.title}",
        lead=f"How {len(dict.fromkeys(shares['country']))} countries divide their ties between "
        f"{', '.join(options[1:])} and nobody among them (non-aligned), in {start} and in {end}.",
        reading="The blocks of a bar are mean shares, which add up to 100; numbers are left out of narrow blocks. "
        "Below the bar, each square repeats the right edge of its block, and the line through it how far that "
        "edge would move if this share alone took the ends of its interval. No line: the "
        "same in every draw.",
        unit="% of the portfolio",
        band=INTERVAL_80,
        alt=f"Two stacked bars each for {', '.join(dict.fromkeys(shares['name']))}: shares of "
        f"{', '.join(options)} in {start} and {end}. All shares with their intervals are in the table below.",
        draw=lambda layout: draw_portfolios(shares, layout),
        table=portfolio_table(shares, neighbourhood.title),
    )


def source_line(run: Run) -> str:
    """Return what stands as the source below every figure."""
    producers = "; ".join(dict.fromkeys(entry["producer"].split(" (")[0] for entry in run.meta["sources"]))
    return (
        f"Orrery {run.meta['orrery_version']}, {len(finished_draws(run)):,} draws of “{run.scenario.name}”, seed "
        f"{run.meta['seed']}; data by {producers}."
    )
