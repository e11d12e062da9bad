"""From the codes and names of a file to iso3, every failure with its row."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from orrery.base.errors import CountryCodeError, SourceFormatError
from orrery.data import countries
from orrery.data.corrections import corrections

FIRST_YEAR = 1946
"""Country numbers are translated from this year on; the table of countries goes no further back."""

_YEARS = 10_000


def note(table: pd.DataFrame, text: str) -> pd.DataFrame:
    """Return the table with a remark for whoever imports it, in `attrs["notes"]`."""
    table.attrs["notes"] = (*table.attrs.get("notes", ()), text)
    return table


def from_1946(frame: pd.DataFrame, year: str = "year") -> pd.DataFrame:
    """Leave out the rows before `FIRST_YEAR`, and note how many."""
    kept = frame[frame[year] >= FIRST_YEAR].copy()
    left_out = len(frame) - len(kept)
    return note(kept, f"{left_out:,} rows before {FIRST_YEAR} left out") if left_out else kept


def with_iso3(
    source: str,
    path: Path,
    frame: pd.DataFrame,
    codes: dict[str, str],
    years: pd.Series | None = None,
) -> pd.DataFrame:
    """Return the frame with iso3 columns in place of columns of COW numbers, rows without a country left out and noted.

    Args:
        source: key of the source.
        path: the file, for messages.
        frame: indexed by row of the file.
        codes: column of numbers -> name of the iso3 column.
        years: the year of each row; the column `year` unless given.

    Raises:
        SourceFormatError: a number stands for no country in its year, and `corrections.toml` does not say which.
    """
    when = (frame["year"] if years is None else years).to_numpy(np.int64)
    found = {name: _iso3_of(source, path, frame[column], when) for column, name in codes.items()}
    result = frame.drop(columns=list(codes)).assign(**found)
    gone = result[list(codes.values())].isna().any(axis=1)
    result = result[[*codes.values(), *(name for name in result if name not in found)]]
    if not gone.any():
        return result
    return note(result[~gone.to_numpy(bool)].copy(), f"{int(gone.sum()):,} rows left out as `corrections.toml` says")


def _iso3_of(source: str, path: Path, codes: pd.Series, years: np.ndarray) -> np.ndarray:
    pairs, where = np.unique(codes.to_numpy(np.int64) * _YEARS + years, return_inverse=True)
    number, year = np.divmod(pairs, _YEARS)
    iso3 = countries.from_cow(number, year)
    stated = np.zeros(len(pairs), bool)
    for entry in corrections().code_years:
        if source in entry.sources:
            meant = (number == entry.code) & (year >= entry.first_year) & (year <= entry.last_year)
            iso3[meant] = entry.iso3
            stated |= meant
    unknown = (pd.isna(iso3) & ~stated)[where]
    if unknown.any():
        first = int(np.flatnonzero(unknown)[0])
        raise SourceFormatError(
            source,
            path,
            f"column `{codes.name}`: COW number {codes.iloc[first]} stands for no country in {years[first]} "
            f"({int(unknown.sum()):,} such rows)",
            "Correct the number, or say in `corrections.toml` under [[code_years]] which country is meant",
            int(codes.index[first]),
        )
    return iso3[where]


def runs_by_country(
    frame: pd.DataFrame, codes: dict[str, str], first: str = "from", last: str = "until"
) -> pd.DataFrame:
    """Return spells split where a COW number passes to another country, years outside the state system cut off.

    Args:
        frame: one row per spell; `first` and `last` are years, both included.
        codes: column of numbers -> name of the iso3 column.
        first: column with a spell's first year.
        last: column with its last year.
    """
    start = np.maximum(frame[first].to_numpy(np.int64), FIRST_YEAR)
    lengths = np.maximum(frame[last].to_numpy(np.int64) - start + 1, 0)
    spell = np.repeat(np.arange(len(frame)), lengths)
    years = np.repeat(start, lengths) + np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    numbers = {name: frame[column].to_numpy(np.int64)[spell] for column, name in codes.items()}
    cells = pd.DataFrame({"spell": spell, "year": years})
    cells = cells.assign(**{name: countries.from_cow(held, years) for name, held in numbers.items()}).dropna()
    keys = ["spell", *codes.values()]
    broken = (cells[keys] != cells[keys].shift()).any(axis=1) | (cells["year"] != cells["year"].shift() + 1)
    runs = cells.groupby(broken.cumsum()).agg(
        **{name: (name, "first") for name in keys}, **{first: ("year", "first"), last: ("year", "last")}
    )
    rest = frame.drop(columns=[*codes, first, last]).iloc[runs["spell"]]
    result = pd.concat([runs.drop(columns="spell").set_axis(rest.index), rest], axis=1)
    without = len(frame) - runs["spell"].nunique()
    return note(result, f"{without:,} spells left out that ended before {FIRST_YEAR}") if without else result


def known_names(source: str, path: Path, names: pd.Series) -> pd.DataFrame:
    """Return the kind and, for countries, the iso3 of each name or code, indexed like `names`.

    Raises:
        SourceFormatError: a name is in no table.
    """
    kinds: dict[str, str] = {}
    iso3s: dict[str, str] = {}
    first = names[~names.duplicated()]
    for row, name in zip(first.index.tolist(), first, strict=True):
        try:
            kinds[name] = countries.kind_of(name)
            if kinds[name] == "country":
                iso3s[name] = countries.resolve(name)
        except CountryCodeError as error:
            problem = f"column `{names.name}`: {error}".rstrip(".")
            raise SourceFormatError(source, path, problem, "Then import again", row) from error
    return pd.DataFrame({"kind": names.map(kinds), "iso3": names.map(iso3s)}, index=names.index)


def economies(source: str, path: Path, codes: pd.Series, territories: Sequence[str] = ()) -> pd.Series:
    """Return the iso3 of codes of countries and territories, missing for anything else that is known.

    Countries come under their iso3 whatever variant the producer uses (`ROM`, `ZAR`); territories keep their code.

    Args:
        source: key of the source.
        path: the file, for messages.
        codes: one per row, indexed by row of the file.
        territories: codes that stand for territories without being in the table of names.

    Raises:
        SourceFormatError: a code is in no table.
    """
    listed = codes.isin(territories)
    known = (
        known_names(source, path, codes[~listed]).reindex(codes.index)
        if listed.any()
        else known_names(source, path, codes)
    )
    return known["iso3"].where(known["kind"] == "country", codes.where(listed | (known["kind"] == "territory")))
