"""Plays the stories through the real operations, in the order of their instants, on a virtual clock."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from random import Random
from typing import Final

from workflow.clock import FixedClock
from workflow.domain.facts import DecisionEntry, MoveRequest
from workflow.domain.policy import Actor
from workflow.domain.vocabulary import BuiltIn, Role, Via
from workflow.domain.workdays import Calendar
from workflow.operations.commands import Command
from workflow.operations.decide import decide
from workflow.operations.demo.cast import Cast, person_code, unit_code
from workflow.operations.demo.stories import (
    ACHIEVEMENTS,
    COMMENTS,
    MENDED,
    THIN_ACHIEVEMENT,
    Deed,
    Story,
)
from workflow.operations.nominate import Draft, Edit, create, edit
from workflow.store.database import Sessions
from workflow.store.locked import Locked, read_nominations
from workflow.store.people import load_actor

_SEED: Final = 7
_MORNING: Final = time(8)
# Office hours: the first deed of a day comes at a chance minute of the morning, each next one a bit later.
_FIRST_MINUTE: Final = 8 * 60 + 20
_MINUTES_BETWEEN: Final = (7, 110)
_DRAFTER_ACTS: Final = frozenset({"submit", "create", BuiltIn.EDIT, BuiltIn.RECALL, BuiltIn.WITHDRAW})
SIGN: Final = "sign"


@dataclass(frozen=True, slots=True)
class Cue:
    """One deed of one story, with its instant."""

    at: datetime
    story: int
    deed: Deed


@dataclass(slots=True)
class Stage:
    """Everything a deed is played with; `ids` grows as nominations are drafted.

    `fire` and `deliver` do what a worker does at the clock's instant: reminders, then mails.
    """

    sessions: Sessions
    cast: Cast
    round_code: str
    stories: tuple[Story, ...]
    fire: Callable[[FixedClock], object]
    deliver: Callable[[FixedClock], object]
    ids: dict[int, int] = field(default_factory=dict)


def cues(stories: tuple[Story, ...], calendar: Calendar, *, today: date) -> list[Cue]:
    """Give every deed its instant, all before today, in order of time; within a story in its own order."""
    chance = Random(_SEED)  # noqa: S311 - the same minutes in every demo
    found = []
    for number, story in enumerate(stories):
        for day, deeds in groupby(story.deeds, key=lambda deed: deed.day):
            minute = _FIRST_MINUTE + chance.randrange(120)
            for deed in deeds:
                at = datetime.combine(day_of(day, calendar, today), time(), calendar.timezone)
                found.append(Cue((at + timedelta(minutes=minute)).astimezone(UTC), number, deed))
                minute += chance.randint(*_MINUTES_BETWEEN)
    return sorted(found, key=lambda cue: (cue.at, cue.story))


def day_of(day: int, calendar: Calendar, today: date) -> date:
    """Return the working day that a story means: 0 is the last one before today."""
    return calendar.shift(today, day - 1)


def play(stage: Stage, plan: list[Cue], calendar: Calendar, *, now: datetime) -> Iterator[int]:
    """Play every deed at its instant, with the reminders of each morning before it; yield how many are done.

    The mails of a deed go out at once, as a worker would send them; the last sweep happens at `now`.
    """
    clock = FixedClock(plan[0].at)
    for done, cue in enumerate(plan, start=1):
        _sweep_until(stage, clock, cue.at, calendar)
        _perform(stage, cue)
        stage.deliver(clock)
        yield done
    _sweep_until(stage, clock, now, calendar)
    stage.fire(clock)
    stage.deliver(clock)


def _sweep_until(stage: Stage, clock: FixedClock, at: datetime, calendar: Calendar) -> None:
    """Move the clock to an instant, stopping at each morning for what it makes due."""
    for morning in _mornings(clock.now(), at, calendar):
        _advance_to(clock, morning)
        stage.fire(clock)
        stage.deliver(clock)
    _advance_to(clock, at)


def _mornings(after: datetime, until: datetime, calendar: Calendar) -> Iterator[datetime]:
    """Yield 08:00 of every working day between two instants: no rung fires at another time."""
    day = after.astimezone(calendar.timezone).date() - timedelta(days=1)
    while (morning := datetime.combine(day, _MORNING, calendar.timezone).astimezone(UTC)) <= until:
        if morning > after and calendar.is_working(day):
            yield morning
        day += timedelta(days=1)


def _advance_to(clock: FixedClock, at: datetime) -> None:
    clock.advance(max(at - clock.now(), timedelta(0)))


def _perform(stage: Stage, cue: Cue) -> None:
    story = stage.stories[cue.story]
    if cue.deed.action == BuiltIn.CREATE:
        stage.ids[cue.story] = _create(stage, cue, story)
    elif cue.deed.action == BuiltIn.EDIT:
        _edit(stage, cue, story)
    else:
        _decide(stage, cue, story)


def _create(stage: Stage, cue: Cue, story: Story) -> int:
    achievement = {"thin": THIN_ACHIEVEMENT, "empty": ""}.get(
        cue.deed.saying or "", ACHIEVEMENTS[cue.story % len(ACHIEVEMENTS)]
    )
    draft = Draft(
        round_code=stage.round_code,
        award_code=story.award,
        unit_code=unit_code(story.unit),
        person_code=None if story.place is None else person_code(story.unit, story.place),
        achievement=achievement,
        proposer=stage.cast.names[person_code(story.unit, 1)],
    )
    with stage.sessions() as session:
        actor = _actor(stage, _drafter(story), cue.at)
        return create(session, actor=actor, draft=draft, via=Via.WEB, now=cue.at).nomination_id


def _edit(stage: Stage, cue: Cue, story: Story) -> None:
    actor, locked = _drafter_and_nomination(stage, cue, story)
    with stage.sessions() as session:
        changes = Edit(achievement=locked.achievement + MENDED)
        edit(
            session,
            actor=actor,
            nomination_id=locked.facts.nomination_id,
            version=locked.facts.version,
            changes=changes,
            via=Via.WEB,
            now=cue.at,
        )


def _decide(stage: Stage, cue: Cue, story: Story) -> None:
    drafter, locked = _drafter_and_nomination(stage, cue, story)
    actor = drafter
    if cue.deed.action not in _DRAFTER_ACTS:
        holder = locked.facts.assignee_id or stage.cast.accounts[locked.facts.owner_key or ""]
        actor = _actor(stage, holder, cue.at)
    command = Command(
        nomination_id=locked.facts.nomination_id,
        version=locked.facts.version,
        request=_request(cue, actor),
        via=Via.WEB,
    )
    with stage.sessions() as session:
        decide(session, actor=actor, command=command, now=cue.at)


def _request(cue: Cue, actor: Actor) -> MoveRequest:
    deed = cue.deed
    if deed.action == SIGN:
        paper = DecisionEntry(f"{deed.saying}/QĐ-VKS", cue.at.date(), actor.name)
        return MoveRequest(action="approve", decision=paper, occurred_on=paper.decided_on)
    if deed.saying is None:
        return MoveRequest(action=deed.action, to_step=deed.to_step)
    to_step = deed.to_step or ("draft" if deed.action == "return" else None)
    return MoveRequest(
        action=deed.action, to_step=to_step, comment=COMMENTS[deed.saying], reason_code=deed.saying
    )


def _drafter(story: Story) -> str:
    return f"{Role.NOMINATOR}@unit:{unit_code(story.unit)}"


def _drafter_and_nomination(stage: Stage, cue: Cue, story: Story) -> tuple[Actor, Locked]:
    nomination_id = stage.ids[cue.story]
    actor = _actor(stage, _drafter(story), cue.at)
    with stage.sessions() as session:
        return actor, read_nominations(session, [nomination_id], actor=actor, now=cue.at)[nomination_id]


def _actor(stage: Stage, who: str | int, at: datetime) -> Actor:
    account_id = stage.cast.accounts[who] if isinstance(who, str) else who
    with stage.sessions() as session:
        actor = load_actor(session, account_id, today=at.date())
    if actor is None:
        message = f"nobody plays {who}"
        raise LookupError(message)
    return actor
