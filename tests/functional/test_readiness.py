"""`/readyz` tells the truth: what is red, since when and what helps; bounded, whatever hangs; no secrets."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, text, update

from api.wsgi import create_app
from tests.support.interface import Interface, settings_for_tests
from tests.support.no_writes import no_writes
from tests.support.running import free_port
from workflow.clock import DatabaseClock
from workflow.operations.sweep.heartbeat import Pulse, beat
from workflow.queries.health import PULSES
from workflow.store.access import Account, Grant
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


def test_a_letter_that_waits_for_its_readers_morning_is_late_from_that_hour_on(
    interface: Interface, database
) -> None:
    now = letters(interface, database)
    morning = now + timedelta(hours=1)
    waits: dict[str, object] = {"attempt": 1, "excused_count": 1, "fold_key": "task:1"}
    put(interface, created_at=now - 10 * LATE, not_before=morning, put_off_until=morning, **waits)
    assert red(interface.app) == set()
    put(interface, put_off_until=now - FINE, not_before=now - FINE)
    assert red(interface.app) == set()
    put(interface, put_off_until=now - LATE, not_before=morning)
    assert red(interface.app) == {"mails"}


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
    with database.engine.connect() as connection:
        written = connection.execute(
            text("SELECT beaten_at FROM heartbeat WHERE name = 'write'")
        ).scalar_one()
    with no_writes(database):
        status, checks = asked(interface.app)
        assert (status, checks["write"]["is_ok"]) == (503, False)
        assert datetime.fromisoformat(checks["write"]["since"]) == written
    assert red(interface.app) == set()


def test_a_database_that_is_not_there_is_red_with_all_else_still_asked(tmp_path: Path) -> None:
    nowhere = make_engine(f"postgresql://nobody@127.0.0.1:{free_port()}/nothing")
    app = create_app(settings_for_tests(tmp_path), sessions=make_sessions(nowhere, timezone="UTC"))
    assert red(app) == {"database"}
    assert {"papers"} <= set(asked(app)[1])
    assert "nobody" not in app.test_client().get("/readyz").text
    assert list((tmp_path / "attachments" / "pending").iterdir()) == []


def test_open_work_whose_ladder_ends_at_nobody_is_red_until_somebody_supervises(
    interface: Interface, database, session
) -> None:
    alive(database)
    session.execute(delete(Grant).where(Grant.key.startswith("supervisor@")))
    session.commit()
    assert red(interface.app) == set(), "nothing is open, so nothing is to be reported"
    interface.drafted()
    assert red(interface.app) == {"supervisor"}
    assert "supervisor@all" in asked(interface.app)[1]["supervisor"]["remedy"]
    # Who was told of everybody before is not told any more once they are disabled.
    admin = interface.office.ids["admin"]
    session.add(Grant(account_id=admin, key="supervisor@all", valid_from=date(2026, 1, 1)))
    session.commit()
    assert red(interface.app) == set()
    session.execute(update(Account).where(Account.id == admin).values(disabled_at=interface.clock.now()))
    session.commit()
    assert red(interface.app) == {"supervisor"}
