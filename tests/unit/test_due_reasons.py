"""Why something is due when it is, in one sentence that can be checked by hand against a wall calendar."""

from dataclasses import replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from workflow.domain.time.clocks import resume_clock, start_clock
from workflow.domain.time.days import CalendarDay, overlay
from workflow.domain.time.due import parse_due
from workflow.domain.time.hours import HoursPeriod, OfficeHours
from workflow.domain.time.reasons import CountedStay, DueBasis, DueReason, reason_of, reasons_backwards
from workflow.domain.time.round_dates import propose_dates
from workflow.domain.time.workdays import CalendarName
from workflow.domain.vocabulary import RoundDate
from workflow.store.calendars import build_calendar, load_calendar, overlaid
from workflow.store.shipped_days import shipped_days
from workflow.words.due import due_sentence

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
VN = load_calendar("vn", "Asia/Ho_Chi_Minh")


def came(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HANOI)


def reason(due: str, entered: str, calendar=VN, **dates: date) -> DueReason:
    parsed = parse_due(due)
    entered_at = came(entered)
    clock = start_clock(parsed, calendar, entered_at=entered_at, round_dates=dates)
    assert clock.due_at is not None
    stay = CountedStay(entered_at, clock.started_at, clock.budget_minutes, 0, clock.due_at)
    return reason_of(parsed, calendar, stay, dates)


@pytest.mark.parametrize(
    ("due", "entered", "vi", "en"),
    [
        (
            "5 working_days", "2026-04-28T10:00",
            ("5 ngày làm việc tính từ sau ngày 28/4/2026, "
            "không tính 30/4 đến 1/5 (Ngày Chiến thắng, Ngày Quốc tế Lao động)"),
            ("5 working days after 28 April 2026, "
            "leaving out 30 April to 1 May (Reunification Day, International Labour Day)"),
        ),
        (
            "3 working_days", "2025-12-31T10:00",
            ("3 ngày làm việc tính từ sau ngày 31/12/2025, "
            "không tính 1/1 (Tết Dương lịch) và 2/1 (Nghỉ hoán đổi (làm bù 10/01/2026); "
            "12729/VPCP-KGVX ngày 25/12/2025)"),
            ("3 working days after 31 December 2025, "
            "leaving out 1 January (New Year's Day) and "
            "2 January (Day off in exchange, worked on 10 January 2026; "
            "12729/VPCP-KGVX of 25 December 2025)"),
        ),
        (
            "1 working_days", "2026-01-09T10:00",
            "1 ngày làm việc tính từ sau ngày 9/1/2026, tính cả 10/1 làm bù",
            "1 working day after 9 January 2026, with 10 January worked in place of another day",
        ),
        (
            "10 working_days", "2026-02-09T10:00",
            "10 ngày làm việc tính từ sau ngày 9/2/2026, không tính 16/2 đến 20/2 (Tết Nguyên Đán)",
            "10 working days after 9 February 2026, leaving out 16 February to 20 February (Lunar New Year)",
        ),
        (
            "10 calendar_days", "2026-02-09T10:00",
            "10 ngày (kể cả ngày nghỉ) tính từ sau ngày 9/2/2026",
            "10 days, weekends included, after 9 February 2026",
        ),
        (
            "4 working_hours", "2026-04-29T15:00",
            ("4 giờ làm việc tính từ 15:00 ngày 29/4/2026, "
            "không tính 30/4 đến 1/5 (Ngày Chiến thắng, Ngày Quốc tế Lao động)"),
            ("4 working hours from 15:00 on 29 April 2026, "
            "leaving out 30 April to 1 May (Reunification Day, International Labour Day)"),
        ),
        (
            "1 working_hours", "2026-01-02T10:00",
            ("1 giờ làm việc tính từ 08:00 ngày 5/1/2026, không tính 2/1 (Nghỉ hoán đổi (làm bù 10/01/2026); "
            "12729/VPCP-KGVX ngày 25/12/2025)"),
            ("1 working hour from 08:00 on 5 January 2026, leaving out 2 January "
            "(Day off in exchange, worked on 10 January 2026; 12729/VPCP-KGVX of 25 December 2025)"),
        ),
        (
            "2 working_days", "2027-03-01T10:00",
            "2 ngày làm việc tính từ sau ngày 1/3/2027, lịch nghỉ năm 2027 mới là dự kiến",
            "2 working days after 1 March 2027, the days off of 2027 are still an estimate",
        ),
        (
            "2 working_days", "2028-01-27T10:00",
            ("2 ngày làm việc tính từ sau ngày 27/1/2028, "
            "chưa có lịch nghỉ năm 2028 nên chỉ trừ thứ Bảy, Chủ nhật"),
            ("2 working days after 27 January 2028, "
            "the days off of 2028 are not known, so only weekends are left out"),
        ),
    ],
)  # fmt: skip
def test_a_period_is_told_with_the_days_it_left_out(due, entered, vi, en):
    found = reason(due, entered)
    assert [due_sentence(found, locale) for locale in ("vi", "en")] == [vi, en]


def test_a_date_of_the_round_is_told_and_what_came_after_it():
    day = date(2026, 6, 5)
    assert due_sentence(reason("round.unit_deadline", "2026-06-01T09:00", unit_deadline=day), "vi") == (
        "hạn đơn vị gửi tờ trình của đợt xét"
    )
    late = reason("round.unit_deadline", "2026-06-05T18:00", unit_deadline=day)
    assert (late.basis, late.due_on) == (DueBasis.ARRIVED_AFTER, date(2026, 6, 8))
    assert due_sentence(late, "en") == (
        "arrived on 5 June 2026, after the units' deadline of the round, so it is due on the next working day"
    )
    first = "earlier(round.unit_deadline, 5 working_days)"
    assert reason(first, "2026-06-01T09:00", unit_deadline=day).basis is DueBasis.ROUND_DATE
    assert reason(first, "2026-06-01T09:00", unit_deadline=date(2026, 6, 30)).basis is DueBasis.PERIOD
    assert reason(first, "2026-06-01T09:00").count == 5


def test_what_a_hold_left_is_told_from_the_day_it_went_on():
    due, entered_at, now = parse_due("5 working_days"), came("2026-06-01T09:00"), came("2026-06-15T09:00")
    clock = resume_clock(
        due, VN, entered_at=entered_at, now=now, budget_minutes=2400, consumed_minutes=960, round_dates={}
    )
    stay = CountedStay(entered_at, clock.started_at, clock.budget_minutes, 960, clock.due_at)
    found = reason_of(due, VN, stay, {})
    assert (found.basis, found.count, found.given) == (DueBasis.RESUMED, 3, 5)
    assert due_sentence(found, "vi") == (
        "còn 3 ngày làm việc của thời hạn 5 ngày, tính tiếp từ 15/6/2026 sau khi tạm dừng"
    )


def test_hours_are_told_by_the_clock_with_what_a_hold_left_of_them_and_by_whose_office_hours():
    hours = OfficeHours(time(7), time(15, 30), time(11), time(12))
    summer = HoursPeriod(date(2026, 6, 1), hours, "Mùa hè", "45/QĐ-VKS of 2026")
    calendar = replace(VN, hours=(summer,))
    told = reason("8 working_hours", "2026-06-12T14:30", calendar)
    assert told.due_on == date(2026, 6, 15)
    assert due_sentence(told, "en") == (
        "8 working hours from 14:30 on 12 June 2026, in office hours (07:00-11:00, 12:00-15:30; Mùa hè; "
        "45/QĐ-VKS of 2026)"
    )
    due, entered_at, now = parse_due("8 working_hours"), came("2026-06-12T14:30"), came("2026-06-15T09:00:20")
    for consumed, vi in (
        (90, "còn 7 giờ làm việc của thời hạn 8 giờ, tính tiếp từ 09:00 ngày 15/6/2026 sau khi tạm dừng"),
        (480, "thời hạn 8 giờ làm việc đã hết trước khi tạm dừng, giải quyết tiếp từ 09:00 ngày 15/6/2026"),
    ):
        clock = resume_clock(
            due,
            VN,
            entered_at=entered_at,
            now=now,
            budget_minutes=480,
            consumed_minutes=consumed,
            round_dates={},
        )
        stay = CountedStay(entered_at, clock.started_at, clock.budget_minutes, consumed, clock.due_at)
        assert due_sentence(reason_of(due, VN, stay, {}), "vi") == vi


def test_nothing_is_claimed_of_an_instant_that_counting_does_not_give():
    entered_at = came("2026-06-01T09:00")
    stay = CountedStay(entered_at, None, 2400, 0, came("2026-06-30T17:00"))
    found = reason_of(parse_due("5 working_days"), VN, stay, {})
    assert found == DueReason(DueBasis.UNTOLD, date(2026, 6, 30))
    assert due_sentence(found, "en").startswith("as recorded")


@pytest.mark.parametrize("days", [5, 7])
def test_a_period_that_had_run_out_before_a_hold_has_no_days_left_to_tell_of(days):
    parsed, entered_at, goes_on_at = (
        parse_due("5 working_days"),
        came("2026-06-01T09:00"),
        came("2026-06-15T09:00"),
    )
    clock = resume_clock(
        parsed,
        VN,
        entered_at=entered_at,
        now=goes_on_at,
        budget_minutes=None,
        consumed_minutes=days * 480,
        round_dates={},
    )
    assert clock.due_at is not None
    stay = CountedStay(entered_at, clock.started_at, clock.budget_minutes, days * 480, clock.due_at)
    found = reason_of(parsed, VN, stay, {})
    assert (
        due_sentence(found, "vi") == "thời hạn 5 ngày đã hết trước khi tạm dừng, giải quyết tiếp từ 15/6/2026"
    )
    assert due_sentence(found, "en") == "the 5 days had run out before the hold, going on from 15 June 2026"


def test_a_day_off_of_one_unit_makes_no_year_known():
    closed = [CalendarDay(date(2028, 3, 6), is_off=True, name="Chuyển trụ sở", source="QĐ 12/QĐ-VKS")]
    unit = overlaid(CalendarName.VN, (), "Asia/Ho_Chi_Minh", of_unit=closed)
    assert (unit.first_day, unit.last_day) == (VN.first_day, VN.last_day)
    assert unit.version != VN.version
    assert "chưa có lịch nghỉ năm 2028" in due_sentence(
        reason("5 working_days", "2028-03-01T09:00", unit), "vi"
    )


def test_a_unit_tells_its_own_days_and_what_they_rest_on():
    closed = [
        CalendarDay(date(2026, 6, day), is_off=True, name="Chuyển trụ sở", source="QĐ 12/QĐ-VKS")
        for day in (5, 8)
    ]
    unit = overlaid(CalendarName.VN, closed, "Asia/Ho_Chi_Minh")
    found = reason("5 working_days", "2026-06-01T09:00", unit)
    assert found.due_on == date(2026, 6, 10)
    assert due_sentence(found, "vi") == (
        "5 ngày làm việc tính từ sau ngày 1/6/2026, không tính 5/6 đến 8/6 (Chuyển trụ sở; QĐ 12/QĐ-VKS)"
    )


def test_a_date_counted_back_from_a_later_one_says_so_and_one_that_was_set_says_nothing():
    upper = date(2026, 5, 5)
    dates = propose_dates(
        {RoundDate.UPPER_DEADLINE: upper, RoundDate.APPRAISAL_DEADLINE: date(2026, 4, 1)}, VN
    )
    found = reasons_backwards(dates, VN)
    # The 4th is the working day before; five back from it: 29, 28, 24, 23, 22 April.
    assert (dates[RoundDate.DECISION_DATE], dates[RoundDate.COUNCIL_DATE]) == (
        date(2026, 5, 4),
        date(2026, 4, 22),
    )
    assert (
        due_sentence(found[RoundDate.DECISION_DATE], "vi")
        == "1 ngày làm việc trước hạn gửi cấp trên 5/5/2026"
    )
    assert due_sentence(found[RoundDate.COUNCIL_DATE], "en") == (
        "5 working days before the date of the decision, 4 May 2026, "
        "leaving out 27 April (Hung Kings' Commemoration Day) and "
        "30 April to 1 May (Reunification Day, International Labour Day)"
    )
    assert RoundDate.APPRAISAL_DEADLINE not in found
    assert RoundDate.UPPER_DEADLINE not in found


def test_a_year_that_is_decided_is_no_estimate_any_more():
    decided = [
        CalendarDay(entry.day, entry.is_off, entry.name, "TB 1234/TB-BNV")
        for entry in shipped_days()
        if entry.day.year == 2027
    ]
    calendar = build_calendar(overlay(shipped_days(), decided), "Asia/Ho_Chi_Minh")
    found = reason("8 working_days", "2027-02-01T10:00", calendar)
    assert found.doubts == ()
    assert "4/2 đến 10/2 (29 Tết, Tết Nguyên Đán; TB 1234/TB-BNV)" in due_sentence(found, "vi")
