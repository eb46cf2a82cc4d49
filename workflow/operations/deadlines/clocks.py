"""The rungs that promise the reminders of a stay, as rows: planned on entry, and again after a hold."""

from datetime import datetime
from uuid import UUID

from workflow.domain.route.definition import Definition, Timing
from workflow.domain.time.clocks import VisitClock
from workflow.domain.time.ladder import plan_rungs
from workflow.domain.time.workdays import Calendar
from workflow.store.ids import uuid7
from workflow.store.locked import Locked


def timing_of_stay(definition: Definition, locked: Locked) -> Timing:
    """Return the timing of the open stay of a nomination, doubled where its route and an opinion say so."""
    facts = locked.facts
    return definition.timing_of(facts.state, locked.sent_from, is_asked=facts.opinion is not None)


def rung_rows(
    step: Timing,
    clock: VisitClock,
    calendar: Calendar,
    *,
    entered_at: datetime,
    nomination_id: int,
    work_item_id: UUID,
    consumed_minutes: int = 0,
) -> list[dict[str, object]]:
    """Return the rows of a ladder: each promised reminder or escalation with the instant it fires."""
    if clock.unit is None or clock.budget_minutes is None or clock.started_at is None or clock.due_at is None:
        return []
    planned = plan_rungs(
        step.ladder,
        entered_at=entered_at,
        clock_started_at=clock.started_at,
        due_at=clock.due_at,
        budget_minutes=clock.budget_minutes,
        unit=clock.unit,
        calendar=calendar,
        consumed_minutes=consumed_minutes,
    )
    return [
        {
            "id": uuid7(entered_at),
            "work_item_id": work_item_id,
            "nomination_id": nomination_id,
            "ordinal": rung.ordinal,
            "kind": rung.do,
            "recipient": rung.to,
            "fire_at": rung.fire_at,
            "warns": rung.warns,
        }
        for rung in planned
    ]
