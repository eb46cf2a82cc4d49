"""What stands still: a Redis that freezes, processes that are stopped, a mail server that is slow."""

import signal
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

import psutil
import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.support.mail import MailServer, mail_server
from tests.support.office import Office, furnish
from tests.support.processes import Broker, Crew, broker, crew
from tests.support.proxy import proxy
from tests.support.running import Running, cleared, running
from tests.support.servers import is_alive
from tests.support.waiting import many_submitted, submitted
from workflow.clock import DatabaseClock, monotonic, wait_for
from workflow.store.mail import Outbox
from workflow.store.nominations import Rung

pytestmark = [pytest.mark.deep, pytest.mark.timeout(900)]
CEILING = 240
"""Generous: the product promises ninety seconds, and a busy machine may need longer for everything."""


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="cm-") as name:
        yield Path(name)


@pytest.fixture
def redis(folder: Path) -> Iterator[Broker]:
    with broker(folder) as running:
        yield running


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture
def people(folder: Path, redis: Broker, server: MailServer, database) -> Iterator[Crew]:
    settings = {"database_url": database.url, "redis_url": redis.url, "smtp_url": server.url}
    with crew(folder / "data", **settings) as running:
        yield running


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Start everything, empty."""
    with cleared(tmp_path_factory.mktemp("frozen")) as folder, running(folder, "--no-demo") as up:
        yield up


@pytest.fixture
def office(session: Session) -> Office:
    return furnish(session, now=DatabaseClock().now(session))


def make_due(session: Session, ordinal: int) -> None:
    now = DatabaseClock().now(session)
    session.execute(update(Rung).where(Rung.ordinal == ordinal).values(fire_at=now - timedelta(minutes=1)))
    session.commit()


def arrives(server: MailServer, count: int) -> bool:
    return wait_for(lambda: len(server.inbox.mails) >= count, seconds=CEILING)


def test_a_frozen_redis_keeps_no_reminder_waiting_and_hints_work_after_it(
    office: Office, session: Session, people: Crew, redis: Broker, server: MailServer
) -> None:
    worker = people.start("worker")
    people.start("beat")
    submitted(office, DatabaseClock().now(session))
    assert arrives(server, 1), people.log_of(worker)
    redis.signal(signal.SIGSTOP)
    make_due(session, 1)
    assert arrives(server, 2), "the sweep needs no Redis"
    frozen = Event()
    assert not frozen.wait(30), "half a minute of it"
    redis.signal(signal.SIGCONT)
    make_due(session, 2)
    assert arrives(server, 3), people.log_of(worker)
    assert wait_for(lambda: redis.client.llen("timers") == 0, seconds=CEILING), (
        "somebody consumes hints again"
    )
    assert worker.poll() is None


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", None])
def test_without_redis_all_is_done_by_the_workers_own_pace(
    office: Office, folder: Path, database, server: MailServer, url: str | None
) -> None:
    session = office.session
    settings = {"database_url": database.url, "smtp_url": server.url}
    with crew(folder / "data", **settings | ({"redis_url": url} if url else {})) as people:
        worker = people.start("worker")
        submitted(office, DatabaseClock().now(session))
        assert arrives(server, 1), people.log_of(worker)
        make_due(session, 1)
        assert arrives(server, 2), people.log_of(worker)


def test_a_half_open_redis_costs_hints_and_nothing_else(
    office: Office, folder: Path, database, redis: Broker, server: MailServer
) -> None:
    session = office.session
    assert redis.client.ping()
    with proxy(folder / "redis.sock") as wire:
        url = f"redis://127.0.0.1:{wire.port}/0"
        settings = {"database_url": database.url, "redis_url": url, "smtp_url": server.url}
        with crew(folder / "data", **settings) as people:
            worker = people.start("worker")
            people.start("beat")
            submitted(office, DatabaseClock().now(session))
            assert arrives(server, 1), people.log_of(worker)
            assert wait_for(lambda: len(wire.wires) >= 2, seconds=CEILING)
            assert wire.silence() >= 1, "the fault fired"
            make_due(session, 1)
            assert arrives(server, 2), people.log_of(worker)


def test_a_lane_that_is_stopped_is_replaced_within_ninety_seconds(
    office: Office, session: Session, people: Crew, server: MailServer
) -> None:
    worker = people.start("worker")
    submitted(office, DatabaseClock().now(session))
    assert arrives(server, 1), people.log_of(worker)
    lanes = psutil.Process(worker.pid).children()
    assert len(lanes) == 3
    for lane in lanes:
        lane.suspend()
    make_due(session, 1)
    began = monotonic()
    assert arrives(server, 2), people.log_of(worker)
    assert monotonic() - began > 20, "the fault fired: nobody was left to send it at once"
    assert "lane hangs" in people.log_of(worker)
    assert worker.poll() is None


@pytest.mark.parametrize("name", ["web", "worker"])
def test_up_kills_and_starts_again_what_is_stopped(up: Running, name: str) -> None:
    hung = up.tree(name)
    for each in hung:
        each.suspend()
    # A web that hangs keeps whoever asks it waiting until it is killed; then the next one answers.
    assert wait_for(lambda: not any(map(is_alive, hung)), seconds=CEILING), "hung and never killed"
    assert wait_for(lambda: up.is_running(name) and up.is_ready(), seconds=CEILING, every=0.5)
    assert {each.pid for each in up.tree(name)}.isdisjoint(each.pid for each in hung)


def test_a_server_that_thinks_for_twelve_seconds_about_each_letter_gets_each_once(
    office: Office, session: Session, folder: Path, database
) -> None:
    many_submitted(office, session, 4, DatabaseClock().now(session))
    with (
        pondering(12) as (url, taken),
        crew(folder / "data", database_url=database.url, smtp_url=url) as people,
    ):
        worker = people.start("worker")
        assert wait_for(lambda: len(taken) >= 4, seconds=CEILING), people.log_of(worker)

        def states() -> set[str]:
            session.rollback()
            return set(session.scalars(select(Outbox.state)))

        assert wait_for(lambda: states() == {"sent"}, seconds=CEILING), people.log_of(worker)
    assert len(taken) == len(set(taken)) == 4, "no copies"


@contextmanager
def pondering(seconds: float) -> Iterator[tuple[str, list[bytes]]]:
    """Run a mail server that answers a message only after so many seconds."""
    taken: list[bytes] = []

    def talk(link: socket.socket) -> None:
        with link, link.makefile("rwb", buffering=0) as line:
            line.write(b"220 ready\r\n")
            while word := line.readline().upper():
                if word.startswith(b"DATA"):
                    line.write(b"354 go on\r\n")
                    message = b""
                    while not message.endswith(b"\r\n.\r\n"):
                        message += line.readline()
                    Event().wait(seconds)
                    taken.append(message)
                line.write(b"221 bye\r\n" if word.startswith(b"QUIT") else b"250 OK\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            try:
                while True:
                    Thread(target=talk, args=(listener.accept()[0],), daemon=True).start()
            except OSError:
                return

        Thread(target=accept, daemon=True).start()
        yield f"smtp://127.0.0.1:{listener.getsockname()[1]}", taken
        listener.shutdown(socket.SHUT_RDWR)
