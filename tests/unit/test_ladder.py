"""Reminders and escalations are promised for the right mornings."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from workflow.domain.time.ladder import LadderRung, Offset, OffsetKind, plan_rungs, rungs_out_of_order
from workflow.domain.time.workdays import Budget, TimeUnit, clock_start, due_after, due_at
from workflow.domain.vocabulary import Recipient, RungKind
from workflow.store.calendars import load_calendar

VN = load_calendar("vn", "Asia/Ho_Chi_Minh")
FIVE_DAYS = Budget.parse("5 working_days")
STANDARD = ("-2 working_days", "due", "+1 working_days", "+3 working_days")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))


def ladder(*places: str) -> list[LadderRung]:
    return [LadderRung(Offset.parse(place), RungKind.REMIND, Recipient.HOLDER) for place in places]


def mornings(places: tuple[str, ...], entered: str, budget: Budget = FIVE_DAYS) -> dict[int, str]:
    planned = plan_rungs(
        ladder(*places),
        entered_at=at(entered),
        clock_started_at=clock_start(at(entered), VN, budget.unit),
        due_at=due_at(at(entered), budget, VN),
        budget_minutes=budget.minutes,
        unit=budget.unit,
        calendar=VN,
    )
    return {rung.ordinal: f"{rung.fire_at:%Y-%m-%dT%H:%M}" for rung in planned}


def test_reminders_fire_at_seven_on_working_days_around_the_due_day():
    assert mornings(STANDARD, "2026-06-04T10:00") == {
        1: "2026-06-09T07:00",
        2: "2026-06-11T07:00",
        3: "2026-06-12T07:00",
        4: "2026-06-16T07:00",
    }


def test_an_escalation_fires_an_hour_after_the_reminders_of_its_day_and_is_in_order_before_them():
    both = [
        LadderRung(Offset.parse("due"), RungKind.ESCALATE, Recipient.HEAD),
        LadderRung(Offset.parse("due"), RungKind.REMIND, Recipient.HOLDER),
    ]
    entered = at("2026-06-04T10:00")
    planned = plan_rungs(
        both,
        entered_at=entered,
        clock_started_at=clock_start(entered, VN, FIVE_DAYS.unit),
        due_at=due_at(entered, FIVE_DAYS, VN),
        budget_minutes=FIVE_DAYS.minutes,
        unit=FIVE_DAYS.unit,
        calendar=VN,
    )
    assert [rung.fire_at for rung in planned] == [at("2026-06-11T08:00"), at("2026-06-11T07:00")]
    assert rungs_out_of_order(both, FIVE_DAYS) == ()


def test_rungs_step_over_tet():
    assert mornings(STANDARD, "2026-02-05T10:00") == {
        1: "2026-02-10T07:00",
        2: "2026-02-12T07:00",
        3: "2026-02-13T07:00",
        4: "2026-02-24T07:00",
    }


def test_a_rung_before_the_work_arrived_is_not_planned_and_the_others_keep_their_number():
    assert mornings(STANDARD, "2026-06-04T10:00", Budget.parse("1 working_days")) == {
        2: "2026-06-05T07:00",
        3: "2026-06-08T07:00",
        4: "2026-06-10T07:00",
    }


def test_calendar_days_and_percentages_have_their_mornings_too():
    assert mornings(("50 percent", "+2 calendar_days"), "2026-06-04T10:00") == {
        1: "2026-06-09T07:00",
        2: "2026-06-13T07:00",
    }


def test_after_a_hold_a_percentage_is_still_one_of_the_whole_budget():
    started, held, released = at("2026-06-05T08:00"), at("2026-06-08T17:00"), at("2026-06-22T08:00")
    consumed = VN.minutes_between(started, held, TimeUnit.WORKING_DAYS)
    planned = plan_rungs(
        ladder("80 percent", "due"),
        entered_at=at("2026-06-04T10:00"),
        clock_started_at=released,
        due_at=due_after(released, FIVE_DAYS.minutes - consumed, FIVE_DAYS.unit, VN),
        budget_minutes=FIVE_DAYS.minutes,
        unit=FIVE_DAYS.unit,
        calendar=VN,
        consumed_minutes=consumed,
    )
    assert [rung.fire_at for rung in planned] == [at("2026-06-23T07:00"), at("2026-06-24T07:00")]


@pytest.mark.parametrize(
    "text", ["due", "-2 working_days", "+1 working_days", "+2 calendar_days", "50 percent", "100 percent"]
)
def test_a_place_is_spelled_as_it_is_read(text):
    assert str(Offset.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2 working_days",
        "+0 working_days",
        "+ working_days",
        "+1 days",
        "-50 percent",
        "0 percent",
        "2000 percent",
        "+1.5 working_days",
        "due tomorrow",
        "+1 working_days late",
    ],
)
def test_a_place_that_says_nothing_clear_is_refused_with_what_was_expected(text):
    with pytest.raises(ValueError, match="working_days"):
        Offset.parse(text)


def test_a_place_at_the_due_day_is_not_a_place_of_zero_days():
    assert Offset.parse("due").kind is OffsetKind.DUE


@pytest.mark.parametrize(
    ("places", "wrong"),
    [
        (STANDARD, ()),
        (("due", "-2 working_days", "+1 working_days"), (2,)),
        (("+3 working_days", "+1 working_days", "due"), (2, 3)),
        (("50 percent", "due", "+2 calendar_days", "+2 working_days"), ()),
        (("due", "50 percent"), (2,)),
        (("due", "due"), ()),
    ],
)
def test_rungs_out_of_order_are_named_by_their_number(places, wrong):
    assert rungs_out_of_order(ladder(*places), FIVE_DAYS) == wrong
