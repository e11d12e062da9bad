"""Known errors of producers' files: `corrections.toml`, checked, and its application to tables.

Every entry gives its reason and a reference, and none is applied blindly: where the row is there but no longer holds
what the entry expects, the producer has changed it and the import fails.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from orrery.base.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Value = bool | int | float | str | date


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: Text
    reference: Text


class Correction(_Entry):
    """A row of a table that is wrong: found by `match`, known by `expect`, put right by `set` or dropped."""

    source: Text
    table: Text
    role: Text | None = None
    match: Annotated[dict[Text, Value], Field(min_length=1)]
    expect: Annotated[dict[Text, Value], Field(min_length=1)]
    set: dict[Text, Value] = {}
    action: Literal["set", "drop"] = "set"

    @model_validator(mode="after")
    def _says_what_to_do(self) -> Correction:
        if (self.action == "set") != bool(self.set):
            raise ValueError('give either `set` or `action = "drop"`')
        return self

    @property
    def row(self) -> str:
        """The row in words."""
        return f"`{self.table}` where " + " and ".join(f"{name} = {value}" for name, value in self.match.items())


class BrokenLine(_Entry):
    """A line of a CSV file that is broken in two: it starts with `starts_with` and has `cells` cells."""

    source: Text
    role: Text
    starts_with: Text
    cells: int


class CodeYears(_Entry):
    """Years in which a COW number is not to be read as the table of countries says: `iso3`, or rows to leave out."""

    sources: Annotated[tuple[Text, ...], Field(min_length=1)]
    code: int
    first_year: int
    last_year: int
    iso3: Text | None = None


class Corrections(BaseModel):
    """All of `corrections.toml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    correction: tuple[Correction, ...] = ()
    broken_line: tuple[BrokenLine, ...] = ()
    code_years: tuple[CodeYears, ...] = ()


@cache
def corrections() -> Corrections:
    """Return every entry of `corrections.toml`."""
    text = resources.files("orrery.data").joinpath("corrections.toml").read_text(encoding="utf-8")
    return Corrections.model_validate(tomllib.loads(text))


def correct(
    source: str,
    tables: Mapping[str, pd.DataFrame],
    roles: frozenset[str],
    entries: tuple[Correction, ...] | None = None,
) -> dict[str, pd.DataFrame]:
    """Apply the corrections of a source to its tables; what was done is noted in each table's `attrs["notes"]`.

    Args:
        source: key of the source.
        tables: its tables, by name.
        roles: the files they were read from.
        entries: the corrections; those of `corrections.toml` unless given.

    Raises:
        DataError: a row is there but does not hold what the correction expects, or the correction names a table or
            column that does not exist.
    """
    corrected = dict(tables)
    for entry in corrections().correction if entries is None else entries:
        if entry.source == source and (entry.role is None or entry.role in roles):
            if entry.table not in corrected:
                raise _stale(entry, f"the source has no such table, only {', '.join(corrected)}")
            corrected[entry.table] = _apply(entry, corrected[entry.table])
    return corrected


def _apply(entry: Correction, table: pd.DataFrame) -> pd.DataFrame:
    unknown = [name for name in {**entry.match, **entry.expect, **entry.set} if name not in table]
    if unknown:
        raise _stale(entry, f"the table has no column {', '.join(unknown)}")
    found = _holding(table, entry.match)
    if not found.any():
        return table
    for name, value in entry.expect.items():
        if not _holding(table[found], {name: value}).all():
            came = ", ".join(map(str, table.loc[found, name].unique()[:3]))
            raise _stale(entry, f"`{name}` is {came}, expected was {value if value != '' else 'nothing'}")
    done = f"{entry.row}: {'dropped' if entry.action == 'drop' else 'corrected'} {int(found.sum())}. {entry.reason}"
    result = table[~found] if entry.action == "drop" else _with_values(table, found, entry.set)
    result.attrs["notes"] = (*table.attrs.get("notes", ()), done)
    return result


def _holding(table: pd.DataFrame, values: Mapping[str, Value]) -> pd.Series:
    """Mark the rows in which every column holds its value; `""` stands for a missing one."""
    import pandas as pd

    holds = pd.Series(True, index=table.index)
    for name, value in values.items():
        column = table[name]
        same = column.isna() if value == "" else (column == _as_cell(value)).fillna(False)
        holds &= same.to_numpy(bool)
    return holds


def _with_values(table: pd.DataFrame, found: pd.Series, values: Mapping[str, Value]) -> pd.DataFrame:
    result = table.copy()
    for name, value in values.items():
        result.loc[found.to_numpy(bool), name] = _as_cell(value)
    return result


def _as_cell(value: Value) -> bool | int | float | str | pd.Timestamp:
    import pandas as pd

    return pd.Timestamp(value) if isinstance(value, date) else value


def _stale(entry: Correction, problem: str) -> DataError:
    return DataError(
        f"source `{entry.source}`, correction of {entry.row}: {problem}. The producer seems to have changed it: "
        "look at the row, then change or delete the entry in `orrery/data/corrections.toml`"
    )
