"""Write `docs/forecasts_table.md`, the figures beside it and the table of priors in `docs/forecasts.md` anew.

Run after learning anew: `python tools/build_forecast_table.py` (some minutes).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from orrery.cli.answers import as_markdown
from orrery.negotiation.cases import load_cases
from orrery.negotiation.forecasts.learned import shipped
from orrery.negotiation.forecasts.parameters import PRIORS
from orrery.negotiation.forecasts.reading import (
    NOTHING,
    case_table,
    lead_table,
    parts_table,
    rank_by_chance,
    score_table,
    sentences,
)
from orrery.negotiation.forecasts.scoreboard import OURS, Scoreboard, scoreboard
from orrery.report.figures.caption import Caption
from orrery.report.figures.forecasts import draw_chances, draw_reliability
from orrery.report.style import NARROW, WIDE, drawing, to_svg

DOCS = Path(__file__).parents[1] / "docs"
PAGE, METHOD, FIGURES = DOCS / "forecasts_table.md", DOCS / "forecasts.md", DOCS / "figures"
BEGIN, END = "<!-- priors: begin -->\n", "<!-- priors: end -->\n"
CLOSED, ROUNDS = OURS


def main() -> None:
    """Score all models on the shipped cases, and write tables, words and figures."""
    cases, learned = list(load_cases().values()), shipped()
    METHOD.write_text(with_priors(METHOD.read_text("utf-8")), "utf-8")
    board = scoreboard(cases, learned, report=lambda name: print(name, flush=True))
    table = case_table(cases, learned)
    PAGE.write_text(page(board, table), "utf-8")
    write_figures(board)


def page(board: Scoreboard, table: pd.DataFrame) -> str:
    """Return the whole page of scores."""
    n_cases, n_agreed = len(board.cases), int(board.agreed.sum())
    words = "\n".join(f"* {sentence}" for model in OURS for sentence in sentences(board, model))
    return f"""# Scores of forecasts

Made by `tools/build_forecast_table.py`; the method is in [forecasts.md](forecasts.md).

{n_cases} cases in {len(set(board.groups))} groups; {n_agreed} cases ended in agreement. Every forecast of ours leaves
out the group of its case. Low is good in every score. Brackets hold 95 % intervals, from drawing groups anew.

{as_markdown(score_table(board))}

A rank by chance would be {rank_by_chance(board.cases):.2f}: some cases record several parties that held out, of which
the one ranked first counts. The base rate ties all parties, which is 0.50.

## Parts of the Brier score

{as_markdown(parts_table(board))}

Five bins of equal numbers of cases. With so few cases both reliability and resolution come out too high. The base rate
has no parts: it is lower the more of a group agreed, so that bins by it would sort the outcomes.

![How often there was agreement where it was likely](figures/forecasts_reliability.svg)

## Differences

By how much the scores of others exceed those of the {CLOSED}, case by case: above 0 the {CLOSED} is the better one.

{as_markdown(lead_table(board, CLOSED))}

In words, for each of the two engines (better and worse: the whole interval of the difference is on one side of 0):

{words}

## Cases

Chance, text and duration forecast by the {CLOSED}, beside what is recorded. The years forecast are the median if there
is agreement; the years recorded run to the last day known where there was none. *Binds* is the party whose consent is
needed last in most draws, with its share of draws.

{as_markdown(shown(table))}

![Chance of agreement of every case](figures/forecasts_cases.svg)
"""


def shown(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table of cases as text."""
    number = "{:.0f}".format
    return pd.DataFrame(
        {
            "case": table["case"],
            "chance": table["chance"].map("{:.2f}".format),
            "agreed": np.where(table["agreed"], "yes", "no"),
            "text off by, points": [NOTHING if np.isnan(one) else number(one) for one in table["error"]],
            "years forecast": table["years"].map("{:.2g}".format),
            "years recorded": table["recorded_years"].map("{:.2g}".format),
            "binds": [f"{who} ({share:.2f})" for who, share in zip(table["binds"], table["binds_share"], strict=True)],
            "held out": table["held_out"].replace("", NOTHING),
        }
    )


def with_priors(text: str) -> str:
    """Return the page of the method with its table of parameters made anew."""
    learned = shipped()
    sets, weight = learned.parameters, learned.weights()
    rows = [
        {
            "symbol": f"`{prior.symbol}`",
            "meaning": prior.meaning,
            "unit": prior.unit,
            "prior": written(prior.kind, prior.first, prior.second),
            "learned from all cases": learned_range(np.asarray(getattr(sets, name), float), weight),
            "source of the prior": prior.source,
        }
        for name, prior in PRIORS.items()
    ]
    before, rest = text.split(BEGIN)
    return f"{before}{BEGIN}\n{as_markdown(pd.DataFrame(rows))}\n\n{END}{rest.split(END)[1]}"


def written(kind: str, first: float, second: float) -> str:
    """Return a prior in words."""
    return {
        "lognormal": f"lognormal, median {first:g}, sd of the logarithm {second:g}",
        "beta": f"beta({first:g}, {second:g})",
        "halfnormal": f"half-normal, scale {first:g}",
    }[kind]


def learned_range(values: np.ndarray, weight: np.ndarray) -> str:
    """Return the weighted median with the 5 % and 95 % quantiles, as text."""
    order = np.argsort(values)
    below = np.cumsum(weight[order])
    low, middle, high = (values[order][np.searchsorted(below, share)] for share in (0.05, 0.5, 0.95))
    return f"{middle:.2g} [{low:.2g}, {high:.2g}]"


def write_figures(board: Scoreboard) -> None:
    """Draw how chances and frequencies agree, and the chance of every case."""
    chances = {name: board.models[name].chance for name in OURS}
    bins = "Each mark is a fifth of the cases; bars are 90 % intervals of the frequency (Jeffreys)."
    order = (
        "From the least likely to the most; a filled mark where there was agreement, an open one where there was none."
    )
    with drawing():
        reliability = draw_reliability(
            chances, board.agreed, Caption("How often there was agreement where it was likely", (bins,)), NARROW
        )
        (FIGURES / "forecasts_reliability.svg").write_text(to_svg(reliability), "utf-8")
        table = pd.DataFrame({"case": [case.code for case in board.cases], "agreed": board.agreed} | chances)
        cases = draw_chances(table, Caption("Chance of agreement, each case without what it teaches", (order,)), WIDE)
        (FIGURES / "forecasts_cases.svg").write_text(to_svg(cases), "utf-8")


if __name__ == "__main__":
    main()
