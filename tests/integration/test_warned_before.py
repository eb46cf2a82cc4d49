"""Before an escalation whoever holds the work is told of it: when, and to whom it will be reported."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.support.mail import Scene, mail_server, text_of
from tests.support.office import TOP, furnish
from tests.support.rounds import opened
from tests.support.waiting import DUE_DAY, HEAD_AT, events, submitted, told
from workflow.clock import FixedClock
from workflow.store.access import Account
from workflow.store.nominations import Rung


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
    assert f"Nếu việc chưa xong, thứ Ba, ngày 10/3/2026 sẽ báo cáo {name_of(scene, 'supervisor')}." in letter
    key, told_id = f"supervisor@unit:{TOP}", scene.office.ids["supervisor"]
    expected = {"at": HEAD_AT.isoformat(), "accounts": [told_id], "key": key}
    assert events(scene.session, nomination_id)[-1].data["announces"] == [expected]
    first = text_of(scene.server.inbox.mails[-2])
    assert "sẽ báo cáo" not in first, "two working days before the due day nothing is announced"


def test_what_is_switched_off_is_not_announced_and_a_done_work_is_not_reported(scene: Scene) -> None:
    nomination_id = submitted(scene.office, scene.clock.now())
    scene.session.execute(update(Rung).values(warns=False))
    scene.session.commit()
    through(scene, DUE_DAY)
    assert "announces" not in events(scene.session, nomination_id)[-1].data
    scene.office.act("reviewer", nomination_id, "approve", scene.clock.now())
    through(scene, HEAD_AT + timedelta(days=5))
    assert [notice for notice, _ in told(scene.session, nomination_id) if notice == "escalation"] == []


def test_a_unit_that_owes_a_round_is_warned_too_and_in_english(scene: Scene) -> None:
    opened(scene.session, scene.clock.now())
    scene.session.execute(update(Account).values(locale="en"))
    scene.session.commit()
    through(scene, datetime(2026, 4, 15, 1, tzinfo=UTC))
    letters = [text_of(mail) for mail in scene.server.inbox.mails]
    said = "Unless it is done before, on Thursday, 16 April 2026 this will be reported to"
    assert any(said in one for one in letters)
