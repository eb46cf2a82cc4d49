"""Help for tests of what happens by time: work that waits, and what the record and the mails say of it."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.office import AG, Office
from workflow.domain.history.chain import GENESIS, ChainedEvent, link
from workflow.domain.vocabulary import Via
from workflow.operations.history.streams import append_event
from workflow.operations.setup.organise import NewPerson, add_people
from workflow.store.access import Account, Grant
from workflow.store.history import Event
from workflow.store.mail import Outbox

# Work that arrives on Monday 2 March has five working days from Tuesday: due Monday 9 March, 17:00.
REMIND_AT = datetime(2026, 3, 5, 1, 0, tzinfo=UTC)
DUE_DAY = datetime(2026, 3, 9, 1, 0, tzinfo=UTC)
HEAD_AT = datetime(2026, 3, 10, 1, 0, tzinfo=UTC)
NEXT_LEVEL_AT = datetime(2026, 3, 12, 1, 0, tzinfo=UTC)


def submitted(office: Office, now: datetime, *, person: str | None = None) -> int:
    nomination_id = office.draft(now, **({"person_code": person} if person else {})).nomination_id
    office.act("nominator", nomination_id, "submit", now)
    return nomination_id


def many_submitted(
    office: Office, session: Session, count: int, now: datetime, *, prefix: str = "M"
) -> list[int]:
    people = [NewPerson(f"{prefix}{n:03}", f"Kiểm sát viên {n}", AG) for n in range(count)]
    add_people(session, people)
    session.commit()
    ids = []
    for person in people:
        nomination_id = office.draft(now, person_code=person.code).nomination_id
        office.act("nominator", nomination_id, "submit", now)
        ids.append(nomination_id)
    return ids


def told(session: Session, nomination_id: int) -> list[tuple[str, int]]:
    rows = session.execute(
        select(Outbox.notice, Outbox.account_id)
        .where(Outbox.nomination_id == nomination_id, Outbox.notice.in_(["reminder", "escalation"]))
        .order_by(Outbox.created_at, Outbox.account_id)
    )
    return [(row.notice, row.account_id) for row in rows]


def events(session: Session, nomination_id: int) -> list[Event]:
    stream = f"nomination:{nomination_id}"
    return list(session.scalars(select(Event).where(Event.stream == stream).order_by(Event.seq)))


def is_chained(found: list[Event]) -> bool:
    previous = GENESIS
    for event in found:
        entry = ChainedEvent(**{name: getattr(event, name) for name in ChainedEvent.__dataclass_fields__})
        if event.hash != link(previous, entry):
            return False
        previous = event.hash
    return [event.seq for event in found] == list(range(1, len(found) + 1))


def add_account(session: Session, email: str, key: str, now: datetime) -> int:
    account = Account(email=email, name=email.partition("@")[0], created_at=now)
    session.add(account)
    session.flush()
    session.add(Grant(account_id=account.id, key=key, valid_from=now.date() - timedelta(days=1)))
    session.flush()
    append_event(session, f"account:{account.id}", "add", actor=None, via=Via.CLI, now=now)
    session.commit()
    return account.id


def drop_grant(session: Session, account_id: int, key: str) -> None:
    grant = session.scalars(select(Grant).where(Grant.account_id == account_id, Grant.key == key)).one()
    session.delete(grant)
    session.commit()
