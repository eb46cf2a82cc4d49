"""A step may be due by a date of its round, by a budget, or by the earlier of the two."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.support.definitions import text_of
from workflow.domain.checking.checking import check, load
from workflow.domain.route.definition import Definition, Step
from workflow.domain.time.clocks import resume_clock, start_clock
from workflow.domain.time.due import Due, parse_due
from workflow.domain.time.ladder import Offset, rungs_out_of_order
from workflow.domain.time.periods import Budget, TimeUnit
from workflow.domain.vocabulary import RoundDate
from workflow.store.calendars import load_calendar

VN = load_calendar("vn", "Asia/Ho_Chi_Minh")
MONDAY = datetime(2026, 6, 1, 9, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
REVIEWER = "    owner: unit_reviewer@subject.unit\n"
OF_REVIEW = f"{REVIEWER}    due: 5 working_days"
FIXED, EARLIER = "round.unit_deadline", "earlier(round.unit_deadline, 5 working_days)"


def step_due(due: str) -> Step:
    fields = {"name": "review", "stage": "unit_review", "label": {"vi": "x", "en": "x"}, "due": due}
    return Step.model_validate(fields)


def due_on(due: str, *, entered: datetime = MONDAY, **dates: date) -> str | None:
    clock = start_clock(step_due(due).due, VN, entered_at=entered, round_dates=dates)
    return f"{clock.due_at:%m-%d %H:%M}" if clock.due_at else None


@pytest.mark.parametrize(
    "text", [FIXED, EARLIER, "earlier(round.council_date, 10 calendar_days)", "5 working_days"]
)
def test_a_due_is_spelt_as_it_is_read(text):
    assert str(parse_due(text)) == text
    definition = load(
        text_of("standard").replace(OF_REVIEW, f"{REVIEWER}    due: {text}", 1), "standard.yaml"
    )
    assert Definition.from_content(definition.content()) == definition
    assert definition.step("unit_review").due == parse_due(text)


def test_the_hash_of_a_definition_with_budgets_alone_is_what_it_was():
    published = "5d128de07562225dd937313f4f1492f41493deb953c3de53f43e6ceaa2b7e979"
    text = text_of("standard")
    # New in its second version: a draft that was returned has a day of its own; in its third: whose holidays.
    first = text.replace("version: 3", "version: 1", 1).replace("calendar: local", "calendar: vn", 1)
    begins, ends = first.index("    returned:"), first.index("  - name: unit_review")
    assert load(first[:begins] + first[ends:], "standard.yaml").content_hash == published


def test_blanks_inside_earlier_do_not_matter():
    expected = Due(RoundDate.UNIT_DEADLINE, Budget(5, TimeUnit.WORKING_DAYS))
    assert parse_due(" earlier( round.unit_deadline ,5 working_days ) ") == expected


@pytest.mark.parametrize(
    ("due", "deadline", "expected"),
    [
        (FIXED, date(2026, 6, 20), "06-20 17:00"),
        (EARLIER, date(2026, 6, 20), "06-08 17:00"),
        (EARLIER, date(2026, 6, 3), "06-03 17:00"),
        (FIXED, date(2026, 6, 1), "06-01 17:00"),
        (FIXED, date(2026, 5, 29), "06-02 17:00"),
        (EARLIER, date(2026, 5, 29), "06-02 17:00"),
    ],
    ids=[
        "fixed",
        "budget is earlier",
        "date is earlier",
        "on the day",
        "came late",
        "came late with a budget",
    ],
)
def test_work_is_due_at_the_close_of_the_day_that_counts(due, deadline, expected):
    assert due_on(due, unit_deadline=deadline) == expected


def test_without_the_date_only_the_budget_counts():
    assert due_on(FIXED) is None
    assert due_on(EARLIER, council_date=date(2026, 6, 2)) == "06-08 17:00"


def test_what_arrives_in_the_evening_of_the_date_has_the_next_working_day():
    friday_evening = datetime(2026, 6, 5, 18, tzinfo=MONDAY.tzinfo)
    assert due_on(FIXED, entered=friday_evening, unit_deadline=date(2026, 6, 5)) == "06-08 17:00"


def resumed(due: str, *, consumed: int = 960, **dates: date) -> str | None:
    clock = resume_clock(
        step_due(due).due,
        VN,
        entered_at=MONDAY,
        now=datetime(2026, 6, 15, 9, tzinfo=MONDAY.tzinfo),
        budget_minutes=None,
        consumed_minutes=consumed,
        round_dates=dates,
    )
    return f"{clock.due_at:%m-%d}" if clock.due_at else None


def test_a_hold_moves_the_end_of_a_budget_and_never_a_date_of_the_round():
    assert resumed("5 working_days") == "06-18"
    assert resumed(EARLIER, unit_deadline=date(2026, 6, 30)) == "06-18"
    assert resumed(EARLIER, unit_deadline=date(2026, 6, 16)) == "06-16"
    assert resumed(FIXED, unit_deadline=date(2026, 6, 10)) == "06-10"
    assert resumed(FIXED) is None


def test_rungs_of_a_fixed_date_are_ordered_by_their_days_and_percentages_are_left_aside():
    rungs = load(text_of("standard"), "standard.yaml").step("unit_review").ladder
    percent = type(rungs[0])(Offset.parse("50 percent"), rungs[0].do, rungs[0].to)
    assert rungs_out_of_order([rungs[0], percent, *rungs[1:]], None) == ()
    assert rungs_out_of_order([rungs[1], percent, rungs[0]], None) == (3,)


def test_rungs_of_a_fixed_date_out_of_order_are_told_with_their_line():
    text = text_of("standard").replace(OF_REVIEW, f"{REVIEWER}    due: {FIXED}", 1)
    assert check(text, "x.yaml") == []
    [problem] = check(text.replace("{at: -2 working_days,", "{at: +2 working_days,", 1), "x.yaml")
    assert "rungs are out of order" in problem.message
