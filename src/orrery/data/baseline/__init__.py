"""The embedded baseline: derived figures that come with the package, so that everything works without a download.

The folder holds one Parquet file per group of variables, `coverage.parquet` with the status of every country-year,
`body_depth.parquet` with the depth of bodies (`orrery.data.body_depth`), and `provenance.json`, which says for each
variable its formula, unit, sources, their versions, checksums and licences.
It is written only by `orrery data build-baseline` and proved by `orrery data check-baseline`. Values carried forward
are not stored: the rules of the variables are applied at loading, so that the shipped figures are the measured ones.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from orrery.base.axes import COUNTRY, PARTNER, YEAR
from orrery.base.errors import DataError
from orrery.base.files import writing_folder
from orrery.data.panel import Panel, PanelAxes, Status, Variable, assemble, panel_axes
from orrery.data.parquet import read_table, reading, write_table

if TYPE_CHECKING:
    from orrery.data.body_depth import BodyDepths

FIRST_YEAR, LAST_YEAR = 1990, 2025
SHIPPED = Path(__file__).parent

DYAD_STEP = {
    "trade_share": 1e-5,
    "arms_share": 1e-5,
    "pact_strength": 0.25,
    "rivalry": 1.0,
    "shared_memberships": 1.0,
    "membership_likeness": 1e-3,
    "official_finance": 1e-5,
    "distance_km": 1.0,
    "contiguous": 1.0,
}
"""Step to which each dyadic variable is rounded when stored; values below half a step are 0."""

SYMMETRIC = ("pact_strength", "rivalry", "shared_memberships", "membership_likeness", "distance_km", "contiguous")
"""Dyadic variables stored as one triangle with its diagonal."""


def write_baseline(
    panel: Panel, depths: BodyDepths, folder: Path, *, first: int = FIRST_YEAR, last: int = LAST_YEAR
) -> None:
    """Write the derived variables of a panel, and the depth of bodies, as a baseline folder.

    Args:
        panel: built from the store over the sources' whole span, with ideal points.
        depths: of bodies, built from the same store.
        folder: must not exist; appears complete or not at all.
        first: first year kept.
        last: last year kept.
    """
    kept = panel.dataset.sel({YEAR: slice(first, last)})
    present = [str(code) for code in kept[COUNTRY].values[kept["in_system"].values.any(0)]]
    kept = kept.sel({COUNTRY: present, PARTNER: present})
    names = [name for name, variable in panel.variables.items() if variable.in_baseline]
    with writing_folder(folder) as temporary:
        _write(_series_frame(kept, panel, names, (YEAR,)), temporary / "world_year.parquet")
        _write(_series_frame(kept, panel, names, (YEAR, COUNTRY)), temporary / "country_year.parquet")
        for name in names:
            if PARTNER in panel.variables[name].axes:
                _write(_dyad_frame(kept, name, panel.variables[name]), temporary / f"{name}.parquet")
        _write(_coverage_frame(kept, panel, names), temporary / "coverage.parquet")
        write_table(
            depths.rows[depths.rows["year"].between(first, last)].reset_index(drop=True),
            temporary / "body_depth.parquet",
        )
        record = {
            "years": [first, last],
            "variables": {name: panel.provenance.get(name, {}) for name in names},
            "tables": {"body_depth": depths.provenance},
        }
        (temporary / "provenance.json").write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n")


def load_baseline(folder: Path = SHIPPED, *, variables: dict[str, Variable] | None = None) -> Panel:
    """Load a baseline folder as a panel; the shipped one by default.

    Raises:
        DataError: the folder holds no baseline.
    """
    from orrery.data.variables import VARIABLES

    if not (folder / "provenance.json").exists():
        raise DataError(
            f"`folder`: {folder} holds no baseline (no provenance.json). Build one with `orrery data build-baseline`."
        )
    record = json.loads((folder / "provenance.json").read_text())
    known = {**VARIABLES, **(variables or {}), **_measured_variables(record)}
    first, last = record["years"]
    axes = panel_axes(range(first, last + 1))
    with reading() as read:
        coverage = read(folder / "coverage.parquet")
        observed = {
            name: _observed(lambda part: read(folder / f"{part}.parquet"), known[name], axes, coverage)
            for name in record["variables"]
        }
    origin = f"embedded baseline {first}-{last}" if folder == SHIPPED else f"baseline at {folder}"
    panel = assemble(observed, known, axes, origin=origin, provenance=record["variables"])
    return _restore_status(panel, coverage, axes)


TOLERANCE = 1e-6
"""Largest difference of a figure that counts as the same: sums may be taken in another order on another machine."""


@dataclass(frozen=True)
class Differences:
    """What was found in comparing two baselines: whether they are the same, and a line for each file."""

    same: bool
    lines: tuple[str, ...]


def differences(shipped: Path, anew: Path) -> Differences:
    """Compare two baseline folders figure by figure, within `TOLERANCE`, and their provenance to the letter."""
    names = sorted({path.name for folder in (shipped, anew) for path in folder.glob("*.parquet")})
    found = {name: _difference(shipped / name, anew / name) for name in names}
    records = [json.loads((folder / "provenance.json").read_text("utf-8")) for folder in (shipped, anew)]
    found["provenance.json"] = (records[0] == records[1], "same" if records[0] == records[1] else "differs")
    return Differences(
        all(same for same, _ in found.values()), tuple(f"{name}: {words}" for name, (_, words) in found.items())
    )


def _difference(shipped: Path, anew: Path) -> tuple[bool, str]:
    if not (shipped.exists() and anew.exists()):
        return False, "only in one of the two"
    first, second = read_table(shipped), read_table(anew)
    if list(first.columns) != list(second.columns) or len(first) != len(second):
        return False, f"{len(first):,} rows shipped, {len(second):,} anew"
    largest = 0.0
    for column in first.columns:
        if first[column].dtype.kind in "if":
            one, other = first[column].to_numpy(float), second[column].to_numpy(float)
            if not np.array_equal(np.isnan(one), np.isnan(other)):
                return False, f"`{column}` has gaps in other places"
            largest = max(largest, float(np.nanmax(abs(one - other), initial=0.0)))
        elif not first[column].equals(second[column]):
            return False, f"`{column}` differs"
    return largest <= TOLERANCE, f"{len(first):,} rows, largest difference {largest:.1e}"


def _measured_variables(record: dict) -> dict[str, Variable]:
    """Describe variables that a higher layer measured and the baseline carries, from their provenance."""
    return {
        name: Variable(
            name, tuple(entry["axes"]), entry["unit"], entry["description"], tuple(entry["source_keys"]), None
        )
        for name, entry in record["variables"].items()
        if entry.get("measured")
    }


def _series_frame(kept, panel: Panel, names: Iterable[str], axes: tuple[str, ...]) -> pd.DataFrame:
    """Collect the variables with exactly these axes as columns; cells carried forward are left out."""
    columns = {}
    for name in names:
        if panel.variables[name].axes == axes:
            measured = kept[f"{name}_status"] != Status.CARRIED_FORWARD
            columns[name] = kept[name].where(measured).to_series()
    return pd.DataFrame(columns).dropna(how="all").reset_index().rename(columns={COUNTRY: "iso3"})


def _dyad_frame(kept, name: str, variable: Variable) -> pd.DataFrame:
    """List a dyadic variable's non-zero values as whole steps, one triangle of a symmetric one."""
    array = kept[name].transpose(*variable.axes)
    values = array.values
    if YEAR in variable.axes:
        values = np.where((kept[f"{name}_status"].values == Status.CARRIED_FORWARD)[..., None], np.nan, values)
    steps = np.rint(np.nan_to_num(values) / DYAD_STEP[name]).astype(np.int64)
    if name in SYMMETRIC:
        steps = np.triu(steps) if steps.ndim == 2 else np.stack([np.triu(block) for block in steps])
    places = np.nonzero(steps)
    frame = pd.DataFrame({"steps": steps[places]})
    for axis, place in zip(variable.axes, places, strict=True):
        frame[{COUNTRY: "iso3"}.get(axis, axis)] = kept[axis].values[place]
    return frame[[*frame.columns[1:], "steps"]]


def _coverage_frame(kept, panel: Panel, names: Iterable[str]) -> pd.DataFrame:
    """List the status of every country-year (and pair of donor columns) that is not missing or carried forward."""
    frames = []
    for name in names:
        axes = panel.variables[name].axes
        if YEAR not in axes:
            continue
        status = kept[f"{name}_status"]
        stored = status.where(~status.isin([Status.MISSING, Status.CARRIED_FORWARD]))
        series = stored.to_series().dropna().astype(np.int8).rename("status").reset_index()
        frames.append(series.assign(variable=name).rename(columns={COUNTRY: "iso3"}))
    return pd.concat(frames, ignore_index=True)[["variable", YEAR, "iso3", "status"]]


def _observed(
    table_of: Callable[[str], pd.DataFrame], variable: Variable, axes: PanelAxes, coverage: pd.DataFrame
) -> np.ndarray:
    """Put a stored variable on the axes: NaN where it is not covered."""
    name = variable.name
    if variable.axes == (YEAR,):
        return table_of("world_year").set_index(YEAR)[name].reindex(list(axes.years)).to_numpy(float)
    if variable.axes == (YEAR, COUNTRY):
        table = table_of("country_year").pivot(index=YEAR, columns="iso3", values=name)
        return table.reindex(index=list(axes.years), columns=list(axes.countries)).to_numpy(float)
    table = table_of(name)
    one, other = axes.country_index(table["iso3"]), axes.country_index(table[PARTNER])
    if YEAR not in variable.axes:
        values = np.zeros((axes.shape[1],) * 2)
        values[one, other] = table["steps"] * DYAD_STEP[name]
        return _mirrored(values) if name in SYMMETRIC else values
    values = np.zeros((*axes.shape, axes.shape[1]), np.float32)
    values[axes.year_index(table[YEAR]), one, other] = table["steps"] * DYAD_STEP[name]
    if name in SYMMETRIC:
        values = np.stack([_mirrored(block) for block in values])
    rows = coverage[coverage["variable"] == name]
    covered = np.zeros(axes.shape, bool)
    covered[axes.year_index(rows[YEAR]), axes.country_index(rows["iso3"])] = True
    values[~covered] = np.nan
    if name == "official_finance":
        donors = np.isin(axes.countries, table[PARTNER].unique())
        values[..., ~donors] = np.nan
    return values


def _mirrored(triangle: np.ndarray) -> np.ndarray:
    return triangle + triangle.T - np.diag(np.diag(triangle))


def _restore_status(panel: Panel, coverage: pd.DataFrame, axes: PanelAxes) -> Panel:
    """Give interpolated and estimated cells their stored status back, which completing took for observed."""
    special = coverage[~coverage["status"].isin([Status.OBSERVED])]
    dataset = panel.dataset
    for name, rows in special.groupby("variable"):
        status = dataset[f"{name}_status"].values.copy()
        year = axes.year_index(rows[YEAR])
        if status.ndim == 1:
            status[year] = rows["status"]
        else:
            status[year, axes.country_index(rows["iso3"])] = rows["status"]
        dataset = dataset.assign({f"{name}_status": (dataset[f"{name}_status"].dims, status)})
    return Panel(dataset, panel.variables, panel.origin, panel.provenance)


def _write(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as Parquet, small integers as small integers."""
    small = frame.copy()
    for column in ("year", "steps"):
        if column in small:
            small[column] = small[column].astype(np.int32 if small[column].max() > 32767 else np.int16)
    write_table(small, path)
