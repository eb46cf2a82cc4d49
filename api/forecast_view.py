"""What will be sent, as both edges and the command line tell it: by day and reader, of what and why."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy.orm import Session

from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import MailClass, NoticeKind, Recipient
from workflow.operations.foresight.coming import Cause
from workflow.operations.foresight.forecast import Asked, ComingLetter, Forecast, forecast
from workflow.operations.foresight.naming import ComingItem
from workflow.operations.foresight.window import DayAhead
from workflow.queries.paging import decode_cursor, encode_cursor, instant, uuid
from workflow.queries.shapes import Who, Words, words_of

USUAL_DAYS: Final = 7
_LIST: Final = "forecast"


@dataclass(frozen=True, slots=True)
class ComingMention:
    """One thing a coming mail tells of, and why it does.

    About a nomination by its number, a fact that is asked of a `person` by their code, or what a unit owes a
    round. `subject` is null where you know that
    it is there and not whose. `cause` is a `rung` of a ladder, addressed `to` a word of it; a `seat_empty` by
    its day; work that is `given_back` because who took it leaves the seat; a fact that is `asked_anew` of who
    follows; or a mail `waiting` for its hour.
    `seat` is who is told, or where the work lies; `is_around`: told in the place of who cannot be reached.
    """

    notice: NoticeKind
    nomination_id: int | None
    person: str | None
    subject: str | None
    unit: str
    unit_name: str
    round: str
    round_title: str
    award: Words | None
    step: Words | None
    due_at: datetime | None
    cause: Cause
    to: Recipient | None
    seat: str | None
    is_around: bool


@dataclass(frozen=True, slots=True)
class ComingMail:
    """One mail that will be sent; those with one `letter` and `at` on two pages are one mail.

    `notice` is null for the list of a morning, whose items have each their own. `reader` is null where nobody
    would be told: no seat that is meant has anybody in it.
    """

    at: datetime
    notice: NoticeKind | None
    mail_class: MailClass
    reader: Who | None
    email: str | None
    is_unreachable: bool
    letter: str
    items: tuple[ComingMention, ...]


@dataclass(frozen=True, slots=True)
class ForecastView:
    """What will be sent if nobody acts, from `since` to the end of `until`.

    `days` counts what is promised for each day before it folds into mails; it stands on the first page alone,
    and not where you ask for your own.
    """

    since: datetime
    until: date
    days: tuple[DayAhead, ...]
    items: tuple[ComingMail, ...]
    next: str | None


def read_forecast(
    session: Session, *, actor: Actor, asked: Asked, now: datetime, limit: int, cursor: str | None
) -> ForecastView:
    """Return a page of what will be sent. Raises what `forecast` raises, and `UnreadableCursor`."""
    name = f"{_LIST}:{asked.days}:{asked.mine}"
    place = decode_cursor(name, cursor, instant, uuid) if cursor is not None else None
    found = forecast(
        session, actor=actor, asked=asked, now=now, after=(place[0], place[1]) if place else None, limit=limit
    )
    return forecast_view(found, name)


def forecast_view(found: Forecast, name: str = _LIST) -> ForecastView:
    """Return what both edges and the command line show of a forecast; `name`: whose its cursors are."""
    return ForecastView(
        since=found.since,
        until=found.until,
        days=found.days,
        items=tuple(map(_mail, found.letters)),
        next=encode_cursor(name, *found.next) if found.next else None,
    )


def _mail(letter: ComingLetter) -> ComingMail:
    reader = letter.reader
    return ComingMail(
        at=letter.at,
        notice=letter.notice,
        mail_class=letter.mail_class,
        reader=Who(reader.id, reader.name) if reader else None,
        email=reader.email if reader else None,
        is_unreachable=bool(reader and reader.is_unreachable),
        letter=letter.letter,
        items=tuple(map(_mention, letter.items)),
    )


def _mention(item: ComingItem) -> ComingMention:
    about, why = item.about, item.why
    return ComingMention(
        notice=item.notice,
        nomination_id=about.nomination_id,
        person=about.person_code,
        subject=about.subject,
        unit=about.unit_code,
        unit_name=about.unit_name,
        round=about.round_code,
        round_title=about.round_title,
        award=words_of(about.award) if about.award else None,
        step=words_of(about.step) if about.step else None,
        due_at=about.due_at,
        cause=why.cause,
        to=why.to,
        seat=why.seat,
        is_around=why.is_around,
    )
