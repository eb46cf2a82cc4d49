"""Help for tests of letters that come back: the reviewer's reminder, and what is said of it."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select, update

from tests.support.mail import RECEIPTS, Scene
from tests.support.reports import DOMAIN, fields_for, report_on
from tests.support.waiting import REMIND_AT, submitted, told
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import Via
from workflow.messages.receipts import Receipts
from workflow.operations.deadlines.bounces import Followed, follow_reports
from workflow.operations.deadlines.try_again import try_again
from workflow.operations.mail.fate import Delivered
from workflow.operations.mail.receive import ReceivedMail, receive_mail
from workflow.store.access import Account
from workflow.store.delivery import DeliveryReport
from workflow.store.nominations import Nomination, Rung


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


def make_nominee(scene: Scene, account_id: int, nomination_id: int) -> None:
    person = select(Nomination.person_id).where(Nomination.id == nomination_id).scalar_subquery()
    scene.session.execute(update(Account).where(Account.id == account_id).values(person_id=person))
    scene.session.commit()


def again(scene: Scene, actor: Actor, mail_id: UUID) -> int:
    now = scene.clock.now()
    return try_again(scene.session, actor=actor, mails=[mail_id], via=Via.WEB, now=now)


def unreachable_all(scene: Scene) -> None:
    """Let a bounce stand against every account."""
    scene.session.rollback()
    for account_id in scene.session.scalars(select(Account.id)).all():
        mark(scene, account_id)


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
