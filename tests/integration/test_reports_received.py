"""Which report is believed: that of a letter we sent, once, whoever reads it and whatever is in hand."""

from collections.abc import Iterator
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from alembic import command
from sqlalchemy import create_engine, select, update
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.bounces import (
    address_of,
    at,
    bounce,
    follow,
    readers,
    receive,
    reminded,
    rungs,
)
from tests.support.mail import RECEIPTS, Scene, mail_server
from tests.support.office import furnish
from tests.support.reports import fields_for, report_on
from tests.support.waiting import DUE_DAY, REMIND_AT, many_submitted, submitted
from workflow.clock import FixedClock
from workflow.domain.vocabulary import MailState
from workflow.messages.receipts import HEADER, Receipts
from workflow.operations.deadlines.bounces import Followed
from workflow.operations.mail.fate import Delivered
from workflow.operations.mail.receive import LATEST_REPORT, ReportOutcome
from workflow.queries.mail.mails import list_mails
from workflow.store.delivery import DeliveryReport
from workflow.store.history import Event
from workflow.store.mail import Outbox
from workflow.store.schema import _config, role_of, upgrade


@pytest.fixture
def scene(session: Session, clock: FixedClock, database) -> Iterator[Scene]:
    with mail_server() as server:
        yield Scene(furnish(session, now=clock.now()), session, database.sessions, clock, server)


@pytest.mark.parametrize("forgery", ["another secret", "its Message-ID alone"])
def test_a_stranger_changes_nothing(scene: Scene, forgery: str) -> None:
    reminded(scene)
    letter = scene.server.inbox.mails[-1]
    group = fields_for(address_of(scene, "reviewer"))
    receipt = (
        Receipts(b"a stranger's").receipt_for(str(letter["Message-ID"]))
        if forgery == "another secret"
        else ""
    )
    content = report_on(letter, group).replace(str(letter[HEADER]).encode(), str(receipt).encode())
    assert receive(scene, content).outcome is ReportOutcome.NOT_OURS
    assert follow(scene) == Followed()
    assert rungs(scene)[0] == (True, False)


def test_one_readers_receipt_says_nothing_of_another_reader(scene: Scene) -> None:
    reminded(scene)
    first, second = scene.server.inbox.mails[-2:]
    content = report_on(first, fields_for("else@example.org"), envid=str(second[HEADER]))
    assert receive(scene, content).outcome is ReportOutcome.AMBIGUOUS


def test_the_same_report_again_changes_nothing_nor_one_of_long_ago(scene: Scene) -> None:
    reminded(scene)
    assert bounce(scene).outcome is ReportOutcome.BOUNCED
    assert bounce(scene, status="5.7.1").outcome is ReportOutcome.KNOWN_ALREADY
    assert follow(scene) == Followed(bounces=1, rungs=1)
    assert follow(scene) == Followed()
    scene.clock.advance(LATEST_REPORT + timedelta(days=1))
    content = report_on(scene.server.inbox.mails[0], fields_for(address_of(scene, "reviewer")))
    assert receive(scene, content).outcome is ReportOutcome.TOO_OLD
    assert len(scene.session.scalars(select(DeliveryReport)).all()) == 1


@pytest.mark.parametrize("action", ["delayed", "relayed", "expanded", "delivered"])
def test_what_is_no_failure_is_told_and_is_no_bounce(scene: Scene, action: str) -> None:
    nomination_id = reminded(scene)
    assert bounce(scene, action=action, status="4.2.2").outcome is ReportOutcome.NOTED
    assert follow(scene) == Followed()
    at(scene, DUE_DAY)
    assert readers(scene, nomination_id)[-1] == ("reminder", "reviewer")
    overseer = scene.office.actor("admin", scene.clock.now())
    page = list_mails(scene.session, actor=overseer, nomination_id=nomination_id, limit=9, cursor=None)
    assert any(mail.delayed_at is not None for mail in page.items) is (action == "delayed")


def test_a_holiday_notice_changes_nothing(scene: Scene) -> None:
    reminded(scene)
    letter = scene.server.inbox.mails[-1]
    notice = (
        f"From: hoa@vksnd.example\nAuto-Submitted: auto-replied\n\nAway. 550\n{HEADER}: {letter[HEADER]}\n"
    )
    assert receive(scene, notice.encode()).outcome is ReportOutcome.AUTO_REPLY
    assert follow(scene) == Followed()


def test_two_who_read_one_report_at_once_note_it_once(scene: Scene) -> None:
    reminded(scene)
    content = report_on(scene.server.inbox.mails[-1], fields_for(address_of(scene, "reviewer")))
    start, outcomes = Barrier(8), list[ReportOutcome]()

    def read() -> None:
        start.wait()
        outcomes.append(receive(scene, content).outcome)
        follow(scene)

    threads = [Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [ReportOutcome.BOUNCED, *[ReportOutcome.KNOWN_ALREADY] * 7]
    follow(scene)
    assert len(scene.session.scalars(select(Event).where(Event.action == "bounce")).all()) == 1


@pytest.mark.parametrize("moment", ["before the message", "after the server's 250"])
def test_a_report_on_a_letter_that_a_sender_has_in_hand_ends_it(scene: Scene, moment: str) -> None:
    """A copy went out before, by a sender that died; its report comes while another has it in hand."""
    submitted(scene.office, scene.clock.now())
    at(scene, REMIND_AT)
    taken = list[str]()

    def report() -> None:
        scene.session.rollback()
        row = scene.session.scalars(select(Outbox).where(Outbox.state == MailState.SENDING)).first()
        if row is None or taken:
            return
        taken.append(str(row.message_id))
        receipt = RECEIPTS.receipt_for(str(row.message_id))
        content = (
            f"From: mailer-daemon@mx.example.vn\nX-Failed-Recipients: {address_of(scene, 'reviewer')}\n\n"
            f"550 5.1.1 unknown\n\n{HEADER}: {receipt}\n"
        )
        assert receive(scene, content.encode()).outcome is ReportOutcome.BOUNCED

    if moment == "before the message":
        scene.server.inbox.on_recipient = report
    else:
        scene.server.inbox.on_taken = report
    delivered = scene.deliver()
    assert delivered == Delivered(sent=1, outrun=1)
    assert len(scene.server.inbox.mails) == (1 if moment == "before the message" else 2)
    scene.session.rollback()
    rows = scene.session.scalars(select(Outbox).where(Outbox.message_id == taken[0])).all()
    assert [row.state for row in rows] == [MailState.DEAD]
    scene.expire_leases()
    scene.clock.advance(timedelta(hours=2))
    assert scene.deliver() == Delivered(), "nobody sends it a second time"


def test_an_upgrade_carries_over_what_servers_refused_before(scene: Scene, database: Database) -> None:
    ids = many_submitted(scene.office, scene.session, 4, scene.clock.now())
    scene.deliver()
    words = {
        ids[0]: "refused: recipient not accepted: 550 5.1.1 no such user",
        ids[1]: "maybe_sent, then refused: recipient not accepted: 552 full",
        ids[2]: "unwritable: ValueError: no fault of the address",
    }
    for nomination_id, reason in words.items():
        row = update(Outbox).where(Outbox.nomination_id == nomination_id)
        scene.session.execute(row.values(state=MailState.DEAD, state_reason=reason))
    later = update(Outbox).where(Outbox.nomination_id == ids[3])
    scene.session.execute(later.values(state=MailState.NEW, sent_at=None))
    scene.session.commit()
    engine = create_engine(database.migration_url)
    with engine.connect() as connection:
        command.downgrade(_config(connection), "0020")
        connection.commit()
    engine.dispose()
    upgrade(database.migration_url, application_role=role_of(database.url))
    found = select(DeliveryReport.bounce_class, DeliveryReport.status, DeliveryReport.ended_at)
    scene.session.rollback()
    assert {tuple(row) for row in scene.session.execute(found)} == {
        ("permanent", "5.1.1", None),
        ("temporary", None, None),
    }
    assert follow(scene) == Followed(), "what was before is not told anew"
