"""Where the numbers of a run come from: inputs, sources, how to cite them, and what the run is not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd

from orrery.base.axes import DRAW, YEAR
from orrery.lab.runs import Run
from orrery.report.contract import finished_draws, horizon
from orrery.report.geometry import load_world_map
from orrery.report.tables import Cell, Column, Table, text_cell

CARRIED = "carried forward"
"""How the status of a value that was observed in an earlier year is written in run.json."""


@dataclass(frozen=True)
class Citation:
    """What to cite for one source."""

    producer: str
    text: str
    version: str
    licence: str


def input_table(run: Run) -> Table:
    """Return every input with its sources, vintage, and whether it was carried forward."""
    sources = {entry["key"]: entry for entry in run.meta["sources"]}
    start, _ = horizon(run)
    rows, records = [], []
    for entry in run.meta["data"]:
        names = [sources[key]["producer"] if key in sources else key for key in entry["sources"]]
        versions = [sources[key]["version"] for key in entry["sources"] if key in sources]
        until = entry["observed_until"]
        status = "; ".join(f"{words}: {count}" for words, count in entry["status"].items())
        carried = entry["status"].get(CARRIED, 0)
        record = {
            "input": entry["input"],
            "sources": "; ".join(dict.fromkeys(names)) or "none named in run.json",
            "vintage": "; ".join(dict.fromkeys(versions)),
            "observed_until": "not stated" if until is None else str(until),
            "carried_forward": f"yes, {carried} to {start}" if carried else "no",
            "status": status,
            "estimated": "; ".join(filter(None, [", ".join(entry["estimated"]), entry["note"]])) or "none",
        }
        records.append(record)
        rows.append([text_cell(value) for value in record.values()])
    heads = (
        "input", "producers", "vintage (version)", "observed until", "carried forward (values)",
        f"values in {start} by status", "estimated, and how",
    )  # fmt: skip
    notes = ("Counts of values by status are complete counts and have no interval.",)
    frame = pd.DataFrame(records, dtype=object)
    return Table("inputs", "Inputs and where they come from", [Column(head) for head in heads], rows, frame, notes)


def citations(run: Run) -> list[Citation]:
    """Return what to cite, producers of data first: the sources of the run, the outlines of the maps, Orrery last."""
    cited = [
        Citation(entry["producer"], entry["citation"], entry["version"], entry["licence"])
        for entry in run.meta["sources"]
    ]
    world = load_world_map().provenance
    outlines = Citation("Natural Earth", f"{world['producer']}. Through {world['package']}.", "1:50m", "public domain")
    meta = run.meta
    commit = f", commit {meta['commit'][:12]}" if meta["commit"] else ""
    own = Citation(
        "The Orrery authors",
        f"Orrery: a working model of the international system. Scenario “{run.scenario.title}”, "
        f"{meta['draws']} draws, seed {meta['seed']}; made {meta['created'][:10]} by `{meta['command']}`.",
        f"{meta['orrery_version']}{commit}",
        "Apache-2.0",
    )
    return [*cited, outlines, own]


def limits(run: Run) -> list[str]:
    """Return, in sentences, what the run is not and what its intervals leave out."""
    n_draws, n_failed = len(finished_draws(run)), len(run.meta["failed_draws"])
    status = Counter(run.parameters["status"])
    n_parameters, calibrated = len(run.parameters), status.get("calibrated", 0)
    counts = ", ".join(f"{count} {name}" for name, count in sorted(status.items()))
    carried = [entry["input"] for entry in run.meta["data"] if entry["status"].get(CARRIED, 0)]
    kind = (
        "It is prior-predictive and uncalibrated: no parameter was fitted to the past; all were drawn from priors or "
        "held at assumed values"
        if calibrated == 0
        else f"It is only partly calibrated: {calibrated} of {n_parameters} parameters were fitted to the past; the "
        "others were drawn from priors or held at assumed values"
    )
    sentences = [
        f"{kind} (status of the {n_parameters} parameters: {counts}).",
        "It is not a forecast with a record: how often its intervals have held the truth is not known, so an 80 % "
        "interval is the middle 80 % of the draws, not an 80 % chance.",
        "The spread holds uncertain parameters and the model's own chance. It leaves out "
        + (
            ""
            if start_varies(run)
            else "errors of measurement in the portfolios of the start year (every draw starts from the same), "
        )
        + "what a different model would say, and events the model has no place for.",
        f"All intervals come from {n_draws:,} draws; the error that this leaves in the mean of each indicator is in "
        "the table of indicators."
        + (" With so few draws the ends of the intervals are coarse." if n_draws < 50 else ""),
    ]
    if run.scenario.most_unstable < 1:
        sentences.append(
            f"Parameters were drawn given that at most {run.scenario.most_unstable:.0%} of the observed portfolios are "
            "unstable in the model. Without that condition more countries fall into camps and intervals are wider."
        )
    if n_failed:
        reasons = Counter(entry["reason"] for entry in run.meta["failed_draws"])
        listed = "; ".join(f"{reason}: {count}" for reason, count in reasons.items())
        sentences.append(f"{n_failed} further draws failed and are left out of every number here ({listed}).")
    if carried:
        sentences.append(
            f"Some values were last observed before the start year and carried forward: {', '.join(carried)}. "
            "See the table of inputs."
        )
    sentences.append(
        "Maps express no opinion on the status of any country or territory or on any border; what has no value in the "
        "run has no colour of the scale."
    )
    return sentences


def start_varies(run: Run) -> bool:
    """Tell whether draws differ in the portfolios they start from."""
    start, _ = horizon(run)
    portfolios = run.draws["portfolio"].sel({YEAR: start, DRAW: finished_draws(run)}).transpose(DRAW, ...).values
    return not np.array_equal(portfolios, np.broadcast_to(portfolios[:1], portfolios.shape), equal_nan=True)


def parameter_counts(run: Run) -> Cell:
    """Return how many parameters were drawn and how many held, in words."""
    drawn = np.sum(run.parameters["drawn_q05"] < run.parameters["drawn_q95"])
    return text_cell(f"{drawn} drawn from priors, {len(run.parameters) - drawn} held at one value")
