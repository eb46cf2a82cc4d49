"""The mails that would have gone where no mail server is set, for those who may read them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, any_, bindparam, case, func, literal, not_, select, tuple_
from sqlalchemy.orm import Session

from workflow.domain.errors import NotFound
from workflow.domain.rights.policy import Actor, may_administer
from workflow.domain.vocabulary import MailClass
from workflow.queries.paging import Page, cut, decode_cursor, encode_cursor, instant, text
from workflow.store.mail import KeptLetter, Outbox
from workflow.store.organisation import Person
from workflow.store.records import FactQuestion


@dataclass(frozen=True, slots=True)
class LetterRow:
    """One mail in the list."""

    message_id: str
    recipient: str
    subject: str
    written_at: datetime


@dataclass(frozen=True, slots=True)
class LetterView:
    """One mail whole, as text and as HTML, with the nomination or the person it is about, if any."""

    message_id: str
    recipient: str
    subject: str
    text: str
    html: str
    written_at: datetime
    nomination_id: int | None
    person_code: str | None


_NAME: Final = "mailbox"
# A link that sets a password must not be readable by whoever administers; it goes to the console alone.
# Asked of each letter by itself: where mails of that class are few, a planner would rather read every mail.
_IS_SECRET: Final = literal(MailClass.SECURITY) == any_(
    func.array(select(Outbox.mail_class).where(Outbox.message_id == KeptLetter.message_id).scalar_subquery())
)
# Of a letter about several no one of them is what it is about.
_ABOUT: Final = (
    select(case((func.count(Outbox.nomination_id.distinct()) == 1, func.min(Outbox.nomination_id))))
    .where(Outbox.message_id == KeptLetter.message_id)
    .scalar_subquery()
)
_OF_WHOM: Final = (
    select(Person.code)
    .join(FactQuestion, FactQuestion.person_id == Person.id)
    .join(Outbox, Outbox.fact_question_id == FactQuestion.id)
    .where(Outbox.message_id == KeptLetter.message_id)
    .order_by(Outbox.id)
    .limit(1)
    .scalar_subquery()
)


def list_letters(session: Session, *, actor: Actor, limit: int, cursor: str | None) -> Page[LetterRow]:
    """Return one page of the actor's own mails, for an administrator everybody's, newest first.

    Raises `UnreadableCursor`.
    """
    place = tuple_(KeptLetter.written_at, KeptLetter.message_id)
    statement: Select[*tuple[Any, ...]] = select(
        KeptLetter.message_id, KeptLetter.recipient, KeptLetter.subject, KeptLetter.written_at
    ).where(*_readable(actor))
    if cursor is not None:
        statement = statement.where(place < tuple_(*decode_cursor(_NAME, cursor, instant, text)))
    rows = session.execute(
        statement.order_by(KeptLetter.written_at.desc(), KeptLetter.message_id.desc()).limit(limit + 1)
    ).all()
    return cut(
        rows,
        limit,
        item=lambda row: LetterRow(*row),
        cursor=lambda row: encode_cursor(_NAME, row.written_at, row.message_id),
    )


def get_letter(session: Session, *, actor: Actor, message_id: str) -> LetterView:
    """Return one mail. Raises `NotFound` for somebody else's as for one there is not."""
    if "\0" in message_id:
        raise NotFound("There is no such mail among those you may read.")
    row = session.execute(
        select(
            KeptLetter.message_id,
            KeptLetter.recipient,
            KeptLetter.subject,
            KeptLetter.text,
            KeptLetter.html,
            KeptLetter.written_at,
            _ABOUT,
            _OF_WHOM,
        ).where(KeptLetter.message_id == bindparam("which"), *_readable(actor)),
        {"which": message_id},
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such mail among those you may read.")
    return LetterView(*row)


def _readable(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    mine = () if may_administer(actor) else (KeptLetter.account_id == actor.account_id,)
    return (not_(_IS_SECRET), *mine)
