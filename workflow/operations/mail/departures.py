"""Whether claimed mails may leave now: what their readers chose, asked when the letter would be written.

The rule is `workflow/domain/mails/times.py`, the same by which a forecast is made. A mail that may not leave
yet is put off until it may; mails about work to whoever gets a digest move into the one fold of their reader.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from workflow.domain.mails.classes import MAIL_CLASSES
from workflow.domain.mails.preferences import MailPreferences, Pace
from workflow.domain.mails.times import PromisedLetter, folds_into_digest, leaves_at, place, told_days
from workflow.domain.notices import REMINDERS
from workflow.domain.time.mornings import reminders_ahead
from workflow.domain.time.workdays import Calendar, CalendarName
from workflow.domain.vocabulary import MailClass
from workflow.operations.mail.fate import was_maybe_sent
from workflow.store.calendars import calendar_in_force, calendar_of_seat
from workflow.store.correspondence import Promise
from workflow.store.database import local_day, timezone_of
from workflow.store.departures import DailyMail, PutOff, daily_fold, read_daily
from workflow.store.outbox import ClaimedMail


def preferences_of(promise: Promise, office: MailPreferences) -> MailPreferences:
    """Return what a reader chose, and where they chose nothing what the installation says."""
    return office.with_choice(
        promise.pace,
        promise.digest_at,
        promise.quiet_from,
        promise.quiet_until,
        wants_information=promise.no_information_since is None,
    )


def instant_of(session: Session, notice: str, at: datetime, owner_key: str | None) -> datetime:
    """Return the instant of what is promised at one: of a reminder that fires ahead, that of its morning.

    `owner_key` is the seat in which its work waits.
    """
    if notice not in REMINDERS:
        return at
    return reminders_ahead(at, [calendar_of_seat(session, CalendarName.LOCAL, owner_key)]) or at


_OF_TWO_SENDERS: Final = timedelta(minutes=1)
"""So long a mail waits to see what becomes of another one about work that a sender has in hand."""


@dataclass(slots=True)
class _Desk:
    """The mails of one claim with what is known of their readers; who was told today grows as mails pass."""

    session: Session
    claimed: Collection[str]
    now: datetime
    office: MailPreferences
    daily: Mapping[int, DailyMail]
    told: set[int] = field(default_factory=set)
    waiting: dict[int, list[datetime]] = field(default_factory=dict)

    @property
    def clock(self) -> time:
        """The hour that it is where the installation is."""
        return self.now.astimezone(ZoneInfo(timezone_of(self.session))).time()

    def calendar_of(self, account_id: int) -> Calendar:
        """Return the calendar of a reader's own unit."""
        known = self.daily.get(account_id)
        return calendar_in_force(
            self.session, CalendarName.LOCAL, unit=known.unit_code if known is not None else None
        )


def late_mails(
    session: Session,
    mails: Iterable[ClaimedMail],
    promises: Mapping[str, Sequence[Promise]],
    *,
    office: MailPreferences,
    now: datetime,
) -> dict[str, list[PutOff]]:
    """Return by Message-ID the rows of the claimed mails that may not leave now, and until when they wait.

    `promises` are those of each mail that still hold; a mail of which none does is ended, not put off.
    """
    asked = [mail for mail in mails if promises.get(mail.message_id)]
    readers = {
        told[0].account_id
        for mail in asked
        if (told := promises[mail.message_id]) and _is_daily(told[0], office)
    }
    day_began_at = datetime.combine(local_day(session, now), time(0), tzinfo=ZoneInfo(timezone_of(session)))
    daily = read_daily(session, readers, since=day_began_at) if readers else {}
    desk = _Desk(session, {mail.message_id for mail in asked}, now, office, daily)
    judged = {mail.message_id: _judge(desk, mail, promises[mail.message_id]) for mail in asked}
    return {message_id: late for message_id, late in judged.items() if late}


def _is_daily(promise: Promise, office: MailPreferences) -> bool:
    return folds_into_digest(MailClass(promise.mail_class), preferences_of(promise, office))


def _judge(desk: _Desk, mail: ClaimedMail, told: Sequence[Promise]) -> list[PutOff]:
    preferences = preferences_of(told[0], desk.office)
    if not folds_into_digest(MailClass(told[0].mail_class), preferences):
        return _wait(desk, mail, told, preferences)
    known = desk.daily[told[0].account_id]
    fold = daily_fold(known.account_id)
    if was_maybe_sent(mail):
        # It may be there already, and goes as it is: all that is asked is whether the hour is quiet.
        desk.told.add(known.account_id)
        return _wait(desk, mail, told, replace(preferences, pace=Pace.AT_ONCE))
    is_leaving = known.account_id in desk.told or any(name < mail.message_id for name in known.in_hand)
    left_at = [*([desk.now] if is_leaving else []), *([known.told_at] if known.told_at else [])]
    told_on = told_days(left_at, preferences, desk.calendar_of(known.account_id)) if left_at else set[date]()
    if any(row.fold_key != fold for row in told):
        return _fold(desk, mail, told, preferences, told_on)
    late = _wait(desk, mail, told, preferences, told_on=told_on)
    if not late and any(name > mail.message_id for name in known.in_hand if name not in desk.claimed):
        # Its sender may have looked before this one was claimed, and then it leaves: of two one goes first.
        return [PutOff(row, desk.now + _OF_TWO_SENDERS) for row in mail.rows]
    if not late:
        desk.told.add(known.account_id)
    return late


def _wait(
    desk: _Desk,
    mail: ClaimedMail,
    told: Sequence[Promise],
    preferences: MailPreferences,
    *,
    told_on: Collection[date] = (),
) -> list[PutOff]:
    """Put a whole mail off until it may leave; nothing where that is now."""
    if _is_free(desk, told, preferences):
        return []
    calendar = desk.calendar_of(told[0].account_id)
    earliest = min(
        leaves_at(
            _promised(promise, calendar, at=_from(promise, desk)),
            preferences=preferences,
            calendar=calendar,
            told_on=told_on,
        )
        for promise in told
    )
    keeps_name = was_maybe_sent(mail)
    return [PutOff(row, earliest, keeps_name=keeps_name) for row in mail.rows] if earliest > desk.now else []


def _is_free(desk: _Desk, told: Sequence[Promise], preferences: MailPreferences) -> bool:
    """Whether a mail may leave whatever day it is: seen without a look at any calendar."""
    mail_class = MailClass(told[0].mail_class)
    if any(_instant_of(promise, desk) > desk.now for promise in told):
        return False
    if folds_into_digest(mail_class, preferences):
        return False
    is_of_the_office = MAIL_CLASSES[mail_class].is_of_the_office and preferences.is_ever_quiet
    return not is_of_the_office and not preferences.is_quiet(desk.clock)


def _fold(
    desk: _Desk,
    mail: ClaimedMail,
    told: Sequence[Promise],
    preferences: MailPreferences,
    told_on: Collection[date],
) -> list[PutOff]:
    """Move the rows of a mail into the fold of their reader, each until that letter leaves."""
    account_id, now = told[0].account_id, desk.now
    known, calendar = desk.daily[account_id], desk.calendar_of(account_id)
    stored = [] if known.waiting_at is None else [max(known.waiting_at, now)]
    waiting = desk.waiting.setdefault(account_id, stored)
    placed = place(
        [_as_promised(promise, desk, calendar) for promise in told],
        preferences=preferences,
        calendar=calendar,
        told_on=told_on,
        waiting=waiting,
        now=now,
    )
    leaves = {promise.key: at for promise, at in placed}
    waiting += leaves.values()
    first, fold = min(leaves.values()), daily_fold(account_id)
    return [PutOff(row, leaves.get(row.id, first), fold) for row in mail.rows]


def _from(promise: Promise, desk: _Desk) -> datetime:
    """Return from when a mail may leave that is looked at now: by itself a reminder keeps its own instant."""
    is_folded = promise.fold_key == daily_fold(promise.account_id)
    return desk.now if is_folded else max(desk.now, _instant_of(promise, desk))


def _instant_of(promise: Promise, desk: _Desk) -> datetime:
    return instant_of(desk.session, promise.notice, promise.created_at, promise.owner_key)


def _as_promised(promise: Promise, desk: _Desk, calendar: Calendar) -> PromisedLetter:
    """Return what was promised as a forecast would have it: a reminder that fired ahead with its instant."""
    at = _instant_of(promise, desk)
    return replace(
        _promised(promise, calendar, at=at),
        is_reminder=at > promise.created_at,
        held_until=promise.put_off_until,
    )


def _promised(promise: Promise, calendar: Calendar, *, at: datetime) -> PromisedLetter:
    """Return an outbox row as the rule knows it."""
    due_on = promise.return_due_on
    return PromisedLetter(
        promise.id,
        MailClass(promise.mail_class),
        at,
        work=promise.work_item_id,
        due_at=promise.due_at or (calendar.closes_at(due_on) if due_on else None),
    )
