"""`kill -9` of a sender at each named point of a letter's way: none is lost, none doubled outside the window.

The window is what the product states: between the end of the message and the commit of `sent`. Nothing in the
product knows of these points; each is held from outside, by the mail server or by a lock in the database, and
a kill counts only when somebody was seen to stand there. Letters abandoned by the dead wait for the end of
their lease; it is ended at once here.
"""

import os
import signal
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen

import psutil
import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from tasks.wake import make_wake
from tests.conftest import Database
from tests.support.figures import Figure, Note
from tests.support.gated_mail import GatedServer, Point, gated_server
from tests.support.office import AG, Office, furnish
from tests.support.processes import Crew, broker, crew
from tests.support.servers import is_alive
from workflow.clock import DatabaseClock, wait_for
from workflow.operations.organise import NewPerson, add_people
from workflow.store.mail import Outbox
from workflow.store.outbox import _CLAIMING

pytestmark = [pytest.mark.deep, pytest.mark.timeout(7200)]
KILLS = int(os.environ.get("FAULT_KILLS", "20"))
"""How often at each point; `make faults` does a hundred."""

CEILING = 240.0
LETTERS = 2
_WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


@dataclass
class Post:
    """An office whose letters one worker sends to a gated server, and what is known of each kill."""

    office: Office
    database: Database
    people: Crew
    server: GatedServer
    wake: Callable[[], None]
    worker: Popen[bytes]
    kills: int = 0
    in_the_window: Counter[str] = field(default_factory=Counter)

    @property
    def session(self) -> Session:
        return self.office.session

    def write(self) -> None:
        """Commit what brings LETTERS letters, and say so."""
        now = DatabaseClock().now(self.session)
        codes = [f"K{self.kills:04}{n}" for n in range(LETTERS)]
        add_people(self.session, [NewPerson(code, f"Kiểm sát viên {code}", AG) for code in codes])
        self.session.commit()
        for code in codes:
            nomination_id = self.office.draft(now, person_code=code).nomination_id
            self.office.act("nominator", nomination_id, "submit", now)
        self.wake()

    def kill(self) -> None:
        """Kill every lane of the worker, each fifth time the worker too, and note what was in the window."""
        self.kills += 1
        lanes = psutil.Process(self.worker.pid).children()
        if self.kills % 5 == 0:
            self.people.kill_group(self.worker)
        else:
            for lane in lanes:
                os.kill(lane.pid, signal.SIGKILL)
        assert wait_for(lambda: not any(map(is_alive, lanes)), seconds=CEILING)

    def recover(self) -> None:
        """Let the leases of the dead run out, and wait until every letter has gone."""
        self.session.rollback()
        abandoned = set(self.session.scalars(select(Outbox.message_id).where(Outbox.state == "sending")))
        self.in_the_window.update(abandoned & set(self.server.taken))
        ended = func.clock_timestamp()
        self.session.execute(update(Outbox).where(Outbox.state == "sending").values(lease_until=ended))
        self.session.commit()
        self.server.open()
        if self.worker.poll() is not None:
            self.worker = self.people.start("worker")
        assert wait_for(lambda: self.states() == {"sent"}, seconds=CEILING), (
            self.states(),
            self.people.log_of(self.worker),
        )

    def states(self) -> set[str]:
        self.session.rollback()
        return set(self.session.scalars(select(Outbox.state)))

    def is_anybody_waiting_for_a_lock(self) -> bool:
        self.session.rollback()  # a transaction sees others as they were when it first looked
        found = self.session.scalar(text(_WAITING))
        return bool(found)


@pytest.fixture
def post(session: Session, database: Database) -> Iterator[Post]:
    office = furnish(session, now=DatabaseClock().now(session))
    with (
        tempfile.TemporaryDirectory(prefix="cm-") as name,
        broker(Path(name)) as redis,
        gated_server() as server,
    ):
        settings = {"database_url": database.url, "redis_url": redis.url, "smtp_url": server.url}
        with crew(Path(name) / "data", **settings) as people:
            yield Post(office, database, people, server, make_wake(redis.url), people.start("worker"))


def before_the_claim(post: Post) -> None:
    with post.database.sessions() as other:
        other.execute(select(func.pg_advisory_xact_lock(_CLAIMING)))
        post.write()
        assert wait_for(post.is_anybody_waiting_for_a_lock, seconds=CEILING)
        post.kill()
        other.rollback()


def claimed(post: Post) -> None:
    held_at(post, Point.GREETING)
    assert "sending" in post.states()
    post.kill()


def during_the_message(post: Post) -> None:
    held_at(post, Point.MESSAGE)
    post.kill()


def before_the_mark(post: Post) -> None:
    held_at(post, Point.DOT)
    with post.database.sessions() as other:
        other.execute(select(Outbox.id).where(Outbox.state == "sending").with_for_update())
        post.server.open()
        assert wait_for(post.is_anybody_waiting_for_a_lock, seconds=CEILING), "it was told 250 and writes so"
        post.kill()
        other.rollback()


def marked(post: Post) -> None:
    before = count_sent(post)
    post.write()
    assert wait_for(lambda: count_sent(post) > before, seconds=CEILING, every=0.002)
    post.kill()


def held_at(post: Post, point: Point) -> None:
    post.server.hold(point)
    post.write()
    assert post.server.reached.wait(CEILING), post.people.log_of(post.worker)


def count_sent(post: Post) -> int:
    post.session.rollback()
    return int(post.session.scalar(select(func.count()).where(Outbox.state == "sent")) or 0)


@pytest.mark.parametrize("kill", [before_the_claim, claimed, during_the_message, before_the_mark, marked])
def test_a_letter_outlives_its_sender(post: Post, note: Note, kill: Callable[[Post], None]) -> None:
    for _ in range(KILLS):
        kill(post)
        post.recover()
    rows = post.session.execute(select(Outbox.message_id, Outbox.state)).all()
    taken = Counter(post.server.taken)
    lost = [row.message_id for row in rows if row.message_id not in taken]
    copies = {name: count - 1 for name, count in taken.items() if count > 1}
    outside = {name: count for name, count in copies.items() if count > post.in_the_window[name]}
    strangers = set(taken) - {row.message_id for row in rows}
    seen = (
        f"{len(rows)} letters, {len(lost)} lost, {sum(copies.values())} copies in the window, "
        f"{len(outside)} outside"
    )
    wrong = len(lost) + len(outside) + len(strangers)
    note(Figure(f"kill -9 {kill.__name__.replace('_', ' ')}", post.kills, wrong, seen))
    assert post.kills == KILLS
    assert len(rows) == len({row.message_id for row in rows}) == LETTERS * KILLS
    assert (lost, outside, strangers) == ([], {}, set())
    # Where one letter is marked, the other of its trial may be in the window.
    assert kill in {before_the_mark, marked} or not copies
    if kill is before_the_mark:
        assert sum(copies.values()) >= KILLS, (
            "the fault fired: each kill costs a copy, and no more than its letters"
        )
