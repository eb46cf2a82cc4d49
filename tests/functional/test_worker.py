"""A real worker, beat, Redis and mail server: what is promised arrives, whatever dies on the way."""

import signal
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tasks.wake import SECONDS, make_wake
from tasks.work import SENDERS
from tests.support.mail import MailServer, mail_server
from tests.support.office import Office, furnish
from tests.support.patience import PATIENCE
from tests.support.processes import Broker, Crew, broker, crew
from tests.support.waiting import many_submitted, submitted
from workflow.clock import DatabaseClock, monotonic, wait_for
from workflow.store.history import Event
from workflow.store.installation import Heartbeat
from workflow.store.mail import Outbox
from workflow.store.nominations import Rung


@pytest.fixture
def folder() -> Iterator[Path]:
    """Make a folder with a short path: a socket's may have 107 bytes."""
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


@pytest.fixture
def office(session: Session) -> Office:
    return furnish(session, now=DatabaseClock().now(session))


def states(session: Session) -> Counter[str]:
    session.rollback()
    return Counter(session.scalars(select(Outbox.state)))


def reasons(session: Session) -> str:
    session.rollback()
    return " ".join(reason or "" for reason in session.scalars(select(Outbox.state_reason)))


def let_fall_due(session: Session, *, ordinal: int) -> None:
    """Make one rung of every ladder due a minute ago."""
    now = DatabaseClock().now(session)
    session.execute(update(Rung).where(Rung.ordinal == ordinal).values(fire_at=now - timedelta(minutes=1)))
    session.commit()


def await_ready(people: Crew, *processes) -> None:
    def is_ready(process) -> bool:
        return "ready" in people.log_of(process)

    for process in processes:
        assert wait_for(partial(is_ready, process), seconds=PATIENCE), people.log_of(process)


def test_a_commit_is_told_of_at_once_and_two_of_everything_still_remind_once(
    office: Office, session: Session, people: Crew, redis: Broker, server: MailServer
) -> None:
    workers = people.start("worker"), people.start("worker")
    await_ready(people, *workers)
    nomination_id = submitted(office, DatabaseClock().now(session))
    make_wake(redis.url)()
    assert wait_for(lambda: len(server.inbox.mails) == 1, seconds=PATIENCE), people.log_of(workers[0])
    beats = people.start("beat"), people.start("beat")
    let_fall_due(session, ordinal=1)
    assert wait_for(lambda: len(server.inbox.mails) == 2, seconds=PATIENCE), people.log_of(beats[0])
    let_fall_due(session, ordinal=2)
    assert wait_for(lambda: len(server.inbox.mails) == 3, seconds=PATIENCE)
    assert wait_for(lambda: states(session) == {"sent": 3}, seconds=PATIENCE)
    stream = f"nomination:{nomination_id}"
    fired = session.scalars(
        select(Event.data["rung"].as_integer()).where(Event.stream == stream, Event.via == "timer")
    )
    assert sorted(fired) == [1, 2]
    pulses = set(session.scalars(select(Heartbeat.name)))
    assert pulses == {"sweep", "deliver"}
    for process in (*workers, *beats):
        process.send_signal(signal.SIGTERM)
    assert [process.wait(timeout=PATIENCE) for process in (*workers, *beats)] == [0, 0, 0, 0]
    assert "nv02@example.vn" not in "".join(people.log_of(process) for process in people.started)


def test_killing_worker_beat_and_redis_in_the_middle_loses_nothing(
    office: Office, session: Session, people: Crew, redis: Broker, server: MailServer
) -> None:
    many_submitted(office, session, 60, DatabaseClock().now(session))
    worker, beat = people.start("worker"), people.start("beat")
    assert wait_for(lambda: len(server.inbox.mails) >= 5, seconds=PATIENCE), people.log_of(worker)
    people.kill_group(worker)
    people.kill_group(beat)
    redis.kill()
    arrived = len(server.inbox.mails)
    assert arrived < 60, "the kill came too late to prove anything"
    redis.start()
    session.execute(
        update(Outbox).where(Outbox.state == "sending").values(lease_until=func.clock_timestamp())
    )
    session.commit()
    again = people.start("worker")
    await_ready(people, again)
    redis.client.flushall()
    people.start("beat")
    assert wait_for(lambda: states(session) == {"sent": 60}, seconds=PATIENCE), people.log_of(again)
    copies = Counter(server.inbox.message_ids)
    assert len(copies) == 60
    assert max(copies.values()) <= 2, "one kill makes at most one second copy of a letter"
    assert sum(copies.values()) - 60 <= SENDERS, "and of no more letters than were being handed over"


def test_a_mail_server_that_comes_back_gets_what_waited(
    office: Office, session: Session, people: Crew, server: MailServer
) -> None:
    server.stop()
    many_submitted(office, session, 3, DatabaseClock().now(session))
    worker = people.start("worker")
    people.start("beat")
    assert wait_for(lambda: "server_away" in reasons(session), seconds=PATIENCE), people.log_of(worker)
    server.start()
    session.execute(update(Outbox).values(not_before=DatabaseClock().now(session)))
    session.commit()
    assert wait_for(lambda: states(session) == {"sent": 3}, seconds=PATIENCE), people.log_of(worker)
    assert len(server.inbox.mails) == 3


def test_the_hint_costs_the_caller_nothing_when_redis_is_frozen_down_or_absent(redis: Broker) -> None:
    wake = make_wake(redis.url)
    wake()
    assert wait_for(lambda: redis.client.llen("mail") == 1, seconds=PATIENCE)
    for trouble in (lambda: redis.signal(signal.SIGSTOP), redis.kill):
        trouble()
        started = monotonic()
        for _ in range(20):
            wake()
        # Whoever waited for the socket would wait SECONDS each time.
        assert monotonic() - started < 10 * SECONDS
    absent = make_wake(None)
    assert absent() is None


def test_without_redis_the_worker_does_all_of_it_and_ends_politely(
    office: Office, session: Session, folder: Path, database, server: MailServer
) -> None:
    many_submitted(office, session, 2, DatabaseClock().now(session))
    let_fall_due(session, ordinal=1)
    with crew(folder / "data", database_url=database.url, smtp_url=server.url) as people:
        worker = people.start("worker")
        assert wait_for(lambda: len(server.inbox.mails) == 3, seconds=PATIENCE), people.log_of(worker)
        assert wait_for(lambda: states(session) == {"sent": 4}, seconds=PATIENCE)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=PATIENCE) == 0
