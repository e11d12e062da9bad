"""Which file on disk plays which role of a source, told by name."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from orrery.base.errors import StoreError
from orrery.data.sources import Source, SourceFile


class FilesNotFound(StoreError):
    """Files that a source needs are not among those given."""


def match_files(source: Source, paths: Sequence[Path]) -> dict[str, Path]:
    """Return the file for each role of one layout of `source`: the first layout that is complete.

    Args:
        source: what is wanted.
        paths: files, each of which must have a role, and folders, in which files without a role are passed over.

    Raises:
        FilesNotFound: no layout is complete.
        StoreError: a path does not exist or cannot be read, a file given by name has no role in the layout, or a
            role has several files.
    """
    named = [path.absolute() for path in paths if not path.is_dir()]
    for path in named:
        _require_readable(source, path)
    below = [file for folder in paths if folder.is_dir() for file in _files_below(folder.absolute())]
    for layout in source.layouts.values():
        found = {wanted.role: _fitting(wanted, [*named, *below]) for wanted in layout}
        if all(found.values()):
            _require_all_used(source, named, layout)
            return {role: _require_readable(source, _only(source, role, files)) for role, files in found.items()}
    for path in named:
        _require_all_used(source, [path], source.files)
    raise FilesNotFound(
        f"source `{source.key}` needs {wanted_names(source)}; not all found in {_listed(paths)}. "
        f"Get the official files at {source.landing_page}"
    )


def wanted_names(source: Source) -> str:
    """Return the names that the files of a source go by, for messages: all those of any one layout."""
    layouts = [" and ".join("|".join(file.patterns) for file in layout) for layout in source.layouts.values()]
    return ", or ".join(layouts)


def _fits(wanted: SourceFile, path: Path) -> bool:
    return any(path.match(pattern) for pattern in wanted.patterns)


def _fitting(wanted: SourceFile, paths: Sequence[Path]) -> list[Path]:
    return list(dict.fromkeys(path for path in paths if _fits(wanted, path)))


def _only(source: Source, role: str, files: Sequence[Path]) -> Path:
    if len(files) > 1:
        raise StoreError(
            f"source `{source.key}`: several files could be its `{role}`: {_listed(files)}. "
            f"Name the one that is meant: `orrery data add {source.key} FILE...`"
        )
    return files[0]


def _require_all_used(source: Source, named: Sequence[Path], wanted: Sequence[SourceFile]) -> None:
    unused = [path for path in named if not any(_fits(file, path) for file in wanted)]
    if unused:
        raise StoreError(
            f"source `{source.key}`: {_listed(unused)} cannot be used. Allowed, by name: {wanted_names(source)}"
        )


def _require_readable(source: Source, path: Path) -> Path:
    if not os.access(path, os.R_OK):
        problem = "cannot be read" if path.exists() else "does not exist"
        raise StoreError(f"source `{source.key}`: {path} {problem}. Name files that this user may read")
    return path


def _files_below(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder in a stable order, passing over hidden ones."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(place, name) for name in sorted(names) if not name.startswith("."))


def _listed(paths: Sequence[Path]) -> str:
    return ", ".join(str(path) for path in paths) or "nothing"
