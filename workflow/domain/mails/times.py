"""Which letters leave when: the one rule by which mails are sent and foretold.

A forecast asks `place` of everything that is promised to a person: the `fire_at` of reminders and escalations
that are still to fire, and the mails that wait; and `fold_up` which letters these become. The sender asks
`place` and `leaves_at` of what is due now.
"""

from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from workflow.domain.mails.classes import MAIL_CLASSES
from workflow.domain.mails.preferences import MailPreferences, Pace
from workflow.domain.time.mornings import told_from
from workflow.domain.time.workdays import Calendar
from workflow.domain.vocabulary import MailClass

GATHERED_FOR: Final = timedelta(minutes=10)
"""So long the first mail about new work waits for others, where it goes out on the same day."""

_AT_ONCE: Final = timedelta(0)


@dataclass(frozen=True, slots=True)
class PromisedLetter:
    """One mail promised to one person: its class, the instant from which it may leave, and its work.

    `key` is the caller's own. `due_at` is when its work is due. `fold` names what may share a letter with it
    where nothing is folded into a morning: mails of one `fold` that leave at one instant are one letter.
    `is_reminder`: the morning's letter may tell it before `at`, as it fires then already; by itself it leaves
    at `at` and not before. `held_until`: until then whoever acted may undo what it tells of.
    """

    key: Hashable
    mail_class: MailClass
    at: datetime
    work: Hashable = None
    due_at: datetime | None = None
    fold: Hashable = None
    is_reminder: bool = False
    held_until: datetime | None = None

    @property
    def free_at(self) -> datetime:
        """Give the instant, in UTC, from which it may leave."""
        return max(self.at, self.held_until or self.at).astimezone(UTC)

    def foldable_at(self, calendar: Calendar) -> datetime:
        """Give the instant, in UTC, from which the morning's letter may tell it."""
        return told_from(self.free_at, calendar.timezone) if self.is_reminder else self.free_at


@dataclass(frozen=True, slots=True)
class PlannedLetter:
    """One letter, when it leaves (in UTC), and what it tells of, the earliest promise first.

    `is_digest`: it tells of several things as the morning's list; a single one goes as a plain letter.
    """

    leaves_at: datetime
    mail_class: MailClass
    promises: tuple[PromisedLetter, ...]
    is_digest: bool


def fold_up(
    placed: Iterable[tuple[PromisedLetter, datetime]], preferences: MailPreferences
) -> tuple[PlannedLetter, ...]:
    """Give the letters that placed promises become, in the order in which they leave."""
    letters: dict[tuple[datetime, MailClass, Hashable], list[PromisedLetter]] = {}
    for promise, leaves in placed:
        folds = folds_into_digest(promise.mail_class, preferences)
        shares = None if folds else (promise.key if promise.fold is None else (promise.fold,))
        letters.setdefault((leaves, promise.mail_class, shares), []).append(promise)
    order = list(MailClass)
    return tuple(
        PlannedLetter(leaves, mail_class, tuple(told), is_digest=is_digest(told, preferences))
        for (leaves, mail_class, _), told in sorted(
            letters.items(), key=lambda entry: (entry[0][0], order.index(entry[0][1]), entry[1][0].at)
        )
    )


def place(
    promises: Iterable[PromisedLetter],
    *,
    preferences: MailPreferences,
    calendar: Calendar,
    told_on: Collection[date] = (),
    waiting: Collection[datetime] = (),
    now: datetime | None = None,
) -> list[tuple[PromisedLetter, datetime]]:
    """Give each promise to one person with the instant at which its letter leaves, by when it may be told.

    `calendar` is that of the person's unit; `told_on` are the local days whose letter about work left already
    (`told_days`). Of a person who gets a digest at most one letter about work leaves on a day, but for work
    that is due before the next could: nobody may miss a deadline for the sake of fewer mails. Whatever is
    acted on before its letter leaves falls out of it, which only the sender can know. `waiting` are the
    instants at which letters about work that are not closed yet will leave: what comes before joins the first
    of them. Whatever should have left before `now` is one letter of now.
    """
    placed, leaving, told = list[tuple[PromisedLetter, datetime]](), set(waiting), set(told_on)
    for promise in sorted(promises, key=lambda each: each.foldable_at(calendar)):
        if not folds_into_digest(promise.mail_class, preferences):
            placed.append((promise, leaves_at(promise, preferences=preferences, calendar=calendar)))
            continue
        gone = {at for at in leaving if at < promise.foldable_at(calendar)}
        leaving, told = leaving - gone, told | told_days(gone, preferences, calendar)
        own = leaves_at(promise, preferences=preferences, calendar=calendar, told_on=told, gathers=True)
        own = own if now is None else max(own, now)
        leaves = _together(own, promise, min(leaving, default=own), calendar)
        leaving.add(leaves)
        placed.append((promise, leaves))
    return placed


def told_days(left_at: Iterable[datetime], preferences: MailPreferences, calendar: Calendar) -> set[date]:
    """Give the days whose letter about work was one of those that left at these instants.

    What left on a day before its morning is not the letter of that day: it could not wait, and what waits
    for the morning shall not wait a day for its sake.
    """
    days = {at: calendar.local_day(at) for at in left_at}
    return {day for at, day in days.items() if at >= _morning_of(day, preferences, calendar)}


def _together(own: datetime, promise: PromisedLetter, first: datetime, calendar: Calendar) -> datetime:
    """Give when a promise leaves beside the first letter that waits: with it, where both are of one day.

    Alone and before it where its work is due by then, or where that letter is of another day.
    """
    is_of_its_day = calendar.local_day(own) == calendar.local_day(first)
    is_pressing = promise.due_at is not None and promise.due_at <= first
    return first if is_of_its_day and not is_pressing else min(own, first)


def leaves_at(
    promise: PromisedLetter,
    *,
    preferences: MailPreferences,
    calendar: Calendar,
    told_on: Collection[date] = (),
    gathers: bool = False,
) -> datetime:
    """Give the first instant from `promise.free_at` on at which a mail may leave, in UTC.

    Whoever is about to send it asks with the instant of now: it may go where the answer is that very
    instant. `gathers`: it waits for others of its day first.
    """
    rules, at = MAIL_CLASSES[promise.mail_class], promise.free_at
    if not rules.keeps_quiet:
        return promise.at.astimezone(UTC)
    if folds_into_digest(promise.mail_class, preferences):
        return _in_the_morning(promise, preferences, calendar, told_on, GATHERED_FOR if gathers else _AT_ONCE)
    if rules.is_of_the_office and preferences.is_ever_quiet:
        return _in_office_hours(at, preferences, calendar)
    return _after_quiet(at, preferences, calendar)


def folds_into_digest(mail_class: MailClass, preferences: MailPreferences) -> bool:
    """Tell whether mails of that class wait for this person's morning."""
    return preferences.pace is Pace.DIGEST and MAIL_CLASSES[mail_class].folds_into_digest


def is_digest(told: Sequence[PromisedLetter], preferences: MailPreferences) -> bool:
    """Tell whether a letter about all of these is a list of the day, and not a plain one about one thing."""
    return folds_into_digest(told[0].mail_class, preferences) and len({each.work for each in told}) > 1


def _in_the_morning(
    promise: PromisedLetter,
    preferences: MailPreferences,
    calendar: Calendar,
    told_on: Collection[date],
    gathered_for: timedelta,
) -> datetime:
    """Give when a mail about work leaves: with the morning's letter, or later on a day that had none."""
    at = promise.free_at
    # What may be undone waits anyway: the minutes in which letters gather are among those.
    gathered_at = max(promise.at.astimezone(UTC) + gathered_for, at)
    morning = _next_morning(promise.foldable_at(calendar), preferences, calendar, told_on)
    if morning <= gathered_at:
        return morning
    candidate = _after_quiet(gathered_at, preferences, calendar)
    day = calendar.local_day(at)
    is_of_today = (
        calendar.is_working(day)
        and at >= _morning_of(day, preferences, calendar)
        and calendar.local_day(candidate) == day
    )
    if is_of_today and day not in told_on:
        return candidate
    is_pressing = promise.due_at is not None and candidate < promise.due_at <= morning
    return candidate if is_pressing else morning


def _next_morning(
    at: datetime, preferences: MailPreferences, calendar: Calendar, told_on: Collection[date]
) -> datetime:
    day = calendar.local_day(at)
    while not calendar.is_working(day) or day in told_on or _morning_of(day, preferences, calendar) < at:
        day = calendar.next_working_day(day)
    return _morning_of(day, preferences, calendar)


def _morning_of(day: date, preferences: MailPreferences, calendar: Calendar) -> datetime:
    return _after_quiet(calendar.local(day, preferences.digest_at), preferences, calendar)


def _in_office_hours(at: datetime, preferences: MailPreferences, calendar: Calendar) -> datetime:
    day = calendar.local_day(at)
    while True:
        begins_at = _begins_at(day, preferences, calendar).astimezone(UTC)
        found = _after_quiet(max(at, begins_at), preferences, calendar)
        if calendar.is_working(day) and calendar.local_day(found) == day:
            return found
        day = calendar.next_working_day(day)


def _begins_at(day: date, preferences: MailPreferences, calendar: Calendar) -> datetime:
    """Give from when a letter of the office may leave on a day: its opening.

    Its first minute, where the office opens when this reader is quiet already, and so would be on every day.
    """
    opens_at = calendar.opens_at(day)
    return opens_at if opens_at.time() < preferences.quiet_from else calendar.local(day, time(0))


def _after_quiet(at: datetime, preferences: MailPreferences, calendar: Calendar) -> datetime:
    local = at.astimezone(calendar.timezone)
    if not preferences.is_quiet(local.time()):
        return at.astimezone(UTC)
    is_past = local.time() >= preferences.quiet_until
    day = local.date() + timedelta(days=1) if is_past else local.date()
    ends_at = calendar.local(day, preferences.quiet_until)
    # Where clocks are set back an hour comes twice, and what comes in the second waits for the end of that.
    return next(end for fold in (0, 1) if (end := ends_at.replace(fold=fold).astimezone(UTC)) >= at)
