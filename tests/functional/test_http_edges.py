"""Corners of HTTP at the real web server: old versions, promises, endless bodies, crowds of one address."""

import http.client
import json
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.conftest import Database
from tests.support.door import SHORT, Door
from tests.support.patience import PATIENCE
from tests.support.running import environment, free_port
from workflow.clock import monotonic

HOST = b"Host: localhost\r\n"
POST = b"POST /api/v1/nominations HTTP/1.1\r\n" + HOST + b"Authorization: Bearer x\r\n"
MEGABYTE = 1024 * 1024


def test_a_program_of_http_1_0_is_answered_and_its_connection_ends(door: Door) -> None:
    answer = door.said(b"GET /healthz HTTP/1.0\r\n\r\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.0 200"), head
    assert b"transfer-encoding" not in head.lower()
    assert json.loads(body)


def test_a_body_is_asked_for_where_its_sender_waits(door: Door) -> None:
    head = POST + b"Content-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
    with socket.create_connection(("127.0.0.1", door.port), timeout=PATIENCE) as client:
        client.sendall(head)
        assert client.recv(65536).startswith(b"HTTP/1.1 100 Continue\r\n\r\n")
        client.sendall(b"{}")
        assert client.recv(65536).startswith(b"HTTP/1.1 401 ")


def test_a_body_too_large_is_refused_before_it_is_asked_for(door: Door) -> None:
    head = (
        POST + b"Content-Type: application/json\r\nContent-Length: 30000000\r\nExpect: 100-continue\r\n\r\n"
    )
    answer = door.said(head)
    assert answer.startswith(b"HTTP/1.1 413"), answer[:200]
    assert b"100 Continue" not in answer


def test_chunks_without_end_are_refused_and_take_no_memory(start: Callable[..., Door]) -> None:
    door = start()
    before = door.memory()
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"

    def go_on(client: socket.socket) -> None:
        try:
            for _ in range(64 * MEGABYTE // 65536):
                client.sendall(chunk)
        except OSError:
            return

    answer = door.said(POST + b"Transfer-Encoding: chunked\r\n\r\n", more=go_on)
    assert answer.startswith(b"HTTP/1.1 413"), answer[:200]
    assert b"problem+json" in answer
    assert door.memory() - before < 16 * MEGABYTE


def test_a_chunk_that_says_no_size_and_one_that_says_too_much_are_refused(door: Door) -> None:
    for chunk in (b"zz\r\nabc\r\n", b"f" * 40 + b"\r\nabc\r\n", b"-5\r\nabc\r\n"):
        answer = door.said(POST + b"Transfer-Encoding: chunked\r\n\r\n" + chunk)
        assert answer[9:12] in {b"400", b"413", b"401"}, answer[:200]
        assert b"\r\nConnection: close\r\n" in answer


def test_two_lengths_or_a_length_beside_chunks_are_no_request(door: Door) -> None:
    for lengths in (
        b"Content-Length: 1\r\nContent-Length: 20\r\n",
        b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: gzip\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
    ):
        smuggled = b"0\r\n\r\nGET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"
        answer = door.said(POST + lengths + b"\r\n" + smuggled)
        assert answer.count(b"HTTP/1.1 ") == 1, answer
        assert b"HTTP/1.1 200" not in answer, (lengths, answer[:200])


def test_a_head_of_64_kilobytes_in_small_pieces_is_refused(door: Door) -> None:

    def in_pieces(client: socket.socket) -> None:
        try:
            for number in range(64 * 16):
                client.sendall(b"X-%04d: " % number + b"y" * 54 + b"\r\n")
        except OSError:
            return

    answer = door.said(b"GET /healthz HTTP/1.1\r\n" + HOST, more=in_pieces)
    assert answer.startswith(b"HTTP/1.1 431"), answer[:200]


def test_what_comes_after_a_refused_body_is_not_taken_for_a_request(door: Door) -> None:
    size = 3 * MEGABYTE
    head = POST + b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % size
    after = b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"
    answer = door.said(head + b"x" * size + after)
    assert answer.startswith(b"HTTP/1.1 413"), answer[:200]
    assert answer.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize("times", [1000, pytest.param(10_000, marks=pytest.mark.deep)])
def test_a_connection_serves_again_and_again_and_memory_stays(start: Callable[..., Door], times: int) -> None:
    door = start()
    connection = http.client.HTTPConnection("127.0.0.1", door.port, timeout=PATIENCE)
    connection.connect()
    mine = connection.sock

    def ask(count: int) -> None:
        for _ in range(count):
            connection.request("GET", "/static/pages/favicon.svg")
            answer = connection.getresponse()
            assert (answer.status, bool(answer.read())) == (200, True)

    ask(200)
    before = resident(door)
    ask(times)
    assert connection.sock is mine, "it was reused all along"
    assert resident(door) - before < 8 * MEGABYTE
    connection.close()


def resident(door: Door) -> int:
    """Return the bytes in memory; a page that a worker stops sharing with its parent was there before."""
    family = [door.process, *door.process.children(recursive=True)]
    return sum(one.memory_info().rss for one in family)


def test_an_address_that_opens_a_thousand_connections_gets_its_page_all_the_same(
    start: Callable[..., Door],
) -> None:
    door = start(SHORT.replace("server._IDLE_SECONDS = 2.0", "server._IDLE_SECONDS = 60.0"))
    with ExitStack() as opened:
        for _ in range(1000):
            one = opened.enter_context(socket.create_connection(("127.0.0.1", door.port), timeout=PATIENCE))
            one.settimeout(0)
        began = monotonic()
        door.ask()
        assert monotonic() - began < PATIENCE / 2


@pytest.mark.parametrize("method", [b"TRACE", b"CONNECT", b"BREW"])
def test_a_method_nobody_takes_is_refused(door: Door, method: bytes) -> None:
    answer = door.said(method + b" /sign-in HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
    assert answer[9:12] in {b"405", b"400", b"501"}, answer[:200]


FULL = """import errno, tempfile
def full(*_): raise OSError(errno.ENOSPC, "No space left on device")
tempfile.TemporaryFile = full"""


@pytest.mark.parametrize("path", ["/api/v1/nominations", "/sign-in"])
def test_a_large_body_that_finds_no_room_is_answered_in_words(start: Callable[..., Door], path: str) -> None:
    size = 2 * 1024 * 1024
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer x\r\n"
    form = f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {size}\r\n\r\n"
    answer = start(FULL).said((head + form).encode(), more=lambda client: client.sendall(b"x" * size))
    assert answer.startswith(b"HTTP/1.1 507"), answer[:300]
    assert (b'"disk-full"' in answer) is path.startswith("/api/")


def test_a_web_that_could_serve_nobody_for_want_of_open_files_says_so(
    database: Database, tmp_path: Path
) -> None:
    few = "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))"
    code = f"{few}\nfrom api.cli import main; main()"
    said = subprocess.run(
        [sys.executable, "-P", "-c", code, "web", "--port", str(free_port())],
        env={**environment(tmp_path), "COMMENDO_ENV": "development", "COMMENDO_DATABASE_URL": database.url},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert said.returncode == 1
    assert "may have 64 files open here, and the web needs 256" in said.stderr
    assert "LimitNOFILE" in said.stderr
