"""The mailbox of a unit: which letters are copied to it, what fails there, and who says which it is."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.bounces import address_of, at, bounce, follow, receive
from tests.support.mail import Scene, mail_server, text_of
from tests.support.office import AG, TOP, furnish
from tests.support.reports import fields_for, report_on
from tests.support.waiting import HEAD_AT, NEXT_LEVEL_AT, submitted
from workflow.clock import FixedClock
from workflow.domain.errors import Forbidden, InvalidField, NotFound
from workflow.domain.vocabulary import Via
from workflow.operations.deadlines.bounces import Followed
from workflow.operations.mail.fate import Delivered
from workflow.operations.mail.receive import ReportOutcome
from workflow.operations.people.mailboxes import choose_mailbox
from workflow.store.access import Account
from workflow.store.delivery import DeliveryReport
from workflow.store.history import Event
from workflow.store.organisation import Unit

ABOVE = ("head", "supervisor", "admin")
MAILBOX = "vanthu@vks-angiang.example"


@pytest.fixture
def scene(session: Session, clock: FixedClock, database: Database) -> Iterator[Scene]:
    with mail_server() as server:
        yield Scene(furnish(session, now=clock.now()), session, database.sessions, clock, server)


def choose(scene: Scene, part: str | None, mailbox: str = MAILBOX, unit: str = AG) -> bool:
    now = scene.clock.now()
    actor = scene.office.actor(part, now) if part is not None else None
    return choose_mailbox(scene.session, actor=actor, unit_code=unit, mailbox=mailbox, via=Via.WEB, now=now)


def copied(scene: Scene, mailbox: str = MAILBOX) -> list[EmailMessage]:
    return [mail for address, mail in scene.server.inbox.copies if address == mailbox]


def test_the_mailbox_reads_what_the_people_of_the_unit_are_asked_for(scene: Scene) -> None:
    choose(scene, "unit_head")
    submitted(scene.office, scene.clock.now())
    assert scene.deliver() == Delivered(sent=1)
    [letter] = copied(scene)
    reader = address_of(scene, "reviewer")
    assert letter is scene.server.inbox.of(reader)[-1], "one message, handed over once"
    assert [one.addr_spec for one in letter["To"].addresses] == [reader]
    assert [one.addr_spec for one in letter["Cc"].addresses] == [MAILBOX]
    said = " ".join(text_of(letter).split())
    assert f"Một bản của thư này gửi tới hộp thư của đơn vị: {MAILBOX}." in said
    choose(scene, "unit_head", "")
    submitted(scene.office, scene.clock.now(), person="NV05")
    scene.deliver()
    assert len(copied(scene)) == 1
    assert MAILBOX not in scene.server.inbox.mails[-1].as_string()


def test_what_tells_above_of_a_delay_and_what_was_decided_is_no_mail_of_the_unit(scene: Scene) -> None:
    choose(scene, None)
    choose(scene, None, "vanthu@vkstc.example", TOP)
    number = submitted(scene.office, scene.clock.now())
    for when in (HEAD_AT, NEXT_LEVEL_AT, NEXT_LEVEL_AT + timedelta(days=18)):
        at(scene, when)
        scene.deliver()
    above = [mail for part in ABOVE for mail in scene.server.inbox.of(address_of(scene, part))]
    assert above, "it was reported"
    assert not any("Cc" in mail for mail in above)
    scene.office.act(
        "reviewer", number, "reject", scene.clock.now(), reason_code="standard_not_met", comment="Chưa đủ."
    )
    scene.deliver()
    decided = scene.server.inbox.of(address_of(scene, "nominator"))
    assert decided
    assert not any("Cc" in mail for mail in decided)
    assert copied(scene)
    assert copied(scene, "vanthu@vkstc.example") == []


def test_a_copy_that_is_not_taken_keeps_nothing_from_its_reader(scene: Scene) -> None:
    choose(scene, "unit_head")
    scene.server.inbox.unknown = frozenset({MAILBOX})
    submitted(scene.office, scene.clock.now())
    assert scene.deliver() == Delivered(sent=1)
    assert len(scene.server.inbox.of(address_of(scene, "reviewer"))) == 1
    assert copied(scene) == []
    assert follow(scene) == Followed()


def hang_up(scene: Scene) -> None:
    scene.server.inbox.hangs_up_on = frozenset({MAILBOX})


def refuse_for_good(scene: Scene) -> None:
    scene.server.inbox.copied_answer = "550 5.1.1 no such mailbox"


def refuse_for_now(scene: Scene) -> None:
    scene.server.inbox.copied_answer = "452 4.2.2 mailbox full"


@pytest.mark.parametrize("answer", [hang_up, refuse_for_good, refuse_for_now])
def test_a_server_that_ends_or_refuses_all_over_the_copy_gets_the_letter_without(
    scene: Scene, answer: Callable[[Scene], None]
) -> None:
    choose(scene, "unit_head")
    answer(scene)
    submitted(scene.office, scene.clock.now())
    assert scene.deliver() == Delivered(sent=1)
    assert len(scene.server.inbox.of(address_of(scene, "reviewer"))) == 1
    assert copied(scene) == []
    assert follow(scene) == Followed()


def test_a_server_that_takes_no_letter_is_not_excused_by_the_copy(scene: Scene) -> None:
    choose(scene, "unit_head")
    scene.server.inbox.data_answer = "554 5.6.0 no such content"
    submitted(scene.office, scene.clock.now())
    assert scene.deliver() == Delivered(dead=1)


def test_a_report_on_the_copy_is_no_bounce_of_the_reader(scene: Scene) -> None:
    choose(scene, "unit_head")
    submitted(scene.office, scene.clock.now())
    scene.deliver()
    content = report_on(scene.server.inbox.mails[-1], fields_for(MAILBOX.upper()))
    assert receive(scene, content).outcome is ReportOutcome.OF_A_COPY
    assert follow(scene) == Followed()
    assert scene.session.scalars(select(DeliveryReport)).all() == []
    assert bounce(scene).outcome is ReportOutcome.BOUNCED, "of the reader it is one"


@pytest.mark.parametrize("another", ["vanthu.moi@vks-angiang.example", ""])
def test_a_late_report_on_the_copy_of_a_mailbox_that_was_changed_is_no_bounce_of_the_reader(
    scene: Scene, another: str
) -> None:
    choose(scene, "unit_head")
    submitted(scene.office, scene.clock.now())
    scene.deliver()
    letter = scene.server.inbox.mails[-1]
    scene.clock.advance(timedelta(hours=3))
    choose(scene, "unit_head", another)
    assert receive(scene, report_on(letter, fields_for(MAILBOX.upper()))).outcome is ReportOutcome.OF_A_COPY
    assert scene.session.scalars(select(DeliveryReport)).all() == []
    # A letter that left after it was given up was copied to nobody there: it reached its reader by a forward.
    scene.clock.advance(timedelta(days=1))
    submitted(scene.office, scene.clock.now(), person="NV05")
    scene.deliver()
    later = receive(scene, report_on(scene.server.inbox.mails[-1], fields_for(MAILBOX)))
    assert later.outcome is ReportOutcome.BOUNCED


def test_nobody_reads_copies_by_the_address_they_sign_in_with(scene: Scene) -> None:
    with pytest.raises(InvalidField, match="somebody's own address"):
        choose(scene, "unit_head", address_of(scene, "nominator"))
    choose(scene, "unit_head")
    stranger = update(Account).where(Account.id == scene.office.ids["stranger"])
    scene.session.execute(stranger.values(email=MAILBOX))
    scene.session.commit()
    submitted(scene.office, scene.clock.now())
    assert scene.deliver() == Delivered(sent=1)
    assert copied(scene) == []


@pytest.mark.parametrize("part", ["deputy", "nominator", "other_reviewer", "head", "supervisor", "stranger"])
def test_only_the_head_of_the_unit_or_an_administrator_chooses_it(scene: Scene, part: str) -> None:
    with pytest.raises(Forbidden):
        choose(scene, part)
    scene.session.rollback()
    assert scene.session.scalar(select(Unit.mailbox).where(Unit.code == AG)) is None


def test_each_choice_is_told_once_and_what_is_no_address_or_unit_changes_nothing(scene: Scene) -> None:
    assert choose(scene, "admin", " VanThu@VKS-AnGiang.example ")
    assert not choose(scene, "unit_head")
    for wrong in (
        "vanthu",
        "a@b.example, c@d.example",
        "vănthư@vks.example",
        "a@b.example\nBcc: c@d.example",
    ):
        with pytest.raises(InvalidField):
            choose(scene, "unit_head", wrong)
        scene.session.rollback()
    with pytest.raises(NotFound):
        choose(scene, "admin", unit="VKS-XX")
    scene.session.rollback()
    assert choose(scene, "unit_head", "")
    told = scene.session.scalars(select(Event).where(Event.action == "choose_mailbox").order_by(Event.seq))
    assert [event.data for event in told] == [
        {"mailbox": MAILBOX, "was": None},
        {"mailbox": None, "was": MAILBOX},
    ]
