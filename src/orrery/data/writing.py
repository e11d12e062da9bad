"""Writing to a folder of folders: one writer at a time, each folder replaced whole or not at all."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from orrery.base.errors import StoreError
from orrery.base.files import writing_folder


@contextmanager
def sole_writer(folder: Path, purpose: str) -> Iterator[None]:
    """Keep other writers out of `folder` while the block runs.

    The file `FOLDER.lock` says who is writing and for what `purpose`. The system frees the lock when its holder
    ends, however that happens; what a killed writer left behind is then put right by the next.

    Raises:
        StoreError: someone else is writing, or the disk refuses (whatever the block did not finish is undone).
    """
    with _disk_errors(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with folder.with_name(f"{folder.name}.lock").open("a+", encoding="utf-8") as stream:
            _lock(stream, folder)
            _rewrite(stream, f"process {os.getpid()} on {socket.gethostname()} ({purpose})")
            try:
                _tidy(folder)
                yield
            finally:
                _rewrite(stream, "")


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """Yield a temporary folder that takes the place of `path` when the block ends; if anything fails, `path` stays.

    To be used by a `sole_writer` of the folder above.
    """
    incoming, retired = path.with_name(f".{path.name}.incoming"), path.with_name(f".{path.name}.retired")
    with writing_folder(incoming) as temporary:
        yield temporary
    try:
        if path.exists():
            os.replace(path, retired)
        os.replace(incoming, path)
    finally:
        _tidy(path.parent)


def _tidy(folder: Path) -> None:
    """Bring back a folder that an interrupted writer had set aside, and remove what it left behind."""
    for retired in folder.glob(".*.retired"):
        original = retired.with_name(retired.name[1:].removesuffix(".retired"))
        if not original.exists():
            os.replace(retired, original)
    for pattern in (".*.retired", ".*.incoming", ".*.part"):
        for leftover in folder.glob(pattern):
            shutil.rmtree(leftover)


def _lock(stream: IO[str], folder: Path) -> None:
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        stream.seek(0)
        raise StoreError(
            f"the store at {folder} is being written by {stream.read() or 'another process'}. "
            "Try again when it has finished"
        ) from None


def _rewrite(stream: IO[str], text: str) -> None:
    stream.truncate(0)
    stream.write(text)
    stream.flush()


@contextmanager
def _disk_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{error.filename or folder}: {error.strerror or error}. The store at {folder} is as it was. "
            "Make room or set the permissions, or set ORRERY_HOME to another folder"
        ) from error
