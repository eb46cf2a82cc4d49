"""Before an escalation whoever holds the work is told of it: when, and to whom it will be reported."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.mail import Scene, mail_server, text_of
from tests.support.office import TOP, furnish
from tests.support.waiting import DUE_DAY, HEAD_AT, events, submitted
from workflow.clock import FixedClock
from workflow.store.access import Account


@pytest.fixture
def scene(session: Session, clock: FixedClock, database) -> Iterator[Scene]:
    with mail_server() as server:
        yield Scene(furnish(session, now=clock.now()), session, database.sessions, clock, server)


def through(scene: Scene, until: datetime) -> None:
    """Let every morning pass with its mails, as a worker does that never stands still."""
    while scene.clock.now() < until:
        scene.clock.advance(min(timedelta(hours=12), until - scene.clock.now()))
        scene.fire()
        scene.deliver()


def name_of(scene: Scene, part: str) -> str:
    scene.session.rollback()
    return str(scene.session.scalar(select(Account.name).where(Account.id == scene.office.ids[part])))


def test_the_reminder_of_the_due_day_says_when_it_is_reported_and_to_whom(scene: Scene) -> None:
    nomination_id = submitted(scene.office, scene.clock.now())
    through(scene, DUE_DAY)
    letter = text_of(scene.server.inbox.mails[-1])
    assert f"Nếu việc chưa xong, thứ Ba, ngày 10/3/2026 sẽ báo cáo {name_of(scene, 'head')}." in letter
    expected = {"at": HEAD_AT.isoformat(), "accounts": [scene.office.ids["head"]], "key": f"head@unit:{TOP}"}
    assert events(scene.session, nomination_id)[-1].data["announces"] == [expected]
    first = text_of(scene.server.inbox.mails[-2])
    assert "sẽ báo cáo" not in first, "two working days before the due day nothing is announced"
