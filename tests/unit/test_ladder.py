"""Reminders and escalations are promised for the right mornings."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from workflow.domain.time.counting import clock_start, due_after, due_at
from workflow.domain.time.ladder import (
    LadderRung,
    Offset,
    OffsetKind,
    plan_rungs,
    reminders_replaced,
    rungs_out_of_order,
)
from workflow.domain.time.periods import Budget, TimeUnit
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
        1: "2026-06-09T08:00",
        2: "2026-06-11T08:00",
        3: "2026-06-12T08:00",
        4: "2026-06-16T08:00",
    }


def test_an_escalation_of_a_day_stands_in_order_before_its_reminder_and_is_told_the_day_before():
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
    assert [rung.fire_at for rung in planned] == [at("2026-06-10T08:00"), at("2026-06-11T08:00")]
    assert rungs_out_of_order(both, FIVE_DAYS) == ()


def test_rungs_step_over_tet():
    assert mornings(STANDARD, "2026-02-05T10:00") == {
        1: "2026-02-10T08:00",
        2: "2026-02-12T08:00",
        3: "2026-02-13T08:00",
        4: "2026-02-24T08:00",
    }


def test_a_rung_before_the_work_arrived_is_not_planned_and_the_others_keep_their_number():
    assert mornings(STANDARD, "2026-06-04T10:00", Budget.parse("1 working_days")) == {
        2: "2026-06-05T08:00",
        3: "2026-06-08T08:00",
        4: "2026-06-10T08:00",
    }


def test_calendar_days_and_percentages_have_their_mornings_too():
    assert mornings(("50 percent", "+2 calendar_days"), "2026-06-04T10:00") == {
        1: "2026-06-09T08:00",
        2: "2026-06-13T08:00",
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
    assert [rung.fire_at for rung in planned] == [at("2026-06-23T08:00"), at("2026-06-24T08:00")]


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
        "-2 working_hours",
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


def promised(*rungs: str, entered: str = "2026-06-04T10:00", budget: Budget = FIVE_DAYS) -> list[str]:
    """Say what a ladder of `offset verb recipient`, with a `!` where nobody is warned, promises."""
    steps = []
    for one in rungs:
        place, do, to = one.removesuffix("!").rsplit(" ", 2)
        warns = not one.endswith("!")
        steps.append(LadderRung(Offset.parse(place), RungKind(do), Recipient(to), warns))
    planned = plan_rungs(
        steps,
        entered_at=at(entered),
        clock_started_at=clock_start(at(entered), VN, budget.unit),
        due_at=due_at(at(entered), budget, VN),
        budget_minutes=budget.minutes,
        unit=budget.unit,
        calendar=VN,
    )
    return [
        f"{rung.fire_at:%d/%m} {rung.ordinal} {rung.do} {rung.to}{' warns' if rung.warns else ''}"
        for rung in planned
    ]


def test_an_escalation_is_told_before_by_the_reminder_of_that_morning_or_by_one_of_its_own():
    # Due on Thursday the 11th; a weekend lies before the second escalation.
    assert promised(
        "-2 working_days remind holder",
        "due remind holder",
        "+1 working_days escalate head",
        "+3 working_days escalate next_level",
    ) == [
        "09/06 1 remind holder",
        "11/06 2 remind holder warns",
        "12/06 3 escalate head warns",
        "15/06 4 remind holder warns",
        "16/06 4 escalate next_level warns",
    ]


def test_who_switches_the_warning_off_gets_none():
    assert promised(
        "due remind holder", "+1 working_days escalate head!", "+5 working_days escalate head!"
    ) == [
        "11/06 1 remind holder",
        "12/06 2 escalate head",
        "18/06 3 escalate head",
    ]


def test_escalations_on_mornings_that_follow_each_other_are_told_before_the_first():
    assert promised(
        "+1 working_days escalate head",
        "+2 working_days escalate next_level",
        "+4 working_days escalate head",
    ) == [
        "11/06 1 remind holder warns",
        "12/06 1 escalate head warns",
        "15/06 2 escalate next_level warns",
        "16/06 3 remind holder warns",
        "17/06 3 escalate head warns",
    ]


def test_a_reminder_of_that_morning_to_somebody_else_gives_way_to_the_warning():
    assert promised("due remind head", "+1 working_days escalate next_level") == [
        "11/06 2 remind holder warns",
        "12/06 2 escalate next_level warns",
    ]


def test_two_on_one_day_fold_into_the_stronger_whatever_their_order_in_the_ladder():
    assert promised("-1 working_days remind holder", "80 percent remind group", "due remind holder") == [
        "10/06 2 remind group",
        "11/06 3 remind holder",
    ]
    assert promised("due escalate head", "due remind holder", "due escalate next_level") == [
        "10/06 3 remind holder warns",
        "11/06 3 escalate next_level warns",
    ]


def test_no_warning_is_promised_for_a_morning_before_the_work_came():
    one_day = Budget.parse("1 working_days")
    assert promised("due escalate head", entered="2026-06-04T10:00", budget=one_day) == [
        "05/06 1 escalate head warns"
    ]


@pytest.mark.parametrize(
    ("to", "at_", "warns", "replaced"),
    [
        (Recipient.HEAD, "due", True, (1,)),
        (Recipient.HEAD, "due", False, ()),
        (Recipient.GROUP, "due", True, ()),
        (Recipient.HEAD, "-1 working_days", True, ()),
    ],
)
def test_a_reminder_that_gives_way_to_a_warning_is_named(to, at_, warns, replaced):
    rungs = [
        LadderRung(Offset.parse(at_), RungKind.REMIND, to),
        LadderRung(Offset.parse("+1 working_days"), RungKind.ESCALATE, Recipient.NEXT_LEVEL, warns),
    ]
    assert reminders_replaced(rungs, FIVE_DAYS) == replaced
    percent = LadderRung(Offset.parse("50 percent"), RungKind.REMIND, Recipient.HOLDER)
    assert reminders_replaced([percent, *rungs], None) == tuple(ordinal + 1 for ordinal in replaced)
