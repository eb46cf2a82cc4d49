"""Whatever is promised and whatever people prefer: told once, in time, at a decent hour, one mail a day."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.mornings import plan_letters
from tests.unit.test_mail_times import AN_HOUR, HANOI, MONDAY, NEW_YORK, calendar, local
from workflow.domain.mails.preferences import MailPreferences, Pace
from workflow.domain.mails.times import (
    PlannedLetter,
    PromisedLetter,
    leaves_at,
    place,
    told_days,
)
from workflow.domain.time.hours import HoursPeriod, OfficeHours
from workflow.domain.time.workdays import Calendar
from workflow.domain.vocabulary import MailClass

SPAN = 40
# Its hour before midnight comes twice on 24 October, as New York's after one does on 1 November.
BEIRUT = ZoneInfo("Asia/Beirut")
hours = st.integers(0, 12 * 4).map(lambda quarter: time(quarter // 4 % 24, quarter % 4 * 15))
evenings = st.integers(12 * 4, 24 * 4 - 1).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))
preferences_of_people = st.builds(
    MailPreferences,
    pace=st.sampled_from(Pace),
    digest_at=st.one_of(st.just(time(7, 30)), hours, evenings),
    quiet_from=evenings,
    quiet_until=hours,
    wants_information=st.booleans(),
).filter(lambda preferences: preferences.problem() is None)
instants = st.integers(0, SPAN * 24 * 60 * 60).map(
    lambda second: datetime(2026, 10, 10, tzinfo=UTC) + timedelta(seconds=second)
)
# Some seconds after each other, as list after list is decided; and days apart.
near = st.lists(instants, min_size=1, max_size=4).flatmap(
    lambda starts: st.lists(
        st.builds(
            lambda start, later: start + timedelta(seconds=later),
            st.sampled_from(starts),
            st.integers(0, 2000),
        ),
        min_size=1,
        max_size=14,
    )
)


@st.composite
def promised(draw: st.DrawFn) -> list[PromisedLetter]:
    letters = []
    for number, at in enumerate(draw(near)):
        due_in = draw(st.none() | st.integers(0, 72))
        letters.append(
            PromisedLetter(
                number,
                draw(st.sampled_from(MailClass)),
                at,
                work=draw(st.integers(1, 4)),
                due_at=None if due_in is None else at + due_in * AN_HOUR,
                fold=draw(st.sampled_from([None, "list"])),
                is_reminder=draw(st.booleans()),
            )
        )
    return letters


@settings(max_examples=300, deadline=None)
@given(promised(), preferences_of_people, st.sampled_from([HANOI, NEW_YORK, BEIRUT]))
def test_whatever_is_promised_is_told_once_in_time_and_at_a_decent_hour(
    promises: list[PromisedLetter], preferences: MailPreferences, zone: ZoneInfo
) -> None:
    days = calendar(zone)
    letters = plan_letters(promises, preferences=preferences, calendar=days)
    told = Counter(each.key for letter in letters for each in letter.promises)
    wanted = [
        each for each in promises if preferences.wants_information or each.mail_class is not MailClass.INFO
    ]

    assert told == Counter(each.key for each in wanted), "none is lost, none is told twice"
    for letter in letters:
        _check_hour(letter, preferences, days)
        assert {each.mail_class for each in letter.promises} == {letter.mail_class}
        folds = preferences.pace is Pace.DIGEST and letter.mail_class is MailClass.TASK
        since = [each.foldable_at(days) if folds else each.at for each in letter.promises]
        assert max(since) <= letter.leaves_at, "none is early"
    _check_one_a_day(letters, preferences, days)


@pytest.mark.parametrize(
    ("zone", "at", "quiet_until", "leaves"),
    [
        # One o'clock comes twice: the second is after the first end of the quiet hours, and before its own.
        ("America/New_York", "2026-11-01T05:10Z", time(1, 15), "2026-11-01T05:15Z"),
        ("America/New_York", "2026-11-01T06:00Z", time(1, 15), "2026-11-01T06:15Z"),
        ("America/New_York", "2026-11-01T06:20Z", time(1, 15), "2026-11-01T06:20Z"),
        # The clock goes back by half an hour.
        ("Australia/Lord_Howe", "2026-04-04T15:00Z", time(1, 45), "2026-04-04T15:15Z"),
        # Two to three never comes: the quiet hours end at the instant at which it would have.
        ("America/New_York", "2026-03-08T06:30Z", time(2, 30), "2026-03-08T07:30Z"),
        # Midnight never comes: the day begins at one, and whoever is quiet until then waits for no other.
        ("Asia/Beirut", "2026-03-28T21:30Z", time(0, 30), "2026-03-28T22:30Z"),
    ],
)
def test_quiet_hours_end_by_the_clock_that_is_not_over(
    zone: str, at: str, quiet_until: time, leaves: str
) -> None:
    preferences = MailPreferences(Pace.AT_ONCE, quiet_from=time(22), quiet_until=quiet_until)
    promise = PromisedLetter(1, MailClass.TASK, datetime.fromisoformat(at))
    days = calendar(ZoneInfo(zone))
    assert leaves_at(promise, preferences=preferences, calendar=days) == datetime.fromisoformat(leaves)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("quiet_from", "quiet_until", "leaves"),
    [
        # What cannot come once the office is open comes before, on a day on which it will be.
        (time(12, 30), time(7), "Mon 07:00"),
        (time(13), time(7), "Mon 07:00"),
        (time(13, 15), time(7), "Mon 13:00"),
        (time(20), time(11), "Mon 13:00"),
    ],
)
def test_an_office_that_opens_when_its_reader_is_quiet_already_stops_no_letter(
    quiet_from: time, quiet_until: time, leaves: str
) -> None:
    afternoons = (HoursPeriod(date(2020, 1, 1), OfficeHours(time(13), time(17))),)
    days = replace(calendar(HANOI), hours=afternoons)
    preferences = MailPreferences(Pace.AT_ONCE, time(11), quiet_from, quiet_until)
    assert preferences.problem() is None
    for at in (local(date(2026, 10, 10), "09:00"), local(MONDAY, "03:00")):
        escalation = PromisedLetter(1, MailClass.ESCALATION, at)
        found = leaves_at(escalation, preferences=preferences, calendar=days)
        assert f"{found.astimezone(HANOI):%a %H:%M}" == leaves


def _check_hour(letter: PlannedLetter, preferences: MailPreferences, days: Calendar) -> None:
    leaves = letter.leaves_at.astimezone(days.timezone)
    if letter.mail_class is MailClass.SECURITY:
        assert [each.at for each in letter.promises] == [letter.leaves_at] * len(letter.promises)
        return
    # Counted by hand, from the words of the rule: nothing between the two.
    clock = leaves.time()
    assert (
        preferences.quiet_from == preferences.quiet_until
        or preferences.quiet_until <= clock < preferences.quiet_from
    )
    if letter.mail_class is MailClass.ESCALATION and preferences.is_ever_quiet:
        assert clock >= time(8)
        assert days.is_working(leaves.date())


def _check_one_a_day(
    letters: tuple[PlannedLetter, ...], preferences: MailPreferences, days: Calendar
) -> None:
    if preferences.pace is Pace.AT_ONCE:
        return
    tasks = [each for each in letters if each.mail_class is MailClass.TASK]
    plain = [each for each in tasks if not any(_is_pressing(one, each, days) for one in each.promises)]
    on_days = [days.local_day(each.leaves_at) for each in plain]
    assert len(set(on_days)) == len(on_days), "one mail about work a day"
    assert all(days.is_working(day) for day in on_days)


def _is_pressing(promise: PromisedLetter, letter: PlannedLetter, days: Calendar) -> bool:
    """Whether its work is due before a working day after the letter has begun."""
    after = days.local(days.next_working_day(days.local_day(letter.leaves_at)), time(23, 59))
    return promise.due_at is not None and letter.leaves_at <= promise.due_at <= after


@settings(max_examples=200, deadline=None)
@given(promised(), preferences_of_people)
def test_asked_one_by_one_as_they_fall_due_it_comes_to_the_same(
    promises: list[PromisedLetter], preferences: MailPreferences
) -> None:
    days = calendar()
    ordered = sorted(
        (each for each in promises if each.mail_class is MailClass.TASK),
        key=lambda each: each.foldable_at(days),
    )
    waiting: list[datetime] = []
    one_by_one = []
    for promise in ordered:
        left = [at for at in waiting if at < promise.foldable_at(days)]
        told = {day for at in left if (day := _day_told(at, preferences, days)) is not None}
        [(_, leaves)] = place(
            [promise],
            preferences=preferences,
            calendar=days,
            told_on=told,
            waiting=[at for at in waiting if at >= promise.foldable_at(days)],
        )
        waiting.append(leaves)
        one_by_one.append((promise.key, leaves))
    together = plan_letters(ordered, preferences=preferences, calendar=days)
    assert sorted(one_by_one) == sorted(
        (each.key, letter.leaves_at) for letter in together for each in letter.promises
    )


@settings(max_examples=200, deadline=None)
@given(promised(), preferences_of_people, st.integers(0, 20 * 24))
def test_after_a_standstill_whatever_should_have_left_is_one_letter(
    promises: list[PromisedLetter], preferences: MailPreferences, hours_later: int
) -> None:
    now = max(each.free_at for each in promises) + timedelta(days=1, hours=hours_later)
    of_work = [each for each in promises if each.mail_class is MailClass.TASK]
    digest = replace(preferences, pace=Pace.DIGEST)
    meant = {one.key: at for one, at in place(of_work, preferences=digest, calendar=calendar())}
    leaves = {one.key: at for one, at in place(of_work, preferences=digest, calendar=calendar(), now=now)}
    # What waits for a working day yet may still do so.
    assert {at for key, at in leaves.items() if meant[key] <= now} <= {now}
    assert all(now <= at <= max(now, meant[key]) for key, at in leaves.items())


@settings(max_examples=200, deadline=None)
@given(promised(), preferences_of_people)
def test_what_was_planned_for_an_instant_may_leave_at_that_instant(
    promises: list[PromisedLetter], preferences: MailPreferences
) -> None:
    days = calendar()
    told: set[date] = set()
    for letter in plan_letters(promises, preferences=preferences, calendar=days):
        asked = PromisedLetter(
            "now",
            letter.mail_class,
            letter.leaves_at,
            due_at=min(
                (one.due_at for one in letter.promises if one.due_at and one.due_at > letter.leaves_at),
                default=None,
            ),
        )
        leaves = leaves_at(asked, preferences=preferences, calendar=days, told_on=told)
        assert leaves == letter.leaves_at
        day = _day_told(letter.leaves_at, preferences, days)
        if letter.mail_class is MailClass.TASK and day is not None:
            told.add(day)


@settings(max_examples=200, deadline=None)
@given(
    st.integers(0, 600),
    st.integers(0, 600),
    st.integers(1, 59),
)
def test_a_letter_that_could_not_wait_for_the_morning_is_not_that_of_its_day(
    pressing_after: int, plain_after: int, due_after: int
) -> None:
    days, preferences = calendar(), MailPreferences(quiet_from=time(12), quiet_until=time(0))
    noon = days.local(date(2026, 10, 12), time(12, 20))
    midnight, morning = days.local(date(2026, 10, 13), time()), days.local(date(2026, 10, 13), time(7, 30))
    pressing = PromisedLetter(
        "pressing",
        MailClass.TASK,
        noon + timedelta(minutes=pressing_after),
        work=1,
        due_at=midnight + timedelta(minutes=due_after),
    )
    plain = PromisedLetter("plain", MailClass.TASK, noon + timedelta(minutes=plain_after), work=2)
    leaves = {
        promise.key: at
        for promise, at in place(
            [plain, pressing], preferences=preferences, calendar=days, told_on={date(2026, 10, 12)}
        )
    }
    assert leaves["pressing"] == midnight
    assert leaves["plain"] == (midnight if pressing.at < plain.at else morning)
    if leaves["plain"] == morning:
        asked = PromisedLetter("now", MailClass.TASK, morning, work=2)
        told = told_days([midnight], preferences, days)
        assert leaves_at(asked, preferences=preferences, calendar=days, told_on=told) == morning


def _day_told(at: datetime, preferences: MailPreferences, days: Calendar) -> date | None:
    """Whose letter it was, by the words of the rule: nobody's before the morning of its day."""
    local = at.astimezone(days.timezone)
    return local.date() if local.time() >= preferences.digest_at else None
