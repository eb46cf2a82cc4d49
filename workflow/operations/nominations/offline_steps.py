"""Steps done offline: their scan is looked up, and their clocks count from the day on the document.

History keeps both: `occurred_on` is when it happened, `recorded_at` when it was entered. See docs/adr/0019.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.errors import FieldError, InvalidField
from workflow.domain.facts import OfflineStep
from workflow.domain.vocabulary import Via
from workflow.operations.nominations.plans import MovePlan
from workflow.store.attachments import Attachment
from workflow.store.calendars import calendar_in_force
from workflow.store.conditions import is_kept


def place_in_time(session: Session, plans: Sequence[MovePlan]) -> Sequence[MovePlan]:
    """Return the plans, those of steps done offline with the instant at which the step took place.

    That is the close of the day on the document, but never before the present stay began, nor in the future.
    Raises `InvalidField` when a scan is not among the papers of its nomination or of its list. Costs nothing
    where nothing was done offline.
    """
    on_paper = [(plan, plan.request.on_paper) for plan in plans if plan.request.on_paper is not None]
    if not on_paper:
        return plans
    _demand_scans(session, on_paper)
    return [_placed(session, plan) for plan in plans]


def _placed(session: Session, plan: MovePlan) -> MovePlan:
    day = plan.request.occurred_on
    if plan.request.on_paper is None or day is None:
        return plan
    closes_at = calendar_in_force(session, plan.definition.calendar).closes_at(day)
    return replace(plan, via=Via.PAPER, occurred_at=min(plan.at, closes_at))


def _demand_scans(session: Session, on_paper: Sequence[tuple[MovePlan, OfflineStep]]) -> None:
    places = _places_of(session, {step.scan_id for _, step in on_paper})
    for plan, step in on_paper:
        locked = plan.locked
        roots = {("nomination", locked.facts.nomination_id), ("submission", locked.submission_id)}
        if places.get(step.scan_id) not in roots:
            message = "is not among the papers of this nomination or of its list; attach the scan first"
            raise InvalidField(f"on_paper.scan {message}.", errors=[FieldError("on_paper.scan", message)])


def _places_of(session: Session, ids: Iterable[UUID]) -> dict[UUID, tuple[str, int]]:
    """Return where each of the papers that were not removed lies."""
    rows = session.execute(
        select(Attachment.id, Attachment.nomination_id, Attachment.submission_id).where(
            Attachment.id.in_(sorted(ids)), is_kept()
        )
    )
    return {
        row.id: ("nomination", row.nomination_id)
        if row.nomination_id is not None
        else ("submission", row.submission_id)
        for row in rows
    }
