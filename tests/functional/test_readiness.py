"""`/readyz` tells the truth: what is red, since when and what helps; bounded, whatever hangs; no secrets."""

import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import psycopg
import pytest
from sqlalchemy import text, update

from api.probes import Question
from api.wsgi import create_app
from tasks.probes import does_broker_write, does_mail_server_greet
from tests.support.interface import Interface, settings_for_tests
from tests.support.mail import mail_server
from tests.support.patience import as_busy
from tests.support.processes import broker
from tests.support.running import free_port
from workflow.clock import DatabaseClock, monotonic
from workflow.operations.sweep.heartbeat import Pulse, beat
from workflow.queries.health import PULSES
from workflow.store.database import make_engine, make_sessions
from workflow.store.installation import Heartbeat
from workflow.store.mail import Outbox
from workflow.store.nominations import Rung

FINE = timedelta(seconds=40)
LATE = timedelta(seconds=50)


def alive(database) -> None:
    for pulse in Pulse:
        beat(database.sessions, pulse)


def asked(app: Any) -> tuple[int, dict[str, dict[str, Any]]]:
    answer = app.test_client().get("/readyz")
    return answer.status_code, {check["name"]: check for check in answer.json["checks"]}


def red(app: Any) -> set[str]:
    status, checks = asked(app)
    names = {name for name, check in checks.items() if not check["is_ok"]}
    assert (status == 503) == bool(names)
    for name in names:
        assert checks[name]["detail"]
        assert checks[name]["remedy"]
    return names


def test_readiness_asks_for_every_heartbeat_there_is() -> None:
    assert set(PULSES) == set(Pulse)


def test_an_installation_is_ready_once_the_workers_have_looked(interface: Interface, database) -> None:
    waiting = interface.app.test_client().get("/readyz")
    assert (waiting.status_code, waiting.content_type) == (503, "application/problem+json")
    assert waiting.json["detail"] == "sweep: it has not run yet; deliver: it has not run yet"
    alive(database)
    ready = interface.app.test_client().get("/readyz")
    assert (ready.status_code, ready.json["status"]) == (200, "ready")
    assert all(check["since"] is None and check["remedy"] is None for check in ready.json["checks"])


@pytest.mark.parametrize("pulse", list(Pulse))
def test_a_heartbeat_that_is_red_within_a_minute_says_since_when(
    interface: Interface, database, session, pulse: Pulse
) -> None:
    alive(database)
    now = DatabaseClock().now(session)
    row = update(Heartbeat).where(Heartbeat.name == pulse)
    session.execute(row.values(beaten_at=now - FINE))
    session.commit()
    assert red(interface.app) == set()
    session.execute(row.values(beaten_at=now - LATE))
    session.commit()
    assert red(interface.app) == {str(pulse)}
    since = datetime.fromisoformat(asked(interface.app)[1][str(pulse)]["since"])
    assert since == now - LATE
    beat(database.sessions, pulse)
    assert red(interface.app) == set()


def letters(interface: Interface, database) -> datetime:
    """Have one letter and nothing else that waits, and return the real time."""
    alive(database)
    interface.act("nominator", interface.drafted(), "submit")
    session = interface.office.session
    session.execute(update(Rung).values(fired_at=interface.clock.now()))
    session.commit()
    return DatabaseClock().now(session)


def put(interface: Interface, **values: object) -> None:
    session = interface.office.session
    session.execute(update(Outbox).values(**values))
    session.commit()


def test_a_letter_is_as_old_as_it_is_however_often_it_was_put_off(interface: Interface, database) -> None:
    now = letters(interface, database)
    later = now + timedelta(hours=1)
    put(interface, created_at=now - FINE, not_before=later, attempt=3, excused_count=3)
    assert red(interface.app) == set()
    put(interface, created_at=now - LATE, not_before=later, attempt=3, excused_count=3)
    assert red(interface.app) == {"mails"}
    since = datetime.fromisoformat(asked(interface.app)[1]["mails"]["since"])
    assert since == now - LATE
    put(interface, attempt=9, excused_count=1)
    assert red(interface.app) == {"mails"}
    put(interface, state="sending", lease_until=later)
    assert red(interface.app) == {"mails"}
    put(interface, state="sent")
    assert red(interface.app) == set()


def test_a_full_mailbox_of_one_reader_does_not_take_the_site_out(interface: Interface, database) -> None:
    now = letters(interface, database)
    session = interface.office.session
    interface.act("nominator", interface.drafted(award="LDTT"), "submit")
    session.execute(update(Rung).values(fired_at=interface.clock.now()))
    put(interface, created_at=now - LATE, attempt=2, excused_count=1)
    assert red(interface.app) == {"mails"}
    younger = session.scalars(text("SELECT id FROM outbox ORDER BY id DESC LIMIT 1")).one()
    session.execute(update(Outbox).where(Outbox.id == younger).values(state="sent", sent_at=now))
    session.commit()
    assert session.scalars(text("SELECT count(*) FROM outbox WHERE state = 'new'")).one() >= 1
    assert red(interface.app) == set()
    put(interface, excused_count=2)
    assert red(interface.app) == {"mails"}, "what the server itself refused is never the reader's"


def test_a_due_reminder_that_waits_is_red_since_it_was_due(interface: Interface, database, session) -> None:
    now = letters(interface, database)
    put(interface, state="sent")
    rungs = update(Rung).where(Rung.ordinal == 1)
    session.execute(rungs.values(fired_at=None, fire_at=now - FINE))
    session.commit()
    assert red(interface.app) == set()
    session.execute(rungs.values(fire_at=now - LATE))
    session.commit()
    assert red(interface.app) == {"reminders"}


def test_a_database_that_takes_no_writes_is_red_and_says_since_when(interface: Interface, database) -> None:
    alive(database)
    assert red(interface.app) == set()
    name = database.engine.url.database
    with database.engine.connect() as connection:
        owner = connection.execute(text("SELECT beaten_at FROM heartbeat WHERE name = 'write'")).scalar_one()
    execute_as_owner(database, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    database.engine.dispose()
    status, checks = asked(interface.app)
    assert (status, checks["write"]["is_ok"]) == (503, False)
    assert datetime.fromisoformat(checks["write"]["since"]) == owner
    execute_as_owner(database, f"ALTER DATABASE {name} RESET default_transaction_read_only")
    database.engine.dispose()
    assert red(interface.app) == set()


def execute_as_owner(database, statement: str) -> None:
    with psycopg.connect(database.migration_url.replace("+psycopg", ""), autocommit=True) as owner:
        owner.execute("SET default_transaction_read_only = off")
        owner.execute(statement)


def probed(database, folder: Path, **probes: Callable[[], bool]) -> Any:
    alive(database)
    return create_app(settings_for_tests(folder), sessions=database.sessions, probes=probes)


def aged(app: Any) -> None:
    """Let no answer count for the next question."""
    for question in app.extensions["commendo"].readiness.questions:
        question.fresh_seconds = 0.0


def test_redis_that_dies_freezes_or_is_full_is_red_and_green_again(database, tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="cm-") as short, broker(Path(short)) as redis:
        app = probed(database, tmp_path, broker=lambda: does_broker_write(redis.url))
        aged(app)
        assert red(app) == set()
        redis.signal(signal.SIGSTOP)
        began = monotonic()
        assert red(app) == {"broker"}
        assert monotonic() - began < as_busy(5)
        redis.signal(signal.SIGCONT)
        app.extensions["commendo"].readiness.questions[0].answer()
        assert red(app) == set()
        redis.client.config_set("maxmemory", 1)
        assert redis.client.ping()
        assert red(app) == {"broker"}, "a full Redis answers pings"
        redis.client.config_set("maxmemory", 0)
        assert red(app) == set()
        redis.kill()
        status, checks = asked(app)
        assert (status, checks["broker"]["is_ok"]) == (503, False)
        assert checks["broker"]["since"] is not None
        redis.start()
        assert red(app) == set()


def test_a_mail_server_that_refuses_or_is_silent_is_red_and_green_again(database, tmp_path: Path) -> None:
    with mail_server() as server:
        app = probed(database, tmp_path, mail_server=lambda: does_mail_server_greet(server.url))
        aged(app)
        assert red(app) == set()
        server.stop()
        status, checks = asked(app)
        assert (status, checks["mail_server"]["is_ok"]) == (503, False)
        assert checks["mail_server"]["since"] is not None
        assert str(server.port) not in str(checks)
        server.start()
        assert red(app) == set()
        assert server.inbox.mails == []
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"smtp://somebody:secret@127.0.0.1:{mute.getsockname()[1]}"
        app = probed(database, tmp_path, mail_server=lambda: does_mail_server_greet(url))
        began = monotonic()
        answer = app.test_client().get("/readyz")
        assert monotonic() - began < as_busy(9)
        assert "mail_server" in answer.json["detail"]
        for secret in ("somebody", "secret", "127.0.0.1", str(tmp_path)):
            assert secret not in answer.text


def test_an_answer_of_the_mail_server_counts_for_a_while_so_nobody_makes_us_knock(
    database, tmp_path: Path
) -> None:
    knocks: list[None] = []

    def knock() -> bool:
        knocks.append(None)
        return True

    app = probed(database, tmp_path, mail_server=knock)
    for _ in range(5):
        assert red(app) == set()
    assert len(knocks) == 1


def test_what_hangs_is_red_in_its_own_time_and_asked_once_only() -> None:
    begun: list[None] = []
    let_go = Event()

    def hang() -> None:
        begun.append(None)
        let_go.wait()

    question = Question("papers", "Unhang it.", hang, limit_seconds=0.2)
    for _ in range(3):
        question.begin()
        assert question.answer() == "it did not answer within 0.2 s"
    assert len(begun) == 1
    question.limit_seconds = 300
    let_go.set()
    assert question.answer() is None


@contextmanager
def tiny_disk(folder: Path) -> Iterator[Path]:
    """Mount a file system of 40 MB, as root may."""
    folder.mkdir()
    done = subprocess.run(
        ["/bin/mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(folder)],
        check=False,
        capture_output=True,
    )
    if done.returncode:
        pytest.skip("may not mount a file system here")
    try:
        yield folder
    finally:
        subprocess.run(["/bin/umount", "-l", str(folder)], check=True)


def test_a_disk_of_papers_that_fills_is_red_and_green_again(database, tmp_path: Path) -> None:
    with tiny_disk(tmp_path / "data") as folder:
        app = probed(database, folder)
        assert red(app) == set()
        filler = folder / "filler"
        filler.write_bytes(bytes(25 * 1024 * 1024))
        assert red(app) == {"papers"}, "one of the largest papers does not fit any more"
        assert "no room" in asked(app)[1]["papers"]["detail"]
        filler.write_bytes(bytes(39 * 1024 * 1024))
        assert red(app) == {"papers"}
        assert str(folder) not in app.test_client().get("/readyz").text
        filler.unlink()
        assert red(app) == set()
        assert list((folder / "attachments" / "pending").iterdir()) == [], "what was written to ask is gone"


def test_a_folder_of_papers_that_cannot_be_made_is_red(database, tmp_path: Path) -> None:
    (tmp_path / "attachments").write_text("a file where the folder should be")
    assert red(probed(database, tmp_path)) == {"papers"}


def test_a_database_that_is_not_there_is_red_with_all_else_still_asked(tmp_path: Path) -> None:
    nowhere = make_engine(f"postgresql://nobody@127.0.0.1:{free_port()}/nothing")
    app = create_app(settings_for_tests(tmp_path), sessions=make_sessions(nowhere, timezone="UTC"))
    assert red(app) == {"database"}
    assert {"papers"} <= set(asked(app)[1])
    assert "nobody" not in app.test_client().get("/readyz").text
    assert list((tmp_path / "attachments" / "pending").iterdir()) == []
