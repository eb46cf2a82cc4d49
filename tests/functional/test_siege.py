"""Strangers before the real web server: they stop no page, and what they began ends with an answer."""

import json
import socket
import sys
from collections.abc import Callable
from contextlib import ExitStack
from http.client import HTTPResponse
from pathlib import Path
from statistics import quantiles

import pytest
from sqlalchemy.orm import Session

from api.serving import server
from tests.conftest import Database
from tests.support.door import SHORT, Door
from tests.support.interface import PREFIX, interface_to, settings_for_tests
from tests.support.papers import minimal_pdf, sent
from tests.support.patience import PATIENCE, as_busy
from tests.support.siege import BODY_IN_DROPS, HALF_A_HEAD, probed, siege
from workflow.clock import DatabaseClock, FixedClock, wait_for

MEGABYTE = 1024 * 1024


@pytest.fixture
def large_paper(session: Session, database: Database, tmp_path: Path) -> bytes:
    """File a paper of 19 MB and return the request that fetches it."""
    clock = FixedClock(DatabaseClock().now(session))
    office = interface_to(session, database.sessions, clock, settings_for_tests(tmp_path))
    nomination_id = office.drafted()
    content = minimal_pdf().replace(b"%PDF-1.4\n", b"%PDF-1.4\n%" + b"x" * (19 * MEGABYTE) + b"\n")
    path = f"/nominations/{nomination_id}/attachments"
    answer = sent(office, "nominator", path, content=content)
    assert answer.status_code == 201, answer.text
    [paper] = office.get("nominator", path).json["items"]
    return (
        f"GET {PREFIX}/attachments/{paper['id']} HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {office.token('nominator')}\r\n\r\n"
    ).encode()


def besieged(door: Door, large_paper: bytes, *, seconds: float) -> None:
    crowd = {HALF_A_HEAD: 200, b"": 200, BODY_IN_DROPS: 50, large_paper: 20}
    probed(door.ask, seconds=2, every=0.1)
    with siege(door.port, crowd) as around:
        assert wait_for(lambda: len(around.standing) >= 470, seconds=PATIENCE)
        probed(door.ask, seconds=3, every=0.05)
        before = door.memory()
        took = probed(door.ask, seconds=seconds, every=0.1)
        # Whoever was let go comes again in a second or two: counted at one instant, a wave of them is away.
        assert wait_for(lambda: len(around.standing) >= 470, seconds=PATIENCE)
        after = door.memory()
    p99 = quantiles(took, n=100)[98]
    figures = f"{len(took)} probes, p99 {p99:.3f} s, most {max(took):.3f} s, memory {before} -> {after}"
    sys.stderr.write(f"{figures}\n")
    assert p99 < as_busy(1.0), figures
    assert after - before < 16 * MEGABYTE, figures
    assert large_paper in around.came


@pytest.mark.parametrize(
    "seconds", [15, pytest.param(120, marks=pytest.mark.deep)], ids=["short", "two minutes"]
)
def test_a_crowd_that_sends_halves_and_reads_nothing_stops_no_page(
    start: Callable[..., Door], large_paper: bytes, seconds: int
) -> None:
    besieged(start(), large_paper, seconds=seconds)


def test_what_is_never_finished_ends(start: Callable[..., Door]) -> None:
    door = start(SHORT)
    assert door.said(b"") == b""
    assert door.said(HALF_A_HEAD) == b""
    chunk = b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nemail"
    multipart = b"Content-Type: multipart/form-data; boundary=b\r\nHost:"
    for half in (BODY_IN_DROPS, chunk, BODY_IN_DROPS.replace(b"Host:", multipart)):
        answer = door.said(half)
        assert answer.startswith(b"HTTP/1.1 400"), answer[:300]
        assert b"\r\nConnection: close\r\n" in answer


def test_what_a_proxy_keeps_ends_by_a_limit_of_its_own(start: Callable[..., Door]) -> None:
    # Longer than any proxy keeps one: ended by us, the POST that it hands on just then would be lost (502).
    assert max(75.0, server._IDLE_SECONDS) < server._SILENT_SECONDS_OF_PROXIES
    door = start(
        "server._SILENT_SECONDS_OF_PROXIES = 1.0; server._IDLE_SECONDS = 3600.0", COMMENDO_TRUSTED_PROXIES="1"
    )
    assert door.said(b"") == b""


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"x" * 40_000 + b"\r\n\r\n", 431),
        (b"GET /sign-in HTTP/1.1\r\nHost localhost\r\n\r\n", 400),
        (b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", 400),
    ],
    ids=["too large", "no head", "no length"],
)
def test_a_head_that_cannot_be_taken_is_a_problem(door: Door, head: bytes, status: int) -> None:
    answer = door.said(head)
    first, _, body = answer.partition(b"\r\n\r\n")
    assert first.startswith(f"HTTP/1.1 {status}".encode())
    assert b"application/problem+json" in first
    problem = json.loads(body)
    assert (problem["status"], bool(problem["code"]), bool(problem["detail"])) == (status, True, True)


@pytest.mark.parametrize("path", [f"{PREFIX}/nominations", "/sign-in"])
def test_a_body_too_large_is_answered_whole_while_it_is_still_being_sent(door: Door, path: str) -> None:
    size = 25 * MEGABYTE
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer x\r\n"
    length = f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {size}\r\n"
    length += "Connection: close\r\n\r\n"
    answer = door.said((head + length).encode(), more=lambda client: client.sendall(b"x" * size))
    assert answer.startswith(b"HTTP/1.1 413"), answer[:300]
    assert (b"problem+json" in answer) is path.startswith(PREFIX)


def test_requests_sent_ahead_are_not_worked_off_for_somebody_who_reads_nothing(door: Door) -> None:
    ahead = b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\n\r\n" * 100
    answer = door.said(ahead)
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"\r\nConnection: close\r\n" in answer


def answered(client: socket.socket) -> bool:
    """Read one whole answer and say whether it had a body."""
    answer = HTTPResponse(client)
    answer.begin()
    return bool(answer.read())


@pytest.mark.parametrize("later", [b"", b"x"], ids=["whole", "half"])
def test_what_was_sent_before_the_web_is_stopped_is_answered(
    start: Callable[..., Door], later: bytes
) -> None:
    # Its processes are held meanwhile: when the stop comes, nobody has been let in or read.
    door = start()
    workers = door.process.children()
    for worker in workers:
        worker.suspend()
    with ExitStack() as stack:
        crowd = [
            stack.enter_context(socket.create_connection(("127.0.0.1", door.port), timeout=PATIENCE))
            for _ in range(6)
        ]
        for one in crowd:
            one.sendall(b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\n")
            one.sendall(b"" if later else b"x")
        door.process.terminate()
        for worker in workers:
            worker.terminate()
            worker.resume()
        for one in crowd:
            one.sendall(later)
        assert [answered(one) for one in crowd] == [True] * len(crowd)


def test_bodies_that_are_too_much_together_are_cut_the_largest_first(start: Callable[..., Door]) -> None:
    # Nothing but their size can end what is begun here.
    door = start("server.BODY_SECONDS = 3600.0; server._WORKERS = 1; server._BODIES_BYTES = 0")
    head = "POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\nContent-Type: {}\r\n\r\n"
    form = head.format(90 * MEGABYTE, "multipart/form-data; boundary=b").encode()
    small = b"email=a%40b.vn&password=x"
    whole = head.format(len(small), "application/x-www-form-urlencoded").encode() + small
    with ExitStack() as stack:
        large = [
            stack.enter_context(socket.create_connection(("127.0.0.1", door.port), timeout=PATIENCE))
            for _ in range(2)
        ]
        slow = stack.enter_context(socket.create_connection(("127.0.0.1", door.port), timeout=PATIENCE))
        slow.sendall(whole[:-5])
        # The larger one first: on a busy machine the other one would be the larger for a while.
        for size, one in zip((70, 60), reversed(large), strict=True):
            one.sendall(form + b"x" * size * MEGABYTE)
        answer = b"".join(iter(lambda: large[1].recv(65536), b""))
        assert answer.startswith(b"HTTP/1.1 413"), answer[:300]
        # What is left has room: the other large one waits on, and the small one is answered.
        slow.sendall(whole[-5:])
        assert slow.recv(65536).startswith((b"HTTP/1.1 4", b"HTTP/1.1 3"))
        large[0].setblocking(False)  # noqa: FBT003 - as the socket has it
        with pytest.raises(BlockingIOError):
            large[0].recv(1)
