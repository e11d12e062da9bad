"""Fetching a file from its producer: over HTTPS, resumable, and complete or absent.

While a file is under way it is called `NAME.part`, with the server's mark of its version in `NAME.part.version`. An
interrupted download keeps both, and the next one goes on from there if the server still has the same version.
"""

from __future__ import annotations

import ipaddress
import os
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NoReturn

import httpx

from orrery.base.errors import ChecksumError, DownloadError
from orrery.base.files import sha256_of
from orrery.data.matching import wanted_names
from orrery.data.sources import Source, SourceFile
from orrery.data.store import Manifest, Store

Progress = Callable[[int, int | None], None]
"""Called with the bytes at hand and the bytes expected, the latter `None` where the server does not say."""

MAX_REDIRECTS = 10
_PAGE = re.compile(rb"(\xef\xbb\xbf)?\s*<(!doctype html|html)\b", re.IGNORECASE)
_WORTH_RETRYING = frozenset({408, 425, 429, 500, 502, 503, 504})


def download(
    url: str,
    destination: Path,
    *,
    sha256: str | None,
    size: int | None = None,
    timeout: float = 60.0,
    retries: int = 4,
    pause: float = 1.0,
    progress: Progress = lambda at_hand, expected: None,
) -> Path:
    """Fetch `url` to `destination` and return it; a `destination` that already has the checksum is left alone.

    Args:
        url: where the file is, over HTTPS (plain HTTP is accepted from this machine itself only).
        destination: the file to write, replaced if it exists.
        sha256: the checksum the file must have; `None` accepts any content.
        size: the size in bytes the file must have, where it is known.
        timeout: seconds without a connection or without a byte after which an attempt is given up.
        retries: further attempts after a failure that may pass (server errors, time-outs, broken connections).
        pause: seconds before the first further attempt, doubled before each later one.
        progress: called after every piece.

    Raises:
        DownloadError: the file could not be fetched; what did arrive of it is kept for the next attempt.
        ChecksumError: the file arrived, but is not the one asked for; it is removed.
    """
    try:
        if sha256 is not None and destination.is_file() and sha256_of(destination) == sha256:
            return destination
        part = _Part.beside(destination)
        with _client(url, timeout) as client:
            pauses = [pause * 2**attempt for attempt in range(retries)]
            _persist(lambda: _fetch(client, url, part, size=size, progress=progress), url, pauses)
        _require_checksum(part, url, sha256)
        part.finish(destination)
    except OSError as error:
        raise DownloadError(
            f"{url}: {error.filename or destination}: {error.strerror or error}. Make room, or set the permissions, "
            "and try again"
        ) from error
    return destination


def _persist(attempt: Callable[[], None], url: str, pauses: Sequence[float]) -> None:
    """Make an attempt, and after each pause one more, until one succeeds or fails for good."""
    for pause in [*pauses, None]:
        try:
            return attempt()
        except _MayPass as error:
            if pause is None:
                raise DownloadError(
                    f"{url}: {error} (attempts: {len(pauses) + 1}). What arrived is kept; try again later "
                    "to go on from there"
                ) from error
            time.sleep(pause)


def fetchable_files(source: Source) -> tuple[SourceFile, ...] | None:
    """Return the files of the first layout of which every file has an address, `None` if there is none."""
    layouts = source.layouts.values()
    return next((layout for layout in layouts if all(file.url is not None for file in layout)), None)


def pull(
    source_key: str,
    store: Store,
    *,
    any_version: bool = False,
    progress: Callable[[str], Progress] = lambda name: lambda at_hand, expected: None,
) -> Manifest:
    """Fetch the files of a source from its producer into the folder `downloads` beside the store, and add them.

    Args:
        source_key: the source.
        store: where to add it.
        any_version: accept files other than those the importer was tested with.
        progress: called with the name of each file; returns what to call with its bytes.

    Raises:
        DownloadError: a file has no address, or could not be fetched.
        ChecksumError: a file is not the one the importer was tested with.
        StoreError: the source does not exist, or the store cannot be written.
        SourceFormatError: a file is not what its source promises.
    """
    source = store.registry.source(source_key)
    files = fetchable_files(source)
    if files is None:
        raise DownloadError(
            f"source `{source_key}` has no address to fetch it from. Get {wanted_names(source)} at "
            f"{source.landing_page} and add what you got with `orrery data add {source_key} FILE...`"
        )
    folder = store.folder.with_name("downloads") / source_key
    fetched = []
    for url, sha256 in [(str(file.url), None if any_version else file.sha256) for file in files]:
        name = PurePosixPath(httpx.URL(url).path).name
        fetched.append(download(url, folder / name, sha256=sha256, progress=progress(name)))
    return store.add(source_key, fetched)


class _MayPass(Exception):
    """A failure that another attempt may not meet."""


@dataclass(frozen=True)
class _Part:
    """What has arrived of a file, and the mark (ETag or date) of the version it belongs to."""

    path: Path
    version_path: Path

    @classmethod
    def beside(cls, destination: Path) -> _Part:
        destination.parent.mkdir(parents=True, exist_ok=True)
        path = destination.with_name(destination.name + ".part")
        return cls(path, path.with_name(path.name + ".version"))

    @property
    def size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    @property
    def version(self) -> str | None:
        return self.version_path.read_text(encoding="utf-8") if self.version_path.exists() else None

    def begin(self, version: str | None) -> None:
        self.remove()
        if version is not None:
            self.version_path.write_text(version, encoding="utf-8")

    def finish(self, destination: Path) -> None:
        os.replace(self.path, destination)
        self.version_path.unlink(missing_ok=True)

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)
        self.version_path.unlink(missing_ok=True)


def _client(url: str, timeout: float) -> httpx.Client:
    """Return a client that follows redirects, refusing every hop that is not safe."""
    try:
        from_this_machine = _is_loopback(httpx.URL(url).host)
    except httpx.InvalidURL as error:
        raise DownloadError(f"`url` is `{url}`, which is no address ({error}). Only https:// is allowed") from error

    def require_safe(request: httpx.Request) -> None:
        secure = request.url.scheme == "https"
        local = request.url.scheme == "http" and from_this_machine and _is_loopback(request.url.host)
        if not (secure or local):
            raise DownloadError(f"{url}: leads to {request.url}, which is not HTTPS. Only https:// is allowed")

    return httpx.Client(
        timeout=timeout,
        follow_redirects=True,
        max_redirects=MAX_REDIRECTS,
        headers={"Accept-Encoding": "identity", "User-Agent": "orrery"},
        event_hooks={"request": [require_safe]},
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _fetch(client: httpx.Client, url: str, part: _Part, *, size: int | None, progress: Progress) -> None:
    """Make one attempt, from where an earlier one stopped if the server agrees."""
    version = part.version if part.size else None
    headers = {} if version is None else {"Range": f"bytes={part.size}-", "If-Range": version}
    try:
        with client.stream("GET", url, headers=headers) as response:
            _require_file(response, url, part)
            if response.status_code != httpx.codes.PARTIAL_CONTENT:
                part.begin(_version(response))
            expected = _expected_size(response, part.size)
            if None not in (size, expected) and size != expected:
                raise DownloadError(
                    f"{url}: the server offers {expected:,} bytes, the file has {size:,}. "
                    "The producer may have published another version; see its page"
                )
            _receive(response, part, expected, progress)
    except httpx.TooManyRedirects as error:
        raise DownloadError(f"{url}: more than {MAX_REDIRECTS} redirects. Check the address") from error
    except httpx.TimeoutException as error:
        raise _MayPass(f"nothing came for {client.timeout.read:g} seconds") from error
    except httpx.RequestError as error:
        raise _MayPass(f"the connection failed ({str(error) or type(error).__name__})") from error
    wanted = expected if size is None else size
    if wanted is not None and part.size != wanted:
        raise _MayPass(f"{part.size:,} of {wanted:,} bytes came")


def _require_file(response: httpx.Response, url: str, part: _Part) -> None:
    """Raise unless the answer is the file, or the rest of it."""
    status = f"the server answered {response.status_code} {response.reason_phrase}".rstrip()
    if response.status_code in _WORTH_RETRYING:
        raise _MayPass(status)
    if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE or _misplaced(response, part.size):
        part.remove()
        raise _MayPass("the server could not go on from where an earlier download stopped")
    if not response.is_success:
        raise DownloadError(
            f"{url}: {status}. Only 2xx gives a file; the producer may have moved it or ask for a login: "
            "get it from the producer's page and add it with `orrery data add`"
        )
    if "html" in response.headers.get("Content-Type", "").lower():
        _refuse_page(url, part)


def _misplaced(response: httpx.Response, at_hand: int) -> bool:
    """Tell whether a piece of a file came that does not start where the part at hand ends."""
    starts_right = response.headers.get("Content-Range", "").startswith(f"bytes {at_hand}-")
    return response.status_code == httpx.codes.PARTIAL_CONTENT and not (at_hand and starts_right)


def _refuse_page(url: str, part: _Part) -> NoReturn:
    part.remove()
    raise DownloadError(
        f"{url}: a web page came instead of the data, perhaps a licence or login page. "
        "Get the file from the producer's page and add it with `orrery data add`"
    )


def _version(response: httpx.Response) -> str | None:
    """Return the mark by which a later request can ask for the rest of this very version, if there is a firm one."""
    if "Content-Encoding" in response.headers:
        return None
    tag = response.headers.get("ETag", "")
    return tag if tag.startswith('"') else response.headers.get("Last-Modified")


def _expected_size(response: httpx.Response, at_hand: int) -> int | None:
    """Return the size of the whole file, `None` where the server does not say."""
    length = response.headers.get("Content-Length", "")
    return at_hand + int(length) if length.isdigit() and "Content-Encoding" not in response.headers else None


def _receive(response: httpx.Response, part: _Part, expected: int | None, progress: Progress) -> None:
    at_hand = part.size
    with part.path.open("ab") as stream:
        for piece in response.iter_bytes():
            if at_hand == 0 and _PAGE.match(piece):
                _refuse_page(str(response.url), part)
            stream.write(piece)
            at_hand += len(piece)
            progress(at_hand, expected)


def _require_checksum(part: _Part, url: str, sha256: str | None) -> None:
    if sha256 is None:
        return
    found = sha256_of(part.path)
    if found != sha256:
        part.remove()
        raise ChecksumError(
            f"{url}: the file has SHA-256 {found}, wanted is {sha256}; it was removed. Fetch it once more; if the sum "
            "stays, the producer has published another version: see its page, and accept it with "
            "`orrery data pull --any-version` (in Python: `sha256=None`)"
        )
