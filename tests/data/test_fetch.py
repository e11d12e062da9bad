from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from fake_sources import TOWNS, contents, fake_registry, fake_store, with_url
from orrery.base.errors import ChecksumError, DownloadError
from orrery.data.fetch import MAX_REDIRECTS, download, fetchable_files, pull
from orrery.data.sources import sources
from orrery.data.store import Store

DATA = bytes(range(256)) * 2_000
SUM = sha256(DATA).hexdigest()
fetch = partial(download, timeout=5.0, pause=0.01)

Answer = Callable[[BaseHTTPRequestHandler, int], None]


@dataclass
class Server:
    """A server on this machine: what it does by path, and which requests came (path and Range header)."""

    address: str
    answers: dict[str, Answer] = field(default_factory=dict)
    requests: list[tuple[str, str | None]] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def at(self, path: str, answer: Answer) -> str:
        self.answers[path] = answer
        return self.address + path


@contextmanager
def serving() -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.close_connection = True
            server.requests.append((self.path, self.headers["Range"]))
            nth = [path for path, _ in server.requests].count(self.path)
            server.answers[urlsplit(self.path).path](self, nth)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    server = Server(f"http://127.0.0.1:{http.server_port}")
    thread = threading.Thread(target=partial(http.serve_forever, poll_interval=0.01))
    thread.start()
    try:
        yield server
    finally:
        server.stopping.set()
        http.shutdown()
        thread.join()
        http.server_close()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    with serving() as running:
        yield running


def reply(handler: BaseHTTPRequestHandler, status: int, body: bytes = b"", **headers: str) -> None:
    handler.send_response(status)
    for name, value in ({"Content_Length": str(len(body)), "Connection": "close"} | headers).items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def whole(handler: BaseHTTPRequestHandler, nth: int) -> None:
    reply(handler, 200, DATA)


def breaking_off(at: int, *, mends: bool = True, etag: str | None = '"v1"', resumable: bool = True) -> Answer:
    """Answer with the first `at` bytes only; from the second request on with what is asked for, if it `mends`."""

    def answer(handler: BaseHTTPRequestHandler, nth: int) -> None:
        tag = {} if etag is None else {"ETag": etag}
        asked, condition = handler.headers["Range"], handler.headers["If-Range"]
        if resumable and asked is not None and condition == etag:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
            rest = {"Content_Range": f"bytes {start}-{len(DATA) - 1}/{len(DATA)}"}
            reply(handler, 206, DATA[start:], **rest, **tag)
        else:
            body = DATA if nth > 1 and mends else DATA[:at]
            reply(handler, 200, body, **(tag | {"Content_Length": str(len(DATA))}))

    return answer


def part_of(path: Path) -> Path:
    return path.with_name(path.name + ".part")


# When all goes well ---------------------------------------------------------------------------------------------


def test_a_file_arrives_whole(server: Server, tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    path = tmp_path / "new" / "data.bin"
    url = server.at("/data", whole)
    assert fetch(url, path, sha256=SUM, size=len(DATA), progress=lambda *now: seen.append(now)) == path
    assert path.read_bytes() == DATA
    assert seen[-1] == (len(DATA), len(DATA))
    assert [at_hand for at_hand, _ in seen] == sorted(at_hand for at_hand, _ in seen)
    assert contents(path.parent).keys() == {"data.bin"}


def test_what_is_there_already_is_not_fetched(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "data.bin"
    path.write_bytes(DATA)
    fetch(server.at("/data", whole), path, sha256=SUM)
    assert server.requests == []


def test_an_older_file_is_replaced(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "data.bin"
    path.write_bytes(b"older")
    fetch(server.at("/data", whole), path, sha256=None)
    assert path.read_bytes() == DATA


def test_an_empty_file_is_a_file(server: Server, tmp_path: Path) -> None:
    path = fetch(server.at("/empty", lambda handler, nth: reply(handler, 200)), tmp_path / "empty", sha256=None)
    assert path.read_bytes() == b""


def test_redirects_are_followed(server: Server, tmp_path: Path) -> None:
    server.at("/data", whole)
    url = server.at("/old", lambda handler, nth: reply(handler, 302, Location="/data"))
    assert fetch(url, tmp_path / "data.bin", sha256=SUM).read_bytes() == DATA


# Failures that pass ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_failing_server_is_tried_again(server: Server, tmp_path: Path, status: int) -> None:
    def answer(handler: BaseHTTPRequestHandler, nth: int) -> None:
        reply(handler, status) if nth < 3 else whole(handler, nth)

    assert fetch(server.at("/data", answer), tmp_path / "data.bin", sha256=SUM).read_bytes() == DATA
    assert len(server.requests) == 3


def test_a_server_that_keeps_failing_is_given_up(server: Server, tmp_path: Path) -> None:
    url = server.at("/data", lambda handler, nth: reply(handler, 503))
    with pytest.raises(DownloadError, match=r"503 Service Unavailable \(attempts: 3\)"):
        fetch(url, tmp_path / "data.bin", sha256=SUM, retries=2)
    assert len(server.requests) == 3
    assert contents(tmp_path) == {}


def test_a_broken_download_goes_on_where_it_stopped(server: Server, tmp_path: Path) -> None:
    path = fetch(server.at("/data", breaking_off(100_000)), tmp_path / "data.bin", sha256=SUM)
    assert path.read_bytes() == DATA
    assert server.requests == [("/data", None), ("/data", "bytes=100000-")]
    assert contents(tmp_path).keys() == {"data.bin"}


def test_a_later_call_goes_on_where_an_earlier_one_stopped(server: Server, tmp_path: Path) -> None:
    url, path = server.at("/data", breaking_off(100_000)), tmp_path / "data.bin"
    with pytest.raises(DownloadError, match=r"What arrived is kept"):
        fetch(url, path, sha256=SUM, retries=0)
    assert part_of(path).read_bytes() == DATA[:100_000]
    assert not path.exists()
    assert fetch(url, path, sha256=SUM, retries=0).read_bytes() == DATA
    assert server.requests[-1] == ("/data", "bytes=100000-")


def test_an_interruption_keeps_what_arrived(server: Server, tmp_path: Path) -> None:
    def interrupt(at_hand: int, expected: int | None) -> None:
        if at_hand >= 100_000:
            raise KeyboardInterrupt

    url, path = server.at("/data", breaking_off(len(DATA))), tmp_path / "data.bin"
    with pytest.raises(KeyboardInterrupt):
        fetch(url, path, sha256=SUM, progress=interrupt)
    kept = part_of(path).stat().st_size
    assert kept >= 100_000
    assert fetch(url, path, sha256=SUM).read_bytes() == DATA
    assert server.requests[-1] == ("/data", f"bytes={kept}-")


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(breaking_off(100_000, resumable=False), id="ignores Range"),
        pytest.param(breaking_off(100_000, etag=None), id="no mark of the version"),
        pytest.param(breaking_off(100_000, etag='W/"weak"'), id="only a weak mark"),
    ],
)
def test_a_server_that_cannot_resume_sends_all_again(server: Server, tmp_path: Path, answer: Answer) -> None:
    assert fetch(server.at("/data", answer), tmp_path / "data.bin", sha256=SUM).read_bytes() == DATA
    assert len(server.requests) == 2


def test_another_version_is_not_joined_to_the_first(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "data.bin"
    with pytest.raises(DownloadError):
        fetch(server.at("/data", breaking_off(100_000, etag='"v1"')), path, sha256=None, retries=0)
    newer = DATA[::-1]
    url = server.at("/data", lambda handler, nth: reply(handler, 200, newer, ETag='"v2"'))
    assert fetch(url, path, sha256=None).read_bytes() == newer


@pytest.mark.parametrize(("status", "content_range"), [(416, f"bytes */{len(DATA)}"), (206, "bytes 7-8/9"), (206, "")])
def test_a_wrong_piece_is_thrown_away(server: Server, tmp_path: Path, status: int, content_range: str) -> None:
    def answer(handler: BaseHTTPRequestHandler, nth: int) -> None:
        if handler.headers["Range"]:
            reply(handler, status, b"??" if status == 206 else b"", Content_Range=content_range)
        else:
            breaking_off(100_000)(handler, nth)

    assert fetch(server.at("/data", answer), tmp_path / "data.bin", sha256=SUM).read_bytes() == DATA
    assert [asked for _, asked in server.requests] == [None, "bytes=100000-", None]


def test_a_stalled_server_is_given_up(server: Server, tmp_path: Path) -> None:
    def answer(handler: BaseHTTPRequestHandler, nth: int) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(DATA)))
        handler.end_headers()
        handler.wfile.write(DATA[:1000])
        server.stopping.wait(20)

    began = time.monotonic()
    with pytest.raises(DownloadError, match=r"nothing came for 0\.2 seconds \(attempts: 2\)"):
        download(server.at("/data", answer), tmp_path / "data.bin", sha256=SUM, timeout=0.2, retries=1, pause=0.01)
    assert time.monotonic() - began < 15
    assert part_of(tmp_path / "data.bin").stat().st_size == 1000


def test_a_file_that_ends_early_without_a_length_is_caught_by_its_size(server: Server, tmp_path: Path) -> None:
    def answer(handler: BaseHTTPRequestHandler, nth: int) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(DATA[:-1])

    with pytest.raises(DownloadError, match=r"511,999 of 512,000 bytes came"):
        fetch(server.at("/data", answer), tmp_path / "data.bin", sha256=None, size=len(DATA), retries=1)
    assert not (tmp_path / "data.bin").exists()


def test_a_closed_port_is_a_failed_connection(tmp_path: Path) -> None:
    with serving() as gone:
        url = gone.address + "/data"
    with pytest.raises(DownloadError, match="the connection failed"):
        fetch(url, tmp_path / "data.bin", sha256=SUM, retries=1)


# Failures that stay ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_refusal_is_not_tried_again(server: Server, tmp_path: Path, status: int) -> None:
    url = server.at("/data", lambda handler, nth: reply(handler, status))
    with pytest.raises(DownloadError, match=rf"the server answered {status} .*producer's page"):
        fetch(url, tmp_path / "data.bin", sha256=SUM)
    assert len(server.requests) == 1
    assert contents(tmp_path) == {}


def test_a_redirect_loop_ends(server: Server, tmp_path: Path) -> None:
    url = server.at("/loop", lambda handler, nth: reply(handler, 302, Location="/loop"))
    with pytest.raises(DownloadError, match=f"more than {MAX_REDIRECTS} redirects"):
        fetch(url, tmp_path / "data.bin", sha256=SUM)


@pytest.mark.parametrize("target", ["http://192.0.2.1/data", "ftp://127.0.0.1/data", "http://localhost.example/"])
def test_a_redirect_to_an_unsafe_place_is_refused(server: Server, tmp_path: Path, target: str) -> None:
    url = server.at("/data", lambda handler, nth: reply(handler, 302, Location=target))
    with pytest.raises(DownloadError, match=r"Only https:// is allowed"):
        fetch(url, tmp_path / "data.bin", sha256=SUM)


@pytest.mark.parametrize(
    "url",
    ["http://tales.example/data", "file:///etc/hostname", "data.csv", "http://127.0.0.1.example/", "", "http://["],
)
def test_only_https_is_fetched(tmp_path: Path, url: str) -> None:
    with pytest.raises(DownloadError, match=r"Only https:// is allowed"):
        fetch(url, tmp_path / "data.bin", sha256=SUM)


def test_another_file_is_removed_with_both_sums(server: Server, tmp_path: Path) -> None:
    url = server.at("/data", whole)
    with pytest.raises(ChecksumError, match=rf"{SUM}.*wanted is {'0' * 64}.*--any-version"):
        fetch(url, tmp_path / "data.bin", sha256="0" * 64)
    assert contents(tmp_path) == {}


def test_another_size_is_noticed_before_anything_is_fetched(server: Server, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=r"offers 512,000 bytes, the file has 7"):
        fetch(server.at("/data", whole), tmp_path / "data.bin", sha256=None, size=7)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/html; charset=utf-8", b"Please log in"),
        ("application/octet-stream", b"\n  <!DOCTYPE html><title>Licence</title>"),
        ("text/csv", b"\xef\xbb\xbf<HTML lang='en'>"),
    ],
)
def test_a_web_page_is_not_taken_for_data(server: Server, tmp_path: Path, content_type: str, body: bytes) -> None:
    url = server.at("/data", lambda handler, nth: reply(handler, 200, body, Content_Type=content_type))
    with pytest.raises(DownloadError, match="a web page came instead of the data"):
        fetch(url, tmp_path / "data.csv", sha256=None)
    assert contents(tmp_path) == {}
    assert len(server.requests) == 1


def test_a_place_that_cannot_be_written_is_named(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DownloadError, match=r"file.*: (Not a directory|File exists)"):
        fetch(server.at("/data", whole), tmp_path / "file" / "data.bin", sha256=SUM)


# Pulling a source -----------------------------------------------------------------------------------------------


def _store_with(url: str, home: Path) -> Store:
    return Store(home / "store", fake_registry(sources={"towns": with_url("towns", {"towns": url})}))


def test_pull_fetches_and_adds(server: Server, tmp_path: Path) -> None:
    names: list[str] = []

    def progress(name: str) -> Callable[[int, int | None], None]:
        names.append(name)
        return lambda at_hand, expected: None

    url = server.at("/files/towns.csv", lambda handler, nth: reply(handler, 200, TOWNS.encode()))
    store = _store_with(url + "?version=2", tmp_path)
    assert pull("towns", store, progress=progress).as_tested
    assert names == ["towns.csv"]
    assert len(store.read("towns")) == 3
    assert (tmp_path / "downloads" / "towns" / "towns.csv").exists()


def test_pull_takes_another_version_only_when_told(server: Server, tmp_path: Path) -> None:
    newer = TOWNS + "Urd,3\n"
    url = server.at("/towns.csv", lambda handler, nth: reply(handler, 200, newer.encode()))
    store = _store_with(url, tmp_path)
    with pytest.raises(ChecksumError):
        pull("towns", store)
    assert store.tables() == {}
    assert not pull("towns", store, any_version=True).as_tested
    assert len(store.read("towns")) == 4


def test_a_source_without_address_says_how_to_get_it(tmp_path: Path) -> None:
    store = fake_store(tmp_path)
    with pytest.raises(
        DownloadError, match=r"Get towns\*\.csv at https://tales\.example/towns .*orrery data add towns"
    ):
        pull("towns", store)


def test_every_address_ends_in_a_name_its_file_goes_by() -> None:
    fetched = [file for source in sources().values() for file in fetchable_files(source) or ()]
    assert fetched
    for file in fetched:
        name = Path(urlsplit(str(file.url)).path).name
        assert any(Path(name).match(pattern) for pattern in file.patterns), file.url
