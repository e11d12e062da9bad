"""The one tree of errors that Orrery raises on purpose.

```
OrreryError
├── DataError                 something about the data
│   ├── SourceFormatError     a file is not what its source promises
│   ├── ChecksumError         a file is not the one that was asked for
│   ├── DownloadError         a file could not be fetched
│   ├── StoreError            the local store lacks something, or cannot be written
│   └── CountryCodeError      a country code or name that nothing stands for
├── MeasureError              a measure is asked for what the data cannot give
├── InstitutionError          a body, rule, reform or vote is not valid
├── NegotiationError          a table, case, rule of burden or format is not valid
├── ScenarioError             a scenario, parameter or design is not valid
├── SimulationError           the world could not be initialised or run
└── RunError                  a run folder is missing, unfinished or damaged
```

Every message says four things: which argument, or which file and row; what came; what is allowed; what to do.
"""

from __future__ import annotations

from pathlib import Path


class OrreryError(Exception):
    """Base of every error that Orrery raises on purpose."""


class DataError(OrreryError):
    """Something about the data."""


class SourceFormatError(DataError):
    """A file is not what its source promises.

    Args:
        source: key of the source in `sources.toml`, e.g. `"wb_gdp"`.
        path: the file.
        problem: what came and what is allowed.
        advice: what to do next.
        row: line of the file, counted from 1 with the header included, where one line is to blame.
    """

    def __init__(self, source: str, path: Path | str, problem: str, advice: str, row: int | None = None) -> None:
        self.source, self.path, self.problem, self.advice, self.row = source, Path(path), problem, advice, row
        place = f"{path}" if row is None else f"{path}, row {row}"
        super().__init__(f"source `{source}`, file {place}: {problem}. {advice}")


class ChecksumError(DataError):
    """A file is not the one that was asked for."""


class DownloadError(DataError):
    """A file could not be fetched."""


class StoreError(DataError):
    """The local store lacks something, or cannot be written."""


class CountryCodeError(DataError):
    """A country code or name that nothing stands for."""


class MeasureError(OrreryError):
    """A measure is asked for what the data cannot give."""


class InstitutionError(OrreryError):
    """A body, a rule, a reform or a vote is not valid."""


class NegotiationError(OrreryError):
    """A table, case, rule of burden or format is not valid."""


class ScenarioError(OrreryError):
    """A scenario, parameter or design is not valid."""


class SimulationError(OrreryError):
    """The world could not be initialised or run."""


class RunError(OrreryError):
    """A run folder is missing, unfinished or damaged."""
