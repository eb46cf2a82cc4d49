"""What is written of open work that was counted anew, set-wise. Never commits.

Lock order: the nominations are locked by the caller; then visit, work item, rung, outbox.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, DateTime, Text, Uuid, update
from sqlalchemy.orm import Session

from workflow.domain.history.chain import ChainedEvent
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import REPLAN, NoticeKind, Via
from workflow.operations.calendars.anew import CountedAnew
from workflow.operations.deadlines.replan import silence_reminders, write_moves
from workflow.operations.history.record import Deed, Recorded, append_events
from workflow.operations.mail.notify import PromisedMail, write_notices
from workflow.store.base import given, table_of
from workflow.store.nominations import Visit, WorkItem
from workflow.store.statements import Statement

_VISIT, _WORK = table_of(Visit), table_of(WorkItem)
_CLOCKS: Final = given(
    "counted",
    {
        "visits": ("id", Uuid()),
        "units": ("unit", Text()),
        "minutes": ("minutes", BigInteger()),
        "starts": ("started_at", DateTime(timezone=True)),
        "ends": ("due_at", DateTime(timezone=True)),
        "versions": ("version", Text()),
    },
)
_SET_CLOCKS: Final = Statement(
    update(_VISIT)
    .where(_VISIT.c.id == _CLOCKS.c.id)
    .values(
        clock_unit=_CLOCKS.c.unit,
        budget_minutes=_CLOCKS.c.minutes,
        clock_started_at=_CLOCKS.c.started_at,
        due_at=_CLOCKS.c.due_at,
        calendar_version=_CLOCKS.c.version,
    )
)
_DUES: Final = given("moved", {"work": ("id", Uuid()), "ends": ("due_at", DateTime(timezone=True))})
_SET_DUES: Final = Statement(update(_WORK).where(_WORK.c.id == _DUES.c.id).values(due_at=_DUES.c.due_at))


def write_counted(
    session: Session,
    counted: Sequence[CountedAnew],
    *,
    actor: Actor | None,
    via: Via,
    reason: str,
    slot: str,
    now: datetime,
) -> int:
    """Write clocks and promises of locked nominations, their history and letters.

    Only what is due at another time is told, in one letter a reader (`slot`). Return how many reminders that
    waited to be sent were cancelled.
    """
    anew = [one for one in counted if not one.is_kept]
    if not anew:
        return 0
    _SET_CLOCKS.run(session, _clocks(anew))
    moved = [one for one in anew if one.has_moved]
    if moved:
        work = [one.locked.work_item_id for one in moved]
        _SET_DUES.run(session, {"work": work, "ends": [one.clock.due_at for one in moved]})
    write_moves(session, (move for one in anew for move in one.rungs))
    # What waits to be sent of a date that came nearer still holds: it is the sooner reminder.
    silenced = silence_reminders(session, [one.locked.work_item_id for one in moved if one.is_later])
    deeds = [Deed(_entry(one, actor, via, now), one.locked.last_hash, reason) for one in moved]
    recorded = append_events(session, deeds) if deeds else []
    write_notices(
        session,
        [
            _notice(one, event, account_id, slot, now)
            for one, event in zip(moved, recorded, strict=True)
            for account_id in one.people
        ],
    )
    return silenced


def _clocks(anew: Sequence[CountedAnew]) -> dict[str, list[object]]:
    return {
        "visits": [one.locked.visit_id for one in anew],
        "units": [one.clock.unit for one in anew],
        "minutes": [one.clock.budget_minutes for one in anew],
        "starts": [one.clock.started_at for one in anew],
        "ends": [one.clock.due_at for one in anew],
        "versions": [one.version for one in anew],
    }


def _entry(one: CountedAnew, actor: Actor | None, via: Via, now: datetime) -> ChainedEvent:
    """Return the event of a nomination whose due date moved; its version stays, nothing was decided."""
    facts, was_at, due_at = one.locked.facts, one.locked.due_at, one.clock.due_at
    return ChainedEvent.of(
        f"nomination:{facts.nomination_id}",
        one.locked.last_seq + 1,
        REPLAN,
        via=via,
        at=now,
        actor_id=actor.account_id if actor else None,
        places=(facts.state, facts.state),
        data={
            "calendar": one.version,
            "was_calendar": one.was_version,
            "was": was_at and was_at.isoformat(),
            "due": due_at and due_at.isoformat(),
        },
    )


def _notice(one: CountedAnew, event: Recorded, account_id: int, slot: str, now: datetime) -> PromisedMail:
    return PromisedMail(
        kind=NoticeKind.DATES_MOVED,
        account_id=account_id,
        cause=event.event_id,
        nomination_id=one.locked.facts.nomination_id,
        at=now,
        work_item_id=one.locked.work_item_id,
        event_id=event.event_id,
        slot=slot,
    )
