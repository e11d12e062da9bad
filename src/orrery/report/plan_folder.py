"""The folder of a plan: its tables, its figure, and where its numbers are from."""

from __future__ import annotations

import json
import platform
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jax
import pandas as pd

from orrery.base.version import VERSION
from orrery.data.countries import country
from orrery.lab.planner.candidates import Kind
from orrery.lab.planner.criteria import N_RESAMPLES
from orrery.lab.planner.plan import BY_MEAN, Plan
from orrery.measure.portfolios.channels import NON_ALIGNED
from orrery.report.figures.caption import Caption
from orrery.report.figures.plan import draw_plan
from orrery.report.style import WIDE, drawing, to_png, to_svg
from orrery.world.params import catalogue

TABLES = ("portfolios", "scenarios", "prices", "readings", "thresholds")
"""Tables of a plan, each a CSV file."""

ASSUMPTIONS = (
    "The country holds one portfolio from the year after the start to the horizon.",
    "The other countries and the poles do not react to its choice, except that coercion depends on what it delivers.",
    "Payoffs are utils per year, relative to what today's portfolio is worth in the start year of the same draw; they "
    "compare portfolios of one country, not countries.",
    "The parameters are drawn from their priors: the intervals are those of draws of an uncalibrated model.",
)
"""What a plan assumes, as its record says it."""


def save_plan(found: Plan, folder: Path, command: str) -> None:
    """Write the tables (CSV), the figure (SVG and PNG) and `plan.json` into a folder."""
    for name in TABLES:
        getattr(found, name).to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
    with drawing():
        figure = draw_plan(found.portfolios, options_of(found), caption_of(found), WIDE)
        (folder / "front.svg").write_text(to_svg(figure), "utf-8")
        (folder / "front.png").write_bytes(to_png(figure))
    (folder / "plan.json").write_text(
        json.dumps(record_of(found, command), indent=1, ensure_ascii=False) + "\n", "utf-8"
    )


def options_of(found: Plan) -> tuple[str, ...]:
    """Return non-alignment and the poles, as the tables name them."""
    return (NON_ALIGNED, *found.worlds.chosen.observed.poles)


def caption_of(found: Plan) -> Caption:
    """Return the words of the figure."""
    chosen, first = found.worlds.chosen, found.worlds.chosen.scenarios[0]
    start = chosen.observed.year
    n_draws = found.worlds.met.base.shape[1]
    table = found.portfolios.set_index("portfolio")
    best = table.loc[BY_MEAN]
    error = (
        f"The best mean is {best['over_today']:.3f} ± {best['over_today_error']:.3f} above today's; levels are "
        f"known to ± {best['mean_error']:.3f} in the mean, ± {best['worst_decile_error']:.3f} in the lowest tenth "
        "(Monte-Carlo error, one standard deviation; candidates share their draws)."
    )
    return Caption(
        f"{country(found.worlds.country).name}: portfolios held {start + 1}-{start + first.years}, over "
        f"{len(chosen.scenarios)} scenarios of {n_draws} draws",
        (
            f"Utils a year, discounted at {found.discount_rate:.0%}, relative to today's portfolio in {start} in the "
            "same draw. Not comparable between countries.",
            "Others are taken not to react, except that coercion depends on what is delivered. Uncalibrated model.",
            error,
        ),
    )


def record_of(found: Plan, command: str) -> dict[str, Any]:
    """Return the content of `plan.json`: what was asked, of which data, and what is assumed."""
    chosen, worlds = found.worlds.chosen, found.worlds
    first = chosen.scenarios[0]
    used = {variable for record in chosen.records for variable in record.variables}
    sources = {
        entry["key"]: entry
        for name in sorted(used)
        for entry in chosen.panel.provenance.get(name, {}).get("sources", [])
    }
    return {
        "orrery_version": VERSION,
        "python": platform.python_version(),
        "jax": jax.__version__,
        "command": command,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "country": worlds.country,
        "start_year": chosen.observed.year,
        "years": first.years,
        "draws": first.draws,
        "seed": first.seed,
        "discount_rate": found.discount_rate,
        "hedge": found.hedge,
        "resamples_behind_errors": N_RESAMPLES,
        "poles": list(chosen.observed.poles),
        "weights": {one.name: float(weight) for one, weight in zip(chosen.scenarios, chosen.weights, strict=True)},
        "scenarios": [one.model_dump(mode="json") for one in chosen.scenarios],
        "scenarios_left_out": dict(chosen.left_out),
        "failed_draws": [{"draw": draw, "reason": reason} for draw, reason in worlds.failed.items()],
        "assumptions": list(ASSUMPTIONS),
        "parameters": {name: entry.prior.words for name, entry in catalogue().items()},
        "panel": chosen.panel.origin,
        "data": [asdict(record) for record in chosen.records],
        "sources": list(sources.values()),
    }


def shown_portfolios(found: Plan) -> pd.DataFrame:
    """Return the candidates that have a name, without those spread over the simplex."""
    table = found.portfolios
    return table[table["kind"] != Kind.SPREAD.value]
