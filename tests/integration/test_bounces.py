"""What follows from a letter that came back: it does not count, and the next takes another way.

The reader of each case is the reviewer of An Giang, whose deputy stands in for them.
"""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.support.bounces import (
    address_of,
    again,
    at,
    bounce,
    follow,
    make_nominee,
    mark,
    readers,
    receive,
    reminded,
    rungs,
    unreachable_all,
)
from tests.support.mail import Scene, mail_server, text_of
from tests.support.office import AG, TOP, furnish
from tests.support.reports import fields_for, report_on
from tests.support.waiting import DUE_DAY, REMIND_AT, add_account, submitted
from workflow.clock import FixedClock
from workflow.domain.errors import Forbidden, NotFound
from workflow.domain.reported import BounceClass
from workflow.domain.vocabulary import MailState, Recipient, Via
from workflow.operations.deadlines.bounces import SILENCE, Followed
from workflow.operations.deadlines.recipients import OwedWork, resolve_return_recipients
from workflow.operations.deadlines.try_again import dead_mails_of
from workflow.operations.escalations.telephone import Call, note_call
from workflow.operations.mail.fate import Delivered
from workflow.operations.mail.receive import ReportOutcome
from workflow.operations.people.addresses import change_address
from workflow.queries.history.audit import verify_chains
from workflow.queries.mail.dead import dead_mails
from workflow.queries.mail.mails import list_mails
from workflow.queries.nominations.nomination import get_nomination
from workflow.store.delivery import DeliveryReport
from workflow.store.history import Event
from workflow.store.mail import Outbox
from workflow.store.nominations import Rung


@pytest.fixture
def scene(session: Session, clock: FixedClock, database) -> Iterator[Scene]:
    with mail_server() as server:
        yield Scene(furnish(session, now=clock.now()), session, database.sessions, clock, server)


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
    reminded(scene)
    bounce(scene)
    follow(scene)
    # Other letters go on: new work for the same reader, which the server takes and no report comes of.
    scene.clock.advance(timedelta(minutes=1))
    later = scene.office.draft(scene.clock.now(), person_code="NV05").nomination_id
    number = scene.office.draft(scene.clock.now(), person_code="NV03").nomination_id
    scene.office.act("nominator", number, "submit", scene.clock.now())
    assert scene.deliver().sent == 1
    assert follow(scene) == Followed(), "a report would take days"
    scene.clock.advance(SILENCE)
    assert follow(scene) == Followed(reachable=1)
    scene.office.act("nominator", later, "submit", scene.clock.now())
    for _ in range(5):
        scene.clock.advance(timedelta(days=1))
        scene.fire()
    assert readers(scene, later)[0] == ("reminder", "reviewer")


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


def test_where_letters_reach_nobody_those_meant_are_written_to_once_and_no_more(scene: Scene) -> None:
    nomination_id = reminded(scene)
    bounce(scene)
    unreachable_all(scene)
    at(scene, DUE_DAY)
    assert readers(scene, nomination_id)[-1] == ("reminder", "reviewer")


def test_the_last_of_a_ladder_comes_again_though_whoever_called_is_reminded(scene: Scene) -> None:
    """Who telephoned asks again for themselves: of the ladder nothing is left that would tell anybody."""
    nomination_id = reminded(scene)
    scene.session.execute(update(Rung).where(Rung.fired_at.is_(None)).values(dead_at=scene.clock.now()))
    scene.session.commit()
    today = scene.clock.now().date()
    call = Call(today, "Chị Hoa", "Gửi sớm", today + timedelta(days=1), nomination_id)
    caller = scene.office.actor("nominator", scene.clock.now())
    note_call(scene.session, actor=caller, call=call, via=Via.WEB, now=scene.clock.now())
    bounce(scene)
    assert follow(scene) == Followed(bounces=1, rungs=1, again=1)


def test_what_a_unit_owes_takes_another_way_too(scene: Scene) -> None:
    def told_now() -> tuple[str | None, tuple[int, ...]]:
        scene.session.rollback()
        owed = OwedWork(uuid4(), f"nominator@unit:{AG}", scene.office.ids["unit_head"])
        found = resolve_return_recipients(
            scene.session, {"": (owed, {Recipient.HOLDER})}, today=scene.clock.now().date()
        )[""][Recipient.HOLDER]
        return found.key, found.account_ids

    ids = scene.office.ids
    assert told_now() == (f"nominator@unit:{AG}", (ids["nominator"],))
    mark(scene, ids["nominator"])
    assert told_now() == (None, (ids["unit_head"],)), "who answers for it"
    mark(scene, ids["unit_head"])
    assert told_now() == (f"supervisor@unit:{TOP}", (ids["supervisor"],))


def test_a_reader_in_the_place_of_another_is_told_why(scene: Scene) -> None:
    reminded(scene)
    bounce(scene)
    at(scene, DUE_DAY)
    scene.deliver()
    words = text_of(scene.server.inbox.mails[-1])
    assert "không đến" in words
