"""A run is a folder: written under a temporary name, renamed when complete, read by reports and comparisons.

```
runs/baseline-001/
├── scenario.toml        exactly what was run
├── run.json             versions, commit, data checksums, seed, command, timings, failed draws
├── draws.zarr           every draw: portfolios, positions, capability, indices, system indicators, parameters
├── indicators.parquet   system indicators by year: mean, quantiles, Monte-Carlo error
├── futures.parquet      how many draws came to resemble each of five futures
├── parameters.parquet   every parameter: prior, source, and what was drawn
├── explain/             what moved a country's portfolio, once `orrery explain` was asked (`lab.explain`)
└── report.html, figures/, tables/
```

While it is made, the folder is called `NAME.partial` and `finished.json` in it lists the chunks of draws that are
complete; the same command takes up there.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from orrery.base.axes import AREA, BODY, COUNTRY, DRAW, OPTION, YEAR
from orrery.base.errors import RunError
from orrery.base.files import writing_file
from orrery.data.parquet import read_table
from orrery.lab.scenario import Scenario, load_scenario, scenario_toml

CHUNK = 25
"""Draws per chunk: what is lost at most when a run is interrupted."""

QUANTILES = (0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95)


@dataclass(frozen=True)
class Run:
    """A finished run.

    Attributes:
        folder: where it is.
    """

    folder: Path

    @cached_property
    def meta(self) -> dict[str, Any]:
        """The content of `run.json`."""
        return json.loads((self.folder / "run.json").read_text("utf-8"))

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario that was run."""
        return load_scenario(self.folder / "scenario.toml")

    @cached_property
    def draws(self) -> xr.Dataset:
        """Every draw, labelled, read lazily: portfolios, positions, bodies, the indices, `status`."""
        opened = xr.open_zarr(self.folder / "draws.zarr", consolidated=False, chunks=None)
        return opened.drop_vars([name for name in opened.data_vars if name in self._system_names])

    @cached_property
    def system(self) -> xr.Dataset:
        """The system indicators of every draw, by `draw, year`."""
        opened = xr.open_zarr(self.folder / "draws.zarr", consolidated=False, chunks=None)
        return opened[list(self._system_names)]

    @cached_property
    def indicators(self) -> pd.DataFrame:
        """System indicators by year: mean, quantiles over draws and Monte-Carlo standard error."""
        return read_table(self.folder / "indicators.parquet")

    @cached_property
    def parameters(self) -> pd.DataFrame:
        """Every parameter with its prior, source, and the median and 90 % range of what was drawn."""
        return read_table(self.folder / "parameters.parquet")

    @cached_property
    def futures(self) -> pd.DataFrame:
        """How many draws came to resemble each of the five futures, with intervals (`orrery.world.futures`).

        Raises:
            RunError: the run is too short for that.
        """
        path = self.folder / "futures.parquet"
        if not path.exists():
            raise RunError(f"`run`: {self.folder} is too short to tell futures apart; run 7 years or more.")
        return read_table(path)

    @property
    def _system_names(self) -> tuple[str, ...]:
        return tuple(self.meta["indicators"])


def open_run(folder: str | Path) -> Run:
    """Open a finished run.

    Raises:
        RunError: no such folder, a run that is not finished, or a folder that is no run.
    """
    path = Path(folder)
    if partial_folder(path).is_dir() and not path.is_dir():
        raise RunError(f"`run`: {path} is not finished; give the command that started it again, and it takes up there.")
    if not path.is_dir():
        raise RunError(f"`run`: there is no folder {path}. `orrery run` makes one; `runs/` holds yours.")
    missing = [name for name in ("run.json", "scenario.toml", "draws.zarr") if not (path / name).exists()]
    if missing:
        raise RunError(f"`run`: {path} is no run, or is damaged: {', '.join(missing)} is missing.")
    return Run(path)


def next_folder(parent: Path, name: str) -> Path:
    """Return the first of `NAME-001`, `NAME-002`, ... that is not a finished run; its partial run is taken up."""
    number = 1
    while (parent / f"{name}-{number:03d}").exists():
        number += 1
    return parent / f"{name}-{number:03d}"


def partial_folder(folder: Path) -> Path:
    """Return the name of a run folder while it is made."""
    return folder.with_name(folder.name + ".partial")


@dataclass(frozen=True)
class Unfinished:
    """A run in the making, in its partial folder.

    Attributes:
        folder: the partial folder.
        target: the name it gets when complete.
        identity: what must be the same for a run to be taken up: scenario, data and code version.
    """

    folder: Path
    target: Path
    identity: dict[str, Any]

    def begin(self, scenario: Scenario) -> int:
        """Create the folder, or take up the one that is there; return the number of draws already complete.

        Raises:
            RunError: the target exists, or the partial run is of something else.
        """
        if self.target.exists():
            raise RunError(f"`out`: {self.target} exists already; a finished run is never overwritten. Name another.")
        self.folder.mkdir(parents=True, exist_ok=True)
        record = self.folder / "finished.json"
        if record.exists():
            kept = json.loads(record.read_text("utf-8"))
            if kept["identity"] != self.identity:
                changed = [key for key in self.identity if kept["identity"].get(key) != self.identity[key]]
                raise RunError(
                    f"`out`: {self.folder} holds an unfinished run with another {', '.join(changed)}. "
                    "Remove that folder, or name another with `--out`."
                )
            return int(kept["draws"])
        with writing_file(self.folder / "scenario.toml") as path:
            path.write_text(scenario_toml(scenario), "utf-8")
        self.mark(0)
        return 0

    def mark(self, draws: int) -> None:
        """Record that the first `draws` draws are complete."""
        with writing_file(self.folder / "finished.json") as path:
            path.write_text(json.dumps({"draws": draws, "identity": self.identity}), "utf-8")

    def write_json(self, name: str, content: dict[str, Any]) -> None:
        """Write a JSON file into the folder, complete or not at all."""
        with writing_file(self.folder / name) as path:
            path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")

    def complete(self) -> Run:
        """Give the folder its name."""
        (self.folder / "finished.json").unlink()
        os.replace(self.folder, self.target)
        return Run(self.target)


def summarise(values: np.ndarray, years: list[int], *, indicator: str, label: str, unit: str) -> pd.DataFrame:
    """Summarise one indicator `[draw, year]` over the draws: mean, quantiles, Monte-Carlo standard error."""
    spread = values.std(0, ddof=1) if len(values) > 1 else np.full(values.shape[1], np.nan)
    quantiles = np.quantile(values, QUANTILES, axis=0)
    return pd.DataFrame(
        {
            "indicator": indicator,
            "label": label,
            "unit": unit,
            "year": years,
            "mean": values.mean(0),
            **{f"q{round(q * 100):02d}": quantiles[i] for i, q in enumerate(QUANTILES)},
            "n_draws": len(values),
            "mcse": spread / np.sqrt(len(values)),
        }
    )


AXES: dict[str, tuple[str, ...]] = {
    "portfolio": (DRAW, YEAR, COUNTRY, OPTION),
    "ideal_point": (DRAW, YEAR, COUNTRY),
    "capability": (DRAW, YEAR, COUNTRY),
    "diversity": (DRAW, YEAR, COUNTRY),
    "rival_diversity": (DRAW, YEAR, COUNTRY),
    "effective_multivectorness": (DRAW, YEAR, COUNTRY),
    "stability": (DRAW, YEAR, COUNTRY),
    "reputation": (DRAW, YEAR, COUNTRY),
    "problems": (DRAW, YEAR, AREA),
    "body_depth": (DRAW, YEAR, BODY),
    "body_members": (DRAW, YEAR, BODY),
    "body_legitimacy": (DRAW, YEAR, BODY),
    "body_compliance": (DRAW, YEAR, BODY),
}
"""Axes of what is kept of every draw."""
