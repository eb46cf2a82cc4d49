"""Promised mails arrive once, as one mail where they fold, and not at all where they are no longer true."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tasks.smtp import SmtpTransport
from tests.support.mail import Scene, mail_server, text_of
from tests.support.office import AG, PAPER, furnish
from tests.support.waiting import REMIND_AT, add_account, drop_grant, many_submitted, submitted
from workflow.clock import FixedClock
from workflow.operations.mail.fate import Delivered
from workflow.operations.mail.mailbox import Mailbox
from workflow.store.access import Account
from workflow.store.mail import KeptLetter, Outbox
from workflow.store.nominations import Rung, WorkItem
from workflow.store.organisation import UnitEdition

REVIEWER = "nv02@example.vn"


@pytest.fixture
def scene(session: Session, clock: FixedClock, database) -> Iterator[Scene]:
    with mail_server() as server:
        yield Scene(furnish(session, now=clock.now()), session, database.sessions, clock, server)


def test_new_work_reaches_its_holder_by_a_real_mail(scene: Scene) -> None:
    nomination_id = submitted(scene.office, scene.clock.now())
    assert scene.deliver() == Delivered(sent=1)
    [mail] = scene.server.inbox.mails
    assert scene.server.inbox.recipients == [REVIEWER]
    assert mail["Auto-Submitted"] == "auto-generated"
    work = scene.session.scalars(select(WorkItem.id).where(WorkItem.nomination_id == nomination_id)).all()
    threads = {f"<work.{one.hex}.work.20260309@vksnd.example>" for one in work}
    assert {mail["References"], mail["In-Reply-To"]} <= threads, "one conversation for one date of one work"
    assert f"https://khen.example.vn/nominations/{nomination_id}" in text_of(mail)
    assert "Phạm Thị Hoa" in text_of(mail), "the officer of the unit where the work waits"
    assert "0296 385 2345" in text_of(mail)
    assert scene.outcomes() == [("sent", None)]
    assert scene.deliver() == Delivered()


def test_a_letter_is_written_in_its_readers_language(scene: Scene) -> None:
    scene.session.execute(update(Account).where(Account.email == REVIEWER).values(locale="en"))
    scene.session.commit()
    submitted(scene.office, scene.clock.now())
    scene.deliver()
    assert "Unit review" in text_of(scene.server.inbox.mails[0])


def test_a_return_and_a_decision_tell_the_author(scene: Scene) -> None:
    nomination_id = submitted(scene.office, scene.clock.now())
    scene.office.act(
        "reviewer", nomination_id, "return", scene.clock.now(),
        to_step="draft", reason_code="dossier_incomplete", comment="Thiếu biên bản họp.",
    )  # fmt: skip
    scene.deliver()
    [returned] = scene.server.inbox.of("nv01@example.vn")
    assert "Thiếu biên bản họp." in text_of(returned)
    assert "Hồ sơ chưa đầy đủ" in text_of(returned)
    scene.office.act("nominator", nomination_id, "submit", scene.clock.now())
    scene.office.act("reviewer", nomination_id, "approve", scene.clock.now())
    scene.office.act("secretary", nomination_id, "approve", scene.clock.now())
    scene.office.act("head", nomination_id, "approve", scene.clock.now(), decision=PAPER)
    scene.deliver()
    [_, decided] = scene.server.inbox.of("nv01@example.vn")
    assert "125/QĐ-VKSTC" in text_of(decided)
    assert "Nguyễn Minh Trí" in text_of(decided)


def test_what_is_no_longer_true_is_cancelled_with_a_reason(scene: Scene) -> None:
    done = submitted(scene.office, scene.clock.now())
    scene.office.act("reviewer", done, "approve", scene.clock.now())
    assert scene.deliver() == Delivered(sent=1, cancelled=1)
    assert scene.outcomes() == [("cancelled", "work_done"), ("sent", None)]


def test_work_on_hold_is_not_written_about(scene: Scene) -> None:
    nomination_id = submitted(scene.office, scene.clock.now())
    scene.office.act("reviewer", nomination_id, "hold", scene.clock.now(), comment="Chờ xác minh.")
    scene.deliver()
    assert scene.outcomes() == [("cancelled", "on_hold")]


def test_who_has_left_the_seat_or_the_house_gets_nothing(scene: Scene) -> None:
    add_account(scene.session, "second@example.vn", f"unit_reviewer@unit:{AG}", scene.clock.now())
    submitted(scene.office, scene.clock.now())
    drop_grant(scene.session, scene.office.ids["reviewer"], f"unit_reviewer@unit:{AG}")
    scene.session.execute(
        update(Account).where(Account.email == "second@example.vn").values(disabled_at=scene.clock.now())
    )
    scene.session.commit()
    scene.deliver()
    assert scene.outcomes() == [("cancelled", "no_longer_entitled"), ("cancelled", "recipient_disabled")]


def test_work_somebody_took_is_not_announced_to_the_others(scene: Scene) -> None:
    add_account(scene.session, "second@example.vn", f"unit_reviewer@unit:{AG}", scene.clock.now())
    nomination_id = submitted(scene.office, scene.clock.now())
    scene.office.act("reviewer", nomination_id, "claim", scene.clock.now())
    scene.deliver()
    assert scene.outcomes() == [("cancelled", "taken_by_another"), ("sent", None)]


def test_reminders_of_one_morning_fold_into_one_mail(scene: Scene) -> None:
    many_submitted(scene.office, scene.session, 3, scene.clock.now())
    scene.deliver()
    scene.clock.advance(REMIND_AT - scene.clock.now())
    scene.fire()
    assert scene.deliver() == Delivered(sent=1)
    reminder = scene.server.inbox.mails[-1]
    assert all(f"Kiểm sát viên {n}" in text_of(reminder) for n in range(3))
    assert reminder["References"] is None, "a mail about several nominations belongs to no one thread"
    shared = scene.session.scalars(select(Outbox.message_id).where(Outbox.notice == "reminder")).all()
    assert (len(shared), len(set(shared))) == (3, 1)


def test_a_fold_waits_until_every_due_rung_has_fired(scene: Scene) -> None:
    first, second = many_submitted(scene.office, scene.session, 2, scene.clock.now())
    scene.deliver()
    scene.clock.advance(REMIND_AT - scene.clock.now())
    with scene.sessions() as busy:
        busy.execute(select(Rung.id).limit(1))
        busy.connection().exec_driver_sql(f"SELECT id FROM nomination WHERE id = {second} FOR NO KEY UPDATE")
        assert scene.fire().left == 1
    assert scene.deliver() == Delivered()
    scene.fire()
    assert scene.deliver() == Delivered(sent=1)
    assert f"/nominations/{first}" in text_of(scene.server.inbox.mails[-1])
    assert f"/nominations/{second}" in text_of(scene.server.inbox.mails[-1])


def test_four_senders_at_once_send_every_mail_once(scene: Scene) -> None:
    many_submitted(scene.office, scene.session, 60, scene.clock.now())
    scene.clock.advance(REMIND_AT - scene.clock.now())
    scene.fire()
    start = Barrier(4)

    def work(_: int) -> Delivered:
        start.wait()
        return scene.deliver()

    with ThreadPoolExecutor(4) as pool:
        done = sum(pool.map(work, range(4)), Delivered())
    assert done == Delivered(sent=61)
    assert len(set(scene.server.inbox.message_ids)) == len(scene.server.inbox.mails) == 61
    assert scene.server.inbox.connections == 4, "each sender keeps one connection"
    assert {state for state, _ in scene.outcomes()} == {"sent"}


def test_a_sender_that_dies_after_the_servers_yes_sends_a_second_copy_under_the_same_id(scene: Scene) -> None:
    many_submitted(scene.office, scene.session, 2, scene.clock.now())
    scene.clock.advance(REMIND_AT - scene.clock.now())
    scene.fire()

    class Died(BaseException):
        """Stands for SIGKILL: nothing of ours runs after it."""

    class Dying(SmtpTransport):
        def send(self, parcel) -> None:
            super().send(parcel)
            if "nhắc việc" in parcel.letter.subject.lower():
                raise Died

    with pytest.raises(Died):
        scene.deliver(Dying(scene.server.url))
    assert scene.deliver() == Delivered(), "the lease still holds"
    # Another reminder of the same morning comes too late for the mail that is under way.
    scene.session.execute(update(Rung).where(Rung.ordinal == 2).values(fire_at=scene.clock.now()))
    scene.session.commit()
    scene.fire()
    scene.expire_leases()
    scene.deliver()
    ids = scene.server.inbox.message_ids
    assert len(ids) - len(set(ids)) == 1
    [twice] = {message_id for message_id in ids if ids.count(message_id) == 2}
    copies = [mail for mail in scene.server.inbox.mails if mail["Message-ID"] == twice]
    assert text_of(copies[0]) == text_of(copies[1]), "a fold keeps its members"
    assert {state for state, _ in scene.outcomes()} == {"sent"}


def test_a_sender_whose_lease_ran_out_changes_nothing(scene: Scene) -> None:
    submitted(scene.office, scene.clock.now())

    class Slow(SmtpTransport):
        def send(self, parcel) -> None:
            super().send(parcel)
            scene.expire_leases()
            assert scene.deliver() == Delivered(sent=1)

    assert scene.deliver(Slow(scene.server.url)) == Delivered(outrun=1)
    assert scene.session.execute(select(Outbox.state, Outbox.attempt)).one() == ("sent", 2)


def test_without_a_mail_server_letters_are_kept_for_the_mailbox_once(scene: Scene) -> None:
    nomination_id = submitted(scene.office, scene.clock.now())
    mailbox = Mailbox(scene.sessions)
    assert scene.deliver(mailbox) == Delivered(sent=1)
    scene.session.execute(update(Outbox).values(state="new"))
    scene.session.commit()
    assert scene.deliver(mailbox) == Delivered(sent=1)
    letter = scene.session.scalars(select(KeptLetter)).one()
    assert letter.recipient == REVIEWER
    assert f"/nominations/{nomination_id}" in letter.text
    assert letter.written_at == scene.clock.now()


def test_mails_of_a_replay_are_never_sent(scene: Scene) -> None:
    scene.session.info["sends_mail"] = False
    submitted(scene.office, scene.clock.now())
    scene.clock.advance(timedelta(days=30))
    assert scene.deliver() == Delivered()
    assert scene.outcomes() == [("cancelled", "simulated")]
    assert scene.server.inbox.mails == []


@pytest.mark.parametrize(
    ("email", "answers_to"),
    [
        ("hoa@vksag.example", "Phạm Thị Hoa <hoa@vksag.example>"),
        ("", None),
        ("hoa@@vksag, hung@x", None),
    ],
)
def test_an_answer_reaches_the_officer_in_charge_and_no_letter_waits_for_an_address(
    scene: Scene, email: str, answers_to: str | None
) -> None:
    scene.session.execute(
        update(UnitEdition).where(UnitEdition.officer_name == "Phạm Thị Hoa").values(officer_email=email)
    )
    scene.session.commit()
    submitted(scene.office, scene.clock.now())
    assert scene.deliver() == Delivered(sent=1)
    [mail] = scene.server.inbox.mails
    assert mail["Reply-To"] == answers_to
    assert (email in text_of(mail)) is True
