"""What a report needs of a run, the check that it is there, and the readings every part shares."""

from __future__ import annotations

import numpy as np
from jaxtyping import Int

from orrery.base.axes import COUNTRY, DRAW, OPTION, POLE, YEAR
from orrery.base.errors import RunError
from orrery.lab.runs import Run

MEASURES = ("effective_multivectorness", "rival_diversity")
"""Variables of `draws` by draw, year and country that the report maps."""

META_KEYS = (
    "orrery_version", "commit", "command", "created", "seed", "draws", "data", "sources", "failed_draws",
)  # fmt: skip
INPUT_KEYS = ("input", "sources", "observed_until", "status", "estimated", "note")
SOURCE_KEYS = ("key", "producer", "citation", "version", "licence")
INDICATOR_COLUMNS = (
    "indicator", "label", "meaning", "unit", "year", "mean", "q10", "q25", "q50", "q75", "q90", "n_draws", "mcse",
)  # fmt: skip
PARAMETER_COLUMNS = (
    "name", "symbol", "meaning", "unit", "prior", "type", "status", "source", "drawn_median", "drawn_q05", "drawn_q95",
)  # fmt: skip


def check_run(run: Run) -> None:
    """Refuse a run that lacks something the report prints.

    Raises:
        RunError: naming all that is missing, or saying that every draw failed.
    """
    missing = [f"run.json: {key}" for key in META_KEYS if key not in run.meta]
    missing += _keys_missing(run, "data", INPUT_KEYS) + _keys_missing(run, "sources", SOURCE_KEYS)
    missing += [f"draws: {name}" for name in ("portfolio", *MEASURES) if name not in run.draws]
    missing += [f"draws, axis: {axis}" for axis in (DRAW, YEAR, COUNTRY, POLE, OPTION) if axis not in run.draws.coords]
    missing += [f"indicators: {name}" for name in INDICATOR_COLUMNS if name not in run.indicators]
    missing += [f"parameters: {name}" for name in PARAMETER_COLUMNS if name not in run.parameters]
    if missing:
        raise RunError(
            f"{run.folder}: the report needs what is missing here: {'; '.join(missing)}. "
            "Make the run again with this version of Orrery."
        )
    if not finished_draws(run).size:
        raise RunError(
            f"{run.folder}: every draw failed, so there is nothing to report. See `failed_draws` in run.json."
        )


def _keys_missing(run: Run, part: str, keys: tuple[str, ...]) -> list[str]:
    entries = run.meta.get(part, [])
    return [f"run.json: {part}[{n}].{key}" for n, entry in enumerate(entries) for key in keys if key not in entry]


def horizon(run: Run) -> tuple[int, int]:
    """Return the first and the last year of the run."""
    years = run.draws[YEAR].values
    return int(years[0]), int(years[-1])


def finished_draws(run: Run) -> Int[np.ndarray, " draw"]:
    """Return the labels of the draws that did not fail."""
    draws = run.draws[DRAW].values
    return draws[~np.isin(draws, [entry["draw"] for entry in run.meta["failed_draws"]])]
