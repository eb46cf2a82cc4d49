"""None early, none doubled, none missed, whatever happens in whatever order: against a count by hand.

The oracle knows the route's ladder and a set of days off, and steps from day to day; of the planner it uses
nothing. What is due when it takes from the work itself: that date has an oracle of its own.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.definitions import text_of
from tests.support.office import ROUND, TOP, Office, furnish
from tests.support.opinions import publish_doubling
from tests.support.under_way import (
    PLACES,
    QUESTION_PLACES,
    SIZE,
    STEPS,
    UNANSWERED,
    WARNS_ALONE,
    ZONE,
    Question,
    World,
)
from tests.support.waiting import events, is_chained
from workflow.clock import FixedClock
from workflow.domain.vocabulary import RoundDate, Via
from workflow.operations.rounds.rounds import NewRound, open_round
from workflow.operations.setup.publish import publish_definition
from workflow.store.awards import AwardEdition
from workflow.store.history import Event


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return furnish(session, now=clock.now())


def due_by_its_round(office: Office, now: datetime) -> str:
    """Have the unit's review be due by the unit's deadline, and return the round that sets it."""
    text = text_of("standard").replace("key: standard", "key: dated", 1)
    text = text.replace("due: 5 working_days", "due: round.unit_deadline", 2)
    publish_definition(office.session, text=text, filename="d.yaml", actor=None, via=Via.CLI, now=now)
    office.session.execute(update(AwardEdition).values(workflow_key="dated"))
    office.session.commit()
    new = NewRound("2026-D", "Đợt có hạn", 2026, TOP, dates={RoundDate.UNIT_DEADLINE: date(2026, 3, 9)})
    open_round(office.session, actor=None, new=new, via=Via.CLI, now=now)
    return new.code


def check(world: World) -> None:
    told = [one for one in events(world.session, world.number) if one.action in {"remind", "escalate"}]
    assert is_chained(events(world.session, world.number))
    seen = [one for one in told if "rung" in one.data]
    asked = {str(question.work_id) for question in world.questions}
    check_step(world, [one for one in seen if one.data["work_item"] not in asked])
    for question in world.questions:
        check_question(
            world, question, [one for one in seen if one.data["work_item"] == str(question.work_id)]
        )


def check_step(world: World, told: Sequence[Event]) -> None:
    seen = [((one.action, (rung_of(one) - 1) % SIZE + 1), one) for one in told]
    goes_out = dict[tuple[tuple[str, int], date], int]()
    for place, one in seen:
        standing = world.regime_at(one.recorded_at)
        assert standing.due_on is not None, f"{place} fired while it was paused"
        # A date that a calendar would move into the past stays, with its reminders as they were planned.
        known = [
            regime.off
            for regime in world.regimes
            if regime.due_on == standing.due_on and regime.since <= one.recorded_at
        ]
        steps = (1, -1) if place == WARNS_ALONE else (PLACES[place],)
        earliest = min(world.instant(place, standing.due_on, off, *steps) for off in known)
        assert one.recorded_at >= earliest, f"{place} fired early: {one.recorded_at} before {earliest}"
        not_held_back(world, one)
        if one.data["accounts"]:
            key = (place, standing.due_on)
            goes_out[key] = goes_out.get(key, 0) + 1
    assert all(count == 1 for count in goes_out.values()), f"doubled: {goes_out}"
    last = world.regimes[-1]
    began = next(
        regime
        for at, regime in enumerate(world.regimes)
        if all(later.due_on == last.due_on for later in world.regimes[at:])
    )
    assert last.due_on is not None
    for place, days in PLACES.items():
        if world.instant(place, last.due_on, last.off, days) <= last.since:
            continue
        since = began.since if began.renews else datetime.min.replace(tzinfo=ZONE)
        fired = [one for found, one in seen if found == place and one.recorded_at >= since]
        assert fired, f"{place} was missed for {last.due_on}"


def check_question(world: World, question: Question, told: Sequence[Event]) -> None:
    """See that its day moves for no calendar and no round, and that nothing is told after its end."""
    ends_at = question.closed_at or datetime.max.replace(tzinfo=ZONE)
    seen = Counter((one.action, rung_of(one)) for one in told)
    assert all(count == 1 for count in seen.values()), f"doubled: {seen}"
    assert set(seen) <= set(QUESTION_PLACES)
    for one in told:
        place = (one.action, rung_of(one))
        earliest = world.instant(place, question.due_on, question.off, QUESTION_PLACES[place])
        assert earliest <= one.recorded_at < ends_at, f"{place} at {one.recorded_at}, from {earliest} on"
        not_held_back(world, one)
    for place, days in QUESTION_PLACES.items():
        from_then = world.instant(place, question.due_on, question.off, days)
        opens_at = from_then.replace(hour=8)
        if place[0] == "escalate":
            opens_at = max(opens_at, world.held_until.get((question.work_id, place[1]), opens_at))
        if from_then > question.asked_at and any(opens_at <= at < ends_at for at in world.swept):
            assert place in seen, f"{place} was missed for what was asked until {question.due_on}"
    [heard] = [one for one in told if (one.action, rung_of(one)) == UNANSWERED] or [None]
    assert heard is None or heard.data["accounts"], "whoever asked was not told"


def not_held_back(world: World, one: Event) -> None:
    key = (UUID(str(one.data["work_item"])), rung_of(one))
    if one.action == "escalate" and key in world.held_until:
        assert one.recorded_at >= world.held_until[key], f"{one.data} fired though it was held back"


def rung_of(event: Event) -> int:
    return int(str(event.data["rung"]))


@pytest.mark.parametrize("is_dated", [False, True])
@pytest.mark.parametrize("seed", [*range(5), 26])
def test_no_reminder_is_early_doubled_or_missed_whatever_happens(
    office: Office, clock: FixedClock, database: Database, seed: int, *, is_dated: bool
) -> None:
    code = due_by_its_round(office, clock.now()) if is_dated else ROUND
    world = World(office, database, clock, begun(office, clock, code), code)
    play(world, seed, list(STEPS))
    check(world)


@pytest.mark.parametrize("seed", range(6))
def test_none_is_where_the_days_are_doubled_in_between(
    office: Office, clock: FixedClock, database: Database, seed: int
) -> None:
    publish_doubling(office, clock)
    world = World(office, database, clock, begun(office, clock, ROUND), ROUND)
    # Often enough, and mostly before the first date has passed.
    play(world, seed, ["opinion", *STEPS, "opinion", "opinion"])
    check(world)
    assert world.opinions <= 1, "once in a stay"


def begun(office: Office, clock: FixedClock, code: str) -> int:
    number = office.draft(clock.now(), round_code=code).nomination_id
    office.act("nominator", number, "submit", clock.now())
    return number


def play(world: World, seed: int, steps: Sequence[str]) -> None:
    """Let anything happen in any order, then wait until nothing is left to go out."""
    chance, clock = Random(seed), world.clock
    world.note()
    for _ in range(chance.randint(3, 12)):
        name = chance.choice(steps)
        # No two things at one instant: which came first could not be told from the record.
        clock.advance(timedelta(seconds=1))
        getattr(world, name)(chance.randint(1, STEPS.get(name, 1)))
    clock.advance(timedelta(seconds=1))
    world.answer(2)
    if world.is_held:
        world.pause(0)
    for _ in range(60):
        clock.advance(timedelta(hours=12))
        world.sweep()
