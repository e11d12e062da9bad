"""What an importer is: the files it reads, the tables it gives, and what must hold of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class TableSpec:
    """A table and what holds of every row.

    Attributes:
        name: of the table.
        key: the columns that together name a row; never missing, never twice the same.
        columns: what each column is, with its unit.
        years: first and last year allowed in the column `year`; no last year means up to the current one.
        rows_from: the roles of the files whose rows the table's rows come from, any one of which was given.
        values: the entries allowed in a column, where they are few.
        undated: whether the source leaves the column `year` open in some rows; they have none here either.
    """

    name: str
    key: tuple[str, ...]
    columns: Mapping[str, str]
    years: tuple[int, int | None]
    rows_from: tuple[str, ...]
    values: Mapping[str, tuple[object, ...]] = field(default_factory=dict)
    undated: bool = False


@dataclass(frozen=True)
class Importer:
    """How one source is read.

    Attributes:
        source: key of the source.
        tables: the tables it gives.
        read: from the file of each role to the tables by name, each indexed by row of its file.
    """

    source: str
    tables: tuple[TableSpec, ...]
    read: Callable[[Mapping[str, Path]], dict[str, pd.DataFrame]]
