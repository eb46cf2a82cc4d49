"""When what is promised to each reader leaves, and with what: by the rule that the sender keeps."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import TypedDict
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.mails.preferences import MailPreferences
from workflow.domain.mails.times import (
    PromisedLetter,
    fold_up,
    folds_into_digest,
    leaves_at,
    place,
    told_days,
)
from workflow.domain.notices import NOTICES
from workflow.domain.time.workdays import Calendar, CalendarName
from workflow.domain.vocabulary import MailClass
from workflow.operations.foresight.coming import Coming
from workflow.operations.mail.meant import ABOUT_WORK
from workflow.store.access import Grant
from workflow.store.base import among
from workflow.store.calendars import calendar_in_force
from workflow.store.database import local_day, timezone_of
from workflow.store.departures import DailyMail, daily_fold, is_daily, read_daily
from workflow.store.mail import MailPreference


class _Rule(TypedDict):
    """What the rule is asked with for one reader."""

    preferences: MailPreferences
    calendar: Calendar


@dataclass(frozen=True, slots=True)
class ReaderRule:
    """How a reader wants their mails, what was told them today, the calendar of their unit, and their terms.

    `terms` are of whoever has one that ends: the seat of each, since when and until when.
    """

    preferences: MailPreferences
    daily: DailyMail
    calendar: Calendar
    terms: Sequence[tuple[str, date, date | None]]

    def is_meant(self, one: Coming, leaves_at: datetime) -> bool:
        """Tell whether a letter that leaves on a later day still finds its reader in a seat."""
        day, later = self.calendar.local_day(one.at), self.calendar.local_day(leaves_at)
        if later <= day or NOTICES[one.notice].mail_class not in ABOUT_WORK:
            return True
        terms = [term for term in self.terms if term[0] in one.seats]
        return not _covers(terms, day) or _covers(terms, later)


@dataclass(frozen=True, slots=True)
class Leaving:
    """One mail: when it leaves, to whom, what it tells of; `is_list` where it is the list of a morning.

    `fold` is what all that goes out as this mail shares.
    """

    at: datetime
    account_id: int | None
    mail_class: MailClass
    fold: str
    is_list: bool
    told: tuple[Coming, ...]


def reader_rules(
    session: Session, coming: Iterable[Coming], *, office: MailPreferences, now: datetime
) -> dict[int, ReaderRule]:
    """Return by what rule each reader is told; `office` counts for whoever chose nothing."""
    readers = {one.account_id for one in coming if one.account_id is not None}
    if not readers:
        return {}
    preferences = _preferences(session, readers, office)
    began_at = datetime.combine(local_day(session, now), time(), ZoneInfo(timezone_of(session)))
    daily = read_daily(session, readers, since=began_at)
    terms = _terms_that_end(session, readers, local_day(session, now))
    calendars = {
        unit: calendar_in_force(session, CalendarName.LOCAL, unit=unit)
        for unit in {one.unit_code for one in daily.values()}
    }
    return {
        reader: ReaderRule(
            preferences[reader],
            daily[reader],
            calendars[daily[reader].unit_code],
            terms.get(reader, ()),
        )
        for reader in readers
    }


def leaving(
    coming: Iterable[Coming],
    dues: Mapping[UUID | None, datetime | None],
    rules: Mapping[int, ReaderRule],
    *,
    now: datetime,
) -> Iterator[Leaving]:
    """Yield the mails that promises become, reader by reader; what would tell nobody stays as it is.

    `dues` says when each work is due. Nothing is read: of much this takes longer than the database lets a
    transaction of ours stand idle.
    """
    by_reader: dict[int, list[Coming]] = defaultdict(list)
    for one in coming:
        if one.account_id is not None:
            by_reader[one.account_id].append(one)
        else:
            yield Leaving(one.at, None, NOTICES[one.notice].mail_class, one.fold, is_list=False, told=(one,))
    for account_id, promises in by_reader.items():
        yield from _of_reader(promises, dues, rules[account_id], now=now)


def _of_reader(
    promises: Sequence[Coming],
    dues: Mapping[UUID | None, datetime | None],
    reader: ReaderRule,
    *,
    now: datetime,
) -> Iterator[Leaving]:
    preferences, daily, calendar = reader.preferences, reader.daily, reader.calendar
    placed, asked = list[tuple[PromisedLetter, datetime]](), list[PromisedLetter]()
    for number, one in enumerate(promises):
        mail_class = NOTICES[one.notice].mail_class
        due_at = dues.get(one.work_item_id)
        promise = PromisedLetter(
            number,
            mail_class,
            one.promised_at or one.at,
            one.work_item_id,
            due_at,
            one.fold,
            is_reminder=one.is_ahead,
            held_until=one.held_until,
        )
        # What waits for its morning already has its hour.
        if is_daily(one.fold):
            placed.append((promise, one.at))
        elif preferences.wants_information or mail_class is not MailClass.INFO:
            asked.append(promise)
    told_on = told_days([daily.told_at] if daily.told_at else [], preferences, calendar)
    rule: _Rule = {"preferences": preferences, "calendar": calendar}
    # What could have been told before goes with the letter of a day that waits, or leaves now, if it may.
    late = [promise for promise in asked if promise.foldable_at(calendar) <= now]
    rest = [promise for promise in asked if promise.foldable_at(calendar) > now]
    mornings = _of_mornings(placed, preferences)
    placed += place(late, **rule, told_on=told_on, waiting=mornings, now=now)
    judged = list(_asked_again(placed, rule, told_on, now))
    gone = [(one, at) for one, at in judged if at <= now]
    told_on |= told_days(_of_mornings(gone, preferences), preferences, calendar)
    waits = [(one, at) for one, at in judged if at > now]
    waits += place(rest, **rule, told_on=told_on, waiting=_of_mornings(waits, preferences))
    meant = [(one, at) for one, at in gone + waits if reader.is_meant(promises[int(str(one.key))], at)]
    for letter in fold_up(meant, preferences):
        told = tuple(promises[int(str(promise.key))] for promise in letter.promises)
        folds = folds_into_digest(letter.mail_class, preferences)
        yield Leaving(
            letter.leaves_at,
            daily.account_id,
            letter.mail_class,
            daily_fold(daily.account_id) if folds else told[0].fold,
            is_list=letter.is_digest,
            told=told,
        )


def _of_mornings(
    placed: Iterable[tuple[PromisedLetter, datetime]], preferences: MailPreferences
) -> set[datetime]:
    """Return when letters about work leave."""
    return {at for one, at in placed if folds_into_digest(one.mail_class, preferences)}


def _asked_again(
    placed: Iterable[tuple[PromisedLetter, datetime]], rule: _Rule, told_on: set[date], now: datetime
) -> Iterator[tuple[PromisedLetter, datetime]]:
    """Yield what waits with the instant at which the sender lets it go, who asks when its hour has come.

    After a standstill that is now: what had its hour on another day may have to wait for the next.
    """
    preferences, told = rule["preferences"], set(told_on)
    waiting: dict[tuple[datetime, bool, MailClass], list[PromisedLetter]] = defaultdict(list)
    for promise, at in placed:
        folds = folds_into_digest(promise.mail_class, preferences)
        waiting[max(at, now), folds, promise.mail_class].append(promise)
    while waiting:
        at, folds, mail_class = min(waiting)
        together = waiting.pop((at, folds, mail_class))
        looked_at = (replace(one, at=at, is_reminder=False, held_until=None) for one in together)
        leaves = min(leaves_at(one, **rule, told_on=told if folds else ()) for one in looked_at)
        if leaves > at:
            waiting[leaves, folds, mail_class] += together
            continue
        if folds:
            told |= told_days([at], preferences, rule["calendar"])
        yield from ((promise, at) for promise in together)


def _covers(terms: Iterable[tuple[str, date, date | None]], day: date) -> bool:
    return any(since <= day and (until is None or until > day) for _, since, until in terms)


def _terms_that_end(
    session: Session, account_ids: Iterable[int], today: date
) -> Mapping[int, Sequence[tuple[str, date, date | None]]]:
    """Return the terms of each account of which one ends on a later day."""
    terms: dict[int, list[tuple[str, date, date | None]]] = defaultdict(list)
    ending = select(Grant.account_id).where(Grant.valid_to > today)
    found = select(Grant.account_id, Grant.key, Grant.valid_from, Grant.valid_to).where(
        among(Grant.account_id, set(account_ids)), Grant.account_id.in_(ending)
    )
    for row in session.execute(found.order_by(Grant.id)):
        terms[row.account_id].append((row.key, row.valid_from, row.valid_to))
    return terms


def _preferences(
    session: Session, account_ids: Iterable[int], office: MailPreferences
) -> dict[int, MailPreferences]:
    """Return how each account wants its mails."""
    chosen = {
        row.account_id: office.with_choice(
            row.pace,
            row.digest_at,
            row.quiet_from,
            row.quiet_until,
            wants_information=row.no_information_since is None,
        )
        for row in session.scalars(
            select(MailPreference).where(among(MailPreference.account_id, set(account_ids)))
        )
    }
    return {account_id: chosen.get(account_id, office) for account_id in account_ids}
