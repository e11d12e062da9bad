"""Which of the five futures can come about: broad lever paths and priors together, one simulation per sample.

Sample `n` goes with draw `n` of the parameters and of chance; the same samples without levers (`levers=False`) differ
from it by the paths alone. Shares of labels say how much of the ranges leads where, under the model; as nobody knows
how likely a path is, they are no probabilities.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from orrery.base.errors import ScenarioError, SimulationError
from orrery.base.files import writing_folder
from orrery.base.keys import root_key
from orrery.data.baseline import load_baseline
from orrery.data.panel import Panel
from orrery.data.parquet import write_table
from orrery.lab.broad_paths import Space, read_space
from orrery.lab.forcing import apply_scenario
from orrery.lab.scenario import Scenario, scenario_toml
from orrery.lab.scenario.years import calendar_year
from orrery.measure.portfolios.poles import DEFAULT_POLES
from orrery.world.from_panel import newest_complete_year, observed_world
from orrery.world.futures import Condition, Futures, classify, definition, degree, ratio
from orrery.world.observed import Observed
from orrery.world.params import Params, catalogue
from orrery.world.simulate import DrawStatus, Ensemble, simulate_draws

FAILED = "failed"
"""Label of samples whose simulation failed."""


@dataclass(frozen=True)
class Reached:
    """Samples of broad paths and the futures that they lead to.

    Attributes:
        space: the ranges.
        poles: of the world.
        start: calendar year of the initial world.
        years: years run.
        seed: of the samples, the parameters and chance.
        levers: whether levers are moved.
        table: by `sample`: the value of the lever of every dimension, the degree of every future, the `label`, and the
            `status` (why a simulation failed, else empty).
        parameters: by `sample`: every parameter that is drawn from a prior.
        conditions: `sample`, `future`, `indicator` (with `over` where it is a quotient), `ratio`, `degree`.
        found: the futures of the samples that did not fail.
    """

    space: Space
    poles: tuple[str, ...]
    start: int
    years: int
    seed: int
    levers: bool
    table: pd.DataFrame
    parameters: pd.DataFrame
    conditions: pd.DataFrame
    found: Futures

    @property
    def dimensions(self) -> list[str]:
        """Names of the dimensions: columns of `table`."""
        return list(self.table.columns[: self.table.columns.get_loc(self.futures[0])])

    @property
    def futures(self) -> list[str]:
        """Names of the futures: columns of `table`."""
        return [future.name for future in self.found.definition.futures]

    def shares(self, level: float = 0.8) -> pd.DataFrame:
        """Return how many samples have each label, as `Futures.shares` does; failed ones are left out.

        The Jeffreys interval takes samples as independent; those of a Sobol sequence lie more evenly, so that it is
        rather too wide than too narrow. It is about the number of samples, not about the ranges or the model.
        """
        return self.found.shares(level).rename(columns={"runs": "samples"})

    def nearest(self, n_each: int = 3) -> pd.DataFrame:
        """Return the samples with the largest degree of each future.

        Columns `future`, `sample`, `degree`, `least` (the condition that is its degree), `label`.
        """
        rows = []
        for future in self.futures:
            for sample, value in self.table[future].dropna().nlargest(n_each).items():
                of_both = self.conditions[(self.conditions["sample"] == sample) & (self.conditions["future"] == future)]
                least = of_both.loc[of_both["degree"].idxmin(), "indicator"]
                rows.append((future, sample, value, least, self.table.loc[sample, "label"]))
        return pd.DataFrame(rows, columns=pd.Index(["future", "sample", "degree", "least", "label"]))

    def failing(self) -> pd.DataFrame:
        """Return for each condition in how many samples it holds, and what stands in the way of its future.

        Columns `future`, `indicator`, `holds` (share of samples with a degree above one half), `median_ratio`,
        `bars_alone` (share of samples in which it is the only condition of its future that fails).
        """
        known = self.conditions.assign(fails=~(self.conditions["degree"] > self.found.definition.label_above))
        failures = known.groupby(["sample", "future"])["fails"].transform("sum")
        known["bars_alone"] = known["fails"] & (failures == 1)
        grouped = known.groupby(["future", "indicator"], sort=False)
        table = pd.DataFrame(
            {
                "holds": 1 - grouped["fails"].mean(),
                "median_ratio": grouped["ratio"].median(),
                "bars_alone": grouped["bars_alone"].mean(),
            }
        )
        return table.reset_index()

    def correlations(self, level: float = 0.8) -> pd.DataFrame:
        """Return the rank correlation (Spearman 1904) of every lever and parameter with the degree of every future.

        Columns `future`, `kind` (`lever` or `parameter`), `name`, `correlation`, `low`, `high`: an interval at a level
        (0 to 1) by Fisher's transformation. What is never moved has no correlation and is left out. Simple
        correlations miss what works only together with something else.
        """
        kept = self.table["status"] == ""
        moved = {"lever": self.table.loc[kept, self.dimensions], "parameter": self.parameters.loc[kept]}
        half = stats.norm.ppf((1 + level) / 2) / np.sqrt(max(int(kept.sum()) - 3, 1))
        rows = []
        for future in self.futures:
            degrees = self.table.loc[kept, future].rank()
            for kind, columns in moved.items():
                for name in columns.columns[columns.nunique() > 1]:
                    found = float(columns[name].rank().corr(degrees))
                    middle = np.arctanh(np.clip(found, -1 + 1e-9, 1 - 1e-9))
                    rows.append((future, kind, name, found, np.tanh(middle - half), np.tanh(middle + half)))
        return pd.DataFrame(rows, columns=pd.Index(["future", "kind", "name", "correlation", "low", "high"]))

    def example(self, future: str) -> Scenario:
        """Return the sample with the largest degree of a future that is called by it, as a scenario.

        Its parameters are held at those of the sample; what is left to chance differs between the draws of a run, and
        in the draw of the sample's number it is as it was.

        Raises:
            ScenarioError: no such future, or no sample is called by it.
        """
        if future not in self.futures:
            raise ScenarioError(f"`future`: {future!r} came; it is one of {', '.join(self.futures)}.")
        called = self.table.loc[self.table["label"] == future, future]
        if called.empty:
            raise ScenarioError(
                f"`future`: no sample is called by {future!r}; its largest degree is {self.table[future].max():.2f}. "
                "Try more samples, another start or wider ranges."
            )
        return self.scenario(int(called.idxmax()))

    def scenario(self, sample: int) -> Scenario:
        """Return a sample as a scenario; see `example`."""
        row = self.table.loc[sample]
        label = str(row["label"])
        return self.space.scenario(
            {name: float(row[name]) for name in self.dimensions},
            name=f"{label.lower().replace(' ', '-')}-{sample}",
            title=f"{label[0].upper()}{label[1:]}: sample {sample} of broad lever paths",
            description=(
                f"One of many sampled paths of levers, version {self.space.version} of the ranges, with the parameters "
                f"that went with it; draw {sample} is the world found, which was called {label}. Other draws differ "
                "from it by chance alone. A possible world, not a forecast."
            ),
            poles=self.poles,
            start=self.start,
            years=self.years,
            seed=self.seed,
            draws=sample + 1,
            parameters={name: float(value) for name, value in self.parameters.loc[sample].items()},
        )

    def save(self, folder: Path) -> None:
        """Write the tables and what was asked, whole or not at all.

        The folder holds samples.parquet, parameters.parquet, conditions.parquet, shares.parquet,
        correlations.parquet, and one scenario file for every future that was reached.

        Raises:
            ScenarioError: the folder exists, or cannot be written.
        """
        try:
            with writing_folder(folder) as temporary:
                write_table(self.table.reset_index(), temporary / "samples.parquet")
                write_table(self.parameters.reset_index(), temporary / "parameters.parquet")
                write_table(self.conditions, temporary / "conditions.parquet")
                write_table(self.shares(), temporary / "shares.parquet")
                write_table(self.correlations(), temporary / "correlations.parquet")
                for future in self.futures:
                    if (self.table["label"] == future).any():
                        scenario = self.example(future)
                        (temporary / f"{scenario.name}.toml").write_text(scenario_toml(scenario), "utf-8")
        except OSError as error:
            raise ScenarioError(f"`--out` {folder}: {error.strerror or 'it exists'}. Name a new folder.") from error


def explore(
    *,
    samples: int = 512,
    years: int = 25,
    start: int | None = None,
    seed: int = 1,
    space: Space | None = None,
    levers: bool = True,
    panel: Panel | None = None,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Reached:
    """Simulate samples of broad lever paths and tell which futures they come to resemble.

    Args:
        samples: how many; the first of a larger number are those of a smaller one.
        years: to run.
        start: calendar year of the initial world; the newest complete one by default.
        seed: of the samples, the parameters and chance.
        space: the ranges; those that come with the package by default.
        levers: whether to move levers; without, parameters and chance alone vary.
        panel: the data; the embedded baseline by default.
        workers: threads; one per core by default.
        progress: called with the number of samples done and wanted.

    Raises:
        ScenarioError: a number that is not allowed.
        SimulationError: the start year lacks an input, too few years to tell futures apart, or every sample failed.
    """
    data = load_baseline() if panel is None else panel
    first = newest_complete_year(data) if start is None else start
    _check_asked(read_space() if space is None else space, DEFAULT_POLES, first, years)
    observed, _ = observed_world(data, first, DEFAULT_POLES, float(Params.central().backlash_memory))
    return explore_from(
        observed,
        samples=samples,
        years=years,
        seed=seed,
        space=space,
        levers=levers,
        workers=workers,
        progress=progress,
    )


def explore_from(
    observed: Observed,
    *,
    samples: int,
    years: int,
    seed: int,
    space: Space | None = None,
    levers: bool = True,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Reached:
    """Do what `explore` does, from an observed world."""
    chosen, poles = read_space() if space is None else space, observed.poles
    _check_asked(chosen, poles, observed.year, years)
    values = chosen.sample(samples, seed, poles) if levers else chosen.neutral(samples, poles)

    def scenario(sample: int) -> Scenario:
        row = {str(name): float(value) for name, value in values.loc[sample].items()}
        return chosen.scenario(row, name="sample", poles=poles, start=observed.year, years=years, seed=seed)

    ensembles = _simulated(scenario, samples, observed, workers or os.cpu_count() or 1, progress)
    return _reached(chosen, values, ensembles, observed, years, seed, levers)


def _check_asked(space: Space, poles: Sequence[str], start: int, years: int) -> None:
    """Refuse what could not be told apart or written down, before anything is simulated."""
    needed = definition().first_years + definition().last_years - 1
    if years < needed:
        raise SimulationError(f"`years`: {years} came; futures are told apart from {needed} years on. Run more.")
    latest = max(calendar_year(year, start) for one in space.ranges for year in (one.first, one.last or one.first))
    if latest > start + years:
        raise SimulationError(
            f"`years`: {years} came, and a range moves its lever until {latest}. Run {latest - start} years or "
            "more, or give other ranges."
        )
    names = {one.name for one in space.dimensions(poles)}
    taken = {*(future.name for future in definition().futures), "label", "status"} & names
    if taken:
        raise ScenarioError(f"`space`: a range is called {min(taken)!r}, as a column of the result is. Rename it.")


def _simulated(
    scenario: Callable[[int], Scenario],
    n_samples: int,
    observed: Observed,
    workers: int,
    progress: Callable[[int, int], None] | None,
) -> list[Ensemble]:
    """Return one draw per sample, along its paths."""
    report = progress or (lambda done, wanted: None)

    def run(sample: int) -> Ensemble:
        moved = scenario(sample)
        world, forcing = apply_scenario(moved, observed)
        return simulate_draws(
            root_key(moved.seed),
            world,
            forcing,
            range(sample, sample + 1),
            fixed=moved.parameters,
            most_unstable=moved.most_unstable,
            workers=1,
        )

    # The first sample runs alone, so that the program is compiled once and not by every worker.
    done = [run(0)]
    with ThreadPoolExecutor(workers) as pool:
        for one in pool.map(run, range(1, n_samples)):
            done.append(one)
            report(len(done), n_samples)
    return done


def _reached(
    space: Space,
    values: pd.DataFrame,
    ensembles: list[Ensemble],
    observed: Observed,
    years: int,
    seed: int,
    levers: bool,
) -> Reached:
    status = [one.status[0] for one in ensembles]
    kept = np.flatnonzero([one == DrawStatus.OK for one in status])
    if not len(kept):
        raise SimulationError(f"all {len(values)} samples failed, the first because {status[0].value}.")
    series = {
        name: np.stack([ensembles[sample].trajectory.indicators[name][0] for sample in kept]).astype(np.float64)
        for name in ensembles[0].trajectory.indicators
    }
    found = classify(series)
    table = values.copy()
    for place, future in enumerate(found.definition.futures):
        table[future.name] = pd.Series(found.degrees[:, place], index=kept)
    labels = pd.Series([found.definition.labels[place] for place in found.label], index=kept)
    table["label"] = labels.reindex(table.index, fill_value=FAILED)
    table["status"] = [one.value for one in status]
    drawn = [name for name, entry in catalogue().items() if entry.type != "fixed" and entry.extension is None]
    parameters = pd.DataFrame({name: [float(one.params[name][0]) for one in ensembles] for name in drawn}, values.index)
    return Reached(
        space,
        observed.poles,
        observed.year,
        years,
        seed,
        levers,
        table,
        parameters,
        _conditions(series, kept, found),
        found,
    )


def _conditions(series: dict[str, np.ndarray], kept: np.ndarray, found: Futures) -> pd.DataFrame:
    """Return ratio and degree of every condition, a row per sample and condition."""
    chosen = found.definition
    parts: list[dict[str, Any]] = []
    for future in chosen.futures:
        for condition in future.conditions:
            parts.append(
                {
                    "sample": kept,
                    "future": future.name,
                    "indicator": _words(condition),
                    "ratio": _change(series, condition, found),
                    "degree": degree(series, condition, chosen),
                }
            )
    return pd.concat([pd.DataFrame(part) for part in parts], ignore_index=True)


def _words(condition: Condition) -> str:
    return condition.indicator if condition.over is None else f"{condition.indicator} over {condition.over}"


def _change(series: dict[str, np.ndarray], condition: Condition, found: Futures) -> np.ndarray:
    change = ratio(series, condition.indicator, found.definition)
    return change if condition.over is None else change / ratio(series, condition.over, found.definition)
