"""Days that an outside opinion doubles, against a count day by day; whose time it is, what routes say."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.opinions import DOUBLED, OFFICE, doubling
from tests.unit.test_calendar_oracle import walk, works
from workflow.domain.checking.checking import check, load
from workflow.domain.checking.explaining import explained
from workflow.domain.errors import InvalidDefinition
from workflow.domain.facts import Opinion
from workflow.domain.route.courts import StayInStep, turns_of
from workflow.domain.route.diagram import workflow_page
from workflow.domain.route.differences import differences
from workflow.domain.route.schema import definition_schema
from workflow.domain.time.clocks import RunningClock, double_clock, resume_clock, start_clock
from workflow.domain.time.due import doubled, parse_due
from workflow.domain.time.parties import Hold, Party, read_clocks
from workflow.domain.time.periods import TimeUnit
from workflow.domain.time.reasons import CountedStay, DoubledDays, DueBasis, reason_of
from workflow.domain.vocabulary import Stage
from workflow.store.calendars import load_calendar

HOME = ZoneInfo("Asia/Ho_Chi_Minh")
VN = load_calendar("vn", "Asia/Ho_Chi_Minh")
DAYS = st.dates(date(2020, 3, 1), date(2027, 6, 30))
ROUTE = load(doubling(), "x.yaml")


def at(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=HOME)


def held_days(first: date, last: date) -> int:
    """Count the working days from one morning to another."""
    return sum(works(first + timedelta(days=n)) for n in range((last - first).days))


@given(DAYS, st.integers(1, 30), st.integers(0, 20))
def test_working_days_are_doubled_from_the_arrival(entered: date, days: int, later: int) -> None:
    due = parse_due(f"{days} working_days")
    clock = start_clock(due, VN, entered_at=at(entered, 10), round_dates={})
    assert clock.started_at is not None
    assert clock.due_at is not None
    asked_at = min(at(entered, 10) + timedelta(days=later), clock.due_at)
    running = RunningClock(at(entered, 10), clock.started_at, clock.unit, clock.budget_minutes, 0, VN)
    twice, is_given = double_clock(doubled(due), VN, running, due_at=clock.due_at, round_dates={})
    assert not is_given
    assert twice.due_at == at(walk(entered, 2 * days), 17)
    stay = CountedStay(
        at(entered, 10),
        twice.started_at,
        twice.budget_minutes,
        0,
        twice.due_at,
        opinion=Opinion("X", asked_at),
    )
    reason = reason_of(doubled(due), VN, stay, {})
    assert (reason.basis, reason.count) == (DueBasis.PERIOD, 2 * days)
    assert reason.doubled == DoubledDays(days, "X", asked_at.date())


@given(DAYS, st.integers(2, 20), st.integers(1, 15), st.integers(1, 30), st.sampled_from(["before", "after"]))
def test_what_a_hold_took_is_neither_lost_nor_given_twice(
    entered: date, days: int, run: int, held: int, asks: str
) -> None:
    """Hold from one morning to another: what was left of twice the days goes on, asked before or after."""
    due, start = parse_due(f"{days} working_days"), walk(entered, 1)
    stops = walk(start, run % days) if run % days else start
    goes_on = stops + timedelta(days=held)
    consumed = held_days(start, stops) * 480
    unit, came = TimeUnit.WORKING_DAYS, at(entered, 10)

    def gone_on(due_then, budget: int):
        return resume_clock(
            due_then,
            VN,
            entered_at=came,
            now=at(goes_on, 8),
            budget_minutes=budget,
            consumed_minutes=consumed,
            round_dates={},
        )

    if asks == "after":
        clock = gone_on(due, days * 480)
        assert clock.started_at is not None
        assert clock.due_at is not None
        running = RunningClock(came, clock.started_at, unit, clock.budget_minutes, consumed, VN)
        twice, _ = double_clock(doubled(due), VN, running, due_at=clock.due_at, round_dates={})
    else:
        twice = gone_on(doubled(due), 2 * days * 480)
    left = 2 * days - consumed // 480
    eve = max(goes_on, start) - timedelta(days=1)
    assert twice.due_at == at(walk(eve, left), 17)


@given(DAYS, st.integers(1, 30))
def test_days_of_the_calendar_are_doubled_too(entered: date, days: int) -> None:
    due = parse_due(f"{days} calendar_days")
    clock = start_clock(doubled(due), VN, entered_at=at(entered, 10), round_dates={})
    assert clock.due_at == at(entered + timedelta(days=2 * days), 17)


@pytest.mark.parametrize(
    ("due", "twice"),
    [
        ("earlier(round.unit_deadline, 5 working_days)", "earlier(round.unit_deadline, 10 working_days)"),
        ("round.unit_deadline", "round.unit_deadline"),
    ],
)
def test_a_date_of_the_round_is_not_doubled(due: str, twice: str) -> None:
    assert str(doubled(parse_due(due))) == twice


def spent(opinion: Opinion | None, holds: list[Hold]) -> dict[Party | None, int]:
    stays = [
        StayInStep("draft", Stage.DRAFT, None, at(date(2026, 3, 2), 8)),
        StayInStep("unit_review", Stage.UNIT_REVIEW, "draft", at(date(2026, 3, 3), 8), opinion=opinion),
        StayInStep("council", Stage.COUNCIL, "unit_review", at(date(2026, 3, 12), 8)),
    ]
    clocks = read_clocks(turns_of(ROUTE, stays), holds, VN, ended_at=None, now=at(date(2026, 3, 13), 8))
    assert clocks.gross.working_minutes == sum(one.since.working_minutes for one in clocks.shares)
    return {one.party: one.since.working_minutes // 480 for one in clocks.shares if one.since.working_minutes}


def test_the_time_until_the_answer_is_the_outside_offices() -> None:
    asked, came = at(date(2026, 3, 4), 8), at(date(2026, 3, 10), 8)
    assert spent(None, []) == {Party.UNIT: 7, Party.COUNCIL: 1}
    assert spent(Opinion(OFFICE, asked, came), []) == {Party.UNIT: 3, Party.OUTSIDE: 4, Party.COUNCIL: 1}
    assert spent(Opinion(OFFICE, asked), []) == {Party.UNIT: 1, Party.OUTSIDE: 6, Party.COUNCIL: 1}
    held = [Hold(at(date(2026, 3, 5), 8), at(date(2026, 3, 6), 8))]
    assert spent(Opinion(OFFICE, asked, came), held) == {
        Party.UNIT: 3, Party.OUTSIDE: 3, Party.COUNCIL: 1, None: 1,
    }  # fmt: skip
    late = Opinion(OFFICE, at(date(2026, 3, 12), 17))
    assert spent(late, []) == {Party.UNIT: 7, Party.COUNCIL: 1}, "the stay had ended before, on paper"


def test_a_running_clock_says_whose_time_it_is() -> None:
    stays = [
        StayInStep("draft", Stage.DRAFT, None, at(date(2026, 3, 2), 8)),
        StayInStep(
            "unit_review", Stage.UNIT_REVIEW, "draft", at(date(2026, 3, 3), 8),
            opinion=Opinion(OFFICE, at(date(2026, 3, 4), 17)),
        ),
    ]  # fmt: skip
    clocks = read_clocks(turns_of(ROUTE, stays), [], VN, ended_at=None, now=at(date(2026, 3, 9), 8))
    assert (clocks.party, clocks.since_on) == (Party.OUTSIDE, date(2026, 3, 4))


def test_the_file_its_picture_and_its_schema_know_the_word() -> None:
    assert "doubled_when: outside_opinion" in explained(doubling(), "x.yaml")
    assert "5 working_days (doubled when: outside_opinion)" in workflow_page([ROUTE])
    assert "doubled_when" in definition_schema()["$defs"]["Step"]["properties"]
    plain = load(doubling().replace(DOUBLED, ""), "x.yaml")
    assert [(one.kind, one.name, one.was, one.now) for one in differences(plain, ROUTE, {})] == [
        ("doubled", "unit_review", "", "outside_opinion")
    ]
    assert "doubled_when" not in str(plain.content()), "what a route does not say changes no hash"
    assert type(ROUTE).from_content(ROUTE.content()) == ROUTE


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        (
            "due: 5 working_days\n" + DOUBLED,
            "due: round.unit_deadline\n" + DOUBLED,
            "step 'unit_review' doubles its time, but has no period that could be doubled",
        ),
        (
            "    owner: nominator@subject.unit\n    # What",
            "    owner: nominator@subject.unit\n    due: 5 working_days\n" + DOUBLED + "    # What",
            "step 'draft' doubles its time, but only a review step asks an outside office",
        ),
        ("outside_opinion", "inside_opinion", "'inside_opinion'"),
    ],
)
def test_check_names_what_cannot_be_doubled(was: str, becomes: str, says: str) -> None:
    text = doubling()
    assert was in text
    with pytest.raises(InvalidDefinition) as refused:
        load(text.replace(was, becomes, 1), "x.yaml")
    assert says in str(refused.value.errors)


def test_a_ladder_must_be_in_order_for_twice_the_days_too() -> None:
    """Three days before the end comes before half of five days, and after half of ten."""
    rungs = ("- {at: -3 working_days, do: remind, to: holder}", "- {at: 50 percent, do: remind, to: holder}")
    ladder = "    ladder:\n" + "".join(f"      {rung}\n" for rung in rungs)
    text = doubling()
    place = text.index(DOUBLED) + len(DOUBLED)
    end = text.index("\n  - name: cluster_review")
    mixed = text[:place] + ladder + text[end:]
    assert check(mixed.replace(DOUBLED, ""), "x.yaml") == []
    [problem] = check(mixed, "x.yaml")
    assert "when its time is doubled" in problem.message
    assert mixed.splitlines()[problem.line - 1].strip() == rungs[1]
