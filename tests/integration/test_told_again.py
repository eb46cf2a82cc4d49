"""A letter held back for what passes is told when it has passed: once, and to whom it is still for."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from tasks.smtp import SmtpTransport
from tests.support.mail import Scene, mail_server, text_of
from tests.support.office import AG, furnish
from tests.support.patience import PATIENCE
from tests.support.waiting import REMIND_AT, add_account, drop_grant, many_submitted, submitted
from workflow.clock import FixedClock, wait_for
from workflow.operations.mail import deliver, reading
from workflow.operations.mail.fate import Delivered
from workflow.operations.mail.meant import reason_to_cancel
from workflow.operations.mail.post import MailDelayedError
from workflow.store.mail import Outbox
from workflow.store.nominations import Nomination, Rung

REVIEWER = "nv02@example.vn"
SECOND = "second@example.vn"
SEAT = f"unit_reviewer@unit:{AG}"


@pytest.fixture
def scene(session: Session, clock: FixedClock, database) -> Iterator[Scene]:
    with mail_server() as server:
        yield Scene(furnish(session, now=clock.now()), session, database.sessions, clock, server)


def hold(scene: Scene, nomination_id: int) -> None:
    scene.office.act("reviewer", nomination_id, "hold", scene.clock.now(), comment="Chờ xác minh.")


def release(scene: Scene, nomination_id: int) -> None:
    scene.office.act("reviewer", nomination_id, "release_hold", scene.clock.now())


def test_work_held_before_its_letter_went_is_told_of_when_it_goes_on(scene: Scene) -> None:
    nomination_id = submitted(scene.office, scene.clock.now())
    hold(scene, nomination_id)
    scene.deliver()
    assert scene.outcomes() == [("cancelled", "on_hold")]
    scene.clock.advance(timedelta(days=9))
    assert scene.deliver() == Delivered(), "nobody is told to act while it is held"
    release(scene, nomination_id)
    assert scene.deliver() == Delivered(sent=1)
    assert scene.server.inbox.recipients == [REVIEWER]
    assert f"/nominations/{nomination_id}" in text_of(scene.server.inbox.mails[0])


def test_held_and_released_again_and_again_it_is_told_once(scene: Scene) -> None:
    nomination_id = submitted(scene.office, scene.clock.now())
    for _ in range(2):
        hold(scene, nomination_id)
        scene.deliver()
        release(scene, nomination_id)
    scene.deliver()
    for _ in range(2):
        hold(scene, nomination_id)
        scene.deliver()
        release(scene, nomination_id)
        scene.deliver()
    assert scene.server.inbox.recipients == [REVIEWER]
    assert scene.outcomes() == [("sent", None)]


def test_a_letter_whose_work_was_held_while_the_server_listened_slowly_does_not_go(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "_STALE_SECONDS", 0.0)
    nomination_id = submitted(scene.office, scene.clock.now())
    scene.server.inbox.on_recipient = lambda: hold(scene, nomination_id)
    assert scene.deliver() == Delivered(later=1, cancelled=1)
    assert scene.server.inbox.mails == []
    assert scene.outcomes() == [("cancelled", "on_hold")]
    scene.server.inbox.on_recipient = lambda: None
    release(scene, nomination_id)
    assert scene.deliver() == Delivered(sent=1)
    assert scene.server.inbox.recipients == [REVIEWER]


def test_many_holds_are_not_tries(scene: Scene) -> None:
    nomination_id = submitted(scene.office, scene.clock.now())
    for _ in range(9):
        hold(scene, nomination_id)
        scene.deliver()
        release(scene, nomination_id)
    row = scene.only_row()
    assert row.attempt == row.excused_count == 9
    assert scene.deliver() == Delivered(sent=1)


def test_a_letter_told_again_has_five_days_of_its_own(scene: Scene) -> None:
    nomination_id = submitted(scene.office, scene.clock.now())
    hold(scene, nomination_id)
    scene.deliver()
    scene.clock.advance(timedelta(days=30))
    release(scene, nomination_id)
    scene.server.inbox.recipient_answer = "451 4.2.1 not now"
    assert scene.deliver() == Delivered(later=1)
    scene.server.inbox.recipient_answer = None
    scene.clock.advance(timedelta(hours=2))
    assert scene.deliver() == Delivered(sent=1)


def test_what_a_server_may_have_taken_is_repeated_after_the_hold_under_its_name(scene: Scene) -> None:
    nomination_id = submitted(scene.office, scene.clock.now())

    class Cut(SmtpTransport):
        def send(self, parcel) -> None:
            super().send(parcel)
            raise MailDelayedError("the link broke after the message", maybe_sent=True)

    assert scene.deliver(Cut(scene.server.url)) == Delivered(later=1)
    hold(scene, nomination_id)
    scene.clock.advance(timedelta(hours=1))
    scene.deliver()
    assert scene.outcomes() == [("sent", "maybe_sent, not repeated: on_hold")]
    release(scene, nomination_id)
    assert scene.deliver(Cut(scene.server.url)) == Delivered(later=1)
    rests = scene.only_row().not_before - scene.clock.now()
    assert rests >= timedelta(minutes=45), "the second copy is as rare as without a hold"
    scene.clock.advance(rests)
    assert scene.deliver() == Delivered(sent=1)
    assert scene.outcomes() == [("sent", "maybe_sent_twice")]
    assert len(set(scene.server.inbox.message_ids)) == 1


def test_a_hold_and_its_release_bring_no_copy_forward(scene: Scene) -> None:
    nomination_id = submitted(scene.office, scene.clock.now())

    class Cut(SmtpTransport):
        def send(self, _parcel) -> None:
            raise MailDelayedError("the link broke after the message", maybe_sent=True)

    scene.deliver(Cut(scene.server.url))
    due = scene.only_row().not_before
    hold(scene, nomination_id)
    scene.deliver()
    release(scene, nomination_id)
    assert scene.only_row().not_before == due
    assert scene.deliver() == Delivered()


@pytest.mark.parametrize("end", ["recall", "withdraw"])
def test_work_that_moved_on_while_it_was_held_is_not_told_of(scene: Scene, end: str) -> None:
    nomination_id = submitted(scene.office, scene.clock.now())
    hold(scene, nomination_id)
    scene.deliver()
    release(scene, nomination_id)
    scene.office.act("nominator", nomination_id, end, scene.clock.now(), comment="Xin rút.")
    scene.deliver()
    assert scene.server.inbox.of(REVIEWER) == []
    assert ("cancelled", "work_done") in scene.outcomes()


def test_who_left_the_seat_during_the_hold_is_not_told(scene: Scene) -> None:
    scene.office.ids["second"] = add_account(scene.session, SECOND, SEAT, scene.clock.now())
    nomination_id = submitted(scene.office, scene.clock.now())
    hold(scene, nomination_id)
    scene.deliver()
    drop_grant(scene.session, scene.office.ids["reviewer"], SEAT)
    scene.office.act("second", nomination_id, "release_hold", scene.clock.now())
    scene.deliver()
    assert scene.server.inbox.recipients == [SECOND]
    assert scene.outcomes() == [("cancelled", "no_longer_entitled"), ("sent", None)]


def test_a_reminder_held_back_comes_with_the_date_of_after_the_hold(scene: Scene) -> None:
    nomination_id = submitted(scene.office, scene.clock.now())
    scene.deliver()
    scene.clock.advance(REMIND_AT - scene.clock.now())
    scene.fire()
    hold(scene, nomination_id)
    scene.deliver()
    scene.clock.advance(timedelta(days=7))
    release(scene, nomination_id)
    scene.fire()
    scene.deliver()
    [_, reminder] = scene.server.inbox.mails
    assert "16/3/2026" in reminder["Subject"]
    notices = select(Outbox.notice).where(Outbox.message_id == reminder["Message-ID"])
    assert scene.session.scalars(notices).all() == ["reminder"]


def test_one_of_a_list_that_was_held_gets_its_own_mail_under_its_own_name(scene: Scene) -> None:
    ids = many_submitted(scene.office, scene.session, 3, scene.clock.now())
    scene.deliver()
    scene.clock.advance(REMIND_AT - scene.clock.now())
    scene.fire()

    class Delayed(SmtpTransport):
        """The two are held between the first try of the list and the next."""

        def send(self, _parcel) -> None:
            raise MailDelayedError("451 not now")

    scene.deliver(Delayed(scene.server.url))
    for one in ids[:2]:
        hold(scene, one)
    scene.clock.advance(timedelta(hours=2))
    scene.deliver()
    for one in ids[:2]:
        release(scene, one)
    scene.deliver()
    *_, last, again = scene.server.inbox.mails
    assert all(f"/nominations/{one}" in text_of(again) for one in ids[:2]), "both in one mail"
    assert f"/nominations/{ids[2]}" in text_of(last)
    assert len(set(scene.server.inbox.message_ids)) == len(scene.server.inbox.mails) == 5


def test_a_hold_that_ends_while_the_sender_looks_loses_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sender read that it is held; it is released before the sender writes that down."""
    nomination_id = submitted(scene.office, scene.clock.now())
    hold(scene, nomination_id)
    released = _once(lambda: release(scene, nomination_id))
    ask = reason_to_cancel

    def slow(promise, **of_reader):
        reason = ask(promise, **of_reader)
        released()
        return reason

    monkeypatch.setattr(reading, "reason_to_cancel", slow)
    scene.deliver()
    scene.deliver()
    assert scene.server.inbox.recipients == [REVIEWER]
    assert scene.outcomes() == [("sent", None)]


def test_a_sender_waits_for_the_end_of_a_hold_that_is_not_committed_yet(scene: Scene) -> None:
    nomination_id = submitted(scene.office, scene.clock.now())
    hold(scene, nomination_id)
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )

    def is_waited_for() -> bool:
        with scene.sessions() as session:
            return bool(session.scalar(waiting))

    with scene.sessions() as releasing, ThreadPoolExecutor(1) as pool:
        row = update(Nomination).where(Nomination.id == nomination_id)
        releasing.execute(row.values(is_held=False))
        sending = pool.submit(scene.deliver)
        assert wait_for(is_waited_for, seconds=PATIENCE)
        releasing.commit()
        assert sending.result(PATIENCE) == Delivered(sent=1, later=1)
    assert scene.server.inbox.recipients == [REVIEWER]


def _once(act: Callable[[], None]) -> Callable[[], None]:
    left = [act]
    return lambda: left.pop()() if left else None


def test_a_release_after_the_due_date_tells_of_the_work_beside_its_reminders(scene: Scene) -> None:
    nomination_id = submitted(scene.office, scene.clock.now())
    scene.session.execute(update(Rung).values(fire_at=scene.clock.now()))
    scene.session.commit()
    scene.fire()
    hold(scene, nomination_id)
    scene.deliver()
    assert scene.server.inbox.mails == []
    scene.clock.advance(timedelta(days=60))
    release(scene, nomination_id)
    scene.deliver()
    notices = select(Outbox.notice).where(Outbox.state == "sent").order_by(Outbox.notice)
    assert {"work_opened", "escalation"} <= set(scene.session.scalars(notices))
