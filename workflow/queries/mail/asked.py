"""Whether a letter's work item still waits."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.store.conditions import is_open
from workflow.store.nominations import WorkItem


def is_still_asked(session: Session, *, work_item_id: UUID) -> bool:
    """Return whether that work is there and open. Who may see it is asked of its nomination."""
    found = session.scalar(select(WorkItem.id).where(WorkItem.id == work_item_id, is_open(WorkItem)))
    return found is not None
