"""Who is told of an absence: history, those who are named to act or no longer are, and who sits above."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import MailState, NoticeKind, Via
from workflow.operations.deadlines.empty_seats import tell_of_lost_holders
from workflow.operations.history.streams import append_event
from workflow.operations.mail.notify import PromisedMail, write_notices
from workflow.store.absences import Substitute
from workflow.store.base import among
from workflow.store.mail import Outbox
from workflow.store.substitutes import absent_person

_TOLD: Final = (MailState.SENDING, MailState.SENT, MailState.DEAD)


@dataclass(frozen=True, slots=True)
class Announcement:
    """Who said something of an absence, by which way and when."""

    actor: Actor | None
    via: Via
    now: datetime


def record_absence(
    session: Session,
    action: str,
    account_id: int,
    data: Mapping[str, object],
    *,
    said: Announcement,
    before: Collection[int] = (),
) -> None:
    """Write what was done with an absence, and promise a letter to each whom it concerns.

    Those who are named (`substitutes` of the data) hear what it says now; of those who were named `before`
    and no longer are, who was told of it. Nobody is written to about what they did themselves.
    """
    actor, via, now = said.actor, said.via, said.now
    stream = f"account:{account_id}"
    event = append_event(session, stream, action, actor=actor, via=via, now=now, data=data)
    named: Any = data.get("substitutes", ())
    absence_id, me = int(str(data["absence"])), actor.account_id if actor else None
    gone = {one for one in before if one not in named}
    wanted = [*named, *sorted(_told_of(session, absence_id, gone))]
    letters = [_letter(one, absence_id, event.event_id, now) for one in wanted if one != me]
    write_notices(session, letters)


def named_in(session: Session, absence_id: int) -> list[int]:
    """Return who is named to act in an absence, in order."""
    named = select(Substitute.account_id).where(Substitute.absence_id == absence_id)
    return list(session.scalars(named.order_by(Substitute.ordinal)))


def tell_above(
    session: Session, account_id: int, key: str | None, days: tuple[date, date], *, today: date, now: datetime
) -> None:
    """Tell of open work that nobody can take any more from today on; of a later day the sweep does."""
    person = absent_person(session, account_id, today=today)
    if person is None or not days[0] <= today <= days[1]:
        return
    tell_of_lost_holders(session, person.keys if key is None else {key}, now=now)


def _letter(account_id: int, absence_id: int, event_id: UUID, now: datetime) -> PromisedMail:
    return PromisedMail(
        kind=NoticeKind.SUBSTITUTION,
        account_id=account_id,
        cause=event_id,
        nomination_id=None,
        at=now,
        event_id=event_id,
        slot=_slot(absence_id),
    )


def _slot(absence_id: int) -> str:
    return f"absence:{absence_id}"


def _told_of(session: Session, absence_id: int, account_ids: Collection[int]) -> set[int]:
    """Return to whom a letter about an absence went out: who never read of it needs no second word."""
    told = select(Outbox.account_id).where(
        among(Outbox.account_id, account_ids),
        Outbox.notice == NoticeKind.SUBSTITUTION,
        Outbox.fold_key.endswith(f":{_slot(absence_id)}"),
        Outbox.state.in_(_TOLD),
    )
    return set(session.scalars(told)) if account_ids else set()
