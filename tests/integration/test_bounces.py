"""A letter that came back does not count, whoever says so and how often; a stranger says nothing.

The reader of each case is the reviewer of An Giang, whose deputy stands in for them.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import Barrier, Thread
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.support.mail import RECEIPTS, Scene, mail_server, text_of
from tests.support.office import AG, TOP, furnish
from tests.support.reports import DOMAIN, fields_for, report_on
from tests.support.waiting import DUE_DAY, HEAD_AT, NEXT_LEVEL_AT, REMIND_AT, add_account, submitted, told
from workflow.clock import FixedClock
from workflow.domain.errors import Forbidden, NotFound
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import BounceClass, MailState, Recipient, Via
from workflow.messages.receipts import HEADER, Receipts
from workflow.operations.deadlines.bounces import SILENCE, Followed, follow_reports
from workflow.operations.deadlines.recipients import resolve_return_recipients
from workflow.operations.deadlines.try_again import dead_mails_of, try_again
from workflow.operations.mail.fate import Delivered
from workflow.operations.mail.receive import LATEST_REPORT, ReceivedMail, ReportOutcome, receive_mail
from workflow.operations.people.addresses import change_address
from workflow.queries.history.audit import verify_chains
from workflow.queries.mail.dead import dead_mails
from workflow.queries.mail.mails import list_mails
from workflow.queries.nominations.nomination import get_nomination
from workflow.store.access import Account
from workflow.store.delivery import DeliveryReport
from workflow.store.history import Event
from workflow.store.mail import Outbox
from workflow.store.nominations import Nomination, Rung


@pytest.fixture
def scene(session: Session, clock: FixedClock, database) -> Iterator[Scene]:
    with mail_server() as server:
        yield Scene(furnish(session, now=clock.now()), session, database.sessions, clock, server)


def reminded(scene: Scene) -> int:
    """Have a nomination wait until its first reminder has left, the letter of new work before it."""
    nomination_id = submitted(scene.office, scene.clock.now())
    assert scene.deliver() == Delivered(sent=1)
    at(scene, REMIND_AT)
    assert scene.deliver() == Delivered(sent=1)
    return nomination_id


def at(scene: Scene, when: datetime) -> None:
    scene.clock.advance(when - scene.clock.now())
    follow(scene)
    scene.fire()


def follow(scene: Scene) -> Followed:
    return follow_reports(scene.sessions, clock=scene.clock)


def receive(scene: Scene, content: bytes, *, receipts: Receipts = RECEIPTS) -> ReceivedMail:
    with scene.sessions() as other:
        return receive_mail(other, content, receipts=receipts, domain=DOMAIN, now=scene.clock.now())


def address_of(scene: Scene, part: str) -> str:
    scene.session.rollback()
    return str(scene.session.scalar(select(Account.email).where(Account.id == scene.office.ids[part])))


def bounce(scene: Scene, **how: str) -> ReceivedMail:
    """Have the last letter come back from the reviewer's mail server."""
    group = fields_for(address_of(scene, "reviewer"), **how)
    return receive(scene, report_on(scene.server.inbox.mails[-1], group))


def rungs(scene: Scene) -> list[tuple[bool, bool]]:
    """Return of each rung, in order, whether it fired and whether it bounced."""
    scene.session.rollback()
    rows = scene.session.execute(select(Rung.fired_at, Rung.bounced_at).order_by(Rung.ordinal))
    return [(row.fired_at is not None, row.bounced_at is not None) for row in rows]


def readers(scene: Scene, nomination_id: int) -> list[tuple[str, str]]:
    parts = {number: part for part, number in scene.office.ids.items() if part != "unit_head"}
    scene.session.rollback()
    return [(notice, parts[account_id]) for notice, account_id in told(scene.session, nomination_id)]


def test_a_reminder_that_came_back_does_not_count_and_the_next_goes_to_the_deputy(scene: Scene) -> None:
    nomination_id = reminded(scene)
    received = bounce(scene)
    assert (received.outcome, received.bounce_class, received.status) == (
        ReportOutcome.BOUNCED, BounceClass.PERMANENT, "5.1.1",
    )  # fmt: skip
    assert follow(scene) == Followed(bounces=1, rungs=1)
    assert rungs(scene)[0] == (True, True)
    row = scene.session.scalars(select(Outbox).where(Outbox.notice == "reminder")).one()
    assert row.state == MailState.DEAD
    assert row.sent_at is not None, "the server did take it"
    assert (row.state_reason or "").startswith("bounced: 550 5.1.1")
    at(scene, DUE_DAY)
    assert readers(scene, nomination_id) == [("reminder", "reviewer"), ("reminder", "deputy")]
    assert scene.deliver() == Delivered(sent=1)
    assert scene.server.inbox.recipients[-1] == address_of(scene, "deputy")
    deputy = scene.office.actor("deputy", scene.clock.now())
    assert get_nomination(scene.session, actor=deputy, nomination_id=nomination_id, now=scene.clock.now())
    assert verify_chains(scene.session).problems == ()


def test_a_refusal_at_the_hand_over_comes_to_the_same(scene: Scene) -> None:
    nomination_id = submitted(scene.office, scene.clock.now())
    assert scene.deliver() == Delivered(sent=1)
    at(scene, REMIND_AT)
    scene.server.inbox.recipient_answer = "550 5.1.1 no such user"
    assert scene.deliver() == Delivered(dead=1)
    scene.server.inbox.recipient_answer = None
    assert follow(scene) == Followed(bounces=1, rungs=1)
    assert rungs(scene)[0] == (True, True)
    at(scene, DUE_DAY)
    assert readers(scene, nomination_id) == [("reminder", "reviewer"), ("reminder", "deputy")]
    report = scene.session.scalars(select(DeliveryReport)).one()
    assert (report.source, report.bounce_class, report.status) == ("smtp", "permanent", "5.1.1")


def test_what_happened_is_on_the_record_of_the_account_and_the_nominee_learns_nothing(scene: Scene) -> None:
    nomination_id = reminded(scene)
    bounce(scene)
    follow(scene)
    event = scene.session.scalars(select(Event).where(Event.action == "bounce")).one()
    assert event.stream == f"account:{scene.office.ids['reviewer']}"
    assert (event.data["class"], event.data["nominations"]) == ("permanent", [nomination_id])
    assert address_of(scene, "reviewer") not in str(event.data)
    nominee = add_account(scene.session, "nominee@vksnd.example", f"nominator@unit:{AG}", scene.clock.now())
    overseer = scene.office.actor("admin", scene.clock.now())
    page = list_mails(scene.session, actor=overseer, nomination_id=nomination_id, limit=9, cursor=None)
    seen = next(mail for mail in page.items if mail.notice == "reminder")
    assert seen.bounce is not None
    assert seen.bounce.bounce_class is BounceClass.PERMANENT
    make_nominee(scene, nominee, nomination_id)
    scene.office.ids["nominee"] = nominee
    actor = scene.office.actor("nominee", scene.clock.now())
    page = list_mails(scene.session, actor=actor, nomination_id=nomination_id, limit=9, cursor=None)
    hidden = next(mail for mail in page.items if mail.notice == "reminder")
    assert (hidden.state, hidden.reason, hidden.bounce, hidden.message_id) == (
        MailState.SENT,
        None,
        None,
        None,
    )


def make_nominee(scene: Scene, account_id: int, nomination_id: int) -> None:
    person = select(Nomination.person_id).where(Nomination.id == nomination_id).scalar_subquery()
    scene.session.execute(update(Account).where(Account.id == account_id).values(person_id=person))
    scene.session.commit()


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


def test_another_address_is_reachable_and_an_old_ones_report_does_not_hurt_it(scene: Scene) -> None:
    nomination_id = reminded(scene)
    first = scene.server.inbox.mails[0]
    old = address_of(scene, "reviewer")
    bounce(scene)
    scene.clock.advance(timedelta(hours=1))
    change_address(
        scene.session, actor=None, email=old, new="new@vksnd.example", via=Via.CLI, now=scene.clock.now()
    )
    assert receive(scene, report_on(first, fields_for(old))).outcome is ReportOutcome.BOUNCED
    at(scene, DUE_DAY)
    assert readers(scene, nomination_id)[-1] == ("reminder", "reviewer")
    assert scene.deliver().sent == 1
    assert scene.server.inbox.recipients[-1] == "new@vksnd.example"


def test_an_address_that_took_a_later_letter_is_reachable_again(scene: Scene) -> None:
    nomination_id = reminded(scene)
    bounce(scene)
    follow(scene)
    # Other letters go on: new work for the same reader, which the server takes and no report comes of.
    scene.clock.advance(timedelta(minutes=1))
    scene.office.draft(scene.clock.now(), person_code="NV05")
    number = scene.office.draft(scene.clock.now(), person_code="NV03").nomination_id
    scene.office.act("nominator", number, "submit", scene.clock.now())
    assert scene.deliver().sent == 1
    assert follow(scene) == Followed(), "a report would take days"
    scene.clock.advance(SILENCE)
    assert follow(scene) == Followed(reachable=1)
    scene.fire()
    assert ("reminder", "reviewer") in readers(scene, nomination_id)[1:]


def test_trying_again_sends_it_under_another_name_and_it_counts(scene: Scene) -> None:
    nomination_id = reminded(scene)
    bounce(scene)
    follow(scene)
    auditor = scene.office.actor("stranger", scene.clock.now())
    overseer = scene.office.actor("admin", scene.clock.now())
    [failed] = dead_mails(scene.session, actor=overseer, limit=9, cursor=None).items
    assert failed.is_unreachable
    assert failed.bounce is not None
    with pytest.raises(Forbidden):
        again(scene, auditor, failed.id)
    assert again(scene, overseer, failed.id) == 1
    with pytest.raises(NotFound):
        again(scene, overseer, failed.id)
    assert scene.deliver() == Delivered(sent=1)
    assert len(set(scene.server.inbox.message_ids)) == 3
    assert rungs(scene)[0] == (True, False)
    at(scene, DUE_DAY)
    assert readers(scene, nomination_id)[-1] == ("reminder", "reviewer")
    assert dead_mails_of(scene.session, address_of(scene, "reviewer"), now=scene.clock.now()) == []


def again(scene: Scene, actor: Actor, mail_id: UUID) -> int:
    now = scene.clock.now()
    return try_again(scene.session, actor=actor, mails=[mail_id], via=Via.WEB, now=now)


def test_the_last_rung_is_promised_once_more_and_takes_another_way(scene: Scene) -> None:
    nomination_id = submitted(scene.office, scene.clock.now())
    for when in (REMIND_AT, DUE_DAY, HEAD_AT, NEXT_LEVEL_AT):
        at(scene, when)
    scene.deliver()
    assert all(fired for fired, _ in rungs(scene))
    last = readers(scene, nomination_id)[-1]
    assert last == ("escalation", "head")
    head = address_of(scene, "head")
    content = report_on(scene.server.inbox.of(head)[-1], fields_for(head))
    assert receive(scene, content).outcome is ReportOutcome.BOUNCED
    assert follow(scene) == Followed(bounces=1, rungs=1, again=1)
    scene.fire()
    assert readers(scene, nomination_id)[-1] == last, "not before the next morning"
    at(scene, NEXT_LEVEL_AT + timedelta(days=1))
    assert readers(scene, nomination_id)[-1] == ("escalation", "supervisor")
    assert verify_chains(scene.session).problems == ()


def test_where_letters_reach_nobody_those_meant_are_written_to_once_and_no_more(scene: Scene) -> None:
    nomination_id = reminded(scene)
    bounce(scene)
    unreachable_all(scene)
    at(scene, DUE_DAY)
    assert readers(scene, nomination_id)[-1] == ("reminder", "reviewer")


def unreachable_all(scene: Scene) -> None:
    """Let a bounce stand against every account."""
    scene.session.rollback()
    for account_id in scene.session.scalars(select(Account.id)).all():
        mark(scene, account_id)


def test_what_a_unit_owes_takes_another_way_too(scene: Scene) -> None:
    def told_now() -> tuple[str | None, tuple[int, ...]]:
        scene.session.rollback()
        found = resolve_return_recipients(
            scene.session,
            f"nominator@unit:{AG}",
            {Recipient.HOLDER},
            accountable_id=scene.office.ids["unit_head"],
            today=scene.clock.now().date(),
        )[Recipient.HOLDER]
        return found.key, found.account_ids

    ids = scene.office.ids
    assert told_now() == (f"nominator@unit:{AG}", (ids["nominator"],))
    mark(scene, ids["nominator"])
    assert told_now() == (None, (ids["unit_head"],)), "who answers for it"
    mark(scene, ids["unit_head"])
    assert told_now() == (f"head@unit:{TOP}", (ids["head"],))


def mark(scene: Scene, account_id: int) -> None:
    """Let a bounce stand against the address of an account."""
    account, now = scene.session.get_one(Account, account_id), scene.clock.now()
    report = DeliveryReport(
        id=uuid4(),
        message_id=f"<{uuid4()}@x>",
        account_id=account.id,
        email=account.email,
        action="failed",
        source="smtp",
        bounce_class="permanent",
        status=None,
        words="",
        reported_at=now,
        followed_at=now,
        ended_at=None,
    )
    scene.session.add(report)
    scene.session.commit()


def test_a_reader_in_the_place_of_another_is_told_why(scene: Scene) -> None:
    reminded(scene)
    bounce(scene)
    at(scene, DUE_DAY)
    scene.deliver()
    words = text_of(scene.server.inbox.mails[-1])
    assert "không đến" in words
