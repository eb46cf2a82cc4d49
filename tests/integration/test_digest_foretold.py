"""What the rule foretells of two weeks is what the mail server gets, letter by letter and to the instant."""

from collections.abc import Hashable
from datetime import datetime, timedelta

from sqlalchemy import select

from tests.integration.test_digest import MINUTE, rows, scene
from tests.support.mail import Scene
from tests.support.mornings import plan_letters
from tests.support.office import AG
from workflow.domain.mails.preferences import USUAL
from workflow.domain.mails.times import PromisedLetter
from workflow.domain.vocabulary import MailClass, MailState
from workflow.operations.setup.organise import NewPerson, add_people
from workflow.store.calendars import load_calendar
from workflow.store.mail import Outbox
from workflow.store.nominations import Rung, WorkItem

__all__ = ["scene"]


def test_what_is_foretold_of_a_season_is_what_is_sent(scene: Scene) -> None:
    """Work arrives by day and by night; reminders and escalations fire; letters are what the rule says."""
    readers = {scene.office.ids[part]: part for part in ("reviewer", "deputy", "head", "supervisor")}
    start = scene.clock.now()
    arrivals = (0, 3, 7, 40, 300, 301, 800, 1500, 1509, 1511, 2900)
    pending = [start + minute * MINUTE for minute in arrivals]
    add_people(scene.session, [NewPerson(f"S{n:02}", f"Kiểm sát viên {n}", AG) for n in range(len(pending))])
    scene.session.commit()
    end = start + timedelta(days=12)
    while scene.clock.now() < end:
        if pending and pending[0] <= scene.clock.now():
            pending.pop(0)
            number = len(arrivals) - len(pending) - 1
            drafted = scene.office.draft(scene.clock.now(), person_code=f"S{number:02}").nomination_id
            scene.office.act("nominator", drafted, "submit", scene.clock.now())
        scene.fire()
        scene.deliver()
        scene.clock.advance(next_step(scene, pending))
    sent = [row for row in rows(scene) if row.account_id in readers]
    assert {row.state for row in sent} == {MailState.SENT}
    for account_id in readers:
        own = [row for row in sent if row.account_id == account_id]
        promises = [
            PromisedLetter(
                row.id, MailClass(row.mail_class), instant_of(row), work=row.work_item_id, fold=row.fold_key,
                is_reminder=row.notice == "reminder",
                due_at=scene.session.scalar(select(WorkItem.due_at).where(WorkItem.id == row.work_item_id)),
            )
            for row in own
        ]  # fmt: skip
        foretold = plan_letters(promises, preferences=USUAL, calendar=load_calendar("vn", "Asia/Ho_Chi_Minh"))
        letters = {
            frozenset(row.id for row in own if row.message_id == name)
            for name in {row.message_id for row in own}
        }
        assert {frozenset(each.key for each in letter.promises) for letter in foretold} == letters
        left: dict[Hashable, datetime | None] = {row.id: row.sent_at for row in own}
        assert all(left[each.key] == letter.leaves_at for letter in foretold for each in letter.promises)
    assert {row.mail_class for row in sent} == {"task", "escalation"}


def next_step(scene: Scene, pending: list[datetime]) -> timedelta:
    """Return how long it is until anything happens: work arrives, a rung fires, a letter may leave."""
    scene.session.rollback()
    waits = select(Rung.fire_at).where(Rung.fired_at.is_(None), Rung.fire_at.is_not(None))
    fires = scene.session.scalars(waits).all()
    instants = [
        *pending[:1],
        *fires,
        *(at - timedelta(hours=1) for at in fires if at is not None),
        *scene.session.scalars(select(Outbox.not_before).where(Outbox.state == "new")),
    ]
    later = [at for at in instants if at > scene.clock.now()]
    return min(later) - scene.clock.now() if later else timedelta(days=1)


def instant_of(row: Outbox) -> datetime:
    """Return the instant of a promise: that of a reminder is 08:00, an hour before which it fires already."""
    return row.created_at.replace(hour=1) if row.notice == "reminder" else row.created_at
