"""What will be sent in the days ahead if nobody acts: mails and escalations, to whom, of what and why.

Asked of what fires and sends: the rungs, the mails that wait, and what days that pass leave behind. Whom a
rung means is asked of the day on which it fires, by the function that fires it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from workflow.domain.errors import FieldError, Forbidden, InvalidField, Reason
from workflow.domain.notices import NOTICES
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import MailClass, NoticeKind
from workflow.operations.foresight.coming import Coming
from workflow.operations.foresight.naming import ComingItem, MailReader, Register, register_of
from workflow.operations.foresight.passing import foresee_passing
from workflow.operations.foresight.readers import could_tell, watched, watches
from workflow.operations.foresight.rungs import foresee_rungs
from workflow.operations.foresight.waiting import foresee_waiting
from workflow.operations.foresight.window import DayAhead, Place, days_ahead, rungs_ahead
from workflow.store.database import local_day, timezone_of

MOST_DAYS: Final = 92
"""A season; further ahead most of what fires has not arrived yet."""

_MOST_BESIDE: Final = 1000
_PAGES_AT_MOST: Final = 4


@dataclass(frozen=True, slots=True)
class ComingLetter:
    """One mail that will go out: when, which, to whom and of what; `letter` is the same on every page.

    Without a reader nobody will be told, because no seat that is meant has anybody in it.
    """

    at: datetime
    notice: NoticeKind
    mail_class: MailClass
    reader: MailReader | None
    letter: str
    items: tuple[ComingItem, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """How far ahead, and of whose mails: the reader's own (`mine`), or all that they watch over."""

    days: int
    mine: bool = False


@dataclass(frozen=True, slots=True)
class Forecast:
    """A page of what comes, in order of time; on the first one what is promised for each day as well.

    `until` is the last day that is looked at.
    """

    since: datetime
    until: date
    days: tuple[DayAhead, ...]
    letters: tuple[ComingLetter, ...]
    next: Place | None


def forecast(
    session: Session, *, actor: Actor | None, asked: Asked, now: datetime, after: Place | None, limit: int
) -> Forecast:
    """Return what will be sent if nobody acts; `limit` rungs are looked at for a page.

    Without an actor the command line asks for everything. A letter whose rungs lie on two pages is on both,
    each time with its part. Raises `InvalidField` for days out of bounds, `Forbidden` where all is asked for
    by who watches over nothing.
    """
    until = _end_of(session, asked.days, now)
    seen = _seen(session, actor, asked, now)
    coming, place = list[Coming](), after
    for _ in range(_PAGES_AT_MOST if asked.mine else 1):
        # What could mean somebody mostly means others: a page with nothing on it would tell them nothing.
        page = rungs_ahead(session, seen, until=until, now=now, after=place, limit=limit)
        coming += foresee_rungs(session, page.rungs, now=now)
        place = page.next
        if place is None or any(one.account_id == (actor and actor.account_id) for one in coming):
            break
    begins_at = max(after[0], now) if after else now
    ends_at = max(place[0], now) if place else until
    coming += (one for one in _beside(session, until, now) if begins_at <= one.at < ends_at)
    if asked.mine and actor is not None:
        coming = [one for one in coming if one.account_id == actor.account_id]
    today = local_day(session, now)
    register = register_of(session, coming, actor=actor, mine=asked.mine, today=today)
    days = days_ahead(session, seen, until=until, now=now) if after is None and not asked.mine else ()
    last_day = today + timedelta(days=asked.days)
    return Forecast(now, last_day, days, tuple(_letters(coming, register)), place)


def _end_of(session: Session, days: int, now: datetime) -> datetime:
    """Return when the last day that is asked for is over: so many after today."""
    if not 0 <= days <= MOST_DAYS:
        message = f"must lie between 0 and {MOST_DAYS}"
        raise InvalidField(f"days: {message}.", errors=[FieldError("days", message)])
    ends_on = local_day(session, now) + timedelta(days=days + 1)
    return datetime.combine(ends_on, time(), ZoneInfo(timezone_of(session))).astimezone(now.tzinfo)


def _seen(session: Session, actor: Actor | None, asked: Asked, now: datetime) -> ColumnElement[bool] | None:
    if actor is None:
        return None
    if asked.mine:
        today = local_day(session, now)
        return could_tell(session, actor, today=today, last=today + timedelta(days=asked.days))
    if not watches(actor):
        message = "Only who oversees units or keeps a council's office sees the coming mails of others."
        raise Forbidden(message, reasons=[Reason("forecast_not_yours", message)])
    return watched(actor)


def _beside(session: Session, until: datetime, now: datetime) -> Iterator[Coming]:
    """Yield what comes beside the rungs."""
    yield from foresee_waiting(session, until=until, now=now, limit=_MOST_BESIDE)
    yield from foresee_passing(session, until=until, now=now, limit=_MOST_BESIDE)


def _letters(coming: Iterable[Coming], register: Register) -> Iterator[ComingLetter]:
    """Yield the letters that promises fold into, by time and reader; without what the asker may not know."""
    letters: dict[tuple[datetime, str], list[tuple[Coming, ComingItem]]] = defaultdict(list)
    for one in coming:
        about = register.about(one)
        if about is not None:
            letters[one.at, one.fold].append((one, ComingItem(about, one.why)))
    order = sorted(letters, key=lambda key: (key[0], letters[key][0][0].account_id or 0, key[1]))
    for key in order:
        first = letters[key][0][0]
        yield ComingLetter(
            at=first.at,
            notice=first.notice,
            mail_class=NOTICES[first.notice].mail_class,
            reader=register.readers.get(first.account_id) if first.account_id is not None else None,
            letter=first.fold,
            items=tuple(item for _, item in letters[key]),
        )
