"""What will be sent in the days ahead if nobody acts: mails and escalations, to whom, of what and why.

Asked of what fires and sends: the rungs, the mails that wait, and what days that pass leave behind. Whom a
rung means is asked of the day on which it fires, by the function that fires it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from workflow.clock import Clock
from workflow.domain.errors import FieldError, Forbidden, InvalidField, Reason
from workflow.domain.mails.preferences import USUAL, MailPreferences
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import MailClass, NoticeKind
from workflow.operations.foresight.asking import foresee_asking
from workflow.operations.foresight.coming import Coming
from workflow.operations.foresight.leaving import ReaderRule, leaving, reader_rules
from workflow.operations.foresight.naming import ComingItem, MailReader, Register, register_of
from workflow.operations.foresight.passing import foresee_passing
from workflow.operations.foresight.readers import could_tell, watched_of, watches
from workflow.operations.foresight.rungs import foresee_rungs
from workflow.operations.foresight.waiting import foresee_all_waiting, foresee_waiting, waiting_ahead
from workflow.operations.foresight.window import DayAhead, Place, days_ahead, rungs_ahead
from workflow.store.database import Sessions, local_day, timezone_of
from workflow.store.mail import Outbox
from workflow.store.nominations import Rung
from workflow.store.reads import reading

MOST_DAYS: Final = 92
"""A season; further ahead most of what fires has not arrived yet."""

_OF_NO_DOSSIER: Final = frozenset({NoticeKind.OBSTACLES, NoticeKind.SUBSTITUTION})
_MOST_BESIDE: Final = 1000
_PAGES_AT_MOST: Final = 4
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class ComingLetter:
    """One mail that will go out: when, to whom and of what; `letter` is the same on every page.

    `notice` is None for the list of a morning, which tells of several things. Without a reader nobody will be
    told, because no seat that is meant has anybody in it.
    """

    at: datetime
    notice: NoticeKind | None
    mail_class: MailClass
    reader: MailReader | None
    letter: str
    items: tuple[ComingItem, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """How far ahead, and of whose mails: the reader's own (`mine`), or all that they watch over.

    `office` is how mails come to whoever chose nothing, as the installation says.
    """

    days: int
    mine: bool = False
    office: MailPreferences = USUAL


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


@dataclass(frozen=True, slots=True)
class _Seen:
    """The conditions of the rungs and of the mails that the asker is shown; without one all are."""

    rungs: ColumnElement[bool] | None
    mails: ColumnElement[bool] | None


@dataclass(frozen=True, slots=True)
class _Known:
    """What is read of what is coming: what it is about, and by what rule each reader is told."""

    register: Register
    rules: Mapping[int, ReaderRule]
    now: datetime


def forecast(
    session: Session, *, actor: Actor | None, asked: Asked, now: datetime, after: Place | None, limit: int
) -> Forecast:
    """Return what will be sent if nobody acts; `limit` rungs and waiting mails are looked at for a page.

    Without an actor the command line asks for everything. A letter whose promises lie on two pages is on
    both, each time with its part. Raises `InvalidField` for days out of bounds, `Forbidden` where who watches
    over nothing asks for all.
    """
    until = _end_of(session, asked.days, now)
    seen = _seen(session, actor, asked, now)
    coming, place = list[Coming](), after
    for _ in range(_PAGES_AT_MOST if asked.mine else 1):
        # What could mean somebody mostly means others: a page with nothing on it would tell them nothing.
        found, place = _promised(session, seen, until=until, now=now, after=place, limit=limit)
        coming += found
        if place is None or any(one.account_id == (actor and actor.account_id) for one in coming):
            break
    begins_at = max(after[0], now) if after else now
    ends_at = max(place[0], now) if place else until
    if begins_at < ends_at:
        passing = foresee_passing(session, until=ends_at, now=now, limit=_MOST_BESIDE)
        asking = foresee_asking(session, until=ends_at, now=now, limit=_MOST_BESIDE)
        coming += (one for one in (*passing, *asking) if begins_at <= one.at < ends_at)
    if asked.mine and actor is not None:
        coming = [one for one in coming if one.account_id == actor.account_id]
    today = local_day(session, now)
    letters = _letters(_known(session, coming, actor, asked, now), coming, actor, asked, until=until)
    days = days_ahead(session, seen.rungs, until=until, now=now) if after is None and not asked.mine else ()
    return Forecast(now, today + timedelta(days=asked.days), days, letters, place)


def _promised(
    session: Session, seen: _Seen, *, until: datetime, now: datetime, after: Place | None, limit: int
) -> tuple[list[Coming], Place | None]:
    """Return what a page of rungs and of mails that wait will tell, and the place where it ends."""
    waiting = waiting_ahead(session, seen.mails, until=until, after=after, limit=limit)
    page = rungs_ahead(session, seen.rungs, until=until, now=now, after=after, last=waiting.next, limit=limit)
    told = list(foresee_rungs(session, page.rungs, now=now))
    return [*told, *foresee_waiting(session, waiting.until(page.next), now=now)], page.next


def whole_forecast(sessions: Sessions, *, asked: Asked, clock: Clock) -> Forecast:
    """Return all that will be sent to anybody, each mail whole, read a page a transaction.

    For the command line, which speaks for the administrator.
    """
    coming, place = list[Coming](), None
    with reading(sessions) as session:
        now = clock.now(session)
        until = _end_of(session, asked.days, now)
        coming += foresee_all_waiting(session, until=until, now=now)
        coming += foresee_passing(session, until=until, now=now, limit=_MOST_BESIDE)
        coming += foresee_asking(session, until=until, now=now, limit=_MOST_BESIDE)
        days = days_ahead(session, None, until=until, now=now)
    while True:
        with reading(sessions) as session:
            page = rungs_ahead(session, None, until=until, now=now, after=place, limit=_AT_ONCE)
            coming += foresee_rungs(session, page.rungs, now=now)
        place = page.next
        if place is None:
            break
    with reading(sessions) as session:
        known = _known(session, coming, None, asked, now)
        last_day = local_day(session, now) + timedelta(days=asked.days)
    # Outside: of a sector's mails it takes longer than a transaction of ours may stand idle.
    return Forecast(now, last_day, days, _letters(known, coming, None, asked, until=until), None)


def _end_of(session: Session, days: int, now: datetime) -> datetime:
    """Return when the last day that is asked for is over: so many after today."""
    if not 0 <= days <= MOST_DAYS:
        message = f"must lie between 0 and {MOST_DAYS}"
        raise InvalidField(f"days: {message}.", errors=[FieldError("days", message)])
    ends_on = local_day(session, now) + timedelta(days=days + 1)
    return datetime.combine(ends_on, time(), ZoneInfo(timezone_of(session))).astimezone(now.tzinfo)


def _seen(session: Session, actor: Actor | None, asked: Asked, now: datetime) -> _Seen:
    if actor is None:
        return _Seen(None, None)
    if asked.mine:
        today = local_day(session, now)
        rungs = could_tell(session, actor, today=today, last=today + timedelta(days=asked.days))
        return _Seen(rungs, Outbox.account_id == actor.account_id)
    if not watches(actor):
        message = "Only who oversees units or keeps a council's office sees the coming mails of others."
        raise Forbidden(message, reasons=[Reason("forecast_not_yours", message)])
    return _Seen(watched_of(session, actor, Rung), watched_of(session, actor, Outbox))


def _known(
    session: Session, coming: Sequence[Coming], actor: Actor | None, asked: Asked, now: datetime
) -> _Known:
    register = register_of(session, coming, actor=actor, mine=asked.mine, today=local_day(session, now))
    return _Known(register, reader_rules(session, coming, office=asked.office, now=now), now)


def _letters(
    known: _Known, coming: Sequence[Coming], actor: Actor | None, asked: Asked, *, until: datetime
) -> tuple[ComingLetter, ...]:
    """Return the mails that promises become until an instant, by time and reader.

    Of what the asker may not know nothing is told.
    """
    register = known.register
    dues = {
        one.work_item_id: about.due_at
        for one in coming
        if one.fact_question_id is None and (about := register.about(one)) is not None
    }
    found = []
    for mail in leaving(coming, dues, known.rules, now=known.now):
        items = tuple(
            ComingItem(about, one.notice, one.why)
            for one in mail.told
            if (about := register.about(one)) is not None
        )
        # Of what cannot go on its reader is told how much, whoever's it is; an absence is about no dossier.
        is_own_word = asked.mine or actor is None
        tells = items or (is_own_word and any(one.notice in _OF_NO_DOSSIER for one in mail.told))
        if tells and mail.at < until:
            reader = register.readers.get(mail.account_id) if mail.account_id is not None else None
            notice = None if mail.is_list else mail.told[0].notice
            found.append(ComingLetter(mail.at, notice, mail.mail_class, reader, mail.fold, items))
    return tuple(sorted(found, key=lambda one: (one.at, one.reader.id if one.reader else 0, one.letter)))
