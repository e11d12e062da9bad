"""From official files to tidy tables: one module per format, and the checks that all of them pass through.

`read_source` is the way in. Every table has one row per key, countries as iso3, units in the names of the columns, and
only what the source observed: what is missing there is missing here. Remarks on what an importer did (rows left out,
corrections) are in each table's `attrs["notes"]`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from orrery.base.errors import DataError, SourceFormatError
from orrery.data.corrections import correct
from orrery.data.importers import (
    agg,
    atop,
    baci,
    contiguity,
    cow_igo,
    cow_majors,
    cow_trade,
    cw_democracy,
    desta,
    gcdf,
    geodist,
    gml_mids,
    gsdb,
    ieadb,
    kof,
    mia,
    nmc,
    pwt,
    sipri,
    tss_rivalries,
    un_votes,
    unsc_vetoes,
    untc,
    wgi,
    wipo,
    world_bank,
    wto_members,
    wto_rta,
)
from orrery.data.importers.spec import Importer, TableSpec
from orrery.data.sources import source

__all__ = ["IMPORTERS", "Importer", "TableSpec", "read_source"]

IMPORTERS: dict[str, Importer] = {
    importer.source: importer
    for importer in (
        un_votes.IMPORTER,
        nmc.IMPORTER,
        *world_bank.IMPORTERS,
        cow_trade.IMPORTER,
        baci.IMPORTER,
        atop.IMPORTER,
        cow_igo.IMPORTER,
        sipri.IMPORTER,
        gcdf.IMPORTER,
        gsdb.IMPORTER,
        kof.IMPORTER,
        wgi.IMPORTER,
        cw_democracy.IMPORTER,
        geodist.IMPORTER,
        contiguity.IMPORTER,
        cow_majors.IMPORTER,
        gml_mids.IMPORTER,
        tss_rivalries.IMPORTER,
        unsc_vetoes.IMPORTER,
        *untc.IMPORTERS,
        wipo.IMPORTER,
        wto_members.IMPORTER,
        ieadb.IMPORTER,
        desta.IMPORTER,
        wto_rta.IMPORTER,
        mia.IMPORTER,
        agg.IMPORTER,
        pwt.IMPORTER,
    )
}
"""The importer of every source, by key."""


def read_source(key: str, files: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    """Return the tables of a source, corrected and checked.

    Args:
        key: of the source.
        files: the file for each role of one of its layouts.

    Raises:
        SourceFormatError: a file is not what the source promises.
        DataError: there is no such source, the files are not those of one layout, or a correction no longer fits.
    """
    importer = IMPORTERS[source(key).key]
    _require_layout(key, files)
    tables = correct(key, importer.read(files), frozenset(files))
    return {
        spec.name: _checked(key, next(files[role] for role in spec.rows_from if role in files), spec, tables[spec.name])
        for spec in importer.tables
    }


def _require_layout(key: str, files: Mapping[str, Path]) -> None:
    layouts = [tuple(file.role for file in layout) for layout in source(key).layouts.values()]
    if set(files) not in [set(roles) for roles in layouts]:
        allowed = " or ".join(" and ".join(f"`{role}`" for role in roles) for roles in layouts)
        raise DataError(
            f"source `{key}`: files for {', '.join(f'`{role}`' for role in files) or 'nothing'} were given. "
            f"Allowed: {allowed}; give the files of one layout"
        )


def _checked(key: str, path: Path, spec: TableSpec, table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with its columns in order and a plain index, or raise for the first row that is not allowed."""
    unexpected = set(table) ^ set(spec.columns)
    if unexpected:
        raise DataError(f"the importer of `{key}` gives other columns of `{spec.name}` than it says: {unexpected}")
    table = table[list(spec.columns)]
    first, last = spec.years[0], spec.years[1] or date.today().year
    if "year" in table:
        outside = ~table["year"].between(first, last).fillna(spec.undated).to_numpy(bool)
        _refuse_first(key, path, table, outside, "year", f"a year from {first} to {last}")
    for column, allowed in spec.values.items():
        wrong = ~(table[column].isin(allowed) | table[column].isna()).to_numpy(bool)
        _refuse_first(key, path, table, wrong, column, " or ".join(map(str, allowed)))
    for column in spec.key:
        _refuse_first(key, path, table, table[column].isna().to_numpy(bool), column, "a value in every row")
    _require_unique(key, path, spec, table)
    return table.reset_index(drop=True)


def _refuse_first(key: str, path: Path, table: pd.DataFrame, wrong: np.ndarray, column: str, allowed: str) -> None:
    if wrong.any():
        place = int(np.flatnonzero(wrong)[0])
        problem = f"`{column}` is {table[column].iloc[place]}, allowed is {allowed} ({int(wrong.sum()):,} such rows)"
        advice = "Correct the row; if the file is a newer edition, its importer must be extended first"
        raise SourceFormatError(key, path, problem, advice, int(table.index[place]))


def _require_unique(key: str, path: Path, spec: TableSpec, table: pd.DataFrame) -> None:
    repeated = table.duplicated(list(spec.key)).to_numpy()
    if not repeated.any():
        return
    place = int(np.flatnonzero(repeated)[0])
    entry = table.iloc[place]
    same = np.logical_and.reduce([(table[name] == entry[name]).to_numpy(bool) for name in spec.key])
    rows = ", ".join(str(row) for row in table.index[same][:5])
    named = ", ".join(f"{name} {entry[name]}" for name in spec.key)
    raise SourceFormatError(
        key,
        path,
        f"{named} stands in rows {rows}; each may stand there once in `{spec.name}` ({int(repeated.sum()):,} repeats)",
        "Delete the wrong row, or add it to `corrections.toml` with the reason",
        int(table.index[same][1]),
    )
