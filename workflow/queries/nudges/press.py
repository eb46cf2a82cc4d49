"""Before somebody presses: whom, what was said to them last, and why not, if so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.errors import NotFound, Reason
from workflow.domain.rights.nudges import refuse_nudge_of_unit, refuse_press
from workflow.domain.rights.policy import Actor
from workflow.queries.nudges.nudges import RemindedView, last_reminders
from workflow.queries.rounds.returns import ReturnView, list_returns
from workflow.queries.sight import read_seen
from workflow.store.awards import Round
from workflow.store.codes import is_named
from workflow.store.conditions import open_work_of
from workflow.store.definitions import shown_definition
from workflow.store.locked import Locked
from workflow.store.nominations import WorkItem
from workflow.store.organisation import Council, Unit
from workflow.store.submissions import ExpectedReturn


@dataclass(frozen=True, slots=True)
class NudgeView:
    """What was said last to whoever holds a nomination, and why you may not press them, if so."""

    nomination_id: int
    reminders: tuple[RemindedView, ...]
    refusals: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class UnitToPress:
    """A unit that owes a round its submission, and what was said to it last."""

    row: ReturnView
    reminders: tuple[RemindedView, ...]


def nudge_of(session: Session, *, actor: Actor, nomination_id: int, now: datetime) -> NudgeView:
    """Return what stands before a nudge of a nomination the actor sees. Raises `NotFound`.

    Who may not press is not told what others were reminded of.
    """
    locked = read_seen(session, actor=actor, nomination_id=nomination_id, now=now).in_front()
    starter = str(shown_definition(session, locked.definition_id).starter)
    refusal = refuse_press(actor, locked.facts, starter=starter)
    reminders: tuple[RemindedView, ...] = ()
    if refusal is None and locked.work_item_id is not None:
        reminders = last_reminders(session, [locked.work_item_id]).get(locked.work_item_id, ())
    return NudgeView(nomination_id, reminders, refusal.reasons if refusal is not None else ())


def may_press(session: Session, actor: Actor, locked: Locked) -> bool:
    """Return whether the actor may press whoever holds a nomination that was read already."""
    locked = locked.in_front()
    starter = str(shown_definition(session, locked.definition_id).starter)
    return locked.work_item_id is not None and refuse_press(actor, locked.facts, starter=starter) is None


def units_to_press(
    session: Session, *, actor: Actor, round_code: str, now: datetime
) -> Sequence[UnitToPress]:
    """Return the silent units of a round that the actor may press, as they are listed. Raises `NotFound`."""
    silent = [
        row for row in list_returns(session, actor=actor, round_code=round_code, now=now) if row.is_silent
    ]
    work = _work_to_press(session, actor, round_code)
    reminders = last_reminders(session, work.values())
    return [
        UnitToPress(row, reminders.get(work[row.unit.code], ())) for row in silent if row.unit.code in work
    ]


def _work_to_press(session: Session, actor: Actor, round_code: str) -> dict[str, UUID]:
    """Return by unit the open work of what it owes, of those that the actor may press."""
    found = session.execute(
        select(Round.id, Unit.id.label("owner_id"), Unit.code, Round.council_id)
        .join(Unit, Unit.id == Round.owner_unit_id)
        .where(is_named(session, Round.code, round_code))
    ).one_or_none()
    if found is None:
        raise NotFound(f"There is no round '{round_code}'.")
    council = session.scalar(
        select(Unit.code).join(Council, Council.unit_id == Unit.id).where(Council.id == found.council_id)
    )
    rows = session.execute(
        select(ExpectedReturn.unit_id, Unit.code, WorkItem.id)
        .join(Unit, Unit.id == ExpectedReturn.unit_id)
        .join(WorkItem, open_work_of(ExpectedReturn))
        .where(ExpectedReturn.round_id == found.id)
        .order_by(ExpectedReturn.id)
    )
    return {
        row.code: row.id
        for row in rows
        if refuse_nudge_of_unit(
            actor,
            unit_id=row.unit_id,
            round_owner=found.code,
            owner_unit_id=found.owner_id,
            council=council,
        )
        is None
    }
