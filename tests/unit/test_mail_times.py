"""When letters leave: no promise is lost or told twice, one mail about work a day, nothing in quiet hours."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow.domain.mails.classes import MAIL_CLASSES
from workflow.domain.mails.preferences import MailPreferences, Pace, PreferenceProblem
from workflow.domain.mails.times import (
    GATHERED_FOR,
    PlannedLetter,
    PromisedLetter,
    leaves_at,
    place,
    plan_letters,
)
from workflow.domain.notices import NOTICES
from workflow.domain.time.workdays import Calendar, CalendarName
from workflow.domain.vocabulary import MailClass

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
NEW_YORK = ZoneInfo("America/New_York")
MONDAY, HOLIDAY, WORKED_SATURDAY = date(2026, 10, 12), date(2026, 10, 15), date(2026, 10, 17)
AN_HOUR = timedelta(hours=1)
_keys = count()


def calendar(zone: ZoneInfo = HANOI) -> Calendar:
    return Calendar(
        CalendarName.VN, "test", frozenset({HOLIDAY}), frozenset({WORKED_SATURDAY}), None, None, zone
    )


def local(day: date, clock: str, zone: ZoneInfo = HANOI) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), tzinfo=zone)


def task(at: datetime, work: object = None, due_at: datetime | None = None) -> PromisedLetter:
    key = next(_keys)
    return PromisedLetter(key, MailClass.TASK, at, work=work or key, due_at=due_at)


def plan(
    *promises: PromisedLetter, preferences: MailPreferences | None = None
) -> list[tuple[str, int, bool]]:
    """Return when each letter leaves by the local clock, of how much it tells, and whether as a list."""
    letters = plan_letters(promises, preferences=preferences or MailPreferences(), calendar=calendar())
    return [
        (f"{each.leaves_at.astimezone(HANOI):%a %H:%M}", len(each.promises), each.is_digest)
        for each in letters
    ]


def test_every_class_has_its_rules_and_every_kind_of_letter_a_class() -> None:
    assert list(MAIL_CLASSES) == list(MailClass), "in their order of precedence"
    assert [kind for kind, rules in MAIL_CLASSES.items() if rules.is_optional] == [MailClass.INFO]
    assert [kind for kind, rules in MAIL_CLASSES.items() if not rules.keeps_quiet] == [MailClass.SECURITY]
    assert all(notice.mail_class in MAIL_CLASSES for notice in NOTICES.values())


def test_the_reminders_of_a_morning_and_new_work_of_the_day_before_are_one_letter() -> None:
    assert plan(task(local(MONDAY, "07:00")), task(local(MONDAY, "07:00")), task(local(MONDAY, "06:10"))) == [
        ("Mon 07:30", 3, True)
    ]


def test_one_thing_alone_goes_as_a_plain_letter_however_often_it_is_promised() -> None:
    assert plan(task(local(MONDAY, "07:00"), work="A"), task(local(MONDAY, "07:10"), work="A")) == [
        ("Mon 07:30", 2, False)
    ]


def test_new_work_within_ten_minutes_is_one_letter_and_what_follows_waits_for_the_morning() -> None:
    assert plan(task(local(MONDAY, "09:00")), task(local(MONDAY, "09:09")), task(local(MONDAY, "09:11"))) == [
        ("Mon 09:10", 2, True),
        ("Tue 07:30", 1, False),
    ]


def test_new_work_on_a_day_that_had_its_letter_waits_for_the_next() -> None:
    letters = plan_letters(
        [task(local(MONDAY, "09:00"))], preferences=MailPreferences(), calendar=calendar(), told_on={MONDAY}
    )
    assert [each.leaves_at for each in letters] == [local(MONDAY + timedelta(days=1), "07:30")]


def test_work_that_is_due_before_the_next_morning_waits_for_no_morning() -> None:
    due = local(MONDAY, "17:00")
    assert plan(task(local(MONDAY, "07:00")), task(local(MONDAY, "10:00"), due_at=due)) == [
        ("Mon 07:30", 1, False),
        ("Mon 10:10", 1, False),
    ]


def test_no_mail_about_work_leaves_on_a_day_off() -> None:
    eve = local(HOLIDAY - timedelta(days=1), "18:00")
    assert plan(task(local(HOLIDAY, "09:00")), task(eve), task(local(HOLIDAY, "15:00"))) == [
        ("Wed 18:10", 1, False),
        ("Fri 07:30", 2, True),
    ]
    assert plan(task(local(WORKED_SATURDAY, "07:00"))) == [("Sat 07:30", 1, False)]


def test_what_comes_in_the_evening_waits_for_the_morning() -> None:
    assert plan(task(local(MONDAY, "19:49"))) == [("Mon 19:59", 1, False)]
    assert plan(task(local(MONDAY, "19:50"))) == [("Tue 07:30", 1, False)]
    assert plan(task(local(MONDAY, "23:00"))) == [("Tue 07:30", 1, False)]


def test_who_wants_each_at_once_gets_each_at_once_but_at_night() -> None:
    preferences = MailPreferences(pace=Pace.AT_ONCE)
    assert plan(
        task(local(MONDAY, "09:00")),
        task(local(MONDAY, "09:01")),
        task(local(MONDAY, "21:00")),
        preferences=preferences,
    ) == [("Mon 09:00", 1, False), ("Mon 09:01", 1, False), ("Tue 07:00", 1, False)]


@pytest.mark.parametrize(
    ("kind", "clock", "leaves"),
    [
        (MailClass.SECURITY, "23:15", "Mon 23:15"),
        (MailClass.ESCALATION, "23:15", "Tue 08:00"),
        (MailClass.ESCALATION, "07:15", "Mon 08:00"),
        (MailClass.ESCALATION, "08:00", "Mon 08:00"),
        (MailClass.DECISION, "23:15", "Tue 07:00"),
        (MailClass.DECISION, "12:00", "Mon 12:00"),
        (MailClass.INFO, "20:00", "Tue 07:00"),
    ],
)
def test_only_security_comes_in_quiet_hours(kind: MailClass, clock: str, leaves: str) -> None:
    assert plan(PromisedLetter("one", kind, local(MONDAY, clock))) == [(leaves, 1, False)]


def test_an_escalation_waits_for_a_working_day() -> None:
    one = PromisedLetter("one", MailClass.ESCALATION, local(HOLIDAY, "09:00"))
    assert plan(one) == [("Fri 08:00", 1, False)]


def test_information_that_is_not_wanted_is_in_no_letter() -> None:
    both = [
        PromisedLetter(kind, kind, local(MONDAY, "09:00")) for kind in (MailClass.INFO, MailClass.DECISION)
    ]
    preferences = MailPreferences(wants_information=False)
    letters = plan_letters(both, preferences=preferences, calendar=calendar())
    assert [each.mail_class for each in letters] == [MailClass.DECISION]


def test_hours_that_cannot_be_kept_are_told() -> None:
    assert MailPreferences().problem() is None
    assert MailPreferences(digest_at=time(6)).problem() is PreferenceProblem.TOO_EARLY
    assert MailPreferences(digest_at=time(20)).problem() is PreferenceProblem.IN_QUIET_HOURS
    assert (
        MailPreferences(digest_at=time(7), quiet_until=time(7, 30)).problem()
        is PreferenceProblem.IN_QUIET_HOURS
    )
    assert MailPreferences(quiet_from=time(8)).problem() is PreferenceProblem.QUIET_BY_DAY
    assert (
        MailPreferences(quiet_until=time(13), digest_at=time(14)).problem() is PreferenceProblem.QUIET_BY_DAY
    )
    assert MailPreferences(quiet_from=time(0), quiet_until=time(0)).problem() is None, "no hour is quiet"


SPAN = 40
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
            )
        )
    return letters


@settings(max_examples=300, deadline=None)
@given(promised(), preferences_of_people, st.sampled_from([HANOI, NEW_YORK]))
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
        assert all(each.at <= letter.leaves_at for each in letter.promises), "none is early"
    _check_one_a_day(letters, preferences, days)


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
        (each for each in promises if each.mail_class is MailClass.TASK), key=lambda each: each.at
    )
    waiting: list[datetime] = []
    one_by_one = []
    for promise in ordered:
        told = {days.local_day(at) for at in waiting if at < promise.at}
        [(_, leaves)] = place(
            [promise],
            preferences=preferences,
            calendar=days,
            told_on=told,
            waiting=[at for at in waiting if at >= promise.at],
        )
        waiting.append(leaves)
        one_by_one.append((promise.key, leaves))
    together = plan_letters(ordered, preferences=preferences, calendar=days)
    assert sorted(one_by_one) == sorted(
        (each.key, letter.leaves_at) for letter in together for each in letter.promises
    )


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
        if letter.mail_class is MailClass.TASK:
            told.add(days.local_day(letter.leaves_at))


def test_the_first_of_ten_minutes_is_ten_minutes() -> None:
    assert timedelta(minutes=10) == GATHERED_FOR
