"""One letter a morning about all work that waits: folded, composed when it leaves, counted as its reminders.

The reader is the reviewer of An Giang, who chose nothing: their letter comes at half past seven.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from threading import Thread

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.bounces import address_of, follow, receive
from tests.support.mail import BASE_URL, Scene, mail_server, text_of
from tests.support.office import furnish
from tests.support.reports import fields_for, report_on
from tests.support.waiting import REMIND_AT, many_submitted, submitted
from workflow.clock import FixedClock
from workflow.domain.mails.preferences import USUAL
from workflow.operations.mail.fate import Delivered
from workflow.store.mail import MailPreference, Outbox
from workflow.store.nominations import Rung
from workflow.store.outbox import claim_mails

MINUTE = timedelta(minutes=1)
LOOKS_AHEAD = REMIND_AT - 60 * MINUTE
HALF_PAST_SEVEN = REMIND_AT - 30 * MINUTE


@pytest.fixture
def scene(session: Session, clock: FixedClock, database) -> Iterator[Scene]:
    with mail_server() as server:
        office = furnish(session, now=clock.now())
        yield Scene(office, session, database.sessions, clock, server, preferences=USUAL)


def go_to(scene: Scene, at: datetime) -> None:
    scene.clock.advance(at - scene.clock.now())


def reviewer(scene: Scene) -> str:
    return address_of(scene, "reviewer")


def inbox(scene: Scene) -> list[str]:
    """Return the subjects that the reviewer got, as a mail program shows them."""
    return [str(mail["Subject"]) for mail in scene.server.inbox.of(reviewer(scene))]


def shown(scene: Scene) -> list[str]:
    """Return the lines of the first letter that the reviewer got."""
    return [line.strip() for line in text_of(scene.server.inbox.of(reviewer(scene))[0]).splitlines()]


def address(number: int) -> str:
    return f"{BASE_URL}/nominations/{number}"


def told_of_new_work(scene: Scene, count: int) -> list[int]:
    """Have work arrive on Monday and be told ten minutes later, so that reminders are all that is left."""
    ids = many_submitted(scene.office, scene.session, count, scene.clock.now())
    scene.deliver()
    scene.clock.advance(10 * MINUTE)
    scene.deliver()
    scene.server.inbox.mails.clear()
    scene.server.inbox.recipients.clear()
    return ids


def morning(scene: Scene, at: datetime = HALF_PAST_SEVEN) -> Delivered:
    """Fire the reminders of the day at seven, have them claimed, and send what leaves at half past."""
    go_to(scene, LOOKS_AHEAD)
    scene.fire()
    assert scene.deliver().sent == 0
    go_to(scene, at)
    return scene.deliver()


def rows(scene: Scene) -> list[Outbox]:
    scene.session.rollback()
    return list(
        scene.session.scalars(select(Outbox).order_by(Outbox.id).execution_options(populate_existing=True))
    )


def test_the_reminders_of_a_morning_are_one_letter_at_half_past_seven_and_not_before(scene: Scene) -> None:
    ids = told_of_new_work(scene, 3)
    go_to(scene, LOOKS_AHEAD)
    assert scene.fire().rungs == 3
    assert scene.deliver() == Delivered(waiting=3)
    go_to(scene, HALF_PAST_SEVEN - timedelta(seconds=1))
    assert scene.deliver() == Delivered()
    go_to(scene, HALF_PAST_SEVEN)
    assert scene.deliver() == Delivered(sent=1)
    assert scene.deliver() == Delivered()
    [subject] = inbox(scene)
    assert subject == "[TĐKT] Việc hôm nay, thứ Năm, 5/3/2026: 3 việc đang chờ"
    text = shown(scene)
    assert "HÔM NAY VÀ SẮP ĐẾN HẠN (3)" in text
    assert all(address(number) in text for number in ids)
    reminders = [row for row in rows(scene) if row.notice == "reminder"]
    assert {(row.state, row.message_id) for row in reminders} == {
        ("sent", str(scene.server.inbox.mails[0]["Message-ID"]))
    }


def test_what_was_done_between_folding_and_sending_falls_out(scene: Scene) -> None:
    ids = told_of_new_work(scene, 3)
    go_to(scene, LOOKS_AHEAD)
    scene.fire()
    scene.deliver()
    scene.office.act("reviewer", ids[0], "approve", scene.clock.now())
    go_to(scene, HALF_PAST_SEVEN)
    assert scene.deliver().sent >= 1
    text = shown(scene)
    assert address(ids[0]) not in text
    assert address(ids[1]) in text
    done = [
        row.state_reason for row in rows(scene) if row.nomination_id == ids[0] and row.notice == "reminder"
    ]
    assert done == ["work_done"]


def test_one_thing_that_is_left_goes_as_a_plain_letter(scene: Scene) -> None:
    ids = told_of_new_work(scene, 2)
    go_to(scene, LOOKS_AHEAD)
    scene.fire()
    scene.deliver()
    scene.office.act("reviewer", ids[0], "hold", scene.clock.now(), comment="Chờ xác minh.")
    go_to(scene, HALF_PAST_SEVEN)
    scene.deliver()
    [subject] = inbox(scene)
    assert subject.startswith("[TĐKT] Cần xử lý trước 17:00 thứ Hai, 9/3/2026: ")


def test_a_morning_on_which_nothing_is_left_has_no_letter_and_says_why(scene: Scene) -> None:
    ids = told_of_new_work(scene, 2)
    go_to(scene, LOOKS_AHEAD)
    scene.fire()
    scene.deliver()
    for number in ids:
        scene.office.act("reviewer", number, "approve", scene.clock.now())
    go_to(scene, HALF_PAST_SEVEN)
    scene.deliver()
    assert inbox(scene) == []
    reminders = [(row.state, row.state_reason) for row in rows(scene) if row.notice == "reminder"]
    assert reminders == [("cancelled", "work_done")] * 2


def test_new_work_of_ten_minutes_is_one_letter_and_later_work_waits_for_the_morning(scene: Scene) -> None:
    start = scene.clock.now()
    first = submitted(scene.office, start)
    assert scene.deliver() == Delivered(waiting=1)
    scene.clock.advance(9 * MINUTE)
    second = many_submitted(scene.office, scene.session, 1, scene.clock.now())[0]
    assert scene.deliver() == Delivered(waiting=1)
    scene.clock.advance(MINUTE)
    assert scene.deliver() == Delivered(sent=1)
    text = shown(scene)
    assert address(first) in text
    assert address(second) in text
    assert "MỚI NHẬN, MỚI THAY ĐỔI (2)" in text
    third = scene.office.draft(scene.clock.now(), person_code="NV03").nomination_id
    scene.office.act("nominator", third, "submit", scene.clock.now())
    scene.deliver()
    [waiting] = [
        row for row in rows(scene) if row.state == "new" and row.account_id == scene.office.ids["reviewer"]
    ]
    assert waiting.not_before.astimezone(UTC) == datetime(2026, 3, 3, 0, 30, tzinfo=UTC)
    assert len(inbox(scene)) == 1, "one letter about work a day"


def test_each_person_has_their_own_hour_and_whoever_wants_each_at_once_gets_each(scene: Scene) -> None:
    scene.session.add(
        MailPreference(account_id=scene.office.ids["reviewer"], digest_at=time(9), no_information_since=None)
    )
    scene.session.commit()
    told_of_new_work(scene, 2)
    assert morning(scene).sent == 0
    go_to(scene, REMIND_AT + 60 * MINUTE)
    assert scene.deliver() == Delivered(sent=1)


def test_who_wants_each_at_once_gets_each_at_once(scene: Scene) -> None:
    scene.session.add(MailPreference(account_id=scene.office.ids["reviewer"], pace="at_once"))
    scene.session.commit()
    submitted(scene.office, scene.clock.now())
    assert scene.deliver() == Delivered(sent=1)


def test_a_digest_that_came_back_counts_none_of_its_reminders(scene: Scene) -> None:
    told_of_new_work(scene, 3)
    morning(scene)
    [mail] = scene.server.inbox.of(reviewer(scene))
    assert receive(scene, report_on(mail, fields_for(reviewer(scene)))).bounce_class is not None
    follow(scene)
    scene.session.rollback()
    found = scene.session.scalars(select(Rung).where(Rung.fired_at.is_not(None)))
    assert [rung.bounced_at is not None for rung in found] == [True] * 3


def test_a_sender_that_dies_with_mails_that_may_not_leave_sends_none_of_them_early(scene: Scene) -> None:
    """Killed after the claim and before the mails were put off: whoever finds them puts them off."""
    told_of_new_work(scene, 2)
    go_to(scene, LOOKS_AHEAD)
    scene.fire()
    claim_mails(scene.session, now=scene.clock.now(), domain="example", limit=20)
    scene.session.commit()
    scene.expire_leases()
    assert scene.deliver().sent == 0
    assert inbox(scene) == []
    waiting = [row for row in rows(scene) if row.notice == "reminder"]
    assert {(row.state, row.message_id, row.attempt - row.excused_count) for row in waiting} == {
        ("new", None, 0)
    }
    go_to(scene, HALF_PAST_SEVEN)
    assert scene.deliver() == Delivered(sent=1)
    assert len(inbox(scene)) == 1


def test_two_senders_at_once_send_one_letter(scene: Scene) -> None:
    told_of_new_work(scene, 12)
    go_to(scene, LOOKS_AHEAD)
    scene.fire()
    for at in (LOOKS_AHEAD, HALF_PAST_SEVEN):
        go_to(scene, at)
        senders = [Thread(target=scene.deliver) for _ in range(2)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
    scene.deliver()
    assert len(inbox(scene)) == 1
    assert all(row.state == "sent" for row in rows(scene) if row.notice == "reminder")


def test_a_night_has_no_letters_and_the_morning_has_them_all(scene: Scene) -> None:
    number = submitted(scene.office, scene.clock.now())
    scene.clock.advance(10 * MINUTE)
    scene.deliver()
    night = datetime(2026, 3, 2, 14, tzinfo=UTC)  # 21:00
    go_to(scene, night)
    scene.office.act("reviewer", number, "approve", night)
    assert scene.deliver().sent == 0
    go_to(scene, datetime(2026, 3, 2, 23, 59, 59, tzinfo=UTC))
    assert scene.deliver().sent == 0
    go_to(scene, datetime(2026, 3, 3, 1, 0, tzinfo=UTC))
    assert scene.deliver().sent >= 1


def test_what_two_senders_began_to_gather_seconds_apart_is_one_letter(scene: Scene) -> None:
    """Each looked while the other had not written yet, so that neither joined the other's ten minutes."""
    many_submitted(scene.office, scene.session, 2, scene.clock.now())
    scene.deliver()
    ours = [row for row in rows(scene) if row.account_id == scene.office.ids["reviewer"]]
    ours[1].not_before += timedelta(seconds=5)
    scene.session.commit()
    scene.clock.advance(10 * MINUTE)
    assert scene.deliver().sent == 1
    scene.clock.advance(MINUTE)
    assert scene.deliver().sent == 0
    assert {row.state for row in rows(scene)} == {"sent"}


def test_a_letter_that_waited_over_tet_is_as_old_as_its_morning(scene: Scene) -> None:
    go_to(scene, datetime(2027, 2, 4, 13, tzinfo=UTC))
    many_submitted(scene.office, scene.session, 2, scene.clock.now())
    assert scene.deliver().sent == 0
    go_to(scene, leaves_at := rows(scene)[0].not_before)
    scene.server.inbox.recipient_answer = "450 4.2.0 greylisted, come back later"
    assert scene.deliver() == Delivered(later=1)
    scene.server.inbox.recipient_answer = None
    scene.clock.advance(60 * MINUTE)
    scene.deliver()
    [letter] = scene.server.inbox.of(reviewer(scene))
    assert letter["Date"].datetime == leaves_at


@pytest.mark.parametrize("name", ["<mail.0@example>", "<mail.z@example>"], ids=["before ours", "after ours"])
def test_of_two_senders_with_letters_to_one_reader_one_waits_for_the_other(scene: Scene, name: str) -> None:
    """Whatever their names: the first looked before the second had claimed anything."""
    told_of_new_work(scene, 2)
    go_to(scene, LOOKS_AHEAD)
    scene.fire()
    scene.deliver()
    reminders = [row for row in rows(scene) if row.notice == "reminder"]
    reminders[1].not_before += 5 * MINUTE
    scene.session.commit()
    go_to(scene, HALF_PAST_SEVEN)
    claim_mails(scene.session, now=scene.clock.now(), domain="example", limit=20)
    reminders[0].message_id = name
    scene.session.commit()
    scene.clock.advance(5 * MINUTE)
    assert scene.deliver() == Delivered(waiting=1)
    reminders[0].state, reminders[0].sent_at = "sent", scene.clock.now()
    scene.clock.advance(2 * MINUTE)
    scene.session.commit()
    assert (scene.deliver().sent, inbox(scene)) == (0, [])
    assert rows(scene)[-1].not_before >= HALF_PAST_SEVEN + timedelta(days=1)
