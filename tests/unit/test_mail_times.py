"""When letters leave: no promise is lost or told twice, one mail about work a day, nothing in quiet hours."""

from datetime import date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest

from tests.support.mornings import plan_letters
from workflow.domain.mails.classes import MAIL_CLASSES
from workflow.domain.mails.preferences import MailPreferences, Pace, PreferenceProblem
from workflow.domain.mails.times import (
    GATHERED_FOR,
    PromisedLetter,
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


def reminder(work: object = None) -> PromisedLetter:
    key = next(_keys)
    return PromisedLetter(key, MailClass.TASK, local(MONDAY, "08:00"), work=work or key, is_reminder=True)


@pytest.mark.parametrize(
    ("preferences", "leaves"),
    [
        (MailPreferences(), "Mon 07:30"),
        (MailPreferences(digest_at=time(7, 15)), "Mon 07:15"),
        (MailPreferences(digest_at=time(9)), "Mon 09:00"),
        (MailPreferences(pace=Pace.AT_ONCE), "Mon 08:00"),
    ],
)
def test_a_reminder_of_eight_is_told_in_the_letter_of_its_day_and_by_itself_at_eight(
    preferences: MailPreferences, leaves: str
) -> None:
    assert plan(reminder(), preferences=preferences) == [(leaves, 1, False)]


def test_a_reminder_joins_what_waits_since_friday_for_the_letter_before_its_instant() -> None:
    evening = local(MONDAY - timedelta(days=3), "19:55")
    assert plan(reminder(), task(evening), reminder()) == [("Mon 07:30", 3, True)]


def held(at: str, minutes: int, mail_class: MailClass = MailClass.TASK) -> PromisedLetter:
    """Return what may be undone for so many minutes."""
    key, promised_at = next(_keys), local(MONDAY, at)
    free_at = promised_at + timedelta(minutes=minutes)
    return PromisedLetter(key, mail_class, promised_at, work=key, held_until=free_at)


@pytest.mark.parametrize(
    ("at", "minutes", "leaves"),
    [
        ("09:00", 10, "Mon 09:10"),  # the ten minutes in which letters gather are those of undoing
        ("09:00", 5, "Mon 09:10"),
        ("09:00", 25, "Mon 09:25"),
        ("07:15", 10, "Mon 07:30"),
        ("07:25", 10, "Mon 07:35"),  # never in a letter that leaves before it is sure
        ("19:55", 10, "Tue 07:30"),
        ("23:55", 10, "Tue 07:30"),
    ],
)
def test_what_may_be_undone_is_in_no_letter_before_that_is_over(at: str, minutes: int, leaves: str) -> None:
    assert plan(held(at, minutes)) == [(leaves, 1, False)]


def test_a_letter_that_leaves_meanwhile_is_not_joined_by_what_may_still_be_undone() -> None:
    assert plan(held("09:00", 10), held("09:05", 10)) == [("Mon 09:10", 1, False), ("Tue 07:30", 1, False)]


def test_what_gets_free_while_another_letter_gathers_joins_it() -> None:
    assert plan(held("09:00", 10), task(local(MONDAY, "09:05")), held("09:04", 10)) == [
        ("Mon 09:15", 3, True)
    ]


def test_each_class_waits_until_it_cannot_be_undone_but_for_security() -> None:
    at_once = MailPreferences(pace=Pace.AT_ONCE)
    waits = {one: plan(held("09:00", 10, one), preferences=at_once)[0][0] for one in MailClass}
    assert waits == {one: "Mon 09:00" if one is MailClass.SECURITY else "Mon 09:10" for one in MailClass}


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
        MailPreferences(digest_at=time(7, 20), quiet_until=time(7, 30)).problem()
        is PreferenceProblem.IN_QUIET_HOURS
    )
    assert MailPreferences(quiet_from=time(8)).problem() is PreferenceProblem.QUIET_BY_DAY
    assert (
        MailPreferences(quiet_until=time(13), digest_at=time(14)).problem() is PreferenceProblem.QUIET_BY_DAY
    )
    assert MailPreferences(quiet_from=time(0), quiet_until=time(0)).problem() is None, "no hour is quiet"


def test_the_first_of_ten_minutes_is_ten_minutes() -> None:
    assert timedelta(minutes=10) == GATHERED_FOR
