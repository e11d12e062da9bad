"""The registry of sources: `sources.toml`, checked and typed."""

from __future__ import annotations

import tomllib
from difflib import get_close_matches
from functools import cache
from importlib import resources
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from orrery.base.errors import DataError

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
HttpsAddress = Annotated[str, StringConstraints(pattern=r"^https://\S+$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SourceFile(_Frozen):
    """One official file of a source.

    Attributes:
        role: what the importer calls it, e.g. `"votes"`.
        patterns: the names it goes by: `"votes.parquet"`, `"NMC-*-abridged.csv"`.
        layout: files of one layout belong together; a source is read from any one of its layouts.
        sha256: checksum of the version that the importer was tested with, where one was at hand.
        url: the producer's direct address, where it is certain; without it the file is fetched by hand.
    """

    role: Text
    patterns: Annotated[tuple[Text, ...], Field(min_length=1)]
    layout: Text = "official"
    sha256: Sha256 | None = None
    url: HttpsAddress | None = None


class Source(_Frozen):
    """A data set: who made it, on what terms, and which files and tables it consists of. Years are inclusive."""

    key: Text
    title: Text
    producer: Text
    citation: Text
    landing_page: HttpsAddress
    licence: Text
    redistribution: Literal["open", "derived-only"]
    format: Text
    first_year: int
    last_year: int
    version: Text
    tables: Annotated[tuple[Text, ...], Field(min_length=1)]
    files: Annotated[tuple[SourceFile, ...], Field(min_length=1)]

    @property
    def layouts(self) -> dict[str, tuple[SourceFile, ...]]:
        """The sets of files from any one of which the source can be read, by name of the layout."""
        names = dict.fromkeys(file.layout for file in self.files)
        return {name: tuple(file for file in self.files if file.layout == name) for name in names}


@cache
def sources() -> dict[str, Source]:
    """Return every source by key, in the order of `sources.toml`."""
    text = resources.files("orrery.data").joinpath("sources.toml").read_text(encoding="utf-8")
    return {key: Source.model_validate({"key": key, **entry}) for key, entry in tomllib.loads(text).items()}


def source(key: str) -> Source:
    """Return the source called `key`.

    Raises:
        DataError: there is none; the message lists those there are, likely ones first.
    """
    known = sources()
    if key not in known:
        close = get_close_matches(key, known, n=3, cutoff=0.5)
        meant = f" Did you mean {' or '.join(f'`{name}`' for name in close)}?" if close else ""
        raise DataError(f"there is no source `{key}`.{meant} Allowed: {', '.join(known)}")
    return known[key]
