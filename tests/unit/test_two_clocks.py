"""Net time for each party and gross time: against a walk through every half hour, and what is said of it."""

import csv
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from importlib import resources
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.definitions import shipped
from tests.support.two_clocks import HALF, HOLD, RELEASE, Entry, count
from workflow.domain.checking.checking import check, load
from workflow.domain.route.courts import StayInStep, turns_of
from workflow.domain.route.definition import Definition
from workflow.domain.time.days import CalendarDay
from workflow.domain.time.parties import (
    Clocks,
    ClockState,
    Elapsed,
    Hold,
    Party,
    PartyTurn,
    Pause,
    read_clocks,
)
from workflow.domain.time.workdays import Calendar, CalendarName
from workflow.domain.vocabulary import Ending, Stage
from workflow.store.calendars import overlaid
from workflow.words.clocks import clock_sentence

HOME = ZoneInfo("Asia/Ho_Chi_Minh")
WITH_OPINION = """
key: with_opinion
version: 1
title: {vi: "Có lấy ý kiến", en: "With an opinion"}
calendar: vn
initial: draft
defaults: {due: 5 working_days}
steps:
  - {name: draft, stage: draft, label: {vi: a, en: a}, owner: nominator@subject.unit}
  - {name: unit_review, stage: unit_review, label: {vi: b, en: b}, owner: unit_reviewer@subject.unit}
  - {name: council, stage: council, label: {vi: c, en: c}, owner: council_secretary@council}
  - {name: opinion, stage: council, party: outside, label: {vi: d, en: d}, owner: head@round}
  - {name: answer, stage: council, label: {vi: e, en: e}, owner: nominator@subject.unit}
  - {name: approved, stage: approved, final: true, label: {vi: f, en: f}}
moves:
  - {name: submit, from: draft, to: unit_review, by: owner, label: {vi: m, en: m}, guards: [dossier_complete]}
  - {name: approve, from: unit_review, to: council, by: owner, label: {vi: m, en: m}}
  - {name: consult, from: council, to: opinion, by: owner, label: {vi: m, en: m}}
  - {name: give, from: opinion, to: council, by: owner, label: {vi: m, en: m}}
  - {name: ask, from: council, to: answer, by: owner, label: {vi: m, en: m}}
  - {name: reply, from: answer, to: council, by: owner, label: {vi: m, en: m}}
  - {name: return, from: [unit_review, council], to: [draft, unit_review], by: owner, label: {vi: m, en: m}}
  - {name: approve, from: council, to: approved, by: owner, label: {vi: m, en: m}}
"""
ROUTE = load(WITH_OPINION, "with_opinion.yaml")
WAYS = {
    "draft": ("unit_review",),
    "unit_review": ("council", "draft"),
    "council": ("opinion", "answer", "unit_review", "draft", "approved"),
    "opinion": ("council",),
    "answer": ("council",),
}
PARTIES = {
    "draft": "nominator",
    "unit_review": "unit",
    "council": "council",
    "opinion": "outside",
    "answer": "nominator",
}
STAGES = {"draft": Stage.DRAFT, "unit_review": Stage.UNIT_REVIEW}
# Over Tết, over the days of April that are worked in place of others, over a new year.
BEGINNINGS = st.sampled_from([date(2026, 2, 9), date(2026, 4, 20), date(2026, 12, 21), date(2025, 12, 29)])
CHANGES = st.dictionaries(st.integers(0, 60), st.booleans(), max_size=6)
STRIDES = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 40)), max_size=9)


def work_days() -> dict[date, bool]:
    """Read the list that ships as a clerk would: which days are named, and which of these are worked."""
    text = (resources.files("workflow") / "definitions" / "calendar_vn.csv").read_text(encoding="utf-8")
    return {
        date.fromisoformat(row["date"]): row["kind"] == "work" for row in csv.DictReader(text.splitlines())
    }


NAMED = work_days()


def worked(day: date, changed: dict[date, bool]) -> bool:
    """Look a day up: in what was changed, in the list that ships, else by its weekday."""
    return changed.get(day, NAMED.get(day, day.strftime("%a") not in {"Sat", "Sun"}))


def diary_of(begins: date, strides: Sequence[tuple[int, int]]) -> list[Entry]:
    """Let people do something possible after each pause, so many half hours long."""
    at = datetime.combine(begins, time(8, 30))
    diary, step, is_held = [Entry(at, "draft")], "draft", False
    for pause, choice in strides:
        at += pause * HALF
        ways = (RELEASE,) if is_held else (*WAYS[step], HOLD)
        what = ways[choice % len(ways)]
        diary.append(Entry(at, what))
        is_held = what == HOLD
        if what == "approved":
            break
        step = step if what in {HOLD, RELEASE} else what
    return diary


def told(diary: Sequence[Entry], calendar: Calendar, now: datetime) -> Clocks:
    """Ask the product, of the same diary as its stays and holds."""
    moves = [entry for entry in diary if entry.what not in {HOLD, RELEASE}]
    ended_at = moves[-1].at if moves[-1].what == "approved" else None
    stays = [
        StayInStep(
            one.what,
            STAGES.get(one.what, Stage.COUNCIL),
            before.what if before else None,
            one.at.replace(tzinfo=HOME),
        )
        for before, one in zip([None, *moves], moves, strict=False)
        if one.what != "approved"
    ]
    holds: list[Hold] = []
    for entry in diary:
        if entry.what == HOLD:
            holds.append(Hold(entry.at.replace(tzinfo=HOME)))
        elif entry.what == RELEASE:
            holds[-1] = Hold(holds[-1].since, entry.at.replace(tzinfo=HOME))
    return read_clocks(
        turns_of(ROUTE, stays),
        holds,
        calendar,
        ended_at=ended_at and ended_at.replace(tzinfo=HOME),
        now=now.replace(tzinfo=HOME),
    )


@given(BEGINNINGS, STRIDES, st.integers(0, 300), CHANGES)
def test_the_clocks_are_the_half_hours_counted_one_by_one(
    begins: date, strides: list[tuple[int, int]], rest: int, changes: dict[int, bool]
) -> None:
    days = [CalendarDay(begins + timedelta(n), is_off, "", "") for n, is_off in sorted(changes.items())]
    diary = diary_of(begins, strides)
    now = diary[-1].at + rest * HALF
    end = diary[-1].at if diary[-1].what == "approved" else now
    complete_at = next((entry.at for entry in diary if entry.what == "unit_review"), None)
    # By the calendar that ships and by one that was changed since.
    for above in ([], days):
        calendar = overlaid(CalendarName.VN, above, str(HOME))
        changed = {one.day: not one.is_off for one in above}
        clocks = told(diary, calendar, now)
        found = count(diary, PARTIES, end, partial(worked, changed=changed), complete_at=complete_at)
        shares = {
            (one.party, counts): spent
            for one in clocks.shares
            for counts, spent in ((False, one.before), (True, one.since))
            if spent != Elapsed()
        }
        assert shares == {
            (party and Party(party), counts): Elapsed(
                found.minutes.get((party, counts), 0), found.nights.get((party, counts), 0)
            )
            for party, counts in found.minutes.keys() | found.nights.keys()
        }
        whole = sum(minutes for (_, counts), minutes in found.minutes.items() if counts)
        paused = sum(found.minutes.get((who, True), 0) for who in (None, "nominator"))
        assert (clocks.gross.working_minutes, clocks.net.working_minutes) == (whole, whole - paused)
        assert sum(one.since.working_minutes for one in clocks.shares) == clocks.gross.working_minutes


@given(st.lists(st.integers(1, 400_000), min_size=2, max_size=8), st.lists(st.integers(0, 1), min_size=8))
def test_no_second_is_lost_between_two_parts(seconds: list[int], whose: list[int]) -> None:
    """Of turns that begin in the middle of a minute the parts still add up to the whole."""
    at, turns = datetime(2026, 3, 2, 8, 0, 7, tzinfo=HOME), []
    for length, party in zip(seconds, whose, strict=False):
        turns.append(PartyTurn([Party.UNIT, Party.COUNCIL][party], at, completes=True))
        at += timedelta(seconds=length)
    calendar = overlaid(CalendarName.VN, (), str(HOME))
    clocks = read_clocks(turns, (), calendar, ended_at=at, now=at)
    alone = read_clocks(turns[:1], (), calendar, ended_at=at, now=at)
    assert clocks.gross == alone.gross


def stays_at(*steps: str, ended: Ending | None = None) -> list[StayInStep]:
    """Return stays of one day each from Monday on; the last but one `ended` so."""
    at = datetime(2026, 3, 2, 9, tzinfo=HOME)
    return [
        StayInStep(
            step,
            STAGES.get(step, Stage.COUNCIL),
            steps[n - 1] if n else None,
            at + timedelta(days=n),
            ended if n == len(steps) - 2 else Ending.MOVED,
        )
        for n, step in enumerate(steps)
    ]


SAID = [
    (("draft",), None, ClockState.NOT_STARTED, "Chưa bắt đầu", "has not begun"),
    (("draft", "unit_review"), None, ClockState.RUNNING, "của đơn vị từ ngày 3/3/2026", "the unit has been"),
    (
        ("draft", "unit_review", "council", "opinion"),
        None,
        ClockState.RUNNING,
        "cơ quan được lấy ý kiến từ ngày 5/3/2026",
        "the outside office has been running since 5 March 2026",
    ),
    (("draft", "unit_review", "draft"), Pause.RETURNED, ClockState.PAUSED, "trả lại", "sent again"),
    (("draft", "unit_review", "council", "answer"), Pause.ASKED, ClockState.PAUSED, "có trả lời", "answered"),
]


@pytest.mark.parametrize(("steps", "pause", "state", "vi", "en"), SAID)
def test_it_says_for_whom_it_runs_or_why_it_stands(
    steps: tuple[str, ...], pause: Pause | None, state: ClockState, vi: str, en: str
) -> None:
    now = datetime(2026, 3, 20, 9, tzinfo=HOME)
    calendar = overlaid(CalendarName.VN, (), str(HOME))
    clocks = read_clocks(turns_of(ROUTE, stays_at(*steps)), (), calendar, ended_at=None, now=now)
    assert (clocks.state, clocks.pause) == (state, pause)
    assert vi in clock_sentence(clocks, "vi")
    assert en in clock_sentence(clocks, "en")
    held = read_clocks(turns_of(ROUTE, stays_at(*steps)), [Hold(now)], calendar, ended_at=None, now=now)
    assert (held.state, held.pause) == (ClockState.PAUSED, Pause.HELD)
    over = read_clocks(turns_of(ROUTE, stays_at(*steps)), [Hold(now)], calendar, ended_at=now, now=now)
    assert (over.state, over.pause) == (ClockState.ENDED, None)
    assert clock_sentence(over, "en").startswith("Closed on 20 March 2026")


def test_what_its_sender_took_back_was_not_returned() -> None:
    turns = turns_of(ROUTE, stays_at("draft", "unit_review", "draft", ended=Ending.RECALLED))
    assert [turn.pause for turn in turns] == [None, None, Pause.TAKEN_BACK]


def starts(definition: Definition, *steps: str) -> int | None:
    """Return with which of the steps the dossier is complete."""
    turns = turns_of(definition, stays_at(*steps))
    return next((n for n, turn in enumerate(turns) if turn.completes), None)


def test_the_dossier_is_complete_where_the_route_asks_for_all_of_it() -> None:
    assert starts(ROUTE, "draft", "unit_review", "council") == 1
    assert starts(shipped("annual"), "draft", "unit_review", "reception", "appraisal") == 1
    # Nothing is asked for anywhere: handed over is complete.
    assert starts(shipped("declaration"), "draft", "submitted", "checked") == 1
    late = WITH_OPINION.replace(", guards: [dossier_complete]", "").replace(
        "to: council, by: owner, label: {vi: m, en: m}}",
        "to: council, by: owner, label: {vi: m, en: m}, guards: [dossier_complete]}",
        1,
    )
    assert starts(load(late, "late.yaml"), "draft", "unit_review", "council") == 2
    # Who looks at it before that is shown beside both clocks.
    clocks = read_clocks(
        turns_of(load(late, "late.yaml"), stays_at("draft", "unit_review", "council")),
        (),
        overlaid(CalendarName.VN, (), str(HOME)),
        ended_at=None,
        now=datetime(2026, 3, 5, 9, tzinfo=HOME),
    )
    assert {one.party: one.before.working_minutes for one in clocks.shares} == {
        Party.NOMINATOR: 480,
        Party.UNIT: 480,
        Party.COUNCIL: 0,
    }


def test_a_party_is_a_known_word_and_no_final_step_has_one() -> None:
    wrong = WITH_OPINION.replace("party: outside", "party: outsied")
    assert any(
        "unknown party 'outsied'" in one.message and "'outside'" in one.message
        for one in check(wrong, "x.yaml")
    )
    final = WITH_OPINION.replace("final: true", "final: true, party: unit")
    assert any("is final and cannot have a party" in one.message for one in check(final, "x.yaml"))


def test_a_route_without_the_word_keeps_its_content() -> None:
    assert all("party" not in step for step in shipped("annual").content()["steps"])


def test_without_any_step_there_is_no_clock() -> None:
    calendar = overlaid(CalendarName.VN, (), str(HOME))
    with pytest.raises(ValueError, match="no clock"):
        read_clocks((), (), calendar, ended_at=None, now=datetime(2026, 3, 2, tzinfo=HOME))
