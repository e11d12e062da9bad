"""Run a scenario: many draws in chunks, each written as it is done, so that an interruption loses a chunk at most."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pandas as pd
import xarray as xr
import zarr

from orrery.base.axes import AREA, BODY, COUNTRY, DRAW, OPTION, POLE, YEAR
from orrery.base.errors import ScenarioError, SimulationError
from orrery.base.keys import root_key
from orrery.base.version import VERSION
from orrery.data.baseline import load_baseline
from orrery.data.panel import Panel
from orrery.data.parquet import write_table
from orrery.data.store import home_folder
from orrery.lab.forcing import apply_scenario
from orrery.lab.runs import (
    AXES,
    CHUNK,
    Run,
    Unfinished,
    next_folder,
    partial_folder,
    summarise,
)
from orrery.lab.scenario import Scenario, load_scenario
from orrery.lab.scenario.countries import neighbours
from orrery.measure.portfolios.channels import NON_ALIGNED
from orrery.world.bodies import AREAS
from orrery.world.forcing import Forcing
from orrery.world.from_panel import InputRecord, newest_complete_year, observed_world
from orrery.world.futures import classify, definition
from orrery.world.indicators import INDICATORS, country_indices
from orrery.world.observed import Observed
from orrery.world.params import Params, catalogue
from orrery.world.simulate import DrawStatus, Ensemble, Observer, enable_compilation_cache, simulate_draws

Progress = Callable[[int, int], None]
"""Called with the number of draws done and wanted, at the start and after every chunk."""

INDEX_NAMES = {"MV": "diversity", "RD": "rival_diversity", "EMV": "effective_multivectorness"}


def simulate(
    scenario: str | Path | Scenario = "baseline",
    *,
    draws: int | None = None,
    years: int | None = None,
    start: int | None = None,
    seed: int | None = None,
    out: str | Path | None = None,
    panel: Panel | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Run:
    """Run a scenario and write its run folder.

    Args:
        scenario: a shipped name, a TOML file, or a `Scenario`.
        draws: Monte-Carlo draws; the scenario's own by default, as are the next three.
        years: years to run.
        start: calendar year of the initial world.
        seed: seed of all randomness. The same seed gives the same numbers with any number of workers, and the first
            draws of a larger ensemble are the draws of a smaller one.
        out: run folder; the next free `runs/NAME-NNN` by default.
        panel: the data; the embedded baseline by default.
        workers: threads; one per core by default.
        progress: called after every chunk.

    Returns:
        The finished run.

    Raises:
        ScenarioError: a scenario, lever, parameter or value that is not allowed.
        RunError: the folder exists, or holds an unfinished run of something else.
        SimulationError: the start year lacks an input.
    """
    chosen = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    chosen = chosen.changed(draws=draws, years=years, start=start, seed=seed)
    began = time.perf_counter()
    data = load_baseline() if panel is None else panel
    observed, records = first_world(chosen, data)
    # What is recorded is what was run, also when newer data give another newest year.
    chosen = chosen.changed(start=observed.year)
    observed, forcing = apply_scenario(chosen, observed)
    loaded = time.perf_counter()

    target = Path(out) if out is not None else next_folder(Path("runs"), chosen.name)
    making = Unfinished(partial_folder(target), target, _identity(chosen, data))
    done = making.begin(chosen)
    enable_compilation_cache(home_folder() / "cache" / "compiled")
    failed, prepared = _run_chunks(making, chosen, observed, forcing, done=done, workers=workers, progress=progress)
    simulated = time.perf_counter()
    _summarise(making, chosen, observed)
    timings = {
        "load_s": round(loaded - began, 2),
        "simulate_s": round(simulated - loaded, 2),
        "of_which_first_chunk_s": round(prepared, 2),
        "summarise_s": round(time.perf_counter() - simulated, 2),
    }
    making.write_json("run.json", _record(chosen, observed, records, data, failed, timings))
    return making.complete()


def hub_neighbours(scenario: Scenario, panel: Panel | None = None) -> tuple[str, ...]:
    """Return the ISO3 codes of the countries around the hub of a scenario, in the year that it starts from.

    Args:
        scenario: with a hub.
        panel: the data; the embedded baseline by default.

    Raises:
        ScenarioError: the scenario has no hub, or its neighbours are no countries of the start year.
    """
    if scenario.hub is None:
        raise ScenarioError(f"{scenario.place('hub')}: there is none. Add a table `[hub]`.")
    observed, _ = first_world(scenario, load_baseline() if panel is None else panel)
    around = neighbours(observed, scenario.hub, scenario.place("hub"))
    return tuple(np.array(observed.countries)[around].tolist())


def first_world(scenario: Scenario, panel: Panel) -> tuple[Observed, list[InputRecord]]:
    """Return the world that a scenario starts from, before anything in it is changed, and where it is from.

    Raises:
        SimulationError: the start year lacks an input.
    """
    first = newest_complete_year(panel) if scenario.start == "newest" else scenario.start
    memory = scenario.parameters.get("backlash_memory", float(Params.central().backlash_memory))
    return observed_world(panel, first, scenario.poles, memory)


def _run_chunks(
    making: Unfinished,
    scenario: Scenario,
    observed: Observed,
    forcing: Forcing,
    *,
    done: int,
    workers: int | None,
    progress: Progress | None,
) -> tuple[list[dict[str, Any]], float]:
    """Run the draws that are not done yet; return the failed ones of the whole run, and the first chunk's seconds."""
    store = making.folder / "draws.zarr"
    report = progress or (lambda done, wanted: None)
    report(done, scenario.draws)
    if done == 0:
        _create_arrays(store, scenario, observed, forcing)
    first_chunk = 0.0
    for begin in range(done, scenario.draws, CHUNK):
        began = time.perf_counter()
        chunk = range(begin, min(begin + CHUNK, scenario.draws))
        _write_chunk(store, chunk, run_draws(scenario, observed, forcing, chunk, workers=workers))
        making.mark(chunk.stop)
        first_chunk = first_chunk or time.perf_counter() - began
        report(chunk.stop, scenario.draws)
    return failed_draws(store), first_chunk


def run_draws(
    scenario: Scenario,
    observed: Observed,
    forcing: Forcing,
    draws: range,
    *,
    workers: int | None,
    observe: Observer | None = None,
) -> Ensemble:
    """Simulate some draws as a scenario says: its seed, parameters, extensions and bound on unstable portfolios.

    Args:
        scenario: what is run; its events are in `observed` and `forcing` already.
        observed: the world of the first year.
        forcing: the paths to follow.
        draws: numbers of the draws.
        workers: threads; one per core for None.
        observe: what else to record of every year.
    """
    return simulate_draws(
        root_key(scenario.seed),
        observed,
        forcing,
        draws,
        fixed=scenario.parameters,
        most_unstable=scenario.most_unstable,
        extensions=scenario.extensions,
        workers=workers or os.cpu_count() or 1,
        observe=observe,
    )


def failed_draws(store: Path) -> list[dict[str, Any]]:
    """Return the number of every failed draw, with the reason."""
    status = np.asarray(zarr.open_array(store, path="status", mode="r")[:])
    reasons = list(DrawStatus)
    return [{"draw": int(draw), "reason": reasons[status[draw]].value} for draw in np.flatnonzero(status)]


def _create_arrays(store: Path, scenario: Scenario, observed: Observed, forcing: Forcing) -> None:
    """Lay out the arrays of all draws, labelled, chunked along the draws."""
    labels: dict[str, Sequence[Any]] = {
        DRAW: range(scenario.draws),
        YEAR: [observed.year, *np.asarray(forcing.year).tolist()],
        COUNTRY: observed.countries,
        POLE: observed.poles,
        OPTION: [NON_ALIGNED, *observed.poles],
        BODY: observed.bodies.codes,
        AREA: AREAS,
        "parameter": list(catalogue()),
    }
    group = zarr.create_group(store, overwrite=True)
    for name, values in labels.items():
        text = isinstance(values[0], str)
        array = group.create_array(
            name, shape=(len(values),), dtype="string" if text else "i8", dimension_names=(name,)
        )
        array[:] = np.array(values, dtype=np.dtypes.StringDType() if text else np.int64)
    axes = AXES | {name: (DRAW, YEAR) for name in _indicator_names(observed)}
    for name, dimensions in axes.items():
        shape = tuple(len(labels[axis]) for axis in dimensions)
        group.create_array(
            name, shape=shape, chunks=(min(CHUNK, shape[0]), *shape[1:]), dtype="f4", dimension_names=dimensions
        )
    n_draws, n_parameters = scenario.draws, len(labels["parameter"])
    group.create_array(
        "parameters",
        shape=(n_draws, n_parameters),
        chunks=(min(CHUNK, n_draws), n_parameters),
        dtype="f8",
        dimension_names=(DRAW, "parameter"),
    )
    group.create_array("status", shape=(n_draws,), chunks=(min(CHUNK, n_draws),), dtype="i1", dimension_names=(DRAW,))


def _indicator_names(observed: Observed) -> list[str]:
    return [name for name, entry in INDICATORS.items() if observed.region is not None or not entry.needs_region]


def _write_chunk(store: Path, chunk: range, ensemble: Ensemble) -> None:
    """Write one chunk of draws, per-country indices included."""
    rows = slice(chunk.start, chunk.stop)
    path = ensemble.trajectory
    indices = country_indices(np.asarray(path.portfolio), np.asarray(path.pole_ideal_point))
    values = {
        **{name: getattr(path, name) for name in AXES if name not in INDEX_NAMES.values()},
        **{INDEX_NAMES[name]: values for name, values in indices.items() if name in INDEX_NAMES},
        **path.indicators,
        "parameters": np.stack([ensemble.params[name] for name in catalogue()], axis=1),
        "status": np.array([list(DrawStatus).index(status) for status in ensemble.status], np.int8),
    }
    for name, value in values.items():
        zarr.open_array(store, path=name, mode="r+")[rows] = np.asarray(value)


def _summarise(making: Unfinished, scenario: Scenario, observed: Observed) -> None:
    """Write the tables of indicators and parameters, over the draws that did not fail."""
    opened = xr.open_zarr(making.folder / "draws.zarr", consolidated=False, chunks=None)
    kept = np.flatnonzero(opened["status"].values == 0)
    if not len(kept):
        raise SimulationError(
            f"all {scenario.draws} draws failed; the reasons are in {making.folder}/draws.zarr (`status`)."
        )
    years = [int(year) for year in opened[YEAR].values]
    frames = [
        summarise(
            opened[name].values[kept].astype(np.float64),
            years,
            indicator=name,
            label=name.replace("_", " "),
            unit=INDICATORS[name].unit,
        ).assign(meaning=INDICATORS[name].meaning)
        for name in _indicator_names(observed)
    ]
    write_table(pd.concat(frames, ignore_index=True), making.folder / "indicators.parquet")
    if len(years) >= definition().first_years + definition().last_years:
        found = classify({name: opened[name].values[kept] for name in _indicator_names(observed)})
        write_table(found.shares(), making.folder / "futures.parquet")
    drawn = pd.DataFrame(opened["parameters"].values[kept], columns=list(catalogue()))
    rows = [
        {
            "name": name,
            "symbol": entry.symbol,
            "meaning": entry.meaning,
            "unit": entry.unit,
            "prior": _prior_words(name, scenario),
            "type": entry.type,
            "status": entry.status,
            "source": "the scenario" if name in scenario.parameters else entry.source,
            "drawn_median": drawn[name].median(),
            "drawn_q05": drawn[name].quantile(0.05),
            "drawn_q95": drawn[name].quantile(0.95),
        }
        for name, entry in catalogue().items()
    ]
    write_table(pd.DataFrame(rows), making.folder / "parameters.parquet")


def _prior_words(name: str, scenario: Scenario) -> str:
    entry = catalogue()[name]
    if name in scenario.parameters:
        return "set by the scenario"
    if entry.extension is not None and entry.extension not in scenario.extensions:
        return f"0: the extension `{entry.extension}` is off"
    return entry.prior.words


def _identity(scenario: Scenario, panel: Panel) -> dict[str, Any]:
    """Say what must be the same for an unfinished run to be taken up."""
    return {
        "scenario": scenario.model_dump(mode="json"),
        "version": VERSION,
        "data": panel.origin,
    }


def provenance(panel: Panel, records: list[InputRecord]) -> dict[str, Any]:
    """Return what a record says of versions, machine and data: software, commit, panel, inputs and their sources."""
    return {
        "orrery_version": VERSION,
        "commit": _commit(),
        "python": platform.python_version(),
        "jax": jax.__version__,
        "platform": f"{platform.system()} {platform.machine()}",
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "panel": panel.origin,
        "data": [asdict(record) for record in records],
        "sources": _sources(records, panel),
    }


def _record(
    scenario: Scenario,
    observed: Observed,
    records: list[InputRecord],
    panel: Panel,
    failed: list[dict[str, Any]],
    timings: dict[str, float],
) -> dict[str, Any]:
    """Return the content of `run.json`."""
    return {
        **provenance(panel, records),
        "command": " ".join(["orrery", *sys.argv[1:]]) if Path(sys.argv[0]).name == "orrery" else "orrery.simulate",
        "scenario": scenario.name,
        "seed": scenario.seed,
        "draws": scenario.draws,
        "start_year": observed.year,
        "years": scenario.years,
        "poles": list(observed.poles),
        "indicators": _indicator_names(observed),
        "failed_draws": failed,
        "timings": timings,
    }


def _sources(records: list[InputRecord], panel: Panel) -> list[dict[str, Any]]:
    """Return each source used, once: producer, citation, version, licence and the checksums of its files."""
    used = {variable for record in records for variable in record.variables}
    found = {
        entry["key"]: entry for name in sorted(used) for entry in panel.provenance.get(name, {}).get("sources", [])
    }
    return list(found.values())


def _commit() -> str | None:
    """Return the commit of the checkout that this package runs from, `None` for an installed wheel."""
    folder = Path(__file__).parent
    answer = subprocess.run(
        ["git", "-C", str(folder), "log", "-1", "--format=%H", "--", "."], capture_output=True, text=True, check=False
    )
    return answer.stdout.strip() or None
